//! What the page and the terminal say of a run: what a hedge cost, and what a reader must know of the figures.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::fmt::Write as _;

use hedgerow_core::Timestamp;
use serde_json::Value;
use support::{Desk, statistic};

/// Short straddles; calls bought against their vega, alone and with a perp that holds the other side of every delta.
const SCENARIO: &str = r#"name = "test"
[market]
source = "sample"
from = "2022-11-10"
to = "2023-03-31"
[vol]
model = "dvol"
[[book]]
programme = "straddle"
side = "short"
quantity = 10
tenor_days = 30
settlement = "usd"
[capital]
usd = 1_000_000
[bootstrap]
resamples = 100
[[strategy]]
name = "calls"
[[strategy.leg]]
with = { option = { programme = "call", tenor_days = 30, strike = { moneyness = 1.0 } } }
against = "vega"
when = "every_row"
[[strategy]]
name = "calls and perp"
[[strategy.leg]]
with = { option = { programme = "call", tenor_days = 30, strike = { moneyness = 1.0 } } }
against = "vega"
when = "every_row"
[[strategy.leg]]
with = "perp"
when = "every_row"
"#;

fn legs<'a>(summary: &'a Value, strategy: &str) -> &'a Vec<Value> {
    summary["strategies"][strategy]["legs"].as_array().unwrap()
}

fn line(leg: &Value, line: &str) -> f64 {
    leg["explained"][line]["value"].as_f64().unwrap()
}

/// P&L of a leg but for what its delta earned.
fn apart_from_delta(leg: &Value) -> f64 {
    let lines = leg["explained"].as_object().unwrap();
    lines.keys().filter(|key| *key != "delta").map(|key| line(leg, key)).sum()
}

/// Found by a reader: where a perp held the other side of an option leg's delta, the page called the option's directional loss
/// a cost of the hedge, five times what was paid.
#[test]
fn the_cost_of_a_hedge_holds_no_delta() {
    let desk = Desk::new();
    desk.write("my.toml", SCENARIO);
    let summary = desk.summary();
    let cost = |strategy: &str, key: &str| statistic(&summary, strategy, key);
    for strategy in ["calls", "calls and perp"] {
        let paid: f64 = legs(&summary, strategy).iter().map(apart_from_delta).sum();
        let total = cost(strategy, "cost_total");
        assert!((total + paid).abs() < 1e-6, "{strategy}: {total} and {paid}");
        let parts = ["fee", "spread", "slippage", "roll", "funding", "basis", "options"];
        let parts: f64 = parts.iter().map(|part| cost(strategy, &format!("cost_{part}"))).sum();
        assert!((total - parts).abs() < 1e-6, "{strategy}: {total} and {parts}");
        let calls = &legs(&summary, strategy)[0];
        let premium = cost(strategy, "cost_premium");
        assert!((premium + calls["price_pnl"].as_f64().unwrap()).abs() < 1e-6, "{premium}");
        let apart = cost(strategy, "cost_options") - line(calls, "delta");
        assert!((premium - apart).abs() < 1e-6, "{premium} and {apart}");
    }
    // The calls are the same, so a perp beside them costs what the perp pays, however far its delta moved.
    let perp = &legs(&summary, "calls and perp")[1];
    let more = cost("calls and perp", "cost_total") - cost("calls", "cost_total");
    assert!((more + apart_from_delta(perp)).abs() < 1e-6, "{more}");
    assert!(line(perp, "delta").abs() > 5.0 * more.abs(), "{} {more}", line(perp, "delta"));
}

/// The page says what premiums came to beside the cost, where there are premiums.
#[test]
fn premiums_stand_beside_the_cost() {
    let desk = Desk::new();
    desk.write("my.toml", SCENARIO);
    let output = desk.hedgerow(&["run", "my.toml", "--out", "out"]);
    let terminal = String::from_utf8(output.stdout).unwrap();
    assert!(terminal.contains("Premiums"), "{terminal}");
    let page = std::fs::read_to_string(desk.path("out/index.html")).unwrap();
    assert!(page.contains("Premiums less payoffs, USD"));
    assert!(page.contains("USD in all, payoffs less premiums)"), "the verdict says it");
    assert!(terminal.contains("Volatility"), "no word of a heading is broken: {terminal}");
    let list = String::from_utf8(desk.hedgerow(&["list"]).stdout).unwrap();
    assert!(list.contains("but for what their deltas earned"), "{list}");
}

/// Hours of a coin around `level`.
fn bars(level: f64, pace: f64) -> String {
    let start = Timestamp::parse("2025-03-01T08:00:00Z").unwrap().millis();
    let mut text = "time,close\n".to_owned();
    for hour in 1..=24_i32 * 12 {
        let close = level * (0.05 * (f64::from(hour) / pace).sin()).exp();
        let time = Timestamp::from_millis(start + i64::from(hour) * 3_600_000);
        writeln!(text, "{time},{close}").unwrap();
    }
    text
}

