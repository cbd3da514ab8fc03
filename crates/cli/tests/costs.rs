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

/// The same scenario over another period, at a vol that is known at all dates.
fn over(from: &str, to: &str, costs: &str, leg: &str) -> Desk {
    let desk = Desk::new();
    let text = scenario(costs, leg).replace("2023-11-01", from).replace("2024-03-01", to);
    desk.write("my.toml", &at_any_date(&text));
    desk
}

fn at_any_date(text: &str) -> String {
    text.replace("model = \"dvol\"", "model = { constant = { percent = 60 } }")
}

fn page(desk: &Desk) -> String {
    std::fs::read_to_string(desk.path("out/index.html")).unwrap()
}

/// Binance's takers paid 4 bp until 2023-10-31 and 5 bp after: between the two for the whole, and neither.
#[test]
fn a_venue_charges_each_date_its_own_fee() {
    let desk = over("2023-09-01", "2024-01-01", "venue = \"binance\"", "");
    let dated = desk.summary();
    let rate = statistic(&dated, "cost_fee") / statistic(&dated, "turnover") * 1e4;
    assert!(rate > 4.1 && rate < 4.9, "{rate}");
    for said in [
        "perps 4 bp (inverse 4 bp)",
        "From 2023-09-26T00:00:00Z: spot 10 bp, perps 4 bp (inverse 5 bp)",
        "From 2023-10-31T00:00:00Z: spot 10 bp, perps 5 bp",
        "at most 10 % of the option",
        "those of spot, perps, inverse perps, futures, inverse futures are from memory",
    ] {
        assert!(page(&desk).contains(said), "{said}");
    }
    let (typed, _) = run("venue = \"deribit\"\nperp_fee_bps = 1", "");
    let rate = statistic(&typed, "cost_fee") / statistic(&typed, "turnover") * 1e4;
    assert!((rate - 1.0).abs() < 1e-9, "what is typed wins: {rate}");
    let (general, _) =
        run("venue = \"binance\"\nperp_fee_bps = 1", "name = \"own\"\nliquidity = \"maker\"");
    let rate = statistic(&general, "cost_fee") / statistic(&general, "turnover") * 1e4;
    assert!((rate - 1.0).abs() < 1e-9, "for makers too: {rate}");
}

#[test]
fn makers_get_the_rebate() {
    let options = "option_fee_bps = 3\noption_delivery_bps = 2\noption_fee_cap_percent = 12.5\n";
    let costs = format!("venue = \"bybit\"\n{options}");
    let desk = over("2021-03-01", "2021-09-01", &costs, "liquidity = \"maker\"");
    // -2.5 bp.
    let maker = desk.summary();
    let rate = statistic(&maker, "cost_fee") / statistic(&maker, "turnover") * 1e4;
    assert!((rate + 2.5).abs() < 1e-9, "{rate}");
    assert!(page(&desk).contains("trades as a maker"));
}

#[test]
fn an_unknown_fee_is_refused_and_can_be_given() {
    let message = refused("venue = \"bybit\"", "");
    let said = "`option_fee_bps` of bybit is not known from 2023-01-01 to 2025-09-18";
    assert!(message.contains(said), "{message}");
    let message = refused("venue = \"okx\"", "");
    assert!(message.contains("of okx is not known before 2024-01-01"), "{message}");
    let message = over("2020-06-01", "2020-09-01", "venue = \"deribit\"", "").refused();
    assert!(message.contains("of deribit is not known from 2020-01-01 to 2021-01-01"), "{message}");
    let given = "venue = \"bybit\"\noption_fee_bps = 3\noption_delivery_bps = 1.5\noption_fee_cap_percent = 10";
    let (summary, _) = run(given, "");
    assert!(statistic(&summary, "cost_fee") > 0.0);
    assert!(
        refused("venue = \"ftx\"", "")
            .contains("unknown venue `ftx`; known: binance, bybit, deribit, okx")
    );
    assert!(refused("inverse_perp_fee_bps = -1", "").contains("`inverse_perp_fee_bps` is -1"));
}

