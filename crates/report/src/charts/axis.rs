//! From numbers and dates to places on the sheet, and the ticks between.

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use hedgerow_core::Timestamp;

/// How values lie on an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spacing {
    /// Equal distances for equal differences.
    Linear,
    /// Equal distances for equal ratios; positive values only.
    Logarithmic,
}

/// A range of values on a range of the sheet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    spacing: Spacing,
}

impl Axis {
    /// `low` lies at `from`, `high` at `to`.
    pub(super) fn new(low: f64, high: f64, from: f64, to: f64, spacing: Spacing) -> Self {
        let high = if high > low { high } else { low + low.abs().max(1.0) };
        Self { low, high, from, to, spacing }
    }

    /// Where a value lies; values beyond the range lie beyond it.
    pub(super) fn place(&self, value: f64) -> f64 {
        let share = match self.spacing {
            Spacing::Linear => (value - self.low) / (self.high - self.low),
            Spacing::Logarithmic => (value / self.low).ln() / (self.high / self.low).ln(),
        };
        self.from + share * (self.to - self.from)
    }

    /// Round values on the axis, about `wanted` of them.
    pub(super) fn ticks(&self, wanted: f64) -> Vec<f64> {
        match self.spacing {
            Spacing::Linear => linear_ticks(self.low, self.high, wanted),
            Spacing::Logarithmic => logarithmic_ticks(self.low, self.high),
        }
    }
}

/// The range widened to round values; one that is narrower than a millionth of its values, by a quarter of them on either side.
pub(super) fn widened(low: f64, high: f64, wanted: f64) -> (f64, f64) {
    let size = low.abs().max(high.abs());
    let room = if high - low > 1e-6 * size { 0.0 } else { 0.25 * size };
    let (low, high) = (low - room, high + room);
    let step = round_step((high - low).max(1e-300) / wanted);
    ((low / step).floor() * step, (high / step).ceil() * step)
}

/// 1, 2 or 5 times a power of ten, not below `step`.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let factor = step / power;
    power * [1.0, 2.0, 5.0, 10.0].into_iter().find(|round| factor <= round + 1e-9).unwrap_or(10.0)
}

#[expect(clippy::cast_possible_truncation, reason = "a handful of ticks")]
fn linear_ticks(low: f64, high: f64, wanted: f64) -> Vec<f64> {
    let step = round_step((high - low) / wanted);
    let first = (low / step - 1e-9).ceil() as i32;
    let last = (high / step + 1e-9).floor() as i32;
    (first..=last).map(|tick| f64::from(tick) * step).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "powers of ten of an f64 are below 400")]
fn logarithmic_ticks(low: f64, high: f64) -> Vec<f64> {
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let factors: &[f64] = if last - first > 4 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    (first..=last)
        .flat_map(|power| factors.iter().map(move |factor| factor * 10_f64.powi(power)))
        .filter(|tick| *tick >= low * 0.999 && *tick <= high * 1.001)
        .collect()
}

/// Milliseconds as a number, for an axis.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of a few centuries are exact in f64")]
pub(super) fn millis(time: Timestamp) -> f64 {
    time.millis() as f64
}

/// Dates on an axis and what is written under them: at most eight.
pub(super) fn date_ticks(from: Timestamp, to: Timestamp) -> Vec<(Timestamp, String)> {
    let (Some(first), Some(last)) = (from.chrono(), to.chrono()) else {
        return Vec::new();
    };
    let days = to.days_since(from);
    let months = [1, 2, 3, 6, 12, 24, 60, 120].into_iter();
    let step = months.into_iter().find(|months| days / (30.4 * f64::from(*months)) <= 8.0);
    let ticks = if days > 60.0 {
        month_ticks(first, last, step.unwrap_or(240))
    } else {
        day_ticks(first, last, days)
    };
    ticks
        .into_iter()
        .map(|(time, label)| (Timestamp::from_millis(time.timestamp_millis()), label))
        .collect()
}

