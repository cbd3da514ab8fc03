//! The batch kernels: nanoseconds per option of value and four Greeks, and of implied vols, beside the scalar formulas.
#![allow(missing_docs, reason = "criterion's macros")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hedgerow_greeks::{
    GreekColumns, Heston, HestonTerms, OptionColumns, OptionKind, PerOption, PriceColumns, Terms,
    black_scholes, black_scholes_batch, heston, implied_vol, implied_vol_batch,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const N: usize = 4_096;

/// Seeded options near and far from the money, a day to a year, vols of 30 to 120 %.
struct Options {
    kind: Vec<OptionKind>,
    spot: Vec<f64>,
    strike: Vec<f64>,
    years: Vec<f64>,
    vol: Vec<f64>,
    rate: Vec<f64>,
}

impl Options {
    fn new() -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut column = |least: f64, most: f64| -> Vec<f64> {
            (0..N)
                .map(|_| {
                    least + (most - least) * f64::from(random.next_u32()) / f64::from(u32::MAX)
                })
                .collect()
        };
        let call_or_put = |u: &f64| if *u < 0.5 { OptionKind::Call } else { OptionKind::Put };
        Self {
            kind: column(0.0, 1.0).iter().map(call_or_put).collect(),
            spot: column(50_000.0, 70_000.0),
            strike: column(40_000.0, 90_000.0),
            years: column(0.003, 1.0),
            vol: column(0.3, 1.2),
            rate: column(0.0, 0.05),
        }
    }

    fn columns(&self) -> OptionColumns<'_> {
        OptionColumns {
            kind: PerOption::Each(&self.kind),
            spot: PerOption::Each(&self.spot),
            strike: PerOption::Each(&self.strike),
            years: PerOption::Each(&self.years),
            vol: PerOption::Each(&self.vol),
            rate: PerOption::Each(&self.rate),
            carry: PerOption::Each(&self.rate),
        }
    }

    fn terms(&self, row: usize) -> Terms {
        Terms {
            spot: self.spot[row],
            strike: self.strike[row],
            years: self.years[row],
            vol: self.vol[row],
            rate: self.rate[row],
            carry: self.rate[row],
        }
    }
}

fn greeks(criterion: &mut Criterion) {
    let options = Options::new();
    let mut group = criterion.benchmark_group("greeks, per option");
    group.throughput(Throughput::Elements(N as u64));
    let mut found = GreekColumns::default();
    group.bench_function("batch, value and four Greeks", |bencher| {
        let columns = options.columns();
        bencher
            .iter(|| black_scholes_batch(black_box(&columns), N, &mut found).expect("good terms"));
    });
    let plain = OptionColumns {
        rate: PerOption::All(0.0),
        carry: PerOption::All(0.0),
        ..options.columns()
    };
    group.bench_function("batch, on forwards", |bencher| {
        bencher.iter(|| black_scholes_batch(black_box(&plain), N, &mut found).expect("good terms"));
    });
    group.bench_function("scalar, value and seven Greeks", |bencher| {
        bencher.iter(|| {
            (0..N)
                .map(|row| black_scholes(options.kind[row], options.terms(row)).value)
                .sum::<f64>()
        });
    });
    group.finish();
}

fn implied(criterion: &mut Criterion) {
    let options = Options::new();
    let plain = |row| Terms { rate: 0.0, carry: 0.0, ..options.terms(row) };
    let price: Vec<f64> =
        (0..N).map(|row| black_scholes(options.kind[row], plain(row)).value).collect();
    let prices = PriceColumns {
        kind: PerOption::Each(&options.kind),
        forward: PerOption::Each(&options.spot),
        strike: PerOption::Each(&options.strike),
        years: PerOption::Each(&options.years),
        price: PerOption::Each(&price),
    };
    let mut group = criterion.benchmark_group("implied vol, per option");
    group.throughput(Throughput::Elements(N as u64));
    group.bench_function("batch", |bencher| {
        bencher.iter(|| implied_vol_batch(black_box(&prices), N).expect("columns of one length"));
    });
    group.bench_function("scalar", |bencher| {
        bencher.iter(|| {
            for (row, price) in price.iter().enumerate() {
                let Terms { spot, strike, years, .. } = options.terms(row);
                black_box(implied_vol(options.kind[row], spot, strike, years, *price)).ok();
            }
        });
    });
    group.finish();
}

fn stochastic_vol(criterion: &mut Criterion) {
    let terms = HestonTerms { spot: 60_000.0, strike: 65_000.0, years: 0.1, rate: 0.0, carry: 0.0 };
    let model = Heston {
        variance: 0.36,
        reversion: 3.0,
        mean_variance: 0.49,
        vol_of_variance: 2.0,
        correlation: -0.3,
    };
    criterion.bench_function("Heston, value and three slopes", |bencher| {
        bencher.iter(|| heston(OptionKind::Call, black_box(terms), model).expect("good terms"));
    });
}

criterion_group!(benches, greeks, implied, stochastic_vol);
criterion_main!(benches);
