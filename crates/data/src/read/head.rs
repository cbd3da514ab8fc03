//! The first lines of a text file: separator, banner, header, names of columns.

use crate::DataError;
use crate::read::json::JsonTable;
use crate::read::text::fields;

/// What stands at the top of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Name of the file as the user wrote it: some layouts are told by it.
    pub file: String,
    /// The columns, trimmed; `column_1`, `column_2`, … where the file does not name them.
    pub names: Vec<String>,
    /// Whether the file names its columns.
    pub has_header: bool,
    /// Where the first row starts, in bytes.
    pub body: usize,
    /// Line of the first row, from 1.
    pub body_line: usize,
    /// The first row; empty for Parquet and Arrow.
    pub first: Vec<String>,
    /// The first rows of a file that does not name its columns: what tells which column is which.
    pub rows: Vec<Vec<String>>,
    /// What stands between fields.
    pub separator: u8,
    /// Where in its JSON the table stood, `result.data`; empty at the top, `None` where the file is not JSON.
    pub json: Option<String>,
    /// A first line with an address in it.
    pub banner: Option<String>,
    /// Whether a byte-order mark came first.
    pub has_mark: bool,
    /// Further lines of a header, as Yahoo has them.
    pub subheads: Vec<Vec<String>>,
    /// Key-value metadata of Parquet.
    pub notes: Vec<(String, String)>,
}

/// As many rows of a file without a header are looked at.
const N_ROWS: usize = 1000;

impl Head {
    /// The head of a file whose columns are known otherwise (Parquet, Arrow).
    pub(crate) fn of_columns(file: &str, names: Vec<String>) -> Self {
        Self {
            file: file.to_owned(),
            names,
            has_header: true,
            body: 0,
            body_line: 1,
            first: Vec::new(),
            rows: Vec::new(),
            separator: b',',
            json: None,
            banner: None,
            has_mark: false,
            subheads: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// A note of this name.
    pub(crate) fn note(&self, key: &str) -> Option<&str> {
        self.notes.iter().find(|(name, _)| name == key).map(|(_, note)| note.as_str())
    }

    /// Whether every one of these columns is there, in any case.
    pub(crate) fn has_all(&self, names: &[&str]) -> bool {
        self.has_header && names.iter().all(|name| self.position_of_any(&[name]).is_some())
    }

    /// Whether the columns are these and no others, in this order and in any case.
    pub(crate) fn is_exactly(&self, names: &[&str]) -> bool {
        self.has_header
            && self.names.len() == names.len()
            && self.names.iter().zip(names).all(|(found, name)| found.eq_ignore_ascii_case(name))
    }

    /// What stands in the first row of a column.
    pub(crate) fn first_cell(&self, index: usize) -> Option<&str> {
        self.first.get(index).map(String::as_str)
    }

    /// Index of the first column of this name.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|found| found == name)
    }

    /// Index of the first column with any of these names, in any case; earlier names win.
    pub(crate) fn position_of_any(&self, names: &[&str]) -> Option<usize> {
        names
            .iter()
            .find_map(|name| self.names.iter().position(|found| found.eq_ignore_ascii_case(name)))
    }

    /// Index of a column that was asked for by name.
    ///
    /// # Errors
    /// [`DataError::NoColumn`] lists the columns there are and suggests the nearest.
    pub(crate) fn find(&self, file: &str, name: &str) -> Result<usize, DataError> {
        self.position(name).ok_or_else(|| DataError::NoColumn {
            file: file.to_owned(),
            wanted: name.to_owned(),
            nearest: self.nearest(name),
            columns: self.names.clone(),
        })
    }

    fn nearest(&self, name: &str) -> Option<String> {
        let near = |found: &&String| {
            let likeness = strsim::jaro_winkler(&found.to_lowercase(), &name.to_lowercase());
            (likeness > 0.7).then_some(likeness)
        };
        self.names
            .iter()
            .filter(|found| near(found).is_some())
            .max_by(|a, b| near(a).unwrap_or(0.0).total_cmp(&near(b).unwrap_or(0.0)))
            .cloned()
    }
}

/// Reads the top of a text file. A first line with an address in it is a banner and is skipped; a line without any
/// number in it is a header.
///
/// # Errors
/// [`DataError::HeaderOnly`] when no row follows.
pub(crate) fn head(file: &str, bytes: &[u8]) -> Result<Head, DataError> {
    let has_mark = bytes.starts_with(b"\xef\xbb\xbf");
    let is_line = |line: &TextLine<'_>| !line.text.trim_ascii().is_empty();
    let mut lines = Lines::new(bytes, if has_mark { 3 } else { 0 }).filter(is_line);
    let header_only = || DataError::HeaderOnly { file: file.to_owned() };
    let mut top = lines.next().ok_or_else(header_only)?;
    let mut banner = None;
    if contains(top.text, b"://") {
        banner = Some(String::from_utf8_lossy(top.text).trim().to_owned());
        top = lines.next().ok_or_else(header_only)?;
    }
    let separator = separator(top.text);
    let cells = split(top.text, separator);
    let is_number = |cell: &String| cell.parse::<f64>().is_ok_and(f64::is_finite);
    let mut head = Head { separator, banner, has_mark, ..Head::of_columns(file, Vec::new()) };
    if cells.iter().any(is_number) {
        head.has_header = false;
        head.names = (1..=cells.len()).map(|number| format!("column_{number}")).collect();
        head.rows = std::iter::once(cells.clone())
            .chain(lines.take(N_ROWS - 1).map(|line| split(line.text, separator)))
            .collect();
        (head.body, head.body_line, head.first) = (top.start, top.number, cells);
        return Ok(head);
    }
    head.names = cells;
    for line in lines {
        let cells = split(line.text, separator);
        if is_subhead(&head, &cells) {
            head.subheads.push(cells);
            continue;
        }
        (head.body, head.body_line, head.first) = (line.start, line.number, cells);
        return Ok(head);
    }
    Err(header_only())
}

/// Whether a line continues a header that starts with `Price`, as in the newer dumps of Yahoo: `Ticker,BTC-USD,…` and
/// `Date,,,`.
fn is_subhead(head: &Head, cells: &[String]) -> bool {
    let first = cells.first().map(String::as_str);
    head.names.first().is_some_and(|name| name == "Price")
        && matches!(first, Some("Ticker" | "Date" | "Datetime"))
}

/// The head of a table that was made of JSON.
pub(crate) fn json_head(file: &str, table: &JsonTable) -> Result<Head, DataError> {
    let separator = b',';
    let mut lines = Lines::new(&table.csv, 0).map(|line| (split(line.text, separator), line));
    let no_records = || DataError::NoRecords { file: file.to_owned() };
    let (top, line) = lines.next().ok_or_else(no_records)?;
    let is_number = |cell: &String| cell.parse::<f64>().is_ok_and(f64::is_finite);
    let has_header = table.has_names || !top.iter().any(is_number);
    let mut head = Head { json: Some(table.path.clone()), ..Head::of_columns(file, Vec::new()) };
    if has_header {
        let (first, line) = lines.next().ok_or_else(no_records)?;
        (head.names, head.first) = (top, first);
        (head.body, head.body_line) = (line.start, line.number);
        return Ok(head);
    }
    head.has_header = false;
    head.names = (1..=top.len()).map(|number| format!("column_{number}")).collect();
    head.rows = std::iter::once(top.clone())
        .chain(lines.take(N_ROWS - 1).map(|(cells, _)| cells))
        .collect();
    (head.body, head.body_line, head.first) = (line.start, line.number, top);
    Ok(head)
}

fn split(line: &[u8], separator: u8) -> Vec<String> {
    let mut cells = Vec::new();
    fields(&String::from_utf8_lossy(line), separator, |_, cell| cells.push(cell.trim().to_owned()));
    cells
}

/// The commonest of comma, semicolon and tab.
fn separator(line: &[u8]) -> u8 {
    let count = |candidate: u8| line.iter().filter(|byte| **byte == candidate).count();
    [b'\t', b';', b','].into_iter().max_by_key(|candidate| count(*candidate)).unwrap_or(b',')
}

fn contains(line: &[u8], needle: &[u8]) -> bool {
    line.windows(needle.len()).any(|window| window == needle)
}

/// One line of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TextLine<'a> {
    /// Without its end.
    pub(crate) text: &'a [u8],
    /// Where it starts, in bytes.
    pub(crate) start: usize,
    /// Its number, from 1.
    pub(crate) number: usize,
    /// Whether a line end follows.
    pub(crate) ended: bool,
}

