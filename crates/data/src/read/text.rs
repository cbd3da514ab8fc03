//! The patient reader: cell by cell, with the line of everything that cannot be read. Used where the fast one gives up.

use std::borrow::Cow;

use crate::formats::{Blank, Plan, PlanColumn};
use crate::read::head::{Head, Lines, TextLine};
use crate::read::raw::{BadText, Places, Raw, RawColumn, Role, StampKind, Symbols, UNREADABLE};
use crate::read::stamps;
use crate::source::{TimeUnit, Zone};

/// More bad cells than this are counted but not quoted.
const MAX_QUOTED: usize = 1000;

/// A cell that runs over more lines than this was never closed.
const MAX_RECORD_LINES: usize = 100;

/// As much of a cell is quoted in a message.
const MAX_SHOWN: usize = 80;

/// The columns of `plan`; bad cells are kept as such.
pub(crate) fn read(bytes: &[u8], head: &Head, plan: &Plan) -> Raw {
    let mut rows = Rows::new(head, plan);
    let mut lines = Lines::from_line(bytes, head.body, head.body_line);
    while let Some(line) = lines.next() {
        if line.text.trim_ascii().is_empty() {
            continue;
        }
        let line = whole_record(bytes, line, &mut lines, head.separator);
        let text = String::from_utf8_lossy(line.text);
        let n_fields = rows.push(&text, line.number, head.separator);
        rows.raw.cut_short = !line.ended && n_fields < head.names.len();
    }
    rows.raw
}

/// The rows of a table as text, without the lines between them that hold nothing.
pub(crate) struct TextRows<'a> {
    /// The line on which each row starts, from 1.
    pub(crate) lines: Vec<usize>,
    /// The rows, a line feed after each where lines were left out.
    pub(crate) text: Cow<'a, [u8]>,
}

/// The rows after the head. In a table of one column a line without text is a row with an empty cell.
pub(crate) fn text_rows<'a>(bytes: &'a [u8], head: &Head) -> TextRows<'a> {
    let (mut found, mut rows, mut is_broken) = (Vec::new(), Vec::new(), false);
    let mut lines = Lines::from_line(bytes, head.body, head.body_line);
    while let Some(line) = lines.next() {
        if line.text.trim_ascii().is_empty() && head.names.len() > 1 {
            is_broken = true;
            continue;
        }
        let record = whole_record(bytes, line, &mut lines, head.separator);
        found.push(record.number);
        rows.push(record.text);
    }
    let text = if is_broken {
        Cow::Owned(rows.iter().flat_map(|row| row.iter().chain(b"\n")).copied().collect())
    } else {
        Cow::Borrowed(&bytes[head.body..])
    };
    TextRows { lines: found, text }
}

/// A line with the lines that its quoted cells run into; the line alone where a quote is never closed.
fn whole_record<'a>(
    bytes: &'a [u8],
    line: TextLine<'a>,
    lines: &mut Lines<'a>,
    separator: u8,
) -> TextLine<'a> {
    let mut record = line;
    let mut ahead = lines.clone();
    for _ in 0..MAX_RECORD_LINES {
        if !record.text.contains(&b'"') || !is_open(record.text, separator) {
            if record.text.len() > line.text.len() {
                *lines = ahead;
            }
            return record;
        }
        let Some(next) = ahead.next() else { break };
        let end = next.start + next.text.len();
        record = TextLine { text: &bytes[line.start..end], ended: next.ended, ..line };
    }
    line
}

/// Whether the last field of a line opens a quote and does not close it.
fn is_open(line: &[u8], separator: u8) -> bool {
    let (mut quoted, mut starts_field) = (false, true);
    for byte in line {
        match byte {
            b'"' if quoted || starts_field => (quoted, starts_field) = (!quoted, true),
            byte if *byte == separator && !quoted => starts_field = true,
            _ => starts_field = false,
        }
    }
    quoted
}

struct Rows<'a> {
    plan: &'a Plan,
    raw: Raw,
    /// What each field of a line is: index into the plan's columns, or the stamp.
    slots: Vec<Slot>,
    cells: Vec<String>,
    stamp: String,
    symbol: String,
}

#[derive(Clone, Copy)]
enum Slot {
    Unused,
    Stamp,
    Symbol,
    Column(usize),
}

