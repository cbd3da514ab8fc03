//! Fees by venue and date, spreads by vol, impact, late and sliced fills: from the scenario to the result.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use serde_json::Value;
use support::Desk;

fn scenario(costs: &str, leg: &str) -> String {
    format!(
        r#"name = "costs"
[market]
source = "sample"
from = "2023-11-01"
to = "2024-03-01"
[vol]
model = "dvol"
[[book]]
programme = "straddle"
side = "short"
quantity = 10
tenor_days = 30
[capital]
usd = 1_000_000
[costs]
half_spread_bps = 0
slippage_bps = 0
{costs}
[[strategy]]
name = "chosen"
[[strategy.leg]]
with = "perp"
when = "every_row"
{leg}
"#
    )
}

fn run(costs: &str, leg: &str) -> (Value, String) {
    let desk = Desk::new();
    desk.write("my.toml", &scenario(costs, leg));
    let summary = desk.summary();
    (summary, std::fs::read_to_string(desk.path("out/index.html")).unwrap())
}

fn refused(costs: &str, leg: &str) -> String {
    let desk = Desk::new();
    desk.write("my.toml", &scenario(costs, leg));
    desk.refused()
}

fn statistic(summary: &Value, key: &str) -> f64 {
    support::statistic(summary, "chosen", key)
}

/// 7.5 bp until the end of 2023 and 5 bp after: between the two for the whole, and neither.
#[test]
fn a_venue_charges_each_date_its_own_fee() {
    let (dated, page) = run("venue = \"deribit\"", "");
    let turnover = statistic(&dated, "turnover");
    let rate = statistic(&dated, "cost_fee") / turnover * 1e4;
    assert!(rate > 5.1 && rate < 7.4, "{rate}");
    for said in [
        "perps 7.5 bp",
        "From 2024-01-01T00:00:00Z: spot 0 bp, perps 5 bp",
        "options 4 bp",
        "options 3 bp",
    ] {
        assert!(page.contains(said), "{said}");
    }
    let (typed, _) = run("venue = \"deribit\"\nperp_fee_bps = 1", "");
    let rate = statistic(&typed, "cost_fee") / statistic(&typed, "turnover") * 1e4;
    assert!((rate - 1.0).abs() < 1e-9, "what is typed wins: {rate}");
}

#[test]
fn makers_get_the_rebate() {
    let (maker, page) = run("venue = \"deribit\"", "liquidity = \"maker\"");
    // -2.5 bp in 2023, nothing in 2024.
    assert!(statistic(&maker, "cost_fee") < 0.0);
    assert!(page.contains("trades as a maker"));
}

#[test]
fn an_unknown_fee_is_refused_and_can_be_given() {
    let message = refused("venue = \"binance\"", "");
    assert!(message.contains("`option_fee_bps` of binance is not known at any date"), "{message}");
    let message = refused("venue = \"okx\"", "");
    assert!(message.contains("of okx is not known before 2024-01-01"), "{message}");
    let given = "venue = \"binance\"\noption_fee_bps = 3\noption_delivery_bps = 1.5\noption_fee_cap_percent = 10";
    let (summary, _) = run(given, "");
    assert!(statistic(&summary, "cost_fee") > 0.0);
    assert!(
        refused("venue = \"ftx\"", "")
            .contains("unknown venue `ftx`; known: binance, bybit, deribit, okx")
    );
}

/// Coins with puts: nobody asked for a perp, whose fee OKX does not say before 2024.
#[test]
fn what_is_always_compared_is_left_out_where_its_fee_is_unknown() {
    let desk = Desk::new();
    let options = "option_fee_bps = 3\noption_delivery_bps = 2\noption_fee_cap_percent = 12.5";
    let put = |venue: &str| {
        scenario(venue, "")
            .replace("programme = \"straddle\"\nside = \"short\"\nquantity = 10\ntenor_days = 30", "programme = \"spot\"\nquantity = 10")
            .replace("with = \"perp\"\nwhen = \"every_row\"", "with = { option = { programme = \"put\", strike = { moneyness = 0.9 }, tenor_days = 30 } }\nagainst = { size = 1.0 }")
    };
    desk.write("my.toml", &put(&format!("venue = \"okx\"\n{options}")));
    let summary = desk.summary();
    let names: Vec<&String> = summary["strategies"].as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let known = Desk::new();
    known.write("my.toml", &put(&format!("venue = \"okx\"\nperp_fee_bps = 5\n{options}")));
    assert_eq!(known.summary()["strategies"].as_object().unwrap().len(), 3);
}

