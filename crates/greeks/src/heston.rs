//! Options on a coin whose variance wanders (Heston, *A closed-form solution for options with stochastic volatility*,
//! Review of Financial Studies 1993).
//!
//! dS/S = b dt + √v dW, dv = κ(θ − v) dt + ξ√v dZ, dW dZ = ρ dt. With F the forward, X = ln(F/K), q = u² + ¼, and ψ the
//! characteristic function of ln(S/F) at u − i/2, the undiscounted call is (Lewis, *Option Valuation under Stochastic
//! Volatility*, 2000, chapter 2)
//!
//! ```text
//! call = F − √(FK)/π ∫ Re[e^(iuX) ψ(u)]/q du           ln ψ = −κθ p (T − s L) + v0 D
//! β = κ − ρξ/2 − iρξu     d = √(β² + ξ²q)               s = (1 − e^(−dT))/d
//! D = −q s / (1 + e^(−dT) + β s)     p = q/(β + d)     L = ln(1 + z)/z, z = −ξ² p s / 2
//! ```
//!
//! This is the form of the "little trap" (Albrecher, Mayer, Schoutens and Tistaert, *The little Heston trap*, Wilmott 2007),
//! whose logarithm stays on its main branch, rewritten so that nothing is divided by ξ or d: it holds at ξ = 0 and κ = 0.
//! What is integrated is the difference to Black-Scholes with the same expected variance (Andersen and Piterbarg,
//! *Interest Rate Modeling*, 2010, section 9.4), by adaptive Gauss-Kronrod rules up to where |ψ| < e^(−45). Slopes are
//! derivatives under the integral: delta has the factor (½ + iu)/F, gamma −q/F², and vega to v0 D.

use hedgerow_core::OptionKind;
use num_complex::Complex64;

use crate::black_scholes::{growth, is_limit};
use crate::gauss_kronrod::integrate;
use crate::input_error::{InputError, finite, moderate, not_negative, positive, within};
use crate::{Terms, black_scholes};

/// How the variance wanders.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heston {
    /// v0: variance now, per year, not negative.
    pub variance: f64,
    /// κ: speed of return to the mean, per year, not negative.
    pub reversion: f64,
    /// θ: mean variance, not negative.
    pub mean_variance: f64,
    /// ξ: vol of variance, per √year, not negative.
    pub vol_of_variance: f64,
    /// ρ: correlation of spot and variance, −1 to 1.
    pub correlation: f64,
}

/// The contract and rates; fields as in [`Terms`], without a vol.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HestonTerms {
    /// S: USD per coin, positive.
    pub spot: f64,
    /// K: USD per coin, positive.
    pub strike: f64,
    /// T: to expiry, ACT/365F, not negative.
    pub years: f64,
    /// r: continuous USD rate per year, decimal.
    pub rate: f64,
    /// b: continuous cost of carry per year, decimal.
    pub carry: f64,
}

/// Value and slopes of one option per coin of underlying.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HestonGreeks {
    /// USD.
    pub value: f64,
    /// Coins, v0 held.
    pub delta: f64,
    /// Coins per USD of spot, v0 held.
    pub gamma: f64,
    /// USD per 1.00 of variance v0; 2 √v0 times it is per 1.00 of spot vol.
    pub variance_vega: f64,
    /// Bound of the error of `value`, USD: how far the two integration rules are apart, and rounding.
    pub error: f64,
}

impl HestonGreeks {
    /// Δ + ρξ/S · ∂V/∂v0, coins: the delta of least variance in the model, because ρξ/S is the slope of dv on dS (Alexander
    /// and Nogueira 2007; Poulsen, Schenk-Hoppé and Ewald, Quantitative Finance 9(6), 2009).
    pub fn minimum_variance_delta(&self, model: &Heston, spot: f64) -> f64 {
        self.delta + model.correlation * model.vol_of_variance / spot * self.variance_vega
    }
}

/// |ψ| beyond the end of the integral, as an exponent.
const LEAST_EXPONENT: f64 = -45.0;
/// Disagreement of the two rules allowed to an interval, for an integral of size 1.
pub(crate) const TOLERANCE: f64 = 1e-12;
/// The most initial intervals.
const MOST_PIECES: f64 = 4_096.0;

