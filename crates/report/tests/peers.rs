//! What peers get wrong about intervals, as tests that these are right.
#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "tests")]

mod common;

use common::Lcg;
use hedgerow_report::Bootstrap;
use hedgerow_report::stats::bootstrap::{
    Interval, PrefixSums, block_length, percentile_interval, resample,
};

/// Interval of the mean with blocks of this mean length.
fn interval(series: &[f64], block_length: f64, bootstrap: &Bootstrap) -> Interval {
    let n = series.len();
    let sums = PrefixSums::new(n, |i| [series[i]]);
    let mean = |blocks| Some(sums.over(blocks)[0] / n as f64);
    let means = resample(n, block_length, bootstrap, mean).unwrap();
    percentile_interval(means, bootstrap.level).unwrap()
}

/// Peers resample single points, or five times, or draw the seed from the clock.
#[test]
fn intervals_are_the_same_with_1_and_16_threads() {
    let series = Lcg(5).autoregression(0.5, 500);
    let bootstrap = Bootstrap { seed: 11, resamples: 2_000, level: 0.95 };
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| interval(&series, block_length(&series).unwrap(), &bootstrap))
    };
    let one = with(1);
    assert_eq!(one, with(16));
    assert_eq!(one, with(1));
}
