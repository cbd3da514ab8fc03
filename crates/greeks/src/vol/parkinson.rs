//! Realised vol from the range of each bar.
//!
//! ```text
//! σ² = Σ (ln H/L)² / (4 ln 2) / Σ Δ      over the bars with t[i] − window < t[j] ≤ t[i]
//! ```
//!
//! Parkinson, *The Extreme Value Method for Estimating the Variance of the Rate of Return*, Journal of Business 53, 1980.
//! Δ is the length of a bar in years. A market says when bars end, not how long they are: the length is the shorter of the
//! last two distances between rows, so that a hole in the data does not count as time that the bar has seen. The first row's
//! bar has no known length and is left out. Nothing is known before a whole window has passed. On coarse sampling the true
//! range is under-observed and the estimate a little low.

use std::f64::consts::LN_2;

use hedgerow_core::{DAYS_PER_YEAR, Market, Timestamp};

use crate::GreeksError;

/// Annualised vol at each row; `None` until the window is full.
pub(super) fn column(
    market: &Market,
    asset: usize,
    window_days: f64,
) -> Result<Vec<Option<f64>>, GreeksError> {
    let prices = &market.assets()[asset];
    let missing = |column| GreeksError::NoPriceColumn {
        asset: prices.name.clone(),
        estimator: "parkinson",
        column,
    };
    let high = prices.high.as_deref().ok_or_else(|| missing("high"))?;
    let low = prices.low.as_deref().ok_or_else(|| missing("low"))?;
    if let Some(row) = (0..high.len()).find(|row| high[*row] < low[*row]) {
        return Err(GreeksError::HighBelowLow {
            asset: prices.name.clone(),
            row,
            time: market.time()[row],
            high: high[row],
            low: low[row],
        });
    }
    Ok(windowed(market.time(), &bars(market.time(), high, low), window_days))
}

/// What one bar adds.
#[derive(Debug, Clone, Copy, Default)]
struct Bar {
    /// (ln H/L)² / (4 ln 2).
    variance: f64,
    /// Length, 0 where it is not known.
    years: f64,
}

fn bars(time: &[Timestamp], high: &[f64], low: &[f64]) -> Vec<Bar> {
    let step = |row: usize| time[row].years_since(time[row - 1]);
    let mut bars = vec![Bar::default(); time.len()];
    for row in 1..time.len() {
        let range = (high[row] / low[row]).ln();
        let years = if row == 1 { step(1) } else { step(row).min(step(row - 1)) };
        bars[row] = Bar { variance: range * range / (4.0 * LN_2), years };
    }
    bars
}

fn windowed(time: &[Timestamp], bars: &[Bar], window_days: f64) -> Vec<Option<f64>> {
    let window_years = window_days / DAYS_PER_YEAR;
    let mut vols = vec![None; bars.len()];
    let mut total = Bar::default();
    // The window is the rows `first..=row`; the sums are made afresh once per window, so rounding cannot pile up.
    let (mut first, mut afresh_at) = (1, 1);
    for row in 1..bars.len() {
        total.variance += bars[row].variance;
        total.years += bars[row].years;
        while time[row].years_since(time[first]) >= window_years {
            total.variance -= bars[first].variance;
            total.years -= bars[first].years;
            first += 1;
        }
        if first >= afresh_at {
            total = sum(&bars[first..=row]);
            afresh_at = row + 1;
        }
        if time[row].years_since(time[0]) >= window_years {
            vols[row] = Some((total.variance.max(0.0) / total.years).sqrt());
        }
    }
    vols
}

fn sum(bars: &[Bar]) -> Bar {
    bars.iter().fold(Bar::default(), |total, bar| Bar {
        variance: total.variance + bar.variance,
        years: total.years + bar.years,
    })
}

#[cfg(test)]
mod tests {
    use super::{bars, windowed};
    use hedgerow_core::Timestamp;

    fn days(days: &[i64]) -> Vec<Timestamp> {
        days.iter().map(|day| Timestamp::from_millis(0).plus_days(*day)).collect()
    }

    /// By hand: ranges of e^0.04 and e^0.02 on days 1 and 2: σ² = (0.0016 + 0.0004) / (4 ln 2) / (2/365) = 0.131646.
    #[test]
    fn by_hand() {
        let time = days(&[0, 1, 2]);
        let high = [1.0, 0.04_f64.exp(), 0.02_f64.exp()];
        let vols = windowed(&time, &bars(&time, &high, &[1.0; 3]), 2.0);
        assert_eq!(vols[..2], [None, None]);
        assert!((vols[2].unwrap().powi(2) - 0.131_645_922).abs() < 1e-9);
    }

    /// A hole of ten days is not ten days of calm, and old bars leave the window.
    #[test]
    fn holes_and_old_bars() {
        let time = days(&[0, 1, 2, 3, 13, 14, 15, 16]);
        let mut high = vec![0.03_f64.exp(); 8];
        high[1] = 9.0;
        let vols = windowed(&time, &bars(&time, &high, &[1.0; 8]), 3.0);
        let steady = (0.0009 / (4.0 * std::f64::consts::LN_2) * 365.0).sqrt();
        assert!(vols[3].unwrap() > 10.0 * steady);
        for vol in &vols[4..] {
            assert!((vol.unwrap() - steady).abs() < 1e-12);
        }
    }

    /// The running sums are those of the window added up directly.
    #[test]
    fn running_sums_are_sums() {
        let time = days(&(0..200).collect::<Vec<_>>());
        let high: Vec<f64> =
            (0..200_i32).map(|day| (0.01 + 0.03 * f64::from(day * 37 % 11)).exp()).collect();
        let bars = bars(&time, &high, &[1.0; 200]);
        let vols = windowed(&time, &bars, 20.0);
        for row in 20..200 {
            let variance: f64 = bars[row - 19..=row].iter().map(|bar| bar.variance).sum();
            let expected = (variance / (20.0 / 365.0)).sqrt();
            assert!((vols[row].unwrap() / expected - 1.0).abs() < 1e-13);
        }
    }
}
