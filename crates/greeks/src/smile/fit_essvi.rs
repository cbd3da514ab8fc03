//! A slice of eSSVI by least squares in vol, inside the region where no butterfly arbitrage is possible.

use super::Essvi;
use super::least_squares::{Bounds, Normal, minimise};
use super::problem::Problem;

/// θ/s², ρ, and φ as a share of the largest one allowed: a box.
type Parameters = [f64; 3];

/// A share below 1 keeps the strict inequality.
const BOUNDS: Bounds<3> = Bounds { low: [1e-3, -0.999, 1e-4], high: [1e3, 0.999, 1.0 - 1e-9] };

/// Two strikes tell level and tilt; the share is then held down by this weight, which is as nothing beside a quote: no more
/// curvature than the tilt needs, and none where the vols are equal.
const LESS_CURVED: f64 = 1e-3;

/// Step of the differences that stand for derivatives.
const BUMP: f64 = 1e-6;

/// The best of three starts.
pub(super) fn fit_essvi(problem: &Problem) -> Essvi {
    let starts = [[1.0, -0.5, 0.5], [1.0, 0.0, 0.3], [1.0, 0.5, 0.5]];
    let found = starts
        .map(|start| minimise(start, &BOUNDS, |p, sums| misses(problem, p, sums)))
        .into_iter()
        .min_by(|a, b| a.cost.total_cmp(&b.cost))
        .expect("there are starts");
    slice(problem, &found.at)
}

fn slice(problem: &Problem, p: &Parameters) -> Essvi {
    let [level, rho, share] = *p;
    let theta = level * problem.scale * problem.scale;
    Essvi { theta, rho, phi: share * Essvi::most_phi(theta, rho) }
}

fn misses(problem: &Problem, p: &Parameters, sums: &mut Normal<3>) {
    let unit = problem.scale * problem.scale;
    let raw = |p: &Parameters| slice(problem, p).raw();
    let here = raw(p);
    let bumped: [_; 3] = std::array::from_fn(|i| {
        let mut q = *p;
        q[i] += BUMP;
        raw(&q)
    });
    for point in &problem.points {
        let k = point.x * problem.scale;
        let vol = |raw: &super::RawSvi| (raw.at(k).value / unit).max(0.0).sqrt();
        let (root, now) = (point.weight.sqrt(), vol(&here));
        let slopes = std::array::from_fn(|i| root * (vol(&bumped[i]) - now) / BUMP);
        sums.add(root * (now - point.vol), &slopes);
    }
    if problem.n_strikes() < 3 {
        sums.add(LESS_CURVED * p[2], &[0.0, 0.0, LESS_CURVED]);
    }
}
