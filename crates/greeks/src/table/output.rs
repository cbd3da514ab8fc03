//! What becomes of a table of options.

use crate::RowError;

/// One priced row; units by model as in [`price_table`](crate::price_table).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PricedRow {
    /// USD, or coins.
    pub value: f64,
    /// Coins.
    pub delta: f64,
    /// Delta less value in coins, of an inverse option.
    pub net_delta: Option<f64>,
    /// Coins per USD.
    pub gamma: f64,
    /// Per 1.00 of vol.
    pub vega: f64,
    /// Per year that passes.
    pub theta: f64,
    /// As given, or implied by the price.
    pub vol: f64,
}

/// The output, a cell per row and column; a row has either numbers or a reason.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PricedTable {
    /// USD, or coins.
    pub value: Vec<Option<f64>>,
    /// Coins.
    pub delta: Vec<Option<f64>>,
    /// Of inverse options.
    pub net_delta: Vec<Option<f64>>,
    /// Coins per USD.
    pub gamma: Vec<Option<f64>>,
    /// Per 1.00 of vol.
    pub vega: Vec<Option<f64>>,
    /// Per year that passes.
    pub theta: Vec<Option<f64>>,
    /// As given, or implied by the price.
    pub vol: Vec<Option<f64>>,
    /// Why a row has no numbers.
    pub reason: Vec<Option<RowError>>,
}
