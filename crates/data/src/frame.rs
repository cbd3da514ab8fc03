//! Chosen columns of a file whose rows belong to many instruments: text, numbers, stamps, each with its place.

use std::io::Cursor;
use std::sync::Arc;

use hedgerow_core::{Defect, Severity};
use polars::prelude::{
    Column, CsvReadOptions, DataFrame, DataType, ParquetReader, PlSmallStr, PolarsError, Schema,
    SerReader, StringChunked, TimeUnit as PolarsUnit,
};

use crate::DataError;
use crate::findings::{Findings, Seen};
use crate::read::csv::{is_cut_short, is_rectangular};
use crate::read::head::{Head, Lines};
use crate::read::raw::UNREADABLE;
use crate::read::stamps;
use crate::read::text::{fields, whole};
use crate::read::unpack::{Content, Opened};
use crate::source::{TimeUnit, Zone};

/// Some columns of a file.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    /// As the user wrote it.
    pub(crate) file: &'a str,
    head: &'a Head,
    frame: DataFrame,
    /// The last row, where its line is cut short.
    pub(crate) cut_short: Option<usize>,
    has_lines: bool,
}

/// Cells of one column that cannot be read: how many, and the first with its row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct BadCells {
    pub(crate) count: usize,
    pub(crate) first: Option<(usize, String)>,
}

impl BadCells {
    /// Counts a cell.
    pub(crate) fn add(&mut self, row: usize, text: &str) {
        self.count += 1;
        if self.first.is_none() {
            self.first = Some((row, text.to_owned()));
        }
    }
}

/// Reads the wanted columns of a file.
///
/// # Errors
/// [`DataError`] when the file cannot be decoded, or a line has another number of fields than the header.
pub(crate) fn frame<'a>(
    opened: &'a Opened,
    head: &'a Head,
    wanted: &[usize],
) -> Result<Frame<'a>, DataError> {
    let mut projection = wanted.to_vec();
    projection.sort_unstable();
    projection.dedup();
    let file = opened.name.as_str();
    match &opened.content {
        Content::Text(bytes) => {
            let is_cut = is_cut_short(bytes, head);
            if !is_cut && !is_rectangular(&bytes[head.body..], head) {
                check_lines(file, bytes, head)?;
            }
            let frame = text(&bytes[head.body..], head, projection)
                .map_err(|error| broken(file, &error))?;
            let cut_short = frame.height().checked_sub(1).filter(|_| is_cut);
            Ok(Frame { file, head, frame, cut_short, has_lines: true })
        }
        Content::Parquet(bytes) => {
            let frame = ParquetReader::new(Cursor::new(&bytes[..]))
                .with_projection(Some(projection))
                .finish()
                .map_err(|error| broken(file, &error))?;
            Ok(Frame { file, head, frame, cut_short: None, has_lines: false })
        }
    }
}

fn broken(file: &str, error: &PolarsError) -> DataError {
    DataError::Format { file: file.to_owned(), format: "table", reason: error.to_string() }
}

/// Every column as text: what a cell means is judged here, with its place.
fn text(body: &[u8], head: &Head, projection: Vec<usize>) -> Result<DataFrame, PolarsError> {
    let names = head.names.len();
    let schema: Schema =
        (0..names).map(|index| (PlSmallStr::from(own_name(index)), DataType::String)).collect();
    CsvReadOptions::default()
        .with_has_header(false)
        .with_schema(Some(Arc::new(schema)))
        .with_projection(Some(Arc::new(projection)))
        .with_n_threads(Some(1))
        .map_parse_options(|options| options.with_separator(head.separator))
        .into_reader_with_file_handle(Cursor::new(body))
        .finish()
}

/// Names of our own: those of the file may repeat.
fn own_name(index: usize) -> String {
    format!("c{index}")
}

/// Finds the line whose number of fields is not that of the header.
fn check_lines(file: &str, bytes: &[u8], head: &Head) -> Result<(), DataError> {
    for line in Lines::from_line(bytes, head.body, head.body_line) {
        let found = fields(&String::from_utf8_lossy(line.text), head.separator, |_, _| {});
        if !line.text.trim_ascii().is_empty() && found != head.names.len() {
            return Err(DataError::Format {
                file: file.to_owned(),
                format: "table",
                reason: format!(
                    "line {} has {found} fields, expected {}",
                    line.number,
                    head.names.len()
                ),
            });
        }
    }
    Ok(())
}

