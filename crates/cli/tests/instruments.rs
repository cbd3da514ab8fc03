//! Dated futures, options against vega, other assets, baskets and choices of instruments, from the scenario to the result.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::fmt::Write as _;

use hedgerow_core::Timestamp;
use serde_json::Value;
use support::{Desk, line, statistic};

fn day(days: i64) -> Timestamp {
    Timestamp::parse("2025-01-03T08:00:00Z").unwrap().plus_days(days)
}

const DAYS: i64 = 120;

fn wave(days: i64, pace: f64) -> f64 {
    (f64::from(i32::try_from(days).unwrap()) / pace).sin()
}

fn btc(days: i64) -> f64 {
    60_000.0 * (0.1 * wave(days, 7.0) + 0.02 * wave(days * days, 3.0)).exp()
}

/// Moves one and a half times as far as bitcoin, and a little by itself.
fn eth(days: i64) -> f64 {
    3_000.0 * ((btc(days) / 60_000.0).ln() * 1.5 + 0.01 * wave(days * days * 3, 2.0)).exp()
}

fn prices(price: fn(i64) -> f64) -> String {
    let mut text = "time,close\n".to_owned();
    for days in 0..=DAYS {
        writeln!(text, "{},{}", day(days), price(days)).unwrap();
    }
    text
}

/// Two quarterly contracts at a basis of 12 % a year.
fn futures() -> String {
    let mut text = "time,instrument,close\n".to_owned();
    for (name, expiry) in [("BTC-28MAR25", 84), ("BTC-27JUN25", 175)] {
        for days in 0..=DAYS.min(expiry) {
            let left = f64::from(i32::try_from(expiry - days).unwrap()) / 365.0;
            writeln!(text, "{},{name},{}", day(days), btc(days) * (0.12 * left).exp()).unwrap();
        }
    }
    text
}

fn funding() -> String {
    let mut text = "time,rate\n".to_owned();
    for eighth in 1..=3 * DAYS {
        let time = Timestamp::from_millis(day(0).millis() + eighth * 8 * 3_600_000);
        let rate = if eighth < 150 { 0.0004 } else { -0.0004 } * (1.0 + 0.1 * wave(eighth, 1.7));
        writeln!(text, "{time},{rate}").unwrap();
    }
    text
}

fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("btc.csv", &prices(btc))
        .write("eth.csv", &prices(eth))
        .write("futures.csv", &futures())
        .write("funding.csv", &funding());
    desk
}

fn scenario(book: &str, legs: &str) -> String {
    format!(
        r#"name = "instruments"
[market]
perp = "at_spot"
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
[[market.series]]
is = "funding"
asset = "BTC"
path = "funding.csv"
[[market.series]]
is = "funding"
asset = "ETH"
path = "funding.csv"
[[market.series]]
is = "inverse_funding"
asset = "BTC"
path = "funding.csv"
[[market.series]]
is = "inverse_funding"
asset = "ETH"
path = "funding.csv"
[[market.series]]
is = "future"
asset = "BTC"
path = "futures.csv"
paid_in = "coin"
bar = "end"
[vol]
model = {{ constant = {{ percent = 60 }} }}
{book}
[capital]
usd = 1_000_000
[[strategy]]
name = "chosen"
{legs}
"#
    )
}

const BITCOIN: &str = "[[book]]\nprogramme = \"spot\"\nasset = \"BTC\"\nquantity = 10";
const ETHER: &str = "[[book]]\nprogramme = \"spot\"\nasset = \"ETH\"\nquantity = 200";
const STRADDLE: &str = "[[book]]\nprogramme = \"straddle\"\nasset = \"BTC\"\nside = \"short\"\nquantity = 10\ntenor_days = 30";

#[track_caller]
fn run(book: &str, legs: &str) -> (Value, String) {
    let desk = desk();
    desk.write("my.toml", &scenario(book, legs));
    let ran = support::run(&desk);
    (ran.summary, ran.page)
}

