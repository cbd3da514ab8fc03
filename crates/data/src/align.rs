//! Series of different frequency on one grid: what was known at each row, and nothing later.

use std::ops::Range;

/// For each row the newest stamp that is not later, if it is no older than `limit`. Both must increase.
pub(crate) fn as_of(rows: &[i64], stamps: &[i64], limit: i64) -> Vec<Option<usize>> {
    let mut next = 0;
    rows.iter()
        .map(|row| {
            while next < stamps.len() && stamps[next] <= *row {
                next += 1;
            }
            next.checked_sub(1).filter(|newest| row - stamps[*newest] <= limit)
        })
        .collect()
}

/// For each row the stamps in `(row - step, row]`: the bars that lie in the row's own bar. Both must increase, and rows
/// must be at least `step` apart.
pub(crate) fn windows(rows: &[i64], stamps: &[i64], step: i64) -> Vec<Range<usize>> {
    let (mut start, mut end) = (0, 0);
    rows.iter()
        .map(|row| {
            while start < stamps.len() && stamps[start] <= row - step {
                start += 1;
            }
            end = end.max(start);
            while end < stamps.len() && stamps[end] <= *row {
                end += 1;
            }
            start..end
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn increasing(steps: Vec<i64>) -> Vec<i64> {
        let mut sum = 0;
        steps
            .into_iter()
            .map(|step| {
                sum += step;
                sum
            })
            .collect()
    }

    proptest! {
        /// Against the plainest statement of what as-of means; so it never looks ahead.
        #[test]
        fn as_of_is_the_newest_figure_not_later(
            rows in prop::collection::vec(1_i64..9, 0..40).prop_map(increasing),
            stamps in prop::collection::vec(1_i64..9, 0..40).prop_map(increasing),
            limit in 0_i64..20,
        ) {
            let expected: Vec<Option<usize>> = rows
                .iter()
                .map(|row| {
                    (0..stamps.len()).rev().find(|i| stamps[*i] <= *row).filter(|i| row - stamps[*i] <= limit)
                })
                .collect();
            prop_assert_eq!(as_of(&rows, &stamps, limit), expected);
        }

        #[test]
        fn windows_hold_the_bars_of_the_row(
            rows in prop::collection::vec(4_i64..9, 0..40).prop_map(increasing),
            stamps in prop::collection::vec(1_i64..9, 0..40).prop_map(increasing),
            step in 1_i64..5,
        ) {
            for (row, window) in rows.iter().zip(windows(&rows, &stamps, step)) {
                let expected: Vec<usize> =
                    (0..stamps.len()).filter(|i| stamps[*i] > row - step && stamps[*i] <= *row).collect();
                prop_assert_eq!(window.collect::<Vec<_>>(), expected);
            }
        }
    }
}
