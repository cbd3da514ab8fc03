//! Re-hedges as soon as any of several rules asks for it: the band in which all of them are content.

use hedgerow_core::registry::Entry;

use super::{Band, Hedge, Now, Rehedge, Rule, all};

/// The rules, at least one.
#[derive(Debug)]
pub struct Any {
    /// In the order of the scenario, which does not matter.
    pub rules: Vec<Box<dyn Rule>>,
}

impl Rehedge for Any {
    fn band(&self, ideal: f64, now: &Now, hedge: &Hedge) -> Band {
        self.rules.iter().fold(Band::ANY, |band, rule| band.and(rule.band(ideal, now, hedge)))
    }
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "any",
    about: "re-hedges as soon as any rule of a list asks for it",
    example: "when = { any = [{ clock = { days = 7 } }, { delta_band = 0.5 }] }",
    build: |setting| Ok(Box::new(Any { rules: all::list(setting)? })),
};
