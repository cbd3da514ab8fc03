//! One series of a market: its files joined, its holes and repetitions counted.

use hedgerow_core::{Coverage, Defect, Finding, SeriesQuality, Severity, Timestamp};

use crate::DataError;
use crate::clean::{Part, clean};
use crate::findings::Findings;
use crate::formats::mapped;
use crate::keys::check_keys;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::read::unpack::Opened;
use crate::recognise::recognise;
use crate::sequence::{commonest_step, sort_and_unite};
use crate::source::{Mode, SeriesKind, SeriesSpec, Span};

/// The same close in this many rows or more is a stale run: at least a day of hours without a trade, or a halted market.
const STALE_RUN: usize = 24;

/// Default of `max_gap`.
const MAX_GAP: Span = Span::days(3);

/// Steps of a vol series after which its figures are stale, unless declared.
const STALE_VOL_STEPS: i64 = 3;

/// How old a figure may be unless declared. A price that should have been replaced by now is not used: carried forward
/// it would make P&L that nobody earned, and undo it a row later. A vol may be three steps old.
fn usual_staleness(kind: SeriesKind, step: i64) -> i64 {
    if kind.is_price() { step - 1 } else { STALE_VOL_STEPS * step }
}

/// One series: clean, in the order of time, unique.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    pub(crate) kind: SeriesKind,
    pub(crate) asset: String,
    /// As the report calls it, `BTC spot`, `BTC DVOL`.
    pub(crate) title: String,
    /// Name of a vol column.
    pub(crate) vol_name: String,
    /// Instants at which the rows are known, milliseconds.
    pub(crate) time: Vec<i64>,
    /// Price, rate or vol.
    pub(crate) main: Vec<f64>,
    pub(crate) open: Option<Vec<f64>>,
    pub(crate) high: Option<Vec<f64>>,
    pub(crate) low: Option<Vec<f64>>,
    /// Mark price of funding; NaN where blank.
    pub(crate) mark: Option<Vec<f64>>,
    /// The commonest distance between stamps, milliseconds.
    pub(crate) step: i64,
    /// How old a figure may be at a row, milliseconds.
    pub(crate) staleness: i64,
    pub(crate) quality: SeriesQuality,
    pub(crate) assumptions: Vec<String>,
}

/// What a market says about all its series.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits {
    pub(crate) mode: Mode,
    pub(crate) staleness: Option<Span>,
    pub(crate) max_gap: Option<Span>,
}

/// Reads and judges one opened file.
///
/// # Errors
/// [`DataError`] as for [`clean`] and for what cannot be decoded.
pub(crate) fn part(opened: &Opened, spec: &SeriesSpec, mode: Mode) -> Result<Part, DataError> {
    check_keys(spec)?;
    let columns = recognise(opened, spec)?;
    let part = clean(&opened.name, spec, columns.plan, columns.raw, mode)?;
    let mut findings = Findings::default();
    columns.seen.into_iter().for_each(|seen| findings.add(seen));
    let findings = findings.into_parts().0.into_iter().chain(part.findings).collect();
    Ok(Part { format: columns.format.as_str(), findings, ..part })
}

/// What a file holds as far as its column names tell.
pub(crate) fn kind_of(head: &Head) -> SeriesKind {
    mapped::kind(head)
}

/// Joins the files of one series.
///
/// # Errors
/// [`DataError::Gap`] when a price or funding series has a hole longer than allowed.
pub(crate) fn join(
    specs: &[&SeriesSpec],
    parts: Vec<Part>,
    limits: Limits,
) -> Result<Series, DataError> {
    let spec = specs[0];
    let joined = concatenated(parts);
    let step = spec.step.map(Span::millis).or_else(|| commonest_step(&joined.time));
    let step =
        step.ok_or(DataError::TooShort { file: joined.file.clone(), found: joined.time.len() })?;
    let title = match spec.is {
        SeriesKind::Vol => format!("{} {}", spec.asset, joined.vol_name),
        _ => spec.title(),
    };
    let mut findings = joined.findings;
    findings.extend(off_grid(&joined.time, step));
    findings.extend(gaps(&joined.time, step));
    if spec.is != SeriesKind::Vol {
        check_gaps(&title, &joined.time, step, limits.max_gap.unwrap_or(MAX_GAP))?;
    }
    if spec.is.is_price() {
        findings.extend(stale_runs(&joined.time, &joined.columns[0].1));
    }
    let staleness = specs.iter().find_map(|spec| spec.staleness).or(limits.staleness);
    let mut columns = joined.columns;
    let (_, main) = columns.remove(0);
    let mut take = |wanted| {
        let position = columns.iter().position(|(role, _)| *role == wanted)?;
        Some(columns.remove(position).1)
    };
    Ok(Series {
        kind: spec.is,
        asset: spec.asset.clone(),
        quality: quality(&title, (&joined.file, joined.format), &joined.time, step, findings),
        title,
        vol_name: joined.vol_name,
        open: take(Role::Open),
        high: take(Role::High),
        low: take(Role::Low),
        mark: take(Role::Mark),
        main,
        step,
        staleness: staleness.map_or_else(|| usual_staleness(spec.is, step), Span::millis),
        assumptions: joined.assumptions,
        time: joined.time,
    })
}

