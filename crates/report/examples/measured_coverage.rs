//! What share of intervals of 95 % hold the truth, on histories whose truth is known.
//!
//! `cargo run --release -p hedgerow-report --example measured_coverage [RUNS]`; 2,000 runs unless said.
//!
//! The mean of autoregressions; and the variance reduction of a hedge over windows of 1, 7 and 30 days, where volatility clusters
//! (GARCH 0.1 and 0.8) and returns have the tails of Student's t with 5 degrees of freedom: hedged = a unhedged + b noise, so
//! that 1 − a² − b² is removed over every horizon. Beside each, what plain percentiles of resampled statistics hold.
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "an example that prints")]

use hedgerow_report::Bootstrap;
use hedgerow_report::stats::bootstrap::{
    Interval, PrefixSums, block_length, percentile_interval, resample,
};
use hedgerow_report::stats::studentised::{Mean, studentised_interval};
use hedgerow_report::stats::variance_reduction::variance_reduction_interval;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use statrs::distribution::{ContinuousCDF, Normal};

struct Noise(ChaCha8Rng);

impl Noise {
    fn normal(&mut self) -> f64 {
        let uniform = (f64::from(self.0.next_u32()) + 0.5) / 4_294_967_296.0;
        Normal::standard().inverse_cdf(uniform)
    }

    /// Student's t with 5 degrees of freedom, of variance 1.
    fn heavy(&mut self) -> f64 {
        let squares: f64 = (0..5).map(|_| self.normal().powi(2)).sum();
        self.normal() / (squares / 5.0).sqrt() * 0.6_f64.sqrt()
    }
}

fn autoregression(noise: &mut Noise, rho: f64, n: usize) -> Vec<f64> {
    let mut y = noise.normal() / (1.0 - rho * rho).sqrt();
    let next = |_| {
        y = rho * y + noise.normal();
        y
    };
    (0..n).map(next).collect()
}

/// P&L of hedged and unhedged over windows of `days`.
fn hedge(noise: &mut Noise, n: usize, days: usize) -> [Vec<f64>; 2] {
    let (a, b, warm_up) = (0.1, 0.1, 300);
    let mut variance = 1.0_f64;
    let (mut hedged, mut unhedged) = (vec![0.0], vec![0.0]);
    for row in 0..n + warm_up {
        let (step, second) = (variance.sqrt() * noise.heavy(), variance.sqrt() * noise.heavy());
        variance = 0.1 + 0.1 * step * step + 0.8 * variance;
        if row >= warm_up {
            hedged.push(hedged[hedged.len() - 1] + a * step + b * second);
            unhedged.push(unhedged[unhedged.len() - 1] + step);
        }
    }
    let windows = |equity: Vec<f64>| -> Vec<f64> {
        equity.iter().zip(&equity[days..]).map(|(before, after)| after - before).collect()
    };
    [windows(hedged), windows(unhedged)]
}

fn percentiles_of_mean(series: &[f64], bootstrap: &Bootstrap) -> Option<Interval> {
    let sums = PrefixSums::new(series.len(), |i| [series[i]]);
    let mean = |blocks| Some(sums.over(blocks)[0] / series.len() as f64);
    let means = resample(series.len(), block_length(series)?, bootstrap, mean)?;
    percentile_interval(means, bootstrap.level)
}

/// Blocks that suit the squares of either series, read by percentiles.
fn percentiles_of_reduction(
    [hedged, unhedged]: &[Vec<f64>; 2],
    bootstrap: &Bootstrap,
) -> Option<Interval> {
    let squares = |column: &[f64]| column.iter().map(|x| x * x).collect::<Vec<f64>>();
    let length = block_length(&squares(hedged))?.max(block_length(&squares(unhedged))?);
    let n = hedged.len();
    let at = |i: usize| [hedged[i], hedged[i].powi(2), unhedged[i], unhedged[i].powi(2)];
    let sums = PrefixSums::new(n, at);
    let reduction = |blocks| {
        let [h, hh, u, uu] = sums.over(blocks).map(|sum| sum / n as f64);
        Some(1.0 - (hh - h * h) / (uu - u * u))
    };
    percentile_interval(resample(n, length, bootstrap, reduction)?, bootstrap.level)
}

/// Share of runs whose interval holds the truth: studentised, and by percentiles.
fn coverage(
    n_runs: u32,
    truth: f64,
    mut intervals: impl FnMut(&Bootstrap) -> [Option<Interval>; 2],
) -> String {
    let mut held = [0_u32; 2];
    for run in 0..n_runs {
        let bootstrap = Bootstrap { seed: u64::from(run), resamples: 400, level: 0.95 };
        for (held, interval) in held.iter_mut().zip(intervals(&bootstrap)) {
            let holds = |found: Interval| found.low <= truth && truth <= found.high;
            *held += u32::from(interval.is_some_and(holds));
        }
    }
    let percent = held.map(|held| 100.0 * f64::from(held) / f64::from(n_runs));
    format!("{:5.1} % ({:5.1} % by percentiles)", percent[0], percent[1])
}

fn main() {
    let n_runs = std::env::args().nth(1).and_then(|runs| runs.parse().ok()).unwrap_or(2_000);
    let error = (0.95 * 0.05 / f64::from(n_runs)).sqrt() * 100.0;
    println!("intervals of 95 %, {n_runs} runs: standard error of a figure {error:.1} %\n");
    for rho in [0.0, 0.3, 0.5, 0.8] {
        let mut noise = Noise(ChaCha8Rng::seed_from_u64(1_994));
        let held = coverage(n_runs, 0.0, |bootstrap| {
            let series = autoregression(&mut noise, rho, 500);
            let at = |i: usize| [series[i]];
            let studentised = studentised_interval(500, at, &Mean, bootstrap);
            [studentised, percentiles_of_mean(&series, bootstrap)]
        });
        println!("mean of 500 rows, autoregression of {rho}: {held}");
    }
    println!();
    for n in [90, 500, 1_500] {
        for days in [1, 7, 30] {
            if n < 10 * days {
                continue;
            }
            let mut noise = Noise(ChaCha8Rng::seed_from_u64(1_996));
            let held = coverage(n_runs, 0.98, |bootstrap| {
                let pair = hedge(&mut noise, n, days);
                let studentised = variance_reduction_interval(&pair[0], &pair[1], bootstrap);
                [studentised, percentiles_of_reduction(&pair, bootstrap)]
            });
            println!("variance reduction over {days:2} days, {n:4} days of history: {held}");
        }
    }
}
