//! What a venue charges on what it closes: as typed, else by its table of fees, else a figure that is said.

use hedgerow_core::{Series, Timestamp};
use hedgerow_sim::Penalty;
use hedgerow_sim::fees::{Fee, Liquidity, Venue};

use crate::costs::CostsSpec;

/// Where neither the scenario nor the venue's table says it: Deribit's 0.5 % of 2019.
const DEFAULT_BPS: f64 = 50.0;

/// As typed, bps of notional; `None` where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct PenaltySpec {
    /// Of perps, futures and spot, and of options where those have none of their own.
    pub(super) linear_bps: Option<f64>,
    /// Of options.
    pub(super) option_bps: Option<f64>,
}

/// Bps through time, and who says them.
#[derive(Debug, Clone, PartialEq)]
enum Charged {
    Typed(f64),
    /// From each instant on.
    Venue(&'static str, Vec<(Timestamp, f64)>),
    Default,
}

impl Charged {
    fn series(&self, time: &[Timestamp]) -> Series {
        match self {
            Self::Typed(bps) => Series::Constant(bps / 10_000.0),
            Self::Default => Series::Constant(DEFAULT_BPS / 10_000.0),
            Self::Venue(_, steps) if steps.len() == 1 => Series::Constant(steps[0].1 / 10_000.0),
            Self::Venue(_, steps) => {
                let at = |time: &Timestamp| {
                    let begun = steps.partition_point(|(since, _)| since <= time);
                    steps[begun.max(1) - 1].1 / 10_000.0
                };
                Series::Rows(time.iter().map(at).collect())
            }
        }
    }

    /// `50 bp of notional`, with dates and who says it.
    fn said(&self) -> String {
        match self {
            Self::Typed(bps) => format!("{bps} bp of notional"),
            Self::Default => format!("{DEFAULT_BPS} bp of notional"),
            Self::Venue(venue, steps) => {
                let later =
                    steps[1..].iter().map(|(since, bps)| format!(", from {since} {bps} bp"));
                let later: String = later.collect();
                format!("{} bp of notional{later} (the table of {venue})", steps[0].1)
            }
        }
    }
}

impl PenaltySpec {
    /// What is charged over the period.
    pub(crate) fn penalty(&self, costs: &CostsSpec, time: &[Timestamp]) -> Penalty {
        let (linear, options) = self.charged(costs, time);
        Penalty { linear: linear.series(time), options: options.series(time) }
    }

    /// What is charged over the period, as an assumption.
    pub(crate) fn sentence(&self, costs: &CostsSpec, time: &[Timestamp]) -> String {
        let (linear, options) = self.charged(costs, time);
        let more = if linear == options {
            String::new()
        } else {
            format!(", for options {}", options.said())
        };
        linear.said() + &more
    }

    /// What of it is not a venue's, as keys of `liquidation`, each with a comma after it.
    pub(super) fn settings(&self, costs: &CostsSpec, time: &[Timestamp]) -> String {
        let (linear, options) = self.charged(costs, time);
        let typed = |key: &str, charged: &Charged| match charged {
            Charged::Typed(bps) => format!("{key} = {bps:?}, "),
            Charged::Default => format!("{key} = {DEFAULT_BPS:?}, "),
            Charged::Venue(..) => String::new(),
        };
        let own =
            if options == linear { String::new() } else { typed("option_penalty_bps", &options) };
        typed("penalty_bps", &linear) + &own
    }

    fn charged(&self, costs: &CostsSpec, time: &[Timestamp]) -> (Charged, Charged) {
        let of = |fee| costs.venue.and_then(|venue| by_venue(venue, fee, time));
        let typed = |bps: Option<f64>| bps.map(Charged::Typed);
        let linear = typed(self.linear_bps).or_else(|| of(Fee::Liquidation));
        let options = typed(self.option_bps.or(self.linear_bps));
        let options = options.or_else(|| of(Fee::OptionLiquidation));
        (linear.unwrap_or(Charged::Default), options.unwrap_or(Charged::Default))
    }
}

/// What a venue charges over the period; `None` where its table does not say it at all times.
fn by_venue(venue: &'static Venue, fee: Fee, time: &[Timestamp]) -> Option<Charged> {
    let (start, end) = (*time.first()?, *time.last()?);
    let days = venue.days().into_iter().filter(|day| *day > start && *day <= end);
    let mut steps: Vec<(Timestamp, f64)> = Vec::new();
    for day in std::iter::once(start).chain(days) {
        let bps = venue.own_rate(fee, day).ok()?.at(Liquidity::Taker);
        if steps.last().is_none_or(|(_, last)| (last - bps).abs() > 0.0) {
            steps.push((day, bps));
        }
    }
    Some(Charged::Venue(venue.name, steps))
}
