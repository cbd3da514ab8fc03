//! Re-hedges when the spot has moved by so many standard deviations since the last re-hedge.
//!
//! `|ln(spot / spot at last re-hedge)| >= deviations · vol · sqrt(horizon_days / 365)`: `vol` is the realised vol of the
//! last `window_days` days (squared log returns, mean taken as 0) as known at the row, and the standard deviation is that of
//! a move over `horizon_days`. A window that reaches back before the history is of the rows there are. Fires at the first row, and
//! until two returns are known. Its levels are that move below and above the spot at the last re-hedge, by the vol of the row
//! before.

use hedgerow_core::DAYS_PER_YEAR;
use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{
    Band, Before, Decide, Hedge, Level, Levels, Now, Past, Rehedge, Rule, above_zero, at_least_zero,
};
use crate::rolling::RollingVol;

/// A move in units of the vol.
#[derive(Debug, Clone, PartialEq)]
pub struct SpotMoveDeviations {
    /// Number of standard deviations.
    pub deviations: f64,
    /// Over which a standard deviation is taken, days.
    pub horizon_days: f64,
    vol: RollingVol,
}

impl Rule for SpotMoveDeviations {
    fn bind(&self, past: &Past<'_>) -> Box<dyn Decide> {
        let per_vol = self.deviations * (self.horizon_days / DAYS_PER_YEAR).sqrt();
        let vol = self.vol.column(past.time, past.spot);
        Box::new(Bound { least: vol.into_iter().map(|vol| vol.map(|vol| per_vol * vol)).collect() })
    }

    fn warm_up(&mut self, before: &Before<'_>) {
        self.vol.warm_up(before);
    }

    fn has_levels(&self) -> bool {
        true
    }
}

#[derive(Debug)]
struct Bound {
    /// Log move that asks for a re-hedge, by row.
    least: Vec<Option<f64>>,
}

impl Rehedge for Bound {
    #[inline]
    fn band(&self, ideal: f64, now: &Now, hedge: &Hedge<'_>) -> Band {
        match (hedge.rehedged, self.least[now.row]) {
            (Some(last), Some(least)) if (now.spot / last.spot).ln().abs() < least => Band::ANY,
            _ => Band::at(ideal),
        }
    }

    fn levels(&self, _: f64, now: &Now, hedge: &Hedge<'_>) -> Levels {
        match (hedge.rehedged, self.least[now.row]) {
            (Some(last), Some(least)) => Levels {
                below: Level::of_ideal(last.spot * (-least).exp()),
                above: Level::of_ideal(last.spot * least.exp()),
            },
            _ => Levels::NONE,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    deviations: f64,
    horizon_days: f64,
    window_days: f64,
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "spot_move_deviations",
    about: "re-hedges when the spot has moved by so many standard deviations since the last re-hedge",
    example: "when = { spot_move_deviations = { deviations = 1.5, horizon_days = 1, window_days = 5 } }",
    build: |setting| {
        let Parameters { deviations, horizon_days, window_days } = parameters(setting)?;
        at_least_zero("deviations", deviations)?;
        above_zero("horizon_days", horizon_days)?;
        above_zero("window_days", window_days)?;
        let vol = RollingVol::new(window_days);
        Ok(Box::new(SpotMoveDeviations { deviations, horizon_days, vol }))
    },
};
