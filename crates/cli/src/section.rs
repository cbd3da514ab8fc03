//! One table of a scenario file, read strictly: every key is taken by name, and what is left over is an error.

use std::fmt::Display;
use std::ops::Range;

use hedgerow_core::registry::{Setting, SettingError, parameters};
use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use crate::write::toml_value;

/// A table being read.
#[derive(Debug)]
pub(crate) struct Section<'a> {
    name: String,
    span: Range<usize>,
    table: DeTable<'a>,
    asked: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// `name` is how messages call it, `[costs]`.
    pub(crate) fn new(name: impl Into<String>, span: Range<usize>, table: DeTable<'a>) -> Self {
        Self { name: name.into(), span, table, asked: Vec::new() }
    }

    /// A setting that must be a table.
    pub(crate) fn from_setting(
        name: impl Into<String>,
        setting: Setting<'a>,
    ) -> Result<Self, SettingError> {
        let (name, span) = (name.into(), setting.span());
        match setting.into_inner() {
            DeValue::Table(table) => Ok(Self::new(name, span, table)),
            other => Err(SettingError::at(
                span,
                format!("expected the table {name}, found {}", other.type_str()),
            )),
        }
    }

    /// Where the table stands.
    pub(crate) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Takes a key as it stands.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<Setting<'a>> {
        self.asked.push(key);
        self.table.remove(key)
    }

    /// Takes a key if its value is of a kind.
    pub(crate) fn take_if(
        &mut self,
        key: &'static str,
        is_it: impl Fn(&DeValue<'a>) -> bool,
    ) -> Option<Setting<'a>> {
        let found = self.table.get(key).is_some_and(|value| is_it(value.get_ref()));
        if found { self.take(key) } else { None }
    }

    /// Whether a key is there and has not been taken.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Takes a key that must be there.
    pub(crate) fn need(&mut self, key: &'static str) -> Result<Setting<'a>, SettingError> {
        self.take(key).ok_or_else(|| self.missing(key))
    }

    /// Takes and reads a key.
    pub(crate) fn read<T: Deserialize<'a>>(
        &mut self,
        key: &'static str,
    ) -> Result<Option<T>, SettingError> {
        self.take(key).map(|setting| located(key, setting)).transpose()
    }

    /// Takes and reads a key that must be there.
    pub(crate) fn read_needed<T: Deserialize<'a>>(
        &mut self,
        key: &'static str,
    ) -> Result<T, SettingError> {
        let setting = self.need(key)?;
        located(key, setting)
    }

    /// Takes a key that holds a table.
    pub(crate) fn section(
        &mut self,
        key: &'static str,
    ) -> Result<Option<Section<'a>>, SettingError> {
        self.take(key).map(|setting| Section::from_setting(format!("[{key}]"), setting)).transpose()
    }

    /// Takes a key that holds tables, `[[key]]`; none when it is absent.
    pub(crate) fn sections(
        &mut self,
        key: &'static str,
        title: &str,
    ) -> Result<Vec<Section<'a>>, SettingError> {
        let Some(setting) = self.take(key) else { return Ok(Vec::new()) };
        let span = setting.span();
        match setting.into_inner() {
            DeValue::Array(tables) => tables
                .into_iter()
                .map(|table| Section::from_setting(format!("[[{title}]]"), table))
                .collect(),
            other => Err(SettingError::at(
                span,
                format!("expected tables [[{title}]], found {}", other.type_str()),
            )),
        }
    }

    /// Every key with its value in canonical TOML, one line each.
    pub(crate) fn raw(&self) -> Vec<(String, String)> {
        let pairs = self.table.iter();
        pairs.map(|(key, value)| (key.get_ref().to_string(), toml_value(value.get_ref()))).collect()
    }

    /// What is left, to be read by a type of its own.
    pub(crate) fn rest(self) -> Setting<'a> {
        toml::Spanned::new(self.span, DeValue::Table(self.table))
    }

    /// Refuses keys that nobody asked for.
    pub(crate) fn finish(self) -> Result<(), SettingError> {
        match self.table.iter().next() {
            None => Ok(()),
            Some((key, _)) => {
                let known =
                    self.asked.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
                let message =
                    format!("unknown key `{}` in {}; known: {known}", key.get_ref(), self.name);
                Err(SettingError::at(key.span(), message))
            }
        }
    }

    fn missing(&self, key: &str) -> SettingError {
        SettingError::at(self.span(), format!("{} lacks `{key}`", self.name))
    }
}

/// A number of a scenario that must lie in a range.
///
/// # Errors
/// [`SettingError`] with its place when it does not, or is no number.
pub(crate) fn within<T: PartialOrd + Copy + Display>(
    key: &str,
    number: &toml::Spanned<T>,
    (least, most): (T, T),
) -> Result<T, SettingError> {
    let found = *number.get_ref();
    if (least..=most).contains(&found) {
        return Ok(found);
    }
    let message = format!("`{key}` is {found}, expected {least} to {most}");
    Err(SettingError::at(number.span(), message))
}

/// Reads a value; an error without a place of its own gets the value's.
fn located<'a, T: Deserialize<'a>>(key: &str, setting: Setting<'a>) -> Result<T, SettingError> {
    let span = setting.span();
    parameters(setting).map_err(|error| SettingError {
        message: format!("`{key}`: {}", error.message),
        span: error.span.filter(|inner| !inner.is_empty()).or(Some(span)),
    })
}
