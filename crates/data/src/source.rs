//! What a scenario asks for: the `[market]` table as typed.

mod instant;
mod span;

use std::path::PathBuf;

use serde::{Deserialize, Deserializer, de};

pub use self::instant::{Instant, TimeUnit, Until, Zone};
pub use self::span::{GridStep, Span};
use crate::Window;
use crate::formats::FormatName;

/// The `[market]` table of a scenario.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketSource {
    /// `source = "sample"`: the embedded history; excludes `series`.
    pub source: Option<Sample>,
    /// Distance between the rows of the market; default: the stamps of the first spot series.
    pub grid: Option<Span>,
    /// How old a figure may be at a row; default: less than one step of its series for prices, three steps for vols.
    pub staleness: Option<Span>,
    /// Longest hole that is allowed in a price or funding series, as far as it lies in the window; default: 3 days.
    pub max_gap: Option<Span>,
    /// What to do about doubtful data; default: tolerant.
    pub quality: Option<Mode>,
    /// `perp = "at_spot"`: perpetuals without a price series of their own are marked and traded at spot.
    pub perp: Option<PerpPrice>,
    /// `funding = "none"`: there is no funding.
    pub funding: Option<DeclaredFunding>,
    /// `futures = { carry_percent = 8 }`: quarterly futures at a constant carry over the spot, for want of real ones.
    pub futures: Option<DeclaredFutures>,
    /// What a run will replay, set by who reads the scenario; default: everything.
    #[serde(skip)]
    pub window: Window,
    /// The files; several entries of one kind and asset are joined.
    #[serde(default)]
    pub series: Vec<SeriesSpec>,
}

impl MarketSource {
    /// The embedded sample, nothing else set.
    pub fn sample() -> Self {
        Self { source: Some(Sample::Sample), ..Self::default() }
    }
}

/// One file of a market.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesSpec {
    /// What it holds.
    pub is: SeriesKind,
    /// Ticker of the underlying, `BTC`.
    pub asset: String,
    /// The file, a folder, or a pattern such as `klines/BTCUSDT-1h-*.zip`, relative to the scenario; `.gz`, `.zst`, `.zip`
    /// and `.tar.zst` are opened. Several files are one series, in any order.
    pub path: PathBuf,
    /// How to read it; default: recognised from its content.
    pub format: Option<FormatName>,
    /// Rows that were known at this instant or before are not used; default: all are.
    pub from: Option<Instant>,
    /// Rows that were known after this instant, or after this day, are not used; default: all are.
    pub to: Option<Until>,
    /// Which column is which, for `csv` and `parquet`; default: by their usual names.
    pub columns: Option<ColumnNames>,
    /// Whether a stamp is the start or the end of its bar.
    pub bar: Option<BarLabel>,
    /// Length of a bar; default: the commonest distance between stamps.
    pub step: Option<Span>,
    /// Unit of funding rates and vols; default: fraction.
    pub unit: Option<ValueUnit>,
    /// Unit of the stamps; default: recognised by their size.
    pub time_unit: Option<TimeUnit>,
    /// Zone of stamps that name none, `Europe/London`; default: UTC.
    pub time_zone: Option<Zone>,
    /// How old a figure may be at a row; default: that of the market.
    pub staleness: Option<Span>,
    /// Name of a vol column in the report; default: `DVOL` or the name of its column. Of a half-spread: what tells it from others
    /// of its asset.
    pub name: Option<String>,
    /// Which rows to take where a column tells instruments apart, `BTC-27MAR26`; default: all, which must be of one
    /// instrument unless the kind holds several.
    pub instrument: Option<String>,
    /// In what futures or options pay; default: as their names tell.
    pub paid_in: Option<Currency>,
    /// When a future expires; default: as its name tells.
    pub expiry: Option<Instant>,
    /// Size of one contract of a future: coins, or USD of notional where it pays in the coin; default: as the venue has it.
    pub contract_size: Option<f64>,
    /// Smallest step of the price of a future, USD.
    pub tick: Option<f64>,
    /// Smallest step of a trade in a future, contracts.
    pub lot: Option<f64>,
}

