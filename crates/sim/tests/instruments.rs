//! Dated futures, cross-asset hedges, portfolios, baskets, options against vega and gamma, instruments by turns.
#![allow(clippy::float_cmp, reason = "laws that hold bit for bit")]
#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "tests")]

mod support;

use std::num::NonZeroUsize;
use std::sync::Arc;

use hedgerow_core::{
    AssetColumns, Bps, Contract, ContractTerms, Explained, Exposure, Fills, Future, GradeCounts,
    Ledger, Line, Market, PaidIn, RollSide, Rolls, Series, Settlement, Slopes, Timestamp, Track,
    UnitCost,
};
use hedgerow_sim::*;
use support::*;

const COSTS: Costs = Costs {
    perp_fee_bps: Bps(5.0),
    future_fee_bps: Bps(4.0),
    future_delivery_bps: Bps(2.0),
    half_spread_bps: Bps(2.0),
    slippage_bps: Bps(1.0),
    ..Costs::ZERO
};

/// A second asset whose returns are `beta` times the first's, plus its own.
fn two_assets(seed: u64, n_rows: usize, beta: f64) -> Market {
    let (one, two) = (market(seed, n_rows), market(seed + 100, n_rows));
    let moves = |market: &Market, row: usize| {
        (market.assets()[0].spot[row] / market.assets()[0].spot[0]).ln()
    };
    let spot: Vec<f64> = (0..n_rows)
        .map(|row| 1_500.0 * (beta * moves(&one, row) + 0.3 * moves(&two, row)).exp())
        .collect();
    let other = AssetColumns { name: "ETH".to_owned(), spot, open: None, high: None, low: None };
    let assets = vec![one.assets()[0].clone(), other];
    let market =
        Market::new(one.time().to_vec(), assets, one.tradables().to_vec(), vec![]).unwrap();
    with_futures(market)
}

/// Coins of the second asset, held outright.
fn ether(market: &Market, coins: f64) -> Exposure {
    let n_rows = market.n_rows();
    let spot = &market.assets()[1].spot;
    let mut explained = Explained::zero(n_rows);
    for row in 1..n_rows {
        explained.line_mut(Line::Delta)[row] = coins * (spot[row] - spot[row - 1]);
    }
    let own =
        Slopes { coins, delta: vec![coins; n_rows], ..Slopes::zero(n_rows, vec![None; n_rows]) };
    Exposure {
        value: spot.iter().map(|spot| coins * spot).collect(),
        cash_flow: vec![0.0; n_rows],
        slopes: vec![Slopes::zero(n_rows, vec![None; n_rows]), own],
        explained,
        trades: vec![],
        grades: GradeCounts::default(),
    }
}

/// The exposure of one more asset that is not held.
fn with_idle(mut exposure: Exposure) -> Exposure {
    let n_rows = exposure.value.len();
    exposure.slopes.push(Slopes::zero(n_rows, vec![None; n_rows]));
    exposure
}

fn account_of(assets: usize) -> Account {
    Account { usd: 50_000.0, coins: vec![0.5; assets], rate: 0.03 }
}

/// A made-up option on the first asset, bought again every 40 rows: value, delta, gamma and vega enough like one.
fn option(market: &Market) -> Track {
    let spot = &market.assets()[0].spot;
    let n_rows = spot.len();
    let left = |row: usize| 40.0 - (row % 40) as f64;
    let strike = |row: usize| spot[row - row % 40];
    let vega: Vec<f64> =
        (0..n_rows).map(|row| 0.3 * spot[row] * (left(row) / 40.0).sqrt()).collect();
    let price: Vec<f64> = (0..n_rows)
        .map(|row| {
            0.05 * spot[row] * (left(row) / 40.0).sqrt() + 0.5 * (spot[row] - strike(row)).max(0.0)
        })
        .collect();
    let mut explained = Explained::zero(n_rows);
    let pnl: Vec<f64> = (0..n_rows)
        .map(|row| match row {
            0 => 0.0,
            // At a roll the old option is sold at what it is worth, the new one bought at its price.
            _ if row % 40 == 0 => 0.5 * (spot[row] - strike(row - 1)).max(0.0) - price[row - 1],
            _ => price[row] - price[row - 1],
        })
        .collect();
    explained.line_mut(Line::Residual).copy_from_slice(&pnl);
    let at_roll = |cost: f64| {
        (0..n_rows).map(|row| if row > 0 && row % 40 == 0 { cost } else { 0.0 }).collect()
    };
    let side = |cost: f64, turnover: f64| RollSide {
        cost: at_roll(cost),
        turnover: at_roll(turnover),
        weight: at_roll(turnover.powf(1.5)),
        impact: None,
    };
    Track {
        name: "BTC straddle".to_owned(),
        asset: 0,
        contract: None,
        settlement: Settlement::Cash,
        pnl,
        fills: Fills::AtPrice,
        carry: Series::Constant(0.0),
        delta: Series::Rows((0..n_rows).map(|row| 0.1 + 0.4 * left(row) / 40.0).collect()),
        gamma: Series::Rows(
            vega.iter().zip(spot).map(|(vega, spot)| 4.0 * vega / (spot * spot)).collect(),
        ),
        theta: Series::Constant(0.0),
        explained: Some(explained),
        unit_cost: UnitCost::PerUnit {
            fee: vec![1.0; n_rows],
            spread: vec![2.0; n_rows],
            slippage: vec![0.5; n_rows],
        },
        option_fee: None,
        impact: None,
        rolls: Some(Rolls { left: side(1.2, 8_000.0), entered: side(1.8, 12_000.0) }),
        unit_notional: Series::Rows(spot.clone()),
        cost_rate: 3e-4,
        marked_at_spot: false,
        margin: None,
        forced: None,
        vega: Series::Rows(vega),
        price,
    }
}

