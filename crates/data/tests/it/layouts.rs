//! Every wire format, typed by hand: recognised from its content, its rows known at the right instants.

use std::io::Write;
use std::path::Path;

use hedgerow_data::{MarketSource, check_file, load};

use crate::{findings, folder_with, load_in, times};

/// Three hours of bars; the first is known at 2024-01-01T01:00:00Z.
const KNOWN: [&str; 3] = ["2024-01-01T01:00:00Z", "2024-01-01T02:00:00Z", "2024-01-01T03:00:00Z"];

const CLOSES: [f64; 3] = [42475.5, 42613.25, 42581.0];

/// What a price file of any layout must become.
fn prices(name: &str, content: &str, is: &str, format: &str) {
    let folder = folder_with(name, content);
    let quality = check_file(&folder.path().join(name)).unwrap();
    assert_eq!(quality.format, format, "{name}");
    let (kind, spot) = match is {
        "spot" => (is, String::new()),
        other => {
            let hours =
                "time,close\n2024-01-01 01:00:00,1\n2024-01-01 02:00:00,1\n2024-01-01 03:00:00,1\n";
            std::fs::write(folder.path().join("spot.csv"), hours).unwrap();
            (other, "{ is = \"spot\", asset = \"BTC\", path = \"spot.csv\" },".to_owned())
        }
    };
    let market = format!(
        "funding = \"none\"\nseries = [{spot} {{ is = \"{kind}\", asset = \"BTC\", path = \"{name}\" }}]"
    );
    let loaded = load_in(folder.path(), &market).unwrap();
    assert_eq!(times(&loaded.market), KNOWN, "{name}");
    let (closes, opens) = if is == "spot" {
        let asset = &loaded.market.assets()[0];
        (&asset.spot, &asset.open)
    } else {
        let perp = loaded.market.tradables().last().unwrap();
        (&perp.price, &perp.open)
    };
    assert_eq!(closes, &CLOSES, "{name}");
    if let Some(opens) = opens {
        assert_eq!(opens, &[42283.5, 42475.5, 42613.25], "{name}");
    }
}

#[test]
fn binance_klines_as_lists() {
    prices(
        "klines.json",
        r#"[[1704067200000,"42283.5","42554.5","42261","42475.5","1271.6",1704070799999,"53957248.9",47134,"682.5","28957416.8","0"],
            [1704070800000,"42475.5","42775","42431.5","42613.25","1196.3",1704074399999,"50984038.8",44316,"648.9","27648513.1","0"],
            [1704074400000,"42613.25","42638.5","42500","42581","685.2",1704077999999,"29166491.4",32195,"321.1","13669712.2","0"]]"#,
        "spot",
        "binance_vision",
    );
}

#[test]
fn bitfinex_with_names_and_without() {
    let rows = "1704067200000,42283.5,42475.5,42554.5,42261,12\n1704070800000,42475.5,42613.25,42775,42431.5,11\n1704074400000,42613.25,42581,42638.5,42500,6\n";
    let named = format!("timestamp_ms,open,close,high,low,volume\n{rows}");
    prices("named.csv", &named, "spot", "bitfinex");
    prices("bare.csv", rows, "spot", "bitfinex");
    let lists: Vec<String> = rows.lines().rev().map(|row| format!("[{row}]")).collect();
    prices("lists.json", &format!("[{}]", lists.join(",")), "spot", "bitfinex");
}

#[test]
fn coinbase_with_names_and_without() {
    let rows = [
        "1704074400,42500,42638.5,42613.25,42581,6",
        "1704070800,42431.5,42775,42475.5,42613.25,11",
        "1704067200,42261,42554.5,42283.5,42475.5,12",
    ];
    let named = format!("time,low,high,open,close,volume\n{}\n", rows.join("\n"));
    prices("named.csv", &named, "spot", "coinbase");
    let lists: Vec<String> = rows.iter().map(|row| format!("[{row}]")).collect();
    prices("lists.json", &format!("[{}]", lists.join(",")), "spot", "coinbase");
}

#[test]
fn freqtrade_lists() {
    prices(
        "BTC_USDT-1h.json",
        "[[1704067200000,42283.5,42554.5,42261,42475.5,12],[1704070800000,42475.5,42775,42431.5,42613.25,11],[1704074400000,42613.25,42638.5,42500,42581,6]]",
        "spot",
        "freqtrade",
    );
}

