//! Accounts with margin: laws over random markets with crashes, and the cases of which one number is known.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::float_cmp,
    clippy::cast_precision_loss,
    reason = "tests"
)]

mod support;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::ops::Range;

use hedgerow_core::{
    AccountEventKind, AssetColumns, Contract, Exposure, Found, Ledger, Line, MarginLedger, Market,
};
use hedgerow_sim::{
    Account, AccountTerms, Costs, Execution, FillAt, Leg, MARGINS, MarginModel, MarginOf,
    MarginTerms, Penalty, Reduction, SpotMargin, Strategy, Sweep, Then, To, TopUp, simulate,
    simulate_all_on_terms, simulate_on_terms, sweep_on_terms,
};
use support::*;

/// A market of the laws, with the highest and lowest prices of each bar, some of them far out.
fn with_extremes(market: &Market) -> Market {
    let assets = market.assets().iter().map(|asset| {
        let open = asset.open.clone().unwrap_or_else(|| asset.spot.clone());
        let bars = || asset.spot.iter().zip(&open).enumerate();
        let far = |row: usize, every: usize| if row % every == every - 1 { 0.12 } else { 0.004 };
        AssetColumns {
            high: Some(bars().map(|(row, (a, b))| a.max(*b) * (1.0 + far(row, 53))).collect()),
            low: Some(bars().map(|(row, (a, b))| a.min(*b) * (1.0 - far(row, 71))).collect()),
            ..asset.clone()
        }
    });
    let (time, tradables) = (market.time().to_vec(), market.tradables().to_vec());
    Market::new(time, assets.collect(), tradables, vec![]).unwrap()
}

fn model(line: &str) -> Box<dyn MarginModel> {
    built(MARGINS, line)
}

fn margin(market: &Market, line: &str, account: &Account) -> MarginTerms {
    MarginTerms::new(&*model(line), market, |_| true, (account.usd, &account.coins)).unwrap()
}

fn terms(margin: MarginTerms) -> AccountTerms {
    AccountTerms {
        borrow_rate: Some(0.09),
        coin_rate: vec![0.01],
        coin_borrow_rate: vec![0.05],
        paid_in: None,
        margin: Some(margin),
    }
}

fn costs() -> Costs {
    Costs { option_half_spread_points: 0.0, ..Costs::default() }
}

fn perp(market: &Market, contract: Contract, fill: FillAt) -> Strategy {
    strategy(vec![leg(market, contract, fill, &costs(), rule("when = \"every_row\""))])
}

/// All that a row's change of equity is made of.
#[track_caller]
fn assert_sums_up(ledger: &Ledger, rows: Range<usize>, name: &str) {
    for row in rows.start.max(1)..rows.end {
        let legs: f64 = ledger
            .legs
            .iter()
            .map(|leg| {
                leg.price_pnl[row] + leg.carry[row]
                    - leg.fee[row]
                    - leg.spread[row]
                    - leg.slippage[row]
                    - leg.roll[row]
            })
            .sum();
        let lines = legs + ledger.book_pnl[row] - ledger.book_fee[row] - ledger.book_spread[row]
            + ledger.collateral_pnl[row]
            + ledger.interest[row]
            - ledger.margin.liquidation.get(row).copied().unwrap_or(0.0);
        let change = ledger.equity[row] - ledger.equity[row - 1];
        let scale = 1e5 + ledger.equity[row].abs();
        assert!(
            (change - lines).abs() < 1e-9 * scale,
            "{name}, row {row}: {change}, lines {lines}"
        );
        if ledger.margin.is_kept() {
            let penalty: f64 = ledger.legs.iter().map(|leg| leg.penalty[row]).sum();
            let of_book = ledger.margin.liquidation[row] - penalty;
            assert!(of_book > -1e-9 * scale, "{name}, row {row}: penalties of legs {penalty}");
        }
        let explained = ledger.explained.sum(row);
        assert!(
            (change - explained).abs() < 1e-9 * scale,
            "{name}, row {row}: {change}, {explained}"
        );
    }
}

fn happened(ledger: &Ledger, kind: AccountEventKind) -> Option<usize> {
    ledger.margin.events.iter().find(|event| event.kind == kind).map(|event| event.row)
}

/// Every way to hold an account, each thin enough for things to happen.
fn accounts(market: &Market) -> Vec<(String, Account, AccountTerms)> {
    let account = Account { usd: 14_000.0, coins: vec![0.1], rate: 0.03 };
    let mut list = Vec::new();
    for entry in MARGINS {
        for (case, then) in [Then::Stop, Then::Unhedged, Then::Unhedged].into_iter().enumerate() {
            let mut margin = margin(market, &format!("margin = \"{}\"", entry.name), &account);
            margin.then = then;
            margin.penalty = Penalty::flat(0.005);
            margin.haircut = vec![0.1];
            margin.spot = SpotMargin::CROSS_3X;
            (margin.posted_usd, margin.posted_coins) = (6_000.0, vec![0.05]);
            margin.top_up = (case > 0).then_some(TopUp {
                below_ratio: 3.0,
                to_ratio: 6.0,
                delay_millis: 7 * HOUR,
            });
            margin.sweep = (case > 0).then_some(Sweep {
                above_ratio: 30.0,
                to_ratio: 20.0,
                delay_millis: 2 * HOUR,
            });
            margin.reduce_at = (case == 2).then(|| Reduction {
                penalty: Penalty::flat(0.002),
                pause_millis: 5 * HOUR,
                ..Reduction::at(1.2)
            });
            margin.scope = if case == 1 { MarginOf::Legs } else { MarginOf::BookAndLegs };
            list.push((format!("{} case {case}", entry.name), account.clone(), terms(margin)));
        }
    }
    list
}

