//! The surfaces of a whole history: one per snapshot of a chain, each as of its own moment.
//!
//! Where options only expired between two rows nothing new was said of the others, and their surface stays: fitted again
//! without the expiry that ended, contradictory quotes might lead elsewhere and move marks for no reason.

use std::sync::Arc;

use hedgerow_core::{Chain, Market, Quote, Timestamp};
use rayon::prelude::*;

use super::{RefusedExpiry, Smile, Surface};
use crate::smile::{SliceGrade, SpreadCheck, median};

/// One surface per snapshot, and which one each row knows.
#[derive(Debug, Clone, PartialEq)]
pub struct SurfaceHistory {
    time: Vec<Timestamp>,
    /// Which surface; rows between which options only expired have one.
    surface_of_row: Vec<Option<usize>>,
    /// `None` where no row uses it or it has no quotes.
    surfaces: Arc<[Option<Surface>]>,
}

/// How a history of surfaces came out.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SurfaceSummary {
    /// Surfaces.
    pub n_surfaces: usize,
    /// Slices of grade [`Svi`](SliceGrade::Svi).
    pub svi: usize,
    /// Slices of grade [`Repaired`](SliceGrade::Repaired).
    pub repaired: usize,
    /// Slices of grade [`Essvi`](SliceGrade::Essvi).
    pub essvi: usize,
    /// Slices of grade [`Flat`](SliceGrade::Flat).
    pub flat: usize,
    /// Expiries without a slice.
    pub refused: usize,
    /// Slices that lie below an earlier one somewhere.
    pub calendar_breaches: usize,
    /// Slices that leave a bid and ask far from the money by more than
    /// [`MOST_FAR_POINTS`](crate::smile::MOST_FAR_POINTS).
    pub off_far_out: usize,
    /// Quotes, and where the slices lie outside of bid and ask.
    pub spreads: SpreadCheck,
    /// Median over slices of the median absolute error near the money, vol points; `None` without slices.
    pub near_median_points: Option<f64>,
    /// Median over slices of the median absolute error, coins per coin; `None` without slices.
    pub median_coins: Option<f64>,
}

impl SurfaceHistory {
    /// Fits every snapshot of `chain` that a row of `market` knows, in parallel; the result is the same bit for bit
    /// whatever the number of threads.
    ///
    /// # Panics
    /// When a row would see a quote later than itself, or `chain` is not one of `market`'s.
    pub fn fit(market: &Market, chain: &Chain) -> Self {
        assert_eq!(chain.snapshot_of_row.len(), market.n_rows(), "one snapshot per row");
        let surface_of_row = surface_of_row(market.time(), chain);
        let mut first_row = vec![None; chain.snapshots.len()];
        for (row, surface) in surface_of_row.iter().enumerate() {
            if let Some(surface) = *surface {
                // The earliest row that knows a surface is the strictest judge of it.
                first_row[surface] = first_row[surface].or(Some(row));
            }
        }
        let surfaces: Vec<Option<Surface>> = first_row
            .into_par_iter()
            .map(|row: Option<usize>| {
                row.and_then(|row| Surface::at(chain, row, market.time()[row]))
            })
            .collect();
        Self { time: market.time().to_vec(), surface_of_row, surfaces: surfaces.into() }
    }

    /// The surface known at a row.
    pub fn at(&self, row: usize) -> Option<&Surface> {
        self.surface_of_row[row].and_then(|surface| self.surfaces[surface].as_ref())
    }

    /// The first snapshot of the chain with the surface that a row knows: rows of the same one have the same surface.
    pub fn snapshot(&self, row: usize) -> Option<usize> {
        self.surface_of_row[row]
    }

    /// The smile of an expiry known at a row; `None` where there is no surface and when the expiry has passed.
    pub fn smile(&self, row: usize, expiry: Timestamp) -> Option<Smile> {
        if expiry <= self.time[row] {
            return None;
        }
        self.at(row)?.smile(expiry)
    }

    /// The vol of an option known at a row, decimal, with the grade of the slices it comes from.
    ///
    /// `moneyness` is the strike over the forward of the expiry **at the row**: between snapshots the smile moves with
    /// the forward.
    pub fn vol(&self, row: usize, moneyness: f64, expiry: Timestamp) -> Option<(f64, SliceGrade)> {
        let smile = self.smile(row, expiry)?;
        let vol = smile.vol(moneyness.ln());
        vol.is_finite().then_some((vol, smile.grade))
    }

    /// The history restricted to `rows`.
    pub fn slice(&self, rows: std::ops::Range<usize>) -> Self {
        Self {
            time: self.time[rows.clone()].to_vec(),
            surface_of_row: self.surface_of_row[rows].to_vec(),
            surfaces: Arc::clone(&self.surfaces),
        }
    }

    /// Every surface, in the order of time.
    pub fn surfaces(&self) -> impl Iterator<Item = &Surface> {
        self.surfaces.iter().flatten()
    }

    /// Why no expiry of any snapshot has a smile, at the first of them; `None` where one has.
    pub fn refusal(&self) -> Option<&RefusedExpiry> {
        let any = self.surfaces().any(|surface| !surface.slices.is_empty());
        let mut refused = self.surfaces().flat_map(|surface| &surface.refused);
        if any { None } else { refused.next() }
    }

    /// Counts and errors over all surfaces.
    pub fn summary(&self) -> SurfaceSummary {
        let mut summary = SurfaceSummary::default();
        let (mut points, mut coins) = (Vec::new(), Vec::new());
        for surface in self.surfaces() {
            summary.n_surfaces += 1;
            summary.refused += surface.refused.len();
            for slice in &surface.slices {
                *match slice.fit.grade {
                    SliceGrade::Svi => &mut summary.svi,
                    SliceGrade::Repaired => &mut summary.repaired,
                    SliceGrade::Essvi => &mut summary.essvi,
                    SliceGrade::Flat => &mut summary.flat,
                } += 1;
                summary.spreads += slice.spreads;
                summary.off_far_out += usize::from(slice.is_off_far_out());
                summary.calendar_breaches += usize::from(slice.calendar.is_some());
                points.extend(slice.fit.error.near_median_points);
                coins.push(slice.fit.error.median_coins);
            }
        }
        summary.near_median_points = median(&mut points);
        summary.median_coins = median(&mut coins);
        summary
    }
}

/// The snapshot to whose quotes each row's surface is fitted: its own, or the one before of which it is what has not expired.
fn surface_of_row(time: &[Timestamp], chain: &Chain) -> Vec<Option<usize>> {
    let mut found: Vec<Option<usize>> = Vec::with_capacity(time.len());
    for (row, snapshot) in chain.snapshot_of_row.iter().enumerate() {
        let before = row.checked_sub(1).and_then(|before| found[before]);
        let is_same = row > 0 && chain.snapshot_of_row[row - 1] == *snapshot;
        let stays = |before: &usize| {
            is_same || snapshot.is_some_and(|now| is_rest(chain, *before, now, time[row]))
        };
        found.push(before.filter(stays).or(*snapshot));
    }
    found
}

/// Whether snapshot `now` is all that has not expired by `time` of snapshot `before`.
fn is_rest(chain: &Chain, before: usize, now: usize, time: Timestamp) -> bool {
    let quotes = |snapshot: usize| chain.quotes[chain.snapshots[snapshot].clone()].iter();
    let is_alive = |quote: &&Quote| chain.contracts[quote.contract].expiry > time;
    quotes(before).filter(is_alive).eq(quotes(now))
}
