//! Wrong input gets one clear message, exit code 1, and leaves nothing behind.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;

use support::{Desk, GOOD, HOLDER, prices};

/// The message for the good scenario with one text replaced by another.
fn refusal(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    Desk::new().write("my.toml", &GOOD.replace(from, to)).refused()
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap()
}

/// What to replace in the good scenario, by what, and the message.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "delta_band = 0.5",
        "delta_bnd = 0.5",
        "my.toml: line 19, column 8: unknown rule `delta_bnd`; known: all, any, asymmetric_band, clock, \
             cost_budget, delta_band, end_of_day, every_row, gamma_band, hodges_neuberger, iv_move, leland_clock, not, sepp_clock, \
             spot_move, spot_move_deviations, stop_loss, whalley_wilmott, zakamouline; did you mean `delta_band`?",
    ),
    (
        "[capital]\nusd",
        "[capital]\nusdd",
        "my.toml: line 14, column 1: unknown key `usdd` in [capital]; known: `usd`, `coins`; did you mean `usd`?",
    ),
    (
        "quantity = 10",
        "quantity = \"ten\"",
        "my.toml: line 11, column 12: [[book]]: expected a number, found string \"ten\"",
    ),
    (
        "with = \"perp\"",
        "with = \"perpp\"",
        "my.toml: line 18, column 8: unknown instrument `perpp`; known: basket, cheapest, future, inverse_perp, option, perp, spot; did you mean `perp`?",
    ),
    (
        "name = \"band\"",
        "name = \"unhedged\"",
        "my.toml: line 16, column 8: `unhedged` cannot name a strategy: the unhedged book is always in the comparison",
    ),
    (
        "delta_band = 0.5",
        "delta_band = -0.5",
        "my.toml: line 19, column 8: delta_band is -0.5, expected a number of at least 0",
    ),
    (
        "from = \"2023-01-01\"",
        "from = \"2019-01-01\"",
        "my.toml: line 4, column 8: `from` is outside the data, which runs from 2020-01-01T00:00:00Z to 2024-06-13T00:00:00Z",
    ),
    (
        "to = \"2023-03-31\"",
        "to = \"2030-03-31\"",
        "my.toml: line 5, column 6: `to` is outside the data, which runs from 2020-01-01T00:00:00Z to 2024-06-13T00:00:00Z",
    ),
    (
        "to = \"2023-03-31\"",
        "to = \"2022-03-31\"",
        "my.toml: line 5, column 6: `to` (2022-04-01T00:00:00Z) is not after `from` (2023-01-01T00:00:00Z)",
    ),
    (
        "to = \"2023-03-31\"",
        "to = \"31/03/2023\"",
        "my.toml: line 5, column 6: expected a date or a UTC time such as 2022-11-06 or 2022-11-06T08:00:00Z, found `31/03/2023`",
    ),
    (
        "with = \"perp\"\n",
        "with = \"perp\"\nagainst = { size = 1.0 }\n",
        "my.toml: line 16, column 1: `size` is per coin held outright, and the book holds none of this asset; add a [[book]] with programme = \"spot\"",
    ),
    (
        "when = { delta_band = 0.5 }\n",
        "",
        "my.toml: line 16, column 1: the leg lacks `when`: say when it re-hedges, for example `when = \"every_row\"`",
    ),
];

#[test]
fn scenario_mistakes_are_named_with_line_and_column() {
    for (from, to, expected) in MISTAKES {
        let message = refusal(from, to);
        let first = first_line(&message);
        // The line of a table depends on where its header stands; everything else is compared as it is.
        if to.is_empty() || to.contains("size") {
            let tail = |text: &str| {
                text.split_once(": line ")
                    .map(|(_, rest)| rest.split_once(": ").unwrap().1.to_owned())
            };
            assert_eq!(tail(first), tail(expected));
        } else {
            assert_eq!(first, *expected);
        }
    }
}