#[test]
fn order_that_cannot_be_told_is_asked_for() {
    let flat = "1704067200000,7,7,7,7,1\n1704070800000,8,8,8,8,1\n";
    let folder = folder_with("flat.csv", flat);
    let error = load_in(
        folder.path(),
        "series = [{ is = \"spot\", asset = \"BTC\", path = \"flat.csv\" }]",
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "`flat.csv` has no header, and its columns could be (open, high, low, close) or (open, close, high, low) or (low, high, open, close); set `format` to one of `freqtrade` (open, high, low, close), `bitfinex` (open, close, high, low), `coinbase` (low, high, open, close), or declare `columns = { time = \"column_1\", … }`"
    );
    let declared =
        "series = [{ is = \"spot\", asset = \"BTC\", path = \"flat.csv\", format = \"bitfinex\" }]";
    assert_eq!(load_in(folder.path(), declared).unwrap().market.n_rows(), 2);
}

#[test]
fn deribit_chart_is_an_object_of_columns() {
    prices(
        "BTC-PERPETUAL.json",
        r#"{"jsonrpc":"2.0","result":{"close":[42475.5,42613.25,42581],"cost":[1e6,2e6,1e6],"high":[42554.5,42775,42638.5],"low":[42261,42431.5,42500],
            "open":[42283.5,42475.5,42613.25],"status":"ok","ticks":[1704067200000,1704070800000,1704074400000],"volume":[23.6,47.1,23.5]},"usDiff":1}"#,
        "inverse_perp",
        "deribit_chart",
    );
}

#[test]
fn bitmex_stamps_are_ends() {
    let head = "timestamp,symbol,open,high,low,close,trades,volume,vwap,lastSize,turnover,homeNotional,foreignNotional\n";
    let rest = "10,100,42400,1,1,0.5,100";
    let content = format!(
        "{head}2024-01-01T00:00:00.000Z,XBTUSD,,,,,0,0,,,0,0,0\n2024-01-01T01:00:00.000Z,XBTUSD,42283.5,42554.5,42261,42475.5,{rest}\n2024-01-01T02:00:00.000Z,XBTUSD,42475.5,42775,42431.5,42613.25,{rest}\n2024-01-01T03:00:00.000Z,XBTUSD,42613.25,42638.5,42500,42581,{rest}\n"
    );
    prices("XBTUSD_1h.csv", &content, "inverse_perp", "bitmex");
}

#[test]
fn bitstamp_minutes_without_a_trade_are_left_out() {
    let content = "Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency),Weighted_Price\n1704067200,7,7,7,7,1,7,7\n1704067260,NaN,NaN,NaN,NaN,NaN,NaN,NaN\n1704067320,8,8,8,8,1,8,8\n1704067380,9,9,9,9,1,9,9\n";
    let folder = folder_with("bitstamp.csv", content);
    let loaded = load_in(
        folder.path(),
        "staleness = \"5m\"\nseries = [{ is = \"spot\", asset = \"BTC\", path = \"bitstamp.csv\" }]",
    )
    .unwrap();
    assert_eq!(loaded.quality.series[0].format, "bitstamp_minute");
    assert_eq!(loaded.quality.series[0].n_rows, 3);
    let said = findings(&loaded.quality);
    let left_out = "BTC spot: unusable values: 1 rows have no figure, as nothing was traded or known, and are left out";
    assert!(said.iter().any(|finding| finding == left_out), "{said:?}");
    let newer =
        "timestamp,open,high,low,close,volume\n1704067200.0,7,7,7,7,1\n1704067260.0,8,8,8,8,1\n";
    let folder = folder_with("btcusd_1-min_data.csv", newer);
    let quality = check_file(&folder.path().join("btcusd_1-min_data.csv")).unwrap();
    assert_eq!((quality.format.as_str(), quality.n_rows), ("bitstamp_minute", 2));
    assert_eq!(quality.last.to_string(), "2024-01-01T00:02:00Z");
}

