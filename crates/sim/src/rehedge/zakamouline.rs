//! The band of Zakamouline for proportional costs, fitted to the numerical solution of Hodges and Neuberger.
//!
//! `half-width = H0 + H1`, in coins:
//!
//! ```text
//! H0 = cost / (risk_aversion · spot · vol² · years)
//! H1 = 1.12 · cost^0.31 · years^0.05 · (e^(-rate·years) / vol)^0.25 · (|gamma| / risk_aversion)^0.5
//! ```
//!
//! where `cost` is the one-way proportional cost and `risk_aversion` is absolute, per USD.
//! Source: Zakamouline (2006), "European option pricing and hedging with both fixed and proportional transaction costs",
//! Journal of Economic Dynamics and Control 30(1), and "Efficient analytic approximation of the optimal hedging strategy for a
//! European call option with transaction costs", Quantitative Finance 6(5); as in Sinclair, "Volatility Trading".
//! The band surrounds the leg's own delta; Zakamouline's delta, at a vol corrected for costs, is a delta, not a rule.
//! The book's whole gamma enters: n options with one risk aversion are one option with n times it.
//! Zero width where trading is free. Without an option (no vol, no expiry, no gamma) the width is 0.
//!
//! ```
//! # use hedgerow_sim::rehedge::{Now, zakamouline::Zakamouline};
//! # use hedgerow_core::Timestamp;
//! # let start = Timestamp::from_millis(0);
//! let now = Now { spot: 60_000.0, gamma: 3.5525983e-5, vol: Some(0.65), cost_rate: 0.0005, years: Some(30.0 / 365.0),
//! #   row: 0, rate: 0.0, time: start, previous: None, start };
//! let half_width = Zakamouline { risk_aversion: 1e-3 }.half_width(&now);
//! assert!((half_width - (0.0002399737 + 0.01966459)).abs() < 1e-8);
//! ```

use hedgerow_core::registry::{Entry, parameters};

use super::risk::{self, Banded};
use super::{Band, Hedge, Now, Rehedge, Rule};

/// The rule's parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zakamouline {
    /// Absolute risk aversion, per USD: the larger, the narrower the band.
    pub risk_aversion: f64,
}

impl Zakamouline {
    /// Half-width of the band, coins.
    #[inline]
    pub fn half_width(&self, now: &Now) -> f64 {
        let (Some(vol), Some(years)) = (now.vol, now.years) else { return 0.0 };
        if now.gamma == 0.0 || years <= 0.0 || now.cost_rate == 0.0 {
            return 0.0;
        }
        let aversion = self.risk_aversion;
        let h0 = now.cost_rate / (aversion * now.spot * vol * vol * years);
        let h1 = 1.12
            * now.cost_rate.powf(0.31)
            * years.powf(0.05)
            * ((-now.rate * years).exp() / vol).powf(0.25)
            * (now.gamma.abs() / aversion).sqrt();
        h0 + h1
    }
}

impl Banded for Zakamouline {
    fn half_width(&self, now: &Now) -> f64 {
        Self::half_width(self, now)
    }
}

impl Rehedge for Zakamouline {
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
    name: "zakamouline",
    about: "re-hedges when the hedge leaves the band of Zakamouline (2006), by risk aversion or by a cap on delta",
    example: "when = { zakamouline = { risk_aversion = 1e-4 } }",
    build: |setting| {
        let risk = parameters::<risk::Parameters>(setting)?.resolve()?;
        Ok(risk::rule(risk, |risk_aversion| Zakamouline { risk_aversion }))
    },
};
