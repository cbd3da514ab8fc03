//! One vol for all time.

use hedgerow_core::registry::{Entry, Setting, SettingError, parameters};
use hedgerow_core::{Grade, Market, Percent};
use serde::Deserialize;

use super::VolModel;
use crate::GreeksError;

/// The registry's line.
pub(super) const ENTRY: Entry<dyn VolModel> = Entry {
    name: "constant",
    about: "the same vol at every row, in per cent a year",
    example: "model = { constant = { percent = 65 } }",
    build,
};

/// The model, checked.
#[derive(Debug, Clone, Copy)]
struct Constant {
    percent: Percent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    percent: toml::Spanned<Percent>,
}

fn build(setting: Setting<'_>) -> Result<Box<dyn VolModel>, SettingError> {
    let typed: Typed = parameters(setting)?;
    let percent = *typed.percent.get_ref();
    if !(1.0..=1000.0).contains(&percent.0) {
        return Err(SettingError::at(
            typed.percent.span(),
            format!("`percent` must lie between 1 and 1000 (65 means 65 %), found {}", percent.0),
        ));
    }
    Ok(Box::new(Constant { percent }))
}

impl VolModel for Constant {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn column(&self, market: &Market, _asset: usize) -> Result<Vec<Option<f64>>, GreeksError> {
        Ok(vec![Some(self.percent.fraction()); market.n_rows()])
    }

    fn describe(&self) -> String {
        format!("options are marked at a constant vol of {} %", self.percent.0)
    }

    fn grade(&self) -> Grade {
        Grade::Synthetic
    }
}
