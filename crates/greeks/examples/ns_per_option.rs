//! Nanoseconds per option of the kernels, on one thread: `cargo run --release -p hedgerow-greeks --example ns_per_option`.
#![allow(clippy::print_stdout, reason = "an example that prints what it measures")]

use std::hint::black_box;
use std::time::Instant;

use hedgerow_core::{AssetColumns, Market, Timestamp};
use hedgerow_greeks::{
    BookSpec, GreekColumns, OptionColumns, OptionKind, PerOption, PriceColumns, Terms, VolMarks,
    black_scholes, black_scholes_batch, implied_vol, implied_vol_batch, resolve, value,
};

const N: usize = 4_096;

/// A small linear congruential generator, uniform in (0, 1).
fn uniform(seed: u64) -> impl Iterator<Item = f64> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(state >> 32).unwrap_or(0)) / 4_294_967_296.0
    })
}

/// Best of many rounds, in nanoseconds per option.
fn measure(name: &str, mut work: impl FnMut()) {
    let mut best = f64::INFINITY;
    for _ in 0..200 {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{name:<44} {:8.2} ns per option", best * 1e9 / 4_096.0);
}

/// The value pass over a million rows of one rolled call, on one thread.
fn value_pass() {
    const ROWS: usize = 1_000_000;
    let mut draws = uniform(7);
    let mut price = 30_000.0;
    let spot = (0..ROWS)
        .map(|_| {
            price *= 1.0 + 0.002 * (draws.next().unwrap_or(0.5) - 0.5);
            price
        })
        .collect();
    let time = (1..)
        .map(|minute| Timestamp::from_millis(1_577_836_800_000 + minute * 60_000))
        .take(ROWS)
        .collect();
    let asset = AssetColumns { name: "BTC".to_owned(), spot, open: None, high: None, low: None };
    let market = Market::new(time, vec![asset], vec![], vec![]).expect("a market");
    let text = "programme = \"call\"\nside = \"short\"\nquantity = 1\ntenor_days = 30\nstrike = { moneyness = 1.0 }";
    let spec: BookSpec = toml::from_str(text).expect("a book line");
    let book = [resolve(&spec, &market).expect("a book line that fits the market")];
    let vols = [VolMarks { vol: vec![Some(0.6); ROWS], ..VolMarks::unknown(ROWS) }];
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let best = (0..9)
        .map(|_| {
            let start = Instant::now();
            pool.install(|| black_box(value(&market, &vols, &book, 0.0)).expect("vols are known"));
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    println!("{:<44} {:8.2} ns per option", "value pass, one call", best * 1e3);
}

fn main() {
    let mut draws = uniform(1);
    let mut column = |least: f64, most: f64| -> Vec<f64> {
        draws.by_ref().take(N).map(|u| least + (most - least) * u).collect()
    };
    let spot = column(50_000.0, 70_000.0);
    let strike = column(40_000.0, 90_000.0);
    let years = column(0.003, 1.0);
    let vol = column(0.3, 1.2);
    let rate = column(0.0, 0.05);
    let kind: Vec<OptionKind> = column(0.0, 1.0)
        .into_iter()
        .map(|u| if u < 0.5 { OptionKind::Call } else { OptionKind::Put })
        .collect();
    let mut options = OptionColumns {
        kind: PerOption::Each(&kind),
        spot: PerOption::Each(&spot),
        strike: PerOption::Each(&strike),
        years: PerOption::Each(&years),
        vol: PerOption::Each(&vol),
        rate: PerOption::Each(&rate),
        carry: PerOption::Each(&rate),
    };
    let mut greeks = GreekColumns::default();
    measure("batch Black-Scholes, five outputs", || {
        black_scholes_batch(black_box(&options), N, &mut greeks).expect("good terms");
    });
    options.rate = PerOption::All(0.0);
    options.carry = PerOption::All(0.0);
    measure("batch Black-76, five outputs", || {
        black_scholes_batch(black_box(&options), N, &mut greeks).expect("good terms");
    });
    let mut sum = 0.0;
    measure("scalar Black-Scholes, eight outputs", || {
        for row in 0..N {
            let terms = Terms {
                spot: spot[row],
                strike: strike[row],
                years: years[row],
                vol: vol[row],
                rate: rate[row],
                carry: rate[row],
            };
            sum += black_box(black_scholes(kind[row], black_box(terms))).value;
        }
    });
    black_box(sum);
    let price = greeks.value;
    let prices = PriceColumns {
        kind: PerOption::Each(&kind),
        forward: PerOption::Each(&spot),
        strike: PerOption::Each(&strike),
        years: PerOption::Each(&years),
        price: PerOption::Each(&price),
    };
    measure("batch implied vol", || {
        black_box(implied_vol_batch(black_box(&prices), N).expect("columns of one length"));
    });
    measure("scalar implied vol", || {
        for row in 0..N {
            black_box(implied_vol(kind[row], spot[row], strike[row], years[row], price[row])).ok();
        }
    });
    value_pass();
}
