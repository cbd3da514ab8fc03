//! Slices of several expiries that do not cross: those that do are fitted again, together.
//!
//! A free slice knows nothing of its neighbours, least of all beyond its own strikes, where it is a guess: the steep wing of
//! an expiry of days may run through every later one. Which of two is to give way is not a question of order; the quotes
//! of both decide. So the slices that cross, and those between them, are one least-squares problem: what each misses
//! of its quotes, in units of its vol at the money and weighing as its quotes near the money do; what its Durrleman's g
//! falls short of 0; and what each lies above the next one, as a share of total variance, at strikes and in the slopes of
//! the wings.
//!
//! Each expiry is held above the one before it at every strike, and so above all earlier ones.

use super::draft::Draft;
use super::fit_essvi::fit_essvi;
use super::joint_least_squares::{JointNormal, minimise_jointly};
use super::least_squares::Bounds;
use super::problem::{MARGIN, Problem};
use super::unit_svi::{Parameters, Unit};
use super::{CalendarBreach, RawSvi, butterfly, calendar};

/// Most rounds: what was untangled may touch what was free before.
const MOST_ROUNDS: usize = 6;

/// Weights of what is not allowed, one after another, until nothing of it is left. The first is so soft that slices that cross
/// by far are not thrown off their quotes.
const FORCES: [f64; 7] = [0.01, 0.1, 1.0, 10.0, 100.0, 300.0, 1000.0];

/// Moves slices until none lies below an earlier one at any strike; `drafts` are ascending in years. Where quotes themselves
/// cross that may fail: the crossings left are for the caller to find.
pub(crate) fn untangle(drafts: &mut [Draft]) {
    let mut known = vec![false; drafts.len()];
    for _ in 0..MOST_ROUNDS {
        let crossed: Vec<bool> = (0..drafts.len()).map(|i| crosses_before(drafts, i)).collect();
        if !crossed.contains(&true) {
            return;
        }
        known.iter_mut().zip(&crossed).for_each(|(known, crossed)| *known |= crossed);
        for (first, last) in clusters(&known) {
            if crossed[first + 1..=last].contains(&true) {
                cluster(&mut drafts[first..=last]);
            }
        }
    }
}

/// Whether slice `i` lies below the one before it anywhere.
fn crosses_before(drafts: &[Draft], i: usize) -> bool {
    i > 0 && calendar(&drafts[i - 1].slice, &drafts[i].slice).is_some()
}

/// The stretches of expiries each of which is `tied` to the one before it, first and last.
fn clusters(tied: &[bool]) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for i in (1..tied.len()).filter(|i| tied[*i]) {
        match found.last_mut() {
            Some(last) if last.1 == i - 1 => last.1 = i,
            _ => found.push((i - 1, i)),
        }
    }
    found
}

/// Fits the slices of one cluster together, and takes them where they are better.
///
/// The search starts from the slices as they are. Where that leads one of them much farther from its quotes, it may have
/// been caught in a corner, and starts again from slices of eSSVI, which hardly cross; the better end is taken.
fn cluster(drafts: &mut [Draft]) {
    let before: Vec<f64> = drafts.iter().map(|draft| draft.problem.cost(&draft.slice)).collect();
    let starts = drafts.iter().map(|draft| draft.slice).collect();
    let mut found = apart(drafts, starts);
    let is_far = |(after, before): (&f64, &f64)| after.sqrt() > ENOUGH.0 * before.sqrt() + ENOUGH.1;
    if found.costs.iter().zip(&before).any(is_far) {
        let starts = drafts.iter().map(|draft| fit_essvi(&draft.problem).raw()).collect();
        let other = apart(drafts, starts);
        if other.is_better_than(&found) {
            found = other;
        }
    }
    for (draft, slice) in drafts.iter_mut().zip(found.slices) {
        if butterfly(&slice).is_free() {
            draft.slice = slice;
            draft.is_bent = true;
        }
    }
}

/// How much more than before a slice may miss before another start is tried: relative and in units of the vol at the
/// money, root mean square.
const ENOUGH: (f64, f64) = (1.5, 5e-3);

/// Slices that a search led to.
struct Apart {
    slices: Vec<RawSvi>,
    /// What each misses.
    costs: Vec<f64>,
    /// Of all together, each by its share.
    cost: f64,
    /// Whether none crosses its neighbour and none allows a butterfly.
    is_free: bool,
}

impl Apart {
    fn is_better_than(&self, other: &Self) -> bool {
        self.is_free && !other.is_free || self.is_free == other.is_free && self.cost < other.cost
    }
}

/// Least share of an expiry: one that is quoted ever so wide is still held to its quotes.
const LEAST_SHARE: f64 = 0.03;

/// How much the misses of each expiry weigh: as its quotes near the money do, at most 1.
fn shares(drafts: &[Draft]) -> Vec<f64> {
    let most = drafts.iter().map(|draft| draft.evidence).fold(0.0, f64::max);
    drafts.iter().map(|draft| (draft.evidence / most).max(LEAST_SHARE)).collect()
}