/// The lines of a file from some byte on.
#[derive(Debug, Clone)]
pub(crate) struct Lines<'a> {
    bytes: &'a [u8],
    start: usize,
    number: usize,
}

impl<'a> Lines<'a> {
    /// From a byte of the first line.
    pub(crate) fn new(bytes: &'a [u8], start: usize) -> Self {
        Self { bytes, start, number: 1 }
    }

    /// From a byte of a later line.
    pub(crate) fn from_line(bytes: &'a [u8], start: usize, number: usize) -> Self {
        Self { bytes, start, number }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = TextLine<'a>;

    fn next(&mut self) -> Option<TextLine<'a>> {
        let rest = self.bytes.get(self.start..).filter(|rest| !rest.is_empty())?;
        let end = rest.iter().position(|byte| *byte == b'\n');
        let text = &rest[..end.unwrap_or(rest.len())];
        let line = TextLine {
            text: text.strip_suffix(b"\r").unwrap_or(text),
            start: self.start,
            number: self.number,
            ended: end.is_some(),
        };
        self.start += end.unwrap_or(rest.len()) + 1;
        self.number += 1;
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banner_mark_and_blank_lines_are_skipped() {
        let head = head(
            "x",
            b"\xef\xbb\xbfhttps://example.com\r\n\r\n\"Time\";Close\r\n2020-01-01;7,5\r\n",
        )
        .unwrap();
        assert_eq!(head.names, ["Time", "Close"]);
        assert_eq!((head.separator, head.body_line), (b';', 4));
        assert_eq!(head.first, ["2020-01-01", "7,5"]);
    }

    #[test]
    fn row_of_numbers_is_not_a_header() {
        let head = head("x", b"1637971200000,0.5,0.6\n").unwrap();
        assert_eq!(head.names, ["column_1", "column_2", "column_3"]);
        assert!(!head.has_header);
        assert_eq!((head.body, head.body_line), (0, 1));
    }

    #[test]
    fn header_alone_is_an_error() {
        let error = head("x.csv", b"time,close\n\n").unwrap_err();
        assert_eq!(error.to_string(), "`x.csv` has a header but no rows");
    }
}
