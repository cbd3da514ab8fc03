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

    /// Whether a row of this instant is one of the run: its bar lies wholly inside.
    pub(crate) fn holds(self, row: i64) -> bool {
        !self.is_before(row) && !self.is_after(row)
    }

    /// Whether the bar of a row of this instant begins before it.
    pub(crate) fn is_before(self, row: i64) -> bool {
        self.from.is_some_and(|from| row <= from.millis())
    }

    /// Whether a row of this instant comes after its end.
    pub(crate) fn is_after(self, row: i64) -> bool {
        self.to.is_some_and(|to| row > to.millis())
    }

    /// How many of ascending stamps, a `step` apart, a run needs: those up to its end; also the one that follows where others
    /// are absent before the end. All of them where the run holds none: what is told of the series should then be where it
    /// lies.
    pub(crate) fn n_used(self, time: &[i64], step: i64) -> usize {
        let Some(to) = self.to.filter(|to| self.from.is_none_or(|from| from < *to)) else {
            return time.len();
        };
        match time.partition_point(|time| *time <= to.millis()) {
            0 | 1 => time.len(),
            known if time[known - 1] + step <= to.millis() => time.len().min(known + 1),
            known => known,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_end_is_not_used() {
        let to = |millis| Window { from: None, to: Some(Timestamp::from_millis(millis)) };
        let time = [10, 20, 30, 40, 50];
        let used = |window: Window| window.n_used(&time, 10);
        assert_eq!(used(Window::default()), 5);
        assert_eq!([20, 25, 39, 40, 60].map(|end| used(to(end))), [2, 2, 3, 4, 5]);
        assert_eq!(to(25).n_used(&[10, 20, 30], 5), 3, "25 is absent, as 30 shows");
        assert_eq!([5, 10].map(|end| used(to(end))), [5, 5]);
        assert_eq!(used(Window { from: Some(Timestamp::from_millis(40)), ..to(30) }), 5);
    }

    #[test]
    fn a_hole_counts_as_far_as_it_lies_inside() {
        let at = |millis| Some(Timestamp::from_millis(millis));
        assert_eq!(Window::default().share_of(10, 30), 20);
        let window = Window { from: at(15), to: at(40) };
        assert_eq!((window.share_of(10, 30), window.share_of(20, 60)), (15, 20));
        assert!(window.share_of(1, 15) <= 0 && window.share_of(40, 90) <= 0);
        assert_eq!([15, 16, 40, 41].map(|row| window.holds(row)), [false, true, true, false]);
    }
}
