//! Re-hedges, to the ideal, exactly when another rule would not.
//!
//! A rule that is content with what is held becomes one that asks for the ideal, and the other way round. A band turned
//! round is no band, so that `to = "edge"` trades to the ideal. `not` twice asks at the same rows as the rule itself, and
//! holds the same where that rule trades to the ideal: with `to = "centre"`, for every rule whose band holds the ideal.
//! Mostly for clocks and hours: `all = [{ delta_band = 0.5 }, { not = { clock = { days = 7 } } }]`.

use hedgerow_core::registry::{Entry, build};

use super::{Band, Before, Decide, Hedge, Now, Past, RULES, Rehedge, Rule};

/// The rule that is turned round.
#[derive(Debug)]
pub struct Not {
    /// Any rule.
    pub rule: Box<dyn Rule>,
}

impl Rule for Not {
    fn bind(&self, past: &Past<'_>) -> Box<dyn Decide> {
        Box::new(Bound { rule: self.rule.bind(past) })
    }

    fn warm_up(&mut self, before: &Before<'_>) {
        self.rule.warm_up(before);
    }

    fn is_of_delta(&self) -> bool {
        self.rule.is_of_delta()
    }

    fn finer_than(&self, step: i64) -> Vec<&'static str> {
        self.rule.finer_than(step)
    }

    fn risk_aversions(&self, past: &Past<'_>) -> Vec<f64> {
        self.rule.risk_aversions(past)
    }
}

#[derive(Debug)]
struct Bound {
    rule: Box<dyn Decide>,
}

impl Rehedge for Bound {
    fn band(&self, ideal: f64, now: &Now, hedge: &Hedge<'_>) -> Band {
        let band = self.rule.band(ideal, now, hedge);
        let content = !band.is_point() && band.contains(hedge.held);
        if content { Band::at(ideal) } else { Band::ANY }
    }

    fn cost_memory(&self) -> i64 {
        self.rule.cost_memory()
    }
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "not",
    about: "re-hedges exactly when another rule would not",
    example: "when = { all = [{ delta_band = 0.5 }, { not = { end_of_day = { hour_utc = 8 } } }] }",
    build: |setting| Ok(Box::new(Not { rule: build(RULES, setting, "rule")? })),
};
