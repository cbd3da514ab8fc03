//! Half-spreads that are recorded or follow the market, and impact, on trades and on rolls.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::Arc;

use hedgerow_core::{
    Bps, Contract, Fills, HalfSpread, LegLedger, Market, OptionTradeKind, PaidIn, Track, UnitCost,
};
use hedgerow_sim::*;
use support::*;

const COSTS: Costs = Costs {
    future_fee_bps: Bps(5.0),
    future_delivery_bps: Bps(2.5),
    half_spread_bps: Bps(2.0),
    slippage_bps: Bps(1.0),
    ..Costs::ZERO
};

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1e-9 + a.abs() + b.abs())
}

/// A leg of a fixed number of units per coin held, and a book of 3 coins.
fn held(market: &Market, track: Track, size: f64) -> LegLedger {
    let exposure = coins(market, 3.0);
    let plain = leg(market, Contract::Spot, FillAt::DecidingPrice, &COSTS, rule(EVERY_ROW));
    let leg = Leg { track: Arc::new(track), against: Against::Size(size), ..plain };
    let costs = free(market, &exposure);
    simulate(market, &exposure, &strategy(vec![leg]), &account(), &costs).legs.remove(0)
}

const EVERY_ROW: &str = r#"when = "every_row""#;

fn future(market: &Market, paid_in: PaidIn, roll_days: f64, costs: &Costs) -> Track {
    future_track(market, 0, paid_in, roll_days, costs).unwrap()
}

/// A half-spread by row that is the same at all rows is that of the costs, at rolls and settlements too.
#[test]
fn a_half_spread_by_row_is_charged_at_rolls() {
    let market = with_futures(market(41, 400));
    for paid_in in [PaidIn::Usd, PaidIn::Coin] {
        for roll_days in [0.0, 1.0] {
            let wide = Costs { half_spread_bps: Bps(7.0), ..COSTS };
            let expected = future(&market, paid_in, roll_days, &wide);
            let mut track = future(&market, paid_in, roll_days, &COSTS);
            put_half_spread(&mut track, vec![7e-4; 400]);
            let (rolls, other) = (track.rolls.unwrap(), expected.rolls.unwrap());
            for (side, other) in [(&rolls.left, &other.left), (&rolls.entered, &other.entered)] {
                assert!(side.cost.iter().zip(&other.cost).all(|(a, b)| near(*a, *b)));
                assert!(side.cost.iter().filter(|cost| **cost > 0.0).count() > 1);
            }
            assert!(near(track.cost_rate, expected.cost_rate));
            let UnitCost::ByRow { spread, .. } = &track.unit_cost else { unreachable!() };
            assert!(spread.iter().all(|spread| near(*spread, 7e-4)));
        }
    }
}

/// A roll of 6 coins sells 6 of the one contract and buys 6 of the next; each loses `Y s sqrt(q / V)` of its notional. A
/// settlement is no trade.
#[test]
fn a_roll_pays_impact_on_both_of_its_trades() {
    let market = with_futures(market(42, 400));
    let impact = Impact { coefficient: 0.8, daily_volume: 2e7, window_days: 30.0 };
    for roll_days in [0.0, 1.0] {
        let plain = future(&market, PaidIn::Usd, roll_days, &COSTS);
        let without = held(&market, plain.clone(), 2.0);
        let mut track = plain.clone();
        impact.put_on(&mut track, &[0.6; 400]);
        let with = held(&market, track, 2.0);
        let futures = market.futures().iter().filter(|future| future.terms.paid_in == PaidIn::Usd);
        let futures: Vec<_> = futures.collect();
        let mut rolled = 0;
        for row in 1..400 {
            if !plain.rolls.as_ref().unwrap().enters(row) {
                assert!(near(with.roll[row], without.roll[row]));
                continue;
            }
            rolled += 1;
            let lost = |price: f64| {
                let q = 6.0 * price;
                q * 0.8 * 0.6 / 365_f64.sqrt() * (q / 2e7).sqrt()
            };
            let new = plain.price[row];
            let left = futures.iter().filter_map(|future| future.price[row]);
            let left = left.filter(|price| *price < new).fold(0.0, f64::max);
            let sold = if roll_days == 0.0 { 0.0 } else { lost(left) };
            let more = with.roll[row] - without.roll[row];
            let expected = sold + lost(new);
            assert!((more - expected).abs() < 1e-9 * expected, "row {row}: {more}, {expected}");
        }
        assert!(rolled > 1, "{rolled} rolls");
    }
}

