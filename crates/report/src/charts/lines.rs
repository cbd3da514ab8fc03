//! Lines through time: frame, grid, curves and their names at the right-hand end.

use hedgerow_core::Timestamp;

use super::axis::{Axis, Spacing, date_ticks, millis};
use super::figure::{Anchor, Figure, Point, SCALE, WIDTH};
use super::palette::{Colour, GRID, INK, MUTED, Mark};
use super::text::{fitted, width};

/// Size of the names of curves.
const NAME_SIZE: f64 = 13.5;

/// One curve.
pub(super) struct Curve {
    pub(super) name: String,
    pub(super) colour: Colour,
    pub(super) mark: Mark,
    /// A value per point in time; a gap where there is none.
    pub(super) values: Vec<Option<f64>>,
}

/// A rectangle of the sheet with time across and values upwards.
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) x: Axis,
    pub(super) y: Axis,
}

/// What a frame shows.
pub(super) struct Ranges {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) spacing: Spacing,
}

impl Frame {
    /// `corners` are left, top, right and bottom.
    pub(super) fn new(corners: [f64; 4], ranges: &Ranges) -> Self {
        let [left, top, right, bottom] = corners;
        let x = Axis::new(millis(ranges.from), millis(ranges.to), left, right, Spacing::Linear);
        let y = Axis::new(ranges.low, ranges.high, bottom, top, ranges.spacing);
        Self { left, right, top, bottom, x, y }
    }

    /// Grid, labels of values on the left, dates below.
    pub(super) fn draw(
        &self,
        figure: &mut Figure,
        ranges: &Ranges,
        wanted: f64,
        labels: fn(&[f64]) -> Vec<String>,
    ) {
        let ticks = self.y.ticks(wanted);
        for (tick, label) in ticks.iter().zip(labels(&ticks)) {
            let y = self.y.place(*tick);
            figure.line(vec![(self.left, y), (self.right, y)], GRID, 1.0);
            figure.text((self.left - 8.0, y), &label, 12.5, MUTED, Anchor::End);
        }
        let dates = date_ticks(ranges.from, ranges.to);
        let room = (self.right - self.left) / 90.0;
        let every = dates.len().div_ceil(whole(room).max(1)).max(1);
        for (time, label) in dates.into_iter().step_by(every) {
            let x = self.x.place(millis(time)).max(self.left);
            figure.line(vec![(x, self.bottom), (x, self.bottom + 5.0)], MUTED, 1.0);
            // The last date may stand at the edge of the sheet.
            let middle = x.min(WIDTH - 4.0 - 0.5 * width(&label, 12.5));
            figure.text((middle, self.bottom + 17.0), &label, 12.5, MUTED, Anchor::Middle);
        }
        figure.line(vec![(self.left, self.bottom), (self.right, self.bottom)], MUTED, 1.0);
    }

    /// One curve, broken where it has no value, with at most four points per column of pixels.
    pub(super) fn curve(
        &self,
        figure: &mut Figure,
        time: &[Timestamp],
        values: &[Option<f64>],
        (colour, width): (Colour, f64),
    ) {
        for piece in self.pieces(time, values) {
            figure.line(piece, colour, width);
        }
    }

    /// The curve's pieces as places on the sheet.
    pub(super) fn pieces(&self, time: &[Timestamp], values: &[Option<f64>]) -> Vec<Vec<Point>> {
        let mut pieces = vec![Vec::new()];
        for (time, value) in time.iter().zip(values) {
            match (value, pieces.last_mut()) {
                (Some(value), Some(piece)) => {
                    piece.push((self.x.place(millis(*time)), self.y.place(*value)));
                }
                _ => pieces.push(Vec::new()),
            }
        }
        pieces.retain(|piece| piece.len() > 1);
        pieces.iter().map(|piece| thinned(piece)).collect()
    }

