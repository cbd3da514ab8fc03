//! European options in the Black-Scholes world: value and slopes in one pass.
//!
//! Generalised Black-Scholes-Merton with cost of carry b (Black and Scholes 1973; Merton 1973; Black 1976; the form with
//! b follows Haug, *The Complete Guide to Option Pricing Formulas*, 1998). With w = +1 for a call and −1 for a put:
//!
//! ```text
//! d1    = [ln(S/K) + (b + σ²/2) T] / (σ√T)          d2 = d1 − σ√T
//! value = w [S e^((b−r)T) N(w d1) − K e^(−rT) N(w d2)]
//! delta = w e^((b−r)T) N(w d1)                       gamma = e^((b−r)T) φ(d1) / (S σ√T)
//! vega  = S e^((b−r)T) φ(d1) √T
//! theta = −S e^((b−r)T) φ(d1) σ / (2√T) − w (b−r) S e^((b−r)T) N(w d1) − w r K e^(−rT) N(w d2)
//! vanna = −e^((b−r)T) φ(d1) d2 / σ                   volga = vega d1 d2 / σ
//! charm = −e^((b−r)T) [φ(d1) (b/(σ√T) − d2/(2T)) + w (b−r) N(w d1)]
//! ```

use hedgerow_core::OptionKind;

use crate::input_error::{InputError, finite, moderate, not_negative, positive};
use crate::normal::{cdf, pdf};

/// What a price depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// S: price of the underlying, USD per coin, positive.
    pub spot: f64,
    /// K: USD per coin, positive.
    pub strike: f64,
    /// T: to expiry, ACT/365F, not negative.
    pub years: f64,
    /// σ: annualised, decimal, not negative.
    pub vol: f64,
    /// r: continuously compounded USD rate per year, decimal.
    pub rate: f64,
    /// b: continuously compounded cost of carry per year: the rate for a coin, 0 for a future.
    pub carry: f64,
}

impl Terms {
    /// Whether the option can be priced: spot and strike positive, time and vol not negative, all of them finite, and
    /// both discount factors within e^±700, where a double can hold them.
    ///
    /// # Errors
    /// [`InputError`] for the first term, in the order of the fields, that is out of its range.
    pub fn check(&self) -> Result<(), InputError> {
        positive("spot", self.spot)?;
        positive("strike", self.strike)?;
        not_negative("years", self.years)?;
        not_negative("vol", self.vol)?;
        finite("rate", self.rate)?;
        finite("carry", self.carry)?;
        moderate("rate x years", self.rate * self.years)?;
        moderate("(carry - rate) x years", (self.carry - self.rate) * self.years)
    }
}

/// Value and slopes of one option per coin of underlying, in USD.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Greeks {
    /// USD.
    pub value: f64,
    /// USD per USD of spot, that is coins.
    pub delta: f64,
    /// Coins per USD of spot.
    pub gamma: f64,
    /// USD per 1.00 of vol.
    pub vega: f64,
    /// USD per year that passes; negative where time costs the holder.
    pub theta: f64,
    /// Coins per 1.00 of vol.
    pub vanna: f64,
    /// USD per 1.00 of vol, squared.
    pub volga: f64,
    /// Coins per year that passes.
    pub charm: f64,
}

/// Standard deviation to expiry below which an option is its own limit.
pub(crate) const LEAST_DEVIATION: f64 = 1e-12;

/// Standard deviation to expiry above which a call is worth the underlying, a put the discounted strike, and no slope to
/// the spot or the vol is left: N(±σ√T/2) is 0 or 1 to the last bit from 80 on, whatever the strike.
pub(crate) const MOST_DEVIATION: f64 = 1e6;

