//! The embedded font, and how wide a text is.

use std::sync::OnceLock;

use plotters::style::{FontStyle, IntoFont, register_font};

/// Name under which the embedded font is known, and the generic family that the SVG asks for.
pub(super) const FAMILY: &str = "sans-serif";

static REGISTERED: OnceLock<()> = OnceLock::new();

/// Makes the embedded font known to plotters; harmless when repeated.
pub(super) fn register() {
    REGISTERED.get_or_init(|| {
        let font = include_bytes!("../../assets/DejaVuSans.ttf");
        assert!(
            register_font(FAMILY, FontStyle::Normal, font).is_ok(),
            "the embedded font is not readable"
        );
    });
}

/// Width of a text in points.
pub(super) fn width(text: &str, size: f64) -> f64 {
    register();
    let measured = (FAMILY, size * 4.0).into_font().box_size(text);
    measured.map_or(0.0, |(width, _)| f64::from(width) / 4.0)
}

/// The text, cut with an ellipsis where it is wider than `room` points.
pub(super) fn fitted(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut cut: Vec<char> = text.chars().collect();
    loop {
        cut.pop();
        let candidate: String = cut.iter().chain(&['…']).collect();
        if cut.is_empty() || width(&candidate, size) <= room {
            return candidate;
        }
    }
}
