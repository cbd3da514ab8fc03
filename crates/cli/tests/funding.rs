//! Funding by a venue's formula, from the scenario to the result.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::fmt::Write as _;

use hedgerow_core::Timestamp;
use support::{Desk, run};

/// Hourly spot, and a perp that is dearer by turns, without a funding series.
fn with_premium(funding: &str) -> Desk {
    let start = Timestamp::parse("2025-01-01").unwrap().millis();
    let (mut spot, mut perp) = ("time,close\n".to_owned(), "time,close\n".to_owned());
    for hour in 1..=96_i32 {
        let time = Timestamp::from_millis(start + i64::from(hour) * 3_600_000);
        let close = 60_000.0 + 100.0 * f64::from(hour % 7);
        let premium = if hour <= 48 { 0.002 } else { -0.001 };
        writeln!(spot, "{time},{close}").unwrap();
        writeln!(perp, "{time},{}", close * (1.0 + premium)).unwrap();
    }
    let scenario = format!(
        r#"name = "funding"
[market]
{funding}
[[market.series]]
is = "spot"
asset = "BTC"
path = "spot.csv"
bar = "end"
[[market.series]]
is = "perp"
asset = "BTC"
path = "perp.csv"
bar = "end"
[[book]]
programme = "spot"
quantity = 2
[costs]
fill = "deciding_price"
[[strategy]]
name = "chosen"
[[strategy.leg]]
with = "perp"
when = {{ clock = {{ days = 30 }} }}
"#
    );
    let desk = Desk::new();
    desk.write("spot.csv", &spot).write("perp.csv", &perp).write("my.toml", &scenario);
    desk
}

/// A short perp of two coins receives what the formula makes of its premium, and pays where it is below the spot.
#[test]
fn funding_is_made_by_a_formula_where_the_data_have_none() {
    let desk = with_premium("funding = { binance = { interest_percent = 0.0 } }");
    let ran = run(&desk);
    // Six payments at 0.15 % and six at −0.05 % of two coins at the perp's prices, from 08:00 of the first day on.
    let expected = 6.0 * (0.0015 * 60_470.0 - 0.0005 * 60_190.0) * 2.0;
    let carry = ran.line("chosen", "carry");
    assert!((carry / expected - 1.0).abs() < 0.01, "{carry}, expected {expected}");
    assert!(ran.page.contains("BTC perp has no funding series"), "it is said");
    assert!(ran.page.contains("Binance&#x27;s formula") || ran.page.contains("Binance's formula"));
    let scenario = ran.summary["assumptions"]["Funding"].to_string();
    assert!(scenario.contains("interest 0 %, clamp 0.05 %"), "{scenario}");
    let bare = run(&with_premium("funding = \"deribit\"")).line("chosen", "carry");
    // Rates of 0.175 % and −0.075 % in eight hours, 47 hours each; the hour between them pays the mean.
    let expected = (47.0 * (0.001_75 - 0.000_75) + 0.5 * 0.001) / 8.0 * 2.0 * 60_300.0;
    assert!((bare / expected - 1.0).abs() < 0.01, "{bare}, expected {expected}");
}

#[test]
fn a_funding_formula_is_refused_at_its_place() {
    for (funding, message) in [
        (
            "funding = \"binanse\"",
            "my.toml: line 3, column 11: unknown funding `binanse`; known: none, binance, bitmex, deribit; did you mean `binance`?",
        ),
        (
            "funding = { binance = { clamp_percent = -1 } }",
            "my.toml: line 3, column 11: clamp_percent is -1, expected a number of at least 0",
        ),
        (
            "funding = { deribit = { damper = 1 } }",
            "my.toml: line 3, column 25: unknown field `damper`, expected `damper_percent` or `cap_percent`",
        ),
        (
            "funding = \"deribit\"\nperp = \"at_spot\"",
            "my.toml: line 3, column 11: `funding`: BTC inverse perp is marked at spot and has no premium",
        ),
    ] {
        let refusal = with_premium(funding).refused();
        assert!(refusal.starts_with(message), "{refusal}");
    }
    let desk = with_premium("funding = \"deribit\"");
    let text = std::fs::read_to_string(desk.path("my.toml")).unwrap();
    desk.write("my.toml", &text.replace("[[market.series]]\nis = \"perp\"\nasset = \"BTC\"\npath = \"perp.csv\"\nbar = \"end\"\n", "").replace("with = \"perp\"", "with = \"spot\""));
    let refusal = desk.refused();
    assert!(refusal.contains("no perpetual of the market lacks funding"), "{refusal}");
}
