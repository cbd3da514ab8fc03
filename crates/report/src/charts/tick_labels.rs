//! What is written beside the ticks of an axis: one unit and as many digits for all of them as tell each from the next.

use crate::format::{decimals, short};

/// More digits than these nobody reads.
const MOST_PLACES: usize = 9;

/// Amounts: `0.98M, 1.00M, 1.02M`; ticks over several powers of a thousand have a unit each, `500k, 1M`.
pub(super) fn amounts(ticks: &[f64]) -> Vec<String> {
    let sizes = || ticks.iter().map(|tick| tick.abs());
    let largest = sizes().fold(0.0, f64::max);
    let smallest = sizes().filter(|size| *size > 0.0).fold(f64::INFINITY, f64::min);
    let is_wide = largest > 999.0 * smallest && ticks.iter().all(|tick| *tick > 0.0);
    if is_wide {
        return ticks.iter().copied().map(short).collect();
    }
    let (scale, unit) = match largest {
        size if size >= 0.9995e9 => (1e9, "B"),
        size if size >= 0.9995e6 => (1e6, "M"),
        size if size >= 0.9995e3 => (1e3, "k"),
        _ => (1.0, ""),
    };
    in_unit(ticks, 1.0 / scale, unit)
}

/// Fractions in per cent: `99.98 %, 100.00 %`.
pub(super) fn percents(ticks: &[f64]) -> Vec<String> {
    in_unit(ticks, 100.0, " %")
}

/// All ticks with the fewest decimals that lose nothing of any; zero has none.
fn in_unit(ticks: &[f64], factor: f64, unit: &str) -> Vec<String> {
    let scaled: Vec<f64> = ticks.iter().map(|tick| tick * factor).collect();
    let step = scaled.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(1e300, f64::min);
    let loses = |places: usize| {
        let power = 10_f64.powf(f64::from(u8::try_from(places).unwrap_or(u8::MAX)));
        step * power < 0.999
            || scaled.iter().any(|tick| (tick * power - (tick * power).round()).abs() > 1e-3)
    };
    let places = (0..MOST_PLACES).find(|places| !loses(*places)).unwrap_or(MOST_PLACES);
    let label = |tick: &f64| match decimals(*tick, places) {
        text if text.bytes().all(|byte| matches!(byte, b'0' | b'.' | b',')) => format!("0{unit}"),
        text => format!("{text}{unit}"),
    };
    scaled.iter().map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::super::axis::{Axis, Spacing, widened};
    use super::*;

    /// Found by a reader: ticks 20,000 apart around a million were written `1.0M, 1.0M, 1M, 980k`.
    #[test]
    fn no_two_ticks_have_one_label() {
        assert_eq!(
            amounts(&[0.96e6, 0.98e6, 1e6, 1.02e6, 1.04e6]),
            ["0.96M", "0.98M", "1.00M", "1.02M", "1.04M"]
        );
        assert_eq!(amounts(&[-40.0, -20.0, 0.0, 20.0]), ["−40", "−20", "0", "20"]);
        assert_eq!(amounts(&[500_000.0, 1e6, 2e6]), ["0.5M", "1.0M", "2.0M"]);
        assert_eq!(amounts(&[1e3, 1e5, 1e7]), ["1k", "100k", "10M"]);
        assert_eq!(percents(&[0.9998, 1.0]), ["99.98 %", "100.00 %"]);
        assert_eq!(percents(&[-0.3, -0.2, 0.0]), ["−30 %", "−20 %", "0 %"]);
        for middle in [0.0, 1.0, 37.5, 12_345.678, 1e6, -2.5e9] {
            for width in [1e-4, 0.003, 1.0, 47.0, 9e3, 3e5, 2e8] {
                let (low, high) = widened(middle - width, middle + 1.1 * width, 6.0);
                let ticks = Axis::new(low, high, 0.0, 100.0, Spacing::Linear).ticks(6.0);
                for labels in [amounts(&ticks), percents(&ticks)] {
                    let mut distinct = labels.clone();
                    distinct.dedup();
                    let is_fine = width < 1e-6 * middle.abs();
                    assert!(is_fine || distinct == labels, "{middle} {width}: {labels:?}");
                }
            }
        }
    }
}
