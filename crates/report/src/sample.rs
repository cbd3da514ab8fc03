//! What a metric sees.

use hedgerow_core::{Explained, MarginLedger, Timestamp};

use crate::costs::Costs;
use crate::{Grid, Path};

/// One strategy beside the unhedged one.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// The grid of statistics.
    pub grid: &'a Grid,
    /// The instant of each market row.
    pub time: &'a [Timestamp],
    /// The strategy.
    pub hedged: &'a Path,
    /// The first ledger of the run.
    pub unhedged: &'a Path,
    /// What the hedge cost.
    pub costs: &'a Costs,
    /// The strategy's P&L by line.
    pub explained: &'a Explained,
    /// What its venue asked and did; empty without a margin model.
    pub margin: &'a MarginLedger,
}

impl Sample<'_> {
    /// Years of 365 days from the first row to the last; `None` when there is one row.
    pub fn years(&self) -> Option<f64> {
        let (first, last) = (self.time.first()?, self.time.last()?);
        Some(last.years_since(*first)).filter(|years| *years > 0.0)
    }

    /// Steps of the grid in a year of 365 days.
    pub fn steps_per_year(&self) -> f64 {
        hedgerow_core::DAYS_PER_YEAR / self.grid.step_days
    }

    /// `amount` as a fraction of the initial equity; `None` when that is not positive.
    pub fn share_of_capital(&self, amount: f64) -> Option<f64> {
        (self.hedged.initial > 0.0).then(|| amount / self.hedged.initial)
    }

    /// `amount` as a fraction of the unhedged book's average equity; `None` when that is not positive. Notionals grow with
    /// the price, and so does this base; the initial equity would not.
    pub fn share_of_unhedged(&self, amount: f64) -> Option<f64> {
        self.unhedged.average().map(|average| amount / average)
    }
}
