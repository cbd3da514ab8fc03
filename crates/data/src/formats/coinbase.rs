//! Candles of Coinbase, with the unusual order **low, high, open, close**.
//!
//! As a file with the header `time,low,high,open,close,volume`, or as the interface answers them
//! (`/products/…/candles`): lists of six numbers, told from other orders because only this one makes possible bars. Stamps
//! are the **start** of the bar, in seconds; volume is in coins; rows run from the newest to the oldest.

use hedgerow_core::registry::Entry;

use super::order::{self, Order};
use super::{BarLayout, Format, Plan, without_parameters};
use crate::DataError;
use crate::read::head::Head;
use crate::source::{SeriesSpec, TimeUnit};

const NAME: &str = "coinbase";

const NAMES: [&str; 6] = ["time", "low", "high", "open", "close", "volume"];

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "candles of Coinbase: time, low, high, open, close, volume, with or without a header, CSV or JSON",
    example: "series = [{ is = \"spot\", asset = \"BTC\", path = \"BTC-USD-candles.json\", format = \"coinbase\" }]",
    build: |setting| without_parameters(setting, Coinbase),
};

#[derive(Debug)]
struct Coinbase;

impl Format for Coinbase {
    fn recognises(&self, head: &Head) -> bool {
        head.is_exactly(&NAMES) || order::shown(head) == Some(Order::LowHighOpenClose)
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        if head.has_header {
            return BarLayout::usual(NAME, &NAMES[..1], TimeUnit::S).plan(file, spec, head);
        }
        order::plan(file, spec, head, (NAME, Order::LowHighOpenClose, TimeUnit::S))
    }
}
