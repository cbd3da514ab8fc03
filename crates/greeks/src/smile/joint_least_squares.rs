//! Least squares of several groups of five parameters, some pairs of which share residuals.
//!
//! The method of `least_squares`, with as many groups as there are.

use super::least_squares::{Bounds, Normal};

/// Parameters of one group.
type Group = [f64; 5];

/// Half the sum of squared residuals with its gradient and the Gauss-Newton Hessian.
#[derive(Debug, Clone)]
pub(super) struct JointNormal {
    /// One per group.
    pub(super) own: Vec<Normal<5>>,
    /// One per pair: derivatives of the second group times those of the first.
    pub(super) between: Vec<[[f64; 5]; 5]>,
}

impl JointNormal {
    fn zero(n_groups: usize, n_pairs: usize) -> Self {
        Self { own: vec![Normal::zero(); n_groups], between: vec![[[0.0; 5]; 5]; n_pairs] }
    }

    fn cost(&self) -> f64 {
        self.own.iter().map(|normal| normal.cost).sum()
    }

    /// Adds a residual of the pair number `at`, which is of groups (`first`, `second`), and its derivatives to both.
    #[inline]
    pub(super) fn add_shared(
        &mut self,
        (at, first, second): (usize, usize, usize),
        residual: f64,
        (to_first, to_second): (&Group, &Group),
    ) {
        self.own[first].add_slopes(residual, to_first);
        self.own[second].add(residual, to_second);
        for (row, slope) in self.between[at].iter_mut().zip(to_second) {
            for (cell, other) in row.iter_mut().zip(to_first) {
                *cell += slope * other;
            }
        }
    }
}

/// Most steps of one minimisation.
const MOST_STEPS: usize = 40;

/// Minimises from `start`, a group for each of `bounds`; `pairs` are those that share residuals, the lower number first.
/// `evaluate` adds every residual at a point to the sums.
///
/// Answers the best point found: with a start at which the cost is not finite, the start itself.
pub(super) fn minimise_jointly(
    start: &[Group],
    bounds: &[Bounds<5>],
    pairs: &[(usize, usize)],
    evaluate: impl Fn(&[Group], &mut JointNormal),
) -> Vec<Group> {
    let at = |point: &[Group]| {
        let mut normal = JointNormal::zero(bounds.len(), pairs.len());
        evaluate(point, &mut normal);
        normal
    };
    let mut point: Vec<Group> = start.iter().zip(bounds).map(|(p, box_)| box_.clamp(*p)).collect();
    let mut normal = at(&point);
    let mut damping = 1e-3;
    for _ in 0..MOST_STEPS {
        if damping > 1e12 {
            break;
        }
        let Some(trial) = step(&point, &normal, (bounds, pairs), damping) else {
            damping *= 10.0;
            continue;
        };
        let next = at(&trial);
        if next.cost() < normal.cost() {
            let (before, gained) = (normal.cost(), normal.cost() - next.cost());
            (point, normal) = (trial, next);
            damping = (damping * 0.1).max(1e-15);
            if gained < 1e-6 * before {
                break;
            }
        } else {
            damping *= 10.0;
        }
    }
    point
}

/// One damped step, inside the box; `None` where the equations have no solution.
fn step(
    point: &[Group],
    normal: &JointNormal,
    (bounds, pairs): (&[Bounds<5>], &[(usize, usize)]),
    damping: f64,
) -> Option<Vec<Group>> {
    let mut matrix = Square::zero(5 * point.len());
    let mut right = vec![0.0; 5 * point.len()];
    for (group, own) in normal.own.iter().enumerate() {
        for i in 0..5 {
            right[5 * group + i] = -own.gradient[i];
            for j in 0..=i {
                *matrix.at(5 * group + i, 5 * group + j) = own.hessian[i][j];
            }
        }
    }
    for ((first, second), block) in pairs.iter().zip(&normal.between) {
        for (i, row) in block.iter().enumerate() {
            for (j, cell) in row.iter().enumerate() {
                *matrix.at(5 * second + i, 5 * first + j) = *cell;
            }
        }
    }
    for (group, own) in normal.own.iter().enumerate() {
        let largest = (0..5).map(|i| own.hessian[i][i]).fold(0.0, f64::max);
        for i in 0..5 {
            let row = 5 * group + i;
            if bounds[group].is_pressed(&point[group], &own.gradient, i) {
                right[row] = 0.0;
                matrix.isolate(row);
            } else {
                let cell = matrix.at(row, row);
                *cell += damping * cell.max(1e-12 * largest) + f64::MIN_POSITIVE;
            }
        }
    }
    let step = matrix.solve(right)?;
    let moved = |(group, p): (usize, &Group)| {
        let trial: Group = std::array::from_fn(|i| p[i] + step[5 * group + i]);
        trial.iter().all(|x| x.is_finite()).then(|| bounds[group].clamp(trial))
    };
    point.iter().enumerate().map(moved).collect()
}

/// The lower triangle of a symmetric matrix, row by row.
struct Square {
    n: usize,
    cells: Vec<f64>,
}

impl Square {
    fn zero(n: usize) -> Self {
        Self { n, cells: vec![0.0; n * n] }
    }

    /// A cell of the lower triangle.
    fn at(&mut self, row: usize, column: usize) -> &mut f64 {
        &mut self.cells[row * self.n + column]
    }

    /// Takes an unknown out of the equations: its row becomes that of the unit matrix.
    fn isolate(&mut self, row: usize) {
        for other in 0..self.n {
            *self.at(row.max(other), row.min(other)) = 0.0;
        }
        *self.at(row, row) = 1.0;
    }

    /// Solves the equations by Cholesky; `None` where the matrix is not positive definite.
    fn solve(mut self, mut right: Vec<f64>) -> Option<Vec<f64>> {
        let n = self.n;
        for i in 0..n {
            let (above, row) = self.cells.split_at_mut(i * n);
            for j in 0..i {
                let other = &above[j * n..=j * n + j];
                let sum: f64 = row[..j].iter().zip(other).map(|(a, b)| a * b).sum();
                row[j] = (row[j] - sum) / other[j];
            }
            let left = row[i] - row[..i].iter().map(|a| a * a).sum::<f64>();
            if left.is_nan() || left <= 0.0 {
                return None;
            }
            row[i] = left.sqrt();
            let known: f64 = row[..i].iter().zip(&right).map(|(a, x)| a * x).sum();
            right[i] = (right[i] - known) / row[i];
        }
        for i in (0..n).rev() {
            right[i] /= self.cells[i * n + i];
            let x = right[i];
            for (known, a) in right[..i].iter_mut().zip(&self.cells[i * n..]) {
                *known -= a * x;
            }
        }
        Some(right)
    }
}