/// A liquidation costs what the venue's table says, where the account does not.
#[test]
fn penalties_are_the_venues() {
    let run = |costs: &str, account: &str| {
        let desk = over("2023-11-01", "2024-03-01", costs, "");
        let text = std::fs::read_to_string(desk.path("my.toml")).unwrap();
        desk.write("my.toml", &text.replace("[costs]", &format!("[account]\n{account}\n[costs]")));
        desk.summary();
        let manifest: Value =
            serde_json::from_slice(&std::fs::read(desk.path("out/manifest.json")).unwrap())
                .unwrap();
        (page(&desk), manifest["scenario"]["resolved"].as_str().unwrap().to_owned())
    };
    let margin = "margin = \"deribit_standard\"";
    let (said, resolved) = run("venue = \"deribit\"", margin);
    let table = "a penalty of 70 bp of notional (the table of deribit), for options 16 bp of notional (the table of deribit), both at the prices at which they are closed; then the book is closed too";
    assert!(said.contains(table), "{said}");
    assert!(resolved.contains("liquidation = { then = \"stop\" }"), "{resolved}");
    let typed = "liquidation = { penalty_bps = 30, option_penalty_bps = 10, then = \"unhedged\" }";
    let (said, resolved) = run("venue = \"deribit\"", &format!("{margin}\n{typed}"));
    assert!(said.contains("a penalty of 30 bp of notional, for options 10 bp of notional, both at the prices at which they are closed; then"));
    assert!(
        resolved.contains("penalty_bps = 30.0, option_penalty_bps = 10.0, then = \"unhedged\"")
    );
    let (said, resolved) = run("venue = \"binance\"", margin);
    assert!(
        said.contains(
            "a penalty of 50 bp of notional, both at the prices at which they are closed; then"
        ),
        "not in its table"
    );
    assert!(resolved.contains("liquidation = { penalty_bps = 50.0, then = \"stop\" }"));
}

#[test]
fn the_list_says_every_rate_and_where_it_comes_from() {
    let output = Desk::new().hedgerow(&["list"]);
    let text = String::from_utf8(output.stdout).unwrap();
    for said in
        ["2019-04-01 to 2020-01-01", "-2.5 / 7.5 bp", "from memory", "deribit.com/pages/docs"]
    {
        assert!(text.contains(said), "{said}");
    }
}

