//! Exponentially weighted realised vol.
//!
//! ```text
//! σ²[i] = Σ w[j] r[j]² / Σ w[j] Δ[j],    w[j] = 2^(−(t[i] − t[j]) / h),    j ≤ i
//! ```
//!
//! r is the log return from row j−1 to row j, Δ its years, h the half-life. It is the estimator of J.P. Morgan
//! and Reuters (`RiskMetrics` technical document, 1996) with the weights in elapsed time instead of in observations, so
//! irregular rows and gaps are counted for what they are. The mean return is taken as zero. Nothing is known before
//! [`WARM_UP_HALF_LIVES`] half-lives have passed, when three quarters of the full weight are there.

use hedgerow_core::Timestamp;

/// Half-lives that must have passed since the first row.
const WARM_UP_HALF_LIVES: f64 = 2.0;

/// Annualised vol at each row; `None` during the warm-up.
pub(super) fn column(time: &[Timestamp], spot: &[f64], half_life_days: f64) -> Vec<Option<f64>> {
    let (mut squares, mut years) = (0.0, 0.0);
    let mut vols = vec![None; time.len()];
    for row in 1..time.len() {
        let decay = (-time[row].days_since(time[row - 1]) / half_life_days).exp2();
        let log_return = (spot[row] / spot[row - 1]).ln();
        squares = decay * squares + log_return * log_return;
        years = decay * years + time[row].years_since(time[row - 1]);
        if time[row].days_since(time[0]) >= WARM_UP_HALF_LIVES * half_life_days {
            vols[row] = Some((squares / years).sqrt());
        }
    }
    vols
}

#[cfg(test)]
mod tests {
    use super::column;
    use hedgerow_core::Timestamp;

    /// By hand: returns 2 % and 1 % over days 1 and 2, half-life one day:
    /// σ² = (0.02²/2 + 0.01²) / (1.5/365) = 0.073, σ = 27.02 %.
    #[test]
    fn by_hand() {
        let time = [0, 1, 2].map(|day| Timestamp::from_millis(0).plus_days(day));
        let spot = [1.0, 0.02_f64.exp(), 0.03_f64.exp()];
        let vols = column(&time, &spot, 1.0);
        assert_eq!(vols[..2], [None, None]);
        assert!((vols[2].unwrap().powi(2) - 0.073).abs() < 1e-12);
    }

    /// A steady rate of variance is found whatever the distances between rows.
    #[test]
    fn irregular_rows_do_not_bias() {
        let hours: [i64; 9] = [0, 1, 2, 26, 27, 28, 100, 101, 150];
        let time = hours.map(|hour| Timestamp::from_millis(hour * 3_600_000));
        let mut spot = vec![100.0];
        for pair in time.windows(2) {
            let log_return = 0.6 * pair[1].years_since(pair[0]).sqrt();
            spot.push(spot[spot.len() - 1] * log_return.exp());
        }
        let vols = column(&time, &spot, 1.0);
        assert!(vols[5].is_none());
        for vol in &vols[6..] {
            assert!((vol.unwrap() - 0.6).abs() < 1e-12);
        }
    }
}
