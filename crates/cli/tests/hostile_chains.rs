//! Option chains with whatever can be wrong in them, as Deribit's snapshots and as Tardis streams, through `check`, `surface`,
//! a scenario and `greeks`: one clear message with its place, or a stated degenerate value; never a panic, never a NaN that is written.
//! What a whole run makes of them is in `chains.rs`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::fmt::Write as _;

use hedgerow_core::{OptionKind, Timestamp};
use hedgerow_greeks::inverse;
use support::Desk;

/// One quote as it is written.
#[derive(Clone)]
struct Row {
    time: String,
    name: String,
    kind: &'static str,
    strike: String,
    expiry: Timestamp,
    bid: String,
    ask: String,
    mark: String,
    forward: String,
    vol: String,
    index: String,
}

/// 66 quotes at noon: three expiries, eleven strikes, calls and puts, prices in coins rounded to four digits.
fn rows(asset: &str) -> Vec<Row> {
    let now = Timestamp::parse("2026-02-05T12:00:00Z").unwrap();
    let mut rows = Vec::new();
    for (named, expiry) in
        [("27FEB26", "2026-02-27"), ("27MAR26", "2026-03-27"), ("26JUN26", "2026-06-26")]
    {
        let expiry = Timestamp::parse(&format!("{expiry} 08:00")).unwrap();
        let years = expiry.years_since(now);
        for step in 0..11 {
            let strike = 44_000 + 4_000 * step;
            for (kind, word, letter) in
                [(OptionKind::Call, "call", 'C'), (OptionKind::Put, "put", 'P')]
            {
                let k = (f64::from(strike) / 64_000.0).ln();
                let vol = 0.6 - 0.1 * k + 0.3 * k * k;
                let mark =
                    inverse::coin_greeks(kind, 64_000.0, f64::from(strike), years, vol).value;
                rows.push(Row {
                    time: now.to_string(),
                    name: format!("{asset}-{named}-{strike}-{letter}"),
                    kind: word,
                    strike: strike.to_string(),
                    expiry,
                    bid: format!("{:.4}", (mark - 0.0005).max(0.0001)),
                    ask: format!("{:.4}", mark + 0.0006),
                    mark: format!("{mark:.6}"),
                    forward: "64000".to_owned(),
                    vol: format!("{vol:.4}"),
                    index: "64000".to_owned(),
                });
            }
        }
    }
    rows
}

/// In the layout of Deribit's snapshots: one stamp, vols as fractions.
fn deribit(rows: &[Row]) -> String {
    let mut text = "timestamp,instrument_name,option_type,strike,expiry_datetime,bid_price,ask_price,mark_price,futures_price,implied_volatility,index_price\n".to_owned();
    for row in rows {
        let Row { time, name, kind, strike, expiry, bid, ask, mark, forward, vol, index } = row;
        writeln!(
            text,
            "{time},{name},{kind},{strike},{expiry},{bid},{ask},{mark},{forward},{vol},{index}"
        )
        .unwrap();
    }
    text
}

/// In the layout of Tardis: a stamp in microseconds for each row, vols in per cent, no index price.
fn tardis(rows: &[Row]) -> String {
    let mut text = "exchange,symbol,timestamp,local_timestamp,type,strike_price,expiration,open_interest,last_price,bid_price,bid_amount,bid_iv,ask_price,ask_amount,ask_iv,mark_price,mark_iv,underlying_index,underlying_price,delta,gamma,vega,theta,rho\n".to_owned();
    for (number, row) in (0..).zip(rows) {
        let Row { name, kind, strike, expiry, bid, ask, mark, forward, .. } = row;
        let time = Timestamp::parse(&row.time).map_or_else(
            || row.time.clone(),
            |time| (1000 * (time.millis() + 1 + number)).to_string(),
        );
        let vol = row
            .vol
            .parse::<f64>()
            .map_or_else(|_| row.vol.clone(), |vol| (100.0 * vol).to_string());
        let expiry = 1000 * expiry.millis();
        writeln!(text, "deribit,{name},{time},{time},{kind},{strike},{expiry},1,,{bid},1,,{ask},1,,{mark},{vol},SYN.BTC,{forward},,,,,")
            .unwrap();
    }
    text
}