/// Value and slopes of a European option; formulas in the module's head.
///
/// At `years` = 0 or as `vol` → 0 (σ√T < 1e-12) the limits are returned: the value is the discounted intrinsic value of
/// the forward, delta is 0 or ±e^((b−r)T), and gamma, vega, vanna and volga are 0. With the forward exactly at the strike,
/// N(0) = ½ remains in delta and S e^((b−r)T) φ(0) √T in vega; gamma has no finite limit there and is given as 0.
/// As σ√T → ∞ (from 1e6 on) a call is worth S e^((b−r)T), a put K e^(−rT), and gamma, vega, vanna and volga are 0.
///
/// The terms are not checked: see [`Terms::check`].
///
/// ```
/// # use hedgerow_greeks::{OptionKind, Terms, black_scholes};
/// let terms = Terms { spot: 100.0, strike: 100.0, years: 1.0, vol: 0.2, rate: 0.05, carry: 0.05 };
/// assert!((black_scholes(OptionKind::Call, terms).value - 10.450_583_572_185_57).abs() < 1e-12);
/// ```
#[inline]
pub fn black_scholes(kind: OptionKind, terms: Terms) -> Greeks {
    let Terms { spot, strike, years, vol, rate, carry } = terms;
    let root_years = years.sqrt();
    let deviation = vol * root_years;
    if is_limit(deviation) {
        return limit(kind, terms);
    }
    let w = kind.sign();
    let yield_rate = carry - rate;
    let spot_discount = growth(yield_rate, years);
    let discounted_strike = strike * growth(-rate, years);
    let per_deviation = 1.0 / deviation;
    let d1 = ((spot / strike).ln() + carry * years) * per_deviation + 0.5 * deviation;
    let d2 = d1 - deviation;
    let density = spot_discount * pdf(d1);
    let delta = w * spot_discount * cdf(w * d1);
    let strike_leg = w * discounted_strike * cdf(w * d2);
    let vega = spot * density * root_years;
    let per_vol = root_years * per_deviation;
    let per_year = (vol * per_deviation) * (vol * per_deviation);
    Greeks {
        value: spot * delta - strike_leg,
        delta,
        gamma: density * per_deviation / spot,
        vega,
        theta: -0.5 * vega * vol * per_year - yield_rate * spot * delta - rate * strike_leg,
        vanna: -density * d2 * per_vol,
        volga: vega * d1 * d2 * per_vol,
        charm: -density * (carry * per_deviation - 0.5 * d2 * per_year) - yield_rate * delta,
    }
}

/// e^(rate·years), without the exponential where the rate is exactly 0, the usual case.
#[inline]
pub(crate) fn growth(rate: f64, years: f64) -> f64 {
    if rate == 0.0 { 1.0 } else { (rate * years).exp() }
}

/// Whether σ√T is so small or so large that an option is its own limit. NaN is not: it must not pass for a number.
#[inline]
#[expect(clippy::manual_range_contains, reason = "a NaN lies outside every range")]
pub(crate) fn is_limit(deviation: f64) -> bool {
    deviation < LEAST_DEVIATION || deviation > MOST_DEVIATION
}

/// What is left of the normal probabilities in a limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limit {
    /// N(w d1).
    pub(crate) asset: f64,
    /// N(w d2).
    pub(crate) strike: f64,
    /// φ(d1) as a fraction of φ(0): 1 at the strike when nothing is uncertain, else 0.
    pub(crate) at_strike: f64,
}

/// The probabilities as σ√T → 0, or as σ√T → ∞ where the deviation says so.
pub(crate) fn limit_of(kind: OptionKind, terms: Terms) -> Limit {
    let Terms { spot, strike, years, vol, rate, carry } = terms;
    if vol * years.sqrt() > MOST_DEVIATION {
        let (asset, strike) = match kind {
            OptionKind::Call => (1.0, 0.0),
            OptionKind::Put => (0.0, 1.0),
        };
        return Limit { asset, strike, at_strike: 0.0 };
    }
    let ahead = spot * growth(carry - rate, years) - strike * growth(-rate, years);
    let (exercise, at_strike) = match (kind.sign() * ahead).partial_cmp(&0.0) {
        Some(std::cmp::Ordering::Greater) => (1.0, 0.0),
        Some(std::cmp::Ordering::Equal) => (0.5, 1.0),
        _ => (0.0, 0.0),
    };
    Limit { asset: exercise, strike: exercise, at_strike }
}

/// The option when nothing, or everything, is uncertain.
#[cold]
fn limit(kind: OptionKind, terms: Terms) -> Greeks {
    let Terms { spot, strike, years, rate, carry, .. } = terms;
    let w = kind.sign();
    let left = limit_of(kind, terms);
    let spot_discount = growth(carry - rate, years);
    let delta = w * spot_discount * left.asset;
    let strike_leg = w * strike * growth(-rate, years) * left.strike;
    let vega = match left.at_strike {
        0.0 => 0.0,
        at_strike => at_strike * spot * spot_discount * pdf(0.0) * years.sqrt(),
    };
    Greeks {
        value: (spot * delta - strike_leg).max(0.0),
        delta,
        gamma: 0.0,
        vega,
        theta: -(carry - rate) * spot * delta - rate * strike_leg,
        vanna: 0.0,
        volga: 0.0,
        charm: -(carry - rate) * delta,
    }
}
