//! How much hedges removed in real markets: the coin-margined perp, one coin hedged with another, a coin that collapsed. Skipped
//! where the files are absent. The USDT perp is in `real_data.rs`; the paths themselves, on typed markets, in `instruments.rs`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod support;

use hedgerow_data::read_parquet_numbers;
use serde_json::Value;
use support::{Desk, line, shared, statistic};

/// A run that keeps its folder.
struct Ran {
    desk: Desk,
    summary: Value,
}

impl Ran {
    /// A column of `ledger.parquet`, the rows of the second strategy, which has one leg; unknown cells are 0.
    fn hedged(&self, name: &str) -> Vec<f64> {
        let column = read_parquet_numbers(&self.desk.path("out/ledger.parquet"), name).unwrap();
        let n_rows = usize::try_from(self.summary["rows"].as_u64().unwrap()).unwrap();
        column[n_rows..2 * n_rows].iter().map(|cell| cell.unwrap_or(0.0)).collect()
    }

    fn statistic(&self, key: &str) -> f64 {
        statistic(&self.summary, "hedged", key)
    }

    fn line(&self, strategy: &str, key: &str) -> f64 {
        line(&self.summary, strategy, key)
    }
}

fn run(text: &str) -> Option<Ran> {
    let data = shared("")?;
    let desk = Desk::new();
    desk.write("my.toml", &text.replace("DATA", &data.display().to_string()));
    let summary = desk.summary();
    Some(Ran { desk, summary })
}

/// No cost at all, so that what is left is what the hedge did not catch.
const FREE: &str = r#"
[costs]
fill = "deciding_price"
perp_fee_bps = 0.0
half_spread_bps = 0.0
slippage_bps = 0.0
[[strategy]]
name = "hedged"
[[strategy.leg]]
when = "every_row"
"#;

fn variance(column: &[f64]) -> f64 {
    let n = f64::from(u32::try_from(column.len()).unwrap());
    let mean = column.iter().sum::<f64>() / n;
    column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)
}

/// Share of the variance of `before` that is not in `after`; the first row, at which no time passed, left out.
fn removed(before: &[f64], after: &[f64]) -> f64 {
    1.0 - variance(&after[1..]) / variance(&before[1..])
}

fn sum(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

#[track_caller]
fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() < tolerance, "{found}, expected {expected}");
}

/// 99.70 % of the hourly variance, July 2021 to July 2024, over the 26,022 hours at which both have a price. Recomputed with pandas
/// for one coin of spot and `-F` USD of notional, sized anew every hour: `Var(dS + F (1/F' - 1/F'') S'')` over `Var(dS)`, 0.99694; with
/// `dS - dF` instead, as for a contract in USD, 0.99695.
///
/// What the contract pays are coins. They pile up in the account, up to more than a coin here, and keep their price risk. A leg
/// against the book does not hedge it: of the variance of equity, `S (1 + c)` with the coins `c` paid so far, 87.41 % are gone.
/// One against the account sells `F (1 + c)`, and 99.50 % are.
#[test]
fn coin_margined_perps_hedge_almost_all_of_spot() {
    let text = r#"
name = "coin-margined"
[market]
funding = "none"
max_gap = "3d"
quality = "tolerant"
[[market.series]]
is = "spot"
asset = "BTC"
path = "DATA/binance-perp-cdd/Binance_BTC_Basis.csv.gz"
format = "csv"
columns = { time = "Time", close = "BTCUSDT Spot" }
[[market.series]]
is = "inverse_perp"
asset = "BTC"
path = "DATA/binance-perp-cdd/Binance_BTC_Basis.csv.gz"
format = "csv"
columns = { time = "Time", close = "BTCUSD PERP Future" }
[[book]]
programme = "spot"
quantity = 1
"#;
    let Some(ran) = run(&format!("{text}{FREE}with = \"inverse_perp\"\n")) else { return };
    let (book, hedge) = (ran.hedged("book_pnl"), ran.hedged("price_pnl"));
    near(removed(&book, &sum(&book, &hedge)), 0.996_939_981_337, 1e-10);
    near(ran.statistic("variance_reduction_row"), 0.874_114_299_001, 1e-10);

    let whole = "with = \"inverse_perp\"\nagainst = \"account\"\n";
    let Some(ran) = run(&format!("{text}{FREE}{whole}")) else { return };
    near(ran.statistic("variance_reduction_row"), 0.995_049_611_502, 1e-10);
}

