//! Which smiles of a chain are accepted.
//!
//! 1. Every expiry is fitted for itself, without butterfly arbitrage. One whose slice is then off its own quotes is refused:
//!    it has nothing to say to the others.
//! 2. Slices that cross anywhere, in the wings or between strikes, are fitted again, together.
//! 3. Where that leaves slices crossing or puts them off their quotes, because the quotes of two expiries cannot both be true,
//!    the one without which the others are off least is refused, be it off itself or not, and they start again from 1 without
//!    it. Of two between which that cannot decide, it is the one that lies well outside more of its own bids and asks; where
//!    neither does, each being tight around its own vols, it is the one whose quotes near the money weigh less: fewer of them,
//!    or wider.
//!
//! Off is: more than [`MOST_NEAR_POINTS`] from a quote near the money and outside of its bid and ask; and, of a slice that was
//! fitted together with others, so far from its quotes near the money in the median, inside or outside. So of an accepted
//! slice that much is known of its error, it has no butterfly arbitrage, and it lies below no earlier one at any strike.

use std::collections::BTreeMap;

use hedgerow_core::Timestamp;

use super::{RefusedExpiry, Slice};
use crate::smile::{
    Draft, ExpiryQuotes, MOST_NEAR_POINTS, Miss, SmileError, calendar, spread_check, untangle,
    well_outside, worst_far_miss, worst_near_miss,
};

/// An expiry on its way to a slice.
struct Candidate {
    quotes: ExpiryQuotes,
    /// As fitted for itself.
    alone: Draft,
}

/// The slices and the expiries without one, each in the order of time.
pub(super) fn slices(
    expiries: BTreeMap<Timestamp, Result<ExpiryQuotes, SmileError>>,
) -> (Vec<Slice>, Vec<RefusedExpiry>) {
    let mut candidates = Vec::with_capacity(expiries.len());
    let mut refused = Vec::new();
    for (expiry, quotes) in expiries {
        match quotes.and_then(Candidate::new) {
            Ok(candidate) => candidates.push(candidate),
            Err(reason) => refused.push(RefusedExpiry { expiry, reason }),
        }
    }
    let mut drafts = together(candidates.iter());
    while let Some((culprit, reason)) = culprit(&candidates, &drafts) {
        let expiry = candidates.remove(culprit).quotes.expiry;
        refused.push(RefusedExpiry { expiry, reason });
        drafts = together(candidates.iter());
    }
    refused.sort_by_key(|refused| refused.expiry);
    let mut slices = Vec::with_capacity(drafts.len());
    for (candidate, draft) in candidates.iter().zip(&drafts) {
        slices.push(Slice::new(&candidate.quotes, draft, slices.last()));
    }
    (slices, refused)
}

/// The slices of all candidates, none of which crosses another where that can be.
fn together<'a>(candidates: impl Iterator<Item = &'a Candidate>) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = candidates.map(|candidate| candidate.alone.clone()).collect();
    untangle(&mut drafts);
    drafts
}

/// The slice without which the others have least against them, of those that were fitted together with one that has something
/// against it, and why it goes; `None` where nothing stands against any.
fn culprit(candidates: &[Candidate], drafts: &[Draft]) -> Option<(usize, SmileError)> {
    let all: Vec<&Candidate> = candidates.iter().collect();
    let objections: Vec<Option<Objection>> =
        (0..all.len()).map(|i| objection(&all, drafts, i)).collect();
    let points = |i: usize| objections[i].as_ref().map_or(0.0, |objection| objection.points);
    let left = |i: usize| (i, excess_without(candidates, i));
    let suspects = suspects(drafts, &objections).into_iter().map(left);
    let (culprit, _) = suspects.min_by(|(a, left_a), (b, left_b)| {
        let outside = |i: usize| candidates[i].outside();
        let weight = |i: usize| candidates[i].weight();
        left_a
            .total_cmp(left_b)
            .then_with(|| outside(*b).cmp(&outside(*a)))
            .then_with(|| weight(*a).total_cmp(&weight(*b)))
            .then(points(*b).total_cmp(&points(*a)))
    })?;
    Some((culprit, reason(candidates, &objections, culprit)))
}

/// The slices that were moved together with one that has something against it, and those themselves.
fn suspects(drafts: &[Draft], objections: &[Option<Objection>]) -> Vec<usize> {
    let is_moved: Vec<bool> = drafts
        .iter()
        .zip(objections)
        .map(|(draft, objection)| draft.is_bent() || objection.is_some())
        .collect();
    let mut suspects = Vec::new();
    let mut first = 0;
    for stretch in is_moved.chunk_by(|a, b| a == b) {
        let all = first..first + stretch.len();
        first = all.end;
        if stretch[0] && objections[all.clone()].iter().any(Option::is_some) {
            suspects.extend(all);
        }
    }
    suspects
}

