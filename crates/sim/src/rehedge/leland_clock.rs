//! Re-hedges on the clock that keeps Leland's number at a stated value.
//!
//! Leland (1985, "Option pricing and replication with transactions costs", Journal of Finance 40(5)) hedges every `dt` with
//! the vol `vol · sqrt(1 ± A)`, where `A = sqrt(8/pi) · cost / (vol · sqrt(dt))` and `cost` is the one-way proportional cost.
//! Given `A`, the time between re-hedges is `dt = 8/pi · (cost / (vol · A))²` years: rare when trading is dear, often when
//! the market moves. `A` must be below 1 for a book long of gamma; a day at 5 bp and 65 % vol has 0.0235.
//! `vol` is the mark vol at the row. Fires at the first row, where no vol is known, and at every row when trading is free.
//! The delta at Leland's vol is the leg's `delta`, not this rule's.
//!
//! ```
//! use hedgerow_sim::rehedge::leland_clock::leland_number;
//! assert!((leland_number(0.0005, 0.65, 1.0 / 365.0) - 0.02345164).abs() < 1e-8);
//! ```

use std::f64::consts::PI;

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{Band, Hedge, Now, Rehedge, Rule, above_zero};

/// Leland's number `A`.
///
/// `cost` is the one-way proportional cost, fraction of notional; `vol` is decimal; `years` is the time between re-hedges.
pub fn leland_number(cost: f64, vol: f64, years: f64) -> f64 {
    (8.0 / PI).sqrt() * cost / (vol * years.sqrt())
}

/// A clock by Leland's number.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LelandClock {
    /// Leland's number: the share of the variance that costs add or take.
    pub number: f64,
}

impl LelandClock {
    /// Years between re-hedges.
    #[inline]
    pub fn interval(&self, cost: f64, vol: f64) -> f64 {
        8.0 / PI * (cost / (vol * self.number)).powi(2)
    }
}

impl Rehedge for LelandClock {
    #[inline]
    fn band(&self, ideal: f64, now: &Now, hedge: &Hedge<'_>) -> Band {
        let (Some(last), Some(vol)) = (hedge.rehedged, now.vol) else { return Band::at(ideal) };
        let waits = now.time.years_since(last.time) < self.interval(now.cost_rate, vol);
        if waits { Band::ANY } else { Band::at(ideal) }
    }
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "leland_clock",
    about: "re-hedges as often as keeps Leland's number, the cost's share of the variance, at a value",
    example: "when = { leland_clock = { number = 0.05 } }",
    build: |setting| {
        let rule: LelandClock = parameters(setting)?;
        above_zero("number", rule.number)?;
        Ok(Box::new(rule))
    },
};