/// Short futures earn the basis of both contracts up to each roll, and pay for the roll on a line of its own.
#[test]
fn short_futures_earn_the_basis_and_pay_for_the_roll() {
    let legs = "[[strategy.leg]]\nasset = \"BTC\"\nwith = { future = { paid_in = \"coin\", roll_days = 7 } }\nwhen = \"every_row\"";
    let (summary, page) = run(BITCOIN, legs);
    // Ten coins at 12 % a year for 120 days.
    let basis = line(&summary, "chosen", "basis");
    let expected = 10.0 * 60_000.0 * 0.12 * 120.0 / 365.0;
    assert!((basis / expected - 1.0).abs() < 0.2, "{basis} and {expected}");
    let roll = line(&summary, "chosen", "roll");
    assert!(roll < -100.0 && roll > -2_000.0, "{roll}");
    assert!((statistic(&summary, "chosen", "cost_roll") + roll).abs() < 1e-6);
    assert!(statistic(&summary, "chosen", "variance_reduction_row") > 0.99);
    assert!(page.contains("BTC inverse future"), "its name is in the report");
}

#[test]
fn a_future_must_cover_the_run() {
    let desk = desk();
    let legs = "[[strategy.leg]]\nasset = \"BTC\"\nwith = { future = { paid_in = \"coin\", roll_days = 180 } }\nwhen = \"every_row\"";
    desk.write("my.toml", &scenario(BITCOIN, legs));
    let message = desk.refused();
    assert!(message.starts_with("my.toml: line 4"), "{message}");
    assert!(message.contains("there is no dated future on BTC to hold"), "{message}");
    assert!(message.contains("change `roll_days`"), "{message}");
    let usd = legs.replace("\"coin\"", "\"usd\"");
    desk.write("my.toml", &scenario(BITCOIN, &usd));
    assert!(desk.refused().contains("the market has no dated future on BTC that pays in USD"));
}

#[test]
fn options_against_vega_then_a_perp_against_delta() {
    let legs = r#"
[[strategy.leg]]
name = "vega"
asset = "BTC"
with = { option = { programme = "call", strike = { moneyness = 1.0 }, tenor_days = 60, roll_days = 30 } }
against = "vega"
when = { clock = { days = 1 } }
[[strategy.leg]]
name = "delta"
asset = "BTC"
with = "perp"
when = "every_row"
"#;
    let (summary, page) = run(STRADDLE, legs);
    assert!(page.contains("against vega"));
    let (with, without) = (line(&summary, "chosen", "gamma"), line(&summary, "unhedged", "gamma"));
    assert!(with.abs() < without.abs(), "the long calls take gamma off: {with} of {without}");
    let message = {
        let desk = desk();
        let legs = legs.replace("against = \"vega\"", "against = \"delta\"");
        desk.write("my.toml", &scenario(STRADDLE, &legs));
        desk.refused()
    };
    assert!(message.contains("an option leg takes `against = \"vega\"`"), "{message}");
}

/// A coin delta against the portfolio is written back; without it the resolved scenario would hedge another delta.
#[test]
fn the_delta_of_a_portfolio_leg_is_written_back() {
    let desk = desk();
    let legs = "[[strategy.leg]]\nasset = \"BTC\"\nwith = \"perp\"\nagainst = \"portfolio\"\ndelta = \"coin\"\nwhen = \"every_row\"";
    let coins = format!("{STRADDLE}\nsettlement = \"coin\"");
    desk.write("my.toml", &scenario(&coins, legs));
    let first = desk.summary();
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(desk.path("out/manifest.json")).unwrap()).unwrap();
    let resolved = manifest["scenario"]["resolved"].as_str().unwrap();
    assert!(resolved.contains("delta = \"coin\""), "{resolved}");
    std::fs::remove_dir_all(desk.path("out")).unwrap();
    desk.write("my.toml", resolved);
    let again = desk.summary();
    let statistics = |summary: &Value| summary["strategies"]["chosen"]["statistics"].clone();
    assert_eq!(statistics(&first), statistics(&again));
}

