//! Bands on a grid of total variance, moneyness and size of risk.
//!
//! The grid is fixed: trees of 0.01 · 4^n of variance, sizes 2^n. A run has the part of it that it touches.

use std::ops::RangeInclusive;

use rayon::prelude::*;

use super::Point;
use super::solve::{Problem, Side, interpolate};

/// Largest `d1` on either side; further out the band of the furthest is taken.
pub(super) const FURTHEST: f64 = 3.0;

/// Steps of a tree.
pub(super) const STEPS: usize = 200;

/// Each tree has so many times the variance of the one before; the axis is the same for every run, so that a row's band
/// does not depend on rows to come.
const RATIO: f64 = 4.0;

/// Variance of tree number 0, that of a month at 35 per cent.
const UNIT: f64 = 0.01;

/// Below this variance, minutes before expiry, its band is taken.
const LEAST: f64 = 2e-5;

/// Steps to go that are tabulated of each tree: from where the tree before ends.
const LEVELS: [usize; 8] = [55, 66, 80, 96, 115, 138, 166, 200];

/// Values of `d1` on either side of 0.
const MONEYNESS: usize = 12;

/// Bands for one cost and one side.
#[derive(Debug)]
pub struct Table {
    /// Logarithms of the total variances, increasing.
    variances: Vec<f64>,
    /// Logarithms of the sizes, powers of 2, increasing.
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
        let points: Vec<&Point> = points.filter(|point| point.side == side).collect();
        let trees = span(points.iter().flat_map(|point| trees(point.variance)))?;
        let sizes = span(points.iter().map(|point| floor(clamped(point.size).log2())))?;
        let sizes: Vec<f64> =
            (*sizes.start()..=sizes.end() + 1).map(|power| f64::from(power).exp2()).collect();
        let solve = |size: &f64| {
            let problem = |variance| Problem { cost, size: *size, side, variance, steps: STEPS };
            trees.clone().flat_map(|tree| solve(problem(longest(tree)))).collect()
        };
        let offsets: Vec<_> = sizes.par_iter().map(solve).collect();
        Some(Self {
            variances: trees.clone().flat_map(variances).map(f64::ln).collect(),
            sizes: sizes.into_iter().map(f64::ln).collect(),
            offsets,
        })
    }

    /// Edges of the band less the hedge, coins per option; beyond the table those of its border.
    pub fn offsets(&self, point: &Point) -> [f64; 2] {
        let size = place(&self.sizes, clamped(point.size).ln());
        let variance = place(&self.variances, point.variance.max(LEAST).ln());
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

/// A size within what is tabulated: below, no risk is worth a trade; above, the band is too narrow to matter.
fn clamped(size: f64) -> f64 {
    size.clamp(1.0 / 1024.0, 1024.0 * 1024.0)
}

/// The smallest and the largest.
fn span(numbers: impl Iterator<Item = i32> + Clone) -> Option<RangeInclusive<i32>> {
    Some(numbers.clone().min()?..=numbers.max()?)
}

#[expect(clippy::cast_possible_truncation, reason = "saturates: a logarithm is small")]
fn floor(number: f64) -> i32 {
    number.floor() as i32
}

/// The trees between whose levels a variance lies: the one that reaches up to it, and the one before where it lies below the
/// first level.
fn trees(variance: f64) -> RangeInclusive<i32> {
    let variance = variance.max(LEAST);
    let tree = -floor(-(variance / UNIT).ln() / RATIO.ln());
    let below = variances(tree).next().is_some_and(|first| variance < first);
    tree - i32::from(below)..=tree
}

/// Variance of a whole tree.
fn longest(tree: i32) -> f64 {
    UNIT * RATIO.powi(tree)
}

/// Total variances of a tree's levels, increasing.
#[expect(clippy::cast_precision_loss, reason = "steps are few")]
fn variances(tree: i32) -> impl Iterator<Item = f64> {
    LEVELS.into_iter().map(move |level| longest(tree) * level as f64 / STEPS as f64)
}

/// Bands of one tree by variance and `d1`.
fn solve(problem: Problem) -> Vec<Vec<[f64; 2]>> {
    let bands = problem.bands(&LEVELS).into_iter();
    bands.map(|edges| moneyness().map(|d1| interpolate(&edges, d1)).collect()).collect()
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
