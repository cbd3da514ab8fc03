//! A book that is closed with its hedge: what that brings.

use super::margined::Inputs;
use super::places::Place;
use super::standing::{OptionsAt, Point};

/// How a book was closed.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    pub(crate) row: usize,
    /// Where within the bar; `None`: at the row's mark, after the row's flows.
    pub(crate) way: Option<Point>,
}

impl Ending {
    /// Whether the row's own premiums and payoffs are paid: not where the book was gone before.
    pub(crate) fn keeps_flows(&self) -> bool {
        self.way.is_none()
    }

    /// Price of an asset at which the book was closed, USD per coin.
    pub(crate) fn spot(&self, on: Inputs<'_>, asset: usize) -> f64 {
        self.way.as_ref().map_or(on.market.assets()[asset].spot[self.row], |way| way.spot[asset])
    }
}

/// What closing a book pays: USD, and coins of one asset after another.
pub(crate) fn proceeds(on: Inputs<'_>, ending: &Ending, asset: usize) -> (f64, f64) {
    let Inputs { market, exposure, .. } = on;
    let slopes = &exposure.slopes[asset];
    let row = ending.row;
    let Some(way) = &ending.way else {
        let coins = slopes.coin_value.get(row).copied().unwrap_or(0.0);
        // The USD of all assets stand in one column: they are paid with the first.
        let others = exposure.slopes.iter().zip(market.assets());
        let in_coins: f64 = others
            .map(|(slopes, asset)| {
                slopes.coin_value.get(row).map_or(0.0, |coins| coins * asset.spot[row])
            })
            .sum();
        return (if asset == 0 { exposure.value[row] - in_coins } else { 0.0 }, coins);
    };
    let held = slopes.coins * way.spot[asset];
    let Some(margin) = &slopes.margin else { return (held, 0.0) };
    let options = OptionsAt::new(margin, way, asset);
    (held + options.of(|of| &of.usd_value), options.of(|of| &of.coin_value))
}

/// Pays what closing a book brings, coins for what they are worth where it is closed.
pub(crate) fn pay_book(on: Inputs<'_>, ending: &Ending, place: &mut Place) {
    for asset in 0..on.market.assets().len() {
        let (usd, coins) = proceeds(on, ending, asset);
        place.coins[asset] += coins;
        match on.terms.paid_in {
            None => place.usd += usd,
            Some(stable) => place.coins[stable] += usd / ending.spot(on, stable),
        }
    }
}
