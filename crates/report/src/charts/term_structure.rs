//! The term structure of one snapshot: vol at the money against days to expiry.

use super::Drawing;
use super::axis::{Axis, Spacing, widened};
use super::figure::{Anchor, Figure, HEIGHT, WIDTH};
use super::labels::percents;
use super::palette::{BLUE, GRID, INK, MUTED, Mark};
use super::text::width;
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
        let label = decimals(tick, if tick < 1.0 { 2 } else { 0 });
        figure.text((at, bottom + 16.0), &label, 12.5, MUTED, Anchor::Middle);
    }
    figure.line(vec![(left, bottom), (right, bottom)], MUTED, 1.0);
    figure.text((right, bottom + 38.0), "days to expiry →", 12.5, MUTED, Anchor::End);
    let line =
        report.term_structure.iter().map(|(years, vol)| (x.place(days(*years)), y.place(*vol)));
    figure.line(line.collect(), BLUE, 2.0);
    let mut taken = f64::NEG_INFINITY;
    for smile in &report.smiles {
        let at = (x.place(days(smile.years)), y.place(smile.at_the_money));
        figure.mark(at, Mark::Circle, 8.0, BLUE);
        let date = smile.expiry.date();
        let half = 0.5 * width(&date, SIZE);
        // A name that would stand on the one before is left out: the table beside the picture has them all.
        if at.0 - half > taken && at.0 + half < WIDTH {
            figure.text((at.0, at.1 - 16.0), &date, SIZE, INK, Anchor::Middle);
            taken = at.0 + half + 4.0;
        }
    }
    let alt = format!(
        "{}: vol at the money from {} % at the first expiry to {} % at the last",
        report.asset,
        decimals(100.0 * first.at_the_money, 1),
        decimals(100.0 * last.at_the_money, 1)
    );
    Some(Drawing { name: "term-structure".to_owned(), title, alt, figure })
}
