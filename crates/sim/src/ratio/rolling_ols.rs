//! The minimum-variance ratio by least squares over a rolling window.
//!
//! `ratio = Cov(y, x) / Var(x)`: the slope of a regression with intercept of the spot's relative changes `y` on the hedge's
//! `x` (Ederington 1979, Journal of Finance 34(1)), over the rows of the last `window_days` days up to and including the
//! row at which it is applied. Unknown until a whole window has passed, with fewer than three returns in it, and while
//! `Var(x)` is 0.

use hedgerow_core::registry::{Entry, SettingError, parameters};
use serde::Deserialize;

use super::{History, Ratio, RatioColumn};

/// A rolling window.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollingOls {
    /// Length of the window, days.
    pub window_days: f64,
}

/// Slope of the least-squares line `y = a + b·x`; `None` for fewer than three points or an `x` that does not vary.
///
/// ```
/// # use hedgerow_sim::ratio::rolling_ols::slope;
/// assert_eq!(slope(&[1.0, 2.0, 3.0], &[3.0, 5.0, 7.0]), Some(2.0));
/// ```
#[expect(clippy::cast_precision_loss, reason = "a window has far fewer than 2^52 rows")]
pub fn slope(x: &[f64], y: &[f64]) -> Option<f64> {
    let n = x.len() as f64;
    if x.len() < 3 {
        return None;
    }
    let (mean_x, mean_y) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let covariance: f64 = x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = x.iter().map(|x| (x - mean_x) * (x - mean_x)).sum();
    (variance > 0.0).then(|| covariance / variance)
}

impl Ratio for RollingOls {
    /// Window sums are updated row by row and made anew every thousand rows, so that rounding cannot pile up.
    fn column(&self, history: &History<'_>) -> RatioColumn {
        let (x, y) = (&history.hedge_return, &history.spot_return);
        let mut first = 1;
        let mut sums = Sums::default();
        let ratio = |row: usize| {
            if row == 0 {
                return None;
            }
            sums.add(x[row], y[row], 1.0);
            while history.time[row].days_since(history.time[first - 1]) > self.window_days {
                sums.add(x[first], y[first], -1.0);
                first += 1;
            }
            if row.is_multiple_of(1000) {
                sums = Sums::default();
                (first..=row).for_each(|index| sums.add(x[index], y[index], 1.0));
            }
            let full = history.time[row].days_since(history.time[0]) >= self.window_days;
            if full { sums.slope() } else { None }
        };
        RatioColumn::Rows((0..history.time.len()).map(ratio).collect())
    }

    fn is_estimated(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        format!("minimum-variance ratio by least squares over the last {} days", self.window_days)
    }
}

/// Sums of a window.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    n: f64,
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
}

impl Sums {
    fn add(&mut self, x: f64, y: f64, sign: f64) {
        self.n += sign;
        self.x += sign * x;
        self.y += sign * y;
        self.xx += sign * x * x;
        self.xy += sign * x * y;
    }

    /// `None` for fewer than three points or an `x` that does not vary beyond rounding.
    fn slope(&self) -> Option<f64> {
        let variance = self.n * self.xx - self.x * self.x;
        let varies = self.n > 2.5 && variance > 1e-12 * self.n * self.xx;
        varies.then(|| (self.n * self.xy - self.x * self.y) / variance)
    }
}

pub(super) const ENTRY: Entry<dyn Ratio> = Entry {
    name: "rolling_ols",
    about: "minimum-variance ratio of past returns by least squares over a rolling window",
    example: "ratio = { rolling_ols = { window_days = 60 } }",
    build: |setting| {
        let span = setting.span();
        let ratio: RollingOls = parameters(setting)?;
        if ratio.window_days.is_finite() && ratio.window_days > 0.0 {
            return Ok(Box::new(ratio));
        }
        Err(SettingError::at(
            span,
            format!("window_days is {}, expected a number above 0", ratio.window_days),
        ))
    },
};
