//! The minimum-variance ratio from an error-correction model.
//!
//! `Δs = a + ratio·Δf + g·z₋₁ + e`, where `s` and `f` are the cumulated relative changes of the spot and of the hedge and `z`
//! is what is left of `s = m + c·f + z` by least squares over the same window (Engle and Granger 1987, Econometrica 55(2);
//! hedge ratios: Ghosh 1993, Journal of Futures Markets 13(7)). The term in `z` takes out the part of a spot move that is the
//! two returning to each other, which a plain regression counts as a smaller ratio. Estimated over the last `window_days`
//! days every `refit_rows` rows, from rows up to the row at which it is applied; held in between. Unknown until a whole window
//! has passed, with fewer than six returns in it, and where the three regressors are not independent.

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::multivariate::solve;
use super::refit::Refit;
use super::{History, Ratio, RatioColumn};
use crate::rehedge::above_zero;

/// A rolling window.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorCorrection {
    /// Length of the window, days.
    pub window_days: f64,
    /// Rows from one estimate to the next.
    pub refit_rows: std::num::NonZeroUsize,
}

/// The coefficient of `Δf`, from the changes of both; `None` where it cannot be told.
///
/// `hedge` and `spot` are changes over consecutive steps.
#[expect(clippy::cast_precision_loss, reason = "a window has far fewer than 2^52 rows")]
pub fn short_run_slope(hedge: &[f64], spot: &[f64]) -> Option<f64> {
    if hedge.len() < 6 {
        return None;
    }
    let (s, f) = (cumulated(spot), cumulated(hedge));
    let n = s.len() as f64;
    let (mean_s, mean_f) = (s.iter().sum::<f64>() / n, f.iter().sum::<f64>() / n);
    let variance: f64 = f.iter().map(|f| (f - mean_f) * (f - mean_f)).sum();
    let covariance: f64 = f.iter().zip(&s).map(|(f, s)| (f - mean_f) * (s - mean_s)).sum();
    if variance <= 0.0 {
        return None;
    }
    let c = covariance / variance;
    let apart: Vec<f64> = s.iter().zip(&f).map(|(s, f)| (s - mean_s) - c * (f - mean_f)).collect();
    let mut products = [[0.0; 3]; 3];
    let mut with_spot = [0.0; 3];
    for ((hedge, spot), apart) in hedge.iter().zip(spot).zip(&apart) {
        let regressors = [1.0, *hedge, *apart];
        for (row, x) in regressors.iter().enumerate() {
            with_spot[row] += x * spot;
            regressors.iter().enumerate().for_each(|(column, y)| products[row][column] += x * y);
        }
    }
    regress(products, with_spot).or_else(|| {
        let two = [[products[0][0], products[0][1]], [products[1][0], products[1][1]]];
        regress(two, [with_spot[0], with_spot[1]])
    })
}

/// The second coefficient of the normal equations, scaled so that units do not matter.
fn regress<const N: usize>(products: [[f64; N]; N], right: [f64; N]) -> Option<f64> {
    let scale: Vec<f64> = (0..N).map(|i| products[i][i].sqrt()).collect();
    if scale.iter().any(|scale| *scale <= 0.0 || !scale.is_finite()) {
        return None;
    }
    let matrix: Vec<Vec<f64>> =
        (0..N).map(|i| (0..N).map(|j| products[i][j] / (scale[i] * scale[j])).collect()).collect();
    let right: Vec<f64> = right.iter().zip(&scale).map(|(right, scale)| right / scale).collect();
    solve(&matrix, &right).map(|solution| solution[1] / scale[1])
}

/// Sums up to but without each step: the level before it.
fn cumulated(changes: &[f64]) -> Vec<f64> {
    let mut level = 0.0;
    changes
        .iter()
        .map(|change| {
            let before = level;
            level += change;
            before
        })
        .collect()
}

impl Ratio for ErrorCorrection {
    fn column(&self, history: &History<'_>) -> RatioColumn {
        let mut refit = Refit::new(history.time, self.window_days, self.refit_rows.get());
        let mut last = None;
        let ratio = |row: usize| {
            if let Some(rows) = refit.due(row) {
                let (hedge, spot) = (&history.hedge_return, &history.spot_return);
                last = short_run_slope(&hedge[rows.clone()], &spot[rows]).or(last);
            }
            last
        };
        RatioColumn::Rows((0..history.time.len()).map(ratio).collect())
    }

    fn is_estimated(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        format!(
            "minimum-variance ratio of an error-correction model over the last {} days, estimated every {} rows",
            self.window_days, self.refit_rows
        )
    }
}

pub(super) const ENTRY: Entry<dyn Ratio> = Entry {
    name: "error_correction",
    about: "minimum-variance ratio of an error-correction model over a rolling window",
    example: "ratio = { error_correction = { window_days = 5, refit_rows = 12 } }",
    build: |setting| {
        let ratio: ErrorCorrection = parameters(setting)?;
        above_zero("window_days", ratio.window_days)?;
        Ok(Box::new(ratio))
    },
};
