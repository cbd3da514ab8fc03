//! Equity, its drawdown, and variance reduction through time.

use hedgerow_core::Timestamp;

use super::Drawing;
use super::axis::{Spacing, widened};
use super::figure::{Figure, HEIGHT, WIDTH};
use super::lines::{Curve, Frame, Ranges, names_width};
use super::palette::{BASE, MUTED, look};
use super::tick_labels::{amounts, percents};
use crate::stats::bootstrap::PrefixSums;
use crate::stats::drawdown::drawdowns;
use crate::stats::moments::{is_flat, reduction};
use crate::{Path, Report, Run};

/// Most strategies that one chart can show readably.
const MOST: usize = 8;
/// Days in the window of the rolling variance reduction.
const WINDOW_DAYS: f64 = 90.0;

/// Equity of every strategy.
pub(super) fn equity(run: &Run<'_>, report: &Report) -> Option<Drawing> {
    let rows = &report.grid.rows;
    let curves = curves(report, 0, |index| {
        let equity = &run.ledgers[index].equity;
        Some(rows.iter().map(|&row| Some(equity[row])).collect())
    });
    let (low, high) = extent(&curves)?;
    let spacing =
        if low > 0.0 && high > 10.0 * low { Spacing::Logarithmic } else { Spacing::Linear };
    let (low, high) = match spacing {
        Spacing::Linear => widened(low, high, 6.0),
        Spacing::Logarithmic => (low * 0.93, high * 1.07),
    };
    let scale = if spacing == Spacing::Logarithmic { ", logarithmic scale" } else { "" };
    let title = "Equity".to_owned();
    let subtitle = format!("USD, daily{scale}{}", shown(report, 0));
    let mut figure = Figure::titled(&title, &subtitle);
    draw(&mut figure, run, report, &curves, (low, high, spacing), amounts);
    let alt = format!(
        "Equity in USD of each strategy from {} to {}",
        report.from.date(),
        report.to.date()
    );
    Some(Drawing { name: "equity".to_owned(), title, alt, figure })
}

/// Drawdown of every strategy, below zero.
pub(super) fn underwater(run: &Run<'_>, report: &Report) -> Option<Drawing> {
    let curves = curves(report, 0, |index| {
        let path = Path::of(&run.ledgers[index], &report.grid);
        let depths = drawdowns(path.initial, &path.equity)?;
        Some(depths.into_iter().map(|depth| Some(0.0 - depth)).collect())
    });
    let (low, _) = extent(&curves)?;
    let (low, high) = widened(low.min(-1e-4), 0.0, 6.0);
    let title = "Drawdown".to_owned();
    let subtitle =
        format!("fall of daily equity below its highest point so far{}", shown(report, 0));
    let range = (low, high, Spacing::Linear);
    let mut figure = Figure::titled(&title, &subtitle);
    draw(&mut figure, run, report, &curves, range, percents);
    let alt = "Drawdown of each strategy through time, in per cent of the highest equity so far"
        .to_owned();
    Some(Drawing { name: "underwater".to_owned(), title, alt, figure })
}

/// Variance reduction over the past 90 days.
pub(super) fn rolling_variance_reduction(run: &Run<'_>, report: &Report) -> Option<Drawing> {
    let window = report.grid.steps(WINDOW_DAYS)?;
    let base = Path::of(&run.ledgers[0], &report.grid);
    if is_flat(&base.pnl, base.scale()) {
        return None;
    }
    let mut curves = curves(report, 1, |index| {
        let path = Path::of(&run.ledgers[index], &report.grid);
        rolling(&path.pnl, &base.pnl, window)
    });
    let (low, high) = extent(&curves)?;
    let floor = low.max(-1.0);
    for value in curves.iter_mut().flat_map(|curve| curve.values.iter_mut()).flatten() {
        *value = value.max(floor);
    }
    let cut = if low < floor { "; cut at −100 %" } else { "" };
    let (low, high) = widened(floor.min(0.0), high.max(0.0), 6.0);
    let title = "Variance removed, rolling".to_owned();
    let subtitle = format!(
        "1 − Var(hedged) / Var(unhedged) of 1-day P&L over the past 90 days{cut}{}",
        shown(report, 1)
    );
    let range = (low, high, Spacing::Linear);
    let mut figure = Figure::titled(&title, &subtitle);
    draw(&mut figure, run, report, &curves, range, percents);
    let alt =
        "Variance reduction of each hedged strategy over the past 90 days, through time".to_owned();
    Some(Drawing { name: "rolling-variance-reduction".to_owned(), title, alt, figure })
}