fn on(track: Track, against: Against, line: &str) -> Leg {
    Leg {
        name: format!("{} {against:?}", track.name).chars().take(30).collect(),
        asset: 0,
        track: Arc::new(track),
        against,
        delta: DeltaKind::BlackScholes,
        ratio: RatioColumn::Constant(1.0),
        rule: rule(line),
        to: To::EDGE,
        execution: Execution::AT_ONCE,
        gate: None,
    }
}

fn perp(market: &Market) -> Track {
    linear_track(market, 0, Contract::LinearPerp, &COSTS, FillAt::DecidingPrice).unwrap()
}

fn future(market: &Market, paid_in: PaidIn, roll_days: f64) -> Track {
    future_track(market, 0, paid_in, roll_days, &COSTS).unwrap()
}

/// Every kind of leg of this file, each as a strategy.
fn every_strategy(market: &Market, exposure: &Exposure) -> Vec<(String, Strategy)> {
    let band = "when = { delta_band = 0.2 }";
    let every = r#"when = "every_row""#;
    let mut list: Vec<(String, Vec<Leg>)> = Vec::new();
    for paid_in in [PaidIn::Usd, PaidIn::Coin] {
        for days in [0.0, 1.5] {
            let leg = on(future(market, paid_in, days), Against::Delta, band);
            list.push((format!("future {paid_in:?} {days}"), vec![leg]));
        }
    }
    for against in [Against::Vega, Against::Gamma] {
        let legs = vec![
            on(option(market), against.clone(), every),
            on(perp(market), Against::Delta, band),
        ];
        list.push((format!("option against {against:?}, then perp"), legs));
    }
    let cross = Leg { asset: 1, ..on(perp(market), Against::Delta, every) };
    list.push(("cross".to_owned(), vec![cross]));
    list.push(("portfolio".to_owned(), vec![on(perp(market), Against::Portfolio, every)]));
    for contract in [Contract::LinearPerp, Contract::InversePerp] {
        let track = linear_track(market, 0, contract, &COSTS, FillAt::NextOpen).unwrap();
        list.push((format!("account {contract:?}"), vec![on(track, Against::Account, band)]));
    }
    let (perp_track, future_leg) = (perp(market), future(market, PaidIn::Coin, 1.5));
    let basket =
        Basket { window_days: 3.0, refit_rows: NonZeroUsize::new(24).unwrap(), ridge: 0.01 };
    let columns =
        basket.columns(market, &[&perp_track, &future_leg], exposure, &(0..market.n_rows()));
    let legs = [perp_track, future_leg].into_iter().zip(columns);
    let legs = legs.map(|(track, column)| on(track, Against::Column(column), every)).collect();
    list.push(("basket".to_owned(), legs));
    let policy = Cheapest { lookback_days: 2.0, horizon_days: 30.0 };
    let candidates = [
        Candidate {
            rates: funding_rate(market, &perp(market), policy.lookback_days),
            cost: 8e-4,
            without_rate: WithoutRate::CanBeHeld,
        },
        Candidate {
            rates: basis_rate(market, 0, PaidIn::Usd, 1.5),
            cost: 7e-4,
            without_rate: WithoutRate::CannotBeHeld,
        },
    ];
    let side: Vec<f64> = exposure.slopes[0].delta.iter().map(|delta| -delta).collect();
    let gates = policy.choose(&candidates, &side);
    let tracks = [perp(market), future(market, PaidIn::Usd, 1.5)];
    let legs = tracks
        .into_iter()
        .zip(gates)
        .map(|(track, gate)| Leg { gate: Some(Arc::new(gate)), ..on(track, Against::Delta, band) });
    list.push(("cheapest".to_owned(), legs.collect()));
    list.into_iter().map(|(name, legs)| (name, strategy(legs))).collect()
}

/// A book with vega: the straddles, with a vega of their own.
fn vega_book(market: &Market) -> Exposure {
    let mut exposure = straddles(market, 4.0, 3.0);
    let spot = &market.assets()[0].spot;
    for (row, vega) in exposure.slopes[0].vega.iter_mut().enumerate() {
        *vega = -0.2 * spot[row] * (1.0 + 0.5 * (row as f64 / 9.0).sin());
    }
    with_idle(exposure)
}

