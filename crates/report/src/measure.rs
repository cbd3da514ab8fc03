//! Ledgers to statistics.

use hedgerow_core::{LegLedger, Line, MarginLedger, Market, Severity, Timestamp};
use rayon::prelude::*;

use crate::costs::{Costs, is_option};
use crate::metrics::{Against, Group, METRICS, Metric, NoInterval, metric};
use crate::pla::{Attribution, NoAttribution, attribution};
use crate::stats::bootstrap::Interval;
use crate::stats::drawdown;
use crate::stats::moments::sum;
use crate::{AccountReport, Bootstrap, Grid, Path, Run, Sample, Unknown};

/// Everything that a run says in numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Title of the experiment.
    pub name: String,
    /// One sentence on it.
    pub about: String,
    /// Version of the program.
    pub version: String,
    /// First row.
    pub from: Timestamp,
    /// Last row.
    pub to: Timestamp,
    /// Rows of the market.
    pub n_rows: usize,
    /// What the statistics look at.
    pub grid: Grid,
    /// How intervals were drawn.
    pub bootstrap: Bootstrap,
    /// `clean`, `notes` or `warnings`.
    pub quality: &'static str,
    /// Numbers of notes and of warnings about the data.
    pub findings: (usize, usize),
    /// Topic and sentence.
    pub assumptions: Vec<(String, String)>,
    /// Average equity of the unhedged book, USD; `None` when it is not positive.
    pub unhedged_equity: Option<f64>,
    /// One per strategy; the first is the unhedged one.
    pub strategies: Vec<StrategyReport>,
}

/// The numbers of one strategy.
#[derive(Debug, Clone, PartialEq)]
pub struct StrategyReport {
    /// Its name.
    pub name: String,
    /// One line on what it does.
    pub about: String,
    /// Equity before the first row, USD.
    pub initial: f64,
    /// One per entry of [`METRICS`], in that order.
    pub estimates: Vec<Estimate>,
    /// Verdict on its variance against the unhedged strategy; `None` for that one itself, or without an interval.
    pub verdict: Option<Verdict>,
    /// The five deepest falls, deepest first.
    pub episodes: Vec<Episode>,
    /// P&L by line over the whole run, USD, in the order of [`Line::ALL`].
    pub explained: Vec<(Line, f64)>,
    /// Whether the Greeks explain its daily P&L, or why that cannot be said.
    pub attribution: Result<Attribution, NoAttribution>,
    /// Its legs.
    pub legs: Vec<LegSummary>,
    /// Costs by part.
    pub costs: Costs,
    /// What its venue did; `None` without a margin model.
    pub account: Option<AccountReport>,
}

/// A number, its interval, and what else must be said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// `None` where it is not defined.
    pub value: Option<f64>,
    /// `None` where it has none.
    pub interval: Option<Interval>,
    /// Why there is no interval, or that the number lies outside it.
    pub note: Option<String>,
}

/// What the interval of a difference allows to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The whole interval is on the good side.
    Better,
    /// The whole interval is on the bad side.
    Worse,
    /// The interval holds zero.
    Indistinguishable,
}

impl Verdict {
    /// As the report says it.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Indistinguishable => "not distinguishable",
        }
    }

    fn of(interval: Interval) -> Self {
        if interval.low > 0.0 {
            Self::Better
        } else if interval.high < 0.0 {
            Self::Worse
        } else {
            Self::Indistinguishable
        }
    }
}

/// One fall of equity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Episode {
    /// Fraction of the peak.
    pub depth: f64,
    /// When equity was at the peak.
    pub peak: Timestamp,
    /// When it was lowest.
    pub trough: Timestamp,
    /// When it was back; `None` when it has not come back.
    pub recovery: Option<Timestamp>,
    /// Days from peak to recovery, or to the end of the run.
    pub days: f64,
}

/// What one leg did over the whole run; USD, positive is earned.
#[derive(Debug, Clone, PartialEq)]
pub struct LegSummary {
    /// Name of the leg.
    pub name: String,
    /// What it trades.
    pub instrument: String,
    /// Rows at which it traded.
    pub trades: usize,
    /// Notional turned over.
    pub turnover: f64,
    /// P&L from the instrument's price.
    pub price_pnl: f64,
    /// Funding received.
    pub carry: f64,
    /// Fees, half-spreads and slippage paid, those of rolls among them.
    pub trading: f64,
    /// Rows at which carrying the position through a roll or an expiry cost something.
    pub rolls: usize,
    /// Net cash paid for what is bought outright, at its mark: exchanged for something of that worth, so not P&L.
    pub premium: f64,
    /// P&L by line, in the order of [`Line::ALL`].
    pub explained: Vec<(Line, f64)>,
    /// Whether it holds options.
    pub is_option: bool,
    /// Where it did not know what to hold.
    pub unknown: Unknown,
}

impl LegSummary {
    fn of(leg: &LegLedger, margin: &MarginLedger, time: &[Timestamp]) -> Self {
        let total = |column: &[f64]| sum(column.iter().copied());
        Self {
            name: leg.name.clone(),
            instrument: leg.instrument.clone(),
            trades: leg.n_trades(),
            turnover: total(&leg.turnover),
            price_pnl: total(&leg.price_pnl),
            carry: total(&leg.carry),
            trading: total(&leg.fee) + total(&leg.spread) + total(&leg.slippage) + total(&leg.roll),
            rolls: leg.roll.iter().filter(|cost| **cost != 0.0).count(),
            premium: total(&leg.premium),
            explained: Line::ALL.map(|line| (line, leg.total(line))).to_vec(),
            is_option: is_option(leg),
            unknown: Unknown::of(leg, margin, time),
        }
    }

