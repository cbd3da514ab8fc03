//! Options on a forward (Black 1976): generalised Black-Scholes-Merton without carry and without discounting.
//!
//! ```text
//! d1    = ln(F/K) / (σ√T) + σ√T / 2                  d2 = d1 − σ√T
//! value = w [F N(w d1) − K N(w d2)]                  delta = w N(w d1)
//! ```
//!
//! A discounted option on a future is [`black_scholes`] with `carry` = 0.

use hedgerow_core::OptionKind;

use crate::black_scholes::{Greeks, Terms, black_scholes};

/// Value and slopes of an undiscounted option on a forward (Black 1976 with r = b = 0); slopes are to the forward.
///
/// ```
/// # use hedgerow_greeks::{OptionKind, black76};
/// let put = black76(OptionKind::Put, 60_000.0, 55_000.0, 30.0 / 365.0, 0.65);
/// assert!((put.value - 2_223.880_741_812_16).abs() < 1e-8);
/// ```
#[inline]
pub fn black76(kind: OptionKind, forward: f64, strike: f64, years: f64, vol: f64) -> Greeks {
    black_scholes(kind, Terms { spot: forward, strike, years, vol, rate: 0.0, carry: 0.0 })
}
