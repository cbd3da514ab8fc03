//! Hull's stop-loss rule: all of an option is covered while it is in the money, nothing while it is not.
//!
//! A negative control (Hull, "Options, Futures, and Other Derivatives", chapter "The Greek Letters", "A stop-loss
//! strategy"): however often it is looked at, its hedging error does not fall to nothing. In place of the book's delta it
//! hedges the slope of what the options would pay at the row's spot, `1` or `0` for a call, `0` or `-1` for a put; what
//! else the ideal holds stays (coins held outright, legs before, bias). Strikes are read from the book's option trades; a
//! book without any is hedged to its ideal. Only for a ratio of 1: the slope is not scaled. Its levels are the nearest strikes.

use hedgerow_core::OptionKind;
use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::past::Held;
use super::{Band, Decide, Hedge, Level, Levels, Now, Past, Rehedge, Rule};

/// No parameters.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopLoss {}

impl Rule for StopLoss {
    fn bind(&self, past: &Past<'_>) -> Box<dyn Decide> {
        let slopes = past.slopes();
        let rows = past.by_options(|row, held| {
            let spot = past.spot[row];
            if held.is_empty() {
                return Row::default();
            }
            let intrinsic = slope(held, |option| option.kind.payoff(spot, option.strike) > 0.0);
            Row {
                offset: slopes.delta[row] - slopes.coins - intrinsic,
                below: strike_below(held, spot, intrinsic),
                above: strike_above(held, spot, intrinsic),
            }
        });
        Box::new(Bound { rows })
    }

    fn is_of_delta(&self) -> bool {
        true
    }

    fn has_levels(&self) -> bool {
        true
    }
}

/// Coins that the options are worth when those in the money are exercised.
fn slope(held: &[Held], pays: impl Fn(&Held) -> bool) -> f64 {
    held.iter()
        .filter(|option| pays(option))
        .map(|option| option.quantity * option.kind.sign())
        .sum()
}

/// The nearest strike at or above the spot beyond which that is another number.
fn strike_above(held: &[Held], spot: f64, intrinsic: f64) -> Option<Strike> {
    let strikes = held.iter().map(|option| option.strike).filter(|strike| *strike >= spot);
    let beyond = |strike: f64| {
        slope(held, |option| match option.kind {
            OptionKind::Call => strike >= option.strike,
            OptionKind::Put => strike < option.strike,
        })
    };
    let changes = strikes.map(|spot| Strike { spot, jump: beyond(spot) - intrinsic });
    changes.filter(Strike::is_one).min_by(|a, b| a.spot.total_cmp(&b.spot))
}

/// The nearest strike at or below the spot beyond which that is another number.
fn strike_below(held: &[Held], spot: f64, intrinsic: f64) -> Option<Strike> {
    let strikes = held.iter().map(|option| option.strike).filter(|strike| *strike <= spot);
    let beyond = |strike: f64| {
        slope(held, |option| match option.kind {
            OptionKind::Call => strike > option.strike,
            OptionKind::Put => strike <= option.strike,
        })
    };
    let changes = strikes.map(|spot| Strike { spot, jump: beyond(spot) - intrinsic });
    changes.filter(Strike::is_one).max_by(|a, b| a.spot.total_cmp(&b.spot))
}

#[derive(Debug)]
struct Bound {
    rows: Vec<Row>,
}

/// What a row knows of the strikes.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    /// Coins to hold beyond the ideal.
    offset: f64,
    below: Option<Strike>,
    above: Option<Strike>,
}

/// A strike beyond which another hedge is wanted.
#[derive(Debug, Clone, Copy)]
struct Strike {
    spot: f64,
    /// Change of the coins that the options are worth.
    jump: f64,
}

impl Strike {
    fn is_one(&self) -> bool {
        self.jump.abs() > 1e-12
    }
}

impl Rehedge for Bound {
    #[inline]
    fn band(&self, ideal: f64, now: &Now, _: &Hedge<'_>) -> Band {
        Band::at(ideal + self.rows[now.row].offset)
    }

    fn levels(&self, ideal: f64, now: &Now, _: &Hedge<'_>) -> Levels {
        let Row { offset, below, above } = self.rows[now.row];
        let level =
            |strike: Strike| Level { spot: strike.spot, hedge: Some(ideal + offset - strike.jump) };
        Levels { below: below.map(level), above: above.map(level) }
    }
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "stop_loss",
    about: "covers options wholly in the money and not at all out of it: Hull's negative control",
    example: r#"when = "stop_loss""#,
    build: |setting| Ok(Box::new(parameters::<StopLoss>(setting)?)),
};
