//! Re-hedges at every row, to the ideal: the benchmark of every other rule.

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{Band, Hedge, Now, Rehedge, Rule};

/// No parameters.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EveryRow {}

impl Rehedge for EveryRow {
    #[inline]
    fn band(&self, ideal: f64, _: &Now, _: &Hedge<'_>) -> Band {
        Band::at(ideal)
    }
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "every_row",
    about: "re-hedges at every row of the market",
    example: r#"when = "every_row""#,
    build: |setting| Ok(Box::new(parameters::<EveryRow>(setting)?)),
};