/// Law: whatever the venue does, lines and explanation add up to the change of equity, and legs do what they are said to do.
#[test]
fn pnl_is_the_change_of_equity_whatever_the_venue_does() {
    let mut seen = BTreeSet::new();
    for seed in 0..4 {
        let market = with_extremes(&market(seed, 400));
        let options = OptionsAsk::over(&market, 6_500.0).on(coins(&market, 0.0));
        for exposure in [coins(&market, 3.0), book(&market, 3.0), options] {
            let free = free(&market, &exposure);
            for (name, account, terms) in accounts(&market) {
                for contract in CONTRACTS {
                    for fill in FILLS {
                        let mut strategy = perp(&market, contract, fill);
                        if seed == 3 {
                            let slices = NonZeroUsize::new(3).unwrap();
                            strategy.legs[0].execution = Execution { delay_rows: 1, slices };
                        }
                        let on = (&account, &terms);
                        let ledger = simulate_on_terms(&market, &exposure, &strategy, on, &free);
                        let name = format!("{name}, {contract:?}, {fill:?}, seed {seed}");
                        assert_sums_up(&ledger, 0..400, &name);
                        let mut held = 0.0;
                        for (row, traded) in ledger.legs[0].traded.iter().enumerate() {
                            held += traded;
                            let gap = held - ledger.legs[0].held[row];
                            assert!(gap.abs() < 1e-9 * 60_000.0, "{name}, row {row}: {gap}");
                        }
                        assert_eq!(ledger.legs[0].ideal.len(), 400);
                        seen.extend(ledger.margin.events.iter().map(|event| event.kind.key()));
                    }
                }
            }
        }
    }
    assert_eq!(seen.len(), 8, "{seen:?}");
}

/// Law: an account with more than enough is an account without margin.
#[test]
fn margin_that_never_binds_changes_nothing() {
    let market = with_extremes(&market(5, 400));
    let exposure = book(&market, 3.0);
    let account = Account { usd: 1e9, ..account() };
    let mut terms = terms(margin(&market, "margin = \"deribit_standard\"", &account));
    terms.margin.as_mut().unwrap().haircut = vec![0.2];
    for (name, leg) in every_leg(&market, &costs()).into_iter().step_by(5) {
        let strategy = strategy(vec![leg]);
        let free = free(&market, &exposure);
        let with = simulate_on_terms(&market, &exposure, &strategy, (&account, &terms), &free);
        let without =
            AccountTerms { margin: None, coin_rate: vec![0.01], ..AccountTerms::default() };
        let without = AccountTerms {
            borrow_rate: terms.borrow_rate,
            coin_borrow_rate: terms.coin_borrow_rate.clone(),
            ..without
        };
        let without = simulate_on_terms(&market, &exposure, &strategy, (&account, &without), &free);
        assert!(with.margin.events.is_empty(), "{name}");
        for row in 0..400 {
            let (a, b) = (with.equity[row], without.equity[row]);
            assert!((a - b).abs() < 1e-12 * a, "{name}, row {row}: {a}, {b}");
            let (a, b) = (with.legs[0].held[row], without.legs[0].held[row]);
            assert!((a - b).abs() <= 1e-9 * a.abs(), "{name}, row {row}: {a}, {b}");
        }
        assert_eq!(with.legs[0].ideal.len(), 400, "{name}");
        assert_eq!(with.legs[0].residual.len(), without.legs[0].residual.len(), "{name}");
    }
}

/// Law: replacing the rows after one changes nothing at it or before it.
#[test]
fn the_venue_never_sees_the_future() {
    let whole = with_extremes(&market(2, 400));
    for n_rows in [120, 199, 201, 260] {
        let part = whole.slice(0..n_rows);
        for (name, account, terms) in accounts(&whole) {
            let run = |market: &Market, terms: &AccountTerms| {
                let exposure = book(market, 3.0);
                let strategy = perp(market, Contract::LinearPerp, FillAt::NextOpen);
                let free = free(market, &exposure);
                simulate_on_terms(market, &exposure, &strategy, (&account, terms), &free)
            };
            let (whole, part) = (run(&whole, &terms), run(&part, &terms));
            assert_eq!(whole.equity[..n_rows], part.equity, "{name}");
            assert_eq!(whole.margin.equity[..n_rows], part.margin.equity, "{name}");
            let before = whole.margin.events.iter().filter(|event| event.row < n_rows);
            assert!(before.eq(&part.margin.events), "{name}");
        }
    }
}

/// The same at any number of threads.
#[test]
fn accounts_run_alone() {
    let market = with_extremes(&market(3, 200));
    let exposure = book(&market, 3.0);
    let strategies: Vec<Strategy> =
        CONTRACTS.map(|contract| perp(&market, contract, FillAt::NextOpen)).into();
    let free = free(&market, &exposure);
    let (_, account, terms) = accounts(&market).swap_remove(4);
    let on = (&account, &terms);
    let together = simulate_all_on_terms(&market, &exposure, &strategies, on, &free);
    for (strategy, ledger) in strategies.iter().zip(together) {
        assert_eq!(simulate_on_terms(&market, &exposure, strategy, on, &free), ledger);
    }
}

/// Bars of a day.
fn bars(spot: &[f64], high: &[f64], low: &[f64]) -> Market {
    let market = daily(spot);
    let asset = AssetColumns {
        high: Some(high.to_vec()),
        low: Some(low.to_vec()),
        ..market.assets()[0].clone()
    };
    let (time, tradables) = (market.time().to_vec(), market.tradables().to_vec());
    Market::new(time, vec![asset], tradables, vec![]).unwrap()
}

/// A position of so many coins of a perp, taken at the first row and kept, free of cost.
fn fixed(market: &Market, contract: Contract, coins: f64) -> (Exposure, Strategy) {
    let exposure = support::coins(market, -coins);
    let rule = rule("when = { clock = { days = 100 } }");
    let leg = leg(market, contract, FillAt::DecidingPrice, &Costs::ZERO, rule);
    (exposure, strategy(vec![Leg { to: To::CENTRE, ..leg }]))
}

fn held_by(usd: f64, coins: f64) -> Account {
    Account { usd, coins: vec![coins], rate: 0.0 }
}

fn run(market: &Market, coins: f64, account: &Account, margin: MarginTerms) -> Ledger {
    let (exposure, strategy) = fixed(market, Contract::LinearPerp, coins);
    let terms = AccountTerms { margin: Some(margin), ..AccountTerms::default() };
    let free = free(market, &exposure);
    simulate_on_terms(market, &exposure, &strategy, (account, &terms), &free)
}

