//! What margin models ask of a book's options, against the formulas typed out.
#![allow(clippy::unwrap_used, clippy::float_cmp, reason = "tests")]

mod common;

use common::*;
use hedgerow_core::{
    Market, OptionMargin, OptionMarginAsk, OptionMarginAt, Shock, ShortOptionRates, VolShock,
};
use hedgerow_greeks::{
    BookLine, MarginOfOptions, OptionKind, Terms, VolMarks, black_scholes, option_margin, value,
};

const RATES: ShortOptionRates =
    ShortOptionRates { initial: 0.15, least_initial: 0.10, maintenance: 0.075 };
const UP: VolShock = VolShock { range: 0.5, least_vol: 0.5, short_power: 0.30, long_power: 0.13 };
const RATE: f64 = 0.04;
const ROWS: usize = 400;

fn ask() -> OptionMarginAsk {
    let shock = |price, vol| Shock { price, vol };
    let down = VolShock { range: -0.25, least_vol: 0.0, ..UP };
    let mut shocks = vec![shock(0.0, None), shock(-0.16, Some(UP)), shock(0.16, Some(down))];
    // More than fit into one block of the kernel.
    shocks.extend((1..=90).map(|step| shock(0.05 * f64::from(step), Some(UP))));
    OptionMarginAsk { short: Some(RATES), shocks }
}

fn margin(
    market: &Market,
    vols: &[VolMarks],
    book: &[BookLine],
    of: MarginOfOptions,
) -> OptionMargin {
    let ask = ask();
    option_margin(market, vols, book, RATE, (&ask, of)).unwrap().swap_remove(0).unwrap()
}

const STRADDLE: &str =
    r#"programme = "straddle", side = "short", quantity = 3, tenor_days = 5, settlement = "coin""#;

/// Law: the value of the options is that of the book, whatever they are settled in.
#[test]
fn values_are_those_of_the_book() {
    let market = market(7, ROWS);
    let vols = vols("model = \"dvol\"", &market);
    for settlement in ["usd", "coin"] {
        let line = line(&STRADDLE.replace("coin", settlement), &market).unwrap();
        let book = [line];
        let exposure = value(&market, &vols, &book, RATE).unwrap().exposure;
        let margin = margin(&market, &vols, &book, MarginOfOptions::Book);
        for row in 0..ROWS {
            let found = margin.at_mark.value(row, market.assets()[0].spot[row]);
            assert_close(found, exposure.value[row], 1e-12);
            assert_eq!(margin.at_mark.shocked[0][row], 0.0, "a shock of nothing");
        }
    }
}

/// A short call that was opened at row 0, out of the formulas, at the mark, at the high and the low, and under a shock.
#[test]
fn one_call_sold_by_hand() {
    let market = market(3, ROWS);
    let vols = vols("model = { constant = { percent = 40 } }", &market);
    let strike = 41_000.0;
    let typed = r#"programme = "call", side = "short", quantity = 2, strike = { usd = 41000 }, expiry = "2024-01-19T08:00:00Z""#;
    let book = [line(typed, &market).unwrap()];
    let margin = margin(&market, &vols, &book, MarginOfOptions::Book);
    let expiry = hedgerow_core::Timestamp::parse("2024-01-19T08:00:00Z").unwrap();
    let price = |spot: f64, vol: f64, years: f64| {
        let terms = Terms { spot, strike, years, vol, rate: RATE, carry: RATE };
        black_scholes(OptionKind::Call, terms).value
    };
    let check = |at: &OptionMarginAt, row: usize, spot: f64, known: usize| {
        let years = expiry.years_since(market.time()[known]);
        let mark = price(spot, 0.4, years);
        assert_close(at.usd_value[row], -2.0 * mark, 1e-12);
        let forward = spot * (RATE * years).exp();
        let out = (strike - forward).max(0.0) / forward;
        let initial = (0.15 - out).max(0.10) + mark / spot;
        assert_close(at.initial[row], 2.0 * initial * spot, 1e-12);
        assert_close(at.maintenance[row], 2.0 * (0.075 + mark / spot) * spot, 1e-12);
        let days = years * 365.0;
        let power = if days < 30.0 { 0.30 } else { 0.13 };
        let vol = 0.5 * (1.0 + 0.5 * (30.0 / days).powf(power));
        let lost = -2.0 * (price(0.84 * spot, vol, years) - mark);
        assert_close(at.shocked[1][row], lost, 1e-9);
        let last = -2.0 * (price(5.5 * spot, vol, years) - mark);
        assert_close(at.shocked[92][row], last, 1e-12);
        assert_eq!((at.gross[row], at.sold[row]), (2.0, 2.0));
    };
    let asset = &market.assets()[0];
    for row in [0, 150, 300] {
        check(&margin.at_mark, row, asset.spot[row], row);
    }
    for row in [1, 150, 300] {
        check(margin.at_high.as_ref().unwrap(), row, asset.high.as_ref().unwrap()[row], row - 1);
        check(margin.at_low.as_ref().unwrap(), row, asset.low.as_ref().unwrap()[row], row - 1);
    }
    assert_eq!(margin.at_high.unwrap().gross[0], 0.0, "nothing is held into the first row");
}

