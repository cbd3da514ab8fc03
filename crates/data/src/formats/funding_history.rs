//! Funding of several venues in one layout: `Symbol,Date,Funding Rate`.
//!
//! Rates are fractions; a `Date` is the settlement in words. Its zone differs from venue to venue and does not stand in the
//! file: UTC unless `time_zone` declares it (the Binance files that go round are UTC+3, `Etc/GMT-3`).

use hedgerow_core::registry::Entry;

use super::{
    FUNDING, Format, Plan, PlanColumn, funding, named, refuse_kind, refuse_mapping,
    without_parameters,
};
use crate::DataError;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{SeriesSpec, TimeUnit, ValueUnit};

const NAME: &str = "funding_history";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "funding of several venues: Symbol, Date, Funding Rate; UTC unless a zone is declared",
    example: "series = [{ is = \"funding\", asset = \"BTC\", path = \"BTC-USDT_funding_history.csv\", format = \"funding_history\", time_zone = \"Etc/GMT-3\" }]",
    build: |setting| without_parameters(setting, FundingHistory),
};

#[derive(Debug)]
struct FundingHistory;

impl Format for FundingHistory {
    fn recognises(&self, head: &Head) -> bool {
        head.is_exactly(&["Symbol", "Date", "Funding Rate"])
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        refuse_mapping(spec)?;
        refuse_kind(file, NAME, spec, &FUNDING)?;
        let rate = PlanColumn { role: Role::Rate, index: named(file, head, &["Funding Rate"])? };
        let time = named(file, head, &["Date"])?;
        let mut plan = funding(spec, head, time, vec![rate], (TimeUnit::Text, ValueUnit::Fraction));
        if spec.time_zone.is_none() {
            plan.assumptions.push(format!("`{file}`: stamps name no zone and are read as UTC"));
        }
        Ok(plan)
    }
}
