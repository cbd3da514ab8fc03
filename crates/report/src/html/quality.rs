//! The page of a verdict on data.

use hedgerow_core::{Finding, Quality, SeriesQuality, Severity, Timestamp};
use serde::Serialize;

use super::page::{Row, Table, capitalised};
use crate::format::{UNKNOWN, counted, duration, plain, whole};
use crate::presence::{Presence, verdict, worst};

/// The context of the template.
#[derive(Debug, Serialize)]
pub(super) struct QualityPage {
    verdict: &'static str,
    meaning: &'static str,
    summary: String,
    refused: Vec<String>,
    charts: Vec<String>,
    overview: Table,
    series: Vec<SeriesText>,
    assumptions: Vec<String>,
    version: &'static str,
}

#[derive(Debug, Serialize)]
struct SeriesText {
    name: String,
    about: String,
    worst: String,
    findings: Option<Table>,
}

impl QualityPage {
    pub(super) fn new(quality: &Quality, refused: &[String], charts: Vec<String>) -> Self {
        let verdict = verdict(quality, refused);
        Self {
            verdict,
            meaning: meaning(verdict),
            summary: summary(quality, refused),
            refused: refused.iter().map(|sentence| plain(sentence)).collect(),
            charts,
            overview: overview(quality),
            series: quality.series.iter().map(series_text).collect(),
            assumptions: quality.assumptions.iter().map(|sentence| plain(sentence)).collect(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

fn meaning(verdict: &str) -> &'static str {
    match verdict {
        "refused" => "At least one file could not be read; what follows is of the others.",
        "warnings" => "Something was found that changes results; strict mode refuses this data.",
        "notes" => "Everything that was found was handled without loss.",
        _ => "Nothing was found.",
    }
}

fn summary(quality: &Quality, refused: &[String]) -> String {
    let series = &quality.series;
    let first = series.iter().map(|series| series.first).min();
    let last = series.iter().map(|series| series.last).max();
    let period = first
        .zip(last)
        .map_or_else(String::new, |(first, last)| format!(" from {first} to {last}"));
    let warnings = quality.count(Severity::Warning);
    format!(
        "{} series, {}{period}; {}, {}, {}.",
        whole(series.len()),
        counted(series.iter().map(|series| series.n_rows).sum(), "row"),
        counted(warnings, "warning"),
        counted(quality.count(Severity::Note) - warnings, "note"),
        counted(refused.len(), "refused file")
    )
}

/// A line per series.
fn overview(quality: &Quality) -> Table {
    let row = |series: &SeriesQuality| {
        let presence = Presence::of(series);
        let absent = presence.absent().and_then(|absent| usize::try_from(absent).ok());
        let cells = vec![
            plain(&series.name),
            whole(series.n_rows),
            step(series),
            series.first.to_string(),
            series.last.to_string(),
            absent.map_or_else(|| UNKNOWN.to_owned(), whole),
            presence.text(),
            worst(series),
        ];
        Row { cells, about: "" }
    };
    let header =
        ["Series", "Rows", "Step", "First, UTC", "Last, UTC", "Absent rows", "Present", "Verdict"];
    Table {
        title: "Series".to_owned(),
        header: header.map(str::to_owned).to_vec(),
        rows: quality.series.iter().map(row).collect(),
    }
}

fn step(series: &SeriesQuality) -> String {
    series.step_millis.map_or_else(|| UNKNOWN.to_owned(), duration)
}

fn series_text(series: &SeriesQuality) -> SeriesText {
    SeriesText {
        name: plain(&series.name),
        about: plain(&format!("{} ({})", series.source, series.format)),
        worst: worst(series),
        findings: (!series.findings.is_empty()).then(|| findings(series)),
    }
}

fn findings(series: &SeriesQuality) -> Table {
    let row = |finding: &Finding| Row {
        cells: vec![
            capitalised(finding.defect.about()),
            finding.severity.key().to_owned(),
            whole(finding.count),
            finding.first.map_or_else(|| UNKNOWN.to_owned(), |first: Timestamp| first.to_string()),
            capitalised(&plain(&finding.detail)),
        ],
        about: "",
    };
    let header = ["Defect", "Severity", "Places", "First, UTC", "What was found and done"];
    Table {
        title: plain(&format!("Findings of {}", series.name)),
        header: header.map(str::to_owned).to_vec(),
        rows: series.findings.iter().map(row).collect(),
    }
}
