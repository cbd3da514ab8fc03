//! Trades of Tardis.dev (`trades`), as a series of prices.
//!
//! `exchange,symbol,timestamp,local_timestamp,id,side,price,amount`, microseconds, an instant. Of several trades under one
//! stamp the last counts.

use hedgerow_core::registry::Entry;

use super::{
    Format, PRICES, Plan, PlanColumn, Rhythm, named, refuse_kind, refuse_mapping, symbol,
    without_parameters,
};
use crate::DataError;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{SeriesSpec, TimeUnit};

const NAME: &str = "tardis_trades";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "trades of Tardis.dev",
    example: "series = [{ is = \"inverse_perp\", asset = \"BTC\", path = \"bitmex_trades_2020-03-01_XBTUSD.csv.gz\", format = \"tardis_trades\" }]",
    build: |setting| without_parameters(setting, TardisTrades),
};

#[derive(Debug)]
struct TardisTrades;

impl Format for TardisTrades {
    fn recognises(&self, head: &Head) -> bool {
        let all = ["exchange", "symbol", "timestamp", "local_timestamp", "side", "price", "amount"];
        head.has_all(&all) && head.names.len() == 8
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        refuse_mapping(spec)?;
        refuse_kind(file, NAME, spec, &PRICES)?;
        let close = PlanColumn { role: Role::Close, index: named(file, head, &["price"])? };
        let mut plan = Plan::new(spec, named(file, head, &["timestamp"])?, vec![close]);
        plan.assumptions.push(format!("`{file}`: a stamp is the instant of its trade"));
        Ok(Plan {
            usual_unit: Some(TimeUnit::Us),
            symbol: symbol(head),
            rhythm: Rhythm::Ticks,
            ..plan
        })
    }
}
