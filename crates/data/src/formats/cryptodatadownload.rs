//! Files of cryptodatadownload.com, in each of their layouts.
//!
//! The first line is the address of the site, or is missing. Stamps are the **start** of the bar: `Unix` in
//! milliseconds (Binance; a few rows in microseconds), `unix` in seconds (Bitstamp), or, in the files of 2019, a `date`
//! such as `2019-10-17 09-AM`. Rows run from the newest to the oldest.
//!
//! Volumes are named by their currency (`Volume BTC`, `Volume USDT`; `volume_btc` and `volume` in 2019). The files of
//! Binance's futures have `Volume` and `Volume Base Asset`: coins and USD for the contracts in USD, and contracts and coins
//! for those in coins (`BTCUSD_PERP`), whatever the names say.

use hedgerow_core::registry::Entry;

use super::{BarLayout, Format, Plan, PlanColumn, symbol, volumes, without_parameters};
use crate::DataError;
use crate::identity::{is_coin_margined, is_quote};
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{SeriesSpec, TimeUnit};

const NAME: &str = "cryptodatadownload";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "bars of cryptodatadownload.com: address line or not, seconds or milliseconds, newest first, 12-hour clock",
    example: "series = [{ is = \"spot\", asset = \"BTC\", path = \"Binance_BTCUSDT_d.csv\", format = \"cryptodatadownload\" }]",
    build: |setting| without_parameters(setting, CryptoDataDownload),
};

#[derive(Debug)]
struct CryptoDataDownload;

impl Format for CryptoDataDownload {
    fn recognises(&self, head: &Head) -> bool {
        let first = head.position_of_any(&["unix", "date"]) == Some(0);
        first && head.has_all(&["symbol", "open", "high", "low", "close"])
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        let unit = if head.position("unix").is_some() { TimeUnit::S } else { TimeUnit::Ms };
        let layout = BarLayout { volume: &[], ..BarLayout::usual(NAME, &["unix", "date"], unit) };
        let mut plan = layout.plan(file, spec, head)?;
        plan.columns.extend(volume_columns(head));
        Ok(plan)
    }
}

fn volume_columns(head: &Head) -> Vec<PlanColumn> {
    if head.position("Volume Base Asset").is_some() {
        let traded = symbol(head).and_then(|index| head.first_cell(index)).unwrap_or_default();
        return match is_coin_margined(traded) {
            true => volumes(head, &["Volume Base Asset"], &[]),
            false => volumes(head, &["Volume"], &["Volume Base Asset"]),
        };
    }
    if head.position_of_any(&["volume_btc", "volume_eth"]).is_some() {
        return volumes(head, &["volume_btc", "volume_eth"], &["volume"]);
    }
    let mut columns = Vec::new();
    for (index, name) in head.names.iter().enumerate() {
        let Some(currency) = name.strip_prefix("Volume ") else { continue };
        let role = if is_quote(currency) { Role::QuoteVolume } else { Role::Volume };
        columns.push(PlanColumn { role, index });
    }
    // Two volumes in dollars, as for USDC against USDT: the first is the coin's.
    if let [first, second] = &mut columns[..]
        && first.role == second.role
    {
        (first.role, second.role) = (Role::Volume, Role::QuoteVolume);
    }
    columns
}
