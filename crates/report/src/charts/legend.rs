//! What colours and shapes mean, in lines that break where the sheet ends.

use super::figure::{Anchor, Figure, WIDTH};
use super::palette::{Colour, INK, MUTED, Mark};
use super::text::width;

const SIZE: f64 = 12.5;
const LEFT: f64 = 28.0;
/// Distance of lines.
const LINE: f64 = 20.0;

/// What stands before a word.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key {
    /// A box of a colour.
    Swatch(Colour),
    /// A mark.
    Shape(Mark, Colour),
}

/// A heading and its entries from the left of the sheet on; returns the height at which the next line goes.
pub(super) fn legend(figure: &mut Figure, y: f64, heading: &str, entries: &[(Key, &str)]) -> f64 {
    if entries.is_empty() {
        return y;
    }
    figure.text((LEFT, y), heading, SIZE, MUTED, Anchor::Start);
    let indent = LEFT + width(heading, SIZE) + 14.0;
    let (mut x, mut y) = (indent, y);
    for (key, label) in entries {
        let wide = 20.0 + width(label, SIZE) + 16.0;
        if x > indent && x + wide > WIDTH - 12.0 {
            (x, y) = (indent, y + LINE);
        }
        match key {
            Key::Swatch(colour) => figure.bar((x, y - 6.0), (x + 14.0, y + 6.0), *colour),
            Key::Shape(mark, colour) => figure.mark((x + 8.0, y), *mark, 9.0, *colour),
        }
        figure.text((x + 20.0, y), label, SIZE, INK, Anchor::Start);
        x += wide;
    }
    y + LINE
}
