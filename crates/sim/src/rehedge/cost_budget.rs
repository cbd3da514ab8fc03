//! Trades only while what the hedge's trades have cost over the last days is below a budget.
//!
//! Asks for the ideal at every row while `cost after (now - days) < usd`, and for nothing once the budget is spent; so it
//! is combined: `all = [{ delta_band = 0.2 }, { cost_budget = { usd = 500, days = 7 } }]` is a band that stops trading
//! when a week has cost 500 USD. The cost is that of the leg's own decisions at its one-way proportional rate, which is
//! known when they are taken; the last trade may exceed the budget. A book can stay unhedged for days: a rule for what
//! one would spend, not for what one should hold.

use hedgerow_core::Timestamp;
use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{Band, Hedge, Now, Rehedge, Rule, above_zero, at_least_zero, millis};

/// A budget.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostBudget {
    /// USD.
    pub usd: f64,
    /// Over so many days.
    pub days: f64,
}

impl Rehedge for CostBudget {
    #[inline]
    fn band(&self, ideal: f64, now: &Now, hedge: &Hedge<'_>) -> Band {
        let start = now.time.millis().saturating_sub(millis(self.days));
        let spent = hedge.spent.since(Timestamp::from_millis(start));
        if spent < self.usd { Band::at(ideal) } else { Band::ANY }
    }

    fn cost_memory(&self) -> i64 {
        millis(self.days)
    }
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "cost_budget",
    about: "trades only while the cost of the last days is below a budget; combine with `all`",
    example: "when = { all = [{ delta_band = 0.2 }, { cost_budget = { usd = 200, days = 7 } }] }",
    build: |setting| {
        let rule: CostBudget = parameters(setting)?;
        at_least_zero("usd", rule.usd)?;
        above_zero("days", rule.days)?;
        Ok(Box::new(rule))
    },
};
