//! Drawdown: how far equity has fallen from its highest point so far.
//!
//! `D = 1 − W / max W`, with the initial equity counted as a first peak. A depth of 0.25 is a quarter below the peak; it
//! may exceed 1 when equity turns negative, and stays defined as long as the first peak is positive.

use super::moments::{count, mean};
use super::tail::{descending, tail_mean};

/// Drawdown at each point, a fraction of the peak so far; `None` when the initial equity is not positive.
///
/// ```
/// # use hedgerow_report::stats::drawdown::drawdowns;
/// assert_eq!(drawdowns(100.0, &[80.0, 120.0, 90.0]), Some(vec![0.2, 0.0, 0.25]));
/// assert_eq!(drawdowns(0.0, &[1.0]), None);
/// ```
pub fn drawdowns(initial: f64, equity: &[f64]) -> Option<Vec<f64>> {
    if initial <= 0.0 {
        return None;
    }
    let mut peak = initial;
    Some(
        equity
            .iter()
            .map(|&equity| {
                peak = peak.max(equity);
                (peak - equity) / peak
            })
            .collect(),
    )
}

/// Deepest drawdown.
pub fn maximum(drawdowns: &[f64]) -> Option<f64> {
    drawdowns.iter().copied().reduce(f64::max)
}

/// Mean drawdown, also called the pain index (Becker 2006).
pub fn average(drawdowns: &[f64]) -> Option<f64> {
    mean(drawdowns)
}

/// Root mean square drawdown: the Ulcer index (Martin and `McCann` 1989).
pub fn ulcer(drawdowns: &[f64]) -> Option<f64> {
    let squares: Vec<f64> = drawdowns.iter().map(|depth| depth * depth).collect();
    mean(&squares).map(f64::sqrt)
}

/// Conditional drawdown at risk: mean of the deepest `1 − level` share of all drawdowns (Chekhlov, Uryasev and
/// Zabarankin 2005, *International Journal of Theoretical and Applied Finance* 8). `None` when that share is less than
/// one point.
pub fn conditional(drawdowns: &[f64], level: f64) -> Option<f64> {
    tail_mean(&descending(drawdowns.to_vec()), level)
}

/// Share of points below the peak so far.
pub fn under_water(drawdowns: &[f64]) -> Option<f64> {
    let below: Vec<&f64> = drawdowns.iter().filter(|depth| **depth > 0.0).collect();
    (!drawdowns.is_empty()).then(|| count(&below) / count(drawdowns))
}

/// One fall from a peak and the way back. Points are counted in the column of equity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fall {
    /// Deepest drawdown of it.
    pub depth: f64,
    /// Where the peak was; `None` when it is the initial equity, before the first point.
    pub peak: Option<usize>,
    /// Where it was deepest.
    pub trough: usize,
    /// The first point back at the peak or above; `None` when equity has not come back.
    pub recovery: Option<usize>,
}

/// Every fall, in the order of time.
pub fn falls(drawdowns: &[f64]) -> Vec<Fall> {
    let mut falls: Vec<Fall> = Vec::new();
    let mut peak = None;
    let mut current: Option<Fall> = None;
    for (point, &depth) in drawdowns.iter().enumerate() {
        if depth <= 0.0 {
            falls.extend(current.take().map(|fall| Fall { recovery: Some(point), ..fall }));
            peak = Some(point);
            continue;
        }
        let fall = current.get_or_insert(Fall { depth, peak, trough: point, recovery: None });
        if depth > fall.depth {
            (fall.depth, fall.trough) = (depth, point);
        }
    }
    falls.extend(current);
    falls
}

/// The `n` deepest falls, deepest first; of two equal ones the earlier first.
pub fn deepest(drawdowns: &[f64], n: usize) -> Vec<Fall> {
    let mut falls = falls(drawdowns);
    falls.sort_by(|a, b| b.depth.total_cmp(&a.depth));
    falls.truncate(n);
    falls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_has_a_peak_a_trough_and_a_recovery() {
        let depths = drawdowns(100.0, &[90.0, 100.0, 110.0, 55.0, 88.0, 110.0, 99.0]).unwrap();
        let falls = deepest(&depths, 5);
        assert_eq!(falls[0], Fall { depth: 0.5, peak: Some(2), trough: 3, recovery: Some(5) });
        assert_eq!((falls[1].peak, falls[1].recovery), (None, Some(1)));
        assert_eq!((falls[2].peak, falls[2].recovery), (Some(5), None));
    }

    #[test]
    fn equity_below_zero_is_deeper_than_everything() {
        assert_eq!(drawdowns(100.0, &[-50.0]), Some(vec![1.5]));
    }
}
