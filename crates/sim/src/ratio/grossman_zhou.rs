//! Drawdown control of Grossman and Zhou: wealth never below a share of its highest value, grown at the interest rate.
//!
//! `exposure = multiple · max(equity - alpha · M, 0)` with `M` the highest of `e^(rate·(t-s)) · equity(s)` over `s <= t`, and
//! `alpha = 1 - max_drawdown_percent/100`; the ratio is `1 - exposure / |net delta · spot|`, between 0 and 1. Grossman and
//! Zhou (1993, "Optimal investment strategies for controlling drawdowns", Mathematical Finance 3(3)) show this form to be
//! optimal for a power utility of long-run growth, with a multiple that is a constant over the variance times the excess
//! return; here the user states it. Trading at rows only, a jump can break the limit.

use std::sync::Arc;

use hedgerow_core::registry::{Entry, SettingError, parameters};
use serde::Deserialize;

use super::{EquityNow, EquityRatio, History, Ratio, RatioColumn};
use crate::rehedge::above_zero;

/// A drawdown and a multiple.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrossmanZhou {
    /// Deepest drawdown of equity that is accepted, per cent.
    pub max_drawdown_percent: f64,
    /// Exposure per unit of cushion.
    pub multiple: f64,
}

impl EquityRatio for GrossmanZhou {
    fn ratio(&self, now: &EquityNow) -> f64 {
        let least = (1.0 - self.max_drawdown_percent / 100.0) * now.grown_peak;
        now.leaving(self.multiple * (now.equity - least).max(0.0))
    }
}

impl Ratio for GrossmanZhou {
    fn column(&self, _: &History<'_>) -> RatioColumn {
        RatioColumn::Equity(Arc::new(*self))
    }

    fn describe(&self) -> String {
        format!(
            "Grossman-Zhou: leaves {} times what equity exceeds its peak less {} %",
            self.multiple, self.max_drawdown_percent
        )
    }
}

pub(super) const ENTRY: Entry<dyn Ratio> = Entry {
    name: "grossman_zhou",
    about: "leaves unhedged a multiple of what equity is above its deepest accepted drawdown",
    example: "ratio = { grossman_zhou = { max_drawdown_percent = 20, multiple = 2 } }",
    build: |setting| {
        let span = setting.span();
        let ratio: GrossmanZhou = parameters(setting)?;
        above_zero("multiple", ratio.multiple)?;
        let drawdown = ratio.max_drawdown_percent;
        if !(drawdown > 0.0 && drawdown < 100.0) {
            let message =
                format!("max_drawdown_percent is {drawdown}, expected above 0, below 100");
            return Err(SettingError::at(span, message));
        }
        Ok(Box::new(ratio))
    },
};
