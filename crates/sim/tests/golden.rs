//! Numbers with a source, and mistakes seen elsewhere.
#![allow(clippy::float_cmp, reason = "exact by construction")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hedgerow_core::{
    AssetColumns, Contract, DeltaColumn, FundingEvent, Market, Timestamp, Tradable,
};
use hedgerow_sim::ratio::rolling_ols::slope;
use hedgerow_sim::*;
use support::*;

/// Hull, "Options, Futures, and Other Derivatives", the cross-hedge of jet fuel with heating oil.
#[test]
fn hull_cross_hedge() {
    let futures = [
        0.021, 0.035, -0.046, 0.001, 0.044, -0.029, -0.026, -0.029, 0.048, -0.006, -0.036, -0.011,
        0.019, -0.027, 0.029,
    ];
    let spot = [
        0.029, 0.020, -0.044, 0.008, 0.026, -0.019, -0.010, -0.007, 0.043, 0.011, -0.036, -0.018,
        0.009, -0.032, 0.023,
    ];
    assert!((slope(&futures, &spot).unwrap() - 0.777_650_674_2).abs() < 1e-10);
}

/// Returns planted with a hedge ratio of 0.8: both estimators find it, and the rolling one equals the plain slope of its
/// window at every row.
#[test]
fn ratios_recover_a_planted_ratio() {
    let base = market(21, 2_000);
    let spot = &base.assets()[0].spot;
    let mut perp = vec![spot[0]];
    for row in 1..spot.len() {
        let noise = if row % 2 == 0 { 1e-4 } else { -1e-4 };
        let spot_return = spot[row] / spot[row - 1] - 1.0;
        perp.push(perp[row - 1] + spot[row - 1] * (spot_return / 0.8 + noise));
    }
    let tradable =
        Tradable { price: perp, open: None, funding: None, ..base.tradables()[0].clone() };
    let market =
        Market::new(base.time().to_vec(), base.assets().to_vec(), vec![tradable], vec![]).unwrap();
    let track = linear_track(&market, 0, Contract::LinearPerp, &Costs::ZERO, FillAt::DecidingPrice)
        .unwrap();
    let history = ratio::History::new(&market, 0, &track);
    let rolling = ratio("ratio = { rolling_ols = { window_days = 20 } }").column(&history);
    let weighted = ratio("ratio = { ewma = { half_life_days = 20 } }").column(&history);
    for row in [600, 1_500, 1_999] {
        assert!((rolling.at(row).unwrap() - 0.8).abs() < 0.01);
        assert!((weighted.at(row).unwrap() - 0.8).abs() < 0.01);
        let first = (1..=row)
            .find(|first| market.time()[row].days_since(market.time()[first - 1]) <= 20.0)
            .unwrap();
        let plain =
            slope(&history.hedge_return[first..=row], &history.spot_return[first..=row]).unwrap();
        assert!((rolling.at(row).unwrap() - plain).abs() < 1e-9);
    }
    assert_eq!(rolling.at(100), None);
    assert_eq!(weighted.at(0), None);
}

/// On daily rows a window of `n` days is whole at row `n` and holds `n` returns, for every `n`: days are compared as they are,
/// not as a rounded share of a year, by which three days would fall short of three.
#[test]
fn windows_of_whole_days_are_whole() {
    let market = market(3, 70);
    let spot = &market.assets()[0].spot;
    let market = daily(spot);
    let track = linear_track(&market, 0, Contract::LinearPerp, &Costs::ZERO, FillAt::DecidingPrice);
    let track = track.unwrap();
    let history = ratio::History::new(&market, 0, &track);
    for days in 3..60 {
        let line = format!("ratio = {{ rolling_ols = {{ window_days = {days} }} }}");
        let column = ratio(&line).column(&history);
        assert_eq!(column.at(days - 1), None, "{days}");
        assert!(column.at(days).is_some(), "{days}");
        let last = market.time()[days];
        assert!(last.days_since(market.time()[0]) == days as f64);
    }
}

fn ratio(line: &str) -> Box<dyn Ratio> {
    support::ratio(line)
}

/// With `percent = 5` hedges of 0 %, 25 %, 100 % as the spot falls.
#[test]
fn the_ladder_follows_the_drawdown() {
    let market = daily(&[100.0, 95.0, 89.0, 120.0, 100.0, 83.0]);
    let track = linear_track(&market, 0, Contract::LinearPerp, &Costs::ZERO, FillAt::DecidingPrice)
        .unwrap();
    let ladder =
        ratio("ratio = { drawdown_ladder = { at_percent = [10, 30], hedge_percent = [25, 100] } }");
    let column = ladder.column(&ratio::History::new(&market, 0, &track));
    let ratios: Vec<f64> = (0..6).map(|row| column.at(row).unwrap()).collect();
    assert_eq!(ratios, [0.0, 0.0, 0.25, 0.0, 0.25, 1.0]);
}

