//! One series of a market: its files joined, its holes and repetitions counted.

use hedgerow_core::{Defect, SeriesQuality, Severity, Timestamp};

use crate::DataError;
use crate::clean::{Part, clean};
use crate::findings::{Findings, Seen};
use crate::formats::Plan;
use crate::judge::Judge;
use crate::keys::check_keys;
use crate::read::raw::Role;
use crate::read::unpack::Opened;
use crate::recognise::recognise_with;
use crate::rows::Rows;
use crate::sequence::{Repeats, commonest_step, sort, unite};
use crate::source::{BarLabel, Mode, SeriesKind, SeriesSpec, Span};
use crate::traps::Subject;
use crate::traps::gaps::length;
use crate::window::Window;

/// Default of `max_gap`.
const MAX_GAP: Span = Span::days(3);

/// Steps of a vol series after which its figures are stale, unless declared.
const STALE_VOL_STEPS: i64 = 3;

/// How old a figure may be unless declared. A price that should have been replaced by now is not used: carried forward
/// it would make P&L that nobody earned, and undo it a row later. A vol or a half-spread may be three steps old.
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
    /// Name as declared.
    pub(crate) name: Option<String>,
    /// Instants at which the rows are known, milliseconds.
    pub(crate) time: Vec<i64>,
    /// Price, rate, vol, or half-spread in bps.
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
    /// What is replayed: a hole outside it is reported, not refused.
    pub(crate) window: Window,
}

impl Limits {
    /// The longest hole that is allowed in a price.
    pub(crate) fn max_gap(&self) -> Span {
        self.max_gap.unwrap_or(MAX_GAP)
    }
}

/// Reads and judges one opened file.
///
/// # Errors
/// [`DataError`] as for [`clean`] and for what cannot be decoded.
pub(crate) fn part(opened: &Opened, spec: &SeriesSpec, mode: Mode) -> Result<Part, DataError> {
    check_keys(spec)?;
    let columns = recognise_with(opened, spec, &without_volumes)?;
    let mut part = clean(&opened.name, spec, &columns.plan, columns.raw, mode)?;
    let mut findings = Findings::default();
    columns.seen.into_iter().for_each(|seen| findings.add(seen));
    findings.merge(part.findings);
    part.findings = findings;
    Ok(Part { format: columns.format.as_str(), ..part })
}

/// A market has no volumes; import and check read them.
fn without_volumes(plan: &mut Plan) {
    plan.columns.retain(|column| !matches!(column.role, Role::Volume | Role::QuoteVolume));
}

/// Joins the files of one series.
///
/// # Errors
/// [`DataError`] when there are too few rows to know the step, figures are not in the unit in which they are read, the
/// columns of bars are in another order, or a price or funding series has a hole longer than allowed.
pub(crate) fn join(
    specs: &[&SeriesSpec],
    parts: Vec<Part>,
    limits: Limits,
) -> Result<Series, DataError> {
    let spec = specs[0];
    let source = sources(&parts);
    let title = title(spec, &parts[0].vol_name);
    let (format, vol_name) = (parts[0].format, parts[0].vol_name.clone());
    let rhythm = parts[0].rhythm;
    let assumptions = assumptions(&parts);
    let mut findings = Findings::default();
    let mut rows = united(spec, parts, &mut findings)?;
    findings.merge(drop_unfinished(&mut rows, specs));
    let step = step(specs, &rows.time)
        .ok_or_else(|| DataError::TooShort { file: source.clone(), found: rows.len() })?;
    if !matches!(spec.is, SeriesKind::Vol | SeriesKind::HalfSpread) {
        check_gaps(&title, &rows.time, step, limits)?;
    }
    let mut judge = Judge::new(&Subject { kind: spec.is, title: &title, step, rhythm });
    // What follows the end of a run is no defect of it.
    let unused = rows.split_off(limits.window.n_used(&rows.time, step));
    judge.push(&rows);
    rows.append(unused);
    let quality = judge.finish(&source, format, findings)?;
    let staleness = specs.iter().find_map(|spec| spec.staleness).or(limits.staleness);
    Ok(Series {
        kind: spec.is,
        asset: spec.asset.clone(),
        title,
        vol_name,
        name: spec.name.clone(),
        open: rows.take(Role::Open),
        high: rows.take(Role::High),
        low: rows.take(Role::Low),
        mark: rows.take(Role::Mark),
        main: rows.columns.remove(0).1,
        time: rows.time,
        step,
        staleness: staleness.map_or_else(|| usual_staleness(spec.is, step), Span::millis),
        quality,
        assumptions,
    })
}

/// As the report calls a series.
pub(crate) fn title(spec: &SeriesSpec, vol_name: &str) -> String {
    match (spec.is, &spec.name) {
        (SeriesKind::Vol, _) => format!("{} {vol_name}", spec.asset),
        (SeriesKind::HalfSpread, Some(name)) => format!("{} `{name}`", spec.title()),
        _ => spec.title(),
    }
}

/// More files than this are not named one by one.
const MAX_NAMED: usize = 4;

/// `a.csv, b.csv`, or `a.csv … z.csv (12 files)`
fn sources(parts: &[Part]) -> String {
    named(&parts.iter().map(|part| part.file.as_str()).collect::<Vec<_>>())
}

