//! The term structure of one snapshot: vol at the money against days to expiry.

use super::Drawing;
use super::axis::{Axis, Spacing, widened};
use super::figure::{Anchor, Figure, HEIGHT, Point, WIDTH};
use super::labels::Labels;
use super::palette::{BLUE, GRID, INK, MUTED, Mark};
use super::text::width;
use super::tick_labels::percents;
use crate::format::decimals;
use crate::smiles::SurfaceReport;
use hedgerow_core::DAYS_PER_YEAR;

const SIZE: f64 = 12.0;

/// At-the-money vol of every expiry, and the surface between them; `None` with fewer than two expiries.
pub(super) fn term_structure(report: &SurfaceReport) -> Option<Drawing> {
    let time = report.snapshots.get(report.shown)?.time;
    let (first, last) = (report.smiles.first()?, report.smiles.last()?);
    if report.smiles.len() < 2 {
        return None;
    }
    let title = format!("{} term structure", report.asset);
    let subtitle =
        format!("as of {time}; implied vol at the forward against days to expiry, logarithmic");
    let mut figure = Figure::titled(&title, &subtitle);
    let (left, right, top, bottom) = (82.0, WIDTH - 40.0, 96.0, HEIGHT - 62.0);
    let days = |years: f64| years * DAYS_PER_YEAR;
    let x = Axis::new(
        0.8 * days(first.years),
        1.25 * days(last.years),
        left,
        right,
        Spacing::Logarithmic,
    );
    let vols = || {
        let between = report.term_structure.iter().map(|(_, vol)| *vol);
        report.smiles.iter().map(|smile| smile.at_the_money).chain(between)
    };
    let (low, high) = (vols().reduce(f64::min)?, vols().reduce(f64::max)?);
    let room = (0.12 * (high - low)).max(0.005);
    let (low, high) = widened((low - room).max(0.0), high + room, 6.0);
    let y = Axis::new(low, high, bottom, top, Spacing::Linear);
    let vols = y.ticks(6.0);
    for (tick, label) in vols.iter().zip(percents(&vols)) {
        let at = y.place(*tick);
        figure.line(vec![(left, at), (right, at)], GRID, 1.0);
        figure.text((left - 8.0, at), &label, 12.5, MUTED, Anchor::End);
    }
    for tick in x.ticks(8.0) {
        let at = x.place(tick);
        figure.line(vec![(at, top), (at, bottom)], GRID, 1.0);
        let label = tick.to_string();
        figure.text((at, bottom + 16.0), &label, 12.5, MUTED, Anchor::Middle);
    }
    figure.line(vec![(left, bottom), (right, bottom)], MUTED, 1.0);
    figure.text((right, bottom + 38.0), "days to expiry →", 12.5, MUTED, Anchor::End);
    let line: Vec<Point> = report
        .term_structure
        .iter()
        .map(|(years, vol)| (x.place(days(*years)), y.place(*vol)))
        .collect();
    let points: Vec<Point> = report
        .smiles
        .iter()
        .map(|smile| (x.place(days(smile.years)), y.place(smile.at_the_money)))
        .collect();
    figure.line(line.clone(), BLUE, 2.0);
    points.iter().for_each(|at| figure.mark(*at, Mark::Circle, 8.0, BLUE));
    let dates: Vec<String> = report.smiles.iter().map(|smile| smile.expiry.date()).collect();
    let mut labels = Labels::new(&line, &points, [left, top, right + 24.0, bottom]);
    for (at, date) in points.iter().zip(&dates) {
        // One without room is left out: the table beside the picture has them all.
        let Some(place) = labels.place(*at, width(date, SIZE)) else { continue };
        if let Some(foot) = place.leader {
            figure.line(vec![*at, foot], GRID, 1.0);
        }
        figure.text(place.at, date, SIZE, INK, Anchor::Middle);
    }
    let alt = format!(
        "{}: vol at the money from {} % at the first expiry to {} % at the last",
        report.asset,
        decimals(100.0 * first.at_the_money, 1),
        decimals(100.0 * last.at_the_money, 1)
    );
    Some(Drawing { name: "term-structure".to_owned(), title, alt, figure })
}
