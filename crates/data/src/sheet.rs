//! Tables of which nothing is known but the names of their columns, in and out: CSV and Parquet.

mod typed;

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::path::Path;

use hedgerow_core::{Cells, Table};
use polars::prelude::{
    Column, CsvReadOptions, DataFrame, DataType, IpcReader, ParquetReader, PolarsError, SerReader,
};

use crate::frame::ragged;
use crate::read::head::{Head, Lines, head};
use crate::read::text::{fields, text_rows};
use crate::read::unpack::{Content, Opened, open_each};
use crate::write::write_parquet;
use crate::{DataError, FileError};

/// A table as a file has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// The file, as the user wrote it.
    pub file: String,
    /// Its columns, all of one length, in the order of the file.
    pub columns: Vec<SheetColumn>,
    /// On which line each row starts, from 1; empty where the file has no lines (Parquet, Arrow).
    pub lines: Vec<usize>,
}

/// One column of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetColumn {
    /// As the file calls it.
    pub name: String,
    /// What stands in it.
    pub cells: SheetCells,
}

/// Cells of one kind; `None` where a cell is empty.
#[derive(Debug, Clone, PartialEq)]
pub enum SheetCells {
    /// Every cell that is not empty is a number.
    Numbers(Vec<Option<f64>>),
    /// Anything else.
    Text(Vec<Option<String>>),
}

