//! Time: UTC milliseconds, and the one place where days become years.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};

/// Days in a year for annualisation and for time to expiry: crypto trades every day, and the year is ACT/365F.
pub const DAYS_PER_YEAR: f64 = 365.0;

/// Milliseconds in a day.
pub const MILLIS_PER_DAY: i64 = 86_400_000;

/// An instant: milliseconds since 1970-01-01T00:00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970-01-01T00:00:00 UTC.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00 UTC.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Reads `2024-06-12`, `2024-06-12 08:00`, `2024-06-12T08:00:00` (all UTC) or any RFC 3339 text with its own offset.
    ///
    /// ```
    /// # use hedgerow_core::Timestamp;
    /// let noon = Timestamp::parse("2024-06-12T14:00:00+02:00").unwrap();
    /// assert_eq!(noon.to_string(), "2024-06-12T12:00:00Z");
    /// assert_eq!(Timestamp::parse("2024-13-01"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return Some(Self(date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis()));
        }
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Some(Self(time.timestamp_millis()));
        }
        ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .map(|time| Self(time.and_utc().timestamp_millis()))
    }

    /// ACT/365F years from `earlier` to this instant; negative when `earlier` is later.
    ///
    /// ```
    /// # use hedgerow_core::Timestamp;
    /// let (start, end) = (Timestamp::parse("2024-01-01").unwrap(), Timestamp::parse("2024-12-31").unwrap());
    /// assert_eq!(end.years_since(start), 1.0);
    /// ```
    #[expect(
        clippy::cast_precision_loss,
        reason = "a span of milliseconds within 285 thousand years is exact in f64"
    )]
    pub fn years_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0) as f64 / (DAYS_PER_YEAR * MILLIS_PER_DAY as f64)
    }

    /// Days from `earlier` to this instant; negative when `earlier` is later. Whole days are whole numbers, so that a window
    /// of `n` days may be compared with them.
    ///
    /// ```
    /// # use hedgerow_core::Timestamp;
    /// let start = Timestamp::parse("2024-01-01").unwrap();
    /// assert!((0..4_000).all(|days| start.plus_days(days).days_since(start) == days as f64));
    /// ```
    #[expect(
        clippy::cast_precision_loss,
        reason = "a span of milliseconds within 285 thousand years is exact in f64"
    )]
    pub fn days_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0) as f64 / MILLIS_PER_DAY as f64
    }

    /// This instant moved by whole days.
    pub const fn plus_days(self, days: i64) -> Self {
        Self(self.0 + days * MILLIS_PER_DAY)
    }

    /// Whether this instant is 00:00 UTC.
    pub const fn is_midnight(self) -> bool {
        self.0.rem_euclid(MILLIS_PER_DAY) == 0
    }

    /// The UTC day, `2024-06-12`.
    pub fn date(self) -> String {
        self.chrono().map_or_else(|| self.0.to_string(), |time| time.format("%Y-%m-%d").to_string())
    }

    /// As chrono's instant; `None` beyond the years chrono can hold.
    pub fn chrono(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.chrono() {
            Some(time) => formatter.write_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            None => write!(formatter, "{} ms", self.0),
        }
    }
}
