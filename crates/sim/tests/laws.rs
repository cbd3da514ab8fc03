//! Laws that every rule, ratio and instrument keeps.
#![allow(clippy::float_cmp, reason = "laws that hold bit for bit")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hedgerow_core::{AssetColumns, Contract, Line, Market, Tradable};
use hedgerow_sim::*;
use support::*;

const COSTS: Costs = Costs {
    spot_fee_bps: hedgerow_core::Bps(10.0),
    perp_fee_bps: hedgerow_core::Bps(5.0),
    half_spread_bps: hedgerow_core::Bps(2.0),
    slippage_bps: hedgerow_core::Bps(1.0),
    ..Costs::ZERO
};

fn close(a: f64, b: f64, scale: f64) -> bool {
    (a - b).abs() <= 1e-9 * scale.max(1.0)
}

/// Change of equity = sum of the ledger's lines = sum of the explanation, row by row.
#[test]
fn wealth_is_the_sum_of_its_lines() {
    for seed in 0..3 {
        let market = market(seed, 400);
        let books = books(&market);
        for (name, leg) in every_leg(&market, &COSTS) {
            let exposure = &books[usize::from(seed > 0)];
            let costs = free(&market, exposure);
            let ledger = simulate(&market, exposure, &strategy(vec![leg]), &account(), &costs);
            assert_legs_are_explained(exposure, &ledger);
            let spot = &market.assets()[0].spot;
            let start = 50_000.0 + 0.5 * spot[0] + exposure.value[0] + exposure.cash_flow[0];
            for row in 0..market.n_rows() {
                let before = if row == 0 { start } else { ledger.equity[row - 1] };
                let leg = &ledger.legs[0];
                let lines = leg.price_pnl[row] + leg.carry[row]
                    - leg.fee[row]
                    - leg.spread[row]
                    - leg.slippage[row]
                    - leg.roll[row]
                    + ledger.book_pnl[row]
                    + ledger.collateral_pnl[row]
                    + ledger.interest[row];
                let change = ledger.equity[row] - before;
                let scale = ledger.equity[row].abs() + leg.held[row].abs() * leg.price[row];
                assert!(
                    close(change, lines, scale),
                    "{name} row {row}: equity {change}, lines {lines}"
                );
                let explained = ledger.explained.sum(row);
                assert!(
                    close(change, explained, scale),
                    "{name} row {row}: equity {change}, explained {explained}"
                );
            }
        }
    }
}

/// The market with everything after `row` replaced: other prices, other funding.
fn another_future(market: &Market, row: usize) -> Market {
    let change = |column: &Vec<f64>| -> Vec<f64> {
        column
            .iter()
            .enumerate()
            .map(|(index, price)| if index > row { price * 1.7 + index as f64 } else { *price })
            .collect()
    };
    let assets = market.assets().iter().map(|asset| AssetColumns {
        spot: change(&asset.spot),
        open: asset.open.as_ref().map(change),
        ..asset.clone()
    });
    let now = market.time()[row];
    let tradables = market.tradables().iter().map(|tradable| {
        let mut tradable = Tradable {
            price: change(&tradable.price),
            open: tradable.open.as_ref().map(change),
            ..tradable.clone()
        };
        tradable
            .funding
            .iter_mut()
            .flatten()
            .filter(|event| event.time > now)
            .for_each(|event| event.rate += 0.01);
        tradable
    });
    Market::new(market.time().to_vec(), assets.collect(), tradables.collect(), vec![]).unwrap()
}

#[test]
fn no_rule_sees_the_future() {
    let past = market(5, 300);
    for row in [0, 1, 120, 250] {
        let future = another_future(&past, row);
        let pairs = every_leg(&past, &COSTS).into_iter().zip(every_leg(&future, &COSTS));
        for ((name, leg), (_, other_leg)) in pairs {
            let run = |market: &Market, leg: Leg| {
                let exposure = straddles(market, 4.0, 3.0);
                let costs = BookCosts::new(market, &exposure, &COSTS);
                simulate(market, &exposure, &strategy(vec![leg]), &account(), &costs)
            };
            let (ledger, other) = (run(&past, leg), run(&future, other_leg));
            assert_eq!(
                ledger.legs[0].held[..=row],
                other.legs[0].held[..=row],
                "{name}: holdings up to row {row}"
            );
            assert_eq!(
                ledger.legs[0].ideal[..=row],
                other.legs[0].ideal[..=row],
                "{name}: ideals up to row {row}"
            );
            assert_eq!(
                ledger.equity[..=row],
                other.equity[..=row],
                "{name}: equity up to row {row}"
            );
        }
    }
}

