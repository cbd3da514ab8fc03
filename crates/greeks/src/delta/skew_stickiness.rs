//! The skew-stickiness family: how far the vol at the money travels along the skew when the spot moves.
//!
//! ```text
//! Δ = Δ_BS + (R − 1) (vega/S) dσ/dk        R = (dσ_ATM / d ln S) / (dσ/dk)
//! ```
//!
//! R is Bergomi's skew-stickiness ratio (*Smile dynamics IV*, Risk, December 2009): 0 is sticky moneyness, 1 sticky
//! strike, 2 the local-vol model for short expiries. The vol of a fixed strike moves by
//! (R − 1) dσ/dk per unit of ln S, with the skew at that strike: exact for R = 0 and 1, to first order about the money
//! for others.

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;
use toml::Spanned;

use super::{HedgeDelta, View, within};

/// The delta.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SkewStickiness {
    /// R.
    pub ratio: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    ratio: Spanned<f64>,
}

impl HedgeDelta for SkewStickiness {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn needs_chain(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        format!("smile delta with a skew-stickiness ratio of {}", self.ratio)
    }

    fn delta(&self, view: &View<'_>) -> Option<f64> {
        let (greeks, skew) = view.on_smile()?;
        Some(greeks.delta + (self.ratio - 1.0) * greeks.vega / view.terms.spot * skew)
    }
}

pub(super) const ENTRY: Entry<dyn HedgeDelta> = Entry {
    name: "skew_stickiness",
    about: "the vol at the money moves so many times along the skew: 0 sticky moneyness, 1 sticky strike, 2 local vol",
    example: "delta = { skew_stickiness = { ratio = 1.5 } }",
    build: |setting| {
        let typed: Typed = parameters(setting)?;
        Ok(Box::new(SkewStickiness { ratio: within("ratio", &typed.ratio, -10.0, 10.0)? }))
    },
};