/// An option trade on q USD of underlying moves the implied vol by `Y m sqrt(q / V)` points and loses vega times that; a roll
/// is two such trades, an expiry none.
#[test]
fn an_option_pays_impact_in_vol() {
    let market = market(43, 300);
    let mut unit = straddles(&market, -1.0, 0.0);
    let vega = |row: usize| 1000.0 + 10.0 * (row % 7) as f64;
    unit.slopes[0].vega = (0..300).map(vega).collect();
    let first = unit.trades.iter().find(|trade| trade.kind == OptionTradeKind::Expire);
    let first = first.unwrap().row;
    for trade in &mut unit.trades {
        trade.vega = 0.5 * vega(trade.row);
        if trade.row == first && trade.kind == OptionTradeKind::Expire {
            trade.kind = OptionTradeKind::Close;
        }
    }
    let spot = &market.assets()[0].spot;
    let track = option_track("straddle".to_owned(), 0, &unit, (market.time(), spot), &Costs::ZERO);
    assert_eq!(track.fills, Fills::AtPrice);
    let mut pressed = track.clone();
    OptionImpact { coefficient: 0.8, daily_volume: 5e8, vol_points_a_day: 3.0 }
        .put_on(&mut pressed, spot);
    let leg = held(&market, pressed, 4.0);
    let points = |coins: f64, row: usize| 0.8 * 3.0 * (coins * spot[row] / 5e8).sqrt();
    // 3 coins held, 4 units each: 12 coins of underlying.
    let opened = 12.0 * vega(0) / 100.0 * points(12.0, 0);
    assert!(near(leg.slippage[0], opened), "{} and {opened}", leg.slippage[0]);
    let mut rolled = 0;
    for row in 1..300 {
        let trades = unit.trades.iter().filter(|trade| trade.row == row);
        let trades = trades.filter(|trade| trade.kind != OptionTradeKind::Expire).count();
        let expected = trades as f64 * 12.0 * 0.5 * vega(row) / 100.0 * points(12.0, row);
        assert!(near(leg.roll[row], expected), "row {row}: {} and {expected}", leg.roll[row]);
        rolled += usize::from(trades > 2);
    }
    assert!(rolled > 0);
}

/// A row trades at the half-spread that the row before knows; where that is nothing, the instant is named.
#[test]
fn a_recorded_half_spread_is_known_a_row_later() {
    let market = market(44, 10);
    let mut fraction: Vec<Option<f64>> = (0..10).map(|row| Some(f64::from(row) / 1e4)).collect();
    fraction[6] = None;
    let spread = |name: Option<&str>, fraction| HalfSpread {
        asset: 0,
        name: name.map(str::to_owned),
        fraction,
    };
    let full = market.clone().with_half_spreads(vec![spread(None, fraction.clone())]).unwrap();
    assert_eq!(known_half_spread(&full, (0, None), &(2..5)).unwrap(), [1e-4, 2e-4, 3e-4]);
    let message = |market: &Market, rows| {
        known_half_spread(market, (0, None), &rows).unwrap_err().to_string()
    };
    let time = |row: usize| market.time()[row];
    let early = format!("is not known before {}; start later", time(0));
    assert!(message(&full, 0..5).contains(&early));
    // It is known before and after: to start later would not help.
    let gap = message(&full, 5..9);
    let said = format!(
        "at {} is too old: the row of {} is the last to know one, and the next is that of {}; give",
        time(7),
        time(5),
        time(7)
    );
    assert!(gap.contains(&said), "{gap}");
    fraction[7..].fill(None);
    let ended = market.clone().with_half_spreads(vec![spread(None, fraction)]).unwrap();
    let ended = message(&ended, 5..9);
    let said =
        format!("the row of {} is the last to know one; give the series what it lacks", time(5));
    assert!(ended.contains(&said) && !ended.contains("start later"), "{ended}");
    assert!(message(&market, 2..5).starts_with("the market has no half-spread of BTC; add"));
    assert_eq!(full.slice(2..5).half_spread(0).unwrap().fraction.len(), 3);
    let two =
        vec![spread(Some("a"), vec![Some(1e-4); 10]), spread(Some("b"), vec![Some(2e-4); 10])];
    let two = market.clone().with_half_spreads(two).unwrap();
    assert!(message(&two, 2..5).contains("several half-spreads of BTC: a, b; say which"));
    assert_eq!(known_half_spread(&two, (0, Some("b")), &(2..4)).unwrap(), [2e-4, 2e-4]);
    let other = known_half_spread(&two, (0, Some("c")), &(2..4)).unwrap_err().to_string();
    assert!(other.contains("no half-spread of BTC called `c`"), "{other}");
    let bad = spread(None, vec![Some(-1.0); 10]);
    assert!(market.with_half_spreads(vec![bad]).is_err());
}
