//! Binance: interest while the average premium is near it, else the premium less a damper.
//!
//! ```text
//! rate = P + clamp(I − P, −c, c)        P: the premium of the interval, averaged with weights that rise with time
//! ```
//!
//! Binance, *Introduction to Binance Futures Funding Rates*, support article 360033525031. An interval of N hours pays N/8 of
//! the rate (announcement of September 2025). The caps that Binance sets for each contract by its margin are not part of it:
//! `cap_percent` is one.

use hedgerow_core::registry::{Entry, SettingError, parameters};
use serde::Deserialize;

use super::{FundingFormula, Interval, Paid, Pays, Weights, fraction, percent};

/// Interest and damper; the premium is averaged over eight hours unless an interval is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BinanceFunding {
    /// I: interest per eight hours, decimal; 0 for some contracts.
    pub interest: f64,
    /// c: how far the interest may pull the premium, decimal.
    pub clamp: f64,
    /// The most that is paid for eight hours, decimal; `None` for no limit.
    pub cap: Option<f64>,
    /// Hours from payment to payment, a divisor of 24.
    pub interval_hours: u8,
}

impl BinanceFunding {
    /// Interest of 0.01 % per eight hours, clamped at 0.05 %: most contracts.
    pub const USUAL: Self = Self { interest: 0.0001, clamp: 0.0005, cap: None, interval_hours: 8 };
}

impl FundingFormula for BinanceFunding {
    /// ```
    /// # use hedgerow_sim::funding_formula::{BinanceFunding, FundingFormula};
    /// assert!((BinanceFunding::USUAL.rate(0.001) - 0.0005).abs() < 1e-15);
    /// ```
    fn rate(&self, premium: f64) -> f64 {
        let rate = premium + (self.interest - premium).clamp(-self.clamp, self.clamp);
        self.cap.map_or(rate, |cap| rate.clamp(-cap, cap))
    }

    fn paid(&self) -> Paid {
        Paid::Every(Interval {
            hours: self.interval_hours,
            at_hour: 0,
            weights: Weights::Rising,
            pays: Pays::ForItself,
        })
    }

    fn describe(&self) -> String {
        let cap = self.cap.map_or_else(String::new, |cap| format!(", cap {}", percent(cap)));
        format!(
            "Binance's formula (interest {}, clamp {}{cap} in 8 hours, paid every {} hours)",
            percent(self.interest),
            percent(self.clamp),
            self.interval_hours
        )
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Typed {
    interest_percent: f64,
    clamp_percent: f64,
    cap_percent: Option<f64>,
    interval_hours: u8,
}

impl Default for Typed {
    fn default() -> Self {
        Self { interest_percent: 0.01, clamp_percent: 0.05, cap_percent: None, interval_hours: 8 }
    }
}

pub(super) const ENTRY: Entry<dyn FundingFormula> = Entry {
    name: "binance",
    about: "interest while the premium is near it, else the premium less a clamp; averaged and paid every 8 hours if nothing is said",
    example: "funding = { binance = { interest_percent = 0.01, clamp_percent = 0.05, cap_percent = 0.3, interval_hours = 4 } }",
    build: |setting| {
        let typed: Typed = parameters(setting)?;
        if typed.interval_hours == 0 || 24 % typed.interval_hours != 0 {
            let hours = typed.interval_hours;
            let message = format!("interval_hours is {hours}, expected a divisor of 24");
            return Err(SettingError { message, span: None });
        }
        let formula = BinanceFunding {
            interest: fraction("interest_percent", typed.interest_percent)?,
            clamp: fraction("clamp_percent", typed.clamp_percent)?,
            cap: typed.cap_percent.map(|cap| fraction("cap_percent", cap)).transpose()?,
            interval_hours: typed.interval_hours,
        };
        Ok(Box::new(formula))
    },
};
