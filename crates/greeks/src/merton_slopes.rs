//! The higher slopes of an option on a coin that also jumps.
//!
//! The series of [`merton_jump`](crate::merton_jump), derived term by term, with p = p(n; aT) the weight of the asset leg and
//! v the deviation of the n-th term:
//!
//! ```text
//! a     = λ(1+k)           p'   = a [p(n−1; aT) − p(n; aT)]        y   = b − r
//! n₁    = e^(yT) φ(d1)     v_σ  = σT/v                             v_T = σ²/(2v)
//! d1_T  = (b − λk)/v − d2 v_T/v
//!
//! vanna = −Σ p n₁ d2 v_σ / v                   volga = S Σ p n₁ [d1 d2 v_σ²/v + T/v − v_σ²/v]
//! speed = −Σ p n₁ (1 + d1/v) / (S² v)          zomma = Σ p n₁ (d1 d2 − 1) v_σ / (S v²)
//! charm = −w e^(yT) Σ N(w d1) (y p + p') − Σ p n₁ d1_T
//! color = −Σ n₁ [p' + p (y − d1 d1_T − v_T/v)] / (S v)
//! veta  = −S Σ n₁ [p' v_σ + p ((y − d1 d1_T) v_σ + σ/v − v_σ v_T/v)]
//! ```

use hedgerow_core::OptionKind;

use crate::black_scholes::growth;
use crate::merton_jump::{Jumped, Weights, each_term};
use crate::normal::{cdf, pdf};
use crate::{HigherSlopes, InputError, Jumps, Terms};

/// The higher slopes; `terms.vol` is the vol between jumps, and so is that of vanna, volga and zomma. Formulas in the
/// module's head; a term in which nothing is uncertain has no slope but charm.
///
/// # Errors
/// As [`merton_jump`](crate::merton_jump).
///
/// ```
/// # use hedgerow_greeks::{Jumps, OptionKind, Terms, black_scholes_slopes, merton_slopes};
/// let terms = Terms { spot: 100.0, strike: 110.0, years: 0.5, vol: 0.6, rate: 0.04, carry: 0.04 };
/// let none = Jumps { intensity: 0.0, mean: -0.1, deviation: 0.2 };
/// let veta = merton_slopes(OptionKind::Call, terms, none)?.veta;
/// assert!((veta - black_scholes_slopes(OptionKind::Call, terms).veta).abs() < 1e-11);
/// # Ok::<(), hedgerow_greeks::InputError>(())
/// ```
pub fn merton_slopes(
    kind: OptionKind,
    terms: Terms,
    jumps: Jumps,
) -> Result<HigherSlopes, InputError> {
    let mut sum = HigherSlopes::default();
    each_term(terms, jumps, |weights| sum = sum.plus(term(kind, terms, jumps, weights)))?;
    Ok(sum)
}

fn term(kind: OptionKind, terms: Terms, jumps: Jumps, weights: Weights) -> HigherSlopes {
    let Terms { spot, years, vol, rate, carry, .. } = terms;
    let w = kind.sign();
    let Jumped { v, sure, d1, d2 } = Jumped::new(terms, jumps, weights.n);
    let (y, grown) = (carry - rate, growth(carry - rate, years));
    let p = weights.now[0];
    let a = jumps.intensity * (1.0 + jumps.mean_jump());
    let p_time = a * (weights.before[0] - p);
    let carried = w * grown * cdf(w * d1) * (y * p + p_time);
    let density = grown * pdf(d1);
    if sure || density == 0.0 {
        return HigherSlopes { charm: -carried, ..HigherSlopes::default() };
    }
    let (v_vol, v_time) = (vol * years / v, 0.5 * vol * vol / v);
    let d1_time = (carry - jumps.intensity * jumps.mean_jump()) / v - d2 * v_time / v;
    let moved = y - d1 * d1_time;
    let gamma = density / (spot * v);
    HigherSlopes {
        vanna: -p * density * d2 * v_vol / v,
        volga: spot * p * density * ((d1 * d2 - 1.0) * v_vol * v_vol + years) / v,
        charm: -carried - p * density * d1_time,
        veta: -spot
            * density
            * (p_time * v_vol + p * (moved * v_vol + vol / v - v_vol * v_time / v)),
        speed: -p * gamma / spot * (1.0 + d1 / v),
        zomma: p * gamma * (d1 * d2 - 1.0) * v_vol / v,
        color: -gamma * (p_time + p * (moved - v_time / v)),
    }
}
