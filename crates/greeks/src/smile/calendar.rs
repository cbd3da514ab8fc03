//! The calendar check: total variance must not fall from one expiry to a later one.

use super::RawSvi;
use super::scan::{grid, least};

/// A log-moneyness at which the later expiry has less total variance than the earlier one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalendarBreach {
    /// Log-moneyness of the breach nearest to the money, within the grid's spacing.
    pub nearest: f64,
    /// Log-moneyness of the deepest breach within the range looked at.
    pub deepest: f64,
    /// Total variance missing there, positive.
    pub depth: f64,
}

/// Looks for calendar arbitrage within `reach` of the money (in log-moneyness, both sides); `None`: there is none.
///
/// An infinite `reach` also compares the wings' slopes. Gatheral and Jacquier (2014), definition 2.2 and lemma 2.1.
pub fn calendar(earlier: &RawSvi, later: &RawSvi, reach: f64) -> Option<CalendarBreach> {
    let rise = |k: f64| later.at(k).value - earlier.at(k).value;
    let mut points = grid(&[earlier, later]);
    points.retain(|k| k.abs() <= reach);
    let mut found: Option<CalendarBreach> = None;
    for (i, k) in points.iter().enumerate() {
        let (before, after) = (i.saturating_sub(1), (i + 1).min(points.len() - 1));
        let value = rise(*k);
        let at = if value <= rise(points[before]) && value <= rise(points[after]) {
            least(rise, points[before], points[after])
        } else {
            *k
        };
        let (at, depth) = if -rise(at) > -value { (at, -rise(at)) } else { (*k, -value) };
        if depth > tolerance(earlier, at) {
            let breach = found.get_or_insert(CalendarBreach { nearest: at, deepest: at, depth });
            if at.abs() < breach.nearest.abs() {
                breach.nearest = at;
            }
            if depth > breach.depth {
                (breach.deepest, breach.depth) = (at, depth);
            }
        }
    }
    found.or_else(|| if reach.is_infinite() { wing_breach(earlier, later) } else { None })
}

/// What rounding can do to the difference of two equal slices.
fn tolerance(slice: &RawSvi, k: f64) -> f64 {
    1e-14 * slice.at(k).value
}

/// A wing that is steeper at the earlier expiry crosses the later one beyond the grid.
fn wing_breach(earlier: &RawSvi, later: &RawSvi) -> Option<CalendarBreach> {
    let (before, after) = (earlier.wings(), later.wings());
    let at = if after.left < before.left {
        f64::NEG_INFINITY
    } else if after.right < before.right {
        f64::INFINITY
    } else {
        return None;
    };
    Some(CalendarBreach { nearest: at, deepest: at, depth: f64::INFINITY })
}
