//! What closing a leg or the book brings and costs, at the prices at which it happens.
//!
//! Coins that are paid within a bar are counted at the price at which they are paid: P&L, fee and penalty are those of that
//! place, and what the coins do from there to the row's mark is P&L of the coins in the account.

use hedgerow_core::{AccountEventKind, Fills, Settlement, Track};

use super::closing::Step;
use super::ending::{Ending, proceeds};
use super::margined::Run;
use super::places::Place;
use super::standing::{At, Point};
use super::walk::Over;
use crate::To;
use crate::fill::{At as PricedAt, Filled};
use crate::linear::earned;

/// Units of a leg that were closed by force.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Closed {
    pub(crate) leg: usize,
    pub(crate) row: usize,
    /// Units traded: minus what was closed.
    pub(crate) traded: f64,
    /// Whether it was on the way to an extreme, not at the row's mark.
    pub(crate) is_within: bool,
    /// Price at which, USD.
    pub(crate) price: f64,
    /// Penalty, USD.
    pub(crate) penalty: f64,
    /// Spot of the leg's asset at which, USD per coin.
    pub(crate) spot: f64,
    /// What the leg's P&L of the row lacks of that of one unit held to the row's mark, per unit, USD.
    pub(crate) missed: f64,
}

/// What closing came to, USD.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    pub(crate) notional: f64,
    pub(crate) penalty: f64,
    /// Fees, half-spreads and slippage.
    pub(crate) trading: f64,
}

impl Cost {
    pub(super) fn add(&mut self, more: Self) {
        self.notional += more.notional;
        self.penalty += more.penalty;
        self.trading += more.trading;
    }
}

/// Where a leg is closed.
#[derive(Debug, Clone, Copy)]
struct Where {
    row: usize,
    /// Row of which an option's vega is known there.
    known: usize,
    spot: f64,
    price: f64,
}

impl Where {
    /// Fee, half-spread and slippage of a trade there, and its notional.
    fn trade(&self, track: &Track, to: &To, traded: f64) -> Filled {
        // What a venue forces is traded at the market, also where the leg's own orders rest.
        let track = track.forced.as_deref().unwrap_or(track);
        let mut trade = Filled { held: traded, traded, ..Filled::default() };
        if traded == 0.0 {
            return trade;
        }
        let Self { row, known, spot, price } = *self;
        let unit_notional = match track.contract {
            None => spot,
            Some(contract) if contract.is_inverse() => spot / price,
            Some(_) => price,
        };
        let at = PricedAt { price, unit_notional };
        // An option's fee and half-spread there are made of what is known: none is worth more than the option.
        trade.charge_units(traded.abs(), (track, to), row, at, |fee, spread, slippage| {
            let fee = track.option_fee.as_ref().map_or(fee[known], |fee| fee.at(row, spot, price));
            let most = |cost: &[f64]| cost[known].min(price.abs());
            [fee, most(spread), most(slippage)]
        });
        trade
    }
}

