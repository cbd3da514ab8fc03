//! One file's columns, judged: units told, unusable rows dropped, sorted, unique; everything done is a finding.

use hedgerow_core::{Defect, Finding, Severity, Timestamp};

use crate::DataError;
use crate::bars::impossible_bars;
use crate::formats::Plan;
use crate::read::raw::{BadText, Places, Raw, Role, StampKind, UNREADABLE};
use crate::read::stamps;
use crate::sequence::{commonest_step, keep_rows, sort_and_unite};
use crate::source::{BarLabel, Mode, SeriesSpec, Span, TimeUnit};
use crate::units;

/// Funding stamps this close to a full hour are the hour: venues stamp the settlement some milliseconds late.
const JITTER_MILLIS: i64 = 60_000;

const HOUR_MILLIS: i64 = 3_600_000;

/// A bar that its own stamps say is shorter than the step by more than this was not finished.
const UNFINISHED_MILLIS: f64 = 1000.0;

/// One file, clean.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    /// As the user wrote it.
    pub(crate) file: String,
    /// Name of the format.
    pub(crate) format: &'static str,
    /// Instants at which the rows are known, milliseconds, strictly increasing.
    pub(crate) time: Vec<i64>,
    /// The columns; that of the series itself comes first.
    pub(crate) columns: Vec<(Role, Vec<f64>)>,
    /// Name of a vol column.
    pub(crate) vol_name: String,
    pub(crate) findings: Vec<Finding>,
    pub(crate) assumptions: Vec<String>,
}

/// Judges one file.
///
/// # Errors
/// [`DataError`] when a declared unit is contradicted, nothing usable is left, or strict mode meets an unusable cell.
pub(crate) fn clean(
    file: &str,
    spec: &SeriesSpec,
    plan: Plan,
    mut raw: Raw,
    mode: Mode,
) -> Result<Part, DataError> {
    let mut findings = Vec::new();
    tell_time(file, spec, &plan, &mut raw, &mut findings)?;
    drop_unusable(file, &mut raw, mode, &mut findings)?;
    if spec.is.is_funding() {
        findings.extend(snap(&mut raw.time));
    }
    let mut columns: Vec<Vec<f64>> =
        raw.columns.iter_mut().map(|column| std::mem::take(&mut column.cells)).collect();
    findings.extend(sort_and_unite(&mut raw.time, &mut columns));
    if raw.time.len() < 2 {
        return Err(DataError::TooShort { file: file.to_owned(), found: raw.time.len() });
    }
    let step = spec.step.map_or_else(|| commonest_step(&raw.time), |step| Some(step.millis()));
    let step = step.ok_or(DataError::TooShort { file: file.to_owned(), found: raw.time.len() })?;
    let roles: Vec<Role> = raw.columns.iter().map(|column| column.role).collect();
    let mut columns: Vec<(Role, Vec<f64>)> = roles.into_iter().zip(columns).collect();
    findings.extend(drop_unfinished(&mut raw.time, &mut columns, step));
    let signed = raw.per_cent_signs;
    let column = &raw.columns[0].name;
    findings.extend(units::to_fractions(
        file,
        spec,
        &plan,
        column,
        (&mut columns[0], step, signed),
    )?);
    findings.extend(impossible_bars(&raw.time, &columns));
    if plan.bar == BarLabel::Start {
        raw.time.iter_mut().for_each(|time| *time += step);
    }
    let mut assumptions = plan.assumptions;
    if let Some(zone) = plan.zone {
        assumptions.push(format!(
            "`{file}`: stamps are local times of {zone}; an hour that occurs twice is read as the first"
        ));
    }
    Ok(Part {
        file: file.to_owned(),
        format: "",
        time: raw.time,
        columns,
        vol_name: spec.name.clone().unwrap_or(plan.vol_name),
        findings,
        assumptions,
    })
}

/// Converts stamps to milliseconds. A unit that was not declared is told by size and named; a declared one is checked.
fn tell_time(
    file: &str,
    spec: &SeriesSpec,
    plan: &Plan,
    raw: &mut Raw,
    findings: &mut Vec<Finding>,
) -> Result<(), DataError> {
    let key = |key, reason| Err(DataError::Key { series: spec.title(), key, reason });
    match (raw.stamps, plan.zone, plan.time_unit) {
        (StampKind::Numbers, Some(_), _) => {
            return key("time_zone", "with stamps that are numbers since 1970");
        }
        (StampKind::Instants, _, Some(unit)) if unit != TimeUnit::Text => {
            return key("time_unit", "with a column of timestamps");
        }
        (StampKind::Instants, ..) => return Ok(()),
        (StampKind::Numbers, None, _) => {}
    }
    let usual = match plan.time_unit {
        Some(declared) => {
            check_declared(file, raw, declared)?;
            declared
        }
        None => {
            let Some(usual) = commonest_unit(&raw.time) else { return Ok(()) };
            findings.extend(name_units(raw, usual, plan.usual_unit));
            usual
        }
    };
    for row in 0..raw.time.len() {
        let stamp = raw.time[row];
        match stamps::looks_like(stamp) {
            Some(unit) => raw.time[row] = stamps::to_millis(stamp, unit),
            None if stamp == UNREADABLE => {}
            None => {
                raw.bad.push(BadText { row, column: None, text: stamp.to_string() });
                raw.time[row] = UNREADABLE;
            }
        }
    }
    for column in raw.columns.iter_mut().filter(|column| column.role == Role::Until) {
        column.cells.iter_mut().for_each(|cell| *cell = until_millis(*cell, usual));
    }
    Ok(())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "stamps below 2^53 are exact in both"
)]
fn until_millis(cell: f64, usual: TimeUnit) -> f64 {
    let stamp = cell as i64;
    stamps::to_millis(stamp, stamps::looks_like(stamp).unwrap_or(usual)) as f64
}

