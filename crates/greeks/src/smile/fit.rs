//! From quotes to a slice: the best raw SVI that is free of butterfly arbitrage, or the next best thing, graded.
//!
//! In this order, and the first that [`butterfly`] finds free is taken:
//!
//! 1. [`Svi`](SliceGrade::Svi): five numbers by weighted least squares in vol;
//! 2. [`Repaired`](SliceGrade::Repaired): the same with a penalty where Durrleman's g is negative, from several starts (or
//!    fitted together with the expiries that it crosses);
//! 3. [`Essvi`](SliceGrade::Essvi): three numbers inside the region where no arbitrage is possible;
//! 4. [`Flat`](SliceGrade::Flat): one number.
//!
//! Fewer than [`LEAST_STRIKES`] strikes would only teach five numbers their noise and start at 3, two of them with no
//! more curvature than their tilt needs; one starts at 4.

use hedgerow_core::Timestamp;

use super::draft::Draft;
use super::together::untangle;
use super::{Dropped, FitError, MOST_NEAR_POINTS, RawSvi};

/// What is known of the vol at one strike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SmileQuote {
    /// k = ln(strike / forward).
    pub log_moneyness: f64,
    /// Annualised, decimal, positive.
    pub vol: f64,
    /// How much it counts, positive, in any unit; one over the square of the quote's uncertainty in vol is best.
    pub weight: f64,
}

/// How a slice was come by, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SliceGrade {
    /// Raw SVI by least squares.
    Svi,
    /// Raw SVI bent away from an arbitrage.
    Repaired,
    /// A slice of eSSVI.
    Essvi,
    /// One vol for all strikes.
    Flat,
}

/// A slice made from quotes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// The slice; free of butterfly arbitrage.
    pub svi: RawSvi,
    /// How it was come by.
    pub grade: SliceGrade,
    /// How far it is from the quotes.
    pub error: FitError,
}

/// Why there is no slice.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum SmileError {
    /// The expiry has passed, or lies beyond reason.
    #[error("{years} years are left to the expiry, expected more than 0 and at most 1000")]
    Years {
        /// ACT/365F.
        years: f64,
    },
    /// No quote can be used.
    #[error("no usable quote of {found}{}{dropped}; {}", if *found > 0 { ": " } else { "" }, dropped.advice())]
    NoUsableQuote {
        /// Quotes of the expiry.
        found: usize,
        /// Why they were left out.
        dropped: Dropped,
    },
    /// No slice without butterfly arbitrage passes near the quotes at the money, whatever other expiries say.
    #[error(
        "its best smile without butterfly arbitrage is {points:.1} vol points off the quote at log-moneyness \
         {log_moneyness:.3}, outside its bid and ask; expected at most {MOST_NEAR_POINTS} near the money: look at that quote"
    )]
    OffQuotes {
        /// k = ln(strike / forward) of the quote that is missed most.
        log_moneyness: f64,
        /// Absolute difference of the vols there, vol points.
        points: f64,
    },
    /// No slices without arbitrage pass near the quotes of this expiry and of a neighbour.
    #[error(
        "its smile and that of {other} cross however they are fitted (calendar arbitrage), first at log-moneyness \
         {log_moneyness:.3}: the quotes of the two contradict each other; look at how old they are"
    )]
    Crosses {
        /// The expiry next to it.
        other: Timestamp,
        /// k = ln(strike / forward) of the crossing nearest to the money; infinite where only wings cross.
        log_moneyness: f64,
    },
    /// Its slice and another's cross, and are parted only far from the quotes of one of them.
    #[error(
        "its best smile and that of {other} cross (calendar arbitrage), first at log-moneyness {log_moneyness:.3}, and fitted \
         together without crossing one is {points:.1} vol points off its quotes, expected at most {MOST_NEAR_POINTS}: the \
         quotes of the two contradict each other; look at how old they are"
    )]
    Contradicts {
        /// The expiry nearest to it whose smile it crosses.
        other: Timestamp,
        /// k = ln(strike / forward) of the crossing nearest to the money; infinite where only wings cross.
        log_moneyness: f64,
        /// By how much smiles that do not cross are off their quotes near the money, vol points.
        points: f64,
    },
    /// Only far from its quotes does its slice not cross those of its neighbours, though alone it crosses none.
    #[error(
        "fitted so that it crosses no other expiry's (calendar arbitrage) its smile is {points:.1} vol points off its \
         quotes near the money, expected at most {MOST_NEAR_POINTS}: its quotes and those of its neighbours contradict each \
         other; look at how old they are"
    )]
    Bent {
        /// Absolute difference of the vols near the money, vol points.
        points: f64,
    },
    /// The quotes of one expiry cannot belong to one underlying.
    #[error(
        "forwards of one expiry range from {lowest:?} to {highest:?}: two underlyings in one chain? \
         split the file by underlying"
    )]
    TwoUnderlyings {
        /// USD per coin.
        lowest: f64,
        /// USD per coin.
        highest: f64,
    },
}

/// Fits a slice to quotes with `years` to expiry.
///
/// Quotes whose numbers are not finite, or not positive where they should be, are ignored. The order of the quotes does
/// not matter: the result is the same bit for bit.
///
/// # Errors
/// [`SmileError`] when time has run out or no quote is usable.
///
/// ```
/// # use hedgerow_greeks::smile::{RawSvi, SliceGrade, SmileQuote, fit};
/// let truth = RawSvi { a: 0.004, b: 0.06, rho: -0.3, m: 0.02, sigma: 0.15 };
/// let years = 30.0 / 365.0;
/// let quotes: Vec<SmileQuote> = (-10..=10)
///     .map(|i| 0.04 * f64::from(i))
///     .map(|k| SmileQuote { log_moneyness: k, vol: (truth.at(k).value / years).sqrt(), weight: 1.0 })
///     .collect();
/// let found = fit(&quotes, years).unwrap();
/// assert_eq!(found.grade, SliceGrade::Svi);
/// assert!((found.svi.rho - truth.rho).abs() < 1e-6);
/// ```
pub fn fit(quotes: &[SmileQuote], years: f64) -> Result<Fit, SmileError> {
    Draft::new(quotes, years).map(|draft| draft.fit())
}

/// Fits the slices of several expiries, ascending in years, so that, where their quotes allow it, none lies below an
/// earlier one at any strike.
///
/// Slices that cross are fitted again together, and marked [`Repaired`](SliceGrade::Repaired). Where that leaves a
/// crossing, because quotes themselves cross, it is for the caller to find ([`calendar`](super::calendar)).
///
/// # Panics
/// Never: there is a fit for every expiry that is not refused.
pub fn fit_together(expiries: &[(&[SmileQuote], f64)]) -> Vec<Result<Fit, SmileError>> {
    let alone = expiries.iter().map(|(quotes, years)| Draft::new(quotes, *years));
    let alone: Vec<Result<Draft, SmileError>> = alone.collect();
    let mut together: Vec<Draft> = alone.iter().flatten().cloned().collect();
    untangle(&mut together);
    let mut together = together.iter();
    let mut fit = |alone: Draft| together.next().unwrap_or(&alone).fit();
    alone.into_iter().map(|alone| alone.map(&mut fit)).collect()
}