impl<'a> Rows<'a> {
    fn new(head: &Head, plan: &'a Plan) -> Self {
        let mut slots = vec![Slot::Unused; head.names.len()];
        for (index, column) in plan.columns.iter().enumerate() {
            slots[column.index] = Slot::Column(index);
        }
        if let Some(symbol) = plan.symbol {
            slots[symbol] = Slot::Symbol;
        }
        slots[plan.time] = Slot::Stamp;
        Self {
            raw: empty(head, plan),
            slots,
            cells: vec![String::new(); plan.columns.len()],
            stamp: String::new(),
            symbol: String::new(),
            plan,
        }
    }

    /// Takes one line; answers how many fields it has.
    fn push(&mut self, text: &str, line: usize, separator: u8) -> usize {
        self.cells.iter_mut().for_each(String::clear);
        self.stamp.clear();
        self.symbol.clear();
        let mut has_more = false;
        let n_fields = fields(text, separator, |field, cell| match self.slots.get(field) {
            Some(Slot::Stamp) => self.stamp.push_str(cell.trim()),
            Some(Slot::Column(index)) => self.cells[*index].push_str(cell.trim()),
            Some(Slot::Symbol) => self.symbol.push_str(cell.trim()),
            Some(Slot::Unused) => {}
            None => has_more |= !cell.trim().is_empty(),
        });
        let row = self.raw.time.len();
        let stamp = stamp(&self.stamp, self.raw.stamps, self.plan.zone);
        if stamp.is_none() {
            let text = self.stamp.clone();
            self.quote(row, None, &text);
        }
        self.raw.time.push(stamp.unwrap_or(UNREADABLE));
        if let Some(symbols) = &mut self.raw.symbols {
            symbols.push(&self.symbol);
        }
        for index in 0..self.cells.len() {
            let number = self.number(row, index);
            self.raw.columns[index].cells.push(number);
        }
        if has_more {
            self.refuse(
                row,
                &format!("{} ({n_fields} fields, expected {})", text.trim(), self.slots.len()),
            );
        }
        if let Places::Lines(lines) = &mut self.raw.places {
            lines.push(line);
        }
        n_fields
    }

    fn number(&mut self, row: usize, index: usize) -> f64 {
        let PlanColumn { role, .. } = self.plan.columns[index];
        let cell = &self.cells[index];
        let bare = match cell.strip_suffix('%') {
            Some(bare) if matches!(role, Role::Rate | Role::Vol) => {
                self.raw.per_cent_signs = true;
                bare.trim_end()
            }
            _ => cell,
        };
        match bare.parse::<f64>() {
            Ok(number) if number.is_finite() => number,
            _ if cell.is_empty() => f64::NAN,
            _ if self.plan.blank == Blank::Nothing && is_blank(cell) => f64::NAN,
            _ => {
                let text = self.cells[index].clone();
                self.quote(row, Some(index), &text);
                f64::INFINITY
            }
        }
    }

    /// A line with more fields than the header has: which of them is which is anybody's guess.
    fn refuse(&mut self, row: usize, text: &str) {
        if let Some(column) = self.raw.columns.first_mut() {
            column.cells[row] = f64::INFINITY;
        }
        self.quote(row, Some(0), text);
    }

    fn quote(&mut self, row: usize, column: Option<usize>, text: &str) {
        if self.raw.bad.len() < MAX_QUOTED {
            self.raw.bad.push(BadText { row, column, text: shown(text) });
        }
    }
}

