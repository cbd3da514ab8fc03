//! Hull's stop-loss rule: all of an option is covered while it is in the money, nothing while it is not.
//!
//! A negative control (Hull, "Options, Futures, and Other Derivatives", chapter "The Greek Letters", "A stop-loss
//! strategy"): however often it is looked at, its hedging error does not fall to nothing. In place of the book's delta it
//! hedges the slope of what the options would pay at the row's spot, `1` or `0` for a call, `0` or `-1` for a put; what
//! else the ideal holds stays (coins held outright, legs before, bias). Strikes are read from the book's option trades; a
//! book without any is hedged to its ideal. Only for a ratio of 1: the slope is not scaled.

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{Band, Decide, Hedge, Now, Past, Rehedge, Rule};

/// No parameters.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopLoss {}

impl Rule for StopLoss {
    fn bind(&self, past: &Past<'_>) -> Box<dyn Decide> {
        let slopes = past.slopes();
        let offset = past.by_options(|row, held| {
            if held.is_empty() {
                return 0.0;
            }
            let slope = |option: &super::past::Held| {
                let pays = option.kind.payoff(past.spot[row], option.strike) > 0.0;
                if pays { option.quantity * option.kind.sign() } else { 0.0 }
            };
            let intrinsic: f64 = held.iter().map(slope).sum();
            slopes.delta[row] - slopes.coins - intrinsic
        });
        Box::new(Bound { offset })
    }

    fn is_of_delta(&self) -> bool {
        true
    }
}

#[derive(Debug)]
struct Bound {
    /// Coins to hold beyond the ideal, by row.
    offset: Vec<f64>,
}

impl Rehedge for Bound {
    #[inline]
    fn band(&self, ideal: f64, now: &Now, _: &Hedge<'_>) -> Band {
        Band::at(ideal + self.offset[now.row])
    }
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "stop_loss",
    about: "covers options wholly in the money and not at all out of it: Hull's negative control",
    example: r#"when = "stop_loss""#,
    build: |setting| Ok(Box::new(parameters::<StopLoss>(setting)?)),
};
