//! Best quotes of Tardis.dev (`quotes`), as a series of prices: the **middle** of bid and ask.
//!
//! `exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount`, microseconds, an instant; empty
//! where there is no quote. Rows without both quotes, or with a bid above the ask, say nothing. Of several under one stamp
//! the last counts.

use hedgerow_core::registry::Entry;

use super::{
    Blank, Format, PRICES, Plan, Rhythm, column, named, refuse_kind, refuse_mapping, symbol,
    without_parameters,
};
use crate::DataError;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{SeriesSpec, TimeUnit};

const NAME: &str = "tardis_quotes";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "best quotes of Tardis.dev, read at the middle of bid and ask",
    example: "series = [{ is = \"inverse_perp\", asset = \"BTC\", path = \"deribit_quotes_2020-03-01_BTC-PERPETUAL.csv.gz\", format = \"tardis_quotes\" }]",
    build: |setting| without_parameters(setting, TardisQuotes),
};

#[derive(Debug)]
struct TardisQuotes;

impl Format for TardisQuotes {
    fn recognises(&self, head: &Head) -> bool {
        let all = ["exchange", "symbol", "timestamp", "local_timestamp", "ask_price", "bid_price"];
        head.has_all(&all) && head.names.len() == 8
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        refuse_mapping(spec)?;
        refuse_kind(file, NAME, spec, &PRICES)?;
        let columns = vec![
            column(file, head, Role::Close, "bid_price")?,
            column(file, head, Role::Close, "ask_price")?,
        ];
        let mut plan = Plan::new(spec, named(file, head, &["timestamp"])?, columns);
        plan.assumptions.push(format!("`{file}`: a price is the middle of bid and ask"));
        Ok(Plan {
            usual_unit: Some(TimeUnit::Us),
            symbol: symbol(head),
            blank: Blank::Nothing,
            rhythm: Rhythm::Quotes,
            ..plan
        })
    }
}
