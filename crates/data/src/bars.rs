//! Bars of a finer step gathered into those of the grid.

use std::ops::Range;

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
