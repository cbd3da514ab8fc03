//! One leg of a strategy: what it is, what it decides, what that earns and costs.

use std::sync::Arc;

use hedgerow_core::{Exposure, Fills, LegLedger, Market, Rolls, Series, Slopes, Track, UnitCost};

use crate::equity_leg::{Marks, Stake, run_with_equity};
use crate::rehedge::{Decide, Past, Rows, Spent, State};
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeltaKind {
    /// Black-Scholes at the mark vol: USD of value per USD of spot. Neutral in USD.
    #[default]
    BlackScholes,
    /// Premium-adjusted: less the value in coins of coin-settled options. Neutral in coins (Deribit's net transaction
    /// delta).
    Coin,
    /// A delta by another rule: index into [`Slopes::chosen`] of the leg's asset. Where it is unknown nothing is traded.
    Column(usize),
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
    pub(crate) market: &'a Market,
    slopes: &'a Slopes,
    pub(crate) rate: f64,
    /// The leg's rule with its columns.
    rule: Box<dyn Decide>,
    /// What one unit measures: see [`Rows::measure`].
    measure: &'a Series,
    apart: Apart<'a>,
}

/// How far the delta that a leg follows lies from the book's own.
#[derive(Debug)]
enum Apart<'a> {
    Nothing,
    /// Coins to subtract, one per row.
    Coins(&'a [f64]),
    /// Coins to subtract, one per row: the book's delta less the chosen one, `None` where that is unknown.
    Chosen(Vec<Option<f64>>),
}

impl<'a> Apart<'a> {
    fn new(kind: DeltaKind, slopes: &'a Slopes) -> Self {
        match kind {
            DeltaKind::BlackScholes => Self::Nothing,
            DeltaKind::Coin if slopes.coin_value.is_empty() => Self::Nothing,
            DeltaKind::Coin => Self::Coins(&slopes.coin_value),
            DeltaKind::Column(index) => {
                let chosen = &slopes.chosen[index].delta;
                assert_eq!(chosen.len(), slopes.delta.len(), "rows of the chosen delta");
                let apart = |(own, chosen): (&f64, &Option<f64>)| chosen.map(|delta| own - delta);
                Self::Chosen(slopes.delta.iter().zip(chosen).map(apart).collect())
            }
        }
    }
}

const ONE: &Series = &Series::Constant(1.0);

impl<'a> Desk<'a> {
    pub(crate) fn new(leg: &'a Leg, market: &'a Market, exposure: &'a Exposure, rate: f64) -> Self {
        let asset = leg.track.asset;
        let slopes = &exposure.slopes[asset];
        let past = Past {
            time: market.time(),
            spot: &market.assets()[asset].spot,
            exposure,
            asset,
            cost_rate: leg.track.cost_rate,
            rate,
        };
        Self {
            leg,
            market,
            slopes,
            rate,
            rule: leg.rule.bind(&past),
            measure: if leg.against == Against::Delta { &leg.track.delta } else { ONE },
            apart: Apart::new(leg.delta, slopes),
        }
    }

    /// What the leg remembers before its first row.
    pub(crate) fn memory(&self) -> Memory {
        let spent = Spent::keeping(self.rule.cost_memory());
        Memory { state: State { spent, ..State::default() }, ..Memory::default() }
    }

    /// Decides and fills the rows from `start` on, one for each entry of `net`, and hands each row of the leg's ledger to
    /// `each`.
    ///
    /// `net` is the delta of the book and the legs before this one, in coins of this leg's asset; on return it includes
    /// this leg's delta once its last decision is filled. `equity` is that of book, account and the legs before, for
    /// strategies that ask for it; on return it includes this leg's.
    pub(crate) fn run(
        &self,
        start: usize,
        net: &mut [f64],
        equity: Option<&mut [f64]>,
        (memory, decisions): (&mut Memory, &mut Decisions),
        mut each: impl FnMut(usize, Filled),
    ) {
        decisions.clear();
        match equity {
            None => {
                self.decide(start, net, &mut memory.state, decisions);
                self.fill(start, &decisions.targets, &mut memory.filled, each);
            }
            Some(equity) => {
                run_with_equity(self, start, (net, equity), (memory, decisions), &mut each);
            }
        }
    }

    /// Decides the rows from `start` on by the leg's column of ratios.
    pub(crate) fn decide(
        &self,
        start: usize,
        net: &mut [f64],
        state: &mut State,
        decisions: &mut Decisions,
    ) {
        match &self.leg.ratio {
            RatioColumn::Constant(ratio) => {
                self.ideal(start, net, |_| Some(*ratio), &mut decisions.ideal);
            }
            RatioColumn::Rows(rows) => {
                self.ideal(start, net, |row| rows[row], &mut decisions.ideal);
            }
            RatioColumn::Equity(_) => {
                unreachable!("a strategy with a leg by equity is run with its equity")
            }
        }
        self.decide_ideal(start, net, state, decisions);
    }

