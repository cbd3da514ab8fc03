//! One opened file to the columns that a series wants: format told, plan made, instrument chosen, layout remarked.

use hedgerow_core::{Defect, Severity, Timestamp};

use crate::DataError;
use crate::findings::Seen;
use crate::formats::{Blank, FormatName, Plan, Rhythm};
use crate::identity::{identify, symbol};
use crate::read::head::Head;
use crate::read::raw::{Raw, StampKind, UNREADABLE};
use crate::read::unpack::{Content, Opened};
use crate::read::{self, head_of, stamps};
use crate::source::{BarLabel, SeriesKind, SeriesSpec, Span};

/// As many instruments are listed when one has to be chosen.
const MAX_LISTED: usize = 12;

/// The columns of one file, and how they came about.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) format: FormatName,
    pub(crate) plan: Plan,
    pub(crate) raw: Raw,
    pub(crate) seen: Vec<Seen>,
}

/// Reads the columns that a series wants.
///
/// # Errors
/// [`DataError`] when the format does not fit, a column is not there, or several instruments are and none is chosen.
pub(crate) fn recognise_with(
    opened: &Opened,
    spec: &SeriesSpec,
    change: &dyn Fn(&mut Plan),
) -> Result<Columns, DataError> {
    let head = head_of(opened)?;
    let (format, mut plan) = plan(opened, &head, spec)?;
    change(&mut plan);
    let mut raw = read::read(opened, &head, &plan)?;
    let is_text = matches!(&opened.content, Content::Text(bytes) if !bytes.ends_with(b"\n"));
    let mut seen = remarks(&head, (true, is_text && !raw.cut_short));
    seen.extend(adjust(spec, &head, &plan, &mut raw)?);
    if raw.time.is_empty() {
        return Err(DataError::TooShort { file: head.file, found: 0 });
    }
    let stamps = || (0..raw.time.len()).filter_map(|row| millis(&raw, row));
    let period = stamps().min().zip(stamps().max());
    seen.extend(period.and_then(|period| short_of_its_name(&head, format, &plan, period)));
    Ok(Columns { format, plan, raw, seen })
}

/// The format of a file, and where in it the wanted columns stand.
pub(crate) fn plan(
    opened: &Opened,
    head: &Head,
    spec: &SeriesSpec,
) -> Result<(FormatName, Plan), DataError> {
    let format = spec.format.unwrap_or_else(|| match spec.columns {
        Some(_) => FormatName::generic(opened),
        None => FormatName::recognised(opened, head),
    });
    check_content(opened, format)?;
    let plan = format.format().plan(&opened.name, spec, head)?;
    check_cells(&opened.name, head, &plan)?;
    Ok((format, plan))
}

/// Makes of the columns of a file those of the series: the rows of its instrument, without those that say nothing, one row
/// per stamp where rows are ticks.
pub(crate) fn adjust(
    spec: &SeriesSpec,
    head: &Head,
    plan: &Plan,
    raw: &mut Raw,
) -> Result<Vec<Seen>, DataError> {
    let mut seen = Vec::new();
    seen.extend(choose(spec, head, raw)?);
    if plan.rhythm == Rhythm::Quotes {
        to_middle(raw);
    }
    if plan.blank == Blank::Nothing {
        seen.extend(drop_blank(raw));
    }
    if plan.rhythm != Rhythm::Steady {
        seen.extend(last_of_each_stamp(raw));
    }
    Ok(seen)
}

fn check_content(opened: &Opened, format: FormatName) -> Result<(), DataError> {
    let is = match &opened.content {
        Content::Text(_) => "text",
        Content::Json(_) => "JSON",
        Content::Parquet(_) => "Parquet",
        Content::Arrow(_) => "Arrow",
    };
    let generic = FormatName::generic(opened);
    let is_other =
        ["arrow", "csv", "json", "parquet"].contains(&format.as_str()) && format != generic;
    if !is_other {
        return Ok(());
    }
    let reason = format!("it is {is}; set `format = \"{}\"` or leave it out", generic.as_str());
    Err(DataError::Format { file: opened.name.clone(), format: format.as_str(), reason })
}