/// `a.csv, b.csv`, or `a.csv … z.csv (12 files)`
pub(crate) fn named(files: &[&str]) -> String {
    match files {
        [first, .., last] if files.len() > MAX_NAMED => {
            format!("{first} … {last} ({} files)", files.len())
        }
        _ => files.join(", "),
    }
}

fn assumptions(parts: &[Part]) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for assumption in parts.iter().flat_map(|part| &part.assumptions) {
        if !said.contains(assumption) {
            said.push(assumption.clone());
        }
    }
    said
}

/// The rows of all files at the instants at which they are known, in the order of time, no stamp twice. Columns that not
/// every file has are left out.
fn united(spec: &SeriesSpec, parts: Vec<Part>, findings: &mut Findings) -> Result<Rows, DataError> {
    let mut roles: Vec<Role> = parts[0].rows.columns.iter().map(|(role, _)| *role).collect();
    roles.retain(|role| parts.iter().all(|part| part.rows.column(*role).is_some()));
    let mut repeats = Repeats::default();
    let (mut all, mut outside): (Option<Rows>, Option<DataError>) = (None, None);
    // A file of a single row, such as a day of daily bars, has the step of the others.
    let of_all = |parts: &[Part]| {
        let mut time: Vec<i64> = parts.iter().flat_map(|part| &part.rows.time).copied().collect();
        time.sort_unstable();
        commonest_step(&time)
    };
    let usual = if parts.iter().any(|part| part.rows.len() < 2) { of_all(&parts) } else { None };
    for mut part in parts {
        let too_short = DataError::TooShort { file: part.file.clone(), found: part.rows.len() };
        part.rows.select(&roles);
        sort(&mut part.rows);
        let own = spec.step.map(Span::millis).or_else(|| commonest_step(&part.rows.time));
        let step = own.or(usual).ok_or(too_short)?;
        findings.merge(std::mem::take(&mut part.findings));
        part.units.check(part.unit, step, findings)?;
        if part.bar == BarLabel::Start {
            part.rows.time.iter_mut().for_each(|time| *time += step);
        }
        if let Err(error) = keep_inside(&mut part) {
            outside.get_or_insert(error);
            continue;
        }
        match &mut all {
            Some(all) => all.append(part.rows),
            None => all = Some(part.rows),
        }
    }
    let mut all = all.ok_or_else(|| outside.expect("a series has at least one file"))?;
    sort(&mut all);
    unite(&mut all, &mut repeats);
    repeats.finish(findings);
    Ok(all)
}

/// Leaves the rows of a file that lie in the `from` and `to` of its series.
///
/// # Errors
/// [`DataError::Outside`] when that leaves nothing, which is no error where another file has something.
fn keep_inside(part: &mut Part) -> Result<(), DataError> {
    let time = &part.rows.time;
    let start = time.partition_point(|time| part.window.is_before(*time));
    let end = time.partition_point(|time| !part.window.is_after(*time));
    if start >= end {
        let at = |time: Option<&i64>| Timestamp::from_millis(time.copied().unwrap_or(0));
        let (first, last) = (at(time.first()), at(time.last()));
        return Err(DataError::Outside { file: part.file.clone(), first, last });
    }
    part.rows.split_off(end);
    part.rows = part.rows.split_off(start);
    Ok(())
}

fn step(specs: &[&SeriesSpec], time: &[i64]) -> Option<i64> {
    specs[0].step.map(Span::millis).or_else(|| commonest_step(time))
}

/// A bar that its own stamps say is shorter than the step by more than this was not finished.
const UNFINISHED_MILLIS: f64 = 1000.0;

/// Drops the last bar when its own stamps say that it had not ended; forgets those stamps.
fn drop_unfinished(rows: &mut Rows, specs: &[&SeriesSpec]) -> Findings {
    let mut findings = Findings::default();
    let Some(until) = rows.take(Role::Until) else { return findings };
    let step = step(specs, &rows.time);
    let (Some(end), Some(until), Some(step)) = (rows.time.last(), until.last(), step) else {
        return findings;
    };
    if let Some(seen) = unfinished(*end, *until, step) {
        findings.mark(Defect::Unfinished, *end, *end);
        findings.add(seen);
        let last = rows.len() - 1;
        rows.split_off(last);
    }
    findings
}

/// Whether a bar that should end at `end` had not, by its own stamp.
#[expect(clippy::cast_precision_loss, reason = "stamps below 2^53 are exact in f64")]
pub(crate) fn unfinished(end: i64, until: f64, step: i64) -> Option<Seen> {
    (until + UNFINISHED_MILLIS < end as f64).then(|| Seen {
        defect: Defect::Unfinished,
        severity: Severity::Note,
        count: 1,
        first: Some(Timestamp::from_millis(end - step)),
        what: format!(
            "the last bar had not ended when the file was written and is dropped (step {})",
            Span::from_millis(step).map_or_else(String::new, |step| step.to_string())
        )
        .into(),
        example: None,
    })
}

fn check_gaps(title: &str, time: &[i64], step: i64, limits: Limits) -> Result<(), DataError> {
    let max_gap = limits.max_gap();
    let allowed = max_gap.millis().max(step);
    let too_long = |pair: &&[i64]| limits.window.share_of(pair[0], pair[1]) > allowed;
    let Some(hole) = time.windows(2).find(too_long) else {
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
