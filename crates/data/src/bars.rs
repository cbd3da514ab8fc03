//! Bars: those of a finer step gathered into those of the grid, and those that cannot be.

use std::ops::Range;

use hedgerow_core::{Defect, Finding, Severity, Timestamp};

use crate::read::raw::Role;

/// The open of each row: that of the first bar in its window; a row without a bar of its own stands at its close.
pub(crate) fn opens(open: &[f64], windows: &[Range<usize>], close: &[f64]) -> Vec<f64> {
    gather(open, windows, close, |bars| bars.first().copied())
}

/// The high of each row: the highest of its window.
pub(crate) fn highs(high: &[f64], windows: &[Range<usize>], close: &[f64]) -> Vec<f64> {
    gather(high, windows, close, |bars| bars.iter().copied().reduce(f64::max))
}

/// The low of each row: the lowest of its window.
pub(crate) fn lows(low: &[f64], windows: &[Range<usize>], close: &[f64]) -> Vec<f64> {
    gather(low, windows, close, |bars| bars.iter().copied().reduce(f64::min))
}

fn gather(
    cells: &[f64],
    windows: &[Range<usize>],
    close: &[f64],
    of: impl Fn(&[f64]) -> Option<f64>,
) -> Vec<f64> {
    windows
        .iter()
        .zip(close)
        .map(|(window, close)| of(&cells[window.clone()]).unwrap_or(*close))
        .collect()
}

/// Bars whose high is below another of their prices, or whose low is above one.
pub(crate) fn impossible_bars(time: &[i64], columns: &[(Role, Vec<f64>)]) -> Option<Finding> {
    let of = |wanted| columns.iter().find(|(role, _)| *role == wanted).map(|(_, cells)| cells);
    let (close, high, low) = (of(Role::Close)?, of(Role::High), of(Role::Low));
    let open = of(Role::Open);
    let is_impossible = |row: usize| {
        let high = high.map_or(f64::INFINITY, |high| high[row]);
        let low = low.map_or(0.0, |low| low[row]);
        let open = open.map_or(close[row], |open| open[row]);
        high < low || !(low..=high).contains(&close[row]) || !(low..=high).contains(&open)
    };
    let mut rows = (0..time.len()).filter(|row| is_impossible(*row));
    let first = rows.next()?;
    let count = 1 + rows.count();
    Some(Finding {
        defect: Defect::BadValue,
        severity: Severity::Warning,
        count,
        first: Some(Timestamp::from_millis(time[first])),
        detail: format!(
            "{count} bars with a price outside their own low and high are kept as they are"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_gathered_and_never_interpolated() {
        let windows = [0..3, 3..3, 3..5];
        let close = [12.0, 12.0, 15.0];
        assert_eq!(opens(&[10.0, 11.0, 9.0, 14.0, 16.0], &windows, &close), [10.0, 12.0, 14.0]);
        assert_eq!(highs(&[13.0, 11.0, 12.0, 14.0, 16.0], &windows, &close), [13.0, 12.0, 16.0]);
        assert_eq!(lows(&[10.0, 8.0, 9.0, 14.0, 16.0], &windows, &close), [8.0, 12.0, 14.0]);
    }
}