/// Coins with puts: nobody asked for a perp, whose fee Deribit does not say in 2020.
#[test]
fn what_is_always_compared_is_left_out_where_its_fee_is_unknown() {
    let desk = Desk::new();
    let options = "option_fee_bps = 3\noption_delivery_bps = 2\noption_fee_cap_percent = 12.5";
    let put = |venue: &str| {
        at_any_date(&scenario(venue, ""))
            .replace("2023-11-01", "2020-06-01")
            .replace("2024-03-01", "2020-09-01")
            .replace("programme = \"straddle\"\nside = \"short\"\nquantity = 10\ntenor_days = 30", "programme = \"spot\"\nquantity = 10")
            .replace("with = \"perp\"\nwhen = \"every_row\"", "with = { option = { programme = \"put\", strike = { moneyness = 0.9 }, tenor_days = 30 } }\nagainst = { size = 1.0 }")
    };
    desk.write("my.toml", &put(&format!("venue = \"deribit\"\n{options}")));
    let summary = desk.summary();
    let names: Vec<&String> = summary["strategies"].as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let known = Desk::new();
    known.write("my.toml", &put(&format!("venue = \"deribit\"\nperp_fee_bps = 5\n{options}")));
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

fn summary_of(text: &str) -> (Value, String) {
    let desk = Desk::new();
    desk.write("my.toml", text);
    let summary = desk.summary();
    (summary, page(&desk))
}

/// Daily bars of bitcoin tell a spread far above the few basis points that it has, as the report's sentence lets one see.
#[test]
fn spreads_are_estimated_from_bars() {
    let costs = |line: &str| scenario(line, "").replace("half_spread_bps = 0\n", "");
    let from_bars = |by: &str| {
        let line = format!(
            "half_spread_bps = {{ from_bars = \"{by}\", negatives = \"zero_each\", window_days = 60 }}"
        );
        let (summary, page) = summary_of(&costs(&line));
        assert!(page.contains("bars of the 60 days before each row ("));
        statistic(&summary, "cost_spread") / statistic(&summary, "turnover") * 1e4
    };
    for (by, rate) in [
        ("corwin_schultz", from_bars("corwin_schultz")),
        ("abdi_ranaldo", from_bars("abdi_ranaldo")),
    ] {
        assert!(rate > 5.0 && rate < 100.0, "{by}: {rate} bp");
    }
    let lacking = "half_spread_bps = { from_bars = \"corwin_schultz\", window_days = 60 }";
    let desk = Desk::new();
    desk.write("my.toml", &costs(lacking));
    assert!(
        desk.refused()
            .contains("lacks `negatives`: \"zero_each\" takes each estimate below 0 as 0")
    );
    let early = "half_spread_bps = { from_bars = \"abdi_ranaldo\", negatives = \"zero_mean\", window_days = 4000 }";
    desk.write("my.toml", &costs(early));
    assert!(
        desk.refused().contains("a spread from bars needs 4000 days of them before the period")
    );
}

/// A coin hedged with spot at a ratio that changes, over rows 10 to 59 of the `series` of files.
fn on_files(series: &str, costs: &str, fill: &str) -> String {
    format!(
        r#"name = "recorded"
[market]
from = "2024-01-11"
{series}
[[book]]
programme = "spot"
quantity = 1
[costs]
{costs}
[[strategy]]
name = "chosen"
[[strategy.leg]]
with = "spot"
ratio = {{ vol_target = {{ vol_percent = 10, window_days = 5 }} }}
when = "every_row"
{fill}
"#
    )
}

/// A half-spread at each of sixty days.
fn half_spreads(bps: u32) -> String {
    let days = support::prices(60);
    let days = days.lines().skip(1).map(|line| line.split(',').next().unwrap());
    days.fold("time,half_spread_bps\n".to_owned(), |all, day| format!("{all}{day},{bps}\n"))
}

/// The half-spread is 3 bp.
#[test]
fn a_recorded_half_spread_is_charged() {
    let spot = "[[market.series]]\nis = \"spot\"\nasset = \"BTC\"\npath = \"spot.csv\"\n";
    let text = |costs: &str, more: &str| on_files(&format!("{spot}{more}"), costs, "");
    let series = "[[market.series]]\nis = \"half_spread\"\nasset = \"BTC\"\npath = \"spread.csv\"";
    let desk = Desk::new();
    desk.write("spot.csv", &support::prices(60));
    let spreads = half_spreads(3);
    desk.write("spread.csv", &spreads);
    desk.write("my.toml", &text("half_spread_bps = \"series\"", series));
    let summary = desk.summary();
    let rate = statistic(&summary, "cost_spread") / statistic(&summary, "turnover") * 1e4;
    assert!((rate - 3.0).abs() < 1e-9, "{rate}");
    assert!(page(&desk).contains("series, as the row before knows it, and slippage"));
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(desk.path("out/manifest.json")).unwrap()).unwrap();
    let resolved = manifest["scenario"]["resolved"].as_str().unwrap();
    assert!(resolved.contains("half_spread_bps = \"series\""), "{resolved}");
    let other = Desk::new();
    other.write("spot.csv", &support::prices(60));
    other.write("my.toml", &text("half_spread_bps = \"series\"", ""));
    assert!(
        other.refused().contains("the market has no half-spread of BTC; add a [[market.series]]")
    );
    other.write("my.toml", &text("half_spread_bps = \"often\"", ""));
    assert!(other.refused().contains("`half_spread_bps` is a number, a table or `\"series\"`"));
    other.write("spread.csv", &spreads.replacen(",3\n", ",-3\n", 1));
    other.write("my.toml", &text("half_spread_bps = \"series\"", series));
    assert!(other.refused().contains("bps from 0 to 10000"));
}

