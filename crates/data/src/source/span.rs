//! Lengths of time, in words.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

/// A length of time, written `1d`, `8h`, `15m`, `30s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

/// Distance between the rows of a market.
pub type GridStep = Span;

const UNITS: [(&str, i64); 4] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)];

impl Span {
    /// From milliseconds; `None` unless positive.
    pub const fn from_millis(millis: i64) -> Option<Self> {
        if millis > 0 { Some(Self(millis)) } else { None }
    }

    /// A whole number of days.
    pub const fn days(days: u16) -> Self {
        Self(days as i64 * hedgerow_core::MILLIS_PER_DAY)
    }

    /// In milliseconds, positive.
    pub const fn millis(self) -> i64 {
        self.0
    }
}

impl FromStr for Span {
    type Err = String;

    /// Reads `1d`, `8h`, `15m`, `30s`.
    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (suffix, millis) = UNITS.iter().find(|(suffix, _)| text.ends_with(suffix))?;
            let number: i64 = text.strip_suffix(suffix)?.parse().ok()?;
            number.checked_mul(*millis).and_then(Self::from_millis)
        };
        parse().ok_or_else(|| {
            format!("expected a length of time such as `1d`, `8h`, `15m` or `30s`, found `{text}`")
        })
    }
}

impl fmt::Display for Span {
    /// In the largest unit that divides it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match UNITS.iter().find(|(_, millis)| self.0 % millis == 0) {
            Some((suffix, millis)) => write!(formatter, "{}{suffix}", self.0 / millis),
            None => write!(formatter, "{}ms", self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
