//! Orders that rest at levels of the spot: from the scenario to the result, and what they refuse.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use hedgerow_core::Timestamp;
use serde_json::Value;
use support::Desk;

const RULE: &str = "when = { spot_move = { percent = 4 } }";

/// Leg lines and further sections, over bars of a file.
fn scenario(leg: &str, more: &str) -> String {
    format!(
        r#"name = "fills"
[market]
perp = "at_spot"
funding = "none"
[[market.series]]
is = "spot"
asset = "BTC"
path = "bars.csv"
bar = "end"
[vol]
model = {{ constant = {{ percent = 60 }} }}
[[book]]
programme = "straddle"
side = "short"
quantity = 10
tenor_days = 30
[capital]
usd = 1_000_000
{more}
[[strategy]]
name = "chosen"
[[strategy.leg]]
{leg}
"#
    )
}

/// Daily bars that wander: each opens near the close before it, and reaches some way beyond both.
fn bars() -> String {
    let (mut seed, mut close) = (7_u32, 40_000_u32);
    let mut draw = |most: u32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) % most
    };
    let mut text = "time,open,high,low,close\n".to_owned();
    for row in 0..150 {
        let day = Timestamp::parse("2024-01-01").unwrap().plus_days(row).date();
        let open = close - 150 + draw(300);
        close = (open - 1_500 + draw(3_000)).clamp(25_000, 60_000);
        let (high, low) = (open.max(close) + draw(900), open.min(close) - draw(900));
        text.push_str(&format!("{day},{open},{high},{low},{close}\n"));
    }
    text
}

fn written(scenario: &str) -> Desk {
    let desk = Desk::new();
    desk.write("bars.csv", &bars());
    desk.write("my.toml", scenario);
    desk
}

fn run(leg: &str) -> (Desk, Value) {
    let desk = written(&scenario(leg, ""));
    let summary = desk.summary();
    (desk, summary)
}

fn refused(leg: &str, more: &str) -> String {
    written(&scenario(leg, more)).refused()
}

