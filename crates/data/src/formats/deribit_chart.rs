//! Bars of Deribit (`public/get_tradingview_chart_data`): an object of columns.
//!
//! `ticks` (milliseconds, the **start** of the bar), `open`, `high`, `low`, `close` in USD, `volume` in coins, `cost` in USD.
//! Which instrument it is does not stand in the answer: it is declared, or in the name of the file.

use hedgerow_core::registry::Entry;

use super::{BarLayout, Format, Plan, without_parameters};
use crate::DataError;
use crate::read::head::Head;
use crate::source::{SeriesSpec, TimeUnit};

const NAME: &str = "deribit_chart";

const LAYOUT: BarLayout =
    BarLayout { quote_volume: &["cost"], ..BarLayout::usual(NAME, &["ticks"], TimeUnit::Ms) };

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "bars of Deribit as get_tradingview_chart_data answers them",
    example: "series = [{ is = \"inverse_perp\", asset = \"BTC\", path = \"BTC-PERPETUAL-1h.json\", format = \"deribit_chart\" }]",
    build: |setting| without_parameters(setting, DeribitChart),
};

#[derive(Debug)]
struct DeribitChart;

impl Format for DeribitChart {
    fn recognises(&self, head: &Head) -> bool {
        head.has_all(&["ticks", "open", "high", "low", "close", "cost"])
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        LAYOUT.plan(file, spec, head)
    }
}
