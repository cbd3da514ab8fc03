//! Any Arrow IPC file (feather, version 2), with the columns as declared, or by their usual names.
//!
//! Times may be timestamps, dates, numbers since 1970 or text; numbers may be of any width.

use hedgerow_core::registry::Entry;

use super::{Format, Plan, mapped, without_parameters};
use crate::DataError;
use crate::chains::{self, ChainPlan};
use crate::read::head::Head;
use crate::source::SeriesSpec;

pub(super) const NAME: &str = "arrow";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "any Arrow IPC file (feather, version 2) with a declared column mapping, or with usual column names",
    example: "series = [{ is = \"perp\", asset = \"BTC\", path = \"btc_perp.feather\", format = \"arrow\", bar = \"start\", columns = { time = \"date\", open = \"open\", close = \"close\" } }]",
    build: |setting| without_parameters(setting, Arrow),
};

#[derive(Debug)]
struct Arrow;

impl Format for Arrow {
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
