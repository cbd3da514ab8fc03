//! What the benchmarks share: seeded markets as large as real ones.

use hedgerow_core::{AssetColumns, Contract, FundingEvent, Market, Timestamp, Tradable};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

/// Minutes in five years.
pub const FIVE_YEARS: usize = 5 * 365 * 24 * 60;

/// 2020-01-01, in milliseconds.
const START: i64 = 1_577_836_800_000;

/// Hours in four years.
pub const FOUR_YEARS: usize = 4 * 365 * 24;

/// One-minute rows of a coin at 60 % vol with a perp that is marked at spot and funded every eight hours.
///
/// # Panics
/// Never: the columns are made to fit.
pub fn minutes(n_rows: usize) -> Market {
    coin(n_rows, 1)
}

/// The same coin by the hour.
///
/// # Panics
/// Never: the columns are made to fit.
pub fn hours(n_rows: usize) -> Market {
    coin(n_rows, 60)
}

fn coin(n_rows: usize, minutes: u32) -> Market {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let step = 0.6 * (f64::from(minutes) / (365.0 * 24.0 * 60.0)).sqrt();
    let mut price = 30_000.0;
    let spot: Vec<f64> = (0..n_rows)
        .map(|_| {
            let z: f64 = StandardNormal.sample(&mut random);
            price *= (step * z - 0.5 * step * step).exp();
            price
        })
        .collect();
    // Stamps of our own century: those of 1970 look like another unit, and a loader must look closer.
    let after_start = |millis: i64| Timestamp::from_millis(START + millis);
    let time: Vec<Timestamp> =
        (1..).map(|row| after_start(row * i64::from(minutes) * 60_000)).take(n_rows).collect();
    let last = time.last().map_or(START, |time| time.millis());
    let funding = (1..=(last - START) / 28_800_000)
        .map(|k| FundingEvent { time: after_start(k * 28_800_000), rate: 1e-4, mark: None })
        .collect();
    let perp = Tradable {
        name: "BTC perp".to_owned(),
        asset: 0,
        contract: Contract::LinearPerp,
        price: spot.clone(),
        open: None,
        high: None,
        low: None,
        funding: Some(funding),
        marked_at_spot: true,
    };
    let asset = AssetColumns { name: "BTC".to_owned(), spot, open: None, high: None, low: None };
    Market::new(time, vec![asset], vec![perp], vec![])
        .expect("columns of one length, positive prices")
}
