//! The same share at every row, 0 to 150 %.

use hedgerow_core::Percent;
use hedgerow_core::registry::{Entry, SettingError, parameters};
use serde::Deserialize;

use super::{History, Ratio, RatioColumn};

/// A constant share.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    /// Per cent of the ideal hedge, 0 to 150.
    pub percent: Percent,
}

impl Ratio for Constant {
    fn column(&self, _: &History<'_>) -> RatioColumn {
        RatioColumn::Constant(self.percent.fraction())
    }

    fn describe(&self) -> String {
        format!("{} % of the ideal hedge", self.percent.0)
    }
}

pub(super) const ENTRY: Entry<dyn Ratio> = Entry {
    name: "constant",
    about: "the same share of the ideal hedge at every row, 0 to 150 per cent",
    example: "ratio = { constant = { percent = 50 } }",
    build: |setting| {
        let span = setting.span();
        let ratio: Constant = parameters(setting)?;
        if (0.0..=150.0).contains(&ratio.percent.0) {
            return Ok(Box::new(ratio));
        }
        Err(SettingError::at(span, format!("ratio of {} %, expected 0 to 150", ratio.percent.0)))
    },
};