#[test]
fn unknown_keys_are_refused_in_every_table() {
    for table in ["[market]", "[vol]", "[[book]]", "[capital]", "[[strategy]]", "[[strategy.leg]]"]
    {
        let message = refusal(&format!("{table}\n"), &format!("{table}\nslipage = 3\n"));
        assert!(message.contains("slipage") && message.contains("unknown"), "{table}: {message}");
        assert!(message.contains("my.toml: line "), "{table}: {message}");
    }
    let costs = refusal("[capital]", "[costs]\nslipage_bps = 3\n[capital]");
    assert!(costs.contains("did you mean `slippage_bps`?"), "{costs}");
    let rates = refusal("[capital]", "[rates]\nusd = 3\n[capital]");
    assert!(rates.contains("[rates] lacks `usd_percent`"), "{rates}");
    let top = refusal("[capital]", "[capitol]\n[capital]");
    assert!(top.contains("did you mean `capital`?"), "{top}");
}

#[test]
fn contradictions_are_refused() {
    for (from, to, expected) in [
        (
            "[vol]\nmodel = \"dvol\"\n",
            "",
            "the book has options, so the scenario needs a [vol] model",
        ),
        ("with = \"perp\"", "with = \"perp\"\ndelta = \"coin\"", "this book has none"),
        ("tenor_days = 30", "tenor_days = 30\nexpiry = \"2023-02-01\"", "expiry"),
        ("tenor_days = 30", "tenor_days = 30\nroll_days = 40", "roll_days"),
        ("tenor_days = 30", "expiry = \"2022-01-01\"", "expiry before the data"),
        ("from = \"2023-01-01\"", "from = \"2021-01-01\"", "vol model `dvol` has no vol at"),
        (
            "[capital]",
            "[costs]\nperp_fee_bps = -1\n[capital]",
            "`perp_fee_bps` is -1, expected 0 to 10000",
        ),
        (
            "[capital]",
            "[bootstrap]\nresamples = 5\n[capital]",
            "`resamples` is 5, expected 100 to 100000",
        ),
        (
            "with = \"perp\"",
            "with = { option = { programme = \"straddle\", tenor_days = 30 } }",
            "a leg holds one option",
        ),
        (
            "source = \"sample\"",
            "source = \"sample\"\n[[market.series]]\nis = \"spot\"\nasset = \"BTC\"\npath = \"x.csv\"\n[market.x]",
            "my.toml",
        ),
        (
            "with = \"perp\"",
            "with = \"perp\"\nratio = { constant = { percent = 200 } }",
            "ratio of 200 %, expected 0 to 150",
        ),
        (
            "[[strategy]]\nname = \"band\"",
            "[[strategy]]\nname = \"band\"\n[[strategy.leg]]\nwith = \"perp\"\nwhen = \"every_row\"\n[[strategy]]\nname = \"band\"",
            "two strategies are called `band`",
        ),
        ("name = \"test\"", "", "lacks `name`"),
        ("name = \"test\"", "name = \"test", "my.toml"),
    ] {
        let message = refusal(from, to);
        assert!(message.contains(expected), "{to}: {message}");
    }
}

/// A delta that the book, the leg or the market has nothing for is refused where it stands.
#[test]
fn deltas_that_cannot_be_are_refused_at_reading() {
    for (from, to, place, expected) in [
        (
            "with = \"perp\"\n",
            "with = \"perp\"\ndelta = \"coin\"\n",
            "line 19, column 9",
            "`delta = \"coin\"` is for books with coin-settled options, and this book has none; say `settlement = \"coin\"`",
        ),
        (
            "with = \"perp\"\n",
            "with = { option = { programme = \"put\", strike = { moneyness = 0.9 }, tenor_days = 30 } }\nagainst = \"vega\"\ndelta = \"black_scholes\"\n",
            "line 20, column 9",
            "`delta` has a meaning for legs against delta only; remove it",
        ),
        (
            "with = \"perp\"\n",
            "with = \"perp\"\nagainst = \"portfolio\"\ndelta = { constant_vol = { percent = 60 } }\n",
            "line 20, column 9",
            "a leg against the portfolio takes `delta = \"black_scholes\"` or `\"coin\"`",
        ),
        (
            "with = \"perp\"\n",
            "with = \"perp\"\ndelta = { bartlett = { beta = 1 } }\n",
            "line 19, column 9",
            "delta `bartlett` is made from an option chain, and the market has none of BTC; add one under [market], or use \
             `black_scholes`",
        ),
    ] {
        let message = refusal(from, to);
        let expected = format!("my.toml: {place}: {expected}");
        assert!(first_line(&message).starts_with(&expected), "{expected} in\n{message}");
    }
    // Nothing was loaded: the prices of this scenario are not even there.
    let series = "[[market.series]]\nis = \"spot\"\nasset = \"BTC\"\npath = \"absent.csv\"\n[vol]";
    let absent = GOOD.replace("source = \"sample\"\n", "").replace("[vol]", series);
    let absent = absent.replace("with = \"perp\"", "with = \"perp\"\ndelta = \"coin\"");
    let message = Desk::new().write("my.toml", &absent).refused();
    assert!(message.contains("and this book has none"), "{message}");
    let spot = GOOD.replace(
        "programme = \"straddle\"\nside = \"short\"\nquantity = 10\ntenor_days = 30",
        "programme = \"spot\"\nquantity = 10",
    );
    assert_ne!(spot, GOOD);
    let spot = spot.replace(
        "with = \"perp\"\n",
        "with = \"perp\"\ndelta = { constant_vol = { percent = 60 } }\n",
    );
    let message = Desk::new().write("my.toml", &spot).refused();
    let expected = "delta `constant_vol` is one of options, and the book holds none of this asset; remove `delta`";
    assert!(message.contains(expected), "{message}");
}

