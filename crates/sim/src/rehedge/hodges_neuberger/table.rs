//! Bands on a grid of total variance, moneyness and size of risk.

use rayon::prelude::*;

use super::Point;
use super::solve::{Problem, Side, interpolate};

/// Largest `d1` on either side; further out the band of the furthest is taken.
pub(super) const FURTHEST: f64 = 3.0;

/// Steps of a tree.
pub(super) const STEPS: usize = 200;

/// A second tree for short times to expiry has so much less variance.
const SHORTER: f64 = 16.0;

/// Steps to go that are tabulated; of the longer tree only those beyond the shorter.
const LEVELS: [usize; 10] = [9, 13, 18, 25, 36, 50, 71, 100, 141, 200];

/// Values of `d1` on either side of 0.
const MONEYNESS: usize = 12;

/// Bands for one cost and one side.
#[derive(Debug)]
pub struct Table {
    /// Logarithms of the total variances, increasing.
    variances: Vec<f64>,
    /// Logarithms of the sizes, increasing, each double the one before.
    sizes: Vec<f64>,
    /// By size, variance and `d1`.
    offsets: Vec<Vec<Vec<[f64; 2]>>>,
}

impl Table {
    /// A table that covers those of the `points` that are on `side`; `None` where there are none.
    pub fn covering<'a>(
        cost: f64,
        side: Side,
        points: impl Iterator<Item = &'a Point>,
    ) -> Option<Self> {
        let points = points.filter(|point| point.side == side);
        let (mut variance, mut low, mut high) = (0.0_f64, f64::INFINITY, 0.0_f64);
        points.for_each(|point| {
            variance = variance.max(point.variance);
            low = low.min(point.size);
            high = high.max(point.size);
        });
        if variance == 0.0 {
            return None;
        }
        let (mut sizes, mut size) = (vec![low], low);
        while size < high {
            size *= 2.0;
            sizes.push(size);
        }
        let solve = |size: &f64| solve(Problem { cost, size: *size, side, variance, steps: STEPS });
        let offsets: Vec<_> = sizes.par_iter().map(solve).collect();
        Some(Self {
            variances: variances(variance).map(f64::ln).collect(),
            sizes: sizes.into_iter().map(f64::ln).collect(),
            offsets,
        })
    }

    /// Edges of the band less the hedge, coins per option; beyond the table those of its border.
    pub fn offsets(&self, point: &Point) -> [f64; 2] {
        let size = place(&self.sizes, point.size.ln());
        let variance = place(&self.variances, point.variance.ln());
        let d1 = place_d1(point.d1);
        let mut sum = [0.0; 2];
        for (i, a) in size.corners() {
            for (j, b) in variance.corners() {
                for (k, c) in d1.corners() {
                    let corner = self.offsets[i][j][k];
                    sum.iter_mut().zip(corner).for_each(|(sum, offset)| *sum += a * b * c * offset);
                }
            }
        }
        sum
    }
}

/// Total variances of the table, increasing.
#[expect(clippy::cast_precision_loss, reason = "steps are few")]
fn variances(longest: f64) -> impl Iterator<Item = f64> {
    let level = |level: usize, variance: f64| variance * level as f64 / STEPS as f64;
    let short = LEVELS.iter().map(move |steps| level(*steps, longest / SHORTER));
    short.chain(long_levels().map(move |steps| level(steps, longest)))
}

/// Levels of the longer tree beyond the shorter one.
#[expect(clippy::cast_precision_loss, reason = "steps are few")]
fn long_levels() -> impl Iterator<Item = usize> {
    LEVELS.into_iter().filter(|level| *level as f64 > STEPS as f64 / SHORTER)
}

/// Bands of one size by variance and `d1`, from a short and a long tree.
fn solve(long: Problem) -> Vec<Vec<[f64; 2]>> {
    let short = Problem { variance: long.variance / SHORTER, ..long };
    let levels: Vec<usize> = long_levels().collect();
    let bands = short.bands(&LEVELS).into_iter().chain(long.bands(&levels));
    let rows = bands.map(|edges| moneyness().map(|d1| interpolate(&edges, d1)).collect());
    rows.collect()
}

/// Values of `d1`, increasing.
#[expect(clippy::cast_precision_loss, reason = "few")]
fn moneyness() -> impl Iterator<Item = f64> {
    (0..=2 * MONEYNESS).map(|k| FURTHEST * (k as f64 / MONEYNESS as f64 - 1.0))
}

/// Between which two entries of an axis a number lies, and how far from the first.
struct Place {
    below: usize,
    above: usize,
    share: f64,
}

impl Place {
    fn corners(&self) -> [(usize, f64); 2] {
        [(self.below, 1.0 - self.share), (self.above, self.share)]
    }
}

fn place(axis: &[f64], number: f64) -> Place {
    let above = axis.partition_point(|entry| *entry < number).min(axis.len() - 1);
    let below = above.saturating_sub(1);
    if above == below {
        return Place { below, above, share: 0.0 };
    }
    let share = ((number - axis[below]) / (axis[above] - axis[below])).clamp(0.0, 1.0);
    Place { below, above, share }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the number of entries"
)]
fn place_d1(d1: f64) -> Place {
    let at = ((d1 / FURTHEST + 1.0) * MONEYNESS as f64).clamp(0.0, 2.0 * MONEYNESS as f64);
    let below = (at as usize).min(2 * MONEYNESS - 1);
    Place { below, above: below + 1, share: at - below as f64 }
}
