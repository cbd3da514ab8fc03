//! P&L attribution: does what the Greeks explain move as the P&L itself does?
//!
//! The test of the Basel market-risk rules (BCBS, Minimum capital requirements for market risk, MAR32), per strategy instead of per trading
//! desk. Over each day:
//!
//! ```text
//! RTPL  risk-theoretical P&L  delta + gamma + theta + vega + vanna + volga lines, book and legs
//! HPL   hypothetical P&L      full revaluation of book and legs: book P&L + price P&L of the legs
//! ```
//!
//! before fees, half-spreads, slippage, rolls, funding, interest, and without the account's coins. `HPL - RTPL` is basis
//! and residual. Trades within a day are part of both; the rules would freeze positions at the day before.
//!
//! ```text
//! Spearman  correlation of the ranks of RTPL and HPL, equal numbers sharing the mean of their ranks
//! KS        largest distance between the empirical distribution functions of RTPL and HPL
//! ```
//!
//! Zones of MAR32: green at 0.80 and above with 0.09 and below; red below 0.70 or above 0.12; else amber.
//! Over the last 250 days, and, as the rules ask once a quarter, over the 250 days before every 63rd day back from there.

use hedgerow_core::{GREEK_LINES, Ledger};

use crate::Grid;
use crate::stats::moments::{count, is_flat, mean};

/// Days in a window.
const WINDOW: usize = 250;

/// Days between the ends of windows: a quarter of trading days.
const QUARTER: usize = 63;

/// Fewest days that say anything of a rank correlation.
const FEWEST: usize = 30;

/// The result of the test.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// Figures of the last window, or of the whole run where it has fewer days.
    pub last: Agreement,
    /// Days in it.
    pub n_days: usize,
    /// Zones of whole windows, the latest first; empty where the run is shorter than one.
    pub windows: Vec<Zone>,
}

/// How two columns of P&L agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Rank correlation, -1 to 1.
    pub spearman: f64,
    /// Kolmogorov-Smirnov distance, 0 to 1.
    pub ks: f64,
}

/// What the figures mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// The Greeks explain the P&L.
    Green,
    /// In between.
    Amber,
    /// They do not.
    Red,
}

impl Zone {
    /// As reports and files call it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }
}

/// Why there are no figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAttribution {
    /// The rows are further apart than a day.
    #[error("rows are further apart than a day")]
    NotDaily,
    /// Too few days.
    #[error("{0} days of P&L, fewer than 30")]
    TooShort(usize),
    /// Nothing to rank.
    #[error("the P&L does not vary")]
    Flat,
}

impl Agreement {
    /// Of two columns of the same days; `None` where either does not vary.
    ///
    /// ```
    /// # use hedgerow_report::Agreement;
    /// let hypothetical = [3.0, -1.0, 4.0, 1.0, -5.0];
    /// let same = Agreement::of(&hypothetical, &hypothetical).unwrap();
    /// assert!((same.spearman - 1.0).abs() < 1e-12 && same.ks == 0.0);
    /// let opposite = Agreement::of(&hypothetical.map(|pnl| -pnl), &hypothetical).unwrap();
    /// assert!((opposite.spearman + 1.0).abs() < 1e-12 && (opposite.ks - 0.2).abs() < 1e-12);
    /// ```
    ///
    /// # Panics
    /// When the columns differ in length.
    pub fn of(theoretical: &[f64], hypothetical: &[f64]) -> Option<Self> {
        assert_eq!(theoretical.len(), hypothetical.len(), "days of two columns of P&L");
        let spearman = correlation(&ranks(theoretical), &ranks(hypothetical))?;
        Some(Self { spearman, ks: distance(theoretical, hypothetical) })
    }

    /// The zone of these figures.
    pub fn zone(self) -> Zone {
        if self.spearman < 0.70 || self.ks > 0.12 {
            Zone::Red
        } else if self.spearman >= 0.80 && self.ks <= 0.09 {
            Zone::Green
        } else {
            Zone::Amber
        }
    }
}

/// The test of one strategy.
///
/// # Errors
/// [`NoAttribution`] where there are no figures.
pub(crate) fn attribution(ledger: &Ledger, grid: &Grid) -> Result<Attribution, NoAttribution> {
    if !grid.is_daily() {
        return Err(NoAttribution::NotDaily);
    }
    let n_days = grid.rows.len() - 1;
    if n_days < FEWEST {
        return Err(NoAttribution::TooShort(n_days));
    }
    let hypothetical = daily(grid, |row| {
        ledger.book_pnl[row] + ledger.legs.iter().map(|leg| leg.price_pnl[row]).sum::<f64>()
    });
    let lines = GREEK_LINES.map(|line| ledger.explained.line(line));
    let theoretical = daily(grid, |row| lines.iter().map(|line| line[row]).sum());
    let scale = rounding_scale(ledger, grid);
    if is_flat(&hypothetical, scale) || is_flat(&theoretical, scale) {
        return Err(NoAttribution::Flat);
    }
    let theoretical = snapped(theoretical, &hypothetical, scale);
    let over = |end: usize, days: usize| {
        Agreement::of(&theoretical[end - days..end], &hypothetical[end - days..end])
    };
    let length = n_days.min(WINDOW);
    let ends = (WINDOW..=n_days).rev().step_by(QUARTER);
    Ok(Attribution {
        last: over(n_days, length).ok_or(NoAttribution::Flat)?,
        n_days: length,
        windows: ends.filter_map(|end| over(end, WINDOW)).map(Agreement::zone).collect(),
    })
}

