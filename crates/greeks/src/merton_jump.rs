//! Options on a coin that also jumps (Merton, *Option pricing when underlying stock returns are discontinuous*, Journal of
//! Financial Economics 1976).
//!
//! Jumps come λ times a year; each multiplies the spot by e^J, J normal with mean m and standard deviation δ. With
//! k = e^(m+δ²/2) − 1 the mean relative jump, n the number of jumps to expiry, and p(n; x) = e^(−x) xⁿ/n!:
//!
//! ```text
//! v²    = σ² T + n δ²                                d2 = d1 − v
//! d1    = [ln(S/K) + (b − λk) T + n (m + δ²/2) + v²/2] / v
//! value = w Σ [ p(n; λ(1+k)T) S e^((b−r)T) N(w d1) − p(n; λT) K e^(−rT) N(w d2) ]
//! ```
//!
//! This is Merton's series with the growth of the n-th term drawn into its weight, so that no term overflows. The sum ends
//! when both weights are past their means and below 1e-18: what is left out is less than 1e-16 (S + K).
//! Slopes are the derivatives of the series term by term; the paths through d1 and d2 leave only S e^((b−r)T) φ(d1) dv,
//! because p(n; λ(1+k)T) S e^((b−r)T) φ(d1) = p(n; λT) K e^(−rT) φ(d2).

use hedgerow_core::OptionKind;

use crate::black_scholes::{LEAST_DEVIATION, growth};
use crate::input_error::{InputError, finite, not_negative, within};
use crate::normal::{cdf, pdf};
use crate::{Sensitivities, Terms};

/// How a coin jumps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jumps {
    /// λ: jumps per year, not negative.
    pub intensity: f64,
    /// m: mean of the logarithm of a jump.
    pub mean: f64,
    /// δ: standard deviation of the logarithm of a jump, not negative.
    pub deviation: f64,
}

/// The most jumps that may be expected to expiry, under either measure.
const MOST_JUMPS: f64 = 700.0;

/// Weights below this are nothing beside a spot or a strike.
const LEAST_WEIGHT: f64 = 1e-18;

impl Jumps {
    fn check(&self, years: f64) -> Result<(), InputError> {
        not_negative("jump intensity", self.intensity)?;
        finite("mean jump", self.mean)?;
        not_negative("jump deviation", self.deviation)?;
        within("jumps to expiry", self.intensity * years, 0.0, MOST_JUMPS)?;
        let weighted = self.intensity * self.log_growth().exp() * years;
        within("jumps to expiry, weighted by size", weighted, 0.0, MOST_JUMPS)
    }

    /// k = e^(m + δ²/2) − 1.
    pub(crate) fn mean_jump(&self) -> f64 {
        self.log_growth().exp_m1()
    }

    /// ln(1 + k) = m + δ²/2.
    fn log_growth(&self) -> f64 {
        self.mean + 0.5 * self.deviation * self.deviation
    }
}

/// Value and slopes; `terms.vol` is the vol between jumps, and so is that of vega. Formulas in the module's head.
///
/// # Errors
/// [`InputError`] when a term or a jump parameter is out of its range, or more than 700 jumps are expected to expiry.
///
/// ```
/// # use hedgerow_greeks::{Jumps, OptionKind, Terms, black_scholes, merton_jump};
/// let terms = Terms { spot: 100.0, strike: 110.0, years: 0.5, vol: 0.6, rate: 0.04, carry: 0.04 };
/// let none = Jumps { intensity: 0.0, mean: -0.1, deviation: 0.2 };
/// let value = merton_jump(OptionKind::Call, terms, none).unwrap().value;
/// assert!((value - black_scholes(OptionKind::Call, terms).value).abs() < 1e-13);
/// ```
pub fn merton_jump(
    kind: OptionKind,
    terms: Terms,
    jumps: Jumps,
) -> Result<Sensitivities, InputError> {
    let mut sum = Sensitivities::default();
    each_term(terms, jumps, |weights| sum = sum.plus(term(kind, terms, jumps, weights)))?;
    // Far out of the money the legs cancel; what they leave may round below zero.
    Ok(Sensitivities { value: sum.value.max(0.0), ..sum })
}

