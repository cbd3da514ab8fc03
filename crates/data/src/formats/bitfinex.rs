//! Candles of Bitfinex, with the unusual order **open, close, high, low**.
//!
//! As a file with the header `timestamp_ms,open,close,high,low,volume`, or as the interface answers them
//! (`/v2/candles/…/hist`): lists of six numbers, or such lines without a header, told from other orders because only this
//! one makes possible bars. Stamps are the **start** of the bar, in milliseconds; volume is in coins. Minutes without a
//! trade are absent.

use hedgerow_core::registry::Entry;

use super::order::{self, Order};
use super::{BarLayout, Format, Plan, without_parameters};
use crate::DataError;
use crate::read::head::Head;
use crate::source::{SeriesSpec, TimeUnit};

const NAME: &str = "bitfinex";

const NAMES: [&str; 6] = ["timestamp_ms", "open", "close", "high", "low", "volume"];

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "candles of Bitfinex: time, open, close, high, low, volume, with or without a header, CSV or JSON",
    example: "series = [{ is = \"spot\", asset = \"BTC\", path = \"BTCUSD_2017_1m.csv.zst\", format = \"bitfinex\" }]",
    build: |setting| without_parameters(setting, Bitfinex),
};

#[derive(Debug)]
struct Bitfinex;

impl Format for Bitfinex {
    fn recognises(&self, head: &Head) -> bool {
        head.is_exactly(&NAMES) || order::shown(head) == Some(Order::OpenCloseHighLow)
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        if head.has_header {
            return BarLayout::usual(NAME, &NAMES[..1], TimeUnit::Ms).plan(file, spec, head);
        }
        order::plan(file, spec, head, (NAME, Order::OpenCloseHighLow, TimeUnit::Ms))
    }
}
