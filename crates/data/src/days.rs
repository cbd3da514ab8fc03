//! How many rows each day has.

use hedgerow_core::{Coverage, MILLIS_PER_DAY};

/// Rows of each day, counted as they come in the order of time.
#[derive(Debug, Default)]
pub(crate) struct Days {
    coverage: Coverage,
    /// Last instant of the day that is being counted.
    end: Option<i64>,
    count: u32,
}

impl Days {
    pub(crate) fn push(&mut self, time: &[i64]) {
        for stamp in time {
            if self.end.is_none_or(|end| *stamp > end) {
                self.turn(*stamp);
            }
            self.count += 1;
        }
    }

    /// Begins the day of this stamp.
    fn turn(&mut self, stamp: i64) {
        self.book();
        // A stamp at midnight ends the day before: it belongs to the bar that it closes.
        let day = (stamp - 1).div_euclid(MILLIS_PER_DAY);
        if self.end.is_none() {
            self.coverage.first_day = day;
        }
        let position = usize::try_from(day - self.coverage.first_day).unwrap_or(0);
        self.coverage.rows_per_day.resize(position, 0);
        self.end = Some((day + 1) * MILLIS_PER_DAY);
    }

    fn book(&mut self) {
        if self.end.is_some() {
            self.coverage.rows_per_day.push(std::mem::take(&mut self.count));
        }
    }

    pub(crate) fn finish(mut self) -> Coverage {
        self.book();
        self.coverage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bar_that_ends_at_midnight_belongs_to_the_day_it_covers() {
        let hour = 3_600_000;
        let mut days = Days::default();
        days.push(&[hour, 2 * hour]);
        days.push(&[24 * hour, 25 * hour, 72 * hour + 1]);
        let coverage = days.finish();
        assert_eq!((coverage.first_day, &coverage.rows_per_day[..]), (0, &[3, 1, 0, 1][..]));
    }
}
