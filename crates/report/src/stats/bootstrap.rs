//! Stationary block bootstrap with automatic block length.
//!
//! A resampled history is glued from blocks of the real one: each starts at a uniform place, has a geometric length, and
//! wraps round the end (Politis and Romano 1994, *Journal of the American Statistical Association* 89). Two series that
//! are resampled with the same blocks stay paired. The mean block length follows Politis and White (2004, *Econometric
//! Reviews* 23) with the correction of Patton, Politis and White (2009, *Econometric Reviews* 28).
//!
//! Resample `i` draws from stream `i` of one seeded `ChaCha8` generator: the result does not depend on threads.

use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use super::moments::{count, mean};
use crate::Bootstrap;

/// Two-sided interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The statistic of every resampled history of `n` points, in the order of the streams.
///
/// `None` when there is nothing to resample or a single resample has no statistic: an interval over the others would
/// be narrower than the truth.
pub fn resample<T: Send>(
    n: usize,
    block_length: f64,
    bootstrap: &Bootstrap,
    statistic: impl Fn(Blocks) -> Option<T> + Sync,
) -> Option<Vec<T>> {
    if n == 0 || bootstrap.resamples == 0 {
        return None;
    }
    let generator = ChaCha8Rng::seed_from_u64(bootstrap.seed);
    (0..bootstrap.resamples)
        .into_par_iter()
        .map(|stream| {
            let mut generator = generator.clone();
            generator.set_stream(stream as u64);
            statistic(Blocks::new(n, block_length, generator))
        })
        .collect()
}

/// Percentile interval (Efron 1979): the quantiles `(1 ∓ level) / 2` of the R resampled statistics, the `q (R + 1)`-th in
/// ascending order, interpolated linearly (Davison and Hinkley 1997, *Bootstrap Methods and their Application*, section 5.2).
///
/// `None` when there are no statistics.
pub fn percentile_interval(mut statistics: Vec<f64>, level: f64) -> Option<Interval> {
    statistics.sort_unstable_by(f64::total_cmp);
    let low = quantile(&statistics, (1.0 - level) / 2.0)?;
    let high = quantile(&statistics, (1.0 + level) / 2.0)?;
    Some(Interval { low, high })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place between 0 and the length of a column"
)]
pub(super) fn quantile(ascending: &[f64], share: f64) -> Option<f64> {
    let last = ascending.len().checked_sub(1)?;
    let place = (share * (count(ascending) + 1.0) - 1.0).clamp(0.0, count(ascending) - 1.0);
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    Some(ascending[below] + (place - place.floor()) * (ascending[above] - ascending[below]))
}

/// The blocks of one resampled history: ranges of points of which `n` in total; a range may reach beyond `n` and then
/// wraps round.
#[derive(Debug)]
pub struct Blocks {
    n: usize,
    left: usize,
    /// `ln(1 − 1 / block length)`.
    log_continue: f64,
    generator: ChaCha8Rng,
}

impl Blocks {
    fn new(n: usize, block_length: f64, generator: ChaCha8Rng) -> Self {
        Self { n, left: n, log_continue: (-1.0 / block_length.max(1.0)).ln_1p(), generator }
    }

    /// Uniform in [0, 1), 53 bits.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact in f64")]
    fn uniform(&mut self) -> f64 {
        (self.generator.next_u64() >> 11) as f64 * (0.5_f64).powi(53)
    }
}

impl Iterator for Blocks {
    type Item = Range<usize>;

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a start below n; a length that saturates and is cut to what is left"
    )]
    fn next(&mut self) -> Option<Range<usize>> {
        if self.left == 0 {
            return None;
        }
        let start = ((self.uniform() * self.n as f64) as usize).min(self.n - 1);
        let more = (-self.uniform()).ln_1p() / self.log_continue;
        let length = (more as usize).saturating_add(1).min(self.left);
        self.left -= length;
        Some(start..start + length)
    }
}

/// Sums of columns over ranges, each in constant time; ranges may wrap round the end once.
#[derive(Debug)]
pub struct PrefixSums<const N: usize> {
    sums: Vec<[f64; N]>,
}

