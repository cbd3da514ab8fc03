//! Re-hedges when the net delta is more than what gamma makes of a stated move of the spot.
//!
//! `half-width = |gamma| · spot · move`, in coins. The band follows gamma: wide at the strike near expiry, narrow in the
//! wings. With one option it comes to hedging whenever the spot has moved by so much from where the hedge was right: a
//! hitting-time rule, whose exit times Fukasawa (2011, "Discretization error of stochastic integrals", Annals of Applied
//! Probability 21(4)) and Rosenbaum and Tankov (2014, "Asymptotically optimal discretization of hedging strategies with
//! jumps", Annals of Applied Probability 24(3)) show to beat a clock.

use hedgerow_core::Percent;
use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{Band, Hedge, Now, Rehedge, Rule, at_least_zero};

/// A band that follows gamma.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GammaBand {
    /// Move of the spot, per cent.
    pub percent: Percent,
}

impl Rehedge for GammaBand {
    #[inline]
    fn band(&self, ideal: f64, now: &Now, _: &Hedge<'_>) -> Band {
        Band::around(ideal, (now.gamma * now.spot).abs() * self.percent.fraction())
    }

    fn is_of_delta(&self) -> bool {
        true
    }
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "gamma_band",
    about: "re-hedges when the net delta exceeds what gamma makes of a spot move of so many per cent",
    example: "when = { gamma_band = { percent = 2 } }",
    build: |setting| {
        let rule: GammaBand = parameters(setting)?;
        at_least_zero("percent", rule.percent.0)?;
        Ok(Box::new(rule))
    },
};
