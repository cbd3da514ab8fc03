//! Raw SVI by least squares in vol.
//!
//! Everything happens in units of one standard deviation at the money, s = vol₀√years: x = k/s and u(x) = w/s². A slice
//! stays a slice in these units, and an expiry of hours looks like one of years. With wing slopes l = λ² and r = μ² and
//! the least variance κ as parameters,
//!
//! ```text
//! u(x) = κ − σλμ + ½ { (r − l)(x − m) + (r + l) √((x − m)² + σ²) }
//! ```
//!
//! the conditions κ > 0, l ≥ 0, r ≥ 0 and Lee's bound l, r < 2/s are a box. The start is the best of a small table of
//! (m, σ), for each of which the rest is linear least squares (Zeliade Systems, *Quasi-explicit calibration of Gatheral's
//! SVI model*, 2009); Levenberg-Marquardt does the rest.

use super::least_squares::{Bounds, Minimum, Normal, minimise, solve};
use super::unit_svi::{Parameters, Unit};
use super::{RawSvi, SmileQuote, butterfly, calendar};

/// A smile to be fitted, in units of one standard deviation.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub(super) points: Vec<Point>,
    /// s: vol at the money times √years.
    pub(super) scale: f64,
}

/// One quote.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    /// k/s.
    pub(super) x: f64,
    /// vol / vol₀.
    pub(super) vol: f64,
    /// Its share of the sum of squares.
    pub(super) weight: f64,
}

/// Lee's bound with a distance that keeps d₊ → −∞.
const STEEPEST: f64 = 2.0 - 1e-6;

/// Least least variance, relative to that at the money.
const LEAST_VARIANCE: f64 = 1e-6;

/// Least roundness, in standard deviations: a sharper kink is noise.
const LEAST_SIGMA: f64 = 1e-3;

/// Where a start's λ and μ are: at 0 the cost does not depend on them to first order, and they would stay.
const LEAST_WING: f64 = 0.01;

/// Least value of Durrleman's g that a penalty aims at, and that of u over the earlier one.
const MARGIN: f64 = 2e-3;

impl Problem {
    /// `quotes` are in ascending order, one at least.
    pub(super) fn new(quotes: &[SmileQuote], years: f64) -> Self {
        let nearest = quotes
            .iter()
            .min_by(|a, b| a.log_moneyness.abs().total_cmp(&b.log_moneyness.abs()))
            .expect("there is a quote");
        let scale = nearest.vol * years.sqrt();
        let total: f64 = quotes.iter().map(|quote| quote.weight).sum();
        let points = quotes
            .iter()
            .map(|quote| Point {
                x: quote.log_moneyness / scale,
                vol: quote.vol / nearest.vol,
                weight: quote.weight / total,
            })
            .collect();
        Self { points, scale }
    }

    /// Number of different strikes.
    pub(super) fn n_strikes(&self) -> usize {
        1 + self.points.windows(2).filter(|pair| pair[1].x > pair[0].x).count()
    }

    /// Log-moneyness within which quotes speak, and two standard deviations more.
    pub(super) fn reach(&self) -> f64 {
        let (first, last) = self.ends();
        self.scale * (first.abs().max(last.abs()) + 2.0)
    }

    /// Weighted mean of total variance.
    pub(super) fn flat(&self) -> f64 {
        let mean: f64 = self.points.iter().map(|point| point.weight * point.vol * point.vol).sum();
        self.scale * self.scale * mean
    }

    fn ends(&self) -> (f64, f64) {
        (self.points[0].x, self.points[self.points.len() - 1].x)
    }

    fn bounds(&self) -> Bounds<5> {
        let (first, last) = self.ends();
        let width = (last - first).max(1.0);
        let steepest = (STEEPEST / self.scale).sqrt();
        let highest = self.points.iter().map(|point| point.vol * point.vol).fold(1.0, f64::max);
        Bounds {
            low: [LEAST_VARIANCE, 0.0, 0.0, first - width, LEAST_SIGMA],
            high: [highest, steepest, steepest, last + width, 10.0 * width],
        }
    }

    /// Adds the differences between the slice and the quotes.
    fn misses(&self, p: &Parameters, sums: &mut Normal<5>) {
        for point in &self.points {
            let u = Unit::at(p, point.x);
            let vol = u.value.max(f64::MIN_POSITIVE).sqrt();
            let root = point.weight.sqrt();
            let factor = 0.5 * root / vol;
            sums.add(root * (vol - point.vol), &u.d_value.map(|slope| factor * slope));
        }
    }

    /// Bends `free` until no butterfly has a negative price; `None` where that fails.
    pub(super) fn without_butterflies(&self, free: &RawSvi) -> Option<RawSvi> {
        let bounds = self.bounds();
        let grid = self.watched();
        let start = self.parameters(free);
        [1.0, 10.0, 100.0].iter().find_map(|force| {
            let found = minimise(start, &bounds, |p, sums| {
                self.misses(p, sums);
                self.butterflies(p, &grid, *force, sums);
            });
            let svi = self.raw(&found.at);
            butterfly(&svi).is_free().then_some(svi)
        })
    }