    /// Decides one row by this ratio.
    pub(crate) fn decide_row(
        &self,
        row: usize,
        ratio: f64,
        net: &mut f64,
        (state, decisions): (&mut State, &mut Decisions),
    ) {
        let net = std::slice::from_mut(net);
        decisions.ideal.clear();
        self.ideal(row, net, |_| Some(ratio), &mut decisions.ideal);
        self.decide_ideal(row, net, state, decisions);
    }

    fn decide_ideal(
        &self,
        start: usize,
        net: &mut [f64],
        state: &mut State,
        decisions: &mut Decisions,
    ) {
        let rows = Rows {
            time: self.market.time(),
            spot: &self.market.assets()[self.leg.track.asset].spot,
            gamma: &self.slopes.gamma,
            vol: &self.slopes.vol,
            years: &self.slopes.years,
            start,
            ideal: &decisions.ideal,
            measure: self.measure,
            cost_rate: self.leg.track.cost_rate,
            rate: self.rate,
            to: self.leg.to,
        };
        let Decisions { targets, residual, .. } = decisions;
        self.rule.decide(&rows, state, targets, residual);
        for ((row, net), target) in (start..).zip(net).zip(targets.iter()) {
            *net += target * self.leg.track.delta.at(row);
        }
    }

    /// Ideal units: minus ratio times net delta, plus the bias, over the delta of a unit; or ratio times size times coins
    /// held.
    fn ideal(
        &self,
        start: usize,
        net: &[f64],
        ratio: impl Fn(usize) -> Option<f64>,
        ideal: &mut Vec<Option<f64>>,
    ) {
        match self.leg.against {
            Against::Size(size) => {
                let units = size * self.slopes.coins;
                ideal.extend(
                    (start..start + net.len()).map(|row| ratio(row).map(|ratio| ratio * units)),
                );
            }
            Against::Delta => match &self.apart {
                Apart::Nothing => self.against_delta(start, net, ratio, |_| Some(0.0), ideal),
                Apart::Coins(coins) => {
                    self.against_delta(start, net, ratio, |row| Some(coins[row]), ideal);
                }
                Apart::Chosen(coins) => {
                    self.against_delta(start, net, ratio, |row| coins[row], ideal);
                }
            },
        }
    }

    /// Ideal units against the net delta less the coins that the leg's delta lies `apart` from it.
    #[inline]
    fn against_delta(
        &self,
        start: usize,
        net: &[f64],
        ratio: impl Fn(usize) -> Option<f64>,
        apart: impl Fn(usize) -> Option<f64>,
        ideal: &mut Vec<Option<f64>>,
    ) {
        let bias = self.leg.to.bias;
        ideal.extend((start..).zip(net).map(|(row, net)| {
            let (ratio, apart) = (ratio(row)?, apart(row)?);
            Some((bias - ratio * (net - apart)) / self.measure.at(row))
        }));
    }

    /// Fills the `targets` decided at the rows from `start` on, and hands each row of the leg's ledger to `each`.
    ///
    /// What the instrument is like is asked once a block, not once a row.
    pub(crate) fn fill(
        &self,
        start: usize,
        targets: &[f64],
        memory: &mut Filling,
        each: impl FnMut(usize, Filled),
    ) {
        let track = &*self.leg.track;
        let rows = start..start + targets.len();
        match (&track.fills, &track.carry) {
            (Fills::AtPrice, Series::Constant(carry)) => {
                self.walk(
                    start,
                    targets,
                    memory,
                    |_| Unit { since_fill: None, carry: *carry },
                    each,
                );
            }
            (Fills::AtPrice, Series::Rows(carry)) => {
                let carry = &carry[rows];
                self.walk(
                    start,
                    targets,
                    memory,
                    |i| Unit { since_fill: None, carry: carry[i] },
                    each,
                );
            }
            (Fills::AtOpen { pnl, .. }, carry) => {
                let unit =
                    |i| Unit { since_fill: Some(pnl[start + i]), carry: carry.at(start + i) };
                self.walk(start, targets, memory, unit, each);
            }
        }
    }

