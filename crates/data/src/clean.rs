//! One file's columns, judged: units told, unusable rows dropped; everything done is a finding. A file comes as one block
//! or as many: the result is the same.

use hedgerow_core::{Defect, Severity, Timestamp};

use crate::DataError;
use crate::findings::{Findings, Seen};
use crate::formats::{Plan, Rhythm};
use crate::read::raw::{BadText, Raw, Role, StampKind, UNREADABLE};
use crate::read::stamps;
use crate::rows::Rows;
use crate::sequence::{Order, keep_rows};
use crate::source::{BarLabel, Mode, SeriesSpec, TimeUnit, ValueUnit};
use crate::stamp_units::{StampUnits, stamps_of_one_unit, to_millis, until_to_millis};
use crate::traps::volumes;
use crate::units::Units;
use crate::window::Window;

/// Funding stamps this close to a full hour are the hour: venues stamp the settlement some milliseconds late.
const JITTER_MILLIS: i64 = 60_000;

const HOUR_MILLIS: i64 = 3_600_000;

/// One file, clean, its rows in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    /// As the user wrote it.
    pub(crate) file: String,
    /// Name of the format.
    pub(crate) format: &'static str,
    /// Stamps as the file labels its rows, milliseconds; the column of the series itself comes first.
    pub(crate) rows: Rows,
    /// What the stamps are.
    pub(crate) bar: BarLabel,
    /// How its rows follow one another.
    pub(crate) rhythm: Rhythm,
    /// Which of its rows are used, by the instants at which they are known.
    pub(crate) window: Window,
    /// Unit of rates and vols as the format or the declaration has it.
    pub(crate) unit: Option<ValueUnit>,
    /// Name of a vol column.
    pub(crate) vol_name: String,
    /// What is left to check once the step is known.
    pub(crate) units: Units,
    pub(crate) findings: Findings,
    pub(crate) assumptions: Vec<String>,
}

/// Judges one file that is there as a whole.
///
/// # Errors
/// [`DataError`] when a declared unit is contradicted, nothing usable is left, or strict mode meets an unusable cell.
pub(crate) fn clean(
    file: &str,
    spec: &SeriesSpec,
    plan: &Plan,
    raw: Raw,
    mode: Mode,
) -> Result<Part, DataError> {
    let mut cleaner = Cleaner::new(file, spec, plan, mode);
    let rows = cleaner.push(raw)?;
    let Cleaned { findings, units, mut assumptions } = cleaner.finish()?;
    assumptions.extend(spec.period(file));
    Ok(Part {
        file: file.to_owned(),
        format: "",
        rows,
        bar: plan.bar,
        rhythm: plan.rhythm,
        window: spec.window(),
        unit: plan.unit,
        vol_name: spec.name.clone().unwrap_or_else(|| plan.vol_name.clone()),
        units,
        findings,
        assumptions,
    })
}

/// What is known of a file once its last block is clean.
#[derive(Debug)]
pub(crate) struct Cleaned {
    pub(crate) findings: Findings,
    pub(crate) units: Units,
    pub(crate) assumptions: Vec<String>,
}

/// Judges the blocks of one file, one after another.
#[derive(Debug)]
pub(crate) struct Cleaner<'a> {
    file: &'a str,
    spec: &'a SeriesSpec,
    plan: &'a Plan,
    mode: Mode,
    stamps: StampUnits,
    units: Units,
    order: Order,
    n_kept: usize,
    first_bad: Option<DataError>,
    findings: Findings,
}

impl<'a> Cleaner<'a> {
    pub(crate) fn new(file: &'a str, spec: &'a SeriesSpec, plan: &'a Plan, mode: Mode) -> Self {
        Self {
            file,
            spec,
            plan,
            mode,
            stamps: StampUnits::default(),
            units: Units::default(),
            order: Order::default(),
            n_kept: 0,
            first_bad: None,
            findings: Findings::default(),
        }
    }

