//! Value at risk and expected shortfall of a column of P&L, from its own history.
//!
//! With `k = (1 − level) n`:
//! - value at risk is the empirical quantile of the loss, `inf { x : F(x) >= level }`: the (⌊k⌋ + 1)-th largest loss, no
//!   interpolation (Rockafellar and Uryasev 2002, *Journal of Banking and Finance* 26, section 2);
//! - expected shortfall is the mean of the k largest losses, the last one counted by its fraction (same source, and
//!   Acerbi and Tasche 2002), so it is never below value at risk.
//!
//! Both are `None` when `k < 1`: fewer than one observation lies in the tail.

use super::moments::count;

/// Loss that is exceeded in at most `1 − level` of the cases; positive is a loss.
///
/// ```
/// # use hedgerow_report::stats::tail::{expected_shortfall, value_at_risk};
/// let pnl: Vec<f64> = (1..=100).map(|loss| -f64::from(loss)).collect();
/// assert_eq!(value_at_risk(&pnl, 0.95), Some(95.0));
/// assert_eq!(expected_shortfall(&pnl, 0.95), Some(98.0));
/// assert_eq!(value_at_risk(&pnl[..10], 0.95), None);
/// ```
pub fn value_at_risk(pnl: &[f64], level: f64) -> Option<f64> {
    let losses = losses(pnl);
    let k = tail_count(&losses, level)?;
    losses.get(whole(k)).or(losses.last()).copied()
}

/// Mean of the losses in the worst `1 − level` of the cases; positive is a loss.
pub fn expected_shortfall(pnl: &[f64], level: f64) -> Option<f64> {
    tail_mean(&losses(pnl), level)
}

/// Mean of the largest `1 − level` share of a column sorted from large to small.
pub fn tail_mean(descending: &[f64], level: f64) -> Option<f64> {
    let k = tail_count(descending, level)?;
    let whole = whole(k);
    let next = descending.get(whole).map_or(0.0, |next| (k - k.floor()) * next);
    Some((descending[..whole].iter().sum::<f64>() + next) / k)
}

/// From large to small.
pub fn descending(mut column: Vec<f64>) -> Vec<f64> {
    column.sort_unstable_by(|a, b| b.total_cmp(a));
    column
}

fn losses(pnl: &[f64]) -> Vec<f64> {
    descending(pnl.iter().map(|pnl| -pnl).collect())
}

/// `(1 − level) n`, rounded at 1e-9 so that 5 % of 100 is 5; `None` when below 1.
fn tail_count(column: &[f64], level: f64) -> Option<f64> {
    let k = ((1.0 - level) * count(column) * 1e9).round() / 1e9;
    (k >= 1.0).then_some(k)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count between 1 and the length of a column"
)]
fn whole(k: f64) -> usize {
    k.floor() as usize
}
