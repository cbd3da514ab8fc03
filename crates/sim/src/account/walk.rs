//! An account on its way from a bar's open to one of its extremes.

use hedgerow_core::{Fills, Settlement};

use super::margined::{Run, waits};
use super::places::Place;
use super::standing::{At, Point, Standing};

/// What an account holds on its way.
#[derive(Debug, Default, Clone)]
pub(crate) struct Walk {
    row: usize,
    /// Cash and coins, without what `units` earned since `from`.
    place: Place,
    /// Units of each leg over the bar before anything was closed, once its trade at the open was filled.
    held: Vec<f64>,
    units: Vec<f64>,
    /// Price of each leg from which on its P&L is not in `place`.
    from: Vec<f64>,
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
#[derive(Debug)]
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

impl Run<'_> {
    /// Starts at a bar's open, with the trades that are filled there and their costs; written over `walk`.
    pub(super) fn set_out(&mut self, row: usize, walk: &mut Walk) {
        let mut open = std::mem::take(&mut self.scratch.point);
        self.set_point(row, (At::Low, 0.0), &mut open);
        walk.row = row;
        walk.place.copy(&self.places.venue);
        walk.held.clear();
        walk.from.clear();
        for leg in 0..self.legs.len() {
            let Over { before, during, previous, filled_at } = self.over(leg, row);
            self.earn(leg, before, (previous, filled_at), &open, &mut walk.place);
            self.buy(leg, during - before, filled_at, &open, &mut walk.place);
            if waits(self.venue.tracks[leg]) {
                let trade = &self.untraded[leg];
                let cost = trade.fee + trade.spread + trade.slippage;
                walk.place.pay(-cost, self.coin(leg), &open.spot);
            }
            walk.held.push(during);
            walk.from.push(filled_at);
        }
        walk.units.clone_from(&walk.held);
        self.scratch.point = open;
    }

    /// Prices at a share of the way to an extreme.
    pub(super) fn point(&self, row: usize, way: (At, f64)) -> Point {
        let mut point = Point::new(self.mark.spot.len(), self.legs.len());
        self.set_point(row, way, &mut point);
        point
    }

    fn set_point(&self, row: usize, way: (At, f64), point: &mut Point) {
        let venue = &self.venue;
        venue.ways.go((venue.market, &venue.tracks), row, way, point);
    }

    /// The standing at a share of the way to an extreme.
    pub(super) fn standing_on(&mut self, walk: &Walk, way: (At, f64)) -> Standing {
        let mut point = std::mem::take(&mut self.scratch.point);
        self.set_point(walk.row, way, &mut point);
        let standing = self.standing_at(walk, &point);
        self.scratch.point = point;
        standing
    }

    fn standing_at(&mut self, walk: &Walk, to: &Point) -> Standing {
        let mut place = std::mem::take(&mut self.scratch.place);
        place.copy(&walk.place);
        for (leg, units) in walk.units.iter().enumerate() {
            self.earn(leg, *units, (walk.from[leg], to.price[leg]), to, &mut place);
        }
        let standing = self.venue.standing(to, &place, &walk.units);
        self.scratch.place = place;
        standing
    }

    /// The share of the way, from `from` on, at which the account falls under so many times its maintenance margin; `from` where it
    /// is under it there. It must be under it at the extreme.
    pub(super) fn crossing(&mut self, walk: &Walk, (at, from): (At, f64), ratio: f64) -> f64 {
        let mut above = |share| self.standing_on(walk, (at, share)).above(ratio);
        let start = above(from);
        if start <= 0.0 {
            return from;
        }
        let end = above(1.0);
        root(above, (from, start), (1.0, end))
    }

    /// Closes a share of every leg as it was over the bar, for its costs and penalty.
    pub(super) fn close_on(&self, walk: &mut Walk, to: &Point, share: f64) {
        for leg in 0..self.legs.len() {
            let price = to.price[leg];
            self.earn(leg, walk.units[leg], (walk.from[leg], price), to, &mut walk.place);
            walk.from[leg] = price;
            let traded = -share * walk.held[leg];
            self.buy(leg, traded, price, to, &mut walk.place);
            self.pay_closing(leg, traded, to, &mut walk.place);
            walk.units[leg] += traded;
        }
    }

    /// The standing once a share of every leg is closed there.
    pub(super) fn standing_closed(&mut self, walk: &Walk, to: &Point, share: f64) -> Standing {
        let mut trial = walk.clone();
        self.close_on(&mut trial, to, share);
        self.standing_at(&trial, to)
    }

    /// The standing at the row's mark, with a share of every leg closed.
    pub(super) fn standing_after(&mut self, share: f64) -> Standing {
        let mut place = std::mem::take(&mut self.scratch.place);
        let mut units = std::mem::take(&mut self.scratch.units);
        units.clear();
        place.copy(&self.at_mark);
        for (leg, untraded) in self.untraded.iter().enumerate() {
            let closed = -share * untraded.held;
            self.buy(leg, closed, self.mark.price[leg], &self.mark, &mut place);
            self.pay_closing(leg, closed, &self.mark, &mut place);
            units.push(untraded.held + closed);
        }
        let standing = self.venue.standing(&self.mark, &place, &units);
        (self.scratch.place, self.scratch.units) = (place, units);
        standing
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

/// Where a function that is positive at one place and not at another is zero: false position with the Illinois rule (Dowell and
/// Jarratt 1971), exact at once where the function is a straight line.
fn root(mut f: impl FnMut(f64) -> f64, from: (f64, f64), to: (f64, f64)) -> f64 {
    let ((mut a, mut at_a), (mut b, mut at_b)) = (from, to);
    let least = 1e-14 * at_a.abs().max(at_b.abs());
    for _ in 0..100 {
        let c = (a * at_b - b * at_a) / (at_b - at_a);
        let at_c = f(c);
        if at_c * at_b < 0.0 {
            (a, at_a) = (b, at_b);
        } else {
            at_a *= 0.5;
        }
        (b, at_b) = (c, at_c);
        if at_b.abs() <= least || (b - a).abs() <= f64::EPSILON {
            break;
        }
    }
    b
}

#[cfg(test)]
mod tests {
    use super::root;

    #[test]
    fn a_straight_line_is_met_at_once_and_a_bent_one_closely() {
        let mut n_calls = 0;
        let line = root(
            |x| {
                n_calls += 1;
                0.3 - x
            },
            (0.0, 0.3),
            (1.0, -0.7),
        );
        assert!((line - 0.3).abs() < 1e-15 && n_calls <= 2, "{line}, {n_calls}");
        let bent = root(|x: f64| 0.5 - x.powi(5), (0.0, 0.5), (1.0, -0.5));
        assert!((bent - 0.5_f64.powf(0.2)).abs() < 1e-12, "{bent}");
    }
}
