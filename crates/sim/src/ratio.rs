//! How much to hedge: the share of the ideal hedge, row by row; one file per ratio.
//!
//! A ratio is a column, computed before the hedge loop from what is known at each row: a rule cannot look ahead because
//! the column does not. `None` means that the ratio is not known yet; the leg then trades nothing.

use std::fmt;
use std::sync::Arc;

use hedgerow_core::registry::Entry;
use hedgerow_core::{Market, Series, Timestamp, Track};

pub mod ccc_garch;
pub mod constant;
pub mod correlation;
pub mod cppi;
pub mod dcc_garch;
pub mod drawdown_ladder;
pub mod equity_ladder;
pub mod error_correction;
pub mod ewma;
pub mod garch;
pub mod grossman_zhou;
pub mod kalman;
pub mod minimum_cvar;
pub mod multivariate;
pub mod rolling_ols;
pub mod tipp;
pub mod trend_filter;
pub mod vol_regime;
pub mod vol_target;

mod nelder_mead;
mod refit;

/// Every ratio, alphabetically.
pub const RATIOS: &[Entry<dyn Ratio>] = &[
    ccc_garch::ENTRY,
    constant::ENTRY,
    cppi::ENTRY,
    dcc_garch::ENTRY,
    drawdown_ladder::ENTRY,
    equity_ladder::ENTRY,
    error_correction::ENTRY,
    ewma::ENTRY,
    grossman_zhou::ENTRY,
    kalman::ENTRY,
    minimum_cvar::ENTRY,
    rolling_ols::ENTRY,
    tipp::ENTRY,
    trend_filter::ENTRY,
    vol_regime::ENTRY,
    vol_target::ENTRY,
];

/// A share of the ideal hedge, fraction: 1 hedges all of it.
#[derive(Debug, Clone)]
pub enum RatioColumn {
    /// The same at every row.
    Constant(f64),
    /// One per row; `None` where it is not known yet.
    Rows(Vec<Option<f64>>),
    /// Not known before the run: made at each row from the equity at that row.
    Equity(Arc<dyn EquityRatio>),
}

/// What a ratio by equity knows at a row, before the row's trade; see [`RatioColumn::Equity`]. USD.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EquityNow {
    /// Equity: account, book, the legs before and this leg, at the row's marks.
    pub equity: f64,
    /// Equity at the first row.
    pub start: f64,
    /// Highest equity up to and including the row.
    pub peak: f64,
    /// The same with every equity grown at the interest rate since its row.
    pub grown_peak: f64,
    /// Since the first row.
    pub years: f64,
    /// Continuous interest rate on USD, per year.
    pub rate: f64,
    /// Net delta of the book and the legs before, times spot: what there is to hedge.
    pub risky: f64,
}

impl EquityNow {
    /// The share of the ideal hedge that leaves an exposure of so many USD: `1 - exposure / |risky|`, between 0 and 1.
    pub fn leaving(&self, exposure: f64) -> f64 {
        let risky = self.risky.abs();
        if risky > 0.0 { (1.0 - exposure / risky).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// A ratio that depends on equity: a pure function of what is known at the row.
pub trait EquityRatio: fmt::Debug + Send + Sync {
    /// The share of the ideal hedge.
    fn ratio(&self, now: &EquityNow) -> f64;
}

impl RatioColumn {
    /// The ratio at `row`; `None` where it is not known, or not before the run.
    #[inline]
    pub fn at(&self, row: usize) -> Option<f64> {
        match self {
            Self::Constant(ratio) => Some(*ratio),
            Self::Rows(rows) => rows[row],
            Self::Equity(_) => None,
        }
    }

    /// The column restricted to `rows`.
    pub fn slice(&self, rows: std::ops::Range<usize>) -> Self {
        match self {
            Self::Constant(ratio) => Self::Constant(*ratio),
            Self::Rows(all) => Self::Rows(all[rows].to_vec()),
            Self::Equity(ratio) => Self::Equity(Arc::clone(ratio)),
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
    /// P&L of one coin of the hedge's delta over each row, as a fraction of that coin's spot before it; 0 at row 0.
    pub hedge_return: Vec<f64>,
}

impl<'a> History<'a> {
    /// The history of hedging `asset` with `track`, which may follow another asset.
    pub fn new(market: &'a Market, asset: usize, track: &Track) -> Self {
        let spot = market.assets()[asset].spot.as_slice();
        let traded = market.assets()[track.asset].spot.as_slice();
        let change = |row: usize, pnl: f64| if row == 0 { 0.0 } else { pnl / traded[row - 1] };
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

    /// The ratio at each row, and what making it had to decide, a sentence each: a fit that did not converge, and what
    /// stands in for it.
    fn column_and_notes(&self, history: &History<'_>) -> (RatioColumn, Vec<String>) {
        (self.column(history), Vec::new())
    }

    /// Whether it is estimated from the moves of one asset and one instrument, and knows of no other asset.
    fn is_estimated(&self) -> bool {
        false
    }

    /// One clause for the report.
    fn describe(&self) -> String;
}

/// Refuses a share of the ideal hedge that is not between 0 and 150 per cent.
pub(crate) fn percent_of_hedge(name: &str, percent: f64) -> Result<(), String> {
    if (0.0..=150.0).contains(&percent) {
        return Ok(());
    }
    Err(format!("{name} is {percent}, expected 0 to 150"))
}
