//! Re-hedges once a day, at the first row at or after a stated hour of the day in UTC.
//!
//! Fires at the first row, and whenever that hour of any day lies after the row before and at or before this row. Deribit
//! settles at 8, Binance's funding stamps are 0, 8 and 16.

use hedgerow_core::MILLIS_PER_DAY;
use hedgerow_core::registry::{Entry, SettingError, parameters};
use serde::Deserialize;

use super::{Band, Hedge, Now, Rehedge, Rule, millis};

/// An hour of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndOfDay {
    /// Milliseconds after 00:00 UTC, less than a day.
    pub after_midnight: i64,
}

impl Rehedge for EndOfDay {
    #[inline]
    fn band(&self, ideal: f64, now: &Now, _: &Hedge<'_>) -> Band {
        let days = |millis: i64| (millis - self.after_midnight).div_euclid(MILLIS_PER_DAY);
        match now.previous {
            Some(previous) if days(previous.millis()) == days(now.time.millis()) => Band::ANY,
            _ => Band::at(ideal),
        }
    }

    fn finer_than(&self, step: i64) -> Option<&'static str> {
        (step >= MILLIS_PER_DAY).then_some(ENTRY.name)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    hour_utc: f64,
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "end_of_day",
    about: "re-hedges once a day, at an hour of the day in UTC",
    example: "when = { end_of_day = { hour_utc = 8 } }",
    build: |setting| {
        let span = setting.span();
        let Parameters { hour_utc } = parameters(setting)?;
        if !(0.0..24.0).contains(&hour_utc) {
            let message = format!("hour_utc is {hour_utc}, expected 0 to below 24");
            return Err(SettingError::at(span, message));
        }
        Ok(Box::new(EndOfDay { after_midnight: millis(hour_utc / 24.0) }))
    },
};