/// A unit is worth what one bought is worth, and asks what one sold asks.
#[test]
fn a_unit_asks_what_one_sold_asks() {
    let market = market(3, ROWS);
    let vols = vols("model = \"dvol\"", &market);
    let of = |side: &str, of: MarginOfOptions| {
        let typed = format!(
            r#"programme = "put", side = "{side}", quantity = 1, strike = {{ delta = 0.25 }}, tenor_days = 7"#
        );
        margin(&market, &vols, &[line(&typed, &market).unwrap()], of)
    };
    let unit = of("long", MarginOfOptions::Unit);
    let (long, short) = (of("long", MarginOfOptions::Book), of("short", MarginOfOptions::Book));
    for (unit, long, short) in [
        (&unit.at_mark, &long.at_mark, &short.at_mark),
        (
            unit.at_low.as_ref().unwrap(),
            long.at_low.as_ref().unwrap(),
            short.at_low.as_ref().unwrap(),
        ),
    ] {
        assert_eq!(unit.usd_value, long.usd_value);
        assert_eq!(unit.shocked, long.shocked);
        assert_eq!(unit.initial, short.initial);
        assert_eq!(unit.maintenance, short.maintenance);
        assert_eq!(unit.sold, short.sold);
        assert!(long.initial.iter().chain(&long.sold).all(|number| *number == 0.0));
        assert!(short.maintenance[1..].iter().all(|number| *number > 0.0));
    }
}

/// Law: columns at a row do not depend on later rows, nor on what else is in the book.
#[test]
fn margins_add_up_and_know_no_future() {
    let whole = market(9, ROWS);
    let vols_of = |market: &Market| vols("model = \"dvol\"", market);
    let book = |market: &Market| {
        [
            line(STRADDLE, market).unwrap(),
            line(r#"programme = "call", side = "long", quantity = 5, strike = { delta = 0.1 }, tenor_days = 9, roll_days = 4"#, market).unwrap(),
        ]
    };
    let margin_of = |market: &Market, book: &[BookLine]| {
        margin(market, &vols_of(market), book, MarginOfOptions::Book)
    };
    let lines = book(&whole);
    let all = margin_of(&whole, &lines);
    let (one, two) = (margin_of(&whole, &lines[..1]), margin_of(&whole, &lines[1..]));
    for row in 0..ROWS {
        let sum = one.at_mark.shocked[1][row] + two.at_mark.shocked[1][row];
        assert!((all.at_mark.shocked[1][row] - sum).abs() < 1e-9);
        assert!((all.at_mark.gross[row] - 11.0).abs() < 1e-12);
        assert!((all.at_mark.sold[row] - 6.0).abs() < 1e-12);
    }
    let part = whole.slice(0..250);
    let part = margin_of(&part, &book(&part));
    assert_eq!(part.at_mark.initial, all.at_mark.initial[..250]);
    assert_eq!(part.at_low.unwrap().shocked[2], all.at_low.unwrap().shocked[2][..250]);
}