    /// Bends `free` until no butterfly has a negative price and it lies above an `earlier` slice; `None` where that
    /// fails.
    ///
    /// First within the reach of the quotes alone, for the steep wings of a nearer expiry would pull this one off its
    /// quotes; where that leaves a crossing, the wings are held above the earlier ones too.
    pub(super) fn above(&self, free: &RawSvi, earlier: &RawSvi) -> Option<RawSvi> {
        let grid = self.watched();
        let reach = self.reach() / self.scale;
        let near: Vec<f64> = grid.iter().copied().filter(|x| x.abs() <= reach).collect();
        let mut steep = self.bounds();
        let wings = earlier.wings();
        steep.low[1] = (wings.left / self.scale).sqrt();
        steep.low[2] = (wings.right / self.scale).sqrt();
        self.bent((free, earlier), &self.bounds(), (&grid, &near))
            .or_else(|| self.bent((free, earlier), &steep, (&grid, &grid)))
    }

    /// One attempt of [`above`](Self::above): butterflies are looked for on the first grid, shortfalls on the second.
    fn bent(
        &self,
        (free, earlier): (&RawSvi, &RawSvi),
        bounds: &Bounds<5>,
        (butterflies, shortfalls): (&[f64], &[f64]),
    ) -> Option<RawSvi> {
        let start = self.parameters(free);
        [1.0, 10.0, 100.0].iter().find_map(|force| {
            let found = minimise(start, bounds, |p, sums| {
                self.misses(p, sums);
                self.butterflies(p, butterflies, *force, sums);
                self.shortfalls(p, (shortfalls, *force), earlier, sums);
            });
            let svi = self.raw(&found.at);
            let free = butterfly(&svi).is_free() && calendar(earlier, &svi, self.reach()).is_none();
            free.then_some(svi)
        })
    }

    /// Where penalties look: evenly over the quotes and two deviations more, then ever wider.
    fn watched(&self) -> Vec<f64> {
        let (first, last) = self.ends();
        let (low, high) = (first - 2.0, last + 2.0);
        let step = (high - low) / 40.0;
        let mut grid: Vec<f64> = (0..=40).map(|i| low + step * f64::from(i)).collect();
        for i in 1..=12 {
            let beyond = step * (1.5_f64.powi(i) - 1.0) * 2.0;
            grid.extend([low - beyond, high + beyond]);
        }
        grid
    }

    /// Adds what g falls short of the margin.
    fn butterflies(&self, p: &Parameters, grid: &[f64], force: f64, sums: &mut Normal<5>) {
        for x in grid {
            let u = Unit::at(p, *x);
            let g = u.durrleman(*x, self.scale);
            if g.value < MARGIN {
                sums.add(force * (MARGIN - g.value), &g.slopes(&u).map(|slope| -force * slope));
            }
        }
    }

    /// Adds what the slice falls short of an earlier one.
    fn shortfalls(
        &self,
        p: &Parameters,
        (grid, force): (&[f64], f64),
        earlier: &RawSvi,
        sums: &mut Normal<5>,
    ) {
        let unit = self.scale * self.scale;
        for x in grid {
            let u = Unit::at(p, *x);
            let floor = earlier.at(*x * self.scale).value / unit;
            let short = (1.0 + MARGIN) - u.value / floor;
            if short > 0.0 {
                sums.add(force * short, &u.d_value.map(|slope| -force * slope / floor));
            }
        }
    }

    fn parameters(&self, raw: &RawSvi) -> Parameters {
        let unit = self.scale * self.scale;
        let wings = raw.wings();
        [
            raw.least_variance() / unit,
            (wings.left / self.scale).sqrt().max(LEAST_WING),
            (wings.right / self.scale).sqrt().max(LEAST_WING),
            raw.m / self.scale,
            raw.sigma / self.scale,
        ]
    }

    fn raw(&self, p: &Parameters) -> RawSvi {
        let [least, left, right, m, sigma] = *p;
        let (l, r) = (left * left, right * right);
        let rho = if l + r > 0.0 { ((r - l) / (r + l)).clamp(-0.999_999, 0.999_999) } else { 0.0 };
        let b = 0.5 * (l + r) * self.scale;
        RawSvi {
            // From ρ as it is, so that the least variance is κ to rounding.
            a: least * self.scale * self.scale - b * sigma * self.scale * (1.0 - rho * rho).sqrt(),
            b,
            rho,
            m: m * self.scale,
            sigma: sigma * self.scale,
        }
    }
}

/// The best slice, arbitrage or not.
pub(super) fn fit_svi(problem: &Problem) -> RawSvi {
    let bounds = problem.bounds();
    let mut best: Option<Minimum<5>> = None;
    for start in starts(problem) {
        let found = minimise(start, &bounds, |p, sums| problem.misses(p, sums));
        if best.as_ref().is_none_or(|best| found.cost < best.cost) {
            best = Some(found);
        }
        // A hundredth of a per cent of the vol, root mean square: there is nothing left to find.
        if found.cost < 0.5e-8 {
            break;
        }
    }
    problem.raw(&best.expect("there are starts").at)
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
                let mut sums = Normal::zero();
                problem.misses(&start, &mut sums);
                tried.push((sums.cost, start));
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
