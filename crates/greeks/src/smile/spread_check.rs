//! Whether a slice lies between bid and ask.

use super::fit_error::price_on;
use super::{ExpiryQuotes, RawSvi};

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

/// Rounding that is forgiven, relative to the ask.
const ROUNDING: f64 = 1e-9;

/// Counts the quotes outside of which `slice` lies.
pub(crate) fn spread_check(slice: &RawSvi, quotes: &ExpiryQuotes) -> SpreadCheck {
    let deviation = slice.at(0.0).value.sqrt();
    let mut check = SpreadCheck::default();
    for (quote, spread) in quotes.quotes.iter().zip(&quotes.spreads) {
        let k = quote.log_moneyness;
        let is_outside = |vol: f64| {
            let price = price_on(k, spread.years, vol);
            let slack = ROUNDING * spread.ask;
            usize::from(!(spread.bid - slack..=spread.ask + slack).contains(&price))
        };
        let part = if k.abs() <= deviation { &mut check.near } else { &mut check.far };
        part.n_quotes += 1;
        part.slice += is_outside((slice.at(k).value / quotes.years).sqrt());
        part.mark += is_outside(quote.vol);
    }
    check
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
