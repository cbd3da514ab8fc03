//! When to re-hedge, and how far: one file per rule.
//!
//! A rule answers with a [`Band`]: the hedges it is content with. A hedge inside the band is left alone; outside it is
//! traded to the band's nearest edge or to its centre ([`To`]). Rules are pure: what they may know of the past is in
//! [`Hedge`].

use std::fmt;

use hedgerow_core::registry::{Entry, SettingError};
use hedgerow_core::{Series, Timestamp};

pub mod all;
pub mod any;
pub mod clock;
pub mod delta_band;
pub mod every_row;
pub mod spot_move;
pub mod whalley_wilmott;

/// Every rule, alphabetically.
pub const RULES: &[Entry<dyn Rule>] = &[
    all::ENTRY,
    any::ENTRY,
    clock::ENTRY,
    delta_band::ENTRY,
    every_row::ENTRY,
    spot_move::ENTRY,
    whalley_wilmott::ENTRY,
];

/// What is known at a row. A rule sees no more than this.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Now {
    /// The row's instant.
    pub time: Timestamp,
    /// The instant of the row before; `None` at the first row.
    pub previous: Option<Timestamp>,
    /// The instant of the run's first row.
    pub start: Timestamp,
    /// USD per coin.
    pub spot: f64,
    /// Gamma of the book in the hedged asset, coins per USD.
    pub gamma: f64,
    /// Years to the book's nearest expiry; `None` where no option is held.
    pub years: Option<f64>,
    /// One-way proportional cost of the hedge instrument, fraction of notional.
    pub cost_rate: f64,
    /// Continuous interest rate on USD, per year.
    pub rate: f64,
}

/// The hedge before the row's decision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hedge {
    /// What is held: coins of delta for a leg against delta, units for a leg of fixed size.
    pub held: f64,
    /// When and at what spot the rule last set the hedge; `None` before the first time.
    pub rehedged: Option<(Timestamp, f64)>,
}

/// The hedges that a rule is content with, in the same measure as [`Hedge::held`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Lowest.
    pub low: f64,
    /// Highest.
    pub high: f64,
}

impl Band {
    /// Any hedge will do: do not trade.
    pub const ANY: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// Only the ideal will do: trade to it.
    pub fn at(ideal: f64) -> Self {
        Self { low: ideal, high: ideal }
    }

    /// Within `half_width` of the ideal.
    pub fn around(ideal: f64, half_width: f64) -> Self {
        Self { low: ideal - half_width, high: ideal + half_width }
    }

    /// Content with what both are content with; both hold the ideal, so the result does too.
    pub fn and(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.min(other.high) }
    }

    /// The smallest band that holds both.
    pub fn or(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// Whether `held` may stay.
    pub fn contains(self, held: f64) -> bool {
        self.low <= held && held <= self.high
    }

    /// Whether only the ideal will do.
    pub fn is_point(self) -> bool {
        self.low >= self.high
    }
}

/// How far to trade once a hedge has left its band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum To {
    /// To the nearest edge of the band: what the theory of proportional costs asks for.
    #[default]
    Edge,
    /// To the ideal.
    Centre,
}

/// When to re-hedge, and how far: the one method of a rule.
pub trait Rehedge: fmt::Debug + Send + Sync {
    /// The hedges the rule is content with at this row, given the `ideal` one. The band holds the ideal.
    fn band(&self, ideal: f64, now: &Now, hedge: &Hedge) -> Band;
}

