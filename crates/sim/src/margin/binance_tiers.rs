//! Binance's margin for USD-M contracts: tiers of notional.
//!
//! ```text
//! maintenance = notional × rate of the tier − cum of the tier,  cum[k] = cum[k−1] + up_to[k−1] × (rate[k] − rate[k−1])
//! initial     = notional / min(leverage chosen, most leverage of the tier)
//! ```
//!
//! `cum` makes the maintenance continuous at the edges of the tiers. The table of BTC is that announced for 2021-03-18; it is used
//! at all dates. Other coins, and other times, are typed. No leg is made larger than the last tier; a position
//! that the price carries beyond it is margined as in the last one. Inverse contracts
//! are taken by their USD notional. Source: Binance, announcement of 2021-03-18 (USD-M BTCUSDT).
//!
//! ```
//! use hedgerow_sim::margin::binance_tiers::Tiers;
//!
//! let btc = Tiers::btc_2021();
//! for (notional, maintenance) in [(40e3, 160.0), (1.5e6, 21_200.0), (15e6, 483_700.0)] {
//!     assert!((btc.maintenance(notional) - maintenance).abs() < 1e-6);
//! }
//! // An isolated long of 1 BTC at 60,000 with 6,000 in the wallet is liquidated where wallet and loss meet the maintenance.
//! let at = 54_221.1055;
//! assert!((6000.0 + at - 60_000.0 - btc.maintenance(at)).abs() < 1e-4);
//! ```

use std::collections::BTreeMap;

use hedgerow_core::OptionMarginAsk;
use hedgerow_core::registry::{Entry, SettingError, parameters};
use serde::Deserialize;

use super::{Held, Margin, MarginAsset, MarginModel, Requirement};

/// One tier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tier {
    /// Notional up to which it holds, USD.
    pub up_to: f64,
    /// Maintenance rate, a fraction of notional.
    pub rate: f64,
    /// Most leverage.
    pub leverage: f64,
    /// What is taken off, USD.
    pub cum: f64,
}

/// The tiers of one coin, by rising notional.
#[derive(Debug, Clone, PartialEq)]
pub struct Tiers(Vec<Tier>);

/// Notional, maintenance per cent, most leverage.
const BTC_2021_03_18: [(f64, f64, f64); 10] = [
    (50e3, 0.4, 125.0),
    (250e3, 0.5, 100.0),
    (1e6, 1.0, 50.0),
    (10e6, 2.5, 20.0),
    (20e6, 5.0, 10.0),
    (50e6, 10.0, 5.0),
    (100e6, 12.5, 4.0),
    (200e6, 15.0, 3.0),
    (300e6, 25.0, 2.0),
    (500e6, 50.0, 1.0),
];

impl Tiers {
    /// The table of BTCUSDT of 2021-03-18.
    pub fn btc_2021() -> Self {
        Self::new(BTC_2021_03_18.into_iter())
    }

    /// From notional, maintenance per cent and most leverage.
    fn new(rows: impl Iterator<Item = (f64, f64, f64)>) -> Self {
        let mut tiers: Vec<Tier> = Vec::new();
        for (up_to, percent, leverage) in rows {
            let rate = percent / 100.0;
            let cum = tiers.last().map_or(0.0, |last| last.cum + last.up_to * (rate - last.rate));
            tiers.push(Tier { up_to, rate, leverage, cum });
        }
        Self(tiers)
    }

    /// The tier of a notional.
    pub fn tier(&self, notional: f64) -> &Tier {
        let index = self.0.partition_point(|tier| tier.up_to < notional);
        &self.0[index.min(self.0.len() - 1)]
    }

    /// Notional up to which a position may be opened, USD: the end of the last tier.
    pub fn most(&self) -> f64 {
        self.0.last().map_or(0.0, |last| last.up_to)
    }

    /// USD.
    pub fn maintenance(&self, notional: f64) -> f64 {
        let tier = self.tier(notional);
        notional * tier.rate - tier.cum
    }

    /// USD, at this leverage or the tier's most, whichever is less.
    pub fn initial(&self, notional: f64, leverage: f64) -> f64 {
        notional / leverage.min(self.tier(notional).leverage)
    }
}

/// Binance's tiers.
#[derive(Debug, Clone, PartialEq)]
pub struct BinanceTiers {
    /// By ticker.
    pub tiers: BTreeMap<String, Tiers>,
    /// Leverage chosen; `None`: the most of each tier.
    pub leverage: Option<f64>,
    /// Tickers whose tiers are typed.
    pub typed: Vec<String>,
}

impl MarginModel for BinanceTiers {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn describe(&self) -> String {
        let leverage = self.leverage.map_or_else(
            || "the most leverage of each tier".to_owned(),
            |leverage| format!("leverage {leverage}, or the most of the tier where that is less"),
        );
        let tickers: Vec<&str> = self.tiers.keys().map(String::as_str).collect();
        format!(
            "Binance's tiers of notional in USD for {} ({}), for perps and futures paid in USD and for those paid in the coin alike, which Binance has in tables of coins; initial margin at {leverage}; no position is made larger than the last tier",
            tickers.join(", "),
            if self.typed.iter().any(|ticker| ticker == "BTC") {
                "all typed"
            } else {
                "of BTC the table of the USD-margined BTCUSDT perpetual of 2021-03-18, at all dates"
            }
        )
    }

