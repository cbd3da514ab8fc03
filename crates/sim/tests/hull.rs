//! Hull's two tables of a written call, hedged every few weeks: by its delta, and by the stop-loss that fails.
#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_precision_loss, reason = "tests")]

mod support;

use hedgerow_core::{
    AssetColumns, Contract, Explained, Exposure, GradeCounts, Market, OptionTrade, OptionTradeKind,
    Slopes, Timestamp,
};
use hedgerow_sim::{Account, BookCosts, Costs, simulate};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use support::{density, free_leg, normal, strategy};

const STRIKE: f64 = 50.0;
const VOL: f64 = 0.2;
const RATE: f64 = 0.05;
const DRIFT: f64 = 0.13;
const YEARS: f64 = 20.0 / 52.0;

/// Twenty weeks from 49 in so many steps.
fn path(seed: u64, steps: usize) -> Market {
    let mut random = ChaCha8Rng::seed_from_u64(52);
    random.set_stream(seed);
    let years = YEARS / steps as f64;
    let mut spot = vec![49.0_f64];
    for row in 0..steps {
        let z: f64 = StandardNormal.sample(&mut random);
        spot.push(spot[row] * ((DRIFT - 0.5 * VOL * VOL) * years + VOL * years.sqrt() * z).exp());
    }
    let millis = |row: usize| (YEARS * 365.0 * 86.4e6 * row as f64 / steps as f64).round();
    #[expect(clippy::cast_possible_truncation, reason = "months of milliseconds")]
    let time = (0..=steps).map(|row| Timestamp::from_millis(millis(row) as i64)).collect();
    let asset = AssetColumns { name: "X".to_owned(), spot, open: None, high: None, low: None };
    Market::new(time, vec![asset], vec![], vec![]).unwrap()
}

/// Value, delta and gamma of the call.
fn call(spot: f64, years: f64) -> [f64; 3] {
    let deviation = VOL * years.sqrt();
    let d1 = ((spot / STRIKE).ln() + (RATE + 0.5 * VOL * VOL) * years) / deviation;
    let value = spot * normal(d1) - STRIKE * (-RATE * years).exp() * normal(d1 - deviation);
    [value, normal(d1), density(d1) / (spot * deviation)]
}

/// The book short of one call.
fn written_call(market: &Market) -> Exposure {
    let spot = &market.assets()[0].spot;
    let steps = spot.len() - 1;
    let mut slopes = Slopes::zero(steps + 1, vec![Some(VOL); steps + 1]);
    let (mut value, mut cash_flow) = (vec![0.0; steps + 1], vec![0.0; steps + 1]);
    for row in 0..steps {
        let years = YEARS * (1.0 - row as f64 / steps as f64);
        let [worth, delta, gamma] = call(spot[row], years);
        (value[row], slopes.delta[row], slopes.gamma[row]) = (-worth, -delta, -gamma);
        slopes.years[row] = Some(years);
    }
    let payoff = (spot[steps] - STRIKE).max(0.0);
    (cash_flow[0], cash_flow[steps]) = (-value[0], -payoff);
    let trade = |row: usize, kind, traded, premium| OptionTrade {
        row,
        asset: 0,
        kind,
        instrument: "X-20MAY70-50-C".to_owned(),
        traded,
        premium,
        spot: spot[row],
        vega: 0.0,
        expiry: market.time()[steps],
        coin_settled: false,
        agreed: None,
    };
    let trades = vec![
        trade(0, OptionTradeKind::Open, -1.0, -value[0]),
        trade(steps, OptionTradeKind::Expire, 1.0, payoff),
    ];
    Exposure {
        value,
        cash_flow,
        slopes: vec![slopes],
        explained: Explained::zero(steps + 1),
        trades,
        grades: GradeCounts::default(),
    }
}

/// Standard deviation of the cost of hedging over the value of the option; interest at `rate` on what hedging has cost.
fn performance(line: &str, steps: usize, rate: f64) -> f64 {
    const PATHS: u64 = 30_000;
    let cost = |seed| {
        let market = path(seed, steps);
        let exposure = written_call(&market);
        let spot = free_leg(&market, Contract::Spot, line);
        let account = Account { usd: 0.0, coins: vec![0.0], rate };
        let none = BookCosts::new(&market, &exposure, &Costs::ZERO);
        let ledger = simulate(&market, &exposure, &strategy(vec![spot]), &account, &none);
        ledger.equity[steps] * (-rate * YEARS).exp()
    };
    let costs: Vec<f64> = (0..PATHS).into_par_iter().map(cost).collect();
    let mean = costs.iter().sum::<f64>() / PATHS as f64;
    let variance = costs.iter().map(|cost| (cost - mean).powi(2)).sum::<f64>() / PATHS as f64;
    variance.sqrt() / call(49.0, YEARS)[0]
}

/// "Options, Futures, and Other Derivatives", tables 19.1 and 19.4: without interest on the cumulative cost as printed in recent
/// editions, with interest as computed independently; intervals of 5 and 1 weeks.
#[test]
fn the_stop_loss_does_not_improve_and_the_delta_does() {
    let delta = r#"when = "every_row""#;
    let stop_loss = r#"when = "stop_loss""#;
    for (line, rate, expected) in [
        (delta, 0.0, [0.421, 0.211]),
        (delta, RATE, [0.416, 0.193]),
        (stop_loss, 0.0, [0.979, 0.793]),
        (stop_loss, RATE, [1.027, 0.820]),
    ] {
        for (steps, expected) in [4, 20].into_iter().zip(expected) {
            let found = performance(line, steps, rate);
            assert!(
                (found / expected - 1.0).abs() < 0.01 + 0.0005 / expected,
                "{line} at {rate}, {steps} steps: {found}, expected {expected}"
            );
        }
    }
}
