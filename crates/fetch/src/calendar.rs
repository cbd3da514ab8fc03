//! Months and days of a period, UTC.

use chrono::{Datelike, Months, NaiveDate, NaiveTime};
use hedgerow_core::{MILLIS_PER_DAY, Timestamp};

use crate::period::Period;

/// A calendar month or day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// Its first instant.
    pub(crate) start: Timestamp,
    /// The first instant after it.
    pub(crate) end: Timestamp,
}

impl Span {
    /// `2024-01`.
    pub(crate) fn month_text(self) -> String {
        self.start.date()[..7].to_owned()
    }

    /// `2024-01-15`.
    pub(crate) fn day_text(self) -> String {
        self.start.date()
    }

    /// What both have.
    pub(crate) fn common(self, period: Period) -> Period {
        Period { from: self.start.max(period.from), to: self.end.min(period.to) }
    }
}

/// The months that the period touches.
pub(crate) fn months(period: Period) -> Vec<Span> {
    let first = period.from.chrono().and_then(|time| time.date_naive().with_day(1));
    std::iter::successors(first, |month| month.checked_add_months(Months::new(1)))
        .map_while(|month| {
            let end = month.checked_add_months(Months::new(1))?;
            Some(Span { start: midnight(month), end: midnight(end) })
        })
        .take_while(|span| span.start < period.to)
        .collect()
}

/// The days that the period touches.
pub(crate) fn days(period: Period) -> Vec<Span> {
    let first = period.from.millis().div_euclid(MILLIS_PER_DAY) * MILLIS_PER_DAY;
    std::iter::successors(Some(Timestamp::from_millis(first)), |day| Some(day.plus_days(1)))
        .take_while(|day| *day < period.to)
        .map(|start| Span { start, end: start.plus_days(1) })
        .collect()
}

fn midnight(day: NaiveDate) -> Timestamp {
    Timestamp::from_millis(day.and_time(NaiveTime::MIN).and_utc().timestamp_millis())
}
