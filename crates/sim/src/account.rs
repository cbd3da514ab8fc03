//! The account: cash, coins and equity over the book and its legs.

use std::ops::Range;

use hedgerow_core::{Exposure, Ledger, LegLedger, Market, Settlement, Track};

use crate::CostsByDate;
use crate::explain::explain;
use crate::option_leg::TradeCost;

mod closed;
mod closing;
mod ending;
mod explain_closed;
mod limits;
mod margined;
mod on_the_way;
mod places;
mod recording;
mod standing;
mod stopped;
mod terms;
mod transfers;
mod walk;

use closed::Closed;
use explain_closed::explain_closed;
use margined::short_fee;
pub(crate) use margined::{Inputs, Margined, run as run_with_margin};
use places::Place;
use stopped::Stopped;
pub use terms::{
    AccountTerms, MarginOf, MarginTerms, Penalty, Reduction, SpotMargin, Sweep, Then, TopUp,
};

/// What the account starts with, and what cash earns.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// USD before the first row; see [`AccountTerms::paid_in`].
    pub usd: f64,
    /// Coins before the first row, one number per asset.
    pub coins: Vec<f64>,
    /// Continuous interest rate on USD cash, per year; debit balances pay the same rate.
    pub rate: f64,
}

/// What the book's own option trades cost, by row. The same for every strategy.
#[derive(Debug, Clone, PartialEq)]
pub struct BookCosts {
    /// USD; at least 0 but for agreed fees that were received.
    pub fee: Vec<f64>,
    /// USD; half-spread and slippage, at least 0; of trades at an agreed price what they lost against the mark, negative
    /// where the price was better.
    pub spread: Vec<f64>,
    /// USD of notional turned over.
    pub turnover: Vec<f64>,
    /// Coins paid for `fee` and `spread` of coin-settled options, one column per asset; that part of the two is not paid
    /// in USD.
    pub coins: Vec<Vec<f64>>,
}

impl BookCosts {
    /// The costs of the option trades of `exposure`.
    pub fn new(market: &Market, exposure: &Exposure, costs: &dyn CostsByDate) -> Self {
        let zeros = || vec![0.0; market.n_rows()];
        let coins = market.assets().iter().map(|_| zeros()).collect();
        let mut book = Self { fee: zeros(), spread: zeros(), turnover: zeros(), coins };
        for trade in &exposure.trades {
            let cost = TradeCost::of(trade, costs.at(market.time()[trade.row]));
            let spread = cost.spread + cost.slippage;
            book.fee[trade.row] += cost.fee;
            book.spread[trade.row] += spread;
            book.turnover[trade.row] += cost.turnover;
            if trade.coin_settled {
                let spot = market.assets()[trade.asset].spot[trade.row];
                book.coins[trade.asset][trade.row] += (cost.fee + spread) / spot;
            }
        }
        book
    }
}

/// Cash and coins that flow at each row.
#[derive(Debug)]
struct Flows {
    usd: Vec<f64>,
    coins: Vec<Vec<f64>>,
}

impl Flows {
    fn add(&mut self, coin: Option<usize>, row: usize, usd: f64, market: &Market) {
        match coin {
            None => self.usd[row] += usd,
            Some(asset) => self.coins[asset][row] += usd / market.assets()[asset].spot[row],
        }
    }

    fn pay(&self, row: usize, place: &mut Place) {
        place.usd += self.usd[row];
        place.coins.iter_mut().zip(&self.coins).for_each(|(coins, flow)| *coins += flow[row]);
    }
}

/// Fills in everything of a ledger that is not a leg's own: account, equity, explanation.
pub(crate) fn close_books(on: Inputs<'_>, tracks: &[&Track], ledger: &mut Ledger) {
    let Inputs { market, exposure, terms, book, .. } = on;
    let mut flows = book_flows(market, exposure, book, terms.paid_in);
    for (leg, track) in ledger.legs.iter_mut().zip(tracks) {
        settle(market, track, leg);
        pay(on, track, leg, &mut flows);
    }
    balances(on, &flows, tracks, ledger);
    sum_up(on, tracks, ledger, &Forced::default());
}

