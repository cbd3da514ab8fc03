//! Re-hedges only when all of several rules ask for it: the smallest band that holds the bands of all of them.

use hedgerow_core::registry::{Entry, Setting, SettingError, build};
use toml::de::DeValue;

use super::{Band, Hedge, Now, RULES, Rehedge, Rule};

/// The rules, at least one.
#[derive(Debug)]
pub struct All {
    /// In the order of the scenario, which does not matter.
    pub rules: Vec<Box<dyn Rule>>,
}

impl Rehedge for All {
    fn band(&self, ideal: f64, now: &Now, hedge: &Hedge) -> Band {
        self.rules.iter().fold(Band::at(ideal), |band, rule| band.or(rule.band(ideal, now, hedge)))
    }
}

/// Reads a list of rules.
pub(super) fn list(setting: Setting<'_>) -> Result<Vec<Box<dyn Rule>>, SettingError> {
    let span = setting.span();
    match setting.into_inner() {
        DeValue::Array(rules) if !rules.is_empty() => {
            rules.into_iter().map(|rule| build(RULES, rule, "rule")).collect()
        }
        other => {
            let found = if other.is_array() { "an empty list" } else { other.type_str() };
            Err(SettingError::at(
                span,
                format!("expected a list of at least one rule, found {found}"),
            ))
        }
    }
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "all",
    about: "re-hedges only when all rules of a list ask for it",
    example: "when = { all = [{ clock = { days = 1 } }, { spot_move = { percent = 2 } }] }",
    build: |setting| Ok(Box::new(All { rules: list(setting)? })),
};
