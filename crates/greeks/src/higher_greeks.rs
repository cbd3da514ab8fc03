//! The slopes that reports and stress tests ask for, beyond those a hedge needs.
//!
//! In the symbols of [`black_scholes`](crate::black_scholes), for the generalised form with cost of carry b:
//!
//! ```text
//! rho          = w K T e^(−rT) N(w d2)           to r with the yield q = r − b held: b moves with r
//! discount rho = −T value                        to r with b held: options on futures
//! dividend rho = −w T S e^((b−r)T) N(w d1)       to q with r held
//! dual delta   = −w e^(−rT) N(w d2)              to K
//! veta  = dvega/dt  = vega  [r − b + b d1/(σ√T) − (1 + d1 d2)/(2T)]
//! color = dgamma/dt = gamma [r − b + b d1/(σ√T) + (1 − d1 d2)/(2T)]
//! speed = dgamma/dS = −(gamma/S) (1 + d1/(σ√T))
//! zomma = dgamma/dσ = gamma (d1 d2 − 1)/σ
//! ```
//!
//! Haug, *The Complete Guide to Option Pricing Formulas*, 2nd edition 2007, chapter 2. Time runs forward: veta and color
//! are per year that passes, as theta and charm are.

use hedgerow_core::OptionKind;

use crate::black_scholes::{Terms, black_scholes, growth, is_limit, limit_of};
use crate::normal::{cdf, pdf};

/// Rate slopes, dual delta and slopes of third order, of one option per coin of underlying.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HigherGreeks {
    /// USD per 1.00 of rate, the yield held.
    pub rho: f64,
    /// USD per 1.00 of rate, the carry held.
    pub discount_rho: f64,
    /// USD per 1.00 of yield.
    pub dividend_rho: f64,
    /// USD per USD of strike.
    pub dual_delta: f64,
    /// USD per 1.00 of vol, per year that passes.
    pub veta: f64,
    /// Coins per USD of spot, per year that passes.
    pub color: f64,
    /// Coins per USD of spot, squared.
    pub speed: f64,
    /// Coins per USD of spot, per 1.00 of vol.
    pub zomma: f64,
}

/// The higher slopes of a European option; formulas in the module's head.
///
/// In the limits of [`black_scholes`](crate::black_scholes) the rate slopes and the dual delta keep their limits; veta,
/// color, speed and zomma are 0, also at the strike, where they have no finite limit.
///
/// ```
/// # use hedgerow_greeks::{OptionKind, Terms, higher_greeks};
/// let terms = Terms { spot: 100.0, strike: 100.0, years: 1.0, vol: 0.2, rate: 0.05, carry: 0.05 };
/// assert!((higher_greeks(OptionKind::Call, terms).rho - 53.232_481_545_376_34).abs() < 1e-12);
/// ```
pub fn higher_greeks(kind: OptionKind, terms: Terms) -> HigherGreeks {
    let Terms { spot, strike, years, vol, rate, carry } = terms;
    let w = kind.sign();
    let spot_discount = growth(carry - rate, years);
    let discount = growth(-rate, years);
    let root_years = years.sqrt();
    let deviation = vol * root_years;
    let rates = |asset: f64, exercise: f64| HigherGreeks {
        rho: w * strike * years * discount * exercise,
        discount_rho: -years * black_scholes(kind, terms).value,
        dividend_rho: -w * years * spot * spot_discount * asset,
        dual_delta: -w * discount * exercise,
        ..HigherGreeks::default()
    };
    if is_limit(deviation) {
        let left = limit_of(kind, terms);
        return rates(left.asset, left.strike);
    }
    let d1 = ((spot / strike).ln() + carry * years) / deviation + 0.5 * deviation;
    let d2 = d1 - deviation;
    let density = spot_discount * pdf(d1);
    let gamma = density / (spot * deviation);
    let vega = spot * density * root_years;
    let drift = rate - carry + carry * d1 / deviation;
    HigherGreeks {
        veta: vega * (drift - (1.0 + d1 * d2) / (2.0 * years)),
        color: gamma * (drift + (1.0 - d1 * d2) / (2.0 * years)),
        speed: -gamma / spot * (1.0 + d1 / deviation),
        zomma: gamma * (d1 * d2 - 1.0) / vol,
        ..rates(cdf(w * d1), cdf(w * d2))
    }
}
