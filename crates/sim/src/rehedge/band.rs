//! The hedges that a rule is content with.

/// The hedges that a rule is content with, in the same measure as [`Hedge::held`](super::Hedge::held).
///
/// Most bands hold the ideal hedge. Those of rules with a target of their own (Hodges and Neuberger, the stop-loss) need
/// not; a band whose `low` is above its `high` comes from rules that contradict each other, and means the ideal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Lowest.
    pub low: f64,
    /// Highest.
    pub high: f64,
}

impl Band {
    /// Any hedge will do: do not trade.
    pub const ANY: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// Only this hedge will do: trade to it.
    pub fn at(hedge: f64) -> Self {
        Self { low: hedge, high: hedge }
    }

    /// Within `half_width` of the ideal.
    pub fn around(ideal: f64, half_width: f64) -> Self {
        Self { low: ideal - half_width, high: ideal + half_width }
    }

    /// Content with what both are content with.
    pub fn and(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.min(other.high) }
    }

    /// The smallest band that holds both.
    pub fn or(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// Whether `held` may stay.
    pub fn contains(self, held: f64) -> bool {
        self.low <= held && held <= self.high
    }

    /// Whether at most one hedge will do.
    pub fn is_point(self) -> bool {
        self.low >= self.high
    }
}
