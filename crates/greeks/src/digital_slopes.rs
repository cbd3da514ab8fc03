//! The higher slopes of options that pay all or nothing.
//!
//! In the symbols of [`digital`](crate::digital()), with s = σ√T, n = w e^(−rT) φ(d2), p1 = ∂d1/∂T and p2 = ∂d2/∂T, of one
//! USD in cash:
//!
//! ```text
//! vanna = n (d1 d2 − 1) / (S s σ)              volga = −n (d1² d2 − d1 − d2) / σ²
//! speed = n (d1 d2 − 1 + 2 d1 s) / (S s)³      zomma = −n (d1² d2 − 2 d1 − d2) / (σ (S s)²)
//! charm = n [r + d2 p2 + 1/(2T)] / (S s)       veta  = n [p1 − d1 (r + d2 p2)] / σ
//! color = n [p1 − d1 (r + d2 p2 + 1/T)] / (S s)²
//! ```
//!
//! They are the derivatives of the slopes there. An option is w (one coin − K in cash), so the coin is K in cash and w options.

use hedgerow_core::OptionKind;

use crate::black_scholes::{growth, is_limit};
use crate::normal::pdf;
use crate::{DigitalPayoff, HigherSlopes, Terms, black_scholes_slopes};

/// The higher slopes; formulas in the module's head. `terms.strike` is the trigger.
///
/// In the limits of [`digital`](crate::digital()) those of the cash are 0, and those of the coin are what is left of the
/// option's. The terms are not checked: see [`Terms::check`].
///
/// ```
/// # use hedgerow_greeks::{DigitalPayoff, OptionKind, Terms, digital_slopes};
/// // d1 is 0 and d2 is −σ√T: φ(0.2)/0.2 is left of volga.
/// let terms = Terms { spot: 100.0, strike: 100.0, years: 1.0, vol: 0.2, rate: 0.0, carry: -0.02 };
/// let slopes = digital_slopes(OptionKind::Call, DigitalPayoff::Cash(1.0), terms);
/// assert!((slopes.volga + 0.391_042_693_975_456 / 0.2).abs() < 1e-12);
/// ```
pub fn digital_slopes(kind: OptionKind, payoff: DigitalPayoff, terms: Terms) -> HigherSlopes {
    let coin = || {
        let option = black_scholes_slopes(kind, terms).times(kind.sign());
        option.plus(cash(kind, terms).times(terms.strike))
    };
    match payoff {
        DigitalPayoff::Cash(amount) => cash(kind, terms).times(amount),
        DigitalPayoff::Asset => coin(),
        DigitalPayoff::Gap(strike) => {
            coin().plus(cash(kind, terms).times(-strike)).times(kind.sign())
        }
    }
}

/// Of one USD.
fn cash(kind: OptionKind, terms: Terms) -> HigherSlopes {
    let Terms { spot, strike, years, vol, rate, carry } = terms;
    let s = vol * years.sqrt();
    if is_limit(s) {
        return HigherSlopes::default();
    }
    let d1 = ((spot / strike).ln() + carry * years) / s + 0.5 * s;
    let d2 = d1 - s;
    let n = kind.sign() * growth(-rate, years) * pdf(d2);
    let p1 = (carry + 0.5 * vol * vol) / s - d1 / (2.0 * years);
    let p2 = (carry - 0.5 * vol * vol) / s - d2 / (2.0 * years);
    let per_spot = 1.0 / (spot * s);
    HigherSlopes {
        vanna: n * (d1 * d2 - 1.0) / vol * per_spot,
        volga: -n * (d1 * d1 * d2 - d1 - d2) / vol / vol,
        charm: n * (rate + d2 * p2 + 0.5 / years) * per_spot,
        veta: n * (p1 - d1 * (rate + d2 * p2)) / vol,
        speed: n * (d1 * d2 - 1.0 + 2.0 * d1 * s) * per_spot * per_spot * per_spot,
        zomma: -n * (d1 * d1 * d2 - 2.0 * d1 - d2) / vol * per_spot * per_spot,
        color: n * (p1 - d1 * (rate + d2 * p2 + 1.0 / years)) * per_spot * per_spot,
    }
}
