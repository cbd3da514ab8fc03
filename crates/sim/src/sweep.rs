//! Many strategies, statistics only: nothing is kept per row.

use hedgerow_core::{Exposure, LegLedger, Market};
use rayon::prelude::*;

use crate::leg::{Desk, Memory};
use crate::simulate::empty_leg;
use crate::{Account, Strategy};

/// Rows that are worked through at once: the columns of a few legs stay in a core's second-level cache.
const BLOCK: usize = 2048;

/// What a sweep keeps of one strategy. P&L is that of book and legs; interest and coins in the account are left out.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Outcome {
    /// Sum of the P&L over all rows after costs, USD.
    pub pnl: f64,
    /// Variance of the P&L per row, USD squared (divided by the number of rows).
    pub variance: f64,
    /// Deepest fall of the cumulated P&L from its peak, USD, at least 0.
    pub drawdown: f64,
    /// Fees, half-spreads and slippage of the legs, USD.
    pub cost: f64,
    /// Notional turned over by the legs, USD.
    pub turnover: f64,
    /// Rows at which a leg traded.
    pub trades: usize,
}

/// Replays many strategies in parallel and keeps only an [`Outcome`] of each, in the order of the strategies; the same bit
/// for bit at any number of threads.
pub fn sweep(
    market: &Market,
    exposure: &Exposure,
    strategies: &[Strategy],
    account: &Account,
) -> Vec<Outcome> {
    let book_pnl = crate::account::book_pnl(market, exposure);
    strategies
        .par_iter()
        .map_init(Scratch::default, |scratch, strategy| {
            outcome(market, exposure, strategy, account, &book_pnl, scratch)
        })
        .collect()
}

/// Buffers of one thread.
#[derive(Debug, Default)]
struct Scratch {
    nets: Vec<Vec<f64>>,
    targets: Vec<f64>,
    legs: Vec<LegLedger>,
    memories: Vec<Memory>,
}

fn outcome(
    market: &Market,
    exposure: &Exposure,
    strategy: &Strategy,
    account: &Account,
    book_pnl: &[f64],
    scratch: &mut Scratch,
) -> Outcome {
    let desks: Vec<Desk<'_>> =
        strategy.legs.iter().map(|leg| Desk::new(leg, market, exposure, account.rate)).collect();
    scratch.legs.clear();
    scratch.legs.extend(strategy.legs.iter().map(|leg| empty_leg(leg, BLOCK)));
    scratch.memories.clear();
    scratch.memories.resize(desks.len(), Memory::default());
    let mut fold = Fold::default();
    for start in (0..market.n_rows()).step_by(BLOCK) {
        let rows = start..(start + BLOCK).min(market.n_rows());
        scratch.nets.resize(exposure.slopes.len(), Vec::new());
        for (net, slopes) in scratch.nets.iter_mut().zip(&exposure.slopes) {
            net.clear();
            net.extend_from_slice(&slopes.delta[rows.clone()]);
        }
        for ((desk, ledger), memory) in
            desks.iter().zip(&mut scratch.legs).zip(&mut scratch.memories)
        {
            clear(ledger);
            let net = &mut scratch.nets[desk.leg.track.asset];
            desk.run(start, net, memory, &mut scratch.targets, ledger);
        }
        fold.block(&book_pnl[rows], &scratch.legs);
    }
    fold.outcome()
}

fn clear(ledger: &mut LegLedger) {
    ledger.ideal.clear();
    let LegLedger {
        held,
        traded,
        fill,
        price,
        price_pnl,
        carry,
        fee,
        spread,
        slippage,
        turnover,
        ..
    } = ledger;
    for column in [held, traded, fill, price, price_pnl, carry, fee, spread, slippage, turnover] {
        column.clear();
    }
}

/// Running statistics (Welford 1962 for the variance).
#[derive(Debug, Default)]
struct Fold {
    outcome: Outcome,
    n: f64,
    mean: f64,
    squares: f64,
    peak: f64,
}

impl Fold {
    fn block(&mut self, book_pnl: &[f64], legs: &[LegLedger]) {
        for (row, book) in book_pnl.iter().enumerate() {
            let mut pnl = *book;
            for leg in legs {
                let cost = leg.fee[row] + leg.spread[row] + leg.slippage[row];
                pnl += leg.price_pnl[row] + leg.carry[row] - cost;
                self.outcome.cost += cost;
                self.outcome.turnover += leg.turnover[row];
                self.outcome.trades += usize::from(leg.traded[row] != 0.0);
            }
            self.row(pnl);
        }
    }

    fn row(&mut self, pnl: f64) {
        self.n += 1.0;
        let above = pnl - self.mean;
        self.mean += above / self.n;
        self.squares += above * (pnl - self.mean);
        self.outcome.pnl += pnl;
        self.peak = self.peak.max(self.outcome.pnl);
        self.outcome.drawdown = self.outcome.drawdown.max(self.peak - self.outcome.pnl);
    }

    fn outcome(self) -> Outcome {
        Outcome { variance: self.squares / self.n, ..self.outcome }
    }
}