impl Run<'_> {
    /// Closes a part of a leg.
    pub(super) fn close_leg(
        &mut self,
        leg: usize,
        row: usize,
        step: &Step,
        kind: AccountEventKind,
    ) -> Cost {
        let track = self.venue.tracks[leg];
        let (mut filled, untraded) = (self.filled[leg], self.untraded[leg]);
        let Step { share, is_rest, ref way } = *step;
        let traded = 0.0 - if is_rest { filled.held } else { share * untraded.held };
        let point = way.as_ref().unwrap_or(&self.mark);
        let at = self.place_of(leg, point);
        let paid_at = self.coin(leg).map(|asset| (asset, point.spot[asset]));
        let mut missed = 0.0;
        if way.is_some() {
            let (whole, so_far) = self.unit_pnl(leg, at);
            missed = whole - so_far;
            filled.price_pnl += traded * missed;
            // What falls on the bar's end, funding, expiries and rolls, falls on what is left.
            let left = |now: f64, whole: f64| if is_rest { 0.0 } else { now - share * whole };
            filled.carry = left(filled.carry, untraded.carry);
            filled.roll = left(filled.roll, untraded.roll);
            if let Some(rolls) = &track.rolls {
                let before = self.over(leg, row).before.abs();
                filled.turnover -= share * before * rolls.turnover(row);
            }
        }
        let trade = at.trade(track, &self.legs[leg].to, traded);
        filled.add(&trade);
        self.filled[leg] = filled;
        let memory = &mut self.memory[leg];
        memory.filled.set(filled.held, self.legs[leg].execution);
        memory.state.held = filled.held;
        let brought = -traded * self.brought(leg, at) - trade.cost();
        let penalty = trade.turnover * self.penalty(kind, track.contract.is_some(), row);
        self.pay_closed(row, paid_at, brought, penalty);
        if traded.abs() > 0.0 {
            let (price, spot, is_within) = (at.price, at.spot, way.is_some());
            let closed = Closed { leg, row, traded, is_within, price, penalty, spot, missed };
            self.out.closed.push(closed);
        }
        Cost { notional: trade.turnover, penalty, trading: trade.cost() }
    }

    fn place_of(&self, leg: usize, point: &Point) -> Where {
        let known = point.row - usize::from(point.at != At::Mark);
        let asset = self.venue.tracks[leg].asset;
        Where { row: point.row, known, spot: point.spot[asset], price: point.price[leg] }
    }

    /// What one unit earns over the row from where it was last traded: to the row's mark, and to a place on the way, USD.
    fn unit_pnl(&self, leg: usize, at: Where) -> (f64, f64) {
        let track = self.venue.tracks[leg];
        let Over { previous, filled_at, .. } = self.over(leg, at.row);
        let whole = match &track.fills {
            Fills::AtOpen { pnl, .. } => pnl[at.row],
            Fills::AtPrice | Fills::AtStops { .. } => track.pnl[at.row],
        };
        let so_far = match track.contract {
            Some(contract) => earned(contract, filled_at, at.price, at.spot),
            None => at.price - previous,
        };
        (whole, so_far)
    }

    /// What closing one unit on the way pays, USD: its price where it is held outright, else what it earned since it was traded.
    fn brought(&self, leg: usize, at: Where) -> f64 {
        match self.venue.tracks[leg].settlement {
            Settlement::Cash | Settlement::CoinCash => at.price,
            Settlement::Usd | Settlement::Coin if at.known < at.row => self.unit_pnl(leg, at).1,
            Settlement::Usd | Settlement::Coin => 0.0,
        }
    }

    /// Charges a penalty, and pays what coins that a closing paid are more or less than those of the leg's row.
    fn pay_closed(
        &mut self,
        row: usize,
        paid_at: Option<(usize, f64)>,
        brought: f64,
        penalty: f64,
    ) {
        self.out.margin.liquidation[row] += penalty;
        let Some((asset, then)) = paid_at else {
            self.forced.usd -= penalty;
            return;
        };
        let now = self.mark.spot[asset];
        self.forced.coins[asset] += (brought - penalty) / then - brought / now;
        self.out.later.push((row, (brought - penalty) * (now / then - 1.0)));
    }

    /// Costs and penalty of closing so many units in a reduction, paid out of `place`.
    pub(super) fn pay_closing(&self, leg: usize, units: f64, point: &Point, place: &mut Place) {
        let track = self.venue.tracks[leg];
        let at = self.place_of(leg, point);
        let trade = at.trade(track, &self.legs[leg].to, units);
        let rate = self.penalty(AccountEventKind::Reduction, track.contract.is_some(), point.row);
        place.pay(-(trade.cost() + trade.turnover * rate), self.coin(leg), &point.spot);
    }

    /// Penalty on what is closed, a fraction of its notional.
    fn penalty(&self, kind: AccountEventKind, is_linear: bool, row: usize) -> f64 {
        let reduction = self.margin.reduce_at.as_ref();
        let reduction = reduction.filter(|_| kind != AccountEventKind::Liquidation);
        let penalty = reduction.map_or(&self.margin.penalty, |reduction| &reduction.penalty);
        if is_linear { penalty.linear.at(row) } else { penalty.options.at(row) }
    }

    /// Ends the book; what its options cost, where they are the venue's to close.
    pub(super) fn close_book(&mut self, ending: Ending) -> Cost {
        let mut cost = Cost::default();
        let rate = self.penalty(AccountEventKind::Liquidation, false, ending.row);
        let held = ending.row - usize::from(ending.way.is_some());
        let paid_in = self.on.terms.paid_in.map(|asset| (asset, ending.spot(self.on, asset)));
        for asset in 0..self.mark.spot.len() {
            let then = ending.spot(self.on, asset);
            let (usd, coins) = proceeds(self.on, &ending, asset);
            let mut later = coins * (self.mark.spot[asset] - then);
            if let Some((stable, then)) = paid_in {
                later += usd * (self.mark.spot[stable] / then - 1.0);
            }
            self.out.later.push((ending.row, later));
            let slopes = &self.on.exposure.slopes[asset];
            if let Some(margin) = slopes.margin.as_ref().filter(|_| self.venue.holds_book) {
                let notional = margin.at_mark.gross[held] * then;
                let paid_at = if slopes.is_coin_settled() { Some((asset, then)) } else { paid_in };
                let penalty = notional * rate;
                self.pay_closed(ending.row, paid_at, 0.0, penalty);
                cost.add(Cost { notional, penalty, trading: 0.0 });
            }
        }
        self.out.ending = Some(ending);
        self.venue.holds_book = false;
        cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow_core::{Contract, OptionFee, Series, UnitCost};

    const ZERO: Series = Series::Constant(0.0);

    /// Two rows; what is closed within the bar of the second knows an option's vega of the first.
    fn track(contract: Option<Contract>, unit_cost: UnitCost) -> Track {
        Track {
            name: "test".to_owned(),
            asset: 0,
            contract,
            settlement: Settlement::Usd,
            pnl: vec![0.0; 2],
            fills: Fills::AtPrice,
            carry: ZERO,
            delta: ZERO,
            gamma: ZERO,
            vega: ZERO,
            theta: ZERO,
            explained: None,
            unit_cost,
            option_fee: contract.is_none().then_some(OptionFee {
                rate: Series::Constant(3e-4),
                cap: Series::Constant(0.125),
            }),
            impact: None,
            rolls: None,
            unit_notional: ZERO,
            cost_rate: 0.0,
            marked_at_spot: false,
            margin: None,
            forced: None,
            price: vec![0.0; 2],
        }
    }

    #[track_caller]
    fn assert_trade(track: &Track, (spot, price): (f64, f64), expected: [f64; 4]) {
        let at = Where { row: 1, known: 0, spot, price };
        let trade = at.trade(track, &To::EDGE, -4.0);
        let found = [trade.fee, trade.spread, trade.slippage, trade.turnover];
        for (found, expected) in found.into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found}, expected {expected}");
        }
        assert_eq!((trade.held, trade.traded), (-4.0, -4.0));
    }

    /// Four options at a spot of 40,000: 3 bp of it each, 12.00, while that is less than 12.5 % of the price; half-spread and
    /// slippage of the row before, 20.00 and 5.00, and no more than the price.
    #[test]
    fn an_option_closed_within_a_bar_pays_what_is_known_there() {
        let unit_cost = UnitCost::PerUnit {
            fee: vec![99.0; 2],
            spread: vec![20.0, 99.0],
            slippage: vec![5.0, 99.0],
        };
        let option = track(None, unit_cost);
        assert_trade(&option, (40_000.0, 800.0), [48.0, 80.0, 20.0, 160_000.0]);
        assert_trade(&option, (40_000.0, 16.0), [8.0, 64.0, 20.0, 160_000.0]);
    }

    /// Fees and turnover follow the price at which a contract is closed: four coins at 41,000, or 4 USD of an inverse contract
    /// that stand at the spot over its price.
    #[test]
    fn a_contract_closed_within_a_bar_pays_on_its_notional_there() {
        let unit_cost = || UnitCost::Proportional { fee: 5e-4, spread: 1e-4, slippage: 2e-4 };
        let perp = track(Some(Contract::LinearPerp), unit_cost());
        assert_trade(&perp, (40_000.0, 41_000.0), [82.0, 16.4, 32.8, 164_000.0]);
        let inverse = track(Some(Contract::InversePerp), unit_cost());
        let notional = 4.0 * 40_000.0 / 41_000.0;
        let expected = [5e-4 * notional, 1e-4 * notional, 2e-4 * notional, notional];
        assert_trade(&inverse, (40_000.0, 41_000.0), expected);
    }
}
