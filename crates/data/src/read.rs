//! Bytes to columns: what a file says, before anyone judges it.

pub(crate) mod arrow;
pub(crate) mod csv;
pub(crate) mod frame;
pub(crate) mod head;
pub(crate) mod json;
pub(crate) mod parquet;
pub(crate) mod raw;
pub(crate) mod stamps;
pub(crate) mod stream;
pub(crate) mod text;
pub(crate) mod unpack;

use crate::DataError;
use crate::formats::Plan;
use head::{Head, json_head};
use raw::{Places, Raw};
use unpack::{Content, Opened};

/// The top of an opened file.
///
/// # Errors
/// [`DataError`] when there is no row, or the file cannot be decoded.
pub(crate) fn head_of(opened: &Opened) -> Result<Head, DataError> {
    match &opened.content {
        Content::Text(bytes) => head::head(&opened.name, bytes),
        Content::Json(table) => json_head(&opened.name, table),
        Content::Parquet(bytes) => parquet::head(&opened.name, bytes),
        Content::Arrow(bytes) => arrow::head(&opened.name, bytes),
    }
}

/// The columns of `plan`, in its order.
///
/// # Errors
/// [`DataError`] when the file cannot be decoded; bad cells are no error here.
pub(crate) fn read(opened: &Opened, head: &Head, plan: &Plan) -> Result<Raw, DataError> {
    match &opened.content {
        Content::Parquet(bytes) => parquet::read(&opened.name, bytes, head, plan),
        Content::Arrow(bytes) => arrow::read(&opened.name, bytes, head, plan),
        Content::Text(bytes) => Ok(read_text(bytes, head, plan)),
        Content::Json(table) => {
            Ok(Raw { places: Places::Records, ..read_text(&table.csv, head, plan) })
        }
    }
}

/// Comma-separated lines: fast where every cell is as it should be, else cell by cell.
pub(crate) fn read_text(bytes: &[u8], head: &Head, plan: &Plan) -> Raw {
    csv::read(bytes, head, plan).unwrap_or_else(|| text::read(bytes, head, plan))
}
