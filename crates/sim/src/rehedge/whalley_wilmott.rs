//! The band of Whalley and Wilmott for small proportional costs.
//!
//! `half-width = (3/2 · e^(-rate·years) · cost · spot · gamma² / risk_aversion)^(1/3)`, in coins, where `cost` is the
//! one-way proportional cost and `risk_aversion` is absolute, per USD.
//! Source: Whalley, Wilmott (1997), "An asymptotic analysis of an optimal hedging model for option pricing with
//! transaction costs", Mathematical Finance 7(3), eq. 3.10; as in Sinclair, "Volatility Trading", eq. 4.9.
//! Limits: 0 where the cost or gamma is 0 (re-hedge at every row); the sign of gamma does not matter.
//! The book's whole gamma enters, so that 8 times the book has 4 times the half-width.
//!
//! ```
//! # use hedgerow_sim::rehedge::{Now, whalley_wilmott::WhalleyWilmott};
//! # use hedgerow_core::Timestamp;
//! # let start = Timestamp::from_millis(0);
//! let now = Now { spot: 60_000.0, gamma: 3.5525983e-5, cost_rate: 0.0005, years: Some(30.0 / 365.0), rate: 0.0,
//! #   row: 0, vol: None, time: start, previous: None, start };
//! let half_width = WhalleyWilmott { risk_aversion: 1e-3 }.half_width(&now);
//! assert!((half_width - 0.03843866).abs() < 1e-8);
//! ```

use hedgerow_core::registry::{Entry, parameters};

use super::risk::{self, Banded};
use super::{Band, Hedge, Now, Rehedge, Rule};

/// The rule's parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WhalleyWilmott {
    /// Absolute risk aversion, per USD: the larger, the narrower the band.
    pub risk_aversion: f64,
}

impl WhalleyWilmott {
    /// Half-width of the band, coins.
    #[inline]
    pub fn half_width(&self, now: &Now) -> f64 {
        let discount =
            if now.rate == 0.0 { 1.0 } else { (-now.rate * now.years.unwrap_or(0.0)).exp() };
        (1.5 * discount * now.cost_rate * now.spot * now.gamma * now.gamma / self.risk_aversion)
            .cbrt()
    }
}

impl Banded for WhalleyWilmott {
    fn half_width(&self, now: &Now) -> f64 {
        Self::half_width(self, now)
    }
}

impl Rehedge for WhalleyWilmott {
    #[inline]
    fn band(&self, ideal: f64, now: &Now, _: &Hedge<'_>) -> Band {
        Band::around(ideal, self.half_width(now))
    }

    fn risk_aversion(&self) -> Option<f64> {
        Some(self.risk_aversion)
    }

    fn is_of_delta(&self) -> bool {
        true
    }
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "whalley_wilmott",
    about: "re-hedges when the hedge leaves the band of Whalley and Wilmott (1997), which weighs cost against gamma",
    example: "when = { whalley_wilmott = { risk_aversion = 1e-4 } }",
    build: |setting| {
        let risk = parameters::<risk::Parameters>(setting)?.resolve()?;
        Ok(risk::rule(risk, |risk_aversion| WhalleyWilmott { risk_aversion }))
    },
};
