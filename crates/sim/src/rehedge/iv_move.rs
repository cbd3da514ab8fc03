//! Re-hedges when the mark vol has moved by so many vol points since the last re-hedge:
//! `|vol - vol at last re-hedge| >= points / 100`.
//!
//! The mark vol is that of the book's options. Fires at the first row, and while no vol is known now or was known then:
//! without a vol the rule cannot say that nothing has happened.

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{Band, Decide, Hedge, Now, Past, Rehedge, Rule, at_least_zero};

/// A move of the mark vol.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IvMove {
    /// Vol points: 1 is 0.01 of vol.
    pub points: f64,
}

impl Rule for IvMove {
    fn bind(&self, past: &Past<'_>) -> Box<dyn Decide> {
        Box::new(Bound { least: self.points / 100.0, vol: past.slopes().vol.clone() })
    }
}

#[derive(Debug)]
struct Bound {
    /// Decimal.
    least: f64,
    /// One per row, to look up that of the last re-hedge.
    vol: Vec<Option<f64>>,
}

impl Rehedge for Bound {
    #[inline]
    fn band(&self, ideal: f64, now: &Now, hedge: &Hedge<'_>) -> Band {
        let then = hedge.rehedged.and_then(|last| self.vol[last.row]);
        match (now.vol, then) {
            (Some(vol), Some(then)) if (vol - then).abs() < self.least => Band::ANY,
            _ => Band::at(ideal),
        }
    }
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "iv_move",
    about: "re-hedges when the mark vol has moved by so many vol points since the last re-hedge",
    example: "when = { iv_move = { points = 3 } }",
    build: |setting| {
        let rule: IvMove = parameters(setting)?;
        at_least_zero("points", rule.points)?;
        Ok(Box::new(rule))
    },
};
