//! How decisions become fills over time: later than decided, and in slices.

use std::collections::VecDeque;
use std::num::NonZeroUsize;

/// When a decided change is filled. Rules and later legs count what is decided as held: pending orders are not decided again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Execution {
    /// Rows by which a fill is later than it would be.
    pub delay_rows: usize,
    /// Rows over which a change is filled, in equal slices (TWAP).
    pub slices: NonZeroUsize,
}

impl Default for Execution {
    fn default() -> Self {
        Self::AT_ONCE
    }
}

impl Execution {
    /// All of it, when it is decided.
    pub const AT_ONCE: Self = Self { delay_rows: 0, slices: NonZeroUsize::MIN };

    /// Whether decisions are filled as they are.
    pub fn is_at_once(&self) -> bool {
        *self == Self::AT_ONCE
    }

    /// How many decisions, the last one included, have a part in what is held.
    pub(crate) fn reach(&self) -> usize {
        self.delay_rows + self.slices.get()
    }

    /// The units to hold after each row, given those decided: the mean of the last `slices` decisions, `delay_rows` ago. A
    /// linear filter, so each change is filled in equal parts whatever is decided meanwhile.
    ///
    /// `pending` are the decisions before the first of `decided`, the last one last; nothing was held before the first.
    #[expect(clippy::cast_precision_loss, reason = "slices are few")]
    pub(crate) fn targets(&self, decided: &[f64], pending: &mut VecDeque<f64>) -> Vec<f64> {
        let (slices, reach) = (self.slices.get(), self.reach());
        let mut target = |decided: &f64| {
            pending.push_back(*decided);
            if pending.len() > reach {
                pending.pop_front();
            }
            let missing = reach - pending.len();
            let filled = pending.iter().take(slices.saturating_sub(missing));
            filled.sum::<f64>() / slices as f64
        };
        decided.iter().map(&mut target).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_filled_in_equal_slices_after_the_delay() {
        let twap = Execution { delay_rows: 1, slices: NonZeroUsize::new(2).expect("not 0") };
        let decided = [4.0, 4.0, 4.0, 8.0, 8.0, 8.0];
        let whole = twap.targets(&decided, &mut VecDeque::new());
        assert_eq!(whole, [0.0, 2.0, 4.0, 4.0, 6.0, 8.0]);
        let mut pending = VecDeque::new();
        let mut blocks = twap.targets(&decided[..2], &mut pending);
        blocks.extend(twap.targets(&decided[2..], &mut pending));
        assert_eq!(blocks, whole, "blocks change nothing");
        assert_eq!(Execution::AT_ONCE.targets(&decided, &mut VecDeque::new()), decided);
    }
}
