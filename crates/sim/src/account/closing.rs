//! What a venue closes: when, at what price, and how much of it.
//!
//! Within a bar the account is looked at where the market's prices are highest, and where they are lowest, all assets at once,
//! with what was held over the bar and options marked as at the row before. Where it is under its maintenance margin there, it
//! fell under it on the way: at the share of the way at which equity over maintenance reaches zero, both taken as straight lines
//! between the row before and the extreme, but never before the bar's open where the bar opens beyond that. There the legs are
//! closed. Perps and futures are taken to keep their ratio to the spot on the way. An asset whose bars have no highs and lows, beside
//! one whose bars have them, is taken at its close.

use hedgerow_core::{AccountEvent, AccountEventKind, Contract, Found, Settlement};

use super::ending::Ending;
use super::margined::{Run, waits};
use super::places::Place;
use super::standing::{At, Point, Standing, unit};
use super::terms::Then;
use crate::fill::Filled;
use crate::linear::earned;

/// What the venue does at a row.
#[derive(Debug, Clone)]
pub(crate) struct Action {
    kind: AccountEventKind,
    found: Found,
    /// Share of every leg that is closed.
    share: f64,
    /// Where on the way to the extreme, `0` to `1`; `None` at the row's mark.
    way: Option<Way>,
    standing: Standing,
}

/// A place between the row before and an extreme.
#[derive(Debug, Clone)]
struct Way {
    share: f64,
    at: At,
    point: Point,
}

/// Units of a leg that the venue closed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Closed {
    pub(crate) leg: usize,
    pub(crate) row: usize,
    /// Units traded: minus what was closed.
    pub(crate) traded: f64,
    /// Price at which, USD.
    pub(crate) price: f64,
    /// Spot of the leg's asset at which, USD per coin.
    pub(crate) spot: f64,
    /// What the leg's P&L of the row lacks of that of one unit held to the row's mark, per unit, USD.
    pub(crate) missed: f64,
}

pub(super) fn between(from: f64, to: f64, share: f64) -> f64 {
    from + share * (to - from)
}

/// The highest or lowest price of a bar; the close where it is not known.
pub(super) fn extreme(prices: &hedgerow_core::AssetColumns, row: usize, at: At) -> f64 {
    let column = match at {
        At::Mark => None,
        At::High => prices.high.as_ref(),
        At::Low => prices.low.as_ref(),
    };
    column.map_or(prices.spot[row], |column| column[row])
}

/// Shares that a forced reduction may close, of a hundred.
const STEPS: u32 = 100;

