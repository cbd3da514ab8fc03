//! Interval of the share of variance that a hedge removed.

use super::bootstrap::Interval;
use super::moments::mean;
use super::studentised::{LogVarianceRatio, studentised_interval};
use crate::Bootstrap;

/// The interval of `1 − Var hedged / Var unhedged` over pairs of P&L, studentised on the logarithm of the ratio, so that no end
/// exceeds 1.
///
/// What share of such intervals holds the truth is measured by this crate's example `measured_coverage`.
///
/// `None` where the unhedged P&L does not vary, or too often not in resampled histories.
pub fn variance_reduction_interval(
    hedged: &[f64],
    unhedged: &[f64],
    bootstrap: &Bootstrap,
) -> Option<Interval> {
    let (hedged, unhedged) = (centred(hedged), centred(unhedged));
    if hedged.iter().all(|x| (x - hedged[0]).abs() <= 0.0) {
        return Some(Interval { low: 1.0, high: 1.0 });
    }
    let at = |point: usize| {
        let (h, u) = (hedged[point], unhedged[point]);
        [h, h * h, u, u * u]
    };
    let left = studentised_interval(hedged.len(), at, &LogVarianceRatio, bootstrap)?;
    Some(Interval { low: 1.0 - left.high.exp(), high: 1.0 - left.low.exp() })
}

fn centred(column: &[f64]) -> Vec<f64> {
    let centre = mean(column).unwrap_or(0.0);
    column.iter().map(|x| x - centre).collect()
}
