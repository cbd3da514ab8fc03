//! The comparison of strategies, as a small table of text.

use crate::format::{UNKNOWN, amount, number, with_interval};
use crate::metrics::Unit;
use crate::{Report, StrategyReport, Verdict, unknown};

/// A table of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// One heading per column; the first column is a name, the others are numbers.
    pub header: Vec<String>,
    /// One row per strategy.
    pub rows: Vec<Vec<String>>,
    /// What must be said of the numbers, a sentence each: rows at which a leg did not know what to hold.
    pub notes: Vec<String>,
}

/// Strategies beside each other: what each removed, what it cost and what was left.
pub fn comparison(report: &Report) -> Comparison {
    let level = crate::format::decimals(report.bootstrap.level * 100.0, 0);
    let reduction = |what: &str| format!("{what} ({level} % interval)");
    let premiums = report.strategies.iter().any(|strategy| strategy.costs.premium.is_some());
    let mut header = vec![
        "Strategy".to_owned(),
        reduction("Variance removed, 1 day"),
        reduction("Drawdown removed"),
        "Max drawdown".to_owned(),
        "Cost of hedge, USD".to_owned(),
        "Cost a year, of unhedged equity".to_owned(),
        "Return a year".to_owned(),
        "Volatility".to_owned(),
        "Verdict on variance".to_owned(),
    ];
    let mut rows: Vec<Vec<String>> = report
        .strategies
        .iter()
        .enumerate()
        .map(|(index, strategy)| row(strategy, index == 0))
        .collect();
    if premiums {
        header.insert(AFTER_COST, "Premiums less payoffs, USD".to_owned());
        for (row, strategy) in rows.iter_mut().zip(&report.strategies) {
            row.insert(AFTER_COST, strategy.costs.premium.map_or_else(|| "–".to_owned(), amount));
        }
    }
    Comparison { header, rows, notes: unknown::sentences(report) }
}

/// Where premiums stand, where there are any: beside the cost, of which they are no part.
const AFTER_COST: usize = 5;

fn row(strategy: &StrategyReport, is_unhedged: bool) -> Vec<String> {
    let fraction = |key| number(strategy.value(key), Unit::Fraction);
    let headline = |key| match strategy.estimate(key) {
        Some(_) if is_unhedged => "–".to_owned(),
        Some(estimate) => with_interval(estimate.value, estimate.interval),
        None => UNKNOWN.to_owned(),
    };
    let verdict = match strategy.verdict {
        _ if is_unhedged => "–",
        Some(verdict) => Verdict::about(verdict),
        None => UNKNOWN,
    };
    vec![
        strategy.name.clone(),
        headline("variance_reduction_1d"),
        headline("drawdown_reduction"),
        fraction("max_drawdown"),
        amount(strategy.costs.total()),
        fraction("cost_share_per_year"),
        fraction("annual_return"),
        fraction("volatility"),
        verdict.to_owned(),
    ]
}
