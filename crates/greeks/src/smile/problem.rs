//! A smile to be fitted, in units of one standard deviation at the money.
//!
//! s = vol₀√years, x = k/s and u(x) = w/s². A slice stays a slice in these units, and an expiry of hours looks like one
//! of years. With wing slopes l = λ² and r = μ² and the least variance κ as parameters,
//!
//! ```text
//! u(x) = κ − σλμ + ½ { (r − l)(x − m) + (r + l) √((x − m)² + σ²) }
//! ```
//!
//! the conditions κ > 0, l ≥ 0, r ≥ 0 and Lee's bound l, r < 2/s are a box. Everything else that is wanted of a slice is a
//! residual: what it misses of a quote, and what Durrleman's g falls short of 0.

use super::least_squares::{Bounds, Normal};
use super::unit_svi::{Parameters, Unit};
use super::{RawSvi, SmileQuote};

/// The quotes of one expiry.
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
pub(super) const LEAST_WING: f64 = 0.01;

/// Standard deviations at which a slice of few quotes is held.
const HOLD_AT: [f64; 5] = [-2.0, -1.0, 0.0, 1.0, 2.0];

/// Of each of them: together they weigh as much as the quotes.
const HOLD_WEIGHT: f64 = 0.2;

/// Least value of Durrleman's g that a penalty aims at, and that of u over the earlier one.
pub(super) const MARGIN: f64 = 2e-3;

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

    /// Adds points of `slice` to the quotes, which are too few to hold it alone: together they weigh as much.
    pub(super) fn hold_to(&mut self, slice: &RawSvi) {
        for x in HOLD_AT {
            let vol = slice.at(x * self.scale).value.sqrt() / self.scale;
            self.points.push(Point { x, vol, weight: HOLD_WEIGHT });
        }
        self.points.sort_by(|a, b| a.x.total_cmp(&b.x));
    }

    /// Number of different strikes.
    pub(super) fn n_strikes(&self) -> usize {
        1 + self.points.windows(2).filter(|pair| pair[1].x > pair[0].x).count()
    }

    /// Weighted mean of total variance.
    pub(super) fn flat(&self) -> f64 {
        let mean: f64 = self.points.iter().map(|point| point.weight * point.vol * point.vol).sum();
        self.scale * self.scale * mean
    }

    /// The first and the last x.
    pub(super) fn ends(&self) -> (f64, f64) {
        (self.points[0].x, self.points[self.points.len() - 1].x)
    }

    pub(super) fn bounds(&self) -> Bounds<5> {
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
    pub(super) fn misses(&self, p: &Parameters, sums: &mut Normal<5>) {
        self.misses_weighing(1.0, p, sums);
    }

    /// The same, with squares that weigh `share` of what they do.
    pub(super) fn misses_weighing(&self, share: f64, p: &Parameters, sums: &mut Normal<5>) {
        for point in &self.points {
            let u = Unit::at(p, point.x);
            let vol = u.value.max(f64::MIN_POSITIVE).sqrt();
            let root = (share * point.weight).sqrt();
            let factor = 0.5 * root / vol;
            sums.add(root * (vol - point.vol), &u.d_value.map(|slope| factor * slope));
        }
    }

    /// Half the weighted mean square of what a slice misses, in units of the vol at the money.
    pub(super) fn cost(&self, slice: &RawSvi) -> f64 {
        let mut sums = Normal::zero();
        self.misses(&self.parameters(slice), &mut sums);
        sums.cost
    }

    /// Adds what g falls short of the margin.
    pub(super) fn butterflies(
        &self,
        p: &Parameters,
        grid: &[f64],
        force: f64,
        sums: &mut Normal<5>,
    ) {
        for x in grid {
            let u = Unit::at(p, *x);
            let g = u.durrleman(*x, self.scale);
            if g.value < MARGIN {
                sums.add(force * (MARGIN - g.value), &g.slopes(&u).map(|slope| -force * slope));
            }
        }
    }

    /// Where penalties look: evenly over the quotes and two deviations more, then ever wider.
    pub(super) fn watched(&self) -> Vec<f64> {
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

    /// A slice in the units of the problem.
    pub(super) fn parameters(&self, raw: &RawSvi) -> Parameters {
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

    /// The slice of parameters.
    pub(super) fn raw(&self, p: &Parameters) -> RawSvi {
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
