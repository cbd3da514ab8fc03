//! A market: what happened, as columns on one grid of time.

use std::ops::Range;

use crate::{Chain, Future, HalfSpread, MarketError, PaidIn, Timestamp};

/// Prices, vols, funding, dated futures and option chains of one or more assets on one grid of time.
///
/// Invariants, checked once by [`Market::new`]: at least one row and one asset; every column as long as `time`; time
/// strictly increasing; prices and vols finite and positive; funding finite, its stamps strictly increasing.
/// A row's time is the instant at which everything in it is known: the **end** of its bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Market {
    time: Vec<Timestamp>,
    assets: Vec<AssetColumns>,
    tradables: Vec<Tradable>,
    vols: Vec<VolColumn>,
    futures: Vec<Future>,
    chains: Vec<Chain>,
    pub(crate) half_spreads: Vec<HalfSpread>,
}

/// The price history of one underlying, USD per coin.
#[derive(Debug, Clone, PartialEq)]
pub struct AssetColumns {
    /// Ticker, `BTC`.
    pub name: String,
    /// Price at the row's time (the close of its bar).
    pub spot: Vec<f64>,
    /// First price of the row's bar, where the source has it.
    pub open: Option<Vec<f64>>,
    /// Highest price of the row's bar, where the source has it.
    pub high: Option<Vec<f64>>,
    /// Lowest price of the row's bar, where the source has it.
    pub low: Option<Vec<f64>>,
}

/// What a hedge instrument promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Contract {
    /// The coin itself, paid in cash.
    Spot,
    /// A perpetual quoted, margined and settled in USD; one unit is one coin.
    LinearPerp,
    /// A perpetual quoted in USD, margined and settled in the coin; one unit is 1 USD of notional.
    InversePerp,
    /// A dated future quoted, margined and settled in USD; one unit is one coin.
    LinearFuture,
    /// A dated future quoted in USD, margined and settled in the coin; one unit is 1 USD of notional.
    InverseFuture,
}

impl Contract {
    /// The dated future that pays in this.
    pub const fn future(paid_in: PaidIn) -> Self {
        match paid_in {
            PaidIn::Usd => Self::LinearFuture,
            PaidIn::Coin => Self::InverseFuture,
        }
    }

    /// Whether one unit is 1 USD of notional and pays coins.
    #[inline]
    pub const fn is_inverse(self) -> bool {
        matches!(self, Self::InversePerp | Self::InverseFuture)
    }
}

/// Something a hedge can trade.
#[derive(Debug, Clone, PartialEq)]
pub struct Tradable {
    /// As the report calls it, `BTC perp`.
    pub name: String,
    /// Which asset it follows: index into [`Market::assets`].
    pub asset: usize,
    /// What it promises.
    pub contract: Contract,
    /// USD per coin at the row's time.
    pub price: Vec<f64>,
    /// USD per coin at the first instant of the row's bar, where the source has it.
    pub open: Option<Vec<f64>>,
    /// Highest price of the row's bar, USD per coin, where the source has it; a spot's is its asset's.
    pub high: Option<Vec<f64>>,
    /// Lowest price of the row's bar, USD per coin, where the source has it; a spot's is its asset's.
    pub low: Option<Vec<f64>>,
    /// Funding settlements, each at its own instant, never resampled; `None` where the contract has no funding.
    pub funding: Option<Vec<FundingEvent>>,
    /// True when there is no price history of the contract itself and `price` is a copy of the spot: no basis risk.
    pub marked_at_spot: bool,
}

/// One funding settlement of a perpetual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FundingEvent {
    /// When it was settled.
    pub time: Timestamp,
    /// Fraction of notional; positive means longs pay shorts.
    pub rate: f64,
    /// Mark price it was settled at, USD per coin, where the source has it.
    pub mark: Option<f64>,
}

