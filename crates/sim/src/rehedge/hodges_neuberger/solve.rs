//! The optimal band on a binomial tree, backwards from expiry.
//!
//! In units of the strike and of one option: `s = e^k` moves by `±sqrt(variance/steps)` in `k`, with the probability that makes it a
//! martingale. `J(i, s, y)` is the certainty equivalent of the losses to come, with `i` steps to go and `y` coins held:
//!
//! ```text
//! J(0, s, y) = ±max(s - 1, 0)                                        sold / bought, settled without cost
//! G(i, s, y) = 1/a · ln E[ e^(a · (J(i-1, s', y) - y · (s' - s))) ]    hold y
//! J(i, s, y) = min over y' of cost · s · |y' - y| + G(i, s, y')
//! ```
//!
//! `G` is convex in `y`, so that the band runs from where its slope is `-cost · s` to where it is `cost · s`, and `J` continues `G`
//! outside it in straight lines of those slopes. `J` and its slope are kept on a grid of `y`; edges lie between its points.

use std::f64::consts::{PI, SQRT_2};

/// Whether the options are sold (the payoff is a loss) or bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Sold.
    Sold,
    /// Bought.
    Bought,
}

/// A band to find.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Problem {
    /// One-way proportional cost, fraction of notional.
    pub cost: f64,
    /// `a`: absolute risk aversion times quantity times strike.
    pub size: f64,
    /// Sold or bought.
    pub side: Side,
    /// Total variance of the whole tree, `vol² · years`.
    pub variance: f64,
    /// Steps of the tree.
    pub steps: usize,
}

/// The band at one node, as coins per option less the Black-Scholes hedge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// `(k + v/2) / sqrt(v)`.
    pub d1: f64,
    /// Lower and upper edge less the hedge.
    pub offsets: [f64; 2],
}

/// Points of `y` beyond the range of hedges, on either side, and the distance between two.
const MARGIN: f64 = 0.6;
const MESH: f64 = 0.0125;

/// Deviations of `k` on either side that the last level reaches.
const REACH: f64 = 3.6;

/// `J` and its slope at one node, on the grid of `y`.
#[derive(Debug, Clone)]
struct Node {
    value: Vec<f64>,
    slope: Vec<f64>,
}

/// The density of the standard normal distribution.
pub(super) fn density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
}

/// The standard normal distribution function.
fn normal(x: f64) -> f64 {
    0.5 * libm::erfc(-x / SQRT_2)
}

#[expect(clippy::cast_precision_loss, reason = "steps and nodes are few")]
impl Problem {
    /// The bands at the levels with so many steps to go, in increasing order of `d1`.
    pub fn bands(&self, levels: &[usize]) -> Vec<Vec<Edge>> {
        let last = (REACH * (self.steps as f64).sqrt()).ceil() as usize + 1;
        let grid = self.grid();
        let mut nodes: Vec<Node> = (0..last + self.steps)
            .map(|c| {
                let value = self.sign() * (self.log_spot(last + self.steps, c).exp() - 1.0).max(0.0);
                Node { value: vec![value; grid.len()], slope: vec![0.0; grid.len()] }
            })
            .collect();
        let mut bands = vec![Vec::new(); levels.len()];
        for step in 1..=self.steps {
            let count = last + self.steps - step;
            let edges: Vec<Edge> =
                (0..count).map(|c| self.step_back(step, count, c, (&grid, &mut nodes))).collect();
            for (band, _) in bands.iter_mut().zip(levels).filter(|(_, level)| **level == step) {
                band.clone_from(&edges);
            }
        }
        bands
    }

    /// The band at the money with the whole variance to go: lower and upper edge less the hedge.
    pub fn at_the_money(&self) -> [f64; 2] {
        interpolate(&self.bands(&[self.steps])[0], 0.5 * self.variance.sqrt())
    }

    fn sign(&self) -> f64 {
        match self.side {
            Side::Sold => 1.0,
            Side::Bought => -1.0,
        }
    }

    fn log_step(&self) -> f64 {
        (self.variance / self.steps as f64).sqrt()
    }

    /// `k` of node `c` of `count` on a level.
    fn log_spot(&self, count: usize, c: usize) -> f64 {
        (2.0 * c as f64 - (count - 1) as f64) * self.log_step()
    }