/// LITERATURE V8.7: an isolated long of 1 BTC at 60,000 with 6,000 in the wallet is liquidated at 54,221.1055, within a bar that
/// closes where it opened.
#[test]
fn an_isolated_long_is_liquidated_within_a_bar() {
    let flat = [60_000.0; 4];
    let market = bars(&flat, &flat, &[60_000.0, 60_000.0, 51_000.0, 60_000.0]);
    let account = held_by(6_000.0, 0.0);
    let mut margin = margin(&market, "margin = \"binance_tiers\"", &account);
    margin.scope = MarginOf::Legs;
    margin.penalty = Penalty::flat(0.01);
    let ledger = run(&market, 1.0, &account, margin);
    let [event] = ledger.margin.events[..] else { panic!("{:?}", ledger.margin.events) };
    assert_eq!((event.row, event.kind), (2, AccountEventKind::Liquidation));
    assert_eq!((event.found, event.share), (Found::OnWayDown, Some(1.0)));
    assert!((event.spot - 54_221.105_5).abs() < 1e-4, "{}", event.spot);
    assert!((ledger.legs[0].fill[2] - event.spot).abs() < 1e-9);
    assert_eq!(ledger.legs[0].held, [1.0, 1.0, 0.0, 0.0]);
    // What is left is the maintenance margin less the penalty; the close would have lost nothing.
    let left = 0.005 * event.spot - 50.0;
    let penalty = 0.01 * event.spot;
    assert!(
        (event.amount - event.spot).abs() < 1e-9,
        "the notional is that of where it was closed"
    );
    assert!((ledger.cash[3] - (left - penalty)).abs() < 1e-6, "{}", ledger.cash[3]);
    assert!((ledger.explained.total(Line::Liquidation) + penalty).abs() < 1e-9);
    assert_sums_up(&ledger, 0..4, "isolated");
}

/// The same position in a bar that opens beyond the price: closed at the open, not at a better price.
#[test]
fn a_gap_is_closed_at_the_open() {
    let spot = [60_000.0, 60_000.0, 53_500.0];
    let market = bars(&spot, &[60_000.0, 60_000.0, 54_000.0], &[60_000.0, 60_000.0, 50_000.0]);
    let asset = AssetColumns {
        open: Some(vec![60_000.0, 60_000.0, 53_000.0]),
        ..market.assets()[0].clone()
    };
    let (time, tradables) = (market.time().to_vec(), market.tradables().to_vec());
    let market = Market::new(time, vec![asset], tradables, vec![]).unwrap();
    let account = held_by(6_000.0, 0.0);
    let mut margin = margin(&market, "margin = \"binance_tiers\"", &account);
    margin.scope = MarginOf::Legs;
    let ledger = run(&market, 1.0, &account, margin);
    assert!((ledger.margin.events[0].spot - 53_000.0).abs() < 1e-9, "{:?}", ledger.margin.events);
    assert!((ledger.cash[2] + 1_000.0).abs() < 1e-9);
    // 0.5 % less 50 of 60,000, and 0.4 % of 50,000, where 4,000 are missing.
    let ratios = [Some(6_000.0 / 250.0), Some(6_000.0 / 250.0), Some(-4_000.0 / 200.0)];
    for (found, expected) in ledger.margin.lowest_ratio.iter().zip(ratios) {
        assert!((found.unwrap() - expected.unwrap()).abs() < 1e-9, "{found:?}");
    }
}

/// An inverse short of coins that are its collateral: Deribit's margin in coins, 1.125 % of 25 BTC.
#[test]
fn an_inverse_hedge_is_margined_in_coins() {
    let market = daily(&[50_000.0, 50_000.0, 100_000.0]);
    let account = held_by(0.0, 25.0);
    let margin = margin(&market, "margin = \"deribit_standard\"", &account);
    let exposure = coins(&market, 25.0);
    let rule = rule("when = { clock = { days = 100 } }");
    let leg = leg(&market, Contract::InversePerp, FillAt::DecidingPrice, &Costs::ZERO, rule);
    let terms = AccountTerms {
        margin: Some(MarginTerms { scope: MarginOf::Legs, ..margin }),
        ..AccountTerms::default()
    };
    let free = free(&market, &exposure);
    let ledger =
        simulate_on_terms(&market, &exposure, &strategy(vec![leg]), (&account, &terms), &free);
    assert!((ledger.legs[0].held[0] + 25.0 * 50_000.0).abs() < 1e-6);
    let MarginLedger { initial, maintenance, equity, .. } = &ledger.margin;
    assert!((initial[0] - 0.531_25 * 50_000.0).abs() < 1e-6, "{initial:?}");
    assert!((maintenance[0] - 0.281_25 * 50_000.0).abs() < 1e-6, "{maintenance:?}");
    // 12.5 coins of notional are left of 25, and 12.5 coins of collateral: the USD are the same.
    assert!((initial[2] - (0.02 + 12.5 * 5e-5) * 12.5 * 100_000.0).abs() < 1e-6, "{initial:?}");
    assert!((equity[2] - 25.0 * 50_000.0).abs() < 1e-6, "{equity:?}");
}

/// A falling market, a long, a treasury: money that comes in time saves the account, and money that comes too late does not.
#[test]
fn a_top_up_may_come_too_late() {
    let spot = [10_000.0, 9_600.0, 9_300.0, 9_000.0, 9_000.0];
    let market = daily(&spot);
    let account = held_by(10_000.0, 0.0);
    let after = |days: i64| {
        let mut margin = margin(&market, "margin = \"deribit_standard\"", &account);
        margin.scope = MarginOf::Legs;
        margin.posted_usd = 900.0;
        margin.top_up =
            Some(TopUp { below_ratio: 6.0, to_ratio: 10.0, delay_millis: days * 24 * HOUR });
        run(&market, 1.0, &account, margin)
    };
    let in_time = after(1);
    assert_eq!(happened(&in_time, AccountEventKind::TopUpSent), Some(1));
    assert_eq!(happened(&in_time, AccountEventKind::TopUpArrived), Some(2));
    assert_eq!(happened(&in_time, AccountEventKind::Liquidation), None);
    // 10 times 1.005 % of 9,600 less the 500 that are left.
    let sent = in_time.margin.events[0].amount;
    assert!((sent - (10.0 * 0.010_05 * 9_600.0 - 500.0)).abs() < 1e-9, "{sent}");
    assert!((in_time.margin.treasury[1] - 9_100.0).abs() < 1e-9, "on its way is elsewhere");
    assert!((in_time.margin.treasury[4] - (9_100.0 - sent)).abs() > 0.0, "a second one was sent");
    let late = after(3);
    assert_eq!(happened(&late, AccountEventKind::TopUpSent), Some(1));
    assert_eq!(happened(&late, AccountEventKind::MarginCall), None);
    assert_eq!(happened(&late, AccountEventKind::Liquidation), Some(3));
    assert_eq!(happened(&late, AccountEventKind::TopUpArrived), Some(4));
    assert_eq!(late.legs[0].held[3], 0.0);
    for ledger in [&in_time, &late] {
        assert_sums_up(ledger, 0..5, "top-up");
        let total = ledger.margin.equity[4] + ledger.margin.treasury[4];
        assert!((total - ledger.cash[4]).abs() < 1e-9, "places add up to the account");
    }
}

