//! One golden file per format, typed by hand.

use hedgerow_core::Contract;

use hedgerow_data::{MarketSource, load};

use crate::{findings, load_fixture, times};

const HOURS: [&str; 6] = [
    "2024-12-31T23:00:00Z",
    "2025-01-01T00:00:00Z",
    "2025-01-01T01:00:00Z",
    "2025-01-01T02:00:00Z",
    "2025-01-01T03:00:00Z",
    "2025-01-01T04:00:00Z",
];

const DAYS: [&str; 6] = [
    "2020-03-10T00:00:00Z",
    "2020-03-11T00:00:00Z",
    "2020-03-12T00:00:00Z",
    "2020-03-13T00:00:00Z",
    "2020-03-14T00:00:00Z",
    "2020-03-15T00:00:00Z",
];

const DAILY_CLOSES: [f64; 6] = [7929.87, 7894.56, 7934.52, 4800.0, 5578.6, 5172.06];

#[test]
fn binance_vision_spot_in_milliseconds_then_microseconds() {
    let loaded = load_fixture(
        r#"series = [
            { is = "spot", asset = "BTC", path = "binance_vision_ms.csv" },
            { is = "spot", asset = "BTC", path = "binance_vision_us.csv", format = "binance_vision" },
        ]"#,
    );
    let (market, spot) = (&loaded.market, &loaded.market.assets()[0]);
    assert_eq!(times(market), HOURS);
    assert_eq!(spot.spot, [93576.0, 93429.2, 93950.5, 94100.0, 94010.25, 93800.0]);
    let opens = [93400.0, 93576.0, 93429.2, 93950.5, 94100.0, 94010.25];
    assert_eq!(spot.open.as_deref(), Some(&opens[..]));
    assert_eq!(spot.high.as_ref().unwrap()[3], 94200.75);
    assert_eq!(spot.low.as_ref().unwrap()[0], 93100.25);
    assert_eq!(
        findings(&loaded.quality),
        ["BTC spot: units: stamps are read as microseconds by their size"]
    );
    assert_eq!(loaded.files.len(), 2);
}

#[test]
fn binance_vision_perp_with_header_funding_and_an_unfinished_bar() {
    let loaded = load_fixture(
        r#"series = [
            { is = "spot", asset = "BTC", path = "binance_vision_perp.csv" },
            { is = "perp", asset = "BTC", path = "binance_vision_perp.csv" },
            { is = "funding", asset = "BTC", path = "binance_vision_funding.csv" },
        ]"#,
    );
    assert_eq!(times(&loaded.market), HOURS[..5]);
    let perp = loaded.market.tradable(0, Contract::LinearPerp).unwrap();
    assert!(!perp.marked_at_spot);
    assert_eq!(perp.open.as_ref().unwrap()[0], 93400.0);
    let funding: Vec<_> = perp
        .funding
        .as_ref()
        .unwrap()
        .iter()
        .map(|event| (event.time.to_string(), event.rate))
        .collect();
    assert_eq!(
        funding,
        [
            ("2024-12-31T16:00:00Z".to_owned(), 1e-4),
            ("2025-01-01T00:00:00Z".to_owned(), -2.5e-5),
            ("2025-01-01T08:00:00Z".to_owned(), 7.1e-5),
        ]
    );
    let unfinished = "unfinished rows: the last bar had not ended when the file was written and is dropped (step 1h)";
    assert_eq!(
        findings(&loaded.quality),
        [
            format!("BTC spot: {unfinished}"),
            format!("BTC perp: {unfinished}"),
            "BTC funding: stamps off the grid: 2 stamps within a minute of a full hour are read as that hour".to_owned(),
        ]
    );
}

#[test]
fn cryptodatadownload_in_its_three_layouts() {
    for (path, said) in [
        (
            "cdd_milliseconds.csv",
            vec![
                "BTC spot: layout: a banner line is skipped; first: `cdd_milliseconds.csv`",
                "BTC spot: units: 2 stamps in microseconds among milliseconds, converted by their size; first: `cdd_milliseconds.csv` line 4, line 5",
                "BTC spot: stamps out of order: rows run from the newest to the oldest and are sorted",
            ],
        ),
        (
            "cdd_seconds.csv",
            vec![
                "BTC spot: stamps out of order: rows run from the newest to the oldest and are sorted",
            ],
        ),
    ] {
        let loaded = load_fixture(&format!(
            "series = [{{ is = \"spot\", asset = \"BTC\", path = \"{path}\", format = \"cryptodatadownload\" }}]"
        ));
        assert_eq!(times(&loaded.market), DAYS);
        let spot = &loaded.market.assets()[0];
        assert_eq!(spot.spot, DAILY_CLOSES);
        assert_eq!(spot.low.as_ref().unwrap()[4], 3782.13);
        assert_eq!(findings(&loaded.quality), said);
    }
    let loaded =
        load_fixture("series = [{ is = \"spot\", asset = \"BTC\", path = \"cdd_2019.csv\" }]");
    assert_eq!(
        times(&loaded.market),
        [
            "2019-10-17T11:00:00Z",
            "2019-10-17T12:00:00Z",
            "2019-10-17T13:00:00Z",
            "2019-10-17T14:00:00Z"
        ]
    );
    assert_eq!(loaded.market.assets()[0].spot, [8025.0, 8125.0, 8225.0, 8325.0]);
    assert_eq!(loaded.quality.series[0].format, "cryptodatadownload");
}