impl SeriesSpec {
    /// A file read with every default.
    pub fn new(is: SeriesKind, asset: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            is,
            asset: asset.into(),
            path: path.into(),
            format: None,
            from: None,
            to: None,
            columns: None,
            bar: None,
            step: None,
            unit: None,
            time_unit: None,
            time_zone: None,
            staleness: None,
            name: None,
            instrument: None,
            paid_in: None,
            expiry: None,
            contract_size: None,
            tick: None,
            lot: None,
        }
    }

    /// The rows of the file that are used.
    pub(crate) fn window(&self) -> Window {
        Window { from: self.from.map(|from| from.0), to: self.to.map(|to| to.0) }
    }

    /// What is said of the rows of a file that are used, where not all are.
    pub(crate) fn period(&self, file: &str) -> Option<String> {
        let period = match (self.from, self.to) {
            (None, None) => return None,
            (Some(from), None) => format!("after {}", from.0),
            (None, Some(to)) => format!("up to {}", to.0),
            (Some(from), Some(to)) => format!("after {} and up to {}", from.0, to.0),
        };
        Some(format!("`{file}`: of {} only rows known {period} are used", self.title()))
    }

    /// As the report calls it, `BTC inverse funding`.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.asset, self.is.about())
    }
}

/// The embedded histories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sample {
    /// Daily BTC, 2020-01-01 .. 2024-06-12.
    Sample,
}

/// What to do about doubtful data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Refuse the data when anything found would change results.
    Strict,
    /// Drop what cannot be used, count it, and report it.
    #[default]
    Tolerant,
}

/// Quarterly futures that nobody quoted.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredFutures {
    /// Continuous carry of their prices over the spot, per cent a year, −100 to 100.
    #[serde(deserialize_with = "carry_percent")]
    pub carry_percent: f64,
}

fn carry_percent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let percent = f64::deserialize(deserializer)?;
    if (-100.0..=100.0).contains(&percent) {
        return Ok(percent);
    }
    Err(de::Error::custom(format!("`carry_percent` is {percent}, expected -100 to 100")))
}

/// Where perpetuals without a price series get their prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PerpPrice {
    /// From the spot: no basis risk.
    AtSpot,
}

/// What is said of funding that no series holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclaredFunding {
    /// Perpetuals pay and receive nothing.
    None,
    /// Who reads the scenario makes it of prices, for the perpetuals that are left without.
    #[serde(skip)]
    ByFormula,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesKind {
    /// Prices of the coin, USD.
    Spot,
    /// Prices of the perpetual settled in USD.
    Perp,
    /// Prices of the perpetual settled in the coin, USD.
    InversePerp,
    /// Funding of the perpetual settled in USD.
    Funding,
    /// Funding of the perpetual settled in the coin.
    InverseFunding,
    /// A volatility index.
    Vol,
    /// Half the distance of bid and ask of spot, perpetuals and futures, bps of the price.
    HalfSpread,
    /// Prices of dated futures, USD: of one, or of several told apart by a column.
    Future,
    /// Quotes of options.
    OptionChain,
    /// What a venue fixes about its contracts: size, tick, lot, expiry.
    Instruments,
}

impl SeriesKind {
    /// Every kind.
    pub(crate) const ALL: [Self; 10] = [
        Self::Spot,
        Self::Perp,
        Self::InversePerp,
        Self::Funding,
        Self::InverseFunding,
        Self::Vol,
        Self::HalfSpread,
        Self::Future,
        Self::OptionChain,
        Self::Instruments,
    ];

