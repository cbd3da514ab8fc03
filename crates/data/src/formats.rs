//! The formats: each says where in a file the wanted columns stand. To add one: a file and two lines here.

mod arrow;
mod binance_funding;
mod binance_vision;
mod binance_web_funding;
mod bitfinex;
mod bitmex;
mod bitstamp_minute;
mod coin_metrics;
mod coinbase;
mod cryptodatadownload;
mod csv;
mod deribit_chain;
mod deribit_chart;
mod deribit_dump;
mod deribit_dvol;
mod deribit_funding;
mod deribit_summary;
mod deribit_ticker;
mod deribit_trades;
mod deribit_vols;
mod freqtrade;
mod funding_history;
mod hedgerow;
mod json;
pub(crate) mod mapped;
mod name;
mod order;
mod parquet;
mod sample;
mod tardis_chain;
mod tardis_quotes;
mod tardis_ticker;
mod tardis_trades;
mod yahoo;

use std::fmt;

use hedgerow_core::registry::{Entry, Setting, SettingError, parameters};
use serde::Deserialize;

pub use self::name::FormatName;
use crate::DataError;
use crate::chains::ChainPlan;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{BarLabel, SeriesKind, SeriesSpec, TimeUnit, ValueUnit, Zone};

/// Every format.
pub const FORMATS: &[Entry<dyn Format>] = &[
    arrow::ENTRY,
    binance_funding::ENTRY,
    binance_vision::ENTRY,
    binance_web_funding::ENTRY,
    bitfinex::ENTRY,
    bitmex::ENTRY,
    bitstamp_minute::ENTRY,
    coin_metrics::ENTRY,
    coinbase::ENTRY,
    cryptodatadownload::ENTRY,
    csv::ENTRY,
    deribit_chain::ENTRY,
    deribit_chart::ENTRY,
    deribit_dump::ENTRY,
    deribit_dvol::ENTRY,
    deribit_funding::ENTRY,
    deribit_summary::ENTRY,
    deribit_ticker::ENTRY,
    deribit_trades::ENTRY,
    deribit_vols::ENTRY,
    freqtrade::ENTRY,
    funding_history::ENTRY,
    hedgerow::ENTRY,
    json::ENTRY,
    parquet::ENTRY,
    sample::ENTRY,
    tardis_chain::ENTRY,
    tardis_quotes::ENTRY,
    tardis_ticker::ENTRY,
    tardis_trades::ENTRY,
    yahoo::ENTRY,
];

/// A way of laying out a file.
pub trait Format: fmt::Debug + Sync {
    /// Whether a file with this head is certainly of this format.
    fn recognises(&self, head: &Head) -> bool;

    /// Where the wanted columns stand, and what the format promises about them.
    ///
    /// # Errors
    /// [`DataError`] when a column is not there or something has to be declared.
    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError>;

    /// Where the columns of an option chain stand; `None` for formats that hold no options.
    ///
    /// # Errors
    /// [`DataError`] when a column is not there or something has to be declared.
    fn chain(
        &self,
        _file: &str,
        _spec: &SeriesSpec,
        _head: &Head,
    ) -> Result<Option<ChainPlan>, DataError> {
        Ok(None)
    }
}

/// Where the wanted columns stand in a file, and what they mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Column of the stamps.
    pub time: usize,
    /// Unit of the stamps as declared; `None`: to be recognised by size.
    pub time_unit: Option<TimeUnit>,
    /// Unit in which the format always tells stamps: recognising it is not worth a note.
    pub usual_unit: Option<TimeUnit>,
    /// Zone of stamps that name none.
    pub zone: Option<Zone>,
    /// The columns to read; the one that the series is about comes first.
    pub columns: Vec<PlanColumn>,
    /// What the stamps are.
    pub bar: BarLabel,
    /// Unit of rates and vols; `None`: not declared, read as fractions.
    pub unit: Option<ValueUnit>,
    /// Default name of a vol column.
    pub vol_name: String,
    /// What the format assumes, a sentence each.
    pub assumptions: Vec<String>,
    /// Column that tells instruments apart.
    pub symbol: Option<usize>,
    /// What a row without a figure means.
    pub blank: Blank,
    /// How the rows follow one another.
    pub rhythm: Rhythm,
}

