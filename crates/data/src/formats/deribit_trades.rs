//! Trades of Deribit's perpetuals and futures (`public/get_last_trades_by_…`), as a series of prices.
//!
//! `timestamp` (milliseconds, an instant), `instrument_name`, `price` in USD, `trade_seq`. Spot is read at the
//! `index_price`. Of several trades under one stamp the last counts. Trades of options are in coins and are no price series.

use hedgerow_core::registry::Entry;

use super::{
    Format, PRICES, Plan, PlanColumn, Rhythm, named, refuse_kind, refuse_mapping, symbol,
    without_parameters,
};
use crate::DataError;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{SeriesKind, SeriesSpec, TimeUnit};

const NAME: &str = "deribit_trades";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "trades of Deribit's perpetuals and futures as get_last_trades answers them",
    example: "series = [{ is = \"inverse_perp\", asset = \"BTC\", path = \"trades.json\", format = \"deribit_trades\" }]",
    build: |setting| without_parameters(setting, DeribitTrades),
};

#[derive(Debug)]
struct DeribitTrades;

impl Format for DeribitTrades {
    fn recognises(&self, head: &Head) -> bool {
        head.has_all(&["timestamp", "instrument_name", "price", "trade_seq", "index_price"])
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        refuse_mapping(spec)?;
        refuse_kind(file, NAME, spec, &PRICES)?;
        let is_option = head.position("iv").is_some() || head.position("legs").is_some();
        if is_option && spec.is != SeriesKind::Spot {
            return Err(DataError::Format {
                file: file.to_owned(),
                format: NAME,
                reason: format!("these are trades of options, which have no {}", spec.is.about()),
            });
        }
        let price = if spec.is == SeriesKind::Spot { "index_price" } else { "price" };
        let close = PlanColumn { role: Role::Close, index: named(file, head, &[price])? };
        let mut plan = Plan::new(spec, named(file, head, &["timestamp"])?, vec![close]);
        plan.assumptions.push(format!("`{file}`: a stamp is the instant of its `{price}`"));
        // The index is the same for every instrument.
        let symbol = symbol(head).filter(|_| spec.is != SeriesKind::Spot);
        Ok(Plan { usual_unit: Some(TimeUnit::Ms), symbol, rhythm: Rhythm::Ticks, ..plan })
    }
}