    /// A few marks along a curve, shifted by `index` so that those of several curves do not meet.
    pub(super) fn marks(
        &self,
        figure: &mut Figure,
        curve: &Curve,
        time: &[Timestamp],
        index: usize,
    ) {
        let n = curve.values.len();
        for place in (0..7).map(|mark| (n * (2 * mark + 1)) / 14 + (index * n) / 60) {
            if let Some((time, value)) =
                time.get(place).zip(curve.values.get(place).copied().flatten())
            {
                let at = (self.x.place(millis(*time)), self.y.place(value));
                figure.mark(at, curve.mark, 7.0, curve.colour);
            }
        }
    }

    /// Names at the right-hand ends of the curves, moved apart where they would overlap.
    pub(super) fn names(&self, figure: &mut Figure, curves: &[Curve]) {
        let mut ends: Vec<(f64, usize)> = curves
            .iter()
            .enumerate()
            .filter_map(|(index, curve)| {
                let last = curve.values.iter().rev().find_map(|value| *value)?;
                Some((self.y.place(last), index))
            })
            .collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut places: Vec<f64> = ends.iter().map(|end| end.0).collect();
        spread(&mut places, 19.0, self.top, self.bottom);
        for ((end, index), place) in ends.into_iter().zip(places) {
            let curve = &curves[index];
            let x = self.right + 10.0;
            figure.line(vec![(self.right + 1.0, end), (x - 1.0, place)], curve.colour, 1.0);
            figure.mark((x + 6.0, place), curve.mark, 9.0, curve.colour);
            let name = fitted(&curve.name, NAME_SIZE, WIDTH - x - 22.0);
            figure.text((x + 16.0, place), &name, NAME_SIZE, INK, Anchor::Start);
        }
    }
}

/// Room that the names of curves need at the right.
pub(super) fn names_width<'a>(names: impl Iterator<Item = &'a str>) -> f64 {
    names.map(|name| width(name, NAME_SIZE)).fold(60.0, f64::max).min(230.0) + 34.0
}

/// Moves ascending places at least `gap` apart, inside `low..=high` as far as there is room.
pub(super) fn spread(places: &mut [f64], gap: f64, low: f64, high: f64) {
    let mut floor = low;
    for place in places.iter_mut() {
        *place = place.max(floor);
        floor = *place + gap;
    }
    let mut ceiling = high;
    for place in places.iter_mut().rev() {
        *place = place.min(ceiling);
        ceiling = *place - gap;
    }
}

/// First, lowest, highest and last point of each column of pixels, in their order.
fn thinned(points: &[Point]) -> Vec<Point> {
    let column = |point: &Point| (point.0 * SCALE).floor();
    let same = |a: &Point, b: &Point| (column(a) - column(b)).abs() < 0.5;
    let mut thin = Vec::new();
    for group in points.chunk_by(same) {
        if group.len() <= 4 {
            thin.extend_from_slice(group);
            continue;
        }
        let by_height = |a: &usize, b: &usize| group[*a].1.total_cmp(&group[*b].1);
        let lowest = (0..group.len()).min_by(by_height).unwrap_or(0);
        let highest = (0..group.len()).max_by(by_height).unwrap_or(0);
        let mut keep = [0, lowest, highest, group.len() - 1];
        keep.sort_unstable();
        thin.extend(keep.map(|index| group[index]));
    }
    thin
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a small positive number"
)]
fn whole(number: f64) -> usize {
    number.floor() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_every_extreme() {
        let points: Vec<Point> = (0..10_000)
            .map(|i| (f64::from(i) / 1000.0, if i == 5_123 { 99.0 } else { f64::from(i % 7) }))
            .collect();
        let thin = thinned(&points);
        assert!(thin.len() <= 21 * 4, "{}", thin.len());
        assert!(thin.iter().any(|point| point.1 > 98.0));
        assert!(thin.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    }

    #[test]
    fn names_do_not_overlap() {
        let mut places = [10.0, 11.0, 12.0, 98.0, 99.0];
        spread(&mut places, 10.0, 0.0, 100.0);
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= 10.0));
        assert!(places[4] <= 100.0);
    }
}
