//! What a leg decides: its ideal at each row, and what its rule makes of it.

use std::borrow::Cow;

use hedgerow_core::{Contract, Exposure, Market, Slopes};

use crate::RatioColumn;
use crate::account_leg::{Marks, Seen, Stake, run_with_account};
use crate::fill::{Filled, Filling};
use crate::leg::{Against, DeltaKind, Leg};
use crate::nets::Nets;
use crate::rehedge::{Decide, Now, Past, Rehedge, Rows, Spent, State};
use crate::stops::run_with_stops;
use crate::unit::Unit;

/// What a leg reads, prepared once per run.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    pub(crate) leg: &'a Leg,
    pub(crate) market: &'a Market,
    slopes: &'a Slopes,
    pub(crate) rate: f64,
    /// The leg's rule with its columns.
    rule: Box<dyn Decide>,
    /// What one unit of the instrument measures.
    unit: Unit<'a>,
    apart: Apart<'a>,
    /// Rows at which the leg trades to its ideal whatever its rule says.
    forced: Option<Vec<bool>>,
}

/// How far what a leg follows lies from the net of its measure.
#[derive(Debug)]
enum Apart<'a> {
    Nothing,
    /// Coins to subtract, one per row.
    Coins(Cow<'a, [f64]>),
    /// Coins to subtract, one per row: the book's delta less the chosen one, `None` where that is unknown.
    Chosen(Vec<Option<f64>>),
}

impl<'a> Apart<'a> {
    fn new(leg: &Leg, market: &Market, exposure: &'a Exposure) -> Self {
        let slopes = &exposure.slopes[leg.asset];
        match (&leg.against, leg.delta) {
            (Against::Column(coins), _) => {
                assert_eq!(coins.len(), slopes.delta.len(), "rows of the column");
                Self::Chosen(coins.iter().map(|coins| coins.map(|coins| -coins)).collect())
            }
            (Against::Delta, DeltaKind::Coin) if !slopes.coin_value.is_empty() => {
                Self::Coins(Cow::Borrowed(&slopes.coin_value))
            }
            (Against::Portfolio, DeltaKind::Coin) => {
                Self::Coins(Cow::Owned(coin_values(market, exposure, leg.asset)))
            }
            (Against::Delta | Against::Account, DeltaKind::Column(index)) => {
                let chosen = &slopes.chosen[index].delta;
                assert_eq!(chosen.len(), slopes.delta.len(), "rows of the chosen delta");
                let apart = |(own, chosen): (&f64, &Option<f64>)| chosen.map(|delta| own - delta);
                Self::Chosen(slopes.delta.iter().zip(chosen).map(apart).collect())
            }
            _ => Self::Nothing,
        }
    }
}

/// Value of the coin-settled contracts of all assets, in coins of `asset`, at each row.
fn coin_values(market: &Market, exposure: &Exposure, asset: usize) -> Vec<f64> {
    let own = &market.assets()[asset].spot;
    let usd = |row: usize| -> f64 {
        let values = exposure.slopes.iter().zip(market.assets());
        values
            .filter_map(|(slopes, columns)| Some(slopes.coin_value.get(row)? * columns.spot[row]))
            .sum()
    };
    own.iter().enumerate().map(|(row, spot)| usd(row) / spot).collect()
}

/// Where a leg comes to work, and where it is closed.
fn forced(gate: &[bool]) -> Vec<bool> {
    let before = std::iter::once(false).chain(gate.iter().copied());
    gate.iter().zip(before).map(|(on, before)| !on || !before).collect()
}

impl<'a> Desk<'a> {
    pub(crate) fn new(leg: &'a Leg, market: &'a Market, exposure: &'a Exposure, rate: f64) -> Self {
        if leg.rests() {
            leg.assert_it_can_rest();
        }
        let slopes = &exposure.slopes[leg.asset];
        let past = Past {
            time: market.time(),
            spot: &market.assets()[leg.asset].spot,
            exposure,
            asset: leg.asset,
            cost_rate: leg.track.cost_rate,
            rate,
        };
        Self {
            leg,
            market,
            slopes,
            rate,
            rule: leg.rule.bind(&past),
            unit: Unit::new(leg, market),
            apart: Apart::new(leg, market, exposure),
            forced: leg.gate.as_deref().map(|gate| forced(gate)),
        }
    }

    /// What the leg remembers before its first row, in an account whose USD are paid in a stablecoin.
    pub(crate) fn memory(&self, stablecoin: Option<usize>) -> Memory {
        let spent = Spent::keeping(self.rule.cost_memory());
        let stake = Stake::paid_in(stablecoin);
        Memory { state: State { spent, ..State::default() }, stake, ..Memory::default() }
    }

