//! Bartlett's delta: SABR's, with the part of the vol's own move that the forward explains. Minimum variance in the model.
//!
//! `Δ = Δ_BS + vega (∂σ/∂F + ∂σ/∂α ρν/F^β) F/S` (Bartlett, *Hedging under SABR model*, Wilmott Magazine, July 2006).

use hedgerow_core::registry::{Entry, parameters};

use super::{HedgeDelta, Memory, View, sabr, within};
use crate::Smile;

/// The delta.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bartlett {
    /// β: 1 for crypto.
    pub beta: f64,
}

impl HedgeDelta for Bartlett {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn needs_chain(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        format!("Bartlett's SABR delta with beta {}, fitted to the smile of each expiry", self.beta)
    }

    fn tune(&self, smile: &Smile) -> Memory {
        sabr::tune(smile, self.beta)
    }

    fn delta(&self, view: &View<'_>) -> Option<f64> {
        let forward = view.forward();
        sabr::delta(view, |model, slopes| {
            slopes.to_forward + slopes.to_alpha * model.rho * model.nu / forward.powf(model.beta)
        })
    }
}

pub(super) const ENTRY: Entry<dyn HedgeDelta> = Entry {
    name: "bartlett",
    about: "SABR's delta with the part of the vol's move that the forward explains (minimum variance)",
    example: "delta = { bartlett = { beta = 1 } }",
    build: |setting| {
        let typed: sabr::Typed = parameters(setting)?;
        Ok(Box::new(Bartlett { beta: within("beta", &typed.beta, 0.0, 1.0)? }))
    },
};
