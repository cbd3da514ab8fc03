//! A folder with a scenario and data files, and the program run in it.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use assert_cmd::Command;
use hedgerow_core::Timestamp;
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
    pub fn summary(&self) -> Value {
        let output = self.hedgerow(&["run", "my.toml", "--out", "out"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&fs::read(self.path("out/summary.json")).unwrap()).unwrap()
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
