//! What the laws over the product share: kinds of track, another future, and the laws themselves.

use std::sync::Arc;

use hedgerow_core::{
    AssetColumns, Bps, Contract, Exposure, Future, Ledger, Market, PaidIn, Settlement, Track,
    Tradable, UnitCost,
};
use hedgerow_sim::{
    Against, Costs, DeltaKind, Execution, FillAt, Leg, RATIOS, RULES, RatioColumn, Strategy, To,
    future_track, linear_track, option_track, simulate,
};

use super::{account, free, ratio, rule, straddles, strategy, with_ratio};

pub const COSTS: Costs = Costs {
    spot_fee_bps: Bps(10.0),
    perp_fee_bps: Bps(5.0),
    future_fee_bps: Bps(4.0),
    future_delivery_bps: Bps(2.0),
    half_spread_bps: Bps(2.0),
    slippage_bps: Bps(1.0),
    ..Costs::ZERO
};

/// How a kind of track is made.
pub type Make = fn(&Market, FillAt) -> Track;

/// Every kind of track: a new kind is one line.
pub const TRACKS: [(&str, Make); 8] = [
    ("spot", |market, fill| linear(market, Contract::Spot, fill)),
    ("perp", |market, fill| linear(market, Contract::LinearPerp, fill)),
    ("inverse perp", |market, fill| linear(market, Contract::InversePerp, fill)),
    ("future held to expiry", |market, _| future(market, PaidIn::Usd, 0.0)),
    ("future rolled early", |market, _| future(market, PaidIn::Usd, 1.5)),
    ("inverse future held to expiry", |market, _| future(market, PaidIn::Coin, 0.0)),
    ("inverse future rolled early", |market, _| future(market, PaidIn::Coin, 1.5)),
    ("option", |market, _| {
        let unit = straddles(market, -1.0, 0.0);
        {
            let spot = &market.assets()[0].spot;
            option_track("straddle".to_owned(), 0, &unit, (market.time(), spot), &COSTS)
        }
    }),
];

fn linear(market: &Market, contract: Contract, fill: FillAt) -> Track {
    linear_track(market, 0, contract, &COSTS, fill).unwrap()
}

fn future(market: &Market, paid_in: PaidIn, roll_days: f64) -> Track {
    future_track(market, 0, paid_in, roll_days, &COSTS).unwrap()
}

pub fn prices(market: &Market, change: impl Fn(&[f64]) -> Vec<f64>) -> Market {
    let open = |open: &Option<Vec<f64>>| open.as_ref().map(|open| change(open));
    let assets = market.assets().iter().map(|asset| AssetColumns {
        spot: change(&asset.spot),
        open: open(&asset.open),
        ..asset.clone()
    });
    let tradables = market.tradables().iter().map(|tradable| Tradable {
        price: change(&tradable.price),
        open: open(&tradable.open),
        ..tradable.clone()
    });
    Market::new(market.time().to_vec(), assets.collect(), tradables.collect(), vec![]).unwrap()
}

/// One leg of this track against delta, by the examples of these entries of [`RULES`] and [`RATIOS`].
pub fn by_examples(
    market: &Market,
    track: Track,
    (rule_at, ratio_at): (usize, usize),
    to: To,
) -> Strategy {
    let leg = Leg {
        name: "hedge".to_owned(),
        track: Arc::new(track),
        against: Against::Delta,
        delta: DeltaKind::BlackScholes,
        ratio: RatioColumn::Constant(1.0),
        rule: rule(RULES[rule_at].example),
        to,
        asset: 0,
        execution: Execution::AT_ONCE,
        gate: None,
    };
    strategy(vec![with_ratio(market, leg, &*ratio(RATIOS[ratio_at].example))])
}

/// The market with another future after `row`.
pub fn forked(market: &Market, row: usize) -> Market {
    let now = market.time()[row];
    let change = |column: &[f64]| -> Vec<f64> {
        let other = |(index, price): (usize, &f64)| if index > row { price * 1.4 } else { *price };
        column.iter().enumerate().map(other).collect()
    };
    let futures = market.futures().iter().map(|future| Future {
        price: (0..)
            .zip(&future.price)
            .map(|(at, price)| price.map(|price| if at > row { price * 1.3 } else { price }))
            .collect(),
        ..future.clone()
    });
    let futures = futures.collect();
    let market = prices(market, change);
    let tradables = market.tradables().iter().map(|tradable| {
        let mut tradable = tradable.clone();
        let later = tradable.funding.iter_mut().flatten().filter(|event| event.time > now);
        later.for_each(|event| event.rate += 0.01);
        tradable
    });
    Market::new(market.time().to_vec(), market.assets().to_vec(), tradables.collect(), vec![])
        .unwrap()
        .with_futures(futures)
        .unwrap()
}