fn rolling(hedged: &[f64], unhedged: &[f64], window: usize) -> Option<Vec<Option<f64>>> {
    let n = hedged.len();
    if n < window + 1 {
        return None;
    }
    let sums =
        PrefixSums::new(n, |i| [hedged[i], hedged[i].powi(2), unhedged[i], unhedged[i].powi(2)]);
    let points = f64::from(u32::try_from(window).ok()?);
    let mut values = vec![None; window];
    values.extend((0..=n - window).map(|start| {
        let [h, hh, u, uu] = sums.between(start, start + window);
        reduction((hh - h * h / points).max(0.0), uu - u * u / points)
    }));
    Some(values)
}

fn curves(
    report: &Report,
    first: usize,
    values: impl Fn(usize) -> Option<Vec<Option<f64>>>,
) -> Vec<Curve> {
    (first..report.strategies.len().min(MOST))
        .filter_map(|index| {
            let (colour, mark) = look(index);
            let name = report.strategies[index].name.clone();
            Some(Curve { name, colour, mark, values: values(index)? })
        })
        .collect()
}

/// Says so when not every strategy is shown.
fn shown(report: &Report, first: usize) -> String {
    let n = report.strategies.len();
    if n > MOST {
        format!("; the first {} of {} strategies", MOST - first, n - first)
    } else {
        String::new()
    }
}

fn extent(curves: &[Curve]) -> Option<(f64, f64)> {
    let values = || curves.iter().flat_map(|curve| &curve.values).flatten().copied();
    Some((values().reduce(f64::min)?, values().reduce(f64::max)?))
}

fn draw(
    figure: &mut Figure,
    run: &Run<'_>,
    report: &Report,
    curves: &[Curve],
    (low, high, spacing): (f64, f64, Spacing),
    labels: fn(&[f64]) -> Vec<String>,
) {
    let ranges = Ranges { from: report.from, to: report.to, low, high, spacing };
    let right = WIDTH - names_width(curves.iter().map(|curve| curve.name.as_str()));
    let frame = Frame::new([82.0, 86.0, right, HEIGHT - 40.0], &ranges);
    frame.draw(figure, &ranges, 6.0, labels);
    let time: Vec<Timestamp> = report.grid.rows.iter().map(|&row| run.market.time()[row]).collect();
    if low < 0.0 && high > 0.0 {
        let zero = frame.y.place(0.0);
        figure.line(vec![(frame.left, zero), (frame.right, zero)], MUTED, 1.0);
    }
    for curve in curves.iter().filter(|curve| curve.colour == BASE) {
        for mut piece in frame.pieces(&time, &curve.values) {
            let foot = if high <= 0.0 { frame.top } else { frame.bottom };
            let ends = (piece[0].0, piece[piece.len() - 1].0);
            piece.extend([(ends.1, foot), (ends.0, foot)]);
            figure.area(piece, BASE, 0.13);
        }
    }
    for curve in curves {
        frame.curve(figure, &time, &curve.values, (curve.colour, 1.6));
    }
    for (index, curve) in curves.iter().enumerate() {
        frame.marks(figure, curve, &time, index);
    }
    frame.names(figure, curves);
}
