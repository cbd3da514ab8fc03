//! Black-Scholes at the vol the option is marked at: e^((b−r)T) N(w d1) w, the delta that desks mean without more words.

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{HedgeDelta, View};

/// The delta.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlackScholesMark {}

impl HedgeDelta for BlackScholesMark {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn describe(&self) -> String {
        "Black-Scholes delta at the vol the option is marked at".to_owned()
    }

    fn delta(&self, view: &View<'_>) -> Option<f64> {
        Some(view.greeks()?.delta)
    }
}

pub(super) const ENTRY: Entry<dyn HedgeDelta> = Entry {
    name: "black_scholes",
    about: "Black-Scholes at the vol the option is marked at",
    example: "delta = \"black_scholes\"",
    build: |setting| Ok(Box::new(parameters::<BlackScholesMark>(setting)?)),
};