/// About 63 %: the squared correlation of daily log returns from August 2017 to March 2025 is 0.6322, the slope 1.01. Recomputed
/// with pandas for one coin of ether and `1.01 E / B` coins of bitcoin, sized anew every day: of the variance of its P&L in USD 65.16 %
/// are gone, of that of its P&L per USD of ether, in which quiet days of small prices count as much, 60.71 %.
#[test]
fn ether_hedged_with_bitcoin_keeps_a_third_of_its_variance() {
    let text = r#"
name = "ether with bitcoin"
[market]
quality = "tolerant"
funding = "none"
perp = "at_spot"
[[market.series]]
is = "spot"
asset = "ETH"
path = "DATA/binance-spot-daily-cdd/Binance_ETHUSDT_d.csv.gz"
[[market.series]]
is = "spot"
asset = "BTC"
path = "DATA/binance-spot-daily-cdd/Binance_BTCUSDT_d.csv.gz"
[[book]]
programme = "spot"
asset = "ETH"
quantity = 1
"#;
    let leg = "asset = \"ETH\"\nwith = { perp = { asset = \"BTC\" } }\nratio = { constant = { percent = 101 } }\n";
    let Some(ran) = run(&format!("{text}{FREE}{leg}")) else { return };
    near(ran.statistic("variance_reduction_row"), 0.651_586_150_956, 1e-10);
    let (book, hedge, value) =
        (ran.hedged("book_pnl"), ran.hedged("price_pnl"), ran.hedged("book_value"));
    let of_value =
        |pnl: &[f64]| -> Vec<f64> { (1..pnl.len()).map(|row| pnl[row] / value[row - 1]).collect() };
    let (bare, both) = (of_value(&book), of_value(&sum(&book, &hedge)));
    near(1.0 - variance(&both) / variance(&bare), 0.607_135_120_776, 1e-10);
}

const LUNA: &str = r#"
name = "LUNA hedged with BTC"
[market]
quality = "tolerant"
funding = "none"
perp = "at_spot"
max_gap = "19d"
from = "2022-02-01"
to = "2022-05-12"
[[market.series]]
is = "spot"
asset = "LUNA"
path = "DATA/stablecoin-depeg/LUNAUSDT.csv"
[[market.series]]
is = "spot"
asset = "BTC"
path = "DATA/binance-spot-daily-cdd/Binance_BTCUSDT_d.csv.gz"
[[book]]
programme = "spot"
asset = "LUNA"
quantity = 10_000
"#;

/// Ten thousand LUNA from February to 12 May 2022 beside a short of bitcoin at the slope of the last 60 days. Recomputed with pandas:
/// in calm weeks the hedge takes 43 % of the variance; in the seven days from 82.35 USD to 0.00032 it earns 149,965 USD while
/// the coins lose 823,497: 82 % of the loss stays. A coin that dies does not die with the market.
#[test]
fn bitcoin_does_not_hedge_a_coin_that_collapses() {
    let leg = "asset = \"LUNA\"\nwith = { perp = { asset = \"BTC\" } }\nratio = { rolling_ols = { window_days = 60 } }\n";
    let Some(ran) = run(&format!("{LUNA}{FREE}{leg}")) else { return };
    let (book, hedge) = (ran.hedged("book_pnl"), ran.hedged("price_pnl"));
    near(ran.line("unhedged", "delta"), -521_796.8, 1e-6);
    near(ran.line("hedged", "delta"), -521_796.8 + 239_304.101_673_817, 1e-6);
    near(ran.statistic("variance_reduction_row"), 0.389_215_184_222, 1e-10);
    let collapse = book.len() - 7..;
    let total = |column: &[f64]| column.iter().sum::<f64>();
    near(total(&book[collapse.clone()]), -823_496.8, 1e-6);
    near(total(&hedge[collapse]), 149_964.991_361_962, 1e-6);
}
