//! The rolls of a continuous future, in words.

use hedgerow_core::{ContinuousFuture, Market};

/// One sentence per roll, in the order of time: what was left and entered at which prices of their own, and how far they were
/// apart.
///
/// # Panics
/// When `future` is not of `market`: a programmer's error.
pub fn describe_rolls(market: &Market, future: &ContinuousFuture) -> Vec<String> {
    let name = |index: usize| market.futures()[index].name.as_str();
    let said = |roll: &hedgerow_core::Roll| {
        format!(
            "{}: {} is left at {} and {} entered at {} ({:+.2} %)",
            market.time()[roll.row],
            name(roll.from),
            roll.left_at,
            name(roll.to),
            roll.entered_at,
            100.0 * (roll.entered_at / roll.left_at - 1.0)
        )
    };
    future.rolls.iter().map(said).collect()
}
