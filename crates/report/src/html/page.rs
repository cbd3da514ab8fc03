//! Everything that the page says, as text.

use hedgerow_core::{Finding, Line, OptionTradeKind};
use serde::Serialize;

use super::account::{AccountText, CHART, account};
use super::strategy::{StrategyText, attribution, strategy};
use super::verdict::{Headline, headlines};
use crate::format::{UNKNOWN, amount, decimals, number, whole, with_interval};
use crate::metrics::{Against, Group, METRICS, Metric};
use crate::stats::moments::sum;
use crate::{AccountReport, Chart, Report, Run, StrategyReport, comparison};

/// The context of the template.
#[derive(Debug, Serialize)]
pub(super) struct Page<'a> {
    name: &'a str,
    about: &'a str,
    version: &'a str,
    period: String,
    verdicts: Vec<Headline>,
    comparison: Table,
    method: String,
    notes: Vec<String>,
    assumptions: &'a [(String, String)],
    quality: QualityText,
    charts: Vec<&'a str>,
    account: Option<AccountText<'a>>,
    grid: String,
    groups: Vec<Table>,
    explained: Table,
    attribution: Table,
    strategies: Vec<StrategyText>,
    book: Table,
    grades: String,
    definitions: Vec<(&'static str, &'static str)>,
    scenario: &'a str,
    seed: String,
}

/// A table of text.
#[derive(Debug, Serialize)]
pub(super) struct Table {
    pub(super) title: String,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// One row; `about` explains its name.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) cells: Vec<String>,
    pub(super) about: &'static str,
}

#[derive(Debug, Serialize)]
struct QualityText {
    verdict: &'static str,
    series: Vec<SeriesText>,
    assumptions: Vec<String>,
}

#[derive(Debug, Serialize)]
struct SeriesText {
    name: String,
    about: String,
    findings: Vec<FindingText>,
}

#[derive(Debug, Serialize)]
struct FindingText {
    severity: &'static str,
    text: String,
}

impl<'a> Page<'a> {
    pub(super) fn new(run: &Run<'a>, report: &'a Report, charts: &'a [Chart]) -> Self {
        let comparison = comparison(report);
        let notes = warnings(report).chain(comparison.notes).chain(notes(report)).collect();
        let rows = comparison
            .rows
            .into_iter()
            .map(|cells| Row { cells: whole_numbers(cells), about: "" })
            .collect();
        let (from, to) = (report.from.date(), report.to.date());
        let rows_text = whole(run.market.n_rows());
        Self {
            name: run.name,
            about: run.about,
            version: run.version,
            period: format!("{from} to {to} (UTC), {rows_text} rows"),
            verdicts: headlines(report),
            comparison: Table { title: "Comparison".to_owned(), header: comparison.header, rows },
            method: method(report),
            notes,
            assumptions: run.assumptions,
            quality: quality(run),
            charts: of_charts(charts),
            account: account(report, charts),
            grid: capitalised(&report.grid.about()),
            groups: groups(report),
            explained: explained(report),
            attribution: attribution(report),
            strategies: report.strategies.iter().map(strategy).collect(),
            book: book(run),
            grades: grades(run),
            definitions: report.metrics().map(|(_, metric)| (metric.label, metric.about)).collect(),
            scenario: run.scenario,
            seed: format!("seed {}", report.bootstrap.seed),
        }
    }
}

fn method(report: &Report) -> String {
    let bootstrap = &report.bootstrap;
    format!(
        "Intervals: {} % intervals from {} resamples, stationary block bootstrap (Politis and Romano 1994), \
         automatic block length (Patton, Politis and White 2009), hedged and unhedged resampled together, seed {}; \
         those of variance reductions are studentised (Götze and Künsch 1996). \
         On simulated histories of 500 days with clustered vol and heavy tails, intervals of 95 % held the true variance \
         reduction about 95 % of the time over 1 day, 93 % over 7 days and 92 % over 30 days. \
         The interval of a drawdown reduction is its range over resampled histories and is not centred at this one. \
         “Verdict on variance” says whether the interval of the variance removed excludes zero. “Cost of hedge” is minus what \
         the legs earned, but for what their deltas earned, of perps and of options alike.",
        decimals(bootstrap.level * 100.0, 0),
        whole(bootstrap.resamples),
        bootstrap.seed
    )
}

