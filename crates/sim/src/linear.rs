//! Tracks of spot, linear and inverse perpetuals.

use hedgerow_core::{
    AssetColumns, Contract, Fills, FundingEvent, Market, Series, Settlement, Timestamp, Track,
    Tradable, UnitCost,
};
use serde::{Deserialize, Serialize};

use crate::{Costs, CostsByDate};

/// Where a decision is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FillAt {
    /// At the open of the row after the decision, where the instrument has opens; else at the deciding row's price.
    #[default]
    NextOpen,
    /// At the price of the deciding row, even where there are opens.
    DecidingPrice,
}

/// The track of a linear instrument on `asset`; `None` when the market has no such instrument.
///
/// P&L of one unit over a row, USD: `price - price before` for spot and linear perps (one unit is a coin);
/// `(1/price before - 1/price) * spot` for an inverse perp (one unit is 1 USD of notional; the bracket is coins).
/// Carry of one long unit: minus rate times mark (linear), minus rate over mark times spot (inverse), summed over the
/// funding stamps of the row. A stamp without its own mark takes the price of the last row at or before it.
pub fn linear_track(
    market: &Market,
    asset: usize,
    contract: Contract,
    costs: &dyn CostsByDate,
    fill: FillAt,
) -> Option<Track> {
    let columns = &market.assets()[asset];
    let (name, price, open, tradable) = source(market, asset, contract)?;
    let open = if fill == FillAt::NextOpen { open } else { None };
    let spot = &columns.spot;
    let track = at_price(name, (market, asset), contract, price.to_vec(), costs);
    Some(Track {
        pnl: changes(contract, price, spot),
        fills: open.map_or(Fills::AtPrice, |open| fills_at(contract, open, price, spot)),
        carry: tradable.map_or(Series::Constant(0.0), |perp| carry(market.time(), perp, spot)),
        unit_notional: open.map_or(track.unit_notional, |open| notional(contract, open, spot)),
        marked_at_spot: tradable.is_some_and(|tradable| tradable.marked_at_spot),
        ..track
    })
}

/// The track of what is traded at these prices and earns nothing yet: without P&L, funding and rolls.
pub(crate) fn at_price(
    name: String,
    (market, asset): (&Market, usize),
    contract: Contract,
    price: Vec<f64>,
    costs: &dyn CostsByDate,
) -> Track {
    let time = market.time();
    Track {
        name,
        asset,
        contract: Some(contract),
        settlement: settlement(contract),
        pnl: Vec::new(),
        fills: Fills::AtPrice,
        carry: Series::Constant(0.0),
        delta: delta(contract, &price),
        gamma: Series::Constant(0.0),
        vega: Series::Constant(0.0),
        theta: Series::Constant(0.0),
        explained: None,
        unit_cost: unit_cost(time, contract, costs),
        option_fee: None,
        impact: None,
        rolls: None,
        unit_notional: notional(contract, &price, &market.assets()[asset].spot),
        cost_rate: costs.at(time[0]).one_way(contract).max(0.0),
        marked_at_spot: false,
        margin: None,
        forced: None,
        price,
    }
}

/// What trading costs, as a fraction of notional: the same throughout, or row by row where the venue's fees change.
fn unit_cost(time: &[Timestamp], contract: Contract, costs: &dyn CostsByDate) -> UnitCost {
    if let Some(costs) = costs.steady(time) {
        return UnitCost::Proportional {
            fee: costs.fee_rate(contract),
            spread: costs.half_spread_bps.fraction(),
            slippage: costs.slippage_bps.fraction(),
        };
    }
    let by_row =
        |cost: &dyn Fn(&Costs) -> f64| time.iter().map(|time| cost(costs.at(*time))).collect();
    UnitCost::ByRow {
        fee: by_row(&|costs| costs.fee_rate(contract)),
        spread: by_row(&|costs| costs.half_spread_bps.fraction()),
        slippage: by_row(&|costs| costs.slippage_bps.fraction()),
    }
}

type Source<'a> = (String, &'a [f64], Option<&'a [f64]>, Option<&'a Tradable>);

fn source(market: &Market, asset: usize, contract: Contract) -> Option<Source<'_>> {
    let AssetColumns { name, spot, open, .. } = &market.assets()[asset];
    match (contract, market.tradable(asset, contract)) {
        (_, Some(found)) => {
            Some((found.name.clone(), &found.price, found.open.as_deref(), Some(found)))
        }
        (Contract::Spot, None) => Some((format!("{name} spot"), spot, open.as_deref(), None)),
        _ => None,
    }
}

fn settlement(contract: Contract) -> Settlement {
    match contract {
        Contract::Spot => Settlement::Cash,
        Contract::LinearPerp | Contract::LinearFuture => Settlement::Usd,
        Contract::InversePerp | Contract::InverseFuture => Settlement::Coin,
    }
}

/// USD earned by one unit from one price to another, valued at `spot`.
pub(crate) fn earned(contract: Contract, from: f64, to: f64, spot: f64) -> f64 {
    if contract.is_inverse() { (1.0 / from - 1.0 / to) * spot } else { to - from }
}

fn changes(contract: Contract, price: &[f64], spot: &[f64]) -> Vec<f64> {
    let mut pnl = Vec::with_capacity(price.len());
    pnl.push(0.0);
    pnl.extend(
        price
            .windows(2)
            .zip(&spot[1..])
            .map(|(pair, spot)| earned(contract, pair[0], pair[1], *spot)),
    );
    pnl
}

fn fills_at(contract: Contract, open: &[f64], price: &[f64], spot: &[f64]) -> Fills {
    let pnl = open
        .iter()
        .zip(price)
        .zip(spot)
        .map(|((open, price), spot)| earned(contract, *open, *price, *spot));
    Fills::AtOpen { open: open.to_vec(), pnl: pnl.collect() }
}

/// USD of notional of one unit traded at `fill`; for an inverse perp 1/fill coins at the row's spot.
fn notional(contract: Contract, fill: &[f64], spot: &[f64]) -> Series {
    Series::Rows(match contract.is_inverse() {
        false => fill.to_vec(),
        true => fill.iter().zip(spot).map(|(fill, spot)| spot / fill).collect(),
    })
}

fn delta(contract: Contract, price: &[f64]) -> Series {
    match contract.is_inverse() {
        false => Series::Constant(1.0),
        true => Series::Rows(price.iter().map(|price| 1.0 / price).collect()),
    }
}

fn carry(time: &[Timestamp], perp: &Tradable, spot: &[f64]) -> Series {
    let Some(events) = perp.funding.as_deref().filter(|events| !events.is_empty()) else {
        return Series::Constant(0.0);
    };
    let mut rows = vec![0.0; time.len()];
    for event in events {
        let row = time.partition_point(|time| *time < event.time);
        if row > 0 && row < time.len() {
            rows[row] -= paid(event, row, time, perp, spot);
        }
    }
    Series::Rows(rows)
}

/// USD paid by one long unit at a stamp within `row`.
fn paid(
    event: &FundingEvent,
    row: usize,
    time: &[Timestamp],
    perp: &Tradable,
    spot: &[f64],
) -> f64 {
    let known = if time[row] == event.time { row } else { row - 1 };
    let mark = event.mark.unwrap_or(perp.price[known]);
    if perp.contract.is_inverse() { event.rate / mark * spot[row] } else { event.rate * mark }
}