/// What a row means whose first column is empty, or `NaN`, or `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blank {
    /// Something is wrong with it, unless its column may be blank.
    Bad,
    /// Nothing happened, or nothing was known yet: the row is left out.
    Nothing,
}

/// How the rows of a file follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// One row per step.
    Steady,
    /// Whenever something happens; of several rows under one stamp the last counts.
    Ticks,
    /// As ticks; the figure is the middle of the first two columns, bid and ask.
    Quotes,
}

/// One column to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanColumn {
    /// What it holds.
    pub(crate) role: Role,
    /// Where it stands.
    pub(crate) index: usize,
}

impl Plan {
    /// A plan that takes everything else from what is declared.
    pub(crate) fn new(spec: &SeriesSpec, time: usize, columns: Vec<PlanColumn>) -> Self {
        Self {
            time,
            time_unit: spec.time_unit,
            usual_unit: None,
            zone: spec.time_zone,
            columns,
            bar: spec.bar.unwrap_or(BarLabel::End),
            unit: spec.unit,
            vol_name: "DVOL".to_owned(),
            assumptions: Vec::new(),
            symbol: None,
            blank: Blank::Bad,
            rhythm: Rhythm::Steady,
        }
    }
}

/// The kinds of series that are prices of one thing.
const PRICES: [SeriesKind; 4] =
    [SeriesKind::Spot, SeriesKind::Perp, SeriesKind::InversePerp, SeriesKind::Future];

/// The kinds of series that are funding.
const FUNDING: [SeriesKind; 2] = [SeriesKind::Funding, SeriesKind::InverseFunding];

/// A layout of bars whose columns are told by name.
#[derive(Debug, Clone, Copy)]
struct BarLayout {
    name: &'static str,
    time: &'static [&'static str],
    /// Open, high, low, close.
    prices: [&'static [&'static str]; 4],
    /// In coins.
    volume: &'static [&'static str],
    /// In USD.
    quote_volume: &'static [&'static str],
    unit: TimeUnit,
    label: BarLabel,
}

impl BarLayout {
    /// Bars with the usual names and nothing else.
    const fn usual(name: &'static str, time: &'static [&'static str], unit: TimeUnit) -> Self {
        Self {
            name,
            time,
            prices: [&["open"], &["high"], &["low"], &["close"]],
            volume: &["volume"],
            quote_volume: &[],
            unit,
            label: BarLabel::Start,
        }
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        refuse_mapping(spec)?;
        refuse_kind(file, self.name, spec, &PRICES)?;
        let time = named(file, head, self.time)?;
        let mut columns = bar_columns(file, head, self.prices)?;
        columns.extend(volumes(head, self.volume, self.quote_volume));
        Ok(Plan {
            symbol: symbol(head),
            ..bars(file, spec, time, columns, (self.unit, self.label))
        })
    }
}

/// Bars of which the columns are known.
fn bars(
    file: &str,
    spec: &SeriesSpec,
    time: usize,
    columns: Vec<PlanColumn>,
    (unit, label): (TimeUnit, BarLabel),
) -> Plan {
    let bar = spec.bar.unwrap_or(label);
    let assumption = match bar {
        BarLabel::Start => labelled_by_start(file),
        BarLabel::End => format!("`{file}`: labels are ends of bars"),
    };
    Plan {
        usual_unit: Some(unit),
        bar,
        assumptions: vec![assumption],
        ..Plan::new(spec, time, columns)
    }
}

/// The first column that has one of these names, in any case.
fn named(file: &str, head: &Head, names: &[&str]) -> Result<usize, DataError> {
    match head.position_of_any(names) {
        Some(index) => Ok(index),
        None => head.find(file, names[0]),
    }
}

/// A column of this name.
fn column(file: &str, head: &Head, role: Role, name: &str) -> Result<PlanColumn, DataError> {
    Ok(PlanColumn { role, index: named(file, head, &[name])? })
}

/// Columns of traded volumes, where they are there.
fn volumes(head: &Head, coins: &[&str], usd: &[&str]) -> Vec<PlanColumn> {
    [(Role::Volume, coins), (Role::QuoteVolume, usd)]
        .into_iter()
        .filter_map(|(role, names)| {
            head.position_of_any(names).map(|index| PlanColumn { role, index })
        })
        .collect()
}

/// The column that tells instruments apart, by its usual names.
pub(crate) fn symbol(head: &Head) -> Option<usize> {
    let names = ["symbol", "instrument_name", "instrument", "instId", "pair", "Contracts"];
    head.position_of_any(&names).filter(|_| head.has_header)
}

/// Funding of which the columns are known; a stamp is the settlement itself.
fn funding(
    spec: &SeriesSpec,
    head: &Head,
    time: usize,
    columns: Vec<PlanColumn>,
    (unit, value): (TimeUnit, ValueUnit),
) -> Plan {
    Plan {
        usual_unit: Some(unit),
        unit: Some(spec.unit.unwrap_or(value)),
        symbol: symbol(head),
        ..Plan::new(spec, time, columns)
    }
}

/// A format has no parameters: its declarations stand in the series.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoParameters {}

fn without_parameters<F: Format + 'static>(
    setting: Setting<'_>,
    format: F,
) -> Result<Box<dyn Format>, SettingError> {
    let NoParameters {} = parameters(setting)?;
    Ok(Box::new(format))
}