/// A volatility index or quote through time.
#[derive(Debug, Clone, PartialEq)]
pub struct VolColumn {
    /// As the report calls it, `DVOL`.
    pub name: String,
    /// Which asset it belongs to: index into [`Market::assets`].
    pub asset: usize,
    /// Annualised, decimal; `None` where the source says nothing recent enough.
    pub vol: Vec<Option<f64>>,
}

impl Market {
    /// Checks the invariants and makes a market.
    ///
    /// # Errors
    /// [`MarketError`] names the first column and row that break an invariant.
    pub fn new(
        time: Vec<Timestamp>,
        assets: Vec<AssetColumns>,
        tradables: Vec<Tradable>,
        vols: Vec<VolColumn>,
    ) -> Result<Self, MarketError> {
        let market = Self {
            time,
            assets,
            tradables,
            vols,
            futures: Vec::new(),
            chains: Vec::new(),
            half_spreads: Vec::new(),
        };
        market.check_time()?;
        market.check_assets()?;
        market.check_tradables()?;
        market.check_vols()?;
        Ok(market)
    }

    /// The same market with dated futures.
    ///
    /// # Errors
    /// [`MarketError`] when one has another length, belongs to no asset, or has a price that is not positive, not finite or
    /// after its expiry.
    pub fn with_futures(mut self, futures: Vec<Future>) -> Result<Self, MarketError> {
        for future in &futures {
            self.check_asset(&future.name, future.asset)?;
            self.check_length(&future.name, future.price.len())?;
            let is_bad = |(row, price): (usize, &Option<f64>)| {
                price.is_some_and(|price| {
                    !(price.is_finite() && price > 0.0) || self.time[row] > future.expiry
                })
            };
            if let Some(row) = future.price.iter().enumerate().position(is_bad) {
                let found = future.price[row].unwrap_or(f64::NAN);
                return Err(self.value_error(&future.name, row, found));
            }
        }
        self.futures = futures;
        Ok(self)
    }

    /// The same market with these settlements for one of its [`tradables`](Self::tradables).
    ///
    /// # Errors
    /// [`MarketError`] when stamps do not increase, or a rate or mark is not finite.
    ///
    /// # Panics
    /// When there is no such tradable: a programmer's error.
    pub fn with_funding(
        mut self,
        tradable: usize,
        funding: Vec<FundingEvent>,
    ) -> Result<Self, MarketError> {
        self.tradables[tradable].funding = Some(funding);
        check_funding(&self.tradables[tradable])?;
        Ok(self)
    }

    /// The same market with option chains.
    ///
    /// # Errors
    /// [`MarketError`] when one has another length, belongs to no asset, or a row would see a quote of its future.
    pub fn with_chains(mut self, chains: Vec<Chain>) -> Result<Self, MarketError> {
        for chain in &chains {
            let name = "option chain";
            self.check_asset(name, chain.asset)?;
            self.check_length(name, chain.snapshot_of_row.len())?;
            for (row, time) in self.time.iter().enumerate() {
                if let Some(quote) = chain.at(row).iter().find(|quote| quote.time > *time) {
                    let column = chain.contracts[quote.contract].name.clone();
                    return Err(MarketError::Later {
                        column,
                        row,
                        time: *time,
                        quoted: quote.time,
                    });
                }
            }
        }
        self.chains = chains;
        Ok(self)
    }

    /// The instant of each row.
    pub fn time(&self) -> &[Timestamp] {
        &self.time
    }

    /// The underlyings.
    pub fn assets(&self) -> &[AssetColumns] {
        &self.assets
    }

    /// What a hedge can trade.
    pub fn tradables(&self) -> &[Tradable] {
        &self.tradables
    }

    /// Volatility columns.
    pub fn vols(&self) -> &[VolColumn] {
        &self.vols
    }

    /// Dated futures.
    pub fn futures(&self) -> &[Future] {
        &self.futures
    }

    /// Option chains.
    pub fn chains(&self) -> &[Chain] {
        &self.chains
    }

    /// The option chain of an asset, in the currency it pays.
    pub fn chain(&self, asset: usize, paid_in: PaidIn) -> Option<&Chain> {
        self.chains.iter().find(|chain| chain.asset == asset && chain.paid_in == paid_in)
    }

