//! From natural units to those that venues print. Nothing else in this crate uses them.
//!
//! Natural: vega and rho per 1.00, theta per year. Venues: vega and rho per point (0.01), theta per day of 1/365 year.
//! Proven on real Deribit tickers of 2019-04-01 (vega USD per vol point, theta USD per day, rho USD per point of rate).

use hedgerow_core::OptionKind;

use crate::normal::cdf;

/// Days of ACT/365F.
const DAYS_PER_YEAR: f64 = 365.0;

/// Vega (or rho) per point of 0.01, from per 1.00.
#[inline]
pub fn per_point(natural: f64) -> f64 {
    natural / 100.0
}

/// Theta per day, from per year.
#[inline]
pub fn per_day(natural: f64) -> f64 {
    natural / DAYS_PER_YEAR
}

/// The theta a venue prints when less than a day is left: what time takes until the next day or until the expiry,
/// whichever comes first. USD, from a theta per year and the years left.
#[inline]
pub fn day_theta(theta: f64, years: f64) -> f64 {
    theta * years.min(1.0 / DAYS_PER_YEAR)
}

/// The rho that Deribit prints, USD per point of rate: w K T N(w d2) / 100, the undiscounted form with the forward's
/// growth at the rate.
///
/// ```
/// # use hedgerow_greeks::{OptionKind, venue_units};
/// let years = (1_561_708_800.0 - 1_554_116_340.193) / (365.0 * 86_400.0);
/// let rho = venue_units::deribit_rho(OptionKind::Put, 4087.72, 3500.0, years, 0.5362);
/// assert!((rho + 2.72441).abs() < 1e-4);
/// ```
pub fn deribit_rho(kind: OptionKind, forward: f64, strike: f64, years: f64, vol: f64) -> f64 {
    let w = kind.sign();
    let deviation = vol * years.sqrt();
    let exercise = if deviation > 0.0 {
        cdf(w * ((forward / strike).ln() / deviation - 0.5 * deviation))
    } else if w * (forward - strike) > 0.0 {
        1.0
    } else {
        0.0
    };
    per_point(w * strike * years * exercise)
}
