//! Re-hedges when the net delta leaves a fixed band: `|held - ideal| > half-width`.
//!
//! The half-width is in coins of net delta, of the whole book: a band of 0.05 per option on a book of 10 is 0.5.
//!
//! ```
//! # use hedgerow_sim::rehedge::{Rehedge, Hedge, Now, Spent, delta_band::DeltaBand};
//! # use hedgerow_core::Timestamp;
//! # let start = Timestamp::from_millis(0);
//! # let now = Now { row: 0, time: start, previous: None, start, spot: 1.0, gamma: 0.0, vol: None, years: None, cost_rate: 0.0, rate: 0.0 };
//! # let spent = Spent::default();
//! # let hedge = Hedge { held: 0.0, rehedged: None, spent: &spent };
//! let band = DeltaBand { half_width: 0.05 }.band(0.30, &now, &hedge);
//! assert!(band.contains(0.34) && !band.contains(0.36));
//! ```

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{Band, Hedge, Now, Rehedge, Rule, at_least_zero};

/// A fixed band.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct DeltaBand {
    /// Coins.
    pub half_width: f64,
}

impl Rehedge for DeltaBand {
    #[inline]
    fn band(&self, ideal: f64, _: &Now, _: &Hedge<'_>) -> Band {
        Band::around(ideal, self.half_width)
    }
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "delta_band",
    about: "re-hedges when the hedge is further than so much from the ideal: coins of delta, against vega USD per vol point, against \
            gamma coins per 1 % of the spot, against a size units",
    example: "when = { delta_band = 0.5 }",
    build: |setting| {
        let rule: DeltaBand = parameters(setting)?;
        at_least_zero("delta_band", rule.half_width)?;
        Ok(Box::new(rule))
    },
};
