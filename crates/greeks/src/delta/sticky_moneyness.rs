//! Sticky moneyness: the smile moves with the spot, as in any scale-invariant model.
//!
//! `Δ = Δ_BS − (vega/S) dσ/dk = Δ_BS − (K/S) vega dσ/dK`: with vol a function of K/S the price is homogeneous of degree
//! one in S and K, and this is its exact delta (Bates, *Hedging the smirk*, Finance Research Letters 2(4), 2005; Alexander
//! and Nogueira, *Model-free hedge ratios and scale-invariant models*, Journal of Banking and Finance 31(6), 2007).

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::skew_stickiness::SkewStickiness;
use super::{HedgeDelta, View};

/// The delta.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StickyMoneyness {}

impl HedgeDelta for StickyMoneyness {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn needs_chain(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        "sticky-moneyness delta: the fitted smile moves with the spot".to_owned()
    }

    fn delta(&self, view: &View<'_>) -> Option<f64> {
        SkewStickiness { ratio: 0.0 }.delta(view)
    }
}

pub(super) const ENTRY: Entry<dyn HedgeDelta> = Entry {
    name: "sticky_moneyness",
    about: "the fitted smile moves with the spot (sticky delta, scale-invariant)",
    example: "delta = \"sticky_moneyness\"",
    build: |setting| Ok(Box::new(parameters::<StickyMoneyness>(setting)?)),
};
