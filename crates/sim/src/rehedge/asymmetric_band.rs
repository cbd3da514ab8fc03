//! Re-hedges when the net delta has fallen or risen too far: `-down <= held - ideal <= up`.
//!
//! Both widths are in coins of net delta of the whole book, measured from the target (Greeks.live's Delta Threshold down
//! and up). Equal widths are the [`delta_band`](super::delta_band).

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{Band, Hedge, Now, Rehedge, Rule, at_least_zero};

/// A band with two widths.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsymmetricBand {
    /// How far the net delta may fall below its target, coins.
    pub down: f64,
    /// How far it may rise above, coins.
    pub up: f64,
}

impl Rehedge for AsymmetricBand {
    #[inline]
    fn band(&self, ideal: f64, _: &Now, _: &Hedge<'_>) -> Band {
        Band { low: ideal - self.down, high: ideal + self.up }
    }
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "asymmetric_band",
    about: "re-hedges when the net delta has fallen by `down` or risen by `up` coins",
    example: "when = { asymmetric_band = { down = 0.3, up = 0.6 } }",
    build: |setting| {
        let rule: AsymmetricBand = parameters(setting)?;
        at_least_zero("down", rule.down)?;
        at_least_zero("up", rule.up)?;
        Ok(Box::new(rule))
    },
};