    /// Number of rows, at least 1.
    pub fn n_rows(&self) -> usize {
        self.time.len()
    }

    /// Index of the asset of this name.
    pub fn asset_index(&self, name: &str) -> Option<usize> {
        self.assets.iter().position(|asset| asset.name == name)
    }

    /// The tradable on `asset` of this kind.
    pub fn tradable(&self, asset: usize, contract: Contract) -> Option<&Tradable> {
        self.tradables
            .iter()
            .find(|tradable| tradable.asset == asset && tradable.contract == contract)
    }

    /// The rows with `after < time <= to`: the rows whose bars lie wholly inside the window.
    pub fn rows_between(&self, after: Timestamp, to: Timestamp) -> Range<usize> {
        let start = self.time.partition_point(|time| *time <= after);
        let end = self.time.partition_point(|time| *time <= to);
        start..end.max(start)
    }

    /// The commonest distance between rows, in milliseconds; `None` when there is one row.
    pub fn step_millis(&self) -> Option<i64> {
        let mut steps: Vec<i64> =
            self.time.windows(2).map(|pair| pair[1].millis() - pair[0].millis()).collect();
        steps.sort_unstable();
        steps
            .chunk_by(|a, b| a == b)
            .max_by_key(|run| (run.len(), std::cmp::Reverse(run[0])))
            .and_then(|run| run.first().copied())
    }

    /// The market restricted to `rows`; funding is kept from the first row's instant (exclusive) on.
    ///
    /// # Panics
    /// When `rows` is empty or reaches beyond the market: a programmer's error, the caller checks what a user typed.
    pub fn slice(&self, rows: Range<usize>) -> Self {
        assert!(
            rows.start < rows.end && rows.end <= self.n_rows(),
            "rows {rows:?} of {}",
            self.n_rows()
        );
        let (first, last) = (self.time[rows.start], self.time[rows.end - 1]);
        let cut = |column: &Vec<f64>| column[rows.clone()].to_vec();
        let assets = self.assets.iter().map(|asset| AssetColumns {
            name: asset.name.clone(),
            spot: cut(&asset.spot),
            open: asset.open.as_ref().map(cut),
            high: asset.high.as_ref().map(cut),
            low: asset.low.as_ref().map(cut),
        });
        let tradables = self.tradables.iter().map(|tradable| Tradable {
            name: tradable.name.clone(),
            price: cut(&tradable.price),
            open: tradable.open.as_ref().map(cut),
            high: tradable.high.as_ref().map(cut),
            low: tradable.low.as_ref().map(cut),
            funding: tradable.funding.as_ref().map(|events| {
                events
                    .iter()
                    .copied()
                    .filter(|event| event.time > first && event.time <= last)
                    .collect()
            }),
            ..*tradable
        });
        let vols = self.vols.iter().map(|column| VolColumn {
            name: column.name.clone(),
            asset: column.asset,
            vol: column.vol[rows.clone()].to_vec(),
        });
        let futures = self
            .futures
            .iter()
            .map(|future| Future { price: future.price[rows.clone()].to_vec(), ..future.clone() });
        let chains = self.chains.iter().map(|chain| Chain {
            snapshot_of_row: chain.snapshot_of_row[rows.clone()].to_vec(),
            ..chain.clone()
        });
        let half_spreads = self.half_spreads.iter().map(|spread| HalfSpread {
            fraction: spread.fraction[rows.clone()].to_vec(),
            name: spread.name.clone(),
            ..*spread
        });
        Self {
            half_spreads: half_spreads.collect(),
            assets: assets.collect(),
            tradables: tradables.collect(),
            vols: vols.collect(),
            futures: futures.collect(),
            chains: chains.collect(),
            time: self.time[rows.clone()].to_vec(),
        }
    }

