//! The spots at which a rule will ask for another hedge: where orders rest until the next row.

/// One level on each side of the spot, at most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Levels {
    /// Reached by a falling spot.
    pub below: Option<Level>,
    /// Reached by a rising spot.
    pub above: Option<Level>,
}

impl Levels {
    /// No level: nothing rests.
    pub const NONE: Self = Self { below: None, above: None };

    /// Whether the rule itself knows the hedge beyond a level.
    pub fn know_their_hedge(self) -> bool {
        self.below.or(self.above).is_some_and(|level| level.hedge.is_some())
    }
}

/// One level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// USD per coin.
    pub spot: f64,
    /// The hedge wanted there, in the measure of [`Hedge::held`](super::Hedge::held); `None` for the ideal, as far as the
    /// row before can know it.
    pub hedge: Option<f64>,
}

impl Level {
    /// A level at which the ideal is wanted; `None` for a spot that cannot be.
    pub fn of_ideal(spot: f64) -> Option<Self> {
        (spot.is_finite() && spot > 0.0).then_some(Self { spot, hedge: None })
    }
}
