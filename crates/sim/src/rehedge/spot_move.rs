//! Re-hedges when the spot has moved by so much since the last re-hedge: `|spot / spot at last re-hedge - 1| >= move`.
//!
//! Fires at the first row, when there is no hedge yet. Its levels are that move below and above the spot at the last re-hedge.

use hedgerow_core::Percent;
use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{Band, Decide, Hedge, Level, Levels, Now, Past, Rehedge, Rule, at_least_zero};

/// A relative move of the spot.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpotMove {
    /// Per cent of the spot at the last re-hedge.
    pub percent: Percent,
}

impl Rule for SpotMove {
    fn bind(&self, _: &Past<'_>) -> Box<dyn Decide> {
        Box::new(Bound { least: self.percent.fraction() })
    }

    fn has_levels(&self) -> bool {
        true
    }
}

#[derive(Debug)]
struct Bound {
    /// Move that asks for a re-hedge, a fraction.
    least: f64,
}

impl Rehedge for Bound {
    #[inline]
    fn band(&self, ideal: f64, now: &Now, hedge: &Hedge<'_>) -> Band {
        match hedge.rehedged {
            Some(last) if (now.spot / last.spot - 1.0).abs() < self.least => Band::ANY,
            _ => Band::at(ideal),
        }
    }

    fn levels(&self, _: f64, _: &Now, hedge: &Hedge<'_>) -> Levels {
        let Some(last) = hedge.rehedged else { return Levels::NONE };
        Levels {
            below: Level::of_ideal(last.spot * (1.0 - self.least)),
            above: Level::of_ideal(last.spot * (1.0 + self.least)),
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