#[test]
fn yahoo_with_one_header_row_and_with_three() {
    let days = [
        "2024-01-01,42280.23,44175.44,42214.98,44167.33",
        "2024-01-02,44187.14,45899.71,44176.95,44957.97",
    ];
    let classic = format!(
        "Date,Open,High,Low,Close,Adj Close,Volume\n{},44167.33,18426978443\n2024-01-01,null,null,null,null,null,null\n{},44957.97,39335274536",
        days[0], days[1]
    );
    let newer = "Price,Adj Close,Close,High,Low,Open,Volume\nTicker,BTC-USD,BTC-USD,BTC-USD,BTC-USD,BTC-USD,BTC-USD\nDate,,,,,,\n2024-01-01,44167.33,44167.33,44175.44,42214.98,42280.23,18426978443\n2024-01-02,44957.97,44957.97,45899.71,44176.95,44187.14,39335274536\n";
    for content in [classic.as_str(), newer] {
        let folder = folder_with("x.csv", content);
        let quality = check_file(&folder.path().join("x.csv")).unwrap();
        assert_eq!((quality.format.as_str(), quality.n_rows), ("yahoo", 2));
        let loaded = load_in(
            folder.path(),
            "series = [{ is = \"spot\", asset = \"BTC\", path = \"x.csv\" }]",
        )
        .unwrap();
        assert_eq!(times(&loaded.market), ["2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z"]);
        assert_eq!(loaded.market.assets()[0].spot, [44167.33, 44957.97]);
        assert_eq!(loaded.market.assets()[0].high.as_ref().unwrap()[1], 45899.71);
    }
}

#[test]
fn coin_metrics_price_is_that_of_the_end_of_the_day() {
    let content = "time,AdrActCnt,PriceUSD,TxCnt\n2009-01-03,0,,0\n2024-01-01T00:00:00.000000000Z,800000,44190.1,500000\n2024-01-02T00:00:00.000000000Z,800000,44950.2,500000\n";
    let folder = folder_with("btc.csv", content);
    let quality = check_file(&folder.path().join("btc.csv")).unwrap();
    assert_eq!((quality.name.as_str(), quality.format.as_str()), ("BTC spot", "coin_metrics"));
    assert_eq!(quality.first.to_string(), "2024-01-02T00:00:00Z");
}

/// What a file of funding must become.
fn funding(name: &str, content: &str, format: &str, expected: &[(&str, f64)]) {
    let folder = folder_with(name, content);
    let quality = check_file(&folder.path().join(name)).unwrap();
    assert_eq!(quality.format, format, "{name}");
    let last = expected.last().unwrap().0;
    let spot = format!("time,close\n{},1\n{last},1\n", expected[0].0);
    std::fs::write(folder.path().join("spot.csv"), spot).unwrap();
    let is = if quality.name.contains("inverse") { "inverse_funding" } else { "funding" };
    let market = format!(
        "perp = \"at_spot\"\nmax_gap = \"9d\"\nseries = [{{ is = \"spot\", asset = \"BTC\", path = \"spot.csv\" }}, {{ is = \"{is}\", asset = \"BTC\", path = \"{name}\" }}]"
    );
    let loaded = load_in(folder.path(), &market).unwrap();
    let perp =
        loaded.market.tradables().iter().find(|tradable| tradable.funding.is_some()).unwrap();
    let found: Vec<_> = perp
        .funding
        .as_ref()
        .unwrap()
        .iter()
        .map(|event| (event.time.to_string(), event.rate))
        .collect();
    let expected: Vec<_> =
        expected.iter().map(|(time, rate)| ((*time).to_owned(), *rate)).collect();
    assert_eq!(found, expected, "{name}");
}

