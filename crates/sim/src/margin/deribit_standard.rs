//! Deribit's standard margin: every position by itself.
//!
//! ```text
//! perp, future   initial      = (first + step × coins) × coins × price
//!                maintenance  = (first' + step × coins) × coins × price
//! call sold      initial      = max(0.15 − out of the money / forward, 0.10) + mark    coins per coin
//!                maintenance  = 0.075 + mark
//! put sold       initial      = max(max(0.15 − out of the money / forward, 0.10) + mark, maintenance)
//!                maintenance  = max(0.075, 0.075 mark) + mark
//! ```
//!
//! BTC: first 2 %, first' 1 %, step 0.005 % per coin; SOL: 4 %, 2 %, 0.0005 %. Option values do not count in margin equity: the
//! premium received does, which is why the mark is in the requirement of an option sold. One bought asks for its premium only.
//! Sources: Deribit, "Linear Perpetual" (support article 25944738177565, about 2024); tslab.pro, "Deribit margin requirements
//! calculation". The figures are used at all dates; other coins and other times are typed.
//!
//! ```
//! use hedgerow_sim::margin::deribit_standard::Rates;
//!
//! let btc = Rates { initial: 0.02, maintenance: 0.01, step: 5e-5 };
//! assert!((btc.initial(25.0) - 0.531_25).abs() < 1e-12 && (btc.maintenance(25.0) - 0.281_25).abs() < 1e-12);
//! assert!((btc.initial(350.0) - 13.125).abs() < 1e-12);
//! let sol = Rates { initial: 0.04, maintenance: 0.02, step: 5e-6 };
//! assert!((sol.initial(6000.0) - 420.0).abs() < 1e-12);
//! ```

use std::collections::BTreeMap;

use hedgerow_core::registry::{Entry, SettingError, parameters};
use hedgerow_core::{OptionMarginAsk, ShortOptionRates};
use serde::Deserialize;

use super::{Held, Margin, MarginAsset, MarginModel, Requirement};

/// What perps and futures on one coin ask, fractions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Initial, of a position of no size.
    pub initial: f64,
    /// Maintenance, of a position of no size.
    pub maintenance: f64,
    /// More for each coin of the position.
    pub step: f64,
}

impl Rates {
    /// Initial margin of a position, coins.
    pub fn initial(&self, coins: f64) -> f64 {
        (self.initial + self.step * coins.abs()) * coins.abs()
    }

    /// Maintenance margin of a position, coins.
    pub fn maintenance(&self, coins: f64) -> f64 {
        (self.maintenance + self.step * coins.abs()) * coins.abs()
    }
}

/// Per coin of underlying, for all coins.
const OPTIONS: ShortOptionRates =
    ShortOptionRates { initial: 0.15, least_initial: 0.10, maintenance: 0.075 };

/// What is published, by ticker.
const PUBLISHED: [(&str, Rates); 2] = [
    ("BTC", Rates { initial: 0.02, maintenance: 0.01, step: 5e-5 }),
    ("SOL", Rates { initial: 0.04, maintenance: 0.02, step: 5e-6 }),
];

/// Deribit's standard margin.
#[derive(Debug, Clone, PartialEq)]
pub struct DeribitStandard {
    /// By ticker.
    pub rates: BTreeMap<String, Rates>,
    /// Of options sold.
    pub options: ShortOptionRates,
    /// Tickers whose figures are typed.
    pub typed: Vec<String>,
}

impl MarginModel for DeribitStandard {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn describe(&self) -> String {
        let rates = self.rates.iter().map(|(ticker, rates)| {
            format!(
                "{ticker} perps and futures {} % and {} % of notional, more by {} % per coin",
                percent(rates.initial),
                percent(rates.maintenance),
                percent(rates.step)
            )
        });
        let ShortOptionRates { initial, least_initial, maintenance } = self.options;
        format!(
            "Deribit's standard margin, initial and maintenance, position by position: {}; options sold {} to {} % and {} % of the coin plus their mark; option values do not count in margin equity",
            rates.collect::<Vec<_>>().join("; "),
            percent(least_initial),
            percent(initial),
            percent(maintenance)
        )
    }