/// Poisson weights of n and of n − 1 jumps: of the asset leg, of the strike leg.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weights {
    pub(crate) n: f64,
    pub(crate) now: [f64; 2],
    pub(crate) before: [f64; 2],
}

/// Hands over the weights of every term of the series, when terms and jumps are in their ranges.
pub(crate) fn each_term(
    terms: Terms,
    jumps: Jumps,
    mut term: impl FnMut(Weights),
) -> Result<(), InputError> {
    terms.check()?;
    jumps.check(terms.years)?;
    let Terms { years, .. } = terms;
    let means = [jumps.intensity * jumps.log_growth().exp() * years, jumps.intensity * years];
    let mut now = means.map(|mean| (-mean).exp());
    let mut before = [0.0, 0.0];
    let mut n = 0.0;
    loop {
        term(Weights { n, now, before });
        let past = n > means[0] && n > means[1];
        if past && now[0] < LEAST_WEIGHT && now[1] < LEAST_WEIGHT {
            return Ok(());
        }
        n += 1.0;
        before = now;
        now = [now[0] * means[0] / n, now[1] * means[1] / n];
    }
}

/// The spot after n jumps, as Black-Scholes sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Jumped {
    /// Standard deviation to expiry.
    pub(crate) v: f64,
    /// Whether nothing is uncertain.
    pub(crate) sure: bool,
    pub(crate) d1: f64,
    pub(crate) d2: f64,
}

impl Jumped {
    pub(crate) fn new(terms: Terms, jumps: Jumps, n: f64) -> Self {
        let Terms { spot, strike, years, vol, carry, .. } = terms;
        let log_ahead = (spot / strike).ln()
            + (carry - jumps.intensity * jumps.mean_jump()) * years
            + n * jumps.log_growth();
        let v = (vol * vol * years + n * jumps.deviation * jumps.deviation).sqrt();
        let sure = v < LEAST_DEVIATION;
        let (d1, d2) = if !sure {
            (log_ahead / v + 0.5 * v, log_ahead / v - 0.5 * v)
        } else if log_ahead == 0.0 {
            (0.0, 0.0)
        } else {
            (log_ahead * f64::INFINITY, log_ahead * f64::INFINITY)
        };
        Self { v, sure, d1, d2 }
    }
}

fn term(kind: OptionKind, terms: Terms, jumps: Jumps, weights: Weights) -> Sensitivities {
    let Terms { spot, strike, years, vol, rate, carry } = terms;
    let w = kind.sign();
    let Jumped { v, sure, d1, d2 } = Jumped::new(terms, jumps, weights.n);
    let asset = w * spot * growth(carry - rate, years) * cdf(w * d1);
    let exercise = w * strike * growth(-rate, years) * cdf(w * d2);
    let density = weights.now[0] * growth(carry - rate, years) * pdf(d1);
    // dv/dT = σ²/(2v) and dv/dσ = σT/v, which are σ/(2√T) and √T where only diffusion is at work.
    let vol_share = if weights.n == 0.0 || sure { 1.0 } else { vol * years.sqrt() / v };
    let diffusion = match years {
        0.0 => 0.0,
        _ => 0.5 * vol * vol_share / years.sqrt(),
    };
    // d p(n; λT)/dT = λ [p(n − 1) − p(n)].
    let intensities = [jumps.intensity * (1.0 + jumps.mean_jump()), jumps.intensity];
    let per_year = |leg: usize| intensities[leg] * (weights.before[leg] - weights.now[leg]);
    let [asset_weight, strike_weight] = weights.now;
    let growth_of_value = asset * ((carry - rate) * asset_weight + per_year(0))
        - exercise * (-rate * strike_weight + per_year(1))
        + spot * density * diffusion;
    Sensitivities {
        value: asset_weight * asset - strike_weight * exercise,
        delta: asset_weight * asset / spot,
        gamma: if sure { 0.0 } else { density / (spot * v) },
        vega: spot * density * years.sqrt() * vol_share,
        theta: -growth_of_value,
    }
}