#[test]
fn ether_is_hedged_with_bitcoin() {
    let legs = r#"
[[strategy.leg]]
asset = "ETH"
with = { perp = { asset = "BTC" } }
ratio = { rolling_ols = { window_days = 30 } }
when = "every_row"
"#;
    let (summary, _) = run(ETHER, legs);
    // The ratio is known after thirty days; from then on it takes most of the variance.
    let reduction = statistic(&summary, "chosen", "variance_reduction_row");
    assert!(reduction > 0.5, "{reduction}");
}

#[test]
fn a_basket_hedges_both_with_one_joint_solve() {
    let both = format!("{BITCOIN}\n{ETHER}");
    let legs = r#"
[[strategy.leg]]
asset = "BTC"
with = { basket = { of = [{ perp = { asset = "BTC" } }, { perp = { asset = "ETH" } }], window_days = 30, refit_rows = 5, ridge = 0.0001 } }
against = "portfolio"
when = "every_row"
[[strategy]]
name = "one perp"
[[strategy.leg]]
asset = "BTC"
with = "perp"
against = "portfolio"
when = "every_row"
"#;
    let (summary, page) = run(&both, legs);
    let basket = statistic(&summary, "chosen", "variance_reduction_row");
    assert!(basket > 0.5, "{basket}");
    assert!(page.contains("BTC perp and ETH perp against the delta of all assets"), "{page}");
}

/// While longs pay, a short holds the perp; when shorts pay, it goes over to the future.
#[test]
fn the_cheapest_follows_funding_and_basis() {
    let legs = r#"
[[strategy.leg]]
asset = "BTC"
with = { cheapest = { of = ["perp", { future = { paid_in = "coin", roll_days = 7 } }], lookback_days = 7, horizon_days = 30 } }
when = "every_row"
"#;
    let (summary, page) = run(BITCOIN, legs);
    assert!(page.contains("held BTC perp at "), "the turns are in the report");
    // The perp at first, which is as cheap to enter and named first, while no week of funding is known; then the future.
    assert!(page.contains("before that the cheapest to enter was held, BTC perp"), "{page}");
    assert!(page.contains("; changed once"), "its changes are counted");
    let funding = line(&summary, "chosen", "carry");
    assert!(funding > 0.0, "it left before it paid much: {funding}");
}

/// Found: `against = "account"` was ignored where the instrument follows another asset, and the page said the opposite; and a leg
/// against the account took back what a cross hedge before it had sold.
#[test]
fn coins_that_a_cross_hedge_is_paid_are_hedged() {
    let cross = |against: &str| {
        format!(
            "[[strategy.leg]]\nasset = \"ETH\"\nwith = {{ inverse_perp = {{ asset = \"BTC\" }} }}\nagainst = \"{against}\"\nwhen = \"every_row\"\n"
        )
    };
    let coins = "[[strategy.leg]]\nname = \"coins\"\nasset = \"BTC\"\nwith = \"inverse_perp\"\nagainst = \"account\"\nwhen = \"every_row\"\n";
    let removed = |legs: &str| {
        let (summary, page) = run(ETHER, legs);
        (statistic(&summary, "chosen", "variance_reduction_row"), summary, page)
    };
    let (delta, summary, _) = removed(&cross("delta"));
    assert!(
        summary["assumptions"]["Account"].to_string().contains("legs hedge the book, not them")
    );
    let (account, summary, page) = removed(&cross("account"));
    assert!(
        page.contains("against delta and the account&#x27;s ETH, and one to one its BTC")
            || page.contains("against delta and the account's ETH, and one to one its BTC"),
        "{page}"
    );
    let said = summary["assumptions"]["Account"].to_string();
    assert!(
        said.contains("`chosen` (BTC, ETH) hedge it with the book, the coins in brackets"),
        "{said}"
    );
    let (two_legs, summary, _) = removed(&(cross("delta") + coins));
    let said = summary["assumptions"]["Account"].to_string();
    assert!(said.contains("`chosen` (BTC) hedge it"), "{said}");
    assert!((account - delta).abs() > 1e-6, "{account} and {delta}");
    assert!((account - two_legs).abs() < 0.01, "{account} and {two_legs}");
    assert!(two_legs > 0.3, "the second leg does not undo the first: {two_legs}");
}

