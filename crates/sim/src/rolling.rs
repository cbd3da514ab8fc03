//! Realised vol and means over rolling windows, known at each row from that row and those before.

use hedgerow_core::Timestamp;

use crate::rehedge::Before;

/// `vol² = sum of squared log returns / years they span`, over the rows of the last `window_days` days; means are taken as 0.
/// `None` until a whole window has passed, and while the window holds fewer than two returns.
pub(crate) fn rolling_vol(time: &[Timestamp], spot: &[f64], window_days: f64) -> Vec<Option<f64>> {
    let mut vol = rolling_vol_so_far(time, spot, window_days);
    let is_short = |time: &Timestamp, first: Timestamp| time.days_since(first) < window_days;
    let short = time.iter().take_while(|now| is_short(now, time[0])).count();
    vol[..short].fill(None);
    vol
}

/// The same, but that a window which reaches back before the first row is of the rows there are.
fn rolling_vol_so_far(time: &[Timestamp], spot: &[f64], window_days: f64) -> Vec<Option<f64>> {
    let square = |row: usize| (spot[row] / spot[row - 1]).ln().powi(2);
    let (mut sum, mut first) = (0.0, 1);
    let vol = |row: usize| {
        if row == 0 {
            return None;
        }
        sum += square(row);
        while time[row].days_since(time[first - 1]) > window_days {
            sum -= square(first);
            first += 1;
        }
        if row.is_multiple_of(1000) {
            sum = (first..=row).map(square).sum();
        }
        if row < first + 1 {
            return None;
        }
        Some((sum.max(0.0) / time[row].years_since(time[first - 1])).sqrt())
    };
    (0..time.len()).map(vol).collect()
}

/// Mean of the known numbers of the last `days` days, the row's own included; `None` until the first known number is that
/// old. The sum is made anew every thousand rows, so that rounding cannot pile up.
#[expect(clippy::cast_precision_loss, reason = "a window has far fewer than 2^52 rows")]
pub(crate) fn rolling_mean(
    time: &[Timestamp],
    numbers: &[Option<f64>],
    days: f64,
) -> Vec<Option<f64>> {
    let (mut sum, mut known, mut first) = (0.0, 0_usize, 0);
    let mut first_known = None;
    let mean = |row: usize| {
        if let Some(number) = numbers[row] {
            first_known.get_or_insert(row);
            sum += number;
            known += 1;
        }
        while time[row].days_since(time[first]) > days {
            if let Some(number) = numbers[first] {
                sum -= number;
                known -= 1;
            }
            first += 1;
        }
        if row.is_multiple_of(1000) {
            sum = numbers[first..=row].iter().flatten().sum();
        }
        let full = time[row].days_since(time[first_known?]) >= days && known > 0;
        full.then(|| sum / known as f64)
    };
    (0..time.len()).map(mean).collect()
}

/// A rolling window of realised vol that may reach back before the run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RollingVol {
    pub(crate) window_days: f64,
    before: Vec<(Timestamp, f64)>,
}

impl RollingVol {
    pub(crate) fn new(window_days: f64) -> Self {
        Self { window_days, before: Vec::new() }
    }

    /// Keeps what one window needs, and one row more so that it is full.
    pub(crate) fn warm_up(&mut self, before: &Before<'_>) {
        let Some(last) = before.time.last() else { return };
        let needed = before.time.partition_point(|time| last.days_since(*time) > self.window_days);
        let first = needed.saturating_sub(1);
        let rows = before.time[first..].iter().zip(&before.spot[first..]);
        self.before = rows.map(|(time, spot)| (*time, *spot)).collect();
    }

    /// The vol at each row of the run, of as much of a window as there is.
    pub(crate) fn column(&self, time: &[Timestamp], spot: &[f64]) -> Vec<Option<f64>> {
        let earlier = self.before.len();
        let all_time: Vec<Timestamp> =
            self.before.iter().map(|(time, _)| *time).chain(time.iter().copied()).collect();
        let all_spot: Vec<f64> =
            self.before.iter().map(|(_, spot)| *spot).chain(spot.iter().copied()).collect();
        rolling_vol_so_far(&all_time, &all_spot, self.window_days).split_off(earlier)
    }
}