/// What the run warns of.
fn warnings(report: &Report) -> impl Iterator<Item = String> {
    let warnings = report.assumptions.iter().filter(|(topic, _)| topic == "Warning");
    warnings.map(|(_, sentence)| format!("Warning: {sentence}"))
}

/// What must be said of headline numbers.
fn notes(report: &Report) -> Vec<String> {
    let unhedged = report.strategies[0].account.as_ref().and_then(AccountReport::liquidation);
    let liquidated = unhedged.map(|found| {
        format!(
            "{}: liquidated at {}: what the others are measured against is what it then held.",
            report.strategies[0].name, found.time
        )
    });
    liquidated.into_iter().chain(without(report)).collect()
}

/// What is missing of which numbers: strategies of which the same is to be said of the same numbers share a sentence.
fn without(report: &Report) -> Vec<String> {
    let mut found: Vec<(&str, Vec<&str>, Vec<&str>)> = Vec::new();
    for strategy in &report.strategies {
        let noted: Vec<(&str, &str)> = METRICS
            .iter()
            .zip(&strategy.estimates)
            .filter_map(|(metric, estimate)| Some((estimate.note.as_deref()?, metric.label)))
            .collect();
        let mut notes: Vec<&str> = noted.iter().map(|(note, _)| *note).collect();
        notes.dedup();
        for (index, note) in notes.iter().enumerate() {
            if notes[..index].contains(note) {
                continue;
            }
            let same = noted.iter().filter(|(other, _)| other == note);
            let labels: Vec<&str> = same.map(|(_, label)| *label).collect();
            match found.iter_mut().find(|(other, of, _)| other == note && *of == labels) {
                Some((_, _, strategies)) => strategies.push(&strategy.name),
                None => found.push((note, labels, vec![&strategy.name])),
            }
        }
    }
    let hedged = report.strategies.len() - 1;
    let sentence = |(note, labels, strategies): (&str, Vec<&str>, Vec<&str>)| {
        let who = match strategies.len() {
            n if n > 1 && n == hedged => format!("All {n} hedged strategies"),
            _ => strategies.join(", "),
        };
        format!("{who}: {}: {note}.", labels.join("; "))
    };
    found.into_iter().map(sentence).collect()
}

fn quality(run: &Run<'_>) -> QualityText {
    let series = run.quality.series.iter().map(|series| SeriesText {
        name: series.name.clone(),
        about: format!(
            "{} ({}), {} rows, {} to {}",
            series.source,
            series.format,
            series.n_rows,
            series.first.date(),
            series.last.date()
        ),
        findings: series.findings.iter().map(finding).collect(),
    });
    QualityText {
        verdict: run.quality.verdict(),
        series: series.collect(),
        assumptions: run.quality.assumptions.clone(),
    }
}

fn finding(finding: &Finding) -> FindingText {
    let first = finding.first.map_or_else(String::new, |first| format!(", first at {first}"));
    let severity = finding.severity.key();
    let about = finding.defect.about();
    FindingText {
        severity,
        text: format!("{about} ({}{first}): {}", finding.count, finding.detail),
    }
}

/// Those of the account stand with it.
fn of_charts(charts: &[Chart]) -> Vec<&str> {
    let others = charts.iter().filter(|chart| chart.name != CHART);
    others.map(|chart| chart.svg.as_str()).collect()
}

fn groups(report: &Report) -> Vec<Table> {
    let others = Group::ALL.iter().filter(|group| **group != Group::Account);
    others.map(|group| statistics(report, *group)).collect()
}