/// A leg that would take back what a leg against the portfolio has hedged is refused.
#[test]
fn a_leg_of_one_asset_stands_before_one_of_all() {
    let desk = desk();
    let of_all = "[[strategy.leg]]\nasset = \"BTC\"\nwith = \"perp\"\nagainst = \"portfolio\"\nwhen = \"every_row\"\n";
    for against in ["delta", "account"] {
        let of_one = format!(
            "[[strategy.leg]]\nname = \"one\"\nasset = \"BTC\"\nwith = \"inverse_perp\"\nagainst = \"{against}\"\nwhen = \"every_row\"\n"
        );
        desk.write("my.toml", &scenario(ETHER, &format!("{of_all}{of_one}")));
        let message = desk.refused();
        assert!(message.contains("write it before that leg"), "{message}");
        assert!(message.starts_with("my.toml: line "), "{message}");
    }
}

/// Identical contracts: nothing is saved by changing, also when funding is first known, and the one that is cheaper to enter is held.
#[test]
fn the_cheapest_never_pays_for_nothing() {
    let fees = "[costs]\nperp_fee_bps = 49\ninverse_perp_fee_bps = 50\n[[strategy.leg]]\nasset = \"BTC\"\nwith = { cheapest = { of = [\"inverse_perp\", \"perp\"], lookback_days = 7, horizon_days = 5 } }\nwhen = { clock = { days = 300 } }";
    let (fees, leg) = fees.split_at(fees.find("[[strategy").unwrap());
    let text = scenario(BITCOIN, leg).replace("[capital]", &format!("{fees}[capital]"));
    let desk = desk();
    desk.write("my.toml", &text);
    let said = support::run(&desk).summary["assumptions"]["Legs"].to_string();
    assert!(said.contains("before that the cheapest to enter was held, BTC perp; "), "{said}");
    assert!(said.contains("never changed"), "{said}");
}

/// Found: a rule that never asks traded nothing, without a word; and a clock finer than the rows was one of every row.
#[test]
fn rules_that_do_nothing_are_told() {
    let leg =
        |when: &str| format!("[[strategy.leg]]\nasset = \"BTC\"\nwith = \"perp\"\nwhen = {when}");
    let (summary, page) = run(BITCOIN, &leg("{ not = \"every_row\" }"));
    let said = summary["assumptions"]["Legs"].to_string();
    assert!(said.contains("`chosen`, hedge: never traded"), "{said}");
    assert!(page.contains("never traded"));
    let (summary, _) = run(BITCOIN, &leg("{ clock = { hours = 1.5 } }"));
    let said = summary["assumptions"]["Legs"].to_string();
    assert!(said.contains("`clock` asks at every row"), "{said}");
    let (summary, _) = run(BITCOIN, &leg("{ clock = { days = 2 } }"));
    assert!(!summary["assumptions"].to_string().contains("asks at every row"));
}

/// The risk aversion that a cap comes to is in the strategy's text, and rules are said in words.
#[test]
fn the_risk_aversion_of_a_cap_is_on_the_page() {
    let leg = "[[strategy.leg]]\nasset = \"BTC\"\nwith = \"perp\"\nwhen = { whalley_wilmott = { delta_cap = { coins = 0.5, quantity = 10, tenor_days = 30, vol_percent = 60 } } }";
    let (summary, page) = run(STRADDLE, leg);
    let about = summary["strategies"]["chosen"]["about"].as_str().unwrap();
    assert!(about.contains("when whalley wilmott (delta cap (coins 0.5, "), "{about}");
    assert!(about.contains(" (a risk aversion of "), "{about}");
    assert!(page.contains(" per USD"));
    assert!(summary["assumptions"]["Legs"].to_string().contains("a risk aversion of "));
}

