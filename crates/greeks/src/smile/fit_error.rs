//! How far a slice is from the quotes it was made of.

use super::{RawSvi, SmileQuote};
use crate::OptionKind;
use crate::black76;

/// Differences between a slice and its quotes. A vol point is 0.01 of vol.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitError {
    /// Quotes used.
    pub n_quotes: usize,
    /// Root of the weighted mean square, vol points.
    pub rms_points: f64,
    /// Median of the absolute differences, vol points.
    pub median_points: f64,
    /// The same for the quotes near the money: within one standard deviation to expiry; `None` where there are none.
    pub near_median_points: Option<f64>,
    /// Largest absolute difference, vol points.
    pub worst_points: f64,
    /// Log-moneyness at which it is.
    pub worst_at: f64,
    /// Median of the absolute differences of the price of the option out of the money, in coins.
    pub median_coins: f64,
    /// Largest of them.
    pub worst_coins: f64,
}

/// Compares a slice with at least one quote.
pub(super) fn fit_error(slice: &RawSvi, quotes: &[SmileQuote], years: f64) -> FitError {
    let deviation = slice.at(0.0).value.sqrt();
    let (mut points, mut near, mut coins) = (Vec::with_capacity(quotes.len()), vec![], vec![]);
    let (mut squares, mut weights) = (0.0, 0.0);
    for quote in quotes {
        let k = quote.log_moneyness;
        let vol = (slice.at(k).value / years).sqrt();
        let off = 1e2 * (vol - quote.vol).abs();
        points.push(off);
        if k.abs() <= deviation {
            near.push(off);
        }
        coins.push((price_on(k, years, vol) - price_on(k, years, quote.vol)).abs());
        squares += quote.weight * off * off;
        weights += quote.weight;
    }
    let mut farthest = (0.0, quotes[0].log_moneyness);
    for (quote, off) in quotes.iter().zip(&points) {
        if *off > farthest.0 {
            farthest = (*off, quote.log_moneyness);
        }
    }
    let worst = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
    FitError {
        n_quotes: quotes.len(),
        rms_points: (squares / weights).sqrt(),
        worst_points: farthest.0,
        worst_at: farthest.1,
        median_points: median(&mut points).expect("there is a quote"),
        near_median_points: median(&mut near),
        worst_coins: worst(&coins),
        median_coins: median(&mut coins).expect("there is a quote"),
    }
}

/// Price of the option out of the money per coin of forward.
pub(super) fn price_on(k: f64, years: f64, vol: f64) -> f64 {
    let kind = if k < 0.0 { OptionKind::Put } else { OptionKind::Call };
    black76(kind, 1.0, k.exp(), years, vol).value
}

/// The middle value, or the mean of the two middle ones; `None` of nothing.
pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some(0.5 * (values[middle - 1] + values[middle])),
    }
}
