//! A margined run of six days, worked out by hand, and what is shown of many events.

#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_precision_loss, reason = "tests")]

mod common;

use common::{Case, PerpLeg, hedged_treasury, ledger, prices, treasury};
use hedgerow_core::{
    AccountEvent, AccountEventKind, BookClosed, Cells, Explained, Found, Line, MarginLedger,
};
use hedgerow_report::{account_events_table, charts, html, ledger_table, measure, summary_json};
use serde_json::Value;

fn event(row: usize, kind: AccountEventKind, amount: f64) -> AccountEvent {
    AccountEvent {
        row,
        kind,
        found: Found::AtMark,
        amount,
        share: None,
        spot: 100.0,
        penalty: 0.0,
        trading: 0.0,
        equity: 5.0,
        initial: 6.0,
        maintenance: 4.0,
    }
}

/// Half a coin short of a market that rises: called at the third row, closed within the bar of the fourth, and the coin with it
/// for 112, where the row ends at 110.
fn liquidated() -> Case {
    let spot = [100.0, 104.0, 108.0, 110.0, 111.0, 112.0];
    let mut case = treasury(&spot, 1.0);
    case.exposure.explained.line_mut(Line::Delta)[1..].copy_from_slice(&[4.0, 4.0, 2.0, 1.0, 1.0]);
    let ideal = |row: usize| Some(if row < 3 { -0.5 } else { 0.0 });
    let leg = PerpLeg { ideal: &ideal, band: 0.0, fee_rate: 0.01, spread_rate: 0.0, funding: 0.0 };
    let mut half = ledger("half", "short half", &spot, 1.0, Some(&leg));
    let closed = AccountEvent {
        found: Found::OnWayUp,
        share: Some(1.0),
        penalty: 2.0,
        trading: 0.55,
        equity: 3.6,
        ..event(3, AccountEventKind::Liquidation, 55.0)
    };
    let mut explained = Explained::zero(1);
    (explained.line_mut(Line::Delta)[0], explained.line_mut(Line::Residual)[0]) = (2.0, 2.0);
    half.margin = MarginLedger {
        model: "deribit_standard".into(),
        initial: vec![6.0, 6.0, 6.0, 0.0, 0.0, 0.0],
        maintenance: vec![4.0, 4.0, 4.0, 0.0, 0.0, 0.0],
        equity: vec![10.0, 8.0, 5.0, 3.0, 3.0, 3.0],
        treasury: vec![0.0; 6],
        lowest_ratio: vec![Some(2.5), Some(1.9), Some(1.25), Some(0.9), None, None],
        liquidation: vec![0.0, 0.0, 0.0, 2.0, 0.0, 0.0],
        book_closed: Some(BookClosed { row: 3, cash_flow: 112.0, coin_flow: vec![0.0], explained }),
        events: vec![event(2, AccountEventKind::MarginCall, 1.0), closed],
    };
    half.explained.line_mut(Line::Liquidation)[3] = -2.0;
    let leg = &mut half.legs[0];
    (leg.forced, leg.penalty) = (vec![0.0; 6], vec![-0.0; 6]);
    (leg.forced[3], leg.penalty[3]) = (0.5, 1.5);
    half.explained.line_mut(Line::Residual)[3] = 2.0;
    (half.book_pnl[3], half.book_pnl[4], half.book_pnl[5]) = (4.0, 0.0, 0.0);
    half.explained.line_mut(Line::Delta)[4] = 0.0;
    half.explained.line_mut(Line::Delta)[5] = 0.0;
    let mut equity = 100.0;
    for row in 0..6 {
        equity += half.explained.sum(row);
        half.equity[row] = equity;
    }
    case.assumptions.push(("Account".into(), "Deribit's standard margin.".into()));
    case.ledgers.push(half);
    case
}

fn summary(case: &Case) -> Value {
    serde_json::from_str(&summary_json(&measure(&case.run()))).unwrap()
}

#[test]
fn an_account_by_hand() {
    let summary = summary(&liquidated());
    let half = &summary["strategies"]["half"];
    let expect = |key: &str, expected: f64| {
        let found = half["statistics"][key]["value"].as_f64().unwrap();
        assert!((found - expected).abs() < 1e-12, "{key}: {found}, expected {expected}");
    };
    expect("margin_distance", -0.1);
    expect("days_under_initial_margin", 1.0);
    expect("margin_calls", 1.0);
    expect("top_ups", 0.0);
    expect("reductions", 0.0);
    expect("liquidations", 1.0);
    expect("liquidation_penalty", 2.0);
    expect("interest_paid", 0.0);
    let unhedged = &summary["strategies"]["unhedged"];
    assert!(
        unhedged["account"].is_null() && unhedged["statistics"]["margin_calls"]["value"].is_null()
    );
    let account = &half["account"];
    assert_eq!(
        (account["model"].as_str(), account["n_events"].as_u64()),
        (Some("deribit_standard"), Some(2))
    );
    let closed = &account["events"][1];
    assert_eq!(closed["time"], "2020-01-05T00:00:00Z");
    assert_eq!(closed["found"], "on_way_up");
    // Half a coin at 110 for 1 %.
    assert!((closed["trading_cost"].as_f64().unwrap() - 0.55).abs() < 1e-12);
    assert_eq!(closed["penalty"], 2.0);
    assert!(account["events"][0]["penalty"].is_null());
    let leg = &half["legs"][0]["explained"];
    assert_eq!(leg["liquidation"]["value"], -1.5, "its own part of the penalty");
    // Found: a cost of nothing was -0.0.
    assert_eq!(leg["roll"]["value"].as_f64().unwrap().to_bits(), 0);
}

