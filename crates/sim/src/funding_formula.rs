//! Funding that a venue's formula makes of a perpetual's premium, for a history with prices and an index and without the
//! rates that were paid; one file per venue.
//!
//! ```text
//! premium = (mark − index) / index        index: the spot
//! ```
//!
//! A venue averages the premium over an interval that is over when its rate is paid, so that no rate looks ahead; with rows
//! instead of a sample every second the average is one of rows. Rates are per eight hours, decimal; above 0 longs pay. Paid for
//! more or less time, a rate counts in proportion.

use std::fmt;
use std::ops::Range;

use hedgerow_core::registry::{Entry, SettingError};
use hedgerow_core::{Contract, FundingEvent, Market, Timestamp};

mod binance;
mod bitmex;
mod deribit;

pub use binance::BinanceFunding;
pub use bitmex::BitmexFunding;
pub use deribit::DeribitFunding;

/// Every formula, alphabetically.
pub const FUNDING_FORMULAS: &[Entry<dyn FundingFormula>] =
    &[binance::ENTRY, bitmex::ENTRY, deribit::ENTRY];

const MILLIS_PER_HOUR: i64 = 3_600_000;

/// The hours that rates are quoted for.
const HOURS_OF_RATE: f64 = 8.0;

/// What a venue makes of the premium.
pub trait FundingFormula: fmt::Debug + Send + Sync {
    /// Rate per eight hours for an average premium, both decimal.
    fn rate(&self, premium: f64) -> f64;

    /// When it is paid, and over what the premium is averaged.
    fn paid(&self) -> Paid;

    /// At which price USD of an inverse perpetual are counted as the coins that pay.
    fn counted_at(&self) -> CountedAt {
        CountedAt::Mark
    }

    /// One clause for the report.
    fn describe(&self) -> String;
}

/// The price at which the size of an inverse perpetual, USD, is counted in coins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedAt {
    /// The perpetual's own.
    Mark,
    /// The index: over a row, the harmonic mean of its two ends, as payment in coins is one over the price.
    Index,
}

/// When funding is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paid {
    /// At every instant: a row pays for its own length, at the mean of the rates at its two ends.
    Always,
    /// At the end of intervals of equal length.
    Every(Interval),
}

/// Intervals of funding, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// Length, hours; a divisor of 24.
    pub hours: u8,
    /// An hour of the day at which one ends.
    pub at_hour: u8,
    /// How its rows count in the average.
    pub weights: Weights,
    /// Which interval pays for which.
    pub pays: Pays,
}

/// How rows count in the average premium of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// All alike.
    Equal,
    /// By the time since the interval began: the last row most.
    Rising,
}

/// Which premium is paid for at the end of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pays {
    /// That of the interval itself.
    ForItself,
    /// That of the interval before.
    ForTheOneBefore,
}

/// Why no funding can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FundingError {
    /// Every perpetual has funding, or there is none.
    #[error(
        "no perpetual of the market lacks funding, so a formula would change nothing; leave it out"
    )]
    NotNeeded,
    /// A copy of the spot has no premium.
    #[error(
        "{perp} is marked at spot and has no premium to make funding of; give it prices of its own or a funding series, or declare `funding = \"none\"`"
    )]
    AtSpot {
        /// The perpetual.
        perp: String,
    },
    /// Rows too far apart to average over.
    #[error(
        "rows are {row_hours} h apart, too far for funding by formula, which averages the premium over {hours} h; give finer prices, or a funding series"
    )]
    Coarse {
        /// Hours from row to row.
        row_hours: i64,
        /// Hours of an average.
        hours: i64,
    },
}

/// `(mark − index) / index`, decimal: by how much the perpetual is dearer than the index.
///
/// ```
/// # use hedgerow_sim::funding_formula::premium;
/// assert!((premium(60_030.0, 60_000.0) - 0.0005).abs() < 1e-15);
/// ```
pub fn premium(mark: f64, index: f64) -> f64 {
    (mark - index) / index
}

/// The market with funding by `formula` for every perpetual that has none, and a sentence on each.
///
/// # Errors
/// [`FundingError`] when none lacks funding, one that does has no prices of its own, or rows are further apart than the
/// interval that the premium is averaged over.
///
/// # Panics
/// Never: rates of finite prices are finite, and their stamps increase.
pub fn funded_by(
    market: Market,
    formula: &dyn FundingFormula,
) -> Result<(Market, Vec<String>), FundingError> {
    let lacks = |place: &usize| {
        let perp = &market.tradables()[*place];
        perp.contract != Contract::Spot && perp.funding.is_none()
    };
    let places: Vec<usize> = (0..market.tradables().len()).filter(lacks).collect();
    if places.is_empty() {
        return Err(FundingError::NotNeeded);
    }
    check_step(&market, formula)?;
    let (mut market, mut notes) = (market, Vec::with_capacity(places.len()));
    for place in places {
        let perp = &market.tradables()[place];
        if perp.marked_at_spot {
            return Err(FundingError::AtSpot { perp: perp.name.clone() });
        }
        let spot = &market.assets()[perp.asset].spot;
        let premiums: Vec<f64> =
            perp.price.iter().zip(spot).map(|(mark, index)| premium(*mark, *index)).collect();
        let mut settled = settlements(formula, market.time(), &premiums);
        if perp.contract.is_inverse() && formula.counted_at() == CountedAt::Index {
            count_at_index(&mut settled.events, market.time(), spot);
        }
        notes.push(settled.about(&perp.name, formula));
        market = market.with_funding(place, settled.events).expect("finite rates in order");
    }
    Ok((market, notes))
}

