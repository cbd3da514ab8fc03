//! The project's own schema, that of the embedded sample (`data/README.md`).
//!
//! Prices: `time,spot_high,spot_low,spot_close,dvol`; a time is the **end** of the bar, the vol a fraction, blank where
//! unknown. Funding: `time,rate`; a time is the settlement itself, the rate a fraction.

use hedgerow_core::registry::Entry;

use super::{
    Format, Plan, PlanColumn, bar_columns, refuse_kind, refuse_mapping, without_parameters,
};
use crate::DataError;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{BarLabel, SeriesKind, SeriesSpec, TimeUnit, ValueUnit};

const NAME: &str = "sample";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "the schema of the embedded sample: time, spot_open, spot_high, spot_low, spot_close, dvol; or time, rate",
    example: "series = [{ is = \"spot\", asset = \"BTC\", path = \"btc_daily.csv\", format = \"sample\" }]",
    build: |setting| without_parameters(setting, OwnSchema),
};

#[derive(Debug)]
struct OwnSchema;

impl Format for OwnSchema {
    fn recognises(&self, head: &Head) -> bool {
        head.position("time") == Some(0) && head.position("spot_close").is_some()
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        let holds =
            [SeriesKind::Spot, SeriesKind::Vol, SeriesKind::Funding, SeriesKind::InverseFunding];
        refuse_mapping(spec)?;
        refuse_kind(file, NAME, spec, &holds)?;
        let column = |role, name| Ok(vec![PlanColumn { role, index: head.find(file, name)? }]);
        let columns = match spec.is {
            SeriesKind::Vol => column(Role::Vol, "dvol"),
            SeriesKind::Funding | SeriesKind::InverseFunding => column(Role::Rate, "rate"),
            _ => {
                let names: [&[&str]; 4] =
                    [&["spot_open"], &["spot_high"], &["spot_low"], &["spot_close"]];
                bar_columns(file, head, names)
            }
        }?;
        Ok(Plan {
            time_unit: Some(spec.time_unit.unwrap_or(TimeUnit::Text)),
            bar: spec.bar.unwrap_or(BarLabel::End),
            unit: Some(spec.unit.unwrap_or(ValueUnit::Fraction)),
            ..Plan::new(spec, head.find(file, "time")?, columns)
        })
    }
}
