//! When to re-hedge, and how far: one file per rule.
//!
//! A rule answers with a [`Band`]: the hedges it is content with. A hedge inside the band is left alone; outside it is
//! traded as [`To`] says. Rules are pure: what they may know of the past is in [`Hedge`], and what they need to know of vol,
//! strikes or spent costs is a column that [`Rule::bind`] makes before the loop, from rows up to each row.

use std::fmt;

use hedgerow_core::Timestamp;
use hedgerow_core::registry::{Entry, SettingError};

pub mod all;
pub mod any;
pub mod asymmetric_band;
pub mod clock;
pub mod cost_budget;
pub mod delta_band;
pub mod end_of_day;
pub mod every_row;
pub mod gamma_band;
pub mod hodges_neuberger;
pub mod iv_move;
pub mod leland_clock;
pub mod not;
pub mod risk;
pub mod sepp_clock;
pub mod spot_move;
pub mod spot_move_deviations;
pub mod stop_loss;
pub mod whalley_wilmott;
pub mod zakamouline;

mod band;
mod decide;
mod levels;
mod past;
mod spent;
mod to;

pub use band::Band;
pub use decide::{Decide, Rows, State};
pub use levels::{Level, Levels};
pub use past::{Before, Past};
pub use spent::Spent;
pub use to::{Place, To};

pub(crate) use decide::target;

/// Every rule, alphabetically.
pub const RULES: &[Entry<dyn Rule>] = &[
    all::ENTRY,
    any::ENTRY,
    asymmetric_band::ENTRY,
    clock::ENTRY,
    cost_budget::ENTRY,
    delta_band::ENTRY,
    end_of_day::ENTRY,
    every_row::ENTRY,
    gamma_band::ENTRY,
    hodges_neuberger::ENTRY,
    iv_move::ENTRY,
    leland_clock::ENTRY,
    not::ENTRY,
    sepp_clock::ENTRY,
    spot_move::ENTRY,
    spot_move_deviations::ENTRY,
    stop_loss::ENTRY,
    whalley_wilmott::ENTRY,
    zakamouline::ENTRY,
];

/// What is known at a row. A rule sees no more than this and its own columns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Now {
    /// The row, counted from the run's first.
    pub row: usize,
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
    /// Mark vol of the book's options, decimal; `None` where none is known.
    pub vol: Option<f64>,
    /// Years to the book's nearest expiry; `None` where no option is held.
    pub years: Option<f64>,
    /// One-way proportional cost of the hedge instrument, fraction of notional.
    pub cost_rate: f64,
    /// Continuous interest rate on USD, per year.
    pub rate: f64,
}

/// The hedge before the row's decision.
#[derive(Debug, Clone, Copy)]
pub struct Hedge<'a> {
    /// What is held: coins of delta for a leg against delta, units for a leg of fixed size.
    pub held: f64,
    /// When the rule last set the hedge; `None` before the first time.
    pub rehedged: Option<Rehedged>,
    /// What its trades have cost lately, as far back as the rule asks ([`Rehedge::cost_memory`]).
    pub spent: &'a Spent,
}

/// Where and when a rule last set the hedge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rehedged {
    /// Row, counted from the run's first.
    pub row: usize,
    /// Instant.
    pub time: Timestamp,
    /// Spot, USD per coin.
    pub spot: f64,
}

/// A rule that is bound to a run: the one method the loop calls.
pub trait Rehedge: fmt::Debug + Send + Sync {
    /// The hedges the rule is content with at this row, given the `ideal` one.
    fn band(&self, ideal: f64, now: &Now, hedge: &Hedge<'_>) -> Band;

    /// For how many milliseconds back the rule wants to know what the hedge's trades have cost; 0 for not at all.
    fn cost_memory(&self) -> i64 {
        0
    }

    /// Whether its band is one of delta, made from the book's gamma or payoff, and means nothing to a leg against anything else.
    fn is_of_delta(&self) -> bool {
        false
    }

    /// The absolute risk aversion that its band is made from, per USD.
    fn risk_aversion(&self) -> Option<f64> {
        None
    }

    /// Its name, where it is a clock that strikes at every row of a market whose rows are at least so many milliseconds apart.
    fn finer_than(&self, _step: i64) -> Option<&'static str> {
        None
    }

    /// The spots below and above the row's at which the rule will ask for another hedge, as far as the row knows; for rules
    /// that [have levels](Rule::has_levels).
    fn levels(&self, _ideal: f64, _now: &Now, _hedge: &Hedge<'_>) -> Levels {
        Levels::NONE
    }
}

/// A rule as a scenario states it. One that needs nothing but [`Now`] and [`Hedge`] implements [`Rehedge`] alone.
pub trait Rule: fmt::Debug + Send + Sync {
    /// The rule with the columns it needs, each from the rows up to its own.
    fn bind(&self, past: &Past<'_>) -> Box<dyn Decide>;

    /// Hands the rule the rows before the run, so that a rolling window costs nothing of the run.
    fn warm_up(&mut self, _: &Before<'_>) {}

    /// As [`Rehedge::is_of_delta`].
    fn is_of_delta(&self) -> bool {
        false
    }

    /// Whether the rule is triggered by levels of the spot that are known a row before, so that orders can rest there.
    fn has_levels(&self) -> bool {
        false
    }

    /// The clocks in it of which the market cannot show more than every row, as [`Rehedge::finer_than`].
    fn finer_than(&self, _step: i64) -> Vec<&'static str> {
        Vec::new()
    }

    /// The absolute risk aversions that its bands are made from, per USD: typed, or found from what they should lead to on this
    /// run. Empty for a rule without.
    fn risk_aversions(&self, _: &Past<'_>) -> Vec<f64> {
        Vec::new()
    }
}

impl<R: Rehedge + Clone + 'static> Rule for R {
    fn bind(&self, _: &Past<'_>) -> Box<dyn Decide> {
        Box::new(self.clone())
    }

    fn is_of_delta(&self) -> bool {
        Rehedge::is_of_delta(self)
    }

    fn finer_than(&self, step: i64) -> Vec<&'static str> {
        Rehedge::finer_than(self, step).into_iter().collect()
    }

    fn risk_aversions(&self, _: &Past<'_>) -> Vec<f64> {
        Rehedge::risk_aversion(self).into_iter().collect()
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

/// Milliseconds in so many days; beyond what fits, the largest number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "saturates: longer than any market"
)]
pub(crate) fn millis(days: f64) -> i64 {
    (days * hedgerow_core::MILLIS_PER_DAY as f64).round() as i64
}
