//! The run: one strategy over one market, from the first row to the last.

use hedgerow_core::{Explained, Exposure, Ledger, LegLedger, MarginLedger, Market, Track};
use rayon::prelude::*;

use crate::account::close_books;
use crate::desk::{Decisions, Desk};
use crate::equity_leg::base_equity;
use crate::nets::{Asked, Nets};
use crate::{Account, BookCosts, Leg};

/// A strategy: legs that run one after another. Without legs it is the unhedged book.
#[derive(Debug)]
pub struct Strategy {
    /// Unique within a run.
    pub name: String,
    /// One sentence for the report.
    pub about: String,
    /// Its legs, in order.
    pub legs: Vec<Leg>,
}

/// Replays one strategy.
///
/// At row i: mark; carry of what was held; expiries and rolls; decide with rows up to i; trade; record. See
/// [`Ledger`] for the identity that every row keeps.
///
/// # Panics
/// When the columns differ in length: a programmer's error.
pub fn simulate(
    market: &Market,
    exposure: &Exposure,
    strategy: &Strategy,
    account: &Account,
    book: &BookCosts,
) -> Ledger {
    let n_rows = market.n_rows();
    assert_eq!(exposure.value.len(), n_rows, "rows of the exposure");
    assert_eq!(account.coins.len(), market.assets().len(), "assets of the account");
    let mut nets = Nets::default();
    nets.restart(exposure, Asked::by(&strategy.legs), &(0..n_rows));
    let mut equity = base_equity(market, exposure, &strategy.legs, account, book);
    let mut decisions = Decisions::default();
    let legs = strategy.legs.iter().map(|leg| {
        assert_eq!(leg.track.price.len(), n_rows, "rows of the track");
        let mut ledger = empty_leg(leg, n_rows);
        let desk = Desk::new(leg, market, exposure, account.rate);
        let mut memory = desk.memory();
        desk.run(
            0,
            &mut nets,
            equity.as_deref_mut(),
            (&mut memory, &mut decisions),
            |row, filled| {
                filled.record(&leg.track, row, &mut ledger);
            },
        );
        ledger.ideal.append(&mut decisions.ideal);
        ledger.residual.append(&mut decisions.residual);
        ledger
    });
    let mut ledger = Ledger {
        strategy: strategy.name.clone(),
        about: strategy.about.clone(),
        legs: legs.collect(),
        book_pnl: Vec::new(),
        book_fee: Vec::new(),
        book_spread: Vec::new(),
        interest: Vec::with_capacity(n_rows),
        cash: Vec::with_capacity(n_rows),
        coins: Vec::new(),
        collateral_pnl: Vec::new(),
        equity: Vec::new(),
        net_delta: Vec::new(),
        explained: Explained::zero(0),
        margin: MarginLedger::default(),
    };
    let tracks: Vec<&Track> = strategy.legs.iter().map(|leg| &*leg.track).collect();
    close_books(market, exposure, account, book, &tracks, &mut ledger);
    ledger
}

/// Replays several strategies in parallel; the ledgers are in the order of the strategies, and the same bit for bit at
/// any number of threads.
pub fn simulate_all(
    market: &Market,
    exposure: &Exposure,
    strategies: &[Strategy],
    account: &Account,
    book: &BookCosts,
) -> Vec<Ledger> {
    strategies
        .par_iter()
        .map(|strategy| simulate(market, exposure, strategy, account, book))
        .collect()
}

/// A ledger with room for `n_rows` rows.
fn empty_leg(leg: &Leg, n_rows: usize) -> LegLedger {
    let room = || Vec::with_capacity(n_rows);
    LegLedger {
        name: leg.name.clone(),
        instrument: leg.track.name.clone(),
        asset: leg.track.asset,
        contract: leg.track.contract,
        ideal: Vec::with_capacity(n_rows),
        residual: Vec::new(),
        held: room(),
        traded: room(),
        fill: room(),
        price: room(),
        price_pnl: room(),
        carry: room(),
        fee: room(),
        spread: room(),
        slippage: room(),
        roll: room(),
        turnover: room(),
        premium: room(),
        explained: Explained::zero(0),
    }
}