fn check_declared(file: &str, raw: &Raw, declared: TimeUnit) -> Result<(), DataError> {
    let other = |stamp: &i64| stamps::looks_like(*stamp).filter(|unit| *unit != declared);
    let Some(row) = raw.time.iter().position(|stamp| other(stamp).is_some()) else {
        return Ok(());
    };
    let looks_like = other(&raw.time[row]).unwrap_or(declared);
    Err(DataError::TimeUnit {
        file: file.to_owned(),
        place: raw.places.at(row),
        column: raw.time_name.clone(),
        found: raw.time[row],
        declared,
        looks_like,
    })
}

fn commonest_unit(time: &[i64]) -> Option<TimeUnit> {
    let units = [TimeUnit::S, TimeUnit::Ms, TimeUnit::Us, TimeUnit::Ns];
    let count =
        |unit| time.iter().filter(|stamp| stamps::looks_like(**stamp) == Some(unit)).count();
    let counts = units.map(count);
    let most = counts.into_iter().max().filter(|most| *most > 0)?;
    units.into_iter().zip(counts).find(|(_, count)| *count == most).map(|(unit, _)| unit)
}

/// A note when the unit was told by size alone; a warning when units are mixed.
fn name_units(raw: &Raw, usual: TimeUnit, expected: Option<TimeUnit>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if expected != Some(usual) {
        findings.push(Finding {
            defect: Defect::Unit,
            severity: Severity::Note,
            count: 1,
            first: None,
            detail: format!("stamps are read as {usual} by their size"),
        });
    }
    let other = |stamp: i64| stamps::looks_like(stamp).filter(|unit| *unit != usual);
    let rows: Vec<usize> =
        (0..raw.time.len()).filter(|row| other(raw.time[*row]).is_some()).collect();
    let Some(unit) = rows.first().and_then(|row| other(raw.time[*row])) else { return findings };
    findings.push(Finding {
        defect: Defect::Unit,
        severity: Severity::Warning,
        count: rows.len(),
        first: rows
            .first()
            .map(|row| Timestamp::from_millis(stamps::to_millis(raw.time[*row], unit))),
        detail: format!(
            "{} stamps in {unit} among {usual}, converted by their size ({})",
            rows.len(),
            listed(&raw.places, &rows)
        ),
    });
    findings
}

/// `line 4, line 5, line 9, …`
fn listed(places: &Places, rows: &[usize]) -> String {
    let mut list: Vec<String> = rows.iter().take(6).map(|row| places.at(*row)).collect();
    if rows.len() > list.len() {
        list.push("…".to_owned());
    }
    list.join(", ")
}

/// Drops rows without a figure (a note) and rows that cannot be used (a warning, or an error in strict mode or when
/// nothing is left).
fn drop_unusable(
    file: &str,
    raw: &mut Raw,
    mode: Mode,
    findings: &mut Vec<Finding>,
) -> Result<(), DataError> {
    let n_rows = raw.time.len();
    let is_blank = |row: usize| {
        raw.columns[0].role.may_be_blank()
            && raw.columns[0].cells[row].is_nan()
            && raw.time[row] != UNREADABLE
    };
    let is_bad = |row: usize| {
        raw.time[row] == UNREADABLE
            || raw.columns.iter().any(|column| !column.role.accepts(column.cells[row]))
    };
    let cut_short = raw.cut_short.then(|| n_rows.saturating_sub(1));
    let blank: Vec<usize> = (0..n_rows).filter(|row| is_blank(*row)).collect();
    let bad: Vec<usize> = (0..n_rows)
        .filter(|row| is_bad(*row) && !is_blank(*row) && Some(*row) != cut_short)
        .collect();
    let cell = bad.first().map(|row| bad_cell(file, raw, *row));
    if let Some(cell) = &cell {
        findings.push(finding(
            raw,
            Defect::BadValue,
            Severity::Warning,
            &bad,
            unusable(&bad, cell),
        ));
    }
    if !blank.is_empty() {
        let detail = format!("{} rows say nothing and are left out", blank.len());
        findings.push(finding(raw, Defect::BadValue, Severity::Note, &blank, detail));
    }
    if let Some(row) = cut_short {
        let detail = format!("{} is cut short and is dropped", raw.places.at(row));
        findings.push(finding(raw, Defect::Unfinished, Severity::Warning, &[row], detail));
    }
    let n_dropped = blank.len() + bad.len() + usize::from(cut_short.is_some());
    match cell {
        Some(cell) if mode == Mode::Strict || n_dropped == n_rows => return Err(cell),
        _ if n_dropped == 0 => return Ok(()),
        _ => {}
    }
    let mut keep = vec![true; n_rows];
    blank.iter().chain(&bad).chain(&cut_short).for_each(|row| keep[*row] = false);
    keep_rows(&mut raw.time, &keep);
    raw.columns.iter_mut().for_each(|column| keep_rows(&mut column.cells, &keep));
    Ok(())
}

