//! Arrow IPC files (feather, version 2) through Polars: only the needed columns.

use std::io::Cursor;

use polars::prelude::{IpcReader, SerReader};

use crate::DataError;
use crate::formats::Plan;
use crate::read::frame::{self, Source, format_error};
use crate::read::head::Head;
use crate::read::raw::Raw;

const FORMAT: &str = "arrow";

/// The columns that a file has.
pub(crate) fn head(file: &str, bytes: &[u8]) -> Result<Head, DataError> {
    check_ends(file, bytes)?;
    let mut reader = IpcReader::new(Cursor::new(bytes));
    let schema = reader.schema().map_err(|error| format_error((file, FORMAT), &error))?;
    Ok(Head::of_columns(file, schema.iter_names().map(ToString::to_string).collect()))
}

/// The columns of `plan`.
pub(crate) fn read(file: &str, bytes: &[u8], head: &Head, plan: &Plan) -> Result<Raw, DataError> {
    let source: Source<'_> = (file, FORMAT);
    let frame = IpcReader::new(Cursor::new(bytes))
        .with_projection(Some(frame::projection(plan)))
        .finish()
        .map_err(|error| format_error(source, &error))?;
    if frame.height() == 0 {
        return Err(DataError::HeaderOnly { file: file.to_owned() });
    }
    frame::raw(source, head, plan, &frame)
}

/// An Arrow file ends with the mark it starts with.
fn check_ends(file: &str, bytes: &[u8]) -> Result<(), DataError> {
    if bytes.len() > 2 * 8 && bytes.ends_with(b"ARROW1") {
        return Ok(());
    }
    let reason = "it is cut short: the mark `ARROW1` at its end is missing".to_owned();
    Err(DataError::Format { file: file.to_owned(), format: FORMAT, reason })
}
