//! Bucketed trades of BitMEX (`/api/v1/trade/bucketed`), as CSV or JSON.
//!
//! `timestamp,symbol,open,high,low,close,trades,volume,vwap,lastSize,turnover,homeNotional,foreignNotional`. A stamp is the
//! **end** of its bucket: BitMEX stamps a candle with its close (its issue tracker, api-connectors 115: the newest bucket of
//! a day is stamped with the next midnight; and daily closes of 2015-2020 differ from Bitstamp's of the day before by 0.1 % in
//! the median, from those of the same day by 1.6 %). Volume in coins is `homeNotional`, in USD `foreignNotional`. Buckets before the
//! first trade have no prices.

use hedgerow_core::registry::Entry;

use super::{BarLayout, Blank, Format, Plan, without_parameters};
use crate::DataError;
use crate::read::head::Head;
use crate::source::{BarLabel, SeriesSpec, TimeUnit};

const NAME: &str = "bitmex";

const LAYOUT: BarLayout = BarLayout {
    volume: &["homeNotional"],
    quote_volume: &["foreignNotional"],
    label: BarLabel::End,
    ..BarLayout::usual(NAME, &["timestamp"], TimeUnit::Text)
};

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "bucketed trades of BitMEX, stamped with the end of the bucket",
    example: "series = [{ is = \"inverse_perp\", asset = \"BTC\", path = \"XBTUSD_1d.csv\", format = \"bitmex\" }]",
    build: |setting| without_parameters(setting, BitMex),
};

#[derive(Debug)]
struct BitMex;

impl Format for BitMex {
    fn recognises(&self, head: &Head) -> bool {
        let all = ["timestamp", "symbol", "open", "high", "low", "close", "vwap", "lastSize"];
        head.has_all(&all) && head.has_all(&["turnover", "homeNotional"])
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        Ok(Plan { blank: Blank::Nothing, ..LAYOUT.plan(file, spec, head)? })
    }
}
