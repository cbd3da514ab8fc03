//! Paints a figure as PNG.
//!
//! Plotters' own bitmap lines show spikes where thick dense lines turn sharply, so lines and areas are painted by
//! [`Raster`], with smooth edges and round joins; plotters sets the text.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ColorType, ImageEncoder};
use plotters::prelude::{BitMapBackend, IntoDrawingArea};

use super::figure::{Figure, SCALE, Shape};
use super::raster::Raster;
use super::svg::{pixel, size, style};
use super::text;

/// The figure as PNG.
pub(super) fn paint(figure: &Figure) -> Vec<u8> {
    text::register();
    let (width, height) = size(figure);
    let mut raster = Raster::new(width as usize, height as usize);
    let scaled = |points: &[(f64, f64)]| -> Vec<(f64, f64)> {
        points.iter().map(|(x, y)| (x * SCALE, y * SCALE)).collect()
    };
    for shape in &figure.shapes {
        match shape {
            Shape::Line { points, colour, width } => {
                raster.line(&scaled(points), width * SCALE, *colour);
            }
            Shape::Area { points, colour, opacity } => {
                raster.area(&scaled(points), *colour, *opacity);
            }
            Shape::Text { .. } => {}
        }
    }
    let mut pixels = raster.into_pixels();
    set_texts(figure, &mut pixels);
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Up)
        .write_image(&pixels, width, height, ColorType::Rgb8)
        .expect("writing to memory cannot fail");
    png
}

fn set_texts(figure: &Figure, pixels: &mut [u8]) {
    let sheet = BitMapBackend::with_buffer(pixels, size(figure)).into_drawing_area();
    for shape in &figure.shapes {
        if let Shape::Text { at, text, size, colour, anchor } = shape {
            // The box of a text has more room below its letters than above.
            let at = (pixel(at.0), pixel(at.1 + 0.11 * size));
            sheet
                .draw_text(text, &style(*size, *colour, *anchor), at)
                .expect("the embedded font draws every text");
        }
    }
    sheet.present().expect("writing to memory cannot fail");
}
