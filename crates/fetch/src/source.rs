//! The sources: what can be fetched. To add one: a file in `sources` and a line here.

use std::fmt;

use hedgerow_core::registry::{self, Entry, Setting, SettingError, parameters};
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use crate::sources::{
    binance_funding, binance_klines, deribit_chart, deribit_dvol, deribit_funding,
    deribit_instruments,
};
use crate::{FetchError, Fetched, Resolution, Session};

/// Every source.
pub const SOURCES: &[Entry<dyn Source>] = &[
    binance_funding::ENTRY,
    binance_klines::ENTRY,
    deribit_chart::ENTRY,
    deribit_dvol::ENTRY,
    deribit_funding::ENTRY,
    deribit_instruments::ENTRY,
];

/// Something that can be fetched.
pub trait Source: fmt::Debug {
    /// Whether the parameters can be meant, as far as that is known without asking.
    ///
    /// # Errors
    /// [`FetchError`] that names the parameter.
    fn check(&self) -> Result<(), FetchError>;

    /// Brings it to disk. Call [`fetch`](crate::fetch), which checks first.
    ///
    /// # Errors
    /// [`FetchError`]; what is whole by then stays, what is begun stays as `.part`.
    fn fetch(&self, session: &mut Session<'_>) -> Result<Fetched, FetchError>;
}

/// The source of that name (`binance-klines` or `binance_klines`) with parameters as typed on a command line.
///
/// # Errors
/// [`SettingError`] without a place: unknown source, unknown or missing parameter, unusable value.
pub fn source(name: &str, parameters: &[(&str, &str)]) -> Result<Box<dyn Source>, SettingError> {
    let mut table = DeTable::new();
    for (written, value) in parameters {
        let value = DeValue::String((*value).to_owned().into());
        let key = toml::Spanned::new(0..0, (*written).replace('-', "_").into());
        if table.insert(key, toml::Spanned::new(0..0, value)).is_some() {
            let message = format!("parameter `{written}` is given twice");
            return Err(SettingError { message, span: None });
        }
    }
    let table = toml::Spanned::new(0..0, DeValue::Table(table));
    let name = toml::Spanned::new(0..0, name.replace('-', "_").into());
    let mut setting = DeTable::new();
    setting.insert(name, table);
    registry::build(SOURCES, Setting::new(0..0, DeValue::Table(setting)), "source")
        .map_err(|error| SettingError { span: None, ..error })
}

/// Builds a source from a setting and checks it.
pub(crate) fn build<S: Source + DeserializeOwned + 'static>(
    setting: Setting<'_>,
) -> Result<Box<dyn Source>, SettingError> {
    let span = setting.span();
    let source: S = parameters(setting)?;
    source.check().map_err(|error| SettingError::at(span, error.to_string()))?;
    Ok(Box::new(source))
}

/// Refuses a name that could not stand in a URL or a path.
pub(crate) fn check_name(name: &'static str, found: &str, example: &str) -> Result<(), FetchError> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if !found.is_empty() && found.chars().all(fits) {
        return Ok(());
    }
    let expected = format!("letters, digits, `_` and `-`, such as {example}");
    Err(FetchError::Parameter { name, found: found.to_owned(), expected })
}

/// Refuses small letters where the venue knows capitals only.
pub(crate) fn check_capitals(
    name: &'static str,
    found: &str,
    example: &str,
) -> Result<(), FetchError> {
    check_name(name, found, example)?;
    let capitals = found.to_ascii_uppercase();
    if found == capitals {
        return Ok(());
    }
    Err(FetchError::Parameter {
        name,
        found: found.to_owned(),
        expected: format!("capitals: {capitals}"),
    })
}

/// The resolution of that name.
pub(crate) fn find_resolution(known: &[Resolution], name: &str) -> Result<Resolution, FetchError> {
    known.iter().find(|one| one.name == name).copied().ok_or_else(|| FetchError::Parameter {
        name: "resolution",
        found: name.to_owned(),
        expected: one_of(known.iter().map(|one| one.name)),
    })
}

/// `one of 1, 60, 3600`.
pub(crate) fn one_of<'a>(known: impl Iterator<Item = &'a str>) -> String {
    format!("one of {}", known.collect::<Vec<_>>().join(", "))
}
