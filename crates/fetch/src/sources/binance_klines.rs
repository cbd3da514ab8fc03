//! Bars of Binance's archives: open, high, low, close, volume; stamps are the bars' starts.

use hedgerow_core::Timestamp;
use hedgerow_core::registry::Entry;
use serde::Deserialize;

use crate::binance_vision::{Archives, Daily, check_interval, fetch_archives};
use crate::period::{self, Period};
use crate::source::{Source, build, check_capitals};
use crate::{FetchError, Fetched, Market, Session};

pub(crate) const ENTRY: Entry<dyn Source> = Entry {
    name: "binance_klines",
    about: "bars of Binance's public archives",
    example: "binance_klines = { market = \"spot\", symbol = \"BTCUSDT\", interval = \"1h\", from = \"2024-01-01\", to = \"2024-06-30\" }",
    build: build::<BinanceKlines>,
};

/// Bars of Binance's archives. Whole months and days come, so the files may reach beyond the period.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BinanceKlines {
    /// Which market.
    pub market: Market,
    /// `BTCUSDT`; in `coin-m` `BTCUSD_PERP`.
    pub symbol: String,
    /// One of [`BINANCE_INTERVALS`](crate::BINANCE_INTERVALS).
    pub interval: String,
    /// First instant wanted.
    #[serde(deserialize_with = "period::from_text")]
    pub from: Timestamp,
    /// First instant no longer wanted; `None`: up to now.
    #[serde(default, deserialize_with = "period::to_text")]
    pub to: Option<Timestamp>,
}

impl Source for BinanceKlines {
    fn check(&self) -> Result<(), FetchError> {
        check_capitals("symbol", &self.symbol, "BTCUSDT")?;
        check_interval(self.market, &self.interval)?;
        period::check(self.from, self.to)
    }

    fn fetch(&self, session: &mut Session<'_>) -> Result<Fetched, FetchError> {
        let archives = Archives {
            market: self.market,
            kind: "klines",
            symbol: self.symbol.clone(),
            interval: Some(self.interval.clone()),
            daily: Daily::of_bars(&self.interval),
        };
        fetch_archives(session, &archives, Period::until(self.from, self.to, session.now)?)
    }
}
