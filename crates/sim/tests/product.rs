//! The laws over the whole product: every rule, every ratio, every kind of track, on markets with gaps, spikes, absent funding
//! and expiries on and off the grid.
//!
//! Pairs of rule and ratio are dealt over tracks, markets and ways to trade, so that each rule and each ratio meets every kind of
//! track and the whole stays quick.
#![allow(clippy::float_cmp, reason = "laws that hold bit for bit")]
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests")]

mod support;

use std::collections::HashSet;
use std::sync::Arc;

use hedgerow_core::{
    AssetColumns, Bps, Contract, Exposure, Future, Market, PaidIn, Track, Tradable, UnitCost,
};
use hedgerow_sim::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;
use support::*;

const COSTS: Costs = Costs {
    spot_fee_bps: Bps(10.0),
    perp_fee_bps: Bps(5.0),
    future_fee_bps: Bps(4.0),
    future_delivery_bps: Bps(2.0),
    half_spread_bps: Bps(2.0),
    slippage_bps: Bps(1.0),
    ..Costs::ZERO
};

const ROWS: usize = 260;

/// How a kind of track is made.
type Make = fn(&Market, FillAt) -> Track;

/// Every kind of track: a new kind is one line.
const TRACKS: [(&str, Make); 8] = [
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

/// What a market may have to it.
type Bend = fn(Market) -> Market;

/// Markets that break what assumes an ordinary one.
const BENDS: [(&str, Bend); 4] = [
    ("as it is", |market| market),
    ("no funding rate", |market| funded(&market, Some(0.0))),
    ("no funding", |market| funded(&market, None)),
    ("spikes", |market| {
        let spike = |column: &[f64]| -> Vec<f64> {
            let factor = |row: usize| match row % 61 {
                17 => 3.0,
                40 => 0.3,
                _ => 1.0,
            };
            column.iter().enumerate().map(|(row, price)| price * factor(row)).collect()
        };
        prices(&market, spike)
    }),
];

fn funded(market: &Market, rate: Option<f64>) -> Market {
    let tradables = market.tradables().iter().map(|tradable| {
        let mut tradable = tradable.clone();
        match rate {
            Some(rate) => {
                tradable.funding.iter_mut().flatten().for_each(|event| event.rate = rate);
            }
            None => tradable.funding = None,
        }
        tradable
    });
    Market::new(market.time().to_vec(), market.assets().to_vec(), tradables.collect(), vec![])
        .unwrap()
}

fn prices(market: &Market, change: impl Fn(&[f64]) -> Vec<f64>) -> Market {
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

/// The market with another future after `row`.
fn forked(market: &Market, row: usize) -> Market {
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

/// One cell of the product.
#[derive(Debug, Clone, Copy)]
struct Cell {
    rule: usize,
    ratio: usize,
    track: usize,
    bend: usize,
    seed: u64,
    fill: FillAt,
    to: To,
    /// Whether the book is straddles, else a smooth curve.
    straddled: u32,
}

/// Every rule with every ratio, on tracks dealt so that each rule and each ratio meets each kind of track. Trees take long: the
/// rule that needs them meets each kind of track once.
fn cells() -> Vec<Cell> {
    let mut random = ChaCha8Rng::seed_from_u64(2024);
    let mut cells = Vec::new();
    for (rule, entry) in RULES.iter().enumerate() {
        for ratio in 0..RATIOS.len() {
            let mut deal = |n: usize| random.next_u32() as usize % n;
            let cell = Cell {
                rule,
                ratio,
                track: (rule + ratio) % TRACKS.len(),
                bend: deal(BENDS.len()),
                seed: deal(2) as u64,
                fill: FILLS[deal(2)],
                to: [To::EDGE, To::CENTRE][deal(2)],
                straddled: deal(2) as u32,
            };
            if entry.name != "hodges_neuberger" || ratio < TRACKS.len() {
                cells.push(cell);
            }
        }
    }
    cells
}

/// One cell for each pair of rule and kind of track, each rule beginning at another ratio: fitted ratios take long.
fn shared_out() -> Vec<Cell> {
    let mut cells = cells();
    cells.sort_by_key(|cell| (cell.rule, (cell.ratio + 5 * cell.rule) % RATIOS.len()));
    let mut met = HashSet::new();
    cells.retain(|cell| met.insert((cell.rule, cell.track)));
    cells
}

/// Every pair of rule and kind of track is in the product and in the part of it that laws are checked on, and every ratio is in both.
#[test]
fn every_rule_meets_every_track() {
    for cells in [cells(), shared_out()] {
        let ratios: HashSet<usize> = cells.iter().map(|cell| cell.ratio).collect();
        assert_eq!(ratios.len(), RATIOS.len());
        for (rule, entry) in RULES.iter().enumerate() {
            for (track, (name, _)) in TRACKS.iter().enumerate() {
                let met = cells.iter().any(|cell| (cell.rule, cell.track) == (rule, track));
                assert!(met, "{} meets no {name}", entry.name);
            }
        }
    }
}

impl Cell {
    fn name(&self) -> String {
        let (track, bend) = (TRACKS[self.track].0, BENDS[self.bend].0);
        let (rule, ratio) = (RULES[self.rule].name, RATIOS[self.ratio].name);
        format!("{rule}, {ratio}, {track}, {bend}: {self:?}")
    }

    fn market(&self) -> Market {
        with_futures(BENDS[self.bend].1(market(60 + self.seed, ROWS)))
    }

    fn exposure(&self, market: &Market) -> Exposure {
        if self.straddled == 1 { straddles(market, 4.0, 3.0) } else { book(market, 3.0) }
    }

    fn strategy(&self, market: &Market) -> Strategy {
        let leg = Leg {
            name: "hedge".to_owned(),
            track: Arc::new(TRACKS[self.track].1(market, self.fill)),
            against: Against::Delta,
            delta: DeltaKind::BlackScholes,
            ratio: RatioColumn::Constant(1.0),
            rule: rule(RULES[self.rule].example),
            to: self.to,
            asset: 0,
            execution: Execution::AT_ONCE,
            gate: None,
        };
        strategy(vec![with_ratio(market, leg, &*ratio(RATIOS[self.ratio].example))])
    }

    fn run(&self, market: &Market) -> hedgerow_core::Ledger {
        let exposure = self.exposure(market);
        let costs = BookCosts::new(market, &exposure, &COSTS);
        simulate(market, &exposure, &self.strategy(market), &account(), &costs)
    }
}

/// Change of equity = sum of the ledger's lines, each row; the costs are the rates times what was turned over.
#[test]
fn wealth_and_cost_over_the_product() {
    shared_out().par_iter().for_each(|cell| {
        let name = cell.name();
        let market = cell.market();
        let exposure = cell.exposure(&market);
        let strategy = cell.strategy(&market);
        let none = free(&market, &exposure);
        let ledger = simulate(&market, &exposure, &strategy, &account(), &none);
        let leg = &ledger.legs[0];
        for row in 1..ROWS {
            let lines = leg.price_pnl[row]
                + leg.carry[row]
                + ledger.book_pnl[row]
                + ledger.collateral_pnl[row]
                + ledger.interest[row]
                - (leg.fee[row] + leg.spread[row] + leg.slippage[row] + leg.roll[row]);
            let change = ledger.equity[row] - ledger.equity[row - 1];
            let gross = leg.held[row].abs().max(leg.held[row - 1].abs()) * leg.price[row].abs();
            let scale = 1.0 + ledger.equity[row].abs() + exposure.value[row].abs() + gross;
            assert!((change - lines).abs() <= 1e-9 * scale, "{name} row {row}: {change} {lines}");
            let explained = ledger.explained.sum(row);
            assert!((change - explained).abs() <= 1e-9 * scale, "{name} row {row}");
        }
        let track = &strategy.legs[0].track;
        if let UnitCost::Proportional { fee, spread, slippage } = track.unit_cost {
            for row in 0..ROWS {
                // What is held through a roll is turned over too, at a cost of its own.
                let kept = if row == 0 { 0.0 } else { leg.held[row - 1].abs() };
                let rolled = track
                    .rolls
                    .as_ref()
                    .map_or([0.0; 2], |rolls| [kept * rolls.cost[row], kept * rolls.turnover[row]]);
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
    });
}

/// What comes after a row changes no bit of any row up to it.
#[test]
fn no_look_ahead_over_the_product() {
    shared_out().par_iter().for_each(|cell| {
        let market = cell.market();
        let row = 140 + 17 * (cell.ratio % 5);
        let (known, other) = (cell.run(&market), cell.run(&forked(&market, row)));
        let name = cell.name();
        let (leg, forked) = (&known.legs[0], &other.legs[0]);
        assert_eq!(leg.held[..=row], forked.held[..=row], "{name}: held up to row {row}");
        assert_eq!(leg.ideal[..=row], forked.ideal[..=row], "{name}: ideal up to row {row}");
        assert_eq!(known.equity[..=row], other.equity[..=row], "{name}: equity up to row {row}");
    });
}

/// All strategies that share a market and a book at once, on two threads, are those run one by one.
#[test]
fn parallel_is_sequential_over_the_product() {
    let cells = cells();
    for bend in 0..BENDS.len() {
        let first = *cells.iter().find(|cell| cell.bend == bend).unwrap();
        let market = first.market();
        let exposure = first.exposure(&market);
        let costs = BookCosts::new(&market, &exposure, &COSTS);
        let sharing = cells.iter().filter(|cell| cell.bend == bend).step_by(4);
        let strategies: Vec<Strategy> = sharing.map(|cell| cell.strategy(&market)).collect();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let all =
            pool.install(|| simulate_all(&market, &exposure, &strategies, &account(), &costs));
        for (strategy, ledger) in strategies.iter().zip(&all) {
            assert_eq!(*ledger, simulate(&market, &exposure, strategy, &account(), &costs));
        }
    }
}
