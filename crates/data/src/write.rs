//! Tables to Parquet, each column with its unit and meaning.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use hedgerow_core::{Cells, Column, Table};
use polars::prelude::{
    ArrowField, ArrowSchema, Column as PolarsColumn, CompatLevel, DataFrame, DataType,
    FrozenCategories, IntoColumn, KeyValueMetadata, NamedFrom, ParquetCompression, ParquetReader,
    ParquetWriter, PolarsError, SerReader, Series, TimeUnit,
};
use polars_parquet::write::{KeyValue, schema_to_metadata_key};

use crate::atomic::{AtomicFile, write_error};
use crate::canonical::into_io;
use crate::{DataError, FileError};

/// Writes a table as Parquet (zstandard). Readers find unit and meaning of a column as `unit` and `about` in the
/// metadata of its field (`pyarrow`: `schema.field(name).metadata`); times are UTC milliseconds, names are dictionaries.
/// The file appears whole or not at all.
///
/// # Errors
/// [`DataError::File`] when the file cannot be written.
///
/// # Panics
/// When the columns have different lengths, names repeat, or an index points at no name: a programmer's error.
pub fn write_parquet(table: &Table, path: &Path) -> Result<(), DataError> {
    table_file(table, path, Vec::new())?.appear().map(|_| ())
}

/// A table as Parquet, with further notes, in a file that has no name yet.
///
/// # Errors
/// [`DataError::File`] when the file cannot be written.
pub(crate) fn table_file(
    table: &Table,
    path: &Path,
    notes: Vec<KeyValue>,
) -> Result<AtomicFile, DataError> {
    let file = AtomicFile::new(path)?;
    write_to(table, file.writer()?, notes).map_err(|reason| write_error(path, reason))?;
    Ok(file)
}

fn write_to(table: &Table, file: File, notes: Vec<KeyValue>) -> io::Result<()> {
    let columns = table.columns.iter().map(polars_column).collect::<Result<Vec<_>, _>>();
    let frame = columns.and_then(DataFrame::new_infer_height).map_err(io::Error::other);
    let mut frame = frame.expect("the columns of a table have one length");
    let mut pairs = vec![field_metadata(table, &frame)];
    pairs.extend(notes);
    ParquetWriter::new(file)
        .with_compression(ParquetCompression::Zstd(None))
        .with_key_value_metadata(Some(KeyValueMetadata::Static(pairs)))
        .finish(&mut frame)
        .map_err(into_io)?;
    Ok(())
}

fn polars_column(column: &Column) -> Result<PolarsColumn, PolarsError> {
    let name = column.name.as_str().into();
    match &column.cells {
        Cells::Time(time) => {
            let millis: Vec<i64> = time.iter().map(|time| time.millis()).collect();
            let utc =
                DataType::Datetime(TimeUnit::Milliseconds, Some(polars::prelude::TimeZone::UTC));
            Ok(Series::new(name, millis).cast(&utc)?.into_column())
        }
        Cells::Numbers(numbers) => Ok(Series::new(name, numbers).into_column()),
        Cells::Maybe(numbers) => Ok(Series::new(name, numbers).into_column()),
        Cells::Names { names, index } => {
            let text: Vec<&str> =
                index.iter().map(|index| names[*index as usize].as_str()).collect();
            // An enumeration of its own: the categories that Polars shares would depend on what else was written.
            let categories = FrozenCategories::new(names.iter().map(String::as_str))?;
            let categories = DataType::from_frozen_categories(categories);
            Ok(Series::new(name, text).cast(&categories)?.into_column())
        }
    }
}

/// The Arrow schema that Polars would store, with unit and meaning added to each field.
fn field_metadata(table: &Table, frame: &DataFrame) -> KeyValue {
    let fields = table.columns.iter().zip(frame.columns()).map(|(column, written)| {
        let mut field: ArrowField = written.field().to_arrow(CompatLevel::newest());
        let metadata = Arc::make_mut(field.metadata.get_or_insert_default());
        metadata.insert("unit".into(), column.unit.into());
        metadata.insert("about".into(), column.about.into());
        (field.name.clone(), field)
    });
    let schema: ArrowSchema = fields.collect();
    schema_to_metadata_key(&schema)
}

/// One column of numbers of a Parquet file; `None` where a cell is empty.
///
/// # Errors
/// [`DataError`] when the file cannot be read, has no such column, or the column does not hold numbers.
pub fn read_parquet_numbers(path: &Path, column: &str) -> Result<Vec<Option<f64>>, DataError> {
    let name = path.display().to_string();
    let file = File::open(path)
        .map_err(|reason| DataError::File(FileError::Open { path: path.to_owned(), reason }))?;
    let format_error = |error: PolarsError| DataError::Format {
        file: name.clone(),
        format: "parquet",
        reason: error.to_string(),
    };
    let frame = ParquetReader::new(file).finish().map_err(format_error)?;
    let numbers = frame.column(column).and_then(|column| column.strict_cast(&DataType::Float64));
    let numbers = numbers.map_err(format_error)?;
    Ok(numbers.f64().map_err(format_error)?.iter().collect())
}
