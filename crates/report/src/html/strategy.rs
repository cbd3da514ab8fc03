//! What the page says of each strategy: its drawdowns, its legs, what each earned, and how well that is explained.

use hedgerow_core::{Line, Timestamp};
use serde::Serialize;

use super::page::{Row, Table, header};
use crate::format::{UNKNOWN, amount, decimals, percent, whole};
use crate::{Attribution, LegSummary, NoAttribution, Report, StrategyReport, Zone};

/// One strategy, in a part of the page of its own.
#[derive(Debug, Serialize)]
pub(super) struct StrategyText {
    name: String,
    about: String,
    episodes: Table,
    legs: Table,
    lines: Table,
}

pub(super) fn strategy(strategy: &StrategyReport) -> StrategyText {
    StrategyText {
        name: strategy.name.clone(),
        about: strategy.about.clone(),
        episodes: episodes(strategy),
        legs: legs(strategy),
        lines: lines(strategy),
    }
}

fn episodes(strategy: &StrategyReport) -> Table {
    let rows = strategy.episodes.iter().map(|episode| Row {
        cells: vec![
            percent(episode.depth),
            episode.peak.date(),
            episode.trough.date(),
            episode.recovery.map_or_else(|| "not yet".to_owned(), Timestamp::date),
            decimals(episode.days, 0),
        ],
        about: "",
    });
    Table {
        title: "Deepest drawdowns".to_owned(),
        header: columns(&["Depth", "Peak", "Trough", "Recovery", "Days"]),
        rows: rows.collect(),
    }
}

/// Columns of which a strategy has nothing to say are left out.
fn legs(strategy: &StrategyReport) -> Table {
    let rolls = strategy.legs.iter().any(|leg| leg.rolls > 0);
    let premium = strategy.legs.iter().any(|leg| leg.premium != 0.0);
    let row = |leg: &LegSummary| {
        let mut cells = vec![
            leg.name.clone(),
            leg.instrument.clone(),
            whole(leg.trades),
            amount(leg.turnover),
            amount(leg.price_pnl),
            amount(leg.carry),
            amount(leg.trading),
        ];
        if rolls {
            cells.extend([whole(leg.rolls), amount(0.0 - leg.line(Line::Roll))]);
        }
        if premium {
            cells.push(amount(leg.premium));
        }
        cells.push(amount(leg.pnl()));
        Row { cells, about: "" }
    };
    let mut header = columns(&[
        "Leg",
        "Instrument",
        "Trades",
        "Turnover",
        "Price P&L",
        "Funding received",
        "Trading cost",
    ]);
    if rolls {
        header.extend(columns(&["Rolls", "of which cost of rolls"]));
    }
    if premium {
        header.extend(columns(&["Cash paid for holdings"]));
    }
    header.extend(columns(&["P&L"]));
    Table {
        title: "Legs, USD; P&L and funding received are positive, costs paid are positive"
            .to_owned(),
        header,
        rows: strategy.legs.iter().map(row).collect(),
    }
}

/// P&L of each leg by line; what is not a leg's is the book's and the account's.
fn lines(strategy: &StrategyReport) -> Table {
    let parts = |line: Line, total: f64| -> Vec<f64> {
        let legs: Vec<f64> = strategy.legs.iter().map(|leg| leg.line(line)).collect();
        let rest = total - legs.iter().sum::<f64>();
        std::iter::once(rest).chain(legs).chain([total]).collect()
    };
    let row = |(line, total): &(Line, f64)| {
        let parts = parts(*line, *total);
        let cells =
            std::iter::once(line.label().to_owned()).chain(parts.iter().copied().map(amount));
        parts
            .iter()
            .any(|part| part.abs() >= 0.005)
            .then(|| Row { cells: cells.collect(), about: line.about() })
    };
    let mut rows: Vec<Row> = strategy.explained.iter().filter_map(row).collect();
    let legs: Vec<f64> = strategy.legs.iter().map(LegSummary::pnl).collect();
    let rest = strategy.pnl() - legs.iter().sum::<f64>();
    let sums = std::iter::once(rest).chain(legs).chain([strategy.pnl()]).map(amount);
    let cells = std::iter::once("Sum".to_owned()).chain(sums).collect();
    rows.push(Row { cells, about: "the sum of the lines above" });
    let mut header = columns(&["Line", "Book and account"]);
    header.extend(strategy.legs.iter().map(|leg| leg.name.clone()));
    header.push("Strategy".to_owned());
    Table { title: "P&L by leg and line, USD".to_owned(), header, rows }
}

/// The P&L attribution test, one column per strategy.
pub(super) fn attribution(report: &Report) -> Table {
    let row = |name: &str, about, cell: fn(&Attribution) -> String| {
        let cells = report.strategies.iter().map(|strategy| match &strategy.attribution {
            Ok(found) => cell(found),
            Err(_) => UNKNOWN.to_owned(),
        });
        Row { cells: std::iter::once(name.to_owned()).chain(cells).collect(), about }
    };
    let mut rows = vec![
        row("Spearman correlation", "rank correlation of Greek P&L and revalued P&L", |found| {
            decimals(found.last.spearman, 3)
        }),
        row(
            "Kolmogorov-Smirnov distance",
            "largest distance between the distributions of the two",
            |found| decimals(found.last.ks, 3),
        ),
        row(
            "Zone",
            "green at 0.80 and above with 0.09 and below, red below 0.70 or above 0.12",
            |found| found.last.zone().key().to_owned(),
        ),
        row("Days", "daily P&L in the window", |found| whole(found.n_days)),
        row("Quarters green, amber, red", "windows of 250 days, a quarter apart", quarters),
    ];
    if report.strategies.iter().any(|strategy| strategy.attribution.is_err()) {
        let reasons = report.strategies.iter().map(|strategy| {
            strategy.attribution.as_ref().err().map_or_else(String::new, NoAttribution::to_string)
        });
        let cells = std::iter::once("Why n/a".to_owned()).chain(reasons).collect();
        rows.push(Row { cells, about: "" });
    }
    Table { title: "P&L attribution".to_owned(), header: header(report, ""), rows }
}

fn quarters(found: &Attribution) -> String {
    if found.windows.is_empty() {
        return UNKNOWN.to_owned();
    }
    let count = |zone: Zone| found.windows.iter().filter(|found| **found == zone).count();
    [Zone::Green, Zone::Amber, Zone::Red].map(|zone| whole(count(zone))).join(", ")
}

fn columns(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
