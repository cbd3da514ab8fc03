//! What is computed before the hedge loop, on four years of hours: every ratio's column, and what every rule makes of the past.
#![allow(missing_docs, reason = "criterion's macros")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hedgerow_benches::{FOUR_YEARS, hours};
use hedgerow_core::registry::{Entry, build};
use hedgerow_core::{Contract, Exposure, Grade, Market};
use hedgerow_greeks::{BookSpec, VolMarks, resolve, value};
use hedgerow_sim::ratio::History;
use hedgerow_sim::rehedge::Past;
use hedgerow_sim::{Costs, FillAt, RATIOS, RULES, linear_track};

/// The example of a registry entry, built.
fn example<T: ?Sized>(registry: &'static [Entry<T>], example: &str, noun: &str) -> Box<T> {
    let table = toml::de::DeTable::parse(example).expect("an example").into_inner();
    let (_, setting) = table.into_iter().next().expect("one key");
    build(registry, setting, noun).expect("an example")
}

fn straddles(market: &Market) -> Exposure {
    let text = "programme = \"straddle\"\nside = \"short\"\nquantity = 10\ntenor_days = 30";
    let spec: BookSpec = toml::from_str(text).expect("a book line");
    let book = [resolve(&spec, market).expect("a book line that fits the market")];
    let unknown = VolMarks::unknown(FOUR_YEARS);
    let vols = [VolMarks { vol: vec![Some(0.6); FOUR_YEARS], grade: Grade::Synthetic, ..unknown }];
    value(market, &vols, &book, 0.0).expect("vols are known").exposure
}

fn ratios(criterion: &mut Criterion) {
    let market = hours(FOUR_YEARS);
    let track = linear_track(&market, 0, Contract::LinearPerp, &Costs::default(), FillAt::NextOpen)
        .expect("the market has a perp");
    let history = History::new(&market, 0, &track);
    let mut group = criterion.benchmark_group("ratio, per row");
    group.sample_size(10).throughput(Throughput::Elements(FOUR_YEARS as u64));
    for entry in RATIOS {
        let ratio = example(RATIOS, entry.example, "ratio");
        group.bench_function(entry.name, |bencher| bencher.iter(|| ratio.column(&history)));
    }
    group.finish();
}

fn rules(criterion: &mut Criterion) {
    let market = hours(FOUR_YEARS);
    let exposure = straddles(&market);
    let past = Past {
        time: market.time(),
        spot: &market.assets()[0].spot,
        exposure: &exposure,
        asset: 0,
        cost_rate: 6e-4,
        rate: 0.0,
    };
    let mut group = criterion.benchmark_group("rule before its loop, per row");
    group.sample_size(10).throughput(Throughput::Elements(FOUR_YEARS as u64));
    for entry in RULES {
        let rule = example(RULES, entry.example, "rule");
        group.bench_function(entry.name, |bencher| bencher.iter(|| rule.bind(&past)));
    }
    group.finish();
}

criterion_group!(benches, ratios, rules);
criterion_main!(benches);
