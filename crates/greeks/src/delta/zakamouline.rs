//! Zakamouline's delta: Black-Scholes at the vol about which his no-transaction band is centred.
//!
//! ```text
//! K   = −4.76 λ^0.78 T^−0.02 (e^(−rT)/σ)^0.25 (a S² |Γ|)^0.15
//! σ_m = σ √(1 − K) for a sold option, σ √(1 + K) for a bought one
//! ```
//!
//! λ is the one-way cost as a fraction, a the absolute risk aversion per USD, Γ the Black-Scholes gamma at σ (Zakamouline,
//! *Efficient analytic approximation of the optimal hedging strategy for a European call option with transaction costs*,
//! Quantitative Finance 6(5), 2006). One transcription prints 5.76 for 4.76: the coefficient is a parameter.

use hedgerow_core::Bps;
use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;
use toml::Spanned;

use super::{HedgeDelta, View, positive};
use crate::{Side, Terms};

/// The delta.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zakamouline {
    /// λ: one-way cost, bps of what is traded.
    pub cost_bps: Bps,
    /// a: absolute risk aversion, per USD.
    pub risk_aversion: f64,
    /// 4.76 in the paper.
    pub coefficient: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    cost_bps: Spanned<f64>,
    risk_aversion: Spanned<f64>,
    coefficient: Option<Spanned<f64>>,
}

/// The paper's.
pub const COEFFICIENT: f64 = 4.76;

impl Zakamouline {
    /// The band's vol for an option of this `gamma`; `None` where a bought option's variance would not be positive.
    pub fn vol(&self, terms: &Terms, gamma: f64, side: Side) -> Option<f64> {
        let Terms { spot, years, vol, rate, .. } = *terms;
        let k = -self.coefficient
            * self.cost_bps.fraction().powf(0.78)
            * years.powf(-0.02)
            * ((-rate * years).exp() / vol).powf(0.25)
            * (self.risk_aversion * spot * spot * gamma.abs()).powf(0.15);
        let factor = match side {
            Side::Short => 1.0 - k,
            Side::Long => 1.0 + k,
        };
        (factor > 0.0).then(|| vol * factor.sqrt())
    }
}

impl HedgeDelta for Zakamouline {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn describe(&self) -> String {
        format!(
            "Zakamouline's delta for a cost of {} bp and a risk aversion of {} per USD",
            self.cost_bps.0, self.risk_aversion
        )
    }

    fn delta(&self, view: &View<'_>) -> Option<f64> {
        let vol = self.vol(&view.terms, view.greeks()?.gamma, view.side)?;
        Some(view.greeks_at(vol)?.delta)
    }
}

pub(super) const ENTRY: Entry<dyn HedgeDelta> = Entry {
    name: "zakamouline",
    about: "Black-Scholes at the vol about which Zakamouline's band is centred",
    example: "delta = { zakamouline = { cost_bps = 6, risk_aversion = 1e-3 } }",
    build: |setting| {
        let typed: Typed = parameters(setting)?;
        let coefficient = typed.coefficient.as_ref();
        Ok(Box::new(Zakamouline {
            cost_bps: Bps(positive("cost_bps", &typed.cost_bps)?),
            risk_aversion: positive("risk_aversion", &typed.risk_aversion)?,
            coefficient: coefficient
                .map_or(Ok(COEFFICIENT), |typed| positive("coefficient", typed))?,
        }))
    },
};