#[test]
fn csv_with_declared_columns() {
    let loaded = load_fixture(
        r#"series = [{ is = "spot", asset = "BTC", path = "prices.csv", bar = "start", columns = { time = "day", close = "last price" } }]"#,
    );
    assert_eq!(times(&loaded.market), DAYS);
    assert_eq!(loaded.market.assets()[0].spot, DAILY_CLOSES);
    assert_eq!(loaded.market.assets()[0].open, None);
    assert_eq!(findings(&loaded.quality), Vec::<String>::new());
}

#[test]
fn csv_without_a_declared_bar_says_what_it_assumes() {
    let loaded = load_fixture(
        r#"series = [{ is = "spot", asset = "BTC", path = "prices.csv", columns = { time = "day", close = "last price" } }]"#,
    );
    assert_eq!(times(&loaded.market)[0], "2020-03-09T00:00:00Z");
    assert_eq!(
        loaded.quality.assumptions,
        [
            "`prices.csv`: a stamp is the instant of its figure, as no `bar` is declared",
            "BTC has no opens: trades are filled at the price of the row that decides them",
        ]
    );
}

/// A close beside a column `open_time` is known a step later; it was once taken for known when its bar opens.
#[test]
fn stamps_that_say_they_are_openings_are_starts_of_bars() {
    for name in ["open_time", "Open Time", "openTime"] {
        let text = format!(
            "{name},close\n2024-01-01 00:00,100\n2024-01-01 01:00,101\n2024-01-01 02:00,102\n"
        );
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("x.csv"), text).unwrap();
        let series = format!(
            "series = [{{ is = \"spot\", asset = \"BTC\", path = \"x.csv\", columns = {{ time = \"{name}\", close = \"close\" }} }}]"
        );
        let source: MarketSource = toml::from_str(&series).unwrap();
        let loaded = load(&source, folder.path()).unwrap();
        assert_eq!(times(&loaded.market)[0], "2024-01-01T01:00:00Z", "{name}");
        let said = loaded.quality.assumptions.join("; ");
        assert!(said.contains(&format!("`{name}` is when a bar opens")), "{said}");
    }
}

#[test]
fn funding_export_with_mark_percent_signs_and_london_time() {
    let loaded = load_fixture(
        r#"
        perp = "at_spot"
        series = [
            { is = "spot", asset = "BTC", path = "cdd_seconds.csv" },
            { is = "funding", asset = "BTC", path = "funding_web.csv", time_zone = "Europe/London", unit = "percent", columns = { time = "Time", rate = "Funding Rate" } },
        ]"#,
    );
    let perp = loaded.market.tradable(0, Contract::InversePerp).unwrap();
    let funding: Vec<_> = perp
        .funding
        .as_ref()
        .unwrap()
        .iter()
        .map(|event| (event.time.to_string(), event.rate))
        .collect();
    // Clocks went back on 25 October 2020: 01:00 occurs twice, and midnight UTC is the first.
    assert_eq!(
        funding,
        [
            ("2020-10-24T08:00:00Z".to_owned(), 1e-4),
            ("2020-10-24T16:00:00Z".to_owned(), 7.1e-5),
            ("2020-10-25T00:00:00Z".to_owned(), -2.5e-5),
            ("2020-10-25T08:00:00Z".to_owned(), 1e-4),
        ]
    );
}

#[test]
fn vol_in_percent_becomes_a_fraction() {
    let loaded = load_fixture(
        r#"
        series = [
            { is = "spot", asset = "BTC", path = "cdd_seconds.csv" },
            { is = "vol", asset = "BTC", path = "dvol.csv", unit = "percent", bar = "start", columns = { time = "timestamp", vol = "dvol_close" } },
        ]"#,
    );
    let vol = &loaded.market.vols()[0];
    assert_eq!(vol.name, "DVOL");
    assert_eq!(vol.vol, [0.505, 0.515, 0.525, 0.535, 0.545, 0.555].map(Some));
}
