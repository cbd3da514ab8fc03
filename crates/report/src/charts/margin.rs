//! Margin equity against what the venue asks, one panel per strategy.

use hedgerow_core::{AccountEventKind, Timestamp};

use super::Drawing;
use super::axis::{Spacing, millis, widened};
use super::figure::{Anchor, Figure, HEIGHT, WIDTH};
use super::legend::{Key, legend};
use super::lines::{Frame, Ranges};
use super::palette::{BASE, BLUE, Colour, GREEN, INK, MUTED, Mark, ORANGE, PURPLE, VERMILLION};
use super::text::{fitted, width};
use super::tick_labels::amounts;
use crate::account::{MOST as MOST_EVENTS, gravest};
use crate::format::percent;
use crate::{AccountEventReport, AccountReport, Report, Run, StrategyReport};

/// Most panels on a sheet.
const MOST: usize = 6;

/// Columns of one strategy, up to its liquidation; USD.
struct Panel<'a> {
    strategy: &'a StrategyReport,
    account: &'a AccountReport,
    equity: Vec<Option<f64>>,
    initial: Vec<Option<f64>>,
    maintenance: Vec<Option<f64>>,
    events: Vec<&'a AccountEventReport>,
}

/// Equity against initial and maintenance margin; `None` where nothing is asked of any strategy.
pub(super) fn margin(run: &Run<'_>, report: &Report) -> Option<Drawing> {
    let strategies = report.strategies.iter().enumerate();
    let all: Vec<Panel<'_>> =
        strategies.filter_map(|(index, strategy)| panel(run, index, strategy)).collect();
    let n = all.len();
    let panels = &all[..n.min(MOST)];
    if panels.is_empty() {
        return None;
    }
    let title = "Margin equity against what the venue asks".to_owned();
    let more =
        if n > MOST { format!("; the first {MOST} of {n} strategies") } else { String::new() };
    let subtitle = format!("USD at every row, up to a liquidation{more}");
    let mut figure = Figure::titled(&title, &subtitle);
    let top = legend(&mut figure, 82.0, "USD", &entries(panels));
    let n_columns = if panels.len() == 1 { 1 } else { 2 };
    let n_rows = panels.len().div_ceil(n_columns);
    let (wide, high) = ((WIDTH - 28.0) / real(n_columns), (HEIGHT - top - 2.0) / real(n_rows));
    for (index, panel) in panels.iter().enumerate() {
        let left = 28.0 + wide * real(index % n_columns);
        let top = top + high * real(index / n_columns);
        let corners = [left + 44.0, top + 24.0, left + wide - 22.0, top + high - 28.0];
        draw(&mut figure, run, panel, corners);
    }
    let alt = format!(
        "Margin equity, initial and maintenance margin in USD through time, with what the venue did, one panel per strategy from {} to {}",
        report.from.date(),
        report.to.date()
    );
    Some(Drawing { name: "margin".to_owned(), title, alt, figure })
}

/// `None` without a margin model, and where nothing is ever asked.
fn panel<'a>(run: &Run<'_>, index: usize, strategy: &'a StrategyReport) -> Option<Panel<'a>> {
    let account = strategy.account.as_ref()?;
    let margin = &run.ledgers[index].margin;
    if margin.maintenance.iter().all(|asked| *asked <= 0.0) && account.events.is_empty() {
        return None;
    }
    let end = margin.liquidated_at().unwrap_or(usize::MAX);
    let liquidation = account.liquidation().map(|found| found.event);
    let column = |column: &[f64], at_end: Option<f64>| -> Vec<Option<f64>> {
        let rows = column.iter().enumerate();
        rows.map(|(row, usd)| if row < end { Some(*usd) } else { at_end.filter(|_| row == end) })
            .collect()
    };
    Some(Panel {
        strategy,
        account,
        equity: column(&margin.equity, liquidation.map(|event| event.equity)),
        initial: column(&margin.initial, liquidation.map(|event| event.initial)),
        maintenance: column(&margin.maintenance, liquidation.map(|event| event.maintenance)),
        events: gravest(std::iter::once((index, account)), MOST_EVENTS)
            .into_iter()
            .filter_map(|(_, found)| look(found.event.kind).map(|_| found))
            .collect(),
    })
}

