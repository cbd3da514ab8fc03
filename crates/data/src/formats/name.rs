//! Formats by name.

use hedgerow_core::registry::{Entry, Setting, unknown};
use serde::Deserialize;
use serde::de::{self, Deserializer};

use crate::formats::{FORMATS, Format, arrow, csv, json, parquet};
use crate::read::head::Head;
use crate::read::unpack::{Content, Opened};

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

    /// The format a file shows to be of: the first that is certain, else any file of its kind.
    pub(crate) fn recognised(opened: &Opened, head: &Head) -> Self {
        FORMATS
            .iter()
            .find(|entry| build(entry).recognises(head))
            .map_or_else(|| Self::generic(opened), |entry| Self(entry.name))
    }

    /// Any file of this kind, with a mapping of columns.
    pub(crate) fn generic(opened: &Opened) -> Self {
        Self(match opened.content {
            Content::Text(_) => csv::NAME,
            Content::Json(_) => json::NAME,
            Content::Parquet(_) => parquet::NAME,
            Content::Arrow(_) => arrow::NAME,
        })
    }

    /// The format itself.
    pub(crate) fn format(self) -> Box<dyn Format> {
        let entry = FORMATS.iter().find(|entry| entry.name == self.0);
        build(entry.expect("a format name is made from the registry"))
    }
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