/// Found by a user whose last option expired a day after the data: it was refused, although its mark is known to the last
/// row. An option that the data do not reach the end of is open there, in the book and in a leg, and is not settled.
#[test]
fn options_that_outlive_the_data_are_open_at_the_end() {
    let desk = Desk::new();
    let leg = "with = { option = { programme = \"put\", strike = { moneyness = 0.9 }, tenor_days = 120, roll_days = 100 } }\nagainst = \"vega\"";
    desk.write(
        "my.toml",
        &GOOD.replace("tenor_days = 30", "tenor_days = 400").replace("with = \"perp\"", leg),
    );
    let summary = desk.summary();
    support::assert_explained(&summary, "band");
    let said = summary["assumptions"].to_string();
    for expected in [
        "short 10 BTC straddle: the last option, expiring 2024-02-0",
        "option leg, long 1 BTC put: the last option, expiring 2023-05-0",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert_eq!(said.matches("is still open at the last row and stands at its mark").count(), 2);
}

/// Found by a user who kept notes beside a report: writing the same run again removed them.
#[test]
fn a_file_beside_a_run_is_not_removed_with_it() {
    let desk = Desk::new();
    desk.write("my.toml", GOOD);
    desk.summary();
    desk.write("out/notes.txt", "do not lose");
    let expected = "`out` holds `notes.txt`, which no run wrote; move it away, or choose another folder with --out";
    assert_eq!(desk.refused(), expected);
    let forced = desk.hedgerow(&["run", "my.toml", "--out", "out", "--overwrite"]);
    assert_eq!(forced.status.code(), Some(1));
    assert!(desk.path("out/notes.txt").exists());
}

/// Found by giving a link as the output folder: it was replaced by a folder, and what it led to stayed empty.
#[cfg(unix)]
#[test]
fn a_symbolic_link_is_left_alone() {
    let desk = Desk::new();
    desk.write("my.toml", GOOD);
    fs::create_dir(desk.path("real")).unwrap();
    std::os::unix::fs::symlink("real", desk.path("out")).unwrap();
    let expected = "`out` is a symbolic link; give the folder itself, or choose another with --out";
    assert_eq!(desk.refused(), expected);
    assert!(desk.path("out").is_symlink());
}

/// A fee above the whole notional is a slip of the unit.
#[test]
fn costs_above_the_notional_are_refused() {
    let message = refusal("[capital]", "[costs]\nperp_fee_bps = 10001\n[capital]");
    assert!(message.contains("`perp_fee_bps` is 10001, expected 0 to 10000"), "{message}");
}

/// Found by typing 1e308 coins: the report's own check panicked.
#[test]
fn sizes_beyond_all_bounds_are_refused() {
    for quantity in ["1e308", "1e200"] {
        let message = refusal("quantity = 10", &format!("quantity = {quantity}"));
        assert!(message.contains("beyond all bounds"), "{quantity}: {message}");
        assert!(message.starts_with("my.toml: ") && message.len() < 250, "{message}");
    }
}

/// Found: refusals that came after the scenario was read had no line, and some were in the parser's words.
#[test]
fn late_refusals_have_their_place_and_their_own_words() {
    let leg = "[[strategy.leg]]\nwith = \"perp\"";
    let twin = "[[strategy.leg]]\nname = \"x\"\nwith = \"perp\"\nwhen = \"every_row\"\n[[strategy.leg]]\nname = \"x\"\nwith = \"perp\"";
    let of_none =
        "[[strategy.leg]]\nwith = { cheapest = { of = [], lookback_days = 7, horizon_days = 30 } }";
    let put = "programme = \"put\"\nstrike = { moneyness = 0.9, usd = 5 }";
    for (from, to, expected) in [
        (leg, twin, "my.toml: line 21, column 1: strategy `band` has two legs called `x`"),
        (leg, of_none, "my.toml: line 18, column 21: `of` names no instrument"),
        ("programme = \"straddle\"", put, "expected one key, found several"),
    ] {
        let message = refusal(from, to);
        let first = first_line(&message);
        assert!(first.contains(expected) && first.starts_with("my.toml: line "), "{first}");
    }
}

/// Found by a window longer than the data: the strategy never traded, and the report said that its ratio was 1.
#[test]
fn a_ratio_that_is_never_known_is_refused() {
    let message = refusal(
        "with = \"perp\"",
        "with = \"perp\"\nratio = { rolling_ols = { window_days = 6000 } }",
    );
    assert!(message.contains("the ratio is never known in this period"), "{message}");
}

/// TOML's own dates need no quotes.
#[test]
fn dates_may_stand_without_quotes() {
    let desk = Desk::new();
    desk.write("my.toml", &GOOD.replace("from = \"2023-01-01\"", "from = 2023-01-01"));
    let summary = desk.summary();
    assert_eq!(summary["from"], "2023-01-02T00:00:00Z");
}

#[test]
fn a_scenario_that_is_not_there() {
    let message = Desk::new().refused();
    assert!(message.starts_with("my.toml: cannot read the scenario"), "{message}");
}

/// The message for a holder on this price file.
fn data_refusal(file: &str) -> String {
    Desk::new().write("my.toml", HOLDER).write("prices.csv", file).refused()
}

#[test]
fn data_mistakes_name_file_and_place() {
    let good = prices(60);
    for (file, expected) in [
        (String::new(), "empty"),
        ("time,close\n".to_owned(), "prices.csv"),
        (good.replace("time,close", "time,kurs"), "close"),
    ] {
        let message = data_refusal(&file);
        assert!(message.contains("prices.csv") && message.contains(expected), "{message}");
    }
    let missing = Desk::new().write("my.toml", HOLDER).refused();
    assert!(missing.contains("prices.csv"), "{missing}");
    let strict = HOLDER.replace("[market]\n", "[market]\nquality = \"strict\"\n");
    for (from, to) in [
        ("2024-01-05,", "2024-01-05,sixty"),
        ("2024-01-05,", "2024-01-05,-"),
        ("2024-01-05,", "2024-01-05,nan #"),
    ] {
        let file = good.replace(from, to).replace(" #", "\n2024-01-05,");
        let message = Desk::new().write("my.toml", &strict).write("prices.csv", &file).refused();
        assert!(message.contains("prices.csv") && message.contains("line 6"), "{to}: {message}");
    }
    let hole: String = good
        .lines()
        .filter(|line| !line.starts_with("2024-01-1"))
        .map(|line| format!("{line}\n"))
        .collect();
    let message = data_refusal(&hole);
    assert!(message.contains("gap") && message.contains("max_gap"), "{message}");
    // Found: a hole was refused wherever it lay, and "choose a period without it" did not help.
    for (period, refused) in [
        ("to = 2024-01-08", false),
        ("from = 2024-01-22", false),
        ("from = 2024-01-05\nto = 2024-01-25", true),
        ("to = 2024-01-17", true),
    ] {
        let scenario = HOLDER.replace("[market]\n", &format!("[market]\n{period}\n"));
        let desk = Desk::new();
        desk.write("my.toml", &scenario).write("prices.csv", &hole);
        if refused {
            assert!(desk.refused().contains("max_gap"), "{period}");
        } else {
            // Found: what lay after the end of the run was told of it.
            let told = support::run(&desk).said.contains("absent");
            assert_eq!(told, period.starts_with("from"), "{period}");
        }
    }
}

/// Without a word on `quality`, a spoilt file is refused, and the message says how to go on.
#[test]
fn spoilt_files_are_refused_unless_declared() {
    let good = prices(60);
    let stamped = |millis: bool| -> String {
        let stamp = |row: i64| {
            (1_704_067_200_000 + row * 86_400_000) * if millis || row < 30 { 1 } else { 1000 }
        };
        let rows = (0..60).map(|row| format!("{},{}\n", stamp(row), 40_000 + row));
        std::iter::once("time,close\n".to_owned()).chain(rows).collect()
    };
    for (what, file) in [
        ("text", good.replace("2024-01-05,", "2024-01-05,sixty")),
        ("not a number", good.replace("2024-01-05,", "2024-01-05,nan\n2024-01-05,")),
        ("zero", good.replace("2024-01-05,", "2024-01-05,0\n2024-01-05,")),
        ("negative", good.replace("2024-01-05,", "2024-01-05,-")),
        ("two prices for one stamp", good.replace("2024-01-05,", "2024-01-05,39000\n2024-01-05,")),
        ("mixed units", stamped(false)),
    ] {
        let message = data_refusal(&file);
        assert!(
            message.contains("prices.csv") && message.contains("quality = \"tolerant\""),
            "{what}: {message}"
        );
    }
    let desk = Desk::new();
    desk.write("my.toml", HOLDER).write("prices.csv", &stamped(true));
    desk.summary();
}

#[test]
fn bad_rows_are_counted_in_tolerant_mode() {
    let file = prices(60).replace("2024-01-05,", "2024-01-05,-");
    let desk = Desk::new();
    let tolerant = HOLDER.replace("[market]\n", "[market]\nquality = \"tolerant\"\n");
    desk.write("my.toml", &tolerant).write("prices.csv", &file);
    let output = desk.hedgerow(&["check", "my.toml"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("warning"), "{text}");
}

#[test]
fn another_run_is_never_overwritten() {
    let desk = Desk::new();
    desk.write("my.toml", GOOD);
    desk.summary();
    let first = fs::read(desk.path("out/summary.json")).unwrap();
    // The same run may be written again, with the same bytes.
    desk.summary();
    assert_eq!(fs::read(desk.path("out/summary.json")).unwrap(), first);
    // Another may not.
    desk.write("my.toml", &GOOD.replace("quantity = 10", "quantity = 11"));
    let message = desk.refused();
    assert_eq!(
        message,
        "`out` holds another run; choose another folder with --out, or replace it with --overwrite"
    );
    assert_eq!(fs::read(desk.path("out/summary.json")).unwrap(), first);
    assert!(desk.hedgerow(&["run", "my.toml", "--out", "out", "--overwrite"]).status.success());
    assert_ne!(fs::read(desk.path("out/summary.json")).unwrap(), first);
    assert_eq!(desk.names(), ["my.toml", "out"]);
}

#[test]
fn a_folder_of_other_files_is_left_alone() {
    let desk = Desk::new();
    desk.write("my.toml", GOOD);
    fs::create_dir(desk.path("out")).unwrap();
    desk.write("out/thesis.txt", "do not lose");
    let message = desk.refused();
    assert_eq!(
        message,
        "`out` holds files that are not a Hedgerow run; choose another folder with --out"
    );
    let forced = desk.hedgerow(&["run", "my.toml", "--out", "out", "--overwrite"]);
    assert_eq!(forced.status.code(), Some(1));
    assert_eq!(fs::read_to_string(desk.path("out/thesis.txt")).unwrap(), "do not lose");
}

#[test]
fn a_folder_that_cannot_be_written() {
    let desk = Desk::new();
    desk.write("my.toml", GOOD).write("file", "");
    let output = desk.hedgerow(&["run", "my.toml", "--out", "file/out"]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        message.starts_with("error: cannot write `file/out`; choose another folder with --out"),
        "{message}"
    );
    let output = desk.hedgerow(&["run", "my.toml", "--out", "file"]);
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: `file` is a file, expected a folder; choose another with --out\n"
    );
}

#[test]
fn wrong_arguments() {
    let desk = Desk::new();
    for arguments in [&["fly"][..], &["run", "--outt", "x"], &["check"], &["run", "a", "b"]] {
        let output = desk.hedgerow(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(output.stdout.is_empty());
    }
    assert!(desk.hedgerow(&["--help"]).status.success());
    assert!(desk.hedgerow(&["--version"]).status.success());
}
