//! Prices within a bar, and how an account stands there.

use hedgerow_core::{AssetColumns, Fills, Settlement};

use super::margined::Run;
use super::places::Place;
use super::standing::{At, Point, Standing, unit};

/// A place between the row before and an extreme.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(super) share: f64,
    pub(super) at: At,
    pub(super) point: Point,
}

/// What a leg held over a bar, and at what prices.
pub(super) struct Over {
    /// Units into the bar.
    pub(super) before: f64,
    /// Units from its open on.
    during: f64,
    /// Price at the row before.
    pub(super) previous: f64,
    /// Price at which the difference was traded.
    pub(super) filled_at: f64,
}

/// Buffers of a run's standings, so that rows at which nothing happens allocate nothing.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    place: Place,
    units: Vec<f64>,
    point: Point,
}

impl Scratch {
    pub(super) fn new(n_assets: usize, n_legs: usize) -> Self {
        Self {
            place: Place::empty(n_assets),
            units: Vec::with_capacity(n_legs),
            point: Point::new(n_assets, n_legs),
        }
    }
}

pub(super) fn between(from: f64, to: f64, share: f64) -> f64 {
    from + share * (to - from)
}

/// The highest or lowest price of a bar; the close where it is not known.
pub(super) fn extreme(prices: &AssetColumns, row: usize, at: At) -> f64 {
    let column = match at {
        At::Mark => None,
        At::High => prices.high.as_ref(),
        At::Low => prices.low.as_ref(),
    };
    column.map_or(prices.spot[row], |column| column[row])
}

impl Run<'_> {
    /// Whether the market has such prices.
    pub(super) fn is_known(&self, at: At) -> bool {
        let known = |asset: &AssetColumns| match at {
            At::Mark => true,
            At::High => asset.high.is_some(),
            At::Low => asset.low.is_some(),
        };
        self.on.market.assets().iter().any(known)
    }

    /// Prices so far on the way from the row before to an extreme.
    pub(super) fn point(&self, row: usize, at: At, share: f64) -> Point {
        let mut point = Point::new(self.mark.spot.len(), self.legs.len());
        self.set_point(row, at, share, &mut point);
        point
    }

    /// The same, written over `point`.
    fn set_point(&self, row: usize, at: At, share: f64, point: &mut Point) {
        let assets = self.on.market.assets();
        (point.row, point.at) = (row, at);
        for (spot, asset) in point.spot.iter_mut().zip(assets) {
            *spot = between(asset.spot[row - 1], extreme(asset, row, at), share);
        }
        for (price, track) in point.price.iter_mut().zip(&self.venue.tracks) {
            let before = assets[track.asset].spot[row - 1];
            *price = if track.contract.is_some() {
                track.price[row - 1] * point.spot[track.asset] / before
            } else {
                let margin = track.margin.as_ref().map(|margin| &margin.at_mark);
                let from = margin.map_or(track.price[row - 1], |from| from.value(row - 1, before));
                let to = unit(track, at).value(row, extreme(&assets[track.asset], row, at));
                between(from, to, share)
            };
        }
    }

    /// Where on the way the account fell under so many times its maintenance margin.
    pub(super) fn crossing(&mut self, row: usize, at: At, ratio: f64, end: Standing) -> Way {
        let held: Vec<f64> = self.memory.iter().map(|memory| memory.filled.held).collect();
        let mut start = self.mark.clone();
        self.venue.mark(row - 1, &mut start);
        let from = self.venue.standing(&start, &self.places.venue, &held).above(ratio);
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

    /// The standing at a bar's extreme, with nothing closed.
    pub(super) fn at_extreme(&mut self, row: usize, at: At) -> Standing {
        let mut point = std::mem::take(&mut self.scratch.point);
        self.set_point(row, at, 1.0, &mut point);
        let standing = self.on_the_way(row, &point, None);
        self.scratch.point = point;
        standing
    }

    /// The standing at prices within a bar, with a share of every leg closed on the way there.
    pub(super) fn on_the_way(
        &mut self,
        row: usize,
        to: &Point,
        closing: Option<(&Point, f64)>,
    ) -> Standing {
        let Scratch { mut place, mut units, point } = self.take_scratch();
        place.copy(&self.places.venue);
        for leg in 0..self.legs.len() {
            let Over { before, during, previous, filled_at } = self.over(leg, row);
            self.earn(leg, before, (previous, filled_at), to, &mut place);
            self.buy(leg, during - before, filled_at, to, &mut place);
            let mut left = during;
            if let Some((point, share)) = closing {
                left = during * (1.0 - share);
                self.earn(leg, during - left, (filled_at, point.price[leg]), point, &mut place);
                self.buy(leg, left - during, point.price[leg], point, &mut place);
                self.pay_closing(leg, left - during, point, &mut place);
            }
            self.earn(leg, left, (filled_at, to.price[leg]), to, &mut place);
            units.push(left);
        }
        let standing = self.venue.standing(to, &place, &units);
        self.scratch = Scratch { place, units, point };
        standing
    }

    /// The standing at the row's mark, with a share of every leg closed.
    pub(super) fn standing_after(&mut self, share: f64) -> Standing {
        let Scratch { mut place, mut units, point } = self.take_scratch();
        place.copy(&self.at_mark);
        for (leg, untraded) in self.untraded.iter().enumerate() {
            let closed = -share * untraded.held;
            self.buy(leg, closed, self.mark.price[leg], &self.mark, &mut place);
            self.pay_closing(leg, closed, &self.mark, &mut place);
            units.push(untraded.held + closed);
        }
        let standing = self.venue.standing(&self.mark, &place, &units);
        self.scratch = Scratch { place, units, point };
        standing
    }

    fn take_scratch(&mut self) -> Scratch {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.units.clear();
        scratch
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
            Settlement::Cash | Settlement::CoinCash => {
                place.pay(-units * price, self.coin(leg), &at.spot);
            }
            Settlement::Usd | Settlement::Coin => {}
        }
    }

    /// What a leg held over a bar.
    pub(super) fn over(&self, leg: usize, row: usize) -> Over {
        let (track, memory) = (self.venue.tracks[leg], &self.memory[leg]);
        let (before, previous) = (memory.filled.held, track.price[row - 1]);
        match &track.fills {
            Fills::AtPrice | Fills::AtStops { .. } => {
                Over { before, during: before, previous, filled_at: previous }
            }
            Fills::AtOpen { open, .. } => {
                Over { before, during: memory.filled.decided, previous, filled_at: open[row] }
            }
        }
    }
}