/// At every row over more than a refit: an estimate made at a row must not know the next.
#[test]
fn no_ratio_sees_the_next_row() {
    let past = market(5, 300);
    let column = |market: &Market, line: &str| {
        let track =
            linear_track(market, 0, Contract::LinearPerp, &Costs::ZERO, FillAt::DecidingPrice);
        ratio(line).column(&ratio::History::new(market, 0, &track.unwrap()))
    };
    for entry in RATIOS {
        let known = column(&past, entry.example);
        for row in 200..250 {
            let other = column(&another_future(&past, row), entry.example);
            for earlier in [0, 150, row - 1, row] {
                assert_eq!(known.at(earlier), other.at(earlier), "{} at {earlier}", entry.name);
            }
        }
    }
}

#[test]
fn cost_is_rate_times_turnover() {
    let market = market(7, 300);
    let exposure = straddles(&market, 4.0, 3.0);
    for (name, leg) in every_leg(&market, &COSTS) {
        let rate = COSTS.fee_rate(leg.track.contract.unwrap());
        let ledger = simulate(
            &market,
            &exposure,
            &strategy(vec![leg]),
            &account(),
            &free(&market, &exposure),
        );
        let leg = &ledger.legs[0];
        let sum = |column: &[f64]| column.iter().sum::<f64>();
        let turnover = sum(&leg.turnover);
        assert!(close(sum(&leg.fee), rate * turnover, turnover), "{name}");
        assert!(close(sum(&leg.spread), 2e-4 * turnover, turnover), "{name}");
        assert!(close(sum(&leg.slippage), 1e-4 * turnover, turnover), "{name}");
        assert!(
            leg.fee.iter().chain(&leg.spread).chain(&leg.slippage).all(|cost| *cost >= 0.0),
            "{name}"
        );
    }
}

#[test]
fn turnover_is_the_sum_of_absolute_trades_at_their_fills() {
    let market = market(8, 200);
    let exposure = book(&market, 3.0);
    let leg = leg(
        &market,
        Contract::LinearPerp,
        FillAt::NextOpen,
        &COSTS,
        rule("when = { delta_band = 0.2 }"),
    );
    let ledger =
        simulate(&market, &exposure, &strategy(vec![leg]), &account(), &free(&market, &exposure));
    let leg = &ledger.legs[0];
    let mut before = 0.0;
    for row in 0..200 {
        let traded = leg.held[row] - before;
        assert_eq!(leg.traded[row], traded);
        let open = market.tradables()[0].open.as_ref().unwrap()[row];
        assert!(close(leg.turnover[row], traded.abs() * open, leg.turnover[row]));
        before = leg.held[row];
    }
    assert!(leg.held.iter().any(|held| *held != 0.0));
}

#[test]
fn no_move_and_no_cost_is_no_pnl() {
    let market = daily(&[30_000.0; 40]);
    let exposure = coins(&market, 5.0);
    for (name, leg) in every_leg(&market, &Costs::ZERO) {
        let ledger = run_free(&market, &exposure, leg);
        assert!(
            ledger.equity.iter().all(|equity| *equity == 150_000.0),
            "{name}: {:?}",
            ledger.equity
        );
    }
}