/// 100,000 USD long from 50,000 to 55,000 earns 0.181818 BTC = 10,000 USD.
#[test]
fn inverse_pnl_is_notional_times_the_change_of_one_over_price() {
    let market = daily(&[50_000.0, 55_000.0]);
    let track =
        linear_track(&market, 0, Contract::InversePerp, &Costs::ZERO, FillAt::DecidingPrice)
            .unwrap();
    assert!((100_000.0 * track.pnl[1] - 10_000.0).abs() < 1e-9);
    assert!((100_000.0 * track.pnl[1] / 55_000.0 - 0.181_818_181_8).abs() < 1e-10);
}

/// One coin held, hedged with an inverse perp at the coin's own price: a synthetic dollar.
#[test]
fn a_coin_hedged_with_the_inverse_perp_is_a_dollar_balance() {
    let market = daily(&[50_000.0, 61_000.0, 42_000.0, 42_500.0, 70_000.0]);
    let exposure = coins(&market, 1.0);
    // Trades once: the notional that makes the first day neutral stays right for ever.
    let leg = free_leg(&market, Contract::InversePerp, "when = { clock = { days = 1000 } }");
    let ledger = run_free(&market, &exposure, leg);
    assert!((ledger.legs[0].held[0] + 50_000.0).abs() < 1e-9);
    for equity in &ledger.equity {
        assert!((equity - 50_000.0).abs() < 1e-9, "{:?}", ledger.equity);
    }
}

fn funded(stamps_hours: &[i64], rate: f64) -> Market {
    let market = daily(&[20_000.0, 21_000.0, 19_000.0]);
    let events: Vec<FundingEvent> = stamps_hours
        .iter()
        .map(|hour| FundingEvent { time: Timestamp::from_millis(hour * HOUR), rate, mark: None })
        .collect();
    let tradables = market
        .tradables()
        .iter()
        .map(|tradable| Tradable { funding: Some(events.clone()), ..tradable.clone() });
    Market::new(market.time().to_vec(), market.assets().to_vec(), tradables.collect(), vec![])
        .unwrap()
}

/// Eight-hourly stamps on daily rows: three settlements a day, each at the last price known at its stamp; longs pay.
#[test]
fn daily_rows_settle_every_stamp() {
    let market = funded(&[0, 8, 16, 24, 32, 40, 48], 1e-4);
    let carry = |contract| {
        linear_track(&market, 0, contract, &Costs::ZERO, FillAt::DecidingPrice).unwrap().carry
    };
    let linear = carry(Contract::LinearPerp);
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
    assert_eq!(linear.at(0), 0.0);
    close(linear.at(1), -1e-4 * (20_000.0 + 20_000.0 + 21_000.0));
    close(linear.at(2), -1e-4 * (21_000.0 + 21_000.0 + 19_000.0));
    let inverse = carry(Contract::InversePerp);
    close(inverse.at(1), -1e-4 * (1.0 / 20_000.0 + 1.0 / 20_000.0 + 1.0 / 21_000.0) * 21_000.0);
    let hourly = funded(&(1..=48).collect::<Vec<_>>(), 1e-5);
    let track = linear_track(&hourly, 0, Contract::LinearPerp, &Costs::ZERO, FillAt::DecidingPrice)
        .unwrap();
    close(track.carry.at(1), -1e-5 * (23.0 * 20_000.0 + 21_000.0));
}