    /// P&L of a line over the whole run, USD.
    pub fn line(&self, line: Line) -> f64 {
        self.explained[line as usize].1
    }

    /// P&L over the whole run, USD: the sum of [`explained`](Self::explained).
    pub fn pnl(&self) -> f64 {
        sum(self.explained.iter().map(|(_, pnl)| *pnl))
    }
}

impl Report {
    /// The metrics that say something of this run, each with its place among all: those of the account belong to runs with a
    /// margin model.
    pub fn metrics(&self) -> impl Iterator<Item = (usize, &'static Metric)> {
        let kept = self.strategies.iter().any(|strategy| strategy.account.is_some());
        METRICS.iter().enumerate().filter(move |(_, metric)| kept || metric.group != Group::Account)
    }
}

impl StrategyReport {
    /// The estimate of this key.
    pub fn estimate(&self, key: &str) -> Option<&Estimate> {
        METRICS.iter().position(|metric| metric.key == key).map(|index| &self.estimates[index])
    }

    /// The number of this key; `None` where it is not defined.
    pub fn value(&self, key: &str) -> Option<f64> {
        debug_assert!(metric(key).is_some(), "unknown metric `{key}`");
        self.estimate(key)?.value
    }

    /// P&L of the whole run, USD: the sum of [`explained`](Self::explained).
    pub fn pnl(&self) -> f64 {
        sum(self.explained.iter().map(|(_, pnl)| *pnl))
    }
}

/// All statistics of a run; bit for bit the same with any number of threads.
///
/// # Panics
/// When the run has no ledger, or a ledger does not fit the market or holds an equity that is not finite.
pub fn measure(run: &Run<'_>) -> Report {
    run.check();
    (run.progress)("statistics");
    let grid = Grid::of(run.market);
    let paths: Vec<Path> = run.ledgers.par_iter().map(|ledger| Path::of(ledger, &grid)).collect();
    let strategies =
        (0..paths.len()).into_par_iter().map(|index| strategy(run, &grid, &paths, index)).collect();
    let time = run.market.time();
    let warnings = run.quality.count(Severity::Warning);
    Report {
        name: run.name.to_owned(),
        about: run.about.to_owned(),
        version: run.version.to_owned(),
        from: time[0],
        to: time[time.len() - 1],
        n_rows: time.len(),
        bootstrap: run.bootstrap,
        quality: run.quality.verdict(),
        findings: (run.quality.count(Severity::Note) - warnings, warnings),
        assumptions: run.assumptions.to_vec(),
        unhedged_equity: paths[0].average(),
        strategies,
        grid,
    }
}

fn strategy(run: &Run<'_>, grid: &Grid, paths: &[Path], index: usize) -> StrategyReport {
    let ledger = &run.ledgers[index];
    let costs = Costs::of(ledger);
    let sample = Sample {
        grid,
        time: run.market.time(),
        hedged: &paths[index],
        unhedged: &paths[0],
        costs: &costs,
        explained: &ledger.explained,
        margin: &ledger.margin,
    };
    let estimates: Vec<Estimate> = METRICS
        .par_iter()
        .map(|metric| match (index, metric.against) {
            (0, Against::Unhedged) => Estimate { value: None, interval: None, note: None },
            _ => estimate(metric, &sample, &run.bootstrap),
        })
        .collect();
    let mut report = StrategyReport {
        name: ledger.strategy.clone(),
        about: ledger.about.clone(),
        initial: paths[index].initial,
        estimates,
        verdict: None,
        episodes: episodes(&paths[index], grid, run.market),
        explained: Line::ALL
            .iter()
            .map(|&line| (line, sum(ledger.explained.line(line).iter().copied())))
            .collect(),
        attribution: attribution(ledger, grid),
        legs: ledger
            .legs
            .iter()
            .map(|leg| LegSummary::of(leg, &ledger.margin, run.market.time()))
            .collect(),
        costs,
        account: AccountReport::of(run, ledger),
    };
    report.verdict = report
        .estimate("variance_reduction_1d")
        .or_else(|| report.estimate("variance_reduction_row"))
        .and_then(|estimate| estimate.interval)
        .map(Verdict::of);
    report
}

fn estimate(metric: &Metric, sample: &Sample<'_>, bootstrap: &Bootstrap) -> Estimate {
    let value = (metric.compute)(sample).filter(|value| value.is_finite());
    let Some(draw) = metric.interval else {
        return Estimate { value, interval: None, note: None };
    };
    let drawn = if value.is_some() { draw(sample, bootstrap) } else { Err(NoInterval::NoValue) };
    match (value, drawn) {
        (Some(value), Ok(interval)) => {
            let outside = value < interval.low || value > interval.high;
            let note = outside.then(|| "outside the range of resampled histories".to_owned());
            Estimate { value: Some(value), interval: Some(interval), note }
        }
        (value, Err(reason)) => {
            Estimate { value, interval: None, note: Some(format!("no interval: {reason}")) }
        }
        (None, Ok(_)) => Estimate { value: None, interval: None, note: None },
    }
}

fn episodes(path: &Path, grid: &Grid, market: &Market) -> Vec<Episode> {
    let time = market.time();
    let at = |point: usize| time[grid.rows[point]];
    let falls = path.drawdown.as_ref().map(|depths| drawdown::deepest(depths, 5));
    falls
        .unwrap_or_default()
        .into_iter()
        .map(|fall| {
            let peak = fall.peak.map_or(time[0], at);
            let recovery = fall.recovery.map(at);
            let end = recovery.unwrap_or(time[time.len() - 1]);
            Episode {
                depth: fall.depth,
                peak,
                trough: at(fall.trough),
                recovery,
                days: end.days_since(peak),
            }
        })
        .collect()
}
