//! The desk: a scenario's book and account, and what resolving its legs needs.

use std::ops::Range;

use hedgerow_core::Market;
use hedgerow_core::registry::SettingError;
use hedgerow_greeks::{BookLine, VolMarks, resolve};
use hedgerow_sim::Account;
use toml::Spanned;

use crate::costs::Prices;
use crate::deltas::ChosenDelta;
use crate::scenario::{LegSpec, Scenario};

/// What resolving a book, an account and legs needs.
#[derive(Clone)]
pub(crate) struct Desk<'a> {
    pub(crate) full: &'a Market,
    pub(crate) rows: Range<usize>,
    pub(crate) market: &'a Market,
    /// Of the full market.
    pub(crate) vols: &'a [VolMarks],
    pub(crate) scenario: &'a Scenario,
    /// What trading costs over the period.
    pub(crate) prices: &'a Prices,
    /// Deltas that legs ask for, in the order of their columns.
    pub(crate) chosen: &'a [ChosenDelta],
}

impl Desk<'_> {
    pub(crate) fn book(&self) -> Result<Vec<BookLine>, SettingError> {
        let lines = self.scenario.book.iter().map(|(spec, span)| {
            resolve(spec, self.market).map_err(|error| SettingError {
                span: error.span.filter(|inner| !inner.is_empty()).or(Some(span.clone())),
                ..error
            })
        });
        lines.collect()
    }

    pub(crate) fn account(&self) -> Result<Account, SettingError> {
        let mut coins = vec![0.0; self.market.assets().len()];
        for (asset, number) in &self.scenario.capital.coins {
            coins[self.asset_named(asset)?] = *number;
        }
        Ok(Account { usd: self.scenario.capital.usd, coins, rate: self.scenario.rate })
    }

    pub(crate) fn asset_named(&self, name: &Spanned<String>) -> Result<usize, SettingError> {
        self.market.asset_index(name.get_ref()).ok_or_else(|| {
            let known = self.market.assets().iter().map(|asset| asset.name.as_str());
            SettingError::at(
                name.span(),
                hedgerow_core::registry::unknown("asset", name.get_ref(), known),
            )
        })
    }

    pub(crate) fn asset(&self, leg: &LegSpec) -> Result<usize, SettingError> {
        match &leg.asset {
            Some(name) => self.asset_named(name),
            None if self.market.assets().len() == 1 => Ok(0),
            None => {
                let names: Vec<&str> =
                    self.market.assets().iter().map(|asset| asset.name.as_str()).collect();
                let message = format!(
                    "the market has several assets; say which the leg hedges: `asset = \"{}\"`",
                    names.join("\" or \"")
                );
                Err(SettingError::at(leg.span.clone(), message))
            }
        }
    }
}
