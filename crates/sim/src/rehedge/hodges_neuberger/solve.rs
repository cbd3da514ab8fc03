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
//! outside it in straight lines of those slopes. A node keeps its two edges, and `J` and its slope on the points of a grid of
//! `y` between them; its band lies within those of its children.
//!
//! On a tree the hedge is looked at once a step, when the delta has moved by a whole `phi(d1)/sqrt(i)`; the edges of the band
//! that is watched all the time lie half of that further out, as with any reflected walk. [`Edge`] has them corrected by it.
//! Where a step of the tree is wider than the band of Whalley and Wilmott, the tree says nothing, and that band, the limit for
//! small costs, stands in.

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

/// How far the grid of `y` reaches beyond the range of hedges on either side, and the distance between two points.
const MARGIN: f64 = 0.5;
const MESH: f64 = 0.01;

/// Deviations of `k` on either side that the last level reaches.
const REACH: f64 = 3.6;

/// Deviations of `k` beyond which an option is taken to be certain to end as it stands: its hedge is 0 or 1 and nothing else
/// is worth its risk.
const CERTAIN: f64 = 6.5;

/// `J` at one node: between the edges on the grid, outside in straight lines.
#[derive(Debug, Clone, Default)]
struct Node {
    /// Edges of the band.
    edges: [f64; 2],
    /// `J` at the edges.
    at: [f64; 2],
    /// Slope of `J` outside: minus and plus this.
    cost: f64,
    /// Grid points strictly between the edges: the first, and `J` and its slope at each.
    first: usize,
    inside: Vec<[f64; 2]>,
}

/// The density of the standard normal distribution.
pub(super) fn density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
}

