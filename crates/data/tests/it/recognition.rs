//! Real files as users have them, recognised as what they are, where they are at hand.

use std::path::PathBuf;

use hedgerow_data::check_file;

/// File, name of the series, format, rows, first and last instant.
type Row = (&'static str, &'static str, &'static str, usize, &'static str, &'static str);

const FILES: &[Row] = &[
    (
        "binance-perp-1h-2026/1h_BTCUSDT.csv.gz",
        "BTC spot",
        "csv",
        4500,
        "2025-09-13T09:00:00Z",
        "2026-03-19T20:00:00Z",
    ),
    (
        "binance-perp-1h-2026/1h_ETHUSDT.csv.gz",
        "ETH spot",
        "csv",
        4500,
        "2025-09-13T09:00:00Z",
        "2026-03-19T20:00:00Z",
    ),
    (
        "binance-perp-1h-2026/funding_BTCUSDT.csv.gz",
        "BTC funding",
        "csv",
        200,
        "2026-01-12T16:00:00Z",
        "2026-03-20T00:00:00Z",
    ),
    (
        "binance-perp-1h-2026/funding_ETHUSDT.csv.gz",
        "ETH funding",
        "csv",
        200,
        "2026-01-12T16:00:00Z",
        "2026-03-20T00:00:00Z",
    ),
    (
        "binance-perp-1m-2025/BTCUSDT_funding_8h.csv",
        "BTC funding",
        "csv",
        266,
        "2025-03-06T16:00:00Z",
        "2025-06-03T00:00:00Z",
    ),
    (
        "binance-perp-1m-2025/BTCUSDT_mark_8h.csv",
        "BTC spot",
        "csv",
        266,
        "2025-03-07T00:00:00Z",
        "2025-06-03T08:00:00Z",
    ),
    (
        "binance-perp-1m-2025/BTCUSDT_perp_1m.csv.gz",
        "BTC perp",
        "csv",
        43199,
        "2025-05-04T15:34:00Z",
        "2025-06-03T15:32:00Z",
    ),
    (
        "binance-perp-1m-2025/BTC_USDT_USDT-8h-funding_rate.feather",
        "BTC funding",
        "freqtrade",
        266,
        "2025-03-06T16:00:00Z",
        "2025-06-03T00:00:00Z",
    ),
    (
        "binance-perp-cdd/BTCUSDT_Binance_futures_UM_day.csv.gz",
        "BTC perp",
        "cryptodatadownload",
        1680,
        "2020-01-02T00:00:00Z",
        "2024-08-09T00:00:00Z",
    ),
    (
        "binance-perp-cdd/BTCUSD_PERP_Binance_futures_CM_day.csv.gz",
        "BTC inverse perp",
        "cryptodatadownload",
        1449,
        "2020-08-12T00:00:00Z",
        "2024-08-09T00:00:00Z",
    ),
    (
        "binance-perp-cdd/BTCUSD_PERP_Binance_futures_CM_hour.csv.gz",
        "BTC inverse perp",
        "cryptodatadownload",
        34724,
        "2020-08-11T09:00:00Z",
        "2024-08-09T00:00:00Z",
    ),
    (
        "binance-perp-cdd/Binance_BTCUSDT_d.csv.gz",
        "BTC spot",
        "cryptodatadownload",
        2549,
        "2017-08-18T00:00:00Z",
        "2024-08-09T00:00:00Z",
    ),
    (
        "binance-spot-1h-closes/BTCUSDT.csv.gz",
        "BTC spot",
        "csv",
        26266,
        "2021-01-01T01:00:00Z",
        "2024-01-01T00:00:00Z",
    ),
    (
        "binance-spot-1h-closes/ETHUSDT.csv.gz",
        "ETH spot",
        "csv",
        26266,
        "2021-01-01T01:00:00Z",
        "2024-01-01T00:00:00Z",
    ),
    (
        "binance-spot-1h-closes/FTTUSDT.csv.gz",
        "FTT spot",
        "csv",
        18800,
        "2021-01-01T01:00:00Z",
        "2024-01-01T00:00:00Z",
    ),
    (
        "binance-spot-1h-closes/LUNAUSDT.csv.gz",
        "LUNA spot",
        "csv",
        25829,
        "2021-01-01T01:00:00Z",
        "2024-01-01T00:00:00Z",
    ),
    (
        "binance-spot-1h-closes/SOLUSDT.csv.gz",
        "SOL spot",
        "csv",
        26266,
        "2021-01-01T01:00:00Z",
        "2024-01-01T00:00:00Z",
    ),
    (
        "binance-spot-1h-closes/USDCUSDT.csv.gz",
        "USDC spot",
        "csv",
        22271,
        "2021-01-01T01:00:00Z",
        "2024-01-01T00:00:00Z",
    ),
    (
        "binance-spot-1h-freqtrade/BTC_USDT-1h.json.gz",
        "BTC spot",
        "freqtrade",
        21453,
        "2017-08-17T05:00:00Z",
        "2020-02-01T01:00:00Z",
    ),
    (
        "binance-spot-daily-cdd/Binance_BTCUSDT_d.csv.gz",
        "BTC spot",
        "cryptodatadownload",
        2769,
        "2017-08-18T00:00:00Z",
        "2025-03-17T00:00:00Z",
    ),
    (
        "binance-spot-daily-cdd/Binance_ETHUSDT_d.csv.gz",
        "ETH spot",
        "cryptodatadownload",
        2769,
        "2017-08-18T00:00:00Z",
        "2025-03-17T00:00:00Z",
    ),
    (
        "binance-spot-daily-cdd/Binance_LTCUSDT_d.csv.gz",
        "LTC spot",
        "cryptodatadownload",
        2651,
        "2017-12-14T00:00:00Z",
        "2025-03-17T00:00:00Z",
    ),
    (
        "binance-spot-daily-cdd/Binance_XRPUSDT_d.csv.gz",
        "XRP spot",
        "cryptodatadownload",
        2509,
        "2018-05-05T00:00:00Z",
        "2025-03-17T00:00:00Z",
    ),
    (
        "binance-spot-daily-sol/Binance_SOLUSDT_d.csv.gz",
        "SOL spot",
        "cryptodatadownload",
        1371,
        "2020-08-12T00:00:00Z",
        "2024-05-13T00:00:00Z",
    ),
    (
        "bitfinex-1m-2017-2018/BTCUSD_2017_1m.csv.zst",
        "BTC spot",
        "bitfinex",
        505209,
        "2017-01-01T00:01:00Z",
        "2018-01-01T00:00:00Z",
    ),
    (
        "bitfinex-1m-2017-2018/BTCUSD_2018_1m.csv.zst",
        "BTC spot",
        "bitfinex",
        520499,
        "2018-01-01T00:01:00Z",
        "2019-01-01T00:00:00Z",
    ),
    (
        "bitfinex-1m-2017-2018/ETHUSD_2017_1m.csv.zst",
        "ETH spot",
        "bitfinex",
        414314,
        "2017-01-01T00:05:00Z",
        "2018-01-01T00:00:00Z",
    ),
    (
        "bitfinex-1m-2017-2018/ETHUSD_2018_1m.csv.zst",
        "ETH spot",
        "bitfinex",
        508048,
        "2018-01-01T00:01:00Z",
        "2019-01-01T00:00:00Z",
    ),
    (
        "bitstamp-cdd/Bitstamp_BTCUSD_1h.csv.gz",
        "BTC spot",
        "cryptodatadownload",
        37387,
        "2018-05-15T07:00:00Z",
        "2022-08-20T01:00:00Z",
    ),
    (
        "bitstamp-cdd/Bitstamp_BTCUSD_d.csv.gz",
        "BTC spot",
        "cryptodatadownload",
        2823,
        "2014-11-29T00:00:00Z",
        "2022-08-21T00:00:00Z",
    ),
    (
        "bitstamp-cdd/Bitstamp_ETHUSD_1h.csv.gz",
        "ETH spot",
        "cryptodatadownload",
        37243,
        "2018-05-15T07:00:00Z",
        "2022-08-14T01:00:00Z",
    ),
    (
        "coinbase-cdd-old/Coinbase_BTCUSD_1h.csv.gz",
        "BTC spot",
        "cryptodatadownload",
        20111,
        "2017-07-01T12:00:00Z",
        "2019-10-17T10:00:00Z",
    ),
    (
        "coinbase-cdd-old/Coinbase_BTCUSD_d.csv.gz",
        "BTC spot",
        "cryptodatadownload",
        1770,
        "2014-12-02T00:00:00Z",
        "2019-10-18T00:00:00Z",
    ),
    (
        "dvol-btc/bitcoin_dvol_hourly.csv.gz",
        "BTC DVOL",
        "deribit_dvol",
        23576,
        "2021-03-24T01:00:00Z",
        "2024-01-01T00:00:00Z",
    ),
    (
        "format-samples/binance_vision_spot_klines_ADABTC-1m-2021-11-27.csv",
        "ADA spot",
        "binance_vision",
        10,
        "2021-11-27T00:01:00Z",
        "2021-11-27T00:10:00Z",
    ),
    (
        "format-samples/bitmex_XBTUSD_1d.csv",
        "BTC inverse perp",
        "bitmex",
        1595,
        "2015-09-26T00:00:00Z",
        "2020-02-06T00:00:00Z",
    ),
    (
        "format-samples/cdd_mixed_ms_us_excerpt.csv",
        "BTC spot",
        "cryptodatadownload",
        12,
        "2025-02-18T00:00:00Z",
        "2025-03-01T00:00:00Z",
    ),
    (
        "format-samples/deribit_http_get_last_trades.json",
        "ETH inverse perp",
        "deribit_trades",
        9,
        "2025-12-21T15:47:20.636Z",
        "2025-12-21T15:47:59.917Z",
    ),
    (
        "format-samples/deribit_http_get_tradingview_chart_data.json",
        "deribit_http_get_tradingview_chart_data spot",
        "deribit_chart",
        5,
        "2025-12-23T09:52:00Z",
        "2025-12-23T09:56:00Z",
    ),
    (
        "format-samples/tardis_derivative_ticker.csv",
        "BTC inverse perp",
        "tardis_ticker",
        2,
        "2020-03-01T00:00:03.145Z",
        "2020-03-01T00:01:03.145Z",
    ),
    (
        "format-samples/tardis_trades_bitmex_XBTUSD.csv",
        "BTC inverse perp",
        "tardis_trades",
        2,
        "2020-03-01T00:00:03.145Z",
        "2020-03-01T00:00:03.276Z",
    ),
    (
        "format-samples/yahoo_BTC-USD.csv",
        "BTC spot",
        "yahoo",
        730,
        "2018-02-23T00:00:00Z",
        "2020-02-22T00:00:00Z",
    ),
    (
        "ftx-btcperp-1m-2022-01/btc-perp-20211231-20220201_1m.csv.gz",
        "BTC perp",
        "csv",
        45031,
        "2021-12-31T23:02:00Z",
        "2022-02-01T05:32:00Z",
    ),
    (
        "funding-binance-web/BTCUSDT_Perpetual_funding_web_2024-08-09.csv.gz",
        "BTC funding",
        "binance_web_funding",
        5386,
        "2019-09-10T08:00:00Z",
        "2024-08-09T08:00:00Z",
    ),
    (
        "funding-binance-web/BTCUSD_CM_Perpetual_funding_web_2024-08-09.csv.gz",
        "BTC inverse funding",
        "binance_web_funding",
        1000,
        "2023-09-11T08:00:00Z",
        "2024-08-09T08:00:00Z",
    ),
    (
        "funding-multi-venue/BTC-USDT_binance_2020-01-01_2024-01-01_funding_history.csv.gz",
        "BTC funding",
        "funding_history",
        4383,
        "2020-01-01T03:00:00Z",
        "2023-12-31T19:00:00Z",
    ),
    (
        "funding-multi-venue/BTC-USDT_dydx_2022-01-01_2024-01-01_funding_history.csv.gz",
        "BTC funding",
        "funding_history",
        17520,
        "2022-01-01T00:00:00Z",
        "2023-12-31T23:00:00Z",
    ),
    (
        "funding-multi-venue/ETH-USDT_binance_2020-01-01_2024-01-01_funding_history.csv.gz",
        "ETH funding",
        "funding_history",
        4383,
        "2020-01-01T03:00:00Z",
        "2023-12-31T19:00:00Z",
    ),
    (
        "stablecoin-depeg/LUNAUSDT.csv",
        "LUNA spot",
        "binance_vision",
        621,
        "2021-01-02T00:00:00Z",
        "2022-10-01T00:00:00Z",
    ),
    (
        "stablecoin-depeg/USDCUSDT.csv",
        "USDC spot",
        "binance_vision",
        633,
        "2021-01-02T00:00:00Z",
        "2022-09-26T00:00:00Z",
    ),
    (
        "stablecoin-depeg/data_usdc_large_depeg_2023.json",
        "data_usdc_large_depeg_2023 spot",
        "json",
        808,
        "2023-03-09T05:15:00Z",
        "2023-03-19T00:00:00Z",
    ),
];

#[test]
fn every_real_file_is_recognised_as_what_it_is() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if !folder.is_dir() {
        println!("skipped: no real data at {}", folder.display());
        return;
    }
    for (file, name, format, n_rows, first, last) in FILES {
        let found = check_file(&folder.join(file)).unwrap();
        let (from, to) = (found.first.to_string(), found.last.to_string());
        assert_eq!(
            (found.name.as_str(), found.format.as_str(), found.n_rows, from.as_str(), to.as_str()),
            (*name, *format, *n_rows, *first, *last),
            "{file}"
        );
    }
}

/// Files of which a scenario has to say something, or that are no series.
const REFUSED: &[(&str, &str)] = &[
    ("binance-perp-cdd/Binance_BTC_Basis.csv.gz", "no column is known to hold the close"),
    ("format-samples/deribit_http_get_instruments.json", "it lists contracts"),
    ("format-samples/deribit_http_get_order_book.json", "has 1 usable rows, expected at least 2"),
    ("format-samples/deribit_ws_ticker.json", "has 1 usable rows, expected at least 2"),
];

#[test]
fn what_is_no_series_says_why() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if !folder.is_dir() {
        println!("skipped: no real data at {}", folder.display());
        return;
    }
    for (file, said) in REFUSED {
        let error = check_file(&folder.join(file)).unwrap_err().to_string();
        assert!(error.contains(said), "{file}: {error}");
    }
}