fn resolved(desk: &Desk) -> String {
    let manifest = std::fs::read(desk.path("out/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    manifest["scenario"]["resolved"].as_str().unwrap().to_owned()
}

#[test]
fn orders_rest_are_said_explained_and_run_the_same_again() {
    let leg = |fill: &str| format!("with = \"perp\"\n{RULE}\n{fill}");
    let (desk, stops) = run(&leg("fill = \"stop\""));
    support::assert_explained(&stops, "chosen");
    let page = std::fs::read_to_string(desk.path("out/index.html")).unwrap();
    for said in [
        ": orders rest at levels of the spot that are known at the row before",
        "the one nearer to the open is filled; there is one fill a bar",
        "by resting orders",
    ] {
        assert!(page.contains(said), "{said}");
    }
    let text = resolved(&desk);
    assert!(text.contains("fill = \"stop\""), "{text}");
    let again = written(&text);
    let statistics = |summary: &Value| summary["strategies"]["chosen"]["statistics"].clone();
    assert_eq!(statistics(&again.summary()), statistics(&stops));
    let trades = |summary: &Value| support::statistic(summary, "chosen", "trades");
    let (_, opens) = run(&leg(""));
    assert!(trades(&stops) > 10.0 && trades(&opens) > 10.0);
    assert_ne!(statistics(&stops), statistics(&opens));
    let (_, typed) = run(&leg("fill = \"next_open\""));
    assert_eq!(statistics(&typed), statistics(&opens), "the default");
    let (_, closes) = run(&leg("fill = \"deciding_price\""));
    assert_ne!(statistics(&closes), statistics(&opens));
}

#[test]
fn what_cannot_rest_is_refused_with_its_place() {
    let stop = "fill = \"stop\"";
    let perp = format!("with = \"perp\"\n{stop}");
    let moves = format!("{RULE}\n{stop}");
    let of = "of = [\"perp\", \"spot\"]";
    let option =
        "{ option = { programme = \"put\", strike = { moneyness = 0.9 }, tenor_days = 30 } }";
    let margin = "[account]\nmargin = \"binance_tiers\"";
    let equity = "ratio = { cppi = { floor_percent = 80, multiple = 3 } }";
    for (leg, more, expected) in [
        (
            format!("{perp}\nwhen = \"every_row\""),
            "",
            "needs a rule that is triggered by a level of the spot",
        ),
        (
            format!(
                "{perp}\nwhen = {{ any = [{{ spot_move = {{ percent = 4 }} }}, \"every_row\"] }}"
            ),
            "",
            "needs a rule",
        ),
        (
            format!("with = \"perp\"\n{moves}\ndelay_rows = 1"),
            "",
            "remove `delay_rows` and `twap_rows`",
        ),
        (format!("with = \"perp\"\n{moves}\n{equity}"), "", "does not follow the account's equity"),
        (
            format!("with = \"perp\"\nagainst = \"portfolio\"\n{moves}"),
            "",
            "hedges the delta of the book in one asset",
        ),
        (
            format!(
                "with = {{ cheapest = {{ {of}, lookback_days = 7, horizon_days = 30 }} }}\n{moves}"
            ),
            "",
            "is for one instrument",
        ),
        (format!("with = {option}\nagainst = \"vega\"\n{moves}"), "", "is for spot and perpetuals"),
        (format!("with = \"perp\"\n{moves}"), margin, "is not known to margin models"),
    ] {
        let message = refused(&leg, more);
        assert!(message.contains("`fill = \"stop\"`") && message.contains(expected), "{message}");
        assert!(message.starts_with("my.toml:"), "{message}");
    }
    // Found by typing it: a stop that takes was charged a maker's fee, nothing.
    let costs = "[costs]\nvenue = \"deribit\"";
    for (leg, costs) in [
        ("liquidity = \"maker\"\n", costs.to_owned()),
        ("", format!("{costs}\nliquidity = \"maker\"")),
    ] {
        let message = refused(&format!("with = \"perp\"\n{leg}{RULE}\nfill = \"stop\""), &costs);
        let said = "when its level is reached it takes, and pays a taker's fee; say `liquidity = \"taker\"`";
        assert!(message.contains(said) && message.starts_with("my.toml:"), "{message}");
    }
    let message = refused(&format!("with = \"perp\"\n{RULE}"), "[costs]\nfill = \"stop\"");
    assert!(message.contains("orders rest leg by leg"), "{message}");
    let message = refused(&format!("with = \"perp\"\n{RULE}\nfill = \"limit\""), "");
    assert!(message.contains("unknown variant `limit`"), "{message}");
}

/// Prices without bars: closes alone say nothing of what was reached between them.
#[test]
fn a_series_of_closes_is_refused() {
    let desk = Desk::new();
    desk.write("spot.csv", &support::prices(60));
    desk.write(
        "my.toml",
        &format!(
            r#"name = "closes"
[market]
series = [{{ is = "spot", asset = "BTC", path = "spot.csv" }}]
[[book]]
programme = "spot"
quantity = 1
[[strategy]]
name = "chosen"
[[strategy.leg]]
with = "spot"
{RULE}
fill = "stop"
"#
        ),
    );
    let message = desk.refused();
    assert!(message.contains("the spot series of BTC has no open"), "{message}");
}

/// Hourly bitcoin through the crash of February 2026: a level of 2 % is reached within an hour, and the close is beyond it.
#[test]
fn orders_rest_through_a_real_crash() {
    let Some(data) = support::shared("binance-perp-1h-2026/1h_BTCUSDT.csv.gz") else { return };
    let series = |kind: &str| {
        format!(
            r#"
[[market.series]]
is = "{kind}"
asset = "BTC"
path = "{}"
bar = "start"
columns = {{ time = "timestamp", open = "open", high = "high", low = "low", close = "close" }}"#,
            data.display()
        )
    };
    let leg = |fill: &str| {
        format!(
            r#"
[[strategy]]
name = "{fill}"
[[strategy.leg]]
with = "perp"
when = {{ spot_move = {{ percent = 2 }} }}
fill = "{fill}""#
        )
    };
    let text = format!(
        r#"name = "crash"
[market]
from = "2026-01-15"
to = "2026-02-20"
funding = "none"{}{}
[vol]
model = {{ constant = {{ percent = 45 }} }}
[[book]]
programme = "straddle"
side = "short"
quantity = 10
tenor_days = 7
[capital]
usd = 1_000_000{}{}
"#,
        series("spot"),
        series("perp"),
        leg("stop"),
        leg("next_open")
    );
    let summary = written(&text).summary();
    support::assert_explained(&summary, "stop");
    support::assert_explained(&summary, "next_open");
    let of = |name: &str, key: &str| support::statistic(&summary, name, key);
    assert!(of("stop", "trades") > of("next_open", "trades") && of("next_open", "trades") > 30.0);
    assert!(of("stop", "variance_reduction_row") > 0.0);
}
