//! Loading two million rows of six columns, CSV and Parquet, through the whole loader: parsing, checks, quality, market.
#![allow(missing_docs, reason = "criterion's macros")]

use std::fmt::Write as _;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hedgerow_core::{Cells, Column, Table};
use hedgerow_data::{MarketSource, load, write_parquet};

const ROWS: usize = 2_000_000;

fn write(folder: &Path) {
    let market = hedgerow_benches::minutes(ROWS);
    let spot = &market.assets()[0].spot;
    let mut csv = String::from("time,open,high,low,close,volume\n");
    for (time, price) in market.time().iter().zip(spot) {
        let (high, low) = (price * 1.001, price * 0.999);
        let _ = writeln!(csv, "{},{price:.2},{high:.2},{low:.2},{price:.2},1.5", time.millis());
    }
    std::fs::write(folder.join("bars.csv"), csv).expect("a temporary folder");
    let column =
        |name: &str, cells| Column { name: name.to_owned(), unit: "USD", about: "price", cells };
    let scaled = |by: f64| Cells::Numbers(spot.iter().map(|price| price * by).collect());
    let columns = vec![
        column("time", Cells::Time(market.time().to_vec())),
        column("open", scaled(1.0)),
        column("high", scaled(1.001)),
        column("low", scaled(0.999)),
        column("close", scaled(1.0)),
        column("volume", scaled(1e-4)),
    ];
    write_parquet(&Table { columns }, &folder.join("bars.parquet")).expect("a temporary folder");
}

fn loading(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path());
    let mut group = criterion.benchmark_group("load 2 million rows of 6 columns");
    group.sample_size(10).throughput(Throughput::Elements(ROWS as u64));
    for file in ["bars.csv", "bars.parquet"] {
        let source: MarketSource = toml::from_str(&format!(
            "series = [{{ is = \"spot\", asset = \"BTC\", path = \"{file}\", bar = \"end\" }}]"
        ))
        .expect("a market source");
        group.bench_function(file, |bencher| {
            bencher.iter(|| load(&source, folder.path()).expect("a clean file"));
        });
    }
    group.finish();
}

criterion_group!(benches, loading);
criterion_main!(benches);
