//! Laws of single rules, of how far they trade, and of the bands they make.
#![allow(clippy::float_cmp, reason = "laws that hold bit for bit")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::sync::Arc;

use hedgerow_core::{Bps, Contract, Exposure, LegLedger, Market, Timestamp};
use hedgerow_sim::rehedge::hodges_neuberger::solve::{Problem, Side};
use hedgerow_sim::rehedge::{Before, Past, Rehedged, Spent, risk, whalley_wilmott};
use hedgerow_sim::*;
use support::*;

const COSTS: Costs = Costs { perp_fee_bps: Bps(5.0), half_spread_bps: Bps(2.0), ..Costs::ZERO };

fn run(market: &Market, exposure: &Exposure, line: &str, to: To) -> LegLedger {
    let leg = leg(market, Contract::LinearPerp, FillAt::DecidingPrice, &COSTS, rule(line));
    let strategy = strategy(vec![Leg { to, ..leg }]);
    let none = free(market, exposure);
    simulate(market, exposure, &strategy, &account(), &none).legs.remove(0)
}

fn to(line: &str) -> Result<To, String> {
    #[derive(serde::Deserialize)]
    struct Line {
        to: To,
    }
    toml::from_str::<Line>(line).map(|line| line.to).map_err(|error| error.message().to_owned())
}

fn turnover(leg: &LegLedger) -> f64 {
    leg.traded.iter().map(|traded| traded.abs()).sum()
}

/// A wider band around the same ideal never trades more coins to its edge.
#[test]
fn a_wider_band_turns_over_less() {
    for seed in 0..4 {
        let market = market(seed, 600);
        for exposure in books(&market) {
            let ladders: [Vec<String>; 4] = [
                [0.0, 0.05, 0.1, 0.3, 0.8, 2.0]
                    .map(|w| format!("when = {{ delta_band = {w} }}"))
                    .to_vec(),
                [0.0, 0.1, 0.4, 1.0]
                    .map(|w| format!("when = {{ asymmetric_band = {{ down = {w}, up = 0.2 }} }}"))
                    .to_vec(),
                [0.0, 0.5, 1.0, 3.0]
                    .map(|w| format!("when = {{ gamma_band = {{ percent = {w} }} }}"))
                    .to_vec(),
                [1e-2, 1e-3, 1e-4, 1e-5]
                    .map(|a| format!("when = {{ whalley_wilmott = {{ risk_aversion = {a} }} }}"))
                    .to_vec(),
            ];
            for ladder in ladders {
                let turnovers: Vec<f64> = ladder
                    .iter()
                    .map(|line| turnover(&run(&market, &exposure, line, To::EDGE)))
                    .collect();
                assert!(turnovers.is_sorted_by(|a, b| *a >= b - 1e-9), "{ladder:?}: {turnovers:?}");
                assert!(turnovers[0] > turnovers[ladder.len() - 1]);
            }
        }
    }
}

/// Twice turned round is the rule itself, where it trades to the ideal and its band holds the ideal.
#[test]
fn not_twice_is_the_rule() {
    let market = market(3, 400);
    let exposure = straddles(&market, 4.0, 3.0);
    for entry in RULES {
        if ["hodges_neuberger", "stop_loss"].contains(&entry.name) {
            continue;
        }
        let rule = entry.example.strip_prefix("when = ").unwrap();
        let twice = format!("when = {{ not = {{ not = {rule} }} }}");
        let plain = run(&market, &exposure, entry.example, To::CENTRE);
        assert_eq!(plain.held, run(&market, &exposure, &twice, To::CENTRE).held, "{}", entry.name);
    }
}

/// `not` trades at none of the rows at which the rule would.
#[test]
fn not_asks_when_the_rule_does_not() {
    let market = market(4, 300);
    let exposure = straddles(&market, 4.0, 3.0);
    let daily = "when = { not = { end_of_day = { hour_utc = 8 } } }";
    let held = run(&market, &exposure, daily, To::EDGE);
    for row in 1..300 {
        let day = |row: usize| (market.time()[row].millis() - 8 * HOUR).div_euclid(24 * HOUR);
        if day(row) == day(row - 1) {
            assert_eq!(Some(held.held[row]), held.ideal[row], "row {row}");
        } else {
            assert_eq!(held.traded[row], 0.0, "row {row}");
        }
    }
}

