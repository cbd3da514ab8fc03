//! What a strategy did, in one sentence.

use serde::Serialize;

use crate::format::{amount, decimals, percent};
use crate::{AccountReport, Report, StrategyReport, Verdict};

/// A strategy and its sentence.
#[derive(Debug, Serialize)]
pub(super) struct Headline {
    name: String,
    sentence: String,
}

/// One per hedged strategy.
pub(super) fn headlines(report: &Report) -> Vec<Headline> {
    let hedged = report.strategies.iter().skip(1);
    hedged
        .map(|strategy| Headline {
            name: strategy.name.clone(),
            sentence: format!(
                "{}; {}{}.",
                [variance(strategy, report.bootstrap.level), drawdown(strategy)]
                    .concat()
                    .trim_end_matches(','),
                cost(strategy),
                liquidated(strategy)
            )
            .replace(" %", "\u{a0}%")
            .replace(" USD", "\u{a0}USD"),
        })
        .collect()
}

fn variance(strategy: &StrategyReport, level: f64) -> String {
    let estimate = strategy.estimate("variance_reduction_1d");
    let Some(value) = estimate.and_then(|estimate| estimate.value) else {
        return "has no variance reduction that could be measured (n/a)".to_owned();
    };
    let did = if value >= 0.0 { "removed" } else { "added" };
    let interval = estimate.and_then(|estimate| estimate.interval).map_or_else(
        || " (too little history for an interval)".to_owned(),
        |interval| {
            let sign = if value >= 0.0 { 1.0 } else { -1.0 };
            let (mut low, mut high) = (sign * interval.low, sign * interval.high);
            if low > high {
                (low, high) = (high, low);
            }
            let level = decimals(level * 100.0, 0);
            format!(" ({level} % interval {} to {})", percent(low), percent(high))
        },
    );
    let doubt = match strategy.verdict {
        Some(Verdict::Indistinguishable) => ", which cannot be told from nothing,",
        _ => "",
    };
    format!("{did} {} of the variance of daily P&L{interval}{doubt}", percent(value.abs()))
}

fn drawdown(strategy: &StrategyReport) -> String {
    match strategy.value("drawdown_reduction") {
        Some(value) if value >= 0.0 => {
            let removes = strategy.value("variance_reduction_1d").is_some_and(|value| value >= 0.0);
            let verb = if removes { "and" } else { "but removed" };
            format!(" {verb} {} of the max drawdown", percent(value))
        }
        Some(value) => format!(" and made the max drawdown {} deeper", percent(-value)),
        None => String::new(),
    }
}

fn liquidated(strategy: &StrategyReport) -> String {
    let found = strategy.account.as_ref().and_then(AccountReport::liquidation);
    found.map_or_else(String::new, |found| {
        format!(
            "; the venue liquidated it at {}, for a penalty of {} USD",
            found.time,
            amount(found.penalty.unwrap_or(0.0))
        )
    })
}

fn cost(strategy: &StrategyReport) -> String {
    let total = strategy.costs.total();
    let share =
        strategy.value("cost_share_per_year").map(f64::abs).map_or_else(String::new, |share| {
            format!(", {} of the unhedged equity a year", percent(share))
        });
    let usd = amount(total.abs());
    let premium = strategy.costs.premium.map_or_else(String::new, premium);
    if total < 0.0 {
        format!("the hedge received {usd} USD net of its costs{share}{premium}")
    } else {
        format!("the hedge cost {usd} USD{share}{premium}")
    }
}

/// What the holder of options sees: it holds what their deltas earned, the cost does not.
fn premium(usd: f64) -> String {
    let verb = if usd > 0.0 { "lost" } else { "gained" };
    format!(
        " (its options {verb} {} USD in all, payoffs less premiums); what their deltas earned is not in the cost",
        amount(usd.abs())
    )
}