/// The same where cash and coins are known from a run under margin.
pub(crate) fn close_margined(
    on: Inputs<'_>,
    tracks: &[&Track],
    ledger: &mut Ledger,
    run: Margined,
) {
    let Margined { legs, interest, cash, coins, margin, closed, later, ending } = run;
    let mut forced = Forced { closed, later, of_book: None };
    (ledger.legs, ledger.interest, ledger.cash, ledger.coins) = (legs, interest, cash, coins);
    ledger.margin = margin;
    for (leg, track) in ledger.legs.iter_mut().zip(tracks) {
        settle(on.market, track, leg);
    }
    match ending.map(|ending| Stopped::new(on, &ending)) {
        None => sum_up(on, tracks, ledger, &forced),
        Some(stopped) => {
            forced.of_book = Some((stopped.closed.row, stopped.later));
            let on = Inputs { exposure: &stopped.exposure, book: &stopped.book, ..on };
            sum_up(on, tracks, ledger, &forced);
            ledger.margin.book_closed = Some(stopped.closed);
        }
    }
}

/// What was closed by force.
#[derive(Debug, Default)]
struct Forced {
    closed: Vec<Closed>,
    /// Row, and USD that coins paid within its bar earned from there to its mark.
    later: Vec<(usize, f64)>,
    /// That part of it which is of coins that the book was closed for.
    of_book: Option<(usize, f64)>,
}

/// What follows from legs, cash and coins.
fn sum_up(on: Inputs<'_>, tracks: &[&Track], ledger: &mut Ledger, forced: &Forced) {
    let Inputs { market, exposure, book, .. } = on;
    ledger.book_fee.clone_from(&book.fee);
    ledger.book_spread.clone_from(&book.spread);
    book_pnl(market, exposure, 0..market.n_rows(), &mut ledger.book_pnl);
    ledger.collateral_pnl =
        (0..market.n_rows()).map(|row| collateral_pnl(market, ledger, row)).collect();
    forced.later.iter().for_each(|(row, usd)| ledger.collateral_pnl[*row] += usd);
    if let Some((row, usd)) = forced.of_book {
        ledger.book_pnl[row] -= usd;
    }
    equity(market, exposure, tracks, ledger);
    net_delta(exposure, tracks, ledger);
    explain(market, exposure, tracks, ledger);
    for closed in &forced.closed {
        explain_closed(market, tracks[closed.leg], closed, ledger);
    }
}

/// Change of the book's value over each of `rows` plus what flowed out of it, USD, written over `pnl`; 0 at row 0.
pub(crate) fn book_pnl(
    market: &Market,
    exposure: &Exposure,
    rows: Range<usize>,
    pnl: &mut Vec<f64>,
) {
    pnl.clear();
    if rows.start == 0 {
        pnl.push(0.0);
    }
    let rows = rows.start.max(1)..rows.end;
    let values = exposure.value[rows.start - 1..].iter().zip(&exposure.value[rows.clone()]);
    pnl.extend(
        values
            .zip(&exposure.cash_flow[rows.clone()])
            .map(|((before, value), cash)| value - before + cash),
    );
    let first = pnl.len() - rows.len();
    for (slopes, asset) in exposure.slopes.iter().zip(market.assets()) {
        if slopes.is_coin_settled() {
            add_products(
                &mut pnl[first..],
                &slopes.coin_flow[rows.clone()],
                &asset.spot[rows.clone()],
            );
        }
    }
}

/// What the book brings to the account; USD in the coins that stand for them, `paid_in`.
fn book_flows(
    market: &Market,
    exposure: &Exposure,
    book: &BookCosts,
    paid_in: Option<usize>,
) -> Flows {
    let mut flows = Flows { usd: exposure.cash_flow.clone(), coins: book.coins.clone() };
    for (row, usd) in flows.usd.iter_mut().enumerate() {
        let in_coins: f64 = book
            .coins
            .iter()
            .zip(market.assets())
            .map(|(coins, asset)| coins[row] * asset.spot[row])
            .sum();
        *usd -= book.fee[row] + book.spread[row] - in_coins;
    }
    for (coins, slopes) in flows.coins.iter_mut().zip(&exposure.slopes) {
        for (row, coins) in coins.iter_mut().enumerate() {
            *coins = slopes.coin_flow.get(row).copied().unwrap_or(0.0) - *coins;
        }
    }
    if let Some(asset) = paid_in {
        let usd = std::mem::replace(&mut flows.usd, vec![0.0; market.n_rows()]);
        for (row, usd) in usd.into_iter().enumerate() {
            flows.add(Some(asset), row, usd, market);
        }
    }
    flows
}