impl Heston {
    /// # Errors
    /// [`InputError`] for the first parameter that is out of its range.
    pub fn check(&self) -> Result<(), InputError> {
        not_negative("variance", self.variance)?;
        not_negative("reversion", self.reversion)?;
        not_negative("mean variance", self.mean_variance)?;
        not_negative("vol of variance", self.vol_of_variance)?;
        within("correlation", self.correlation, -1.0, 1.0)
    }

    /// Expected variance to expiry over v0: (1 − e^(−κT))/κ.
    fn memory(&self, years: f64) -> f64 {
        let decay = self.reversion * years;
        if decay < 1e-8 { years * (1.0 - 0.5 * decay) } else { -(-decay).exp_m1() / self.reversion }
    }

    /// Expected variance to expiry: θT + (v0 − θ)(1 − e^(−κT))/κ.
    pub fn total_variance(&self, years: f64) -> f64 {
        let memory = self.memory(years);
        self.mean_variance * (years - memory) + self.variance * memory
    }

    /// ln ψ(u) and D(u); symbols as in the module's head.
    pub(crate) fn characteristic(&self, u: f64, years: f64) -> (Complex64, Complex64) {
        let (kappa, xi, rho) = (self.reversion, self.vol_of_variance, self.correlation);
        let q = u * u + 0.25;
        let beta = Complex64::new(kappa - 0.5 * rho * xi, -rho * xi * u);
        let d = (beta * beta + xi * xi * q).sqrt();
        let fallen = (-d * years).exp();
        let s = decayed_time(d, years);
        // The same number twice; each form cancels where the other does not.
        let p = if beta.re >= 0.0 { q / (beta + d) } else { (d - beta) / (xi * xi) };
        let big_d = -q * s / (1.0 + fallen + beta * s);
        let mean = match kappa {
            // Without reversion θ is of no account, and p may be infinite.
            0.0 => Complex64::ZERO,
            _ => {
                let log = log_one_plus_over(-0.5 * xi * xi * p * s);
                -kappa * self.mean_variance * p * (years - s * log)
            }
        };
        (mean + self.variance * big_d, big_d)
    }
}

/// (1 − e^(−dT))/d, which is T at d = 0.
fn decayed_time(d: Complex64, years: f64) -> Complex64 {
    let x = d * years;
    if x.norm() < 1e-8 {
        return (1.0 - 0.5 * x) * years;
    }
    // e^(−x) − 1 without cancellation: its real part is expm1(a) cos b − 2 sin²(b/2).
    let (a, b) = (-x.re, -x.im);
    let half = (0.5 * b).sin();
    let less_one = Complex64::new(a.exp_m1() * b.cos() - 2.0 * half * half, a.exp() * b.sin());
    -less_one / d
}

/// ln(1 + z)/z on the main branch, which is 1 at z = 0.
fn log_one_plus_over(z: Complex64) -> Complex64 {
    if z.norm() < 1e-3 {
        1.0 - z * (1.0 / 2.0 - z * (1.0 / 3.0 - z * (1.0 / 4.0 - z * (1.0 / 5.0 - z / 6.0))))
    } else {
        let modulus = 0.5 * (2.0 * z.re + z.norm_sqr()).ln_1p();
        Complex64::new(modulus, z.im.atan2(1.0 + z.re)) / z
    }
}

