//! The page of fitted vol surfaces.

use hedgerow_core::{Severity, Timestamp};
use serde::Serialize;

use super::page::{Row, Table, capitalised};
use crate::format::{UNKNOWN, counted, decimals, percent, plain, whole};
use crate::smiles::{ShownError, ShownMiss, ShownOutside, SmileFit, SnapshotFit, SurfaceReport};

/// The context of the template.
#[derive(Debug, Serialize)]
pub(super) struct SurfacePage<'a> {
    asset: String,
    paid_in: &'static str,
    summary: String,
    verdicts: Vec<String>,
    time: String,
    charts: Vec<&'a str>,
    smiles: Table,
    refused: Vec<String>,
    snapshots: Table,
    left_out: Table,
    findings: Vec<String>,
    assumptions: Vec<String>,
    version: &'static str,
}

impl<'a> SurfacePage<'a> {
    pub(super) fn new(report: &'a SurfaceReport, charts: Vec<&'a str>) -> Self {
        Self {
            asset: plain(&report.asset),
            paid_in: report.paid_in,
            summary: summary(report),
            verdicts: verdicts(report),
            time: report.snapshots[report.shown].time.to_string(),
            charts,
            smiles: smiles(report),
            refused: report.refused.iter().map(refused).collect(),
            snapshots: snapshots(report),
            left_out: left_out(report),
            findings: findings(report),
            assumptions: report.assumptions.iter().map(|sentence| plain(sentence)).collect(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// How good the fit is, what it allows, and what it was made of: a sentence each.
pub(super) fn verdicts(report: &SurfaceReport) -> Vec<String> {
    vec![error(report), outside(report), far_out(report), arbitrage(report), quotes(report)]
}

fn summary(report: &SurfaceReport) -> String {
    let snapshots = &report.snapshots;
    let n_smiles: usize = snapshots.iter().map(n_smiles).sum();
    let n_refused: usize = snapshots.iter().map(|snapshot| snapshot.n_refused).sum();
    let n_flagged: usize = snapshots.iter().map(|snapshot| snapshot.n_off_far_out).sum();
    format!(
        "{}; {}, {} refused, {} flagged; from {} ({}).",
        period(report),
        counted(n_smiles, "smile"),
        whole(n_refused),
        whole(n_flagged),
        plain(&report.quality.source),
        plain(&report.quality.format)
    )
}

/// `1 snapshot of …`, `359 snapshots, … to …`.
pub(super) fn period(report: &SurfaceReport) -> String {
    let times = || report.snapshots.iter().map(|snapshot| snapshot.time.to_string());
    let n = counted(report.snapshots.len(), "snapshot");
    match (times().next(), times().next_back()) {
        (Some(first), Some(last)) if first == last => format!("{n} of {first}"),
        (Some(first), Some(last)) => format!("{n}, {first} to {last}"),
        _ => n,
    }
}

fn n_smiles(snapshot: &SnapshotFit) -> usize {
    snapshot.grades.iter().map(|(_, count)| count).sum()
}

/// Median and worst of every snapshot, as one sentence.
fn error(report: &SurfaceReport) -> String {
    let errors = || report.snapshots.iter().filter_map(|snapshot| snapshot.error);
    let middle = |of: fn(ShownError) -> Option<f64>| {
        let mut values: Vec<f64> = errors().filter_map(of).collect();
        values.sort_unstable_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    let worst = |of: fn(ShownError) -> f64| errors().map(of).reduce(f64::max);
    let at = worst_of(report, |snapshot| snapshot.worst);
    let place = at.map_or_else(String::new, |at| format!(" ({})", place(report, at)));
    format!(
        "Median fit error near the money {} vol points, over all strikes {} vol points or {} coins; worst of any mark {} vol \
         points{place} and {} coins.",
        shown(middle(|error| error.near_median_points), 2),
        shown(middle(|error| Some(error.median_points)), 2),
        shown(middle(|error| Some(error.median_coins)), 6),
        shown(worst(|error| error.worst_points), 1),
        shown(worst(|error| error.worst_coins), 4)
    )
}

/// The worst miss of any snapshot, with the snapshot's time.
fn worst_of(
    report: &SurfaceReport,
    of: fn(&SnapshotFit) -> Option<ShownMiss>,
) -> Option<(Timestamp, ShownMiss)> {
    let all = report.snapshots.iter().filter_map(|snapshot| Some((snapshot.time, of(snapshot)?)));
    all.max_by(|a, b| a.1.points.total_cmp(&b.1.points))
}

/// `strike 89,000 of 2026-02-06`, with the snapshot where there are several.
fn place(report: &SurfaceReport, (time, miss): (Timestamp, ShownMiss)) -> String {
    let of = if report.snapshots.len() > 1 { format!(" at {time}") } else { String::new() };
    format!("strike {} of {}{of}", strike(miss.strike), miss.expiry.date())
}

/// In whole USD, or with the digits of a coin of less.
fn strike(usd: f64) -> String {
    decimals(usd, if usd < 100.0 { 4 } else { 0 })
}

/// How far smiles leave bid and ask in the wings, and how many are flagged for it.
fn far_out(report: &SurfaceReport) -> String {
    let Some(worst) = worst_of(report, |snapshot| snapshot.far_miss) else {
        return "Beyond one standard deviation no smile leaves a bid and ask.".to_owned();
    };
    let n_off: usize = report.snapshots.iter().map(|snapshot| snapshot.n_off_far_out).sum();
    let bound = decimals(report.most_far_points, 0);
    let flagged = match n_off {
        0 => format!("no smile by more than {bound}"),
        1 => format!(
            "1 smile does by more than {bound} and is flagged: mark options so far out by their own quotes"
        ),
        _ => format!(
            "{} smiles do by more than {bound} and are flagged: mark options so far out by their own quotes",
            whole(n_off)
        ),
    };
    format!(
        "Beyond one standard deviation smiles leave bid and ask by at most {} vol points ({}); {flagged}.",
        decimals(worst.1.points, 1),
        place(report, worst)
    )
}

/// How often smiles leave the spread, beside how often the marks do that they are fitted to.
fn outside(report: &SurfaceReport) -> String {
    let sum = |of: fn(&SnapshotFit) -> ShownOutside| {
        report.snapshots.iter().map(of).fold(ShownOutside::default(), |sum, part| ShownOutside {
            n_quotes: sum.n_quotes + part.n_quotes,
            smile: sum.smile + part.smile,
            mark: sum.mark + part.mark,
        })
    };
    let share = |count: usize, of: ShownOutside| match of.n_quotes {
        0 => UNKNOWN.to_owned(),
        n_quotes => percent(ratio(count, n_quotes)),
    };
    let (near, far) = (sum(|s| s.outside_near), sum(|s| s.outside_far));
    format!(
        "Smiles lie outside bid and ask at {} of the quotes within one standard deviation of the money (the marks themselves at \
         {}) and at {} of those beyond (marks at {}).",
        share(near.smile, near),
        share(near.mark, near),
        share(far.smile, far),
        share(far.mark, far)
    )
}

#[expect(clippy::cast_precision_loss, reason = "counts of quotes are far below 2^53")]
fn ratio(count: usize, of: usize) -> f64 {
    count as f64 / of as f64
}

fn arbitrage(report: &SurfaceReport) -> String {
    let sum = |of: fn(&SnapshotFit) -> usize| report.snapshots.iter().map(of).sum::<usize>();
    let (butterflies, calendars) =
        (sum(|snapshot| snapshot.butterflies), sum(|snapshot| snapshot.calendars));
    let text = |count: usize, what: &str| match count {
        0 => format!("no smile {what}"),
        1 => format!("1 smile {what}"),
        _ => format!("{} smiles {what}", whole(count)),
    };
    let sentence = format!(
        "{}; {}.",
        text(butterflies, "allows a butterfly arbitrage"),
        text(calendars, "lies below that of an earlier expiry (calendar arbitrage)")
    );
    capitalised(
        &sentence.replace("smiles allows", "smiles allow").replace("smiles lies", "smiles lie"),
    )
}

fn quotes(report: &SurfaceReport) -> String {
    let used: usize = report.snapshots.iter().map(|snapshot| snapshot.n_used).sum();
    let reasons = reasons(report);
    let without: usize = reasons.iter().map(|(_, count)| count).sum();
    let listed: Vec<String> = reasons
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(reason, count)| format!("{} {reason}", whole(*count)))
        .collect();
    let listed = if listed.is_empty() { String::new() } else { format!(": {}", listed.join(", ")) };
    format!("{} used, {} left out{listed}.", counted(used, "quote"), whole(without))
}

/// Every reason and how many quotes were left out for it, over all snapshots.
fn reasons(report: &SurfaceReport) -> Vec<(&'static str, usize)> {
    let names = report.snapshots[0].left_out.iter().map(|(reason, _)| *reason);
    let count = |reason: &str| {
        let all = report.snapshots.iter().flat_map(|snapshot| &snapshot.left_out);
        all.filter(|(known, _)| *known == reason).map(|(_, count)| count).sum()
    };
    names.map(|reason| (reason, count(reason))).collect()
}

fn refused((expiry, reason): &(Timestamp, String)) -> String {
    format!("{expiry}: {}", plain(reason))
}

/// A line per smile of the snapshot that is drawn.
fn smiles(report: &SurfaceReport) -> Table {
    let row = |smile: &SmileFit| Row {
        cells: vec![
            smile.expiry.date(),
            decimals(smile.years * hedgerow_core::DAYS_PER_YEAR, 1),
            decimals(smile.forward, 2),
            format!("{} %", decimals(100.0 * smile.at_the_money, 1)),
            smile.grade.to_owned(),
            smile_arbitrage(smile),
            whole(smile.n_quotes),
            shown(smile.error.near_median_points, 2),
            decimals(smile.error.worst_points, 2),
            decimals(smile.error.median_coins, 6),
            format!("{}, {}", outside_of(smile.outside_near), outside_of(smile.outside_far)),
            far_miss(smile),
        ],
        about: "",
    };
    table(
        "Smiles",
        &[
            "Expiry",
            "Days",
            "Forward, USD",
            "Vol at the money",
            "Grade",
            "Arbitrage",
            "Quotes",
            "Near error, vol points",
            "Worst error, vol points",
            "Median error, coins",
            "Outside bid and ask, near and beyond",
            "Worst beyond, vol points at strike",
        ],
        report.smiles.iter().map(row).collect(),
    )
}

/// `free`, or what of butterfly and calendar is not.
fn smile_arbitrage(smile: &SmileFit) -> String {
    let kinds = [("butterfly", &smile.butterfly), ("calendar", &smile.calendar)];
    let found: Vec<String> = kinds
        .iter()
        .filter(|(_, verdict)| *verdict != "free")
        .map(|(kind, verdict)| format!("{kind}: {verdict}"))
        .collect();
    if found.is_empty() { "free".to_owned() } else { found.join("; ") }
}

/// `12.3 at 89,000, flagged`.
fn far_miss(smile: &SmileFit) -> String {
    smile.far_miss.map_or_else(
        || "0".to_owned(),
        |miss| {
            let flag = if smile.is_off_far_out { ", flagged" } else { "" };
            format!("{} at {}{flag}", decimals(miss.points, 1), strike(miss.strike))
        },
    )
}

fn outside_of(part: ShownOutside) -> String {
    format!("{}/{}", whole(part.smile), whole(part.n_quotes))
}

/// A line per snapshot.
fn snapshots(report: &SurfaceReport) -> Table {
    let row = |snapshot: &SnapshotFit| {
        let error = snapshot.error;
        let verdict = match (snapshot.butterflies, snapshot.calendars, n_smiles(snapshot)) {
            (.., 0) => UNKNOWN.to_owned(),
            (0, 0, _) => "free".to_owned(),
            (0, calendars, _) => format!("calendar at {}", whole(calendars)),
            (butterflies, calendars, _) => {
                format!("butterfly at {}, calendar at {}", whole(butterflies), whole(calendars))
            }
        };
        Row {
            cells: vec![
                snapshot.time.to_string(),
                whole(n_smiles(snapshot)),
                whole(snapshot.n_refused),
                whole(snapshot.n_used),
                whole(snapshot.left_out.iter().map(|(_, count)| count).sum()),
                shown(error.and_then(|error| error.near_median_points), 2),
                shown(error.map(|error| error.worst_points), 2),
                shown(error.map(|error| error.median_coins), 6),
                shown(error.map(|error| error.worst_coins), 5),
                verdict,
            ],
            about: "",
        }
    };
    table(
        "Snapshots",
        &[
            "Snapshot, UTC",
            "Smiles",
            "Refused",
            "Quotes used",
            "Left out",
            "Near error, vol points",
            "Worst error, vol points",
            "Median error, coins",
            "Worst error, coins",
            "Arbitrage",
        ],
        report.snapshots.iter().map(row).collect(),
    )
}

/// A line per reason and per grade, over all snapshots.
fn left_out(report: &SurfaceReport) -> Table {
    let grades = report.snapshots[0].grades.iter().map(|(grade, _)| {
        let all = report.snapshots.iter().flat_map(|snapshot| &snapshot.grades);
        let count = all.filter(|(known, _)| known == grade).map(|(_, count)| count).sum();
        (format!("Smiles of grade {grade}"), count)
    });
    let reasons = reasons(report);
    let reasons = reasons.iter().map(|(reason, count)| (format!("Quotes {reason}"), *count));
    let refused = report.snapshots.iter().map(|snapshot| snapshot.n_refused).sum();
    let rows = grades
        .chain([("Expiries refused".to_owned(), refused)])
        .chain(reasons)
        .map(|(what, count)| Row { cells: vec![what, whole(count)], about: "" });
    table("Grades and quotes left out", &["What", "Count"], rows.collect())
}

fn findings(report: &SurfaceReport) -> Vec<String> {
    let sentence = |finding: &hedgerow_core::Finding| {
        let severity = if finding.severity == Severity::Warning { "Warning" } else { "Note" };
        plain(&format!("{severity}: {}: {}", finding.defect.about(), finding.detail))
    };
    report.quality.findings.iter().map(sentence).collect()
}

fn table(title: &str, header: &[&str], rows: Vec<Row>) -> Table {
    Table {
        title: title.to_owned(),
        header: header.iter().map(|cell| (*cell).to_owned()).collect(),
        rows,
    }
}

fn shown(value: Option<f64>, places: usize) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| decimals(value, places))
}
