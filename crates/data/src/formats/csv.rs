//! Any CSV file, with the columns as declared, or by their usual names.
//!
//! Separator (comma, semicolon, tab), header and byte-order mark are recognised. A file without a header has columns
//! `column_1`, `column_2`, … .

use hedgerow_core::registry::Entry;

use super::{Format, Plan, mapped, without_parameters};
use crate::DataError;
use crate::chains::{self, ChainPlan};
use crate::read::head::Head;
use crate::source::SeriesSpec;

pub(super) const NAME: &str = "csv";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "any CSV file with a declared column mapping, or with usual column names",
    example: "series = [{ is = \"spot\", asset = \"BTC\", path = \"btc.csv.gz\", format = \"csv\", bar = \"start\", columns = { time = \"date\", open = \"o\", high = \"h\", low = \"l\", close = \"c\" } }]",
    build: |setting| without_parameters(setting, Csv),
};

#[derive(Debug)]
struct Csv;

impl Format for Csv {
    fn recognises(&self, _head: &Head) -> bool {
        false
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        mapped::plan(file, spec, head)
    }

    fn chain(
        &self,
        file: &str,
        spec: &SeriesSpec,
        head: &Head,
    ) -> Result<Option<ChainPlan>, DataError> {
        chains::mapped(file, spec, head).map(Some)
    }
}