/// Gives each payment of a row the index over that row.
fn count_at_index(events: &mut [FundingEvent], time: &[Timestamp], index: &[f64]) {
    for event in events {
        let row = time.partition_point(|time| *time < event.time).clamp(1, time.len() - 1);
        event.mark = Some(2.0 / (1.0 / index[row - 1] + 1.0 / index[row]));
    }
}

fn check_step(market: &Market, formula: &dyn FundingFormula) -> Result<(), FundingError> {
    let hours = match formula.paid() {
        Paid::Always => 8,
        Paid::Every(interval) => i64::from(interval.hours),
    };
    let row_hours = market.step_millis().unwrap_or(0) / MILLIS_PER_HOUR;
    if row_hours > hours { Err(FundingError::Coarse { row_hours, hours }) } else { Ok(()) }
}

/// Payments, in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// Stamps and rates, without marks of their own.
    pub events: Vec<FundingEvent>,
    /// How many took the last premium before their interval, because no row lies in it.
    pub n_carried: usize,
}

impl Settled {
    fn about(&self, perp: &str, formula: &dyn FundingFormula) -> String {
        let carried = match self.n_carried {
            0 => String::new(),
            n => format!(
                "; {n} of {} payments take the last premium known, for want of a row in their interval",
                self.events.len()
            ),
        };
        format!(
            "{perp} has no funding series: its funding is {} of its premium over the spot, row by row{carried}; rates that were \
             paid may differ",
            formula.describe()
        )
    }
}

/// What a formula makes of the premium at each row.
pub fn settlements(formula: &dyn FundingFormula, time: &[Timestamp], premiums: &[f64]) -> Settled {
    match formula.paid() {
        Paid::Always => always(formula, time, premiums),
        Paid::Every(interval) => every(formula, interval, time, premiums),
    }
}

fn always(formula: &dyn FundingFormula, time: &[Timestamp], premiums: &[f64]) -> Settled {
    let rows = 1..time.len();
    let events = rows.map(|row| {
        let rate = 0.5 * (formula.rate(premiums[row - 1]) + formula.rate(premiums[row]));
        let hours = 24.0 * time[row].days_since(time[row - 1]);
        FundingEvent { time: time[row], rate: rate * hours / HOURS_OF_RATE, mark: None }
    });
    Settled { events: events.collect(), n_carried: 0 }
}

fn every(
    formula: &dyn FundingFormula,
    interval: Interval,
    time: &[Timestamp],
    premiums: &[f64],
) -> Settled {
    let length = i64::from(interval.hours) * MILLIS_PER_HOUR;
    let (first, last) = (time[0].millis(), time[time.len() - 1].millis());
    let offset = i64::from(interval.at_hour) * MILLIS_PER_HOUR;
    let mut stamp = first + (offset - first).rem_euclid(length);
    let mut settled = Settled { events: Vec::new(), n_carried: 0 };
    while stamp <= last {
        let end = match interval.pays {
            Pays::ForItself => stamp,
            Pays::ForTheOneBefore => stamp - length,
        };
        let rows = rows_in(time, end - length..end);
        if rows.end > 0 {
            settled.n_carried += usize::from(rows.is_empty());
            let premium = average(interval.weights, (time, premiums), rows, end - length);
            let rate = formula.rate(premium) * f64::from(interval.hours) / HOURS_OF_RATE;
            settled.events.push(FundingEvent {
                time: Timestamp::from_millis(stamp),
                rate,
                mark: None,
            });
        }
        stamp += length;
    }
    settled
}

/// The rows after the start of a span and up to its end.
fn rows_in(time: &[Timestamp], span: Range<i64>) -> Range<usize> {
    let start = time.partition_point(|time| time.millis() <= span.start);
    start..time.partition_point(|time| time.millis() <= span.end)
}

/// The average premium of `rows`, or where there are none that of the last row before them.
fn average(
    weights: Weights,
    (time, premiums): (&[Timestamp], &[f64]),
    rows: Range<usize>,
    start: i64,
) -> f64 {
    if rows.is_empty() {
        return premiums[rows.end - 1];
    }
    let (mut sum, mut total) = (0.0, 0.0);
    for row in rows {
        let weight = match weights {
            Weights::Equal => 1.0,
            Weights::Rising => time[row].days_since(Timestamp::from_millis(start)),
        };
        sum += weight * premiums[row];
        total += weight;
    }
    sum / total
}

/// Per cent to a fraction; refuses what is not at least 0.
fn fraction(name: &str, percent: f64) -> Result<f64, SettingError> {
    if percent >= 0.0 && percent.is_finite() {
        return Ok(percent / 100.0);
    }
    let message = format!("{name} is {percent}, expected a number of at least 0");
    Err(SettingError { message, span: None })
}

/// A fraction as the report says it, `0.025 %`.
fn percent(fraction: f64) -> String {
    format!("{} %", (fraction * 1e8).round() / 1e6)
}
