//! Snapshots of Deribit's option chains, one CSV per snapshot, as public collectors keep them.
//!
//! `timestamp,instrument_name,underlying,underlying_name,option_type,strike,expiry_datetime,time_to_maturity,bid_price,`
//! `ask_price,mark_price,mid_price,futures_price,futures_instrument_name,implied_volatility,delta,vega,open_interest,…,`
//! `index_price,…`: one stamp for all rows, ISO with offset; prices in the currency of payment (coins for `BTC-…`);
//! `implied_volatility` of the mark, a fraction; `futures_price` the forward, made up by the venue where
//! `futures_instrument_name` starts with `SYN.`; an empty bid or ask is none. The stamp is that of the request: rows were
//! taken over seconds after it.

use hedgerow_core::registry::Entry;

use super::{Format, Plan, no_series, refuse_mapping, without_parameters};
use crate::DataError;
use crate::chains::{ChainPlan, Field};
use crate::read::head::Head;
use crate::source::{SeriesSpec, ValueUnit};

const NAME: &str = "deribit_chain";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "snapshots of Deribit's option chains with forwards, vols as fractions",
    example: "series = [{ is = \"option_chain\", asset = \"BTC\", path = \"deribit_options_snapshots_*.tar.zst\", format = \"deribit_chain\" }]",
    build: |setting| without_parameters(setting, DeribitChain),
};

#[derive(Debug)]
struct DeribitChain;

impl Format for DeribitChain {
    fn recognises(&self, head: &Head) -> bool {
        ["instrument_name", "futures_instrument_name", "implied_volatility", "mark_price"]
            .iter()
            .all(|name| head.position(name).is_some())
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, _head: &Head) -> Result<Plan, DataError> {
        no_series(file, NAME, spec)
    }

    fn chain(
        &self,
        file: &str,
        spec: &SeriesSpec,
        head: &Head,
    ) -> Result<Option<ChainPlan>, DataError> {
        refuse_mapping(spec)?;
        let fields = [
            (Field::Bid, "bid_price"),
            (Field::Ask, "ask_price"),
            (Field::Mark, "mark_price"),
            (Field::MarkVol, "implied_volatility"),
            (Field::Forward, "futures_price"),
            (Field::Index, "index_price"),
            (Field::Delta, "delta"),
            (Field::OpenInterest, "open_interest"),
        ];
        let plan =
            ChainPlan::of_names(file, spec, head, ("timestamp", "instrument_name"), &fields)?
                .with_terms(head, ["option_type", "strike", "expiry_datetime"]);
        Ok(Some(ChainPlan {
            forward_name: head.position("futures_instrument_name"),
            unit: spec.unit.or(Some(ValueUnit::Fraction)),
            ..plan
        }))
    }
}
