//! A file as blocks of rows: some megabytes of text, cut at ends of lines; a few row groups of Parquet.

use std::io::{BufRead, Read};

use crate::formats::Plan;
use crate::read::head::Head;
use crate::read::raw::Raw;
use crate::read::read_text;
use crate::read::stream::read_error;
use crate::{DataError, FileError};

/// Bytes of text that are parsed at a time.
pub(crate) const BLOCK_BYTES: usize = 8 << 20;

/// No line of market data is longer.
const MAX_LINE: usize = 1 << 20;

/// Takes the lines of a block, the first of which has this number.
pub(crate) type TakeLines<'a> = dyn FnMut(&[u8], usize) -> Result<(), DataError> + 'a;

/// Gives the blocks of a text to `take`, the first with the head of the file.
///
/// # Errors
/// [`DataError`] when it cannot be read, a line never ends, or `take` fails.
pub(crate) fn text(
    (name, reader): (&str, &mut dyn BufRead),
    block_bytes: usize,
    take: &mut TakeLines<'_>,
) -> Result<(), DataError> {
    let (mut buffer, mut line) = (Vec::new(), 1);
    loop {
        let wanted = block_bytes.saturating_sub(buffer.len()).max(1);
        let found = reader
            .take(wanted as u64)
            .read_to_end(&mut buffer)
            .map_err(|error| read_error(name, &error))?;
        if found == 0 {
            if !buffer.is_empty() {
                take(&buffer, line)?;
            }
            return Ok(());
        }
        let Some(cut) = last_line_end(&buffer) else {
            if buffer.len() > MAX_LINE.max(block_bytes) {
                let file = name.to_owned();
                return Err(DataError::File(FileError::LongLine {
                    file,
                    line,
                    limit_kib: MAX_LINE >> 10,
                }));
            }
            if buffer.len() >= block_bytes {
                // A line longer than the block: read on until it ends.
                let more = reader
                    .take(MAX_LINE as u64)
                    .read_until(b'\n', &mut buffer)
                    .map_err(|error| read_error(name, &error))?;
                if more >= MAX_LINE {
                    let file = name.to_owned();
                    return Err(DataError::File(FileError::LongLine {
                        file,
                        line,
                        limit_kib: MAX_LINE >> 10,
                    }));
                }
            }
            continue;
        };
        if buffer.len() < block_bytes {
            continue;
        }
        let rest = buffer.split_off(cut);
        take(&buffer, line)?;
        line += buffer.iter().filter(|byte| **byte == b'\n').count();
        buffer = rest;
    }
}

/// Just after the last end of a line that stands outside quotes.
pub(crate) fn last_line_end(bytes: &[u8]) -> Option<usize> {
    if !bytes.contains(&b'"') {
        return bytes.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
    }
    let (mut quoted, mut last) = (false, None);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => last = Some(at + 1),
            _ => {}
        }
    }
    last
}

/// The columns of one block of text, whose first line has this number.
pub(crate) fn parse(bytes: &[u8], line: usize, head: &Head, plan: &Plan) -> Raw {
    let (body, body_line) = match line {
        // A block that ends before the head does has no rows.
        1 => (head.body.min(bytes.len()), head.body_line),
        _ => (0, line),
    };
    read_text(bytes, &Head { body, body_line, ..head.clone() }, plan)
}
