//! A line of the book as a user types it.

use hedgerow_core::PaidIn;
use serde::Deserialize;
use toml::Spanned;

use crate::{Strike, StrikeKey};

/// One `[[book]]` table as typed; [`resolve`](crate::resolve) checks it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "Typed")]
pub struct BookSpec {
    /// Ticker; may be left out when the market has one asset.
    pub asset: Option<Spanned<String>>,
    /// Bought or sold; spot is bought when nothing is said.
    pub side: Option<Side>,
    /// Coins of underlying, positive.
    pub quantity: Spanned<f64>,
    /// What is held.
    pub option: OptionSpec,
}

/// What is held, without how much of it: a line of the book and an option that hedges are typed with the same keys.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionSpec {
    /// Name in [`PROGRAMMES`](crate::PROGRAMMES).
    pub programme: Spanned<String>,
    /// Days from opening to expiry; a new option opens when one ends.
    pub tenor_days: Option<Spanned<f64>>,
    /// Instead of `tenor_days`: one option with this expiry, not re-opened.
    pub expiry: Option<Spanned<String>>,
    /// Close at mark and re-open this many days after opening, instead of at expiry.
    pub roll_days: Option<Spanned<f64>>,
    /// In what premium and payoff are paid; USD when nothing is said.
    pub settlement: Option<Spanned<PaidIn>>,
    /// Whether expiry and strikes are taken from the market's option chain; exact when nothing is said.
    pub listed: Option<Spanned<bool>>,
    /// Strike of a call, put or straddle.
    pub strike: Option<Spanned<Strike>>,
    /// Strike of the put of a strangle or collar.
    pub put: Option<Spanned<Strike>>,
    /// Strike of the call of a strangle or collar.
    pub call: Option<Spanned<Strike>>,
    /// Lower strike of a put spread.
    pub lower: Option<Spanned<Strike>>,
    /// Upper strike of a put spread.
    pub upper: Option<Spanned<Strike>>,
}

/// Bought or sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Bought.
    Long,
    /// Sold.
    Short,
}

impl OptionSpec {
    /// The strike typed under `key`.
    pub(crate) fn strike_under(&self, key: StrikeKey) -> Option<&Spanned<Strike>> {
        match key {
            StrikeKey::Strike => self.strike.as_ref(),
            StrikeKey::Put => self.put.as_ref(),
            StrikeKey::Call => self.call.as_ref(),
            StrikeKey::Lower => self.lower.as_ref(),
            StrikeKey::Upper => self.upper.as_ref(),
        }
    }
}

/// The flat table: serde cannot both flatten a struct and refuse unknown keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    programme: Spanned<String>,
    asset: Option<Spanned<String>>,
    side: Option<Side>,
    quantity: Spanned<f64>,
    tenor_days: Option<Spanned<f64>>,
    expiry: Option<Spanned<String>>,
    roll_days: Option<Spanned<f64>>,
    settlement: Option<Spanned<PaidIn>>,
    listed: Option<Spanned<bool>>,
    strike: Option<Spanned<Strike>>,
    put: Option<Spanned<Strike>>,
    call: Option<Spanned<Strike>>,
    lower: Option<Spanned<Strike>>,
    upper: Option<Spanned<Strike>>,
}

impl From<Typed> for BookSpec {
    fn from(typed: Typed) -> Self {
        Self {
            asset: typed.asset,
            side: typed.side,
            quantity: typed.quantity,
            option: OptionSpec {
                programme: typed.programme,
                tenor_days: typed.tenor_days,
                expiry: typed.expiry,
                roll_days: typed.roll_days,
                settlement: typed.settlement,
                listed: typed.listed,
                strike: typed.strike,
                put: typed.put,
                call: typed.call,
                lower: typed.lower,
                upper: typed.upper,
            },
        }
    }
}
