//! Slices of several expiries that do not cross: those that do are fitted again, together.
//!
//! A free slice knows nothing of its neighbours, least of all beyond its own strikes, where it is a guess: the steep wing of
//! an expiry of days may run through every later one. Which of two is to give way is not a question of order; the quotes
//! of both decide. So the slices that cross, and those between them, are one least-squares problem: what each misses
//! of its quotes, in units of its vol at the money and weighing as its quotes near the money do; what its Durrleman's g
//! falls short of 0; and what each lies above a later one, as a share of total variance.

use super::draft::Draft;
use super::fit_essvi::fit_essvi;
use super::joint_least_squares::{JointNormal, minimise_jointly};
use super::least_squares::Bounds;
use super::problem::MARGIN;
use super::unit_svi::{Parameters, Unit};
use super::{RawSvi, butterfly, calendar};

/// Most rounds: what was untangled may touch what was free before.
const MOST_ROUNDS: usize = 6;

/// Weights of what is not allowed, one after another, until nothing of it is left. The first is so soft that slices that cross
/// by far are not thrown off their quotes.
const FORCES: [f64; 7] = [0.01, 0.1, 1.0, 10.0, 100.0, 300.0, 1000.0];

/// A pair of expiries, the earlier first.
type Pair = (usize, usize);

/// Moves slices until none lies below an earlier one within its own reach; `drafts` are ascending in years. Where quotes
/// themselves cross that may fail: the crossings left are for the caller to find.
pub(crate) fn untangle(drafts: &mut [Draft]) {
    let mut known: Vec<Pair> = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let crossed = crossings(drafts);
        if crossed.is_empty() {
            return;
        }
        known.extend(
            crossed.iter().filter(|pair| !known.contains(pair)).copied().collect::<Vec<_>>(),
        );
        known.sort_unstable();
        for (first, last) in clusters(&known) {
            let is_inside = |pair: &&Pair| first <= pair.0 && pair.1 <= last;
            if !crossed.iter().any(|pair| is_inside(&pair)) {
                continue;
            }
            let pairs: Vec<Pair> = known
                .iter()
                .filter(is_inside)
                .map(|pair| (pair.0 - first, pair.1 - first))
                .collect();
            cluster(&mut drafts[first..=last], pairs);
        }
    }
}

/// The pairs of which the later slice lies below the earlier one somewhere within its reach.
fn crossings(drafts: &[Draft]) -> Vec<Pair> {
    let mut found = Vec::new();
    for (later, above) in drafts.iter().enumerate() {
        let reach = above.reach(&above.slice);
        for (earlier, below) in drafts[..later].iter().enumerate() {
            if calendar(&below.slice, &above.slice, reach).is_some() {
                found.push((earlier, later));
            }
        }
    }
    found
}

/// The stretches of expiries that `pairs` tie together, first and last.
fn clusters(pairs: &[Pair]) -> Vec<Pair> {
    let mut found: Vec<Pair> = Vec::new();
    for pair in pairs {
        match found.last_mut() {
            Some(last) if pair.0 <= last.1 => last.1 = last.1.max(pair.1),
            _ => found.push(*pair),
        }
    }
    found
}

/// Fits the slices of one cluster together, and takes them where they are better.
///
/// The search starts from the slices as they are. Where that leads one of them much farther from its quotes, it may have
/// been caught in a corner, and starts again from slices of eSSVI, which hardly cross; the better end is taken.
fn cluster(drafts: &mut [Draft], mut pairs: Vec<Pair>) {
    // Neighbours hold each other, lest a new crossing appear between two that part.
    pairs.extend((1..drafts.len()).map(|later| (later - 1, later)));
    pairs.sort_unstable();
    pairs.dedup();
    let before: Vec<f64> = drafts.iter().map(|draft| draft.problem.cost(&draft.slice)).collect();
    let starts = drafts.iter().map(|draft| draft.slice).collect();
    let mut found = apart(drafts, &pairs, starts);
    let is_far = |(after, before): (&f64, &f64)| after.sqrt() > ENOUGH.0 * before.sqrt() + ENOUGH.1;
    if found.costs.iter().zip(&before).any(is_far) {
        let starts = drafts.iter().map(|draft| fit_essvi(&draft.problem).raw()).collect();
        let other = apart(drafts, &pairs, starts);
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
    /// Whether none crosses another of its pairs and none allows a butterfly.
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
fn apart(drafts: &[Draft], pairs: &[Pair], starts: Vec<RawSvi>) -> Apart {
    let mut grids: Vec<Vec<f64>> = drafts.iter().map(|draft| draft.problem.watched()).collect();
    let mut shared: Vec<Vec<f64>> = pairs.iter().map(|pair| shared(drafts, *pair)).collect();
    let bounds: Vec<Bounds<5>> = drafts.iter().map(|draft| draft.problem.bounds()).collect();
    let mut slices = starts;
    let mut at: Vec<Parameters> =
        drafts.iter().zip(&slices).map(|(draft, slice)| draft.problem.parameters(slice)).collect();
    let mut is_free = false;
    let shares = shares(drafts);
    for force in FORCES {
        at = minimise_jointly(&at, &bounds, pairs, |point, sums| {
            for (i, p) in point.iter().enumerate() {
                drafts[i].problem.misses_weighing(shares[i], p, &mut sums.own[i]);
                drafts[i].problem.butterflies(p, &grids[i], force, &mut sums.own[i]);
            }
            for (number, pair) in pairs.iter().enumerate() {
                shortfalls(drafts, (number, *pair), (&shared[number], force), point, sums);
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
        for (number, (earlier, later)) in pairs.iter().enumerate() {
            let reach = drafts[*later].reach(&slices[*later]);
            if let Some(found) = calendar(&slices[*earlier], &slices[*later], reach) {
                is_free = false;
                shared[number].push(found.deepest);
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

/// Log-moneyness at which two slices are held apart: where each is looked at for itself, within the later one's reach.
fn shared(drafts: &[Draft], (earlier, later): Pair) -> Vec<f64> {
    let reach = 1.02 * drafts[later].reach(&drafts[later].slice);
    let mut grid: Vec<f64> = [earlier, later]
        .iter()
        .flat_map(|i| {
            let problem = &drafts[*i].problem;
            problem.watched().into_iter().map(|x| x * problem.scale)
        })
        .filter(|k| k.abs() < reach)
        .chain([-reach, reach])
        .collect();
    grid.sort_by(f64::total_cmp);
    grid
}

/// Adds what the later slice of a pair falls short of the earlier one.
fn shortfalls(
    drafts: &[Draft],
    (number, (earlier, later)): (usize, Pair),
    (grid, force): (&[f64], f64),
    point: &[Parameters],
    sums: &mut JointNormal,
) {
    let (low, high) = (drafts[earlier].problem.scale, drafts[later].problem.scale);
    let unit = (low / high).powi(2);
    for k in grid {
        let below = Unit::at(&point[earlier], *k / low);
        let above = Unit::at(&point[later], *k / high);
        let share = unit * below.value / above.value;
        let short = 1.0 + MARGIN - 1.0 / share;
        if short > 0.0 {
            // The residual is 1 + margin − above/below.
            let to_earlier = below.d_value.map(|slope| force * slope / (share * below.value));
            let to_later = above.d_value.map(|slope| -force * slope / (unit * below.value));
            let tied = (number, earlier, later);
            sums.add_shared(tied, force * short, (&to_earlier, &to_later));
        }
    }
}