#[test]
fn funding_in_every_layout() {
    let three = [
        ("2024-01-01T00:00:00Z", 1e-4),
        ("2024-01-01T08:00:00Z", -3.75e-4),
        ("2024-01-01T16:00:00Z", 2e-4),
    ];
    funding(
        "BTCUSDT.json",
        r#"[{"symbol":"BTCUSDT","fundingTime":1704067200005,"fundingRate":"0.00010000","markPrice":"42283.58"},
            {"symbol":"BTCUSDT","fundingTime":1704096000000,"fundingRate":"-0.03750000e-2","markPrice":""},
            {"symbol":"BTCUSDT","fundingTime":1704124800001,"fundingRate":"0.00020000","markPrice":"42500"}]"#,
        "binance_funding",
        &three,
    );
    funding(
        "web.csv",
        "\u{feff}\"Time\",\"Contracts\",\"Funding Interval\",\"Funding Rate\"\n\"2024-01-01 16:00:00\",\"BTCUSDT Perpetual\",\"8h\",\"0.020000%\"\n\"2024-01-01 08:00:00\",\"BTCUSDT Perpetual\",\"8h\",\"-0.037500%\"\n\"2024-01-01 00:00:00\",\"BTCUSDT Perpetual\",\"8h\",\"0.010000%\"\n",
        "binance_web_funding",
        &[
            ("2024-01-01T00:00:00Z", 0.01 / 100.0),
            ("2024-01-01T08:00:00Z", -0.0375 / 100.0),
            ("2024-01-01T16:00:00Z", 0.02 / 100.0),
        ],
    );
    funding(
        "BTC-USDT_binance.csv",
        "Symbol,Date,Funding Rate\nBTC-USDT,2024-01-01 00:00:00.000,0.0001\nBTC-USDT,2024-01-01 08:00:00.003,-0.000375\nBTC-USDT,2024-01-01 16:00:00,0.0002",
        "funding_history",
        &three,
    );
    funding(
        "BTC_USDT_USDT-8h-funding_rate.json",
        "[[1704067200000,0.0001,0,0,0,0],[1704096000000,-0.000375,0,0,0,0],[1704124800000,0.0002,0,0,0,0]]",
        "freqtrade",
        &three,
    );
    funding(
        "deribit.json",
        r#"{"jsonrpc":"2.0","result":[{"timestamp":1704067200000,"interest_8h":9e-4,"interest_1h":1e-4,"index_price":42283.5,"prev_index_price":42280},
            {"timestamp":1704070800000,"interest_8h":9e-4,"interest_1h":-2e-5,"index_price":42283.5,"prev_index_price":42280}]}"#,
        "deribit_funding",
        &[("2024-01-01T00:00:00Z", 1e-4), ("2024-01-01T01:00:00Z", -2e-5)],
    );
    funding(
        "tardis.csv",
        "exchange,symbol,timestamp,local_timestamp,funding_timestamp,funding_rate,predicted_funding_rate,open_interest,last_price,index_price,mark_price\nbitmex,XBTUSD,1704066000000000,1704066000000001,1704067200000000,0.0003,,1,2,2,2\nbitmex,XBTUSD,1704067100000000,1704067100000001,1704067200000000,0.0001,,1,2,2,2\nbitmex,XBTUSD,1704067300000000,1704067300000001,,,,1,2,2,2\nbitmex,XBTUSD,1704090000000000,1704090000000001,1704096000000000,-0.000375,,1,2,2,2\n",
        "tardis_ticker",
        &three[..2],
    );
}

#[test]
fn dvol_of_the_interface_is_in_per_cent() {
    let content = r#"{"jsonrpc":"2.0","result":{"data":[[1704067200000,66.1,67.2,65.9,66.5],[1704070800000,66.5,66.9,66.2,66.25]],"continuation":null}}"#;
    let folder = folder_with("btc_dvol.json", content);
    let quality = check_file(&folder.path().join("btc_dvol.json")).unwrap();
    assert_eq!((quality.name.as_str(), quality.format.as_str()), ("BTC DVOL", "deribit_dvol"));
    std::fs::write(
        folder.path().join("spot.csv"),
        "time,close\n2024-01-01 01:00,1\n2024-01-01 02:00,1\n",
    )
    .unwrap();
    let market = "series = [{ is = \"spot\", asset = \"BTC\", path = \"spot.csv\" }, { is = \"vol\", asset = \"BTC\", path = \"btc_dvol.json\" }]";
    let loaded = load_in(folder.path(), market).unwrap();
    assert_eq!(loaded.market.vols()[0].vol, [Some(0.665), Some(0.6625)]);
}