/// The short side of a positive rate is paid what the long side pays.
#[test]
fn a_short_hedge_receives_positive_funding() {
    let market = funded(&[8, 16, 24, 32, 40, 48], 1e-4);
    let run = |held: f64| {
        let exposure = coins(&market, -held);
        let leg = free_leg(&market, Contract::LinearPerp, r#"when = "every_row""#);
        let ledger = run_free(&market, &exposure, leg);
        ledger.legs[0].carry.iter().sum::<f64>()
    };
    assert!((run(-1.0) - 1e-4 * (61_000.0 + 61_000.0)).abs() < 1e-9);
    assert_eq!(run(-1.0), -run(1.0));
}

/// A stamp at a row's own instant is settled on what was held before the row's trade.
#[test]
fn funding_is_paid_on_what_was_held_at_its_stamp() {
    let market = funded(&[24, 48], 1e-4);
    let mut exposure = coins(&market, 0.0);
    exposure.slopes[0].delta = vec![0.0, -3.0, -3.0];
    let leg = free_leg(&market, Contract::LinearPerp, r#"when = "every_row""#);
    let ledger = run_free(&market, &exposure, leg);
    assert_eq!(ledger.legs[0].carry[1], 0.0);
    assert!((ledger.legs[0].carry[2] + 3.0 * 1e-4 * 19_000.0).abs() < 1e-12);
}

/// An inverse perp at the spot's own price has no basis: all it earns is delta.
#[test]
fn an_inverse_perp_marked_at_spot_has_no_basis() {
    let market = daily(&[50_000.0, 61_000.0, 42_000.0, 42_500.0, 70_000.0]);
    let exposure = coins(&market, 2.0);
    let leg = free_leg(&market, Contract::InversePerp, r#"when = "every_row""#);
    let ledger = run_free(&market, &exposure, leg);
    assert!(
        ledger.explained.line(hedgerow_core::Line::Basis).iter().all(|basis| basis.abs() < 1e-9)
    );
}

#[test]
fn the_cost_that_rules_weigh_is_fee_half_spread_and_slippage() {
    let costs = Costs::default();
    assert!((costs.one_way(Contract::LinearPerp) - 7e-4).abs() < 1e-15);
    assert!((costs.one_way(Contract::Spot) - 12e-4).abs() < 1e-15);
}

/// From 0.30 to 0.35 coins the fee is on 0.05.
#[test]
fn a_change_of_hedge_is_charged_on_the_change() {
    let market = daily(&[10_000.0, 10_000.0]);
    let mut exposure = coins(&market, 0.0);
    exposure.slopes[0].delta = vec![-0.30, -0.35];
    let leg = leg(
        &market,
        Contract::LinearPerp,
        FillAt::DecidingPrice,
        &Costs::default(),
        rule(r#"when = "every_row""#),
    );
    let ledger = run_free(&market, &exposure, leg);
    assert!((ledger.legs[0].fee[1] - 0.05 * 10_000.0 * 5e-4).abs() < 1e-12);
}

/// A decision is filled at the next open, and earns from there.
#[test]
fn fills_are_at_the_next_open() {
    let base = daily(&[100.0, 110.0, 120.0]);
    let asset = AssetColumns { open: Some(vec![99.0, 104.0, 112.0]), ..base.assets()[0].clone() };
    let market = Market::new(base.time().to_vec(), vec![asset], vec![], vec![]).unwrap();
    let exposure = coins(&market, 2.0);
    let leg =
        leg(&market, Contract::Spot, FillAt::NextOpen, &Costs::ZERO, rule(r#"when = "every_row""#));
    let ledger = run_free(&market, &exposure, leg);
    assert_eq!(ledger.legs[0].held, [0.0, -2.0, -2.0]);
    assert_eq!(ledger.legs[0].fill, [99.0, 104.0, 112.0]);
    assert_eq!(ledger.legs[0].price_pnl, [0.0, -2.0 * 6.0, -2.0 * 10.0]);
    // Unhedged from 100 to 104, hedged after.
    assert_eq!(ledger.equity, [200.0, 208.0, 208.0]);
}

/// Published values, and: cost times 8 doubles the width, gamma times 2^(3/2) doubles it, no cost no width.
#[test]
fn whalley_wilmott_scales_as_published() {
    let wide =
        |cost_rate: f64, gamma: f64, spot: f64, rate: f64, years: f64, risk_aversion: f64| {
            let start = Timestamp::from_millis(0);
            let now = Now {
                row: 0,
                vol: None,
                time: start,
                previous: None,
                start,
                spot,
                gamma,
                years: Some(years),
                cost_rate,
                rate,
            };
            rehedge::whalley_wilmott::WhalleyWilmott { risk_aversion }.half_width(&now)
        };
    let base = wide(0.0005, 0.02, 5_000.0, 0.0, 0.25, 1.0);
    assert!((base - 0.114_471_42).abs() < 1e-8);
    assert!((wide(0.01, 0.015_136_793, 100.0, 0.05, 1.0, 1.0) - 0.068_888_72).abs() < 1e-8);
    assert!((wide(0.004, 0.02, 5_000.0, 0.0, 0.25, 1.0) / base - 2.0).abs() < 1e-12);
    assert!(
        (wide(0.0005, -0.02 * 8_f64.sqrt(), 5_000.0, 0.0, 0.25, 1.0) / base - 2.0).abs() < 1e-12
    );
    assert_eq!(wide(0.0, 0.02, 5_000.0, 0.0, 0.25, 1.0), 0.0);
}

/// Neutral in coins: with the premium-adjusted delta the book's coins, not its dollars, are hedged.
#[test]
fn coin_delta_subtracts_the_value_in_coins() {
    let market = market(31, 50);
    let exposure = book(&market, 0.0);
    let mut leg = free_leg(&market, Contract::InversePerp, r#"when = "every_row""#);
    leg.delta = DeltaKind::Coin;
    let ledger = run_free(&market, &exposure, leg);
    for row in 0..50 {
        let slopes = &exposure.slopes[0];
        let net_coin = slopes.delta[row] - slopes.coin_value[row];
        let hedge = ledger.legs[0].held[row] / market.tradables()[1].price[row];
        assert!((hedge + net_coin).abs() < 1e-12);
    }
}

/// A leg follows the column it asks for, and holds what it has where the column is unknown.
#[test]
fn a_chosen_delta_is_followed_where_it_is_known() {
    let market = market(31, 50);
    let mut exposure = book(&market, 0.0);
    let own = exposure.slopes[0].delta.clone();
    let chosen = own.iter().enumerate().map(|(row, delta)| (row % 7 != 3).then_some(0.9 * delta));
    let columns = [own.iter().map(|delta| Some(*delta)).collect(), chosen.collect::<Vec<_>>()];
    for delta in columns.clone() {
        let name = "test".to_owned();
        exposure.slopes[0].chosen.push(DeltaColumn { name, delta });
    }
    let held = |delta| {
        let costs = Costs::ZERO;
        let every_row = rule(r#"when = "every_row""#);
        let mut leg = leg(&market, Contract::LinearPerp, FillAt::DecidingPrice, &costs, every_row);
        leg.delta = delta;
        let account = empty_account();
        let mut ledger =
            simulate(&market, &exposure, &strategy(vec![leg]), &account, &free(&market, &exposure));
        ledger.legs.remove(0)
    };
    let (plain, same) = (held(DeltaKind::BlackScholes), held(DeltaKind::Column(0)));
    assert_eq!(plain, same, "its own delta as a column changes no bit");
    let followed = held(DeltaKind::Column(1));
    for (row, chosen) in columns[1].iter().enumerate() {
        let expected = match chosen {
            Some(delta) => -delta,
            None => followed.held[row - 1],
        };
        assert!((followed.held[row] - expected).abs() < 1e-12, "{row}");
        assert_eq!(followed.ideal[row].is_some(), chosen.is_some(), "{row}");
    }
}

#[test]
fn registries_are_in_order_and_their_examples_work() {
    fn check<T: ?Sized>(entries: &[hedgerow_core::registry::Entry<T>]) {
        assert!(entries.is_sorted_by(|a, b| a.name < b.name));
        for entry in entries {
            assert!(
                entry.name.chars().all(|c| c.is_ascii_lowercase() || c == '_'),
                "{}",
                entry.name
            );
            assert!(!entry.about.ends_with('.') && entry.about.len() > 20, "{}", entry.about);
            built(entries, entry.example);
        }
    }
    check(RULES);
    check(RATIOS);
}

#[test]
fn wrong_parameters_are_refused_with_a_reason() {
    for (line, message) in [
        (
            r#"when = "delta_bnd""#,
            "unknown entry `delta_bnd`; known: all, any, asymmetric_band, clock, cost_budget, delta_band, end_of_day, every_row, gamma_band, hodges_neuberger, iv_move, leland_clock, not, sepp_clock, spot_move, spot_move_deviations, stop_loss, whalley_wilmott, zakamouline",
        ),
        ("when = { delta_band = -0.5 }", "delta_band is -0.5, expected a number of at least 0"),
        ("when = { delta_band = nan }", "delta_band is NaN, expected a number of at least 0"),
        ("when = { clock = { days = 1, hours = 3 } }", "clock takes either `days` or `hours`"),
        ("when = { clock = { days = -1 } }", "clock is -1, expected a number of at least 0"),
        ("when = { clock = { day = 1 } }", "unknown field `day`, expected `days` or `hours`"),
        (
            "when = { whalley_wilmott = { risk_aversion = 0 } }",
            "risk_aversion is 0, expected a number above 0",
        ),
        ("when = { any = [] }", "expected a list of at least one rule, found an empty list"),
        ("when = { any = 3 }", "expected a list of at least one rule, found integer"),
        (
            "when = { clock = { days = 1 }, delta_band = 3 }",
            "expected one entry, found 2 keys; combine rules with `any` or `all`",
        ),
        ("when = 3", "expected the entry by name or as `{ name = … }`, found integer"),
    ] {
        assert_eq!(try_built(RULES, line).err().as_deref(), Some(message), "{line}");
    }
    for (line, message) in [
        ("ratio = { constant = { percent = 151 } }", "ratio of 151 %, expected 0 to 150"),
        (
            "ratio = { ewma = { half_life_days = 0 } }",
            "half_life_days is 0, expected a number above 0",
        ),
        (
            "ratio = { drawdown_ladder = { at_percent = [10, 5], hedge_percent = [1, 2] } }",
            "at_percent must increase, from 0 to below 100",
        ),
    ] {
        assert_eq!(try_built(RATIOS, line).err().as_deref(), Some(message), "{line}");
    }
}