/// A reduction closes the least hundredths of the legs that are enough, and what was closed does not come back where initial margin
/// does not allow it.
#[test]
fn a_forced_reduction_leaves_what_can_be_kept() {
    let spot = [10_000.0, 9_890.0, 9_890.0, 9_890.0];
    let market = daily(&spot);
    let account = held_by(210.0, 0.0);
    let mut margin = margin(&market, "margin = \"deribit_standard\"", &account);
    margin.scope = MarginOf::Legs;
    margin.reduce_at = Some(Reduction { penalty: Penalty::flat(0.001), ..Reduction::at(1.25) });
    let (exposure, mut strategy) = fixed(&market, Contract::LinearPerp, 1.0);
    strategy.legs[0].rule = rule("when = \"every_row\"");
    let terms = AccountTerms { margin: Some(margin), ..AccountTerms::default() };
    let free = free(&market, &exposure);
    let ledger = simulate_on_terms(&market, &exposure, &strategy, (&account, &terms), &free);
    let event = ledger.margin.events.iter().find(|event| event.kind == AccountEventKind::Reduction);
    let event = event.unwrap();
    assert_eq!(event.row, 1);
    assert!(
        (event.equity - 100.0).abs() < 1e-9
            && (event.maintenance - 0.010_05 * 9_890.0).abs() < 1e-9
    );
    let share = event.share.unwrap();
    let left = |share: f64| {
        let coins = 1.0 - share;
        100.0 - 9.89 * share - 1.25 * (0.01 + 5e-5 * coins) * coins * 9_890.0
    };
    assert!(left(share) >= 0.0 && left(share - 0.01) < 0.0, "{share}");
    assert!((ledger.legs[0].held[1] - (1.0 - share)).abs() < 1e-12);
    // Wanted is 1 coin, but 2 % of what is held are more than the equity: nothing comes back.
    assert!(ledger.margin.initial[2] > ledger.margin.equity[2]);
    assert_eq!(ledger.legs[0].held[3], ledger.legs[0].held[1]);
    assert_eq!(happened(&ledger, AccountEventKind::MarginCall), Some(1));
    assert_sums_up(&ledger, 0..4, "reduction");
}

/// After a liquidation the book is closed too, or goes on.
#[test]
fn a_liquidation_stops_the_book_or_leaves_it() {
    let spot = [10_000.0, 12_000.0, 9_000.0, 8_000.0];
    let market = daily(&spot);
    let account = held_by(500.0, 0.0);
    let after = |then: Then| {
        let mut margin = margin(&market, "margin = \"deribit_standard\"", &account);
        (margin.scope, margin.then) = (MarginOf::Legs, then);
        run(&market, -1.0, &account, margin)
    };
    let stopped = after(Then::Stop);
    assert_eq!(happened(&stopped, AccountEventKind::Liquidation), Some(1));
    assert_eq!(stopped.equity, [10_500.0; 4], "a coin and its hedge, sold for USD");
    assert_eq!(stopped.net_delta[0], [0.0; 4]);
    let unhedged = after(Then::Unhedged);
    assert_eq!(unhedged.equity, [10_500.0, 10_500.0, 7_500.0, 6_500.0]);
    for ledger in [stopped, unhedged] {
        assert_sums_up(&ledger, 0..4, "liquidated");
    }
}

/// A hedge that initial margin does not allow is not made whole.
#[test]
fn targets_are_limited_by_initial_margin() {
    let market = daily(&[10_000.0, 10_000.0]);
    let account = held_by(150.0, 0.0);
    let mut margin = margin(&market, "margin = \"deribit_standard\"", &account);
    margin.scope = MarginOf::Legs;
    let ledger = run(&market, -1.0, &account, margin);
    // (2 % + 0.005 % x) x = 0.015
    let x = (-0.02 + (0.02_f64.powi(2) + 4.0 * 5e-5 * 0.015).sqrt()) / 1e-4;
    assert!((ledger.legs[0].held[0] + x).abs() < 1e-9, "{} {x}", ledger.legs[0].held[0]);
    assert!((ledger.margin.initial[0] - 150.0).abs() < 1e-6);
}

/// Found: spot on credit asked nothing, and 100 USD sold ten coins short. What is owed for spot asks margin: coins sold that
/// the account has not, and USD that paid for coins; what is sold of the account's own coins owes nothing.
#[test]
fn spot_that_is_not_paid_for_asks_margin() {
    let market = daily(&[100.0, 100.0, 230.0]);
    let held = |usd: f64, coins: f64, wanted: f64| {
        let account = held_by(usd, coins);
        let (exposure, strategy) = fixed(&market, Contract::Spot, wanted);
        let mut margin = margin(&market, "margin = \"deribit_standard\"", &account);
        (margin.scope, margin.spot) = (MarginOf::Legs, SpotMargin::CROSS_3X);
        margin.haircut = vec![0.1];
        let terms = AccountTerms { margin: Some(margin), ..AccountTerms::default() };
        let free = free(&market, &exposure);
        simulate_on_terms(&market, &exposure, &strategy, (&account, &terms), &free)
    };
    let asked = |ledger: &Ledger| {
        [ledger.margin.initial[0], ledger.margin.maintenance[0], ledger.margin.equity[0]]
    };
    // 200 USD of coins owed, half of it and a tenth of it; 300 USD and 200 of the sale less 200 owed.
    let short = held(300.0, 0.0, -2.0);
    assert_eq!(asked(&short), [100.0, 20.0, 300.0]);
    // 500 − 2 · 230 = 40 is less than 0.1 · 460.
    assert_eq!(happened(&short, AccountEventKind::Liquidation), Some(2));
    // 50 USD let one coin be owed: 0.5 · 100.
    assert!((held(50.0, 0.0, -10.0).legs[0].held[0] + 1.0).abs() < 1e-9);
    // x coins bought for 100 x, 100 x − 50 of it owed: 50 − 0.1 · 100 x is at least 0.5 (100 x − 50) up to x = 1.25.
    assert!((held(50.0, 0.0, 10.0).legs[0].held[0] - 1.25).abs() < 1e-9);
    // Paid for, or sold from the account's coins: nothing is asked, and a haircut is of the coins that are left.
    assert_eq!(asked(&held(300.0, 0.0, 2.0)), [0.0, 0.0, 100.0 + 0.9 * 200.0]);
    assert_eq!(asked(&held(0.0, 3.0, -2.0)), [0.0, 0.0, 200.0 + 0.9 * 100.0]);
    assert_eq!(asked(&held(500.0, 1.0, -2.0)), [50.0, 10.0, 700.0 - 100.0]);
}

