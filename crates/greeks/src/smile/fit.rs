//! From quotes to a slice: the best raw SVI that is free of butterfly arbitrage, or the next best thing, graded.
//!
//! In this order, and the first that [`butterfly`] finds free is taken:
//!
//! 1. [`Svi`](SliceGrade::Svi): five numbers by weighted least squares in vol;
//! 2. [`Repaired`](SliceGrade::Repaired): the same with a penalty where Durrleman's g is negative (or where an earlier
//!    expiry has more total variance);
//! 3. [`Essvi`](SliceGrade::Essvi): three numbers inside the region where no arbitrage is possible;
//! 4. [`Flat`](SliceGrade::Flat): one number.
//!
//! Fewer than [`LEAST_STRIKES`] strikes would only teach five numbers their noise and start at 3; fewer than three start
//! at 4.

use super::fit_error::fit_error;
use super::fit_essvi::fit_essvi;
use super::fit_svi::{Problem, fit_svi};
use super::{Dropped, FitError, RawSvi, butterfly, calendar};

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
    #[error(
        "no usable quote of {found}: {} in the money, {} without bid or ask, {} crossed, {} without a vol between \
         1 % and 500 %, {} without a forward; bring two-sided quotes of options out of the money",
        dropped.in_the_money, dropped.no_side, dropped.crossed, dropped.no_vol, dropped.no_forward
    )]
    NoUsableQuote {
        /// Quotes of the expiry.
        found: usize,
        /// Why they were left out.
        dropped: Dropped,
    },
    /// The quotes of one expiry cannot belong to one underlying.
    #[error(
        "forwards of one expiry range from {lowest} to {highest}: two underlyings in one chain? \
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
    fit_above(quotes, years, None)
}

/// Fits a slice that, where possible, lies nowhere below the slice of an `earlier` expiry.
///
/// Where the free fit crosses the earlier slice, a bent one is taken if it does not and its error is at most
/// [`MOST_BENT`] times the free one's or half a vol point; else the free one stays and the breach is for the caller to
/// report ([`calendar`]).
///
/// # Errors
/// As [`fit`].
pub fn fit_above(
    quotes: &[SmileQuote],
    years: f64,
    earlier: Option<&RawSvi>,
) -> Result<Fit, SmileError> {
    if !YEARS.contains(&years) {
        return Err(SmileError::Years { years });
    }
    let found = quotes.len();
    let quotes = in_order(quotes);
    if quotes.is_empty() {
        let dropped = Dropped { no_vol: found, ..Dropped::default() };
        return Err(SmileError::NoUsableQuote { found, dropped });
    }
    let problem = Problem::new(&quotes, years);
    let free = best(&problem, &quotes, years);
    Ok(match earlier {
        Some(earlier) if calendar(earlier, &free.svi, problem.reach()).is_some() => {
            bent(&problem, &quotes, years, (&free.svi, earlier))
                .filter(|bent| is_close(bent, &free))
                .unwrap_or(free)
        }
        _ => free,
    })
}

/// Fewest strikes from which five numbers are fitted: two to spare (a guess).
pub const LEAST_STRIKES: usize = 7;

/// How much worse, as a factor of the error, a slice may be to be free of calendar arbitrage.
pub const MOST_BENT: f64 = 2.0;

fn is_close(bent: &Fit, free: &Fit) -> bool {
    bent.error.rms_points <= (MOST_BENT * free.error.rms_points).max(0.5)
}

/// Times to expiry that can be fitted: from a thirtieth of a second.
const YEARS: std::ops::RangeInclusive<f64> = 1e-9..=1e3;

/// Vols that can be fitted; what a chain's quotes must satisfy is narrower.
const VOLS: std::ops::RangeInclusive<f64> = 1e-4..=1e2;

/// Log-moneyness that can be fitted: the range of the arbitrage checks.
const MOST_LOG_MONEYNESS: f64 = 50.0;

/// The usable quotes in an order that does not depend on how they came, weighted by at most 1.
fn in_order(quotes: &[SmileQuote]) -> Vec<SmileQuote> {
    let mut usable: Vec<SmileQuote> = quotes
        .iter()
        .filter(|quote| {
            quote.log_moneyness.abs() <= MOST_LOG_MONEYNESS
                && VOLS.contains(&quote.vol)
                && quote.weight.is_finite()
                && quote.weight > 0.0
        })
        .copied()
        .collect();
    usable.sort_unstable_by(|a, b| {
        a.log_moneyness
            .total_cmp(&b.log_moneyness)
            .then(a.vol.total_cmp(&b.vol))
            .then(a.weight.total_cmp(&b.weight))
    });
    let heaviest = usable.iter().map(|quote| quote.weight).fold(0.0, f64::max);
    for quote in &mut usable {
        quote.weight /= heaviest;
    }
    usable
}

/// The best slice that is free of butterfly arbitrage.
fn best(problem: &Problem, quotes: &[SmileQuote], years: f64) -> Fit {
    let graded = |svi: RawSvi, grade| {
        let free = butterfly(&svi).is_free();
        free.then(|| Fit { svi, grade, error: fit_error(&svi, quotes, years) })
    };
    let n_strikes = problem.n_strikes();
    let mut found = None;
    if n_strikes >= LEAST_STRIKES {
        let free = fit_svi(problem);
        found = graded(free, SliceGrade::Svi).or_else(|| {
            problem.without_butterflies(&free).and_then(|svi| graded(svi, SliceGrade::Repaired))
        });
    }
    if n_strikes >= 3 {
        found = found.or_else(|| graded(fit_essvi(problem).raw(), SliceGrade::Essvi));
    }
    found.unwrap_or_else(|| {
        let svi = RawSvi::flat(problem.flat());
        Fit { svi, grade: SliceGrade::Flat, error: fit_error(&svi, quotes, years) }
    })
}

/// A slice that is free of both arbitrages.
fn bent(
    problem: &Problem,
    quotes: &[SmileQuote],
    years: f64,
    (free, earlier): (&RawSvi, &RawSvi),
) -> Option<Fit> {
    if problem.n_strikes() < LEAST_STRIKES {
        return None;
    }
    let svi = problem.above(free, earlier)?;
    Some(Fit { svi, grade: SliceGrade::Repaired, error: fit_error(&svi, quotes, years) })
}