/// Impact of an instrument whose volume nobody said is refused, not left out.
#[test]
fn impact_needs_the_volume_of_what_is_traded() {
    let impact =
        |more: &str| format!("impact = {{ coefficient = 1, daily_volume_usd = 1e9{more} }}");
    let declared = "source = \"sample\"\nfutures = { carry_percent = 8 }";
    let future = |more: &str| {
        let leg = "with = { future = { paid_in = \"usd\", roll_days = 7 } }";
        scenario(&impact(more), "")
            .replace("source = \"sample\"", declared)
            .replace("with = \"perp\"", leg)
    };
    let refused = |text: &str| {
        let desk = Desk::new();
        desk.write("my.toml", text);
        desk.refused()
    };
    let message = refused(&future(""));
    assert!(message.contains("the volume of dated futures is not known"), "{message}");
    assert!(message.contains("give `future_daily_volume_usd`"), "{message}");
    let roll = |volume: &str| {
        let (summary, page) = summary_of(&future(&format!(", future_daily_volume_usd = {volume}")));
        support::assert_explained(&summary, "chosen");
        assert!(page.contains("for dated futures, at their rolls too"));
        -support::line(&summary, "chosen", "roll")
    };
    assert!(roll("1e6") > roll("1e8") * 1.01);
    let option = |more: &str| {
        let leg = "with = { option = { programme = \"call\", strike = { moneyness = 1.1 }, tenor_days = 30 } }\nagainst = \"vega\"";
        scenario(&impact(more), "").replace("with = \"perp\"", leg)
    };
    assert!(refused(&option("")).contains("the volume of options is not known"));
    let half = refused(&option(", option_daily_volume_usd = 1e8"));
    assert!(half.contains("go together: give both or neither"), "{half}");
    let slippage = |volume: &str| {
        let more = format!(", option_daily_volume_usd = {volume}, option_vol_points_a_day = 3");
        let (summary, page) = summary_of(&option(&more));
        assert!(page.contains("moves its implied vol by 1 times 3 vol points"));
        statistic(&summary, "cost_slippage")
    };
    let (thin, deep) = (slippage("1e8"), slippage("4e8"));
    assert!(deep > 0.0 && (thin / deep - 2.0).abs() < 1e-9, "{thin} {deep}");
}