#[test]
fn spreads_follow_the_vol_and_impact_the_size() {
    let costs = |line: &str| scenario(line, "").replace("half_spread_bps = 0\n", "");
    let summary = |text: String| {
        let desk = Desk::new();
        desk.write("my.toml", &text);
        desk.summary()
    };
    let by_vol = summary(costs("half_spread_bps = { bps = 2, at_vol_percent = 50 }"));
    let double = summary(costs("half_spread_bps = { bps = 4, at_vol_percent = 50 }"));
    let spread = statistic(&by_vol, "cost_spread");
    assert!(spread > 0.0 && (statistic(&double, "cost_spread") / spread - 2.0).abs() < 1e-9);
    let rate = spread / statistic(&by_vol, "turnover") * 1e4;
    assert!(rate > 0.8 && rate < 3.0, "bitcoin's vol was between 25 and 60 %: {rate}");
    let impact = |volume: &str| {
        let line = format!("impact = {{ coefficient = 1, daily_volume_usd = {volume} }}");
        statistic(&run(&line, "").0, "cost_slippage")
    };
    let (thin, deep) = (impact("1e8"), impact("4e8"));
    assert!(deep > 0.0 && (thin / deep - 2.0).abs() < 1e-9, "by the square root: {thin} {deep}");
    assert!(
        refused("impact = { coefficient = 0, daily_volume_usd = 1e9 }", "")
            .contains("`coefficient` is 0")
    );
    let early = "half_spread_bps = { bps = 2, at_vol_percent = 50, window_days = 4000 }";
    let desk = Desk::new();
    desk.write("my.toml", &costs(early));
    assert!(desk.refused().contains("shorten `window_days`"));
}

#[test]
fn late_and_sliced_fills_are_worse_hedges_and_said() {
    let variance = |summary: &Value| statistic(summary, "variance_reduction_row");
    let (now, _) = run("", "");
    let (late, page) = run("delay_rows = 1", "");
    assert!(variance(&late) < variance(&now), "a day late hedges worse");
    assert!(page.contains("Decisions are filled, 1 rows later than they would be"));
    let (sliced, page) = run("", "twap_rows = 3");
    assert!(variance(&sliced) < variance(&now));
    assert!(page.contains("in 3 equal slices over as many rows"));
    let (same, _) = run("delay_rows = 0\ntwap_rows = 1", "");
    assert_eq!(
        now["strategies"]["chosen"]["statistics"],
        same["strategies"]["chosen"]["statistics"]
    );
    assert!(refused("twap_rows = 0", "").contains("`twap_rows` is 0, expected 1 to 100000"));
}

/// The resolved scenario runs again to the same numbers.
#[test]
fn what_was_resolved_runs_the_same_again() {
    let desk = Desk::new();
    let costs = "venue = \"deribit\"\nperp_fee_bps = 6\nimpact = { coefficient = 1, daily_volume_usd = 1e9 }\ndelay_rows = 1";
    desk.write("my.toml", &scenario(costs, "liquidity = \"maker\"\ntwap_rows = 2"));
    let first = desk.summary();
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(desk.path("out/manifest.json")).unwrap()).unwrap();
    let again = Desk::new();
    again.write("my.toml", manifest["scenario"]["resolved"].as_str().unwrap());
    let second = again.summary();
    assert_eq!(
        first["strategies"]["chosen"]["statistics"],
        second["strategies"]["chosen"]["statistics"]
    );
}
