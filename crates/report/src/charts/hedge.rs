//! The hedge that is held against the hedge that would be held if trading were free, one panel per strategy.

use hedgerow_core::{LegLedger, Timestamp};

use super::Drawing;
use super::axis::{Spacing, widened};
use super::figure::{Anchor, Figure, HEIGHT, WIDTH};
use super::lines::{Frame, Ranges};
use super::palette::{BLUE, INK, MUTED, ORANGE};
use super::text::{fitted, width};
use super::tick_labels::amounts;
use crate::{Report, Run};

/// Most panels on a sheet.
const MOST: usize = 6;

/// One strategy's hedge, in coins of delta.
struct Panel {
    name: String,
    held: Vec<Option<f64>>,
    ideal: Vec<Option<f64>>,
}

/// Held against ideal.
pub(super) fn hedge(run: &Run<'_>, report: &Report) -> Option<Drawing> {
    let all: Vec<Panel> =
        (1..run.ledgers.len()).filter_map(|index| panel(run, report, index)).collect();
    let n = all.len();
    let panels: Vec<Panel> = all.into_iter().take(MOST).collect();
    if panels.is_empty() {
        return None;
    }
    let asset = &run.market.assets()[0].name;
    let title = "Hedge held against ideal".to_owned();
    let more =
        if n > MOST { format!("; the first {MOST} of {n} strategies") } else { String::new() };
    let subtitle = format!("delta of the hedge in coins of {asset}, daily{more}");
    let mut figure = Figure::titled(&title, &subtitle);
    legend(&mut figure);
    let time: Vec<Timestamp> = report.grid.rows.iter().map(|&row| run.market.time()[row]).collect();
    let n_columns = if panels.len() == 1 { 1 } else { 2 };
    let n_rows = panels.len().div_ceil(n_columns);
    let (wide, high) = ((WIDTH - 28.0) / real(n_columns), (HEIGHT - 88.0) / real(n_rows));
    for (index, panel) in panels.iter().enumerate() {
        let left = 28.0 + wide * real(index % n_columns);
        let top = 80.0 + high * real(index / n_columns);
        let corners = [left + 44.0, top + 24.0, left + wide - 22.0, top + high - 28.0];
        draw(&mut figure, report, panel, &time, corners);
    }
    let alt = "Delta of the hedge held and of the ideal hedge through time, one panel per strategy"
        .to_owned();
    Some(Drawing { name: "hedge".to_owned(), title, alt, figure })
}

fn draw(
    figure: &mut Figure,
    report: &Report,
    panel: &Panel,
    time: &[Timestamp],
    corners: [f64; 4],
) {
    let values = || panel.held.iter().chain(&panel.ideal).flatten().copied();
    let (low, high) = values().fold((0.0_f64, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
    let (low, high) = widened(low, if high > low { high } else { low + 1.0 }, 3.0);
    let ranges = Ranges { from: report.from, to: report.to, low, high, spacing: Spacing::Linear };
    let frame = Frame::new(corners, &ranges);
    frame.draw(figure, &ranges, 3.0, amounts);
    let name = fitted(&panel.name, 14.0, frame.right - frame.left);
    figure.text((frame.left, frame.top - 13.0), &name, 14.0, INK, Anchor::Start);
    frame.curve(figure, time, &panel.ideal, (ORANGE, 3.2));
    frame.curve(figure, time, &panel.held, (BLUE, 1.3));
}

fn legend(figure: &mut Figure) {
    let mut x = WIDTH - 28.0;
    for (name, colour, thickness) in [("held", BLUE, 1.3), ("ideal", ORANGE, 3.2)] {
        figure.text((x, 30.0), name, 14.0, MUTED, Anchor::End);
        x -= width(name, 14.0) + 8.0;
        figure.line(vec![(x - 30.0, 30.0), (x, 30.0)], colour, thickness);
        x -= 52.0;
    }
}

/// `None` for a strategy whose hedge has no ideal in coins of the first asset.
fn panel(run: &Run<'_>, report: &Report, index: usize) -> Option<Panel> {
    let ledger = &run.ledgers[index];
    let only = matches!(ledger.legs.as_slice(), [_]);
    let book = &run.exposure.slopes[0].delta;
    let legs: Vec<(&LegLedger, Unit)> = ledger
        .legs
        .iter()
        .filter_map(|leg| Some((leg, unit(leg).or(only.then_some(Unit::Derived))?)))
        .collect();
    if legs.is_empty() {
        return None;
    }
    let coins = |row: usize, amount: &dyn Fn(&LegLedger) -> Option<f64>| {
        legs.iter()
            .map(|(leg, unit)| {
                let amount = amount(leg)?;
                match unit {
                    Unit::Coin => Some(amount),
                    Unit::UsdOfNotional => Some(amount / leg.price[row]),
                    Unit::Derived => {
                        let delta = ledger.net_delta[0][row] - book[row];
                        (leg.held[row] != 0.0).then(|| amount * delta / leg.held[row])
                    }
                }
            })
            .sum::<Option<f64>>()
    };
    let column = |amount: fn(&LegLedger, usize) -> Option<f64>| -> Vec<Option<f64>> {
        report.grid.rows.iter().map(|&row| coins(row, &|leg| amount(leg, row))).collect()
    };
    Some(Panel {
        name: ledger.strategy.clone(),
        held: column(|leg, row| Some(leg.held[row])),
        ideal: column(|leg, row| leg.ideal[row]),
    })
}

/// Delta of one unit of a leg.
#[derive(Clone, Copy)]
enum Unit {
    /// One coin.
    Coin,
    /// One USD of notional of an inverse perp: 1 / price coins.
    UsdOfNotional,
    /// What the ledger's own net delta says, where the strategy has one leg.
    Derived,
}

/// `None` for options and for legs on other assets.
fn unit(leg: &LegLedger) -> Option<Unit> {
    match (leg.asset, leg.contract?) {
        (0, contract) if contract.is_inverse() => Some(Unit::UsdOfNotional),
        (0, _) => Some(Unit::Coin),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "panels are few")]
fn real(count: usize) -> f64 {
    count as f64
}