impl Run<'_> {
    /// Whether the account fell under its margin on the way to the bar's extremes.
    pub(crate) fn within(&mut self, row: usize) -> Option<Action> {
        let mut worst: Option<(Found, At, Standing)> = None;
        for (found, at) in [(Found::OnWayDown, At::Low), (Found::OnWayUp, At::High)] {
            if !self.is_known(at) {
                continue;
            }
            let point = self.point(row, at, 1.0);
            let standing = self.on_the_way(row, &point, None);
            self.look(standing);
            let ratio = self.margin.reduce_at.unwrap_or(1.0);
            let is_worse =
                worst.as_ref().is_none_or(|(_, _, other)| standing.above(1.0) < other.above(1.0));
            if standing.above(ratio) < 0.0 && is_worse {
                worst = Some((found, at, standing));
            }
        }
        let (found, at, standing) = worst?;
        if let Some(ratio) = self.margin.reduce_at {
            let way = self.crossing(row, at, ratio, standing);
            let extreme = self.point(row, at, 1.0);
            let is_enough = |run: &mut Self, share: f64| {
                run.on_the_way(row, &extreme, Some((&way.point, share))).above(ratio) >= 0.0
            };
            if let Some(share) = self.least_share(is_enough) {
                let kind = AccountEventKind::Reduction;
                return Some(Action { kind, found, share, way: Some(way), standing });
            }
        }
        (standing.above(1.0) < 0.0).then(|| {
            let way = self.crossing(row, at, 1.0, standing);
            let kind = AccountEventKind::Liquidation;
            Action { kind, found, share: 1.0, way: Some(way), standing }
        })
    }

    /// Whether the account is under its margin at the row's mark.
    pub(crate) fn at_mark(&mut self, row: usize) -> Option<Action> {
        let standing = self.standing_after(0.0);
        self.look(standing);
        let found = Found::AtMark;
        if let Some(ratio) = self.margin.reduce_at.filter(|ratio| standing.above(*ratio) < 0.0)
            && let Some(share) =
                self.least_share(|run, share| run.standing_after(share).above(ratio) >= 0.0)
        {
            let kind = AccountEventKind::Reduction;
            return Some(Action { kind, found, share, way: None, standing });
        }
        let kind = AccountEventKind::Liquidation;
        debug_assert_eq!(self.mark.row, row, "the row's marks");
        (standing.above(1.0) < 0.0).then_some(Action {
            kind,
            found,
            share: 1.0,
            way: None,
            standing,
        })
    }

    /// The least share of the legs whose closing is enough; `None` where not even all of it is, or there are no legs.
    fn least_share(&mut self, mut is_enough: impl FnMut(&mut Self, f64) -> bool) -> Option<f64> {
        if self.untraded.is_empty() {
            return None;
        }
        let shares = (1..=STEPS).map(|step| f64::from(step) / f64::from(STEPS));
        shares.into_iter().find(|share| is_enough(self, *share))
    }

    /// Whether the market has such prices.
    fn is_known(&self, at: At) -> bool {
        let known = |asset: &hedgerow_core::AssetColumns| match at {
            At::Mark => true,
            At::High => asset.high.is_some(),
            At::Low => asset.low.is_some(),
        };
        self.on.market.assets().iter().any(known)
    }

    /// Prices so far on the way from the row before to an extreme.
    fn point(&self, row: usize, at: At, share: f64) -> Point {
        let assets = self.on.market.assets();
        let spot: Vec<f64> = assets
            .iter()
            .map(|asset| between(asset.spot[row - 1], extreme(asset, row, at), share))
            .collect();
        let price = self.venue.tracks.iter().map(|track| {
            let before = assets[track.asset].spot[row - 1];
            match track.contract {
                Some(_) => track.price[row - 1] * spot[track.asset] / before,
                None => {
                    let margin = track.margin.as_ref().map(|margin| &margin.at_mark);
                    let from =
                        margin.map_or(track.price[row - 1], |from| from.value(row - 1, before));
                    let to = unit(track, at).value(row, extreme(&assets[track.asset], row, at));
                    between(from, to, share)
                }
            }
        });
        Point { row, at, price: price.collect(), spot }
    }

    /// Where on the way the account fell under so many times its maintenance margin.
    fn crossing(&mut self, row: usize, at: At, ratio: f64, end: Standing) -> Way {
        let held: Vec<f64> = self.memory.iter().map(|memory| memory.filled.held).collect();
        let mut start = self.mark.clone();
        self.venue.mark(row - 1, &mut start);
        let place = self.places.venue.clone();
        let from = self.venue.standing(&start, &place, &held).above(ratio);
        let to = end.above(ratio);
        let share = if from > 0.0 { from / (from - to) } else { 0.0 };
        let share = share.max(self.opens_at(row, at));
        Way { share, at, point: self.point(row, at, share) }
    }

    /// How far on its way to an extreme the bar opens; of several assets the one that opens furthest.
    fn opens_at(&self, row: usize, at: At) -> f64 {
        let shares = self.on.market.assets().iter().filter_map(|asset| {
            let (from, to) = (asset.spot[row - 1], extreme(asset, row, at));
            let open = asset.open.as_ref()?[row];
            ((to - from).abs() > 0.0).then(|| ((open - from) / (to - from)).clamp(0.0, 1.0))
        });
        shares.fold(0.0, f64::max)
    }

    /// The standing at prices within a bar, with a share of every leg closed on the way there.
    fn on_the_way(&mut self, row: usize, to: &Point, closing: Option<(&Point, f64)>) -> Standing {
        let mut place = self.places.venue.clone();
        let mut units = Vec::with_capacity(self.legs.len());
        for leg in 0..self.legs.len() {
            let Over { before, during, previous, filled_at } = self.over(leg, row);
            self.earn(leg, before, (previous, filled_at), to, &mut place);
            self.buy(leg, during - before, filled_at, to, &mut place);
            let mut left = during;
            let mut from = filled_at;
            if let Some((point, share)) = closing {
                self.earn(leg, during, (from, point.price[leg]), to, &mut place);
                left = during * (1.0 - share);
                from = point.price[leg];
                self.buy(leg, left - during, from, to, &mut place);
                place.usd -= self.closing_cost(leg, row, left - during);
            }
            self.earn(leg, left, (from, to.price[leg]), to, &mut place);
            units.push(left);
        }
        self.venue.standing(to, &place, &units)
    }

    /// The standing at the row's mark, with a share of every leg closed.
    fn standing_after(&mut self, share: f64) -> Standing {
        let mut place = self.at_mark.clone();
        let mut units = Vec::with_capacity(self.legs.len());
        for (leg, untraded) in self.untraded.iter().enumerate() {
            let closed = -share * untraded.held;
            self.buy(leg, closed, self.mark.price[leg], &self.mark, &mut place);
            place.usd -= self.closing_cost(leg, self.mark.row, closed);
            units.push(untraded.held + closed);
        }
        self.venue.standing(&self.mark, &place, &units)
    }

    /// P&L of perps and futures from one price to another, paid into `place`.
    fn earn(&self, leg: usize, units: f64, (from, to): (f64, f64), at: &Point, place: &mut Place) {
        let track = self.venue.tracks[leg];
        match track.settlement {
            Settlement::Usd => place.pay(units * (to - from), self.on.terms.paid_in, &at.spot),
            Settlement::Coin => place.coins[track.asset] += units * (1.0 / from - 1.0 / to),
            Settlement::Cash | Settlement::CoinCash => {}
        }
    }

    /// Pays for what is bought outright, out of `place`.
    fn buy(&self, leg: usize, units: f64, price: f64, at: &Point, place: &mut Place) {
        let track = self.venue.tracks[leg];
        match track.settlement {
            Settlement::Cash => place.pay(-units * price, self.on.terms.paid_in, &at.spot),
            Settlement::CoinCash => place.pay(-units * price, Some(track.asset), &at.spot),
            Settlement::Usd | Settlement::Coin => {}
        }
    }

    /// What closing so many units costs, with the penalty, USD.
    fn closing_cost(&self, leg: usize, row: usize, units: f64) -> f64 {
        let (cost, notional) = self.cost(leg, row, units);
        cost + notional * self.penalty(leg, row)
    }

    /// Penalty on what is closed of a leg, a fraction.
    fn penalty(&self, leg: usize, row: usize) -> f64 {
        let penalty = &self.margin.penalty;
        match self.venue.tracks[leg].contract {
            Some(_) => penalty.linear.at(row),
            None => penalty.options.at(row),
        }
    }

    /// What a leg held over a bar.
    fn over(&self, leg: usize, row: usize) -> Over {
        let (track, memory) = (self.venue.tracks[leg], &self.memory[leg]);
        let (before, previous) = (memory.filled.held, track.price[row - 1]);
        match &track.fills {
            hedgerow_core::Fills::AtPrice | hedgerow_core::Fills::AtStops { .. } => {
                Over { before, during: before, previous, filled_at: previous }
            }
            hedgerow_core::Fills::AtOpen { open, .. } => {
                Over { before, during: memory.filled.decided, previous, filled_at: open[row] }
            }
        }
    }

    /// Closes a share of every leg, and where all of them are closed for good, ends the run or the book.
    pub(crate) fn close(&mut self, row: usize, action: &Action) {
        let Action { kind, found, share, way, standing } = action;
        let (mut notional, mut penalty) = (0.0, 0.0);
        for leg in 0..self.legs.len() {
            let closed = self.close_leg(leg, row, *share, way.as_ref());
            notional += closed;
            penalty += closed * self.penalty(leg, row);
        }
        if *kind == AccountEventKind::Liquidation {
            self.is_over = true;
            if self.margin.then == Then::Stop {
                let known = way.as_ref().filter(|_| self.book_is_known(row - 1));
                let ending = Ending { row, way: known.map(|way| (way.share, way.at)) };
                let of_book = if self.venue.holds_book { self.gross(ending) } else { 0.0 };
                notional += of_book;
                penalty += of_book * self.margin.penalty.options.at(row);
                self.out.ending = Some(ending);
                self.venue.holds_book = false;
            }
        }
        self.out.margin.liquidation[row] = penalty;
        let asset = self.first_asset();
        let spot = way.as_ref().map_or(self.mark.spot[asset], |way| way.point.spot[asset]);
        self.out.margin.events.push(AccountEvent {
            row,
            kind: *kind,
            found: *found,
            amount: notional,
            share: Some(*share),
            spot,
            equity: standing.equity,
            initial: standing.asked.initial,
            maintenance: standing.asked.maintenance,
        });
    }

    /// Whether the book is made of coins and of options with columns, so that it has a value within a bar; otherwise it is closed at
    /// the row's mark.
    fn book_is_known(&self, row: usize) -> bool {
        let assets = self.on.exposure.slopes.iter().zip(self.on.market.assets());
        let known: f64 = assets
            .map(|(slopes, asset)| {
                let options = slopes.margin.as_ref();
                slopes.coins * asset.spot[row]
                    + options.map_or(0.0, |options| options.at_mark.value(row, asset.spot[row]))
            })
            .sum();
        let value = self.on.exposure.value[row];
        (known - value).abs() <= 1e-6 * (1.0 + value.abs())
    }

    /// Notional of a book's options, USD.
    fn gross(&self, ending: Ending) -> f64 {
        let row = ending.row - usize::from(ending.way.is_some());
        let gross =
            self.on.exposure.slopes.iter().zip(self.on.market.assets()).map(|(slopes, asset)| {
                let coins = slopes.margin.as_ref().map_or(0.0, |margin| margin.at_mark.gross[row]);
                coins * asset.spot[row]
            });
        gross.sum()
    }

    /// Closes a share of a leg; answers with the notional closed.
    fn close_leg(&mut self, leg: usize, row: usize, share: f64, way: Option<&Way>) -> f64 {
        let track = self.venue.tracks[leg];
        let mut filled = self.untraded[leg];
        let during = filled.held;
        let traded = -share * during;
        let mut missed = 0.0;
        let (mut price, mut spot) = (self.mark.price[leg], self.mark.spot[track.asset]);
        if let Some(way) = way {
            missed = self.missed(leg, row, way);
            filled.price_pnl += traded * missed;
            filled.roll *= 1.0 - share;
            (price, spot) = (way.point.price[leg], way.point.spot[track.asset]);
        }
        let notional = filled.add_trade(track, &self.legs[leg].to, row, traded);
        let left = during + traded;
        self.filled[leg] = Filled { held: left, ..filled };
        let memory = &mut self.memory[leg];
        memory.filled.set(left, self.legs[leg].execution);
        memory.state.held = left;
        if traded.abs() > 0.0 {
            self.out.closed.push(Closed { leg, row, traded, price, spot, missed });
        }
        notional
    }

    /// What one unit earns from a place on the way to the row's mark, USD.
    fn missed(&self, leg: usize, row: usize, way: &Way) -> f64 {
        let track = self.venue.tracks[leg];
        let asset = &self.on.market.assets()[track.asset];
        let Over { previous, filled_at, .. } = self.over(leg, row);
        let to = way.point.price[leg];
        let (whole, so_far) = match (track.contract, &track.fills) {
            (Some(contract), hedgerow_core::Fills::AtOpen { pnl, .. }) => {
                (pnl[row], earned(contract, filled_at, to, asset.spot[row]))
            }
            (Some(Contract::Spot), _) => (track.pnl[row], to - previous),
            (Some(contract), _) => {
                (track.pnl[row], earned(contract, previous, to, asset.spot[row]))
            }
            (None, _) => {
                // What coin-settled options pay are coins, worth the row's spot.
                let coins = track.settlement == Settlement::CoinCash;
                let paid =
                    if coins { to / way.point.spot[track.asset] * asset.spot[row] } else { to };
                (track.pnl[row], paid - previous)
            }
        };
        debug_assert!(waits(track) || (filled_at - previous).abs() <= 0.0, "filled at its price");
        whole - so_far
    }
}

/// What a leg held over a bar, and at what prices.
struct Over {
    /// Units into the bar.
    before: f64,
    /// Units from its open on.
    during: f64,
    /// Price at the row before.
    previous: f64,
    /// Price at which the difference was traded.
    filled_at: f64,
}
