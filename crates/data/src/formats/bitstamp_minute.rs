//! One-minute bars of Bitstamp as they go round on Kaggle, in both layouts.
//!
//! `Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency),Weighted_Price`, where minutes without a trade are `NaN`;
//! and the newer `timestamp,open,high,low,close,volume`, which is told by its name only (`…1-min…`, `…bitstamp…`), as many
//! files have such columns. Stamps are the **start** of the minute, in seconds. Minutes without a trade are left out.

use hedgerow_core::registry::Entry;

use super::{BarLayout, Blank, Format, Plan, without_parameters};
use crate::DataError;
use crate::read::head::Head;
use crate::read::stamps;
use crate::source::{SeriesSpec, TimeUnit};

const NAME: &str = "bitstamp_minute";

const LAYOUT: BarLayout = BarLayout {
    volume: &["Volume_(BTC)", "volume"],
    quote_volume: &["Volume_(Currency)"],
    ..BarLayout::usual(NAME, &["timestamp"], TimeUnit::S)
};

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "one-minute bars of Bitstamp as on Kaggle: seconds, minutes without a trade are NaN",
    example: "series = [{ is = \"spot\", asset = \"BTC\", path = \"btcusd_1-min_data.csv\", format = \"bitstamp_minute\" }]",
    build: |setting| without_parameters(setting, BitstampMinute),
};

#[derive(Debug)]
struct BitstampMinute;

impl Format for BitstampMinute {
    fn recognises(&self, head: &Head) -> bool {
        let is_old = head.has_all(&["Timestamp", "Close", "Volume_(Currency)", "Weighted_Price"]);
        let name = head.file.to_lowercase();
        let is_new = head.is_exactly(&["timestamp", "open", "high", "low", "close", "volume"])
            && (name.contains("1-min") || name.contains("bitstamp"))
            && in_seconds(head);
        is_old || is_new
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        Ok(Plan { blank: Blank::Nothing, ..LAYOUT.plan(file, spec, head)? })
    }
}

fn in_seconds(head: &Head) -> bool {
    let stamp = head.first_cell(0).and_then(|cell| cell.parse::<f64>().ok());
    stamp
        .and_then(crate::read::text::whole)
        .is_some_and(|stamp| stamps::looks_like(stamp) == Some(TimeUnit::S))
}