    fn check_time(&self) -> Result<(), MarketError> {
        if self.time.is_empty() {
            return Err(MarketError::Empty);
        }
        match self.time.windows(2).position(|pair| pair[1] <= pair[0]) {
            Some(row) => Err(MarketError::Time {
                row: row + 1,
                time: self.time[row + 1],
                previous: self.time[row],
            }),
            None => Ok(()),
        }
    }

    fn check_assets(&self) -> Result<(), MarketError> {
        if self.assets.is_empty() {
            return Err(MarketError::NoAssets);
        }
        for asset in &self.assets {
            self.check_prices(&format!("{} spot", asset.name), &asset.spot)?;
            for (column, name) in
                [(&asset.open, "open"), (&asset.high, "high"), (&asset.low, "low")]
            {
                if let Some(column) = column {
                    self.check_prices(&format!("{} {name}", asset.name), column)?;
                }
            }
        }
        Ok(())
    }

    fn check_tradables(&self) -> Result<(), MarketError> {
        for tradable in &self.tradables {
            self.check_asset(&tradable.name, tradable.asset)?;
            self.check_prices(&format!("{} price", tradable.name), &tradable.price)?;
            for (column, name) in
                [(&tradable.open, "open"), (&tradable.high, "high"), (&tradable.low, "low")]
            {
                if let Some(column) = column {
                    self.check_prices(&format!("{} {name}", tradable.name), column)?;
                }
            }
            check_funding(tradable)?;
        }
        Ok(())
    }

    fn check_vols(&self) -> Result<(), MarketError> {
        for column in &self.vols {
            self.check_asset(&column.name, column.asset)?;
            self.check_length(&column.name, column.vol.len())?;
            let bad = column
                .vol
                .iter()
                .position(|vol| vol.is_some_and(|vol| !(vol.is_finite() && vol > 0.0)));
            if let Some(row) = bad {
                let found = column.vol[row].unwrap_or(f64::NAN);
                return Err(self.value_error(&column.name, row, found));
            }
        }
        Ok(())
    }

    fn check_prices(&self, column: &str, prices: &[f64]) -> Result<(), MarketError> {
        self.check_length(column, prices.len())?;
        let is_bad = |price: &f64| !(price.is_finite() && *price > 0.0);
        // Counted before it is looked for: a loop without an early end is one that the compiler vectorises.
        if prices.iter().filter(|price| is_bad(price)).count() == 0 {
            return Ok(());
        }
        match prices.iter().position(is_bad) {
            Some(row) => Err(self.value_error(column, row, prices[row])),
            None => Ok(()),
        }
    }

    pub(crate) fn check_length(&self, column: &str, found: usize) -> Result<(), MarketError> {
        if found == self.n_rows() {
            return Ok(());
        }
        Err(MarketError::Length { column: column.to_owned(), found, expected: self.n_rows() })
    }

    pub(crate) fn check_asset(&self, name: &str, asset: usize) -> Result<(), MarketError> {
        if asset < self.assets.len() {
            return Ok(());
        }
        Err(MarketError::Asset { name: name.to_owned(), asset, n_assets: self.assets.len() })
    }

    fn value_error(&self, column: &str, row: usize, found: f64) -> MarketError {
        MarketError::Value {
            column: column.to_owned(),
            row,
            time: self.time[row],
            found,
            expected: "positive number",
        }
    }
}

fn check_funding(tradable: &Tradable) -> Result<(), MarketError> {
    let events = tradable.funding.as_deref().unwrap_or_default();
    let column = || format!("{} funding", tradable.name);
    for (row, event) in events.iter().enumerate() {
        let value_error = |found, expected| MarketError::Value {
            column: column(),
            row,
            time: event.time,
            found,
            expected,
        };
        if row > 0 && event.time <= events[row - 1].time {
            return Err(MarketError::Time {
                row,
                time: event.time,
                previous: events[row - 1].time,
            });
        }
        if !event.rate.is_finite() {
            return Err(value_error(event.rate, "number"));
        }
        if let Some(mark) = event.mark.filter(|mark| !(mark.is_finite() && *mark > 0.0)) {
            return Err(value_error(mark, "positive number"));
        }
    }
    Ok(())
}
