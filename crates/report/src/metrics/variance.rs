//! How much of the variance of P&L the hedge removed.
//!
//! `1 − Var(ΔW hedged) / Var(ΔW unhedged)` of USD P&L over h days (Ederington 1979, *Journal of Finance* 34), overlapping
//! windows of daily equity. Its interval: [`variance_reduction_interval`].

use super::{Against, Group, Metric, NoInterval, Unit};
use crate::stats::bootstrap::Interval;
use crate::stats::moments::{changes, deviation, is_flat, reduction, semivariance, variance};
use crate::stats::variance_reduction::variance_reduction_interval;
use crate::{Bootstrap, Path, Sample};

const REDUCTION: Metric = Metric {
    key: "",
    label: "",
    about: "",
    unit: Unit::Fraction,
    group: Group::Variance,
    against: Against::Unhedged,
    compute: |_| None,
    interval: None,
};

/// Over each market row.
pub(super) const ROW: Metric = Metric {
    key: "variance_reduction_row",
    label: "Variance reduction, each row",
    about: "1 − Var(hedged) / Var(unhedged) of USD P&L over each row of the market (Ederington 1979)",
    compute: |sample| rows(sample)?.reduction(),
    interval: Some(|sample, bootstrap| interval(rows(sample), 1, bootstrap)),
    ..REDUCTION
};

/// Over a day.
pub(super) const DAY: Metric = Metric {
    key: "variance_reduction_1d",
    label: "Variance reduction, 1 day",
    about: "1 − Var(hedged) / Var(unhedged) of USD P&L over 1 day (Ederington 1979)",
    compute: |sample| days(sample, 1.0)?.reduction(),
    interval: Some(|sample, bootstrap| day_interval(sample, 1.0, bootstrap)),
    ..REDUCTION
};

/// Over a week.
pub(super) const WEEK: Metric = Metric {
    key: "variance_reduction_7d",
    label: "Variance reduction, 7 days",
    about: "1 − Var(hedged) / Var(unhedged) of USD P&L over overlapping windows of 7 days",
    compute: |sample| days(sample, 7.0)?.reduction(),
    interval: Some(|sample, bootstrap| day_interval(sample, 7.0, bootstrap)),
    ..REDUCTION
};

/// Over a month.
pub(super) const MONTH: Metric = Metric {
    key: "variance_reduction_30d",
    label: "Variance reduction, 30 days",
    about: "1 − Var(hedged) / Var(unhedged) of USD P&L over overlapping windows of 30 days",
    compute: |sample| days(sample, 30.0)?.reduction(),
    interval: Some(|sample, bootstrap| day_interval(sample, 30.0, bootstrap)),
    ..REDUCTION
};

/// Losses only.
pub(super) const SEMIVARIANCE: Metric = Metric {
    key: "semivariance_reduction",
    label: "Semivariance reduction, 1 day",
    about: "1 − hedged / unhedged mean of min(P&L, 0)² over 1 day (Fishburn 1977, order 2, target 0)",
    compute: |sample| {
        let unhedged = semivariance(&sample.unhedged.pnl, 0.0)?;
        reduction(semivariance(&sample.hedged.pnl, 0.0)?, unhedged)
    },
    ..REDUCTION
};

/// Dispersion of what is left.
pub(super) const HEDGING_ERROR: Metric = Metric {
    key: "hedging_error",
    label: "Hedging error",
    about: "standard deviation of 1-day P&L of book and hedge together, costs included",
    unit: Unit::Usd,
    against: Against::Nothing,
    compute: |sample| deviation(&sample.hedged.pnl),
    ..REDUCTION
};

/// P&L of both strategies over the same windows.
struct Pair {
    hedged: Vec<f64>,
    unhedged: Vec<f64>,
}

fn rows(sample: &Sample<'_>) -> Option<Pair> {
    let (hedged, unhedged) = (sample.hedged, sample.unhedged);
    Pair::of(unhedged, hedged.row_pnl.clone(), unhedged.row_pnl.clone())
}

fn days(sample: &Sample<'_>, days: f64) -> Option<Pair> {
    let steps = sample.grid.steps(days)?;
    let (hedged, unhedged) = (sample.hedged, sample.unhedged);
    Pair::of(unhedged, changes(&hedged.equity, steps), changes(&unhedged.equity, steps))
}

impl Pair {
    /// `None` when the unhedged P&L does not vary beyond rounding.
    fn of(base: &Path, hedged: Vec<f64>, unhedged: Vec<f64>) -> Option<Self> {
        (!is_flat(&unhedged, base.scale())).then_some(Self { hedged, unhedged })
    }

    fn reduction(&self) -> Option<f64> {
        reduction(variance(&self.hedged)?, variance(&self.unhedged)?)
    }
}

fn day_interval(
    sample: &Sample<'_>,
    horizon: f64,
    bootstrap: &Bootstrap,
) -> Result<Interval, NoInterval> {
    let steps = sample.grid.steps(horizon).ok_or(NoInterval::NoValue)?;
    interval(days(sample, horizon), steps, bootstrap)
}

/// `steps` is the length of a window: ten windows that do not overlap are the least to resample.
fn interval(
    pair: Option<Pair>,
    steps: usize,
    bootstrap: &Bootstrap,
) -> Result<Interval, NoInterval> {
    let pair = pair.ok_or(NoInterval::NoValue)?;
    let n = pair.hedged.len();
    if n < 20.max(10 * steps) {
        return Err(NoInterval::TooShort);
    }
    variance_reduction_interval(&pair.hedged, &pair.unhedged, bootstrap)
        .ok_or(NoInterval::Degenerate)
}
