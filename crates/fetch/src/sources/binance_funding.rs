//! Funding rates of Binance's archives: `calc_time,funding_interval_hours,last_funding_rate`, fractions.

use hedgerow_core::Timestamp;
use hedgerow_core::registry::Entry;
use serde::Deserialize;

use crate::binance_vision::{Archives, Daily, fetch_archives};
use crate::period::{self, Period};
use crate::source::{Source, build, check_capitals};
use crate::{FetchError, Fetched, Market, Session};

pub(crate) const ENTRY: Entry<dyn Source> = Entry {
    name: "binance_funding",
    about: "funding rates of Binance's public archives, by whole months",
    example: "binance_funding = { market = \"usd-m\", symbol = \"BTCUSDT\", from = \"2024-01-01\", to = \"2024-06-30\" }",
    build: build::<BinanceFunding>,
};

/// Funding rates of Binance's archives. Whole months come, so the files may reach beyond the period.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BinanceFunding {
    /// Which market; spot has no funding.
    pub market: Market,
    /// `BTCUSDT`; in `coin-m` `BTCUSD_PERP`.
    pub symbol: String,
    /// First instant wanted.
    #[serde(deserialize_with = "period::from_text")]
    pub from: Timestamp,
    /// First instant no longer wanted; `None`: up to now.
    #[serde(default, deserialize_with = "period::to_text")]
    pub to: Option<Timestamp>,
}

impl Source for BinanceFunding {
    fn check(&self) -> Result<(), FetchError> {
        if self.market == Market::Spot {
            let (found, expected) =
                ("spot".to_owned(), "usd-m or coin-m: spot has no funding".to_owned());
            return Err(FetchError::Parameter { name: "market", found, expected });
        }
        check_capitals("symbol", &self.symbol, "BTCUSDT")?;
        period::check(self.from, self.to)
    }

    fn fetch(&self, session: &mut Session<'_>) -> Result<Fetched, FetchError> {
        let archives = Archives {
            market: self.market,
            kind: "fundingRate",
            symbol: self.symbol.clone(),
            interval: None,
            daily: Daily::NotKept,
        };
        fetch_archives(session, &archives, Period::until(self.from, self.to, session.now)?)
    }
}
