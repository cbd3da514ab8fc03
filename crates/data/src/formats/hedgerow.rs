//! The canonical schema, as `import` writes it: see [`crate::schema`]. Nothing needs to be declared.

use hedgerow_core::registry::Entry;

use super::{Format, Plan, PlanColumn, without_parameters};
use crate::DataError;
use crate::chains::{self, ChainPlan};
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::schema::{Schema, TIME, keys};
use crate::source::{BarLabel, SeriesSpec, ValueUnit};

const NAME: &str = "hedgerow";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "Parquet written by `hedgerow import`: units, labels and zone are part of it",
    example: "series = [{ is = \"spot\", asset = \"BTC\", path = \"BTC-spot-1h.parquet\", format = \"hedgerow\" }]",
    build: |setting| without_parameters(setting, Hedgerow),
};

#[derive(Debug)]
struct Hedgerow;

impl Format for Hedgerow {
    fn recognises(&self, head: &Head) -> bool {
        head.note(keys::SCHEMA).is_some()
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        let error = |reason| DataError::Format { file: file.to_owned(), format: NAME, reason };
        let name = head
            .note(keys::SCHEMA)
            .ok_or_else(|| error("`hedgerow import` did not write it".to_owned()))?;
        check(spec, head).map_err(error)?;
        let schema = Schema::find(name)
            .ok_or_else(|| error(format!("its schema `{name}` is of another version")))?;
        refuse_declarations(spec)?;
        let mut columns = Vec::new();
        for column in schema.columns {
            let role = column.role;
            columns.extend(head.position(role.key()).map(|index| PlanColumn { role, index }));
        }
        let is_main = |column: &PlanColumn| {
            matches!(column.role, Role::Close | Role::Rate | Role::Vol | Role::HalfSpread)
        };
        // The column of the series itself comes first.
        columns.sort_by_key(|column| !is_main(column));
        if columns.first().is_none_or(|column| !is_main(column)) {
            return Err(error(format!("it lacks a column of `{name}`")));
        }
        let plan = Plan::new(spec, head.find(file, TIME)?, columns);
        Ok(Plan {
            bar: BarLabel::End,
            unit: Some(ValueUnit::Fraction),
            vol_name: head.note(keys::VOL_NAME).unwrap_or(&plan.vol_name).to_owned(),
            assumptions: said(file, head),
            ..plan
        })
    }

    fn chain(
        &self,
        file: &str,
        spec: &SeriesSpec,
        head: &Head,
    ) -> Result<Option<ChainPlan>, DataError> {
        let error = |reason| DataError::Format { file: file.to_owned(), format: NAME, reason };
        refuse_declarations(spec)?;
        check(spec, head).map_err(error)?;
        chains::mapped(file, spec, head).map(Some)
    }
}

/// Refuses what the file itself declares.
fn refuse_declarations(spec: &SeriesSpec) -> Result<(), DataError> {
    let declared = [
        ("columns", spec.columns.is_some()),
        ("bar", spec.bar.is_some()),
        ("unit", spec.unit.is_some()),
        ("time_unit", spec.time_unit.is_some()),
        ("time_zone", spec.time_zone.is_some()),
    ];
    match declared.into_iter().find(|(_, is_declared)| *is_declared) {
        Some((key, _)) => {
            let reason = "with a file of `hedgerow import`, which says so itself";
            Err(DataError::Key { series: spec.title(), key, reason })
        }
        None => Ok(()),
    }
}

/// Whether the file holds the series that is wanted.
fn check(spec: &SeriesSpec, head: &Head) -> Result<(), String> {
    let kind = head.note(keys::KIND).unwrap_or_default();
    let asset = head.note(keys::ASSET).unwrap_or_default();
    if kind == spec.is.key() && asset == spec.asset {
        return Ok(());
    }
    Err(format!("it holds {asset} as `{kind}`, not {} as `{}`", spec.asset, spec.is.key()))
}

/// Where the file came from, and what its format assumed.
fn said(file: &str, head: &Head) -> Vec<String> {
    let list = |key| -> Vec<String> {
        head.note(key).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    };
    let (sources, format) = (list(keys::SOURCES), head.note(keys::FORMAT).unwrap_or_default());
    let imported = (!sources.is_empty())
        .then(|| format!("`{file}` was imported from {} ({format})", sources.join(", ")));
    imported.into_iter().chain(list(keys::ASSUMPTIONS)).collect()
}
