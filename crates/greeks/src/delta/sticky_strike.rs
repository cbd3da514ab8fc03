//! Sticky strike: the vol of a strike stays when the spot moves.
//!
//! `Δ = Δ_BS(σ(k))` at the smile's vol of the option's own strike (Derman, *Regimes of volatility*, Risk, April 1999).

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{HedgeDelta, View};

/// The delta.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StickyStrike {}

impl HedgeDelta for StickyStrike {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn needs_chain(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        "sticky-strike delta: Black-Scholes at the fitted smile's vol of the strike".to_owned()
    }

    fn delta(&self, view: &View<'_>) -> Option<f64> {
        Some(view.on_smile()?.0.delta)
    }
}

pub(super) const ENTRY: Entry<dyn HedgeDelta> = Entry {
    name: "sticky_strike",
    about: "the fitted smile's vol of the strike, which stays when the spot moves",
    example: "delta = \"sticky_strike\"",
    build: |setting| Ok(Box::new(parameters::<StickyStrike>(setting)?)),
};