#[test]
fn ticks_keep_the_last_of_their_millisecond() {
    let trades = r#"{"result":{"trades":[
        {"timestamp":1704067205000,"price":42003.0,"index_price":42000,"instrument_name":"BTC-PERPETUAL","trade_seq":4},
        {"timestamp":1704067203000,"price":42002.0,"index_price":42000,"instrument_name":"BTC-PERPETUAL","trade_seq":3},
        {"timestamp":1704067203000,"price":42001.0,"index_price":42000,"instrument_name":"BTC-PERPETUAL","trade_seq":2}],"has_more":false}}"#;
    let quotes = "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount\nderibit,BTC-PERPETUAL,1704067203000001,1704067203000100,1,42002,42000,1\nderibit,BTC-PERPETUAL,1704067203000900,1704067203001000,1,42003,42001,1\nderibit,BTC-PERPETUAL,1704067204000000,1704067204000100,1,,42001,1\nderibit,BTC-PERPETUAL,1704067205000000,1704067205000100,1,42004,42002,1\n";
    for (name, content, format) in
        [("trades.json", trades, "deribit_trades"), ("quotes.csv", quotes, "tardis_quotes")]
    {
        let folder = folder_with(name, content);
        let quality = check_file(&folder.path().join(name)).unwrap();
        assert_eq!((quality.format.as_str(), quality.name.as_str()), (format, "BTC inverse perp"));
        assert_eq!(quality.n_rows, 2);
        std::fs::write(
            folder.path().join("spot.csv"),
            "time,close\n2024-01-01 00:00:03,1\n2024-01-01 00:00:05,1\n",
        )
        .unwrap();
        let market = format!(
            "funding = \"none\"\nseries = [{{ is = \"spot\", asset = \"BTC\", path = \"spot.csv\" }}, {{ is = \"inverse_perp\", asset = \"BTC\", path = \"{name}\" }}]"
        );
        let loaded = load_in(folder.path(), &market).unwrap();
        assert_eq!(loaded.market.tradables().last().unwrap().price, [42002.0, 42003.0], "{name}");
    }
}

#[test]
fn tickers_one_per_line_are_a_series_of_marks() {
    let line = |second: u32, mark: f64| {
        format!(
            "{{\"jsonrpc\":\"2.0\",\"method\":\"subscription\",\"params\":{{\"channel\":\"ticker.BTC-PERPETUAL.100ms\",\"data\":{{\"timestamp\":170406720{second}000,\"state\":\"open\",\"stats\":{{\"high\":null}},\"index_price\":41990.5,\"instrument_name\":\"BTC-PERPETUAL\",\"last_price\":1,\"mark_price\":{mark},\"current_funding\":0}}}}}}"
        )
    };
    let content = format!("{}\n{}\n", line(3, 42001.5), line(4, 42002.5));
    let folder = folder_with("ticker.jsonl", &content);
    let quality = check_file(&folder.path().join("ticker.jsonl")).unwrap();
    assert_eq!(
        (quality.format.as_str(), quality.name.as_str()),
        ("deribit_ticker", "BTC inverse perp")
    );
    let spot = "series = [{ is = \"spot\", asset = \"BTC\", path = \"ticker.jsonl\" }]";
    assert_eq!(load_in(folder.path(), spot).unwrap().market.assets()[0].spot, [41990.5, 41990.5]);
}

#[test]
fn a_column_of_symbols_is_filtered_or_refused_with_a_list() {
    let content = "time,symbol,close\n2024-01-01,BTCUSDT,1\n2024-01-01,ETHUSDT,10\n2024-01-02,BTCUSDT,2\n2024-01-02,ETHUSDT,20\n2024-01-03,BTCUSDT,3\n";
    let folder = folder_with("many.csv", content);
    let load = |keys: &str| {
        load_in(
            folder.path(),
            &format!("series = [{{ is = \"spot\", asset = \"ETH\", path = \"many.csv\"{keys} }}]"),
        )
    };
    assert_eq!(
        load("").unwrap_err().to_string(),
        "`many.csv` holds rows of several instruments: BTCUSDT (3 rows), ETHUSDT (2 rows); choose one with `instrument = \"BTCUSDT\"`"
    );
    assert_eq!(
        load(", instrument = \"SOLUSDT\"").unwrap_err().to_string(),
        "`many.csv` has no rows of `SOLUSDT`; it has: BTCUSDT (3 rows), ETHUSDT (2 rows)"
    );
    assert_eq!(load(", instrument = \"ethusdt\"").unwrap().market.assets()[0].spot, [10.0, 20.0]);
    let folder =
        folder_with("one.csv", "time,symbol,close\n2024-01-01,BTCUSDT,1\n2024-01-02,BTCUSDT,2\n");
    let loaded =
        load_in(folder.path(), "series = [{ is = \"spot\", asset = \"ETH\", path = \"one.csv\" }]")
            .unwrap();
    let said = findings(&loaded.quality);
    assert!(
        said.contains(&"ETH spot: symbols: 2 rows are of `BTCUSDT`, which is not ETH".to_owned()),
        "{said:?}"
    );
}

