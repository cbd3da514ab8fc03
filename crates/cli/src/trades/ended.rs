//! Fills that come after a strategy's account was closed.

use hedgerow_core::{AccountEventKind, Ledger};
use hedgerow_sim::Then;

use crate::resolve::Plan;

/// Which strategies ended before some of the fills; `None` where none did, or the book is not one of fills.
pub(crate) fn not_replayed(plan: &Plan, ledgers: &[Ledger]) -> Option<String> {
    plan.matched.as_ref()?;
    plan.terms.margin.as_ref().filter(|margin| margin.then == Then::Stop)?;
    let trades = plan.exposure.trades.iter().filter(|trade| trade.agreed.is_some());
    let rows: Vec<usize> = trades.map(|trade| trade.row).collect();
    let ended = ledgers.iter().filter_map(|ledger| {
        let mut events = ledger.margin.events.iter();
        let end = events.find(|event| event.kind == AccountEventKind::Liquidation)?.row;
        let later = rows.iter().filter(|row| **row > end).count();
        let time = plan.market.time()[end];
        let trades = if later == 1 { "trade" } else { "trades" };
        let name = &ledger.strategy;
        (later > 0).then(|| {
            format!("`{name}` was liquidated at {time}, before {later} {trades} of the fills")
        })
    });
    let ended: Vec<String> = ended.collect();
    (!ended.is_empty()).then(|| {
        format!("Not all fills are in all strategies, for an account that is closed trades no more: {}.", ended.join("; "))
    })
}