impl Frame<'_> {
    /// Number of rows.
    pub(crate) fn n_rows(&self) -> usize {
        self.frame.height()
    }

    /// `line 7`, or `row 6` where the file has no lines.
    pub(crate) fn place(&self, row: usize) -> String {
        if self.has_lines {
            format!("line {}", self.head.body_line + row)
        } else {
            format!("row {}", row + 1)
        }
    }

    /// Name of a column in the file.
    pub(crate) fn name(&self, index: usize) -> &str {
        &self.head.names[index]
    }

    /// A cell that cannot be used, as an error.
    pub(crate) fn bad_cell(&self, index: usize, row: usize, text: &str, expected: &'static str) -> DataError {
        let found = if text.is_empty() { "nothing".to_owned() } else { format!("`{text}`") };
        DataError::Cell {
            file: self.file.to_owned(),
            place: self.place(row),
            column: self.name(index).to_owned(),
            found,
            expected,
        }
    }

    /// Says that cells could not be used: how many, and the first with its place.
    pub(crate) fn note(
        &self,
        defect: Defect,
        what: &'static str,
        bad: &BadCells,
        findings: &mut Findings,
    ) {
        let example = bad.first.as_ref().map(|(row, text)| {
            let text: String = text.chars().take(80).collect();
            format!("`{}` {}: `{text}`", self.file, self.place(*row))
        });
        findings.add(Seen {
            defect,
            severity: Severity::Warning,
            count: bad.count,
            first: None,
            what: what.into(),
            example,
        });
    }

    /// Says that the last line is cut short, if it is.
    pub(crate) fn note_cut(&self, findings: &mut Findings) {
        let Some(row) = self.cut_short else { return };
        findings.add(Seen {
            defect: Defect::Unfinished,
            severity: Severity::Warning,
            count: 1,
            first: None,
            what: "last lines are cut short and dropped".into(),
            example: Some(format!("`{}` {}", self.file, self.place(row))),
        });
    }

    fn column(&self, index: usize) -> Result<&Column, DataError> {
        let name = if self.has_lines { own_name(index) } else { self.head.names[index].clone() };
        self.frame.column(&name).map_err(|error| broken(self.file, &error))
    }

    /// A column as text.
    pub(crate) fn texts(&self, index: usize) -> Result<StringChunked, DataError> {
        let column = self.column(index)?;
        let text = column.cast(&DataType::String).and_then(|column| column.str().cloned());
        text.map_err(|error| broken(self.file, &error))
    }

    /// A column as numbers: NaN where a cell says nothing.
    pub(crate) fn numbers(&self, index: usize) -> Result<(Vec<f64>, BadCells), DataError> {
        let column = self.column(index)?;
        let mut bad = BadCells::default();
        if column.dtype() != &DataType::String {
            let numbers = column.cast(&DataType::Float64);
            let numbers = numbers.map_err(|error| broken(self.file, &error))?;
            let numbers = numbers.f64().map_err(|error| broken(self.file, &error))?;
            return Ok((numbers.iter().map(|cell| cell.unwrap_or(f64::NAN)).collect(), bad));
        }
        let texts = column.str().map_err(|error| broken(self.file, &error))?;
        let number = |(row, cell): (usize, Option<&str>)| {
            let Some(cell) = cell.map(str::trim).filter(|cell| !is_blank(cell)) else {
                return f64::NAN;
            };
            cell.parse::<f64>().ok().filter(|number| number.is_finite()).unwrap_or_else(|| {
                bad.add(row, cell);
                f64::NAN
            })
        };
        Ok((texts.iter().enumerate().map(number).collect(), bad))
    }

    /// A column as instants, milliseconds UTC; [`UNREADABLE`] where a cell cannot be read. Numbers tell their unit by their
    /// size unless it is declared.
    pub(crate) fn stamps(
        &self,
        index: usize,
        unit: Option<TimeUnit>,
        zone: Option<Zone>,
    ) -> Result<(Vec<i64>, BadCells), DataError> {
        let column = self.column(index)?;
        let error = |error: PolarsError| broken(self.file, &error);
        let mut bad = BadCells::default();
        let time = match column.dtype() {
            DataType::Date | DataType::Datetime(..) => {
                let millis = DataType::Datetime(PolarsUnit::Milliseconds, None);
                let whole = column.cast(&millis).and_then(|column| column.cast(&DataType::Int64));
                let whole = whole.map_err(error)?;
                let whole = whole.i64().map_err(error)?;
                whole.iter().map(|cell| cell.unwrap_or(UNREADABLE)).collect()
            }
            DataType::String => {
                let texts = column.str().map_err(error)?;
                instants(texts, unit, zone, &mut bad)
            }
            _ => {
                let whole = column.cast(&DataType::Int64).map_err(error)?;
                let whole = whole.i64().map_err(error)?;
                whole.iter().map(|cell| cell.map_or(UNREADABLE, |cell| millis(cell, unit))).collect()
            }
        };
        Ok((time, bad))
    }
}

/// Nothing was said.
fn is_blank(cell: &str) -> bool {
    cell.is_empty() || ["null", "none", "nan", "n/a", "-"].iter().any(|word| cell.eq_ignore_ascii_case(word))
}

fn millis(stamp: i64, unit: Option<TimeUnit>) -> i64 {
    unit.filter(|unit| *unit != TimeUnit::Text)
        .or_else(|| stamps::looks_like(stamp))
        .map_or(UNREADABLE, |unit| stamps::to_millis(stamp, unit))
}

fn instants(
    texts: &StringChunked,
    unit: Option<TimeUnit>,
    zone: Option<Zone>,
    bad: &mut BadCells,
) -> Vec<i64> {
    // The rows of a snapshot have one stamp: it is read once.
    let (mut last_text, mut last) = ("", UNREADABLE);
    let mut time = Vec::with_capacity(texts.len());
    for (row, cell) in texts.iter().enumerate() {
        let cell = cell.map_or("", str::trim);
        if cell != last_text || row == 0 {
            let instant = instant(cell, unit, zone);
            if instant.is_none() {
                bad.add(row, cell);
            }
            (last_text, last) = (cell, instant.unwrap_or(UNREADABLE));
        } else if last == UNREADABLE {
            bad.add(row, cell);
        }
        time.push(last);
    }
    time
}

/// An instant in words, or as a number whose unit is declared or shows in its size.
pub(crate) fn instant(cell: &str, unit: Option<TimeUnit>, zone: Option<Zone>) -> Option<i64> {
    let number = || cell.parse().ok().or_else(|| whole(cell.parse().ok()?));
    match number().filter(|_| unit != Some(TimeUnit::Text)) {
        Some(number) => Some(millis(number, unit)).filter(|stamp| *stamp != UNREADABLE),
        None => stamps::instant(cell, zone),
    }
}
