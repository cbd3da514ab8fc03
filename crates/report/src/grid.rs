//! The grid of statistics: the last row of each UTC day.

use hedgerow_core::{MILLIS_PER_DAY, Market, Timestamp};

/// Which market rows the statistics look at.
///
/// One row per UTC day, its last. A row at midnight closes the day before it, because a row's time is the end of its
/// bar. Where the market's own rows are further apart than a day, every row is taken and one step is as long as they are.
/// A day without rows is not invented: the step across it is longer.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Market rows, strictly increasing; never empty.
    pub rows: Vec<usize>,
    /// Days in one step: 1, or the commonest distance of a market that is coarser.
    pub step_days: f64,
}

impl Grid {
    /// The grid of a market.
    #[expect(clippy::cast_precision_loss, reason = "a step of milliseconds is exact in f64")]
    pub fn of(market: &Market) -> Self {
        match market.step_millis() {
            Some(step) if step > MILLIS_PER_DAY => Self {
                rows: (0..market.n_rows()).collect(),
                step_days: step as f64 / MILLIS_PER_DAY as f64,
            },
            _ => Self { rows: last_rows_of_days(market.time()), step_days: 1.0 },
        }
    }

    /// Steps in `days`; `None` when that is not a whole number of them.
    ///
    /// ```
    /// # use hedgerow_report::Grid;
    /// let weekly = Grid { rows: vec![0, 1], step_days: 7.0 };
    /// assert_eq!((weekly.steps(7.0), weekly.steps(1.0), weekly.steps(30.0)), (Some(1), None, None));
    /// ```
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a small whole number of at least 1"
    )]
    pub fn steps(&self, days: f64) -> Option<usize> {
        let steps = days / self.step_days;
        let whole = steps.round();
        (whole >= 1.0 && (steps - whole).abs() < 1e-9 && whole < 1e6).then_some(whole as usize)
    }

    /// Whether one step is one day.
    pub fn is_daily(&self) -> bool {
        (self.step_days - 1.0).abs() < 1e-9
    }

    /// One sentence for the report.
    pub fn about(&self) -> String {
        if self.is_daily() {
            "statistics use the last row of each UTC day and a year of 365 days".to_owned()
        } else {
            format!(
                "rows are {} days apart: statistics use every row where they would use days, and a year of 365 days",
                self.step_days
            )
        }
    }
}

fn last_rows_of_days(time: &[Timestamp]) -> Vec<usize> {
    let day = |row: usize| (time[row].millis() - 1).div_euclid(MILLIS_PER_DAY);
    (0..time.len()).filter(|&row| row + 1 == time.len() || day(row) != day(row + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_belongs_to_the_day_it_ends() {
        let stamps = ["2024-01-01 12:00", "2024-01-02", "2024-01-02 01:00", "2024-01-02 23:00"];
        let time: Vec<_> = stamps.iter().map(|text| Timestamp::parse(text).unwrap()).collect();
        assert_eq!(last_rows_of_days(&time), [1, 3]);
    }
}
