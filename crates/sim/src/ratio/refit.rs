//! When an estimate is made anew, and from which rows.

use std::ops::RangeInclusive;

use hedgerow_core::Timestamp;

/// The rows at which a rolling estimate is made anew, and the returns it is made from.
///
/// The first is the first row that has a whole window before it, the next `every` rows later. A window is the rows whose
/// returns lie within the last `window_days` days; row 0 has no return.
pub(crate) struct Refit<'a> {
    pub(crate) time: &'a [Timestamp],
    pub(crate) window_days: f64,
    pub(crate) every: usize,
    /// First row of the window, and the row last fitted.
    pub(crate) state: (usize, Option<usize>),
}

impl<'a> Refit<'a> {
    pub(crate) fn new(time: &'a [Timestamp], window_days: f64, every: usize) -> Self {
        Self { time, window_days, every, state: (1, None) }
    }

    /// The rows to estimate from at `row`, which must be asked in order; `None` where nothing is made anew.
    pub(crate) fn due(&mut self, row: usize) -> Option<RangeInclusive<usize>> {
        let (first, last) = &mut self.state;
        if row == 0 {
            return None;
        }
        while self.time[row].days_since(self.time[*first - 1]) > self.window_days {
            *first += 1;
        }
        let full = self.time[row].days_since(self.time[0]) >= self.window_days;
        let due = full && last.is_none_or(|last| row - last >= self.every);
        if due {
            *last = Some(row);
        }
        due.then_some(*first..=row)
    }
}