/// Moves slices apart, from `starts`.
fn apart(drafts: &[Draft], starts: Vec<RawSvi>) -> Apart {
    let pairs: Vec<(usize, usize)> = (1..drafts.len()).map(|later| (later - 1, later)).collect();
    let mut grids: Vec<Vec<f64>> = drafts.iter().map(|draft| draft.problem.watched()).collect();
    let mut shared: Vec<Vec<f64>> = pairs.iter().map(|pair| shared(drafts, *pair)).collect();
    let bounds: Vec<Bounds<5>> = drafts.iter().map(|draft| draft.problem.bounds()).collect();
    let mut slices = starts;
    let mut at: Vec<Parameters> =
        drafts.iter().zip(&slices).map(|(draft, slice)| draft.problem.parameters(slice)).collect();
    let mut is_free = false;
    let shares = shares(drafts);
    for force in FORCES {
        at = minimise_jointly(&at, &bounds, &pairs, |point, sums| {
            for (i, p) in point.iter().enumerate() {
                drafts[i].problem.misses_weighing(shares[i], p, &mut sums.own[i]);
                drafts[i].problem.butterflies(p, &grids[i], force, &mut sums.own[i]);
            }
            for later in 1..point.len() {
                let neighbours = Neighbours::new(drafts, point, later, force);
                neighbours.shortfalls(&shared[later - 1], sums);
                neighbours.wings(sums);
            }
        });
        slices = at.iter().zip(drafts).map(|(p, draft)| draft.problem.raw(p)).collect();
        is_free = true;
        for (i, slice) in slices.iter().enumerate() {
            let found = butterfly(slice);
            if !found.is_free() {
                is_free = false;
                grids[i].push(found.at / drafts[i].problem.scale);
            }
        }
        for (pair, grid) in slices.windows(2).zip(&mut shared) {
            if let Some(CalendarBreach { nearest, deepest, .. }) = calendar(&pair[0], &pair[1]) {
                is_free = false;
                grid.extend([nearest, deepest].iter().filter(|k| k.is_finite()));
            }
        }
        if is_free {
            break;
        }
    }
    let costs: Vec<f64> =
        drafts.iter().zip(&slices).map(|(draft, slice)| draft.problem.cost(slice)).collect();
    let cost = costs.iter().zip(&shares).map(|(cost, share)| share * cost).sum();
    Apart { costs, cost, slices, is_free }
}

/// Log-moneyness at which two slices are held apart: where each is looked at for itself.
fn shared(drafts: &[Draft], (earlier, later): (usize, usize)) -> Vec<f64> {
    let mut grid: Vec<f64> = [earlier, later]
        .iter()
        .flat_map(|i| {
            let problem = &drafts[*i].problem;
            problem.watched().into_iter().map(|x| x * problem.scale)
        })
        .collect();
    grid.sort_by(f64::total_cmp);
    grid
}

/// An expiry and the one before it, at a point of the search.
struct Neighbours<'a> {
    /// The number of the earlier one, and of the pair.
    earlier: usize,
    below: (&'a Parameters, &'a Problem),
    above: (&'a Parameters, &'a Problem),
    force: f64,
}

impl<'a> Neighbours<'a> {
    fn new(drafts: &'a [Draft], point: &'a [Parameters], later: usize, force: f64) -> Self {
        let of = |i: usize| (&point[i], &drafts[i].problem);
        Self { earlier: later - 1, below: of(later - 1), above: of(later), force }
    }

    /// Adds what the later slice falls short of the earlier one at the strikes of `grid`.
    fn shortfalls(&self, grid: &[f64], sums: &mut JointNormal) {
        let (low, high) = (self.below.1.scale, self.above.1.scale);
        let unit = (low / high).powi(2);
        for k in grid {
            let below = unit * Unit::value_at(self.below.0, *k / low);
            let above = Unit::value_at(self.above.0, *k / high);
            if above < (1.0 + MARGIN) * below {
                let below = Unit::at(self.below.0, *k / low);
                let above = Unit::at(self.above.0, *k / high);
                let values = (unit * below.value, above.value);
                self.add(values, (below.d_value.map(|slope| unit * slope), above.d_value), sums);
            }
        }
    }

    /// Adds what the later slice's wings fall short of the earlier one's in steepness.
    fn wings(&self, sums: &mut JointNormal) {
        let unit = self.below.1.scale / self.above.1.scale;
        for side in [1, 2] {
            let (below, above) = (self.below.0[side], self.above.0[side]);
            let values = (unit * below * below, above * above);
            if values.1 < (1.0 + MARGIN) * values.0 {
                let (mut to_below, mut to_above) = ([0.0; 5], [0.0; 5]);
                to_below[side] = 2.0 * unit * below;
                to_above[side] = 2.0 * above;
                self.add(values, (to_below, to_above), sums);
            }
        }
    }

    /// Adds the residual 1 + margin − above/below.
    fn add(
        &self,
        (below, above): (f64, f64),
        (d_below, d_above): (Parameters, Parameters),
        sums: &mut JointNormal,
    ) {
        let share = above / below;
        let to_below = d_below.map(|slope| self.force * share * slope / below);
        let to_above = d_above.map(|slope| -self.force * slope / below);
        let tied = (self.earlier, self.earlier, self.earlier + 1);
        sums.add_shared(tied, self.force * (1.0 + MARGIN - share), (&to_below, &to_above));
    }
}