/// Coins less their haircut are what counts; interest, and what is owed, have rates of their own.
#[test]
fn collateral_interest_and_borrowing() {
    let market = daily(&[100.0, 100.0, 100.0]);
    let exposure = coins(&market, 0.0);
    let account = Account { usd: -1_000.0, coins: vec![50.0], rate: 0.05 };
    let mut margin = margin(&market, "margin = \"scenario\"", &account);
    margin.haircut = vec![0.2];
    let terms = AccountTerms {
        borrow_rate: Some(0.1),
        coin_rate: vec![0.02],
        margin: Some(margin),
        ..AccountTerms::default()
    };
    let free = free(&market, &exposure);
    let ledger =
        simulate_on_terms(&market, &exposure, &strategy(vec![]), (&account, &terms), &free);
    assert!((ledger.margin.equity[0] - (-1_000.0 + 0.8 * 5_000.0)).abs() < 1e-9);
    let day = |rate: f64| (rate / 365.0).exp_m1();
    let interest = -1_000.0 * day(0.1) + 5_000.0 * day(0.02);
    assert!((ledger.interest[1] - interest).abs() < 1e-9, "{:?}", ledger.interest);
    assert!((ledger.coins[0][1] - 50.0 * (1.0 + day(0.02))).abs() < 1e-12);
    assert_sums_up(&ledger, 0..3, "interest");
}

/// Spot sold short pays for the coins it borrows.
#[test]
fn spot_sold_short_pays_its_loan() {
    let market = daily(&[100.0, 110.0]);
    let (exposure, strategy) = fixed(&market, Contract::Spot, -2.0);
    let terms = AccountTerms { coin_borrow_rate: vec![0.08], ..AccountTerms::default() };
    let free = free(&market, &exposure);
    let account = held_by(0.0, 0.0);
    let ledger = simulate_on_terms(&market, &exposure, &strategy, (&account, &terms), &free);
    assert!((ledger.interest[1] + 200.0 * (0.08_f64 / 365.0).exp_m1()).abs() < 1e-12);
    let plain = simulate(&market, &exposure, &strategy, &account, &free);
    assert_eq!(plain.interest[1], 0.0);
}

/// What is paid in a stablecoin falls with it.
#[test]
fn usd_paid_in_a_stablecoin_are_worth_what_it_is() {
    let plain = daily(&[100.0, 110.0, 110.0]);
    let stable = AssetColumns {
        name: "USDC".to_owned(),
        spot: vec![1.0, 1.0, 0.9],
        open: None,
        high: None,
        low: None,
    };
    let assets = vec![plain.assets()[0].clone(), stable];
    let market =
        Market::new(plain.time().to_vec(), assets, plain.tradables().to_vec(), vec![]).unwrap();
    let mut exposure = coins(&plain, -1.0);
    exposure.slopes.push(hedgerow_core::Slopes::zero(3, vec![None; 3]));
    let (_, strategy) = fixed(&plain, Contract::LinearPerp, 1.0);
    let account = Account { usd: 0.0, coins: vec![0.0, 1_000.0], rate: 0.0 };
    let terms = AccountTerms { paid_in: Some(1), ..AccountTerms::default() };
    let free = free(&market, &exposure);
    let ledger = simulate_on_terms(&market, &exposure, &strategy, (&account, &terms), &free);
    assert!((ledger.coins[1][1] - 1_010.0).abs() < 1e-12 && ledger.cash == [0.0; 3]);
    assert!((ledger.collateral_pnl[2] + 101.0).abs() < 1e-9);
    assert_sums_up(&ledger, 0..3, "stablecoin");
}

/// Every model says what is wrong with it.
#[test]
fn models_refuse_what_they_cannot_know() {
    let eth = [hedgerow_sim::margin::MarginAsset { ticker: "ETH", has_contracts: true }];
    for (line, expected) in [
        ("margin = \"deribit_standard\"", "no figures for ETH"),
        ("margin = \"binance_tiers\"", "no table for ETH"),
    ] {
        let message = model(line).bind(&eth).unwrap_err();
        assert!(message.contains(expected), "{message}");
    }
    for (line, expected) in [
        ("margin = { scenario = { buckets = 8 } }", "an odd number"),
        ("margin = { scenario = { range_percent = 0 } }", "expected 0.1 to 99"),
        ("margin = { binance_tiers = { leverage = 0.5 } }", "expected 1 to 125"),
        ("margin = { binance_tiers = { tiers = { ETH = [] } } }", "out of order"),
        ("margin = { deribit_standard = { option_initial_percent = 101 } }", "expected 0 to 100"),
    ] {
        let message = try_built(MARGINS, line).map(|_| ()).unwrap_err();
        assert!(message.contains(expected), "{message}");
    }
    for entry in MARGINS {
        assert_eq!(model(entry.example).name(), entry.name);
        assert!(!model(entry.example).describe().ends_with('.'));
    }
}

/// Prices of a bar in which a place is found between the row before and an extreme.
struct Bar {
    close: f64,
    high: f64,
    low: f64,
}

/// Four rows at 50,000, the third a bar that goes out and comes back to its close.
fn excursion(bar: &Bar) -> Market {
    let flat = |at: f64| [50_000.0, 50_000.0, at, at];
    bars(&flat(bar.close), &flat(bar.high), &flat(bar.low))
}

