//! A chain made of known smiles: what a venue would quote, with noise and the usual holes.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "every test file uses its own part of these helpers"
)]

use hedgerow_core::{
    AssetColumns, Chain, Market, OptionContract, OptionKind, PaidIn, Quote, Timestamp,
};
use hedgerow_greeks::inverse;
use hedgerow_greeks::smile::Ssvi;

/// Days to each expiry at the first snapshot.
pub(crate) const TENORS: [i64; 5] = [2, 9, 30, 90, 270];

/// Hours between snapshots.
const STEP_HOURS: i64 = 6;

/// How a chain is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recipe {
    pub(crate) smile: Ssvi,
    /// At the money, annualised.
    pub(crate) vol: f64,
    /// Half-width of the uniform noise of mark vols, vol.
    pub(crate) noise: f64,
    /// Half the spread, vol.
    pub(crate) half_spread: f64,
    /// Of the forwards, a year.
    pub(crate) carry: f64,
    pub(crate) n_snapshots: usize,
    /// Rows of the market per snapshot.
    pub(crate) rows_per_snapshot: usize,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            smile: Ssvi { rho: -0.25, eta: 1.1, gamma: 0.45 },
            vol: 0.6,
            noise: 0.002,
            half_spread: 0.01,
            carry: CARRY,
            n_snapshots: 6,
            rows_per_snapshot: 2,
        }
    }
}

/// Spot at a snapshot: a gentle walk up and down.
pub(crate) fn spot(snapshot: usize) -> f64 {
    60_000.0 * (0.02 * (1.7 * snapshot as f64).sin()).exp()
}

/// Carry of the forwards, a year.
pub(crate) const CARRY: f64 = 0.05;

/// Total variance at the money of a chain made with `vol`: a little above `vol` for later expiries.
pub(crate) fn theta(vol: f64, years: f64) -> f64 {
    vol * vol * years * (1.0 + 0.1 * years)
}

/// A market with one coin-settled chain. Rows are known a minute after the snapshot's quotes, and in between.
pub(crate) fn market(recipe: &Recipe) -> Market {
    let start = Timestamp::parse("2025-01-03T08:00:00Z").unwrap();
    let at = |snapshot: usize| start.millis() + snapshot as i64 * STEP_HOURS * 3_600_000;
    let expiries: Vec<Timestamp> = TENORS.map(|days| start.plus_days(days)).into();
    let contracts = contracts(&expiries);
    let mut noise = crate::common::noise(7);
    let (mut quotes, mut snapshots) = (Vec::new(), Vec::new());
    for snapshot in 0..recipe.n_snapshots {
        let first = quotes.len();
        let time = Timestamp::from_millis(at(snapshot));
        for (contract, option) in contracts.iter().enumerate() {
            let years = option.expiry.years_since(time);
            if years > 0.0 {
                let draw = noise.next().unwrap();
                quotes.push(quote(recipe, (snapshot, time), (contract, option), draw));
            }
        }
        snapshots.push(first..quotes.len());
    }
    let n_rows = recipe.n_snapshots * recipe.rows_per_snapshot;
    let gap = STEP_HOURS * 3_600_000 / recipe.rows_per_snapshot as i64;
    let row =
        |row: usize| (row / recipe.rows_per_snapshot, (row % recipe.rows_per_snapshot) as i64);
    let time = (0..n_rows).map(row).map(|(s, i)| Timestamp::from_millis(at(s) + 60_000 + i * gap));
    let asset = AssetColumns {
        name: "BTC".to_owned(),
        spot: (0..n_rows).map(|i| spot(row(i).0)).collect(),
        open: None,
        high: None,
        low: None,
    };
    let chain = Chain {
        asset: 0,
        paid_in: PaidIn::Coin,
        contracts,
        quotes,
        n_taken: Some(snapshots.len()),
        snapshots,
        snapshot_of_row: (0..n_rows).map(|i| Some(row(i).0)).collect(),
    };
    let market = Market::new(time.collect(), vec![asset], vec![], vec![]).unwrap();
    market.with_chains(vec![chain]).unwrap()
}

fn contracts(expiries: &[Timestamp]) -> Vec<OptionContract> {
    let mut contracts = Vec::new();
    for expiry in expiries {
        for step in -14..=14 {
            for kind in [OptionKind::Call, OptionKind::Put] {
                let strike = 60_000.0 + 2_500.0 * f64::from(step);
                let name = format!("BTC-{}-{strike}-{}", expiry.date(), kind.name());
                contracts.push(OptionContract { name, kind, strike, expiry: *expiry });
            }
        }
    }
    contracts
}

fn quote(
    recipe: &Recipe,
    (snapshot, time): (usize, Timestamp),
    (contract, option): (usize, &OptionContract),
    draw: f64,
) -> Quote {
    let years = option.expiry.years_since(time);
    let index = spot(snapshot);
    let forward = index * (recipe.carry * years).exp();
    let slice = recipe.smile.slice(theta(recipe.vol, years)).raw();
    let true_vol = (slice.at((option.strike / forward).ln()).value / years).sqrt();
    let vol = true_vol + recipe.noise * draw;
    let price = |vol| inverse::coin_greeks(option.kind, forward, option.strike, years, vol).value;
    // A venue's tick: nobody bids for what is worth less.
    let bid = price(vol - recipe.half_spread);
    Quote {
        time,
        contract,
        bid: (bid >= 1e-4).then_some(bid),
        ask: Some(price(vol + recipe.half_spread)),
        mark: Some(price(vol)),
        mark_vol: Some(vol),
        forward: Some(forward),
        index: Some(index),
        delta: None,
        open_interest: None,
    }
}