/// The columns of bars, by name; the close is required.
fn bar_columns(
    file: &str,
    head: &Head,
    names: [&'static [&'static str]; 4],
) -> Result<Vec<PlanColumn>, DataError> {
    let [open, high, low, close] = names;
    let index = head.position_of_any(close).ok_or_else(|| DataError::UnmappedColumn {
        file: file.to_owned(),
        role: "close",
        columns: head.names.clone(),
    })?;
    let mut columns = vec![PlanColumn { role: Role::Close, index }];
    for (role, names) in [(Role::Open, open), (Role::High, high), (Role::Low, low)] {
        columns.extend(head.position_of_any(names).map(|index| PlanColumn { role, index }));
    }
    Ok(columns)
}

/// Refuses what only a declared mapping can use.
fn refuse_mapping(spec: &SeriesSpec) -> Result<(), DataError> {
    if spec.columns.is_none() {
        return Ok(());
    }
    let reason = "with a `format` that has its own columns; leave `format` out, or set it to `csv`, `json`, `parquet` or `arrow`";
    Err(DataError::Key { series: spec.title(), key: "columns", reason })
}

/// Refuses kinds of series that the format cannot hold.
fn refuse_kind(
    file: &str,
    format: &'static str,
    spec: &SeriesSpec,
    holds: &[SeriesKind],
) -> Result<(), DataError> {
    if holds.contains(&spec.is) {
        return Ok(());
    }
    Err(DataError::Format {
        file: file.to_owned(),
        format,
        reason: format!("that format has no {}", spec.is.about()),
    })
}

/// Refuses everything but option chains.
fn no_series<T>(file: &str, format: &'static str, spec: &SeriesSpec) -> Result<T, DataError> {
    let reason = format!("that format has no {}", spec.is.about());
    Err(DataError::Format { file: file.to_owned(), format, reason })
}

/// What `label + step` means, said once per format with bar starts.
fn labelled_by_start(file: &str) -> String {
    format!("`{file}`: labels are starts of bars; a row's time is its label plus one step")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MarketSource;

    #[test]
    fn registry_is_tidy_and_every_example_works() {
        for entry in FORMATS {
            assert!(entry.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
            assert!(!entry.about.ends_with('.'), "{}", entry.about);
            let market: MarketSource = toml::from_str(entry.example).unwrap();
            assert_eq!(market.series[0].format, FormatName::find(entry.name));
        }
        let names: std::collections::BTreeSet<_> = FORMATS.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), FORMATS.len());
    }

    #[test]
    fn unknown_format_lists_the_known() {
        let text = "series = [{ is = \"spot\", asset = \"BTC\", path = \"a\", format = \"cvs\" }]";
        let error = toml::from_str::<MarketSource>(text).unwrap_err();
        assert_eq!(
            error.message(),
            format!(
                "unknown format `cvs`; known: {}",
                FORMATS.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ")
            )
        );
    }
}
