//! In which units the stamps of a file are, counted.

use hedgerow_core::{Defect, Severity, Timestamp};

use crate::findings::{Findings, Seen};
use crate::formats::Plan;
use crate::read::raw::{Raw, Role};
use crate::read::stamps;
use crate::source::TimeUnit;

/// More places than this are not listed.
const MAX_LISTED: usize = 6;

/// The units seen so far.
#[derive(Debug, Default)]
pub(crate) struct StampUnits {
    seen: Vec<SeenUnit>,
}

#[derive(Debug)]
struct SeenUnit {
    unit: TimeUnit,
    count: usize,
    first: Option<i64>,
    places: Vec<String>,
}

impl StampUnits {
    /// Counts stamps whose places need not be told, unless it turns out that they are the odd ones.
    pub(crate) fn count(&mut self, unit: TimeUnit, count: usize) {
        self.of(unit).count += count;
    }

    /// Counts a stamp, in milliseconds, with its place.
    pub(crate) fn see(&mut self, unit: TimeUnit, millis: i64, place: impl FnOnce() -> String) {
        let seen = self.of(unit);
        seen.count += 1;
        seen.first.get_or_insert(millis);
        if seen.places.len() <= MAX_LISTED {
            seen.places.push(place());
        }
    }

    fn of(&mut self, unit: TimeUnit) -> &mut SeenUnit {
        let position = self.seen.iter().position(|seen| seen.unit == unit);
        let position = position.unwrap_or_else(|| {
            self.seen.push(SeenUnit { unit, count: 0, first: None, places: Vec::new() });
            self.seen.len() - 1
        });
        &mut self.seen[position]
    }

    /// A note when the unit was told by size alone; a warning when units are mixed.
    pub(crate) fn finish(&self, file: &str, plan: &Plan, findings: &mut Findings) {
        if plan.time_unit.is_some() {
            return;
        }
        // Of two units that are equally common the finer one is the exception: exports are mended forwards.
        let usual = self.seen.iter().max_by_key(|seen| (seen.count, std::cmp::Reverse(seen.unit)));
        let Some(usual) = usual else { return };
        if plan.usual_unit != Some(usual.unit) {
            let what = format!("stamps are read as {} by their size", usual.unit);
            findings.say(Defect::Unit, Severity::Note, what);
        }
        let mut others: Vec<&SeenUnit> =
            self.seen.iter().filter(|seen| seen.unit != usual.unit).collect();
        others.sort_by_key(|seen| seen.unit);
        for other in others {
            findings.add(Seen {
                defect: Defect::Unit,
                severity: Severity::Warning,
                count: other.count,
                first: other.first.map(Timestamp::from_millis),
                what: format!(
                    "{{n}} stamps in {} among {}, converted by their size",
                    other.unit, usual.unit
                )
                .into(),
                example: other.places().map(|places| format!("`{file}` {places}")),
            });
        }
    }
}

impl SeenUnit {
    /// `line 4, line 5, line 9, …`
    fn places(&self) -> Option<String> {
        let mut list: Vec<&str> = self.places.iter().take(MAX_LISTED).map(String::as_str).collect();
        if self.count > list.len() {
            list.push("…");
        }
        (!self.places.is_empty()).then(|| list.join(", "))
    }
}

/// The unit of all stamps, where it is one.
pub(crate) fn stamps_of_one_unit(time: &[i64]) -> Option<TimeUnit> {
    let (least, greatest) = time
        .iter()
        .fold((i64::MAX, i64::MIN), |(low, high), stamp| (low.min(*stamp), high.max(*stamp)));
    let unit = stamps::looks_like(least)?;
    (stamps::looks_like(greatest) == Some(unit)).then_some(unit)
}

pub(crate) fn to_millis(time: &mut [i64], unit: TimeUnit) {
    if unit != TimeUnit::Ms {
        time.iter_mut().for_each(|stamp| *stamp = stamps::to_millis(*stamp, unit));
    }
}

/// Brings the ends of bars, which are in the unit of their own rows, to milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "stamps below 2^53 are exact in both"
)]
pub(crate) fn until_to_millis(raw: &mut Raw, unit_of: impl Fn(usize) -> TimeUnit) {
    for column in raw.columns.iter_mut().filter(|column| column.role == Role::Until) {
        for (row, cell) in column.cells.iter_mut().enumerate() {
            let stamp = *cell as i64;
            let unit = stamps::looks_like(stamp).unwrap_or_else(|| unit_of(row));
            if unit != TimeUnit::Ms {
                *cell = stamps::to_millis(stamp, unit) as f64;
            }
        }
    }
}