/// Why a slice goes: what it contradicts where that can be told of two expiries, else what stands against it.
fn reason(
    candidates: &[Candidate],
    objections: &[Option<Objection>],
    culprit: usize,
) -> SmileError {
    let own = objections[culprit].as_ref();
    if let Some(Objection { reason: crosses @ SmileError::Crosses { .. }, .. }) = own {
        return *crosses;
    }
    let worst = objections.iter().flatten().map(|objection| objection.points);
    let points = own.map_or_else(|| worst.fold(0.0, f64::max), |own| own.points);
    let slice = |i: usize| candidates[i].alone.slice();
    let mut others: Vec<usize> = (0..candidates.len()).filter(|i| *i != culprit).collect();
    others.sort_by_key(|i| i.abs_diff(culprit));
    let contradicted = others.into_iter().find_map(|other| {
        let (earlier, later) = (other.min(culprit), other.max(culprit));
        let breach = calendar(slice(earlier), slice(later))?;
        let other = candidates[other].quotes.expiry;
        Some(SmileError::Contradicts { other, log_moneyness: breach.nearest, points })
    });
    contradicted.unwrap_or(SmileError::Bent { points })
}

/// The sum of what stands against slices without candidate `out`, vol points.
fn excess_without(candidates: &[Candidate], out: usize) -> f64 {
    let others = candidates.iter().enumerate().filter(|(i, _)| *i != out);
    let others: Vec<&Candidate> = others.map(|(_, other)| other).collect();
    let drafts = together(others.iter().copied());
    let objections = (0..others.len()).filter_map(|i| objection(&others, &drafts, i));
    objections.map(|objection| objection.points).sum()
}

/// What stands against a slice.
struct Objection {
    reason: SmileError,
    /// How much, vol points.
    points: f64,
}

/// What stands against slice `i`: that it is off its quotes, or else that it crosses one of its neighbours.
fn objection(candidates: &[&Candidate], drafts: &[Draft], i: usize) -> Option<Objection> {
    if let Some(Miss { points, .. }) = off(&candidates[i].quotes, &drafts[i]) {
        return Some(Objection { points, reason: SmileError::Bent { points } });
    }
    if let Some(points) = drafts[i].bent_by().filter(|points| *points > MOST_NEAR_POINTS) {
        return Some(Objection { points, reason: SmileError::Bent { points } });
    }
    let before = i.checked_sub(1).map(|before| (before, (before, i)));
    let after = (i + 1 < drafts.len()).then_some((i + 1, (i, i + 1)));
    before.into_iter().chain(after).find_map(|(other, (earlier, later))| {
        let breach = calendar(drafts[earlier].slice(), drafts[later].slice())?;
        let years = candidates[later].quotes.years;
        let vol = |i: usize| (drafts[i].slice().at(breach.deepest).value / years).sqrt();
        // Where only wings cross, no number of points is enough.
        let points = Some(1e2 * (vol(earlier) - vol(later))).filter(|points| points.is_finite());
        let reason = SmileError::Crosses {
            other: candidates[other].quotes.expiry,
            log_moneyness: breach.nearest,
        };
        Some(Objection { points: points.unwrap_or(f64::INFINITY), reason })
    })
}

/// The quote that a slice is off; `None` where it is not.
fn off(quotes: &ExpiryQuotes, draft: &Draft) -> Option<Miss> {
    worst_near_miss(draft.slice(), quotes).filter(|miss| miss.points > MOST_NEAR_POINTS)
}

impl Candidate {
    fn new(quotes: ExpiryQuotes) -> Result<Self, SmileError> {
        let alone = Draft::new(&quotes.quotes, quotes.years)?;
        match off(&quotes, &alone) {
            Some(Miss { log_moneyness, points }) => {
                Err(SmileError::OffQuotes { log_moneyness, points })
            }
            None => Ok(Self { quotes, alone }),
        }
    }
}

impl Candidate {
    /// Quotes outside of whose bid and ask it lies even alone, by more than noise: its vols contradict its own prices.
    fn outside(&self) -> usize {
        well_outside(self.alone.slice(), &self.quotes)
    }

    /// What its quotes within one standard deviation of the money weigh together: one over the square of what they leave
    /// uncertain of its vol.
    fn weight(&self) -> f64 {
        let deviation = self.alone.slice().at(0.0).value.sqrt();
        let quotes = self.quotes.quotes.iter();
        quotes
            .filter(|quote| quote.log_moneyness.abs() <= deviation)
            .map(|quote| quote.weight)
            .sum()
    }
}

impl Slice {
    fn new(quotes: &ExpiryQuotes, draft: &Draft, earlier: Option<&Self>) -> Self {
        let fit = draft.fit();
        Self {
            expiry: quotes.expiry,
            years: quotes.years,
            forward: quotes.forward,
            fit,
            dropped: quotes.dropped,
            spreads: spread_check(&fit.svi, quotes),
            near_miss: worst_near_miss(&fit.svi, quotes),
            far_miss: worst_far_miss(&fit.svi, quotes),
            calendar: earlier.and_then(|below| calendar(&below.fit.svi, &fit.svi)),
        }
    }
}
