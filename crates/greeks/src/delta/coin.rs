//! The premium-adjusted delta: neutral in coins.
//!
//! `Δ_coin = Δ_BS − value / spot`: an option whose premium is paid in the coin has that much less to hedge. On a forward
//! it is w (K/F) N(w d2), Deribit's net transaction delta (Wystup, *FX Options and Structured Products*, 2006; Alexander,
//! Chen and Imeraj, Mathematical Finance, 2023).

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{HedgeDelta, View};

/// The delta.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coin {}

impl HedgeDelta for Coin {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn describe(&self) -> String {
        "premium-adjusted delta: Black-Scholes less the option's value in coins".to_owned()
    }

    fn delta(&self, view: &View<'_>) -> Option<f64> {
        let greeks = view.greeks()?;
        Some(greeks.delta - greeks.value / view.terms.spot)
    }
}

pub(super) const ENTRY: Entry<dyn HedgeDelta> = Entry {
    name: "coin",
    about: "premium-adjusted: Black-Scholes less the option's value in coins, neutral in coins",
    example: "delta = \"coin\"",
    build: |setting| Ok(Box::new(parameters::<Coin>(setting)?)),
};
