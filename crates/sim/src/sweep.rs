//! Many strategies, statistics only: nothing is kept per row.

use std::ops::Range;

use hedgerow_core::{Exposure, Ledger, LegLedger, Market, ROUNDING_UNITS};
use rayon::prelude::*;

use crate::account::{Inputs, book_pnl};
use crate::account_leg::Seen;
use crate::desk::{Decisions, Desk, Memory};
use crate::fill::Filled;
use crate::nets::{Asked, Nets};
use crate::{Account, AccountTerms, BookCosts, Strategy, simulate_on_terms};

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
/// for all of them. `account` and `book` matter to legs that look at the account only.
pub fn sweep(
    market: &Market,
    exposure: &Exposure,
    strategies: &[Strategy],
    account: &Account,
    book: &BookCosts,
) -> Vec<Outcome> {
    sweep_on_terms(market, exposure, strategies, (account, &AccountTerms::default()), book)
}

/// As [`sweep`], each strategy in an account of its own on these terms. With a margin model each strategy is replayed whole, row by
/// row over all its legs, and forgotten but for its outcome: what is closed by force, and its penalty, is in the P&L.
pub fn sweep_on_terms(
    market: &Market,
    exposure: &Exposure,
    strategies: &[Strategy],
    (account, terms): (&Account, &AccountTerms),
    book: &BookCosts,
) -> Vec<Outcome> {
    if terms.margin.is_some() {
        let replay = |strategy| {
            let on = (account, terms);
            Outcome::of(&simulate_on_terms(market, exposure, strategy, on, book))
        };
        return strategies.par_iter().map(replay).collect();
    }
    let share = strategies.len().div_ceil(rayon::current_num_threads()).max(1);
    let outcomes = strategies
        .par_chunks(share)
        .flat_map_iter(|share| outcomes(market, exposure, share, (account, terms, book)));
    outcomes.collect()
}

impl Outcome {
    /// That of a strategy replayed whole.
    fn of(ledger: &Ledger) -> Self {
        let mut fold = Fold::default();
        let n_rows = ledger.book_pnl.len();
        let mut pnl = ledger.book_pnl.clone();
        for leg in &ledger.legs {
            for (row, pnl) in pnl.iter_mut().enumerate() {
                let filled = Filled {
                    traded: leg.traded[row],
                    price_pnl: leg.price_pnl[row],
                    carry: leg.carry[row],
                    fee: leg.fee[row],
                    spread: leg.spread[row],
                    slippage: leg.slippage[row],
                    roll: leg.roll[row],
                    turnover: leg.turnover[row],
                    held: leg.held[row],
                    fill: None,
                };
                *pnl += filled.pnl();
                fold.trade(&filled);
            }
        }
        let penalties = ledger.margin.liquidation.iter();
        pnl.iter_mut().zip(penalties).for_each(|(pnl, penalty)| *pnl -= penalty);
        for start in (0..n_rows).step_by(BLOCK) {
            fold.block(&pnl[start..(start + BLOCK).min(n_rows)]);
        }
        let trades = ledger.legs.iter().map(LegLedger::n_trades).sum();
        Outcome { trades, ..fold.outcome() }
    }
}

/// One strategy on its way through the market.
struct Runner<'a> {
    legs: Vec<(Desk<'a>, Memory)>,
    /// The account without legs, all rows, where a leg looks at it.
    base: Option<Seen>,
    fold: Fold,
}

fn outcomes(
    market: &Market,
    exposure: &Exposure,
    strategies: &[Strategy],
    (account, terms, book): (&Account, &AccountTerms, &BookCosts),
) -> Vec<Outcome> {
    let mut runners = Vec::with_capacity(strategies.len());
    for strategy in strategies {
        let legs = strategy.legs.iter().map(|leg| {
            let desk = Desk::new(leg, market, exposure, account.rate);
            let memory = desk.memory(terms.paid_in);
            (desk, memory)
        });
        let on = Inputs { market, exposure, account, terms, book };
        let base = Seen::without_legs(on, &strategy.legs);
        runners.push(Runner { legs: legs.collect(), base, fold: Fold::default() });
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
    nets: Nets,
    decisions: Decisions,
    /// The account with the legs so far.
    seen: Seen,
    /// P&L of book and legs.
    pnl: Vec<f64>,
}

impl Scratch {
    fn run(&mut self, runner: &mut Runner<'_>, exposure: &Exposure, rows: Range<usize>) {
        let asked = Asked::by(runner.legs.iter().map(|(desk, _)| desk.leg));
        self.nets.restart(exposure, asked, &rows);
        self.pnl.clone_from(&self.book_pnl);
        if let Some(base) = &runner.base {
            self.seen.copy(base, rows.clone());
        }
        for (desk, memory) in &mut runner.legs {
            let seen = runner.base.is_some().then_some(&mut self.seen);
            let mut pnl = self.pnl.iter_mut();
            desk.run(
                rows.start,
                &mut self.nets,
                seen,
                (memory, &mut self.decisions),
                |_, filled| {
                    if let Some(pnl) = pnl.next() {
                        *pnl += filled.pnl();
                    }
                    runner.fold.trade(&filled);
                },
            );
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
    /// Counts what a leg's row cost.
    #[inline]
    fn trade(&mut self, filled: &Filled) {
        if filled.turnover != 0.0 {
            self.outcome.cost += filled.cost();
            self.outcome.turnover += filled.turnover;
            self.outcome.trades += usize::from(filled.traded.abs() > ROUNDING_UNITS);
        }
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
