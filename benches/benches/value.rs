//! The value pass: nanoseconds per option and row, value and all Greeks, on one thread and on all.
#![allow(missing_docs, reason = "criterion's macros")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hedgerow_core::Grade;
use hedgerow_greeks::{BookLine, BookSpec, VolMarks, resolve, value};

const ROWS: usize = 1_000_000;

fn book(market: &hedgerow_core::Market, programme: &str) -> Vec<BookLine> {
    let text = format!(
        "programme = \"{programme}\"\nside = \"short\"\nquantity = 1\ntenor_days = 30\nstrike = {{ moneyness = 1.0 }}"
    );
    let spec: BookSpec = toml::from_str(&text).expect("a book line");
    vec![resolve(&spec, market).expect("a book line that fits the market")]
}

fn value_pass(criterion: &mut Criterion) {
    let market = hedgerow_benches::minutes(ROWS);
    let vol =
        VolMarks { vol: vec![Some(0.6); ROWS], grade: Grade::Synthetic, ..VolMarks::unknown(ROWS) };
    let vols = [vol];
    let mut group = criterion.benchmark_group("value pass, per option and row");
    group.sample_size(10);
    for (programme, options) in [("call", 1), ("straddle", 2)] {
        let book = book(&market, programme);
        group.throughput(Throughput::Elements((ROWS * options) as u64));
        for threads in [1, 2] {
            let pool =
                rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            group.bench_function(
                BenchmarkId::new(programme, format!("{threads} threads")),
                |bencher| {
                    bencher.iter(|| {
                        pool.install(|| value(&market, &vols, &book, 0.0).expect("vols are known"))
                    });
                },
            );
        }
    }
    group.finish();
}

criterion_group!(benches, value_pass);
criterion_main!(benches);
