//! Leland's delta: Black-Scholes at a vol that pays for re-hedging on a clock.
//!
//! ```text
//! A = √(8/π) λ / (σ √Δt)        σ̂ = σ √(1 + A) for a sold option, σ √(1 − A) for a bought one
//! ```
//!
//! λ is the one-way cost as a fraction of what is traded, Δt the interval of the clock in years (Leland, *Option pricing
//! and replication with transactions costs*, Journal of Finance 40(5), 1985, with k = 2λ). A bought option whose A reaches
//! 1 costs more to hedge than it can earn: its delta is not defined.

use std::f64::consts::PI;

use hedgerow_core::registry::{Entry, parameters};
use hedgerow_core::{Bps, DAYS_PER_YEAR};
use serde::Deserialize;
use toml::Spanned;

use super::{HedgeDelta, View, positive};
use crate::Side;

/// The delta.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leland {
    /// λ: one-way cost, bps of what is traded.
    pub cost_bps: Bps,
    /// Δt: hours between re-hedges.
    pub interval_hours: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    cost_bps: Spanned<f64>,
    interval_hours: Spanned<f64>,
}

impl Leland {
    /// σ̂; `None` for a bought option whose A is 1 or more.
    ///
    /// ```
    /// # use hedgerow_core::Bps;
    /// # use hedgerow_greeks::{Side, delta::leland::Leland};
    /// let daily = Leland { cost_bps: Bps(5.0), interval_hours: 24.0 };
    /// assert!((daily.vol(0.65, Side::Short).unwrap() - 0.657_577_61).abs() < 1e-8);
    /// ```
    pub fn vol(&self, vol: f64, side: Side) -> Option<f64> {
        let interval = self.interval_hours / (24.0 * DAYS_PER_YEAR);
        let number = (8.0 / PI).sqrt() * self.cost_bps.fraction() / (vol * interval.sqrt());
        let factor = match side {
            Side::Short => 1.0 + number,
            Side::Long => 1.0 - number,
        };
        (factor > 0.0).then(|| vol * factor.sqrt())
    }
}

impl HedgeDelta for Leland {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn describe(&self) -> String {
        format!(
            "Leland's delta for a cost of {} bp and re-hedging every {} hours",
            self.cost_bps.0, self.interval_hours
        )
    }

    fn delta(&self, view: &View<'_>) -> Option<f64> {
        Some(view.greeks_at(self.vol(view.terms.vol, view.side)?)?.delta)
    }
}

pub(super) const ENTRY: Entry<dyn HedgeDelta> = Entry {
    name: "leland",
    about: "Black-Scholes at Leland's vol, which pays for re-hedging on a clock",
    example: "delta = { leland = { cost_bps = 6, interval_hours = 24 } }",
    build: |setting| {
        let typed: Typed = parameters(setting)?;
        Ok(Box::new(Leland {
            cost_bps: Bps(positive("cost_bps", &typed.cost_bps)?),
            interval_hours: positive("interval_hours", &typed.interval_hours)?,
        }))
    },
};
