//! Every folder of real files goes through the program with declarations alone: skipped where the files are absent.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod support;

use serde_json::Value;
use support::{Desk, shared};

/// What is typed after `hedgerow check FOLDER/`, and for each series `name rows first last`.
type Case = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

const BASIS_PERP: &[&str] =
    &["--is", "perp", "--asset", "BTC", "--columns", "time=Time,close=BTCUSDT Future"];

const CASES: &[Case] = &[
    (
        "binance-perp-1h-2026",
        "1h_*",
        &["--is", "perp", "--bar", "start"],
        &[
            "BTC perp 4500 2025-09-13T09:00:00Z 2026-03-19T20:00:00Z",
            "ETH perp 4500 2025-09-13T09:00:00Z 2026-03-19T20:00:00Z",
        ],
    ),
    (
        "binance-perp-1h-2026",
        "funding*",
        &[],
        &[
            "BTC funding 200 2026-01-12T16:00:00Z 2026-03-20T00:00:00Z",
            "ETH funding 200 2026-01-12T16:00:00Z 2026-03-20T00:00:00Z",
        ],
    ),
    (
        "binance-perp-cdd",
        "Binance_BTC_Basis.csv.gz",
        BASIS_PERP,
        &["BTC perp 26285 2021-07-01T01:00:00Z 2024-07-01T00:00:00Z"],
    ),
    (
        "binance-spot-1h-freqtrade",
        "",
        &[],
        &["BTC spot 21453 2017-08-17T05:00:00Z 2020-02-01T01:00:00Z"],
    ),
    (
        "bitfinex-1m-2017-2018",
        "BTC*",
        &[],
        &["BTC spot 1025708 2017-01-01T00:01:00Z 2019-01-01T00:00:00Z"],
    ),
    (
        "deribit-chain-2021-02",
        "",
        &[],
        &[
            "BTC option chain 976 2021-02-11T18:37:05.262Z 2021-02-11T18:44:14.256Z",
            "ETH option chain 996 2021-02-11T18:38:51.977Z 2021-02-11T18:46:09.035Z",
        ],
    ),
    (
        "deribit-chain-hourly-2026-01",
        "",
        &[],
        &["BTC option chain 24562 2026-01-23T01:00:00Z 2026-01-24T13:00:00Z"],
    ),
    (
        "deribit-chains-2026-dev",
        "*202512.tar.zst",
        &["--asset", "ETH"],
        &["ETH option chain 2680 2025-12-30T17:31:15.944Z 2025-12-31T21:18:43.878Z"],
    ),
    (
        "deribit-chains-2026-dev",
        "term_futures_marks.csv.gz",
        &[
            "--is",
            "future",
            "--asset",
            "BTC",
            "--columns",
            "time=timestamp,close=term_mark_price_final,instrument=futures_instrument_name",
        ],
        &["BTC futures 2471 2025-12-30T17:31:15.944Z 2026-03-31T21:39:06.362Z"],
    ),
    ("dvol-btc", "", &[], &["BTC DVOL 23576 2021-03-24T01:00:00Z 2024-01-01T00:00:00Z"]),
    (
        "ftx-btcperp-1m-2022-01",
        "",
        &["--bar", "end"],
        &["BTC perp 45031 2021-12-31T23:01:00Z 2022-02-01T05:31:00Z"],
    ),
    (
        "funding-binance-web",
        "",
        &[],
        &[
            "BTC funding 5386 2019-09-10T08:00:00Z 2024-08-09T08:00:00Z",
            "BTC inverse funding 1000 2023-09-11T08:00:00Z 2024-08-09T08:00:00Z",
        ],
    ),
    (
        "funding-multi-venue",
        "*binance*",
        &["--time-zone", "Etc/GMT-3"],
        &[
            "BTC funding 4383 2020-01-01T00:00:00Z 2023-12-31T16:00:00Z",
            "ETH funding 4383 2020-01-01T00:00:00Z 2023-12-31T16:00:00Z",
        ],
    ),
];

#[test]
fn every_folder_is_read_as_what_it_is() {
    let mut wrong = Vec::new();
    for (folder, pattern, arguments, expected) in CASES {
        let Some(folder) = shared(folder) else { return };
        let path = folder.join(pattern).display().to_string();
        let mut all = vec!["check", path.as_str(), "--json"];
        all.extend(*arguments);
        let output = Desk::new().hedgerow(&all);
        if !output.status.success() {
            wrong.push(format!("{path}: {}", String::from_utf8_lossy(&output.stderr)));
            continue;
        }
        let verdict: Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |series: &Value, key: &str| series[key].as_str().unwrap().to_owned();
        let found: Vec<String> = verdict["series"]
            .as_array()
            .unwrap()
            .iter()
            .map(|series| {
                let (first, last) = (text(series, "first"), text(series, "last"));
                format!("{} {} {first} {last}", text(series, "name"), series["rows"])
            })
            .collect();
        if found != *expected {
            wrong.push(format!("{path}: {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn stamps_of_another_zone_are_named_with_the_zone_that_fits() {
    let Some(folder) = shared("funding-multi-venue") else { return };
    let path = folder.join("BTC-USDT_binance*").display().to_string();
    let output = Desk::new().hedgerow(&["check", &path]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(text.contains("warning: time zone: ") && text.contains("Etc/GMT-3"), "{text}");
    let strict = Desk::new().hedgerow(&["check", &path, "--strict"]);
    assert_eq!(strict.status.code(), Some(1));
}
