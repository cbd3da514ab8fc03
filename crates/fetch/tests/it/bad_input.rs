//! What cannot be meant is refused before anything is asked.

use hedgerow_core::Timestamp;
use hedgerow_fetch::{BinanceKlines, FetchError, Market, source};

use crate::bench::Bench;
use crate::server::Reply;

/// The refusal of Binance bars with one parameter changed.
fn refusal(name: &str, value: &str) -> String {
    let mut wanted = vec![
        ("market", "spot"),
        ("symbol", "BTCUSDT"),
        ("interval", "1h"),
        ("from", "2024-01-01"),
        ("to", "2024-01-31"),
    ];
    wanted.retain(|(key, _)| *key != name);
    wanted.push((name, value));
    source("binance-klines", &wanted).unwrap_err().to_string()
}

#[test]
fn parameters_that_cannot_be_meant_are_named() {
    assert_eq!(refusal("symbol", "btcusdt"), "`symbol` is `btcusdt`, expected capitals: BTCUSDT");
    assert_eq!(
        refusal("symbol", "../../BTC"),
        "`symbol` is `../../BTC`, expected letters, digits, `_` and `-`, such as BTCUSDT"
    );
    assert_eq!(
        refusal("interval", "7m"),
        "`interval` is `7m`, expected one of 1s, 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h, 1d, 3d, 1w, 1mo"
    );
    assert_eq!(
        refusal("market", "options"),
        "unknown variant `options`, expected one of `spot`, `usd-m`, `coin-m`"
    );
    assert_eq!(
        refusal("from", "yesterday"),
        "expected a date or a UTC time such as 2022-11-06 or 2022-11-06T08:00:00Z, found `yesterday`"
    );
    assert_eq!(
        refusal("from", "1970-01-01"),
        "`from` is `1970-01-01T00:00:00Z`, expected 2010-01-01 or later"
    );
    assert_eq!(
        refusal("to", "2023-12-31"),
        "`from` 2024-01-01T00:00:00Z is not before `to` 2024-01-01T00:00:00Z"
    );
}

#[test]
fn seconds_are_kept_for_spot_only_and_spot_has_no_funding() {
    let seconds =
        [("market", "usd-m"), ("symbol", "BTCUSDT"), ("interval", "1s"), ("from", "2024-01-01")];
    let error = source("binance-klines", &seconds).unwrap_err().to_string();
    assert!(error.starts_with("`interval` is `1s`, expected one of 1m, "), "{error}");
    let spot = [("market", "spot"), ("symbol", "BTCUSDT"), ("from", "2024-01-01")];
    assert_eq!(
        source("binance-funding", &spot).unwrap_err().to_string(),
        "`market` is `spot`, expected usd-m or coin-m: spot has no funding"
    );
}

#[test]
fn resolutions_are_the_venue_s() {
    let dvol = [("currency", "BTC"), ("resolution", "1h"), ("from", "2024-01-01")];
    assert_eq!(
        source("deribit-dvol", &dvol).unwrap_err().to_string(),
        "`resolution` is `1h`, expected one of 1, 60, 3600, 43200, 1D"
    );
    let chart = [("instrument", "BTC-PERPETUAL"), ("resolution", "3600"), ("from", "2024-01-01")];
    assert_eq!(
        source("deribit-chart", &chart).unwrap_err().to_string(),
        "`resolution` is `3600`, expected one of 1, 3, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1D"
    );
}

#[test]
fn the_future_cannot_be_fetched() {
    let bench = Bench::new(|_| Reply::not_found());
    let wanted = [("currency", "BTC"), ("resolution", "60"), ("from", "2025-01-01")];
    let error = bench.fetch("deribit-dvol", &wanted, "2024-06-01").unwrap_err();
    assert_eq!(
        error.to_string(),
        "nothing to fetch: `from` 2025-01-01T00:00:00Z is not before now, 2024-06-01T00:00:00Z"
    );
    assert_eq!(bench.log().len(), 0);
}

#[test]
fn a_source_made_in_code_is_checked_too() {
    let bench = Bench::new(|_| Reply::not_found());
    let source = BinanceKlines {
        market: Market::Spot,
        symbol: "/etc/passwd".to_owned(),
        interval: "1h".to_owned(),
        from: Timestamp::parse("2024-01-01").unwrap(),
        to: None,
    };
    let now = Timestamp::parse("2024-02-01").unwrap();
    let mut go_on = |_: hedgerow_fetch::Progress<'_>| std::ops::ControlFlow::Continue(());
    let error = hedgerow_fetch::fetch(&source, now, &bench.options, bench.dir.path(), &mut go_on)
        .unwrap_err();
    assert!(matches!(error, FetchError::Parameter { name: "symbol", .. }), "{error}");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let bench = Bench::new(|_| Reply::ok("{\"result\":[]}"));
    std::fs::write(bench.dir.path().join("deribit"), "a file").unwrap();
    let wanted = [("currency", "BTC"), ("listing", "active")];
    let error = bench.fetch("deribit-instruments", &wanted, "2024-06-01").unwrap_err();
    let folder = bench.dir.path().join("deribit/instruments");
    let expected = format!("cannot create `{}`: ", folder.display());
    assert!(error.to_string().starts_with(&expected), "{error}");
}
