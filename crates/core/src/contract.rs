//! What a contract promises: kinds, currencies, expiries, sizes.

use serde::Deserialize;

use crate::Timestamp;

/// Right to buy or right to sell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OptionKind {
    /// The right to buy.
    Call,
    /// The right to sell.
    Put,
}

impl OptionKind {
    /// w of the formulas: +1 for a call, −1 for a put.
    #[inline]
    pub const fn sign(self) -> f64 {
        match self {
            Self::Call => 1.0,
            Self::Put => -1.0,
        }
    }

    /// What the option pays at expiry, USD per coin of underlying.
    #[inline]
    pub fn payoff(self, spot: f64, strike: f64) -> f64 {
        (self.sign() * (spot - strike)).max(0.0)
    }

    /// `call` or `put`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Put => "put",
        }
    }
}

/// In what a contract's P&L, premium and payoff are paid; in a scenario `"usd"` or `"coin"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaidIn {
    /// In USD or a stablecoin: a linear contract.
    Usd,
    /// In the coin: an inverse contract.
    Coin,
}

/// What a venue fixes about a contract.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ContractTerms {
    /// In what it pays.
    pub paid_in: PaidIn,
    /// What one contract stands for: coins for a linear contract and for options, USD of notional for an inverse future.
    pub size: f64,
    /// Smallest step of its price, where it is known: USD for futures, the currency of payment for options.
    pub tick: Option<f64>,
    /// Smallest step of a trade in contracts, where it is known.
    pub lot: Option<f64>,
}

/// An option as listed.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionContract {
    /// As the venue calls it, `BTC-27MAR26-88000-C`.
    pub name: String,
    /// Call or put.
    pub kind: OptionKind,
    /// USD per coin, positive.
    pub strike: f64,
    /// When it expires.
    pub expiry: Timestamp,
}
