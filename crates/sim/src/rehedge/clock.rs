//! Re-hedges on a fixed clock.
//!
//! Fires at the first row and whenever a multiple of the interval, counted from the first row, lies after the row before
//! and at or before this row. An interval of 0 fires at every row. A clock finer than the market's rows fires at every
//! row; the market cannot show more.

use hedgerow_core::registry::{Entry, SettingError, parameters};
use serde::Deserialize;

use super::{Band, Hedge, Now, Rehedge, Rule, at_least_zero, millis};

/// A clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clock {
    /// Milliseconds between re-hedges; 0 for every row.
    pub interval: i64,
}

impl Rehedge for Clock {
    #[inline]
    fn band(&self, ideal: f64, now: &Now, _: &Hedge<'_>) -> Band {
        let Some(previous) = now.previous else { return Band::at(ideal) };
        if self.interval == 0 {
            return Band::at(ideal);
        }
        let strikes = |millis: i64| (millis - now.start.millis()).div_euclid(self.interval);
        if strikes(now.time.millis()) > strikes(previous.millis()) {
            Band::at(ideal)
        } else {
            Band::ANY
        }
    }

    fn finer_than(&self, step: i64) -> Option<&'static str> {
        (self.interval > 0 && self.interval < step).then_some(ENTRY.name)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    days: Option<f64>,
    hours: Option<f64>,
}

impl Parameters {
    fn resolve(&self) -> Result<Clock, SettingError> {
        let days = match (self.days, self.hours) {
            (Some(days), None) => days,
            (None, Some(hours)) => hours / 24.0,
            _ => {
                return Err(SettingError {
                    message: "clock takes either `days` or `hours`".to_owned(),
                    span: None,
                });
            }
        };
        at_least_zero("clock", days)?;
        Ok(Clock { interval: millis(days) })
    }
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "clock",
    about: "re-hedges every so many `days` or `hours`, counted from the first row",
    example: "when = { clock = { days = 3 } }",
    build: |setting| Ok(Box::new(parameters::<Parameters>(setting)?.resolve()?)),
};
