//! The fair vol of a variance swap on a fitted smile, by the log contract.
//!
//! ```text
//! vol² · years = ∫ w(k) φ(d2) (−∂d2/∂k) dk,     d2 = −k/√w − √w/2
//! ```
//!
//! the strip of options at every strike (Demeterfi, Derman, Kamal and Zou, *More than you ever wanted to know about volatility
//! swaps*, Goldman Sachs, 1999, equation 26), integrated by parts twice: Gatheral, *The Volatility Surface* (2006), equation 11.5,
//! with z = d2. No price underflows in it, so that it reaches as far as steep wings ask for. Beyond the quotes options are the
//! hyperbola's: with such wings much of the vol rests on strikes that nobody quotes.

use super::Slice;
use crate::gauss_kronrod::integrate;
use crate::normal::{cdf, pdf};

/// Strikes of e^±100,000,000 forwards: where the left wing rises by 1.99 of variance per log-moneyness it still matters.
const FARTHEST: f64 = 1e8;

/// Parts that the strikes are cut into at first.
const PIECES: u32 = 64;

/// Share of the variance at the money by which two rules of a part may differ.
const TOLERANCE: f64 = 1e-12;

/// Probability beyond the farthest strikes above which the sum is not known.
const MOST_BEYOND: f64 = 1e-9;

impl Slice {
    /// Annualised vol at which a variance swap to this expiry costs nothing, decimal; `None` where the wings are so steep that
    /// the strip of options has no value that can be summed.
    pub fn variance_swap_vol(&self) -> Option<f64> {
        let svi = &self.fit.svi;
        let scale = svi.at(0.0).value.sqrt();
        let d2 = |k: f64| {
            let root = svi.at(k).value.sqrt();
            -k / root - 0.5 * root
        };
        if cdf(-d2(-FARTHEST)) > MOST_BEYOND || cdf(d2(FARTHEST)) > MOST_BEYOND {
            return None;
        }
        let strip = |t: f64| {
            let k = scale * t.sinh();
            let smile = svi.at(k);
            let (w, root) = (smile.value, smile.value.sqrt());
            let slope = (1.0 - 0.5 * k * smile.slope / w + 0.25 * smile.slope) / root;
            [w * pdf(d2(k)) * slope * scale * t.cosh()]
        };
        let end = (FARTHEST / scale).asinh();
        let total = integrate(strip, -end, end, PIECES, [TOLERANCE * scale * scale]).value[0];
        let vol = (total / self.years).sqrt();
        (vol.is_finite() && vol > 0.0).then_some(vol)
    }
}
