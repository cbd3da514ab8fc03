//! Barles and Soner's delta: Black-Scholes at the vol of one who is averse to risk and pays small costs.
//!
//! ```text
//! σ̂² = σ² (1 + A(x))        x = ± e^(rT) a² S² |Γ|,  a = λ √γ
//! A'(x) = (A + 1) / (2 √(x A) − x),  A(0) = 0
//! ```
//!
//! with + for a sold option and − for a bought one. λ is the one-way cost as a fraction, γ the absolute risk aversion per
//! USD, Γ the Black-Scholes gamma at σ (Barles and Soner, *Option pricing with transaction costs and a nonlinear
//! Black-Scholes equation*, Finance and Stochastics 2(4), 1998). In the paper Γ is that of the solution; with that of
//! Black-Scholes the vol is the first step towards it, explicit as Leland's and Zakamouline's are.
//!
//! A grows from −1 without end, so that a bought option's delta is always defined, unlike Leland's.

use hedgerow_core::Bps;
use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;
use toml::Spanned;

use super::{HedgeDelta, View, positive};
use crate::{Side, Terms};

/// The delta.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BarlesSoner {
    /// λ: one-way cost, bps of what is traded.
    pub cost_bps: Bps,
    /// γ: absolute risk aversion, per USD.
    pub risk_aversion: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    cost_bps: Spanned<f64>,
    risk_aversion: Spanned<f64>,
}

impl BarlesSoner {
    /// σ̂ for an option of this `gamma`, which is that of Black-Scholes in either direction.
    pub fn vol(&self, terms: &Terms, gamma: f64, side: Side) -> f64 {
        let Terms { spot, years, vol, rate, .. } = *terms;
        let x = (rate * years).exp()
            * self.cost_bps.fraction().powi(2)
            * self.risk_aversion
            * spot
            * spot
            * gamma.abs();
        let added = match side {
            Side::Short => added_variance(x),
            Side::Long => added_variance(-x),
        };
        vol * (1.0 + added).sqrt()
    }
}

/// A(x): by how much of itself the variance grows; above −1.
///
/// The differential equation has an implicit solution, which is inverted here:
///
/// ```text
/// √x    = y − asinh(y) / √(1 + y²),                A = y²               for x ≥ 0
/// √(−x) = atan(w) √(1 + w²) − w / √(1 + w²),       A = −w² / (1 + w²)   for x < 0
/// ```
///
/// (Company, Navarro, Pintos and Ponsoda, *Numerical solution of linear and nonlinear Black-Scholes option pricing
/// equations*, Computers and Mathematics with Applications 56(3), 2008; with A = −sin² and w its tangent below 0.)
///
/// ```
/// # use hedgerow_greeks::delta::barles_soner::added_variance;
/// assert!((added_variance(1.0) / 2.757_808_53 - 1.0).abs() < 1e-6);
/// assert!((added_variance(-1.0) / -0.706_035_40 - 1.0).abs() < 1e-6);
/// ```
pub fn added_variance(x: f64) -> f64 {
    let root = x.abs().sqrt();
    if x >= 0.0 {
        invert(root, root, 4.0 / 15.0, above).powi(2)
    } else {
        let square = invert(root, std::f64::consts::FRAC_2_PI * root, 7.0 / 30.0, below).powi(2);
        // Of a square so large that the fraction is 1, the limit.
        if square.is_finite() { -square / (1.0 + square) } else { -1.0 }
    }
}

/// √x as a function of y, and its slope.
fn above(y: f64) -> [f64; 2] {
    let square = 1.0 + y * y;
    let root = square.sqrt();
    [y - y.asinh() / root, (y * y + y * y.asinh() / root) / square]
}

/// √(−x) as a function of w, and its slope.
fn below(w: f64) -> [f64; 2] {
    let square = 1.0 + w * w;
    let root = square.sqrt();
    [w.atan() * root - w / root, (w * w / square + w * w.atan()) / root]
}

/// Where `function`, which grows as 2/3 of a cube from 0 and then as a line, is `root`.
///
/// By Newton's steps on cube roots, from whichever bound is the closer, `line` or that of the cube. Near 0, where
/// differences cancel, by two terms of the series; `second` is the ratio of the second's coefficient to the first's.
fn invert(root: f64, line: f64, second: f64, function: fn(f64) -> [f64; 2]) -> f64 {
    let wanted = (1.5 * root).cbrt();
    if wanted < 1e-3 {
        return wanted * (1.0 + second * wanted * wanted);
    }
    let mut at = wanted.max(line);
    for _ in 0..40 {
        let [value, slope] = function(at);
        let found = (1.5 * value).cbrt();
        let step = (wanted - found) * 2.0 * found * found / slope;
        at += step;
        if step.abs() <= 1e-12 * at {
            break;
        }
    }
    at
}

impl HedgeDelta for BarlesSoner {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn describe(&self) -> String {
        format!(
            "Barles and Soner's delta for a cost of {} bp and a risk aversion of {} per USD",
            self.cost_bps.0, self.risk_aversion
        )
    }

    fn delta(&self, view: &View<'_>) -> Option<f64> {
        let vol = self.vol(&view.terms, view.greeks()?.gamma, view.side);
        Some(view.greeks_at(vol)?.delta)
    }
}

pub(super) const ENTRY: Entry<dyn HedgeDelta> = Entry {
    name: "barles_soner",
    about: "Black-Scholes at Barles and Soner's vol, which weighs cost and gamma against risk aversion",
    example: "delta = { barles_soner = { cost_bps = 6, risk_aversion = 1e-3 } }",
    build: |setting| {
        let typed: Typed = parameters(setting)?;
        Ok(Box::new(BarlesSoner {
            cost_bps: Bps(positive("cost_bps", &typed.cost_bps)?),
            risk_aversion: positive("risk_aversion", &typed.risk_aversion)?,
        }))
    },
};
