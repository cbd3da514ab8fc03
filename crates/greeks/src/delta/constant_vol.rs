//! Black-Scholes at one vol for all time: what the hedger believes, whatever the market says.
//!
//! Hedging at the vol that is then realised makes the P&L at expiry certain, V(realised) − V(implied) (Ahmad and Wilmott,
//! *Which free lunch would you like today, sir?*, Wilmott Magazine, November 2005).

use hedgerow_core::Percent;
use hedgerow_core::registry::{Entry, SettingError, parameters};
use serde::Deserialize;
use toml::Spanned;

use super::{HedgeDelta, View};

/// The delta.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConstantVol {
    /// Annualised, per cent.
    pub percent: Percent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    percent: Spanned<Percent>,
}

impl HedgeDelta for ConstantVol {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn describe(&self) -> String {
        format!("Black-Scholes delta at a constant vol of {} %", self.percent.0)
    }

    fn delta(&self, view: &View<'_>) -> Option<f64> {
        Some(view.greeks_at(self.percent.fraction())?.delta)
    }
}

pub(super) const ENTRY: Entry<dyn HedgeDelta> = Entry {
    name: "constant_vol",
    about: "Black-Scholes at the same vol at every row, in per cent a year",
    example: "delta = { constant_vol = { percent = 55 } }",
    build: |setting| {
        let typed: Typed = parameters(setting)?;
        let percent = *typed.percent.get_ref();
        if (1.0..=1000.0).contains(&percent.0) {
            return Ok(Box::new(ConstantVol { percent }));
        }
        Err(SettingError::at(
            typed.percent.span(),
            format!("`percent` must lie between 1 and 1000 (55 means 55 %), found {}", percent.0),
        ))
    },
};
