//! A folder with a scenario and data files, and the program run in it.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests")]

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use assert_cmd::Command;
use hedgerow_core::Timestamp;
use hedgerow_data::{Sheet, SheetCells};
use serde_json::Value;

/// A temporary folder in which the program runs.
pub struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> &Self {
        fs::write(self.path(name), text).unwrap();
        self
    }

    pub fn hedgerow(&self, arguments: &[&str]) -> Output {
        Command::cargo_bin("hedgerow")
            .unwrap()
            .current_dir(self.folder.path())
            .args(arguments)
            .output()
            .unwrap()
    }

    /// Runs `my.toml` into `out` and returns its summary.
    #[track_caller]
    pub fn summary(&self) -> Value {
        run(self).summary
    }

    /// Names of everything in the folder, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs `my.toml`, which must fail with exit code 1, one message and no new file; returns the message.
    pub fn refused(&self) -> String {
        let before = self.names();
        let output = self.hedgerow(&["run", "my.toml", "--out", "out"]);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(message.starts_with("error: "), "{message}");
        assert_eq!(message.matches("error: ").count(), 1, "{message}");
        assert!(!message.contains("panicked"), "{message}");
        assert_eq!(self.names(), before, "a refused run leaves nothing behind");
        message.trim_end().trim_start_matches("error: ").to_owned()
    }
}

/// What a run says.
pub struct Ran {
    pub summary: Value,
    /// On the terminal.
    pub said: String,
    /// `index.html`.
    pub page: String,
}

impl Ran {
    #[track_caller]
    pub fn statistic(&self, strategy: &str, key: &str) -> f64 {
        statistic(&self.summary, strategy, key)
    }

    #[track_caller]
    pub fn line(&self, strategy: &str, key: &str) -> f64 {
        line(&self.summary, strategy, key)
    }

    /// What the terminal says of a strategy's account.
    pub fn account(&self, strategy: &str) -> &str {
        let start = format!("account of `{strategy}`: ");
        self.said.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or("")
    }
}

/// Runs `my.toml` into `out`; the P&L of every strategy is explained line by line.
#[track_caller]
pub fn run(desk: &Desk) -> Ran {
    let output = desk.hedgerow(&["run", "my.toml", "--out", "out", "--overwrite"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |name: &str| fs::read_to_string(desk.path(name)).unwrap();
    let ran = Ran {
        summary: serde_json::from_str(&read("out/summary.json")).unwrap(),
        said: String::from_utf8(output.stdout).unwrap(),
        page: read("out/index.html"),
    };
    for strategy in ran.summary["strategies"].as_object().unwrap().keys() {
        assert_explained(&ran.summary, strategy);
    }
    ran
}

/// A statistic of a strategy.
#[track_caller]
pub fn statistic(summary: &Value, strategy: &str, key: &str) -> f64 {
    let value = &summary["strategies"][strategy]["statistics"][key]["value"];
    value.as_f64().unwrap_or_else(|| panic!("{strategy} {key}: {value}"))
}

/// P&L of a strategy on one line, USD.
#[track_caller]
pub fn line(summary: &Value, strategy: &str, key: &str) -> f64 {
    let value = &summary["strategies"][strategy]["explained"][key]["value"];
    value.as_f64().unwrap_or_else(|| panic!("{strategy} {key}: {value}"))
}

/// The lines add up to the change of equity.
#[track_caller]
pub fn assert_explained(summary: &Value, strategy: &str) {
    let lines = summary["strategies"][strategy]["explained"].as_object().unwrap();
    let explained: f64 = lines.keys().map(|key| line(summary, strategy, key)).sum();
    let pnl = statistic(summary, strategy, "pnl");
    let scale = statistic(summary, strategy, "final_equity").abs().max(1.0);
    assert!((explained - pnl).abs() < 1e-9 * scale, "{strategy}: {explained} of {pnl}");
}

/// A place among the real exchange data; `None`, and said, where they are absent.
pub fn shared(path: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    let path = folder.join(path);
    if path.exists() {
        return Some(path.canonicalize().unwrap());
    }
    println!("skipped: the real exchange data are not beside the repository");
    None
}

/// Bitcoin in 2026, hour by hour: Binance's perp as each of `kinds`, and the option chains of Deribit of these `months`,
/// `*` for all. Paths start with `DATA`.
pub fn bitcoin_of_2026(kinds: &[&str], months: &str) -> String {
    let hourly = |kind: &&str| {
        format!(
            r#"
[[market.series]]
is = "{kind}"
asset = "BTC"
path = "DATA/binance-perp-1h-2026/1h_BTCUSDT.csv.gz"
bar = "start"
columns = {{ time = "timestamp", open = "open", high = "high", low = "low", close = "close" }}"#
        )
    };
    let hourly: String = kinds.iter().map(hourly).collect();
    format!(
        r#"{hourly}
[[market.series]]
is = "option_chain"
asset = "BTC"
path = "DATA/deribit-chains-2026-dev/deribit_options_snapshots_{months}.tar.zst"
staleness = "2d""#
    )
}

/// A scenario on the sample that runs; tests break it in one place.
pub const GOOD: &str = r#"name = "test"
[market]
source = "sample"
from = "2023-01-01"
to = "2023-03-31"
[vol]
model = "dvol"
[[book]]
programme = "straddle"
side = "short"
quantity = 10
tenor_days = 30
[capital]
usd = 1_000_000
[[strategy]]
name = "band"
[[strategy.leg]]
with = "perp"
when = { delta_band = 0.5 }
"#;

/// A spot holder on a file of daily prices.
pub const HOLDER: &str = r#"name = "holder"
[market]
perp = "at_spot"
funding = "none"
[[market.series]]
is = "spot"
asset = "BTC"
path = "prices.csv"
[[book]]
programme = "spot"
quantity = 2
[[strategy]]
name = "half"
[[strategy.leg]]
with = "perp"
ratio = { constant = { percent = 50 } }
when = "every_row"
"#;

/// Daily prices, `time,close`, that wander and return.
pub fn prices(n_rows: u32) -> String {
    let mut text = String::from("time,close\n");
    for row in 0..n_rows {
        let day = Timestamp::parse("2024-01-01").unwrap().plus_days(i64::from(row)).date();
        text.push_str(&format!("{day},{}\n", 40_000 + 500 * ((row * 7) % 13)));
    }
    text
}

/// The message of a command that must fail with exit code 1 and leave nothing behind.
#[track_caller]
pub fn refused(desk: &Desk, arguments: &[&str]) -> String {
    let before = desk.names();
    let output = desk.hedgerow(arguments);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(output.stdout.is_empty());
    assert!(message.starts_with("error: ") && !message.contains("panicked"), "{message}");
    assert_eq!(desk.names(), before, "a refused command leaves nothing behind");
    message.trim_end().trim_start_matches("error: ").to_owned()
}

/// What a command that must succeed says.
#[track_caller]
pub fn said(desk: &Desk, arguments: &[&str]) -> String {
    let output = desk.hedgerow(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub fn numbers(sheet: &Sheet, column: &str) -> Vec<f64> {
    sheet.numbers(column).unwrap().into_iter().map(|cell| cell.unwrap_or(f64::NAN)).collect()
}

pub fn texts(sheet: &Sheet, column: &str) -> Vec<String> {
    match &sheet.column(column).unwrap().cells {
        SheetCells::Text(cells) => {
            cells.iter().map(|cell| cell.clone().unwrap_or_default()).collect()
        }
        SheetCells::Numbers(cells) => cells.iter().map(|_| String::new()).collect(),
    }
}

#[track_caller]
pub fn assert_near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected}");
}
