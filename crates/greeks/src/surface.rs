//! A vol surface: the smiles of all expiries as of one moment, and what lies between and beyond them.
//!
//! At constant log-moneyness k = ln(strike / forward), each expiry with its own forward:
//!
//! - between two expiries total variance is linear in time: w(k, t) = w₁ + (w₂ − w₁)(t − t₁)/(t₂ − t₁);
//! - before the first and after the last, it is proportional to time: w(k, t) = w₁ t/t₁, that is the vol of the nearest
//!   expiry at the same log-moneyness;
//! - beyond the last strike a smile goes on as its own hyperbola, whose wings are straight and within Lee's bound.
//!
//! An expiry that was refused is no more than one that is not listed: its options are marked by what lies between or beyond the
//! other expiries, which bounds them by arbitrage, and [`Smile::is_of_neighbours`] says so.
//!
//! No slice lies below an earlier one at any strike ([`calendar`](crate::smile::calendar)), and so no smile between or beyond
//! them does: the surface has no calendar arbitrage. Slices are free of butterfly arbitrage; a smile between two that are is
//! not proved to be.
//!
//! A slice has five numbers and is bent away from arbitrage, so that it does not pass between every bid and ask. Near the
//! money an accepted one is at most [`MOST_NEAR_POINTS`](crate::smile::MOST_NEAR_POINTS) from every quote outside of whose
//! bid and ask it lies. Over the 359 Deribit chains of January to March 2026, of which 3 expiries are refused for that,
//! slices lie outside at 7.2 % of the BTC quotes within one standard deviation of the
//! money and at 1.8 % of the ETH ones, less often than the exchange's own marks (11.2 % and 2.6 %); farther out they do at
//! 13.9 % and 4.0 % (marks: 5.9 % and 1.9 %). An option in the far wings is better marked by its own quote;
//! [`Slice::spreads`] counts, and [`Slice::far_miss`] tells by how much at worst: by more than 5 vol points at 93 of the 8,516
//! slices, by 35.6 at worst, eleven hours before an expiry in the crash of 5 February.
//!
//! ln(forward) is linear in time between expiries, from the index at the surface's own time where that is known; beyond
//! the last expiry the carry of the last one goes on.

use hedgerow_core::{Chain, Quote, Timestamp};

use crate::smile::{
    CalendarBreach, Dropped, Fit, MOST_FAR_POINTS, Miss, RawSvi, SliceGrade, SmileError,
    SpreadCheck, TotalVariance, expiries, median,
};

mod history;
mod slices;
mod variance;

pub use history::{SurfaceHistory, SurfaceSummary};
use slices::slices;

/// The smiles of one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Surface {
    /// Time of the latest quote in it: years are counted from here.
    pub time: Timestamp,
    /// Median index price of the quotes, USD per coin; `None` where no quote tells it.
    pub index: Option<f64>,
    /// One per fitted expiry, ascending.
    pub slices: Vec<Slice>,
    /// Expiries without a slice, ascending.
    pub refused: Vec<RefusedExpiry>,
}

/// The smile of one listed expiry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slice {
    /// When the options expire.
    pub expiry: Timestamp,
    /// From the surface's time, ACT/365F.
    pub years: f64,
    /// USD per coin.
    pub forward: f64,
    /// The smile, its grade and its error.
    pub fit: Fit,
    /// Quotes that were left out.
    pub dropped: Dropped,
    /// Where it is outside of bid and ask.
    pub spreads: SpreadCheck,
    /// The quote near the money that it misses most of those outside of whose bid and ask it lies, at most
    /// [`MOST_NEAR_POINTS`](crate::smile::MOST_NEAR_POINTS) off; `None`: it is within all of them.
    pub near_miss: Option<Miss>,
    /// The quote beyond one standard deviation whose bid and ask it leaves by most; `None`: it is within all of them.
    pub far_miss: Option<Miss>,
    /// Where it lies below the slice before it, at any strike; `None`: nowhere, and so below no earlier one. A slice that
    /// does is refused: this is the check of what is served.
    pub calendar: Option<CalendarBreach>,
}

/// An expiry that could not be fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RefusedExpiry {
    /// When the options expire.
    pub expiry: Timestamp,
    /// Why.
    pub reason: SmileError,
}

/// The smile of any expiry, listed or not, as of a surface's time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Smile {
    /// When the options expire.
    pub expiry: Timestamp,
    /// From the surface's time, ACT/365F, positive.
    pub years: f64,
    /// USD per coin.
    pub forward: f64,
    /// The worse grade of the slices it is made of.
    pub grade: SliceGrade,
    /// Whether it is made of the slices of other expiries, because its own has none: it is not listed, or refused.
    pub is_of_neighbours: bool,
    near: RawSvi,
    far: RawSvi,
    /// Weight of `far`.
    share: f64,
}

impl Slice {
    /// Whether it leaves a bid and ask far from the money by more than [`MOST_FAR_POINTS`](crate::smile::MOST_FAR_POINTS).
    pub fn is_off_far_out(&self) -> bool {
        self.far_miss.is_some_and(|miss| miss.points > MOST_FAR_POINTS)
    }
}

