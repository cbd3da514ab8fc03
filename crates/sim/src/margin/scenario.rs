//! Portfolio margin: the worst loss over moves of price and vol.
//!
//! ```text
//! maintenance = sum over assets of (worst loss over the moves + contingencies)
//! moves       = price −range … +range in `buckets` steps × vol up, same, down, at full weight;
//!               the extended prices × vol up, at the weight range / |price move|
//! vol         → max(vol, least) × (1 + up × (30 / days)^p),   vol × (1 − down × (30 / days)^p)
//!               p = 0.30 under 30 days, 0.13 above; at least one day
//! contingency = share × coins of options sold × spot + share × coins of contracts that offset each other × spot
//! initial     = multiple × maintenance
//! ```
//!
//! Option values count in margin equity. Coins in the account are no part of the portfolio: only their haircut stands for their
//! price risk. Assets do not offset each other.
//! Sources: Deribit, "Portfolio Margin" (support article 25944756247837): ±16 % in 9 buckets, extended moves; Paradex, "Portfolio
//! margin": the weights of the extended moves, at least one day; Oreome docs: vol up 0.5 from at least 0.5, down 0.25, powers;
//! Deribit docs, "Portfolio margin" of 2019: 0.01 coin per option sold, 1 % of offsetting futures. The multiple 1.3 is a guess.

use hedgerow_core::registry::{Entry, SettingError, parameters};
use hedgerow_core::{OptionMarginAsk, Shock, VolShock};
use serde::Deserialize;

use super::deribit_standard::percent;
use super::{Held, Margin, MarginAsset, MarginModel, OptionsHeld, Requirement};

/// Moves and weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Largest move within the table, a fraction.
    pub range: f64,
    /// Steps from `-range` to `range`, odd.
    pub buckets: u32,
    /// Moves beyond the table, fractions.
    pub extended: Vec<f64>,
    /// Vol up.
    pub up: VolShock,
    /// Vol down.
    pub down: VolShock,
    /// Initial over maintenance.
    pub initial_multiple: f64,
    /// Fraction of a coin per coin of options sold.
    pub sold_options: f64,
    /// Fraction of a coin per coin of contracts that offset each other.
    pub offsetting: f64,
}

/// A move and how much of its loss counts.
#[derive(Debug, Clone, Copy)]
struct Weighted {
    shock: Shock,
    weight: f64,
}

impl Scenario {
    fn moves(&self) -> Vec<Weighted> {
        let half = f64::from(self.buckets - 1) / 2.0;
        let prices = (0..self.buckets).map(|bucket| self.range * (f64::from(bucket) / half - 1.0));
        let within = prices.flat_map(|price| {
            [Some(self.up), None, Some(self.down)]
                .map(|vol| Weighted { shock: Shock { price, vol }, weight: 1.0 })
        });
        let beyond = self.extended.iter().map(|price| Weighted {
            shock: Shock { price: *price, vol: Some(self.up) },
            weight: (self.range / price.abs()).min(1.0),
        });
        within.chain(beyond).collect()
    }
}

impl MarginModel for Scenario {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn describe(&self) -> String {
        format!(
            "portfolio margin: per asset the worst loss over price moves of up to {} % in {} buckets with vols up {} %, unchanged and down {} % (at 30 days), and over {} moves beyond at the weight range over move; \
             plus {} % of a coin per option sold and {} % of offsetting contracts; initial margin is {} times maintenance; option values count in margin equity",
            percent(self.range),
            self.buckets,
            percent(self.up.range),
            percent(-self.down.range),
            self.extended.len(),
            percent(self.sold_options),
            percent(self.offsetting),
            self.initial_multiple
        )
    }

    fn ask(&self) -> OptionMarginAsk {
        let shocks = self.moves().into_iter().map(|weighted| weighted.shock);
        OptionMarginAsk { short: None, shocks: shocks.collect() }
    }

    fn takes_options(&self) -> bool {
        true
    }

    fn counts_options(&self) -> bool {
        true
    }