fn run(market: &Market, exposure: &Exposure, strategy: &Strategy) -> Ledger {
    let costs = BookCosts::new(market, exposure, &COSTS);
    simulate(market, exposure, strategy, &account_of(market.assets().len()), &costs)
}

fn close(a: f64, b: f64, scale: f64) -> bool {
    (a - b).abs() <= 1e-9 * scale.abs().max(1.0)
}

fn books_of(market: &Market) -> [Exposure; 3] {
    [vega_book(market), with_idle(book(market, 3.0)), ether(market, 40.0)]
}

#[test]
fn wealth_is_the_sum_of_its_lines_with_every_instrument_and_target() {
    let market = two_assets(3, 400, 0.8);
    for exposure in books_of(&market) {
        for (name, strategy) in every_strategy(&market, &exposure) {
            let ledger = run(&market, &exposure, &strategy);
            assert_legs_are_explained(&exposure, &ledger);
            for row in 1..market.n_rows() {
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
                let lines =
                    legs + ledger.book_pnl[row] - ledger.book_fee[row] - ledger.book_spread[row]
                        + ledger.collateral_pnl[row]
                        + ledger.interest[row];
                let change = ledger.equity[row] - ledger.equity[row - 1];
                let held: f64 =
                    ledger.legs.iter().map(|leg| leg.held[row].abs() * leg.price[row]).sum();
                let scale = ledger.equity[row].abs() + held;
                assert!(close(change, lines, scale), "{name} row {row}: {change} and {lines}");
                let explained = ledger.explained.sum(row);
                assert!(close(change, explained, scale), "{name} row {row}: {change}, {explained}");
            }
        }
    }
}

#[test]
fn no_instrument_and_no_target_sees_the_future() {
    let past = two_assets(4, 300, 0.8);
    for row in [1, 77, 150, 251] {
        let bend = |column: &Vec<f64>| -> Vec<f64> {
            let bent =
                |(i, price): (usize, &f64)| if i > row { price * 1.6 + i as f64 } else { *price };
            column.iter().enumerate().map(bent).collect()
        };
        let assets = past.assets().iter().map(|asset| AssetColumns {
            spot: bend(&asset.spot),
            open: asset.open.as_ref().map(bend),
            ..asset.clone()
        });
        let tradables = past.tradables().iter().map(|tradable| {
            let mut tradable = tradable.clone();
            tradable.price = bend(&tradable.price);
            tradable.open = tradable.open.as_ref().map(bend);
            let now = past.time()[row];
            let events = tradable.funding.iter_mut().flatten();
            events.filter(|event| event.time > now).for_each(|event| event.rate -= 0.02);
            tradable
        });
        let future = past.futures().iter().map(|future| {
            let mut future = future.clone();
            let later = future.price.iter_mut().enumerate().filter(|(i, _)| *i > row);
            later.for_each(|(i, price)| *price = price.map(|price| price * 1.3 + i as f64));
            future
        });
        let other =
            Market::new(past.time().to_vec(), assets.collect(), tradables.collect(), vec![])
                .unwrap()
                .with_futures(future.collect())
                .unwrap();
        let books = books_of(&past).into_iter().zip(books_of(&other));
        for (exposure, other_exposure) in books {
            let strategies = every_strategy(&past, &exposure);
            let others = every_strategy(&other, &other_exposure);
            for ((name, strategy), (_, other_strategy)) in strategies.iter().zip(&others) {
                let ledger = run(&past, &exposure, strategy);
                let changed = run(&other, &other_exposure, other_strategy);
                for (leg, other) in ledger.legs.iter().zip(&changed.legs) {
                    assert_eq!(leg.held[..=row], other.held[..=row], "{name} at {row}");
                    assert_eq!(leg.ideal[..=row], other.ideal[..=row], "{name} at {row}");
                }
                assert_eq!(ledger.equity[..=row], changed.equity[..=row], "{name} at {row}");
            }
        }
    }
}

#[test]
fn a_sweep_equals_its_ledgers_with_every_instrument_and_target() {
    let market = two_assets(6, 3_000, 0.8);
    let exposure = vega_book(&market);
    let strategies: Vec<Strategy> =
        every_strategy(&market, &exposure).into_iter().map(|(_, strategy)| strategy).collect();
    let none = BookCosts::new(&market, &exposure, &COSTS);
    let outcomes = sweep(&market, &exposure, &strategies, &account_of(2), &none);
    for (strategy, outcome) in strategies.iter().zip(outcomes) {
        let ledger = simulate(&market, &exposure, strategy, &account_of(2), &none);
        let legs = &ledger.legs;
        let sum = |column: fn(&hedgerow_core::LegLedger) -> &Vec<f64>| -> f64 {
            legs.iter().flat_map(column).sum()
        };
        let cost = sum(|leg| &leg.fee)
            + sum(|leg| &leg.spread)
            + sum(|leg| &leg.slippage)
            + sum(|leg| &leg.roll);
        assert!(close(outcome.cost, cost, cost), "{}: {} and {cost}", strategy.name, outcome.cost);
        let pnl: f64 =
            ledger.book_pnl.iter().sum::<f64>() + sum(|leg| &leg.price_pnl) + sum(|leg| &leg.carry)
                - cost;
        assert!(close(outcome.pnl, pnl, 1e6), "{} and {pnl}", outcome.pnl);
    }
}

