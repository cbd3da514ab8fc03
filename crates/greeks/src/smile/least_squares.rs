//! Least squares in a box: Levenberg-Marquardt for a handful of parameters.
//!
//! Levenberg (1944) and Marquardt (1963) with Marquardt's scaling; a parameter that stands at a bound and is pushed
//! outwards sits a step out, and steps are cut back to the box. Small, without allocation, and deterministic: the same
//! problem gives the same bits.

/// Bounds of each parameter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds<const N: usize> {
    pub(crate) low: [f64; N],
    pub(crate) high: [f64; N],
}

/// Half the sum of squared residuals with its gradient and the Gauss-Newton Hessian.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Normal<const N: usize> {
    pub(crate) cost: f64,
    pub(super) gradient: [f64; N],
    pub(super) hessian: [[f64; N]; N],
}

/// Where a minimisation ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Minimum<const N: usize> {
    pub(crate) at: [f64; N],
    pub(crate) cost: f64,
}

impl<const N: usize> Normal<N> {
    pub(crate) fn zero() -> Self {
        Self { cost: 0.0, gradient: [0.0; N], hessian: [[0.0; N]; N] }
    }

    /// Adds one residual and its derivatives to the parameters.
    #[inline]
    pub(crate) fn add(&mut self, residual: f64, slopes: &[f64; N]) {
        self.cost += 0.5 * residual * residual;
        self.add_slopes(residual, slopes);
    }

    /// Adds the derivatives of a residual whose square is in another sum already.
    #[inline]
    pub(super) fn add_slopes(&mut self, residual: f64, slopes: &[f64; N]) {
        for i in 0..N {
            self.gradient[i] += residual * slopes[i];
            for j in 0..=i {
                self.hessian[i][j] += slopes[i] * slopes[j];
            }
        }
    }
}

/// Most steps of one minimisation; ten to thirty are usual.
const MOST_STEPS: usize = 100;

/// Minimises from `start`; `evaluate` adds every residual at a point to the sums.
///
/// Answers the best point found: with a start at which the cost is not finite, the start itself.
pub(crate) fn minimise<const N: usize>(
    start: [f64; N],
    bounds: &Bounds<N>,
    evaluate: impl Fn(&[f64; N], &mut Normal<N>),
) -> Minimum<N> {
    let at = |point: &[f64; N]| {
        let mut normal = Normal::zero();
        evaluate(point, &mut normal);
        normal
    };
    let mut point = bounds.clamp(start);
    let mut normal = at(&point);
    let mut damping = 1e-3;
    for _ in 0..MOST_STEPS {
        if damping > 1e12 || normal.cost < 1e-30 {
            break;
        }
        let Some(trial) = step(&point, &normal, bounds, damping) else {
            damping *= 10.0;
            continue;
        };
        let moved = (0..N).any(|i| (trial[i] - point[i]).abs() > 1e-13 * (1.0 + point[i].abs()));
        if !moved {
            break;
        }
        let next = at(&trial);
        if next.cost < normal.cost {
            let gained = normal.cost - next.cost;
            (point, normal) = (trial, next);
            damping = (damping * 0.1).max(1e-15);
            if gained < 1e-10 * normal.cost {
                break;
            }
        } else {
            damping *= 10.0;
        }
    }
    Minimum { at: point, cost: normal.cost }
}

impl<const N: usize> Bounds<N> {
    pub(super) fn clamp(&self, mut point: [f64; N]) -> [f64; N] {
        for ((x, low), high) in point.iter_mut().zip(self.low).zip(self.high) {
            *x = x.max(low).min(high);
        }
        point
    }

    /// Whether parameter `i` stands at a bound and the cost falls outwards.
    pub(super) fn is_pressed(&self, point: &[f64; N], gradient: &[f64; N], i: usize) -> bool {
        (point[i] <= self.low[i] && gradient[i] > 0.0)
            || (point[i] >= self.high[i] && gradient[i] < 0.0)
    }
}

