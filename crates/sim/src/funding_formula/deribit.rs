//! Deribit: no funding while the premium is within a damper; beyond, what it exceeds the damper by, up to a cap.
//!
//! ```text
//! rate = max(d, p) + min(−d, p), cut to ± cap       p: the premium now
//! ```
//!
//! Deribit, *Inverse Perpetual*, support article 31424939178397. Paid at every instant: an hour pays an eighth. An inverse
//! perpetual pays on its size in coins, which is its USD over the index.

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{CountedAt, FundingFormula, Paid, fraction, percent};

/// Damper and cap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeribitFunding {
    /// d: premium up to which nothing is paid, decimal.
    pub damper: f64,
    /// The most that is paid in eight hours, decimal.
    pub cap: f64,
}

impl DeribitFunding {
    /// The damper and cap of the BTC and ETH perpetuals: 0.025 % and 0.5 %. The damper was 0.05 % at first.
    pub const CLASSIC: Self = Self { damper: 0.000_25, cap: 0.005 };
}

impl FundingFormula for DeribitFunding {
    /// ```
    /// # use hedgerow_sim::funding_formula::{DeribitFunding, FundingFormula};
    /// assert!((DeribitFunding::CLASSIC.rate(0.0005) - 0.00025).abs() < 1e-15);
    /// ```
    fn rate(&self, premium: f64) -> f64 {
        let rate = self.damper.max(premium) + (-self.damper).min(premium);
        rate.clamp(-self.cap, self.cap)
    }

    fn paid(&self) -> Paid {
        Paid::Always
    }

    fn counted_at(&self) -> CountedAt {
        CountedAt::Index
    }

    fn describe(&self) -> String {
        format!(
            "Deribit's formula (damper {}, cap {} in 8 hours, paid continuously; an inverse perpetual's USD count as coins at \
             the index)",
            percent(self.damper),
            percent(self.cap)
        )
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Typed {
    damper_percent: f64,
    cap_percent: f64,
}

impl Default for Typed {
    fn default() -> Self {
        Self { damper_percent: 0.025, cap_percent: 0.5 }
    }
}

pub(super) const ENTRY: Entry<dyn FundingFormula> = Entry {
    name: "deribit",
    about: "what the premium exceeds a damper by, up to a cap, paid continuously; 0.025 % and 0.5 % if nothing is said",
    example: "funding = { deribit = { damper_percent = 0.025, cap_percent = 0.5 } }",
    build: |setting| {
        let typed: Typed = parameters(setting)?;
        let formula = DeribitFunding {
            damper: fraction("damper_percent", typed.damper_percent)?,
            cap: fraction("cap_percent", typed.cap_percent)?,
        };
        Ok(Box::new(formula))
    },
};
