//! Re-hedges when the spot has moved by so much since the last re-hedge: `|spot / spot at last re-hedge - 1| >= move`.
//!
//! Fires at the first row, when there is no hedge yet.

use hedgerow_core::Percent;
use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{Band, Hedge, Now, Rehedge, Rule, at_least_zero};

/// A relative move of the spot.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpotMove {
    /// Per cent of the spot at the last re-hedge.
    pub percent: Percent,
}

impl Rehedge for SpotMove {
    #[inline]
    fn band(&self, ideal: f64, now: &Now, hedge: &Hedge<'_>) -> Band {
        match hedge.rehedged {
            Some(last) if (now.spot / last.spot - 1.0).abs() < self.percent.fraction() => Band::ANY,
            _ => Band::at(ideal),
        }
    }
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "spot_move",
    about: "re-hedges when the spot has moved by so many per cent since the last re-hedge",
    example: "when = { spot_move = { percent = 5 } }",
    build: |setting| {
        let rule: SpotMove = parameters(setting)?;
        at_least_zero("percent", rule.percent.0)?;
        Ok(Box::new(rule))
    },
};
