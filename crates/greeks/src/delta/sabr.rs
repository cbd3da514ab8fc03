//! SABR's delta: the vol follows the forward as the model's smile says, its own vol held.
//!
//! `Δ = Δ_BS + vega ∂σ/∂F · F/S` (Hagan, Kumar, Lesniewski and Woodward 2002, section 3.5), with α, ρ and ν fitted to the
//! smile of the option's expiry at the β given. Vol and slopes are those of the fitted model at the option's strike.
//!
//! With β < 1 the vol at the money falls as the forward rises, by (β − 1) vol/F per USD, whatever the smile is. So on a flat
//! smile the delta is that of Black-Scholes for β = 1 only: below, it is lower by (1 − β) vol · vega/S at the money, which is
//! what who chooses such a β says of the market.

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;
use toml::Spanned;

use super::{HedgeDelta, Memory, View, within};
use crate::Smile;
use crate::smile::{Sabr, SmileQuote, fit_sabr};

/// The delta.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SabrDelta {
    /// β: 1 for crypto.
    pub beta: f64,
}

/// The parameters of both SABR deltas.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Typed {
    pub(super) beta: Spanned<f64>,
}

/// Standard deviations at which the smile is read, both sides and the money.
const READ_AT: [f64; 9] = [-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0];

/// SABR of a smile; the money counts most.
pub(super) fn tune(smile: &Smile, beta: f64) -> Memory {
    let deviation = smile.at(0.0).value.sqrt();
    let quotes = READ_AT.map(|deviations| {
        let k = deviations * deviation;
        SmileQuote {
            log_moneyness: k,
            vol: smile.vol(k),
            weight: (-0.5 * deviations * deviations).exp(),
        }
    });
    fit_sabr(&quotes, smile.forward, smile.years, beta).map_or(Memory::Nothing, Memory::Sabr)
}

/// Black-Scholes delta and what the vol's move adds, given how much it moves per USD of forward.
pub(super) fn delta(
    view: &View<'_>,
    per_forward: impl Fn(&Sabr, crate::smile::SabrSlopes) -> f64,
) -> Option<f64> {
    let Memory::Sabr(model) = view.tuned else { return None };
    let forward = view.forward();
    let slopes = model.slopes(forward, view.terms.strike, view.terms.years)?;
    let greeks = view.greeks_at(slopes.vol)?;
    Some(greeks.delta + greeks.vega * per_forward(&model, slopes) * forward / view.terms.spot)
}

impl HedgeDelta for SabrDelta {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn needs_chain(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        let backbone = if self.beta < 1.0 {
            "; with a beta below 1 the vol at the money falls as the forward rises, also on a flat smile"
        } else {
            ""
        };
        format!(
            "SABR's delta with beta {}, fitted to the smile of each expiry{backbone}",
            self.beta
        )
    }

    fn tune(&self, smile: &Smile) -> Memory {
        tune(smile, self.beta)
    }

    fn delta(&self, view: &View<'_>) -> Option<f64> {
        delta(view, |_, slopes| slopes.to_forward)
    }
}

pub(super) const ENTRY: Entry<dyn HedgeDelta> = Entry {
    name: "sabr",
    about: "the vol follows the forward along SABR's smile, fitted per expiry at a fixed beta",
    example: "delta = { sabr = { beta = 1 } }",
    build: |setting| {
        let typed: Typed = parameters(setting)?;
        Ok(Box::new(SabrDelta { beta: within("beta", &typed.beta, 0.0, 1.0)? }))
    },
};
