//! Option chains: files of quotes to what was known of each option at each row.
//!
//! Snapshots (all options under one stamp), dumps (each row with its own stamp) and streams of ticks are one thing here:
//! quotes, each with its instant. At a row of the market an option has the newest quote that is not later than the row and
//! no older than the staleness limit; an option that has expired has none.

pub(crate) mod canonical;
mod join;
mod plan;
mod reader;
mod rules;
mod simultaneity;
mod snapshots;
mod states;
mod terms;

use hedgerow_core::{OptionContract, PaidIn, Quote, SeriesQuality, Timestamp};

pub(crate) use join::join;
pub use plan::ChainPlan;
pub(crate) use plan::{Field, Rows, mapped};
pub(crate) use reader::{Book, Reader, Unnamed, Wanted};
pub use snapshots::{LoadedChain, load_chains};
pub(crate) use states::{on_rows, unknown_rows};

/// The options on one asset that pay in one currency: clean, in the order of time, one quote per option and instant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ChainSeries {
    pub(crate) asset: String,
    pub(crate) paid_in: PaidIn,
    /// As the report calls it, `BTC option chain`.
    pub(crate) title: String,
    /// By expiry, strike, calls before puts.
    pub(crate) contracts: Vec<OptionContract>,
    /// By instant, then contract.
    pub(crate) quotes: Vec<Quote>,
    /// First and last stamp of each snapshot, ascending and apart; empty for a stream.
    pub(crate) spans: Vec<(Timestamp, Timestamp)>,
    /// How old a quote may be at a row, milliseconds; `None` where no option was quoted twice and nothing is declared.
    pub(crate) staleness: Option<i64>,
    pub(crate) quality: SeriesQuality,
    pub(crate) assumptions: Vec<String>,
}
