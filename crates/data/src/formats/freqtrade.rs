//! Candles and funding as freqtrade (and ccxt) keep them.
//!
//! JSON lists of `[milliseconds, open, high, low, close, volume]`, or feather with `date,open,high,low,close,volume`. Stamps
//! are the **start** of the bar, UTC; volume is in coins. Files of funding (`…-8h-funding_rate.feather`) have the same
//! columns with the **rate in `open`**, a fraction, at its settlement; they are told by their name, or by `is = "funding"`.

use hedgerow_core::registry::Entry;

use super::order::{self, Order};
use super::{
    BarLayout, FUNDING, Format, Plan, PlanColumn, funding, named, refuse_kind, refuse_mapping,
    without_parameters,
};
use crate::DataError;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{SeriesSpec, TimeUnit, ValueUnit};

const NAME: &str = "freqtrade";

const NAMES: [&str; 6] = ["date", "open", "high", "low", "close", "volume"];

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "candles of freqtrade or ccxt, JSON lists or feather; funding, whose rate stands in open",
    example: "series = [{ is = \"spot\", asset = \"BTC\", path = \"BTC_USDT-1h.json\", format = \"freqtrade\" }]",
    build: |setting| without_parameters(setting, Freqtrade),
};

#[derive(Debug)]
struct Freqtrade;

impl Format for Freqtrade {
    fn recognises(&self, head: &Head) -> bool {
        let is_table = head.first.is_empty() && head.is_exactly(&NAMES);
        let is_lists = head.json.is_some()
            && (order::shown(head) == Some(Order::OpenHighLowClose) || is_flat_funding(head));
        is_table || is_lists
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        if is_funding(head) || spec.is.is_funding() {
            refuse_mapping(spec)?;
            refuse_kind(file, NAME, spec, &FUNDING)?;
            let (time, index) = match head.has_header {
                true => (named(file, head, &["date"])?, named(file, head, &["open"])?),
                false => (0, 1),
            };
            let rate = PlanColumn { role: Role::Rate, index };
            let mut plan =
                funding(spec, head, time, vec![rate], (TimeUnit::Ms, ValueUnit::Fraction));
            plan.assumptions.push(format!("`{file}`: the rate stands in the column of the open"));
            return Ok(plan);
        }
        if head.has_header {
            return BarLayout::usual(NAME, &["date"], TimeUnit::Ms).plan(file, spec, head);
        }
        order::plan(file, spec, head, (NAME, Order::OpenHighLowClose, TimeUnit::Ms))
    }
}

/// Whether the name says that it is funding.
fn is_funding(head: &Head) -> bool {
    head.file.to_lowercase().contains("funding_rate")
}

/// Funding as JSON lists: only the open has a figure, so no order of columns shows.
fn is_flat_funding(head: &Head) -> bool {
    is_funding(head) && !head.has_header && head.names.len() == NAMES.len()
}
