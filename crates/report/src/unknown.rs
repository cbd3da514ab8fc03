//! Rows at which a leg did not know what to hold: before its ratio was known, or where its option had too little of what it
//! is held against. They are in every figure, so they are said.

use hedgerow_core::{AccountEvent, LegLedger, MarginLedger, Timestamp};

use crate::format::{counted, decimals, percent, whole};
use crate::{LegSummary, Report};

/// Where a leg did not know what to hold, and what it held there.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Unknown {
    /// Rows before it was first known.
    pub before: usize,
    /// The first row at which it was known; `None` where it never was.
    pub known_from: Option<Timestamp>,
    /// Later rows at which it was not known again.
    pub later: usize,
    /// Fewest and most units held at those later rows; `None` without such rows.
    pub held: Option<(f64, f64)>,
}

impl Unknown {
    /// Of a leg's ledger, in an account that may have closed it: rows at which a part was closed by force, and all after a
    /// liquidation, are rows at which nothing was to be decided.
    pub(crate) fn of(leg: &LegLedger, margin: &MarginLedger, time: &[Timestamp]) -> Self {
        let end = margin.liquidated_at().unwrap_or(leg.ideal.len());
        let closes = |event: &&AccountEvent| event.share.is_some_and(|share| share > 0.0);
        let closed: Vec<usize> =
            margin.events.iter().filter(closes).map(|event| event.row).collect();
        let decided = |row: &usize| closed.binary_search(row).is_err();
        let rows = || (0..end).filter(decided);
        let first = rows().find(|row| leg.ideal[*row].is_some());
        let before = rows().take_while(|row| first.is_none_or(|first| *row < first)).count();
        let later = rows().skip(before).filter(|row| leg.ideal[*row].is_none());
        let held: Vec<f64> = later.map(|row| leg.held[row]).collect();
        let range = held.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), held| {
            (low.min(*held), high.max(*held))
        });
        Self {
            before,
            known_from: first.map(|row| time[row]),
            later: held.len(),
            held: (!held.is_empty()).then_some(range),
        }
    }
}

/// A sentence for each thing that is to be said, with the legs that it is true of.
pub(crate) fn sentences(report: &Report) -> Vec<String> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for strategy in &report.strategies {
        for leg in &strategy.legs {
            let named = match strategy.legs.as_slice() {
                [_] => format!("`{}`", strategy.name),
                _ => format!("`{}`, {}", strategy.name, leg.name),
            };
            for said in
                [before(leg, report.n_rows), later(leg, report.n_rows)].into_iter().flatten()
            {
                match found.iter_mut().find(|(other, _)| *other == said) {
                    Some((_, legs)) => legs.push(named.clone()),
                    None => found.push((said, vec![named.clone()])),
                }
            }
        }
    }
    found.into_iter().map(|(said, legs)| format!("{}: {said}.", legs.join("; "))).collect()
}

fn before(leg: &LegSummary, n_rows: usize) -> Option<String> {
    let Unknown { before, known_from, .. } = leg.unknown;
    let what = if leg.is_option { "what to hold" } else { "how much to hedge" };
    match known_from {
        _ if before == 0 => None,
        None => Some(format!("{what} is known at no row, so nothing is hedged")),
        Some(time) => Some(format!(
            "{what} is known from {time} on; at the {} of {} rows before ({}) nothing is hedged, and they are in every figure",
            whole(before),
            whole(n_rows),
            share(before, n_rows)
        )),
    }
}

fn later(leg: &LegSummary, n_rows: usize) -> Option<String> {
    let (low, high) = leg.unknown.held?;
    let why = if leg.is_option {
        "the option has too little of what it is held against"
    } else {
        "how much to hedge is not known again"
    };
    let kept = match (decimals(low, 4), decimals(high, 4)) {
        (low, high) if low == high => low,
        (low, high) => format!("{low} to {high}"),
    };
    Some(format!(
        "at {} after the first ({}) {why}: what is held is kept as it is, {kept} units",
        counted(leg.unknown.later, "row"),
        share(leg.unknown.later, n_rows)
    ))
}

#[expect(clippy::cast_precision_loss, reason = "numbers of rows are far below 2^53")]
fn share(rows: usize, n_rows: usize) -> String {
    percent(rows as f64 / n_rows as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow_core::{AccountEventKind, Found};

    /// Found by a reader: rows before a ratio is known count as hedged, and a leg whose option has no gamma left stays at what
    /// it holds; neither was said.
    #[test]
    fn rows_without_an_ideal_are_counted_with_what_is_held_there() {
        let time: Vec<Timestamp> = (0..6).map(|row| Timestamp::from_millis(row * 60_000)).collect();
        let leg = LegLedger {
            ideal: vec![None, None, Some(-1.0), None, Some(-2.0), None],
            held: vec![0.0, 0.0, -1.0, -1.0, -2.0, -2.0],
            ..LegLedger::default()
        };
        let free = MarginLedger::default();
        let found = Unknown::of(&leg, &free, &time);
        let expected =
            Unknown { before: 2, known_from: Some(time[2]), later: 2, held: Some((-2.0, -1.0)) };
        assert_eq!(found, expected);
        let never = LegLedger { ideal: vec![None; 6], held: vec![0.0; 6], ..LegLedger::default() };
        let found = Unknown::of(&never, &free, &time);
        assert_eq!((found.before, found.known_from, found.later), (6, None, 0));
    }

    /// Found by a reader: the rows of a reduction and all rows after a liquidation were told as rows at which how much to hedge is
    /// not known again. It is known; the account was closed.
    #[test]
    fn what_a_venue_closed_is_not_unknown() {
        let time: Vec<Timestamp> = (0..7).map(|row| Timestamp::from_millis(row * 60_000)).collect();
        let leg = LegLedger {
            ideal: vec![None, Some(-1.0), None, None, Some(-1.0), None, None],
            held: vec![0.0, -1.0, -0.5, -0.5, -1.0, 0.0, 0.0],
            ..LegLedger::default()
        };
        let event = |row, kind, share| AccountEvent {
            row,
            kind,
            found: Found::AtMark,
            amount: 1.0,
            share: Some(share),
            spot: 1.0,
            penalty: 0.0,
            trading: 0.0,
            equity: 1.0,
            initial: 1.0,
            maintenance: 1.0,
        };
        let margin = MarginLedger {
            events: vec![
                event(2, AccountEventKind::Reduction, 0.5),
                event(3, AccountEventKind::ReductionShort, 0.0),
                event(5, AccountEventKind::Liquidation, 1.0),
            ],
            ..MarginLedger::default()
        };
        let found = Unknown::of(&leg, &margin, &time);
        let expected =
            Unknown { before: 1, known_from: Some(time[1]), later: 1, held: Some((-0.5, -0.5)) };
        assert_eq!(
            found, expected,
            "the row at which nothing could be closed is one of the leg's own"
        );
    }
}
