//! Re-hedges only when all of several rules ask for it: the smallest band that holds the bands of all of them.

use hedgerow_core::registry::{Entry, Setting, SettingError, build};
use toml::de::DeValue;

use super::{Band, Before, Decide, Hedge, Now, Past, RULES, Rehedge, Rule};

/// The rules, at least one.
#[derive(Debug)]
pub struct All {
    /// In the order of the scenario, which does not matter.
    pub rules: Vec<Box<dyn Rule>>,
}

impl Rule for All {
    fn bind(&self, past: &Past<'_>) -> Box<dyn Decide> {
        Box::new(Bound { rules: self.rules.iter().map(|rule| rule.bind(past)).collect() })
    }

    fn warm_up(&mut self, before: &Before<'_>) {
        self.rules.iter_mut().for_each(|rule| rule.warm_up(before));
    }

    fn is_of_delta(&self) -> bool {
        self.rules.iter().any(|rule| rule.is_of_delta())
    }

    fn finer_than(&self, step: i64) -> Vec<&'static str> {
        self.rules.iter().flat_map(|rule| rule.finer_than(step)).collect()
    }

    fn risk_aversions(&self, past: &Past<'_>) -> Vec<f64> {
        self.rules.iter().flat_map(|rule| rule.risk_aversions(past)).collect()
    }
}

#[derive(Debug)]
struct Bound {
    rules: Vec<Box<dyn Decide>>,
}

impl Rehedge for Bound {
    fn band(&self, ideal: f64, now: &Now, hedge: &Hedge<'_>) -> Band {
        let bands = self.rules.iter().map(|rule| rule.band(ideal, now, hedge));
        bands.reduce(Band::or).unwrap_or(Band::ANY)
    }

    fn cost_memory(&self) -> i64 {
        self.rules.iter().map(|rule| rule.cost_memory()).max().unwrap_or(0)
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
