//! Time-invariant portfolio protection: CPPI whose floor is a share of the highest equity so far and never falls.
//!
//! `exposure = multiple · max(equity - floor, 0)`, `floor = floor_percent/100 · highest equity`; the ratio is
//! `1 - exposure / |net delta · spot|`, between 0 and 1. Estep and Kritzman (1988, "TIPP: insurance without complexity",
//! Journal of Portfolio Management 14(4)).

use std::sync::Arc;

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{EquityNow, EquityRatio, History, Ratio, RatioColumn};
use crate::rehedge::{above_zero, at_least_zero};

/// A floor and a multiple.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tipp {
    /// Floor, per cent of the highest equity so far.
    pub floor_percent: f64,
    /// Exposure per unit of cushion.
    pub multiple: f64,
}

impl EquityRatio for Tipp {
    fn ratio(&self, now: &EquityNow) -> f64 {
        let floor = self.floor_percent / 100.0 * now.peak;
        now.leaving(self.multiple * (now.equity - floor).max(0.0))
    }
}

impl Ratio for Tipp {
    fn column(&self, _: &History<'_>) -> RatioColumn {
        RatioColumn::Equity(Arc::new(*self))
    }

    fn describe(&self) -> String {
        format!(
            "TIPP: leaves {} times what equity exceeds {} % of its peak",
            self.multiple, self.floor_percent
        )
    }
}

pub(super) const ENTRY: Entry<dyn Ratio> = Entry {
    name: "tipp",
    about: "leaves unhedged a multiple of what equity exceeds a share of its highest value so far",
    example: "ratio = { tipp = { floor_percent = 85, multiple = 3 } }",
    build: |setting| {
        let ratio: Tipp = parameters(setting)?;
        at_least_zero("floor_percent", ratio.floor_percent)?;
        above_zero("multiple", ratio.multiple)?;
        Ok(Box::new(ratio))
    },
};