fn draw(figure: &mut Figure, run: &Run<'_>, panel: &Panel<'_>, corners: [f64; 4]) {
    let curves = [&panel.equity, &panel.initial, &panel.maintenance];
    let at_events = panel.events.iter().map(|found| found.event.equity);
    let values = curves.into_iter().flatten().flatten().copied().chain(at_events);
    let (low, high) = values.fold((0.0_f64, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
    let (low, high) = widened(low, if high > low { high } else { low + 1.0 }, 4.0);
    let time = run.market.time();
    let (from, to) = (time[0], time[time.len() - 1]);
    let ranges = Ranges { from, to, low, high, spacing: Spacing::Linear };
    let frame = Frame::new(corners, &ranges);
    frame.draw(figure, &ranges, 4.0, amounts);
    heading(figure, panel, &frame);
    for (values, colour, thickness) in [
        (&panel.initial, ORANGE, 1.3),
        (&panel.maintenance, VERMILLION, 1.6),
        (&panel.equity, BLUE, 1.6),
    ] {
        frame.curve(figure, time, values, (colour, thickness));
    }
    for found in &panel.events {
        if let Some((_, mark, colour)) = look(found.event.kind) {
            let at = (frame.x.place(millis(found.time)), frame.y.place(found.event.equity));
            figure.mark(at, mark, 9.0, colour);
        }
    }
}

/// Name of the strategy, and how near it came.
fn heading(figure: &mut Figure, panel: &Panel<'_>, frame: &Frame) {
    let distance = panel.strategy.value("margin_distance");
    let text = match (panel.account.liquidation(), distance) {
        (Some(found), _) => format!("liquidated {}", minute(found.time)),
        (None, Some(distance)) => format!("nearest {} over maintenance", percent(distance)),
        (None, None) => "nothing is asked".to_owned(),
    };
    let y = frame.top - 13.0;
    figure.text((frame.right, y), &text, 13.0, MUTED, Anchor::End);
    let room = frame.right - frame.left - width(&text, 13.0) - 10.0;
    let name = fitted(&panel.strategy.name, 14.0, room);
    figure.text((frame.left, y), &name, 14.0, INK, Anchor::Start);
}

/// `2026-02-04 18:00`.
fn minute(time: Timestamp) -> String {
    time.to_string().replace('T', " ").chars().take(16).collect()
}

/// What an event is called and drawn as; arrivals are not drawn.
const fn look(kind: AccountEventKind) -> Option<(&'static str, Mark, Colour)> {
    match kind {
        AccountEventKind::Liquidation => Some(("liquidation", Mark::Cross, INK)),
        AccountEventKind::Reduction | AccountEventKind::ReductionShort => {
            Some(("reduction", Mark::Diamond, PURPLE))
        }
        AccountEventKind::MarginCall => Some(("margin call", Mark::Inverted, ORANGE)),
        AccountEventKind::TopUpSent => Some(("sent to the venue", Mark::Triangle, GREEN)),
        AccountEventKind::SweepSent => Some(("sent to the treasury", Mark::Square, BASE)),
        AccountEventKind::TopUpArrived | AccountEventKind::SweepArrived => None,
    }
}

/// Curves, and the kinds of events that there are.
fn entries(panels: &[Panel<'_>]) -> Vec<(Key, &'static str)> {
    let mut entries = vec![
        (Key::Swatch(BLUE), "margin equity"),
        (Key::Swatch(ORANGE), "initial margin"),
        (Key::Swatch(VERMILLION), "maintenance margin"),
    ];
    let kinds = [
        AccountEventKind::MarginCall,
        AccountEventKind::TopUpSent,
        AccountEventKind::SweepSent,
        AccountEventKind::Reduction,
        AccountEventKind::Liquidation,
    ];
    entries.extend(kinds.into_iter().filter_map(|kind| {
        let mut events = panels.iter().flat_map(|panel| &panel.events);
        let (name, mark, colour) = look(kind)?;
        events.any(|found| found.event.kind == kind).then_some((Key::Shape(mark, colour), name))
    }));
    entries
}

#[expect(clippy::cast_precision_loss, reason = "panels are few")]
fn real(count: usize) -> f64 {
    count as f64
}
