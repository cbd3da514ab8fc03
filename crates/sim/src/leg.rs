//! One leg of a strategy: with what, against what, which delta, how much, when and how far.

use std::sync::Arc;

use hedgerow_core::Track;

use crate::{Execution, RatioColumn, Rule, To};

/// What a leg hedges. A rule's bands are in the measure named here.
///
/// A leg before it whose instrument follows another asset than the one it hedges counts as a hedge of the asset it hedges, for
/// what it is worth, and not as an exposure to its instrument's asset.
#[derive(Debug, Clone, PartialEq)]
pub enum Against {
    /// The delta of the book and of the legs before it in the leg's asset: the ideal is minus that. Coins.
    Delta,
    /// The vega of the book and of the legs before it. USD per vol point.
    Vega,
    /// The gamma of the book and of the legs before it. Coins of delta per move of 1 % of the spot.
    Gamma,
    /// The deltas of book and legs before it in all assets, each at its spot. Coins of the leg's asset that are worth as much.
    Portfolio,
    /// The delta of the book and of the legs before it in the leg's asset, and the account's coins of it: those it began with, and
    /// what the book, the legs before and the leg itself have paid into it. What coin-settled contracts earn are coins, and coins
    /// move with the spot. With an instrument of another asset also the account's coins of that one, one to one whatever the
    /// ratio, less what legs before hold against them. Coins.
    Account,
    /// Nothing: a fixed number of units per coin held outright in the book, `+` bought (a protective put is +1). Units.
    Size(f64),
    /// Minus the column's coins of the leg's asset, known before the run, one per row; `None` where it is unknown and nothing
    /// is traded. Coins.
    Column(Arc<Vec<Option<f64>>>),
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
    /// A delta by another rule: index into [`Slopes::chosen`](hedgerow_core::Slopes::chosen) of the leg's asset. Where it is
    /// unknown nothing is traded.
    Column(usize),
}

/// One leg of a strategy.
#[derive(Debug)]
pub struct Leg {
    /// Unique within the strategy.
    pub name: String,
    /// Which asset's exposure it hedges: index into the market's assets. Its instrument may follow another.
    pub asset: usize,
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
    /// How soon.
    pub execution: Execution,
    /// Rows at which the leg is at work; `None` for all. Elsewhere it is closed, and where it comes to work it trades to its
    /// ideal whatever its rule says.
    pub gate: Option<Arc<Vec<bool>>>,
}
