//! Magnitudes of real markets, from the raw files through the product. Skipped where the files are absent.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod support;

use serde_json::Value;
use support::{Desk, shared, statistic};

/// Runs a scenario whose text may say `DATA` for the data folder, and returns its summary.
fn summary(text: &str, data: &std::path::Path) -> Value {
    let desk = Desk::new();
    desk.write("my.toml", &text.replace("DATA", &data.display().to_string()));
    desk.summary()
}

const FREE: &str = r#"
[costs]
fill = "deciding_price"
perp_fee_bps = 0.0
half_spread_bps = 0.0
slippage_bps = 0.0

[[book]]
programme = "spot"
quantity = 1
"#;

#[test]
fn hourly_perps_hedge_almost_all_of_spot() {
    let Some(data) = shared("") else { return };
    let text = format!(
        r#"
name = "hourly"
[market]
funding = "none"
max_gap = "1d"
[[market.series]]
is = "spot"
asset = "BTC"
path = "DATA/binance-perp-cdd/Binance_BTC_Basis.csv.gz"
format = "csv"
columns = {{ time = "Time", close = "BTCUSDT Spot" }}
[[market.series]]
is = "perp"
asset = "BTC"
path = "DATA/binance-perp-cdd/Binance_BTC_Basis.csv.gz"
format = "csv"
columns = {{ time = "Time", close = "BTCUSDT Future" }}
{FREE}
[[strategy]]
name = "short perp"
[[strategy.leg]]
with = "perp"
when = "every_row"
"#
    );
    let reduction = statistic(&summary(&text, &data), "short perp", "variance_reduction_row");
    assert!((reduction - 0.9987).abs() < 1e-4, "{reduction}");
}

#[test]
fn daily_history_has_its_drawdown_and_its_hedge() {
    let Some(data) = shared("") else { return };
    let text = format!(
        r#"
name = "daily"
[market]
quality = "tolerant"
funding = "none"
from = "2020-01-01"
to = "2024-08-07"
[[market.series]]
is = "spot"
asset = "BTC"
path = "DATA/binance-spot-daily-cdd/Binance_BTCUSDT_d.csv.gz"
[[market.series]]
is = "perp"
asset = "BTC"
path = "DATA/binance-perp-cdd/BTCUSDT_Binance_futures_UM_day.csv.gz"
{FREE}
[[strategy]]
name = "short perp"
[[strategy.leg]]
with = "perp"
when = "every_row"
"#
    );
    let summary = summary(&text, &data);
    let drawdown = statistic(&summary, "unhedged", "max_drawdown");
    assert!((drawdown - 0.766).abs() < 5e-4, "{drawdown}");
    let reduction = statistic(&summary, "short perp", "variance_reduction_row");
    assert!((reduction - 0.9999).abs() < 1e-4, "{reduction}");
}
