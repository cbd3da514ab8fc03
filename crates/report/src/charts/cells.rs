//! From rows per day to cells of a heat map.

use hedgerow_core::{MILLIS_PER_DAY, SeriesQuality};

use super::palette::Colour;
use crate::presence::stamps_to;

/// A stretch of whole days of one series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    /// First day, since 1970-01-01 UTC.
    pub(super) from: i64,
    /// The day after the last one.
    pub(super) to: i64,
    /// Rows present.
    pub(super) rows: u64,
    /// Rows due: stamps of the series' grid in the stretch.
    pub(super) expected: u64,
}

/// How much of a cell is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// No row where some are due.
    Absent,
    /// Under one half.
    Few,
    /// From one half.
    Half,
    /// From 90 %.
    Most,
    /// From 99 %.
    Nearly,
    /// Every row.
    Full,
}

impl Level {
    pub(super) const ALL: [Self; 6] =
        [Self::Full, Self::Nearly, Self::Most, Self::Half, Self::Few, Self::Absent];

    /// `None` for a cell in which nothing is due and nothing is there.
    pub(super) fn of(cell: &Cell) -> Option<Self> {
        let (rows, expected) = (u128::from(cell.rows), u128::from(cell.expected));
        let reaches = |percent: u128| rows * 100 >= expected * percent;
        match (rows, expected) {
            (0, 0) => None,
            (0, _) => Some(Self::Absent),
            _ if reaches(100) => Some(Self::Full),
            _ if reaches(99) => Some(Self::Nearly),
            _ if reaches(90) => Some(Self::Most),
            _ if reaches(50) => Some(Self::Half),
            _ => Some(Self::Few),
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Full => "100 %",
            Self::Nearly => "99 to 100 %",
            Self::Most => "90 to 99 %",
            Self::Half => "50 to 90 %",
            Self::Few => "under 50 %",
            Self::Absent => "0 %",
        }
    }

    /// From blue to yellow, the pair that the common kinds of colour blindness keep apart; lightness rises from level to
    /// level, so the order is also seen in grey. All stand out from white paper and from dark paper.
    pub(super) const fn colour(self) -> Colour {
        match self {
            Self::Full => Colour(0x1F, 0x63, 0xA6),
            Self::Nearly => Colour(0x4F, 0x8D, 0xC0),
            Self::Most => Colour(0x8C, 0xAC, 0xB4),
            Self::Half => Colour(0xBD, 0xBF, 0x84),
            Self::Few => Colour(0xE6, 0xCE, 0x4C),
            Self::Absent => Colour(0xFF, 0xE6, 0x1A),
        }
    }
}

/// The UTC day to which an instant belongs; midnight belongs to the day it ends.
pub(super) const fn day_of(millis: i64) -> i64 {
    millis.saturating_sub(1).div_euclid(MILLIS_PER_DAY)
}

/// The first instant of a day.
pub(super) const fn start_of(day: i64) -> i64 {
    day.saturating_mul(MILLIS_PER_DAY)
}

/// The series' days from `first_day` of the picture on, `days` a cell, or as many as a step has where that is more.
///
/// `None` for a series whose rows were not counted by day, or that has no step.
pub(super) fn cells(series: &SeriesQuality, first_day: i64, days: i64) -> Option<Vec<Cell>> {
    let step = series.step_millis.filter(|step| *step > 0)?;
    let coverage = &series.coverage;
    if coverage.rows_per_day.is_empty() {
        return None;
    }
    let days = days.max(step_days(step));
    let (from, to) = (day_of(series.first.millis()), day_of(series.last.millis()) + 1);
    let skipped = (from - first_day).max(0) / days * days;
    let starts = std::iter::successors(Some(first_day + skipped), |start| Some(start + days));
    let cell = |start: i64| {
        let (from, to) = (start.max(from), (start + days).min(to));
        let before = stamps_to(series, start_of(from))?;
        let expected = stamps_to(series, start_of(to))?.saturating_sub(before);
        let place = |day: i64| usize::try_from(day.saturating_sub(coverage.first_day)).unwrap_or(0);
        let counts = coverage.rows_per_day.iter().take(place(to)).skip(place(from));
        Some(Cell { from, to, rows: counts.map(|rows| u64::from(*rows)).sum(), expected })
    };
    starts.take_while(|start| *start < to).map(cell).collect()
}

