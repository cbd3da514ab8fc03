//! One strategy's equity on the grid of statistics, in the forms that the metrics need.

use hedgerow_core::Ledger;

use crate::Grid;
use crate::stats::{drawdown, moments};

/// Equity through time and what follows from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Equity before the first row: before what opening cost. USD.
    pub initial: f64,
    /// Equity at each point of the grid, USD.
    pub equity: Vec<f64>,
    /// Change of equity over each step of the grid, USD; what opening cost is not part of it, for no time passed.
    pub pnl: Vec<f64>,
    /// Change of equity over each market row after the first, USD.
    pub row_pnl: Vec<f64>,
    /// Simple returns over each step; `None` when equity is ever zero or negative.
    pub returns: Option<Vec<f64>>,
    /// Drawdown at each point of the grid; `None` when the initial equity is not positive.
    pub drawdown: Option<Vec<f64>>,
    /// Deepest drawdown over all market rows.
    pub row_drawdown: Option<f64>,
}

impl Path {
    /// The path of a ledger.
    pub fn of(ledger: &Ledger, grid: &Grid) -> Self {
        let initial = ledger.equity[0] - ledger.explained.sum(0);
        let equity: Vec<f64> = grid.rows.iter().map(|&row| ledger.equity[row]).collect();
        let pnl = moments::changes(&equity, 1);
        let positive = initial > 0.0 && equity.iter().all(|equity| *equity > 0.0);
        Self {
            returns: positive
                .then(|| pnl.iter().zip(&equity).map(|(pnl, base)| pnl / base).collect()),
            drawdown: drawdown::drawdowns(initial, &equity),
            row_drawdown: drawdown::drawdowns(initial, &ledger.equity)
                .and_then(|depths| drawdown::maximum(&depths)),
            row_pnl: moments::changes(&ledger.equity, 1),
            initial,
            equity,
            pnl,
        }
    }

    /// Average equity over the grid, USD; `None` when it is not positive.
    pub fn average(&self) -> Option<f64> {
        moments::mean(&self.equity).filter(|average| *average > 0.0)
    }

    /// Last equity, USD.
    pub fn last(&self) -> f64 {
        self.equity.last().copied().unwrap_or(self.initial)
    }

    /// Largest amount on the path: the scale against which rounding is judged.
    pub fn scale(&self) -> f64 {
        self.equity.iter().fold(self.initial.abs(), |scale, equity| scale.max(equity.abs()))
    }
}
