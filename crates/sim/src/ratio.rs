//! How much to hedge: the share of the ideal hedge, row by row; one file per ratio.
//!
//! A ratio is a column, computed before the hedge loop from what is known at each row: a rule cannot look ahead because
//! the column does not. `None` means that the ratio is not known yet; the leg then trades nothing.

use std::fmt;

use hedgerow_core::registry::Entry;
use hedgerow_core::{Market, Series, Timestamp, Track};

pub mod constant;
pub mod drawdown_ladder;
pub mod ewma;
pub mod rolling_ols;

/// Every ratio, alphabetically.
pub const RATIOS: &[Entry<dyn Ratio>] =
    &[constant::ENTRY, drawdown_ladder::ENTRY, ewma::ENTRY, rolling_ols::ENTRY];

/// A share of the ideal hedge, fraction: 1 hedges all of it.
#[derive(Debug, Clone, PartialEq)]
pub enum RatioColumn {
    /// The same at every row.
    Constant(f64),
    /// One per row; `None` where it is not known yet.
    Rows(Vec<Option<f64>>),
}

impl RatioColumn {
    /// The ratio at `row`.
    #[inline]
    pub fn at(&self, row: usize) -> Option<f64> {
        match self {
            Self::Constant(ratio) => Some(*ratio),
            Self::Rows(rows) => rows[row],
        }
    }

    /// The column restricted to `rows`.
    pub fn slice(&self, rows: std::ops::Range<usize>) -> Self {
        match self {
            Self::Constant(ratio) => Self::Constant(*ratio),
            Self::Rows(all) => Self::Rows(all[rows].to_vec()),
        }
    }
}

/// What a ratio may know: the past of the spot and of the hedge, row by row.
#[derive(Debug, Clone)]
pub struct History<'a> {
    /// Instants.
    pub time: &'a [Timestamp],
    /// USD per coin.
    pub spot: &'a [f64],
    /// Relative change of the spot over each row; 0 at row 0.
    pub spot_return: Vec<f64>,
    /// P&L of one coin of the hedge's delta over each row, as a fraction of the spot before it; 0 at row 0.
    pub hedge_return: Vec<f64>,
}

impl<'a> History<'a> {
    /// The history of hedging `asset` with `track`.
    pub fn new(market: &'a Market, asset: usize, track: &Track) -> Self {
        let spot = market.assets()[asset].spot.as_slice();
        let change = |row: usize, pnl: f64| if row == 0 { 0.0 } else { pnl / spot[row - 1] };
        let rows = 0..market.n_rows();
        Self {
            time: market.time(),
            spot,
            spot_return: rows
                .clone()
                .map(|row| if row == 0 { 0.0 } else { spot[row] / spot[row - 1] - 1.0 })
                .collect(),
            hedge_return: rows.map(|row| change(row, per_coin(track, row))).collect(),
        }
    }
}

/// USD earned over the row by so many units as had one coin of delta before it.
fn per_coin(track: &Track, row: usize) -> f64 {
    match (&track.delta, row) {
        (_, 0) => 0.0,
        (Series::Constant(delta), _) => track.pnl[row] / delta,
        (Series::Rows(delta), _) => track.pnl[row] / delta[row - 1],
    }
}

/// How much to hedge.
pub trait Ratio: fmt::Debug + Send + Sync {
    /// The ratio at each row, from that row and those before it.
    fn column(&self, history: &History<'_>) -> RatioColumn;

    /// One clause for the report.
    fn describe(&self) -> String;
}