    fn ask(&self) -> OptionMarginAsk {
        OptionMarginAsk { short: Some(self.options), shocks: Vec::new() }
    }

    fn takes_options(&self) -> bool {
        true
    }

    fn counts_options(&self) -> bool {
        false
    }

    fn bind(&self, assets: &[MarginAsset<'_>]) -> Result<Box<dyn Margin>, String> {
        super::check_tickers("`coins` of `deribit_standard`", &self.typed, assets)?;
        let rates = assets.iter().map(|asset| match self.rates.get(asset.ticker) {
            None if asset.has_contracts => Err(format!(
                "`deribit_standard` has no figures for {ticker}; add `coins = {{ {ticker} = {{ initial_percent = …, maintenance_percent = …, step_percent = … }} }}`",
                ticker = asset.ticker
            )),
            rates => Ok(rates.copied()),
        });
        Ok(Box::new(Bound { rates: rates.collect::<Result<_, _>>()? }))
    }
}

/// By asset.
#[derive(Debug)]
struct Bound {
    rates: Vec<Option<Rates>>,
}

impl Margin for Bound {
    fn requirement(&self, held: &Held<'_>) -> Requirement {
        let mut sum = Requirement::default();
        for options in held.options {
            sum.initial += options.initial;
            sum.maintenance += options.maintenance;
        }
        for held in held.contracts {
            let rates = self.rates[held.asset];
            let rates = rates.expect("assets whose contracts are held have rates");
            sum.initial += rates.initial(held.coins) * held.price;
            sum.maintenance += rates.maintenance(held.coins) * held.price;
        }
        sum
    }
}

/// A fraction as per cent, without the dust of binary fractions.
pub(super) fn percent(fraction: f64) -> f64 {
    (fraction * 1e10).round() / 1e8
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Parameters {
    coins: BTreeMap<String, CoinParameters>,
    option_initial_percent: f64,
    option_least_initial_percent: f64,
    option_maintenance_percent: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            coins: BTreeMap::new(),
            option_initial_percent: percent(OPTIONS.initial),
            option_least_initial_percent: percent(OPTIONS.least_initial),
            option_maintenance_percent: percent(OPTIONS.maintenance),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CoinParameters {
    initial_percent: f64,
    maintenance_percent: f64,
    step_percent: f64,
}

impl Parameters {
    fn resolve(self) -> Result<DeribitStandard, SettingError> {
        let mut rates: BTreeMap<String, Rates> =
            PUBLISHED.iter().map(|(ticker, rates)| ((*ticker).to_owned(), *rates)).collect();
        let typed = self.coins.keys().cloned().collect();
        for (ticker, coin) in self.coins {
            let rate = Rates {
                initial: super::fraction("initial_percent", coin.initial_percent)?,
                maintenance: super::fraction("maintenance_percent", coin.maintenance_percent)?,
                step: super::fraction("step_percent", coin.step_percent)?,
            };
            if rate.maintenance > rate.initial {
                return Err(super::refused(format!(
                    "{ticker}: `maintenance_percent` is more than `initial_percent`"
                )));
            }
            rates.insert(ticker, rate);
        }
        let options = ShortOptionRates {
            initial: super::fraction("option_initial_percent", self.option_initial_percent)?,
            least_initial: super::fraction(
                "option_least_initial_percent",
                self.option_least_initial_percent,
            )?,
            maintenance: super::fraction(
                "option_maintenance_percent",
                self.option_maintenance_percent,
            )?,
        };
        Ok(DeribitStandard { rates, options, typed })
    }
}

pub(super) const ENTRY: Entry<dyn MarginModel> = Entry {
    name: "deribit_standard",
    about: "Deribit's standard margin, position by position; figures of BTC and SOL are known, others are typed in `coins`",
    example: "margin = { deribit_standard = { coins = { ETH = { initial_percent = 2, maintenance_percent = 1, step_percent = 0.0005 } } } }",
    build: |setting| Ok(Box::new(parameters::<Parameters>(setting)?.resolve()?)),
};