/// Change of equity = sum of the ledger's lines, each row; equity is what is held; coins come of what is settled in coins, at the
/// row's spot; the costs are the rates times what was turned over. For strategies of one leg, on a book without costs of its own.
pub fn assert_wealth_and_cost(
    market: &Market,
    exposure: &Exposure,
    strategy: &Strategy,
    name: &str,
) {
    let ledger = simulate(market, exposure, strategy, &account(), &free(market, exposure));
    let (leg, track) = (&ledger.legs[0], &strategy.legs[0].track);
    for (row, spot) in market.assets()[0].spot.iter().enumerate() {
        let gross = leg.held[row].abs() * leg.price[row].abs();
        let before = row.checked_sub(1);
        let gross = gross.max(before.map_or(0.0, |row| leg.held[row].abs() * leg.price[row]));
        let scale = 1.0 + ledger.equity[row].abs() + exposure.value[row].abs() + gross;
        let outright = if track.settlement == Settlement::Cash { leg.held[row] } else { 0.0 };
        let held = ledger.cash[row]
            + ledger.coins[0][row] * spot
            + exposure.value[row]
            + outright * leg.price[row];
        let equity = ledger.equity[row];
        assert!((equity - held).abs() <= 1e-9 * scale, "{name} row {row}: {equity}, held {held}");
        let Some(before) = before else { continue };
        let earned = leg.price_pnl[row] + leg.carry[row]
            - (leg.fee[row] + leg.spread[row] + leg.slippage[row] + leg.roll[row]);
        let in_coins = if track.settlement == Settlement::Coin { earned } else { 0.0 };
        let flow = exposure.slopes[0].coin_flow.get(row).copied().unwrap_or(0.0);
        let coins = ledger.coins[0][row] - ledger.coins[0][before] - flow;
        assert!((coins * spot - in_coins).abs() <= 1e-9 * scale, "{name} row {row}: coins");
        let lines =
            earned + ledger.book_pnl[row] + ledger.collateral_pnl[row] + ledger.interest[row];
        let change = equity - ledger.equity[before];
        assert!((change - lines).abs() <= 1e-9 * scale, "{name} row {row}: {change} {lines}");
        let explained = ledger.explained.sum(row);
        assert!((change - explained).abs() <= 1e-9 * scale, "{name} row {row}: {explained}");
    }
    assert_cost_is_rate_times_turnover(track, &ledger, name);
}

fn assert_cost_is_rate_times_turnover(track: &Track, ledger: &Ledger, name: &str) {
    let UnitCost::Proportional { fee, spread, slippage } = track.unit_cost else { return };
    let leg = &ledger.legs[0];
    for row in 0..leg.held.len() {
        // What was held through a roll is turned over too, at a cost of its own, and what is carried on once more.
        let (before, held) = (if row == 0 { 0.0 } else { leg.held[row - 1] }, leg.held[row]);
        let carried = if before * held > 0.0 { before.abs().min(held.abs()) } else { 0.0 };
        let rolled = track.rolls.as_ref().map_or([0.0; 2], |rolls| {
            let (left, entered) = (&rolls.left, &rolls.entered);
            [
                before.abs() * left.cost[row] + carried * entered.cost[row],
                before.abs() * left.turnover[row] + carried * entered.turnover[row],
            ]
        });
        assert_eq!(leg.roll[row], rolled[0], "{name} row {row}: cost of a roll");
        let turnover = leg.turnover[row] - rolled[1];
        for (cost, rate) in
            [(leg.fee[row], fee), (leg.spread[row], spread), (leg.slippage[row], slippage)]
        {
            let scale = leg.turnover[row].max(1.0);
            assert!((cost - rate * turnover).abs() <= 1e-12 * scale, "{name} row {row}");
        }
    }
}

/// Two runs, on markets that are the same up to a row, are the same up to that row, bit for bit.
pub fn assert_same_up_to(row: usize, known: &Ledger, other: &Ledger, name: &str) {
    let (leg, forked) = (&known.legs[0], &other.legs[0]);
    assert_eq!(leg.held[..=row], forked.held[..=row], "{name}: held up to row {row}");
    assert_eq!(leg.ideal[..=row], forked.ideal[..=row], "{name}: ideal up to row {row}");
    assert_eq!(known.equity[..=row], other.equity[..=row], "{name}: equity up to row {row}");
}
