//! A book that is closed with its hedge, and is no more.

use hedgerow_core::{BookClosed, Exposure, Line};

use super::BookCosts;
use super::ending::{Ending, proceeds};
use super::margined::Inputs;

/// An exposure that ends.
#[derive(Debug)]
pub(crate) struct Stopped {
    pub(crate) exposure: Exposure,
    pub(crate) book: BookCosts,
    pub(crate) closed: BookClosed,
}

impl Stopped {
    /// The book of a run up to its ending, whose proceeds are its last flow.
    pub(crate) fn new(on: Inputs<'_>, ending: Ending) -> Self {
        let (mut exposure, mut book) = (on.exposure.clone(), on.book.clone());
        let Ending { row, .. } = ending;
        let assets = on.market.assets();
        let first_free = row + usize::from(ending.keeps_flows());
        let before = pnl(on, &exposure, row);
        exposure.cash_flow[first_free..].fill(0.0);
        for (asset, slopes) in exposure.slopes.iter_mut().enumerate() {
            let (usd, coins) = proceeds(on, ending, asset);
            if slopes.is_coin_settled() {
                slopes.coin_flow[first_free..].fill(0.0);
                slopes.coin_flow[row] += coins;
                slopes.coin_value[row..].fill(0.0);
            }
            exposure.cash_flow[row] += usd;
            for column in
                [&mut slopes.delta, &mut slopes.gamma, &mut slopes.vega, &mut slopes.theta]
            {
                column[row..].fill(0.0);
            }
            slopes.years[row..].fill(None);
        }
        exposure.value[row..].fill(0.0);
        exposure.trades.retain(|trade| trade.row < first_free);
        for line in Line::ALL {
            exposure.explained.line_mut(line)[row + 1..].fill(0.0);
        }
        let after = pnl(on, &exposure, row);
        exposure.explained.line_mut(Line::Residual)[row] += after - before;
        book.fee[first_free..].fill(0.0);
        book.spread[first_free..].fill(0.0);
        book.turnover[first_free..].fill(0.0);
        book.coins.iter_mut().for_each(|coins| coins[first_free..].fill(0.0));
        debug_assert_eq!(assets.len(), exposure.slopes.len(), "slopes of each asset");
        let coin_flow = exposure.slopes.iter().map(|slopes| slopes.coin_flow.get(row).copied());
        let closed = BookClosed {
            row,
            cash_flow: exposure.cash_flow[row],
            coin_flow: coin_flow.map(|coins| coins.unwrap_or(0.0)).collect(),
        };
        Self { exposure, book, closed }
    }
}

/// P&L of a book over a row, USD; 0 at the first.
fn pnl(on: Inputs<'_>, exposure: &Exposure, row: usize) -> f64 {
    let Some(before) = row.checked_sub(1) else { return 0.0 };
    let coins = exposure.slopes.iter().zip(on.market.assets());
    let in_coins: f64 = coins
        .map(|(slopes, asset)| {
            slopes.coin_flow.get(row).map_or(0.0, |coins| coins * asset.spot[row])
        })
        .sum();
    exposure.value[row] - exposure.value[before] + exposure.cash_flow[row] + in_coins
}
