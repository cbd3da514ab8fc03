//! Constant-proportion portfolio insurance: what is left unhedged is a multiple of the cushion above a floor.
//!
//! `exposure = multiple · max(equity - floor, 0)`, `floor = floor_percent/100 · starting equity · e^(rate·years)`, and the
//! ratio is `1 - exposure / |net delta · spot|`, between 0 and 1: no leverage beyond what the book holds, no hedge beyond all
//! of it. Black and Jones (1987, "Simplifying portfolio insurance", Journal of Portfolio Management 14(1)); Perold and Sharpe
//! (1988, "Dynamic strategies for asset allocation", Financial Analysts Journal 44(1)). With jumps or rare trading the floor
//! can be breached: the loss of one row beyond `1/multiple` breaks it.

use std::sync::Arc;

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{EquityNow, EquityRatio, History, Ratio, RatioColumn};
use crate::rehedge::{above_zero, at_least_zero};

/// A floor and a multiple.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cppi {
    /// Floor at the start, per cent of starting equity; it grows at the interest rate.
    pub floor_percent: f64,
    /// Exposure per unit of cushion.
    pub multiple: f64,
}

impl EquityRatio for Cppi {
    fn ratio(&self, now: &EquityNow) -> f64 {
        let floor = self.floor_percent / 100.0 * now.start * (now.rate * now.years).exp();
        now.leaving(self.multiple * (now.equity - floor).max(0.0))
    }
}

impl Ratio for Cppi {
    fn column(&self, _: &History<'_>) -> RatioColumn {
        RatioColumn::Equity(Arc::new(*self))
    }

    fn describe(&self) -> String {
        format!(
            "CPPI: leaves {} times what equity exceeds a floor of {} % of its start",
            self.multiple, self.floor_percent
        )
    }
}

pub(super) const ENTRY: Entry<dyn Ratio> = Entry {
    name: "cppi",
    about: "leaves unhedged a multiple of what equity exceeds a floor that grows at the interest rate",
    example: "ratio = { cppi = { floor_percent = 80, multiple = 3 } }",
    build: |setting| {
        let ratio: Cppi = parameters(setting)?;
        at_least_zero("floor_percent", ratio.floor_percent)?;
        above_zero("multiple", ratio.multiple)?;
        Ok(Box::new(ratio))
    },
};