/// One damped step, inside the box; `None` where the equations have no solution.
fn step<const N: usize>(
    point: &[f64; N],
    normal: &Normal<N>,
    bounds: &Bounds<N>,
    damping: f64,
) -> Option<[f64; N]> {
    let mut matrix = normal.hessian;
    let mut right = normal.gradient.map(|slope| -slope);
    let largest = (0..N).map(|i| matrix[i][i]).fold(0.0, f64::max);
    for i in 0..N {
        if bounds.is_pressed(point, &normal.gradient, i) {
            right[i] = 0.0;
            for j in 0..N {
                matrix[i.max(j)][i.min(j)] = 0.0;
            }
            matrix[i][i] = 1.0;
        } else {
            // A parameter without influence gets a diagonal of its own, and so no step.
            matrix[i][i] += damping * matrix[i][i].max(1e-12 * largest) + f64::MIN_POSITIVE;
        }
    }
    let step = solve(matrix, right)?;
    let mut trial = *point;
    for i in 0..N {
        trial[i] += step[i];
    }
    trial.iter().all(|x| x.is_finite()).then(|| bounds.clamp(trial))
}

/// Solves a symmetric positive definite system (lower triangle given) by Cholesky; `None` where it is not.
pub(crate) fn solve<const N: usize>(
    mut matrix: [[f64; N]; N],
    mut right: [f64; N],
) -> Option<[f64; N]> {
    for i in 0..N {
        for j in 0..=i {
            let mut sum = matrix[i][j];
            sum -= (0..j).map(|k| matrix[i][k] * matrix[j][k]).sum::<f64>();
            if i == j {
                if sum.is_nan() || sum <= 0.0 {
                    return None;
                }
                matrix[i][i] = sum.sqrt();
            } else {
                matrix[i][j] = sum / matrix[j][j];
            }
        }
    }
    for i in 0..N {
        for k in 0..i {
            right[i] -= matrix[i][k] * right[k];
        }
        right[i] /= matrix[i][i];
    }
    for i in (0..N).rev() {
        for k in i + 1..N {
            right[i] -= matrix[k][i] * right[k];
        }
        right[i] /= matrix[i][i];
    }
    Some(right)
}

#[cfg(test)]
mod tests {
    use super::{Bounds, minimise, solve};

    #[test]
    fn cholesky_solves() {
        let x =
            solve([[4.0, 0.0, 0.0], [2.0, 5.0, 0.0], [1.0, 3.0, 6.0]], [1.0, 2.0, 3.0]).unwrap();
        // 4x+2y+z=1, 2x+5y+3z=2, x+3y+6z=3 by hand: x = 4/67, y = 9/67, z = 42/67 − 10.5/67.
        for (row, right) in [([4.0, 2.0, 1.0], 1.0), ([2.0, 5.0, 3.0], 2.0), ([1.0, 3.0, 6.0], 3.0)]
        {
            let found: f64 = row.iter().zip(x).map(|(a, x)| a * x).sum();
            assert!((found - right).abs() < 1e-14);
        }
        assert_eq!(solve([[1.0, 0.0], [1.0, 1.0]], [1.0, 1.0]), None);
    }

    /// Rosenbrock's valley as least squares: minimum at (1, 1), and at the bound when the box ends before it.
    #[test]
    fn rosenbrock() {
        let valley = |p: &[f64; 2], sums: &mut super::Normal<2>| {
            sums.add(10.0 * (p[1] - p[0] * p[0]), &[-20.0 * p[0], 10.0]);
            sums.add(1.0 - p[0], &[-1.0, 0.0]);
        };
        let wide = Bounds { low: [-5.0; 2], high: [5.0; 2] };
        let found = minimise([-1.2, 1.0], &wide, valley);
        assert!(found.at.iter().all(|x| (x - 1.0).abs() < 1e-9), "{found:?}");
        let narrow = Bounds { low: [-5.0; 2], high: [0.5, 5.0] };
        let found = minimise([-1.2, 1.0], &narrow, valley);
        assert!((found.at[0] - 0.5).abs() < f64::MIN_POSITIVE);
        assert!((found.at[1] - 0.25).abs() < 1e-9, "{found:?}");
    }
}
