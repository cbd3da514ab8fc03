//! Drawdown of daily equity, and how much of it the hedge removed.
//!
//! The interval of the reduction resamples pairs of daily simple returns in blocks and reads the percentiles. A resampled
//! history has its bad days in another order, and the deepest fall is not an average of anything: the interval says how
//! much the reduction would have varied over such histories. It is not centred at the history that happened, which may
//! even lie outside; the report then says so.

use super::{Against, Group, Metric, NoInterval, Unit};
use crate::stats::bootstrap::{Blocks, Interval, block_length, percentile_interval, resample};
use crate::stats::drawdown::{average, conditional, deepest, maximum, ulcer, under_water};
use crate::stats::moments::{mean, reduction};
use crate::{Bootstrap, Sample};

/// The depth itself.
pub(super) const MAXIMUM: Metric = Metric {
    key: "max_drawdown",
    label: "Max drawdown",
    about: "deepest fall of daily equity below its highest point so far, as a fraction of that point",
    unit: Unit::Fraction,
    group: Group::Drawdown,
    against: Against::Nothing,
    compute: |sample| maximum(sample.hedged.drawdown.as_ref()?),
    interval: None,
};

/// How much of it was removed.
pub(super) const REDUCTION: Metric = Metric {
    key: "drawdown_reduction",
    label: "Drawdown reduction",
    about: "1 − hedged / unhedged max drawdown; interval over resampled histories, not centred at this one",
    against: Against::Unhedged,
    compute: |sample| {
        let unhedged = maximum(sample.unhedged.drawdown.as_ref()?)?;
        reduction(maximum(sample.hedged.drawdown.as_ref()?)?, unhedged)
    },
    interval: Some(interval),
    ..MAXIMUM
};

/// Over all rows.
pub(super) const MAXIMUM_ROWS: Metric = Metric {
    key: "max_drawdown_rows",
    label: "Max drawdown, every row",
    about: "as max drawdown, on every row of the market instead of daily",
    compute: |sample| sample.hedged.row_drawdown,
    ..MAXIMUM
};

/// How long the deepest fall lasted.
pub(super) const LENGTH: Metric = Metric {
    key: "max_drawdown_days",
    label: "Max drawdown length",
    about: "days from the peak before the deepest fall to its recovery, or to the end of the run",
    unit: Unit::Days,
    compute: |sample| {
        let fall = *deepest(sample.hedged.drawdown.as_ref()?, 1).first()?;
        let at = |point: usize| sample.time[sample.grid.rows[point]];
        let start = fall.peak.map_or(sample.time[0], at);
        let end =
            fall.recovery.map_or_else(|| sample.time.last().copied(), |point| Some(at(point)));
        Some(end?.days_since(start))
    },
    ..MAXIMUM
};

/// Mean.
pub(super) const AVERAGE: Metric = Metric {
    key: "average_drawdown",
    label: "Average drawdown",
    about: "mean of the drawdown of all days, the pain index (Becker 2006)",
    compute: |sample| average(sample.hedged.drawdown.as_ref()?),
    ..MAXIMUM
};

/// Root mean square.
pub(super) const ULCER: Metric = Metric {
    key: "ulcer",
    label: "Ulcer index",
    about: "root mean square of the drawdown of all days (Martin and McCann 1989)",
    compute: |sample| ulcer(sample.hedged.drawdown.as_ref()?),
    ..MAXIMUM
};

/// Mean of the deepest.
pub(super) const CDAR: Metric = Metric {
    key: "cdar_95",
    label: "CDaR 95 %",
    about: "mean of the deepest 5 % of the drawdown of all days (Chekhlov, Uryasev and Zabarankin 2005)",
    compute: |sample| conditional(sample.hedged.drawdown.as_ref()?, 0.95),
    ..MAXIMUM
};

/// Share of days below the peak.
pub(super) const UNDER_WATER: Metric = Metric {
    key: "time_under_water",
    label: "Time under water",
    about: "share of days on which equity is below its highest point so far",
    compute: |sample| under_water(sample.hedged.drawdown.as_ref()?),
    ..MAXIMUM
};

fn interval(sample: &Sample<'_>, bootstrap: &Bootstrap) -> Result<Interval, NoInterval> {
    let both = sample.hedged.returns.as_ref().zip(sample.unhedged.returns.as_ref());
    let (hedged, unhedged) = both.ok_or(NoInterval::NotPositive)?;
    (REDUCTION.compute)(sample).ok_or(NoInterval::NoValue)?;
    if hedged.len() < 20 {
        return Err(NoInterval::TooShort);
    }
    let length = block_length_of(hedged).max(block_length_of(unhedged));
    let growth: Vec<[f64; 2]> =
        hedged.iter().zip(unhedged).map(|(h, u)| [1.0 + h, 1.0 + u]).collect();
    let statistic = |blocks: Blocks| {
        let [hedged, unhedged] = max_drawdowns(&growth, blocks);
        reduction(hedged, unhedged).filter(|reduction| reduction.is_finite())
    };
    let statistics =
        resample(growth.len(), length, bootstrap, statistic).ok_or(NoInterval::Degenerate)?;
    percentile_interval(statistics, bootstrap.level).ok_or(NoInterval::Degenerate)
}

/// That of the squared demeaned returns; 1 where they do not vary, and all blocks are alike.
fn block_length_of(returns: &[f64]) -> f64 {
    let centre = mean(returns).unwrap_or(0.0);
    let squares: Vec<f64> = returns.iter().map(|x| (x - centre).powi(2)).collect();
    block_length(&squares).unwrap_or(1.0)
}

/// Max drawdown of both histories that the blocks put together.
fn max_drawdowns(growth: &[[f64; 2]], blocks: Blocks) -> [f64; 2] {
    let (mut equity, mut peak, mut lowest) = ([1.0; 2], [1.0_f64; 2], [1.0_f64; 2]);
    let mut step = |growth: &[f64; 2]| {
        for side in 0..2 {
            equity[side] *= growth[side];
            peak[side] = peak[side].max(equity[side]);
            lowest[side] = lowest[side].min(equity[side] / peak[side]);
        }
    };
    for block in blocks {
        let end = block.end.min(growth.len());
        growth[block.start..end].iter().for_each(&mut step);
        growth[..block.end - end].iter().for_each(&mut step);
    }
    [1.0 - lowest[0], 1.0 - lowest[1]]
}
