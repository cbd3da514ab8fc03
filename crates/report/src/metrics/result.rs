//! What came of it: return, volatility and their ratios, on a year of 365 days and with a risk-free rate of zero.

use hedgerow_core::Line;

use super::{Against, Group, Metric, Unit};
use crate::Sample;
use crate::stats::drawdown::maximum;
use crate::stats::moments::{deviation, is_flat, mean, semivariance, variance};

/// Where it ended.
pub(super) const EQUITY: Metric = Metric {
    key: "final_equity",
    label: "Final equity",
    about: "equity at the last row",
    unit: Unit::Usd,
    group: Group::Result,
    against: Against::Nothing,
    compute: |sample| Some(sample.hedged.last()),
    interval: None,
};

/// What was made.
pub(super) const PNL: Metric = Metric {
    key: "pnl",
    label: "P&L",
    about: "final equity less the equity before the first row",
    compute: |sample| Some(sample.hedged.last() - sample.hedged.initial),
    ..EQUITY
};

/// Of the capital.
pub(super) const RETURN: Metric = Metric {
    key: "total_return",
    label: "Return",
    about: "final equity divided by the equity before the first row, less 1",
    unit: Unit::Fraction,
    compute: |sample| sample.share_of_capital(sample.hedged.last() - sample.hedged.initial),
    ..EQUITY
};

/// Compounded yearly.
pub(super) const RETURN_YEAR: Metric = Metric {
    key: "annual_return",
    label: "Return a year",
    about: "compound growth per year of 365 days; not defined when equity is ever zero or negative",
    unit: Unit::Fraction,
    compute: annual_return,
    ..EQUITY
};

/// Dispersion of returns.
pub(super) const VOLATILITY: Metric = Metric {
    key: "volatility",
    label: "Volatility a year",
    about: "standard deviation of daily simple returns times √365",
    unit: Unit::Fraction,
    compute: |sample| {
        Some(deviation(sample.hedged.returns.as_ref()?)? * sample.steps_per_year().sqrt())
    },
    ..EQUITY
};

/// Return per risk.
pub(super) const SHARPE: Metric = Metric {
    key: "sharpe",
    label: "Sharpe ratio",
    about: "mean over standard deviation of daily simple returns, times √365; risk-free rate 0 (Sharpe 1994)",
    unit: Unit::Ratio,
    compute: |sample| per_risk(sample, deviation(sample.hedged.returns.as_ref()?)?),
    ..EQUITY
};

/// Return per risk of loss.
pub(super) const SORTINO: Metric = Metric {
    key: "sortino",
    label: "Sortino ratio",
    about: "mean of daily simple returns over the root mean of min(return, 0)², times √365; target 0 (Sortino and van der Meer 1991)",
    unit: Unit::Ratio,
    compute: |sample| per_risk(sample, semivariance(sample.hedged.returns.as_ref()?, 0.0)?.sqrt()),
    ..EQUITY
};

/// Return per drawdown.
pub(super) const CALMAR: Metric = Metric {
    key: "calmar",
    label: "Calmar ratio",
    about: "return a year divided by max drawdown (Young 1991, over the whole run)",
    unit: Unit::Ratio,
    compute: |sample| {
        let depth = maximum(sample.hedged.drawdown.as_ref()?)?;
        (depth > 0.0).then_some(annual_return(sample)? / depth)
    },
    ..EQUITY
};

/// What the Greeks leave unexplained.
pub(super) const RESIDUAL: Metric = Metric {
    key: "residual_share",
    label: "Unexplained share of variance",
    about: "variance of the residual line divided by the variance of P&L, over each row",
    unit: Unit::Fraction,
    compute: |sample| {
        if is_flat(&sample.hedged.row_pnl, sample.hedged.scale()) {
            return None;
        }
        let residual = sample.explained.line(Line::Residual).get(1..)?;
        Some(variance(residual)? / variance(&sample.hedged.row_pnl)?)
    },
    ..EQUITY
};

fn annual_return(sample: &Sample<'_>) -> Option<f64> {
    sample.hedged.returns.as_ref()?;
    Some((sample.hedged.last() / sample.hedged.initial).powf(1.0 / sample.years()?) - 1.0)
}

fn per_risk(sample: &Sample<'_>, risk: f64) -> Option<f64> {
    let mean = mean(sample.hedged.returns.as_ref()?)?;
    (risk > 1e-13).then(|| mean / risk * sample.steps_per_year().sqrt())
}
