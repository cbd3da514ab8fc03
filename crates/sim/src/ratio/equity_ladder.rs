//! Hedges more the deeper equity has fallen below its highest value so far.
//!
//! As the [`drawdown_ladder`](super::drawdown_ladder), with the drawdown of the strategy's own equity, hedge and costs
//! included, in place of the spot's. The peak is the highest equity from the run's first row on.

use std::sync::Arc;

use hedgerow_core::registry::{Entry, SettingError, parameters};

use super::drawdown_ladder::DrawdownLadder;
use super::{EquityNow, EquityRatio, History, Ratio, RatioColumn};

/// A ladder on equity.
#[derive(Debug, Clone, PartialEq)]
pub struct EquityLadder {
    /// Its steps.
    pub steps: DrawdownLadder,
}

impl EquityRatio for EquityLadder {
    fn ratio(&self, now: &EquityNow) -> f64 {
        let drawdown = if now.peak > 0.0 { 1.0 - now.equity / now.peak } else { 1.0 };
        self.steps.ratio(100.0 * drawdown)
    }
}

impl Ratio for EquityLadder {
    fn column(&self, _: &History<'_>) -> RatioColumn {
        RatioColumn::Equity(Arc::new(self.clone()))
    }

    fn describe(&self) -> String {
        format!("hedges {} of equity", self.steps.steps())
    }
}

pub(super) const ENTRY: Entry<dyn Ratio> = Entry {
    name: "equity_ladder",
    about: "hedges more the deeper equity has fallen below its peak",
    example: "ratio = { equity_ladder = { at_percent = [2, 5, 10], hedge_percent = [25, 50, 100] } }",
    build: |setting| {
        let span = setting.span();
        let steps: DrawdownLadder = parameters(setting)?;
        steps.check().map_err(|message| SettingError::at(span, message))?;
        Ok(Box::new(EquityLadder { steps }))
    },
};