fn quality(
    title: &str,
    (source, format): (&str, &str),
    time: &[i64],
    step: i64,
    findings: Vec<Finding>,
) -> SeriesQuality {
    SeriesQuality {
        name: title.to_owned(),
        source: source.to_owned(),
        format: format.to_owned(),
        n_rows: time.len(),
        first: Timestamp::from_millis(time[0]),
        last: Timestamp::from_millis(time[time.len() - 1]),
        step_millis: Some(step),
        findings,
        coverage: Coverage::default(),
        marks: Vec::new(),
    }
}

/// The rows of all files, in the order of time; columns that not every file has are left out.
fn concatenated(parts: Vec<Part>) -> Part {
    let mut parts = parts.into_iter();
    let mut joined = parts.next().expect("a series has at least one file");
    let mut n_files = 1;
    for part in parts {
        n_files += 1;
        joined.file = format!("{}, {}", joined.file, part.file);
        joined.time.extend(&part.time);
        joined.columns.retain(|(role, _)| part.columns.iter().any(|(found, _)| found == role));
        for (role, cells) in &mut joined.columns {
            let more = part.columns.iter().find(|(found, _)| found == role);
            cells.extend(more.into_iter().flat_map(|(_, more)| more));
        }
        joined.findings.extend(part.findings);
        for assumption in part.assumptions {
            if !joined.assumptions.contains(&assumption) {
                joined.assumptions.push(assumption);
            }
        }
    }
    if n_files > 1 {
        let (roles, mut cells): (Vec<_>, Vec<_>) = joined.columns.into_iter().unzip();
        joined.findings.extend(sort_and_unite(&mut joined.time, &mut cells));
        joined.columns = roles.into_iter().zip(cells).collect();
    }
    joined
}

/// Stamps that are not in step with the others.
fn off_grid(time: &[i64], step: i64) -> Option<Finding> {
    let phase = |stamp: i64| stamp.rem_euclid(step);
    let in_step =
        time.windows(2).find(|pair| pair[1] - pair[0] == step).map_or(0, |pair| phase(pair[0]));
    let mut off = time.iter().copied().filter(|stamp| phase(*stamp) != in_step);
    let first = off.next()?;
    let count = 1 + off.count();
    Some(Finding {
        defect: Defect::OffGrid,
        severity: Severity::Note,
        count,
        first: Some(Timestamp::from_millis(first)),
        detail: format!(
            "{count} stamps are not in step with the others and keep their own instant"
        ),
    })
}

/// Stamps that are absent from the series' own grid.
fn gaps(time: &[i64], step: i64) -> Option<Finding> {
    let holes = || time.windows(2).filter(|pair| pair[1] - pair[0] > step);
    let n_absent: i64 = holes().map(|pair| (pair[1] - pair[0] - 1) / step).sum();
    let longest = holes().max_by_key(|pair| pair[1] - pair[0])?;
    let (n_holes, first) = (holes().count(), holes().next().map(|pair| pair[0] + step));
    Some(Finding {
        defect: Defect::Gap,
        severity: Severity::Warning,
        count: usize::try_from(n_absent).unwrap_or(usize::MAX),
        first: first.map(Timestamp::from_millis),
        detail: format!(
            "{n_absent} stamps are absent in {n_holes} gaps; the longest is {} between {} and {}",
            length(longest[1] - longest[0]),
            Timestamp::from_millis(longest[0]),
            Timestamp::from_millis(longest[1])
        ),
    })
}

fn check_gaps(title: &str, time: &[i64], step: i64, max_gap: Span) -> Result<(), DataError> {
    let allowed = max_gap.millis().max(step);
    let Some(hole) = time.windows(2).find(|pair| pair[1] - pair[0] > allowed) else {
        return Ok(());
    };
    Err(DataError::Gap {
        series: title.to_owned(),
        after: Timestamp::from_millis(hole[0]),
        before: Timestamp::from_millis(hole[1]),
        length: length(hole[1] - hole[0]),
        max_gap: max_gap.to_string(),
    })
}

/// As it is written in a scenario, rounded up to seconds.
fn length(millis: i64) -> String {
    Span::from_millis(millis.div_euclid(1000) * 1000 + if millis % 1000 == 0 { 0 } else { 1000 })
        .map_or_else(String::new, |span| span.to_string())
}

/// Runs of one price.
fn stale_runs(time: &[i64], prices: &[f64]) -> Option<Finding> {
    let (mut start, mut count, mut longest, mut first) = (0, 0, 0, None);
    for run in prices.chunk_by(|a, b| a.to_bits() == b.to_bits()) {
        if run.len() >= STALE_RUN {
            count += 1;
            longest = longest.max(run.len());
            first.get_or_insert(Timestamp::from_millis(time[start]));
        }
        start += run.len();
    }
    (count > 0).then(|| Finding {
        defect: Defect::StaleRun,
        severity: Severity::Warning,
        count,
        first,
        detail: format!(
            "the price repeats {STALE_RUN} times or more in {count} runs, {longest} times in the longest"
        ),
    })
}
