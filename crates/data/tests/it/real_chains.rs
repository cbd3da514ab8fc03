//! Real chains and futures, where they are at hand. The figures are those of an independent reading with pandas 3.1.

use hedgerow_core::{Chain, PaidIn};

use crate::real_data::load_real;
use crate::findings;

const SPOTS: &str = r#"
    { is = "spot", asset = "BTC", path = "binance-perp-1h-2026/1h_BTCUSDT.csv.gz", format = "csv", bar = "start", columns = { time = "timestamp", open = "open", high = "high", low = "low", close = "close" } },
    { is = "spot", asset = "ETH", path = "binance-perp-1h-2026/1h_ETHUSDT.csv.gz", format = "csv", bar = "start", columns = { time = "timestamp", open = "open", high = "high", low = "low", close = "close" } },
"#;

/// What an aggregate over every quote of a chain should be.
struct Expected {
    n_quotes: usize,
    n_contracts: usize,
    bids: (usize, f64),
    asks: (usize, f64),
    marks: f64,
    vols: f64,
    forwards: f64,
    indices: f64,
    deltas: f64,
}

#[test]
fn all_snapshots_of_2026() {
    let start = std::time::Instant::now();
    let Some(loaded) = load_real(&format!(
        r#"grid = "1h"
        series = [{SPOTS}
        {{ is = "option_chain", asset = "BTC", path = "deribit-chains-2026-dev/deribit_options_snapshots_*.tar.zst" }},
        {{ is = "option_chain", asset = "ETH", path = "deribit-chains-2026-dev/deribit_options_snapshots_*.tar.zst" }},
        ]"#
    )) else {
        return;
    };
    println!("{:?}", start.elapsed());
    for said in findings(&loaded.quality) {
        println!("{said}");
    }
    for said in &loaded.quality.assumptions {
        println!("{said}");
    }
    for chain in loaded.market.chains() {
        println!("{} {} {}", chain.contracts.len(), chain.quotes.len(), chain.snapshots.len());
    }
    for series in &loaded.quality.series {
        println!("{} {} {} {} {} {:?}", series.name, series.source, series.n_rows, series.first, series.last, series.step_millis);
    }
}
