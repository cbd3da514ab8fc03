//! Writes the canonical schema: row groups of a fixed size, whatever the blocks in which rows come.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use hedgerow_core::{Finding, SeriesQuality, Severity};
use polars::io::parquet::write::BatchedWriter;
use polars::prelude::{
    ArrowField, ArrowSchema, Column as PolarsColumn, CompatLevel, DataFrame, DataType,
    Float64Chunked, Int64Chunked, IntoColumn, IntoSeries, NamedFrom, ParquetCompression,
    ParquetWriter, PolarsError, Schema as PolarsSchema, Series, TimeUnit, TimeZone,
};
use polars_parquet::write::{KeyValue, schema_to_metadata_key};

use crate::DataError;
use crate::atomic::{AtomicFile, write_error};
use crate::read::raw::Role;
use crate::rows::Rows;
use crate::schema::{Schema, SchemaColumn, TIME, keys};
use crate::source::{SeriesKind, SeriesSpec};

/// Rows of a row group: half a year of minutes.
const GROUP_ROWS: usize = 1 << 18;

/// Writes the rows of one series.
pub(crate) struct CanonicalWriter {
    file: AtomicFile,
    schema: &'static Schema,
    /// The columns that are there, in the order of the schema.
    columns: Vec<&'static SchemaColumn>,
    writer: BatchedWriter<File>,
    /// Rows that do not fill a group yet.
    pending: Rows,
}

impl CanonicalWriter {
    /// A file at `path` with the columns that the series has.
    ///
    /// # Errors
    /// [`DataError::File`] when the folder cannot be written to.
    pub(crate) fn new(
        path: &Path,
        schema: &'static Schema,
        roles: &[Role],
    ) -> Result<Self, DataError> {
        let file = AtomicFile::new(path)?;
        let columns: Vec<_> =
            schema.columns.iter().filter(|column| roles.contains(&column.role)).collect();
        let names = columns.iter().map(|column| (column.role.key().into(), DataType::Float64));
        let polars_schema: PolarsSchema =
            std::iter::once((TIME.into(), time_type())).chain(names).collect();
        let writer = ParquetWriter::new(file.writer()?)
            .with_compression(ParquetCompression::Zstd(None))
            .with_row_group_size(Some(GROUP_ROWS))
            .set_parallel(true)
            .batched(&polars_schema)
            .map_err(|error| write_error(path, into_io(error)))?;
        Ok(Self { file, schema, columns, writer, pending: Rows::default() })
    }

    /// Takes the next rows.
    ///
    /// # Errors
    /// [`DataError::File`] when the disk is full.
    pub(crate) fn push(&mut self, rows: Rows) -> Result<(), DataError> {
        self.pending.append(rows);
        while self.pending.len() >= GROUP_ROWS {
            let rest = self.pending.split_off(GROUP_ROWS);
            let group = std::mem::replace(&mut self.pending, rest);
            self.write(group)?;
        }
        Ok(())
    }

    fn write(&mut self, rows: Rows) -> Result<(), DataError> {
        let n_rows = rows.len();
        let written =
            frame(rows, &self.columns, n_rows).and_then(|frame| self.writer.write_batch(&frame));
        written.map_err(|error| write_error(self.file.path(), into_io(error)))
    }

    /// Writes what is left and the notes on the whole file, which has no name yet.
    ///
    /// # Errors
    /// [`DataError::File`] when the disk is full.
    pub(crate) fn finish(mut self, notes: Vec<KeyValue>) -> Result<AtomicFile, DataError> {
        let rest = std::mem::take(&mut self.pending);
        if !rest.is_empty() {
            self.write(rest)?;
        }
        let mut pairs = vec![field_notes(self.schema, &self.columns)];
        pairs.extend(notes);
        let ended = match self.writer.get_writer().lock() {
            Ok(mut writer) => writer.end(Some(pairs)),
            Err(_) => Err(PolarsError::ComputeError("a writer of the same file failed".into())),
        };
        ended.map_err(|error| write_error(self.file.path(), into_io(error)))?;
        Ok(self.file)
    }
}

