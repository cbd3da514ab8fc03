//! The laws over the whole product: every rule, every ratio, every kind of track, on markets with gaps, spikes, absent funding
//! and expiries on and off the grid.
//!
//! Pairs of rule and ratio are dealt over tracks, markets and ways to trade, so that each rule and each ratio meets every kind of
//! track and the whole stays quick.
#![allow(clippy::float_cmp, reason = "laws that hold bit for bit")]
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests")]

mod support;

use std::collections::HashSet;

use hedgerow_core::{Exposure, Market};
use hedgerow_sim::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;
use support::product::*;
use support::*;

const ROWS: usize = 260;

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
        let track = TRACKS[self.track].1(market, self.fill);
        by_examples(market, track, (self.rule, self.ratio), self.to)
    }

    fn run(&self, market: &Market) -> hedgerow_core::Ledger {
        let exposure = self.exposure(market);
        let costs = BookCosts::new(market, &exposure, &COSTS);
        simulate(market, &exposure, &self.strategy(market), &account(), &costs)
    }
}

/// Change of equity = sum of the ledger's lines, each row; equity is what is held; the costs are the rates times what was turned
/// over.
#[test]
fn wealth_and_cost_over_the_product() {
    shared_out().par_iter().for_each(|cell| {
        let market = cell.market();
        assert_wealth_and_cost(
            &market,
            &cell.exposure(&market),
            &cell.strategy(&market),
            &cell.name(),
        );
    });
}

/// What comes after a row changes no bit of any row up to it.
#[test]
fn no_look_ahead_over_the_product() {
    shared_out().par_iter().for_each(|cell| {
        let market = cell.market();
        let row = 140 + 17 * (cell.ratio % 5);
        let (known, other) = (cell.run(&market), cell.run(&forked(&market, row)));
        assert_same_up_to(row, &known, &other, &cell.name());
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