impl<const N: usize> PrefixSums<N> {
    /// Of `n` points, given by `at`.
    pub fn new(n: usize, at: impl Fn(usize) -> [f64; N]) -> Self {
        let mut sums = Vec::with_capacity(2 * n + 1);
        let mut total = [0.0; N];
        sums.push(total);
        for point in 0..2 * n {
            for (total, x) in total.iter_mut().zip(at(point % n)) {
                *total += x;
            }
            sums.push(total);
        }
        Self { sums }
    }

    /// Sums over all the blocks.
    pub fn over(&self, blocks: impl IntoIterator<Item = Range<usize>>) -> [f64; N] {
        let mut total = [0.0; N];
        for block in blocks {
            for (total, more) in total.iter_mut().zip(self.between(block.start, block.end)) {
                *total += more;
            }
        }
        total
    }

    /// Sums over the points `from..to`.
    pub fn between(&self, from: usize, to: usize) -> [f64; N] {
        std::array::from_fn(|column| self.sums[to][column] - self.sums[from][column])
    }
}

/// Mean block length for the stationary bootstrap; at least 1. `None` for fewer than 8 points or a flat series.
///
/// `b = (2 G² / D)^(1/3) n^(1/3)` with `G = Σ λ(k/M) |k| R(k)`, `D = 2 g(0)²`, `g(0) = Σ λ(k/M) R(k)`, flat-top window
/// `λ`, `M = 2 m`, where `m` is the last lag before `max(5, log10 n)` insignificant autocorrelations; capped at
/// `⌈min(3 √n, n/3)⌉`.
pub fn block_length(series: &[f64]) -> Option<f64> {
    let Dependence { curvature, long_run } = Dependence::of(series)?;
    let n = count(series);
    let length = (curvature / long_run).powi(2).cbrt() * n.cbrt();
    Some(length.min((3.0 * n.sqrt()).min(n / 3.0).ceil()).max(1.0)).filter(|b| b.is_finite())
}

/// `g(0)`: the variance that √n times the mean has in the limit, by the window of [`block_length`]; 0 where the window finds
/// less than nothing. `None` for fewer than 8 points or a flat series.
pub fn long_run_variance(series: &[f64]) -> Option<f64> {
    Dependence::of(series).map(|dependence| dependence.long_run.max(0.0))
}

/// How a series depends on its own past.
#[derive(Debug, Clone, Copy)]
struct Dependence {
    /// `G`.
    curvature: f64,
    /// `g(0)`.
    long_run: f64,
}

impl Dependence {
    fn of(series: &[f64]) -> Option<Self> {
        if series.len() < 8 {
            return None;
        }
        let n = count(series);
        let centre = mean(series)?;
        let centred: Vec<f64> = series.iter().map(|x| x - centre).collect();
        let autocovariance = |lag: usize| dot(&centred[lag..], &centred) / n;
        let (mut curvature, mut long_run) = (0.0, autocovariance(0));
        if long_run <= (1e-14 * centre).powi(2) {
            return None;
        }
        let bandwidth = bandwidth(&centred);
        for lag in 1..=bandwidth {
            let share = ratio(lag, bandwidth);
            let weight = if share <= 0.5 { 1.0 } else { 2.0 * (1.0 - share) };
            let covariance = autocovariance(lag);
            curvature += 2.0 * weight * ratio(lag, 1) * covariance;
            long_run += 2.0 * weight * covariance;
        }
        Some(Self { curvature, long_run })
    }
}

/// `M = 2 m` of Politis and White, at most `⌈√n⌉ + max(5, log10 n)`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small positive numbers of lags"
)]
fn bandwidth(centred: &[f64]) -> usize {
    let n = count(centred);
    let needed = (n.log10() as usize).max(5);
    let most = (n.sqrt().ceil() as usize + needed).min(centred.len() - 2);
    let critical = 2.0 * (n.log10() / n).sqrt();
    let mut insignificant = 0;
    for lag in 1..=most {
        let (late, early) = (&centred[lag + 1..], &centred[..centred.len() - lag - 1]);
        let scale = (dot(late, late) * dot(early, early)).sqrt();
        let correlation = dot(&centred[lag..], centred).abs() / scale;
        insignificant = if correlation < critical { insignificant + 1 } else { 0 };
        if insignificant == needed {
            return (2 * (lag + 1 - needed).max(1)).min(most);
        }
    }
    most
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[expect(clippy::cast_precision_loss, reason = "numbers of lags are small")]
fn ratio(a: usize, b: usize) -> f64 {
    a as f64 / b as f64
}
