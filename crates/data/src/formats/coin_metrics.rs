//! The community data of Coin Metrics: daily metrics in about a hundred columns, of which the price is read.
//!
//! `time` (ISO, a day) and `PriceUSD`, the price **at the end of that day**, midnight UTC (docs.coinmetrics.io, USD
//! Denominated Closing Price: the daily frequency represents the price as of the end of the day in UTC time): a stamp is
//! the start of a bar of one day. Days before the first price are blank.

use hedgerow_core::registry::Entry;

use super::{
    Blank, Format, PRICES, Plan, PlanColumn, bars, named, refuse_kind, refuse_mapping,
    without_parameters,
};
use crate::DataError;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{BarLabel, SeriesSpec, TimeUnit};

const NAME: &str = "coin_metrics";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "daily metrics of Coin Metrics: PriceUSD at the end of the day",
    example: "series = [{ is = \"spot\", asset = \"BTC\", path = \"btc.csv\", format = \"coin_metrics\" }]",
    build: |setting| without_parameters(setting, CoinMetrics),
};

#[derive(Debug)]
struct CoinMetrics;

impl Format for CoinMetrics {
    fn recognises(&self, head: &Head) -> bool {
        head.position("time").is_some() && head.position("PriceUSD").is_some()
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        refuse_mapping(spec)?;
        refuse_kind(file, NAME, spec, &PRICES)?;
        let close = PlanColumn { role: Role::Close, index: named(file, head, &["PriceUSD"])? };
        let time = named(file, head, &["time"])?;
        let plan = bars(file, spec, time, vec![close], (TimeUnit::Text, BarLabel::Start));
        Ok(Plan { blank: Blank::Nothing, symbol: head.position("asset"), ..plan })
    }
}
