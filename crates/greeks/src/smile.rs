//! Smiles: implied vol over strikes at one expiry, as total variance over log-forward-moneyness.
//!
//! ```text
//! k = ln(strike / forward)        w(k) = vol(k)² · years
//! ```
//!
//! A smile is kept in raw SVI form ([`RawSvi`]); [`SviJw`] and [`Essvi`] are other coordinates of (some of) the same
//! curves, with conversions. [`fit`] makes one from quotes and says how good it is. A curve that allows butterfly
//! arbitrage is never accepted: [`butterfly`] is the judge, [`calendar`] judges two expiries.

mod butterfly;
mod calendar;
mod draft;
mod essvi;
mod fit;
mod fit_error;
mod fit_essvi;
mod fit_svi;
mod joint_least_squares;
mod least_squares;
mod problem;
mod quotes;
mod raw_svi;
mod sabr;
mod sabr_fit;
mod scan;
mod spread_check;
mod ssvi;
mod svi_jw;
mod together;
mod unit_svi;

pub use butterfly::{Butterfly, butterfly};
pub use calendar::{CalendarBreach, calendar};
pub(crate) use draft::Draft;
pub use draft::LEAST_STRIKES;
pub use essvi::Essvi;
pub use fit::{Fit, SliceGrade, SmileError, SmileQuote, fit, fit_together};
pub use fit_error::FitError;
pub(crate) use fit_error::median;
pub(crate) use least_squares::{Bounds, minimise, solve};
pub use quotes::{Dropped, ExpiryQuotes, LEAST_HALF_SPREAD, LEAST_VOL, MOST_VOL, Spread, expiries};
pub(crate) use quotes::{positive, vol_of_price};
pub use raw_svi::{RawSvi, TotalVariance, Wings};
pub use sabr::{Sabr, SabrSlopes};
pub use sabr_fit::fit_sabr;
pub use spread_check::{MOST_FAR_POINTS, MOST_NEAR_POINTS, Miss, Outside, SpreadCheck};
pub(crate) use spread_check::{spread_check, well_outside, worst_far_miss, worst_near_miss};
pub use ssvi::Ssvi;
pub use svi_jw::SviJw;
pub(crate) use together::untangle;
