//! A picture as a list of shapes, in points of a sheet 960 wide; y grows downwards.

use super::palette::{Colour, Mark};
use crate::format::plain;

/// Width of the sheet.
pub(super) const WIDTH: f64 = 960.0;
/// Height of a sheet, but for those that have more or fewer rows to show.
pub(super) const HEIGHT: f64 = 540.0;
/// Pixels per point, in both painters.
pub(super) const SCALE: f64 = 2.0;

/// A place on the sheet.
pub(super) type Point = (f64, f64);

/// Shapes, drawn in order; texts come on top.
#[derive(Debug)]
pub(super) struct Figure {
    /// Height of the sheet.
    pub(super) height: f64,
    pub(super) shapes: Vec<Shape>,
}

/// One thing to draw.
#[derive(Debug)]
pub(super) enum Shape {
    /// A line through points.
    Line { points: Vec<Point>, colour: Colour, width: f64 },
    /// A filled polygon.
    Area { points: Vec<Point>, colour: Colour, opacity: f64 },
    /// One line of text; `at` is its middle in height.
    Text { at: Point, text: String, size: f64, colour: Colour, anchor: Anchor },
}

/// Where a text stands relative to its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// To the right of it.
    Start,
    /// Centred on it.
    Middle,
    /// To the left of it.
    End,
}

impl Figure {
    /// A sheet with title and subtitle.
    pub(super) fn titled(title: &str, subtitle: &str) -> Self {
        let mut figure = Self { height: HEIGHT, shapes: Vec::new() };
        figure.text((28.0, 30.0), title, 21.0, super::palette::INK, Anchor::Start);
        figure.text((28.0, 56.0), subtitle, 14.0, super::palette::MUTED, Anchor::Start);
        figure
    }

    pub(super) fn line(&mut self, points: Vec<Point>, colour: Colour, width: f64) {
        if points.len() > 1 {
            self.shapes.push(Shape::Line { points, colour, width });
        }
    }

    pub(super) fn area(&mut self, points: Vec<Point>, colour: Colour, opacity: f64) {
        if points.len() > 2 {
            self.shapes.push(Shape::Area { points, colour, opacity });
        }
    }

    /// A rectangle by two opposite corners.
    pub(super) fn bar(&mut self, (x0, y0): Point, (x1, y1): Point, colour: Colour) {
        self.area(vec![(x0, y0), (x1, y0), (x1, y1), (x0, y1)], colour, 1.0);
    }

    pub(super) fn text(
        &mut self,
        at: Point,
        text: &str,
        size: f64,
        colour: Colour,
        anchor: Anchor,
    ) {
        let text = plain(text);
        self.shapes.push(Shape::Text { at, text, size, colour, anchor });
    }

    /// A filled mark of about `size` points across, with a rim of paper so that it stands out from lines.
    pub(super) fn mark(&mut self, at: Point, mark: Mark, size: f64, colour: Colour) {
        self.area(outline(at, mark, size + 3.0), super::palette::PAPER, 1.0);
        self.area(outline(at, mark, size), colour, 1.0);
    }
}

fn outline((x, y): Point, mark: Mark, size: f64) -> Vec<Point> {
    let r = size / 2.0;
    let at = |corners: &[Point]| corners.iter().map(|(dx, dy)| (x + r * dx, y + r * dy)).collect();
    match mark {
        Mark::Circle => (0..20)
            .map(|corner| {
                let angle = std::f64::consts::TAU * f64::from(corner) / 20.0;
                (x + r * angle.cos(), y + r * angle.sin())
            })
            .collect(),
        Mark::Square => at(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
        Mark::Triangle => at(&[(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)]),
        Mark::Diamond => at(&[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)]),
        Mark::Cross => {
            let arm = [(0.35, 0.0), (1.2, 0.85), (0.85, 1.2), (0.0, 0.35)];
            let quarter = |turns: i32| {
                arm.iter().map(move |&(dx, dy)| match turns {
                    0 => (dx, dy),
                    1 => (-dy, dx),
                    2 => (-dx, -dy),
                    _ => (dy, -dx),
                })
            };
            at(&(0..4).flat_map(quarter).collect::<Vec<Point>>())
        }
        Mark::Inverted => at(&[(0.0, 1.2), (1.1, -0.8), (-1.1, -0.8)]),
    }
}
