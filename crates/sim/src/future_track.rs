//! The track of a dated future that is rolled from one contract to the next.

use std::ops::Range;

use hedgerow_core::{
    ContinuousFuture, Contract, Future, Market, PaidIn, Rolls, Timestamp, Track, UnitCost,
};

use crate::CostsByDate;
use crate::linear::{at_price, earned};

/// Why there is no track of a dated future.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FutureError {
    /// The market has none that pays in this currency.
    #[error("the market has no dated future on {ticker} that pays in {currency}")]
    None {
        /// The asset.
        ticker: String,
        /// `USD` or `the coin`.
        currency: &'static str,
    },
    /// At some row there is no contract to hold.
    #[error(
        "at {time} there is no dated future on {ticker} to hold when each is left {days} days before it expires; the \
         contracts there are: {known}"
    )]
    Gap {
        /// The asset.
        ticker: String,
        /// The first such row's instant.
        time: Timestamp,
        /// Days before expiry at which contracts are left.
        days: f64,
        /// The contracts, with the instants of their first and last prices.
        known: String,
    },
    /// A contract that is held has no price.
    #[error(
        "{name} would be held without a price: it has none between {after} and {before}, {hours:.1} hours, too long to carry \
         one over"
    )]
    Hole {
        /// The contract.
        name: String,
        /// Its last price before.
        after: Timestamp,
        /// Its next price, or where there is none its expiry or the end of the market.
        before: Timestamp,
        /// How long that is.
        hours: f64,
    },
}

/// The track of the dated future on `asset` that is left `roll_days` before its expiry for the one that expires next; at 0
/// it is held to its expiry and settled at the spot of the first row at or after it.
///
/// A unit is a coin, or 1 USD of notional where `paid_in` is the coin. P&L of one unit over a row is that of the contract
/// held into the row, by its own prices: `price - price before`, or `(1/price before - 1/price) * spot` USD for an inverse
/// one; prices of different contracts are never compared. A roll trades both contracts at their own prices and pays fee, half-spread and slippage on both; a contract
/// held to expiry pays the delivery fee in place of the first. Trades are filled at the deciding row's price.
///
/// # Errors
/// [`FutureError`] when there is no such contract, none to hold at some row, or one that is held has no price at a row.
pub fn future_track(
    market: &Market,
    asset: usize,
    paid_in: PaidIn,
    roll_days: f64,
    costs: &dyn CostsByDate,
) -> Result<Track, FutureError> {
    let contract = Contract::future(paid_in);
    let spot = &market.assets()[asset].spot;
    let path = market.continuous_future(asset, paid_in, crate::rehedge::millis(roll_days));
    let held = held(market, &path, roll_days)?;
    let futures = market.futures();
    let price = priced(market, &held)?;
    let left = |row: usize| {
        let future = held[row - 1];
        let settles = market.time()[row] >= futures[future].expiry && held[row] != future;
        // A contract is left only where it has a price or settles.
        futures[future].price[row].filter(|_| !settles).unwrap_or(spot[row])
    };
    let pnl = (0..market.n_rows()).map(|row| match row {
        0 => 0.0,
        _ => earned(contract, price[row - 1], left(row), spot[row]),
    });
    let ticker = &market.assets()[asset].name;
    let name = match paid_in {
        PaidIn::Usd => format!("{ticker} future"),
        PaidIn::Coin => format!("{ticker} inverse future"),
    };
    let (pnl, rolls) = (pnl.collect(), rolls(market, &held, (&price, &left), costs, contract));
    let mut track = at_price(name, (market, asset), contract, price, costs);
    charge_weeklies(market, &held, costs, &mut track);
    Ok(Track { pnl, rolls: Some(rolls), ..track })
}

/// The contract held after each row.
fn held(
    market: &Market,
    path: &ContinuousFuture,
    roll_days: f64,
) -> Result<Vec<usize>, FutureError> {
    let ticker = || market.assets()[path.asset].name.clone();
    let of_path =
        |future: &&Future| future.asset == path.asset && future.terms.paid_in == path.paid_in;
    let futures: Vec<&Future> = market.futures().iter().filter(of_path).collect();
    if futures.is_empty() {
        let currency = match path.paid_in {
            PaidIn::Usd => "USD",
            PaidIn::Coin => "the coin",
        };
        return Err(FutureError::None { ticker: ticker(), currency });
    }
    let held: Option<Vec<usize>> = path.held.iter().copied().collect();
    held.ok_or_else(|| {
        let row = path.held.iter().position(Option::is_none).unwrap_or(0);
        let known: Vec<String> = futures.iter().filter_map(|future| span(market, future)).collect();
        FutureError::Gap {
            ticker: ticker(),
            time: market.time()[row],
            days: roll_days,
            known: known.join(", "),
        }
    })
}

