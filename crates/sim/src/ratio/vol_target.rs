//! Hedges so much that what is left has a stated vol.
//!
//! `ratio = 1 - target / vol`, between 0 and 1: a holder whose coin runs at twice the target hedges half. `vol` is the
//! realised vol of the spot over the last `window_days` days (squared log returns, mean taken as 0) as known at the row.
//! After Moreira and Muir (2017, "Volatility-managed portfolios", Journal of Finance 72(4)), on vol instead of variance.

use hedgerow_core::Percent;
use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{History, Ratio, RatioColumn};
use crate::rehedge::above_zero;
use crate::rolling::rolling_vol;

/// A target and a window.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolTarget {
    /// Vol of what is left unhedged, per cent a year.
    pub vol_percent: Percent,
    /// Length of the window, days.
    pub window_days: f64,
}

impl Ratio for VolTarget {
    fn column(&self, history: &History<'_>) -> RatioColumn {
        let target = self.vol_percent.fraction();
        let ratio = |vol: f64| if vol > target { 1.0 - target / vol } else { 0.0 };
        let vols = rolling_vol(history.time, history.spot, self.window_days);
        RatioColumn::Rows(vols.into_iter().map(|vol| vol.map(ratio)).collect())
    }

    fn describe(&self) -> String {
        format!(
            "leaves a vol of {} %, by the realised vol of the last {} days",
            self.vol_percent.0, self.window_days
        )
    }
}

pub(super) const ENTRY: Entry<dyn Ratio> = Entry {
    name: "vol_target",
    about: "hedges so much that what is left has a stated vol, by the realised vol of a window",
    example: "ratio = { vol_target = { vol_percent = 30, window_days = 10 } }",
    build: |setting| {
        let ratio: VolTarget = parameters(setting)?;
        above_zero("vol_percent", ratio.vol_percent.0)?;
        above_zero("window_days", ratio.window_days)?;
        Ok(Box::new(ratio))
    },
};
