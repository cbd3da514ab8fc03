//! The last half hour of a Deribit option, while its settlement price is being averaged.
//!
//! The delivery price is the time average of the index over the 30 minutes before expiry. As the average fills, less of it
//! is open, and the delta decays with the time left:
//!
//! ```text
//! left       = min(minutes to expiry, 30) / 30
//! settlement = (1 − left) average so far + left forward           expected delivery price
//! delta      = left delta                                          displayed
//! net delta  = left (delta − mark)                                 displayed, premium in coins
//! ```
//!
//! Deribit's example (support article on the delta decay): delta 1 and mark 0.3 show a net delta of 0.50 − 0.15 = 0.35 after 15 minutes.

/// Length of the averaging, in years of 365 days.
pub const WINDOW_YEARS: f64 = 30.0 / (365.0 * 24.0 * 60.0);

/// Part of the averaging that is still open, 1 before it begins and 0 at expiry.
#[inline]
pub fn left(years: f64) -> f64 {
    (years / WINDOW_YEARS).clamp(0.0, 1.0)
}

/// Expected delivery price, USD per coin. `average` is that of the index since the window opened; it is not used before.
///
/// ```
/// # use hedgerow_greeks::settlement_window::{WINDOW_YEARS, expected_settlement};
/// let price = expected_settlement(1_950.0, 1_975.0, WINDOW_YEARS * 20.0 / 30.0);
/// assert!((price - 1_966.666_666_666_667).abs() < 1e-9);
/// ```
#[inline]
pub fn expected_settlement(average: f64, forward: f64, years: f64) -> f64 {
    match left(years) {
        1.0 => forward,
        left => (1.0 - left) * average + left * forward,
    }
}

/// Delta after decay: coins per coin of underlying.
#[inline]
pub fn decayed_delta(delta: f64, years: f64) -> f64 {
    left(years) * delta
}

/// Net transaction delta after decay, from the delta and the mark in coins.
///
/// ```
/// # use hedgerow_greeks::settlement_window::{WINDOW_YEARS, decayed_net_delta};
/// assert!((decayed_net_delta(1.0, 0.3, WINDOW_YEARS / 2.0) - 0.35).abs() < 1e-15);
/// ```
#[inline]
pub fn decayed_net_delta(delta: f64, mark: f64, years: f64) -> f64 {
    left(years) * (delta - mark)
}