/// Days in a step, rounded up.
pub(super) const fn step_days(step_millis: i64) -> i64 {
    step_millis.saturating_add(MILLIS_PER_DAY - 1).div_euclid(MILLIS_PER_DAY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow_core::{Coverage, Timestamp};

    /// Rows every `step_hours`, the first at hour `first` of 1970-01-01, less those that are left out.
    fn series(first: i64, step_hours: i64, n: i64, absent: &[i64]) -> SeriesQuality {
        const HOUR: i64 = 3_600_000;
        let stamps: Vec<i64> = (0..n)
            .filter(|row| !absent.contains(row))
            .map(|row| (first + row * step_hours) * HOUR)
            .collect();
        let (from, to) = (stamps[0], stamps[stamps.len() - 1]);
        let mut rows_per_day = vec![0; usize::try_from(day_of(to) - day_of(from) + 1).unwrap()];
        for stamp in &stamps {
            rows_per_day[usize::try_from(day_of(*stamp) - day_of(from)).unwrap()] += 1;
        }
        SeriesQuality {
            name: "x".to_owned(),
            source: "x.csv".to_owned(),
            format: "generic".to_owned(),
            n_rows: stamps.len(),
            first: Timestamp::from_millis(from),
            last: Timestamp::from_millis(to),
            step_millis: Some(step_hours * HOUR),
            findings: Vec::new(),
            coverage: Coverage { first_day: day_of(from), rows_per_day },
            marks: Vec::new(),
        }
    }

    fn levels(series: &SeriesQuality, first_day: i64, days: i64) -> Vec<Option<Level>> {
        cells(series, first_day, days).unwrap().iter().map(Level::of).collect()
    }

    #[test]
    fn a_whole_series_is_full_in_every_cell() {
        for (first, step, n) in [(0, 1, 2000), (1, 1, 2000), (7, 8, 700), (24, 24, 90), (5, 5, 999)]
        {
            for (first_day, days) in [(-9, 1), (0, 1), (-3, 7), (-1, 30)] {
                let found = levels(&series(first, step, n, &[]), first_day, days);
                let expected = [None, Some(Level::Full)];
                assert!(found.iter().all(|level| expected.contains(level)), "{first} {step} {n}");
                assert!(found.contains(&Some(Level::Full)));
            }
        }
    }

    #[test]
    fn cells_count_every_row_once() {
        let series = series(13, 1, 1000, &[100, 101, 500]);
        for days in [1, 2, 5, 40] {
            let cells = cells(&series, -4, days).unwrap();
            assert_eq!(cells.iter().map(|cell| cell.rows).sum::<u64>(), 997);
            assert_eq!(cells.iter().map(|cell| cell.expected).sum::<u64>(), 1000);
            assert!(cells.windows(2).all(|pair| pair[0].to == pair[1].from));
        }
    }

    #[test]
    fn an_absent_day_is_absent_and_a_short_first_day_is_full() {
        // The first row is at 20:00 of day 0: four rows up to midnight. Rows 5 to 28 are day 1.
        let absent: Vec<i64> = (5..29).collect();
        let found = cells(&series(20, 1, 100, &absent), 0, 1).unwrap();
        assert_eq!(found[0], Cell { from: 0, to: 1, rows: 5, expected: 5 });
        assert_eq!(found[1], Cell { from: 1, to: 2, rows: 0, expected: 24 });
        assert_eq!(Level::of(&found[1]), Some(Level::Absent));
        assert_eq!(Level::of(&found[2]), Some(Level::Full));
    }

    #[test]
    fn a_weekly_series_has_weekly_cells() {
        let cells = cells(&series(24, 168, 20, &[7]), 0, 1).unwrap();
        assert!(cells.len() <= 20 && cells.iter().all(|cell| cell.to - cell.from <= 7));
        let absent = cells.iter().filter(|cell| Level::of(cell) == Some(Level::Absent)).count();
        assert_eq!(absent, 1);
    }

    #[test]
    fn levels_part_where_their_labels_say() {
        let level = |rows| Level::of(&Cell { from: 0, to: 1, rows, expected: 1000 });
        let found = [0, 1, 499, 500, 899, 900, 989, 990, 999, 1000, 1001].map(level);
        let expected = [
            Level::Absent,
            Level::Few,
            Level::Few,
            Level::Half,
            Level::Half,
            Level::Most,
            Level::Most,
            Level::Nearly,
            Level::Nearly,
            Level::Full,
            Level::Full,
        ];
        assert_eq!(found, expected.map(Some));
    }

    /// Relative luminance (WCAG 2.2, "relative luminance").
    fn luminance(Colour(red, green, blue): Colour) -> f64 {
        let linear = |byte: u8| {
            let share = f64::from(byte) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    #[test]
    fn lightness_rises_from_present_to_absent() {
        let lightness = |level: Level| 116.0 * luminance(level.colour()).cbrt() - 16.0;
        let levels = Level::ALL.map(lightness);
        assert!(levels.windows(2).all(|pair| pair[1] - pair[0] > 6.0), "{levels:?}");
        // WCAG 2.2 asks 3:1 of what must be seen: the colour of nearly every cell, on the dark card of the page.
        let dark = luminance(Colour(0x17, 0x1C, 0x22));
        assert!((luminance(Level::Full.colour()) + 0.05) / (dark + 0.05) > 2.5);
    }
}