    /// The usable rows of the next block, in its order.
    ///
    /// # Errors
    /// [`DataError`] when a declared unit is contradicted, or strict mode meets an unusable cell.
    pub(crate) fn push(&mut self, mut raw: Raw) -> Result<Rows, DataError> {
        self.tell_time(&mut raw)?;
        self.drop_unusable(&mut raw)?;
        if self.spec.is.is_funding() {
            self.snap(&mut raw.time);
        }
        let columns = std::mem::take(&mut raw.columns);
        let mut rows = Rows { time: raw.time, columns: Vec::with_capacity(columns.len()) };
        for (index, column) in columns.into_iter().enumerate() {
            let mut cells = column.cells;
            if index == 0 {
                let name = &column.name;
                let measured = (column.role, &mut cells, raw.per_cent_signs);
                self.units.push((self.file, name), self.spec, self.plan, measured)?;
            }
            rows.columns.push((column.role, cells));
        }
        volumes::put_right(&mut rows, &mut self.findings);
        self.order.push(&rows.time);
        self.n_kept += rows.len();
        Ok(rows)
    }

    /// # Errors
    /// [`DataError`] when the file had no usable row.
    pub(crate) fn finish(mut self) -> Result<Cleaned, DataError> {
        if self.n_kept == 0 {
            let nothing = DataError::TooShort { file: self.file.to_owned(), found: 0 };
            return Err(self.first_bad.unwrap_or(nothing));
        }
        let mut findings = Findings::default();
        self.stamps.finish(self.file, self.plan, &mut findings);
        findings.merge(self.findings);
        self.order.finish(&mut findings);
        self.units.finish(self.spec, self.plan, &mut findings);
        let mut assumptions = self.plan.assumptions.clone();
        if let Some(zone) = self.plan.zone {
            assumptions.push(format!(
                "`{}`: stamps are local times of {zone}; an hour that occurs twice is read as the first",
                self.file
            ));
        }
        Ok(Cleaned { findings, units: self.units, assumptions })
    }

    /// Converts stamps to milliseconds. A unit that was not declared is told by size and named; a declared one is checked.
    fn tell_time(&mut self, raw: &mut Raw) -> Result<(), DataError> {
        let key = |key, reason| Err(DataError::Key { series: self.spec.title(), key, reason });
        match (raw.stamps, self.plan.zone, self.plan.time_unit) {
            (StampKind::Numbers, Some(_), _) => {
                return key("time_zone", "with stamps that are numbers since 1970");
            }
            (StampKind::Instants, _, Some(unit)) if unit != TimeUnit::Text => {
                return key("time_unit", "with a column of timestamps");
            }
            (StampKind::Instants, ..) => return Ok(()),
            (StampKind::Numbers, None, _) => {}
        }
        if let Some(declared) = self.plan.time_unit {
            check_declared(self.file, raw, declared)?;
        }
        if let Some(uniform) = stamps_of_one_unit(&raw.time) {
            self.stamps.count(uniform, raw.time.len());
            to_millis(&mut raw.time, uniform);
            until_to_millis(raw, |_| uniform);
            return Ok(());
        }
        let units: Vec<Option<TimeUnit>> =
            raw.time.iter().map(|stamp| stamps::looks_like(*stamp)).collect();
        for (row, unit) in units.iter().enumerate() {
            let stamp = raw.time[row];
            match unit {
                Some(unit) => {
                    raw.time[row] = stamps::to_millis(stamp, *unit);
                    self.stamps.see(*unit, raw.time[row], || raw.places.at(row));
                }
                None if stamp == UNREADABLE => {}
                None => {
                    raw.bad.push(BadText { row, column: None, text: stamp.to_string() });
                    raw.time[row] = UNREADABLE;
                }
            }
        }
        until_to_millis(raw, |row| units[row].unwrap_or(TimeUnit::Ms));
        Ok(())
    }

