//! The calendar check: total variance must not fall from one expiry to a later one, at any strike.
//!
//! With d(k) = later(k) − earlier(k), no calendar spread has a negative price where d ≥ 0 (Gatheral and Jacquier 2014,
//! definition 2.2 and lemma 2.1). Two raw SVI slices cross at up to four strikes, the roots of a quartic that is badly
//! conditioned where they nearly touch. So the sign of d is proved instead: between two strikes the earlier slice, which is
//! convex, lies below its chord, and the least value of a hyperbola less a line is known,
//!
//! ```text
//! d(k) ≥ min { later(k) − chord(k) },     the gap being at most earlier″ (high − low)²/8;
//! ```
//!
//! where that is negative, the stretch is halved. Strikes within e^±50 forwards are looked at; beyond, the wings' slopes
//! b (1 ∓ ρ) decide.

use super::RawSvi;
use super::scan::REACH;

/// Where a later expiry has less total variance than an earlier one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalendarBreach {
    /// Log-moneyness of the breach nearest to the money; infinite where only wings cross beyond the strikes looked at.
    pub nearest: f64,
    /// Log-moneyness of the deepest breach.
    pub deepest: f64,
    /// Total variance missing there, positive; infinite where only wings cross.
    pub depth: f64,
}

/// What is taken for rounding, relative to the earlier slice's total variance at the money.
const ROUNDING: f64 = 1e-10;

/// How closely the deepest breach is looked for, in the same unit.
const CLOSELY: f64 = 1e-6;

/// Looks for calendar arbitrage at every strike; `None`: there is none.
///
/// ```
/// # use hedgerow_greeks::smile::{RawSvi, calendar};
/// let earlier = RawSvi { a: 0.01, b: 0.1, rho: -0.3, m: 0.0, sigma: 0.2 };
/// assert_eq!(calendar(&earlier, &earlier.scaled(1.1)), None);
/// // Higher at the money, with flatter wings: they cross where 0.11 = 0.01 (√(k² + σ²) − 0.3 k), by hand at k = −8.4597.
/// let flatter = RawSvi { a: 0.12, b: 0.09, ..earlier };
/// assert!((calendar(&earlier, &flatter).unwrap().nearest + 8.4597).abs() < 1e-4);
/// ```
pub fn calendar(earlier: &RawSvi, later: &RawSvi) -> Option<CalendarBreach> {
    let sides = [1.0, -1.0].map(|sign| Side {
        sign,
        earlier: earlier.towards(sign),
        later: later.towards(sign),
        rounding: ROUNDING * earlier.at(0.0).value,
    });
    let nearest = sides
        .iter()
        .filter_map(|side| Some(side.sign * side.nearest()?))
        .min_by(|a, b| a.abs().total_cmp(&b.abs()));
    let Some(nearest) = nearest else {
        return sides.iter().find(|side| side.wings_cross()).map(|side| {
            let at = side.sign * f64::INFINITY;
            CalendarBreach { nearest: at, deepest: at, depth: f64::INFINITY }
        });
    };
    let mut found = CalendarBreach { nearest, deepest: nearest, depth: 0.0 };
    for side in &sides {
        side.deepen(&mut found);
    }
    Some(found)
}

/// Two slices, seen from the money towards high strikes (1) or low ones (−1).
struct Side {
    sign: f64,
    earlier: RawSvi,
    later: RawSvi,
    rounding: f64,
}

/// A distance from the money and both slices there.
#[derive(Clone, Copy)]
struct Place {
    k: f64,
    earlier: f64,
    later: f64,
}

impl Place {
    fn rise(&self) -> f64 {
        self.later - self.earlier
    }
}

impl Side {
    /// Distance of the nearest breach.
    fn nearest(&self) -> Option<f64> {
        let mut stack = self.stretches();
        while let Some((low, high)) = stack.pop() {
            if low.rise() < -self.rounding {
                return Some(low.k);
            }
            if self.least_rise(&low, &high) < -self.rounding
                && let Some(middle) = self.middle(&low, &high)
            {
                // The nearer half comes first.
                stack.extend([(middle, high), (low, middle)]);
            }
        }
        None
    }

    /// Moves what was found to the deepest breach of this side, where that is deeper.
    fn deepen(&self, found: &mut CalendarBreach) {
        let slack = CLOSELY * self.earlier.at(0.0).value;
        let mut stack = self.stretches();
        while let Some((low, high)) = stack.pop() {
            for place in [low, high] {
                if -place.rise() > found.depth {
                    (found.deepest, found.depth) = (self.sign * place.k, -place.rise());
                }
            }
            if self.least_rise(&low, &high) < -found.depth - slack
                && let Some(middle) = self.middle(&low, &high)
            {
                stack.extend([(middle, high), (low, middle)]);
            }
        }
    }

    /// Whether the earlier slice rises faster than the later one far from the money.
    fn wings_cross(&self) -> bool {
        self.later.wings().right < self.earlier.wings().right
    }

    /// The strikes looked at in stretches that double, the farthest first.
    fn stretches(&self) -> Vec<(Place, Place)> {
        let mut ends = vec![0.0];
        let mut end = self.earlier.at(0.0).value.max(0.0).sqrt().clamp(1e-4, REACH);
        while end < REACH {
            ends.push(end);
            end *= 2.0;
        }
        ends.push(REACH);
        let places: Vec<Place> = ends.into_iter().map(|k| self.at(k)).collect();
        places.windows(2).rev().map(|pair| (pair[0], pair[1])).collect()
    }

    fn at(&self, k: f64) -> Place {
        Place { k, earlier: self.earlier.at(k).value, later: self.later.at(k).value }
    }

    /// `None` where the stretch is a point.
    fn middle(&self, low: &Place, high: &Place) -> Option<Place> {
        let wide = high.k - low.k > 1e-9 * (1e-3 + high.k);
        wide.then(|| self.at(0.5 * (low.k + high.k)))
    }

    /// A lower bound of the rise between two places: the least of the later slice less the earlier one's chord.
    fn least_rise(&self, low: &Place, high: &Place) -> f64 {
        let slope = (high.earlier - low.earlier) / (high.k - low.k);
        // Where the hyperbola has the chord's slope: ρ + y/√(y² + σ²) = slope/b.
        let RawSvi { b, rho, m, sigma, .. } = self.later;
        let cosine = slope / b - rho;
        let lowest = m + sigma * cosine / (1.0 - cosine * cosine).sqrt();
        // With b = 0 or a chord steeper than the wings there is no such place: not a number fails both comparisons.
        if lowest > low.k && lowest < high.k {
            let chord = low.earlier + slope * (lowest - low.k);
            self.later.at(lowest).value - chord
        } else {
            low.rise().min(high.rise())
        }
    }
}

impl RawSvi {
    /// The slice as a function of sign · k.
    fn towards(&self, sign: f64) -> Self {
        Self { rho: sign * self.rho, m: sign * self.m, ..*self }
    }
}
