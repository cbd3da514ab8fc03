//! `quality.json`: the verdict on data for other programs.
//!
//! ```text
//! { "schema",              1; a higher number when a field changes its meaning or goes
//!   "verdict",             "clean", "notes", "warnings", or "refused" when a file could not be read
//!   "warnings", "notes",   findings of each severity in all series
//!   "refused": [ ],        a sentence per file that could not be read: which, and why
//!   "assumptions": [ ],    a sentence per convention, substitute or absence
//!   "series": [ {          in the order in which they were loaded
//!       "name", "source", "format",
//!       "rows",            rows kept
//!       "first", "last",   first and last stamp kept, ISO 8601, UTC
//!       "step_ms",         commonest distance between stamps, milliseconds; null for one row
//!       "rows_expected",   stamps first, first + step, … up to last; null without a step
//!       "rows_absent",     rows expected less rows kept, at least 0; null without a step
//!       "coverage",        rows kept / rows expected, a fraction; above 1 where rows lie between the stamps of the
//!                          grid; null without a step
//!       "findings": [ { "defect",     key, kebab-case
//!                       "severity",   "note" or "warning"
//!                       "count",      places
//!                       "first",      the first place, ISO 8601, UTC; null where there is no one place
//!                       "detail" } ], what was found and what was done about it
//!       "marks": [ { "defect", "from", "to" } ] } ] }
//!                          places, ISO 8601, UTC, `to` = `from` for a single row; at most the first 1000 of a series
//! ```
//! Unknown is `null`, and so is an instant beyond the years that ISO 8601 text is written for here (±262,000). Keys and
//! entries keep their order and a number has the fewest digits that read back to the same f64: the same verdict gives
//! the same bytes.

use hedgerow_core::{Finding, Mark, Quality, SeriesQuality, Severity, Timestamp};
use serde_json::{Value, json};

use crate::presence::{Presence, verdict};

/// The verdict on data as JSON, indented, with a line feed at the end; `refused` is a sentence per file that could not
/// be read.
///
/// ```text
/// { "schema": 1, "verdict", "warnings", "notes", "refused": [ sentence ], "assumptions": [ sentence ],
///   "series": [ { "name", "source", "format", "rows", "first", "last", "step_ms", "rows_expected", "rows_absent",
///                 "coverage",
///                 "findings": [ { "defect", "severity", "count", "first", "detail" } ],
///                 "marks": [ { "defect", "from", "to" } ] } ] }
/// ```
/// Instants are ISO 8601 in UTC, `step_ms` is in milliseconds, `coverage` is rows / rows expected as a fraction (above 1
/// where rows lie between the stamps of the series' grid), `rows_absent` is rows expected less rows, at least 0. What a
/// series without a step cannot have is `null`.
pub fn quality_json(quality: &Quality, refused: &[String]) -> String {
    let warnings = quality.count(Severity::Warning);
    let value = json!({
        "schema": 1,
        "verdict": verdict(quality, refused),
        "warnings": warnings,
        "notes": quality.count(Severity::Note) - warnings,
        "refused": refused,
        "assumptions": quality.assumptions,
        "series": quality.series.iter().map(series_value).collect::<Vec<Value>>(),
    });
    format!("{value:#}\n")
}

fn series_value(series: &SeriesQuality) -> Value {
    let presence = Presence::of(series);
    json!({
        "name": series.name,
        "source": series.source,
        "format": series.format,
        "rows": series.n_rows,
        "first": iso(series.first),
        "last": iso(series.last),
        "step_ms": series.step_millis,
        "rows_expected": presence.expected,
        "rows_absent": presence.absent(),
        "coverage": presence.share(),
        "findings": series.findings.iter().map(finding_value).collect::<Vec<Value>>(),
        "marks": series.marks.iter().map(mark_value).collect::<Vec<Value>>(),
    })
}

fn finding_value(finding: &Finding) -> Value {
    json!({
        "defect": finding.defect.key(),
        "severity": finding.severity.key(),
        "count": finding.count,
        "first": finding.first.and_then(iso),
        "detail": finding.detail,
    })
}

fn mark_value(mark: &Mark) -> Value {
    json!({ "defect": mark.defect.key(), "from": iso(mark.from), "to": iso(mark.to) })
}

/// `None` beyond the years that can be written.
fn iso(time: Timestamp) -> Option<String> {
    time.chrono().map(|_| time.to_string())
}