/// The standard normal distribution function.
fn normal(x: f64) -> f64 {
    0.5 * libm::erfc(-x / SQRT_2)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "steps, nodes and grid points are few"
)]
impl Problem {
    /// The bands at the levels with so many steps to go, in increasing order of `d1`.
    pub fn bands(&self, levels: &[usize]) -> Vec<Vec<Edge>> {
        let last = (REACH * (self.steps as f64).sqrt()).ceil() as usize + 1;
        let grid = self.grid();
        let ends = [grid[0], grid[grid.len() - 1]];
        let mut nodes: Vec<Node> = (0..last + self.steps)
            .map(|c| {
                let spot = self.log_spot(last + self.steps, c).exp();
                let value = self.sign() * (spot - 1.0).max(0.0);
                let inside = vec![[value, 0.0]; grid.len()];
                Node { edges: ends, at: [value; 2], cost: 0.0, first: 0, inside }
            })
            .collect();
        let mut bands = vec![Vec::new(); levels.len()];
        let mut scratch = Vec::new();
        for step in 1..=self.steps {
            let count = last + self.steps - step;
            for c in 0..count {
                let [node, upper] = &mut nodes[c..c + 2] else { continue };
                let k = self.log_spot(count, c);
                if k.abs() > CERTAIN * self.variance.sqrt() {
                    self.settle(k, node);
                } else {
                    self.step_back(k, (node, upper), &grid, &mut scratch);
                }
            }
            for (band, _) in bands.iter_mut().zip(levels).filter(|(_, level)| **level == step) {
                let edges = nodes[..count].iter().enumerate();
                let edge = |(c, node): (usize, &Node)| {
                    self.edge(step, self.log_spot(count, c), node.edges)
                };
                *band = edges.map(edge).collect();
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

    /// `k` of node `c` of `count` on a level. Its children are the nodes `c` and `c + 1` of the level before.
    fn log_spot(&self, count: usize, c: usize) -> f64 {
        (2.0 * c as f64 - (count - 1) as f64) * self.log_step()
    }

    /// Values of `y`: hedges lie between 0 and 1 for options sold, between -1 and 0 for options bought.
    fn grid(&self) -> Vec<f64> {
        let low = if self.side == Side::Sold { -MARGIN } else { -1.0 - MARGIN };
        let count = ((1.0 + 2.0 * MARGIN) / MESH).round() as usize + 1;
        (0..count).map(|j| low + MESH * j as f64).collect()
    }

    /// Makes the lower child the node itself.
    fn step_back(
        &self,
        k: f64,
        (node, upper): (&mut Node, &Node),
        grid: &[f64],
        scratch: &mut Vec<[f64; 2]>,
    ) {
        let spot = k.exp();
        let (up, down) = (self.log_step().exp(), (-self.log_step()).exp());
        let (rise, fall) = (spot * (up - 1.0), spot * (down - 1.0));
        let likely = (1.0 - down) / (up - down);
        let from = node.edges[0].min(upper.edges[0]);
        let to = node.edges[1].max(upper.edges[1]);
        let first = grid.partition_point(|y| *y < from).saturating_sub(1);
        let end = (grid.partition_point(|y| *y <= to) + 1).min(grid.len());
        scratch.clear();
        for (j, y) in (first..end).zip(&grid[first..end]) {
            let (high, low) = (upper.look(j, *y), node.look(j, *y));
            let (up_loss, down_loss) = (high[0] - y * rise, low[0] - y * fall);
            let odds = likely * (self.size * (up_loss - down_loss)).clamp(-600.0, 600.0).exp();
            let total = 1.0 - likely + odds;
            let weight = odds / total;
            let slope = weight * (high[1] - rise) + (1.0 - weight) * (low[1] - fall);
            scratch.push([down_loss + total.ln() / self.size, slope]);
        }
        node.cut(&grid[first..end], (first, scratch), self.cost * spot);
    }

    /// An option that is certain to end as it stands: its value now, and the cost of a hedge that is not 0 or 1.
    fn settle(&self, k: f64, node: &mut Node) {
        let spot = k.exp();
        let hedge = if k > 0.0 { self.sign() } else { 0.0 };
        node.edges = [hedge; 2];
        node.at = [self.sign() * (spot - 1.0).max(0.0); 2];
        node.cost = self.cost * spot;
        node.first = 0;
        node.inside.clear();
    }

    /// The band of a node less its hedge, for a hedge that is watched all the time.
    fn edge(&self, step: usize, k: f64, edges: [f64; 2]) -> Edge {
        let to_go = (step as f64).sqrt();
        let deviation = self.log_step() * to_go;
        let d1 = k / deviation + 0.5 * deviation;
        let hedge = self.sign() * normal(d1);
        let moved = density(d1) / to_go;
        let gamma = density(d1) / (k.exp() * deviation);
        let small = (1.5 * self.cost * k.exp() * gamma * gamma / self.size).cbrt();
        let offsets = if small < moved {
            [-small, small]
        } else {
            [edges[0] - hedge - 0.5 * moved, edges[1] - hedge + 0.5 * moved]
        };
        Edge { d1, offsets }
    }
}

impl Node {
    /// `J` and its slope at grid point `j`, which is `y`.
    #[inline]
    fn look(&self, j: usize, y: f64) -> [f64; 2] {
        if y <= self.edges[0] && self.cost > 0.0 {
            [self.at[0] + self.cost * (self.edges[0] - y), -self.cost]
        } else if y >= self.edges[1] && self.cost > 0.0 {
            [self.at[1] + self.cost * (y - self.edges[1]), self.cost]
        } else {
            self.inside[j - self.first]
        }
    }

    /// Takes `G` and its slope on these grid points, the first of which is number `first`, and keeps what lies between the
    /// points where the slope is `-cost` and `cost`.
    fn cut(&mut self, grid: &[f64], (first, hold): (usize, &[[f64; 2]]), cost: f64) {
        self.cost = cost;
        self.edges = [crossing(grid, hold, -cost), crossing(grid, hold, cost)];
        self.at = [
            value_at(grid, hold, (self.edges[0], -cost)),
            value_at(grid, hold, (self.edges[1], cost)),
        ];
        let from = grid.partition_point(|y| *y <= self.edges[0]);
        let to = grid.partition_point(|y| *y < self.edges[1]).max(from);
        self.first = first + from;
        self.inside.clear();
        self.inside.extend_from_slice(&hold[from..to]);
    }
}

/// The `y` at which the slope, which grows with it, is `level`; an end of the grid where it never is.
fn crossing(grid: &[f64], hold: &[[f64; 2]], level: f64) -> f64 {
    let above = hold.partition_point(|[_, slope]| *slope < level);
    if above == 0 || above == grid.len() {
        return grid[above.min(grid.len() - 1)];
    }
    let (before, after) = (hold[above - 1][1], hold[above][1]);
    grid[above - 1] + (grid[above] - grid[above - 1]) * (level - before) / (after - before)
}

/// The value at `y`, where the slope is `slope`: from the grid point below, by the mean of the two slopes.
fn value_at(grid: &[f64], hold: &[[f64; 2]], (y, slope): (f64, f64)) -> f64 {
    let j = grid.partition_point(|point| *point <= y).saturating_sub(1);
    hold[j][0] + (y - grid[j]) * 0.5 * (hold[j][1] + slope)
}

/// Offsets at `d1` between the nodes of a level, on a straight line; those of the nearest node beyond them.
pub(super) fn interpolate(edges: &[Edge], d1: f64) -> [f64; 2] {
    let after = edges.partition_point(|edge| edge.d1 < d1).clamp(1, edges.len() - 1);
    let (a, b) = (&edges[after - 1], &edges[after]);
    let share = ((d1 - a.d1) / (b.d1 - a.d1)).clamp(0.0, 1.0);
    std::array::from_fn(|i| a.offsets[i] + share * (b.offsets[i] - a.offsets[i]))
}
