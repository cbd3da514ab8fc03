//! Tardis.dev `options_chain`: every change of every option's ticker.
//!
//! `exchange,symbol,timestamp,local_timestamp,type,strike_price,expiration,open_interest,last_price,bid_price,bid_amount,`
//! `bid_iv,ask_price,ask_amount,ask_iv,mark_price,mark_iv,underlying_index,underlying_price,delta,gamma,vega,theta,rho`: all
//! stamps in microseconds, `timestamp` that of the venue; an empty cell is none; prices in the currency of payment, vols in
//! per cent. A row is the whole ticker of its option, which holds until the next.

use hedgerow_core::registry::Entry;

use super::{Format, Plan, no_series, refuse_mapping, without_parameters};
use crate::DataError;
use crate::chains::{ChainPlan, Field, Rows};
use crate::read::head::Head;
use crate::source::{SeriesSpec, ValueUnit};

const NAME: &str = "tardis_chain";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "Tardis options_chain: ticks in microseconds, vols in per cent",
    example: "series = [{ is = \"option_chain\", asset = \"BTC\", path = \"deribit_options_chain_*.csv.gz\", format = \"tardis_chain\" }]",
    build: |setting| without_parameters(setting, TardisChain),
};

#[derive(Debug)]
struct TardisChain;

impl Format for TardisChain {
    fn recognises(&self, head: &Head) -> bool {
        ["exchange", "symbol", "local_timestamp", "strike_price", "mark_iv"]
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
            (Field::MarkVol, "mark_iv"),
            (Field::Forward, "underlying_price"),
            (Field::Delta, "delta"),
            (Field::OpenInterest, "open_interest"),
        ];
        let plan = ChainPlan::of_names(file, spec, head, ("timestamp", "symbol"), &fields)?
            .with_terms(head, ["type", "strike_price", "expiration"]);
        Ok(Some(ChainPlan {
            forward_name: head.position("underlying_index"),
            unit: spec.unit.or(Some(ValueUnit::Percent)),
            rows: Rows::Stream,
            ..plan
        }))
    }
}