    /// Decides and fills the rows from `start` on, one for each row of `nets`, and hands each row of the leg's ledger to
    /// `each`.
    ///
    /// `nets` are of the book and the legs before this one; on return they include this leg once its last decision is
    /// filled. `seen` is the account with the legs before, for strategies that look at it; on return it includes this leg.
    pub(crate) fn run(
        &self,
        start: usize,
        nets: &mut Nets,
        seen: Option<&mut Seen>,
        (memory, decisions): (&mut Memory, &mut Decisions),
        mut each: impl FnMut(usize, Filled),
    ) {
        decisions.clear();
        let mut buffer = std::mem::take(&mut decisions.net);
        let net = self.net(start, nets, &mut buffer);
        match seen {
            None if self.leg.rests() => {
                let gamma = &nets.gamma[self.leg.asset];
                let Memory { state, filled, .. } = memory;
                run_with_stops(self, start, (net, gamma), (state, filled, decisions), each);
            }
            None => {
                self.decide(start, net, &mut memory.state, decisions);
                self.fill(start, &decisions.targets, &mut memory.filled, each);
            }
            Some(seen) => {
                let gamma = nets.gamma.get(self.leg.asset).map(Vec::as_slice);
                run_with_account(self, start, (net, gamma, seen), (memory, decisions), &mut each);
            }
        }
        decisions.net = buffer;
        nets.hold((self.leg, self.market), start, &decisions.targets, &decisions.one_to_one);
    }

    /// Whether the leg holds anything at a row.
    pub(crate) fn is_at_work(&self, row: usize) -> bool {
        self.leg.gate.as_ref().is_none_or(|gate| gate[row])
    }

    /// What there is to hedge at each row from `start` on, in the leg's measure; made in `buffer` where it is no column of
    /// `nets`.
    fn net<'b>(&self, start: usize, nets: &'b Nets, buffer: &'b mut Vec<f64>) -> &'b [f64] {
        let asset = self.leg.asset;
        let spot = &self.market.assets()[asset].spot[start..];
        buffer.clear();
        match self.leg.against {
            Against::Delta | Against::Account | Against::Size(_) => return &nets.delta[asset],
            Against::Column(_) => buffer.resize(nets.delta[asset].len(), 0.0),
            Against::Portfolio => nets.portfolio(self.market, asset, start, buffer),
            Against::Vega => buffer.extend(nets.vega[asset].iter().map(|vega| vega / 100.0)),
            Against::Gamma => buffer.extend(
                nets.gamma[asset].iter().zip(spot).map(|(gamma, spot)| gamma * spot / 100.0),
            ),
        }
        buffer
    }

    /// Decides the rows from `start` on by the leg's column of ratios.
    pub(crate) fn decide(
        &self,
        start: usize,
        net: &[f64],
        state: &mut State,
        decisions: &mut Decisions,
    ) {
        self.ideals(start, net, &mut decisions.ideal);
        self.decide_ideal(start, state, decisions);
    }

    /// Ideal units at the rows from `start` on by the leg's column of ratios.
    pub(crate) fn ideals(&self, start: usize, net: &[f64], ideal: &mut Vec<Option<f64>>) {
        match &self.leg.ratio {
            RatioColumn::Constant(ratio) => self.ideal(start, net, |_| Some(*ratio), ideal),
            RatioColumn::Rows(rows) => self.ideal(start, net, |row| rows[row], ideal),
            RatioColumn::Equity(_) => {
                unreachable!("a strategy with a leg by equity is run with its account")
            }
        }
    }

    /// The leg's rule with its columns.
    pub(crate) fn rule(&self) -> &dyn Rehedge {
        &*self.rule
    }

    /// What is known at a row.
    pub(crate) fn now(&self, row: usize) -> Now {
        let time = self.market.time();
        Now {
            row,
            time: time[row],
            previous: row.checked_sub(1).map(|before| time[before]),
            start: time[0],
            spot: self.market.assets()[self.leg.asset].spot[row],
            gamma: self.slopes.gamma[row],
            vol: self.slopes.vol[row],
            years: self.slopes.years[row],
            cost_rate: self.leg.track.cost_rate,
            rate: self.rate,
        }
    }

    /// What one unit measures at a row.
    pub(crate) fn measure(&self, row: usize) -> f64 {
        self.unit.measure().at(row)
    }

