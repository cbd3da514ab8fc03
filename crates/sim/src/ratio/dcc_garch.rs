//! The minimum-variance ratio of two GARCH variances and a dynamic correlation.
//!
//! `ratio = rho · sqrt(h_spot / h_hedge)` for the next row: both variances are GARCH(1,1) (see [`garch`](super::garch)), `rho` moves
//! as in [`Correlation`](super::correlation::Correlation) (Engle 2002, Journal of Business and Economic Statistics 20(3)), fitted
//! in two steps. Where no moving correlation has a higher likelihood than a constant one, the constant one stands in.
//! Fitted on the last `window_days` days every `refit_rows` rows, on rows up to the row at which it is applied; between fits the
//! variances follow the returns row by row. Unknown until a whole window has passed.

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::correlation::{Moves, rolling_ratio};
use super::{History, Ratio, RatioColumn};
use crate::rehedge::above_zero;

/// A window, and how often the model is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DccGarch {
    /// Length of the window, days.
    pub window_days: f64,
    /// Rows from one fit to the next.
    pub refit_rows: std::num::NonZeroUsize,
}

impl Ratio for DccGarch {
    fn column(&self, history: &History<'_>) -> RatioColumn {
        self.column_and_notes(history).0
    }

    fn column_and_notes(&self, history: &History<'_>) -> (RatioColumn, Vec<String>) {
        rolling_ratio(history, (self.window_days, self.refit_rows), Moves::Dynamic, ENTRY.name)
    }

    fn is_estimated(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        format!(
            "minimum-variance ratio of GARCH variances and a dynamic correlation over the last {} days, fitted every {} rows",
            self.window_days, self.refit_rows
        )
    }
}

pub(super) const ENTRY: Entry<dyn Ratio> = Entry {
    name: "dcc_garch",
    about: "minimum-variance ratio of two GARCH variances and a dynamic correlation, refitted on past data only",
    example: "ratio = { dcc_garch = { window_days = 5, refit_rows = 48 } }",
    build: |setting| {
        let ratio: DccGarch = parameters(setting)?;
        above_zero("window_days", ratio.window_days)?;
        Ok(Box::new(ratio))
    },
};
