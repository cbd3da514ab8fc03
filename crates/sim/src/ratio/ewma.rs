//! The minimum-variance ratio from exponentially weighted moments.
//!
//! `ratio = C / V`, `C ← w·C + (1 - w)·x·y`, `V ← w·V + (1 - w)·x²`, where `y` is the relative change of the spot, `x` the
//! P&L of one coin of the hedge relative to the same spot, and `w = 2^(-days/half_life_days)` for a row of so many days.
//! Means are taken as 0 (J.P. Morgan/Reuters 1996, "`RiskMetrics` Technical Document", section 5.2, with `w` constant;
//! `C/V` is Johnson's (1960) minimum-variance hedge ratio). Unknown until one half-life has passed and while `V` is 0.
//! The ratio at a row uses returns up to that row and is applied to the returns after it.

use hedgerow_core::registry::{Entry, SettingError, parameters};
use serde::Deserialize;

use super::{History, Ratio, RatioColumn};

/// Exponential weights.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ewma {
    /// Days after which a return counts half.
    pub half_life_days: f64,
}

impl Ratio for Ewma {
    fn column(&self, history: &History<'_>) -> RatioColumn {
        let (mut covariance, mut variance) = (0.0, 0.0);
        let start = history.time[0];
        let ratio = |row: usize| {
            if row == 0 {
                return None;
            }
            let days = history.time[row].days_since(history.time[row - 1]);
            let weight = (-days / self.half_life_days).exp2();
            let (x, y) = (history.hedge_return[row], history.spot_return[row]);
            covariance = weight * covariance + (1.0 - weight) * x * y;
            variance = weight * variance + (1.0 - weight) * x * x;
            let known =
                history.time[row].days_since(start) >= self.half_life_days && variance > 0.0;
            known.then(|| covariance / variance)
        };
        RatioColumn::Rows((0..history.time.len()).map(ratio).collect())
    }

    fn is_estimated(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        format!(
            "minimum-variance ratio, exponentially weighted with a half-life of {} days",
            self.half_life_days
        )
    }
}

pub(super) const ENTRY: Entry<dyn Ratio> = Entry {
    name: "ewma",
    about: "minimum-variance ratio of past returns, exponentially weighted",
    example: "ratio = { ewma = { half_life_days = 20 } }",
    build: |setting| {
        let span = setting.span();
        let ratio: Ewma = parameters(setting)?;
        if ratio.half_life_days.is_finite() && ratio.half_life_days > 0.0 {
            return Ok(Box::new(ratio));
        }
        Err(SettingError::at(
            span,
            format!("half_life_days is {}, expected a number above 0", ratio.half_life_days),
        ))
    },
};
