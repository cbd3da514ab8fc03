//! Re-hedges as soon as any of several rules asks for it: the band in which all of them are content.

use hedgerow_core::registry::Entry;

use super::{Band, Before, Decide, Hedge, Now, Past, Rehedge, Rule, all};

/// The rules, at least one.
#[derive(Debug)]
pub struct Any {
    /// In the order of the scenario, which does not matter.
    pub rules: Vec<Box<dyn Rule>>,
}

impl Rule for Any {
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
        self.rules.iter().fold(Band::ANY, |band, rule| band.and(rule.band(ideal, now, hedge)))
    }

    fn cost_memory(&self) -> i64 {
        self.rules.iter().map(|rule| rule.cost_memory()).max().unwrap_or(0)
    }
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "any",
    about: "re-hedges as soon as any rule of a list asks for it",
    example: "when = { any = [{ clock = { days = 7 } }, { delta_band = 0.5 }] }",
    build: |setting| Ok(Box::new(Any { rules: all::list(setting)? })),
};