type Layout = (&'static str, fn(&[Row]) -> String);
const LAYOUTS: [Layout; 2] = [("deribit.csv", deribit), ("tardis.csv", tardis)];

/// Line 9 of the file, an option out of the money.
const ONE: usize = 7;

/// What is changed: rows, and how.
type Edit = fn(&mut Row);

/// A case: what is done to one row, or to all; what `check` says; what `surface` says. `LINE` stands for the place of the first
/// such row, `FILE` for the file.
struct Case {
    name: &'static str,
    edit: Edit,
    of: Of,
    check: &'static str,
    surface: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
enum Of {
    One,
    All,
}

const PUT: &str =
    "`FILE` line 9: BTC-27FEB26-56000-P (strike 56000.0, expiry 2026-02-27T08:00:00Z)";
const CALL: &str =
    "`FILE` line 2: BTC-27FEB26-44000-C (strike 44000.0, expiry 2026-02-27T08:00:00Z)";

const CASES: &[Case] = &[
    Case {
        name: "one is crossed",
        edit: |row| row.bid = "0.5".to_owned(),
        of: Of::One,
        check: "unusable values: 1 quotes have a bid above their ask; neither is used; first: PUT: bid 0.5, ask 0.0",
        surface: "32 quotes used, IN in the money, 1 with a bid above their ask.\nfound: 1 quotes have a bid above their ask; neither is used; first: PUT: bid 0.5, ask 0.0",
    },
    Case {
        name: "all are crossed",
        edit: |row| std::mem::swap(&mut row.bid, &mut row.ask),
        of: Of::All,
        check: "warning: unusable values: 66 quotes have a bid above their ask; neither is used; first: CALL: bid 0.",
        surface: "no usable quote of 22: 11 in the money, 11 crossed (bid above ask); check which column is the bid and which the ask\n  found: 66 quotes have a bid above their ask; neither is used; first: CALL: bid 0.",
    },
    Case {
        name: "no bids",
        edit: |row| row.bid = String::new(),
        of: Of::All,
        check: "note: missing quotes: 66 quotes have no bid",
        surface: "no usable quote of 22: 11 in the money, 11 without bid or ask; bring two-sided quotes of options out of the money",
    },
    Case {
        name: "a bid that is no number",
        edit: |row| row.bid = "NaN".to_owned(),
        of: Of::One,
        check: "missing quotes: 1 quotes have no bid",
        surface: "32 quotes used, IN in the money, 1 without a bid or an ask.",
    },
    Case {
        name: "an ask in words",
        edit: |row| row.ask = "many".to_owned(),
        of: Of::One,
        check: "warning: unusable values: 1 cells are not numbers and are taken as no quote; first: `FILE` line 9: `many`",
        surface: "found: 1 cells are not numbers and are taken as no quote; first: `FILE` line 9: `many`",
    },
    Case {
        name: "a bid above the strike",
        edit: |row| (row.bid, row.ask) = ("0.9".to_owned(), "0.95".to_owned()),
        of: Of::One,
        check: "1 bids are more than a tick above the most that the option can be worth and are taken as no quote; first: PUT: bid 0.9 at a forward of 64000.0",
        surface: "found: 1 bids are more than a tick above the most",
    },
    Case {
        name: "marks above a coin",
        edit: |row| row.mark = "1.5".to_owned(),
        of: Of::All,
        check: "warning: unusable values: 66 marks are outside of what the option can be worth and are taken as no quote; first: CALL: mark 1.5 at a forward of 64000.0",
        surface: "found: 66 marks are outside of what the option can be worth",
    },
    Case {
        name: "huge marks",
        edit: |row| row.mark = "1e300".to_owned(),
        of: Of::All,
        check: "error: BTC option chain: marks are ",
        surface: "times what their own vol and forward make them when read as paid in coin",
    },
    Case {
        name: "a negative mark",
        edit: |row| row.mark = "-0.1".to_owned(),
        of: Of::One,
        check: "1 negative prices or vols are taken as no quote; first: PUT: mark -0.1",
        surface: "found: 1 negative prices or vols are taken as no quote; first: PUT: mark -0.1",
    },
    Case {
        name: "an infinite forward",
        edit: |row| row.forward = "inf".to_owned(),
        of: Of::One,
        check: "1 cells are not numbers and are taken as no quote; first: `FILE` line 9: `inf`",
        surface: "32 quotes used, IN in the money, 1 without a forward.",
    },
    Case {
        name: "infinite forwards",
        edit: |row| row.forward = "inf".to_owned(),
        of: Of::All,
        check: "66 cells are not numbers and are taken as no quote; first: `FILE` line 2: `inf`",
        surface: "no usable quote of 22: 22 without a forward; bring the forward of each quote\n  found: ",
    },
    Case {
        name: "a huge forward",
        edit: |row| row.forward = "1e300".to_owned(),
        of: Of::One,
        check: "out of all proportion to the strike, and are taken as no forward; first: PUT: forward 1e300",
        surface: "32 quotes used, IN in the money, 1 without a forward.",
    },
    Case {
        name: "a forward of another coin",
        edit: |row| (row.forward, row.index) = ("45000".to_owned(), "45000".to_owned()),
        of: Of::One,
        check: "series usable",
        surface: "32 quotes used, IN in the money, 1 with a forward far from the others.",
    },
    Case {
        name: "vols of 0",
        edit: |row| row.vol = "0".to_owned(),
        of: Of::All,
        check: "note: missing quotes: 66 quotes have no vol of the mark",
        surface: "33 quotes used, IN in the money.",
    },
    Case {
        name: "huge vols",
        edit: |row| row.vol = "1e300".to_owned(),
        of: Of::All,
        check: "66 vols are above 100,000 % and are taken as no vol; first: CALL: vol 1e",
        surface: "found: 66 vols are above 100,000 % and are taken as no vol; first: CALL: vol 1e",
    },
    Case {
        name: "vols of no unit",
        edit: |row| row.vol = "600".to_owned(),
        of: Of::All,
        check: "is neither a fraction (0.55) nor per cent (55); check which column holds the vol",
        surface: "is neither a fraction (0.55) nor per cent (55); check which column holds the vol",
    },
    Case {
        name: "a strike below 0",
        edit: |row| (row.name, row.strike) = (row.name.replace("56000", "-1"), "-1".to_owned()),
        of: Of::One,
        check: "warning: symbols: 1 rows do not name an option and are dropped; first: `FILE` line 9: `BTC-27FEB26--1-P`",
        surface: "found: 1 rows do not name an option and are dropped; first: `FILE` line 9: `BTC-27FEB26--1-P`",
    },
    Case {
        name: "strikes of 0",
        edit: |row| {
            row.name = row.name.replace(&format!("-{}-", row.strike), "-0-");
            row.strike = "0".to_owned();
        },
        of: Of::All,
        check: "error: `FILE` has no BTC option chain: 66 rows name no option; first: line 2: `BTC-27FEB26-0-C`; expected names such as",
        surface: "`FILE` has no BTC option chain: 66 rows name no option; first: line 2: `BTC-27FEB26-0-C`; expected names such as",
    },
    Case {
        name: "a strike that cannot be read beside a name that can",
        edit: |row| row.strike = "high".to_owned(),
        of: Of::One,
        check: "1 options have a kind, strike or expiry that cannot be read; their names are believed; first: `FILE` line 9: `put, high, ",
        surface: "33 quotes used, IN in the money.\nfound: 1 options have a kind, strike or expiry that cannot be read",
    },
    Case {
        name: "a negative time",
        edit: |row| row.time = "-5".to_owned(),
        of: Of::One,
        check: "warning: unusable values: 1 rows have no stamp and are dropped; first: `FILE` line 9: `-5`",
        surface: "found: 1 rows have no stamp and are dropped; first: `FILE` line 9: `-5`",
    },
    Case {
        name: "huge times",
        edit: |row| row.time = "1e300".to_owned(),
        of: Of::All,
        check: "error: `FILE` line 2, column `timestamp`: found `1e300`, expected a stamp",
        surface: "`FILE` line 2, column `timestamp`: found `1e300`, expected a stamp",
    },
    Case {
        name: "expired",
        edit: |row| row.time = "2026-07-01T00:00:00Z".to_owned(),
        of: Of::All,
        check: "error: `FILE`: all 66 quotes of the BTC option chain are stamped at or after the expiry of their option; check the column and the zone of the stamps; first: CALL: stamped 2026-07-01T00:00:00",
        surface: "`FILE`: all 66 quotes of the BTC option chain are stamped at or after the expiry",
    },
];

fn edited(edit: Edit, of: Of) -> Vec<Row> {
    let mut rows = rows("BTC");
    match of {
        Of::One => edit(&mut rows[ONE]),
        Of::All => rows.iter_mut().for_each(edit),
    }
    rows
}

/// All that a command says, on either stream.
fn told(desk: &Desk, arguments: &[&str]) -> String {
    let output = desk.hedgerow(arguments);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let all = text(&output.stdout) + &text(&output.stderr);
    assert!(!all.contains("panicked"), "{all}");
    assert_eq!(output.status.success(), !all.contains("error: "), "{all}");
    let long = all.lines().find(|line| line.len() >= 1000);
    assert_eq!(long, None, "a line that nobody reads");
    all
}

/// A text of a case for one file.
fn expected(text: &str, file: &str) -> String {
    text.replace("PUT", PUT).replace("CALL", CALL).replace("FILE", file)
}

#[test]
fn each_spoilt_chain_is_told_by_check_and_surface() {
    let mut wrong = Vec::new();
    for Case { name, edit, of, check, surface } in CASES {
        for (file, layout) in LAYOUTS {
            let desk = Desk::new();
            desk.write(file, &layout(&edited(*edit, *of)));
            let checked = told(&desk, &["check", file]);
            let fitted = left_out_shortened(&told(&desk, &["surface", file, "--out", "out"]));
            for (text, said) in [(check, checked), (surface, fitted)] {
                let text = expected(text, file);
                if !said.contains(&text) {
                    wrong.push(format!("{name}, {file}: expected\n{text}\nin\n{said}"));
                }
            }
            let page = std::fs::read_to_string(desk.path("out/index.html")).unwrap_or_default();
            assert!(!page.contains("NaN"), "{name}, {file}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A straddle on the chain over a day; its expiry is after the data.
const SCENARIO: &str = r#"name = "one day"
[market]
quality = "tolerant"
perp = "at_spot"
funding = "none"
[[market.series]]
is = "spot"
asset = "BTC"
path = "spot.csv"
bar = "end"
[[market.series]]
is = "option_chain"
asset = "BTC"
path = "FILE"
staleness = "5d"
[vol]
model = "surface"
[[book]]
programme = "straddle"
side = "short"
quantity = 1
tenor_days = 20
listed = true
settlement = "coin"
[capital]
usd = 100_000
[[strategy]]
name = "smile"
[[strategy.leg]]
with = "perp"
delta = "sticky_strike"
when = "every_row"
"#;

/// A scenario says what `check` says of the files, or why no smile could be fitted, or can be run.
#[test]
fn each_spoilt_chain_is_told_to_a_scenario() {
    let mut wrong = Vec::new();
    let mut n_run = 0;
    for Case { name, edit, of, check, surface } in CASES {
        for (file, layout) in LAYOUTS {
            let desk = Desk::new();
            desk.write(file, &layout(&edited(*edit, *of)));
            let hours = (13..=36).map(|hour| {
                format!("2026-02-{:02}T{:02}:00:00Z,64000\n", 5 + hour / 24, hour % 24)
            });
            desk.write("spot.csv", &format!("time,close\n{}", hours.collect::<String>()));
            desk.write("my.toml", &SCENARIO.replace("FILE", file));
            let said = told(&desk, &["check", "my.toml"]);
            let of_file = check.trim_start_matches(|c: char| c != ':').trim_start_matches(": ");
            let reason = surface.split(';').next().unwrap();
            let is_told =
                [of_file, check, reason].iter().any(|text| said.contains(&expected(text, file)));
            let is_run = said.contains("the scenario can be run");
            n_run += usize::from(is_run);
            if !(is_told || is_run) || said.contains("NaN") && !check.contains("NaN") {
                wrong.push(format!("{name}, {file}:\n{said}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(n_run > CASES.len() / 2, "{n_run} of {}", 2 * CASES.len());
}

/// `33 quotes used, 33 left out: 33 in the money` as `33 quotes used, IN in the money`.
fn left_out_shortened(said: &str) -> String {
    let shorter = |line: &str| match line.split_once(" left out: ") {
        Some((used, reasons)) => {
            let used = used.rsplit_once(", ").unwrap().0;
            let reasons = reasons.split_once(" in the money").unwrap().1;
            format!("{used}, IN in the money{reasons}\n")
        }
        None => format!("{line}\n"),
    };
    said.lines().map(shorter).collect()
}

/// A line with another number of fields is named with line and column, whoever reads the table.
#[test]
fn ragged_lines_have_line_and_column() {
    for (file, layout) in LAYOUTS {
        let text = layout(&rows("BTC"));
        let lines: Vec<&str> = text.lines().collect();
        let n = lines[0].split(',').count();
        let names: Vec<&str> = lines[0].split(',').collect();
        let with = |line: String| {
            let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            lines[7] = line;
            lines.join("\n") + "\n"
        };
        let short = lines[7].rsplitn(3, ',').last().unwrap().to_owned();
        for (line, what) in [
            (
                short,
                format!(
                    "found {} fields, expected {n}: it ends in column `{}`, before `{}`",
                    n - 2,
                    names[n - 3],
                    names[n - 2]
                ),
            ),
            (
                format!("{},7", lines[7]),
                format!(
                    "found {} fields, expected {n}: it goes on after the last column, `{}`",
                    n + 1,
                    names[n - 1]
                ),
            ),
        ] {
            let desk = Desk::new();
            desk.write(file, &with(line));
            let expected = format!("error: `{file}` line 8: {what}");
            for arguments in [
                vec!["check", file],
                vec!["surface", file, "--out", "out"],
                vec!["greeks", file, "--out", "out.csv"],
            ] {
                let said = told(&desk, &arguments);
                assert!(said.contains(&expected), "{arguments:?}:\n{said}");
            }
        }
    }
}

/// Two underlyings in one file: `check` and `import` take both, `surface` wants to know which.
#[test]
fn two_underlyings_in_one_file() {
    for (file, layout) in LAYOUTS {
        let desk = Desk::new();
        desk.write(file, &layout(&[rows("BTC"), rows("ETH")].concat()));
        let said = told(&desk, &["check", file]);
        assert!(
            said.contains("BTC option chain from") && said.contains("ETH option chain from"),
            "{said}"
        );
        assert!(said.contains("2 series, all usable"), "{said}");
        let said = told(&desk, &["surface", file, "--out", "out"]);
        assert_eq!(said, "error: the files hold options on BTC and ETH; choose one with --asset\n");
        let said = told(&desk, &["surface", file, "--out", "out", "--asset", "ETH"]);
        assert!(said.starts_with("ETH options paid in coins: "), "{said}");
        told(&desk, &["import", file, "--out", "imported"]);
        for asset in ["BTC", "ETH"] {
            assert!(
                desk.path(&format!("imported/{asset}-option-chain.parquet")).exists(),
                "{asset}"
            );
        }
    }
}

#[derive(Clone, Copy)]
enum From {
    Vol,
    Mark,
}

/// What is done to one row, whether it is priced from its vol or implied from its mark, and what `greeks` says.
const PRICED: [(Edit, From, &str); 12] = [
    (
        |row| row.forward = "NaN".to_owned(),
        From::Vol,
        "line 9: forward is NaN, expected a finite number",
    ),
    (
        |row| row.forward = "inf".to_owned(),
        From::Vol,
        "line 9: forward is inf, expected a finite number",
    ),
    (
        |row| row.forward = "0".to_owned(),
        From::Vol,
        "line 9: forward is 0, expected a positive number",
    ),
    (
        |row| row.strike = "-1".to_owned(),
        From::Vol,
        "line 9: strike is -1, expected a positive number",
    ),
    (|row| row.vol = "-1".to_owned(), From::Vol, "line 9: vol is -1, expected zero or more"),
    (|row| row.vol = "0".to_owned(), From::Vol, "66 priced, 0 not"),
    (
        |row| row.vol = "1e300".to_owned(),
        From::Vol,
        "1 vol above 500 %, the first in line 9: 1e302 %; are they in per cent?",
    ),
    (
        |row| row.vol = "many".to_owned(),
        From::Vol,
        "error: `chain.csv` line 9, column `implied_volatility`: found `many`, expected a number",
    ),
    (
        |row| row.time = "1e300".to_owned(),
        From::Vol,
        "error: `chain.csv` line 9, column `timestamp`: found `1e300`, expected an instant",
    ),
    (|row| row.time = "2026-07-01T00:00:00Z".to_owned(), From::Vol, "line 9: years is -0.33"),
    (
        |row| row.mark = "1.5".to_owned(),
        From::Mark,
        "line 9: price 1.5 is not below 0.875, the most a put can be worth",
    ),
    (
        |row| row.mark = "-0.1".to_owned(),
        From::Mark,
        "line 9: price -0.1 is below the intrinsic value 0",
    ),
];

/// Bad cells of a table that `greeks` prices: a reason in their row, or an error with its place; no cell that is written
/// is a NaN of ours.
#[test]
fn each_spoilt_row_is_told_by_greeks() {
    let columns = "time=timestamp,kind=option_type,expiry=expiry_datetime,forward=futures_price";
    let vols = format!("{columns},vol=implied_volatility");
    let prices = format!("{columns},price=mark_price");
    let desk = Desk::new();
    for (edit, from, expected) in PRICED {
        let columns = match from {
            From::Vol => &vols,
            From::Mark => &prices,
        };
        desk.write("chain.csv", &deribit(&edited(edit, Of::One)));
        let arguments = [
            "greeks",
            "chain.csv",
            "--out",
            "out.csv",
            "--overwrite",
            "--model",
            "inverse",
            "--columns",
            columns,
        ];
        let said = told(&desk, &arguments);
        assert!(said.contains(expected), "{expected} in\n{said}");
        let written = std::fs::read_to_string(desk.path("out.csv")).unwrap_or_default();
        let ours = |line: &str| line.split(',').skip(11).any(|cell| cell == "NaN" || cell == "inf");
        assert!(!written.lines().any(ours), "{expected}");
    }
}