/// Value and slopes; formulas in the module's head. With no variance to expect (σ√T < 1e-12) the limits of
/// [`black_scholes`](crate::black_scholes()) are returned.
///
/// # Errors
/// [`InputError`] for the first term or parameter that is out of its range.
///
/// ```
/// # use hedgerow_greeks::{Heston, HestonTerms, OptionKind, heston};
/// let terms = HestonTerms { spot: 100.0, strike: 100.0, years: 1.0, rate: 0.0, carry: 0.0 };
/// let model = Heston {
///     variance: 0.0175, reversion: 1.5768, mean_variance: 0.0398, vol_of_variance: 0.5751, correlation: -0.5711,
/// };
/// let call = heston(OptionKind::Call, terms, model)?;
/// assert!((call.value - 5.785_155_434_376_189).abs() < 1e-10);
/// # Ok::<(), hedgerow_greeks::InputError>(())
/// ```
pub fn heston(
    kind: OptionKind,
    terms: HestonTerms,
    model: Heston,
) -> Result<HestonGreeks, InputError> {
    let HestonTerms { spot, strike, years, rate, carry } = terms;
    positive("spot", spot)?;
    positive("strike", strike)?;
    not_negative("years", years)?;
    finite("rate", rate)?;
    finite("carry", carry)?;
    moderate("rate x years", rate * years)?;
    moderate("carry x years", carry * years)?;
    model.check()?;

    let (forward, discount) = (spot * growth(carry, years), growth(-rate, years));
    let variance = model.total_variance(years);
    finite("expected variance", variance)?;
    let vol = if years > 0.0 { (variance / years).sqrt() } else { model.variance.sqrt() };
    let plain = Terms { spot: forward, strike, years, vol, rate: 0.0, carry: 0.0 };
    let black = black_scholes(kind, plain);
    let per_variance =
        if vol > 0.0 && years > 0.0 { 0.5 * black.vega / (vol * years) } else { 0.0 };
    let memory = model.memory(years);
    let mut correction = Correction::default();
    if !is_limit(vol * years.sqrt()) {
        correction = Correction::new(&model, forward / strike, years, variance);
    }
    let root = (forward * strike).sqrt() / std::f64::consts::PI;
    let per_spot = growth(carry, years);
    Ok(HestonGreeks {
        value: discount * (black.value - root * correction.value).max(0.0),
        delta: discount * per_spot * (black.delta - root / forward * correction.delta),
        gamma: discount
            * per_spot
            * per_spot
            * (black.gamma + root / forward / forward * correction.gamma),
        variance_vega: discount * (per_variance * memory - root * correction.vega),
        error: discount * (root * correction.error + 4.0 * f64::EPSILON * (forward + strike)),
    })
}

/// The integrals of Heston less Black-Scholes.
#[derive(Debug, Default)]
struct Correction {
    value: f64,
    delta: f64,
    gamma: f64,
    vega: f64,
    error: f64,
}

impl Correction {
    fn new(model: &Heston, moneyness: f64, years: f64, variance: f64) -> Self {
        let x = moneyness.ln();
        let memory = model.memory(years);
        let integrand = |u: f64| {
            let q = u * u + 0.25;
            let (exponent, slope) = model.characteristic(u, years);
            let turn = Complex64::new(0.0, u * x).exp();
            let psi = exponent.exp();
            let black = (-0.5 * variance * q).exp();
            let apart = turn * (psi - black);
            let vega = turn * (psi * slope + 0.5 * q * memory * black);
            let delta = Complex64::new(0.5, u) * apart;
            [apart.re / q, delta.re / q, apart.re, vega.re / q]
        };
        let end = end_of(model, years, variance);
        let size = variance.sqrt().recip().max(1.0);
        let tolerance = [1.0, 1.0, size, memory * size].map(|size| TOLERANCE * size);
        let found = integrate(integrand, 0.0, end, pieces(end, x), tolerance);
        let [value, delta, gamma, vega] = found.value;
        Self { value, delta, gamma, vega, error: found.error[0] }
    }
}

/// Into how many intervals an integral of e^(iux) up to `end` is cut at first: two waves at most to each, so that no rule of
/// 15 points is fooled by them.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 8 and 4096")]
pub(crate) fn pieces(end: f64, x: f64) -> u32 {
    (8.0 + end * x.abs() / (4.0 * std::f64::consts::PI)).min(MOST_PIECES) as u32
}

/// Where both characteristic functions have died out.
pub(crate) fn end_of(model: &Heston, years: f64, variance: f64) -> f64 {
    let mut end = (-2.0 * LEAST_EXPONENT / variance).sqrt();
    // Doubling ends early: |ψ| falls exponentially, but for perfect correlation, where a few more doublings do no harm.
    for _ in 0..40 {
        if model.characteristic(end, years).0.re < LEAST_EXPONENT {
            break;
        }
        end *= 2.0;
    }
    end
}
