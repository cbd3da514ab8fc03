//! Option chains: what was quoted, as known at each row.

use std::ops::Range;

use crate::{OptionContract, PaidIn, Timestamp};

/// The options on one asset as they were quoted.
///
/// Invariants, checked by [`Market::with_chains`](crate::Market::with_chains): one entry of `snapshot_of_row` per row of
/// the market; no quote of a snapshot is later than any row that uses it; contracts of a snapshot are not repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// Which asset: index into [`Market::assets`](crate::Market::assets).
    pub asset: usize,
    /// In what the options pay, and so in what they are quoted.
    pub paid_in: PaidIn,
    /// Every option that occurs.
    pub contracts: Vec<OptionContract>,
    /// The quotes, snapshot after snapshot.
    pub quotes: Vec<Quote>,
    /// The snapshots, in the order of time: ranges of `quotes`.
    pub snapshots: Vec<Range<usize>>,
    /// How many times all options were asked for, whatever the rows are; `None` where the quotes are a stream. Not the number
    /// of `snapshots`: two may fall between two rows, and where an option expires what is left is one more.
    pub n_taken: Option<usize>,
    /// The snapshot known at each row; `None` where nothing recent enough was quoted.
    pub snapshot_of_row: Vec<Option<usize>>,
}

/// What was known of one option.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quote {
    /// When it was said.
    pub time: Timestamp,
    /// Which option: index into [`Chain::contracts`].
    pub contract: usize,
    /// Best bid, coins or USD as the chain is paid in; `None`: nobody bids. It may be above the ask, see
    /// [`sides`](Quote::sides).
    pub bid: Option<f64>,
    /// Best ask; `None`: nobody offers.
    pub ask: Option<f64>,
    /// Mark price of the venue.
    pub mark: Option<f64>,
    /// Vol of the mark, annualised, decimal.
    pub mark_vol: Option<f64>,
    /// Forward of the option's expiry, USD per coin.
    pub forward: Option<f64>,
    /// Index price of the coin, USD.
    pub index: Option<f64>,
    /// Delta as the venue displays it.
    pub delta: Option<f64>,
    /// Open interest, contracts.
    pub open_interest: Option<f64>,
}

impl Quote {
    /// Bid and ask; `None` where one of them is missing and where they are crossed, which says nothing of a price.
    pub fn sides(&self) -> Option<(f64, f64)> {
        self.bid.zip(self.ask).filter(|(bid, ask)| bid <= ask)
    }

    /// Whether the bid is above the ask.
    pub fn is_crossed(&self) -> bool {
        self.bid.zip(self.ask).is_some_and(|(bid, ask)| bid > ask)
    }
}

impl Chain {
    /// The quotes known at a row, each of another option; empty where there are none.
    pub fn at(&self, row: usize) -> &[Quote] {
        self.snapshot_of_row[row]
            .map_or(&[], |snapshot| &self.quotes[self.snapshots[snapshot].clone()])
    }
}