/// Refuses what would be read wrong: a wanted name that occurs twice, decimal commas.
fn check_cells(file: &str, head: &Head, plan: &Plan) -> Result<(), DataError> {
    let wanted =
        plan.columns.iter().map(|column| column.index).chain([plan.time]).chain(plan.symbol);
    for index in wanted {
        let column = &head.names[index];
        let count = head.names.iter().filter(|name| *name == column).count();
        if head.has_header && count > 1 {
            return Err(DataError::Twice { file: file.to_owned(), column: column.clone(), count });
        }
    }
    for column in &plan.columns {
        let cell = head.first_cell(column.index).unwrap_or_default();
        let digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let comma = cell.trim_start_matches('-').split_once(',');
        if comma.is_some_and(|(whole, rest)| digits(whole) && digits(rest)) {
            return Err(DataError::DecimalComma {
                file: file.to_owned(),
                place: format!("line {}", head.body_line),
                column: head.names[column.index].clone(),
                found: cell.to_owned(),
            });
        }
    }
    Ok(())
}

/// Keeps the rows of the instrument that is wanted.
fn choose(spec: &SeriesSpec, head: &Head, raw: &mut Raw) -> Result<Option<Seen>, DataError> {
    let holds_several =
        matches!(spec.is, SeriesKind::Future | SeriesKind::OptionChain | SeriesKind::Instruments);
    let Some(symbols) = &raw.symbols else {
        let is_declared = spec.instrument.is_some() && !holds_several;
        let reason = "with a file that has no column of instruments";
        let key = || DataError::Key { series: spec.title(), key: "instrument", reason };
        return if is_declared { Err(key()) } else { Ok(None) };
    };
    if let Some(wanted) = &spec.instrument {
        let index = symbols.names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
        let Some(index) = index else {
            return Err(DataError::NoInstrument {
                file: head.file.clone(),
                wanted: wanted.clone(),
                found: listed(raw),
            });
        };
        let keep: Vec<bool> = symbols.of_row.iter().map(|of| *of as usize == index).collect();
        if keep.contains(&false) {
            raw.keep(&keep);
        }
        return Ok(None);
    }
    if holds_several {
        return Ok(None);
    }
    match &symbols.names[..] {
        [only] => Ok(other_coin(spec, only, symbols.of_row.len())),
        names => Err(DataError::Instruments {
            file: head.file.clone(),
            found: listed(raw),
            example: names.first().cloned().unwrap_or_default(),
        }),
    }
}

/// A symbol that is not of the coin that was declared.
fn other_coin(spec: &SeriesSpec, name: &str, n_rows: usize) -> Option<Seen> {
    let found = symbol(name)?.asset;
    let declared =
        symbol(&spec.asset).map_or_else(|| spec.asset.to_uppercase(), |symbol| symbol.asset);
    (found != declared).then(|| Seen {
        defect: Defect::Symbol,
        severity: Severity::Warning,
        count: n_rows,
        first: None,
        what: format!("{{n}} rows are of `{name}`, which is not {}", spec.asset).into(),
        example: None,
    })
}

/// `BTCUSDT (1441 rows)`, the commonest first.
fn listed(raw: &Raw) -> Vec<String> {
    let Some(symbols) = &raw.symbols else { return Vec::new() };
    let mut counts = vec![0_usize; symbols.names.len()];
    symbols.of_row.iter().for_each(|of| counts[*of as usize] += 1);
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|index| (std::cmp::Reverse(counts[*index]), *index));
    let mut listed: Vec<String> = order
        .iter()
        .take(MAX_LISTED)
        .map(|index| format!("{} ({} rows)", symbols.names[*index], counts[*index]))
        .collect();
    if order.len() > MAX_LISTED {
        listed.push(format!("and {} more", order.len() - MAX_LISTED));
    }
    listed
}

/// Makes one column of bid and ask: their middle, blank where one is missing or they cross.
fn to_middle(raw: &mut Raw) {
    let ask = raw.columns.remove(1);
    let bid = &mut raw.columns[0];
    for (bid, ask) in bid.cells.iter_mut().zip(&ask.cells) {
        let is_quoted = *bid > 0.0 && *bid <= *ask && ask.is_finite();
        *bid = if is_quoted { (*bid + *ask) / 2.0 } else { f64::NAN };
    }
}

