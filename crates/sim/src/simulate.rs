//! The run: one strategy over one market, from the first row to the last.

use hedgerow_core::{Explained, Exposure, Ledger, LegLedger, MarginLedger, Market, Track};
use rayon::prelude::*;

use crate::account::{Inputs, close_books, close_margined, run_with_margin};
use crate::account_leg::Seen;
use crate::desk::{Decisions, Desk};
use crate::nets::{Asked, Nets};
use crate::{Account, AccountTerms, BookCosts, Leg};

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
    let terms = AccountTerms::default();
    simulate_on_terms(market, exposure, strategy, (account, &terms), book)
}

/// Replays one strategy in an account that earns and owes by its terms. Where the terms have a margin model, the venue's margin is
/// checked at every row, at its mark and on the way to the highest and the lowest price of its bar; legs trade no further than
/// initial margin allows; and calls, transfers, forced reductions and a liquidation are in [`Ledger::margin`].
///
/// # Panics
/// When the columns differ in length, an option leg lacks the columns that a margin model needs, or a leg under margin trades
/// by orders that rest at levels: a programmer's error.
pub fn simulate_on_terms(
    market: &Market,
    exposure: &Exposure,
    strategy: &Strategy,
    (account, terms): (&Account, &AccountTerms),
    book: &BookCosts,
) -> Ledger {
    assert_eq!(exposure.value.len(), market.n_rows(), "rows of the exposure");
    assert_eq!(account.coins.len(), market.assets().len(), "assets of the account");
    for leg in &strategy.legs {
        assert_eq!(leg.track.price.len(), market.n_rows(), "rows of the track");
    }
    let on = Inputs { market, exposure, account, terms, book };
    let tracks: Vec<&Track> = strategy.legs.iter().map(|leg| &*leg.track).collect();
    let mut ledger = empty(strategy, market.n_rows());
    if let Some(margin) = &terms.margin {
        let rests = strategy.legs.iter().any(Leg::rests);
        assert!(!rests, "a leg under margin has no orders that rest at levels");
        let run = run_with_margin(on, margin, strategy);
        close_margined(on, &tracks, &mut ledger, run);
    } else {
        ledger.legs = legs(on, strategy);
        close_books(on, &tracks, &mut ledger);
    }
    ledger
}

/// What the legs do, one after another, each over all rows.
fn legs(on: Inputs<'_>, strategy: &Strategy) -> Vec<LegLedger> {
    let Inputs { market, exposure, account, terms, .. } = on;
    let n_rows = market.n_rows();
    let mut nets = Nets::default();
    nets.restart(exposure, Asked::by(&strategy.legs), &(0..n_rows));
    let mut seen = Seen::without_legs(on, &strategy.legs);
    let mut decisions = Decisions::default();
    let legs = strategy.legs.iter().map(|leg| {
        let mut ledger = empty_leg(leg, n_rows);
        let desk = Desk::new(leg, market, exposure, account.rate);
        let mut memory = desk.memory(terms.paid_in);
        desk.run(0, &mut nets, seen.as_mut(), (&mut memory, &mut decisions), |row, filled| {
            filled.record(&leg.track, row, &mut ledger);
        });
        ledger.ideal.append(&mut decisions.ideal);
        ledger.residual.append(&mut decisions.residual);
        ledger
    });
    legs.collect()
}

/// A ledger without rows.
pub(crate) fn empty(strategy: &Strategy, n_rows: usize) -> Ledger {
    Ledger {
        strategy: strategy.name.clone(),
        about: strategy.about.clone(),
        legs: Vec::new(),
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
    }
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
    let terms = AccountTerms::default();
    simulate_all_on_terms(market, exposure, strategies, (account, &terms), book)
}

/// Replays several strategies, each in an account of its own on the same terms, as [`simulate_on_terms`] does one.
pub fn simulate_all_on_terms(
    market: &Market,
    exposure: &Exposure,
    strategies: &[Strategy],
    (account, terms): (&Account, &AccountTerms),
    book: &BookCosts,
) -> Vec<Ledger> {
    strategies
        .par_iter()
        .map(|strategy| simulate_on_terms(market, exposure, strategy, (account, terms), book))
        .collect()
}

/// A ledger with room for `n_rows` rows.
pub(crate) fn empty_leg(leg: &Leg, n_rows: usize) -> LegLedger {
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
        forced: Vec::new(),
        penalty: Vec::new(),
        explained: Explained::zero(0),
    }
}
