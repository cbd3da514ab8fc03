//! The fair vol of a variance swap on a fitted smile, by the log contract.
//!
//! ```text
//! vol² · years = 2 ∫ p(k) e^−k dk,     p(k) = price of the option out of the money at strike forward · e^k, over the forward
//! ```
//!
//! undiscounted: Demeterfi, Derman, Kamal and Zou, *More than you ever wanted to know about volatility swaps* (Goldman Sachs,
//! 1999), equation 26, with options at every strike; beyond the quotes they are the hyperbola's, so that with steep wings much
//! of it rests on strikes that nobody quotes.

use super::Slice;
use crate::gauss_kronrod::integrate;
use crate::{OptionKind, black76};

/// Strikes of e^±50 forwards, as far as slices are checked for arbitrage.
const FARTHEST: f64 = 50.0;

/// Parts that the strikes are cut into at first.
const PIECES: u32 = 32;

/// Share of the variance at the money by which two rules of a part may differ.
const TOLERANCE: f64 = 1e-12;

impl Slice {
    /// Annualised vol at which a variance swap to this expiry costs nothing, decimal; `None` where the wings are so steep that
    /// the strip of options has no value that can be summed.
    pub fn variance_swap_vol(&self) -> Option<f64> {
        let svi = &self.fit.svi;
        let scale = svi.at(0.0).value.sqrt();
        let strip = |t: f64| {
            let k = scale * t.sinh();
            let kind = if k < 0.0 { OptionKind::Put } else { OptionKind::Call };
            let vol = (svi.at(k).value / self.years).sqrt();
            let price = black76(kind, 1.0, k.exp(), self.years, vol).value;
            [2.0 * price * (-k).exp() * scale * t.cosh()]
        };
        let end = (FARTHEST / scale).asinh();
        let total = integrate(strip, -end, end, PIECES, [TOLERANCE * scale * scale]).value[0];
        let vol = (total / self.years).sqrt();
        (vol.is_finite() && vol > 0.0).then_some(vol)
    }
}
