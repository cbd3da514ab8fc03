//! The smiles of one snapshot: a panel per expiry, vol against strike.

use super::Drawing;
use super::axis::{Axis, Spacing, widened};
use super::figure::{Anchor, Figure, WIDTH};
use super::legend::{Key, legend};
use super::palette::{BASE, BLUE, GRID, INK, MUTED, Mark, VERMILLION};
use super::tick_labels::{amounts, percents};
use crate::format::{counted, decimals};
use crate::smiles::{QuotedVol, SmileFit, SurfaceReport};

const COLUMNS: usize = 3;
/// Height of a row of panels.
const ROW: f64 = 208.0;
/// Where the first row begins.
const TOP: f64 = 112.0;
/// Between the left edge of a column and its panel: room for labels of vol.
const LABELS: f64 = 46.0;

/// Every smile of the snapshot that is shown; `None` without any.
pub(super) fn smiles(report: &SurfaceReport) -> Option<Drawing> {
    if report.smiles.is_empty() {
        return None;
    }
    let time = report.snapshots.get(report.shown)?.time;
    let title = format!("{} smiles", report.asset);
    let subtitle = format!(
        "as of {time}; annualised implied vol against strike in USD, options out of the money; what leaves a panel is cut at \
         its edge"
    );
    let mut figure = Figure::titled(&title, &subtitle);
    let n_rows = u32::try_from(report.smiles.len().div_ceil(COLUMNS)).unwrap_or(u32::MAX);
    figure.height = TOP + ROW * f64::from(n_rows) + 8.0;
    let keys = [
        (Key::Swatch(BLUE), "fitted smile"),
        (Key::Swatch(BASE), "bid to ask"),
        (Key::Shape(Mark::Circle, VERMILLION), "mark"),
        (Key::Swatch(GRID), "forward"),
    ];
    legend(&mut figure, 84.0, "Each panel", &keys);
    let wide = (WIDTH - 40.0) / 3.0;
    let mut place = (0_u32, 0_u32);
    for smile in &report.smiles {
        let left = 20.0 + wide * f64::from(place.0) + LABELS;
        let top = TOP + ROW * f64::from(place.1) + 34.0;
        panel(&mut figure, [left, top, left + wide - LABELS - 14.0, top + ROW - 66.0], smile);
        place = if place.0 == 2 { (0, place.1 + 1) } else { (place.0 + 1, place.1) };
    }
    let alt = format!(
        "{}: implied vol against strike for {}, quotes and fitted line",
        report.asset,
        counted(report.smiles.len(), "expiry").replace("expirys", "expiries")
    );
    Some(Drawing { name: "smiles".to_owned(), title, alt, figure })
}

/// One smile; `corners` are left, top, right and bottom.
fn panel(figure: &mut Figure, corners: [f64; 4], smile: &SmileFit) {
    let [left, top, right, bottom] = corners;
    let Some((x, y)) = axes(corners, smile) else { return };
    let date = smile.expiry.date();
    figure.text((left, top - 24.0), &date, 13.5, INK, Anchor::Start);
    let about = format!(
        "{}, {}, forward {}",
        smile.grade,
        counted(smile.n_quotes, "quote"),
        decimals(smile.forward, if smile.forward < 1000.0 { 2 } else { 0 })
    );
    figure.text((left, top - 8.0), &about, 11.0, MUTED, Anchor::Start);
    if let Some(miss) = smile.far_miss.filter(|_| smile.is_off_far_out) {
        let flag = format!(
            "{} points off at {}",
            decimals(miss.points, 0),
            decimals(miss.strike, if miss.strike < 100.0 { 4 } else { 0 })
        );
        figure.text((right, top - 24.0), &flag, 11.0, VERMILLION, Anchor::End);
    }
    let (strikes, vols) = (x.ticks(4.0), y.ticks(4.0));
    for (tick, label) in vols.iter().zip(percents(&vols)) {
        let at = y.place(*tick);
        figure.line(vec![(left, at), (right, at)], GRID, 1.0);
        figure.text((left - 6.0, at), &label, 11.0, MUTED, Anchor::End);
    }
    let within = |(tick, _): &(&f64, String)| inside(&x, **tick, left, right);
    for (tick, label) in strikes.iter().zip(amounts(&strikes)).filter(within) {
        let at = x.place(*tick);
        figure.line(vec![(at, bottom), (at, bottom + 4.0)], MUTED, 1.0);
        figure.text((at, bottom + 13.0), &label, 11.0, MUTED, Anchor::Middle);
    }
    figure.line(vec![(left, bottom), (right, bottom)], MUTED, 1.0);
    if inside(&x, smile.forward, left, right) {
        let at = x.place(smile.forward);
        figure.line(vec![(at, top), (at, bottom)], GRID, 1.5);
    }
    let clipped = |vol: f64| y.place(vol).clamp(top, bottom);
    for quote in &smile.quotes {
        if let (Some(bid), Some(ask)) = (quote.bid, quote.ask) {
            let at = x.place(quote.strike);
            figure.line(vec![(at, clipped(bid)), (at, clipped(ask))], BASE, 2.2);
        }
    }
    for quote in &smile.quotes {
        if let Some(mark) = quote.mark {
            figure.mark((x.place(quote.strike), clipped(mark)), Mark::Circle, 4.0, VERMILLION);
        }
    }
    let line = smile.curve.iter().map(|(strike, vol)| (x.place(*strike), clipped(*vol)));
    figure.line(line.collect(), BLUE, 1.6);
}

/// Strikes that are quoted across; vols of marks and smile upwards, for wide spreads would hide both.
fn axes([left, top, right, bottom]: [f64; 4], smile: &SmileFit) -> Option<(Axis, Axis)> {
    let strikes = || smile.quotes.iter().map(|quote| quote.strike);
    let (low, high) = (strikes().reduce(f64::min)?, strikes().reduce(f64::max)?);
    let room = if high > low { 0.04 * (high - low) } else { 0.05 * low };
    let x = Axis::new(low - room, high + room, left, right, Spacing::Linear);
    let marks = smile.quotes.iter().filter_map(|quote: &QuotedVol| quote.mark);
    let vols = || marks.clone().chain(smile.curve.iter().map(|(_, vol)| *vol));
    let (least, most) = (vols().reduce(f64::min)?, vols().reduce(f64::max)?);
    let room = (0.1 * (most - least)).max(0.01);
    let (least, most) = widened((least - room).max(0.0), most + room, 4.0);
    Some((x, Axis::new(least, most, bottom, top, Spacing::Linear)))
}

fn inside(axis: &Axis, value: f64, from: f64, to: f64) -> bool {
    (from..=to).contains(&axis.place(value))
}