fn finding(
    raw: &Raw,
    defect: Defect,
    severity: Severity,
    rows: &[usize],
    detail: String,
) -> Finding {
    let first = rows.iter().map(|row| raw.time[*row]).find(|time| *time != UNREADABLE);
    Finding {
        defect,
        severity,
        count: rows.len(),
        first: first.map(Timestamp::from_millis),
        detail,
    }
}

fn unusable(rows: &[usize], cell: &DataError) -> String {
    let (count, word) = (rows.len(), if rows.len() == 1 { "row is" } else { "rows are" });
    match cell {
        DataError::Cell { place, column, found, expected, .. } => format!(
            "{count} {word} dropped; first at {place}, column `{column}`: found {found}, expected {expected}"
        ),
        other => other.to_string(),
    }
}

/// What is wrong with a row, as an error.
fn bad_cell(file: &str, raw: &Raw, row: usize) -> DataError {
    let quoted = |column: Option<usize>| {
        let bad = raw.bad.iter().find(|bad| bad.row == row && bad.column == column)?;
        (!bad.text.is_empty()).then(|| format!("`{}`", bad.text))
    };
    let wrong = raw.columns.iter().position(|column| !column.role.accepts(column.cells[row]));
    let (column, found, expected) = match wrong {
        Some(index) if raw.time[row] != UNREADABLE => {
            let column = &raw.columns[index];
            let cell = column.cells[row];
            let number = || if cell.is_nan() { "nothing".to_owned() } else { format!("`{cell}`") };
            let found = quoted(Some(index)).unwrap_or_else(number);
            (column.name.clone(), found, column.role.expected())
        }
        _ => {
            let found = quoted(None).unwrap_or_else(|| "nothing".to_owned());
            let expected = match raw.stamps {
                StampKind::Instants => "a date and time such as `2024-06-12 08:00:00`",
                StampKind::Numbers => {
                    "a whole number of seconds, milliseconds or microseconds since 1970"
                }
            };
            (raw.time_name.clone(), found, expected)
        }
    };
    DataError::Cell { file: file.to_owned(), place: raw.places.at(row), column, found, expected }
}

/// Moves funding stamps that are within a minute of a full hour onto it.
fn snap(time: &mut [i64]) -> Option<Finding> {
    let (mut count, mut first) = (0, None);
    for stamp in time.iter_mut() {
        let hour = (*stamp + HOUR_MILLIS / 2).div_euclid(HOUR_MILLIS) * HOUR_MILLIS;
        if hour != *stamp && (hour - *stamp).abs() <= JITTER_MILLIS {
            count += 1;
            first.get_or_insert(Timestamp::from_millis(hour));
            *stamp = hour;
        }
    }
    (count > 0).then(|| Finding {
        defect: Defect::OffGrid,
        severity: Severity::Note,
        count,
        first,
        detail: format!("{count} stamps within a minute of a full hour are read as that hour"),
    })
}

/// Drops the last bar when its own stamps say that it had not ended; forgets those stamps.
#[expect(clippy::cast_precision_loss, reason = "stamps below 2^53 are exact in f64")]
fn drop_unfinished(
    time: &mut Vec<i64>,
    columns: &mut Vec<(Role, Vec<f64>)>,
    step: i64,
) -> Option<Finding> {
    let position = columns.iter().position(|(role, _)| *role == Role::Until)?;
    let (_, until) = columns.remove(position);
    let (start, end) = (*time.last()?, *until.last()?);
    if end + UNFINISHED_MILLIS >= (start + step) as f64 {
        return None;
    }
    time.pop();
    for (_, column) in columns {
        column.pop();
    }
    Some(Finding {
        defect: Defect::Unfinished,
        severity: Severity::Note,
        count: 1,
        first: Some(Timestamp::from_millis(start)),
        detail: format!(
            "the last bar had not ended when the file was written and is dropped (step {})",
            Span::from_millis(step).map_or_else(String::new, |step| step.to_string())
        ),
    })
}
