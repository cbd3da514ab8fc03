//! The slice of one expiry while it is being made.

use super::fit_error::fit_error;
use super::fit_essvi::fit_essvi;
use super::fit_svi::{minima, without_butterflies};
use super::problem::Problem;
use super::{Dropped, Fit, RawSvi, SliceGrade, SmileError, SmileQuote, butterfly};

/// A slice, and what it is made of.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// In ascending order, one at least.
    quotes: Vec<SmileQuote>,
    years: f64,
    pub(super) problem: Problem,
    /// What a quote near the money weighs, as given.
    pub(super) evidence: f64,
    grade: SliceGrade,
    /// Free of butterfly arbitrage.
    pub(super) slice: RawSvi,
    /// Whether it was moved away from another expiry.
    pub(super) is_bent: bool,
}

/// Fewest strikes from which five numbers are fitted: two to spare (a guess).
pub const LEAST_STRIKES: usize = 7;

/// Times to expiry that can be fitted: from a thirtieth of a second.
const YEARS: std::ops::RangeInclusive<f64> = 1e-9..=1e3;

/// Vols that can be fitted; what a chain's quotes must satisfy is narrower.
const VOLS: std::ops::RangeInclusive<f64> = 1e-4..=1e2;

/// Log-moneyness that can be fitted: the range of the arbitrage checks.
const MOST_LOG_MONEYNESS: f64 = 50.0;

impl Draft {
    /// The best slice for itself alone.
    pub(crate) fn new(quotes: &[SmileQuote], years: f64) -> Result<Self, SmileError> {
        if !YEARS.contains(&years) {
            return Err(SmileError::Years { years });
        }
        let found = quotes.len();
        let given = quotes;
        let quotes = in_order(quotes);
        if quotes.is_empty() {
            let dropped = Dropped { no_vol: found, ..Dropped::default() };
            return Err(SmileError::NoUsableQuote { found, dropped });
        }
        let mut problem = Problem::new(&quotes, years);
        let (slice, grade) = best(&problem);
        if grade > SliceGrade::Repaired {
            problem.hold_to(&slice);
        }
        let evidence = evidence(given, problem.scale);
        Ok(Self { quotes, years, problem, evidence, grade, slice, is_bent: false })
    }

    /// The slice as it is now.
    pub(crate) fn slice(&self) -> &RawSvi {
        &self.slice
    }

    /// Whether it was fitted together with others.
    pub(crate) fn is_bent(&self) -> bool {
        self.is_bent
    }

    /// How far it was bent from its quotes near the money, vol points, in the median; `None` where it was not bent or
    /// nothing is quoted there.
    pub(crate) fn bent_by(&self) -> Option<f64> {
        let error = || fit_error(&self.slice, &self.quotes, self.years);
        self.is_bent.then(error)?.near_median_points
    }

    /// The slice as it is now, with its grade and its error.
    pub(crate) fn fit(&self) -> Fit {
        let bent = if self.is_bent { SliceGrade::Repaired } else { SliceGrade::Svi };
        Fit {
            svi: self.slice,
            grade: self.grade.max(bent),
            error: fit_error(&self.slice, &self.quotes, self.years),
        }
    }
}

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

/// The mean weight of the quotes within one standard deviation of the money; where there are none, of all.
fn evidence(quotes: &[SmileQuote], deviation: f64) -> f64 {
    let mean = |farthest: f64| {
        let (mut sum, mut count) = (0.0, 0.0);
        for quote in quotes.iter().filter(|quote| quote.log_moneyness.abs() <= farthest) {
            if quote.weight.is_finite() && quote.weight > 0.0 {
                sum += quote.weight;
                count += 1.0;
            }
        }
        (count > 0.0).then(|| sum / count)
    };
    mean(deviation).or_else(|| mean(f64::INFINITY)).unwrap_or(1.0)
}

/// The best slice that is free of butterfly arbitrage.
fn best(problem: &Problem) -> (RawSvi, SliceGrade) {
    let is_free = |svi: &RawSvi| butterfly(svi).is_free();
    let n_strikes = problem.n_strikes();
    if n_strikes >= LEAST_STRIKES {
        let minima = minima(problem);
        if is_free(&minima[0].svi) {
            return (minima[0].svi, SliceGrade::Svi);
        }
        let safe = std::iter::once_with(|| fit_essvi(problem).raw());
        let starts = safe.chain(minima.iter().map(|minimum| minimum.svi));
        if let Some(found) = without_butterflies(problem, starts, minima[0].cost) {
            return (found.svi, SliceGrade::Repaired);
        }
    }
    if n_strikes >= 2 {
        let svi = fit_essvi(problem).raw();
        if is_free(&svi) {
            return (svi, SliceGrade::Essvi);
        }
    }
    (RawSvi::flat(problem.flat()), SliceGrade::Flat)
}
