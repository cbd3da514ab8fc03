//! Bad input: one clear message each.

use hedgerow_data::{MarketSource, load};

use crate::{findings, fixtures, folder_with, load_in};

const SPOT: &str = r#"series = [{ is = "spot", asset = "BTC", path = "x.csv" }]"#;

/// The message for a file of this content under this `[market]`.
fn message_of(content: &str, market: &str) -> String {
    load_in(folder_with("x.csv", content).path(), market).unwrap_err().to_string()
}

/// The findings for a file of this content.
fn findings_of(content: &str) -> Vec<String> {
    findings(&load_in(folder_with("x.csv", content).path(), SPOT).unwrap().quality)
}

fn strict(market: &str) -> String {
    format!("quality = \"strict\"\n{market}")
}

#[test]
fn missing_file() {
    let error =
        load_in(&fixtures(), r#"series = [{ is = "spot", asset = "BTC", path = "no/such.csv" }]"#);
    assert_eq!(
        error.unwrap_err().to_string(),
        "cannot read `no/such.csv`: No such file or directory (os error 2)"
    );
}

#[test]
fn empty_file_and_header_only() {
    assert_eq!(message_of("", SPOT), "`x.csv` is empty");
    assert_eq!(message_of(" \n\n", SPOT), "`x.csv` is empty");
    assert_eq!(message_of("time,close\n", SPOT), "`x.csv` has a header but no rows");
}

#[test]
fn one_row_is_too_short() {
    assert_eq!(
        message_of("time,close\n2024-01-01,5\n", SPOT),
        "`x.csv` has 1 usable rows, expected at least 2"
    );
}

#[test]
fn wrong_column_names_the_nearest() {
    let market = r#"series = [{ is = "spot", asset = "BTC", path = "x.csv", columns = { time = "time", close = "closing" } }]"#;
    assert_eq!(
        message_of("time,close,volume\n2024-01-01,5,1\n2024-01-02,6,1\n", market),
        "`x.csv` has no column `closing`, did you mean `close`; it has: time, close, volume"
    );
}

#[test]
fn unknown_columns_must_be_declared() {
    assert_eq!(
        message_of("time,fixing\n2024-01-01,5\n2024-01-02,6\n", SPOT),
        "`x.csv`: no column is known to hold the close; declare it with `columns = { close = \"…\" }`; it has: time, fixing"
    );
}

#[test]
fn bars_must_declare_their_label() {
    assert_eq!(
        message_of("time,open,close\n2024-01-01,5,5\n2024-01-02,6,6\n", SPOT),
        "`x.csv` holds bars: declare what its labels are with `bar = \"start\"` or `bar = \"end\"`"
    );
}

#[test]
fn text_nan_zero_and_negative_prices() {
    for (cell, found) in [
        ("sixty", "`sixty`"),
        ("NaN", "`NaN`"),
        ("", "nothing"),
        ("0", "`0`"),
        ("-7.5", "`-7.5`"),
        ("inf", "`inf`"),
    ] {
        let content = format!("time,close\n2024-01-01,5\n2024-01-02,{cell}\n2024-01-03,6\n");
        assert_eq!(
            message_of(&content, &strict(SPOT)),
            format!("`x.csv` line 3, column `close`: found {found}, expected a positive number")
        );
        assert_eq!(
            findings_of(&content)[0],
            format!(
                "BTC spot: unusable values: 1 rows cannot be used and are dropped; first: `x.csv` line 3, column `close`: found {found}, expected a positive number"
            )
        );
    }
}

#[test]
fn unreadable_stamps() {
    let content = "time,close\n2024-01-01,5\nyesterday,5\n2024-01-02,6\n";
    assert_eq!(
        message_of(content, &strict(SPOT)),
        "`x.csv` line 3, column `time`: found `yesterday`, expected a date and time such as `2024-06-12 08:00:00`"
    );
    let content = "time,close\n1704067200,5\n0,5\n1704153600,6\n";
    assert_eq!(
        message_of(content, &strict(SPOT)),
        "`x.csv` line 3, column `time`: found `0`, expected a whole number of seconds, milliseconds or microseconds since 1970"
    );
}

#[test]
fn column_of_words_is_an_error_in_any_mode() {
    let market = r#"series = [{ is = "spot", asset = "BTC", path = "x.csv", columns = { time = "time", close = "symbol" } }]"#;
    assert_eq!(
        message_of("time,symbol\n2024-01-01,BTC\n2024-01-02,BTC\n", market),
        "`x.csv` line 2, column `symbol`: found `BTC`, expected a positive number"
    );
}

#[test]
fn duplicate_and_unsorted_stamps_are_counted() {
    assert_eq!(
        findings_of(
            "time,close\n2024-01-02,6\n2024-01-01,5\n2024-01-02,6\n2024-01-03,7\n2024-01-03,8\n"
        ),
        [
            "BTC spot: stamps out of order: 1 stamps run backwards; rows are sorted",
            "BTC spot: duplicate stamps: 1 rows repeat another row exactly and are dropped",
            "BTC spot: duplicate stamps: 1 rows have the stamp of another row but other figures; the first in the file is kept",
        ]
    );
}

#[test]
fn gap_longer_than_allowed() {
    let content = "time,close\n2024-01-01,5\n2024-01-02,6\n2024-01-03,7\n2024-01-07,7\n";
    assert_eq!(
        message_of(content, SPOT),
        "BTC spot: nothing between 2024-01-03T00:00:00Z and 2024-01-07T00:00:00Z (4d), more than max_gap = \"3d\"; choose a period without it, or allow it with `max_gap = \"4d\"`"
    );
    let folder = folder_with("x.csv", content);
    let loaded = load_in(folder.path(), &format!("max_gap = \"4d\"\n{SPOT}")).unwrap();
    assert_eq!(loaded.market.n_rows(), 4);
}

#[test]
fn mixed_milliseconds_and_microseconds() {
    let content = "time,close\n1704067200000,5\n1704153600000000,6\n1704240000000,7\n";
    assert_eq!(
        findings_of(content)[..2],
        [
            "BTC spot: units: stamps are read as milliseconds by their size",
            "BTC spot: units: 1 stamps in microseconds among milliseconds, converted by their size; first: `x.csv` line 3",
        ]
    );
    assert_eq!(
        message_of(content, &strict(SPOT)),
        "quality = \"strict\" refuses 1 findings: BTC spot: units: 1 stamps in microseconds among milliseconds, converted by their size; first: `x.csv` line 3"
    );
    let declared = r#"series = [{ is = "spot", asset = "BTC", path = "x.csv", time_unit = "ms" }]"#;
    assert_eq!(
        message_of(content, declared),
        "`x.csv` line 3, column `time`: 1704153600000000 was declared to be in milliseconds but looks like microseconds; set `time_unit = \"us\"` or leave it out"
    );
}

#[test]
fn percent_and_fraction_are_told_apart() {
    let vol = |unit: &str| {
        format!(
            "series = [{{ is = \"spot\", asset = \"BTC\", path = \"x.csv\" }}, {{ is = \"vol\", asset = \"BTC\", path = \"x.csv\", columns = {{ time = \"time\", vol = \"vol\" }}{unit} }}]"
        )
    };
    let content = "time,close,vol\n2024-01-01,5,55.5\n2024-01-02,6,60\n2024-01-03,7,62\n";
    assert_eq!(
        message_of(content, &vol("")),
        "`x.csv`, column `vol`: read as fraction, but a typical value of 60 looks like percent; set `unit = \"percent\"`"
    );
    let content = "time,close,vol\n2024-01-01,5,0.55\n2024-01-02,6,0.6\n2024-01-03,7,0.62\n";
    assert_eq!(
        message_of(content, &vol(", unit = \"percent\"")),
        "`x.csv`, column `vol`: read as percent, but a typical value of 0.6 looks like fraction; set `unit = \"fraction\"`"
    );
}

#[test]
fn funding_in_percent_is_told_from_fractions() {
    let market = |unit: &str| {
        format!(
            "perp = \"at_spot\"\nseries = [{{ is = \"spot\", asset = \"BTC\", path = \"x.csv\" }}, {{ is = \"funding\", asset = \"BTC\", path = \"x.csv\", columns = {{ time = \"time\", rate = \"rate\" }}{unit} }}]"
        )
    };
    let content = |rate: &str| {
        format!(
            "time,close,rate\n2024-01-01 00:00,5,{rate}\n2024-01-01 08:00,6,{rate}\n2024-01-01 16:00,7,{rate}\n"
        )
    };
    assert_eq!(
        message_of(&content("0.01"), &market("")),
        "`x.csv`, column `rate`: read as fraction, but a typical value of 0.01 looks like percent; set `unit = \"percent\"`"
    );
    assert_eq!(
        message_of(&content("0.0001"), &market(", unit = \"percent\"")),
        "`x.csv`, column `rate`: read as percent, but a typical value of 0.0001 looks like fraction; set `unit = \"fraction\"`"
    );
    assert_eq!(
        message_of(&content("0.01%"), &market(", unit = \"fraction\"")),
        "series BTC funding: `unit` cannot be used as `fraction`: the file writes per cent signs"
    );
    // An extreme but possible rate passes when it is declared, with a warning.
    let folder = folder_with("x.csv", &content("0.01"));
    let loaded = load_in(folder.path(), &market(", unit = \"fraction\"")).unwrap();
    assert_eq!(
        findings(&loaded.quality),
        [
            "BTC funding: units: a typical rate of 0.01 is declared a fraction but looks like per cent"
        ]
    );
}

#[test]
fn missing_funding_must_be_declared() {
    let content = "time,close\n2024-01-01,5\n2024-01-02,6\n";
    assert_eq!(
        message_of(content, &format!("perp = \"at_spot\"\n{SPOT}")),
        "BTC perp has no funding: add a series with `is = \"funding\"`, or declare `funding = \"none\"`, or a venue's formula (`hedgerow list`)"
    );
    let folder = folder_with("x.csv", content);
    load_in(folder.path(), &format!("perp = \"at_spot\"\nfunding = \"none\"\n{SPOT}")).unwrap();
}

#[test]
fn contradictions_are_named() {
    let content = "time,close,rate\n2024-01-01 00:00,5,0.0001\n2024-01-01 08:00,6,0.0001\n";
    let funding = r#"series = [{ is = "spot", asset = "BTC", path = "x.csv" }, { is = "funding", asset = "BTC", path = "x.csv" }]"#;
    assert_eq!(
        message_of(content, &format!("perp = \"at_spot\"\nfunding = \"none\"\n{funding}")),
        "`funding = \"none\"` contradicts the funding series of BTC; remove one of them"
    );
    assert_eq!(
        message_of(content, funding),
        "the series BTC funding belongs to nothing: there is no BTC perp; add its prices, or declare `perp = \"at_spot\"`"
    );
    assert_eq!(
        message_of(content, r#"series = [{ is = "funding", asset = "BTC", path = "x.csv" }]"#),
        "the series BTC funding belongs to nothing: there is no spot of BTC; add a series with `is = \"spot\"`"
    );
    assert_eq!(
        message_of(content, ""),
        "the market is empty: set `source = \"sample\"`, or add a series with `is = \"spot\"`"
    );
    assert_eq!(
        message_of(content, &format!("source = \"sample\"\n{SPOT}")),
        "`source = \"sample\"` and `series` exclude each other; remove one of them"
    );
    assert_eq!(
        message_of(
            content,
            r#"series = [{ is = "spot", asset = "BTC", path = "x.csv", unit = "percent" }]"#
        ),
        "series BTC spot: `unit` cannot be used with prices, which are in USD"
    );
    assert_eq!(
        message_of(
            content,
            r#"series = [{ is = "spot", asset = "BTC", path = "x.csv", format = "parquet" }]"#
        ),
        "`x.csv` is not a parquet file: it is text; set `format = \"csv\"` or leave it out"
    );
    assert_eq!(
        message_of("[[1,2,3]]\n[[2,3,4]]\n", SPOT),
        "`x.csv`: no column is known to hold the time; declare it with `columns = { time = \"…\" }`; it has: column_1, column_2, column_3"
    );
}

#[test]
fn keys_that_mean_nothing_are_refused() {
    let content = "time,close,rate\n1704067200,5,0.0001\n1704153600,6,0.0001\n";
    let key = |is: &str, key: &str| {
        let market =
            format!("series = [{{ is = \"{is}\", asset = \"BTC\", path = \"x.csv\", {key} }}]");
        message_of(content, &market)
    };
    for (is, text, message) in [
        (
            "spot",
            "time_zone = \"Etc/GMT-3\"",
            "series BTC spot: `time_zone` cannot be used with stamps that are numbers since 1970",
        ),
        (
            "spot",
            "name = \"x\"",
            "series BTC spot: `name` cannot be used with anything but a vol or a half-spread",
        ),
        (
            "funding",
            "bar = \"end\"",
            "series BTC funding: `bar` cannot be used with funding, whose stamps are settlements",
        ),
        (
            "funding",
            "staleness = \"1d\"",
            "series BTC funding: `staleness` cannot be used with funding, which is never carried forward",
        ),
        (
            "spot",
            "columns = { time = \"time\", close = \"close\", rate = \"rate\" }",
            "series BTC spot: `rate` cannot be used in `columns` of this kind of series",
        ),
        (
            "spot",
            "format = \"sample\", columns = { time = \"time\" }",
            "series BTC spot: `columns` cannot be used with a `format` that has its own columns; leave `format` out, or set it to `csv`, `json`, `parquet` or `arrow`",
        ),
        (
            "vol",
            "format = \"binance_vision\"",
            "`x.csv` is not a binance_vision file: that format has no vol",
        ),
    ] {
        assert_eq!(key(is, text), message);
    }
}

#[test]
fn unknown_keys_and_values_are_refused() {
    for (market, message) in [
        (
            "sources = \"sample\"",
            "unknown field `sources`, expected one of `source`, `grid`, `staleness`, `max_gap`, `quality`, `perp`, `funding`, `futures`, `series`",
        ),
        (
            "grid = \"1x\"",
            "expected a length of time such as `1d`, `8h`, `15m` or `30s`, found `1x`",
        ),
        (
            "grid = \"0d\"",
            "expected a length of time such as `1d`, `8h`, `15m` or `30s`, found `0d`",
        ),
    ] {
        assert_eq!(toml::from_str::<MarketSource>(market).unwrap_err().message(), message);
    }
}

#[test]
fn line_cut_short_is_dropped_and_named() {
    let content = "time,close,volume\n2024-01-01,5,1\n2024-01-02,6,1\n2024-01-03,7";
    assert_eq!(
        findings_of(content)[0],
        "BTC spot: unfinished rows: 1 last lines are cut short and are dropped; first: `x.csv` line 4"
    );
}

#[test]
fn repeated_prices_and_impossible_bars_are_named() {
    let mut content = "time,high,low,close\n".to_owned();
    for hour in 0..24 {
        content += &format!("2024-01-01 {hour:02}:00,6,4,5\n");
    }
    content += "2024-01-02 00:00,6,4,7\n";
    let market = r#"series = [{ is = "spot", asset = "BTC", path = "x.csv", bar = "end" }]"#;
    let folder = folder_with("x.csv", &content);
    let loaded = load_in(folder.path(), market).unwrap();
    assert_eq!(
        findings(&loaded.quality),
        [
            "BTC spot: unusable values: 1 bars with a price outside their own low and high are kept as they are",
            "BTC spot: repeated prices: the price repeats 24 times or more in 1 runs, 24 times in the longest",
        ]
    );
}

#[test]
fn series_without_a_common_row() {
    let folder = folder_with("x.csv", "time,close\n2024-01-01,5\n2024-01-02,6\n");
    std::fs::write(folder.path().join("y.csv"), "time,close\n2025-01-01,5\n2025-01-02,6\n")
        .unwrap();
    let market = r#"series = [{ is = "spot", asset = "BTC", path = "x.csv" }, { is = "spot", asset = "ETH", path = "y.csv" }]"#;
    let source: MarketSource = toml::from_str(market).unwrap();
    assert_eq!(
        load(&source, folder.path()).unwrap_err().to_string(),
        "no row has a figure of every price series: BTC spot 2024-01-01T00:00:00Z .. 2024-01-02T00:00:00Z, ETH spot 2025-01-01T00:00:00Z .. 2025-01-02T00:00:00Z"
    );
}

/// Its second field must not pass for a price.
#[test]
fn a_line_with_too_many_fields_is_a_bad_row() {
    let text = "time,close\n2024-01-01,100\n2024-01-02,1,101\n2024-01-03,102\n2024-01-04,103\n";
    let folder = folder_with("p.csv", text);
    let market = r#"series = [{ is = "spot", asset = "BTC", path = "p.csv" }]"#;
    let loaded = load_in(folder.path(), market).unwrap();
    assert_eq!(loaded.market.assets()[0].spot, [100.0, 102.0, 103.0]);
    assert_eq!(loaded.quality.verdict(), "warnings");
    let strict =
        load_in(folder.path(), &format!("quality = \"strict\"\n{market}")).unwrap_err().to_string();
    assert!(
        strict.contains("p.csv` line 3") && strict.contains("3 fields, expected 2"),
        "{strict}"
    );
}
