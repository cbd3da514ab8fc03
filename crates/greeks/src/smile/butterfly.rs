//! The butterfly check: whether a slice implies a density that is nowhere negative.

use super::RawSvi;
use super::scan::{crossing, grid, least};

/// What a butterfly check found.
#[derive(Debug, Clone, PartialEq)]
pub struct Butterfly {
    /// The least value of Durrleman's g.
    pub least: f64,
    /// Log-moneyness of the least value.
    pub at: f64,
    /// Stretches of log-moneyness with g < 0, ascending; the check looks at strikes within e^±50 forwards.
    pub breaches: Vec<(f64, f64)>,
    /// Why the numbers are no smile at all, the slope of the wings included.
    pub objection: Option<String>,
}

impl Butterfly {
    /// Whether no butterfly spread has a negative price.
    pub fn is_free(&self) -> bool {
        self.objection.is_none() && self.breaches.is_empty() && self.least >= 0.0
    }
}

/// Looks for butterfly arbitrage: g ≥ 0 on a dense grid with its minimum polished, and wings below Lee's bound, which
/// sends d₊ to −∞ for high strikes (Gatheral and Jacquier 2014, lemma 2.2).
///
/// ```
/// # use hedgerow_greeks::smile::{RawSvi, butterfly};
/// // Axel Vogt's slice: positive variance everywhere, and yet a negative density.
/// let vogt = RawSvi { a: -0.0410, b: 0.1331, rho: 0.3060, m: 0.3586, sigma: 0.4153 };
/// assert!((butterfly(&vogt).least + 0.032_863_573_5).abs() < 1e-8);
/// ```
pub fn butterfly(slice: &RawSvi) -> Butterfly {
    let objection = slice.objection();
    if objection.is_some() && !(slice.least_variance() > 0.0 && slice.sigma > 0.0) {
        return Butterfly { least: f64::NEG_INFINITY, at: slice.m, breaches: vec![], objection };
    }
    let g = |k: f64| slice.at(k).durrleman(k);
    let points = grid(&[slice]);
    let values: Vec<f64> = points.iter().map(|k| g(*k)).collect();
    let mut found = Butterfly { least: f64::INFINITY, at: 0.0, breaches: vec![], objection };
    for (i, value) in values.iter().enumerate() {
        let (before, after) = (i.saturating_sub(1), (i + 1).min(points.len() - 1));
        if *value <= values[before] && *value <= values[after] {
            let at = least(g, points[before], points[after]);
            let polished = if g(at) < *value { at } else { points[i] };
            if g(polished) < found.least {
                (found.least, found.at) = (g(polished), polished);
            }
            if g(polished) < 0.0 {
                found.add(breach(g, &points, i, polished));
            }
        }
    }
    found
}

/// The stretch of g < 0 around `inside`, which lies beside grid point `i`.
fn breach(g: impl Fn(f64) -> f64, points: &[f64], i: usize, inside: f64) -> (f64, f64) {
    let outside = |k: &&f64| g(**k) >= 0.0;
    let low = points[..=i].iter().rev().filter(|k| **k < inside).find(outside);
    let high = points[i..].iter().filter(|k| **k > inside).find(outside);
    let edge =
        |outer: Option<&f64>, end: f64| outer.map_or(end, |outer| crossing(&g, inside, *outer));
    (edge(low, f64::NEG_INFINITY), edge(high, f64::INFINITY))
}

impl Butterfly {
    /// Two dips may belong to one stretch.
    fn add(&mut self, breach: (f64, f64)) {
        match self.breaches.last() {
            Some(last) if last.1 >= breach.0 => {}
            _ => self.breaches.push(breach),
        }
    }
}
