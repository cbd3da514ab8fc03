//! What a leg decides: its ideal at each row, and what its rule makes of it.

use hedgerow_core::{Exposure, Market, Series, Slopes};

use crate::RatioColumn;
use crate::equity_leg::{Marks, Stake, run_with_equity};
use crate::fill::{Filled, Filling};
use crate::leg::{Against, DeltaKind, Leg};
use crate::rehedge::{Decide, Past, Rows, Spent, State};

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
