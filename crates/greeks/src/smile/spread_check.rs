//! Whether a slice lies between bid and ask.

use super::fit_error::price_on;
use super::quotes::vol_of_price;
use super::{ExpiryQuotes, RawSvi, Spread};
use crate::OptionKind;

/// Quotes with a bid and an ask, and what lies outside of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outside {
    /// Quotes looked at.
    pub n_quotes: usize,
    /// Of these, where the slice is worth less than the bid or more than the ask.
    pub slice: usize,
    /// Of these, where the quote's own vol, which the slice is fitted to, is.
    pub mark: usize,
}

/// How a slice lies to the quotes it was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SpreadCheck {
    /// Within one standard deviation of the money.
    pub near: Outside,
    /// Beyond.
    pub far: Outside,
}

/// A quote that a slice misses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Miss {
    /// k = ln(strike / forward).
    pub log_moneyness: f64,
    /// Absolute difference of the vols, vol points: to the quote's own vol near the money, to the nearer of bid and ask
    /// beyond, where marks may lie far from both.
    pub points: f64,
}

/// How far off a quote near the money an accepted slice may be where it is also outside of its bid and ask, vol points.
///
/// A guess: ten times what a mark is good for ([`LEAST_HALF_SPREAD`](super::LEAST_HALF_SPREAD)), several times what slices
/// of real chains miss.
pub const MOST_NEAR_POINTS: f64 = 2.0;

/// How far beyond bid and ask a slice may lie farther out before it is flagged, vol points: 1 slice in 100 of real chains
/// does.
///
/// It is no reason to refuse a slice, which is right where most is traded; an option so far out is better marked by its own
/// quote.
pub const MOST_FAR_POINTS: f64 = 5.0;

/// Rounding that is forgiven, relative to the ask.
const ROUNDING: f64 = 1e-9;

/// Counts the quotes outside of which `slice` lies.
pub(crate) fn spread_check(slice: &RawSvi, quotes: &ExpiryQuotes) -> SpreadCheck {
    let deviation = slice.at(0.0).value.sqrt();
    let mut check = SpreadCheck::default();
    for (quote, spread) in quotes.quotes.iter().zip(&quotes.spreads) {
        let k = quote.log_moneyness;
        let is_near = k.abs() <= deviation;
        let part = if is_near { &mut check.near } else { &mut check.far };
        part.n_quotes += 1;
        let vol = (slice.at(k).value / quotes.years).sqrt();
        part.slice += usize::from(spread.is_outside(k, vol));
        part.mark += usize::from(spread.is_outside(k, quote.vol));
    }
    check
}

/// The quote near the money that `slice` misses most, of those outside of whose bid and ask it lies; `None`: it is within
/// all of them.
///
/// Near is within one standard deviation to expiry; where nothing is quoted there, as near as the nearest quote.
pub(crate) fn worst_near_miss(slice: &RawSvi, quotes: &ExpiryQuotes) -> Option<Miss> {
    let all = || quotes.quotes.iter().zip(&quotes.spreads);
    let nearest = all().map(|(quote, _)| quote.log_moneyness.abs()).fold(f64::INFINITY, f64::min);
    let near = slice.at(0.0).value.sqrt().max(nearest);
    all()
        .filter(|(quote, _)| quote.log_moneyness.abs() <= near)
        .filter_map(|(quote, spread)| {
            let k = quote.log_moneyness;
            let vol = (slice.at(k).value / quotes.years).sqrt();
            let miss = Miss { log_moneyness: k, points: 1e2 * (vol - quote.vol).abs() };
            spread.is_outside(k, vol).then_some(miss)
        })
        .max_by(|a, b| a.points.total_cmp(&b.points))
}

/// The quote more than one standard deviation from the money whose bid and ask `slice` leaves by most; `None`: it is
/// within all of them.
pub(crate) fn worst_far_miss(slice: &RawSvi, quotes: &ExpiryQuotes) -> Option<Miss> {
    let deviation = slice.at(0.0).value.sqrt();
    let all = quotes.quotes.iter().zip(&quotes.spreads);
    all.filter(|(quote, _)| quote.log_moneyness.abs() > deviation)
        .filter_map(|(quote, spread)| {
            let k = quote.log_moneyness;
            let vol = (slice.at(k).value / quotes.years).sqrt();
            Some(Miss { log_moneyness: k, points: 1e2 * spread.beyond(k, vol)? })
        })
        .max_by(|a, b| a.points.total_cmp(&b.points))
}

/// Vol by which a slice must leave a bid or an ask to contradict it: several times what a mark is good for.
const CONTRADICTION: f64 = 0.01;

/// Quotes whose bid or ask `slice` leaves by more than a vol point; one that is tight is not the worse for it.
pub(crate) fn well_outside(slice: &RawSvi, quotes: &ExpiryQuotes) -> usize {
    let all = quotes.quotes.iter().zip(&quotes.spreads);
    all.filter(|(quote, spread)| {
        let k = quote.log_moneyness;
        let vol = (slice.at(k).value / quotes.years).sqrt();
        spread.beyond(k, vol).is_some_and(|beyond| beyond > CONTRADICTION)
    })
    .count()
}

impl Spread {
    /// How far `vol` lies beyond that of the bid or of the ask at log-moneyness `k`; `None` where it lies between.
    fn beyond(&self, k: f64, vol: f64) -> Option<f64> {
        if !self.is_outside(k, vol) {
            return None;
        }
        let is_below = price_on(k, self.years, vol) < self.bid;
        let kind = if k < 0.0 { OptionKind::Put } else { OptionKind::Call };
        let nearer = if is_below { self.bid } else { self.ask };
        Some((vol - vol_of_price(kind, nearer, k, self.years)?).abs())
    }

    /// Whether `vol` is worth less than the bid or more than the ask at log-moneyness `k`.
    fn is_outside(&self, k: f64, vol: f64) -> bool {
        let price = price_on(k, self.years, vol);
        let slack = ROUNDING * self.ask;
        !(self.bid - slack..=self.ask + slack).contains(&price)
    }
}

impl std::ops::AddAssign for Outside {
    fn add_assign(&mut self, other: Self) {
        self.n_quotes += other.n_quotes;
        self.slice += other.slice;
        self.mark += other.mark;
    }
}

impl std::ops::AddAssign for SpreadCheck {
    fn add_assign(&mut self, other: Self) {
        self.near += other.near;
        self.far += other.far;
    }
}
