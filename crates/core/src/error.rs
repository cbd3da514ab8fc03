//! What can be wrong with a market.

use crate::Timestamp;

/// Why columns do not form a [`Market`](crate::Market).
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MarketError {
    /// There is no row.
    #[error("the market has no rows")]
    Empty,
    /// There is no asset.
    #[error("the market has no assets")]
    NoAssets,
    /// A column is shorter or longer than the time column.
    #[error("column `{column}` has {found} rows, expected {expected}")]
    Length {
        /// Which column.
        column: String,
        /// Its rows.
        found: usize,
        /// Rows of the time column.
        expected: usize,
    },
    /// Time does not increase from one row to the next.
    #[error("row {row}: time {time} does not come after {previous}")]
    Time {
        /// The offending row, from 0.
        row: usize,
        /// Its time.
        time: Timestamp,
        /// The time of the row before.
        previous: Timestamp,
    },
    /// A price, vol or rate is not usable.
    #[error("column `{column}` row {row} ({time}): found {found}, expected a finite {expected}")]
    Value {
        /// Which column.
        column: String,
        /// The offending row, from 0.
        row: usize,
        /// Its time.
        time: Timestamp,
        /// What stands there.
        found: f64,
        /// `positive number`, `number` or `number of at least 0`.
        expected: &'static str,
    },
    /// A row would see a quote of its own future.
    #[error("row {row} ({time}) would see a quote of `{column}` that is stamped {quoted}")]
    Later {
        /// The option.
        column: String,
        /// The offending row, from 0.
        row: usize,
        /// Its time.
        time: Timestamp,
        /// When the quote was said.
        quoted: Timestamp,
    },
    /// A tradable or vol column names an asset that is not there.
    #[error("`{name}` refers to asset number {asset}, but there are {n_assets}")]
    Asset {
        /// The tradable or vol column.
        name: String,
        /// The asset index it has.
        asset: usize,
        /// How many assets there are.
        n_assets: usize,
    },
}
