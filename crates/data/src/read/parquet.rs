//! Parquet through Polars: only the needed columns.

use std::io::Cursor;

use polars::prelude::{ParquetReader, SerReader};

use crate::DataError;
use crate::formats::Plan;
use crate::read::frame::{self, Source, format_error};
use crate::read::head::Head;
use crate::read::raw::Raw;

const FORMAT: &str = "parquet";

/// The columns that a file has.
pub(crate) fn head(file: &str, bytes: &[u8]) -> Result<Head, DataError> {
    let source: Source<'_> = (file, FORMAT);
    let mut reader = ParquetReader::new(Cursor::new(bytes));
    let schema = reader.schema().map_err(|error| format_error(source, &error))?;
    if reader.num_rows().map_err(|error| format_error(source, &error))? == 0 {
        return Err(DataError::HeaderOnly { file: file.to_owned() });
    }
    Ok(Head::of_columns(file, schema.iter_names().map(ToString::to_string).collect()))
}

/// The columns of `plan`.
pub(crate) fn read(file: &str, bytes: &[u8], head: &Head, plan: &Plan) -> Result<Raw, DataError> {
    let source: Source<'_> = (file, FORMAT);
    let frame = ParquetReader::new(Cursor::new(bytes))
        .with_projection(Some(frame::projection(plan)))
        .finish()
        .map_err(|error| format_error(source, &error))?;
    frame::raw(source, head, plan, &frame)
}