/// What can be shown of a cell: without control characters, and not without end.
fn shown(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(MAX_SHOWN)
        .map(|letter| if letter.is_control() { '\u{fffd}' } else { letter })
        .collect();
    if text.chars().nth(MAX_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// What programs write where there is no number.
fn is_blank(cell: &str) -> bool {
    ["nan", "null", "none", "n/a", "na"].iter().any(|word| cell.eq_ignore_ascii_case(word))
}

fn empty(head: &Head, plan: &Plan) -> Raw {
    let columns = plan.columns.iter().map(|column| RawColumn {
        role: column.role,
        name: head.names[column.index].clone(),
        cells: Vec::new(),
    });
    Raw {
        time: Vec::new(),
        stamps: stamp_kind(head, plan),
        time_name: head.names[plan.time].clone(),
        columns: columns.collect(),
        places: Places::Lines(Vec::new()),
        bad: Vec::new(),
        cut_short: false,
        per_cent_signs: false,
        symbols: plan.symbol.map(|_| Symbols::default()),
    }
}

/// Whether stamps are words or numbers: as declared, else as the first row has it.
pub(crate) fn stamp_kind(head: &Head, plan: &Plan) -> StampKind {
    let is_number = || head.first.get(plan.time).is_some_and(|cell| cell.parse::<f64>().is_ok());
    match plan.time_unit {
        Some(TimeUnit::Text) => StampKind::Instants,
        Some(_) => StampKind::Numbers,
        None if is_number() => StampKind::Numbers,
        None => StampKind::Instants,
    }
}

fn stamp(text: &str, kind: StampKind, zone: Option<Zone>) -> Option<i64> {
    match kind {
        StampKind::Instants => stamps::instant(text, zone),
        StampKind::Numbers => text.parse().ok().or_else(|| whole(text.parse().ok()?)),
    }
}

/// `1584057600.0` or `1.5840576e9`: exports of floating-point columns.
#[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53 is exact in i64")]
pub(crate) fn whole(number: f64) -> Option<i64> {
    (number.abs() < 9e15 && number.fract() == 0.0).then_some(number as i64)
}

/// Gives each field of a line to `take`, unquoted; answers how many there are. A field may be quoted, with `""` for a
/// quote inside it.
pub(crate) fn fields(line: &str, separator: u8, mut take: impl FnMut(usize, &str)) -> usize {
    let separator = char::from(separator);
    let (mut rest, mut n_fields) = (line, 0);
    loop {
        let after = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = closing_quote(quoted);
                let cell = &quoted[..end];
                if cell.contains("\"\"") {
                    take(n_fields, &cell.replace("\"\"", "\""));
                } else {
                    take(n_fields, cell);
                }
                let after = quoted.get(end + 1..).unwrap_or("");
                after.find(separator).map(|position| &after[position + 1..])
            }
            None => {
                let end = rest.find(separator);
                take(n_fields, &rest[..end.unwrap_or(rest.len())]);
                end.map(|end| &rest[end + 1..])
            }
        };
        n_fields += 1;
        match after {
            Some(after) => rest = after,
            None => return n_fields,
        }
    }
}

fn closing_quote(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut position = 0;
    while position < bytes.len() {
        match (bytes[position], bytes.get(position + 1)) {
            (b'"', Some(b'"')) => position += 2,
            (b'"', _) => return position,
            _ => position += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_unquoted() {
        let mut cells = Vec::new();
        let n_fields =
            fields("a,\"b,\"\"c\"\"\",,\"0.01%\"", b',', |_, cell| cells.push(cell.to_owned()));
        assert_eq!(cells, ["a", "b,\"c\"", "", "0.01%"]);
        assert_eq!(n_fields, 4);
    }

    #[test]
    fn line_ends_in_quotes_belong_to_the_cell() {
        assert!(is_open(b"1,\"a", b','));
        assert!(is_open(b"1,\"a\"\"", b','));
        assert!(!is_open(b"1,\"a\",2", b','));
        assert!(!is_open(b"1,5\" disk,2", b','));
        let bytes = b"1,\"a\nb\",2\n3,\"never closed,4\n5,6,7\n";
        let mut lines = Lines::new(bytes, 0);
        let mut records = Vec::new();
        while let Some(line) = lines.next() {
            let record = whole_record(bytes, line, &mut lines, b',');
            records.push((record.number, String::from_utf8_lossy(record.text).into_owned()));
        }
        let expected = [(1, "1,\"a\nb\",2"), (3, "3,\"never closed,4"), (4, "5,6,7")];
        assert_eq!(records, expected.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn messages_show_no_raw_bytes() {
        assert_eq!(shown("a\0b"), "a\u{fffd}b");
        assert_eq!(shown(&"x".repeat(200)).chars().count(), MAX_SHOWN + 1);
    }

    #[test]
    fn stamps_written_as_floats_are_whole_numbers() {
        assert_eq!(stamp("1584057600.0", StampKind::Numbers, None), Some(1_584_057_600));
        assert_eq!(stamp("1.5840576e9", StampKind::Numbers, None), Some(1_584_057_600));
        assert_eq!(stamp("0.5", StampKind::Numbers, None), None);
        assert_eq!(stamp("sixty", StampKind::Numbers, None), None);
    }
}
