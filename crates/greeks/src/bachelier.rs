//! Options on a forward that moves by normal steps (Bachelier 1900): for spreads and rates that can be negative.
//!
//! With s = σ√T the absolute standard deviation to expiry, D the discount factor, and w = +1 for a call and −1 for a put:
//!
//! ```text
//! d     = (F − K) / s
//! value = D [w (F − K) N(w d) + s φ(d)]
//! delta = D w N(w d)              gamma = D φ(d) / s           vega = D φ(d) √T
//! vanna = −D φ(d) d / σ           volga = D φ(d) √T d² / σ
//! theta = r value − D φ(d) σ / (2√T),   r = −ln D / T
//! ```
//!
//! The delta to a spot S with F = S·growth is the delta times F / S. Checked against the numbers of `QuantLib`
//! (bacheliercalculator.cpp).

use hedgerow_core::OptionKind;

use crate::input_error::{InputError, finite, moderate, not_negative};
use crate::normal::{cdf, pdf};

/// What a Bachelier price depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NormalTerms {
    /// F: USD per coin; any sign.
    pub forward: f64,
    /// K: USD per coin; any sign.
    pub strike: f64,
    /// T: to expiry, ACT/365F, not negative.
    pub years: f64,
    /// σ: USD per coin and √year, not negative.
    pub normal_vol: f64,
    /// r: continuously compounded USD rate per year, decimal; discounts the payoff of the forward.
    pub rate: f64,
}

impl NormalTerms {
    /// Whether the option can be priced: all finite, time and vol not negative, the discount factor within e^±700.
    ///
    /// # Errors
    /// [`InputError`] for the first term that is out of its range.
    pub fn check(&self) -> Result<(), InputError> {
        finite("forward", self.forward)?;
        finite("strike", self.strike)?;
        not_negative("years", self.years)?;
        not_negative("normal vol", self.normal_vol)?;
        finite("rate", self.rate)?;
        moderate("rate x years", self.rate * self.years)
    }
}

/// Value and slopes of a Bachelier option per coin of underlying.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct NormalGreeks {
    /// USD.
    pub value: f64,
    /// Coins: USD per USD of forward.
    pub delta: f64,
    /// Coins per USD of forward.
    pub gamma: f64,
    /// USD per unit of normal vol (USD per √year).
    pub vega: f64,
    /// USD per year that passes.
    pub theta: f64,
    /// Coins per unit of normal vol.
    pub vanna: f64,
    /// USD per unit of normal vol, squared.
    pub volga: f64,
    /// Probability of being exercised, N(w d).
    pub exercise: f64,
}

/// Value and slopes; formulas in the module's head.
///
/// When s = σ√T is 0 the value is the discounted intrinsic value, delta 0 or ±D (half of it at the strike), vega D φ(0) √T
/// at the strike and else 0; gamma, vanna and volga are 0. The terms are not checked: see [`NormalTerms::check`].
///
/// ```
/// # use hedgerow_greeks::{NormalTerms, OptionKind, bachelier};
/// let terms = NormalTerms { forward: 100.0, strike: 90.0, years: 1.0, normal_vol: 20.0, rate: 0.0 };
/// assert!((bachelier(OptionKind::Call, terms).value - 13.955_931_148_026_121).abs() < 1e-12);
/// ```
pub fn bachelier(kind: OptionKind, terms: NormalTerms) -> NormalGreeks {
    let NormalTerms { forward, strike, years, normal_vol, rate } = terms;
    let w = kind.sign();
    let discount = (-rate * years).exp();
    let root_years = years.sqrt();
    let deviation = normal_vol * root_years;
    let ahead = forward - strike;
    // A difference of zero over a deviation of zero is at the strike: d = 0.
    let d = if ahead == 0.0 { 0.0 } else { ahead / deviation };
    let exercise = cdf(w * d);
    let density = discount * pdf(d);
    let value = discount * w * ahead * exercise + density * deviation;
    let uncertain = density > 0.0 && deviation > 0.0;
    let per = |of: f64| if uncertain { density / of } else { 0.0 };
    NormalGreeks {
        // Far out of the money the two terms cancel; what they leave may round below zero.
        value: value.max(0.0),
        delta: discount * w * exercise,
        gamma: per(deviation),
        vega: density * root_years,
        theta: rate * value - 0.5 * normal_vol * per(root_years),
        vanna: if uncertain { -per(normal_vol) * d } else { 0.0 },
        volga: if uncertain { per(normal_vol) * root_years * d * d } else { 0.0 },
        exercise,
    }
}
