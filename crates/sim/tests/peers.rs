//! What the nearest peers get wrong, each as a test that this engine gets it right.
#![allow(clippy::float_cmp, reason = "exact by construction")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hedgerow_core::{Contract, FundingEvent, Line, Market, Timestamp, Tradable};
use hedgerow_sim::*;
use support::*;

/// Three days of one price, and a stamp every so many hours.
fn funded(every_hours: i64, rate: f64) -> Market {
    let market = daily(&[20_000.0; 4]);
    let stamps = (1..=72 / every_hours).map(|stamp| FundingEvent {
        time: Timestamp::from_millis(stamp * every_hours * HOUR),
        rate,
        mark: None,
    });
    let stamps: Vec<FundingEvent> = stamps.collect();
    let tradables = market
        .tradables()
        .iter()
        .map(|tradable| Tradable { funding: Some(stamps.clone()), ..tradable.clone() });
    Market::new(market.time().to_vec(), market.assets().to_vec(), tradables.collect(), vec![])
        .unwrap()
}

/// Runs a leg that holds minus `delta` coins of a perp throughout.
fn holding(market: &Market, contract: Contract, delta: f64) -> hedgerow_core::Ledger {
    let exposure = coins(market, delta);
    let every_row = rule(r#"when = "every_row""#);
    let hedge = leg(market, contract, FillAt::DecidingPrice, &Costs::ZERO, every_row);
    let none = free(market, &exposure);
    simulate(market, &exposure, &strategy(vec![hedge]), &empty_account(), &none)
}

/// Peer: funding as `|position| · rate`, a cost to whichever side.
#[test]
fn a_short_perp_receives_positive_funding_and_the_sum_is_zero() {
    for contract in [Contract::LinearPerp, Contract::InversePerp] {
        for rate in [1e-4, -1e-4] {
            let market = funded(8, rate);
            let carry =
                |delta| -> f64 { holding(&market, contract, delta).explained.total(Line::Carry) };
            let (short, long) = (carry(1.0), carry(-1.0));
            assert!((short - 9.0 * rate * 20_000.0).abs() < 1e-9, "{contract:?} {short}");
            assert_eq!(short + long, 0.0, "{contract:?}");
        }
    }
}

/// Peer: one settlement a bar, whatever the venue's clock.
#[test]
fn daily_bars_settle_three_times_on_an_eight_hour_venue_and_24_on_an_hourly_one() {
    for (every_hours, settlements) in [(8, 3.0), (1, 24.0)] {
        let ledger = holding(&funded(every_hours, 1e-5), Contract::LinearPerp, 1.0);
        for row in 1..4 {
            let carry = ledger.legs[0].carry[row];
            assert!((carry - settlements * 1e-5 * 20_000.0).abs() < 1e-9, "{every_hours} {carry}");
        }
    }
}

/// Peer: each re-hedge is a new position, charged for entry and exit of the whole.
#[test]
fn a_re_hedge_is_charged_on_its_change_only() {
    let market = daily(&[10_000.0, 10_000.0, 10_000.0]);
    let mut exposure = coins(&market, 0.0);
    exposure.slopes[0].delta = vec![-0.30, -0.35, -0.35];
    let costs = Costs { perp_fee_bps: hedgerow_core::Bps(5.0), ..Costs::ZERO };
    let every_row = rule(r#"when = "every_row""#);
    let hedge = leg(&market, Contract::LinearPerp, FillAt::DecidingPrice, &costs, every_row);
    let none = free(&market, &exposure);
    let ledger = simulate(&market, &exposure, &strategy(vec![hedge]), &empty_account(), &none);
    let fee = &ledger.legs[0].fee;
    for (found, coins) in fee.iter().zip([0.30, 0.05, 0.0]) {
        assert!((found - coins * 10_000.0 * 5e-4).abs() < 1e-12, "{fee:?}");
    }
}

/// Peer: sized and filled on the same closing mark; falls forward to a later price.
#[test]
fn a_decision_at_a_close_is_filled_at_the_next_open() {
    let market = market(17, 40);
    let exposure = book(&market, 3.0);
    let every_row = rule(r#"when = "every_row""#);
    let hedge = leg(&market, Contract::LinearPerp, FillAt::NextOpen, &Costs::ZERO, every_row);
    let none = free(&market, &exposure);
    let ledger = simulate(&market, &exposure, &strategy(vec![hedge]), &account(), &none);
    let leg = &ledger.legs[0];
    let open = market.tradables()[0].open.as_ref().unwrap();
    assert_eq!(leg.held[0], 0.0, "nothing is held before the first open after a decision");
    for (row, open) in open.iter().enumerate().skip(1) {
        assert_eq!(leg.fill[row], *open);
        assert!((leg.held[row] + exposure.slopes[0].delta[row - 1]).abs() < 1e-9);
    }
}

/// Peer: shuffled data after a row change trades before it.
#[test]
fn shuffling_what_comes_after_changes_no_trade_before() {
    let past = market(18, 120);
    let row = 60;
    let shuffle = |column: &[f64]| -> Vec<f64> {
        let mut column = column.to_vec();
        column[row + 1..].reverse();
        column
    };
    let assets = past.assets().iter().map(|asset| hedgerow_core::AssetColumns {
        spot: shuffle(&asset.spot),
        open: asset.open.as_deref().map(shuffle),
        ..asset.clone()
    });
    let tradables = past.tradables().iter().map(|tradable| Tradable {
        price: shuffle(&tradable.price),
        open: tradable.open.as_deref().map(shuffle),
        ..tradable.clone()
    });
    let shuffled =
        Market::new(past.time().to_vec(), assets.collect(), tradables.collect(), vec![]).unwrap();
    let traded = |market: &Market, fill, line: &str| {
        let exposure = straddles(market, 4.0, 3.0);
        let hedge = leg(market, Contract::LinearPerp, fill, &Costs::default(), rule(line));
        let none = free(market, &exposure);
        let ledger = simulate(market, &exposure, &strategy(vec![hedge]), &account(), &none);
        ledger.legs[0].traded[..=row].to_vec()
    };
    for entry in RULES {
        for fill in FILLS {
            let (before, after) =
                (traded(&past, fill, entry.example), traded(&shuffled, fill, entry.example));
            assert_eq!(before, after, "{}", entry.name);
        }
    }
}

/// Peer: lines of an attribution that do not add up.
#[test]
fn attribution_lines_sum_to_the_change_of_equity() {
    let market = market(19, 300);
    for exposure in books(&market) {
        for contract in CONTRACTS {
            let line = rule("when = { delta_band = 0.2 }");
            let hedge = leg(&market, contract, FillAt::NextOpen, &Costs::default(), line);
            let none = BookCosts::new(&market, &exposure, &Costs::default());
            let ledger = simulate(&market, &exposure, &strategy(vec![hedge]), &account(), &none);
            for row in 1..300 {
                let change = ledger.equity[row] - ledger.equity[row - 1];
                let gap = (change - ledger.explained.sum(row)).abs();
                assert!(gap <= 1e-9 * ledger.equity[row].abs().max(1e5), "{row}: {gap}");
            }
        }
    }
}

/// Peer: a parameter that is misspelled is ignored in silence.
#[test]
fn a_misspelled_parameter_is_refused() {
    for line in [
        "when = { delta_bnd = 0.1 }",
        "when = { clock = { dayz = 1 } }",
        "when = { whalley_wilmott = { risk_aversion = 1, slipage = 2 } }",
    ] {
        assert!(try_built(RULES, line).is_err(), "{line}");
    }
    let costs = toml::from_str::<Costs>("slipage_bps = 3");
    assert!(costs.unwrap_err().message().contains("slipage_bps"));
}