/// A rule as the simulator runs it: the loop over rows, compiled for each rule.
pub trait Rule: Rehedge {
    /// Decides `rows` one after another and appends the units to hold after each.
    fn decide(&self, rows: &Rows<'_>, state: &mut State, targets: &mut Vec<f64>);
}

/// What [`Rule::decide`] reads: the market's columns and the leg's ideal, for a block of rows.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Instants of all rows of the run.
    pub time: &'a [Timestamp],
    /// Spot of all rows.
    pub spot: &'a [f64],
    /// Gamma of the book, all rows.
    pub gamma: &'a [f64],
    /// Years to the nearest expiry, all rows.
    pub years: &'a [Option<f64>],
    /// First row of the block.
    pub start: usize,
    /// Ideal units of the block; `None` where the ratio is not known yet.
    pub ideal: &'a [Option<f64>],
    /// What one unit measures, all rows: coins of delta for a leg against delta, 1 for a leg of fixed size.
    pub measure: &'a Series,
    /// One-way proportional cost of the instrument.
    pub cost_rate: f64,
    /// Continuous interest rate on USD.
    pub rate: f64,
    /// How far to trade.
    pub to: To,
}

/// What a leg remembers from one block of rows to the next.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct State {
    /// Units that will be held once the last decision is filled.
    pub held: f64,
    /// When and at what spot the rule last set the hedge.
    pub rehedged: Option<(Timestamp, f64)>,
}

impl<R: Rehedge> Rule for R {
    /// Which measure a unit has is asked once a block, not once a row.
    fn decide(&self, rows: &Rows<'_>, state: &mut State, targets: &mut Vec<f64>) {
        match rows.measure {
            Series::Constant(measure) => decide(self, rows, |_| *measure, state, targets),
            Series::Rows(measures) => decide(self, rows, |row| measures[row], state, targets),
        }
    }
}

fn decide(
    rule: &impl Rehedge,
    rows: &Rows<'_>,
    measure: impl Fn(usize) -> f64,
    state: &mut State,
    targets: &mut Vec<f64>,
) {
    let block = rows.start..rows.start + rows.ideal.len();
    let columns = rows.time[block.clone()].iter().zip(&rows.spot[block.clone()]);
    let columns =
        columns.zip(&rows.gamma[block.clone()]).zip(&rows.years[block.clone()]).zip(rows.ideal);
    let mut previous = rows.start.checked_sub(1).map(|before| rows.time[before]);
    let mut memory = *state;
    targets.resize(rows.ideal.len(), 0.0);
    for ((slot, row), ((((time, spot), gamma), years), ideal)) in
        targets.iter_mut().zip(block).zip(columns)
    {
        if let Some(ideal) = ideal {
            let now = Now {
                time: *time,
                previous,
                start: rows.time[0],
                spot: *spot,
                gamma: *gamma,
                years: *years,
                cost_rate: rows.cost_rate,
                rate: rows.rate,
            };
            memory.held = target(rule, *ideal, measure(row), &now, rows.to, &mut memory);
        }
        previous = Some(*time);
        *slot = memory.held;
    }
    *state = memory;
}

/// Units to hold, given the ideal ones.
#[inline]
fn target(
    rule: &impl Rehedge,
    ideal: f64,
    measure: f64,
    now: &Now,
    to: To,
    state: &mut State,
) -> f64 {
    let hedge = Hedge { held: state.held * measure, rehedged: state.rehedged };
    let band = rule.band(ideal * measure, now, &hedge);
    let stays = band.contains(hedge.held);
    if band.is_point() || !stays {
        state.rehedged = Some((now.time, now.spot));
    }
    if stays {
        state.held
    } else if band.is_point() || to == To::Centre {
        ideal
    } else {
        hedge.held.clamp(band.low, band.high) / measure
    }
}

/// Refuses a parameter that is not a finite number of at least 0.
pub(crate) fn at_least_zero(name: &str, number: f64) -> Result<(), SettingError> {
    if number.is_finite() && number >= 0.0 {
        return Ok(());
    }
    Err(SettingError {
        message: format!("{name} is {number}, expected a number of at least 0"),
        span: None,
    })
}

/// Refuses a parameter that is not a finite number above 0.
pub(crate) fn above_zero(name: &str, number: f64) -> Result<(), SettingError> {
    if number.is_finite() && number > 0.0 {
        return Ok(());
    }
    Err(SettingError {
        message: format!("{name} is {number}, expected a number above 0"),
        span: None,
    })
}
