//! The hedge pass: nanoseconds per row for every rule on five years of minutes, and a sweep of a hundred rules.
#![allow(missing_docs, reason = "criterion's macros")]

use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hedgerow_benches::{FIVE_YEARS, minutes};
use hedgerow_core::registry::build;
use hedgerow_core::{Contract, Exposure, Grade, Market, Track};
use hedgerow_greeks::{BookSpec, VolMarks, resolve, value};
use hedgerow_sim::{
    Account, Against, BookCosts, Costs, DeltaKind, Execution, FillAt, Leg, RULES, RatioColumn,
    Strategy, To, linear_track, simulate, sweep,
};

struct Bench {
    market: Market,
    exposure: Exposure,
    track: Arc<Track>,
    account: Account,
}

fn bench() -> Bench {
    let market = minutes(FIVE_YEARS);
    let text = "programme = \"straddle\"\nside = \"short\"\nquantity = 10\ntenor_days = 30\nstrike = { moneyness = 1.0 }";
    let spec: BookSpec = toml::from_str(text).expect("a book line");
    let book = [resolve(&spec, &market).expect("a book line that fits the market")];
    let unknown = VolMarks::unknown(FIVE_YEARS);
    let vols = [VolMarks { vol: vec![Some(0.6); FIVE_YEARS], grade: Grade::Synthetic, ..unknown }];
    let exposure = value(&market, &vols, &book, 0.0).expect("vols are known").exposure;
    let track = linear_track(&market, 0, Contract::LinearPerp, &Costs::default(), FillAt::NextOpen);
    let account = Account { usd: 1e6, coins: vec![0.0], rate: 0.0 };
    Bench { track: Arc::new(track.expect("the market has a perp")), market, exposure, account }
}

impl Bench {
    fn strategy(&self, line: &str) -> Strategy {
        let table = toml::de::DeTable::parse(line).expect("an example").into_inner();
        let (_, setting) = table.into_iter().next().expect("one key");
        let leg = Leg {
            name: "hedge".to_owned(),
            track: Arc::clone(&self.track),
            asset: 0,
            against: Against::Delta,
            delta: DeltaKind::BlackScholes,
            ratio: RatioColumn::Constant(1.0),
            rule: build(RULES, setting, "rule").expect("an example"),
            to: To::EDGE,
            execution: Execution::AT_ONCE,
            gate: None,
        };
        Strategy { name: line.to_owned(), about: String::new(), legs: vec![leg] }
    }
}

fn hedge_pass(criterion: &mut Criterion) {
    let bench = bench();
    let mut group = criterion.benchmark_group("hedge pass, per row");
    group.sample_size(10).throughput(Throughput::Elements(FIVE_YEARS as u64));
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let free = BookCosts::new(&bench.market, &bench.exposure, &Costs::ZERO);
    for entry in RULES {
        let strategies = [bench.strategy(entry.example)];
        group.bench_function(BenchmarkId::new("statistics", entry.name), |bencher| {
            bencher.iter(|| {
                one.install(|| {
                    sweep(&bench.market, &bench.exposure, &strategies, &bench.account, &free)
                })
            });
        });
    }
    let band = bench.strategy("when = { delta_band = 0.5 }");
    group.bench_function("whole ledger/delta_band", |bencher| {
        bencher.iter(|| {
            one.install(|| simulate(&bench.market, &bench.exposure, &band, &bench.account, &free))
        });
    });
    group.finish();
}

fn sweep_of_a_hundred(criterion: &mut Criterion) {
    let bench = bench();
    let free = BookCosts::new(&bench.market, &bench.exposure, &Costs::ZERO);
    let strategies: Vec<Strategy> = (0..100)
        .map(|k| bench.strategy(&format!("when = {{ delta_band = {} }}", 0.02 * f64::from(k))))
        .collect();
    let mut group = criterion.benchmark_group("sweep of 100 rules, per rule and row");
    group.sample_size(10).throughput(Throughput::Elements(100 * FIVE_YEARS as u64));
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        group.bench_function(
            BenchmarkId::from_parameter(format!("{threads} threads")),
            |bencher| {
                bencher.iter(|| {
                    pool.install(|| {
                        sweep(&bench.market, &bench.exposure, &strategies, &bench.account, &free)
                    })
                });
            },
        );
    }
    group.finish();
}

criterion_group!(benches, hedge_pass, sweep_of_a_hundred);
criterion_main!(benches);
