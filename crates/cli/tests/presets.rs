//! The ready scenarios: each runs, and shows what it is there to show.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::fs;

use serde_json::Value;
use support::{Desk, line, statistic};

/// The text of a preset, as the program prints it.
fn text(name: &str) -> String {
    let output = Desk::new().hedgerow(&["list", name]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn run(name: &str) -> Value {
    run_with(name, &[])
}

/// A preset with some of its text replaced.
fn run_with(name: &str, changes: &[(&str, &str)]) -> Value {
    let desk = Desk::new();
    let mut text = text(name);
    for (old, new) in changes {
        assert!(text.contains(old), "{name}: {old}");
        text = text.replace(old, new);
    }
    desk.write("my.toml", &text);
    desk.summary()
}

#[test]
fn a_preset_runs_by_its_name_and_is_printed_to_be_edited() {
    let desk = Desk::new();
    let output = desk.hedgerow(&["run", "--preset", "put_spread"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(desk.path("reports/put-spread/index.html").is_file());
    assert_eq!(text("put_spread"), include_str!("../../../data/scenarios/put_spread.toml"));
    let listed = String::from_utf8(desk.hedgerow(&["list"]).stdout).unwrap();
    for name in ["collar", "cppi", "dynamic_delta_hedging", "gamma_scalping", "variance_swap"] {
        assert!(listed.contains(&format!("\n  {name} ")), "{name}");
    }
    for arguments in [&["run", "--preset", "colar"][..], &["list", "colar"]] {
        let output = desk.hedgerow(arguments);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(message.starts_with("error: unknown preset `colar`"), "{message}");
    }
    let both = desk.hedgerow(&["run", "my.toml", "--preset", "collar"]);
    assert_eq!(both.status.code(), Some(1));
}

/// Through the crash of March 2020 a put keeps most of what the holder loses, a collar costs less than its put, a spread
/// less than its upper put; over the whole bear market puts bought again and again do not (see the presets' reports).
#[test]
fn puts_insure_a_crash() {
    let crash = [("from = \"2020-02-01\"", "from = \"2020-03-01\"\nto = \"2020-03-31\"")];
    let puts = run_with("protective_put", &crash);
    let unhedged = statistic(&puts, "unhedged", "max_drawdown");
    assert!(unhedged > 0.4, "{unhedged}");
    for strategy in
        ["30-day put at 90 %", "90-day put at 80 %, rolled monthly", "30-day 25-delta put"]
    {
        let drawdown = statistic(&puts, strategy, "max_drawdown");
        assert!(drawdown < 0.7 * unhedged, "{strategy}: {drawdown} of {unhedged}");
        assert!(statistic(&puts, strategy, "cost_premium") < 0.0, "{strategy}: the put paid");
    }
    let collar = run_with("collar", &crash);
    let paid = |summary: &Value, strategy: &str| line(summary, strategy, "theta");
    assert!(
        statistic(&collar, "collar 90 / 110", "max_drawdown")
            < statistic(&collar, "put alone", "max_drawdown")
    );
    assert!(paid(&collar, "collar 90 / 110") > paid(&collar, "put alone"));
    let spread = run_with("put_spread", &crash);
    let drawdown = |strategy: &str| statistic(&spread, strategy, "max_drawdown");
    assert!(drawdown("put at 95 alone") < drawdown("put spread 95 / 80"));
    assert!(drawdown("put spread 95 / 80") < drawdown("unhedged"));
}

/// Bought options lose theta and sold ones earn it; in a year of small moves the covered call ends above the holder.
#[test]
fn calls_sold_collect_premium() {
    let quiet = [("from = \"2020-02-01\"", "from = \"2022-06-20\"\nto = \"2022-12-31\"")];
    let summary = run_with("covered_call", &quiet);
    let unhedged = statistic(&summary, "unhedged", "pnl");
    for strategy in ["25-delta call", "25-delta call on half the coins"] {
        assert!(line(&summary, strategy, "theta") > 0.0, "{strategy}");
        assert!(statistic(&summary, strategy, "pnl") > unhedged, "{strategy}");
    }
    let theta = |strategy| line(&summary, strategy, "theta");
    let half = theta("25-delta call on half the coins") / theta("25-delta call");
    assert!((half - 0.5).abs() < 1e-9, "{half}");
}

/// The floor holds at the last row, up to the gap that a day can open; the ratcheting floor bounds the drawdown.
#[test]
fn cppi_keeps_its_floor() {
    let summary = run("cppi");
    let bear = run_with(
        "cppi",
        &[("from = \"2020-02-01\"", "from = \"2021-11-10\"\nto = \"2022-12-31\"")],
    );
    let unhedged = statistic(&bear, "unhedged", "total_return");
    assert!(unhedged < -0.7, "{unhedged}");
    for strategy in ["CPPI, floor 70 %, multiple 3", "CPPI, floor 70 %, multiple 5"] {
        let kept = 1.0 + statistic(&bear, strategy, "total_return");
        assert!((0.68..0.85).contains(&kept), "{strategy}: {kept}");
    }
    let ratchet = statistic(&summary, "TIPP, floor 70 % of the highest equity", "max_drawdown");
    assert!(ratchet < 0.36, "{ratchet}");
}

/// Straddles bought pay theta and are paid for gamma; hedging takes the direction out.
/// A book that pays coins leaves the account with coins that legs hedge only when they are told to; one that pays USD does not.
#[test]
fn coins_in_an_account_are_said_to_be_unhedged() {
    let said = |name: &str| run(name)["assumptions"]["Account"].to_string();
    assert!(said("inverse_book").contains("hedge the book, not them"));
    assert!(said("inverse_book").contains("`account-neutral, every row` hedge it with the book"));
    assert!(!said("option_desk").contains("hedge the book, not them"));
}

#[test]
fn gamma_is_scalped() {
    let summary = run("gamma_scalping");
    for strategy in ["every row", "at moves of 4 %", "gamma band of 3 %", "Whalley-Wilmott"] {
        assert!(line(&summary, strategy, "theta") < 0.0, "{strategy}");
        assert!(line(&summary, strategy, "gamma") > 0.0, "{strategy}");
        assert!(statistic(&summary, strategy, "variance_reduction_1d") > 0.5, "{strategy}");
    }
    let trades = |strategy| statistic(&summary, strategy, "trades");
    assert!(trades("at moves of 4 %") < 0.5 * trades("every row"));
}

/// The settings of a venue's hedger do what their names say.
#[test]
fn a_delta_hedger_does_as_it_is_set() {
    let summary = run("dynamic_delta_hedging");
    let trades = |strategy: &str| statistic(&summary, strategy, "trades");
    assert!(trades("threshold 1, ratio 100 %, coin delta") < trades("every row"));
    let removed = |strategy: &str| statistic(&summary, strategy, "variance_reduction_1d");
    for strategy in [
        "threshold 1, ratio 100 %, coin delta",
        "threshold 1, ratio 100 %, USD delta",
        "target 0.5, threshold 0.5 / 1.5, coin delta",
        "threshold 1, ratio 50 %, coin delta",
    ] {
        assert!((0.2..1.0).contains(&removed(strategy)), "{strategy}: {}", removed(strategy));
    }
    // Lots of 10 USD on a book of 20 coins change nothing that shows.
    let (exact, lots) = (
        removed("threshold 1, ratio 100 %, coin delta"),
        removed("threshold 1, ratio 100 %, lots of 10 USD"),
    );
    assert!((exact - lots).abs() < 1e-3, "{exact} and {lots}");
    assert!((exact - lots).abs() > 0.0, "lots round");
}

/// Quarterly futures at a carry of 8 % leave the carry, whatever the spot does, less the costs of the hedge and its rolls.
#[test]
fn short_futures_earn_their_carry() {
    let summary = run_with(
        "short_futures",
        &[("from = \"2021-01-01\"", "from = \"2021-01-01\"\nto = \"2021-12-31\"")],
    );
    let strategy = "quarterly, rolled a week before expiry";
    assert!(statistic(&summary, strategy, "variance_reduction_1d") > 0.99);
    let (basis, delta) = (line(&summary, strategy, "basis"), line(&summary, strategy, "delta"));
    // 100 coins at the spots of 2021, 29,000 to 68,000 USD with a mean of 47,400, for a year.
    let carry = 0.08 * 100.0 * 47_400.0;
    assert!((basis / carry - 1.0).abs() < 0.1, "{basis} of {carry}, delta {delta}");
    let half = line(&summary, "quarterly, half of it", "basis");
    assert!((half / basis - 0.5).abs() < 1e-6, "{half} of {basis}");
    assert!(line(&summary, strategy, "roll") < 0.0, "rolls cost");
    assert!(line(&summary, "perp", "carry").abs() > 0.0);
}

/// One mistake in each preset, each refused with the line it is on.
#[test]
fn a_mistake_in_a_preset_has_its_place() {
    for (name, old, new, expected) in [
        ("collar", "moneyness = 1.1", "moneynes = 1.1", "moneynes"),
        ("covered_call", "against = { size = -1.0 }", "against = { sise = -1.0 }", "sise"),
        ("cppi", "multiple = 3", "multiple = -3", "multiple"),
        ("dynamic_delta_hedging", "up = 1.5", "up = -1.5", "up"),
        ("gamma_scalping", "percent = 4", "percent = \"4\"", "percent"),
        ("inverse_book", "settlement = \"coin\"", "settlement = \"coins\"", "coins"),
        ("option_desk", "tenor_days = 30", "tenor_days = -30", "tenor_days"),
        ("protective_put", "roll_days = 30", "roll_days = 100", "roll_days"),
        ("put_spread", "quantity = 100", "quantity = 0", "quantity"),
        ("short_futures", "carry_percent = 8", "carry_percent = 800", "carry_percent"),
        ("treasury", "with = \"perp\"", "with = \"perb\"", "unknown instrument `perb`"),
        (
            "variance_swap",
            "programme = \"put\"",
            "programme = \"putt\"",
            "unknown programme `putt`",
        ),
    ] {
        let desk = Desk::new();
        let good = text(name);
        assert!(good.contains(old), "{name}: {old}");
        desk.write("my.toml", &good.replacen(old, new, 1));
        let message = desk.refused();
        let row = 1 + good[..good.find(old).unwrap()].matches('\n').count();
        assert!(message.contains("my.toml"), "{name}: {message}");
        assert!(message.contains(&format!("{row}")), "{name}, line {row}: {message}");
        assert!(message.contains(expected), "{name}: {message}");
    }
}

/// Files that are no scenarios.
#[test]
fn what_is_no_scenario_is_refused() {
    for text in [
        "",
        "name = ",
        "\u{0}\u{1}",
        "name = \"x\"",
        "[market]\nsource = \"sample\"\n",
        "a,b\n1,2\n",
    ] {
        let desk = Desk::new();
        desk.write("my.toml", text);
        let message = desk.refused();
        assert!(message.contains("my.toml"), "{text:?}: {message}");
    }
    let desk = Desk::new();
    fs::write(desk.path("my.toml"), [0xff, 0xfe, 0x00]).unwrap();
    assert!(desk.refused().contains("my.toml"));
}

/// Found: the chart of the hedge left out every strategy of two option legs, without a word.
#[test]
fn every_strategy_of_options_has_its_hedge_drawn() {
    for (preset, names) in [
        (
            "collar",
            &["collar 90 / 110: put (options)", "collar of 25 deltas: call (options)", "put alone"]
                [..],
        ),
        (
            "put_spread",
            &["put spread 95 / 80: upper put (options)", "put spread 95 / 80: lower put (options)"],
        ),
        (
            "treasury",
            &["collar: put (options)", "collar: call (options)", "protective put", "EWMA ratio"],
        ),
    ] {
        let desk = Desk::new();
        desk.write("my.toml", &text(preset));
        let page = support::run(&desk).page;
        let start = page.find("Hedge held and ideal hedge through time").unwrap();
        let alt = &page[start..start + 400];
        for name in names {
            assert!(alt.contains(name), "{preset}: {name}: {alt}");
        }
    }
}

/// Found: the preset said that a spread is cheaper than its put, and its page that it cost more.
#[test]
fn a_spread_pays_less_for_its_options() {
    let summary = run("put_spread");
    let premium = |strategy: &str| statistic(&summary, strategy, "cost_premium");
    assert!(premium("put spread 95 / 80") < premium("put at 95 alone"));
    assert!(
        text("put_spread").contains("premiums less payoffs come to less than those of the put")
    );
}
