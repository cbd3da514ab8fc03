//! Raw SVI by least squares in vol, free or without butterfly arbitrage.
//!
//! A free fit starts from the best of a small table of (m, σ), for each of which the rest is linear least squares (Zeliade
//! Systems, *Quasi-explicit calibration of Gatheral's SVI model*, 2009); Levenberg-Marquardt does the rest.
//!
//! Where the free fit has a negative density, the sum of squares gets a penalty for it, ever stronger. The first start is
//! then an eSSVI slice: it pays no penalty, so what it leads to is never worse than itself. Started from the free fit
//! alone, which may lie far out where five numbers say what three could, the penalty throws the search into a flat corner.
//!
//! Of eleven slices of real chains drawn at random, and the two that were refused although seven quotes or more are there,
//! `SciPy`'s differential evolution (1.17.1; `benches/peers/svi_minima.py`) finds none with a sum of squares lower by more than
//! 0.6 %, which is 0.001 vol points root mean square.

use super::least_squares::{Minimum, Normal, minimise, solve};
use super::problem::{LEAST_WING, Problem};
use super::unit_svi::Parameters;
use super::{RawSvi, butterfly};

/// A slice and its weighted sum of squared misses, halved, in units of the vol at the money.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) svi: RawSvi,
    pub(super) cost: f64,
}

/// Weights of the penalty, one after another, until no density is negative.
const FORCES: [f64; 6] = [0.01, 0.1, 1.0, 10.0, 100.0, 1000.0];

/// How much more than a free fit a penalised one may miss before another start is tried: relative and in units of the vol
/// at the money, root mean square.
const ENOUGH: (f64, f64) = (1.05, 5e-4);

/// The minima that several starts lead to, arbitrage or not, best first, at least one.
pub(super) fn minima(problem: &Problem) -> Vec<Candidate> {
    let bounds = problem.bounds();
    let mut found: Vec<Minimum<5>> = Vec::with_capacity(FOLLOWED);
    for start in starts(problem) {
        let minimum = minimise(start, &bounds, |p, sums| problem.misses(p, sums));
        found.push(minimum);
        // A hundredth of a per cent of the vol, root mean square: there is nothing left to find.
        if minimum.cost < 0.5e-8 {
            break;
        }
    }
    found.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    found
        .iter()
        .map(|minimum| Candidate { svi: problem.raw(&minimum.at), cost: minimum.cost })
        .collect()
}

/// The best slice without butterfly arbitrage that `starts` lead to, in this order; `None` where none leads to one.
/// `least` is the cost of the best slice with arbitrage: once a slice is nearly as good, the search ends.
pub(super) fn without_butterflies(
    problem: &Problem,
    starts: impl IntoIterator<Item = RawSvi>,
    least: f64,
) -> Option<Candidate> {
    let mut best: Option<Candidate> = None;
    for start in starts {
        let Some(found) = penalised(problem, &start) else { continue };
        if best.is_none_or(|best| found.cost < best.cost) {
            best = Some(found);
        }
        if found.cost.sqrt() < ENOUGH.0 * least.sqrt() + ENOUGH.1 {
            break;
        }
    }
    best
}

/// One start of [`without_butterflies`].
fn penalised(problem: &Problem, start: &RawSvi) -> Option<Candidate> {
    let bounds = problem.bounds();
    let mut grid = problem.watched();
    let mut at = problem.parameters(start);
    FORCES.iter().find_map(|force| {
        at = minimise(at, &bounds, |p, sums| {
            problem.misses(p, sums);
            problem.butterflies(p, &grid, *force, sums);
        })
        .at;
        let svi = problem.raw(&at);
        let found = butterfly(&svi);
        // Where the grid is too coarse, it is looked at more closely.
        grid.push(found.at / problem.scale);
        found.is_free().then(|| Candidate { svi, cost: cost(problem, &at) })
    })
}

/// What a slice misses.
fn cost(problem: &Problem, p: &Parameters) -> f64 {
    let mut sums = Normal::zero();
    problem.misses(p, &mut sums);
    sums.cost
}

/// How many starts are followed.
const FOLLOWED: usize = 3;

/// The best starts of a table of (m, σ), best first.
fn starts(problem: &Problem) -> Vec<Parameters> {
    let (first, last) = problem.ends();
    let mut tried: Vec<(f64, Parameters)> = Vec::with_capacity(7 * 4);
    for share in [-0.25, 0.1, 0.3, 0.5, 0.7, 0.9, 1.25] {
        for sigma in [0.1, 0.4, 1.2, 4.0] {
            let m = first + share * (last - first);
            if let Some(start) = linear(problem, m, sigma) {
                tried.push((cost(problem, &start), start));
            }
        }
    }
    tried.sort_by(|a, b| a.0.total_cmp(&b.0));
    tried.truncate(FOLLOWED);
    if tried.is_empty() {
        return vec![[1.0, 0.5, 0.5, 0.0, 1.0]];
    }
    tried.into_iter().map(|(_, start)| start).collect()
}

/// For m and σ given, u = a + l ½(R − y) + r ½(R + y) is linear in the rest: weighted least squares with l, r ≥ 0.
fn linear(problem: &Problem, m: f64, sigma: f64) -> Option<Parameters> {
    let mut matrix = [[0.0; 3]; 3];
    let mut right = [0.0; 3];
    for point in &problem.points {
        let y = point.x - m;
        let radius = y.hypot(sigma);
        let basis = [1.0, 0.5 * (radius - y), 0.5 * (radius + y)];
        // An error of u is one of vol times 2 vol.
        let weight = point.weight / (4.0 * point.vol * point.vol);
        for i in 0..3 {
            right[i] += weight * basis[i] * point.vol * point.vol;
            for j in 0..=i {
                matrix[i][j] += weight * basis[i] * basis[j];
            }
        }
    }
    let ridge = 1e-12 * (matrix[0][0] + matrix[1][1] + matrix[2][2]);
    for (i, row) in matrix.iter_mut().enumerate() {
        row[i] += ridge;
    }
    let [a, slope_left, slope_right] = nonnegative(matrix, right)?;
    let (lambda, mu) = (slope_left.sqrt(), slope_right.sqrt());
    Some([a + sigma * lambda * mu, lambda.max(LEAST_WING), mu.max(LEAST_WING), m, sigma])
}

/// Solves for (a, l, r) with l, r ≥ 0 by leaving out what would be negative.
fn nonnegative(matrix: [[f64; 3]; 3], right: [f64; 3]) -> Option<[f64; 3]> {
    let full = solve(matrix, right)?;
    if full[1] >= 0.0 && full[2] >= 0.0 {
        return Some(full);
    }
    let without = |out: usize| {
        let keep = 3 - out;
        let pair = [[matrix[0][0], 0.0], [matrix[keep][0], matrix[keep][keep]]];
        let [a, slope] = solve(pair, [right[0], right[keep]])?;
        let mut found = [a, 0.0, 0.0];
        found[keep] = slope;
        Some(found).filter(|_| slope >= 0.0)
    };
    let out = if full[1] < full[2] { 1 } else { 2 };
    without(out).or_else(|| without(3 - out)).or(Some([right[0] / matrix[0][0], 0.0, 0.0]))
}