    fn ask(&self) -> OptionMarginAsk {
        OptionMarginAsk::default()
    }

    fn takes_options(&self) -> bool {
        false
    }

    fn counts_options(&self) -> bool {
        false
    }

    fn bind(&self, assets: &[MarginAsset<'_>]) -> Result<Box<dyn Margin>, String> {
        super::check_tickers("`tiers` of `binance_tiers`", &self.typed, assets)?;
        let tiers = assets.iter().map(|asset| match self.tiers.get(asset.ticker) {
            None if asset.has_contracts => Err(format!(
                "`binance_tiers` has no table for {ticker}; add `tiers = {{ {ticker} = [{{ up_to = …, maintenance_percent = …, leverage = … }}] }}`",
                ticker = asset.ticker
            )),
            tiers => Ok(tiers.cloned()),
        });
        let leverage = self.leverage.unwrap_or(f64::INFINITY);
        Ok(Box::new(Bound { tiers: tiers.collect::<Result<_, _>>()?, leverage }))
    }
}

/// By asset.
#[derive(Debug)]
struct Bound {
    tiers: Vec<Option<Tiers>>,
    leverage: f64,
}

impl Margin for Bound {
    fn requirement(&self, held: &Held<'_>) -> Requirement {
        let mut sum = Requirement::default();
        for held in held.contracts {
            let tiers = self.tiers[held.asset].as_ref();
            let tiers = tiers.expect("assets whose contracts are held have tiers");
            sum.initial += tiers.initial(held.notional(), self.leverage);
            sum.maintenance += tiers.maintenance(held.notional());
            sum.is_beyond_limit |= held.notional() > tiers.most();
        }
        sum
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Parameters {
    tiers: BTreeMap<String, Vec<TierParameters>>,
    leverage: Option<f64>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
struct TierParameters {
    up_to: f64,
    maintenance_percent: f64,
    leverage: f64,
}

impl TierParameters {
    fn is_above(&self, before: Option<&Self>) -> bool {
        let sound = self.up_to > 0.0
            && self.up_to.is_finite()
            && self.leverage >= 1.0
            && (0.0..=100.0).contains(&self.maintenance_percent)
            && self.maintenance_percent * self.leverage <= 100.0;
        sound
            && before.is_none_or(|before| {
                before.up_to < self.up_to
                    && before.maintenance_percent <= self.maintenance_percent
                    && before.leverage >= self.leverage
            })
    }
}

impl Parameters {
    fn resolve(self) -> Result<BinanceTiers, SettingError> {
        if let Some(found) = self.leverage.filter(|leverage| !(1.0..=125.0).contains(leverage)) {
            return Err(super::refused(format!("`leverage` is {found}, expected 1 to 125")));
        }
        let mut tiers = BTreeMap::from([("BTC".to_owned(), Tiers::btc_2021())]);
        let typed = self.tiers.keys().cloned().collect();
        for (ticker, rows) in self.tiers {
            let sound = (0..rows.len())
                .all(|row| rows[row].is_above(row.checked_sub(1).map(|row| &rows[row])));
            if rows.is_empty() || !sound {
                return Err(super::refused(format!(
                    "the tiers of {ticker} are out of order: `up_to` and `maintenance_percent` rise from tier to tier, `leverage` falls, and maintenance is never more than initial margin"
                )));
            }
            let rows = rows.iter().map(|row| (row.up_to, row.maintenance_percent, row.leverage));
            tiers.insert(ticker, Tiers::new(rows));
        }
        Ok(BinanceTiers { tiers, leverage: self.leverage, typed })
    }
}

pub(super) const ENTRY: Entry<dyn MarginModel> = Entry {
    name: "binance_tiers",
    about: "Binance's tiers of notional for perps and futures; the BTC table of 2021-03-18 is known, others are typed in `tiers`; no options",
    example: "margin = { binance_tiers = { leverage = 10, tiers = { ETH = [{ up_to = 10_000, maintenance_percent = 0.5, leverage = 75 }, { up_to = 1_000_000, maintenance_percent = 1, leverage = 50 }] } } }",
    build: |setting| Ok(Box::new(parameters::<Parameters>(setting)?.resolve()?)),
};

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers that Binance prints, and no jump at any edge.
    #[test]
    fn maintenance_is_continuous() {
        let btc = Tiers::btc_2021();
        let cum = [
            0.0,
            50.0,
            1300.0,
            16_300.0,
            266_300.0,
            1_266_300.0,
            2_516_300.0,
            5_016_300.0,
            25_016_300.0,
            100_016_300.0,
        ];
        for (tier, cum) in btc.0.iter().zip(cum) {
            assert!((tier.cum - cum).abs() < 1e-6, "{tier:?}");
            let (below, above) = (tier.up_to * (1.0 - 1e-12), tier.up_to * (1.0 + 1e-12));
            let jump = btc.maintenance(above) - btc.maintenance(below);
            assert!(jump.abs() < 1e-3, "{jump} at {}", tier.up_to);
        }
    }
}
