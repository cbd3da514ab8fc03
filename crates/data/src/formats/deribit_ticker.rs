//! Tickers and order books of Deribit's perpetuals and futures (`public/ticker`, `public/get_order_book`, `ticker.…`
//! messages, one per line), as a series of prices.
//!
//! `timestamp` (milliseconds, an instant), `instrument_name`, `mark_price`, `last_price`, `index_price`, USD. Contracts are
//! read at their **mark**, spot at the **index**. Of several under one stamp the last counts.

use hedgerow_core::registry::Entry;

use super::{
    Blank, Format, PRICES, Plan, PlanColumn, Rhythm, named, refuse_kind, refuse_mapping, symbol,
    without_parameters,
};
use crate::DataError;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{SeriesKind, SeriesSpec, TimeUnit};

const NAME: &str = "deribit_ticker";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "tickers and order books of Deribit's perpetuals and futures: mark of the contract, or index",
    example: "series = [{ is = \"inverse_perp\", asset = \"BTC\", path = \"ticker.jsonl\", format = \"deribit_ticker\" }]",
    build: |setting| without_parameters(setting, DeribitTicker),
};

#[derive(Debug)]
struct DeribitTicker;

impl Format for DeribitTicker {
    fn recognises(&self, head: &Head) -> bool {
        // Options have a vol of their mark; trades have a sequence.
        head.has_all(&["timestamp", "instrument_name", "mark_price", "index_price", "state"])
            && head.position("mark_iv").is_none()
            && head.position("trade_seq").is_none()
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        refuse_mapping(spec)?;
        refuse_kind(file, NAME, spec, &PRICES)?;
        let price = if spec.is == SeriesKind::Spot { "index_price" } else { "mark_price" };
        let close = PlanColumn { role: Role::Close, index: named(file, head, &[price])? };
        let mut plan = Plan::new(spec, named(file, head, &["timestamp"])?, vec![close]);
        plan.assumptions.push(format!("`{file}`: a stamp is the instant of its `{price}`"));
        Ok(Plan {
            usual_unit: Some(TimeUnit::Ms),
            symbol: symbol(head),
            blank: Blank::Nothing,
            rhythm: Rhythm::Ticks,
            ..plan
        })
    }
}