fn month_ticks(
    first: DateTime<Utc>,
    last: DateTime<Utc>,
    step: u32,
) -> Vec<(DateTime<Utc>, String)> {
    let format = if step.is_multiple_of(12) { "%Y" } else { "%b %Y" };
    let january = NaiveDate::from_ymd_opt(first.year(), 1, 1);
    let start = january.map(|date| date.and_time(NaiveTime::MIN).and_utc());
    std::iter::successors(start, |time| time.checked_add_months(Months::new(step)))
        .skip_while(|time| {
            time.checked_add_signed(TimeDelta::days(2)).is_some_and(|time| time < first)
        })
        .take_while(|time| *time <= last)
        .map(|time| (time, time.format(format).to_string()))
        .collect()
}

fn day_ticks(first: DateTime<Utc>, last: DateTime<Utc>, days: f64) -> Vec<(DateTime<Utc>, String)> {
    const HOUR: i32 = 3600;
    let short = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800].into_iter();
    let hours = [1, 2, 4, 6, 12, 24, 48, 96, 168, 240].into_iter().map(|hours| hours * HOUR);
    let step = short.chain(hours).find(|seconds| days * 24.0 * 3600.0 / f64::from(*seconds) <= 8.0);
    let step = step.unwrap_or(240 * HOUR);
    let format = match step {
        ..60 => "%H:%M:%S",
        60..86_400 => "%d %b %H:%M",
        _ => "%d %b",
    };
    let midnight = first.date_naive().and_time(NaiveTime::MIN).and_utc();
    std::iter::successors(Some(midnight), |time| {
        time.checked_add_signed(TimeDelta::seconds(i64::from(step)))
    })
    .skip_while(|time| *time < first)
    .take_while(|time| *time <= last)
    .map(|time| (time, time.format(format).to_string()))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found by a reader: the ticks of an equity that never moves did not fit their integers, and the picture's labels lay at
    /// the end of the world.
    #[test]
    fn a_range_without_width_has_few_ticks_within_it() {
        for value in [0.0, 4_000.0, 1_000_000.0, -3.7, 1e12] {
            for width in [0.0, 1e-9 * value] {
                let (low, high) = widened(value, value + f64::abs(width), 5.0);
                let axis = Axis::new(low, high, 0.0, 100.0, Spacing::Linear);
                let ticks = axis.ticks(5.0);
                assert!((1..20).contains(&ticks.len()), "{value} {width}: {ticks:?}");
                for tick in ticks {
                    assert!((-1e-6..=100.0 + 1e-6).contains(&axis.place(tick)), "{value}: {tick}");
                }
                assert!((0.0..=100.0).contains(&axis.place(value)), "{value}");
            }
        }
    }

    #[test]
    fn ticks_are_round() {
        let ticks = linear_ticks(-0.3, 1.0, 7.0);
        assert_eq!(ticks.len(), 7);
        assert!((ticks[0] + 0.2).abs() < 1e-12 && (ticks[6] - 1.0).abs() < 1e-12);
        assert_eq!(logarithmic_ticks(900.0, 6000.0), [1000.0, 2000.0, 5000.0]);
    }

    #[test]
    fn dates_are_few_and_start_periods() {
        let at = |text| Timestamp::parse(text).unwrap();
        let labels = |from, to| -> Vec<String> {
            date_ticks(at(from), at(to)).into_iter().map(|(_, label)| label).collect()
        };
        assert_eq!(labels("2020-01-01", "2024-06-12"), ["2020", "2021", "2022", "2023", "2024"]);
        assert_eq!(
            labels("2024-01-01T10:07", "2024-01-01T10:37"),
            [
                "01 Jan 10:10",
                "01 Jan 10:15",
                "01 Jan 10:20",
                "01 Jan 10:25",
                "01 Jan 10:30",
                "01 Jan 10:35"
            ]
        );
        assert_eq!(
            labels("2024-01-01T10:07:58", "2024-01-01T10:08:02"),
            ["10:07:58", "10:07:59", "10:08:00", "10:08:01", "10:08:02"]
        );
        assert_eq!(
            labels("2024-01-01", "2024-01-05"),
            [
                "01 Jan 00:00",
                "01 Jan 12:00",
                "02 Jan 00:00",
                "02 Jan 12:00",
                "03 Jan 00:00",
                "03 Jan 12:00",
                "04 Jan 00:00",
                "04 Jan 12:00",
                "05 Jan 00:00"
            ]
        );
    }
}
