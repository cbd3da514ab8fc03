//! A minimum-variance ratio that wanders, tracked by a Kalman filter.
//!
//! `beta_t = beta_{t-1} + eta`, `y_t = beta_t · x_t + epsilon`, with `Var(eta) = drift² · days` and `Var(epsilon) = R`; `y` is the
//! relative change of the spot and `x` that of the hedge over the row (Kalman 1960, Journal of Basic Engineering 82(1); hedge
//! ratios: Hatemi-J and Roca 2006, Applied Financial Economics 16(13)). `R` is the mean squared residual of the least-squares
//! line through the origin over the first `window_days` days, and from then on an exponentially weighted mean of squared
//! innovations less their part from `beta`, with a half-life of `window_days`. The filter starts with that line's slope and
//! its variance. Unknown until the first window has passed. The ratio at a row is `beta` after that row.

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{History, Ratio, RatioColumn};
use crate::rehedge::{above_zero, at_least_zero};

/// The filter's parameters.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kalman {
    /// Standard deviation of the change of the ratio over a day.
    pub drift_per_day: f64,
    /// Length of the first window, and half-life of the noise, days.
    pub window_days: f64,
}

/// What the filter believes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Belief {
    /// Mean of the ratio.
    pub beta: f64,
    /// Its variance.
    pub variance: f64,
}

impl Belief {
    /// The belief after a row with returns `x` and `y`, whose ratio may have moved by `drift` (a variance) and whose noise has
    /// the variance `noise`.
    ///
    /// ```
    /// # use hedgerow_sim::ratio::kalman::Belief;
    /// // Without drift, from a diffuse start: the least-squares line through the origin.
    /// let start = Belief { beta: 0.0, variance: 1e12 };
    /// let end = start.after(0.01, 0.008, 0.0, 1e-4).after(0.02, 0.017, 0.0, 1e-4);
    /// assert!((end.beta - (0.01 * 0.008 + 0.02 * 0.017) / (0.01 * 0.01 + 0.02 * 0.02)).abs() < 1e-6);
    /// ```
    #[must_use]
    pub fn after(self, x: f64, y: f64, drift: f64, noise: f64) -> Self {
        let variance = self.variance + drift;
        let spread = x * x * variance + noise;
        if spread <= 0.0 {
            return Self { variance, ..self };
        }
        let gain = variance * x / spread;
        Self { beta: self.beta + gain * (y - x * self.beta), variance: variance * noise / spread }
    }
}

impl Kalman {
    /// The line through the origin of the first window, and the noise around it.
    #[expect(clippy::cast_precision_loss, reason = "a window has far fewer than 2^52 rows")]
    fn start(x: &[f64], y: &[f64]) -> Option<(Belief, f64)> {
        let xx: f64 = x.iter().map(|x| x * x).sum();
        if x.len() < 3 || xx <= 0.0 {
            return None;
        }
        let beta = x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>() / xx;
        let squares: f64 = x.iter().zip(y).map(|(x, y)| (y - beta * x).powi(2)).sum();
        let noise = squares / (x.len() - 1) as f64;
        Some((Belief { beta, variance: noise / xx }, noise))
    }
}

impl Ratio for Kalman {
    fn column(&self, history: &History<'_>) -> RatioColumn {
        let (time, x, y) = (history.time, &history.hedge_return, &history.spot_return);
        let mut filter: Option<(Belief, f64)> = None;
        let ratio = |row: usize| {
            if time[row].days_since(time[0]) < self.window_days || row == 0 {
                return None;
            }
            filter = match filter {
                None => Self::start(&x[1..=row], &y[1..=row]),
                Some((belief, noise)) => {
                    let days = time[row].days_since(time[row - 1]);
                    let drift = self.drift_per_day.powi(2) * days;
                    let innovation = (y[row] - x[row] * belief.beta).powi(2);
                    let seen = (innovation - x[row] * x[row] * (belief.variance + drift)).max(0.0);
                    let weight = (-days / self.window_days).exp2();
                    let after = belief.after(x[row], y[row], drift, noise);
                    Some((after, weight * noise + (1.0 - weight) * seen))
                }
            };
            filter.map(|(belief, _)| belief.beta)
        };
        RatioColumn::Rows((0..time.len()).map(ratio).collect())
    }

    fn is_estimated(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        format!(
            "minimum-variance ratio tracked by a Kalman filter that lets it drift by {} a day",
            self.drift_per_day
        )
    }
}

pub(super) const ENTRY: Entry<dyn Ratio> = Entry {
    name: "kalman",
    about: "minimum-variance ratio that may drift, tracked by a Kalman filter",
    example: "ratio = { kalman = { drift_per_day = 0.02, window_days = 5 } }",
    build: |setting| {
        let ratio: Kalman = parameters(setting)?;
        at_least_zero("drift_per_day", ratio.drift_per_day)?;
        above_zero("window_days", ratio.window_days)?;
        Ok(Box::new(ratio))
    },
};