#[test]
fn hedging_an_asset_with_itself_leaves_minus_cost() {
    let market = market(9, 300);
    let exposure = coins(&market, 5.0);
    let leg =
        leg(&market, Contract::Spot, FillAt::DecidingPrice, &COSTS, rule(r#"when = "every_row""#));
    let ledger = run_free(&market, &exposure, leg);
    let start = 5.0 * market.assets()[0].spot[0];
    let mut cost = 0.0;
    for row in 0..300 {
        let leg = &ledger.legs[0];
        cost += leg.fee[row] + leg.spread[row] + leg.slippage[row];
        assert!(close(ledger.equity[row], start - cost, start), "row {row}");
    }
    assert!(cost > 0.0);
}

#[test]
fn rules_that_tolerate_nothing_equal_every_row() {
    let market = market(11, 300);
    let exposure = straddles(&market, 4.0, 3.0);
    let held = |costs: &Costs, line: &str, to: To| {
        let leg =
            Leg { to, ..leg(&market, Contract::LinearPerp, FillAt::NextOpen, costs, rule(line)) };
        let ledger = simulate(
            &market,
            &exposure,
            &strategy(vec![leg]),
            &account(),
            &free(&market, &exposure),
        );
        ledger.legs[0].held.clone()
    };
    for to in [To::EDGE, To::CENTRE] {
        let every_row = held(&Costs::ZERO, r#"when = "every_row""#, to);
        for line in [
            "when = { delta_band = 0.0 }",
            "when = { clock = { days = 0 } }",
            "when = { clock = { hours = 1 } }",
            "when = { spot_move = { percent = 0 } }",
            "when = { whalley_wilmott = { risk_aversion = 1e-4 } }",
            "when = { whalley_wilmott = { delta_cap = { coins = 1, quantity = 4, tenor_days = 4, vol_percent = 65 } } }",
            "when = { zakamouline = { risk_aversion = 1e-4 } }",
            "when = { zakamouline = { delta_cap = { coins = 1, quantity = 4, tenor_days = 4, vol_percent = 65 } } }",
            "when = { hodges_neuberger = { risk_aversion = 1e-4 } }",
            "when = { hodges_neuberger = { delta_cap = { coins = 1, quantity = 4, tenor_days = 4, vol_percent = 65 } } }",
            "when = { asymmetric_band = { down = 0, up = 0 } }",
            "when = { gamma_band = { percent = 0 } }",
            "when = { leland_clock = { number = 0.1 } }",
            "when = { sepp_clock = { edge_points = 5 } }",
            "when = { sepp_clock = { window_days = 3 } }",
            "when = { iv_move = { points = 0 } }",
            "when = { spot_move_deviations = { deviations = 0, horizon_days = 1, window_days = 2 } }",
            "when = { cost_budget = { usd = 1, days = 1 } }",
            "when = { not = { all = [{ not = \"every_row\" }, { not = { clock = { days = 0 } } }] } }",
            r#"when = { any = ["every_row", { delta_band = 5.0 }] }"#,
            r#"when = { all = ["every_row"] }"#,
        ] {
            assert_eq!(held(&Costs::ZERO, line, to), every_row, "{line} to {to:?}");
        }
    }
}

#[test]
fn a_band_holds_the_net_delta_inside_it() {
    let market = market(12, 500);
    let exposure = book(&market, 3.0);
    for (line, half_width) in [
        ("when = { delta_band = 0.3 }", 0.3),
        ("when = { any = [{ delta_band = 0.3 }, { clock = { days = 1 } }] }", 0.3),
    ] {
        for to in [To::EDGE, To::CENTRE] {
            let leg = Leg {
                to,
                ..leg(&market, Contract::LinearPerp, FillAt::DecidingPrice, &COSTS, rule(line))
            };
            let ledger = simulate(
                &market,
                &exposure,
                &strategy(vec![leg]),
                &account(),
                &free(&market, &exposure),
            );
            let net = &ledger.net_delta[0];
            assert!(net.iter().all(|net| net.abs() <= half_width + 1e-12), "{line}");
            if to == To::EDGE {
                let at_edge =
                    ledger.legs[0].traded.iter().zip(net).filter(|(traded, _)| **traded != 0.0);
                assert!(at_edge.clone().count() > 3);
                let trades_end_at_an_edge =
                    at_edge.clone().all(|(_, net)| (net.abs() - half_width).abs() < 1e-9);
                assert_eq!(trades_end_at_an_edge, !line.contains("any"), "{line}");
            }
        }
    }
}

#[test]
fn all_trades_only_when_each_of_its_rules_would() {
    let market = market(13, 400);
    let exposure = book(&market, 3.0);
    let leg = leg(
        &market,
        Contract::LinearPerp,
        FillAt::DecidingPrice,
        &COSTS,
        rule("when = { all = [{ clock = { days = 1 } }, { delta_band = 0.2 }] }"),
    );
    let ledger =
        simulate(&market, &exposure, &strategy(vec![leg]), &account(), &free(&market, &exposure));
    let leg = &ledger.legs[0];
    let mut last_day = None;
    for row in 1..400 {
        let day = |row: usize| {
            (market.time()[row].millis() - market.time()[0].millis()).div_euclid(24 * HOUR)
        };
        if leg.traded[row] != 0.0 {
            assert!(day(row) > day(row - 1), "row {row} trades off the clock");
            let off = leg.held[row - 1] - leg.ideal[row].unwrap();
            assert!(off.abs() > 0.2, "row {row} trades inside the band");
            last_day = Some(day(row));
        }
    }
    assert!(last_day.is_some());
}

/// A delta that moves by a rounding is followed, to the bit, and not counted: neither in a ledger nor in a sweep.
#[test]
fn a_rounding_is_not_a_trade() {
    let market = market(15, 200);
    let mut exposure = book(&market, 0.0);
    for (row, delta) in exposure.slopes[0].delta.iter_mut().enumerate() {
        *delta = 1.0 + if row < 100 { 0.0 } else { 0.5 } + 1e-14 * (row % 7) as f64;
    }
    let costs = BookCosts::new(&market, &exposure, &Costs::ZERO);
    let leg =
        leg(&market, Contract::Spot, FillAt::DecidingPrice, &COSTS, rule(r#"when = "every_row""#));
    let strategies = [strategy(vec![leg])];
    let leg = &simulate(&market, &exposure, &strategies[0], &account(), &costs).legs[0];
    assert!(leg.traded.iter().filter(|traded| **traded != 0.0).count() > 150);
    assert_eq!(leg.n_trades(), 2);
    assert_eq!(sweep(&market, &exposure, &strategies, &account(), &costs)[0].trades, 2);
}

#[test]
fn parallel_equals_sequential_and_a_sweep_equals_its_ledgers() {
    let market = market(14, 5_000);
    let exposure = straddles(&market, 4.0, 3.0);
    let strategies: Vec<Strategy> =
        every_leg(&market, &COSTS).into_iter().map(|(_, leg)| strategy(vec![leg])).collect();
    let none = BookCosts::new(&market, &exposure, &COSTS);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            (
                simulate_all(&market, &exposure, &strategies, &account(), &none),
                sweep(&market, &exposure, &strategies, &account(), &none),
            )
        })
    };
    let (ledgers, outcomes) = run(1);
    assert_eq!((ledgers.clone(), outcomes.clone()), run(2));
    for ((strategy, ledger), outcome) in strategies.iter().zip(&ledgers).zip(&outcomes) {
        assert_eq!(*ledger, simulate(&market, &exposure, strategy, &account(), &none));
        let leg = &ledger.legs[0];
        let cost: f64 =
            (0..5_000).map(|row| leg.fee[row] + leg.spread[row] + leg.slippage[row]).sum();
        let pnl: f64 = ledger.book_pnl.iter().sum::<f64>()
            + leg.price_pnl.iter().sum::<f64>()
            + leg.carry.iter().sum::<f64>()
            - cost;
        assert!(close(outcome.cost, cost, cost));
        assert!(close(outcome.pnl, pnl, cost + ledger.equity[0].abs()));
        assert_eq!(outcome.trades, leg.n_trades());
    }
}

/// The second leg sees the book plus the first: half by one perp, the rest by the other, nothing is left.
#[test]
fn legs_run_one_after_another() {
    let market = market(15, 200);
    let exposure = book(&market, 3.0);
    let mut first = leg(
        &market,
        Contract::LinearPerp,
        FillAt::NextOpen,
        &COSTS,
        rule("when = { delta_band = 0.1 }"),
    );
    first.ratio = RatioColumn::Constant(0.5);
    let mut second = leg(
        &market,
        Contract::InversePerp,
        FillAt::DecidingPrice,
        &COSTS,
        rule(r#"when = "every_row""#),
    );
    second.name = "rest".to_owned();
    let ledger = simulate(
        &market,
        &exposure,
        &strategy(vec![first, second]),
        &account(),
        &free(&market, &exposure),
    );
    for row in 0..200 {
        // The first leg's decision of this row is filled at the next; the second leg counts on it.
        let pending = if row + 1 < 200 {
            ledger.legs[0].held[row + 1] - ledger.legs[0].held[row]
        } else {
            continue;
        };
        assert!((ledger.net_delta[0][row] + pending).abs() < 1e-9, "row {row}");
    }
}

#[test]
fn the_lines_of_a_perfect_hedge_are_basis_carry_and_cost() {
    let market = market(16, 300);
    let exposure = coins(&market, 5.0);
    let leg = leg(
        &market,
        Contract::LinearPerp,
        FillAt::DecidingPrice,
        &COSTS,
        rule(r#"when = "every_row""#),
    );
    let ledger = run_free(&market, &exposure, leg);
    assert!(ledger.explained.total(Line::Delta).abs() < 1e-6);
    assert!(ledger.explained.total(Line::Basis).abs() > 1.0);
    assert_eq!(ledger.explained.total(Line::Carry), ledger.legs[0].carry.iter().sum::<f64>());
}
