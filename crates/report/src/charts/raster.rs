//! Smooth lines and areas on a sheet of pixels.
//!
//! A pixel of a line is covered by `w/2 + 1/2 − d`, where d is the distance of its centre from the line and w the width,
//! between 0 and 1. The whole line is one mask, so joins are round and nothing is painted twice.

use super::palette::{Colour, PAPER};

/// Vertical samples per pixel of an area.
const SAMPLES: usize = 4;

/// Pixels, three bytes each, from the top left.
pub(super) struct Raster {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
    mask: Vec<f32>,
    /// Columns of the mask in use, per row.
    used: Vec<(usize, usize)>,
}

impl Raster {
    /// A blank sheet.
    pub(super) fn new(width: usize, height: usize) -> Self {
        let pixels = [PAPER.0, PAPER.1, PAPER.2].repeat(width * height);
        let used = vec![(width, 0); height];
        Self { width, height, pixels, mask: vec![0.0; width * height], used }
    }

    /// The bytes.
    pub(super) fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }

    /// A line through points, `width` pixels wide.
    pub(super) fn line(&mut self, points: &[(f64, f64)], width: f64, colour: Colour) {
        for pair in points.windows(2) {
            self.segment(pair[0], pair[1], width / 2.0 + 0.5);
        }
        self.paint(colour, 1.0);
    }

    /// Everything inside a polygon (even-odd rule).
    pub(super) fn area(&mut self, points: &[(f64, f64)], colour: Colour, opacity: f64) {
        let top = points.iter().fold(f64::INFINITY, |top, point| top.min(point.1));
        let bottom = points.iter().fold(f64::NEG_INFINITY, |bottom, point| bottom.max(point.1));
        let mut crossings = Vec::new();
        for row in self.span(top, bottom + 1.0, self.height) {
            for sample in 0..SAMPLES {
                let y = real(row) + (real(sample) + 0.5) / real(SAMPLES);
                cross(points, y, &mut crossings);
                for pair in crossings.chunks_exact(2) {
                    self.run(row, pair[0], pair[1]);
                }
            }
        }
        self.paint(colour, opacity);
    }

    #[expect(clippy::cast_possible_truncation, reason = "a coverage between 0 and 1")]
    fn segment(&mut self, from: (f64, f64), to: (f64, f64), reach: f64) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length_squared = dx * dx + dy * dy;
        for row in self.span(from.1.min(to.1) - reach, from.1.max(to.1) + reach, self.height) {
            let py = real(row) + 0.5 - from.1;
            let (left, right) = columns_near(from, to, real(row) + 0.5, reach);
            for column in self.span(left, right, self.width) {
                let px = real(column) + 0.5 - from.0;
                let along = if length_squared > 0.0 {
                    ((px * dx + py * dy) / length_squared).clamp(0.0, 1.0)
                } else {
                    0.0
                };
                let distance = (px - along * dx).hypot(py - along * dy);
                let cover = (reach - distance).clamp(0.0, 1.0) as f32;
                self.cover(row, column, |mask| mask.max(cover));
            }
        }
    }

    /// Adds one sample's coverage of a row between two abscissae.
    #[expect(clippy::cast_possible_truncation, reason = "a coverage between 0 and 1")]
    fn run(&mut self, row: usize, from: f64, to: f64) {
        for column in self.span(from, to, self.width) {
            let x = real(column);
            let cover = ((to.min(x + 1.0) - from.max(x)).max(0.0) / real(SAMPLES)) as f32;
            self.cover(row, column, |mask| mask + cover);
        }
    }

    fn cover(&mut self, row: usize, column: usize, change: impl Fn(f32) -> f32) {
        let cell = &mut self.mask[row * self.width + column];
        *cell = change(*cell);
        let used = &mut self.used[row];
        *used = (used.0.min(column), used.1.max(column + 1));
    }

    /// Blends the mask into the pixels and clears it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a blend of two bytes, rounded"
    )]
    fn paint(&mut self, colour: Colour, opacity: f64) {
        for (row, used) in self.used.iter_mut().enumerate() {
            let (from, to) = std::mem::replace(used, (self.width, 0));
            for column in from..to {
                let place = row * self.width + column;
                let cover = f64::from(std::mem::take(&mut self.mask[place]).min(1.0)) * opacity;
                let pixel = &mut self.pixels[3 * place..3 * place + 3];
                for (byte, ink) in pixel.iter_mut().zip([colour.0, colour.1, colour.2]) {
                    let blend = f64::from(*byte) * (1.0 - cover) + f64::from(ink) * cover;
                    *byte = blend.round() as u8;
                }
            }
        }
    }

    /// Pixels touched by an interval.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a negative number saturates at pixel 0"
    )]
    fn span(&self, from: f64, to: f64, limit: usize) -> std::ops::Range<usize> {
        let end = (to.ceil() as usize).min(limit);
        (from.floor() as usize).min(end)..end
    }
}

/// The abscissae between which a row's pixels can lie within `reach` of a segment.
fn columns_near(from: (f64, f64), to: (f64, f64), y: f64, reach: f64) -> (f64, f64) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let at = |y: f64| {
        if dy.abs() < 1e-9 { None } else { Some(from.0 + dx * ((y - from.1) / dy).clamp(0.0, 1.0)) }
    };
    let (a, b) = match (at(y - reach), at(y + reach)) {
        (Some(a), Some(b)) => (a, b),
        _ => (from.0, to.0),
    };
    (a.min(b) - reach, a.max(b) + reach)
}

/// Abscissae at which the polygon's edges cross the height `y`, ascending.
fn cross(points: &[(f64, f64)], y: f64, crossings: &mut Vec<f64>) {
    crossings.clear();
    let last = points[points.len() - 1];
    let mut from = last;
    for &to in points {
        if (from.1 <= y) != (to.1 <= y) {
            crossings.push(from.0 + (to.0 - from.0) * (y - from.1) / (to.1 - from.1));
        }
        from = to;
    }
    crossings.sort_unstable_by(f64::total_cmp);
}

#[expect(clippy::cast_precision_loss, reason = "pixels are few")]
fn real(pixel: usize) -> f64 {
    pixel as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ink(raster: &Raster) -> f64 {
        raster.pixels.iter().step_by(3).map(|byte| 1.0 - f64::from(*byte) / 255.0).sum()
    }

    #[test]
    fn a_line_covers_its_length_times_its_width() {
        let mut raster = Raster::new(200, 100);
        raster.line(&[(20.0, 20.0), (120.0, 80.0)], 4.0, Colour(0, 0, 0));
        let expected = 100.0_f64.hypot(60.0) * 4.0 + std::f64::consts::PI * 4.0;
        assert!((ink(&raster) / expected - 1.0).abs() < 0.01, "{} {expected}", ink(&raster));
    }

    #[test]
    fn an_area_covers_its_area() {
        let mut raster = Raster::new(200, 100);
        raster.area(
            &[(10.25, 10.5), (60.75, 10.5), (60.75, 30.0), (10.25, 30.0)],
            Colour(0, 0, 0),
            1.0,
        );
        assert!((ink(&raster) / (50.5 * 19.5) - 1.0).abs() < 0.005, "{}", ink(&raster));
    }

    #[test]
    fn a_sharp_turn_makes_no_spike() {
        let mut raster = Raster::new(100, 100);
        raster.line(&[(40.0, 90.0), (41.0, 50.0), (42.0, 90.0)], 4.0, Colour(0, 0, 0));
        let rows_above = 3 * 100 * 47;
        assert!(raster.pixels[..rows_above].iter().all(|byte| *byte == 255));
    }
}
