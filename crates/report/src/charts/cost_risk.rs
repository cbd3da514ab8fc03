//! What a hedge costs against the risk it leaves: one point per strategy.

use super::Drawing;
use super::axis::{Axis, Spacing, widened};
use super::figure::{Anchor, Figure, HEIGHT, WIDTH};
use super::palette::{GRID, INK, MUTED, look};
use super::text::{fitted, width};
use super::tick_labels::percents;
use crate::{Report, Run};

/// Most strategies on a sheet: names of more would lie over one another.
const MOST: usize = 12;

/// One strategy.
struct Spot {
    index: usize,
    cost: f64,
    risk: f64,
}

/// Cost a year against the standard deviation of daily P&L, both of the unhedged book's average equity.
pub(super) fn cost_risk(_: &Run<'_>, report: &Report) -> Option<Drawing> {
    let mut spots: Vec<Spot> = report
        .strategies
        .iter()
        .enumerate()
        .filter_map(|(index, strategy)| {
            let cost = strategy.value("cost_share_per_year")?;
            let risk = strategy.value("hedging_error")? / report.unhedged_equity?;
            Some(Spot { index, cost, risk })
        })
        .collect();
    if spots.len() < 2 {
        return None;
    }
    let n = spots.len();
    spots.truncate(MOST);
    let more =
        if n > MOST { format!("; the first {MOST} of {n} strategies") } else { String::new() };
    let title = "Cost against risk".to_owned();
    let subtitle =
        format!("down is less risk, left is cheaper; a negative cost was received{more}");
    let mut figure = Figure::titled(&title, &subtitle);
    let range = |pick: fn(&Spot) -> f64| {
        let fold =
            |values: (f64, f64), spot: &Spot| (values.0.min(pick(spot)), values.1.max(pick(spot)));
        let (low, high) = spots.iter().fold((0.0, 0.0), fold);
        let room = if high > low { 0.04 * (high - low) } else { 0.005 };
        widened(if low < 0.0 { low - room } else { low }, high + room, 6.0)
    };
    let ((x0, x1), (y0, y1)) = (range(|spot| spot.cost), range(|spot| spot.risk));
    let (left, right, top, bottom) = (82.0, WIDTH - 34.0, 106.0, HEIGHT - 62.0);
    let x = Axis::new(x0, x1, left, right, Spacing::Linear);
    let y = Axis::new(y0, y1, bottom, top, Spacing::Linear);
    let (across, up) = (x.ticks(6.0), y.ticks(6.0));
    for (tick, label) in up.iter().zip(percents(&up)) {
        let at = y.place(*tick);
        figure.line(vec![(left, at), (right, at)], GRID, 1.0);
        figure.text((left - 8.0, at), &label, 12.5, MUTED, Anchor::End);
    }
    for (tick, label) in across.iter().zip(percents(&across)) {
        let at = x.place(*tick);
        figure.line(vec![(at, top), (at, bottom)], GRID, 1.0);
        figure.text((at, bottom + 16.0), &label, 12.5, MUTED, Anchor::Middle);
    }
    figure.line(vec![(left, bottom), (right, bottom)], MUTED, 1.0);
    figure.line(vec![(x.place(0.0), top), (x.place(0.0), bottom)], MUTED, 1.0);
    figure.text(
        (left, top - 18.0),
        "standard deviation of 1-day P&L, % of average unhedged equity",
        12.5,
        MUTED,
        Anchor::Start,
    );
    figure.text(
        (right, bottom + 38.0),
        "cost of the hedge, % of average unhedged equity a year →",
        12.5,
        MUTED,
        Anchor::End,
    );
    label(&mut figure, report, &spots, (&x, &y));
    let alt = format!(
        "Cost of each strategy a year against the standard deviation of its daily P&L{more}"
    );
    Some(Drawing { name: "cost-risk".to_owned(), title, alt, figure })
}

/// Marks and names; a name goes to the side that has room, and down where another one stands.
fn label(figure: &mut Figure, report: &Report, spots: &[Spot], (x, y): (&Axis, &Axis)) {
    let mut taken: Vec<[f64; 4]> = spots
        .iter()
        .map(|spot| (x.place(spot.cost), y.place(spot.risk)))
        .map(|(x, y)| [x - 6.0, y - 6.0, x + 6.0, y + 6.0])
        .collect();
    for spot in spots {
        let at = (x.place(spot.cost), y.place(spot.risk));
        let name = fitted(&report.strategies[spot.index].name, 14.0, 300.0);
        let wide = width(&name, 14.0);
        let candidates =
            [0.0, -17.0, 17.0, -34.0, 34.0, -51.0, 51.0].into_iter().flat_map(|down| {
                [(at.0 + 12.0, Anchor::Start), (at.0 - 12.0, Anchor::End)].map(|(x, anchor)| {
                    let left = if anchor == Anchor::End { x - wide } else { x };
                    (
                        x,
                        at.1 + down,
                        anchor,
                        [left, at.1 + down - 8.5, left + wide, at.1 + down + 8.5],
                    )
                })
            });
        let free = |area: &[f64; 4]| {
            area[0] > 86.0
                && area[2] < WIDTH - 10.0
                && area[3] < HEIGHT - 62.0
                && !taken.iter().any(|other| overlap(area, other))
        };
        let mut candidates = candidates;
        let found = candidates.find(|(_, _, _, area)| free(area));
        let (text_x, text_y, anchor, area) =
            found.unwrap_or((at.0 + 12.0, at.1, Anchor::Start, [at.0; 4]));
        taken.push(area);
        let (colour, mark) = look(spot.index);
        if (text_y - at.1).abs() > 20.0 {
            figure.line(vec![at, (text_x, text_y)], colour, 1.0);
        }
        figure.mark(at, mark, 12.0, colour);
        figure.text((text_x, text_y), &name, 14.0, INK, anchor);
    }
}

fn overlap(a: &[f64; 4], b: &[f64; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}
