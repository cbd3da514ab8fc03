//! Hedges of the account's coins: what inverse contracts pay, and what the account began with.
#![allow(clippy::unwrap_used, clippy::float_cmp, reason = "tests")]

mod support;

use hedgerow_core::{Contract, Ledger, Market};
use hedgerow_sim::{
    Account, AccountTerms, Against, Costs, FillAt, Leg, MARGINS, MarginTerms, RatioColumn, To,
    simulate, simulate_on_terms,
};
use support::*;

const PATH: [f64; 7] = [100.0, 140.0, 90.0, 45.0, 60.0, 200.0, 170.0];

fn short(market: &Market, contract: Contract) -> Leg {
    let every = rule("when = \"every_row\"");
    let leg = leg(market, contract, FillAt::DecidingPrice, &Costs::ZERO, every);
    Leg { against: Against::Account, ..leg }
}

fn run(market: &Market, leg: Leg, (held, account): (f64, &Account)) -> Ledger {
    let exposure = coins(market, held);
    simulate(market, &exposure, &strategy(vec![leg]), account, &free(market, &exposure))
}

#[track_caller]
fn assert_constant(column: &[f64], expected: f64) {
    for (row, found) in column.iter().enumerate() {
        assert!((found / expected - 1.0).abs() < 1e-12, "row {row}: {found}, expected {expected}");
    }
}

/// Coins held and `N` USD of an inverse perp sold at `E` are `N` USD for good, at any spot: `S (N/E + N/S − N/E)`. The number of
/// contracts never changes.
#[test]
fn an_inverse_short_against_the_account_is_a_synthetic_dollar() {
    let market = daily(&PATH);
    let ledger = run(&market, short(&market, Contract::InversePerp), (3.0, &empty_account()));
    assert_constant(&ledger.legs[0].held, -300.0);
    assert_constant(&ledger.equity, 300.0);
    for (row, spot) in PATH.iter().enumerate() {
        assert!((ledger.coins[0][row] - (300.0 / spot - 3.0)).abs() < 1e-12, "row {row}");
    }
}

/// The same short against the book alone is made larger as it loses coins and smaller as it earns them.
#[test]
fn an_inverse_short_against_the_book_leaves_the_coins_at_risk() {
    let market = daily(&PATH);
    let leg = Leg { against: Against::Delta, ..short(&market, Contract::InversePerp) };
    let ledger = run(&market, leg, (3.0, &empty_account()));
    let last = ledger.equity[PATH.len() - 1];
    assert!((last - 300.0).abs() > 20.0, "{last}");
}

#[test]
fn coins_of_the_account_are_hedged_without_a_book() {
    let market = daily(&PATH);
    let account = Account { usd: 1_000.0, coins: vec![2.0], rate: 0.0 };
    for contract in [Contract::LinearPerp, Contract::InversePerp, Contract::Spot] {
        let ledger = run(&market, short(&market, contract), (0.0, &account));
        assert_constant(&ledger.equity, 1_200.0);
    }
}

/// A ratio of equity and a hedge of the account's coins in one leg: half of everything.
#[test]
fn a_ratio_takes_a_part_of_book_and_coins() {
    let market = daily(&PATH);
    let account = Account { usd: 0.0, coins: vec![2.0], rate: 0.0 };
    let leg = Leg { ratio: RatioColumn::Constant(0.5), ..short(&market, Contract::LinearPerp) };
    let ledger = run(&market, leg, (1.0, &account));
    assert_constant(&ledger.legs[0].held, -1.5);
}

/// With money enough a venue's margin changes nothing.
#[test]
fn margin_does_not_change_what_an_account_hedges() {
    let market = market(5, 400);
    let exposure = straddles(&market, 0.4, 3.0);
    let account = Account { usd: 5e6, coins: vec![4.0], rate: 0.03 };
    let costs = Costs::default();
    let book = hedgerow_sim::BookCosts::new(&market, &exposure, &costs);
    for contract in [Contract::LinearPerp, Contract::InversePerp] {
        for fill in FILLS {
            let band = rule("when = { delta_band = 0.05 }");
            let leg = || {
                let leg = leg(&market, contract, fill, &costs, rule("when = \"every_row\""));
                Leg { against: Against::Account, to: To::EDGE, ..leg }
            };
            let mut banded = leg();
            banded.rule = band;
            let strategy = strategy(vec![leg(), banded]);
            let plain = simulate(&market, &exposure, &strategy, &account, &book);
            for entry in MARGINS {
                let model = built(MARGINS, &format!("margin = \"{}\"", entry.name));
                let margin =
                    MarginTerms::new(&*model, &market, |_| true, (account.usd, &account.coins));
                let terms =
                    AccountTerms { margin: Some(margin.unwrap()), ..AccountTerms::default() };
                let under =
                    simulate_on_terms(&market, &exposure, &strategy, (&account, &terms), &book);
                for (plain, under) in plain.legs.iter().zip(&under.legs) {
                    for (row, (a, b)) in plain.held.iter().zip(&under.held).enumerate() {
                        let scale = 1e-9 * (1.0 + a.abs());
                        assert!((a - b).abs() < scale, "{}, row {row}: {a}, {b}", entry.name);
                    }
                }
            }
        }
    }
}