#[test]
fn end_of_day_trades_once_a_day_at_its_hour() {
    let market = market(6, 300);
    let exposure = straddles(&market, 4.0, 3.0);
    let leg = run(&market, &exposure, "when = { end_of_day = { hour_utc = 8 } }", To::EDGE);
    let day = |row: usize| (market.time()[row].millis() - 8 * HOUR).div_euclid(24 * HOUR);
    for row in 1..300 {
        assert_eq!(leg.traded[row] != 0.0, day(row) > day(row - 1), "row {row}");
    }
}

/// What is held is within half a lot of what is wanted, is whole lots, and the rest is on record.
#[test]
fn lots_round_to_the_nearest_and_record_the_rest() {
    let market = market(7, 300);
    let exposure = straddles(&market, 4.0, 3.0);
    let lots = to("to = { lot = 0.25 }").unwrap();
    for entry in RULES {
        let leg = run(&market, &exposure, entry.example, lots);
        assert_eq!(leg.residual.len(), 300, "{}", entry.name);
        for (held, residual) in leg.held.iter().zip(&leg.residual) {
            assert!((held / 0.25 - (held / 0.25).round()).abs() < 1e-9, "{}: {held}", entry.name);
            assert!(residual.abs() <= 0.125 + 1e-12, "{}: {residual}", entry.name);
        }
    }
    let leg = run(&market, &exposure, r#"when = "every_row""#, lots);
    for row in 0..300 {
        let wanted = leg.ideal[row].unwrap();
        assert!((leg.held[row] + leg.residual[row] - wanted).abs() < 1e-12);
    }
    assert!(run(&market, &exposure, r#"when = "every_row""#, To::EDGE).residual.is_empty());
}

#[test]
fn small_trades_are_not_made() {
    let market = market(8, 300);
    let exposure = straddles(&market, 4.0, 3.0);
    let leg = run(
        &market,
        &exposure,
        r#"when = "every_row""#,
        to("to = { minimum_trade = 0.2 }").unwrap(),
    );
    let traded: Vec<f64> = leg.traded.iter().copied().filter(|traded| *traded != 0.0).collect();
    assert!(traded.len() > 10 && traded.iter().all(|traded| traded.abs() >= 0.2));
    for row in 0..300 {
        assert!((leg.held[row] - leg.ideal[row].unwrap()).abs() < 0.2 + 1e-12);
    }
}

/// Greeks.live's Delta Target: the net delta is the bias, with any ratio of the rest.
#[test]
fn a_bias_is_the_net_delta_that_is_left() {
    let market = market(9, 200);
    let exposure = straddles(&market, 4.0, 3.0);
    for contract in CONTRACTS {
        let leg =
            leg(&market, contract, FillAt::DecidingPrice, &COSTS, rule(r#"when = "every_row""#));
        let leg = Leg { to: to("to = { bias = 0.75 }").unwrap(), ..leg };
        let strategy = strategy(vec![leg]);
        let ledger = simulate(&market, &exposure, &strategy, &account(), &free(&market, &exposure));
        assert!(ledger.net_delta[0].iter().all(|net| (net - 0.75).abs() < 1e-9), "{contract:?}");
    }
}

#[test]
fn a_fraction_goes_part_of_the_way() {
    let market = market(10, 200);
    let exposure = straddles(&market, 4.0, 3.0);
    let leg =
        run(&market, &exposure, r#"when = "every_row""#, to("to = { fraction = 0.25 }").unwrap());
    let mut held = 0.0;
    for row in 0..200 {
        held += 0.25 * (leg.ideal[row].unwrap() - held);
        assert!((leg.held[row] - held).abs() < 1e-12, "row {row}");
    }
    let whole = to("to = { fraction = 1.0 }").unwrap();
    for line in ["when = { delta_band = 0.3 }", "when = { clock = { days = 1 } }"] {
        let (whole, centre) =
            (run(&market, &exposure, line, whole), run(&market, &exposure, line, To::CENTRE));
        let close = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-12;
        assert!(whole.held.iter().zip(&centre.held).all(close), "{line}");
    }
}

/// A venue's Hedging Ratio goes to 150 %: the hedge goes beyond its ideal by half of what was missing.
#[test]
fn a_fraction_above_one_goes_beyond_the_ideal() {
    let market = market(10, 200);
    let exposure = straddles(&market, 4.0, 3.0);
    let leg =
        run(&market, &exposure, r#"when = "every_row""#, to("to = { fraction = 1.5 }").unwrap());
    let mut held = 0.0;
    for row in 0..200 {
        let ideal = leg.ideal[row].unwrap();
        let missing = ideal - held;
        held = ideal + 0.5 * missing;
        assert!((leg.held[row] - held).abs() < 1e-9, "row {row}");
    }
    let message = to("to = { fraction = 1.51 }").unwrap_err();
    assert!(message.contains("at most 1.5"), "{message}");
}

/// Bought at the next tick above, sold at the next below; the difference is slippage.
#[test]
fn ticks_cost_the_trader_the_rounding() {
    let market = market(11, 200);
    let exposure = straddles(&market, 4.0, 3.0);
    let leg = run(&market, &exposure, r#"when = "every_row""#, to("to = { tick = 5.0 }").unwrap());
    for row in 0..200 {
        let price = leg.fill[row];
        let rounded =
            if leg.traded[row] > 0.0 { (price / 5.0).ceil() } else { (price / 5.0).floor() } * 5.0;
        let lost = (leg.traded[row] * (rounded - price)).abs();
        assert!((leg.slippage[row] - lost).abs() < 1e-9 * price, "row {row}");
    }
}

#[test]
fn how_far_is_read_from_a_name_or_a_table() {
    assert_eq!(to("to = \"edge\""), Ok(To::EDGE));
    assert_eq!(to("to = { place = \"centre\" }"), Ok(To::CENTRE));
    let full =
        "to = { fraction = 0.5, bias = -0.25, minimum_trade = 0.01, lot = 0.001, tick = 0.5 }";
    let read = to(full).unwrap();
    assert_eq!(read.place, Place::Fraction(0.5));
    assert_eq!((read.bias, read.minimum_trade), (-0.25, 0.01));
    assert_eq!((read.lot, read.tick), (Some(0.001), Some(0.5)));
    assert_eq!(
        read.to_string(),
        "0.5 of the way to the ideal, net delta -0.25 coins, no trade below 0.01, in lots of 0.001, at ticks of 0.5 USD"
    );
    for to_again in [read, To::EDGE, To::CENTRE, To { lot: Some(10.0), ..To::EDGE }] {
        assert_eq!(to(&format!("to = {}", to_again.setting())), Ok(to_again));
    }
    for (line, message) in [
        ("to = \"middle\"", "unknown variant `middle`, expected `edge` or `centre`"),
        ("to = { fraction = 0 }", "fraction is 0, expected a number above 0, at most 1.5"),
        ("to = { fraction = 0.5, place = \"edge\" }", "`to` takes either `place` or `fraction`"),
        ("to = { lot = 0.0 }", "lot is 0, expected a number above 0"),
        ("to = { minimum_trade = -1 }", "minimum_trade is -1, expected a number of at least 0"),
    ] {
        assert_eq!(to(line), Err(message.to_owned()), "{line}");
    }
    assert!(to("to = { lots = 1 }").unwrap_err().starts_with("unknown field `lots`"));
}

/// In no window has more been spent than the budget and one trade.
#[test]
fn a_cost_budget_is_kept() {
    let market = market(12, 600);
    let exposure = straddles(&market, 4.0, 3.0);
    let leg = run(&market, &exposure, "when = { cost_budget = { usd = 40, days = 2 } }", To::EDGE);
    let cost: Vec<f64> =
        leg.fee.iter().zip(&leg.spread).map(|(fee, spread)| fee + spread).collect();
    let unlimited = run(&market, &exposure, r#"when = "every_row""#, To::EDGE);
    assert!(turnover(&leg) < 0.7 * turnover(&unlimited));
    let mut paused = 0;
    for row in 0..600 {
        let since = |earlier: &usize| market.time()[row].days_since(market.time()[*earlier]) < 2.0;
        let before: f64 = (0..row).filter(since).map(|earlier| cost[earlier]).sum();
        if leg.traded[row] != 0.0 {
            assert!(before < 40.0 + 0.5, "row {row} trades with {before} spent");
        } else if before < 39.0 {
            assert!((leg.held[row] - leg.ideal[row].unwrap()).abs() < 1e-9, "row {row}");
        } else {
            paused += 1;
        }
    }
    assert!(paused > 50);
}

/// Rows before the run fill the window of a vol from its first row on. Without them the window is of the rows there are: a rule
/// once hedged at every row until it was full, and nothing said so.
#[test]
fn a_warm_up_makes_the_vol_known_from_the_first_row() {
    let full = market(13, 400);
    let line = "when = { spot_move_deviations = { deviations = 1, horizon_days = 0.25, window_days = 3 } }";
    let part = full.slice(150..400);
    let exposure = straddles(&part, 4.0, 3.0);
    let held = |warm: Option<usize>| {
        let mut rule = rule(line);
        if let Some(rows) = warm {
            let first = 150 - rows;
            rule.warm_up(&Before {
                time: &full.time()[first..150],
                spot: &full.assets()[0].spot[first..150],
            });
        }
        let leg = leg(&part, Contract::LinearPerp, FillAt::DecidingPrice, &COSTS, rule);
        let none = free(&part, &exposure);
        simulate(&part, &exposure, &strategy(vec![leg]), &account(), &none).legs.remove(0)
    };
    let trades =
        |leg: &LegLedger| leg.traded[1..50].iter().filter(|traded| **traded != 0.0).count();
    let (cold, warm) = (held(None), held(Some(150)));
    assert!(trades(&cold) < 35, "{}", trades(&cold));
    assert!(trades(&warm) < 35, "{}", trades(&warm));
    assert_ne!(cold.held, warm.held);
    assert_eq!(warm.held, held(Some(100)).held, "more history than a window changes nothing");
}

fn at_the_money(spot: f64, quantity: f64, years: f64, vol: f64) -> (Market, Exposure) {
    let market = daily(&[spot, spot]);
    let mut exposure = coins(&market, 0.0);
    let gamma = density(0.5 * vol * years.sqrt()) / (spot * vol * years.sqrt());
    let slopes = &mut exposure.slopes[0];
    slopes.gamma = vec![-quantity * gamma; 2];
    slopes.vol = vec![Some(vol); 2];
    slopes.years = vec![Some(years); 2];
    (market, exposure)
}

/// The band that a rule has at row 0, for an ideal of 0.
fn band(line: &str, cost_rate: f64, (market, exposure): &(Market, Exposure)) -> Band {
    let slopes = &exposure.slopes[0];
    let spot = &market.assets()[0].spot;
    let past = Past { time: market.time(), spot, exposure, asset: 0, cost_rate, rate: 0.0 };
    let now = Now {
        row: 0,
        time: market.time()[0],
        previous: None,
        start: market.time()[0],
        spot: spot[0],
        gamma: slopes.gamma[0],
        vol: slopes.vol[0],
        years: slopes.years[0],
        cost_rate,
        rate: 0.0,
    };
    let hedge = Hedge { held: 0.0, rehedged: None::<Rehedged>, spent: &Spent::default() };
    rule(line).bind(&past).band(0.0, &now, &hedge)
}

/// V3.5: who takes 8,000 for certain in place of 10,000 with a deviation of 2,000 has a risk aversion of 0.001; every rule that
/// takes a risk aversion takes it so, and refuses a certain sum that is no worse than the risky one.
#[test]
fn v3_5_a_risk_aversion_from_a_bet() {
    let options = at_the_money(60_000.0, 10.0, 30.0 / 365.0, 0.65);
    for name in ["whalley_wilmott", "zakamouline", "hodges_neuberger"] {
        let line = |certain: &str| {
            format!(
                "when = {{ {name} = {{ indifference = {{ mean_usd = 10000, deviation_usd = 2000, certain_usd = {certain} }} }} }}"
            )
        };
        let stated = format!("when = {{ {name} = {{ risk_aversion = 0.001 }} }}");
        assert_eq!(band(&line("8000"), 7e-4, &options), band(&stated, 7e-4, &options), "{name}");
        let refused = try_built(RULES, &line("10000")).err();
        let reason = "`certain_usd` must be below `mean_usd`, found 10000 and 10000";
        assert_eq!(refused.as_deref(), Some(reason), "{name}");
    }
}

/// What a cap or an indifference comes to is told, also inside other rules.
#[test]
fn the_risk_aversion_that_was_found_is_told() {
    let market = market(3, 300);
    let exposure = straddles(&market, 4.0, 3.0);
    let past = Past {
        time: market.time(),
        spot: &market.assets()[0].spot,
        exposure: &exposure,
        asset: 0,
        cost_rate: 0.001,
        rate: 0.0,
    };
    let cap = "delta_cap = { coins = 1e3, quantity = 4e3, tenor_days = 4, vol_percent = 65 }";
    for name in ["whalley_wilmott", "zakamouline", "hodges_neuberger"] {
        let capped = rule(&format!("when = {{ {name} = {{ {cap} }} }}"));
        let found = capped.risk_aversions(&past);
        assert_eq!(found.len(), 1, "{name}");
        let typed = format!("{{ {name} = {{ risk_aversion = {:e} }} }}", found[0]);
        assert_eq!(rule(&format!("when = {typed}")).risk_aversions(&past), found, "{name}");
        let nested = rule(&format!("when = {{ any = [\"every_row\", {{ not = {typed} }}] }}"));
        assert_eq!(nested.risk_aversions(&past), found, "{name}");
    }
    let bet = "indifference = { mean_usd = 10_000, deviation_usd = 2_000, certain_usd = 8_000 }";
    let found = rule(&format!("when = {{ zakamouline = {{ {bet} }} }}")).risk_aversions(&past);
    assert!((found[0] - 0.001).abs() < 1e-15);
    assert!(rule(r#"when = "every_row""#).risk_aversions(&past).is_empty());
    // Whalley and Wilmott's half-width at the money, at that aversion, is the cap.
    let cap = risk::DeltaCap {
        coins: 1e3,
        quantity: 4e3,
        tenor_days: 4.0,
        vol_percent: hedgerow_core::Percent(65.0),
    };
    let now = cap.at_the_money(past.spot[0], past.cost_rate, past.rate);
    let line = "when = { whalley_wilmott = { delta_cap = { coins = 1e3, quantity = 4e3, tenor_days = 4, vol_percent = 65 } } }";
    let risk_aversion = rule(line).risk_aversions(&past)[0];
    let width = whalley_wilmott::WhalleyWilmott { risk_aversion }.half_width(&now);
    assert!((width / 1e3 - 1.0).abs() < 1e-9, "{width}");
}

/// A clock that strikes more than once in a row is one of every row, in a list or turned round too.
#[test]
fn a_clock_finer_than_the_rows_is_told() {
    let hour = hedgerow_core::MILLIS_PER_DAY / 24;
    let at = |line: &str| {
        let rule = rule(&format!("when = {line}"));
        [hour, 24 * hour].map(|step| rule.finer_than(step))
    };
    let fine = [vec![], vec!["clock"]];
    assert_eq!(at("{ clock = { hours = 1.5 } }"), fine);
    assert_eq!(at("{ any = [{ clock = { hours = 1.5 } }, { delta_band = 0.1 }] }"), fine);
    assert_eq!(at("{ not = { all = [{ clock = { hours = 1.5 } }, \"every_row\"] } }"), fine);
    assert_eq!(at("{ end_of_day = { hour_utc = 5 } }"), [vec![], vec!["end_of_day"]]);
    assert_eq!(at("{ clock = { days = 0 } }"), [const { Vec::<&str>::new() }; 2]);
    assert_eq!(at("\"every_row\""), [const { Vec::<&str>::new() }; 2]);
}

/// A cap on delta is the half-width at the money, for every rule that takes one; half the cap costs eight times the aversion.
#[test]
fn a_delta_cap_is_the_half_width_at_the_money() {
    let options = at_the_money(60_000.0, 10.0, 30.0 / 365.0, 0.65);
    for (name, tolerance) in
        [("whalley_wilmott", 1e-9), ("zakamouline", 1e-9), ("hodges_neuberger", 0.03)]
    {
        for cap in [0.3, 0.6, 1.2] {
            let line = format!(
                "when = {{ {name} = {{ delta_cap = {{ coins = {cap}, quantity = 10, tenor_days = 30, vol_percent = 65 }} }} }}"
            );
            let Band { low, high } = band(&line, 0.0007, &options);
            let half_width = 0.5 * (high - low);
            assert!((half_width / cap - 1.0).abs() < tolerance, "{name}: {half_width} for {cap}");
        }
    }
}

/// Whatever the gamma and the time to expiry, no trade leaves the net delta further off its ideal than the cap, and no hedge
/// inside the band is further off; without a cap the same rules leave more.
#[test]
fn a_delta_cap_is_never_passed() {
    let market = market(23, 300);
    let exposure = straddles(&market, 40.0, 0.0);
    for name in ["whalley_wilmott", "zakamouline", "hodges_neuberger"] {
        let furthest = |parameters: &str| {
            let line = format!("when = {{ {name} = {{ {parameters} }} }}");
            let mut furthest: f64 = 0.0;
            for to in [To::EDGE, To::CENTRE] {
                let at_price = FillAt::DecidingPrice;
                let hedge = leg(&market, Contract::LinearPerp, at_price, &COSTS, rule(&line));
                let strategy = strategy(vec![Leg { to, ..hedge }]);
                let none = free(&market, &exposure);
                let ledger = simulate(&market, &exposure, &strategy, &account(), &none);
                let leg = &ledger.legs[0];
                for (held, ideal) in leg.held.iter().zip(&leg.ideal) {
                    furthest = furthest.max((held - ideal.unwrap()).abs());
                }
            }
            furthest
        };
        let cap = furthest(
            "delta_cap = { coins = 0.8, quantity = 40, tenor_days = 4, vol_percent = 65 }",
        );
        assert!(cap <= 0.8 + 1e-9 && cap > 0.7, "{name}: {cap}");
        let uncapped = furthest("risk_aversion = 1e-4");
        assert!(uncapped > 0.8, "{name}: {uncapped}");
    }
}

/// The limit of small costs: the numerical band is Whalley and Wilmott's, within what its trees resolve, and lies around the
/// Black-Scholes delta. At 1 per cent the exact band is narrower and lies higher for a seller, as Zakamouline reports.
#[test]
fn hodges_neuberger_has_the_limit_of_whalley_and_wilmott() {
    let options = at_the_money(60_000.0, 1.0, 30.0 / 365.0, 0.65);
    let half_width = |rule: &str, aversion: f64, cost: f64| {
        let Band { low, high } = band(
            &format!("when = {{ {rule} = {{ risk_aversion = {aversion} }} }}"),
            cost,
            &options,
        );
        (0.5 * (high - low), 0.5 * (high + low))
    };
    for (aversion, cost, tolerance) in
        [(1e-3, 5e-4, 0.04), (2e-4, 1e-4, 0.04), (1e-2, 5e-5, 0.04), (1e-3, 2e-5, 0.04)]
    {
        let (numerical, centre) = half_width("hodges_neuberger", aversion, cost);
        let (formula, _) = half_width("whalley_wilmott", aversion, cost);
        assert!(
            (numerical / formula - 1.0).abs() < tolerance,
            "{aversion} {cost}: {numerical} {formula}"
        );
        assert!(centre.abs() < 0.1 * formula, "{aversion} {cost}: centre {centre}");
    }
    let (numerical, centre) = half_width("hodges_neuberger", 1e-3, 0.01);
    let (formula, _) = half_width("whalley_wilmott", 1e-3, 0.01);
    assert!(numerical < 0.95 * formula && centre > 0.0, "{numerical} {formula} {centre}");
}

/// On trees whose steps are finer than the band the limit holds without any help from the formula: it lies between the bands
/// of a seller, narrower, and of a buyer, wider, whose distance is what the formula leaves out (0.03825 and 0.04035 on 1,600
/// steps, the formula 0.03845); and twice the steps change a band by less than 1.5 %.
#[test]
fn trees_alone_have_the_limit_of_whalley_and_wilmott() {
    let variance: f64 = 0.65 * 0.65 * 30.0 / 365.0;
    let gamma = density(0.5 * variance.sqrt()) / variance.sqrt();
    let formula = (1.5 * 5e-4 * gamma * gamma / 60.0_f64).cbrt();
    let half_width = |side, steps| {
        let [low, high] = Problem { cost: 5e-4, size: 60.0, side, variance, steps }.at_the_money();
        0.5 * (high - low)
    };
    let [sold, bought] = [Side::Sold, Side::Bought].map(|side| half_width(side, 800));
    assert!(sold < formula && formula < bought, "{sold} {formula} {bought}");
    assert!((0.5 * (sold + bought) / formula - 1.0).abs() < 0.03, "{sold} {formula} {bought}");
    assert!((half_width(Side::Sold, 400) / sold - 1.0).abs() < 0.015);
    assert!((half_width(Side::Bought, 400) / bought - 1.0).abs() < 0.015);
}

/// Wider when trading is dearer and when the hedger is bolder; n options with one aversion are one with n times it.
#[test]
fn hodges_neuberger_scales() {
    let line =
        |aversion: f64| format!("when = {{ hodges_neuberger = {{ risk_aversion = {aversion} }} }}");
    let one = at_the_money(60_000.0, 1.0, 30.0 / 365.0, 0.65);
    let eight = at_the_money(60_000.0, 8.0, 30.0 / 365.0, 0.65);
    let width = |band: Band| band.high - band.low;
    let base = width(band(&line(1e-3), 1e-3, &one));
    assert!(width(band(&line(1e-3), 2e-3, &one)) > 1.15 * base);
    assert!(width(band(&line(5e-4), 1e-3, &one)) > 1.1 * base);
    let many = width(band(&line(1e-3 / 8.0), 1e-3, &eight));
    assert!((many / (8.0 * base) - 1.0).abs() < 1e-9);
}

/// Bought options have the band of sold ones to first order, around minus their hedge.
#[test]
fn hodges_neuberger_holds_bought_options_too() {
    let sold = at_the_money(60_000.0, 1.0, 30.0 / 365.0, 0.65);
    let mut bought = at_the_money(60_000.0, 1.0, 30.0 / 365.0, 0.65);
    bought.1.slopes[0].gamma.iter_mut().for_each(|gamma| *gamma = -*gamma);
    let line = "when = { hodges_neuberger = { risk_aversion = 1e-3 } }";
    let (sold, bought) = (band(line, 5e-4, &sold), band(line, 5e-4, &bought));
    assert!(((sold.high - sold.low) / (bought.high - bought.low) - 1.0).abs() < 0.05);
    assert!(bought.low < 0.0 && bought.high > 0.0);
}

/// Whatever a rule is told, a hedge it leaves alone is in its band and one it moves was not.
#[test]
fn the_stop_loss_covers_what_is_in_the_money() {
    let market = market(14, 200);
    let exposure = straddles(&market, 4.0, 3.0);
    let leg = run(&market, &exposure, r#"when = "stop_loss""#, To::EDGE);
    let mut strike = 0.0;
    for row in 0..200 {
        let opened = exposure
            .trades
            .iter()
            .find(|trade| trade.row == row && trade.kind == hedgerow_core::OptionTradeKind::Open);
        strike = opened.map_or(strike, |trade| trade.terms().unwrap().0);
        let spot = market.assets()[0].spot[row];
        // Short four calls and four puts, long three coins.
        let covered = if spot > strike {
            4.0
        } else if spot < strike {
            -4.0
        } else {
            0.0
        } - 3.0;
        assert!(
            (leg.held[row] - covered).abs() < 1e-9,
            "row {row}: {} for {covered}",
            leg.held[row]
        );
    }
}

/// Two strategies can share a rule's definition: binding leaves it as it was.
#[test]
fn a_rule_can_be_bound_again_and_again() {
    let market = market(15, 300);
    let exposure = straddles(&market, 4.0, 3.0);
    let track =
        Arc::new(linear_track(&market, 0, Contract::LinearPerp, &COSTS, FillAt::NextOpen).unwrap());
    for entry in RULES {
        let leg = leg(&market, Contract::LinearPerp, FillAt::NextOpen, &COSTS, rule(entry.example));
        let strategy = strategy(vec![Leg { track: Arc::clone(&track), ..leg }]);
        let none = free(&market, &exposure);
        let first = simulate(&market, &exposure, &strategy, &account(), &none);
        assert_eq!(first, simulate(&market, &exposure, &strategy, &account(), &none));
    }
}

#[test]
fn wrong_parameters_of_rules_are_refused_with_a_reason() {
    for (line, message) in [
        (
            "when = { asymmetric_band = { down = -1, up = 1 } }",
            "down is -1, expected a number of at least 0",
        ),
        ("when = { end_of_day = { hour_utc = 24 } }", "hour_utc is 24, expected 0 to below 24"),
        (
            "when = { sepp_clock = { edge_points = 5, window_days = 3 } }",
            "sepp_clock takes either `edge_points` or `window_days`",
        ),
        ("when = { leland_clock = { number = 0 } }", "number is 0, expected a number above 0"),
        (
            "when = { zakamouline = {} }",
            "expected one of `risk_aversion`, `delta_cap` and `indifference`",
        ),
        (
            "when = { whalley_wilmott = { delta_cap = { coins = 0, quantity = 1, tenor_days = 30, vol_percent = 60 } } }",
            "coins is 0, expected a number above 0",
        ),
        ("when = { cost_budget = { usd = 1, days = 0 } }", "days is 0, expected a number above 0"),
        (
            "when = { not = \"evry_row\" }",
            "unknown rule `evry_row`; known: all, any, asymmetric_band, clock, cost_budget, delta_band, end_of_day, every_row, gamma_band, hodges_neuberger, iv_move, leland_clock, not, sepp_clock, spot_move, spot_move_deviations, stop_loss, whalley_wilmott, zakamouline",
        ),
    ] {
        assert_eq!(try_built(RULES, line).err().as_deref(), Some(message), "{line}");
    }
}

/// Moves of the spot and of the vol are measured from the last re-hedge.
#[test]
fn moves_are_measured_from_the_last_re_hedge() {
    let market = daily(&[100.0, 103.0, 106.0, 104.0, 103.0, 100.0]);
    let mut exposure = coins(&market, 0.0);
    exposure.slopes[0].delta = vec![0.0, -1.0, -2.0, -3.0, -4.0, -5.0];
    exposure.slopes[0].vol = [0.60, 0.62, 0.64, 0.61, 0.66, 0.69].map(Some).to_vec();
    let held = |line: &str| run(&market, &exposure, line, To::EDGE).held;
    assert_eq!(held("when = { spot_move = { percent = 5 } }"), [0.0, 0.0, 2.0, 2.0, 2.0, 5.0]);
    assert_eq!(held("when = { iv_move = { points = 3.5 } }"), [0.0, 0.0, 2.0, 2.0, 2.0, 5.0]);
    assert_eq!(market.time()[0], Timestamp::from_millis(0));
}

/// Found by reading: the tick of an option was charged on the price of a coin instead of the option's.
#[test]
fn an_option_is_rounded_to_ticks_of_its_own_price() {
    let market = market(4, 50);
    let unit = straddles(&market, -1.0, 0.0);
    let spot = &market.assets()[0].spot;
    let track =
        option_track("BTC straddle".to_owned(), 0, &unit, (market.time(), spot), &Costs::ZERO);
    let price = track.price[0];
    let plain =
        leg(&market, Contract::Spot, FillAt::NextOpen, &Costs::ZERO, rule(r#"when = "every_row""#));
    let option = Leg {
        track: Arc::new(track),
        against: Against::Size(1.0),
        to: To { tick: Some(7.0), ..To::EDGE },
        ..plain
    };
    let exposure = coins(&market, 2.0);
    let free = free(&market, &exposure);
    let ledger = simulate(&market, &exposure, &strategy(vec![option]), &account(), &free);
    let traded = ledger.legs[0].traded[0];
    let lost = traded.abs() * ((price / 7.0).ceil() * 7.0 - price);
    assert!((traded - 2.0).abs() < 1e-12 && price > 0.0, "{traded} {price}");
    assert!((ledger.legs[0].slippage[0] - lost).abs() < 1e-9, "{lost}");
}
