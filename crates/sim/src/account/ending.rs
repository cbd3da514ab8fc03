//! A book that is closed with its hedge: what that brings.

use hedgerow_core::OptionMarginAt;

use super::margined::Inputs;
use super::on_the_way::{between, extreme};
use super::places::Place;
use super::standing::{At, columns};

/// How a book was closed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ending {
    pub(crate) row: usize,
    /// Share of the way to the extreme, and which; `None`: at the row's mark, after the row's flows.
    pub(crate) way: Option<(f64, At)>,
}

impl Ending {
    /// Whether the row's own premiums and payoffs are paid: not where the book was gone before.
    pub(crate) fn keeps_flows(self) -> bool {
        self.way.is_none()
    }

    /// Price of an asset at which the book was closed, USD per coin.
    pub(crate) fn spot(self, on: Inputs<'_>, asset: usize) -> f64 {
        let (prices, row) = (&on.market.assets()[asset], self.row);
        self.way.map_or(prices.spot[row], |(share, at)| {
            between(prices.spot[row - 1], extreme(prices, row, at), share)
        })
    }
}

/// What closing a book pays: USD, and coins of one asset after another.
pub(crate) fn proceeds(on: Inputs<'_>, ending: Ending, asset: usize) -> (f64, f64) {
    let Inputs { market, exposure, .. } = on;
    let slopes = &exposure.slopes[asset];
    let Ending { row, way } = ending;
    let Some((share, at)) = way else {
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
    let held = slopes.coins * ending.spot(on, asset);
    let Some(margin) = &slopes.margin else { return (held, 0.0) };
    let to = columns(margin, at).expect("an extreme that was found has columns");
    let value = |of: fn(&OptionMarginAt) -> &Vec<f64>| {
        between(of(&margin.at_mark)[row - 1], of(to)[row], share)
    };
    (held + value(|of| &of.usd_value), value(|of| &of.coin_value))
}

/// Pays what closing a book brings, coins for what they are worth where it is closed.
pub(crate) fn pay_book(on: Inputs<'_>, ending: Ending, place: &mut Place) {
    for asset in 0..on.market.assets().len() {
        let (usd, coins) = proceeds(on, ending, asset);
        place.coins[asset] += coins;
        match on.terms.paid_in {
            None => place.usd += usd,
            Some(stable) => place.coins[stable] += usd / ending.spot(on, stable),
        }
    }
}