const FIVE_BP: Costs = Costs { perp_fee_bps: hedgerow_core::Bps(5.0), ..Costs::ZERO };

/// A position of a perp against fees, in an account of the legs only.
fn closed_with_fees(
    market: &Market,
    (contract, coins): (Contract, f64),
    account: &Account,
    change: impl FnOnce(&mut MarginTerms),
) -> Ledger {
    let exposure = support::coins(market, -coins);
    let rule = rule("when = { clock = { days = 100 } }");
    let leg = leg(market, contract, FillAt::DecidingPrice, &FIVE_BP, rule);
    let strategy = strategy(vec![Leg { to: To::CENTRE, ..leg }]);
    let mut margin = margin(market, "margin = \"deribit_standard\"", account);
    margin.scope = MarginOf::Legs;
    margin.then = Then::Unhedged;
    margin.penalty = Penalty::flat(0.005);
    change(&mut margin);
    let terms = AccountTerms { margin: Some(margin), ..AccountTerms::default() };
    simulate_on_terms(market, &exposure, &strategy, (account, &terms), &free(market, &exposure))
}

/// Found: fee, penalty and turnover of a liquidation within a bar were those of the bar's close.
#[test]
fn a_liquidation_pays_for_the_price_at_which_it_closes() {
    let market = excursion(&Bar { close: 50_000.0, high: 60_000.0, low: 49_900.0 });
    let ledger =
        closed_with_fees(&market, (Contract::LinearPerp, -5.0), &held_by(30_000.0, 0.0), |_| {});
    // 30,000 less 125 of fee, less 5 for each USD above 50,000, is 1.025 % of 5 coins.
    let at = (29_875.0 + 250_000.0) / (5.0 * 1.010_25);
    let event = ledger.margin.events.last().unwrap();
    assert!((event.spot - at).abs() < 1e-6 && (event.amount - 5.0 * at).abs() < 1e-6, "{event:?}");
    let leg = &ledger.legs[0];
    assert!((leg.turnover[2] - 5.0 * at).abs() < 1e-6, "{}", leg.turnover[2]);
    assert!((leg.fee[2] - 5e-4 * 5.0 * at).abs() < 1e-9, "{}", leg.fee[2]);
    assert!((ledger.margin.liquidation[2] - 5e-3 * 5.0 * at).abs() < 1e-8);
    assert_sums_up(&ledger, 0..4, "short");
}

/// Found: the penalty on a coin-settled contract was owed in USD. It is taken in the coin, at the price of the closing; what the
/// coins do from there to the close is P&L of the coins in the account.
#[test]
fn an_inverse_perp_pays_its_penalty_in_coins() {
    let market = excursion(&Bar { close: 48_000.0, high: 50_100.0, low: 30_000.0 });
    let account = held_by(0.0, 1.0);
    let ledger = closed_with_fees(&market, (Contract::InversePerp, 2.0), &account, |_| {});
    let event = ledger.margin.events.last().unwrap();
    assert_eq!((event.row, event.kind), (2, AccountEventKind::Liquidation));
    let (units, at) = (100_000.0, event.spot);
    let coins = units / at;
    assert!((ledger.legs[0].turnover[2] - units).abs() < 1e-6, "{}", ledger.legs[0].turnover[2]);
    assert!((ledger.margin.liquidation[2] - 0.005 * units).abs() < 1e-6);
    assert!((ledger.legs[0].fee[2] - 5e-4 * units).abs() < 1e-7);
    let opening = 5e-4 * units / 50_000.0;
    let left = 1.0 - opening + units / 50_000.0 - coins - 0.005 * coins - 5e-4 * coins;
    assert!((ledger.coins[0][2] - left).abs() < 1e-12, "{} {left}", ledger.coins[0][2]);
    assert!(ledger.cash.iter().all(|usd| usd.abs() <= 0.0), "no USD are owed");
    // One coin less the opening fee falls to the close; those lost at `at` do not.
    let lost = units / 50_000.0 - coins * 1.0055;
    let collateral = (1.0 - opening) * (48_000.0 - 50_000.0) + lost * (48_000.0 - at);
    assert!((ledger.collateral_pnl[2] - collateral).abs() < 1e-6, "{}", ledger.collateral_pnl[2]);
    assert_sums_up(&ledger, 0..4, "inverse");
}

/// Found: a part that is closed within a bar was charged at the bar's close.
#[test]
fn a_reduction_pays_for_the_price_at_which_it_closes() {
    let market = excursion(&Bar { close: 50_000.0, high: 50_100.0, low: 44_600.0 });
    let reduction = Reduction { penalty: Penalty::flat(0.002), ..Reduction::at(1.5) };
    let account = held_by(30_000.0, 0.0);
    let ledger = closed_with_fees(&market, (Contract::LinearPerp, 5.0), &account, |margin| {
        margin.reduce_at = Some(reduction);
    });
    let event = ledger.margin.events.iter().find(|event| event.kind == AccountEventKind::Reduction);
    let event = event.unwrap();
    let leg = &ledger.legs[0];
    let (closed, mean) = (5.0 * event.share.unwrap(), leg.fill[2]);
    assert!(event.spot > 44_600.0 && event.spot < 49_000.0, "{event:?}");
    assert!(mean < event.spot && mean > 44_600.0, "the first of several prices, {mean}");
    assert!((leg.forced[2] + closed).abs() < 1e-12 && leg.n_trades() == 2, "{:?}", leg.forced);
    assert!((leg.turnover[2] - closed * mean).abs() < 1e-6);
    assert!((event.amount - closed * mean).abs() < 1e-6, "{event:?}");
    assert!((event.trading - 5e-4 * closed * mean).abs() < 1e-9, "{event:?}");
    assert!((event.penalty - 0.002 * closed * mean).abs() < 1e-9, "{event:?}");
    assert!((ledger.margin.liquidation[2] - event.penalty).abs() < 1e-9);
    assert_sums_up(&ledger, 0..4, "reduction");
}

