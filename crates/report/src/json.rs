//! `summary.json`: the report's tables for other programs.
//!
//! ```text
//! { "name", "about", "version", "from", "to", "rows", "step_days", "quality",
//!   "bootstrap": { "seed", "resamples", "level", "method" },
//!   "assumptions": { topic: [ sentence ] },
//!   "strategies": { strategy: {
//!       "about", "verdict",
//!       "statistics": { metric: { "value", "low", "high", "unit", "note"? } },
//!       "explained": { line: { "value", "unit" } },
//!       "attribution": { "value": { "spearman", "ks", "zone", "days", "quarters": [ zone ] }, "note"? },
//!       "drawdowns": [ { "depth", "peak", "trough", "recovery", "days" } ],
//!       "legs": [ { "name", "instrument", "trades", "turnover", "price_pnl", "carry", "trading_cost",
//!                    "rolls", "premium", "explained": { line: { "value", "unit" } },
//!                    "known_from", "rows_unknown_before", "rows_unknown_later" } ],
//!       "account"?: { "model", "n_events", "events": [ { "time", "event", "found", "amount", "share", "spot",
//!                     "margin_equity", "initial_margin", "maintenance_margin", "penalty", "trading_cost" } ] } } } }
//! ```
//! `known_from` is the first row at which a leg knew what to hold, `null` where it never did; at the rows before it holds
//! nothing, at later ones where it does not know it keeps what it holds.
//! `account` and the statistics of the account are those of runs with a margin model; of many events it has the gravest 40,
//! `account-events.parquet` has them all.
//! A number that is not defined is `null`; a fraction has the unit `1` (0.25 is 25 %). Keys keep their order, the
//! strategies that of the scenario with the unhedged one first, and a number has the fewest digits that read back to the
//! same f64: the same run gives the same bytes.

use hedgerow_core::Line;
use serde_json::{Map, Value, json};

use crate::account::{MOST, gravest};
use crate::{AccountReport, Attribution, Estimate, NoAttribution, Report, StrategyReport};

/// The report as JSON, indented, with a line feed at the end.
pub fn summary_json(report: &Report) -> String {
    let strategies: Map<String, Value> = report
        .strategies
        .iter()
        .map(|strategy| (strategy.name.clone(), strategy_value(report, strategy)))
        .collect();
    let summary = json!({
        "name": report.name,
        "about": report.about,
        "version": report.version,
        "from": report.from.to_string(),
        "to": report.to.to_string(),
        "rows": report.n_rows,
        "step_days": report.grid.step_days,
        "quality": report.quality,
        "bootstrap": {
            "seed": report.bootstrap.seed,
            "resamples": report.bootstrap.resamples,
            "level": report.bootstrap.level,
            "method": "stationary block bootstrap, automatic block length; variance reductions studentised, drawdown reduction by percentiles",
        },
        "assumptions": assumptions(report),
        "strategies": strategies,
    });
    format!("{summary:#}\n")
}

/// Every sentence of every topic: a topic may have several.
fn assumptions(report: &Report) -> Map<String, Value> {
    let mut topics = Map::new();
    for (topic, sentence) in &report.assumptions {
        let sentences = topics.entry(topic.clone()).or_insert_with(|| json!([]));
        if let Value::Array(sentences) = sentences {
            sentences.push(json!(sentence));
        }
    }
    topics
}

fn strategy_value(report: &Report, strategy: &StrategyReport) -> Value {
    let statistics: Map<String, Value> = report
        .metrics()
        .map(|(index, metric)| {
            let estimate = &strategy.estimates[index];
            (metric.key.to_owned(), statistic(estimate, metric.unit.key()))
        })
        .collect();
    let drawdowns: Vec<Value> = strategy
        .episodes
        .iter()
        .map(|episode| {
            json!({
                "depth": episode.depth,
                "peak": episode.peak.to_string(),
                "trough": episode.trough.to_string(),
                "recovery": episode.recovery.map(|time| time.to_string()),
                "days": episode.days,
            })
        })
        .collect();
    let legs: Vec<Value> = strategy
        .legs
        .iter()
        .map(|leg| {
            json!({
                "name": leg.name,
                "instrument": leg.instrument,
                "trades": leg.trades,
                "turnover": leg.turnover,
                "price_pnl": leg.price_pnl,
                "carry": leg.carry,
                "trading_cost": leg.trading,
                "rolls": leg.rolls,
                "premium": leg.premium,
                "explained": lines(&leg.explained),
                "known_from": leg.unknown.known_from.map(|time| time.to_string()),
                "rows_unknown_before": leg.unknown.before,
                "rows_unknown_later": leg.unknown.later,
            })
        })
        .collect();
    let mut value = json!({
        "about": strategy.about,
        "verdict": strategy.verdict.map(crate::Verdict::about),
        "statistics": statistics,
        "explained": lines(&strategy.explained),
        "attribution": attribution_value(&strategy.attribution),
        "drawdowns": drawdowns,
        "legs": legs,
    });
    if let Some(account) = &strategy.account {
        value["account"] = account_value(account);
    }
    value
}

fn account_value(account: &AccountReport) -> Value {
    let events = gravest(std::iter::once((0, account)), MOST).into_iter().map(|(_, found)| {
        let event = &found.event;
        json!({
            "time": found.time.to_string(),
            "event": event.kind.key(),
            "found": event.found.key(),
            "amount": event.amount,
            "share": event.share,
            "spot": event.spot,
            "margin_equity": event.equity,
            "initial_margin": event.initial,
            "maintenance_margin": event.maintenance,
            "penalty": found.penalty,
            "trading_cost": found.trading,
        })
    });
    json!({
        "model": account.model,
        "n_events": account.events.len(),
        "events": events.collect::<Vec<_>>(),
    })
}

fn lines(explained: &[(Line, f64)]) -> Map<String, Value> {
    // A cost of nothing is 0, not -0.
    let value = |(line, pnl): &(Line, f64)| {
        (line.key().to_owned(), json!({ "value": 0.0 + pnl, "unit": "USD" }))
    };
    explained.iter().map(value).collect()
}

fn attribution_value(attribution: &Result<Attribution, NoAttribution>) -> Value {
    match attribution {
        Err(reason) => json!({ "value": null, "note": reason.to_string() }),
        Ok(found) => json!({ "value": {
            "spearman": found.last.spearman,
            "ks": found.last.ks,
            "zone": found.last.zone().key(),
            "days": found.n_days,
            "quarters": found.windows.iter().map(|zone| zone.key()).collect::<Vec<_>>(),
        } }),
    }
}

fn statistic(estimate: &Estimate, unit: &str) -> Value {
    let mut value = json!({
        "value": estimate.value,
        "low": estimate.interval.map(|interval| interval.low),
        "high": estimate.interval.map(|interval| interval.high),
        "unit": unit,
    });
    if let Some(note) = &estimate.note {
        value["note"] = json!(note);
    }
    value
}