    #[inline]
    fn walk(
        &self,
        start: usize,
        targets: &[f64],
        memory: &mut Filling,
        unit: impl Fn(usize) -> Unit,
        mut each: impl FnMut(usize, Filled),
    ) {
        let track = &*self.leg.track;
        let pnl = &track.pnl[start..start + targets.len()];
        for (i, (target, pnl)) in targets.iter().zip(pnl).enumerate() {
            let row = start + i;
            let before = memory.held;
            let Unit { since_fill, carry } = unit(i);
            let held = if since_fill.is_some() { memory.decided } else { *target };
            (memory.held, memory.decided) = (held, *target);
            let traded = held - before;
            let mut filled = Filled {
                held,
                traded,
                price_pnl: before * pnl + since_fill.map_or(0.0, |since| traded * since),
                carry: if since_fill.is_some() { held * carry } else { before * carry },
                ..Filled::default()
            };
            if traded != 0.0 {
                filled.trade(track, &self.leg.to, row);
            }
            if let Some(rolls) = &track.rolls {
                filled.roll(rolls, row, before.abs());
            }
            each(row, filled);
        }
    }
}

/// What one unit of an instrument earns at a row besides its price P&L.
#[derive(Clone, Copy)]
struct Unit {
    /// USD earned from the row's open on, where trades are filled at the open.
    since_fill: Option<f64>,
    /// USD of funding received.
    carry: f64,
}

/// One row of a leg's ledger.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Filled {
    pub(crate) held: f64,
    pub(crate) traded: f64,
    pub(crate) price_pnl: f64,
    pub(crate) carry: f64,
    pub(crate) fee: f64,
    pub(crate) spread: f64,
    pub(crate) slippage: f64,
    pub(crate) turnover: f64,
}

impl Filled {
    #[inline]
    fn trade(&mut self, track: &Track, to: &To, row: usize) {
        let size = self.traded.abs();
        self.turnover = size * track.unit_notional.at(row);
        (self.fee, self.spread, self.slippage) = match &track.unit_cost {
            UnitCost::Proportional { fee, spread, slippage } => {
                (fee * self.turnover, spread * self.turnover, slippage * self.turnover)
            }
            UnitCost::PerUnit { fee, spread, slippage } => {
                (size * fee[row], size * spread[row], size * slippage[row])
            }
        };
        if to.tick.is_some() {
            self.slippage += self.turnover * to.tick_loss(self.traded, fill_price(track, row));
        }
    }

    fn roll(&mut self, rolls: &Rolls, row: usize, kept: f64) {
        self.fee += kept * rolls.fee[row];
        self.spread += kept * rolls.spread[row];
        self.slippage += kept * rolls.slippage[row];
        self.turnover += kept * rolls.turnover[row];
    }

    /// P&L less costs, USD.
    #[inline]
    pub(crate) fn pnl(&self) -> f64 {
        self.price_pnl + self.carry - self.cost()
    }

    /// Fee, half-spread and slippage, USD.
    #[inline]
    pub(crate) fn cost(&self) -> f64 {
        self.fee + self.spread + self.slippage
    }

    /// Appends the row to a ledger.
    pub(crate) fn record(&self, track: &Track, row: usize, ledger: &mut LegLedger) {
        ledger.held.push(self.held);
        ledger.traded.push(self.traded);
        ledger.fill.push(fill_price(track, row));
        ledger.price.push(track.price[row]);
        ledger.price_pnl.push(self.price_pnl);
        ledger.carry.push(self.carry);
        ledger.fee.push(self.fee);
        ledger.spread.push(self.spread);
        ledger.slippage.push(self.slippage);
        ledger.turnover.push(self.turnover);
    }
}

/// USD price at which a trade of the row is filled.
#[inline]
fn fill_price(track: &Track, row: usize) -> f64 {
    match &track.fills {
        Fills::AtPrice => track.price[row],
        Fills::AtOpen { open, .. } => open[row],
    }
}

/// What a block of rows decided.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decisions {
    /// Units that the leg would hold if re-hedging were free.
    pub(crate) ideal: Vec<Option<f64>>,
    /// Units to hold after each row.
    pub(crate) targets: Vec<f64>,
    /// Units wanted and not traded; empty for a leg that does not round.
    pub(crate) residual: Vec<f64>,
}

impl Decisions {
    fn clear(&mut self) {
        self.ideal.clear();
        self.targets.clear();
        self.residual.clear();
    }
}

/// What a leg remembers from one block of rows to the next.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    pub(crate) state: State,
    pub(crate) filled: Filling,
    /// Kept in strategies that ask for equity only.
    pub(crate) stake: Stake,
    pub(crate) marks: Marks,
}

/// What of a leg's decisions has been filled.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Filling {
    /// Units held after the last row.
    pub(crate) held: f64,
    /// Units decided at the last row.
    decided: f64,
}
