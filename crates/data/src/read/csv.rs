//! The fast reader: Polars, every needed column in its own type. It answers only when every cell is as it should be;
//! anything else is left to the patient reader, which knows lines.

use std::io::Cursor;
use std::sync::Arc;

use polars::prelude::{Column, CsvReadOptions, DataFrame, DataType, PlSmallStr, Schema, SerReader};

use crate::clean::all_accepted;
use crate::formats::{Blank, Plan};
use crate::read::head::Head;
use crate::read::raw::{Places, Raw, RawColumn, StampKind, Symbols};
use crate::read::stamps;
use crate::read::text::{fields, stamp_kind};

/// The columns of `plan`, or `None` when any cell needs a closer look.
pub(crate) fn read(bytes: &[u8], head: &Head, plan: &Plan) -> Option<Raw> {
    if is_cut_short(bytes, head) || !is_rectangular(&bytes[head.body..], head) {
        return None;
    }
    let stamps = stamp_kind(head, plan);
    let frame = frame(bytes, head, plan, stamps)?;
    let time = time(frame.column(&name(plan.time)).ok()?, stamps, plan)?;
    let mut columns = Vec::with_capacity(plan.columns.len());
    for column in &plan.columns {
        let cells = numbers(frame.column(&name(column.index)).ok()?)?;
        let is_blank = |cell: f64| cell.is_nan() && plan.blank == Blank::Nothing;
        let may_stand = |cell: &f64| column.role.accepts(*cell) || is_blank(*cell);
        if !all_accepted(column.role, &cells) && !cells.iter().all(may_stand) {
            return None;
        }
        columns.push(RawColumn {
            role: column.role,
            name: head.names[column.index].clone(),
            cells,
        });
    }
    let symbols = match plan.symbol {
        Some(index) => Some(symbols(frame.column(&name(index)).ok()?)?),
        None => None,
    };
    Some(Raw {
        time,
        symbols,
        stamps,
        time_name: head.names[plan.time].clone(),
        columns,
        places: Places::From(head.body_line),
        bad: Vec::new(),
        cut_short: false,
        per_cent_signs: false,
    })
}

/// Whether the last line lacks its end and some of its fields.
fn is_cut_short(bytes: &[u8], head: &Head) -> bool {
    let last = bytes.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let n_fields = fields(&String::from_utf8_lossy(last), head.separator, |_, _| {});
    !last.is_empty() && n_fields < head.names.len()
}

/// Whether there are as many separators as lines of the header's length have. Polars takes the first fields of a line that
/// is too long; such a file is left to the patient reader.
fn is_rectangular(body: &[u8], head: &Head) -> bool {
    let count = |wanted: u8| body.iter().filter(|byte| **byte == wanted).count();
    let lines = count(b'\n') + usize::from(body.last().is_some_and(|byte| *byte != b'\n'));
    let separators = if body.contains(&b'"') {
        unquoted(body, head.separator)
    } else {
        Some(count(head.separator))
    };
    separators == Some(lines * (head.names.len() - 1))
}

/// How many separators stand outside quotes; `None` where quotes are anything but a pair around a whole cell of one line.
fn unquoted(body: &[u8], separator: u8) -> Option<usize> {
    let (mut count, mut position, mut starts_field) = (0, 0, true);
    while let Some(byte) = body.get(position) {
        if *byte == b'"' {
            if !starts_field {
                return None;
            }
            position = closing_quote(body, position + 1)? + 1;
            let ends =
                body.get(position).is_none_or(|next| [separator, b'\n', b'\r'].contains(next));
            if !ends {
                return None;
            }
            starts_field = false;
            continue;
        }
        count += usize::from(*byte == separator);
        starts_field = *byte == separator || *byte == b'\n';
        position += 1;
    }
    Some(count)
}

/// Where the quote closes that was opened before `start`, on the same line.
fn closing_quote(body: &[u8], start: usize) -> Option<usize> {
    let mut position = start;
    loop {
        match (body.get(position)?, body.get(position + 1)) {
            (b'"', Some(b'"')) => position += 2,
            (b'"', _) => return Some(position),
            (b'\n', _) => return None,
            _ => position += 1,
        }
    }
}

/// Names of our own: those of the file may repeat.
fn name(index: usize) -> String {
    format!("c{index}")
}