/// Two contracts by hand: 110 falls to 104 (the first), rolled there into the second at 120, which falls to 118.
#[test]
fn a_roll_earns_each_contract_on_its_own_prices() {
    let terms = |paid_in| ContractTerms { paid_in, size: 1.0, tick: None, lot: None };
    for paid_in in [PaidIn::Usd, PaidIn::Coin] {
        let day = |days: i64| Timestamp::from_millis(0).plus_days(days);
        let near = Future {
            name: "near".to_owned(),
            asset: 0,
            expiry: day(3),
            terms: terms(paid_in),
            ends: None,
            holes: Vec::new(),
            price: vec![Some(110.0), Some(107.0), Some(104.0), Some(101.0), None],
        };
        let far = Future {
            name: "far".to_owned(),
            expiry: day(9),
            price: vec![Some(125.0), None, Some(120.0), Some(119.0), Some(118.0)],
            ..near.clone()
        };
        let spot = [100.0, 100.0, 100.0, 100.0, 50.0];
        let market = daily(&spot).with_futures(vec![near, far]).unwrap();
        let track = future_track(&market, 0, paid_in, 1.0, &COSTS).unwrap();
        assert_eq!(track.price, [110.0, 107.0, 120.0, 119.0, 118.0]);
        let expected: Vec<f64> = match paid_in {
            PaidIn::Usd => vec![0.0, -3.0, -3.0, -1.0, -1.0],
            PaidIn::Coin => {
                [(110.0, 110.0), (110.0, 107.0), (107.0, 104.0), (120.0, 119.0), (119.0, 118.0)]
                    .iter()
                    .zip(spot)
                    .map(|((from, to), spot)| (1.0 / from - 1.0 / to) * spot)
                    .collect()
            }
        };
        assert_eq!(track.pnl, expected);
        let rolls = track.rolls.clone().unwrap();
        let turnover = match paid_in {
            PaidIn::Usd => 104.0 + 120.0,
            PaidIn::Coin => 100.0 / 104.0 + 100.0 / 120.0,
        };
        assert_eq!([0, 1, 2, 3, 4].map(|row| rolls.turnover(row)), [0.0, 0.0, turnover, 0.0, 0.0]);
        assert!((rolls.left.cost[2] + rolls.entered.cost[2] - 7e-4 * turnover).abs() < 1e-12);
        let exposure = coins(&market, 2.0);
        let leg = on(track, Against::Delta, r#"when = "every_row""#);
        let ledger = run(&market, &exposure, &strategy(vec![leg]));
        let [before, held] = [1, 2].map(|row| ledger.legs[0].held[row].abs());
        let rolled = before * rolls.left.cost[2] + before.min(held) * rolls.entered.cost[2];
        assert!((ledger.explained.line(Line::Roll)[2] + rolled).abs() < 1e-12 && rolled > 0.0);
    }
}

/// Held to expiry a short future earns the basis at which it was sold, whatever the spot does, less fees.
#[test]
fn a_future_held_to_expiry_earns_the_basis() {
    let day = |days: i64| Timestamp::from_millis(0).plus_days(days);
    let spot = [100.0, 140.0, 70.0, 90.0, 95.0];
    let future = |name: &str, expiry: i64, price: [Option<f64>; 5]| Future {
        name: name.to_owned(),
        asset: 0,
        expiry: day(expiry),
        terms: ContractTerms { paid_in: PaidIn::Usd, size: 1.0, tick: None, lot: None },
        ends: None,
        holes: Vec::new(),
        price: price.to_vec(),
    };
    // The last price before settlement is not the settlement: that is the spot.
    let near = future("near", 3, [Some(104.0), Some(141.0), Some(71.0), Some(90.5), None]);
    let far = future("far", 9, [None, None, None, Some(99.0), Some(100.0)]);
    let market = daily(&spot).with_futures(vec![near, far]).unwrap();
    let track = future_track(&market, 0, PaidIn::Usd, 0.0, &COSTS).unwrap();
    assert_eq!(track.pnl, [0.0, 37.0, -70.0, 19.0, 1.0]);
    assert!((track.pnl[..4].iter().sum::<f64>() - (90.0 - 104.0)).abs() < 1e-12);
    let rolls = track.rolls.unwrap();
    assert!((rolls.left.cost[3] - 2e-4 * 90.0).abs() < 1e-12);
    assert!((rolls.entered.cost[3] - 7e-4 * 99.0).abs() < 1e-12);
}

#[test]
fn a_hole_between_futures_is_named() {
    let market = daily(&[100.0; 5]);
    let none = future_track(&market, 0, PaidIn::Coin, 1.0, &COSTS).unwrap_err();
    assert_eq!(none.to_string(), "the market has no dated future on BTC that pays in the coin");
    let only = Future {
        name: "BTC-4JAN70".to_owned(),
        asset: 0,
        expiry: Timestamp::from_millis(0).plus_days(3),
        terms: ContractTerms { paid_in: PaidIn::Usd, size: 1.0, tick: None, lot: None },
        ends: None,
        holes: Vec::new(),
        price: vec![Some(100.0), Some(100.0), Some(100.0), None, None],
    };
    let gap = future_track(&market.with_futures(vec![only]).unwrap(), 0, PaidIn::Usd, 0.0, &COSTS);
    assert_eq!(
        gap.unwrap_err().to_string(),
        "at 1970-01-04T00:00:00Z there is no dated future on BTC to hold when each is left 0 days before it expires; the \
         contracts there are: BTC-4JAN70 (1970-01-01T00:00:00Z to 1970-01-03T00:00:00Z)"
    );
}

/// Found on a contract without prices for eleven days: it was held at its last one, which stood still, and said nothing.
#[test]
fn a_contract_without_a_price_is_not_held() {
    let day = |days: i64| Timestamp::from_millis(0).plus_days(days);
    let mut only = Future {
        name: "BTC-9JAN70".to_owned(),
        asset: 0,
        expiry: day(8),
        terms: ContractTerms { paid_in: PaidIn::Usd, size: 1.0, tick: None, lot: None },
        ends: None,
        holes: Vec::new(),
        price: vec![Some(100.0), None, None, None, Some(100.0)],
    };
    let market = daily(&[100.0; 5]);
    let refused = |only: &Future| {
        let market = market.clone().with_futures(vec![only.clone()]).unwrap();
        future_track(&market, 0, PaidIn::Usd, 1.0, &COSTS).unwrap_err().to_string()
    };
    assert_eq!(
        refused(&only),
        "BTC-9JAN70 would be held without a price: it has none between 1970-01-01T00:00:00Z and 1970-01-05T00:00:00Z, 96.0 \
         hours, too long to carry one over"
    );
    only.holes = vec![(Timestamp::from_millis(3_600_000), day(4))];
    assert!(
        refused(&only)
            .contains("between 1970-01-01T01:00:00Z and 1970-01-05T00:00:00Z, 95.0 hours")
    );
}

/// The option leg leaves no vega, the perp after it no delta.
#[test]
fn vega_first_then_delta_leaves_neither() {
    let market = two_assets(8, 300, 0.8);
    let exposure = vega_book(&market);
    let every = r#"when = "every_row""#;
    let legs =
        vec![on(option(&market), Against::Vega, every), on(perp(&market), Against::Delta, every)];
    let ledger = run(&market, &exposure, &strategy(legs));
    let track = option(&market);
    let mut used = 0;
    for row in 0..market.n_rows() {
        let held = &ledger.legs[0];
        if held.ideal[row].is_some() {
            let net = exposure.slopes[0].vega[row] + held.held[row] * track.vega.at(row);
            assert!(net.abs() < 1e-6, "row {row}: {net}");
            used += 1;
        }
        assert!(ledger.net_delta[0][row].abs() < 1e-9, "row {row}");
    }
    assert!(used > 290 && ledger.legs[0].held[0] > 0.0, "a short book buys options");
}

/// A second option leg sees the vega that the first left: half by one, the rest by the other, nothing is left.
#[test]
fn vega_legs_run_one_after_another() {
    let market = two_assets(8, 300, 0.8);
    let exposure = vega_book(&market);
    let every = r#"when = "every_row""#;
    let mut first = on(option(&market), Against::Vega, every);
    first.ratio = RatioColumn::Constant(0.5);
    let second = Leg { name: "rest".to_owned(), ..on(option(&market), Against::Vega, every) };
    let ledger = run(&market, &exposure, &strategy(vec![first, second]));
    let track = option(&market);
    for row in 0..market.n_rows() {
        if ledger.legs[1].ideal[row].is_some() {
            let held: f64 = ledger.legs.iter().map(|leg| leg.held[row]).sum();
            let net = exposure.slopes[0].vega[row] + held * track.vega.at(row);
            assert!(net.abs() < 1e-6, "row {row}: {net}");
            assert!(close(ledger.legs[0].held[row], ledger.legs[1].held[row], held));
        }
    }
}

/// Where an option has hardly any vega left, none are traded.
/// All that was held leaves the old option, 1.20 USD each; what is carried on enters the new one, 1.80; only more than that is
/// traded, 3.50. Once all of the old was carried over and then traded back.
#[test]
fn a_hedge_that_changes_at_a_roll_pays_for_what_it_holds() {
    let market = market(8, 60);
    for (after, roll, traded, turnover) in [
        (0.3, 12.0 + 3.0 * 1.8, 0.0, 80_000.0 + 36_000.0),
        (0.0, 12.0, 0.0, 80_000.0),
        (-0.2, 12.0, 2.0, 80_000.0),
        (1.0, 12.0 + 18.0, 0.0, 200_000.0),
        (1.5, 12.0 + 18.0, 5.0, 200_000.0),
    ] {
        let ratio = (0..60).map(|row| Some(if row < 40 { 1.0 } else { after })).collect();
        let leg = Leg {
            ratio: RatioColumn::Rows(ratio),
            ..on(option(&market), Against::Size(2.0), r#"when = "every_row""#)
        };
        let exposure = coins(&market, 5.0);
        let none = free(&market, &exposure);
        let ledger = simulate(&market, &exposure, &strategy(vec![leg]), &account(), &none);
        let leg = &ledger.legs[0];
        let spot = market.assets()[0].spot[40];
        let cost = leg.fee[40] + leg.spread[40] + leg.slippage[40];
        assert!((leg.roll[40] - roll).abs() < 1e-9, "{after}: {}", leg.roll[40]);
        assert!((cost - 3.5 * traded).abs() < 1e-9, "{after}: {cost}");
        assert!((leg.turnover[40] - turnover - traded * spot).abs() < 1e-6, "{after}");
    }
}

#[test]
fn an_option_without_vega_is_left_alone() {
    let market = two_assets(8, 120, 0.8);
    let exposure = vega_book(&market);
    let mut track = option(&market);
    let Series::Rows(vega) = &mut track.vega else { unreachable!() };
    vega[39] = 1e-9;
    let leg = on(track, Against::Vega, r#"when = "every_row""#);
    let ledger = run(&market, &exposure, &strategy(vec![leg]));
    assert_eq!(ledger.legs[0].ideal[39], None);
    assert_eq!(ledger.legs[0].held[39], ledger.legs[0].held[38]);
    assert!(ledger.legs[0].ideal[40].is_some());
}

/// Forty ether hedged by bitcoin at the rolling ratio: USD against USD, and the ratio is near beta.
#[test]
fn a_cross_hedge_sells_the_ratio_in_usd() {
    let market = two_assets(9, 2_000, 0.8);
    let exposure = ether(&market, 40.0);
    let mut leg = Leg { asset: 1, ..on(perp(&market), Against::Delta, r#"when = "every_row""#) };
    let ratio = ratio("ratio = { rolling_ols = { window_days = 30 } }");
    leg.ratio = ratio.column(&ratio::History::new(&market, 1, &leg.track));
    let column = leg.ratio.clone();
    let ledger = run(&market, &exposure, &strategy(vec![leg]));
    let (btc, eth) = (&market.assets()[0].spot, &market.assets()[1].spot);
    for row in [900, 1_999] {
        let ratio = column.at(row).unwrap();
        assert!((ratio - 0.8).abs() < 0.08, "{ratio}");
        let sold = ledger.legs[0].held[row] * btc[row];
        assert!(close(sold, -ratio * 40.0 * eth[row], sold));
        assert!(close(ledger.net_delta[0][row], ledger.legs[0].held[row], 1.0));
    }
    let variance = |column: &[f64]| {
        let moves: Vec<f64> = column.windows(2).skip(1_000).map(|w| w[1] - w[0]).collect();
        moves.iter().map(|x| x * x).sum::<f64>()
    };
    let unhedged = run(&market, &exposure, &strategy(vec![]));
    assert!(variance(&ledger.equity) < 0.5 * variance(&unhedged.equity));
}

#[test]
fn a_portfolio_of_two_assets_is_neutral_in_usd() {
    let market = two_assets(10, 200, 0.8);
    let mut exposure = ether(&market, 40.0);
    exposure.slopes[0].delta = vec![1.5; 200];
    let ledger = run(
        &market,
        &exposure,
        &strategy(vec![on(perp(&market), Against::Portfolio, r#"when = "every_row""#)]),
    );
    for row in 0..200 {
        let usd: f64 =
            (0..2).map(|a| ledger.net_delta[a][row] * market.assets()[a].spot[row]).sum();
        assert!(usd.abs() < 1e-6, "row {row}: {usd}");
    }
}

/// With one instrument a basket is the rolling minimum-variance ratio.
#[test]
fn a_basket_of_one_is_rolling_least_squares() {
    let market = two_assets(11, 1_200, 0.8);
    let exposure = ether(&market, 40.0);
    let track = perp(&market);
    let basket = Basket { window_days: 20.0, refit_rows: NonZeroUsize::MIN, ridge: 0.0 };
    let column = basket.columns(&market, &[&track], &exposure, &(0..1_200)).remove(0);
    let ols = ratio("ratio = { rolling_ols = { window_days = 20 } }")
        .column(&ratio::History::new(&market, 1, &track));
    let (btc, eth) = (&market.assets()[0].spot, &market.assets()[1].spot);
    for row in [700, 1_199] {
        let expected = ols.at(row).unwrap() * 40.0 * eth[row] / btc[row];
        assert!(close(column[row].unwrap(), expected, expected), "row {row}");
    }
    assert_eq!(column[0], None);
}

/// One instrument at a time, and the whole delta in the one that is chosen.
#[test]
fn the_cheapest_holds_all_and_the_others_nothing() {
    let market = two_assets(12, 600, 0.8);
    let exposure = with_idle(coins(&market, 5.0));
    let strategies = every_strategy(&market, &exposure);
    let (_, cheapest) = strategies.iter().find(|(name, _)| name == "cheapest").unwrap();
    let ledger = run(&market, &exposure, cheapest);
    let mut moves = 0;
    for row in 0..600 {
        let held: Vec<f64> = ledger.legs.iter().map(|leg| leg.held[row]).collect();
        let chosen: Vec<bool> =
            cheapest.legs.iter().map(|leg| leg.gate.as_ref().unwrap()[row]).collect();
        for (held, chosen) in held.iter().zip(&chosen) {
            let expected = if *chosen { -5.0 } else { 0.0 };
            assert!((held - expected).abs() <= 0.2, "row {row}: {held} {chosen}");
        }
        moves += usize::from(row > 0 && ledger.legs[0].traded[row] != 0.0);
    }
    assert!(moves > 0, "the choice changes");
}

/// Late and sliced fills: the same in a ledger and in a sweep, and no slice is lost.
#[test]
fn late_and_sliced_fills_trade_all_that_was_decided() {
    let market = two_assets(13, 5_000, 0.8);
    let exposure = vega_book(&market);
    let costs = BookCosts::new(&market, &exposure, &COSTS);
    for fill in FILLS {
        let leg = |execution: Execution| {
            let track = linear_track(&market, 0, Contract::InversePerp, &COSTS, fill).unwrap();
            Leg { execution, ..on(track, Against::Delta, "when = { delta_band = 0.5 }") }
        };
        let late = Execution { delay_rows: 3, slices: NonZeroUsize::new(5).unwrap() };
        let plain = strategy(vec![leg(Execution::AT_ONCE)]);
        let sliced = strategy(vec![leg(late)]);
        let (plain, whole) = (run(&market, &exposure, &plain), run(&market, &exposure, &sliced));
        assert_eq!(plain.legs[0].ideal, whole.legs[0].ideal, "decisions are the same");
        for row in 7..5_000 {
            let decided = &plain.legs[0].held[row - 7..=row - 3];
            let mean = decided.iter().sum::<f64>() / 5.0;
            assert!(close(whole.legs[0].held[row], mean, mean), "row {row}");
        }
        let outcome = sweep(&market, &exposure, &[sliced], &account_of(2), &costs).remove(0);
        let leg = &whole.legs[0];
        let cost: f64 =
            (0..5_000).map(|row| leg.fee[row] + leg.spread[row] + leg.slippage[row]).sum();
        assert!(close(outcome.cost, cost, cost), "{} and {cost}", outcome.cost);
    }
}

/// A trade of q USD loses k q^(3/2) beside its other costs.
#[test]
fn impact_grows_with_the_square_root_of_the_trade() {
    let market = two_assets(14, 50, 0.8);
    let exposure = with_idle(coins(&market, 4.0));
    let mut track = perp(&market);
    Impact { coefficient: 0.8, daily_volume: 2e8, window_days: 30.0 }
        .put_on(&mut track, &[0.6; 50]);
    let ledger = run(
        &market,
        &exposure,
        &strategy(vec![on(track, Against::Delta, r#"when = "every_row""#)]),
    );
    let q = 4.0 * market.tradables()[0].price[0];
    let expected = q * (1e-4 + 0.8 * 0.6 / 365_f64.sqrt() * (q / 2e8).sqrt());
    assert!(close(ledger.legs[0].slippage[0], expected, expected));
}

#[test]
fn the_vol_before_a_row_knows_nothing_of_it() {
    let market = market(15, 400);
    let (time, mut spot) = (market.time(), market.assets()[0].spot.clone());
    let known = vol_before(time, &spot, 3.0);
    spot[250] *= 2.0;
    let other = vol_before(time, &spot, 3.0);
    assert_eq!(known[..=250], other[..=250]);
    assert!(other[251] > known[251] && known[10].is_none() && known[100].is_some());
}

/// Forty ether against the inverse perpetual of bitcoin, which pays in bitcoin.
fn cross(market: &Market, against: Against, ratio: f64) -> Leg {
    let leg = free_leg(market, Contract::InversePerp, r#"when = "every_row""#);
    Leg { asset: 1, against, ratio: RatioColumn::Constant(ratio), ..leg }
}

/// The inverse perpetual of bitcoin against bitcoin, after the cross hedge.
fn own(market: &Market, against: Against) -> Leg {
    let leg = free_leg(market, Contract::InversePerp, r#"when = "every_row""#);
    Leg { name: "coins".to_owned(), against, ..leg }
}

fn usd_held(ledger: &Ledger, leg: usize, row: usize, market: &Market) -> f64 {
    // A unit of an inverse perpetual is 1 USD of its own price.
    let track = free_leg(market, Contract::InversePerp, r#"when = "every_row""#).track;
    ledger.legs[leg].held[row] * track.delta.at(row) * market.assets()[0].spot[row]
}

/// The book through the ratio, the bitcoin that the hedge has been paid one to one.
#[test]
fn a_cross_hedge_against_the_account_hedges_the_coins_it_is_paid() {
    let market = two_assets(21, 400, 0.8);
    let exposure = ether(&market, 40.0);
    let account = Account { usd: 1e5, coins: vec![0.25, 3.0], rate: 0.0 };
    let none = free(&market, &exposure);
    let legs = vec![cross(&market, Against::Account, 0.8)];
    let ledger = simulate(&market, &exposure, &strategy(legs), &account, &none);
    let (btc, eth) = (&market.assets()[0].spot, &market.assets()[1].spot);
    let mut moved = 0.0_f64;
    for row in 0..400 {
        let expected = -0.8 * 43.0 * eth[row] - ledger.coins[0][row] * btc[row];
        assert!(close(usd_held(&ledger, 0, row, &market), expected, expected), "row {row}");
        moved = moved.max((ledger.coins[0][row] - 0.25).abs());
    }
    assert!(moved > 0.05, "the hedge was paid in coins: {moved}");
}

/// The second leg hedges the coins alone, wherever the first is the hedge of the ether, and together they are the hedge in one leg.
#[test]
fn a_leg_against_the_account_does_not_undo_a_cross_hedge() {
    let market = two_assets(22, 400, 0.8);
    let exposure = ether(&market, 40.0);
    let account = Account { usd: 1e5, coins: vec![0.25, 0.0], rate: 0.0 };
    let none = free(&market, &exposure);
    let (btc, eth) = (&market.assets()[0].spot, &market.assets()[1].spot);
    for first in [Against::Delta, Against::Account] {
        let legs = vec![cross(&market, first.clone(), 0.8), own(&market, Against::Account)];
        let ledger = simulate(&market, &exposure, &strategy(legs), &account, &none);
        for row in 0..400 {
            let held: Vec<f64> = (0..2).map(|leg| usd_held(&ledger, leg, row, &market)).collect();
            let expected = -0.8 * 40.0 * eth[row] - ledger.coins[0][row] * btc[row];
            let both = held[0] + held[1];
            assert!(close(both, expected, expected), "{first:?}, row {row}: {both}, {expected}");
            if first == Against::Delta {
                assert!(close(held[0], -0.8 * 40.0 * eth[row], held[0]), "row {row}");
            }
        }
    }
}

/// What a cross hedge holds is a hedge of the ether: a leg after it hedges what it leaves of them, and one of bitcoin's delta has
/// nothing to do.
#[test]
fn legs_after_a_cross_hedge_hedge_what_it_leaves() {
    let market = two_assets(23, 200, 0.8);
    let exposure = ether(&market, 40.0);
    let legs = vec![
        cross(&market, Against::Delta, 0.75),
        own(&market, Against::Delta),
        Leg { name: "rest".to_owned(), ..cross(&market, Against::Delta, 1.0) },
    ];
    let ledger = run(&market, &exposure, &strategy(legs));
    for (row, spot) in market.assets()[1].spot.iter().enumerate() {
        assert!(usd_held(&ledger, 1, row, &market).abs() < 1e-6, "row {row}");
        let rest = usd_held(&ledger, 2, row, &market);
        assert!(close(rest, -0.25 * 40.0 * spot, rest), "row {row}: {rest}");
    }
}

/// Two cross hedges with one instrument do not hedge the same coins twice, and margin that is not short changes nothing.
#[test]
fn coins_are_hedged_once() {
    let market = two_assets(24, 300, 0.8);
    let mut exposure = ether(&market, 40.0);
    exposure.slopes[1].delta = (0..300).map(|row| 40.0 + row as f64 / 10.0).collect();
    let account = Account { usd: 1e7, coins: vec![0.25, 0.0], rate: 0.0 };
    let none = free(&market, &exposure);
    let legs = || {
        vec![
            cross(&market, Against::Account, 0.5),
            Leg { name: "again".to_owned(), ..cross(&market, Against::Account, 1.0) },
        ]
    };
    let ledger = simulate(&market, &exposure, &strategy(legs()), &account, &none);
    let (btc, eth) = (&market.assets()[0].spot, &market.assets()[1].spot);
    for row in 0..300 {
        let both: f64 = (0..2).map(|leg| usd_held(&ledger, leg, row, &market)).sum();
        let delta = exposure.slopes[1].delta[row];
        let expected = -delta * eth[row] - ledger.coins[0][row] * btc[row];
        assert!(close(both, expected, expected), "row {row}: {both}, {expected}");
    }
    let ether = "{ initial_percent = 2, maintenance_percent = 1, step_percent = 0.5 }";
    let line = format!("margin = {{ deribit_standard = {{ coins = {{ ETH = {ether} }} }} }}");
    let model = built(MARGINS, &line);
    let margin = MarginTerms::new(&*model, &market, |_| true, (account.usd, &account.coins));
    let terms = AccountTerms { margin: Some(margin.unwrap()), ..AccountTerms::default() };
    let under = simulate_on_terms(&market, &exposure, &strategy(legs()), (&account, &terms), &none);
    for (plain, under) in ledger.legs.iter().zip(&under.legs) {
        for (a, b) in plain.held.iter().zip(&under.held) {
            assert!(close(*a, *b, *a), "{a}, {b}");
        }
    }
}
