//! Any JSON file, with the columns as declared, or by their usual names.
//!
//! Lists of lists have columns `column_1`, `column_2`, …; objects in objects are named with dots, `stats.volume`.

use hedgerow_core::registry::Entry;

use super::{Format, Plan, mapped, without_parameters};
use crate::DataError;
use crate::chains::{self, ChainPlan};
use crate::read::head::Head;
use crate::source::SeriesSpec;

pub(super) const NAME: &str = "json";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "any JSON or JSON lines with a declared column mapping, or with usual column names",
    example: "series = [{ is = \"spot\", asset = \"BTC\", path = \"btc.json\", format = \"json\", bar = \"start\", columns = { time = \"t\", open = \"o\", high = \"h\", low = \"l\", close = \"c\" } }]",
    build: |setting| without_parameters(setting, Json),
};

#[derive(Debug)]
struct Json;

impl Format for Json {
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
