//! Daily bars of Yahoo Finance, in both layouts.
//!
//! The classic `Date,Open,High,Low,Close,Adj Close,Volume`, and the dumps of newer libraries with three header rows:
//! `Price,Adj Close,Close,High,Low,Open,Volume`, `Ticker,BTC-USD,…`, `Date,,,`. A stamp is the day, UTC, the **start** of its
//! bar. The close is read, never the adjusted close; volume is in **USD**. Days of which Yahoo knows nothing are `null`.

use hedgerow_core::registry::Entry;

use super::{BarLayout, Blank, Format, Plan, without_parameters};
use crate::DataError;
use crate::read::head::Head;
use crate::source::{SeriesSpec, TimeUnit};

const NAME: &str = "yahoo";

const LAYOUT: BarLayout = BarLayout {
    volume: &[],
    quote_volume: &["Volume"],
    ..BarLayout::usual(NAME, &["Date", "Datetime", "Price"], TimeUnit::Text)
};

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "daily bars of Yahoo Finance, with one header row or three; volume in USD",
    example: "series = [{ is = \"spot\", asset = \"BTC\", path = \"BTC-USD.csv\", format = \"yahoo\" }]",
    build: |setting| without_parameters(setting, Yahoo),
};

#[derive(Debug)]
struct Yahoo;

impl Format for Yahoo {
    fn recognises(&self, head: &Head) -> bool {
        let has_bars = head.has_all(&["Open", "High", "Low", "Close", "Volume"]);
        has_bars && (head.has_all(&["Adj Close", "Date"]) || !head.subheads.is_empty())
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        Ok(Plan { blank: Blank::Nothing, ..LAYOUT.plan(file, spec, head)? })
    }
}
