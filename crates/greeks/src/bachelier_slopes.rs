//! The higher slopes of a Bachelier option.
//!
//! In the symbols of [`bachelier`](crate::bachelier), with s = σ√T and r the rate of D = e^(−rT); derived from its slopes:
//!
//! ```text
//! speed = −gamma d / s                    zomma = gamma (d² − 1) / σ
//! charm = r delta + D φ(d) d / (2T)       color = gamma [r + (1 − d²)/(2T)]
//! veta  = vega [r − (1 + d²)/(2T)]
//! ```

use hedgerow_core::OptionKind;

use crate::normal::pdf;
use crate::{HigherSlopes, NormalTerms, bachelier};

/// The higher slopes to forward, normal vol and time; formulas in the module's head.
///
/// Where nothing is uncertain (s = 0, or φ(d) underflows) charm is r delta and the others are 0. The terms are not checked:
/// see [`NormalTerms::check`].
///
/// ```
/// # use hedgerow_greeks::{NormalTerms, OptionKind, bachelier_slopes};
/// let terms = NormalTerms { forward: 100.0, strike: 105.0, years: 1.0, normal_vol: 20.0, rate: 0.0 };
/// let slopes = bachelier_slopes(OptionKind::Call, terms);
/// // gamma is φ(1/4)/20 and d is −1/4.
/// assert!((slopes.speed - 0.386_668_116_802_849_2 / 20.0 * 0.25 / 20.0).abs() < 1e-15);
/// ```
pub fn bachelier_slopes(kind: OptionKind, terms: NormalTerms) -> HigherSlopes {
    let NormalTerms { forward, strike, years, normal_vol, rate } = terms;
    let first = bachelier(kind, terms);
    let deviation = normal_vol * years.sqrt();
    let ahead = forward - strike;
    let d = if ahead == 0.0 { 0.0 } else { ahead / deviation };
    let density = pdf(d);
    if density == 0.0 || deviation == 0.0 {
        return HigherSlopes { charm: rate * first.delta, ..HigherSlopes::default() };
    }
    let per_time = 0.5 / years;
    let density = density * (-rate * years).exp();
    HigherSlopes {
        vanna: first.vanna,
        volga: first.volga,
        charm: rate * first.delta + density * d * per_time,
        veta: first.vega * (rate - (1.0 + d * d) * per_time),
        speed: -first.gamma * d / deviation,
        zomma: first.gamma * (d * d - 1.0) / normal_vol,
        color: first.gamma * (rate + (1.0 - d * d) * per_time),
    }
}