/// Found: a ratio that no closing reaches closed nothing, and nothing was said: a higher one closed less than a lower one.
#[test]
fn a_higher_ratio_never_keeps_more() {
    let market = daily(&[50_000.0, 49_000.0, 49_000.0]);
    let held_at = |ratio: f64| {
        let account = held_by(9_000.0, 0.0);
        let ledger = closed_with_fees(&market, (Contract::LinearPerp, 4.0), &account, |margin| {
            margin.reduce_at = Some(Reduction::at(ratio));
        });
        assert_sums_up(&ledger, 0..3, "ratio");
        ledger.legs[0].held[2]
    };
    let held: Vec<f64> = [1.0, 2.0, 3.0, 10.0, 100.0].map(held_at).to_vec();
    assert!(held.windows(2).all(|pair| pair[1] <= pair[0] + 1e-9), "{held:?}");
    assert!(held[4] > 0.0 && held[4] < held[0], "{held:?}");
}

/// What closing all legs cannot bring back is told once, and told again only after the account was back.
#[test]
fn an_account_with_nothing_to_close_says_so_once() {
    let market = daily(&[50_000.0, 49_000.0, 48_000.0, 47_000.0, 46_000.0]);
    let exposure = coins(&market, 0.0);
    let option = OptionsAsk::over(&market, 1_000.0);
    let exposure = option.on(exposure);
    let account = held_by(1_500.0, 0.0);
    let mut margin = margin(&market, "margin = \"deribit_standard\"", &account);
    margin.reduce_at = Some(Reduction::at(2.0));
    let terms = AccountTerms { margin: Some(margin), ..AccountTerms::default() };
    let free = free(&market, &exposure);
    let ledger =
        simulate_on_terms(&market, &exposure, &strategy(vec![]), (&account, &terms), &free);
    let short: Vec<_> = ledger
        .margin
        .events
        .iter()
        .filter(|event| event.kind == AccountEventKind::ReductionShort)
        .collect();
    let [event] = short[..] else { panic!("{:?}", ledger.margin.events) };
    assert_eq!((event.row, event.share, event.amount), (0, Some(0.0), 0.0));
}

/// A book of options that asks for so many USD of maintenance margin at all rows.
struct OptionsAsk(hedgerow_core::OptionMargin);

impl OptionsAsk {
    fn over(market: &Market, maintenance: f64) -> Self {
        let ask = model("margin = \"deribit_standard\"").ask();
        let mut at_mark = hedgerow_core::OptionMarginAt::zero(market.n_rows(), &ask);
        at_mark.maintenance.fill(maintenance);
        at_mark.initial.fill(maintenance);
        Self(hedgerow_core::OptionMargin { at_mark, at_high: None, at_low: None })
    }

    fn on(self, mut exposure: Exposure) -> Exposure {
        exposure.slopes[0].margin = Some(self.0);
        exposure
    }
}

/// Found: a leg that trades at every row bought back at the next row what had been reduced, for a penalty at each.
#[test]
fn what_was_reduced_is_not_bought_back_at_once() {
    let spot: Vec<f64> = (0..60)
        .map(|row| 50_000.0 - 60.0 * f64::from(row) + if row % 2 == 0 { 400.0 } else { 0.0 })
        .collect();
    let market = daily(&spot);
    let reductions = |pause_days: u32| {
        let account = held_by(9_000.0, 0.0);
        let mut margin = margin(&market, "margin = \"deribit_standard\"", &account);
        margin.scope = MarginOf::Legs;
        margin.reduce_at = Some(Reduction {
            pause_millis: i64::from(pause_days) * 24 * HOUR,
            penalty: Penalty::flat(0.001),
            ..Reduction::at(5.0)
        });
        let (exposure, mut strategy) = fixed(&market, Contract::LinearPerp, 4.0);
        strategy.legs[0].rule = rule("when = \"every_row\"");
        let terms = AccountTerms { margin: Some(margin), ..AccountTerms::default() };
        let free = free(&market, &exposure);
        let ledger = simulate_on_terms(&market, &exposure, &strategy, (&account, &terms), &free);
        assert_sums_up(&ledger, 0..60, "pause");
        let events = ledger.margin.events.iter();
        let rows = events.filter(|event| event.kind == AccountEventKind::Reduction);
        let rows: Vec<usize> = rows.map(|event| event.row).collect();
        for row in &rows {
            let after = *row..(row + pause_days as usize).min(60);
            let held = &ledger.legs[0].held[after];
            assert!(held.windows(2).all(|pair| pair[1] <= pair[0]), "{row}: {held:?}");
        }
        (rows.len(), ledger.margin.liquidation.iter().sum::<f64>())
    };
    let (at_once, paused) = (reductions(0), reductions(10));
    assert!(at_once.0 > 1 && paused.0 > 0, "{at_once:?} {paused:?}");
    assert!(paused.1 < 0.5 * at_once.1, "{at_once:?} {paused:?}");
}

/// Found: the USD of the account stayed dollars, and did not fall with the stablecoin that they are said to be held in.
#[test]
fn the_first_usd_are_held_in_the_stablecoin() {
    let plain = daily(&[100.0, 100.0, 100.0]);
    let stable = AssetColumns {
        name: "USDC".to_owned(),
        spot: vec![0.98, 1.0, 0.9],
        open: None,
        high: None,
        low: None,
    };
    let assets = vec![plain.assets()[0].clone(), stable];
    let market =
        Market::new(plain.time().to_vec(), assets, plain.tradables().to_vec(), vec![]).unwrap();
    let mut exposure = coins(&plain, 0.0);
    exposure.slopes.push(hedgerow_core::Slopes::zero(3, vec![None; 3]));
    let account = Account { usd: 4_900.0, coins: vec![0.0, 0.0], rate: 0.05 };
    let free = free(&market, &exposure);
    for posted in [None, Some(980.0)] {
        let margin = posted.map(|usd| MarginTerms {
            posted_usd: usd,
            top_up: Some(TopUp { below_ratio: 2.0, to_ratio: 3.0, delay_millis: 0 }),
            ..margin(&market, "margin = \"scenario\"", &account)
        });
        let terms = AccountTerms { paid_in: Some(1), margin, ..AccountTerms::default() };
        let ledger =
            simulate_on_terms(&market, &exposure, &strategy(vec![]), (&account, &terms), &free);
        assert_eq!(ledger.coins[1], [5_000.0; 3], "bought at 0.98, and no rate of USD on it");
        assert_eq!(ledger.cash, [0.0; 3]);
        assert!((ledger.equity[2] - 4_500.0).abs() < 1e-9, "{:?}", ledger.equity);
        assert_sums_up(&ledger, 0..3, "stablecoin");
    }
}

