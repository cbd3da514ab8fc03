//! Many strategies, statistics only: nothing is kept per row.

use std::ops::Range;

use hedgerow_core::{Exposure, Market};
use rayon::prelude::*;

use crate::account::book_pnl;
use crate::leg::{Desk, Memory};
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
///
/// Each thread takes a share of the strategies through the market block by block, so that a block is read from memory once
/// for all of them.
pub fn sweep(
    market: &Market,
    exposure: &Exposure,
    strategies: &[Strategy],
    account: &Account,
) -> Vec<Outcome> {
    let share = strategies.len().div_ceil(rayon::current_num_threads()).max(1);
    let outcomes = strategies
        .par_chunks(share)
        .flat_map_iter(|share| outcomes(market, exposure, share, account.rate));
    outcomes.collect()
}

/// One strategy on its way through the market.
struct Runner<'a> {
    legs: Vec<(Desk<'a>, Memory)>,
    fold: Fold,
}

fn outcomes(
    market: &Market,
    exposure: &Exposure,
    strategies: &[Strategy],
    rate: f64,
) -> Vec<Outcome> {
    let mut runners = Vec::with_capacity(strategies.len());
    for strategy in strategies {
        let legs = strategy
            .legs
            .iter()
            .map(|leg| (Desk::new(leg, market, exposure, rate), Memory::default()));
        runners.push(Runner { legs: legs.collect(), fold: Fold::default() });
    }
    let mut scratch = Scratch::default();
    for start in (0..market.n_rows()).step_by(BLOCK) {
        let rows = start..(start + BLOCK).min(market.n_rows());
        book_pnl(market, exposure, rows.clone(), &mut scratch.book_pnl);
        for runner in &mut runners {
            scratch.run(runner, exposure, rows.clone());
        }
    }
    runners.into_iter().map(|runner| runner.fold.outcome()).collect()
}

/// Buffers of one thread, as long as a block.
#[derive(Debug, Default)]
struct Scratch {
    book_pnl: Vec<f64>,
    /// Delta of the book and the legs so far, one column per asset.
    nets: Vec<Vec<f64>>,
    ideal: Vec<Option<f64>>,
    targets: Vec<f64>,
    /// P&L of book and legs.
    pnl: Vec<f64>,
}

impl Scratch {
    fn run(&mut self, runner: &mut Runner<'_>, exposure: &Exposure, rows: Range<usize>) {
        self.nets.resize(exposure.slopes.len(), Vec::new());
        for (net, slopes) in self.nets.iter_mut().zip(&exposure.slopes) {
            net.clear();
            net.extend_from_slice(&slopes.delta[rows.clone()]);
        }
        self.pnl.clone_from(&self.book_pnl);
        for (desk, memory) in &mut runner.legs {
            self.ideal.clear();
            let net = &mut self.nets[desk.leg.track.asset];
            desk.decide(rows.start, net, memory, (&mut self.ideal, &mut self.targets));
            runner.fold.leg(desk, memory, rows.start, &self.targets, &mut self.pnl);
        }
        runner.fold.block(&self.pnl);
    }
}

/// Running statistics.
#[derive(Debug, Default)]
struct Fold {
    outcome: Outcome,
    n: f64,
    mean: f64,
    squares: f64,
    peak: f64,
}

impl Fold {
    /// Adds what a leg earned to `pnl`, and counts its costs and trades.
    fn leg(
        &mut self,
        desk: &Desk<'_>,
        memory: &mut Memory,
        start: usize,
        targets: &[f64],
        pnl: &mut [f64],
    ) {
        let outcome = &mut self.outcome;
        let mut pnl = pnl.iter_mut();
        desk.fill(start, targets, memory, |_, filled| {
            if let Some(pnl) = pnl.next() {
                *pnl += filled.pnl();
            }
            if filled.turnover != 0.0 {
                outcome.cost += filled.cost();
                outcome.turnover += filled.turnover;
                outcome.trades += usize::from(filled.traded != 0.0);
            }
        });
    }

    /// Mean and variance of a block are merged with those so far (Chan, Golub and LeVeque 1979).
    #[expect(clippy::cast_precision_loss, reason = "a block is small")]
    fn block(&mut self, pnl: &[f64]) {
        let n = pnl.len() as f64;
        let before = self.outcome.pnl;
        self.path(pnl);
        let mean = (self.outcome.pnl - before) / n;
        let apart = mean - self.mean;
        let total = self.n + n;
        self.squares += squares(pnl, mean) + apart * apart * self.n * n / total;
        self.mean += apart * n / total;
        self.n = total;
    }

    /// Plain comparisons: `f64::max` would ask at each row whether a number is one.
    fn path(&mut self, pnl: &[f64]) {
        let (mut sum, mut peak, mut drawdown) =
            (self.outcome.pnl, self.peak, self.outcome.drawdown);
        for pnl in pnl {
            sum += pnl;
            peak = if sum > peak { sum } else { peak };
            drawdown = if peak - sum > drawdown { peak - sum } else { drawdown };
        }
        (self.outcome.pnl, self.peak, self.outcome.drawdown) = (sum, peak, drawdown);
    }

    fn outcome(self) -> Outcome {
        Outcome { variance: self.squares / self.n, ..self.outcome }
    }
}

/// Sum of squared distances from `mean`, in four lanes so that the additions need not wait for each other.
fn squares(pnl: &[f64], mean: f64) -> f64 {
    let mut lanes = [0.0; 4];
    let fours = pnl.chunks_exact(4);
    let rest: f64 = fours.remainder().iter().map(|x| (x - mean) * (x - mean)).sum();
    for four in fours {
        for (lane, x) in lanes.iter_mut().zip(four) {
            *lane += (x - mean) * (x - mean);
        }
    }
    lanes.iter().sum::<f64>() + rest
}
