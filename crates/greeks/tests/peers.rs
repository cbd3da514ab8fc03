//! What the nearest peers get wrong with options, each as a test that it is right from the book to the ledger.
#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    reason = "tests stop where they fail, and their rows are few"
)]

#[path = "common/chain.rs"]
mod chain;
mod common;

use std::sync::Arc;

use chain::Recipe;
use common::{line, setting, small_market, vols};
use hedgerow_core::registry::build;
use hedgerow_core::{Contract, DeltaColumn, Exposure, Ledger, Market, Timestamp};
use hedgerow_greeks::smile::Ssvi;
use hedgerow_greeks::{DELTAS, Deltas, Past, SurfaceHistory, book_delta, value};
use hedgerow_sim::{
    Account, Against, BookCosts, Costs, DeltaKind, Execution, FillAt, Leg, RULES, RatioColumn,
    Strategy, To, linear_track, simulate,
};

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12 * (1.0 + expected.abs()), "{found} for {expected}");
}

/// The book hedged with spot at every row, free of cost; by nothing where there is no delta to hedge.
fn hedged(market: &Market, exposure: &Exposure, delta: Option<DeltaKind>) -> Ledger {
    let leg = |delta| Leg {
        name: "hedge".to_owned(),
        asset: 0,
        track: Arc::new(
            linear_track(market, 0, Contract::Spot, &Costs::ZERO, FillAt::DecidingPrice).unwrap(),
        ),
        against: Against::Delta,
        delta,
        ratio: RatioColumn::Constant(1.0),
        rule: build(RULES, setting("when = \"every_row\""), "rule").unwrap(),
        to: To::EDGE,
        execution: Execution::AT_ONCE,
        gate: None,
    };
    let legs = delta.map(leg).into_iter().collect();
    let strategy = Strategy { name: "test".to_owned(), about: String::new(), legs };
    let account = Account { usd: 0.0, coins: vec![0.0], rate: 0.0 };
    let costs = BookCosts::new(market, exposure, &Costs::ZERO);
    simulate(market, exposure, &strategy, &account, &costs)
}

/// Peer: an inverse option that ends in the money is paid `max(S − K, 0)` coins, S times too many. Here two of them, bought or
/// sold, bring `max(w (S − K), 0) / S` coins each into the account at their expiry, worth `max(w (S − K), 0)` USD, and no USD.
#[test]
fn an_inverse_option_in_the_money_is_settled_in_coins() {
    let market = small_market(&[
        ("2024-03-27T08:00:00Z", 100.0, Some(0.5)),
        ("2024-03-28T08:00:00Z", 110.0, Some(0.5)),
        ("2024-03-29T08:00:00Z", 120.0, Some(0.5)),
        ("2024-03-30T08:00:00Z", 150.0, Some(0.5)),
    ]);
    for (programme, strike, paid_usd) in
        [("call", 105.0, 15.0), ("call", 125.0, 0.0), ("put", 132.0, 12.0), ("put", 90.0, 0.0)]
    {
        for (side, sign) in [("long", 1.0), ("short", -1.0)] {
            let table = format!(
                "programme = \"{programme}\", side = \"{side}\", quantity = 2, strike = {{ usd = {strike} }}, \
                 expiry = \"2024-03-29T08:00:00Z\", settlement = \"coin\""
            );
            let book = [line(&table, &market).unwrap()];
            let marks = vols("model = \"dvol\"", &market);
            let exposure = value(&market, &marks, &book, 0.0).unwrap().exposure;
            let ledger = hedged(&market, &exposure, None);
            let coins = &ledger.coins[0];
            let expected = sign * 2.0 * paid_usd / 120.0;
            near(coins[2] - coins[1], expected);
            near((coins[2] - coins[1]) * 120.0, sign * 2.0 * paid_usd);
            assert!(ledger.cash.iter().all(|usd| usd.abs() < 1e-12), "{table}: {:?}", ledger.cash);
            // What is in coins then keeps the price risk of coins, and that is all.
            let change = ledger.equity[3] - ledger.equity[2];
            near(change, coins[2] * 30.0);
        }
    }
}

/// A market on a chain of this smile, with rows at the very moment of the quotes.
fn on_smile(smile: Ssvi) -> Market {
    let made = chain::market(&Recipe { smile, noise: 0.0, n_snapshots: 40, ..Recipe::default() });
    let minute = |time: &Timestamp| Timestamp::from_millis(time.millis() - 60_000);
    let time = made.time().iter().map(minute).collect();
    let market = Market::new(time, made.assets().to_vec(), vec![], made.vols().to_vec()).unwrap();
    market.with_chains(vec![made.chains()[0].clone()]).unwrap()
}

/// Peer: a "smile delta" that is Black-Scholes whatever the smile. Here what is held follows the smile where it is skewed, by
/// coins and not by rounding, and is the hedge of Black-Scholes where it is flat.
#[test]
fn a_smile_delta_trades_otherwise_on_a_skew_and_alike_on_a_flat_surface() {
    let skewed = Ssvi { rho: -0.25, eta: 1.1, gamma: 0.45 };
    for (smile, is_flat) in [(Ssvi { rho: 0.0, eta: 1e-6, gamma: 0.5 }, true), (skewed, false)] {
        let market = on_smile(smile);
        let table = "programme = \"call\", side = \"short\", quantity = 2, tenor_days = 8, \
                     strike = { moneyness = 1.05 }, listed = true, settlement = \"coin\"";
        let book = [line(table, &market).unwrap()];
        let marks = vols("model = \"surface\"", &market);
        let mut exposure = value(&market, &marks, &book, 0.0).unwrap().exposure;
        let surfaces = SurfaceHistory::fit(&market, &market.chains()[0]);
        let past = Past { market: &market, asset: 0, chain: None, surfaces: Some(&surfaces) };
        let rules =
            ["delta = \"sticky_moneyness\"", "delta = { skew_stickiness = { ratio = 1.5 } }"];
        for line in rules {
            let rule = build(DELTAS, setting(line), "delta").unwrap();
            let deltas = Deltas::new(&*rule, past).unwrap();
            let delta = book_delta(&book, &marks[0], 0.0, &deltas).unwrap();
            exposure.slopes[0].chosen.push(DeltaColumn { name: line.to_owned(), delta });
        }
        let plain = hedged(&market, &exposure, Some(DeltaKind::BlackScholes));
        for (column, line) in rules.iter().enumerate() {
            let smiled = hedged(&market, &exposure, Some(DeltaKind::Column(column)));
            let held = plain.legs[0].held.iter().zip(&smiled.legs[0].held);
            let apart = held.map(|(plain, smiled)| (plain - smiled).abs());
            let widest = apart.fold(0.0, f64::max);
            assert!(if is_flat { widest < 1e-4 } else { widest > 0.02 }, "{line}: {widest}");
        }
    }
}