    /// Drops rows without a figure (a note) and rows that cannot be used (a warning, or an error in strict mode).
    fn drop_unusable(&mut self, raw: &mut Raw) -> Result<(), DataError> {
        if is_usable(raw) {
            return Ok(());
        }
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
        if let Some(row) = bad.first() {
            let cell = bad_cell(self.file, raw, *row);
            if self.mode == Mode::Strict {
                return Err(cell);
            }
            let example = in_words(&cell);
            self.note(raw, (Defect::BadValue, Severity::Warning), &bad, UNUSABLE, example);
            self.first_bad.get_or_insert(cell);
        }
        let blanks = "{n} rows say nothing and are left out";
        self.note(raw, (Defect::BadValue, Severity::Note), &blank, blanks, None);
        if let Some(row) = cut_short {
            let place = format!("`{}` {}", self.file, raw.places.at(row));
            let what = "{n} last lines are cut short and are dropped";
            self.note(raw, (Defect::Unfinished, Severity::Warning), &[row], what, Some(place));
        }
        let mut keep = vec![true; n_rows];
        blank.iter().chain(&bad).chain(&cut_short).for_each(|row| keep[*row] = false);
        keep_rows(&mut raw.time, &keep);
        raw.columns.iter_mut().for_each(|column| keep_rows(&mut column.cells, &keep));
        Ok(())
    }

    fn note(
        &mut self,
        raw: &Raw,
        (defect, severity): (Defect, Severity),
        rows: &[usize],
        what: &'static str,
        example: Option<String>,
    ) {
        let first = rows.iter().map(|row| raw.time[*row]).find(|time| *time != UNREADABLE);
        if let Some(first) = first {
            self.findings.mark(defect, first, first);
        }
        self.findings.add(Seen {
            defect,
            severity,
            count: rows.len(),
            first: first.map(Timestamp::from_millis),
            what: what.into(),
            example,
        });
    }

    /// Moves funding stamps that are within a minute of a full hour onto it.
    fn snap(&mut self, time: &mut [i64]) {
        let (mut count, mut first) = (0, None);
        for stamp in time.iter_mut() {
            let hour = (*stamp + HOUR_MILLIS / 2).div_euclid(HOUR_MILLIS) * HOUR_MILLIS;
            if hour != *stamp && (hour - *stamp).abs() <= JITTER_MILLIS {
                count += 1;
                first.get_or_insert(Timestamp::from_millis(hour));
                *stamp = hour;
            }
        }
        self.findings.add(Seen {
            defect: Defect::OffGrid,
            severity: Severity::Note,
            count,
            first,
            what: "{n} stamps within a minute of a full hour are read as that hour".into(),
            example: None,
        });
    }
}

/// Whether every row can be used: the usual case, told in one pass over each column.
fn is_usable(raw: &Raw) -> bool {
    !raw.cut_short
        && raw.bad.is_empty()
        && !raw.time.contains(&UNREADABLE)
        && raw.columns.iter().enumerate().all(|(index, column)| {
            all_accepted(column.role, &column.cells)
                && !(index == 0
                    && column.role.may_be_blank()
                    && column.cells.iter().any(|cell| cell.is_nan()))
        })
}

/// Whether every number can stand in a column of this role. Written so that the compiler can test many at once.
pub(crate) fn all_accepted(role: Role, cells: &[f64]) -> bool {
    let all = |accepts: fn(f64) -> bool| {
        let block = |block: &[f64]| block.iter().fold(true, |all, cell| all & accepts(*cell));
        cells.chunks(1024).all(block)
    };
    match role {
        Role::Rate => all(f64::is_finite),
        Role::Open | Role::High | Role::Low | Role::Close | Role::Vol | Role::Until => {
            all(|cell| (cell > 0.0) & (cell < f64::INFINITY))
        }
        Role::Mark | Role::HalfSpread | Role::Volume | Role::QuoteVolume => {
            cells.iter().all(|cell| role.accepts(*cell))
        }
    }
}

const UNUSABLE: &str = "{n} rows cannot be used and are dropped";

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

/// `` `a.csv` line 7, column `close`: found `x`, expected a positive number``
fn in_words(cell: &DataError) -> Option<String> {
    matches!(cell, DataError::Cell { .. }).then(|| cell.to_string())
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