    /// What one unit of spot or a perpetual of the leg's own asset will measure when the spot is at a level and the basis as at
    /// the row.
    pub(crate) fn measure_at(&self, row: usize, level: f64) -> f64 {
        let is_inverse = self.leg.track.contract.is_some_and(Contract::is_inverse);
        let spot = self.market.assets()[self.leg.asset].spot[row];
        let follows = is_inverse && !matches!(self.leg.against, Against::Size(_));
        if follows { self.measure(row) * spot / level } else { self.measure(row) }
    }

    /// Decides one row by this ratio of the net, and one to one against so many coins of the instrument's asset.
    pub(crate) fn decide_row(
        &self,
        row: usize,
        ratio: Option<f64>,
        (net, one_to_one): (f64, f64),
        (state, decisions): (&mut State, &mut Decisions),
    ) {
        decisions.ideal.clear();
        self.ideal(row, &[net], |_| ratio, &mut decisions.ideal);
        if one_to_one != 0.0 {
            let units = one_to_one / self.leg.track.delta.at(row);
            decisions.ideal.iter_mut().flatten().for_each(|ideal| *ideal -= units);
        }
        self.decide_ideal(row, state, decisions);
    }

    fn decide_ideal(&self, start: usize, state: &mut State, decisions: &mut Decisions) {
        if let Some(gate) = &self.leg.gate {
            let closed = decisions.ideal.iter_mut().zip(&gate[start..]).filter(|(_, on)| !**on);
            closed.for_each(|(ideal, _)| *ideal = Some(0.0));
        }
        let rows = Rows {
            time: self.market.time(),
            spot: &self.market.assets()[self.leg.asset].spot,
            gamma: &self.slopes.gamma,
            vol: &self.slopes.vol,
            years: &self.slopes.years,
            start,
            ideal: &decisions.ideal,
            measure: self.unit.measure(),
            cost_rate: self.leg.track.cost_rate,
            rate: self.rate,
            to: self.leg.to,
            forced: self.forced.as_deref(),
        };
        let Decisions { targets, residual, .. } = decisions;
        self.rule.decide(&rows, state, targets, residual);
    }

    /// Ideal units: minus ratio times net, plus the bias, over the measure of a unit; or ratio times size times coins held.
    fn ideal(
        &self,
        start: usize,
        net: &[f64],
        ratio: impl Fn(usize) -> Option<f64>,
        ideal: &mut Vec<Option<f64>>,
    ) {
        if let Against::Size(size) = self.leg.against {
            let units = size * self.slopes.coins;
            let rows = start..start + net.len();
            ideal.extend(rows.map(|row| ratio(row).map(|ratio| ratio * units)));
            return;
        }
        match (&self.apart, self.unit.usable()) {
            (Apart::Nothing, None) => self.against(start, net, ratio, |_| Some(0.0), ideal),
            (Apart::Nothing, Some(usable)) => {
                self.against(start, net, ratio, |row| usable[row].then_some(0.0), ideal);
            }
            (Apart::Coins(coins), _) => {
                self.against(start, net, ratio, |row| Some(coins[row]), ideal);
            }
            (Apart::Chosen(coins), _) => self.against(start, net, ratio, |row| coins[row], ideal),
        }
    }

    /// Ideal units against the net less what the leg follows lies `apart` from it.
    #[inline]
    fn against(
        &self,
        start: usize,
        net: &[f64],
        ratio: impl Fn(usize) -> Option<f64>,
        apart: impl Fn(usize) -> Option<f64>,
        ideal: &mut Vec<Option<f64>>,
    ) {
        let (bias, measure) = (self.leg.to.bias, self.unit.measure());
        ideal.extend((start..).zip(net).map(|(row, net)| {
            let (ratio, apart) = (ratio(row)?, apart(row)?);
            Some((bias - ratio * (net - apart)) / measure.at(row))
        }));
    }
}

/// What a block of rows decided.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decisions {
    /// What there is to hedge, where that is no column of its own.
    pub(crate) net: Vec<f64>,
    /// Units that the leg would hold if re-hedging were free.
    pub(crate) ideal: Vec<Option<f64>>,
    /// Units to hold after each row.
    pub(crate) targets: Vec<f64>,
    /// Units wanted and not traded; empty for a leg that does not round.
    pub(crate) residual: Vec<f64>,
    /// The account's coins of the instrument's asset that the leg hedges one to one; empty for a leg that hedges none.
    pub(crate) one_to_one: Vec<f64>,
}

impl Decisions {
    fn clear(&mut self) {
        self.ideal.clear();
        self.targets.clear();
        self.residual.clear();
        self.one_to_one.clear();
    }
}

/// What a leg remembers from one block of rows to the next.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    pub(crate) state: State,
    pub(crate) filled: Filling,
    /// Kept in strategies that look at the account only.
    pub(crate) stake: Stake,
    pub(crate) marks: Marks,
}
