//! What a venue asks of an account: one file per margin model.
//!
//! A model is typed once and bound to a market's assets ([`MarginModel::bind`]). It then answers, for what is held at some
//! prices, with the USD that opening it takes and the USD that keeping it takes. It knows no options: what they ask is in
//! columns ([`OptionMargin`](hedgerow_core::OptionMargin)) that are made for what the model [asks](MarginModel::ask) of them.

use std::fmt;

use hedgerow_core::registry::{Entry, SettingError};
use hedgerow_core::{Contract, OptionMarginAsk, Timestamp};

pub mod binance_tiers;
pub mod deribit_standard;
pub mod scenario;

/// Every margin model, alphabetically.
pub const MARGINS: &[Entry<dyn MarginModel>] =
    &[binance_tiers::ENTRY, deribit_standard::ENTRY, scenario::ENTRY];

/// A margin model as typed.
pub trait MarginModel: fmt::Debug + Send + Sync {
    /// As written in a scenario.
    fn name(&self) -> &'static str;

    /// A clause for the report, no full stop.
    fn describe(&self) -> String;

    /// What it asks of options.
    fn ask(&self) -> OptionMarginAsk;

    /// Whether it has rules for options at all.
    fn takes_options(&self) -> bool;

    /// Whether the value of options counts in margin equity.
    fn counts_options(&self) -> bool;

    /// The model with the rates of a market's assets.
    ///
    /// # Errors
    /// A sentence without full stop, when it has no rates for an asset whose contracts are held.
    fn bind(&self, assets: &[MarginAsset<'_>]) -> Result<Box<dyn Margin>, String>;
}

/// An asset of the market.
#[derive(Debug, Clone, Copy)]
pub struct MarginAsset<'a> {
    /// Ticker, `BTC`.
    pub ticker: &'a str,
    /// Whether perps or futures on it are held.
    pub has_contracts: bool,
}

/// A margin model bound to a market.
pub trait Margin: fmt::Debug + Send + Sync {
    /// What holding this takes.
    fn requirement(&self, held: &Held<'_>) -> Requirement;
}

/// What is held at some prices.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// When.
    pub time: Timestamp,
    /// USD per coin, one per asset.
    pub spot: &'a [f64],
    /// Perps and futures, one per asset and contract.
    pub contracts: &'a [ContractHeld],
    /// Options, one per asset.
    pub options: &'a [OptionsHeld],
}

/// A position in a perp or future.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ContractHeld {
    /// Index into the market's assets.
    pub asset: usize,
    /// What it promises; never spot.
    pub contract: Contract,
    /// Coins of underlying, `+` long; of an inverse contract its USD of notional over its price.
    pub coins: f64,
    /// USD per coin.
    pub price: f64,
}

impl ContractHeld {
    /// USD, at least 0.
    pub fn notional(&self) -> f64 {
        (self.coins * self.price).abs()
    }
}

/// The options on one asset.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OptionsHeld {
    /// Initial margin of those sold, option by option, USD.
    pub initial: f64,
    /// Maintenance margin of those sold, USD.
    pub maintenance: f64,
    /// Coins of underlying of those sold.
    pub sold: f64,
    /// Change of value under each shock that the model asked for, USD.
    pub shocked: Vec<f64>,
}

/// USD, at least 0.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Requirement {
    /// What opening takes.
    pub initial: f64,
    /// What keeping takes.
    pub maintenance: f64,
    /// Whether a position is larger than the venue lets anyone open.
    pub is_beyond_limit: bool,
}

/// Refuses figures of what is no asset of the market.
fn check_tickers(what: &str, typed: &[String], assets: &[MarginAsset<'_>]) -> Result<(), String> {
    let is_known = |ticker: &&String| assets.iter().any(|asset| asset.ticker == ticker.as_str());
    match typed.iter().find(|ticker| !is_known(ticker)) {
        None => Ok(()),
        Some(ticker) => {
            let known: Vec<&str> = assets.iter().map(|asset| asset.ticker).collect();
            Err(format!(
                "{what} has figures for {ticker}, which is no asset of the market; known: {}",
                known.join(", ")
            ))
        }
    }
}

/// A number typed in per cent, from 0 to 100, as a fraction.
fn fraction(key: &str, percent: f64) -> Result<f64, SettingError> {
    if (0.0..=100.0).contains(&percent) {
        return Ok(percent / 100.0);
    }
    Err(refused(format!("`{key}` is {percent}, expected 0 to 100")))
}

fn refused(message: String) -> SettingError {
    SettingError { message, span: None }
}