#[test]
fn late_and_sliced_fills_are_worse_hedges_and_said() {
    let variance = |summary: &Value| statistic(summary, "variance_reduction_row");
    let (now, _) = run("", "");
    let (late, page) = run("delay_rows = 1", "");
    assert!(variance(&late) < variance(&now), "a day late hedges worse");
    assert!(
        page.contains(
            "Decisions are filled, 1 row later than that, each at the price of its own row"
        )
    );
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
    let costs = "venue = \"deribit\"\nperp_fee_bps = 6\nimpact = { coefficient = 1, daily_volume_usd = 1e9 }\ndelay_rows = 1\nliquidity = \"maker\"";
    desk.write("my.toml", &scenario(costs, "liquidity = \"taker\"\ntwap_rows = 2"));
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

/// Spreads that are charged to takers; the comparison has one, `every row`.
const SPREADS: (&str, &str) =
    ("half_spread_bps = 0\nslippage_bps = 0\n", "half_spread_bps = 2\nslippage_bps = 1\n");

fn rate_of(summary: &Value, strategy: &str, cost: &str) -> f64 {
    support::statistic(summary, strategy, cost) / support::statistic(summary, strategy, "turnover")
        * 1e4
}

/// An order that rests and is filled does not cross the spread: makers were charged 2 bp of it, and 1 bp of slippage.
#[test]
fn a_maker_crosses_no_spread() {
    let band = "when = { delta_band = 0.5 }\nliquidity = \"maker\"";
    let text = scenario("venue = \"deribit\"", "").replace("when = \"every_row\"", band);
    let (summary, page) = summary_of(&text.replace(SPREADS.0, SPREADS.1));
    for cost in ["cost_fee", "cost_spread", "cost_slippage"] {
        assert!(rate_of(&summary, "chosen", cost).abs() < 1e-12, "{cost}");
    }
    assert!((rate_of(&summary, "every row", "cost_spread") - 2.0).abs() < 1e-9);
    assert!((rate_of(&summary, "every row", "cost_slippage") - 1.0).abs() < 1e-9);
    let said = "Orders that rest in the book are taken to be filled at every row, in full and at its price, without half-spread and slippage: that flatters";
    assert!(page.contains(said), "{page}");
}

/// What nobody is charged is refused where it stands.
#[test]
fn a_spread_that_nobody_crosses_is_refused() {
    let maker = scenario("venue = \"deribit\"\nliquidity = \"maker\"", "");
    let refused = |text: &str| {
        let desk = Desk::new();
        desk.write("my.toml", text);
        desk.refused()
    };
    for (key, line) in [
        ("half_spread_bps", "half_spread_bps = 2"),
        ("half_spread_bps", "half_spread_bps = { bps = 2, at_vol_percent = 50 }"),
        ("slippage_bps", "half_spread_bps = 0\nslippage_bps = 1"),
        ("impact", "impact = { coefficient = 1, daily_volume_usd = 1e9 }"),
        ("option_half_spread_points", "option_half_spread_points = 1"),
    ] {
        let message = refused(&maker.replace(SPREADS.0, &format!("{line}\n")));
        assert!(message.contains(&format!("`{key}` has no effect: all")), "{message}");
        assert!(
            message.starts_with("my.toml: line 16, column ") || key == "slippage_bps",
            "{message}"
        );
    }
    // The venue may force them, and then they are crossed.
    let forced = maker.replace(SPREADS.0, SPREADS.1);
    let forced = forced.replace("[costs]", "[account]\nmargin = \"deribit_standard\"\n[costs]");
    summary_of(&forced);
}

/// One perp of one coin on 3,000 USD, through a bar that falls to 46,000.
fn liquidated(liquidity: &str) -> Value {
    let desk = Desk::new();
    let bar = |day: u32, low: u32| format!("2024-01-0{day},50000,50000,{low},50000\n");
    let bars: String = [bar(1, 50_000), bar(2, 50_000), bar(3, 46_000), bar(4, 50_000)].concat();
    desk.write("bars.csv", &format!("time,open,high,low,close\n{bars}"));
    let text = r#"name = "liquidated"
[market]
perp = "at_spot"
funding = "none"
[[market.series]]
is = "spot"
asset = "BTC"
path = "bars.csv"
bar = "end"
[[book]]
programme = "spot"
quantity = 0.001
[capital]
usd = 3_000
[account]
margin = "deribit_standard"
margin_of = "legs"
[costs]
venue = "deribit"
fill = "deciding_price"
half_spread_bps = 2
slippage_bps = 1
[[strategy]]
name = "chosen"
[[strategy.leg]]
with = "perp"
against = { size = 1000 }
when = "every_row"
"#;
    desk.write("my.toml", &format!("{text}{liquidity}\n"));
    desk.summary()
}

/// Found by counting: a venue that closed a maker's leg was paid the maker's fee, nothing, instead of 23.74 USD. It is paid 5 bp
/// where it charges a penalty of 70 bp, and the trade crosses the spread.
#[test]
fn what_a_venue_closes_pays_as_a_taker() {
    let (maker, taker) = (liquidated("liquidity = \"maker\""), liquidated(""));
    let penalty = -support::line(&maker, "chosen", "liquidation");
    assert!(penalty > 300.0, "{penalty}");
    for (cost, bps) in [("cost_fee", 5.0), ("cost_spread", 2.0), ("cost_slippage", 1.0)] {
        let paid = statistic(&maker, cost);
        assert!((paid - penalty * bps / 70.0).abs() < 1e-9, "{cost}: {paid}");
        // A taker has paid at the opening too.
        assert!(statistic(&taker, cost) > 1.9 * paid, "{cost}");
    }
}

/// Rebates of makers, and steps by date, which the venues' own tables have.
#[test]
fn fees_can_be_typed_by_side_and_by_date() {
    let dated =
        "perp_fee_bps = [{ from = 2023-01-01, bps = 3 }, { from = \"2024-01-01\", bps = 1 }]";
    let (summary, page) = run(dated, "");
    let rate = rate_of(&summary, "chosen", "cost_fee");
    assert!(rate > 1.1 && rate < 2.9, "{rate}");
    for said in
        ["spot 10 bp, perps 3 bp", "From 2024-01-01T00:00:00Z: spot 10 bp, perps 1 bp", "by date"]
    {
        assert!(page.contains(said), "{said}");
    }
    let rebate = "venue = \"deribit\"\nperp_fee_bps = { maker = -2.5 }";
    let (summary, _) = run(rebate, "liquidity = \"maker\"\nname = \"own\"");
    assert!((rate_of(&summary, "chosen", "cost_fee") + 2.5).abs() < 1e-9);
    // The taker's is the venue's.
    let (summary, _) = run(rebate, "");
    assert!((rate_of(&summary, "chosen", "cost_fee") - 5.0).abs() < 1e-9);
    let both = "venue = \"deribit\"\nperp_fee_bps = [{ from = 2023-01-01, maker = -1, taker = 4 }]";
    assert!((rate_of(&run(both, "").0, "chosen", "cost_fee") - 4.0).abs() < 1e-9);
}

#[test]
fn fees_that_say_too_little_or_too_much_are_refused() {
    let deribit = |line: &str| refused(&format!("venue = \"deribit\"\n{line}"), "");
    for (line, expected) in [
        (
            "perp_fee_bps = [{ from = 2023-12-01, bps = 3 }]",
            "the first `from` of `perp_fee_bps` is 2023-12-01T00:00:00Z, and the run starts at 2023-11-02",
        ),
        (
            "perp_fee_bps = [{ from = 2023-01-01, bps = 3 }, { from = 2023-01-01, bps = 2 }]",
            "not after the one before it",
        ),
        (
            "perp_fee_bps = [{ from = 2023-01-01, bps = 3, maker = 1 }]",
            "`bps` is for makers and takers",
        ),
        ("perp_fee_bps = [{ bps = 3 }]", "lacks `from`"),
        ("perp_fee_bps = []", "or a list by date such as"),
        ("perp_fee_bps = {}", "`perp_fee_bps` is a number, `{ maker = -1, taker = 5 }`"),
        ("perp_fee_bps = \"low\"", "found string"),
        ("perp_fee_bps = { maker = -11 }", "`maker` is -11, expected -10 to 10000"),
        ("perp_fee_bps = { taker = -1 }", "`taker` is -1, expected 0 to 10000"),
        (
            "perp_fee_bps = -2.5",
            "`perp_fee_bps` is -2.5, expected 0 to 10000: a fee below 0 is a rebate",
        ),
        ("future_delivery_bps = { maker = -1 }", "`maker` is -1, expected 0 to 10000"),
        (
            "option_fee_cap_percent = [{ from = 2023-01-01, bps = 3 }]",
            "such as `[{ from = 2023-01-01, percent = 3 }]`",
        ),
    ] {
        let message = deribit(line);
        assert!(message.contains(expected), "{line}: {message}");
        assert!(message.starts_with("my.toml: line 19, column "), "{message}");
    }
    let message = refused("perp_fee_bps = { maker = -1 }", "");
    assert!(message.contains("[costs] names no `venue`"), "{message}");
}

/// A number that is out of its range is shown, not the table that it stands in.
#[test]
fn a_cost_out_of_range_is_shown_where_it_stands() {
    let refused = |line: &str| {
        let desk = Desk::new();
        desk.write("my.toml", &scenario("", "").replace(SPREADS.0, line));
        desk.refused()
    };
    for (line, expected) in [
        (
            "half_spread_bps = -1\n",
            "line 16, column 19: `half_spread_bps` is -1, expected 0 to 10000",
        ),
        ("slippage_bps = nan\n", "line 16, column 16: `slippage_bps` is NaN, expected 0 to 10000"),
        (
            "slippage_bps = \"vol\"\n",
            "line 16, column 16: `slippage_bps`: expected a number, found string \"vol\"",
        ),
        ("impact = 1\n", "line 16, column 10: expected a table, found integer `1`"),
    ] {
        let message = refused(line);
        assert!(message.contains(expected), "{message}");
    }
}

/// Of two perps that earn the same the one with the smaller spread is held, and its spread is charged.
#[test]
fn half_spreads_may_differ_by_instrument() {
    let cheapest = "with = { cheapest = { of = [\"perp\", \"inverse_perp\"], lookback_days = 7, horizon_days = 30 } }";
    let text = |spreads: &str| {
        scenario("", "")
            .replace("half_spread_bps = 0", &format!("half_spread_bps = {spreads}"))
            .replace("with = \"perp\"", cheapest)
    };
    for (spreads, held) in [
        ("{ perp = 40, inverse_perp = 3 }", "BTC perp at 0 of"),
        ("{ perp = 3, inverse_perp = 40 }", "BTC inverse perp at 0 of"),
    ] {
        let (summary, page) = summary_of(&text(spreads));
        assert!(page.contains(held), "{spreads}");
        let rate = rate_of(&summary, "chosen", "cost_spread");
        assert!((rate - 3.0).abs() < 1e-9, "{spreads}: {rate}");
        assert!(
            page.contains("Half-spread of perps ")
                && page.contains("Half-spread of inverse perps ")
        );
    }
    let refused = |spreads: &str| {
        let desk = Desk::new();
        desk.write("my.toml", &text(spreads));
        desk.refused()
    };
    let message = refused("{ inverse_perp = 3 }");
    assert!(
        message.contains("says nothing of BTC perp, which is traded; add `perp = …`"),
        "{message}"
    );
    let message = refused("{ perp = 3, swap = 3 }");
    assert!(message.contains("unknown kind of instrument `swap`; known: spot, perp"), "{message}");
    let message = refused("{ perp = -3 }");
    assert!(message.contains("`half_spread_bps` is -3, expected 0 to 10000"), "{message}");
}

/// Half-spreads of two names, beside a spot that is traded.
fn recorded(costs: &str, fill: &str) -> Desk {
    let desk = Desk::new();
    desk.write("spot.csv", &support::prices(60));
    desk.write("narrow.csv", &half_spreads(3)).write("wide.csv", &half_spreads(8));
    let series = r#"series = [
    { is = "spot", asset = "BTC", path = "spot.csv" },
    { is = "half_spread", asset = "BTC", path = "narrow.csv", name = "narrow" },
    { is = "half_spread", asset = "BTC", path = "wide.csv", name = "wide" },
]"#;
    desk.write("my.toml", &on_files(series, costs, fill));
    desk
}

