//! Chosen columns of a file whose rows belong to many instruments: text, numbers, stamps, each with its place.

mod texts;

use std::borrow::Cow;
use std::io::Cursor;

use hedgerow_core::{Defect, Severity};
use polars::prelude::{
    Column, DataFrame, DataType, IpcReader, ParquetReader, PolarsError, SerReader,
    TimeUnit as PolarsUnit,
};

use crate::DataError;
use crate::findings::{Findings, Seen};
use crate::read::head::{Head, Lines};
use crate::read::raw::UNREADABLE;
use crate::read::stamps;
use crate::read::text::{fields, whole};
use crate::read::unpack::{Content, Opened};
use crate::source::{TimeUnit, Zone};
pub(crate) use texts::Texts;

/// Some columns of a file.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    /// As the user wrote it.
    pub(crate) file: &'a str,
    head: &'a Head,
    /// The columns with their places in the file.
    columns: Vec<(usize, Cells)>,
    n_rows: usize,
    /// Line of each row; empty where the file has no lines.
    lines: Vec<usize>,
    /// What a row is called there.
    row_name: &'static str,
    /// The last row, where its line is cut short.
    pub(crate) cut_short: Option<usize>,
}

#[derive(Debug)]
enum Cells {
    Text(Texts),
    Typed(Column),
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
    let mut wanted = wanted.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    check_names(&opened.name, head, &wanted)?;
    match &opened.content {
        Content::Text(bytes) => text(&opened.name, bytes, head, &wanted),
        Content::Json(table) => {
            let frame = text(&opened.name, &table.csv, head, &wanted)?;
            Ok(Frame { lines: Vec::new(), row_name: "record", ..frame })
        }
        Content::Parquet(bytes) => {
            let reader = ParquetReader::new(Cursor::new(&bytes[..]));
            typed(
                &opened.name,
                head,
                &wanted,
                reader.with_projection(Some(wanted.clone())).finish(),
            )
        }
        Content::Arrow(bytes) => {
            let reader = IpcReader::new(Cursor::new(&bytes[..]));
            typed(
                &opened.name,
                head,
                &wanted,
                reader.with_projection(Some(wanted.clone())).finish(),
            )
        }
    }
}

/// Refuses a wanted name that stands there twice.
fn check_names(file: &str, head: &Head, wanted: &[usize]) -> Result<(), DataError> {
    for index in wanted {
        let column = &head.names[*index];
        let count = head.names.iter().filter(|name| *name == column).count();
        if head.has_header && count > 1 {
            return Err(DataError::Twice { file: file.to_owned(), column: column.clone(), count });
        }
    }
    Ok(())
}

fn typed<'a>(
    file: &'a str,
    head: &'a Head,
    wanted: &[usize],
    frame: Result<DataFrame, PolarsError>,
) -> Result<Frame<'a>, DataError> {
    let frame = frame.map_err(|error| broken(file, &error))?;
    let mut columns = Vec::with_capacity(wanted.len());
    for index in wanted.iter().copied() {
        let column = frame.column(&head.names[index]).map_err(|error| broken(file, &error))?;
        columns.push((index, Cells::Typed(column.clone())));
    }
    Ok(Frame {
        file,
        head,
        columns,
        n_rows: frame.height(),
        lines: Vec::new(),
        row_name: "row",
        cut_short: None,
    })
}

fn broken(file: &str, error: &PolarsError) -> DataError {
    DataError::Format { file: file.to_owned(), format: "table", reason: error.to_string() }
}

/// Every wanted column as text: what a cell means is judged later, with its place.
fn text<'a>(
    file: &'a str,
    bytes: &[u8],
    head: &'a Head,
    wanted: &[usize],
) -> Result<Frame<'a>, DataError> {
    let mut columns = vec![Texts::default(); wanted.len()];
    let mut slots = vec![None; head.names.len()];
    wanted.iter().enumerate().for_each(|(slot, index)| slots[*index] = Some(slot));
    let (mut lines, mut cut_short) = (Vec::new(), None);
    for line in Lines::from_line(bytes, head.body, head.body_line) {
        if line.text.trim_ascii().is_empty() {
            continue;
        }
        let text = String::from_utf8_lossy(line.text);
        let n_fields = fields(&text, head.separator, |field, cell| {
            if let Some(Some(slot)) = slots.get(field) {
                columns[*slot].push(cell.trim());
            }
        });
        columns.iter_mut().for_each(Texts::end_cell);
        if n_fields != head.names.len() {
            if line.ended || n_fields > head.names.len() {
                return Err(ragged(file, line.number, n_fields, head));
            }
            cut_short = Some(lines.len());
        }
        lines.push(line.number);
    }
    let columns = wanted.iter().copied().zip(columns.into_iter().map(Cells::Text)).collect();
    Ok(Frame { file, head, columns, n_rows: lines.len(), lines, row_name: "row", cut_short })
}