#[test]
fn a_folder_an_archive_and_a_pattern_are_the_same_series() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("days")).unwrap();
    let mut zip =
        zip::ZipWriter::new(std::fs::File::create(folder.path().join("days.zip")).unwrap());
    for day in 1..=4 {
        let content =
            format!("time,close\n2024-01-0{day},{day}\n2024-01-0{},{}\n", day + 1, day + 1);
        std::fs::write(folder.path().join(format!("days/{day}.csv")), &content).unwrap();
        zip.start_file(format!("{day}.csv"), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    for path in ["days", "days.zip", "days/?.csv"] {
        let loaded = load_in(
            folder.path(),
            &format!("series = [{{ is = \"spot\", asset = \"BTC\", path = \"{path}\" }}]"),
        )
        .unwrap();
        assert_eq!(loaded.market.assets()[0].spot, [1.0, 2.0, 3.0, 4.0, 5.0], "{path}");
        assert_eq!(loaded.files.len(), if path == "days.zip" { 1 } else { 4 });
    }
    let source: MarketSource =
        toml::from_str("series = [{ is = \"spot\", asset = \"BTC\", path = \"nights/*\" }]")
            .unwrap();
    let error = load(&source, Path::new(folder.path())).unwrap_err();
    assert_eq!(error.to_string(), "`nights/*` means no file: no file matches the pattern");
}

#[test]
fn a_file_short_of_its_name_is_flagged() {
    let hour = 3_600_000_i64;
    let rows = |n_rows: i64| -> String {
        let start = |row: i64| 1_704_067_200_000 + row * hour;
        (0..n_rows)
            .map(|row| format!("{},1,1,1,1,1,{},1,1,1,1,0\n", start(row), start(row + 1) - 1))
            .collect()
    };
    for (n_rows, is_flagged) in [(24, false), (23, true)] {
        let folder = folder_with("BTCUSDT-1h-2024-01-01.csv", &rows(n_rows));
        let quality = check_file(&folder.path().join("BTCUSDT-1h-2024-01-01.csv")).unwrap();
        let found = quality
            .findings
            .iter()
            .any(|finding| finding.detail.contains("does not cover the period"));
        assert_eq!(found, is_flagged, "{:?}", quality.findings);
    }
}

#[test]
fn cells_that_would_be_read_wrong_are_refused() {
    for (content, said) in [
        (
            "time,close,close\n2024-01-01,1,2\n",
            "`x.csv` has 2 columns of the name `close`; which is meant cannot be known: rename one, or declare another with `columns`",
        ),
        (
            "time;close\n2024-01-01;42283,58\n2024-01-02;42283,58\n",
            "`x.csv` line 2, column `close`: found `42283,58`; decimal commas are not read, write decimal points",
        ),
    ] {
        let folder = folder_with("x.csv", content);
        let error = load_in(
            folder.path(),
            "series = [{ is = \"spot\", asset = \"BTC\", path = \"x.csv\" }]",
        );
        assert_eq!(error.unwrap_err().to_string(), said);
    }
    let semicolons = "time;close;note\n2024-01-01;4.2e4;\"a\nb\"\n2024-01-02;4.3E+04;c";
    let folder = folder_with("x.csv", semicolons);
    let loaded =
        load_in(folder.path(), "series = [{ is = \"spot\", asset = \"BTC\", path = \"x.csv\" }]")
            .unwrap();
    assert_eq!(loaded.market.assets()[0].spot, [42000.0, 43000.0]);
    let unended = "BTC spot: layout: the last line has no line end: whether it is whole cannot be known; first: `x.csv`";
    assert_eq!(findings(&loaded.quality), [unended]);
}