/// Leaves out rows without a figure.
fn drop_blank(raw: &mut Raw) -> Option<Seen> {
    let keep: Vec<bool> = raw.columns[0].cells.iter().map(|cell| !cell.is_nan()).collect();
    let first = keep.iter().position(|keep| !keep)?;
    let count = keep.iter().filter(|keep| !**keep).count();
    let seen = Seen {
        defect: Defect::BadValue,
        severity: Severity::Note,
        count,
        first: millis(raw, first).map(Timestamp::from_millis),
        what: "{n} rows have no figure, as nothing was traded or known, and are left out".into(),
        example: None,
    };
    raw.keep(&keep);
    Some(seen)
}

/// Of rows under one millisecond, leaves the last to happen: the last in the file, or the first where it runs backwards.
fn last_of_each_stamp(raw: &mut Raw) -> Option<Seen> {
    let n_rows = raw.time.len();
    let time: Vec<Option<i64>> = (0..n_rows).map(|row| millis(raw, row)).collect();
    let newest_first = time.first() > time.last();
    let is_last = |row: usize| {
        let next = if newest_first { row.checked_sub(1) } else { Some(row + 1) };
        time[row].is_none() || next.is_none_or(|next| next >= n_rows || time[next] != time[row])
    };
    let keep: Vec<bool> = (0..n_rows).map(is_last).collect();
    let first = keep.iter().position(|keep| !keep)?;
    let seen = Seen {
        defect: Defect::Duplicate,
        severity: Severity::Note,
        count: keep.iter().filter(|keep| !**keep).count(),
        first: time[first].map(Timestamp::from_millis),
        what: "{n} ticks share their millisecond with a later one, which is kept".into(),
        example: None,
    };
    raw.keep(&keep);
    Some(seen)
}

/// The stamp of a row in milliseconds.
fn millis(raw: &Raw, row: usize) -> Option<i64> {
    match (raw.time[row], raw.stamps) {
        (UNREADABLE, _) => None,
        (stamp, StampKind::Instants) => Some(stamp),
        (stamp, StampKind::Numbers) => {
            stamps::looks_like(stamp).map(|unit| stamps::to_millis(stamp, unit))
        }
    }
}

/// What is unusual about the layout of a file and was handled.
pub(crate) fn remarks(head: &Head, (is_first, is_unended): (bool, bool)) -> Vec<Seen> {
    let note = |what: &'static str, is_so: bool| {
        is_so.then(|| Seen {
            defect: Defect::Layout,
            severity: Severity::Note,
            count: 1,
            first: None,
            what: what.into(),
            example: Some(format!("`{}`", head.file)),
        })
    };
    [
        note("a byte-order mark is skipped", is_first && head.has_mark),
        note("a banner line is skipped", is_first && head.banner.is_some()),
        note("the last line has no line end: whether it is whole cannot be known", is_unended),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A file that does not cover the period that its name says.
pub(crate) fn short_of_its_name(
    head: &Head,
    format: FormatName,
    plan: &Plan,
    (first, last): (i64, i64),
) -> Option<Seen> {
    let identity = identify(head, format, &[]);
    let (from, to) = identity.period?;
    // Funding has no step in its name: a settlement is missing where a day is.
    let step = identity.step.map_or(hedgerow_core::MILLIS_PER_DAY, Span::millis);
    let end =
        if plan.bar == BarLabel::Start && identity.step.is_some() { last + step } else { last + 1 };
    let slack = if identity.step.is_some() { 0 } else { step };
    if first <= from + slack && end + slack >= to {
        return None;
    }
    let [from, to, first, last] = [from, to, first, last].map(Timestamp::from_millis);
    Some(Seen {
        defect: Defect::Coverage,
        severity: Severity::Warning,
        count: 1,
        first: Some(first),
        what: "a file does not cover the period that its name says".into(),
        example: Some(format!(
            "`{}` should cover {from} .. {to}, its stamps run {first} .. {last}",
            head.file
        )),
    })
}
