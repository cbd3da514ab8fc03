//! The account: cash, coins and equity over the book and its legs.

use std::ops::Range;

use hedgerow_core::{Exposure, Ledger, LegLedger, Market, Settlement, Track};

use crate::CostsByDate;
use crate::explain::explain;
use crate::option_leg::TradeCost;

/// What the account starts with, and what cash earns.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// USD before the first row.
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
struct Flows {
    usd: Vec<f64>,
    coins: Vec<Vec<f64>>,
}

impl Flows {
    fn add(&mut self, asset: usize, row: usize, usd: f64, spot: Option<f64>) {
        match spot {
            None => self.usd[row] += usd,
            Some(spot) => self.coins[asset][row] += usd / spot,
        }
    }
}

/// Fills in everything of a ledger that is not a leg's own: account, equity, explanation.
pub(crate) fn close_books(
    market: &Market,
    exposure: &Exposure,
    account: &Account,
    book: &BookCosts,
    tracks: &[&Track],
    ledger: &mut Ledger,
) {
    ledger.book_fee.clone_from(&book.fee);
    ledger.book_spread.clone_from(&book.spread);
    book_pnl(market, exposure, 0..market.n_rows(), &mut ledger.book_pnl);
    let mut flows = book_flows(market, exposure, book);
    for (leg, track) in ledger.legs.iter_mut().zip(tracks) {
        settle(market, track, leg, &mut flows);
    }
    balances(market, account, &flows, ledger);
    equity(market, exposure, tracks, ledger);
    net_delta(exposure, tracks, ledger);
    explain(market, exposure, tracks, ledger);
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

fn book_flows(market: &Market, exposure: &Exposure, book: &BookCosts) -> Flows {
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
    flows
}

/// Pays what a leg earned and cost into the account, and notes what was paid for what is bought outright.
fn settle(market: &Market, track: &Track, leg: &mut LegLedger, flows: &mut Flows) {
    let spot = &market.assets()[track.asset].spot;
    let in_coins = matches!(track.settlement, Settlement::Coin | Settlement::CoinCash);
    let outright = matches!(track.settlement, Settlement::Cash | Settlement::CoinCash);
    leg.premium.clear();
    for (row, spot) in spot.iter().enumerate() {
        let (held_before, price_before) = match row.checked_sub(1) {
            Some(before) => (leg.held[before], leg.price[before]),
            None => (0.0, 0.0),
        };
        let worth = leg.held[row] * leg.price[row] - held_before * price_before;
        let premium = if outright { worth - leg.price_pnl[row] } else { 0.0 };
        leg.premium.push(premium);
        let pnl = if outright { -premium } else { leg.price_pnl[row] };
        let cost = leg.fee[row] + leg.spread[row] + leg.slippage[row] + leg.roll[row];
        flows.add(track.asset, row, pnl + leg.carry[row] - cost, in_coins.then_some(*spot));
    }
}

fn balances(market: &Market, account: &Account, flows: &Flows, ledger: &mut Ledger) {
    let time = market.time();
    let mut cash = account.usd;
    for (row, flow) in flows.usd.iter().enumerate() {
        let years = row.checked_sub(1).map_or(0.0, |before| time[row].years_since(time[before]));
        let interest = cash * (account.rate * years).exp_m1();
        cash += interest + flow;
        ledger.interest.push(interest);
        ledger.cash.push(cash);
    }
    ledger.coins =
        flows.coins.iter().zip(&account.coins).map(|(flow, start)| running(*start, flow)).collect();
    ledger.collateral_pnl =
        (0..market.n_rows()).map(|row| collateral_pnl(market, ledger, row)).collect();
}

fn running(start: f64, flow: &[f64]) -> Vec<f64> {
    let mut sum = start;
    flow.iter()
        .map(|flow| {
            sum += flow;
            sum
        })
        .collect()
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
