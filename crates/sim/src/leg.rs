//! One leg of a strategy: with what, against what, which delta, how much, when and how far.

use std::sync::Arc;

use hedgerow_core::Track;

use crate::{RatioColumn, Rule, To};

/// What a leg hedges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Against {
    /// The delta of the book and of the legs before it: the ideal is minus that.
    Delta,
    /// Nothing: a fixed number of units per coin held outright in the book, `+` bought (a protective put is +1).
    Size(f64),
}

/// Which delta of the book a leg hedges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeltaKind {
    /// Black-Scholes at the mark vol: USD of value per USD of spot. Neutral in USD.
    #[default]
    BlackScholes,
    /// Premium-adjusted: less the value in coins of coin-settled options. Neutral in coins (Deribit's net transaction
    /// delta).
    Coin,
    /// A delta by another rule: index into [`Slopes::chosen`] of the leg's asset. Where it is unknown nothing is traded.
    Column(usize),
}

/// One leg of a strategy.
#[derive(Debug)]
pub struct Leg {
    /// Unique within the strategy.
    pub name: String,
    /// With what.
    pub track: Arc<Track>,
    /// Against what.
    pub against: Against,
    /// Which delta, for a leg against delta.
    pub delta: DeltaKind,
    /// How much.
    pub ratio: RatioColumn,
    /// When.
    pub rule: Box<dyn Rule>,
    /// How far.
    pub to: To,
}