fn frame(bytes: &[u8], head: &Head, plan: &Plan, stamps: StampKind) -> Option<DataFrame> {
    let dtype = |index: usize| match stamps {
        StampKind::Numbers if index == plan.time => DataType::Int64,
        _ if plan.columns.iter().any(|column| column.index == index) => DataType::Float64,
        _ => DataType::String,
    };
    let schema: Schema =
        (0..head.names.len()).map(|index| (PlSmallStr::from(name(index)), dtype(index))).collect();
    let mut projection: Vec<usize> = plan.columns.iter().map(|column| column.index).collect();
    projection.push(plan.time);
    projection.extend(plan.symbol);
    projection.sort_unstable();
    projection.dedup();
    CsvReadOptions::default()
        .with_has_header(false)
        .with_schema(Some(Arc::new(schema)))
        .with_projection(Some(Arc::new(projection)))
        .map_parse_options(|options| options.with_separator(head.separator))
        .into_reader_with_file_handle(Cursor::new(&bytes[head.body..]))
        .finish()
        .ok()
}

fn time(column: &Column, stamps: StampKind, plan: &Plan) -> Option<Vec<i64>> {
    if column.null_count() > 0 {
        return None;
    }
    if stamps == StampKind::Instants {
        let text = column.str().ok()?;
        return text.iter().map(|cell| stamps::instant(cell?, plan.zone)).collect();
    }
    let mut time: Vec<i64> = Vec::with_capacity(column.len());
    for chunk in column.i64().ok()?.downcast_iter() {
        time.extend_from_slice(chunk.values());
    }
    let (least, greatest) = (time.iter().min()?, time.iter().max()?);
    let uniform = stamps::looks_like(*least)?;
    (stamps::looks_like(*greatest) == Some(uniform)).then_some(time)
}

fn symbols(column: &Column) -> Option<Symbols> {
    let mut symbols = Symbols::default();
    column.str().ok()?.iter().for_each(|cell| symbols.push(cell.unwrap_or_default().trim()));
    Some(symbols)
}

fn numbers(column: &Column) -> Option<Vec<f64>> {
    if column.null_count() > 0 {
        return None;
    }
    let mut cells = Vec::with_capacity(column.len());
    for chunk in column.f64().ok()?.downcast_iter() {
        cells.extend_from_slice(chunk.values());
    }
    Some(cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::FormatName;
    use crate::read::head::head;
    use crate::source::{BarLabel, SeriesKind, SeriesSpec};

    fn is_taken(text: &str) -> bool {
        let head = head("x", text.as_bytes()).unwrap();
        let mut spec = SeriesSpec::new(SeriesKind::Spot, "BTC", "x");
        spec.bar = Some(BarLabel::Start);
        let format = FormatName::find("csv").unwrap().format();
        read(text.as_bytes(), &head, &format.plan("x", &spec, &head).unwrap()).is_some()
    }

    /// Found by feeding a line with one field too many: its second field was taken as the price.
    #[test]
    fn a_line_that_is_too_long_is_left_to_the_patient_reader() {
        assert!(is_taken("time,close\n1700000000,1\n1700003600,2\n"));
        assert!(!is_taken("time,close\n1700000000,1\n1700003600,2,3\n"));
        assert!(!is_taken("time,close,note\n1700000000,1,\"a,b\"\n1700003600,2,c,d\n"));
    }

    /// Found by damaging files: the fast reader panics on a cell that is a lone quote.
    #[test]
    fn quotes_that_are_no_pair_are_left_to_the_patient_reader() {
        assert!(is_taken("time,note,close\n1700000000,\"a \"\"b\"\"\",1\n1700003600,\"\",2\n"));
        for cell in ["\"", "\"a", "a\"", "\"a\"b", "a\"b\"", "\"a\nb\""] {
            let text = format!("time,note,close\n1700000000,{cell},1\n1700003600,b,2\n");
            assert!(!is_taken(&text), "{cell}");
        }
    }

    #[test]
    fn clean_files_take_the_fast_way_and_odd_ones_do_not() {
        assert!(is_taken("time,open,close,note\n1704067200,1.5,2,a\n1704070800,2,3e0,\"b,c\"\n"));
        assert!(is_taken("time,close\r\n2024-01-01 00:00,1\r\n2024-01-01 01:00,2\r\n"));
        assert!(!is_taken("time,close\n1704067200,1\n1704070800000,2\n"));
        assert!(!is_taken("time,close\n1704067200,1\n1704070800,-2\n"));
        assert!(!is_taken("time,close\n1704067200,1\n1704070800,\n"));
        assert!(!is_taken("time,close\n1704067200,1\nnow,2\n"));
        assert!(!is_taken("time,close,volume\n1704067200,1,3\n1704070800,2"));
    }
}