#[test]
fn a_wrong_against_is_told_all_there_are() {
    let desk = desk();
    let leg = "[[strategy.leg]]\nasset = \"BTC\"\nwith = \"perp\"\nagainst = \"acount\"\nwhen = \"every_row\"";
    desk.write("my.toml", &scenario(BITCOIN, leg));
    let message = desk.refused();
    assert!(message.contains("`\"delta\"`, `\"account\"`, `\"vega\"`"), "{message}");
}

/// Book, leg, and what the message says.
const SENSELESS: &[(&str, &str, &str)] = &[
    (
        BITCOIN,
        "with = \"perp\"\nagainst = \"vega\"\nwhen = \"every_row\"",
        "have no vega and no gamma",
    ),
    (
        BITCOIN,
        "with = { cheapest = { of = [\"perp\"], lookback_days = 7, horizon_days = 30 } }\nwhen = \"every_row\"",
        "expected at least two",
    ),
    (
        BITCOIN,
        "with = { cheapest = { of = [\"perp\", \"perp\"], lookback_days = 7, horizon_days = 30 } }\nwhen = \"every_row\"",
        "twice",
    ),
    (
        BITCOIN,
        "with = { basket = { of = [\"perp\"], window_days = 30 } }\nwhen = \"every_row\"",
        "a basket hedges the whole book",
    ),
    (
        BITCOIN,
        "with = { basket = { of = [\"perp\"], window_days = 3000 } }\nagainst = \"portfolio\"\nwhen = \"every_row\"",
        "never known in this period",
    ),
    (
        BITCOIN,
        "with = { future = { paid_in = \"gold\", roll_days = 7 } }\nwhen = \"every_row\"",
        "unknown variant `gold`",
    ),
    (
        BITCOIN,
        "with = { future = { paid_in = \"coin\", roll_days = -1 } }\nwhen = \"every_row\"",
        "`roll_days` is -1",
    ),
    (
        BITCOIN,
        "with = { perp = { asset = \"DOGE\" } }\nwhen = \"every_row\"",
        "unknown asset `DOGE`",
    ),
    (
        ETHER,
        "with = { option = { programme = \"call\", strike = { moneyness = 1.0 }, tenor_days = 60 } }\nagainst = \"vega\"\nwhen = \"every_row\"",
        "the book has no vega",
    ),
    (
        BITCOIN,
        "with = \"perp\"\nagainst = \"portfolio\"\nratio = { rolling_ols = { window_days = 30 } }\nwhen = \"every_row\"",
        "knows nothing of the others",
    ),
    (
        BITCOIN,
        "with = \"perp\"\nliquidity = \"maker\"\nwhen = \"every_row\"",
        "[costs] names no `venue`",
    ),
    (
        BITCOIN,
        "with = { option = { programme = \"call\", strike = { moneyness = 1.0 }, tenor_days = 60 } }\nagainst = \"vega\"\nwhen = { any = [{ clock = { days = 7 } }, { gamma_band = { percent = 2 } }] }",
        "a leg against anything else takes `delta_band`",
    ),
    (
        BITCOIN,
        "with = \"inverse_perp\"\nagainst = \"account\"\ndelta = \"coin\"\nwhen = \"every_row\"",
        "remove one of the two",
    ),
    (
        BITCOIN,
        "with = \"perp\"\nagainst = { size = -0.5 }\nto = { place = \"centre\", bias = 0.5 }",
        "no target that `bias` could move",
    ),
    (
        BITCOIN,
        "with = { option = { programme = \"call\", strike = { moneyness = 1.0 }, tenor_days = 60 } }\nagainst = \"account\"\nwhen = \"every_row\"",
        "an option leg takes",
    ),
];

#[test]
fn what_makes_no_sense_is_refused_with_its_place() {
    for (book, leg, expected) in SENSELESS {
        let desk = desk();
        let legs = format!("[[strategy.leg]]\nasset = \"BTC\"\n{leg}");
        desk.write("my.toml", &scenario(book, &legs));
        let message = desk.refused();
        assert!(message.contains(expected), "{leg}: {message}");
        assert!(message.starts_with("my.toml: line "), "{message}");
    }
}
