//! One leg of a strategy: what it is, what it decides, what that earns and costs.

use std::sync::Arc;

use hedgerow_core::{Exposure, Fills, LegLedger, Market, Series, Slopes, Track};

use crate::rehedge::{Rows, State};
use crate::{RatioColumn, Rule, To};

/// What a leg hedges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Against {
    /// The delta of the book and of the legs before it: the ideal is minus that.
    Delta,
    /// Nothing: a fixed number of units per coin held outright in the book, `+` bought (a protective put is +1).
    Size(f64),
}

/// Which delta of the book a leg hedges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeltaKind {
    /// Black-Scholes at the mark vol: USD of value per USD of spot. Neutral in USD.
    #[default]
    BlackScholes,
    /// Premium-adjusted: less the value in coins of coin-settled options. Neutral in coins (Deribit's net transaction
    /// delta).
    Coin,
}

/// One leg of a strategy.
#[derive(Debug)]
pub struct Leg {
    /// Unique within the strategy.
    pub name: String,
    /// With what.
    pub track: Arc<Track>,
    /// Against what.
    pub against: Against,
    /// Which delta, for a leg against delta.
    pub delta: DeltaKind,
    /// How much.
    pub ratio: RatioColumn,
    /// When.
    pub rule: Box<dyn Rule>,
    /// How far.
    pub to: To,
}

/// What a leg reads, prepared once per run.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    pub(crate) leg: &'a Leg,
    market: &'a Market,
    slopes: &'a Slopes,
    rate: f64,
    /// What one unit measures: see [`Rows::measure`].
    measure: &'a Series,
    /// Coins to subtract from the book's delta; empty for none.
    premium: &'a [f64],
}

const ONE: &Series = &Series::Constant(1.0);

impl<'a> Desk<'a> {
    pub(crate) fn new(leg: &'a Leg, market: &'a Market, exposure: &'a Exposure, rate: f64) -> Self {
        let slopes = &exposure.slopes[leg.track.asset];
        Self {
            leg,
            market,
            slopes,
            rate,
            measure: if leg.against == Against::Delta { &leg.track.delta } else { ONE },
            premium: if leg.delta == DeltaKind::Coin { &slopes.coin_value } else { &[] },
        }
    }

    /// Runs the leg over the rows from `start` on, one for each entry of `net`, and appends them to `ledger`.
    ///
    /// `net` is the delta of the book and the legs before this one, in coins of this leg's asset; on return it includes
    /// this leg's delta once its last decision is filled. `targets` is scratch.
    pub(crate) fn run(
        &self,
        start: usize,
        net: &mut [f64],
        memory: &mut Memory,
        targets: &mut Vec<f64>,
        ledger: &mut LegLedger,
    ) {
        let ideal_from = ledger.ideal.len();
        self.ideal(start, net, &mut ledger.ideal);
        let rows = Rows {
            time: self.market.time(),
            spot: &self.market.assets()[self.leg.track.asset].spot,
            gamma: &self.slopes.gamma,
            years: &self.slopes.years,
            start,
            ideal: &ledger.ideal[ideal_from..],
            measure: self.measure,
            cost_rate: self.leg.track.cost_rate,
            rate: self.rate,
            to: self.leg.to,
        };
        targets.clear();
        self.leg.rule.decide(&rows, &mut memory.state, targets);
        for ((row, net), target) in (start..).zip(net.iter_mut()).zip(targets.iter()) {
            *net += target * self.leg.track.delta.at(row);
        }
        self.fill(start, targets, memory, ledger);
    }

    /// Ideal units: minus ratio times net delta over the delta of a unit, or ratio times size times coins held.
    fn ideal(&self, start: usize, net: &[f64], ideal: &mut Vec<Option<f64>>) {
        let ratio = &self.leg.ratio;
        match self.leg.against {
            Against::Size(size) => {
                let units = size * self.slopes.coins;
                ideal.extend(
                    (start..start + net.len()).map(|row| ratio.at(row).map(|ratio| ratio * units)),
                );
            }
            Against::Delta => {
                let premium = |row: usize| self.premium.get(row).copied().unwrap_or(0.0);
                let units = |row: usize, net: f64| (net - premium(row)) / self.measure.at(row);
                ideal.extend(
                    (start..)
                        .zip(net)
                        .map(|(row, net)| ratio.at(row).map(|ratio| -ratio * units(row, *net))),
                );
            }
        }
    }

    /// Turns decisions into holdings, P&L and costs.
    fn fill(&self, start: usize, targets: &[f64], memory: &mut Memory, ledger: &mut LegLedger) {
        let track = &*self.leg.track;
        for (row, target) in (start..).zip(targets) {
            let before = memory.held;
            let (held, fill, since_fill, carried) = match &track.fills {
                Fills::AtPrice => (*target, track.price[row], 0.0, before),
                Fills::AtOpen { open, pnl } => {
                    (memory.decided, open[row], pnl[row], memory.decided)
                }
            };
            let traded = held - before;
            let (size, kept) = (traded.abs(), before.abs());
            ledger.held.push(held);
            ledger.traded.push(traded);
            ledger.fill.push(fill);
            ledger.price.push(track.price[row]);
            ledger.price_pnl.push(before * track.pnl[row] + traded * since_fill);
            ledger.carry.push(carried * track.carry.at(row));
            ledger.fee.push(size * track.unit_fee.at(row) + kept * track.roll_fee.at(row));
            ledger.spread.push(size * track.unit_spread.at(row) + kept * track.roll_spread.at(row));
            ledger
                .slippage
                .push(size * track.unit_slippage.at(row) + kept * track.roll_slippage.at(row));
            ledger
                .turnover
                .push(size * track.unit_notional.at(row) + kept * track.roll_turnover.at(row));
            memory.held = held;
            memory.decided = *target;
        }
    }
}

/// What a leg remembers from one block of rows to the next.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    state: State,
    /// Units held after the last row.
    held: f64,
    /// Units decided at the last row.
    decided: f64,
}