pub(super) fn statistics(report: &Report, group: Group) -> Table {
    let rows = report.metrics().filter(|(_, metric)| metric.group == group);
    Table {
        title: group.title().to_owned(),
        header: header(report, ""),
        rows: rows.map(|(index, metric)| statistic(report, index, metric)).collect(),
    }
}

fn statistic(report: &Report, index: usize, metric: &'static Metric) -> Row {
    let cell = |(place, strategy): (usize, &StrategyReport)| {
        let estimate = &strategy.estimates[index];
        match (place, metric.against, estimate.interval) {
            (0, Against::Unhedged, _) => "–".to_owned(),
            (_, _, Some(interval)) => with_interval(estimate.value, Some(interval)),
            (_, _, None) => number(estimate.value, metric.unit),
        }
    };
    let cells = report.strategies.iter().enumerate().map(cell);
    let cells = std::iter::once(metric.label.to_owned()).chain(cells).collect();
    Row { cells: whole_numbers(cells), about: metric.about }
}

/// Lets the cells after the first break before a bracket only.
fn whole_numbers(mut cells: Vec<String>) -> Vec<String> {
    for cell in cells.iter_mut().skip(1) {
        *cell = cell.replace(' ', "\u{a0}").replace("\u{a0}(", " (");
    }
    cells
}

fn explained(report: &Report) -> Table {
    let line = |(place, line): (usize, &Line)| {
        let totals: Vec<f64> =
            report.strategies.iter().map(|strategy| strategy.explained[place].1).collect();
        let cells = std::iter::once(line.label().to_owned())
            .chain(totals.iter().map(|total| amount(*total)))
            .collect();
        totals.iter().any(|total| *total != 0.0).then_some(Row { cells, about: line.about() })
    };
    let mut rows: Vec<Row> = Line::ALL.iter().enumerate().filter_map(line).collect();
    let total = std::iter::once("Change of equity".to_owned())
        .chain(report.strategies.iter().map(|strategy| amount(strategy.pnl())));
    rows.push(Row { cells: total.collect(), about: "the sum of the lines above" });
    Table { title: "P&L explained, USD".to_owned(), header: header(report, "Line"), rows }
}

pub(super) fn header(report: &Report, first: &str) -> Vec<String> {
    let names = report.strategies.iter().map(|strategy| strategy.name.clone());
    std::iter::once(first.to_owned()).chain(names).collect()
}

/// The book's own option trades, by kind.
fn book(run: &Run<'_>) -> Table {
    let kinds = [
        (OptionTradeKind::Open, "Opened"),
        (OptionTradeKind::Close, "Closed before expiry"),
        (OptionTradeKind::Expire, "Settled at expiry"),
    ];
    let rows = kinds.iter().filter_map(|(kind, name)| {
        let trades: Vec<_> =
            run.exposure.trades.iter().filter(|trade| trade.kind == *kind).collect();
        let coins = sum(trades.iter().map(|trade| trade.traded.abs()));
        let received = sum(trades.iter().map(|trade| 0.0 - trade.traded * trade.premium));
        let cells =
            vec![(*name).to_owned(), whole(trades.len()), decimals(coins, 2), amount(received)];
        (!trades.is_empty()).then_some(Row { cells, about: "" })
    });
    let header = ["", "Trades", "Coins", "Received, USD"].map(str::to_owned).to_vec();
    Table { title: "Option trades of the book".to_owned(), header, rows: rows.collect() }
}

fn grades(run: &Run<'_>) -> String {
    let grades = run.exposure.grades;
    let marks = grades.quoted + grades.surface + grades.synthetic;
    if marks == 0 {
        return format!("Option marks: {UNKNOWN}.");
    }
    let of_neighbours = match grades.of_neighbours {
        0 => String::new(),
        n => format!(
            " ({n} of these of expiries without an accepted smile, by those of other expiries)"
        ),
    };
    format!(
        "Option marks: {} quoted, {} from a surface{of_neighbours}, {} synthetic (a model with an index or an estimated vol).",
        grades.quoted, grades.surface, grades.synthetic
    )
}

pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
