//! Bad days: value at risk and expected shortfall of 1-day USD P&L, from the history itself.

use super::{Against, Group, Metric, Unit};
use crate::Sample;
use crate::stats::moments::reduction;
use crate::stats::tail::{expected_shortfall, value_at_risk};

/// Loss exceeded on at most one day in twenty.
pub(super) const VAR_95: Metric = Metric {
    key: "var_95",
    label: "VaR 95 %, 1 day",
    about: "loss exceeded on at most 5 % of days: the empirical quantile, not interpolated",
    unit: Unit::Usd,
    group: Group::Tails,
    against: Against::Nothing,
    compute: |sample| value_at_risk(&sample.hedged.pnl, 0.95),
    interval: None,
};

/// Loss exceeded on at most one day in a hundred.
pub(super) const VAR_99: Metric = Metric {
    key: "var_99",
    label: "VaR 99 %, 1 day",
    about: "loss exceeded on at most 1 % of days: the empirical quantile, not interpolated",
    compute: |sample| value_at_risk(&sample.hedged.pnl, 0.99),
    ..VAR_95
};

/// Mean loss of the worst day in twenty.
pub(super) const ES_95: Metric = Metric {
    key: "es_95",
    label: "Expected shortfall 95 %, 1 day",
    about: "mean loss of the worst 5 % of days (Rockafellar and Uryasev 2002)",
    compute: |sample| expected_shortfall(&sample.hedged.pnl, 0.95),
    ..VAR_95
};

/// Mean loss of the worst day in a hundred.
pub(super) const ES_99: Metric = Metric {
    key: "es_99",
    label: "Expected shortfall 99 %, 1 day",
    about: "mean loss of the worst 1 % of days (Rockafellar and Uryasev 2002)",
    compute: |sample| expected_shortfall(&sample.hedged.pnl, 0.99),
    ..VAR_95
};

/// How much of [`VAR_95`] was removed.
pub(super) const VAR_95_REDUCTION: Metric = Metric {
    key: "var_95_reduction",
    label: "VaR 95 % reduction",
    about: "1 − hedged / unhedged value at risk, 95 %, 1 day",
    unit: Unit::Fraction,
    against: Against::Unhedged,
    compute: |sample| removed(sample, value_at_risk, 0.95),
    ..VAR_95
};

/// How much of [`VAR_99`] was removed.
pub(super) const VAR_99_REDUCTION: Metric = Metric {
    key: "var_99_reduction",
    label: "VaR 99 % reduction",
    about: "1 − hedged / unhedged value at risk, 99 %, 1 day",
    compute: |sample| removed(sample, value_at_risk, 0.99),
    ..VAR_95_REDUCTION
};

/// How much of [`ES_95`] was removed.
pub(super) const ES_95_REDUCTION: Metric = Metric {
    key: "es_95_reduction",
    label: "Expected shortfall 95 % reduction",
    about: "1 − hedged / unhedged expected shortfall, 95 %, 1 day",
    compute: |sample| removed(sample, expected_shortfall, 0.95),
    ..VAR_95_REDUCTION
};

/// How much of [`ES_99`] was removed.
pub(super) const ES_99_REDUCTION: Metric = Metric {
    key: "es_99_reduction",
    label: "Expected shortfall 99 % reduction",
    about: "1 − hedged / unhedged expected shortfall, 99 %, 1 day",
    compute: |sample| removed(sample, expected_shortfall, 0.99),
    ..VAR_95_REDUCTION
};

fn removed(sample: &Sample<'_>, loss: fn(&[f64], f64) -> Option<f64>, level: f64) -> Option<f64> {
    reduction(loss(&sample.hedged.pnl, level)?, loss(&sample.unhedged.pnl, level)?)
}