    /// As the report says it, `inverse funding`.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::Perp => "perp",
            Self::InversePerp => "inverse perp",
            Self::Funding => "funding",
            Self::InverseFunding => "inverse funding",
            Self::Vol => "vol",
            Self::HalfSpread => "half-spread",
            Self::Future => "future",
            Self::OptionChain => "option chain",
            Self::Instruments => "instruments",
        }
    }

    /// As a scenario says it, `inverse_funding`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::Perp => "perp",
            Self::InversePerp => "inverse_perp",
            Self::Funding => "funding",
            Self::InverseFunding => "inverse_funding",
            Self::Vol => "vol",
            Self::HalfSpread => "half_spread",
            Self::Future => "future",
            Self::OptionChain => "option_chain",
            Self::Instruments => "instruments",
        }
    }

    /// Whether it holds contracts of which there are many at a time.
    pub(crate) const fn holds_several(self) -> bool {
        matches!(self, Self::Future | Self::OptionChain | Self::Instruments)
    }

    pub(crate) const fn is_price(self) -> bool {
        matches!(self, Self::Spot | Self::Perp | Self::InversePerp)
    }

    pub(crate) const fn is_funding(self) -> bool {
        matches!(self, Self::Funding | Self::InverseFunding)
    }
}

/// Which column is which.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnNames {
    /// Stamps.
    pub time: Option<String>,
    /// First price of a bar, USD.
    pub open: Option<String>,
    /// Highest price of a bar, USD.
    pub high: Option<String>,
    /// Lowest price of a bar, USD.
    pub low: Option<String>,
    /// Last price of a bar, or the only price, USD.
    pub close: Option<String>,
    /// Funding rate.
    pub rate: Option<String>,
    /// Mark price at which funding was settled, USD.
    pub mark: Option<String>,
    /// Volatility; of the mark, for options.
    pub vol: Option<String>,
    /// Half the distance of bid and ask, bps of the price.
    pub half_spread: Option<String>,
    /// Name of the instrument, where rows belong to several.
    pub instrument: Option<String>,
    /// Best bid of an option, in the currency it pays.
    pub bid: Option<String>,
    /// Best ask of an option.
    pub ask: Option<String>,
    /// Forward of an option's expiry, USD per coin.
    pub forward: Option<String>,
    /// Index price of the coin, USD.
    pub index: Option<String>,
    /// Delta of an option as the venue displays it.
    pub delta: Option<String>,
    /// Open interest of an option, contracts.
    pub open_interest: Option<String>,
    /// Call or put.
    pub kind: Option<String>,
    /// Strike of an option, USD per coin.
    pub strike: Option<String>,
    /// Expiry of an option.
    pub expiry: Option<String>,
    /// Traded over a bar, coins.
    pub volume: Option<String>,
    /// Traded over a bar, USD.
    pub quote_volume: Option<String>,
}

/// What is said of files on the command line; everything left out is recognised from their content.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Declared {
    /// What they hold.
    pub is: Option<SeriesKind>,
    /// Ticker of the underlying.
    pub asset: Option<String>,
    /// How to read them.
    pub format: Option<FormatName>,
    /// Which column is which.
    pub columns: Option<ColumnNames>,
    /// Whether a stamp is the start or the end of its bar.
    pub bar: Option<BarLabel>,
    /// Length of a bar.
    pub step: Option<Span>,
    /// Unit of funding rates and vols.
    pub unit: Option<ValueUnit>,
    /// Unit of the stamps.
    pub time_unit: Option<TimeUnit>,
    /// Zone of stamps that name none.
    pub time_zone: Option<Zone>,
    /// Which rows to take where a column tells instruments apart.
    pub instrument: Option<String>,
    /// What to do about doubtful data.
    pub quality: Mode,
}

/// In what a contract pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Currency {
    /// USD or a stablecoin.
    Usd,
    /// The coin itself.
    Coin,
}

/// What the stamp of a bar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BarLabel {
    /// The instant at which the bar opens.
    Start,
    /// The instant at which the bar closes and is known.
    End,
}

/// Unit of funding rates and vols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueUnit {
    /// 0.01 is one per cent.
    Fraction,
    /// 1 is one per cent.
    Percent,
}
