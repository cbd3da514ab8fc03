//! Funding by formula: numbers worked out by hand, and laws over every formula.
#![allow(clippy::float_cmp, reason = "laws that hold bit for bit")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_precision_loss, reason = "tests")]

mod support;

use hedgerow_core::{Contract, Market, Series, Timestamp, Tradable};
use hedgerow_sim::funding_formula::{FundingError, FundingFormula, funded_by, settlements};
use hedgerow_sim::{Costs, FUNDING_FORMULAS, FillAt, linear_track};
use support::*;

fn formula(line: &str) -> Box<dyn FundingFormula> {
    built(FUNDING_FORMULAS, line)
}

fn hours(from: i64, to: i64) -> Vec<Timestamp> {
    (from..=to).map(|hour| Timestamp::from_millis(hour * HOUR)).collect()
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-15, "found {found}, expected {expected}");
}

/// A market without funding whose perps have a premium of their own.
fn unfunded(seed: u64, n_rows: usize) -> Market {
    changed(&market(seed, n_rows), |perp| Tradable { funding: None, ..perp.clone() })
}

fn changed(market: &Market, change: impl Fn(&Tradable) -> Tradable) -> Market {
    let tradables = market.tradables().iter().map(change).collect();
    Market::new(market.time().to_vec(), market.assets().to_vec(), tradables, vec![]).unwrap()
}

/// Every hour pays an eighth, at the mean of the rates at its ends; after a gap of three hours, three eighths.
#[test]
fn deribit_is_paid_by_the_hour() {
    let time = [0, 1, 4].map(|hour| Timestamp::from_millis(hour * HOUR));
    let paid = settlements(&*formula("funding = \"deribit\""), &time, &[0.0, 0.001, 0.02]);
    // Above the damper of 0.025 % by 0.075 %; by far more than the cap of 0.5 %.
    near(paid.events[0].rate, 0.5 * 0.000_75 / 8.0);
    near(paid.events[1].rate, 0.5 * (0.000_75 + 0.005) * 3.0 / 8.0);
    assert_eq!(paid.events.iter().map(|event| event.time).collect::<Vec<_>>(), time[1..]);
}

/// V8.2 through the whole path: 100,000 USD at an index of 60,000 pay 100,000 / 60,000 coins times the rate of eight hours
/// over 8, whatever the perpetual costs. Once counted at the perpetual's price: 1 % less at a premium of 1 %.
#[test]
fn v8_2_deribit_counts_the_size_of_an_inverse_perpetual_at_the_index() {
    for (mark, rate, coins) in [(60_600.0, 0.005, 1.041_666_67e-3), (60_030.0, 2.5e-4, 5.208_33e-5)]
    {
        let n_rows = 3;
        let market = changed(&daily(&[60_000.0; 3]), |perp| Tradable {
            funding: None,
            marked_at_spot: false,
            price: vec![mark; n_rows],
            ..perp.clone()
        });
        let hourly =
            Market::new(hours(0, 2), market.assets().to_vec(), market.tradables().to_vec(), vec![]);
        let (market, notes) =
            funded_by(hourly.unwrap(), &*formula("funding = \"deribit\"")).unwrap();
        let of = |contract| {
            linear_track(&market, 0, contract, &Costs::ZERO, FillAt::DecidingPrice).unwrap()
        };
        let inverse = -of(Contract::InversePerp).carry.at(1) * 100_000.0 / 60_000.0;
        near(inverse, 100_000.0 / 60_000.0 * rate / 8.0);
        assert!((inverse / coins - 1.0).abs() < 1e-6, "{inverse}");
        near(-of(Contract::LinearPerp).carry.at(1), rate / 8.0 * mark);
        assert!(notes.iter().any(|note| note.contains("count as coins at the index")));
    }
}

/// Eight hourly premiums count one to eight: those of the last hour most. The hours before 08:00 belong to 08:00.
#[test]
fn binance_weighs_the_last_hours_most() {
    let premiums: Vec<f64> = (0..=16).map(|hour| f64::from(hour) * 1e-3).collect();
    let paid = settlements(&*formula("funding = \"binance\""), &hours(0, 16), &premiums);
    let stamps: Vec<i64> = paid.events.iter().map(|event| event.time.millis() / HOUR).collect();
    assert_eq!(stamps, [0, 8, 16]);
    // Σ k·k / Σ k over 1..8 is 204/36; over the next eight hours 8 more. The clamp takes 0.05 %.
    near(paid.events[1].rate, 204.0 / 36.0 * 1e-3 - 5e-4);
    near(paid.events[2].rate, (204.0 / 36.0 + 8.0) * 1e-3 - 5e-4);
    // A contract that pays every four hours pays half the rate, over its own four hours.
    let line = "funding = { binance = { interval_hours = 4, cap_percent = 0.3 } }";
    let paid = settlements(&*formula(line), &hours(0, 16), &premiums);
    near(paid.events[1].rate, 0.5 * (30.0 / 10.0 * 1e-3 - 5e-4));
    near(paid.events[4].rate, 0.5 * 0.003);
}

