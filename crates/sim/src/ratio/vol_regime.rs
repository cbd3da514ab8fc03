//! Hedges more while the realised vol is above its own usual level.
//!
//! A row is stressed when the realised vol of the last `window_days` days exceeds the mean of that vol over the last
//! `memory_days` days by more than `above_percent` per cent, both as known at the row; squared log returns, mean taken as 0.
//! Unknown until the vol has a whole window and its memory a whole length.

use hedgerow_core::registry::{Entry, SettingError, parameters};
use serde::Deserialize;

use super::{History, Ratio, RatioColumn, percent_of_hedge};
use crate::rehedge::{above_zero, at_least_zero};
use crate::rolling::{rolling_mean, rolling_vol};

/// Two windows, a threshold and a ratio on either side.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolRegime {
    /// Length of the window of the realised vol, days.
    pub window_days: f64,
    /// Over which its mean is taken, days.
    pub memory_days: f64,
    /// How far above the mean is stressed, per cent of it.
    pub above_percent: f64,
    /// Share of the ideal hedge while stressed, per cent.
    pub stressed_percent: f64,
    /// Share otherwise, per cent.
    pub calm_percent: f64,
}

impl Ratio for VolRegime {
    fn column(&self, history: &History<'_>) -> RatioColumn {
        let vols = rolling_vol(history.time, history.spot, self.window_days);
        let means = rolling_mean(history.time, &vols, self.memory_days);
        let least = 1.0 + self.above_percent / 100.0;
        let ratio = |(vol, mean): (&Option<f64>, Option<f64>)| {
            let stressed = (*vol)? > least * mean?;
            Some(if stressed { self.stressed_percent } else { self.calm_percent } / 100.0)
        };
        RatioColumn::Rows(vols.iter().zip(means).map(ratio).collect())
    }

    fn describe(&self) -> String {
        format!(
            "hedges {} % while the vol of {} days is {} % above its mean of {} days, else {} %",
            self.stressed_percent,
            self.window_days,
            self.above_percent,
            self.memory_days,
            self.calm_percent
        )
    }
}

pub(super) const ENTRY: Entry<dyn Ratio> = Entry {
    name: "vol_regime",
    about: "hedges one share while the realised vol is above its usual level and another while it is not",
    example: "ratio = { vol_regime = { window_days = 2, memory_days = 10, above_percent = 20, stressed_percent = 100, calm_percent = 50 } }",
    build: |setting| {
        let span = setting.span();
        let ratio: VolRegime = parameters(setting)?;
        above_zero("window_days", ratio.window_days)?;
        above_zero("memory_days", ratio.memory_days)?;
        at_least_zero("above_percent", ratio.above_percent)?;
        for (name, percent) in
            [("stressed_percent", ratio.stressed_percent), ("calm_percent", ratio.calm_percent)]
        {
            percent_of_hedge(name, percent)
                .map_err(|message| SettingError::at(span.clone(), message))?;
        }
        Ok(Box::new(ratio))
    },
};
