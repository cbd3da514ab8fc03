//! Theta and the higher slopes in Heston's model.
//!
//! In the symbols of [`heston`](crate::heston()), the undiscounted value U differs from a multiple of F, K and nothing else
//! only by −√(FK)/π ∫ Re[e^(iuX) g ψ] du with g = 1/q; every slope is that integral with another g:
//!
//! ```text
//! U_vv    D²/q                        U_FFF   −(−3/2 + iu)/F³            D' = ½ξ²D² − βD − ½q
//! U_Fv    D (½ + iu)/(F q)            U_T     Λ/q                        Λ  = κθ D + v0 D'
//! U_FFv   −D/F²                       U_FT    Λ (½ + iu)/(F q)
//! U_vT    (D Λ + D')/q                U_FFT   −Λ/F²
//! ```
//!
//! D' and Λ are the slopes of D and of ln ψ to T, by the Riccati equations of the model (Heston 1993, equation A7). With
//! F = S e^(bT) and the discount e^(−rT), the slopes to the spot and to the time that passes follow by the chain rule.
//! Slopes to vol are to the spot vol √v0: ∂/∂√v0 = 2√v0 ∂/∂v0.

use hedgerow_core::OptionKind;
use num_complex::Complex64;

use crate::black_scholes::{growth, is_limit};
use crate::gauss_kronrod::integrate;
use crate::heston::{TOLERANCE, end_of, pieces};
use crate::{
    Heston, HestonGreeks, HestonTerms, HigherSlopes, InputError, Terms, black_scholes, heston,
};

/// Value and all slopes, to the spot, the spot vol √v0 and time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HestonSlopes {
    /// Value, delta, gamma and the slope to v0.
    pub first: HestonGreeks,
    /// USD per 1.00 of spot vol √v0.
    pub vega: f64,
    /// USD per year that passes, v0 held.
    pub theta: f64,
    /// The rest; slopes to vol are to √v0.
    pub higher: HigherSlopes,
}

/// Integrals of the module's head, in its order, without signs and powers of F.
const N: usize = 8;

/// Value and slopes; formulas in the module's head. With no variance to expect the limits of
/// [`black_scholes`](crate::black_scholes()) are returned, without higher slopes but charm.
///
/// # Errors
/// As [`heston`](crate::heston()).
///
/// ```
/// # use hedgerow_greeks::{Heston, HestonTerms, OptionKind, Terms, black_scholes_slopes, heston_slopes};
/// // With a variance that stays, Heston is Black-Scholes.
/// let terms = HestonTerms { spot: 100.0, strike: 110.0, years: 0.5, rate: 0.04, carry: 0.03 };
/// let still = Heston {
///     variance: 0.36, reversion: 0.0, mean_variance: 0.0, vol_of_variance: 0.0, correlation: 0.0,
/// };
/// let black = Terms { spot: 100.0, strike: 110.0, years: 0.5, vol: 0.6, rate: 0.04, carry: 0.03 };
/// let speed = heston_slopes(OptionKind::Call, terms, still)?.higher.speed;
/// assert!((speed - black_scholes_slopes(OptionKind::Call, black).speed).abs() < 1e-13);
/// # Ok::<(), hedgerow_greeks::InputError>(())
/// ```
pub fn heston_slopes(
    kind: OptionKind,
    terms: HestonTerms,
    model: Heston,
) -> Result<HestonSlopes, InputError> {
    let first = heston(kind, terms, model)?;
    let HestonTerms { spot, strike, years, rate: r, carry: b } = terms;
    let vol = model.variance.sqrt();
    let vega = 2.0 * vol * first.variance_vega;
    if is_limit(model.total_variance(years).sqrt()) {
        let sure = Terms { spot, strike, years, vol: 0.0, rate: r, carry: b };
        let left = black_scholes(kind, sure);
        let higher = HigherSlopes { charm: left.charm, ..HigherSlopes::default() };
        return Ok(HestonSlopes { first, vega, theta: left.theta, higher });
    }
    let forward = spot * growth(b, years);
    let discount = growth(-r, years);
    let size = discount * (forward * strike).sqrt() / std::f64::consts::PI;
    let [vv, fv, ffv, vt, fff, t, ft, fft] = integrals(&model, forward / strike, years);
    // To the spot: F = S e^(bT), so that each power of F is one of S.
    let (per, per_square) = (size / spot, size / spot / spot);
    let u_t = -size * t;
    let delta_v = -per * fv;
    let speed = per_square / spot * fff;
    let (delta, gamma) = (first.delta, first.gamma);
    let volga_v = -size * vv;
    Ok(HestonSlopes {
        first,
        vega,
        theta: r * first.value - b * spot * delta - u_t,
        higher: HigherSlopes {
            vanna: 2.0 * vol * delta_v,
            volga: 4.0 * model.variance * volga_v + 2.0 * first.variance_vega,
            charm: (r - b) * delta + per * ft - b * spot * gamma,
            veta: 2.0 * vol * (r * first.variance_vega + size * vt - b * spot * delta_v),
            speed,
            zomma: 2.0 * vol * per_square * ffv,
            color: (r - 2.0 * b) * gamma - per_square * fft - b * spot * speed,
        },
    })
}

/// ∫ Re[e^(iuX) g ψ] du for the g of the module's head, column by column.
fn integrals(model: &Heston, moneyness: f64, years: f64) -> [f64; N] {
    let x = moneyness.ln();
    let Heston { variance, reversion, mean_variance, vol_of_variance: xi, correlation } = *model;
    let integrand = |u: f64| {
        let q = u * u + 0.25;
        let (exponent, d) = model.characteristic(u, years);
        let psi = (exponent + Complex64::new(0.0, u * x)).exp();
        let beta = Complex64::new(reversion - 0.5 * correlation * xi, -correlation * xi * u);
        let d_time = 0.5 * xi * xi * d * d - beta * d - 0.5 * q;
        let log_time = reversion * mean_variance * d + variance * d_time;
        let half = Complex64::new(0.5, u);
        let vv = d * d / q;
        let vt = (d * log_time + d_time) / q;
        let fff = Complex64::new(-1.5, u);
        let g = [vv, d * half / q, d, vt, fff, log_time / q, log_time * half / q, log_time];
        g.map(|g| (g * psi).re)
    };
    let total = model.total_variance(years);
    let end = end_of(model, years, total);
    // In sizes of a normal density of this deviation; D grows as years × q, Λ as total/years × q.
    let (s, mean) = (total.sqrt().recip().max(1.0), total / years);
    let sizes = [
        years * years * s.powi(3),
        years * s.powi(2),
        years * s.powi(3),
        s,
        s.powi(2),
        mean * s,
        mean * s.powi(2),
        mean * s.powi(3),
    ];
    integrate(integrand, 0.0, end, pieces(end, x), sizes.map(|size| TOLERANCE * size)).value
}
