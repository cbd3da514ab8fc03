//! The period asked for.

use hedgerow_core::Timestamp;
use serde::{Deserialize, Deserializer, de};

use crate::FetchError;

/// No venue here has older history; earlier dates are typing errors and would cost a request a month.
const EARLIEST: Timestamp = Timestamp::from_millis(1_262_304_000_000); // 2010-01-01

/// From the first instant wanted to the first no longer wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

impl Period {
    /// The part of the period that has happened.
    ///
    /// # Errors
    /// [`FetchError`] when nothing of it has, or it is no period.
    pub(crate) fn until(
        from: Timestamp,
        to: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, FetchError> {
        check(from, to)?;
        if from >= now {
            return Err(FetchError::Future { from, now });
        }
        Ok(Self { from, to: to.map_or(now, |to| to.min(now)) })
    }
}

/// Whether `from` and `to` form a period.
///
/// # Errors
/// [`FetchError`] when they do not.
pub(crate) fn check(from: Timestamp, to: Option<Timestamp>) -> Result<(), FetchError> {
    if from < EARLIEST {
        let expected = format!("{} or later", EARLIEST.date());
        return Err(FetchError::Parameter { name: "from", found: from.to_string(), expected });
    }
    match to {
        Some(to) if from >= to => Err(FetchError::Period { from, to }),
        _ => Ok(()),
    }
}

/// An instant as typed; a date is its start.
pub(crate) fn from_text<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    parse(&String::deserialize(from)?).map_err(de::Error::custom)
}

/// An instant as typed; a date includes its day.
pub(crate) fn to_text<'de, D: Deserializer<'de>>(to: D) -> Result<Option<Timestamp>, D::Error> {
    let typed = String::deserialize(to)?;
    let time = parse(&typed).map_err(de::Error::custom)?;
    let is_date = typed.trim().len() == "2022-11-06".len();
    Ok(Some(if is_date { time.plus_days(1) } else { time }))
}

fn parse(typed: &str) -> Result<Timestamp, String> {
    Timestamp::parse(typed.trim()).ok_or_else(|| {
        format!("expected a date or a UTC time such as 2022-11-06 or 2022-11-06T08:00:00Z, found `{typed}`")
    })
}
