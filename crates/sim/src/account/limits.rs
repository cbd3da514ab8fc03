//! What legs may trade: as far as margin leaves room.

use hedgerow_core::Settlement;

use super::margined::Run;
use super::standing::Standing;
use crate::To;
use crate::fill::Filled;

impl Run<'_> {
    /// Units that a leg may hold on its way to what it wants: as far as initial margin, the ratio that the account keeps and the
    /// trade's cost leave equity for them, and the venue's limit on positions. Trades that leave more of initial margin free are
    /// always allowed, and those that make the leg smaller and the initial margin no larger; after a reduction no others.
    pub(super) fn allowed(&mut self, leg: usize, row: usize, wanted: f64) -> f64 {
        let held = self.units[leg];
        if (wanted - held).abs() <= 0.0 {
            return wanted;
        }
        let now = self.venue.standing(&self.mark, &self.at_mark, &self.units);
        if self.fits(leg, &now, wanted) {
            return wanted;
        }
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            if self.fits(leg, &now, held + middle * (wanted - held)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        // What is left of a step that does not fit at all is rounding.
        if low < 1e-9 {
            return held;
        }
        let most = held + low * (wanted - held);
        whole_lots(&self.legs[leg].to, held, most, self.desks[leg].measure(row))
    }

    /// Whether a leg may go from what is held, in this standing, to so many units.
    fn fits(&mut self, leg: usize, now: &Standing, units: f64) -> bool {
        let held = self.units[leg];
        let traded = units - held;
        let mut paid = self.cost(leg, self.mark.row, traded);
        let track = self.venue.tracks[leg];
        if matches!(track.settlement, Settlement::Cash | Settlement::CoinCash) {
            paid += traded * self.mark.price[leg];
        }
        let coin = self.coin(leg);
        let before = coin.map_or(self.at_mark.usd, |asset| self.at_mark.coins[asset]);
        self.at_mark.pay(-paid, coin, &self.mark.spot);
        self.units[leg] = units;
        let then = self.venue.standing(&self.mark, &self.at_mark, &self.units);
        self.units[leg] = held;
        match coin {
            None => self.at_mark.usd = before,
            Some(asset) => self.at_mark.coins[asset] = before,
        }
        let is_paused =
            self.paused_until.is_some_and(|until| self.on.market.time()[self.mark.row] < until);
        let keeps =
            self.margin.reduce_at.as_ref().is_none_or(|keeps| then.above(keeps.ratio) >= 0.0);
        let has_room = then.free() >= 0.0 && keeps && !then.asked.is_beyond_limit;
        let is_smaller = traded * held < 0.0 && traded.abs() <= held.abs();
        has_room && !is_paused
            || then.free() >= now.free() && !then.asked.is_beyond_limit
            || is_smaller && then.asked.initial <= now.asked.initial
    }

    /// Fee, half-spread and slippage of a trade at a row, USD.
    fn cost(&self, leg: usize, row: usize, traded: f64) -> f64 {
        let mut trade = Filled::default();
        trade.add_trade(self.venue.tracks[leg], &self.legs[leg].to, row, traded);
        trade.cost()
    }
}

/// The most of a trade from `held` to `most` that leaves whole lots and is not less than the least trade.
fn whole_lots(to: &To, held: f64, most: f64, measure: f64) -> f64 {
    let whole = match to.lot {
        None => most,
        Some(lot) if most > held => (most / lot).floor() * lot,
        Some(lot) => (most / lot).ceil() * lot,
    };
    let is_back = (whole - held) * (most - held) <= 0.0;
    if is_back || ((whole - held) * measure).abs() < to.minimum_trade { held } else { whole }
}