#[test]
fn recorded_half_spreads_are_told_apart_and_used_or_refused() {
    let both = "half_spread_bps = { spot = { series = \"wide\" }, perp = { series = \"narrow\" } }";
    let desk = recorded(both, "");
    assert!((rate_of(&desk.summary(), "chosen", "cost_spread") - 8.0).abs() < 1e-9);
    assert!(page(&desk).contains("Half-spread of spot that of the asset"));
    for (costs, expected) in [
        ("half_spread_bps = \"series\"", "several half-spreads of BTC: narrow, wide; say which"),
        (
            "half_spread_bps = { series = \"wide\" }",
            "a series of half-spreads of BTC, `narrow`, and nothing uses it",
        ),
        (
            "half_spread_bps = 2",
            "say `half_spread_bps = { series = \"narrow\" }` under [costs], or leave the series out",
        ),
        ("slippage_bps = 0", "and nothing uses it"),
    ] {
        let message = recorded(costs, "").refused();
        assert!(message.contains(expected), "{message}");
        let line = if costs.starts_with("slippage") { 12 } else { 13 };
        assert!(message.starts_with(&format!("my.toml: line {line}, column ")), "{message}");
    }
}

/// Fills at opens were filled at the deciding price where there are none, and only a sentence said so.
#[test]
fn opens_that_are_not_there_are_refused_where_they_are_asked_for() {
    let spreads =
        "half_spread_bps = { spot = { series = \"wide\" }, perp = { series = \"narrow\" } }";
    let message = recorded(&format!("{spreads}\nfill = \"next_open\""), "").refused();
    let said = "line 14, column 8: `fill = \"next_open\"` needs opens, and no series of the market has any";
    assert!(message.contains(said), "{message}");
    let message = recorded(spreads, "fill = \"next_open\"").refused();
    assert!(message.contains("needs opens, and BTC spot has none"), "{message}");
    let desk = recorded(spreads, "");
    desk.summary();
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(desk.path("out/manifest.json")).unwrap()).unwrap();
    let resolved = manifest["scenario"]["resolved"].as_str().unwrap();
    assert!(resolved.contains("fill = \"deciding_price\""), "what ran: {resolved}");
}

