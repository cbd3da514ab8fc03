//! `account-events.parquet`: everything that venues did to the accounts of a run.

use hedgerow_core::{Cells, Column, Table};

use crate::{AccountEventReport, Report};

/// All events of all strategies, a row each, strategy after strategy; `None` where there are none.
pub fn account_events_table(report: &Report) -> Option<Table> {
    let accounts = report.strategies.iter().filter_map(|strategy| {
        let account = strategy.account.as_ref()?;
        Some((strategy.name.as_str(), account))
    });
    let events: Vec<(&str, &AccountEventReport)> = accounts
        .flat_map(|(name, account)| account.events.iter().map(move |event| (name, event)))
        .collect();
    if events.is_empty() {
        return None;
    }
    let time = events.iter().map(|(_, found)| found.time).collect();
    let about = "instant of the row: the end of the bar within which it happened";
    let mut columns = vec![
        Column { name: "time".to_owned(), unit: "UTC", about, cells: Cells::Time(time) },
        names("strategy", "strategy", events.iter().map(|(name, _)| *name)),
        names("event", "what happened", events.iter().map(|(_, found)| found.event.kind.key())),
        names(
            "found",
            "where within the row",
            events.iter().map(|(_, found)| found.event.found.key()),
        ),
    ];
    columns.extend(NUMBERS.iter().map(|&(name, unit, about, number)| {
        let cells = events.iter().map(|(_, found)| number(found)).collect();
        Column { name: name.to_owned(), unit, about, cells: Cells::Maybe(cells) }
    }));
    Some(Table { columns })
}

/// Name, unit, meaning, contents.
type NumberColumn =
    (&'static str, &'static str, &'static str, fn(&AccountEventReport) -> Option<f64>);

const NUMBERS: [NumberColumn; 8] = [
    (
        "amount",
        "USD",
        "sent, arrived, or notional closed; of a margin call what is missing to the initial margin",
        |found| Some(found.event.amount),
    ),
    ("share", "1", "share of the legs that was closed", |found| found.event.share),
    ("spot", "USD", "price of a coin at which it happened, of several parts the first", |found| {
        Some(found.event.spot)
    }),
    (
        "margin_equity",
        "USD",
        "margin equity just before; of a closing within a bar, with the margins, at the bar's worst price as if it had not happened",
        |found| Some(found.event.equity),
    ),
    ("initial_margin", "USD", "initial margin just before", |found| Some(found.event.initial)),
    ("maintenance_margin", "USD", "maintenance margin just before", |found| {
        Some(found.event.maintenance)
    }),
    ("penalty", "USD", "what the venue charged for closing", |found| found.penalty),
    ("trading_cost", "USD", "fees, half-spreads and slippage of closing the legs", |found| {
        found.trading
    }),
];

fn names<'a>(name: &str, about: &'static str, texts: impl Iterator<Item = &'a str>) -> Column {
    let mut names: Vec<String> = Vec::new();
    let index = texts.map(|text| {
        let place = names.iter().position(|known| known == text).unwrap_or_else(|| {
            names.push(text.to_owned());
            names.len() - 1
        });
        u32::try_from(place).expect("fewer strategies than 2^32")
    });
    let index = index.collect();
    Column { name: name.to_owned(), unit: "name", about, cells: Cells::Names { names, index } }
}