impl Surface {
    /// Fits a surface to the quotes known at `row`, which happens at `time`; `None` where nothing was quoted.
    ///
    /// # Panics
    /// When a quote is later than the row: a surface never sees the future.
    pub fn at(chain: &Chain, row: usize, time: Timestamp) -> Option<Self> {
        let quotes = chain.at(row);
        if let Some(late) = quotes.iter().find(|quote| quote.time > time) {
            panic_late(row, time, late.time);
        }
        Self::fit(chain, quotes)
    }

    /// Fits a surface to quotes of `chain`, each of another option; `None` where there are none.
    pub fn fit(chain: &Chain, quotes: &[Quote]) -> Option<Self> {
        let time = quotes.iter().map(|quote| quote.time).max()?;
        let is_price = |price: &f64| price.is_finite() && *price > 0.0;
        let mut indices: Vec<f64> =
            quotes.iter().filter_map(|quote| quote.index.filter(is_price)).collect();
        let (slices, refused) = slices(expiries(chain, quotes));
        Some(Self { time, index: median(&mut indices), slices, refused })
    }

    /// The smile of an expiry; `None` at or before the surface's time and where no expiry was fitted.
    pub fn smile(&self, expiry: Timestamp) -> Option<Smile> {
        let years = expiry.years_since(self.time);
        let (first, last) = (self.slices.first()?, self.slices.last()?);
        if years <= 0.0 {
            return None;
        }
        let after = self.slices.partition_point(|slice| slice.expiry < expiry);
        let (near, far, share) = if after == 0 {
            let early = first.fit.svi.scaled(years / first.years);
            ((early, first), (early, first), 0.0)
        } else if after == self.slices.len() {
            let late = last.fit.svi.scaled(years / last.years);
            ((late, last), (late, last), 0.0)
        } else {
            let (near, far) = (&self.slices[after - 1], &self.slices[after]);
            let share = (years - near.years) / (far.years - near.years);
            ((near.fit.svi, near), (far.fit.svi, far), share)
        };
        Some(Smile {
            expiry,
            years,
            forward: self.forward(years)?,
            grade: near.1.fit.grade.max(far.1.fit.grade),
            is_of_neighbours: self.slices.get(after).is_none_or(|slice| slice.expiry != expiry),
            near: near.0,
            far: far.0,
            share,
        })
    }

    /// The forward of an expiry `years` after the surface's time; `None` where no expiry was fitted.
    fn forward(&self, years: f64) -> Option<f64> {
        let now = self.index.map(|index| (0.0, index.ln()));
        let mut known =
            now.into_iter().chain(self.slices.iter().map(|s| (s.years, s.forward.ln())));
        let mut before = known.next()?;
        let first = before;
        for next in known {
            if years <= next.0 {
                let share = (years - before.0) / (next.0 - before.0);
                // Without an index nothing is known before the first expiry: the forward stays.
                return Some((before.1 + share.max(0.0) * (next.1 - before.1)).exp());
            }
            before = next;
        }
        let carry =
            if before.0 > first.0 { (before.1 - first.1) / (before.0 - first.0) } else { 0.0 };
        Some((before.1 + carry * (years - before.0).max(0.0)).exp())
    }

    /// Whether no slice lies below an earlier one at any strike.
    pub fn is_calendar_free(&self) -> bool {
        self.slices.iter().all(|slice| slice.calendar.is_none())
    }
}

#[expect(
    clippy::panic,
    reason = "a quote of the future is a programmer's error that must not pass"
)]
fn panic_late(row: usize, time: Timestamp, quoted: Timestamp) -> ! {
    panic!("row {row} at {time} would see a quote of {quoted}")
}

impl Smile {
    /// A smile that is one slice, `years` before its expiry.
    pub fn of_slice(svi: RawSvi, expiry: Timestamp, years: f64, forward: f64) -> Self {
        let (grade, is_of_neighbours) = (SliceGrade::Svi, false);
        Self { expiry, years, forward, grade, is_of_neighbours, near: svi, far: svi, share: 0.0 }
    }

    /// Total variance and its derivatives at log-moneyness `k`.
    pub fn at(&self, k: f64) -> TotalVariance {
        let (near, far) = (self.near.at(k), self.far.at(k));
        let mix = |near: f64, far: f64| near + self.share * (far - near);
        TotalVariance {
            value: mix(near.value, far.value),
            slope: mix(near.slope, far.slope),
            curvature: mix(near.curvature, far.curvature),
        }
    }

    /// Annualised vol at log-moneyness `k`, decimal.
    pub fn vol(&self, k: f64) -> f64 {
        (self.at(k).value / self.years).sqrt()
    }

    /// dvol/dk at log-moneyness `k`: vol per unit of ln(strike).
    pub fn skew(&self, k: f64) -> f64 {
        let at = self.at(k);
        0.5 * at.slope / (at.value * self.years).sqrt()
    }
}
