//! Files of cryptodatadownload.com, in each of their layouts.
//!
//! The first line is the address of the site, or is missing. Stamps are the **start** of the bar: `Unix` in
//! milliseconds (Binance; a few rows in microseconds), `unix` in seconds (Bitstamp), or, in the files of 2019, a `date`
//! such as `2019-10-17 09-AM`. Rows run from the newest to the oldest.

use hedgerow_core::registry::Entry;

use super::{
    Format, Plan, bar_columns, labelled_by_start, refuse_kind, refuse_mapping, without_parameters,
};
use crate::DataError;
use crate::read::head::Head;
use crate::source::{BarLabel, SeriesKind, SeriesSpec, TimeUnit};

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
        let has = |name| head.position_of_any(&[name]).is_some();
        first && ["symbol", "open", "high", "low", "close"].into_iter().all(has)
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        let prices = [SeriesKind::Spot, SeriesKind::Perp, SeriesKind::InversePerp];
        refuse_mapping(spec, "with `cryptodatadownload`, which has its own columns")?;
        refuse_kind(file, NAME, spec, &prices)?;
        let time = head.position_of_any(&["unix", "date"]).ok_or_else(|| DataError::NoColumn {
            file: file.to_owned(),
            wanted: "unix".to_owned(),
            nearest: None,
            columns: head.names.clone(),
        })?;
        let columns = bar_columns(file, head, [&["open"], &["high"], &["low"], &["close"]])?;
        let in_seconds = head.position("unix").is_some();
        Ok(Plan {
            usual_unit: Some(if in_seconds { TimeUnit::S } else { TimeUnit::Ms }),
            bar: spec.bar.unwrap_or(BarLabel::Start),
            assumptions: vec![labelled_by_start(file)],
            ..Plan::new(spec, time, columns)
        })
    }
}