#[test]
fn a_delay_longer_than_the_run_is_refused() {
    let message = refused("delay_rows = 100000", "");
    assert!(
        message.contains("line 18, column 14: `delay_rows` is 100000 and the run has "),
        "{message}"
    );
    let message = refused("", "delay_rows = 5000");
    assert!(message.contains("nothing would be filled before its last one"), "{message}");
}

/// What is typed by date, side and kind is written back, also where nobody is charged a spread.
#[test]
fn fees_and_spreads_that_were_resolved_run_the_same_again() {
    let fees = "perp_fee_bps = [{ from = 2023-01-01, maker = -1.5 }]\nspot_fee_bps = { maker = 1, taker = 2 }";
    let costs = format!("venue = \"deribit\"\n{fees}");
    let maker = scenario(&format!("{costs}\nliquidity = \"maker\""), "").replace(SPREADS.0, "");
    let taker = scenario(&costs, "").replace(SPREADS.0, "half_spread_bps = { perp = 2 }\n");
    for text in [maker, taker] {
        let desk = Desk::new();
        desk.write("my.toml", &text);
        let first = desk.summary();
        let manifest: Value =
            serde_json::from_slice(&std::fs::read(desk.path("out/manifest.json")).unwrap())
                .unwrap();
        let again = Desk::new();
        again.write("my.toml", manifest["scenario"]["resolved"].as_str().unwrap());
        let (first, second) = (&first["strategies"], &again.summary()["strategies"]);
        assert_eq!(first["chosen"]["statistics"], second["chosen"]["statistics"]);
    }
}
