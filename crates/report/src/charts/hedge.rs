//! The hedge that is held against the hedge that would be held if trading were free.
//!
//! A panel each for the spot, perps and futures of one asset that a strategy holds, summed in coins of delta, and for each of its
//! option legs, in options. A strategy of one option leg is drawn by its delta.

use hedgerow_core::{Contract, Ledger, LegLedger, Timestamp};

use super::Drawing;
use super::axis::{Spacing, widened};
use super::figure::{Anchor, Figure, HEIGHT, WIDTH};
use super::lines::{Frame, Ranges};
use super::palette::{BLUE, INK, MUTED, ORANGE};
use super::text::{fitted, width};
use super::tick_labels::amounts;
use crate::{Report, Run};

/// Most panels on a sheet.
const MOST: usize = 8;

/// A strategy's hedge, or the part of it in one measure.
struct Panel {
    /// The strategy, its leg where the strategy has several panels, and the measure where it is not the sheet's.
    name: String,
    held: Vec<Option<f64>>,
    ideal: Vec<Option<f64>>,
}

/// Held against ideal.
pub(super) fn hedge(run: &Run<'_>, report: &Report) -> Option<Drawing> {
    let all: Vec<Panel> =
        (1..run.ledgers.len()).flat_map(|index| panels(run, report, index)).collect();
    let n = all.len();
    let panels: Vec<Panel> = all.into_iter().take(MOST).collect();
    if panels.is_empty() {
        return None;
    }
    let asset = &run.market.assets()[0].name;
    let title = "Hedge held against ideal".to_owned();
    let more = if n > MOST { format!("; the first {MOST} of {n} panels") } else { String::new() };
    let subtitle = format!("coins of delta of {asset} where nothing else is said, daily{more}");
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
    let names: Vec<&str> = panels.iter().map(|panel| panel.name.as_str()).collect();
    let alt = format!(
        "Hedge held and ideal hedge through time, a panel each for: {}{more}",
        names.join("; ")
    );
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

/// Legs that are drawn together, and in which measure.
struct Group<'a> {
    legs: Vec<&'a LegLedger>,
    measure: Measure,
}

/// What a panel is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Measure {
    /// Coins of delta of an asset, from spot, perps and futures.
    Coins(usize),
    /// Coins of delta of the first asset, by what the ledger's own net delta says of a strategy's only leg.
    Derived,
    /// Options.
    Options,
}

/// The groups of a strategy's legs, in the order of their first legs.
fn groups(ledger: &Ledger) -> Vec<Group<'_>> {
    let only = matches!(ledger.legs.as_slice(), [_]);
    let mut groups: Vec<Group<'_>> = Vec::new();
    for leg in &ledger.legs {
        let measure = match leg.contract {
            Some(_) => Measure::Coins(leg.asset),
            None if only && leg.asset == 0 => Measure::Derived,
            None => Measure::Options,
        };
        let summed = |group: &&mut Group<'_>| {
            group.measure == measure && matches!(measure, Measure::Coins(_))
        };
        match groups.iter_mut().find(summed) {
            Some(group) => group.legs.push(leg),
            None => groups.push(Group { legs: vec![leg], measure }),
        }
    }
    groups
}

fn panels(run: &Run<'_>, report: &Report, index: usize) -> Vec<Panel> {
    let ledger = &run.ledgers[index];
    let groups = groups(ledger);
    let several = groups.len() > 1;
    let panel = |group: &Group<'_>| {
        let legs: Vec<&str> = group.legs.iter().map(|leg| leg.name.as_str()).collect();
        let legs = if several { format!(": {}", legs.join(" + ")) } else { String::new() };
        let measure = match group.measure {
            Measure::Coins(0) | Measure::Derived => String::new(),
            Measure::Coins(asset) => format!(" (coins of {})", run.market.assets()[asset].name),
            Measure::Options => " (options)".to_owned(),
        };
        let column = |amount: fn(&LegLedger, usize) -> Option<f64>| -> Vec<Option<f64>> {
            let book = &run.exposure.slopes[0].delta;
            let delta = |row: usize| ledger.net_delta[0][row] - book[row];
            let sum = |row: usize| {
                let legs = group.legs.iter();
                let measured = |leg: &&LegLedger| {
                    measured(leg, amount(leg, row)?, (group.measure, row, delta(row)))
                };
                legs.map(measured).sum::<Option<f64>>()
            };
            report.grid.rows.iter().map(|&row| sum(row)).collect()
        };
        Panel {
            name: format!("{}{legs}{measure}", ledger.strategy),
            held: column(|leg, row| Some(leg.held[row])),
            ideal: column(|leg, row| leg.ideal[row]),
        }
    };
    groups.iter().map(panel).collect()
}

/// So many units of a leg; `delta` is that of the strategy's hedge.
fn measured(
    leg: &LegLedger,
    units: f64,
    (measure, row, delta): (Measure, usize, f64),
) -> Option<f64> {
    match measure {
        // A unit of an inverse contract is 1 USD of notional: 1 / price coins.
        Measure::Coins(_) if leg.contract.is_some_and(Contract::is_inverse) => {
            Some(units / leg.price[row])
        }
        Measure::Coins(_) | Measure::Options => Some(units),
        Measure::Derived => (leg.held[row] != 0.0).then(|| units * delta / leg.held[row]),
    }
}

#[expect(clippy::cast_precision_loss, reason = "panels are few")]
fn real(count: usize) -> f64 {
    count as f64
}
