//! The ratio that would have had the smallest conditional value at risk over a rolling window.
//!
//! The hedged loss of a row is `-(y - ratio·x)`, with `y` the relative change of the spot and `x` that of the hedge; its `CVaR` at
//! `tail_percent` is the mean of the worst `tail_percent` per cent of them, the last one in part (Rockafellar and Uryasev 2000,
//! "Optimization of conditional value-at-risk", Journal of Risk 2(3)). `CVaR` is convex in the ratio, so that a search by golden
//! section finds it; the search runs from -3 to 3 to within 1e-6. Estimated over the last `window_days` days every
//! `refit_rows` rows, held in between; unknown until a whole window has passed and with fewer than ten returns in it.

use hedgerow_core::registry::{Entry, SettingError, parameters};
use serde::Deserialize;

use super::refit::Refit;
use super::{History, Ratio, RatioColumn};
use crate::rehedge::above_zero;

/// A tail and a window.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinimumCvar {
    /// Share of the returns that is the tail, per cent.
    pub tail_percent: f64,
    /// Length of the window, days.
    pub window_days: f64,
    /// Rows from one estimate to the next.
    pub refit_rows: std::num::NonZeroUsize,
}

/// Mean of the worst `tail` (a fraction) of the losses, the last in part; reorders them.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a window has far fewer than 2^52 rows"
)]
pub fn cvar(losses: &mut [f64], tail: f64) -> f64 {
    let count = (tail * losses.len() as f64).max(f64::MIN_POSITIVE);
    let whole = (count.floor() as usize).min(losses.len() - 1);
    let (worse, next, _) = losses.select_nth_unstable_by(whole, |a, b| b.total_cmp(a));
    (worse.iter().sum::<f64>() + (count - whole as f64) * *next) / count
}

/// The ratio with the smallest `CVaR`; `None` for fewer than ten returns or a hedge that does not move.
pub fn minimum_cvar_ratio(hedge: &[f64], spot: &[f64], tail: f64) -> Option<f64> {
    if hedge.len() < 10 || hedge.iter().all(|x| *x == 0.0) {
        return None;
    }
    let mut losses = vec![0.0; hedge.len()];
    let mut risk = |ratio: f64| {
        losses
            .iter_mut()
            .zip(hedge.iter().zip(spot))
            .for_each(|(loss, (x, y))| *loss = ratio * x - y);
        cvar(&mut losses, tail)
    };
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = (-3.0, 3.0);
    let (mut left, mut right) = (high - golden * (high - low), low + golden * (high - low));
    let (mut at_left, mut at_right) = (risk(left), risk(right));
    while high - low > 1e-6 {
        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - golden * (high - low);
            at_left = risk(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + golden * (high - low);
            at_right = risk(right);
        }
    }
    Some(0.5 * (low + high))
}

impl Ratio for MinimumCvar {
    fn column(&self, history: &History<'_>) -> RatioColumn {
        let mut refit = Refit::new(history.time, self.window_days, self.refit_rows.get());
        let mut last = None;
        let tail = self.tail_percent / 100.0;
        let ratio = |row: usize| {
            if let Some(rows) = refit.due(row) {
                let (hedge, spot) = (&history.hedge_return, &history.spot_return);
                last = minimum_cvar_ratio(&hedge[rows.clone()], &spot[rows], tail).or(last);
            }
            last
        };
        RatioColumn::Rows((0..history.time.len()).map(ratio).collect())
    }

    fn is_estimated(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        format!(
            "ratio of the smallest CVaR of {} % over the last {} days, estimated every {} rows",
            self.tail_percent, self.window_days, self.refit_rows
        )
    }
}

pub(super) const ENTRY: Entry<dyn Ratio> = Entry {
    name: "minimum_cvar",
    about: "the ratio with the smallest conditional value at risk over a rolling window",
    example: "ratio = { minimum_cvar = { tail_percent = 5, window_days = 5, refit_rows = 12 } }",
    build: |setting| {
        let span = setting.span();
        let ratio: MinimumCvar = parameters(setting)?;
        above_zero("window_days", ratio.window_days)?;
        if !(ratio.tail_percent > 0.0 && ratio.tail_percent <= 50.0) {
            let message =
                format!("tail_percent is {}, expected above 0, at most 50", ratio.tail_percent);
            return Err(SettingError::at(span, message));
        }
        Ok(Box::new(ratio))
    },
};
