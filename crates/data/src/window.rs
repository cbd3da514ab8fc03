//! The part of a history that a run replays.

use hedgerow_core::Timestamp;

/// Two instants; what has none on a side reaches to the end of the data there.
///
/// The history before it is used for warming up, the history after it not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// Where it starts.
    pub from: Option<Timestamp>,
    /// Where it ends.
    pub to: Option<Timestamp>,
}

impl Window {
    /// How much of the time between two stamps lies in it, milliseconds; at most 0 when they lie outside.
    pub(crate) fn share_of(self, after: i64, before: i64) -> i64 {
        let from = self.from.map_or(after, |from| after.max(from.millis()));
        let to = self.to.map_or(before, |to| before.min(to.millis()));
        to - from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_counts_as_far_as_it_lies_inside() {
        let at = |millis| Some(Timestamp::from_millis(millis));
        assert_eq!(Window::default().share_of(10, 30), 20);
        let window = Window { from: at(15), to: at(40) };
        assert_eq!((window.share_of(10, 30), window.share_of(20, 60)), (15, 20));
        assert!(window.share_of(1, 15) <= 0 && window.share_of(40, 90) <= 0);
    }
}