impl Sheet {
    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, |column| match &column.cells {
            SheetCells::Numbers(cells) => cells.len(),
            SheetCells::Text(cells) => cells.len(),
        })
    }

    /// Where a row stands, for messages: `line 7`, or `row 6` where the file has no lines.
    pub fn place(&self, row: usize) -> String {
        self.lines
            .get(row)
            .map_or_else(|| format!("row {}", row + 1), |line| format!("line {line}"))
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&SheetColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Reads a CSV, Parquet or Arrow file, compressed or not, with a header.
///
/// # Errors
/// [`DataError`] when it cannot be read, has no header or no rows, or two columns have one name.
pub fn read_sheet(path: &Path) -> Result<Sheet, DataError> {
    let mut members = Vec::new();
    open_each(path, path, &mut |opened| {
        members.push(opened);
        Ok(())
    })?;
    let opened = members.remove(0);
    let refuse = |reason: String| {
        Err(DataError::Format { file: opened.name.clone(), format: "table", reason })
    };
    if !members.is_empty() {
        return refuse(format!("the archive holds {} files, expected one", members.len() + 1));
    }
    let mut lines = Vec::new();
    let frame = match &opened.content {
        Content::Parquet(bytes) => ParquetReader::new(Cursor::new(bytes)).finish(),
        Content::Arrow(bytes) => IpcReader::new(Cursor::new(bytes)).finish(),
        Content::Text(bytes) => {
            let head = head(&opened.name, bytes)?;
            let rows = text_rows(bytes, &head);
            lines = rows.lines;
            text_frame(&opened, (bytes, &rows.text), &head)?
        }
        Content::Json(_) => return refuse("it is JSON, expected CSV, Parquet or Arrow".to_owned()),
    };
    let format_error = |error: PolarsError| DataError::Format {
        file: opened.name.clone(),
        format: "table",
        reason: error.to_string(),
    };
    let frame = frame.map_err(format_error)?;
    let columns = frame.columns().iter().map(sheet_column).collect::<Result<_, _>>();
    let mut sheet =
        Sheet { file: opened.name.clone(), columns: columns.map_err(format_error)?, lines };
    if sheet.n_rows() == 0 {
        return Err(DataError::HeaderOnly { file: sheet.file });
    }
    if sheet.lines.len() != sheet.n_rows() {
        // Rows are told otherwise than the lines are: better no line than a wrong one.
        sheet.lines.clear();
    }
    Ok(sheet)
}

fn text_frame(
    opened: &Opened,
    (bytes, body): (&[u8], &[u8]),
    head: &Head,
) -> Result<Result<DataFrame, PolarsError>, DataError> {
    let refuse = |reason: String| {
        Err(DataError::Format { file: opened.name.clone(), format: "table", reason })
    };
    if !head.has_header {
        return refuse("its first line has numbers, expected names of columns".to_owned());
    }
    let repeated = |name: &&String| head.names.iter().filter(|other| other == name).count() > 1;
    if let Some(name) = head.names.iter().find(repeated) {
        return refuse(format!("two columns are called `{name}`"));
    }
    check_fields(&opened.name, bytes, head)?;
    let frame = CsvReadOptions::default()
        .with_has_header(false)
        .with_infer_schema_length(None)
        .map_parse_options(|options| options.with_separator(head.separator))
        .into_reader_with_file_handle(Cursor::new(body))
        .finish()
        .and_then(|mut frame| {
            frame.set_column_names(&head.names)?;
            Ok(frame)
        });
    Ok(frame)
}

/// Refuses a line with more or fewer fields than the header. A text with a cell that goes on over several lines is left to
/// the reader of the table.
fn check_fields(file: &str, bytes: &[u8], head: &Head) -> Result<(), DataError> {
    for line in Lines::from_line(bytes, head.body, head.body_line) {
        let is = |byte| move |other: &&u8| **other == byte;
        let n_fields = match line.text.iter().filter(is(b'"')).count() {
            _ if line.text.trim_ascii().is_empty() => continue,
            0 => 1 + line.text.iter().filter(is(head.separator)).count(),
            n if n % 2 == 1 => return Ok(()),
            _ => fields(&String::from_utf8_lossy(line.text), head.separator, |_, _| {}),
        };
        if n_fields != head.names.len() {
            return Err(ragged(file, line.number, n_fields, head));
        }
    }
    Ok(())
}

fn sheet_column(column: &Column) -> Result<SheetColumn, PolarsError> {
    let name = column.name().to_string();
    let dtype = column.dtype();
    let cells = if dtype.is_primitive_numeric() && is_exact(column)? {
        let numbers = column.cast(&DataType::Float64)?;
        SheetCells::Numbers(numbers.f64()?.iter().collect())
    } else {
        let text = column.cast(&DataType::String)?;
        let cells = text.str()?.iter().map(|cell| cell.map(|cell| cell.trim().to_owned()));
        SheetCells::Text(cells.collect())
    };
    Ok(SheetColumn { name, cells })
}

/// Whether every whole number of a column is one that a double holds: longer ones are names, and are kept as text.
fn is_exact(column: &Column) -> Result<bool, PolarsError> {
    const LARGEST: u64 = 1 << 53;
    Ok(match column.dtype() {
        DataType::Int64 => {
            column.i64()?.iter().flatten().all(|cell| cell.unsigned_abs() <= LARGEST)
        }
        DataType::UInt64 => column.u64()?.iter().flatten().all(|cell| cell <= LARGEST),
        _ => true,
    })
}

/// Writes a table to a file that ends in `.parquet` or `.csv`; it appears whole or not at all. CSV has an empty cell where
/// a figure is unknown, and numbers that read back as the same bits.
///
/// # Errors
/// [`FileError::Write`] when it cannot be written; [`FileError::Target`] for another ending.
///
/// # Panics
/// As for [`write_parquet`].
pub fn write_table(table: &Table, path: &Path) -> Result<(), DataError> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("parquet") => write_parquet(table, path),
        Some("csv") => {
            let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
            let written = std::fs::File::create(&temporary)
                .and_then(|mut file| file.write_all(csv(table).as_bytes()))
                .and_then(|()| std::fs::rename(&temporary, path));
            written.map_err(|reason| {
                // Nothing half-written stays behind; that the file may not exist is no second error.
                let _ = std::fs::remove_file(&temporary);
                DataError::File(FileError::Write { path: path.to_owned(), reason })
            })
        }
        _ => Err(DataError::File(FileError::Target { path: path.to_owned() })),
    }
}

fn csv(table: &Table) -> String {
    let names: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    let mut text = names.join(",");
    text.push('\n');
    for row in 0..table.n_rows() {
        for (index, column) in table.columns.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            // Writing to a string cannot fail.
            let _ = match &column.cells {
                Cells::Time(time) => write!(text, "{}", time[row]),
                Cells::Numbers(numbers) => write!(text, "{}", numbers[row]),
                Cells::Maybe(numbers) => {
                    numbers[row].map_or(Ok(()), |number| write!(text, "{number}"))
                }
                Cells::Names { names, index } => {
                    write!(text, "{}", quoted(&names[index[row] as usize]))
                }
            };
        }
        text.push('\n');
    }
    text
}

/// A cell of text, in quotes where it must be.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