const TWO_COINS: &str = r#"name = "two coins"
[market]
perp = "at_spot"
funding = "none"
[[market.series]]
is = "spot"
asset = "BTC"
path = "btc.csv"
bar = "end"
[[market.series]]
is = "spot"
asset = "ETH"
path = "eth.csv"
bar = "end"
[vol]
model = { constant = { percent = 60 } }
[[book]]
programme = "straddle"
asset = "BTC"
side = "short"
quantity = 10
tenor_days = 5
[[book]]
programme = "ETH_LINE"
asset = "ETH"
quantity = 100
[capital]
usd = 1_000_000
[bootstrap]
resamples = 100
[[strategy]]
name = "first"
[[strategy.leg]]
with = "perp"
asset = "BTC"
when = "every_row"
[[strategy]]
name = "second"
[[strategy.leg]]
with = "perp"
asset = "BTC"
when = { delta_band = 0.5 }
"#;

fn two_coins(eth: &str) -> Desk {
    let desk = Desk::new();
    desk.write("btc.csv", &bars(60_000.0, 11.0)).write("eth.csv", &bars(2_000.0, 17.0));
    desk.write("my.toml", &TWO_COINS.replace("ETH_LINE", eth));
    desk
}

/// Found by a reader: the marks of the book were counted once for every asset of the market, with the same total.
#[test]
fn marks_are_counted_for_the_assets_that_have_options() {
    let marks =
        |summary: &Value| summary["assumptions"]["Option marks"].as_array().unwrap().clone();
    let spot = marks(&two_coins("spot").summary());
    assert_eq!(spot.len(), 1, "{spot:?}");
    assert!(spot[0].as_str().unwrap().starts_with("BTC: "), "{spot:?}");
    let both = two_coins("straddle\"\nexpiry = \"2025-03-06T08:00:00Z\"\nside = \"short").summary();
    let both = marks(&both);
    assert_eq!(both[0], spot[0]);
    assert!(both[1].as_str().unwrap().starts_with("ETH: "), "{both:?}");
    let count =
        |said: &Value| said.as_str().unwrap().rsplit("surface, ").next().unwrap().to_owned();
    assert_ne!(count(&both[0]), count(&both[1]));
}

/// Found by a reader: twenty strategies had forty lines "no interval: the history is too short" between table and assumptions.
#[test]
fn what_is_missing_everywhere_is_said_once() {
    let desk = two_coins("spot");
    desk.summary();
    let page = std::fs::read_to_string(desk.path("out/index.html")).unwrap();
    assert_eq!(page.matches("no interval: the history is too short").count(), 1);
    assert!(page.contains("hedged strategies: "));
}

/// Found by a reader: option legs were described by their line of the scenario.
#[test]
fn option_legs_are_said_in_words() {
    let desk = Desk::new();
    desk.write("my.toml", SCENARIO);
    let summary = desk.summary();
    let about = summary["strategies"]["calls"]["about"].as_str().unwrap();
    assert!(about.starts_with("BTC call (strike "), "{about}");
    assert!(about.contains("expires 30 days after opening"), "{about}");
    assert!(!about.contains("programme"), "{about}");
}

/// Found by a reader: rows before a ratio is known hold nothing and count as hedged, a different number for each ratio, in
/// silence.
#[test]
fn rows_before_a_ratio_is_known_are_said() {
    let desk = Desk::new();
    let scenario = r#"name = "test"
[market]
source = "sample"
from = "2020-02-01"
to = "2020-07-31"
[[book]]
programme = "spot"
quantity = 10
[capital]
usd = 1_000_000
[bootstrap]
resamples = 100
[[strategy]]
name = "ols"
[[strategy.leg]]
with = "perp"
when = "every_row"
ratio = { rolling_ols = { window_days = 60 } }
"#;
    desk.write("my.toml", scenario);
    let output = desk.hedgerow(&["run", "my.toml", "--out", "out"]);
    let terminal = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = "`ols`: how much to hedge is known from 2020-03-";
    assert!(terminal.contains(said), "{terminal}");
    let page = std::fs::read_to_string(desk.path("out/index.html")).unwrap();
    assert!(page.contains("nothing is hedged, and they are in every figure"));
    let summary: Value =
        serde_json::from_slice(&std::fs::read(desk.path("out/summary.json")).unwrap()).unwrap();
    let leg = &legs(&summary, "ols")[0];
    let before = leg["rows_unknown_before"].as_u64().unwrap();
    assert!((28..=32).contains(&before), "{before}");
    assert_eq!(leg["rows_unknown_later"], 0);
    assert!(page.contains(&format!("at the {before} of ")));
}