/// Sums over the rows of each day after the first.
fn daily(grid: &Grid, at: impl Fn(usize) -> f64) -> Vec<f64> {
    grid.rows.windows(2).map(|day| (day[0] + 1..=day[1]).map(&at).sum()).collect()
}

/// The largest amounts that P&L was made of: equity and the prices of what was held.
fn rounding_scale(ledger: &Ledger, grid: &Grid) -> f64 {
    let legs = |row: usize| ledger.legs.iter().map(move |leg| leg.held[row] * leg.price[row]);
    let amounts = grid.rows.iter().flat_map(|&row| legs(row).chain([ledger.equity[row]]));
    amounts.fold(0.0, |most: f64, amount| most.max(amount.abs()))
}

/// A P&L that differs from the other by rounding only is the same: the distance counts which is the larger.
fn snapped(theoretical: Vec<f64>, hypothetical: &[f64], scale: f64) -> Vec<f64> {
    let rounding = 1e-12 * scale;
    let pairs = theoretical.into_iter().zip(hypothetical);
    pairs.map(|(t, h)| if (t - h).abs() <= rounding { *h } else { t }).collect()
}

/// Ranks from 1, equal numbers sharing the mean of theirs.
fn ranks(column: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..column.len()).collect();
    order.sort_by(|a, b| column[*a].total_cmp(&column[*b]));
    let mut ranks = vec![0.0; column.len()];
    let mut below = 0.0;
    for equal in order.chunk_by(|a, b| column[*a].total_cmp(&column[*b]).is_eq()) {
        let n = count(equal);
        equal.iter().for_each(|index| ranks[*index] = below + (n + 1.0) / 2.0);
        below += n;
    }
    ranks
}

/// Pearson's correlation; `None` where either column does not vary.
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let (mean_a, mean_b) = (mean(a)?, mean(b)?);
    let products = |x: &[f64], mean_x: f64, y: &[f64], mean_y: f64| -> f64 {
        x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum()
    };
    let (aa, bb) = (products(a, mean_a, a, mean_a), products(b, mean_b, b, mean_b));
    let both = (aa * bb).sqrt();
    (both > 0.0).then(|| products(a, mean_a, b, mean_b) / both)
}

/// Largest distance between two empirical distribution functions.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let sorted = |column: &[f64]| {
        let mut sorted = column.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted
    };
    let (sorted_a, sorted_b) = (sorted(a), sorted(b));
    let share = |column: &[f64], at: f64| {
        count(&column[..column.partition_point(|x| *x <= at)]) / count(column)
    };
    let at = sorted_a.iter().chain(&sorted_b);
    at.map(|at| (share(&sorted_a, *at) - share(&sorted_b, *at)).abs()).fold(0.0, f64::max)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_share_the_mean_of_their_ranks() {
        assert_eq!(ranks(&[7.0, 1.0, 7.0, 3.0, 7.0]), [4.0, 1.0, 4.0, 2.0, 4.0]);
    }

    /// scipy 1.17.1: `spearmanr([1,2,2,4,5,3], [2,1,4,3,6,5])`, `ks_2samp([1,2,2,4,5,3], [2.5,1,4,3,6,5])`.
    #[test]
    fn figures_are_those_of_scipy() {
        let (a, b) = ([1.0, 2.0, 2.0, 4.0, 5.0, 3.0], [2.0, 1.0, 4.0, 3.0, 6.0, 5.0]);
        let found = Agreement::of(&a, &b).unwrap();
        assert!((found.spearman - 0.695_725_242_782_938_1).abs() < 1e-12, "{}", found.spearman);
        assert!((distance(&a, &[2.5, 1.0, 4.0, 3.0, 6.0, 5.0]) - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn what_does_not_vary_has_no_figures() {
        assert_eq!(Agreement::of(&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0]), None);
    }

    #[test]
    fn zones_have_the_limits_of_the_rules() {
        let zone = |spearman, ks| Agreement { spearman, ks }.zone();
        assert_eq!(zone(0.81, 0.08), Zone::Green);
        assert_eq!([zone(0.79, 0.08), zone(0.90, 0.10), zone(0.70, 0.12)], [Zone::Amber; 3]);
        assert_eq!([zone(0.80, 0.08), zone(0.90, 0.09)], [Zone::Green; 2]);
        assert_eq!([zone(0.69, 0.0), zone(1.0, 0.121), zone(-1.0, 0.0)], [Zone::Red; 3]);
    }
}
