//! What becomes of a table of options.

use crate::{HigherSlopes, RowError};

/// One priced row; units by model as in [`price_table`](crate::price_table).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PricedRow {
    /// USD, or coins.
    pub value: f64,
    /// Coins.
    pub delta: f64,
    /// Delta less value in coins, of an inverse option; within the settlement window both times the part of it that is left.
    pub net_delta: Option<f64>,
    /// Part of the settlement that is still open, of an inverse option: 1 until half an hour before expiry, then falling
    /// to 0. `delta` and `net_delta` have it as a factor, nothing else has.
    pub window_left: Option<f64>,
    /// Coins per USD.
    pub gamma: f64,
    /// Per 1.00 of vol.
    pub vega: f64,
    /// Per year that passes.
    pub theta: f64,
    /// Per 1.00 of rate.
    pub rho: f64,
    /// Slopes of second and third order; volga and veta in the unit of the value.
    pub higher: HigherSlopes,
    /// As given, or implied by the price; of a model with a smile the Black vol of the value, `None` where it has none.
    pub vol: Option<f64>,
}

impl PricedRow {
    pub(super) fn is_finite(&self) -> bool {
        let HigherSlopes { vanna, volga, charm, veta, speed, zomma, color } = self.higher;
        let higher = [vanna, volga, charm, veta, speed, zomma, color];
        let first = [self.value, self.delta, self.gamma, self.vega, self.theta, self.rho];
        let possible = [self.net_delta, self.window_left, self.vol];
        first.into_iter().chain(higher).chain(possible.into_iter().flatten()).all(f64::is_finite)
    }
}

/// The output: every row has either numbers or a reason.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PricedTable {
    /// In the order of the input.
    pub rows: Vec<Result<PricedRow, RowError>>,
}

impl PricedTable {
    /// A column of numbers; `None` where the row has none.
    pub fn column(&self, of: impl Fn(&PricedRow) -> Option<f64>) -> Vec<Option<f64>> {
        self.rows.iter().map(|row| row.as_ref().ok().and_then(&of)).collect()
    }

    /// Why a row has no numbers.
    pub fn reasons(&self) -> impl Iterator<Item = Option<RowError>> + '_ {
        self.rows.iter().map(|row| row.as_ref().err().copied())
    }

    /// Number of rows with numbers.
    pub fn n_priced(&self) -> usize {
        self.rows.iter().filter(|row| row.is_ok()).count()
    }
}