/// No leg is made larger than Binance's last tier; what the price carries beyond it stays.
#[test]
fn no_position_is_opened_beyond_the_last_tier() {
    let market = daily(&[50_000.0, 50_000.0, 60_000.0]);
    let account = held_by(1e10, 0.0);
    let mut margin = margin(&market, "margin = \"binance_tiers\"", &account);
    margin.scope = MarginOf::Legs;
    let ledger = run(&market, 50_000.0, &account, margin);
    let held = &ledger.legs[0].held;
    assert!((held[0] * 50_000.0 - 500e6).abs() < 1.0, "{held:?}");
    assert_eq!(held[2], held[0]);
    assert_eq!(ledger.margin.events, []);
}

/// A sweep on terms comes to what the strategies come to one by one, penalties included.
#[test]
fn a_sweep_on_terms_is_the_runs_it_sums_up() {
    let market = with_extremes(&market(1, 300));
    let exposure = book(&market, 3.0);
    let free = free(&market, &exposure);
    let strategies: Vec<Strategy> =
        CONTRACTS.map(|contract| perp(&market, contract, FillAt::NextOpen)).into();
    for (name, account, terms) in accounts(&market) {
        let outcomes = sweep_on_terms(&market, &exposure, &strategies, (&account, &terms), &free);
        for (strategy, outcome) in strategies.iter().zip(outcomes) {
            let ledger = simulate_on_terms(&market, &exposure, strategy, (&account, &terms), &free);
            let gained = ledger.equity[299] - account.usd - 0.1 * market.assets()[0].spot[0];
            let others: f64 = ledger.collateral_pnl.iter().chain(&ledger.interest).sum();
            let opened = exposure.value[0];
            let gap = outcome.pnl - (gained - others - opened);
            assert!(gap.abs() < 1e-6, "{name}: {gap}");
            assert_eq!(outcome.trades, ledger.legs[0].n_trades(), "{name}");
        }
    }
    let plain = AccountTerms::default();
    let account = held_by(1e6, 0.0);
    assert_eq!(
        sweep_on_terms(&market, &exposure, &strategies, (&account, &plain), &free),
        hedgerow_sim::sweep(&market, &exposure, &strategies, &account, &free)
    );
}

/// A market of days with a second asset that is meant to be a dollar.
fn with_dollar(spot: &[f64], dollar: &[f64]) -> Market {
    let plain = daily(spot);
    let stable = AssetColumns {
        name: "USDC".to_owned(),
        spot: dollar.to_vec(),
        open: None,
        high: None,
        low: None,
    };
    let assets = vec![plain.assets()[0].clone(), stable];
    Market::new(plain.time().to_vec(), assets, plain.tradables().to_vec(), vec![]).unwrap()
}

/// Found: a leg by equity took what it had earned in a stablecoin for dollars.
#[test]
fn a_leg_by_equity_sees_its_stablecoin_fall() {
    let market = with_dollar(&[100.0, 90.0, 120.0], &[1.0, 1.0, 0.5]);
    let mut exposure = coins(&market, 1.0);
    exposure.slopes.truncate(1);
    exposure.slopes.push(hedgerow_core::Slopes::zero(3, vec![None; 3]));
    let account = Account { usd: 0.0, coins: vec![0.0; 2], rate: 0.0 };
    let cppi = || {
        let leg = leg(
            &market,
            Contract::LinearPerp,
            FillAt::DecidingPrice,
            &Costs::ZERO,
            rule("when = \"every_row\""),
        );
        let line = "ratio = { cppi = { floor_percent = 80, multiple = 3 } }";
        strategy(vec![with_ratio(&market, leg, &*ratio(line))])
    };
    let free = free(&market, &exposure);
    // 4 USDC earned at 90 are worth 2 at 120, where 16 are lost: 120 + 2 - 16 = 106, of which 78 are exposed, and 42 hedged.
    for is_asked in [false, true] {
        let margin = is_asked.then(|| MarginTerms {
            margin: Box::new(AsksNothing),
            ..margin(&market, "margin = \"scenario\"", &account)
        });
        let terms = AccountTerms { paid_in: Some(1), margin, ..AccountTerms::default() };
        let ledger = simulate_on_terms(&market, &exposure, &cppi(), (&account, &terms), &free);
        assert!((ledger.equity[2] - 106.0).abs() < 1e-9, "{:?}", ledger.equity);
        assert!((ledger.legs[0].held[2] + 0.35).abs() < 1e-12, "{:?}", ledger.legs[0].held);
    }
}

/// A venue that looks on.
#[derive(Debug)]
struct AsksNothing;

impl hedgerow_sim::Margin for AsksNothing {
    fn requirement(&self, _: &hedgerow_sim::margin::Held<'_>) -> hedgerow_sim::margin::Requirement {
        hedgerow_sim::margin::Requirement::default()
    }
}

/// Found: a position that was closed within a bar paid the funding that is settled at the bar's end.
#[test]
fn what_is_closed_within_a_bar_pays_no_funding_of_it() {
    let bars = excursion(&Bar { close: 50_000.0, high: 50_100.0, low: 44_600.0 });
    let funding =
        vec![hedgerow_core::FundingEvent { time: bars.time()[2], rate: 0.01, mark: None }];
    let perps = bars
        .tradables()
        .iter()
        .cloned()
        .map(|perp| hedgerow_core::Tradable { funding: Some(funding.clone()), ..perp });
    let (time, assets) = (bars.time().to_vec(), bars.assets().to_vec());
    let market = Market::new(time, assets, perps.collect(), vec![]).unwrap();
    for reduce_at in [None, Some(Reduction::at(1.5))] {
        let account = held_by(25_000.0, 0.0);
        let is_part = reduce_at.is_some();
        let ledger = closed_with_fees(&market, (Contract::LinearPerp, 5.0), &account, |margin| {
            margin.reduce_at = reduce_at;
        });
        let left = ledger.legs[0].held[2];
        assert_eq!(left > 0.0, is_part, "{:?}", ledger.margin.events);
        let paid = -ledger.legs[0].carry[2];
        assert!((paid - 0.01 * left * 50_000.0).abs() < 1e-9, "{paid}");
        assert_sums_up(&ledger, 0..4, "funding");
    }
}