/// Notes what was paid for what is bought outright.
fn settle(market: &Market, track: &Track, leg: &mut LegLedger) {
    let outright = matches!(track.settlement, Settlement::Cash | Settlement::CoinCash);
    leg.premium.clear();
    for row in 0..market.n_rows() {
        let (held_before, price_before) = match row.checked_sub(1) {
            Some(before) => (leg.held[before], leg.price[before]),
            None => (0.0, 0.0),
        };
        let worth = leg.held[row] * leg.price[row] - held_before * price_before;
        leg.premium.push(if outright { worth - leg.price_pnl[row] } else { 0.0 });
    }
}

/// Pays what a leg earned and cost into the account.
fn pay(on: Inputs<'_>, track: &Track, leg: &LegLedger, flows: &mut Flows) {
    let coin = match track.settlement {
        Settlement::Coin | Settlement::CoinCash => Some(track.asset),
        Settlement::Usd | Settlement::Cash => on.terms.paid_in,
    };
    let outright = matches!(track.settlement, Settlement::Cash | Settlement::CoinCash);
    for row in 0..leg.held.len() {
        let pnl = if outright { -leg.premium[row] } else { leg.price_pnl[row] };
        let cost = leg.fee[row] + leg.spread[row] + leg.slippage[row] + leg.roll[row];
        flows.add(coin, row, pnl + leg.carry[row] - cost, on.market);
    }
}

fn balances(on: Inputs<'_>, flows: &Flows, tracks: &[&Track], ledger: &mut Ledger) {
    let Inputs { market, account, terms, .. } = on;
    let time = market.time();
    let mut place = Place::opening(market, (account.usd, &account.coins), terms.paid_in);
    ledger.coins = account.coins.iter().map(|_| Vec::with_capacity(time.len())).collect();
    for row in 0..time.len() {
        let mut interest = 0.0;
        if let Some(before) = row.checked_sub(1) {
            let years = time[row].years_since(time[before]);
            let spot = |asset: usize| market.assets()[asset].spot[row];
            interest = place.accrue(years, account.rate, terms, spot);
            let fees = ledger
                .legs
                .iter()
                .zip(tracks)
                .map(|(leg, track)| short_fee(track, leg.held[before], before, years, terms));
            let fee: f64 = fees.sum();
            match terms.paid_in {
                None => place.usd -= fee,
                Some(asset) => place.coins[asset] -= fee / spot(asset),
            }
            interest -= fee;
        }
        flows.pay(row, &mut place);
        ledger.interest.push(interest);
        ledger.cash.push(place.usd);
        ledger.coins.iter_mut().zip(&place.coins).for_each(|(column, coins)| column.push(*coins));
    }
}

fn collateral_pnl(market: &Market, ledger: &Ledger, row: usize) -> f64 {
    let Some(before) = row.checked_sub(1) else { return 0.0 };
    let columns = ledger.coins.iter().zip(market.assets());
    columns.map(|(coins, asset)| coins[before] * (asset.spot[row] - asset.spot[before])).sum()
}

/// Cash, coins at spot, the book, and what is held outright, each at its mark.
fn equity(market: &Market, exposure: &Exposure, tracks: &[&Track], ledger: &mut Ledger) {
    ledger.equity.clone_from(&ledger.cash);
    for (coins, asset) in ledger.coins.iter().zip(market.assets()) {
        add_products(&mut ledger.equity, coins, &asset.spot);
    }
    ledger.equity.iter_mut().zip(&exposure.value).for_each(|(equity, value)| *equity += value);
    for (leg, track) in ledger.legs.iter().zip(tracks) {
        if matches!(track.settlement, Settlement::Cash | Settlement::CoinCash) {
            add_products(&mut ledger.equity, &leg.held, &leg.price);
        }
    }
}

fn add_products(sum: &mut [f64], a: &[f64], b: &[f64]) {
    sum.iter_mut().zip(a).zip(b).for_each(|((sum, a), b)| *sum += a * b);
}

fn net_delta(exposure: &Exposure, tracks: &[&Track], ledger: &mut Ledger) {
    ledger.net_delta = exposure.slopes.iter().map(|slopes| slopes.delta.clone()).collect();
    for (leg, track) in ledger.legs.iter().zip(tracks) {
        let column = &mut ledger.net_delta[track.asset];
        column
            .iter_mut()
            .zip(&leg.held)
            .enumerate()
            .for_each(|(row, (net, held))| *net += held * track.delta.at(row));
    }
}
