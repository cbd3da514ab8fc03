//! Hedges more the deeper the spot has fallen below its highest price so far.
//!
//! With `at_percent = [10, 20, 30]` and `hedge_percent = [25, 50, 100]` the ratio is 0 above a drawdown of 10 %, 25 % from
//! there, 50 % from 20 %, 100 % from 30 %. The peak is the highest spot from the first row of the market's history on.

use hedgerow_core::registry::{Entry, SettingError, parameters};
use serde::Deserialize;

use super::{History, Ratio, RatioColumn};

/// Steps of a ladder.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawdownLadder {
    /// Drawdowns of the spot from its peak, per cent, increasing.
    pub at_percent: Vec<f64>,
    /// Share of the ideal hedge from each drawdown on, per cent, 0 to 150.
    pub hedge_percent: Vec<f64>,
}

impl DrawdownLadder {
    /// The share of the ideal hedge at a drawdown.
    pub(super) fn ratio(&self, drawdown_percent: f64) -> f64 {
        let reached = self.at_percent.partition_point(|at| *at <= drawdown_percent);
        reached.checked_sub(1).map_or(0.0, |step| self.hedge_percent[step] / 100.0)
    }

    /// `25 % from a drawdown of 10 %, 50 % from a drawdown of 20 %`
    pub(super) fn steps(&self) -> String {
        let steps = self.at_percent.iter().zip(&self.hedge_percent);
        let steps: Vec<String> =
            steps.map(|(at, hedge)| format!("{hedge} % from a drawdown of {at} %")).collect();
        steps.join(", ")
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if self.at_percent.is_empty() || self.at_percent.len() != self.hedge_percent.len() {
            let (at, hedge) = (self.at_percent.len(), self.hedge_percent.len());
            return Err(format!(
                "at_percent has {at} steps and hedge_percent {hedge}, expected as many, at least one"
            ));
        }
        if !self.at_percent.is_sorted_by(|a, b| a < b)
            || !self.at_percent.iter().all(|at| (0.0..100.0).contains(at))
        {
            return Err("at_percent must increase, from 0 to below 100".to_owned());
        }
        match self.hedge_percent.iter().find(|percent| !(0.0..=150.0).contains(*percent)) {
            Some(percent) => Err(format!("hedge_percent has {percent}, expected 0 to 150")),
            None => Ok(()),
        }
    }
}

impl Ratio for DrawdownLadder {
    fn column(&self, history: &History<'_>) -> RatioColumn {
        let mut peak = f64::NEG_INFINITY;
        let ratio = |spot: &f64| {
            peak = peak.max(*spot);
            Some(self.ratio(100.0 * (1.0 - spot / peak)))
        };
        RatioColumn::Rows(history.spot.iter().map(ratio).collect())
    }

    fn describe(&self) -> String {
        format!("hedges {} of the spot", self.steps())
    }
}

pub(super) const ENTRY: Entry<dyn Ratio> = Entry {
    name: "drawdown_ladder",
    about: "hedges more the deeper the spot has fallen below its peak",
    example: "ratio = { drawdown_ladder = { at_percent = [10, 20, 30], hedge_percent = [25, 50, 100] } }",
    build: |setting| {
        let span = setting.span();
        let ratio: DrawdownLadder = parameters(setting)?;
        ratio.check().map_err(|message| SettingError::at(span, message))?;
        Ok(Box::new(ratio))
    },
};