/// A line of another number of fields than the header has names.
pub(crate) fn ragged(file: &str, line: usize, found: usize, head: &Head) -> DataError {
    let expected = head.names.len();
    let name = |index: usize| head.names.get(index).map_or("", String::as_str);
    let what = if found < expected {
        format!("it ends in column `{}`, before `{}`", name(found.max(1) - 1), name(found))
    } else {
        format!("it goes on after the last column, `{}`", name(expected - 1))
    };
    DataError::Ragged { file: file.to_owned(), line, found, expected, what }
}

impl Frame<'_> {
    /// Number of rows.
    pub(crate) fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// `line 7`, or `row 6` where the file has no lines.
    pub(crate) fn place(&self, row: usize) -> String {
        match self.lines.get(row) {
            Some(line) => format!("line {line}"),
            None => format!("{} {}", self.row_name, row + 1),
        }
    }

    /// Name of a column in the file.
    pub(crate) fn name(&self, index: usize) -> &str {
        &self.head.names[index]
    }

    /// A cell that cannot be used, as an error.
    pub(crate) fn bad_cell(
        &self,
        index: usize,
        row: usize,
        text: &str,
        expected: &'static str,
    ) -> DataError {
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
            what: format!("{{n}} {what}").into(),
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
            what: "{n} last lines are cut short and dropped".into(),
            example: Some(format!("`{}` {}", self.file, self.place(row))),
        });
    }

    fn cells(&self, index: usize) -> &Cells {
        let found = self.columns.iter().find(|(column, _)| *column == index);
        &found.expect("a column is read before it is asked for").1
    }

    /// A column as text.
    pub(crate) fn texts(&self, index: usize) -> Result<Cow<'_, Texts>, DataError> {
        let column = match self.cells(index) {
            Cells::Text(texts) => return Ok(Cow::Borrowed(texts)),
            Cells::Typed(column) => column,
        };
        let error = |error: PolarsError| broken(self.file, &error);
        let text = column.cast(&DataType::String).map_err(error)?;
        let mut texts = Texts::default();
        for cell in text.str().map_err(error)?.iter() {
            texts.push(cell.unwrap_or("").trim());
            texts.end_cell();
        }
        Ok(Cow::Owned(texts))
    }

    /// A column as numbers: NaN where a cell says nothing.
    pub(crate) fn numbers(&self, index: usize) -> Result<(Vec<f64>, BadCells), DataError> {
        let mut bad = BadCells::default();
        if let Cells::Typed(column) = self.cells(index)
            && column.dtype() != &DataType::String
        {
            let error = |error: PolarsError| broken(self.file, &error);
            let numbers = column.cast(&DataType::Float64).map_err(error)?;
            let numbers = numbers.f64().map_err(error)?;
            return Ok((numbers.iter().map(|cell| cell.unwrap_or(f64::NAN)).collect(), bad));
        }
        let texts = self.texts(index)?;
        let number = |(row, cell): (usize, &str)| {
            if is_blank(cell) {
                return f64::NAN;
            }
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
        let error = |error: PolarsError| broken(self.file, &error);
        let mut bad = BadCells::default();
        let column = match self.cells(index) {
            Cells::Typed(column) if column.dtype() != &DataType::String => column,
            _ => {
                let texts = self.texts(index)?;
                let time = instants(texts.as_ref(), unit, zone, &mut bad);
                return Ok((time, bad));
            }
        };
        let is_time = matches!(column.dtype(), DataType::Date | DataType::Datetime(..));
        let dtype = if is_time {
            DataType::Datetime(PolarsUnit::Milliseconds, None)
        } else {
            DataType::Int64
        };
        let wide = column.cast(&dtype).and_then(|column| column.cast(&DataType::Int64));
        let wide = wide.map_err(error)?;
        let read = |cell: i64| if is_time { cell } else { millis(cell, unit) };
        let wide = wide.i64().map_err(error)?;
        let time: Vec<i64> = wide.iter().map(|cell| cell.map_or(UNREADABLE, read)).collect();
        for (row, _) in time.iter().enumerate().filter(|(_, stamp)| **stamp == UNREADABLE) {
            bad.add(row, "");
        }
        Ok((time, bad))
    }
}

/// Nothing was said.
fn is_blank(cell: &str) -> bool {
    // Most cells are numbers: the first letter tells.
    let first = cell.bytes().next();
    first.is_none()
        || first.is_some_and(|byte| byte == b'-' || byte.is_ascii_alphabetic())
            && ["null", "none", "nan", "n/a", "-"]
                .iter()
                .any(|word| cell.eq_ignore_ascii_case(word))
}

fn millis(stamp: i64, unit: Option<TimeUnit>) -> i64 {
    unit.filter(|unit| *unit != TimeUnit::Text)
        .or_else(|| stamps::looks_like(stamp))
        .map_or(UNREADABLE, |unit| stamps::to_millis(stamp, unit))
}

fn instants(
    texts: &Texts,
    unit: Option<TimeUnit>,
    zone: Option<Zone>,
    bad: &mut BadCells,
) -> Vec<i64> {
    // The rows of a snapshot have one stamp: it is read once.
    let (mut last_text, mut last) = ("", UNREADABLE);
    let mut time = Vec::with_capacity(texts.len());
    for (row, cell) in texts.iter().enumerate() {
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
