//! The deltas that desks quote, and the strikes that belong to them.
//!
//! With Dd and Df the discount factors of the quote currency and of the coin, F = S Df / Dd, w = +1 for a call and −1
//! for a put:
//!
//! ```text
//! forward                  w N(w d1)                the delta that Deribit displays
//! spot                     w Df N(w d1)
//! premium-adjusted forward w (K/F) N(w d2)          Deribit's net transaction delta
//! premium-adjusted spot    w Df (K/F) N(w d2)
//! ```
//!
//! The adjusted deltas count the premium, which is paid in coins, as coins given away: they are what a coin-margined
//! account must hedge (Clark, *Foreign Exchange Option Pricing*, 2011, chapter 3; Reiswich and Wystup, *FX Volatility
//! Smile Construction*, 2010). The adjusted delta of a call rises and then falls in the strike, so two strikes share it:
//! the higher one, out of the money, is meant.

use hedgerow_core::OptionKind;

use crate::normal::{cdf, pdf, quantile};

/// Which delta is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuotedDelta {
    /// Coins of forward per coin of underlying.
    Forward,
    /// Coins of spot per coin of underlying.
    Spot,
    /// Forward, less the premium in coins.
    PremiumAdjustedForward,
    /// Spot, less the premium in coins.
    PremiumAdjustedSpot,
}

/// What a quoted delta depends on beside the strike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeltaTerms {
    /// F: USD per coin, positive.
    pub forward: f64,
    /// σ√T, positive.
    pub deviation: f64,
    /// Df: discount factor of the coin to expiry, positive; 1 where coins earn nothing.
    pub coin_discount: f64,
}

impl QuotedDelta {
    /// The delta of a strike; formulas in the module's head.
    ///
    /// ```
    /// # use hedgerow_greeks::{DeltaTerms, OptionKind, QuotedDelta};
    /// let terms = DeltaTerms { forward: 60_000.0, deviation: 0.65 * (30.0_f64 / 365.0).sqrt(), coin_discount: 1.0 };
    /// let net = QuotedDelta::PremiumAdjustedForward.of_strike(OptionKind::Call, 65_000.0, &terms);
    /// assert!((net - 0.325_638_809_029_480_8).abs() < 1e-13);
    /// ```
    pub fn of_strike(self, kind: OptionKind, strike: f64, terms: &DeltaTerms) -> f64 {
        let w = kind.sign();
        let d1 = (terms.forward / strike).ln() / terms.deviation + 0.5 * terms.deviation;
        let unit = if self.is_adjusted() {
            strike / terms.forward * cdf(w * (d1 - terms.deviation))
        } else {
            cdf(w * d1)
        };
        w * self.scale(terms) * unit
    }

    /// The strike of a delta, which has the sign of its option: positive for a call, negative for a put. `None` where no
    /// strike has it: zero or the wrong sign, an unadjusted delta of ±1 (or ±Df) or beyond, or an adjusted call delta
    /// above its maximum.
    ///
    /// ```
    /// # use hedgerow_greeks::{DeltaTerms, OptionKind, QuotedDelta};
    /// let terms = DeltaTerms { forward: 60_000.0, deviation: 0.65 * (30.0_f64 / 365.0).sqrt(), coin_discount: 1.0 };
    /// let quoted = QuotedDelta::PremiumAdjustedForward;
    /// let strike = quoted.strike(OptionKind::Call, 0.325_638_809_029_480_8, &terms).unwrap();
    /// assert!((strike - 65_000.0).abs() < 1e-6);
    /// assert!(quoted.strike(OptionKind::Call, 0.95, &terms).is_none());
    /// ```
    pub fn strike(self, kind: OptionKind, delta: f64, terms: &DeltaTerms) -> Option<f64> {
        let w = kind.sign();
        let unit = w * delta / self.scale(terms);
        // Not `unit <= 0`: a NaN has no strike either.
        if !(unit > 0.0 && unit.is_finite()) {
            return None;
        }
        let v = terms.deviation;
        let log_strike = match (self.is_adjusted(), kind) {
            (false, _) if unit >= 1.0 => return None,
            (false, _) => 0.5 * v * v - w * v * quantile(unit),
            (true, OptionKind::Call) => -v * adjusted_call_d2(unit.ln(), v)? - 0.5 * v * v,
            (true, OptionKind::Put) => v * adjusted_put_minus_d2(unit.ln(), v)? - 0.5 * v * v,
        };
        Some(terms.forward * log_strike.exp())
    }

    /// The strike at which a straddle has no delta: F e^(σ²T/2), or F e^(−σ²T/2) when the premium is counted.
    pub fn straddle_strike(self, terms: &DeltaTerms) -> f64 {
        let half_variance = 0.5 * terms.deviation * terms.deviation;
        let exponent = if self.is_adjusted() { -half_variance } else { half_variance };
        terms.forward * exponent.exp()
    }

    fn is_adjusted(self) -> bool {
        matches!(self, Self::PremiumAdjustedForward | Self::PremiumAdjustedSpot)
    }

    fn scale(self, terms: &DeltaTerms) -> f64 {
        match self {
            Self::Spot | Self::PremiumAdjustedSpot => terms.coin_discount,
            Self::Forward | Self::PremiumAdjustedForward => 1.0,
        }
    }
}

/// The d2 of the higher strike with (K/F) N(d2) = e^target.
///
/// In z = d2 the logarithm is −v z − v²/2 + ln N(z): concave, and rising up to its maximum where φ(z) = v N(z). ln N(z) ≤
/// −z²/2 − ln 2 for z ≤ 0 gives a start on the left, from which Newton's method climbs without overshooting.
fn adjusted_call_d2(target: f64, v: f64) -> Option<f64> {
    let start = -v - (-2.0 * (target + std::f64::consts::LN_2)).max(0.0).sqrt();
    climb(start, target, |z| (-v * z - 0.5 * v * v, -v))
}

/// The −d2 of the strike with (K/F) N(−d2) = e^target: v x − v²/2 + ln N(x) in x = −d2, concave and rising everywhere.
fn adjusted_put_minus_d2(target: f64, v: f64) -> Option<f64> {
    let start = (v - (-2.0 * (target + std::f64::consts::LN_2)).max(0.0).sqrt()).min(0.0);
    climb(start, target, |x| (v * x - 0.5 * v * v, v))
}

/// Newton's method on line(x) + ln N(x) = target from the left of the root; `None` when there is no root.
fn climb(start: f64, target: f64, line: impl Fn(f64) -> (f64, f64)) -> Option<f64> {
    let mut x = start;
    // Quadratic convergence but near a maximum, where each step halves the distance: 100 steps are more than 50 bits.
    for _ in 0..100 {
        let below = cdf(x);
        let (value, slope) = line(x);
        let rise = slope + pdf(x) / below;
        // Past the maximum, or N(x) underflows: nothing to climb to.
        if !(rise > 0.0 && rise.is_finite()) {
            return None;
        }
        let step = (target - value - below.ln()) / rise;
        x += step;
        if step.abs() <= 1e-14 * x.abs().max(1.0) {
            return Some(x);
        }
    }
    None
}
