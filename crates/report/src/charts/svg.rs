//! Paints a figure as SVG.

use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, IntoDrawingArea, PathElement, Polygon, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, RGBAColor, RGBColor, ShapeStyle, TextStyle};

use super::figure::{Anchor, Figure, Point, SCALE, Shape, WIDTH};
use super::palette::{Colour, PAPER};
use super::text;
use crate::format::plain;

/// The figure as a self-contained SVG, with `alt` as its accessible name.
pub(super) fn paint(figure: &Figure, alt: &str) -> String {
    text::register();
    let (width, height) = size(figure);
    let mut svg = String::new();
    {
        let sheet = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
        sheet.fill(&colour(PAPER, 1.0)).expect("writing to a string cannot fail");
        let is_text = |shape: &&Shape| matches!(shape, Shape::Text { .. });
        for shape in figure.shapes.iter().filter(|shape| !is_text(shape)) {
            draw(&sheet, shape);
        }
        for shape in figure.shapes.iter().filter(is_text) {
            draw(&sheet, shape);
        }
        sheet.present().expect("writing to a string cannot fail");
    }
    let name: String = plain(alt).chars().map(escaped).collect();
    svg.replacen(
        &format!("width=\"{width}\" height=\"{height}\" viewBox"),
        &format!(
            "role=\"img\" aria-label=\"{name}\" width=\"{WIDTH}\" height=\"{}\" viewBox",
            figure.height
        ),
        1,
    )
    .replace("<polyline ", "<polyline stroke-linejoin=\"round\" ")
}

fn draw(sheet: &DrawingArea<SVGBackend<'_>, Shift>, shape: &Shape) {
    let drawn = match shape {
        Shape::Line { points, colour: ink, width } => {
            let style = ShapeStyle {
                color: colour(*ink, 1.0),
                filled: false,
                stroke_width: u32::try_from(pixel(*width)).unwrap_or(1).max(1),
            };
            sheet.draw(&PathElement::new(pixels(points), style))
        }
        Shape::Area { points, colour: ink, opacity } => {
            let style = ShapeStyle { color: colour(*ink, *opacity), filled: true, stroke_width: 0 };
            sheet.draw(&Polygon::new(pixels(points), style))
        }
        Shape::Text { at, text, size, colour: ink, anchor } => {
            sheet.draw_text(text, &style(*size, *ink, *anchor), (pixel(at.0), pixel(at.1)))
        }
    };
    drawn.expect("writing to a string cannot fail");
}

/// How plotters draws a text, in both painters.
pub(super) fn style(size: f64, ink: Colour, anchor: Anchor) -> TextStyle<'static> {
    let horizontal = match anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    let mut style = TextStyle::from((text::FAMILY, size * SCALE).into_font())
        .pos(Pos::new(horizontal, VPos::Center));
    style.color = colour(ink, 1.0).to_backend_color();
    style
}

/// Pixels of the sheet.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand")]
pub(super) fn size(figure: &Figure) -> (u32, u32) {
    ((WIDTH * SCALE) as u32, (figure.height * SCALE) as u32)
}

/// Nearest pixel.
#[expect(clippy::cast_possible_truncation, reason = "the sheet is a few thousand pixels wide")]
pub(super) fn pixel(point: f64) -> i32 {
    (point * SCALE).round() as i32
}

fn pixels(points: &[Point]) -> Vec<(i32, i32)> {
    points.iter().map(|&(x, y)| (pixel(x), pixel(y))).collect()
}

fn colour(Colour(red, green, blue): Colour, opacity: f64) -> RGBAColor {
    RGBColor(red, green, blue).mix(opacity)
}

fn escaped(letter: char) -> String {
    match letter {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        other => other.to_string(),
    }
}