    fn bind(&self, _: &[MarginAsset<'_>]) -> Result<Box<dyn Margin>, String> {
        Ok(Box::new(Bound {
            moves: self.moves(),
            initial_multiple: self.initial_multiple,
            sold_options: self.sold_options,
            offsetting: self.offsetting,
        }))
    }
}

#[derive(Debug)]
struct Bound {
    moves: Vec<Weighted>,
    initial_multiple: f64,
    sold_options: f64,
    offsetting: f64,
}

impl Margin for Bound {
    fn requirement(&self, held: &Held<'_>) -> Requirement {
        let assets = held.options.iter().zip(held.spot).enumerate();
        let maintenance: f64 =
            assets.map(|(asset, (options, spot))| self.asset(held, asset, options, *spot)).sum();
        let initial = self.initial_multiple * maintenance;
        Requirement { initial, maintenance, is_beyond_limit: false }
    }
}

impl Bound {
    fn asset(&self, held: &Held<'_>, asset: usize, options: &OptionsHeld, spot: f64) -> f64 {
        let contracts = || held.contracts.iter().filter(move |held| held.asset == asset);
        let long: f64 = contracts().map(|held| held.coins.max(0.0)).sum();
        let short: f64 = contracts().map(|held| (-held.coins).max(0.0)).sum();
        let notional: f64 = contracts().map(|held| held.coins * held.price).sum();
        let losses = self.moves.iter().enumerate().map(|(index, Weighted { shock, weight })| {
            let options = options.shocked.get(index).copied().unwrap_or(0.0);
            -weight * (options + notional * shock.price)
        });
        let worst = losses.fold(0.0, f64::max);
        worst + spot * (self.sold_options * options.sold + self.offsetting * long.min(short))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Parameters {
    range_percent: f64,
    buckets: u32,
    extended_percent: Vec<f64>,
    vol_up_percent: f64,
    vol_down_percent: f64,
    least_vol_percent: f64,
    short_power: f64,
    long_power: f64,
    initial_multiple: f64,
    sold_option_percent: f64,
    offsetting_percent: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            range_percent: 16.0,
            buckets: 9,
            extended_percent: vec![-66.0, -33.0, 50.0, 100.0, 200.0, 300.0, 400.0, 500.0],
            vol_up_percent: 50.0,
            vol_down_percent: 25.0,
            least_vol_percent: 50.0,
            short_power: 0.30,
            long_power: 0.13,
            initial_multiple: 1.3,
            sold_option_percent: 1.0,
            offsetting_percent: 1.0,
        }
    }
}

impl Parameters {
    fn resolve(self) -> Result<Scenario, SettingError> {
        let within = |key: &str, number: f64, least: f64, most: f64| {
            if (least..=most).contains(&number) {
                return Ok(number);
            }
            Err(super::refused(format!("`{key}` is {number}, expected {least} to {most}")))
        };
        if self.buckets < 3 || self.buckets > 101 || self.buckets.is_multiple_of(2) {
            let message =
                format!("`buckets` is {}, expected an odd number, 3 to 101", self.buckets);
            return Err(super::refused(message));
        }
        let extended = self.extended_percent.iter().map(|percent| {
            within("extended_percent", *percent, -99.0, 10_000.0).map(|percent| percent / 100.0)
        });
        let extended = extended.collect::<Result<Vec<_>, _>>()?;
        if extended.iter().any(|price| price.abs() < 1e-9) {
            return Err(super::refused("a move of `extended_percent` is 0".to_owned()));
        }
        let up = VolShock {
            range: within("vol_up_percent", self.vol_up_percent, 0.0, 1000.0)? / 100.0,
            least_vol: within("least_vol_percent", self.least_vol_percent, 0.0, 1000.0)? / 100.0,
            short_power: within("short_power", self.short_power, 0.0, 2.0)?,
            long_power: within("long_power", self.long_power, 0.0, 2.0)?,
        };
        let down = super::fraction("vol_down_percent", self.vol_down_percent)?;
        Ok(Scenario {
            range: within("range_percent", self.range_percent, 0.1, 99.0)? / 100.0,
            buckets: self.buckets,
            extended,
            down: VolShock { range: -down, least_vol: 0.0, ..up },
            up,
            initial_multiple: within("initial_multiple", self.initial_multiple, 1.0, 10.0)?,
            sold_options: super::fraction("sold_option_percent", self.sold_option_percent)?,
            offsetting: super::fraction("offsetting_percent", self.offsetting_percent)?,
        })
    }
}

pub(super) const ENTRY: Entry<dyn MarginModel> = Entry {
    name: "scenario",
    about: "portfolio margin: the worst loss over a table of price and vol moves, with extended moves and contingencies",
    example: "margin = { scenario = { range_percent = 16, buckets = 9, vol_up_percent = 50, vol_down_percent = 25, initial_multiple = 1.3 } }",
    build: |setting| Ok(Box::new(parameters::<Parameters>(setting)?.resolve()?)),
};
