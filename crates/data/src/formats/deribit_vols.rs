//! Vols of Deribit's options by the hour, without prices.
//!
//! `date,instrument_name,expiry_name,expiry_date,strike,type,volume,open_interest,rho,theta,vega,gamma,delta,bid_iv,ask_iv,`
//! `mark_iv`: `date` is an instant in words, UTC; vols in per cent, `bid_iv` 0 where nobody bids; `expiry_date` the day, at
//! 08:00 UTC. There are no prices and no forwards.

use hedgerow_core::registry::Entry;

use super::{Format, Plan, no_series, refuse_mapping, without_parameters};
use crate::DataError;
use crate::chains::{ChainPlan, Field};
use crate::read::head::Head;
use crate::source::{SeriesSpec, ValueUnit};

const NAME: &str = "deribit_vols";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "vols of Deribit's options by the hour, in per cent, without prices",
    example: "series = [{ is = \"option_chain\", asset = \"BTC\", path = \"full_data_sample.csv.gz\", format = \"deribit_vols\" }]",
    build: |setting| without_parameters(setting, DeribitVols),
};

#[derive(Debug)]
struct DeribitVols;

impl Format for DeribitVols {
    fn recognises(&self, head: &Head) -> bool {
        let has = |name: &str| head.position(name).is_some();
        ["date", "instrument_name", "bid_iv", "ask_iv", "mark_iv"].iter().all(|name| has(name))
            && !has("mark_price")
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
            (Field::MarkVol, "mark_iv"),
            (Field::BidVol, "bid_iv"),
            (Field::AskVol, "ask_iv"),
            (Field::Delta, "delta"),
            (Field::OpenInterest, "open_interest"),
        ];
        let plan = ChainPlan::of_names(file, spec, head, ("date", "instrument_name"), &fields)?
            .with_terms(head, ["type", "strike", "expiry_date"]);
        Ok(Some(ChainPlan { unit: spec.unit.or(Some(ValueUnit::Percent)), ..plan }))
    }
}
