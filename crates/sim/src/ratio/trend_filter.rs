//! Hedges below a moving average of the spot and not, or less, above it.
//!
//! The average is over the rows of the last `window_days` days, the row itself and the one at the window's start included (of daily
//! rows 11 in 10 days), each weighted equally. Unknown until a
//! whole window has passed. After Faber (2007, "A quantitative approach to tactical asset allocation", Journal of Wealth
//! Management 9(4)), who holds an asset above its ten-month average only.

use hedgerow_core::registry::{Entry, SettingError, parameters};
use serde::Deserialize;

use super::{History, Ratio, RatioColumn, percent_of_hedge};
use crate::rehedge::above_zero;
use crate::rolling::rolling_mean;

/// A window and a ratio on either side of its average.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrendFilter {
    /// Length of the window, days.
    pub window_days: f64,
    /// Share of the ideal hedge while the spot is below its average, per cent.
    pub below_percent: f64,
    /// Share while it is at or above, per cent.
    pub above_percent: f64,
}

impl Ratio for TrendFilter {
    fn column(&self, history: &History<'_>) -> RatioColumn {
        let spot: Vec<Option<f64>> = history.spot.iter().copied().map(Some).collect();
        let means = rolling_mean(history.time, &spot, self.window_days);
        let percent =
            |spot: f64, mean| if spot < mean { self.below_percent } else { self.above_percent };
        let ratio = |(spot, mean): (&f64, Option<f64>)| Some(percent(*spot, mean?) / 100.0);
        RatioColumn::Rows(history.spot.iter().zip(means).map(ratio).collect())
    }

    fn describe(&self) -> String {
        format!(
            "hedges {} % below the average of the last {} days and {} % above",
            self.below_percent, self.window_days, self.above_percent
        )
    }
}

pub(super) const ENTRY: Entry<dyn Ratio> = Entry {
    name: "trend_filter",
    about: "hedges one share below a moving average of the spot and another above; the average is of the rows from `window_days` days \
            before to the row itself, both included: 11 daily closes in 10 days",
    example: "ratio = { trend_filter = { window_days = 10, below_percent = 100, above_percent = 0 } }",
    build: |setting| {
        let span = setting.span();
        let ratio: TrendFilter = parameters(setting)?;
        above_zero("window_days", ratio.window_days)?;
        for (name, percent) in
            [("below_percent", ratio.below_percent), ("above_percent", ratio.above_percent)]
        {
            percent_of_hedge(name, percent)
                .map_err(|message| SettingError::at(span.clone(), message))?;
        }
        Ok(Box::new(ratio))
    },
};
