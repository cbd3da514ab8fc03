//! What is to be measured: one run and everything that the page must say about it.

use std::fmt;

use hedgerow_core::{Exposure, Ledger, Market, Quality};

/// One run: a market, a book and the ledgers of its strategies.
pub struct Run<'a> {
    /// Title of the experiment.
    pub name: &'a str,
    /// One sentence on it; may be empty.
    pub about: &'a str,
    /// Version of the program, printed at the foot of the page.
    pub version: &'a str,
    /// Prices, on whose grid every column stands.
    pub market: &'a Market,
    /// The book without hedge.
    pub exposure: &'a Exposure,
    /// One per strategy; the first is the unhedged book, against which all others are measured.
    pub ledgers: &'a [Ledger],
    /// Quality of the data, shown at the top.
    pub quality: &'a Quality,
    /// Topic and sentence: fill price, fees, funding, source of vol, marks. Shown at the top.
    pub assumptions: &'a [(String, String)],
    /// The resolved scenario as TOML, repeated at the bottom.
    pub scenario: &'a str,
    /// How intervals are drawn.
    pub bootstrap: Bootstrap,
    /// Told the name of each stage as it begins.
    pub progress: &'a (dyn Fn(&str) + Sync),
}

/// How intervals are drawn: seed, number of resamples and level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// Same seed, same intervals.
    pub seed: u64,
    /// Number of resampled histories.
    pub resamples: usize,
    /// Coverage of an interval, `0.95`.
    pub level: f64,
}

impl Run<'_> {
    /// Checks what the sketch of the types cannot say.
    ///
    /// # Panics
    /// When there is no ledger, a column has another length than the market, or an equity is not finite: all three are
    /// errors of the caller, and a report built on them would be wrong without a sign of it.
    pub(crate) fn check(&self) {
        assert!(!self.ledgers.is_empty(), "a run needs the unhedged ledger at least");
        let n_rows = self.market.n_rows();
        for ledger in self.ledgers {
            let name = &ledger.strategy;
            assert_eq!(ledger.equity.len(), n_rows, "rows of the equity of `{name}`");
            let bad = ledger.equity.iter().position(|equity| !equity.is_finite());
            assert_eq!(bad, None, "first row of `{name}` whose equity is not finite");
        }
    }
}

impl fmt::Debug for Run<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Run")
            .field("name", &self.name)
            .field("strategies", &self.ledgers.len())
            .field("rows", &self.market.n_rows())
            .finish_non_exhaustive()
    }
}
