//! Options that pay all or nothing at a trigger (Reiner and Rubinstein 1991; Haug 1998, section 2.11).
//!
//! With d1 and d2 of Black-Scholes at the trigger K, and w = +1 when the payoff is above it (call), −1 below (put):
//!
//! ```text
//! cash  = X e^(−rT) N(w d2)                          pays X
//! asset = S e^((b−r)T) N(w d1)                       pays the coin
//! gap   = w [S e^((b−r)T) N(w d1) − K2 e^(−rT) N(w d2)]   pays w (S − K2), which may be negative
//! ```
//!
//! A call is the gap with K2 = K. Slopes are the derivatives of these, with
//! ∂d1/∂T = (b + σ²/2)/(σ√T) − d1/(2T), ∂d2/∂T = (b − σ²/2)/(σ√T) − d2/(2T), ∂d1/∂σ = −d2/σ and ∂d2/∂σ = −d1/σ.

use hedgerow_core::OptionKind;

use crate::Sensitivities;
use crate::black_scholes::{Terms, growth, is_limit, limit_of};
use crate::normal::{cdf, pdf};

/// What is paid when the option ends on the right side of its trigger.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DigitalPayoff {
    /// X, USD per coin of underlying.
    Cash(f64),
    /// One coin.
    Asset,
    /// w (S − K2), with K2 in USD per coin.
    Gap(f64),
}

/// Value and slopes; formulas in the module's head. `terms.strike` is the trigger.
///
/// As σ√T → 0 (below 1e-12) the limits are returned: the payoff of the forward, discounted (half of it at the trigger),
/// with no gamma and no vega; at the trigger itself the slopes have no finite limit and are given without the jump.
/// As σ√T → ∞ (above 1e6) N(w d1) is 1 for a call and 0 for a put, N(w d2) the reverse.
/// The terms are not checked: see [`Terms::check`].
///
/// ```
/// # use hedgerow_greeks::{DigitalPayoff, OptionKind, Terms, digital};
/// let terms = Terms { spot: 100.0, strike: 80.0, years: 0.75, vol: 0.35, rate: 0.06, carry: 0.0 };
/// let put = digital(OptionKind::Put, DigitalPayoff::Cash(10.0), terms);
/// assert!((put.value - 2.6710).abs() < 1e-4);
/// ```
pub fn digital(kind: OptionKind, payoff: DigitalPayoff, terms: Terms) -> Sensitivities {
    match payoff {
        DigitalPayoff::Cash(amount) => cash_or_nothing(kind, terms).times(amount),
        DigitalPayoff::Asset => asset_or_nothing(kind, terms),
        DigitalPayoff::Gap(strike) => asset_or_nothing(kind, terms)
            .plus(cash_or_nothing(kind, terms).times(-strike))
            .times(kind.sign()),
    }
}

/// d1, d2 and the deviation, where they exist.
struct Deviations {
    d1: f64,
    d2: f64,
    deviation: f64,
}

fn deviations(terms: Terms) -> Option<Deviations> {
    let Terms { spot, strike, years, vol, carry, .. } = terms;
    let deviation = vol * years.sqrt();
    if is_limit(deviation) {
        return None;
    }
    let d1 = ((spot / strike).ln() + carry * years) / deviation + 0.5 * deviation;
    Some(Deviations { d1, d2: d1 - deviation, deviation })
}

/// One USD if the option ends on the right side.
fn cash_or_nothing(kind: OptionKind, terms: Terms) -> Sensitivities {
    let Terms { spot, years, vol, rate, carry, .. } = terms;
    let (w, discount) = (kind.sign(), growth(-rate, years));
    let Some(Deviations { d1, d2, deviation }) = deviations(terms) else {
        let value = discount * limit_of(kind, terms).strike;
        return Sensitivities { value, theta: rate * value, ..Sensitivities::default() };
    };
    let value = discount * cdf(w * d2);
    let density = w * discount * pdf(d2);
    let per_year = (carry - 0.5 * vol * vol) / deviation - d2 / (2.0 * years);
    Sensitivities {
        value,
        delta: density / (spot * deviation),
        gamma: -density * d1 / (spot * deviation) / (spot * deviation),
        vega: -density * d1 / vol,
        theta: rate * value - density * per_year,
    }
}

/// One coin if the option ends on the right side.
fn asset_or_nothing(kind: OptionKind, terms: Terms) -> Sensitivities {
    let Terms { spot, years, vol, rate, carry, .. } = terms;
    let (w, spot_discount) = (kind.sign(), growth(carry - rate, years));
    let Some(Deviations { d1, d2, deviation }) = deviations(terms) else {
        let delta = spot_discount * limit_of(kind, terms).asset;
        let value = spot * delta;
        return Sensitivities {
            value,
            delta,
            theta: -(carry - rate) * value,
            ..Sensitivities::default()
        };
    };
    let exercise = spot_discount * cdf(w * d1);
    let density = w * spot_discount * pdf(d1);
    let per_year = (carry + 0.5 * vol * vol) / deviation - d1 / (2.0 * years);
    Sensitivities {
        value: spot * exercise,
        delta: exercise + density / deviation,
        gamma: density / (spot * deviation) * (1.0 - d1 / deviation),
        vega: -spot * density * d2 / vol,
        theta: -(carry - rate) * spot * exercise - spot * density * per_year,
    }
}
