//! Colours and marks. The colours are those of Okabe and Ito (2008), which people with any kind of colour vision can
//! tell apart; the marks tell lines apart in greyscale.

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colour(pub(super) u8, pub(super) u8, pub(super) u8);

/// Paper.
pub(super) const PAPER: Colour = Colour(0xFF, 0xFF, 0xFF);
/// Titles.
pub(super) const INK: Colour = Colour(0x1B, 0x1F, 0x24);
/// Labels of axes.
pub(super) const MUTED: Colour = Colour(0x5B, 0x65, 0x70);
/// Grid.
pub(super) const GRID: Colour = Colour(0xE3, 0xE6, 0xEA);
/// The unhedged strategy, and whatever else is the background of a comparison.
pub(super) const BASE: Colour = Colour(0x6B, 0x72, 0x80);
/// Gains, and a hedge that is held.
pub(super) const BLUE: Colour = Colour(0x00, 0x72, 0xB2);
/// Losses.
pub(super) const VERMILLION: Colour = Colour(0xD5, 0x5E, 0x00);
/// A hedge that would be held if trading were free.
pub(super) const ORANGE: Colour = Colour(0xE6, 0x9F, 0x00);
/// Bluish green.
pub(super) const GREEN: Colour = Colour(0x00, 0x9E, 0x73);
/// Reddish purple.
pub(super) const PURPLE: Colour = Colour(0xCC, 0x79, 0xA7);

const STRATEGIES: [Colour; 6] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, Colour(0x56, 0xB4, 0xE9)];

/// The shape of a mark on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// ●
    Circle,
    /// ■
    Square,
    /// ▲
    Triangle,
    /// ◆
    Diamond,
    /// ▼
    Inverted,
    /// ✖
    Cross,
}

const MARKS: [Mark; 5] =
    [Mark::Square, Mark::Triangle, Mark::Diamond, Mark::Inverted, Mark::Circle];

/// Colour and mark of strategy `index`; 0 is the unhedged one.
pub(super) fn look(index: usize) -> (Colour, Mark) {
    match index.checked_sub(1) {
        None => (BASE, Mark::Circle),
        Some(hedged) => (STRATEGIES[hedged % STRATEGIES.len()], MARKS[hedged % MARKS.len()]),
    }
}
