//! Registries: open sets of named things that a scenario file can ask for.
//!
//! A registry is a `const` slice of [`Entry`]; adding to one is a file and a line. A setting in a scenario is either the
//! bare name (`when = "every-row"`) or a table with the name as its one key (`when = { delta_band = 0.05 }`).

use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use toml::de::DeValue;

/// A value of a scenario file that knows where it stands.
pub type Setting<'a> = toml::Spanned<DeValue<'a>>;

/// What is wrong with a setting, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingError {
    /// Lower case, no full stop: what was expected, what was found.
    pub message: String,
    /// Bytes of the scenario file, where known.
    pub span: Option<Range<usize>>,
}

impl SettingError {
    /// An error at a place.
    pub fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { message: message.into(), span: Some(span) }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for SettingError {}

impl From<toml::de::Error> for SettingError {
    fn from(error: toml::de::Error) -> Self {
        let message = match error.message() {
            "wanted exactly 1 element, more than 1 element" => "expected one key, found several",
            "wanted exactly 1 element, found 0 elements" => "expected one key, found none",
            message => message,
        };
        Self { message: in_words(message), span: error.span() }
    }
}

/// What a parser expected and found, in the words of whoever writes a scenario.
fn in_words(message: &str) -> String {
    let said = message.strip_prefix("invalid type: ").or(message.strip_prefix("invalid value: "));
    let Some((found, expected)) = said.and_then(|said| said.rsplit_once(", expected ")) else {
        return message.to_owned();
    };
    let expected = match expected {
        "f64" => "a number",
        "usize" | "u64" | "u32" => "a whole number, 0 or more",
        "i64" | "i32" => "a whole number",
        other if other.starts_with("a nonzero") => "a whole number, 1 or more",
        other if other.starts_with("struct ") => "a table",
        other => other,
    };
    let found = match found {
        "map" => "a table",
        "sequence" => "a list",
        other => other,
    };
    format!("expected {expected}, found {found}")
}

/// One named thing of a registry.
#[derive(Debug)]
pub struct Entry<T: ?Sized + 'static> {
    /// As written in a scenario: snake case, unique in its registry.
    pub name: &'static str,
    /// One clause on its meaning, no full stop.
    pub about: &'static str,
    /// A working TOML line.
    pub example: &'static str,
    /// Makes the thing from its parameters; the span is that of the whole setting.
    pub build: fn(Setting<'_>) -> Result<Box<T>, SettingError>,
}

/// Reads parameters that derive `Deserialize`; unknown keys are refused where the type says so.
///
/// # Errors
/// [`SettingError`] with the place of the offending key or value.
pub fn parameters<'a, P: Deserialize<'a>>(setting: Setting<'a>) -> Result<P, SettingError> {
    Ok(P::deserialize(setting.into_deserializer())?)
}

/// Splits a setting into its name and its parameters; a bare name has an empty table as parameters.
///
/// # Errors
/// [`SettingError`] when the setting is neither a name nor a table with one key.
pub fn name_and_parameters<'a>(
    setting: Setting<'a>,
    kind: &str,
) -> Result<(String, Setting<'a>), SettingError> {
    let span = setting.span();
    match setting.into_inner() {
        DeValue::String(name) => Ok((
            name.into_owned(),
            toml::Spanned::new(span, DeValue::Table(toml::de::DeTable::new())),
        )),
        DeValue::Table(table) if table.len() == 1 => match table.into_iter().next() {
            Some((name, value)) => Ok((name.into_inner().into_owned(), value)),
            None => Err(SettingError::at(span, format!("expected one {kind}"))),
        },
        DeValue::Table(table) => Err(SettingError::at(
            span,
            format!(
                "expected one {kind}, found {} keys; combine rules with `any` or `all`",
                table.len()
            ),
        )),
        other => Err(SettingError::at(
            span,
            format!(
                "expected the {kind} by name or as `{{ name = … }}`, found {}",
                other.type_str()
            ),
        )),
    }
}

/// Builds the entry that a setting asks for.
///
/// # Errors
/// [`SettingError`] when no entry has that name (the known names are listed) or its parameters are wrong.
pub fn build<T: ?Sized>(
    entries: &[Entry<T>],
    setting: Setting<'_>,
    kind: &str,
) -> Result<Box<T>, SettingError> {
    let span = setting.span();
    let (name, parameters) = name_and_parameters(setting, kind)?;
    match entries.iter().find(|entry| entry.name == name) {
        Some(entry) => (entry.build)(parameters).map_err(|error| SettingError {
            span: error.span.filter(|inner| !inner.is_empty()).or(Some(span)),
            message: error.message,
        }),
        None => Err(SettingError::at(
            span,
            unknown(kind, &name, entries.iter().map(|entry| entry.name)),
        )),
    }
}

/// ``unknown rule `delta_bnd`; known: any, clock, …``
pub fn unknown<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    format!("unknown {kind} `{name}`; known: {}", known.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever writes a scenario knows no `f64`.
    #[test]
    fn what_a_parser_says_is_said_in_words() {
        for (said, expected) in [
            (
                "invalid type: string \"ten\", expected f64",
                "expected a number, found string \"ten\"",
            ),
            (
                "invalid type: floating point `1e9`, expected usize",
                "expected a whole number, 0 or more, found floating point `1e9`",
            ),
            (
                "invalid value: integer `0`, expected a nonzero usize",
                "expected a whole number, 1 or more, found integer `0`",
            ),
            (
                "invalid type: sequence, expected struct ImpactTable",
                "expected a table, found a list",
            ),
            ("missing field `bps`", "missing field `bps`"),
        ] {
            assert_eq!(in_words(said), expected);
        }
    }
}