    /// Values of `y`: hedges lie between 0 and 1 for options sold, between -1 and 0 for options bought.
    fn grid(&self) -> Vec<f64> {
        let low = if self.side == Side::Sold { -MARGIN } else { -1.0 - MARGIN };
        let count = ((1.0 + 2.0 * MARGIN) / MESH).round() as usize + 1;
        (0..count).map(|j| low + MESH * j as f64).collect()
    }

    /// Replaces node `c`, whose place its lower child has so far, and answers with its band. The children of node `c` are the
    /// nodes `c` and `c + 1` of the level before.
    fn step_back(
        &self,
        step: usize,
        count: usize,
        c: usize,
        (grid, nodes): (&[f64], &mut [Node]),
    ) -> Edge {
        let k = self.log_spot(count, c);
        let spot = k.exp();
        let (up, down) = (self.log_step().exp(), (-self.log_step()).exp());
        let (rise, fall) = (spot * (up - 1.0), spot * (down - 1.0));
        let likely = (1.0 - down) / (up - down);
        let [lower, upper] = &mut nodes[c..c + 2] else { unreachable!("a node has two children") };
        for (j, y) in grid.iter().enumerate() {
            let high = upper.value[j] - y * rise;
            let low = lower.value[j] - y * fall;
            let odds = likely * (self.size * (high - low)).clamp(-600.0, 600.0).exp();
            let total = 1.0 - likely + odds;
            let weight = odds / total;
            lower.value[j] = low + total.ln() / self.size;
            lower.slope[j] =
                weight * (upper.slope[j] - rise) + (1.0 - weight) * (lower.slope[j] - fall);
        }
        let band = lower.cut(grid, self.cost * spot);
        let deviation = self.log_step() * (step as f64).sqrt();
        let d1 = k / deviation + 0.5 * deviation;
        let hedge = self.sign() * normal(d1);
        Edge { d1, offsets: band.map(|edge| edge - hedge) }
    }
}

impl Node {
    /// Finds where the slope is `-cost` and `cost`, and continues the value from there in straight lines.
    fn cut(&mut self, grid: &[f64], cost: f64) -> [f64; 2] {
        let low = self.crossing(grid, -cost);
        let high = self.crossing(grid, cost);
        let (at_low, at_high) = (self.value_at(grid, low, -cost), self.value_at(grid, high, cost));
        for (j, y) in grid.iter().enumerate() {
            if *y < low {
                self.value[j] = at_low + cost * (low - y);
                self.slope[j] = -cost;
            } else if *y > high {
                self.value[j] = at_high + cost * (y - high);
                self.slope[j] = cost;
            }
        }
        [low, high]
    }

    /// The `y` at which the slope, which grows with it, is `level`; an end of the grid where it never is.
    fn crossing(&self, grid: &[f64], level: f64) -> f64 {
        let above = self.slope.partition_point(|slope| *slope < level);
        if above == 0 || above == grid.len() {
            return grid[above.min(grid.len() - 1)];
        }
        let (before, after) = (self.slope[above - 1], self.slope[above]);
        grid[above - 1] + MESH * (level - before) / (after - before)
    }

    /// The value at `y`, where the slope is `slope`: from the grid point below, by the mean of the two slopes.
    fn value_at(&self, grid: &[f64], y: f64, slope: f64) -> f64 {
        let j = grid.partition_point(|point| *point <= y).saturating_sub(1);
        self.value[j] + (y - grid[j]) * 0.5 * (self.slope[j] + slope)
    }
}

/// Offsets at `d1` between the nodes of a level, on a straight line; those of the nearest node beyond them.
pub(super) fn interpolate(edges: &[Edge], d1: f64) -> [f64; 2] {
    let after = edges.partition_point(|edge| edge.d1 < d1).clamp(1, edges.len() - 1);
    let (a, b) = (&edges[after - 1], &edges[after]);
    let share = ((d1 - a.d1) / (b.d1 - a.d1)).clamp(0.0, 1.0);
    std::array::from_fn(|i| a.offsets[i] + share * (b.offsets[i] - a.offsets[i]))
}
