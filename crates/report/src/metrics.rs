//! The registry of metrics: a number per strategy.
//!
//! To add one: write a `pub const` [`Metric`] in a file of `metrics/` and add its line to [`METRICS`]. It is then in the
//! page, in `summary.json`, in `hedgerow list` and under the laws of the tests.

mod account;
mod cost;
mod fall;
mod result;
mod tails;
mod variance;

use crate::stats::bootstrap::Interval;
use crate::{Bootstrap, Sample};

/// Every metric, in the order of the report.
pub const METRICS: &[Metric] = &[
    variance::ROW,
    variance::DAY,
    variance::WEEK,
    variance::MONTH,
    variance::SEMIVARIANCE,
    variance::HEDGING_ERROR,
    fall::REDUCTION,
    fall::MAXIMUM,
    fall::MAXIMUM_ROWS,
    fall::LENGTH,
    fall::AVERAGE,
    fall::ULCER,
    fall::CDAR,
    fall::UNDER_WATER,
    tails::VAR_95_REDUCTION,
    tails::VAR_99_REDUCTION,
    tails::ES_95_REDUCTION,
    tails::ES_99_REDUCTION,
    tails::VAR_95,
    tails::VAR_99,
    tails::ES_95,
    tails::ES_99,
    cost::FEE,
    cost::SPREAD,
    cost::SLIPPAGE,
    cost::ROLL,
    cost::FUNDING,
    cost::BASIS,
    cost::OPTIONS,
    cost::TOTAL,
    cost::TOTAL_SHARE,
    cost::TOTAL_SHARE_YEAR,
    cost::PREMIUM,
    cost::BOOK,
    cost::TURNOVER,
    cost::TRADES,
    cost::PER_TURNOVER,
    result::EQUITY,
    result::PNL,
    result::RETURN,
    result::RETURN_YEAR,
    result::VOLATILITY,
    result::SHARPE,
    result::SORTINO,
    result::CALMAR,
    result::RESIDUAL,
    account::DISTANCE,
    account::DAYS_UNDER_INITIAL,
    account::CALLS,
    account::TOP_UPS,
    account::REDUCTIONS,
    account::LIQUIDATIONS,
    account::PENALTY,
    account::INTEREST,
];

/// A number per strategy, and what it means.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Name in files: snake case, unique.
    pub key: &'static str,
    /// Name in tables.
    pub label: &'static str,
    /// One clause on its definition, with its source; no full stop.
    pub about: &'static str,
    /// Unit of the number.
    pub unit: Unit,
    /// The table it stands in.
    pub group: Group,
    /// Whether it compares with the unhedged strategy, and so says nothing of that one.
    pub against: Against,
    /// The number; `None` where it is not defined.
    pub compute: fn(&Sample<'_>) -> Option<f64>,
    /// Its interval, for headline numbers.
    pub interval: Option<Draw>,
}

/// Draws the interval of a metric.
pub type Draw = fn(&Sample<'_>, &Bootstrap) -> Result<Interval, NoInterval>;

/// Unit of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A fraction of 1, shown in per cent.
    Fraction,
    /// A fraction of 1, shown in basis points.
    FractionInBps,
    /// USD.
    Usd,
    /// Days.
    Days,
    /// A count.
    Count,
    /// A ratio without unit.
    Ratio,
}

impl Unit {
    /// As `summary.json` says it: the unit of the number in the file.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Fraction | Self::FractionInBps | Self::Ratio => "1",
            Self::Usd => "USD",
            Self::Days => "days",
            Self::Count => "count",
        }
    }
}

/// The table in which a metric stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Variance and its relatives.
    Variance,
    /// Drawdown.
    Drawdown,
    /// Value at risk and expected shortfall.
    Tails,
    /// Costs.
    Costs,
    /// Return and risk-adjusted return.
    Result,
    /// Margin; for runs with a margin model only.
    Account,
}

impl Group {
    /// Every group, in the order of the report.
    pub const ALL: [Self; 6] =
        [Self::Variance, Self::Drawdown, Self::Tails, Self::Costs, Self::Result, Self::Account];

    /// Heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Variance => "Variance removed",
            Self::Drawdown => "Drawdown",
            Self::Tails => "Bad days",
            Self::Costs => "What the hedge cost",
            Self::Result => "Result",
            Self::Account => "How near the venue came",
        }
    }
}

/// What a metric looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The strategy alone.
    Nothing,
    /// The strategy beside the unhedged one.
    Unhedged,
}

/// Why a number has no interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoInterval {
    /// The number itself is not defined.
    #[error("the number itself is not defined")]
    NoValue,
    /// Too short a history.
    #[error("the history is too short: fewer than 20 points or 10 windows")]
    TooShort,
    /// A resampled history has no such number.
    #[error("a resampled history has no such number")]
    Degenerate,
    /// Drawdowns of resampled returns need positive equity.
    #[error("equity is not positive throughout")]
    NotPositive,
}

/// The metric of this key.
pub fn metric(key: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.key == key)
}
