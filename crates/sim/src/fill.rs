//! What a leg's decisions come to: fills, P&L and costs, row by row.

use std::collections::VecDeque;

use hedgerow_core::{Fills, LegLedger, Rolls, Series, Settlement, Track, UnitCost};

use crate::desk::Desk;
use crate::stops::Resting;
use crate::{Execution, To};

impl Desk<'_> {
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
        if self.leg.execution.is_at_once() {
            self.fill_at_once(start, targets, memory, each);
        } else {
            let executed = self.leg.execution.targets(targets, &mut memory.pending);
            self.fill_at_once(start, &executed, memory, each);
        }
    }

    /// Fills what is decided as it is.
    pub(crate) fn fill_at_once(
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
            (Fills::AtStops { .. }, _) => {
                unreachable!("a leg with resting orders fills them as it places them")
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
            match &track.rolls {
                Some(rolls) => filled.roll_and_trade((rolls, before), track, &self.leg.to, row),
                None if traded != 0.0 => filled.trade(track, &self.leg.to, row),
                None => {}
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
    pub(crate) roll: f64,
    pub(crate) turnover: f64,
    /// USD price of a fill at a level or at an open; `None` where the track has one for every row.
    pub(crate) fill: Option<f64>,
}

/// Where a trade is filled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    /// USD.
    pub(crate) price: f64,
    /// USD of notional of one unit.
    pub(crate) unit_notional: f64,
}

impl Filled {
    #[inline]
    fn trade(&mut self, track: &Track, to: &To, row: usize) {
        let at = At { price: fill_price(track, row), unit_notional: track.unit_notional.at(row) };
        self.trade_at(track, to, row, at);
    }

    /// What the row's trade costs when it is filled there.
    #[inline]
    pub(crate) fn trade_at(&mut self, track: &Track, to: &To, row: usize, at: At) {
        self.charge(self.traded.abs(), track, to, row, at);
    }

    /// What trading so many units costs, on the side on which the row trades.
    #[inline]
    fn charge(&mut self, size: f64, track: &Track, to: &To, row: usize, at: At) {
        let unit =
            |fee: &[f64], spread: &[f64], slippage: &[f64]| [fee[row], spread[row], slippage[row]];
        self.charge_units(size, (track, to), row, at, unit);
    }

    /// The same where one unit of what is charged by the unit costs the fee, half-spread and slippage that `unit` makes of the
    /// track's columns.
    #[inline]
    pub(crate) fn charge_units(
        &mut self,
        size: f64,
        (track, to): (&Track, &To),
        row: usize,
        at: At,
        unit: impl FnOnce(&[f64], &[f64], &[f64]) -> [f64; 3],
    ) {
        self.turnover = size * at.unit_notional;
        (self.fee, self.spread, self.slippage) = match &track.unit_cost {
            UnitCost::Proportional { fee, spread, slippage } => {
                (fee * self.turnover, spread * self.turnover, slippage * self.turnover)
            }
            UnitCost::ByRow { fee, spread, slippage } => (
                fee[row] * self.turnover,
                spread[row] * self.turnover,
                slippage[row] * self.turnover,
            ),
            UnitCost::PerUnit { fee, spread, slippage } => {
                let [fee, spread, slippage] = unit(fee, spread, slippage);
                (size * fee, size * spread, size * slippage)
            }
        };
        if let Some(impact) = &track.impact {
            self.slippage += impact[row] * self.turnover * self.turnover.sqrt();
        }
        if to.tick.is_some() {
            // An option's tick is one of its own price, not of the coin's.
            let worth = if track.contract.is_none() { size * at.price } else { self.turnover };
            if at.price != 0.0 {
                self.slippage += worth * to.tick_loss(self.traded, at.price);
            }
        }
    }

    /// What a row costs at which the contract may change: all that was held leaves the old one, what is carried on enters the
    /// new one, and only what is held beyond that is traded. A hedge that shrinks, turns round or ends with its contract pays for
    /// nothing that it does not hold.
    fn roll_and_trade(
        &mut self,
        (rolls, before): (&Rolls, f64),
        track: &Track,
        to: &To,
        row: usize,
    ) {
        let carried =
            if before * self.held > 0.0 { before.abs().min(self.held.abs()) } else { 0.0 };
        let (carried, size) = if rolls.enters(row) {
            (carried, self.held.abs() - carried)
        } else {
            (before.abs(), self.traded.abs())
        };
        if size > 0.0 {
            let at =
                At { price: fill_price(track, row), unit_notional: track.unit_notional.at(row) };
            self.charge(size, track, to, row, at);
        }
        let Rolls { left, entered } = rolls;
        self.roll = left.cost(row, before.abs()) + entered.cost(row, carried);
        self.turnover += before.abs() * left.turnover[row] + carried * entered.turnover[row];
    }

    /// P&L less costs, USD.
    #[inline]
    pub(crate) fn pnl(&self) -> f64 {
        self.price_pnl + self.carry - self.cost()
    }

    /// Fee, half-spread, slippage and the cost of rolls, USD.
    #[inline]
    pub(crate) fn cost(&self) -> f64 {
        self.fee + self.spread + self.slippage + self.roll
    }

    /// Adds a trade at the row to what the row has traded; answers with its notional, USD.
    pub(crate) fn add_trade(&mut self, track: &Track, to: &To, row: usize, traded: f64) -> f64 {
        let mut more = Self { traded, ..Self::default() };
        if traded != 0.0 {
            more.trade(track, to, row);
        }
        self.add(&more);
        more.turnover
    }

    /// Adds a trade, its costs charged, to what the row has traded.
    pub(crate) fn add(&mut self, trade: &Self) {
        self.held += trade.traded;
        self.traded += trade.traded;
        self.fee += trade.fee;
        self.spread += trade.spread;
        self.slippage += trade.slippage;
        self.turnover += trade.turnover;
    }

    /// What the row brings to the account, USD: P&L less costs, and less what is tied up in what is bought outright.
    pub(crate) fn flow(&self, track: &Track, row: usize) -> f64 {
        match track.settlement {
            Settlement::Usd | Settlement::Coin => self.pnl(),
            Settlement::Cash | Settlement::CoinCash => {
                let before = row.checked_sub(1).map_or(0.0, |before| track.price[before]);
                let worth_before = (self.held - self.traded) * before;
                self.pnl() - (self.held * track.price[row] - worth_before)
            }
        }
    }

    /// Appends the row to a ledger.
    pub(crate) fn record(&self, track: &Track, row: usize, ledger: &mut LegLedger) {
        ledger.held.push(self.held);
        ledger.traded.push(self.traded);
        ledger.fill.push(self.fill.unwrap_or_else(|| fill_price(track, row)));
        ledger.price.push(track.price[row]);
        ledger.price_pnl.push(self.price_pnl);
        ledger.carry.push(self.carry);
        ledger.fee.push(self.fee);
        ledger.spread.push(self.spread);
        ledger.slippage.push(self.slippage);
        ledger.roll.push(self.roll);
        ledger.turnover.push(self.turnover);
    }
}

/// USD price at which a trade of the row is filled.
#[inline]
fn fill_price(track: &Track, row: usize) -> f64 {
    match &track.fills {
        Fills::AtPrice => track.price[row],
        Fills::AtOpen { open, .. } | Fills::AtStops { open } => open[row],
    }
}

/// What of a leg's decisions has been filled.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filling {
    /// Decisions that are not filled in full yet, for legs that trade later or in slices.
    pending: VecDeque<f64>,
    /// Units held after the last row.
    pub(crate) held: f64,
    /// Units decided at the last row.
    pub(crate) decided: f64,
    /// What rests until the next row, for legs whose orders rest at levels.
    pub(crate) resting: Option<Resting>,
    /// What the last order that was filled was to hedge, in the leg's measure.
    pub(crate) hedged: Option<f64>,
}

impl Filling {
    /// Sets what is held, with nothing left to fill.
    pub(crate) fn set(&mut self, held: f64, execution: Execution) {
        (self.held, self.decided) = (held, held);
        (self.resting, self.hedged) = (None, None);
        if !execution.is_at_once() {
            self.pending.clear();
            self.pending.resize(execution.reach(), held);
        }
    }
}