#[test]
fn the_page_says_what_happened_to_an_account() {
    let case = liquidated();
    let run = case.run();
    let report = measure(&run);
    let charts = charts(&run, &report);
    assert!(charts.iter().any(|chart| chart.name == "margin" && chart.alt.contains("USD")));
    let page = html(&run, &report, &charts);
    for text in [
        "<h2>Account</h2>",
        "Deribit&#x27;s standard margin.",
        "Margin call",
        "Liquidation on the way to the high",
        "2020-01-05 00:00",
        "Smallest distance to maintenance margin",
        "the venue liquidated it at 2020-01-05T00:00:00Z, for a penalty of 2.00",
        "Margin equity against what the venue asks",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert_eq!(page.matches("Margin equity against what the venue asks").count(), 1, "drawn once");
}

/// Found: a book that a venue closed kept its value, its Greeks and its P&L in the ledger's table to the end of the run.
#[test]
fn a_closed_book_is_nothing_afterwards() {
    let case = liquidated();
    let table = ledger_table(&case.run());
    let column = |name: &str| -> Vec<f64> {
        let column = table.columns.iter().find(|column| column.name == name);
        match &column.unwrap_or_else(|| panic!("{name}")).cells {
            Cells::Numbers(cells) => cells[6..].to_vec(),
            Cells::Maybe(cells) => cells[6..].iter().map(|cell| cell.unwrap_or(0.0)).collect(),
            _ => panic!("{name}"),
        }
    };
    assert_eq!(column("book_value"), [100.0, 104.0, 108.0, 0.0, 0.0, 0.0]);
    assert_eq!(column("delta"), [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
    assert_eq!(column("book_cash_flow"), [0.0, 0.0, 0.0, 112.0, 0.0, 0.0]);
    assert_eq!(column("book_pnl_delta"), [0.0, 4.0, 4.0, 2.0, 0.0, 0.0]);
    assert_eq!(column("book_pnl_residual"), [0.0, 0.0, 0.0, 2.0, 0.0, 0.0]);
    assert_eq!(column("liquidation"), [0.0, 0.0, 0.0, 2.0, 0.0, 0.0]);
    assert_eq!(column("forced"), [0.0, 0.0, 0.0, 0.5, 0.0, 0.0]);
    let penalty = column("penalty");
    assert_eq!(penalty, [0.0, 0.0, 0.0, 1.5, 0.0, 0.0]);
    assert!(penalty.iter().all(|cell| cell.is_sign_positive()), "no -0");
    assert_eq!(column("lowest_margin_ratio"), [2.5, 1.9, 1.25, 0.9, 0.0, 0.0]);
    let (equity, book_pnl, price_pnl) = (column("equity"), column("book_pnl"), column("price_pnl"));
    let (fee, liquidation) = (column("fee"), column("liquidation"));
    for row in 1..6 {
        let lines = book_pnl[row] + price_pnl[row] - fee[row] - liquidation[row];
        assert!((equity[row] - equity[row - 1] - lines).abs() < 1e-12, "row {row}");
    }
}

#[test]
fn of_many_events_the_gravest_are_shown_and_all_are_written() {
    let mut case = liquidated();
    let events = &mut case.ledgers[1].margin.events;
    let sent = |size: u32| event(1, AccountEventKind::TopUpSent, f64::from(size));
    events.splice(0..0, (0..100).map(sent));
    let summary = summary(&case);
    let account = &summary["strategies"]["half"]["account"];
    let shown = account["events"].as_array().unwrap();
    assert_eq!((account["n_events"].as_u64(), shown.len()), (Some(102), 40));
    assert_eq!(shown[0]["amount"], 62.0, "the largest 38 transfers, in their order");
    assert_eq!(
        (&shown[38]["event"], &shown[39]["event"]),
        (&"margin_call".into(), &"liquidation".into())
    );
    let run = case.run();
    let report = measure(&run);
    assert!(html(&run, &report, &[]).contains("The gravest 40 of 102 events"));
    let table = account_events_table(&report).unwrap();
    assert_eq!(table.n_rows(), 102);
}

#[test]
fn runs_without_margin_do_not_speak_of_it() {
    let case = hedged_treasury(&prices(60, 6));
    let run = case.run();
    let report = measure(&run);
    assert!(report.strategies.iter().all(|strategy| strategy.account.is_none()));
    assert!(account_events_table(&report).is_none());
    let charts = charts(&run, &report);
    let page = html(&run, &report, &charts);
    let summary = summary(&case);
    assert!(!page.contains("<h2>Account</h2>") && !page.contains("maintenance margin"));
    assert!(summary["strategies"]["half hedged"]["statistics"]["margin_calls"].is_null());
    assert!(summary["strategies"]["half hedged"].get("account").is_none());
    let table = ledger_table(&run);
    assert!(table.columns.iter().all(|column| !column.name.contains("margin")));
}