/// `BTC-27MAR26 (2026-01-01T00:00:00Z to 2026-03-27T08:00:00Z)`.
fn span(market: &Market, future: &Future) -> Option<String> {
    let first = future.price.iter().position(Option::is_some)?;
    let last = future.price.iter().rposition(Option::is_some)?;
    Some(format!("{} ({} to {})", future.name, market.time()[first], market.time()[last]))
}

/// The price of the contract held after each row.
fn priced(market: &Market, held: &[usize]) -> Result<Vec<f64>, FutureError> {
    let price = |(row, index): (usize, &usize)| {
        let future = &market.futures()[*index];
        future.price[row].ok_or_else(|| hole(market, future, row))
    };
    held.iter().enumerate().map(price).collect()
}

/// The hole in the prices of a contract that a row lies in; the rows themselves where the market does not tell.
fn hole(market: &Market, future: &Future, row: usize) -> FutureError {
    let time = market.time();
    let now = time[row];
    let told = future.holes.iter().copied().find(|(after, before)| *after <= now && now <= *before);
    let (after, before) = told.unwrap_or_else(|| {
        let after = future.price[..row].iter().rposition(Option::is_some);
        let before = future.price[row..].iter().position(Option::is_some);
        let end = future.expiry.min(time[time.len() - 1]).max(now);
        (after.map_or(now, |at| time[at]), before.map_or(end, |at| time[row + at]))
    });
    let hours = 24.0 * before.days_since(after);
    FutureError::Hole { name: future.name.clone(), after, before, hours }
}

/// Puts the fee of weekly contracts on the rows at which they are traded, where it is another than that of the others.
fn charge_weeklies(market: &Market, held: &[usize], costs: &dyn CostsByDate, track: &mut Track) {
    let time = market.time();
    let is_charged = |row: usize| costs.at(time[row]).weekly_future_fee_bps.is_some();
    let Some(contract) = track.contract.filter(|_| (0..held.len()).any(is_charged)) else { return };
    let rows = 0..held.len();
    let fee =
        |row: usize| costs.at(time[row]).future_rate(contract, market.futures()[held[row]].expiry);
    let spread = |row: usize| costs.at(time[row]).half_spread_bps.fraction();
    let slippage = |row: usize| costs.at(time[row]).slippage_bps.fraction();
    track.unit_cost = UnitCost::ByRow {
        fee: rows.clone().map(fee).collect(),
        spread: rows.clone().map(spread).collect(),
        slippage: rows.map(slippage).collect(),
    };
}

/// What moving one unit from one contract to the next costs, by row.
fn rolls(
    market: &Market,
    held: &[usize],
    (price, left): (&[f64], &impl Fn(usize) -> f64),
    costs: &dyn CostsByDate,
    contract: Contract,
) -> Rolls {
    let mut rolls = Rolls::none(market.n_rows());
    let spot = |row: usize| market.assets()[market.futures()[held[row]].asset].spot[row];
    for row in changes(held) {
        let costs = costs.at(market.time()[row]);
        let notional = |at: f64| if contract.is_inverse() { spot(row) / at } else { at };
        let expiry = |row: usize| market.futures()[held[row]].expiry;
        let one_way = |expiry| {
            let apart = costs.half_spread_bps.fraction() + costs.slippage_bps.fraction();
            costs.future_rate(contract, expiry) + apart
        };
        let settles = market.time()[row] >= expiry(row - 1);
        let delivery = costs.future_delivery_rate(expiry(row - 1));
        let out = if settles { delivery } else { one_way(expiry(row - 1)) };
        let (old, new) = (notional(left(row)), notional(price[row]));
        let Rolls { left, entered } = &mut rolls;
        (left.cost[row], entered.cost[row]) = (out * old, one_way(expiry(row)) * new);
        let grown = |notional: f64| notional * notional.sqrt();
        (entered.turnover[row], entered.weight[row]) = (new, grown(new));
        if !settles {
            (left.turnover[row], left.weight[row]) = (old, grown(old));
        }
    }
    rolls
}

/// Rows at which another contract is held than before.
fn changes(held: &[usize]) -> impl Iterator<Item = usize> {
    let rows: Range<usize> = 1..held.len();
    rows.filter(|row| held[*row] != held[*row - 1])
}
