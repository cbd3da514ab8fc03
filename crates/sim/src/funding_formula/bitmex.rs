//! `BitMEX`: interest while the average premium is near it, else the premium less a damper, paid eight hours later.
//!
//! ```text
//! rate = P + clamp(I − P, −c, c)        P: the plain average of the premium over the eight hours before the last payment
//! ```
//!
//! `BitMEX`, *Perpetual Contracts Guide*: paid at 04:00, 12:00 and 20:00 UTC; the rate is known an interval before it is paid.

use hedgerow_core::registry::{Entry, parameters};
use serde::Deserialize;

use super::{FundingFormula, Interval, Paid, Pays, Weights, fraction, percent};

/// Interest and damper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BitmexFunding {
    /// I: interest per eight hours, decimal.
    pub interest: f64,
    /// c: how far the interest may pull the premium, decimal.
    pub clamp: f64,
}

impl BitmexFunding {
    /// Interest of 0.01 % per eight hours, clamped at 0.05 %.
    pub const USUAL: Self = Self { interest: 0.0001, clamp: 0.0005 };
}

impl FundingFormula for BitmexFunding {
    /// ```
    /// # use hedgerow_sim::funding_formula::{BitmexFunding, FundingFormula};
    /// assert!((BitmexFunding::USUAL.rate(-0.001) + 0.0005).abs() < 1e-15);
    /// ```
    fn rate(&self, premium: f64) -> f64 {
        premium + (self.interest - premium).clamp(-self.clamp, self.clamp)
    }

    fn paid(&self) -> Paid {
        Paid::Every(Interval {
            hours: 8,
            at_hour: 4,
            weights: Weights::Equal,
            pays: Pays::ForTheOneBefore,
        })
    }

    fn describe(&self) -> String {
        format!(
            "BitMEX's formula (interest {}, clamp {} in 8 hours, paid 8 hours after the premium)",
            percent(self.interest),
            percent(self.clamp)
        )
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Typed {
    interest_percent: f64,
    clamp_percent: f64,
}

impl Default for Typed {
    fn default() -> Self {
        Self { interest_percent: 0.01, clamp_percent: 0.05 }
    }
}

pub(super) const ENTRY: Entry<dyn FundingFormula> = Entry {
    name: "bitmex",
    about: "as binance, of the plain average of the eight hours before the last payment; paid at 04:00, 12:00 and 20:00 UTC",
    example: "funding = \"bitmex\"",
    build: |setting| {
        let typed: Typed = parameters(setting)?;
        let formula = BitmexFunding {
            interest: fraction("interest_percent", typed.interest_percent)?,
            clamp: fraction("clamp_percent", typed.clamp_percent)?,
        };
        Ok(Box::new(formula))
    },
};
