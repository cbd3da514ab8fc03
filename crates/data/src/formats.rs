//! The formats: each says where in a file the wanted columns stand. To add one: a file and two lines here.

mod binance_vision;
mod cryptodatadownload;
mod csv;
mod deribit_chain;
mod deribit_dump;
mod deribit_summary;
mod deribit_vols;
pub(crate) mod mapped;
mod parquet;
mod sample;
mod tardis_chain;

use std::fmt;

use hedgerow_core::registry::{Entry, Setting, SettingError, parameters, unknown};
use serde::Deserialize;
use serde::de::{self, Deserializer};

use crate::DataError;
use crate::chains::ChainPlan;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::read::unpack::{Content, Opened};
use crate::source::{BarLabel, SeriesKind, SeriesSpec, TimeUnit, ValueUnit, Zone};

/// Every format.
pub const FORMATS: &[Entry<dyn Format>] = &[
    binance_vision::ENTRY,
    cryptodatadownload::ENTRY,
    csv::ENTRY,
    deribit_chain::ENTRY,
    deribit_dump::ENTRY,
    deribit_summary::ENTRY,
    deribit_vols::ENTRY,
    parquet::ENTRY,
    sample::ENTRY,
    tardis_chain::ENTRY,
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
        }
    }
}

/// The name of a format, known to exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormatName(&'static str);

impl FormatName {
    /// The format of this name.
    pub fn find(name: &str) -> Option<Self> {
        FORMATS.iter().find(|entry| entry.name == name).map(|entry| Self(entry.name))
    }

    /// As written in a scenario.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The format a file shows to be of.
    pub(crate) fn recognised(opened: &Opened, head: &Head) -> Self {
        if matches!(opened.content, Content::Parquet(_)) {
            return Self("parquet");
        }
        FORMATS
            .iter()
            .find(|entry| build(entry).recognises(head))
            .map_or(Self("csv"), |entry| Self(entry.name))
    }

    /// The format itself.
    pub(crate) fn format(self) -> Box<dyn Format> {
        let entry = FORMATS.iter().find(|entry| entry.name == self.0);
        build(entry.expect("a format name is made from the registry"))
    }
}

/// The format that reads any file of this content with a declared mapping.
pub(crate) fn generic(opened: &Opened) -> FormatName {
    FormatName(if matches!(opened.content, Content::Parquet(_)) { "parquet" } else { "csv" })
}

fn build(entry: &Entry<dyn Format>) -> Box<dyn Format> {
    let nothing = toml::de::DeValue::Table(toml::de::DeTable::new());
    (entry.build)(Setting::new(0..0, nothing)).expect("formats have no parameters of their own")
}

impl<'de> Deserialize<'de> for FormatName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::find(&name).ok_or_else(|| {
            de::Error::custom(unknown("format", &name, FORMATS.iter().map(|entry| entry.name)))
        })
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
fn refuse_mapping(spec: &SeriesSpec, reason: &'static str) -> Result<(), DataError> {
    if spec.columns.is_none() {
        return Ok(());
    }
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
            "unknown format `cvs`; known: binance_vision, cryptodatadownload, csv, deribit_chain, deribit_dump, deribit_summary, deribit_vols, parquet, sample, tardis_chain"
        );
    }
}
