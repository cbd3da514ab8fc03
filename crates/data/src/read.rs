//! Bytes to columns: what a file says, before anyone judges it.

pub(crate) mod csv;
pub(crate) mod head;
pub(crate) mod parquet;
pub(crate) mod raw;
pub(crate) mod stamps;
pub(crate) mod stream;
pub(crate) mod text;
pub(crate) mod unpack;

use crate::DataError;
use crate::formats::Plan;
use head::Head;
use raw::Raw;
use unpack::{Content, Opened};

/// The columns of `plan`, in its order.
///
/// # Errors
/// [`DataError`] when the file cannot be decoded; bad cells are no error here.
pub(crate) fn read(opened: &Opened, head: &Head, plan: &Plan) -> Result<Raw, DataError> {
    match &opened.content {
        Content::Parquet(bytes) => parquet::read(&opened.name, bytes, plan),
        Content::Text(bytes) => match csv::read(bytes, head, plan) {
            Some(raw) => Ok(raw),
            None => Ok(text::read(bytes, head, plan)),
        },
    }
}
