//! A book that is closed with its hedge, and is no more.

use hedgerow_core::{BookClosed, Explained, Exposure, Line};

use super::BookCosts;
use super::ending::{Ending, proceeds};
use super::explain_closed::spot_lines;
use super::margined::Inputs;

/// An exposure that ends.
#[derive(Debug)]
pub(crate) struct Stopped {
    pub(crate) exposure: Exposure,
    pub(crate) book: BookCosts,
    pub(crate) closed: BookClosed,
    /// What the coins that it was closed for earned from there to the row's mark, USD: not the book's P&L.
    pub(crate) later: f64,
}

impl Stopped {
    /// The book of a run up to its ending, whose proceeds are its last flow.
    pub(crate) fn new(on: Inputs<'_>, ending: &Ending) -> Self {
        let (mut exposure, mut book) = (on.exposure.clone(), on.book.clone());
        let row = ending.row;
        let assets = on.market.assets();
        let first_free = row + usize::from(ending.keeps_flows());
        let before = pnl(on, &exposure, row);
        let mut later = 0.0;
        exposure.cash_flow[first_free..].fill(0.0);
        for (asset, slopes) in exposure.slopes.iter_mut().enumerate() {
            let (usd, coins) = proceeds(on, ending, asset);
            later += coins * (assets[asset].spot[row] - ending.spot(on, asset));
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
        let after = pnl(on, &exposure, row) - later;
        explain(on, ending, &mut exposure, (before, after));
        book.fee[first_free..].fill(0.0);
        book.spread[first_free..].fill(0.0);
        book.turnover[first_free..].fill(0.0);
        book.coins.iter_mut().for_each(|coins| coins[first_free..].fill(0.0));
        let coin_flow = exposure.slopes.iter().map(|slopes| slopes.coin_flow.get(row).copied());
        let closed = BookClosed {
            row,
            cash_flow: exposure.cash_flow[row],
            coin_flow: coin_flow.map(|coins| coins.unwrap_or(0.0)).collect(),
            explained: row_of(&exposure.explained, row),
        };
        Self { exposure, book, closed, later }
    }
}

/// The lines of the last row, which was to have a P&L of `before` and has one of `after`; there are none later.
///
/// Within the bar options were marked as at the row before but for the spot: delta and gamma of its move to where the book was
/// closed, and the rest is the residual.
fn explain(on: Inputs<'_>, ending: &Ending, exposure: &mut Exposure, (before, after): (f64, f64)) {
    let row = ending.row;
    let first = row + usize::from(ending.way.is_none());
    for line in Line::ALL {
        exposure.explained.line_mut(line)[first..].fill(0.0);
    }
    let mut residual = after - before;
    if ending.way.is_some() {
        residual = after;
        for (asset, slopes) in on.exposure.slopes.iter().enumerate() {
            let moved = ending.spot(on, asset) - on.market.assets()[asset].spot[row - 1];
            let (delta, gamma) = spot_lines(slopes.delta[row - 1], slopes.gamma[row - 1], moved);
            exposure.explained.line_mut(Line::Delta)[row] += delta;
            exposure.explained.line_mut(Line::Gamma)[row] += gamma;
            residual -= delta + gamma;
        }
    }
    exposure.explained.line_mut(Line::Residual)[row] += residual;
}

/// One row of an explanation.
fn row_of(explained: &Explained, row: usize) -> Explained {
    let mut one = Explained::zero(1);
    for line in Line::ALL {
        one.line_mut(line)[0] = explained.line(line)[row];
    }
    one
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
