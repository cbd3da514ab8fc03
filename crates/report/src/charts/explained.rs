//! P&L by line: one panel of bars per strategy, on one scale.

use super::Drawing;
use super::axis::{Axis, Spacing};
use super::figure::{Anchor, Figure, HEIGHT, WIDTH};
use super::palette::{BLUE, INK, MUTED, VERMILLION};
use super::text::{fitted, width};
use crate::format::short;
use crate::{Report, Run, StrategyReport};

/// Most panels on a sheet.
const MOST: usize = 6;

/// Where each strategy's P&L came from.
pub(super) fn explained(_: &Run<'_>, report: &Report) -> Option<Drawing> {
    let largest = |pick: usize| {
        let totals = report.strategies.iter().map(|strategy| strategy.explained[pick].1.abs());
        totals.fold(0.0, f64::max)
    };
    let n_lines = report.strategies.first()?.explained.len();
    let most = (0..n_lines).map(largest).fold(0.0, f64::max);
    let lines: Vec<usize> = (0..n_lines).filter(|&line| largest(line) > 1e-6 * most).collect();
    if lines.is_empty() {
        return None;
    }
    let totals = || report.strategies.iter().flat_map(|strategy| &strategy.explained);
    let range =
        totals().fold((0.0_f64, 0.0_f64), |range, (_, pnl)| (range.0.min(*pnl), range.1.max(*pnl)));
    let n = report.strategies.len();
    let panels = &report.strategies[..n.min(MOST)];
    let title = "P&L explained".to_owned();
    let more =
        if n > MOST { format!("; the first {MOST} of {n} strategies") } else { String::new() };
    let subtitle =
        format!("USD over the whole run, by line; the lines add up to the change of equity{more}");
    let mut figure = Figure::titled(&title, &subtitle);
    let n_columns = panels.len().min(3);
    let n_rows = panels.len().div_ceil(n_columns);
    let (wide, high) = ((WIDTH - 40.0) / real(n_columns), (HEIGHT - 92.0) / real(n_rows));
    for (index, strategy) in panels.iter().enumerate() {
        let left = 28.0 + wide * real(index % n_columns);
        let top = 84.0 + high * real(index / n_columns);
        let corners = [left, top, left + wide - 16.0, top + high - 8.0];
        draw(&mut figure, strategy, &lines, range, corners);
    }
    let alt = "Profit and loss of each strategy by line: delta, gamma, theta, vega, carry, costs, residual".to_owned();
    Some(Drawing { name: "explained".to_owned(), title, alt, figure })
}

fn draw(
    figure: &mut Figure,
    strategy: &StrategyReport,
    lines: &[usize],
    (low, high): (f64, f64),
    [left, top, right, bottom]: [f64; 4],
) {
    let total = format!("{} USD", short(strategy.pnl()));
    let room = right - left - width(&total, 13.0) - 10.0;
    figure.text((left, top + 8.0), &fitted(&strategy.name, 14.0, room), 14.0, INK, Anchor::Start);
    figure.text((right, top + 8.0), &total, 13.0, MUTED, Anchor::End);
    let axis = Axis::new(low, high, left + 126.0, right - 56.0, Spacing::Linear);
    let zero = axis.place(0.0);
    let step = ((bottom - top - 26.0) / real(lines.len())).min(30.0);
    for (place, &line) in lines.iter().enumerate() {
        let (line, pnl) = &strategy.explained[line];
        let y = top + 24.0 + step * (real(place) + 0.5);
        let size = step.clamp(8.0, 13.0);
        figure.text((left + 68.0, y), line.key(), size, MUTED, Anchor::End);
        let end = axis.place(*pnl);
        let colour = if *pnl < 0.0 { VERMILLION } else { BLUE };
        if (end - zero).abs() > 0.25 {
            figure.bar((zero, y - step * 0.36), (end, y + step * 0.36), colour);
        }
        let (at, anchor) =
            if *pnl < 0.0 { (end - 4.0, Anchor::End) } else { (end + 4.0, Anchor::Start) };
        let label = match short(*pnl) {
            text if *pnl > 0.0 && text != "0" => format!("+{text}"),
            text => text,
        };
        figure.text((at, y), &label, size, INK, anchor);
    }
    figure.line(
        vec![(zero, top + 24.0), (zero, top + 24.0 + step * real(lines.len()))],
        MUTED,
        1.0,
    );
}

#[expect(clippy::cast_precision_loss, reason = "panels and lines are few")]
fn real(count: usize) -> f64 {
    count as f64
}
