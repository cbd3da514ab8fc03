//! Parquet through Polars: only the needed columns.

use std::fs::File;
use std::io::Cursor;

use polars::prelude::{ParquetReader, SerReader};

use crate::DataError;
use crate::formats::Plan;
use crate::read::frame::{self, Source, format_error};
use crate::read::head::Head;
use crate::read::raw::{Places, Raw};

const FORMAT: &str = "parquet";

/// The columns that a file has.
pub(crate) fn head(file: &str, bytes: &[u8]) -> Result<Head, DataError> {
    let source: Source<'_> = (file, FORMAT);
    let mut reader = ParquetReader::new(Cursor::new(bytes));
    let schema = reader.schema().map_err(|error| format_error(source, &error))?;
    if reader.num_rows().map_err(|error| format_error(source, &error))? == 0 {
        return Err(DataError::HeaderOnly { file: file.to_owned() });
    }
    let names = schema.iter_names().map(ToString::to_string).collect();
    let metadata = reader.get_metadata().map_err(|error| format_error(source, &error))?;
    let pairs = metadata.key_value_metadata().iter().flatten();
    let notes = pairs.filter_map(|pair| Some((pair.key.clone(), pair.value.clone()?))).collect();
    Ok(Head { notes, ..Head::of_columns(file, names) })
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

/// A stretch of rows of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slice {
    pub(crate) start: usize,
    pub(crate) n_rows: usize,
    /// Rows of the whole file.
    pub(crate) n_rows_of_file: usize,
}

/// A file as stretches of whole row groups, each of about so many rows.
pub(crate) fn slices(file: &str, opened: File, rows: usize) -> Result<Vec<Slice>, DataError> {
    let mut reader = ParquetReader::new(opened);
    let metadata = reader.get_metadata().map_err(|error| format_error((file, FORMAT), &error))?;
    let n_rows_of_file = metadata.num_rows;
    let (mut slices, mut start, mut n_rows) = (Vec::new(), 0, 0);
    for group in &metadata.row_groups {
        n_rows += group.num_rows();
        if n_rows >= rows {
            slices.push(Slice { start, n_rows, n_rows_of_file });
            (start, n_rows) = (start + n_rows, 0);
        }
    }
    if n_rows > 0 {
        slices.push(Slice { start, n_rows, n_rows_of_file });
    }
    Ok(slices)
}

/// The columns of `plan` in a stretch of a file.
pub(crate) fn read_slice(
    file: &str,
    opened: File,
    (head, plan): (&Head, &Plan),
    slice: Slice,
) -> Result<Raw, DataError> {
    let source: Source<'_> = (file, FORMAT);
    let frame = ParquetReader::new(opened)
        .with_projection(Some(frame::projection(plan)))
        .with_slice(Some((slice.start, slice.n_rows)))
        .finish()
        .map_err(|error| format_error(source, &error))?;
    let raw = frame::raw(source, head, plan, &frame)?;
    Ok(Raw { places: Places::RowsFrom(slice.start), ..raw })
}
