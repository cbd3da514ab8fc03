//! Funding of Deribit's perpetuals (`public/get_funding_rate_history`).
//!
//! `timestamp` (milliseconds, full hours), `interest_1h`, `interest_8h`, `index_price`, `prev_index_price`. Deribit charges
//! all the time; `interest_1h` is the **charge of the hour that ends at the stamp**, a fraction, paid by longs when
//! positive, and is what is read. `interest_8h` is the charge of the last eight hours and would count each hour eight times.

use hedgerow_core::registry::Entry;

use super::{
    FUNDING, Format, Plan, PlanColumn, funding, named, refuse_kind, refuse_mapping,
    without_parameters,
};
use crate::DataError;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{SeriesSpec, TimeUnit, ValueUnit};

const NAME: &str = "deribit_funding";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "hourly funding of Deribit as get_funding_rate_history answers it; the charge is interest_1h",
    example: "series = [{ is = \"inverse_funding\", asset = \"BTC\", path = \"funding.json\", format = \"deribit_funding\" }]",
    build: |setting| without_parameters(setting, DeribitFunding),
};

#[derive(Debug)]
struct DeribitFunding;

impl Format for DeribitFunding {
    fn recognises(&self, head: &Head) -> bool {
        head.has_all(&["timestamp", "interest_1h", "interest_8h"])
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        refuse_mapping(spec)?;
        refuse_kind(file, NAME, spec, &FUNDING)?;
        let rate = PlanColumn { role: Role::Rate, index: named(file, head, &["interest_1h"])? };
        let time = named(file, head, &["timestamp"])?;
        Ok(funding(spec, head, time, vec![rate], (TimeUnit::Ms, ValueUnit::Fraction)))
    }
}