/// The mean of eight hours is paid eight hours after they are over.
#[test]
fn bitmex_pays_for_the_interval_before() {
    let premiums: Vec<f64> = (0..=20).map(|hour| f64::from(hour) * 1e-3).collect();
    let paid = settlements(&*formula("funding = \"bitmex\""), &hours(0, 20), &premiums);
    let stamps: Vec<i64> = paid.events.iter().map(|event| event.time.millis() / HOUR).collect();
    assert_eq!(stamps, [12, 20], "what is paid at 04:00 is for hours before the first row");
    near(paid.events[0].rate, (0.0 + 1.0 + 2.0 + 3.0 + 4.0) / 5.0 * 1e-3 - 5e-4);
    near(paid.events[1].rate, 8.5e-3 - 5e-4);
}

/// An interval without a row takes the last premium before it, and that is counted.
#[test]
fn a_hole_takes_the_last_premium_known() {
    let time: Vec<Timestamp> = hours(0, 3).into_iter().chain(hours(23, 24)).collect();
    let premiums = [0.0, 0.0, 0.0, 0.002, 0.001, 0.001];
    let paid = settlements(&*formula("funding = \"binance\""), &time, &premiums);
    assert_eq!((paid.events.len(), paid.n_carried), (4, 1));
    near(paid.events[2].rate, 0.002 - 5e-4);
}

/// No formula knows of a row after its stamp, and none pays where there is no premium and no interest.
#[test]
fn no_formula_looks_ahead() {
    for entry in FUNDING_FORMULAS {
        let formula = formula(entry.example);
        let market = unfunded(31, 200);
        let later = |perp: &Tradable| {
            let price = perp.price.iter().enumerate();
            let price = price.map(|(row, price)| if row > 120 { price * 1.3 } else { *price });
            Tradable { price: price.collect(), ..perp.clone() }
        };
        let funding = |market: Market| {
            let (market, notes) = funded_by(market, &*formula).unwrap();
            assert_eq!(notes.len(), 2, "{}", entry.name);
            market.tradables()[0].funding.clone().unwrap()
        };
        let forked = funding(changed(&market, later));
        let events = funding(market.clone());
        let known = |event: &&hedgerow_core::FundingEvent| event.time <= market.time()[120];
        let (a, b): (Vec<_>, Vec<_>) =
            (events.iter().filter(known).collect(), forked.iter().filter(known).collect());
        assert!(a == b && a.len() > 10, "{}", entry.name);
        assert_ne!(events, forked, "{}", entry.name);
        assert!(events.windows(2).all(|pair| pair[0].time < pair[1].time), "{}", entry.name);
    }
}

/// What longs pay by a formula, shorts receive; both perps of the market are paid in their own way.
#[test]
fn a_long_pays_what_a_short_receives() {
    let (market, _) = funded_by(unfunded(32, 300), &*formula("funding = \"deribit\"")).unwrap();
    for contract in [Contract::LinearPerp, Contract::InversePerp] {
        let track = linear_track(&market, 0, contract, &Costs::ZERO, FillAt::DecidingPrice);
        let track = track.unwrap();
        let Series::Rows(carry) = &track.carry else { panic!("{contract:?}") };
        let perp = market.tradable(0, contract).unwrap();
        let events = perp.funding.as_ref().unwrap();
        let spot = &market.assets()[0].spot;
        for (event, row) in events.iter().zip(1..) {
            let coins = if contract == Contract::InversePerp {
                event.rate / event.mark.unwrap() * spot[row]
            } else {
                event.rate * perp.price[row]
            };
            assert!((carry[row] + coins).abs() <= 1e-12 * coins.abs(), "{contract:?} row {row}");
        }
        assert!(carry.iter().any(|carry| *carry < 0.0) && carry.iter().any(|carry| *carry > 0.0));
    }
}

#[test]
fn what_a_formula_lacks_is_said() {
    let binance = formula("funding = \"binance\"");
    let refused = |market: Market| funded_by(market, &*binance).unwrap_err();
    assert_eq!(refused(market(33, 50)), FundingError::NotNeeded);
    let at_spot =
        changed(&unfunded(33, 50), |perp| Tradable { marked_at_spot: true, ..perp.clone() });
    assert!(refused(at_spot).to_string().starts_with("BTC perp is marked at spot"));
    let days = changed(&daily(&[100.0; 20]), |perp| Tradable {
        funding: None,
        marked_at_spot: false,
        ..perp.clone()
    });
    assert_eq!(refused(days), FundingError::Coarse { row_hours: 24, hours: 8 });
    for (line, expected) in [
        ("funding = { binance = { interval_hours = 5 } }", "expected a divisor of 24"),
        ("funding = { binance = { interval_hours = 0 } }", "expected a divisor of 24"),
        ("funding = { deribit = { damper_percent = -1 } }", "damper_percent is -1"),
        ("funding = { bitmex = { damper = 1 } }", "unknown field `damper`"),
    ] {
        let message = try_built(FUNDING_FORMULAS, line).unwrap_err();
        assert!(message.contains(expected), "{line}: {message}");
    }
}