fn time_type() -> DataType {
    DataType::Datetime(TimeUnit::Milliseconds, Some(TimeZone::UTC))
}

fn frame(
    mut rows: Rows,
    columns: &[&SchemaColumn],
    n_rows: usize,
) -> Result<DataFrame, PolarsError> {
    let time = Int64Chunked::from_vec(TIME.into(), std::mem::take(&mut rows.time));
    let time = time.into_series().cast(&time_type())?;
    let mut written: Vec<PolarsColumn> = vec![time.into_column()];
    for column in columns {
        let cells = rows.take(column.role).unwrap_or_else(|| vec![f64::NAN; n_rows]);
        let name = column.role.key().into();
        let series = if cells.iter().any(|cell| cell.is_nan()) {
            let known = |cell: &f64| (!cell.is_nan()).then_some(*cell);
            Series::new(name, cells.iter().map(known).collect::<Vec<_>>())
        } else {
            Float64Chunked::from_vec(name, cells).into_series()
        };
        written.push(series.into_column());
    }
    DataFrame::new(n_rows, written)
}

/// The Arrow schema that Polars would store, with unit and meaning added to each field.
fn field_notes(schema: &Schema, columns: &[&SchemaColumn]) -> KeyValue {
    let field = |name: &str, dtype: DataType, unit: &str, about: &str| {
        let arrow = dtype.to_arrow(CompatLevel::newest());
        let mut field = ArrowField::new(name.into(), arrow, true);
        let metadata = Arc::make_mut(field.metadata.get_or_insert_default());
        metadata.insert("unit".into(), unit.into());
        metadata.insert("about".into(), about.into());
        (field.name.clone(), field)
    };
    let time = field(TIME, time_type(), "UTC, milliseconds", schema.time);
    let others = columns
        .iter()
        .map(|column| field(column.role.key(), DataType::Float64, column.unit, column.about));
    let schema: ArrowSchema = std::iter::once(time).chain(others).collect();
    schema_to_metadata_key(&schema)
}

/// What a file of a single series says of itself.
pub(crate) fn notes(
    schema: &Schema,
    spec: &SeriesSpec,
    vol_name: &str,
    sources: &[String],
    verdict: (&SeriesQuality, &[String]),
) -> Vec<KeyValue> {
    let mut pairs = about((schema.name, spec.is, &spec.asset), sources, verdict);
    if schema.name == crate::schema::VOL.name {
        pairs.push(pair(keys::VOL_NAME, vol_name.to_owned()));
    }
    pairs
}

/// What any file of the schema says of itself.
pub(crate) fn about(
    (schema, kind, asset): (&str, SeriesKind, &str),
    sources: &[String],
    (quality, assumptions): (&SeriesQuality, &[String]),
) -> Vec<KeyValue> {
    let json = |list: &[String]| serde_json::Value::from(list.to_vec()).to_string();
    let findings: Vec<serde_json::Value> = quality.findings.iter().map(finding).collect();
    let step = quality.step_millis.map_or_else(String::new, |step| step.to_string());
    vec![
        pair(keys::SCHEMA, schema.to_owned()),
        pair(keys::KIND, kind.key().to_owned()),
        pair(keys::ASSET, asset.to_owned()),
        pair(keys::STEP, step),
        pair(keys::SOURCES, json(sources)),
        pair(keys::FORMAT, quality.format.clone()),
        pair(keys::FINDINGS, serde_json::Value::from(findings).to_string()),
        pair(keys::ASSUMPTIONS, json(assumptions)),
    ]
}

fn pair(key: &str, value: String) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(value) }
}

fn finding(finding: &Finding) -> serde_json::Value {
    serde_json::json!({
        "defect": finding.defect.about(),
        "severity": match finding.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
        },
        "count": finding.count,
        "first": finding.first.map(|first| first.to_string()),
        "detail": finding.detail,
    })
}

pub(crate) fn into_io(error: PolarsError) -> io::Error {
    match error {
        PolarsError::IO { error, .. } => io::Error::new(error.kind(), error.to_string()),
        other => io::Error::other(other),
    }
}
