//! What the page says of the accounts of a run with a margin model.

use hedgerow_core::Found;
use serde::Serialize;

use super::page::{Row, Table, statistics};
use crate::account::{MOST, gravest};
use crate::format::{amount, percent, whole};
use crate::metrics::Group;
use crate::{AccountEventReport, AccountReport, Chart, Report};

/// Name of the picture that stands here and not among the others.
pub(super) const CHART: &str = "margin";

/// The account's part of the page.
#[derive(Debug, Serialize)]
pub(super) struct AccountText<'a> {
    assumptions: Vec<&'a str>,
    chart: Option<&'a str>,
    statistics: Table,
    events: Table,
    shown: String,
}

/// `None` for a run without margin model.
pub(super) fn account<'a>(report: &'a Report, charts: &'a [Chart]) -> Option<AccountText<'a>> {
    let accounts: Vec<(usize, &AccountReport)> = report
        .strategies
        .iter()
        .enumerate()
        .filter_map(|(index, strategy)| Some((index, strategy.account.as_ref()?)))
        .collect();
    if accounts.is_empty() {
        return None;
    }
    let assumed = report.assumptions.iter().filter(|(topic, _)| topic == "Account");
    let n_events = accounts.iter().map(|(_, account)| account.events.len()).sum();
    let rows = gravest(accounts.into_iter(), MOST);
    Some(AccountText {
        assumptions: assumed.map(|(_, sentence)| sentence.as_str()).collect(),
        chart: charts.iter().find(|chart| chart.name == CHART).map(|chart| chart.svg.as_str()),
        statistics: statistics(report, Group::Account),
        shown: shown(rows.len(), n_events),
        events: Table {
            title: "Account events".to_owned(),
            header: HEADER.map(str::to_owned).to_vec(),
            rows: rows.iter().map(|(strategy, found)| event(report, *strategy, found)).collect(),
        },
    })
}

const HEADER: [&str; 9] = [
    "Time, UTC",
    "Strategy",
    "Event",
    "Size, USD",
    "Spot, USD",
    "Margin equity, USD",
    "Initial margin, USD",
    "Maintenance margin, USD",
    "Cost, USD",
];

fn event(report: &Report, strategy: usize, found: &AccountEventReport) -> Row {
    let event = &found.event;
    let what = match event.share {
        Some(share) if share <= 0.0 => "Under `reduce_at`, nothing to close".to_owned(),
        Some(share) if share < 1.0 => format!("{} of {}", event.kind.label(), percent(share)),
        _ => event.kind.label().to_owned(),
    };
    let found_at = match event.found {
        Found::AtMark => String::new(),
        Found::OnWayUp | Found::OnWayDown => format!(" {}", event.found.label()),
    };
    let minute: String = found.time.to_string().replace('T', " ").chars().take(16).collect();
    Row {
        cells: vec![
            minute,
            report.strategies[strategy].name.clone(),
            format!("{what}{found_at}"),
            amount(event.amount),
            amount(event.spot),
            amount(event.equity),
            amount(event.initial),
            amount(event.maintenance),
            found.cost().map_or_else(|| "–".to_owned(), amount),
        ],
        about: "",
    }
}

fn shown(n_shown: usize, n_events: usize) -> String {
    if n_events == 0 {
        return "No margin call, transfer, reduction or liquidation.".to_owned();
    }
    let all = if n_shown < n_events {
        format!(
            "The gravest {} of {} events: liquidations before reductions, margin calls and transfers, larger ones before smaller ones. ",
            whole(n_shown),
            whole(n_events)
        )
    } else {
        String::new()
    };
    format!(
        "{all}A time is the end of the row; things happened at its mark, or on the way to the high or the low of its bar. Size is what was missing to the initial margin at a call, what was sent or arrived, or the notional closed. Equity and margins are those just before, or at the worst price of the bar within which something was closed, as if it had not been; the spot is that of the first asset held, of several parts that of the first. Cost is penalty, fees, half-spreads and slippage of the closing. All events, with every part, are in account-events.parquet."
    )
}
