//! The whole engine against closed forms: options valued by `greeks`, hedged by `sim`.
#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "tests")]

use std::sync::Arc;

use hedgerow_core::registry::build;
use hedgerow_core::{AssetColumns, Contract, Exposure, Grade, Market, Timestamp, Tradable};
use hedgerow_greeks::{BookSpec, VolMarks, resolve, value};
use hedgerow_sim::{
    Account, Against, BookCosts, Costs, DeltaKind, Execution, FillAt, Leg, RULES, RatioColumn,
    Rule, Strategy, To, linear_track, simulate,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

/// Milliseconds in a twelfth of a year of 365 days.
const MONTH: i64 = 2_628_000_000;

/// Equally spaced rows over a month that follow geometric Brownian motion from 100.
fn path(seed: u64, steps: usize, drift: f64, vol: f64) -> Market {
    let mut random = ChaCha8Rng::seed_from_u64(2024);
    random.set_stream(seed);
    let years = 1.0 / 12.0 / steps as f64;
    let mut spot = vec![100.0_f64];
    for _ in 0..steps {
        let z: f64 = StandardNormal.sample(&mut random);
        spot.push(
            spot[spot.len() - 1]
                * ((drift - 0.5 * vol * vol) * years + vol * years.sqrt() * z).exp(),
        );
    }
    market(&spot, MONTH)
}

fn market(spot: &[f64], length: i64) -> Market {
    let steps = i64::try_from(spot.len() - 1).unwrap();
    let time = (0..=steps)
        .map(|step| Timestamp::from_millis((step * length + steps / 2) / steps))
        .collect();
    let perp = |name: &str, contract| Tradable {
        name: name.to_owned(),
        asset: 0,
        contract,
        price: spot.to_vec(),
        open: None,
        funding: None,
        high: None,
        low: None,
        marked_at_spot: true,
    };
    let perps =
        vec![perp("perp", Contract::LinearPerp), perp("inverse perp", Contract::InversePerp)];
    let asset = AssetColumns {
        name: "BTC".to_owned(),
        spot: spot.to_vec(),
        open: None,
        high: None,
        low: None,
    };
    Market::new(time, vec![asset], perps, vec![]).unwrap()
}

fn book(market: &Market, line: &str, vol: f64, rate: f64) -> Exposure {
    let spec: BookSpec = toml::from_str(line).unwrap();
    let n_rows = market.n_rows();
    let vols = [VolMarks {
        vol: vec![Some(vol); n_rows],
        grade: Grade::Synthetic,
        ..VolMarks::unknown(n_rows)
    }];
    value(market, &vols, &[resolve(&spec, market).unwrap()], rate).unwrap().exposure
}

fn rule(line: &str) -> Box<dyn Rule> {
    let table = toml::de::DeTable::parse(line).unwrap().into_inner();
    build(RULES, table.into_iter().next().unwrap().1, "rule").unwrap()
}

fn hedge(market: &Market, contract: Contract, delta: DeltaKind, line: &str) -> Strategy {
    let leg = Leg {
        name: "hedge".to_owned(),
        track: Arc::new(
            linear_track(market, 0, contract, &Costs::ZERO, FillAt::DecidingPrice).unwrap(),
        ),
        asset: 0,
        against: Against::Delta,
        delta,
        ratio: RatioColumn::Constant(1.0),
        rule: rule(line),
        to: To::EDGE,
        execution: Execution::AT_ONCE,
        gate: None,
    };
    Strategy { name: "hedged".to_owned(), about: String::new(), legs: vec![leg] }
}

/// Equity at the last row of a short call or programme, hedged with spot at every row, from an empty account.
fn hedged_pnl(market: &Market, line: &str, vol: f64, rate: f64) -> f64 {
    let exposure = book(market, line, vol, rate);
    let strategy = hedge(market, Contract::Spot, DeltaKind::BlackScholes, r#"when = "every_row""#);
    let account = Account { usd: 0.0, coins: vec![0.0], rate };
    let free = BookCosts::new(market, &exposure, &Costs::ZERO);
    *simulate(market, &exposure, &strategy, &account, &free).equity.last().unwrap()
}

const SHORT_CALL: &str = r#"
programme = "call"
side = "short"
quantity = 1
strike = { usd = 100 }
tenor_days = 30.416666666666668
"#;

struct Moments {
    mean: f64,
    deviation: f64,
    n: f64,
}

fn moments(pnl: &[f64]) -> Moments {
    let n = pnl.len() as f64;
    let mean = pnl.iter().sum::<f64>() / n;
    let deviation = (pnl.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    Moments { mean, deviation, n }
}

/// Derman and Kamal (1999), as in the example `DiscreteHedging` of `QuantLib`: a call sold at its value and hedged N times in a month
/// misses by sqrt(pi/4)·vega·vol/sqrt(N) at leading order. The deviations are those of a million paths, 0.42713 at N = 21
/// and 0.21861 at N = 84 (the closed form gives 0.4432 and 0.2216: its bias shrinks slowly since gamma is singular at
/// expiry); ours have 60,000 paths, whose standard error is 0.4 %. The P&L is
/// that of the last row, not discounted.
#[test]
fn hedging_error_is_that_of_derman_and_kamal() {
    for (steps, expected, closed_form) in [(21, 0.427_13, 0.443_168), (84, 0.218_61, 0.221_584)] {
        let rate: f64 = 0.05;
        let pnl: Vec<f64> = (0..60_000)
            .into_par_iter()
            .map(|seed| hedged_pnl(&path(seed, steps, rate, 0.2), SHORT_CALL, 0.2, rate))
            .collect();
        let Moments { mean, deviation, n } = moments(&pnl);
        assert!(
            (deviation / expected - 1.0).abs() < 0.01,
            "N = {steps}: deviation {deviation}, expected {expected}"
        );
        assert!(
            (0.93..=1.0).contains(&(deviation / closed_form)),
            "N = {steps}: {deviation} against {closed_form}"
        );
        assert!(mean.abs() < 4.0 * deviation / n.sqrt(), "N = {steps}: mean {mean}");
    }
}

/// Hull's twenty-week tables: 100,000 calls, strike 50, rate 5 %, vol 20 %. Cumulative cost at the end less what the
/// exercise brings, at full precision.
#[test]
fn hull_hedges_for_twenty_weeks() {
    let closes_in_the_money = [
        49.00, 48.12, 47.37, 50.25, 51.75, 53.12, 53.00, 51.87, 51.38, 53.00, 49.88, 48.50, 49.88,
        50.37, 52.13, 51.88, 52.87, 54.87, 54.62, 55.87, 57.25,
    ];
    let closes_out_of_the_money = [
        49.00, 49.75, 52.00, 50.00, 48.38, 48.25, 48.75, 49.63, 48.25, 48.25, 51.12, 51.50, 49.88,
        49.88, 48.75, 47.50, 48.00, 46.25, 48.13, 46.63, 48.12,
    ];
    let line = r#"
        programme = "call"
        side = "short"
        quantity = 100_000
        strike = { usd = 50 }
        tenor_days = 140.3846153846154
    "#;
    let years = 20.0 / 52.0;
    for (spot, cost) in [(closes_in_the_money, 263_241.65), (closes_out_of_the_money, 256_541.94)] {
        let market = market(&spot, 12_129_230_769);
        let premium = book(&market, line, 0.2, 0.05).cash_flow[0];
        assert!((premium - 240_053.0).abs() < 1.0, "{premium}");
        let found = premium * (0.05_f64 * years).exp() - hedged_pnl(&market, line, 0.2, 0.05);
        assert!((found - cost).abs() < 0.5, "{found}, expected {cost}");
    }
}

/// The error falls as one over the square root of the number of trades.
#[test]
fn hedging_error_falls_with_the_square_root_of_trades() {
    let deviation = |steps| {
        let pnl: Vec<f64> = (0..8_000)
            .into_par_iter()
            .map(|seed| hedged_pnl(&path(seed, steps, 0.0, 0.6), SHORT_CALL, 0.6, 0.0))
            .collect();
        moments(&pnl).deviation
    };
    let slope = (deviation(160) / deviation(20)).ln() / 8_f64.ln();
    assert!((slope + 0.5).abs() < 0.025, "{slope}");
}

/// A coin-settled straddle hedged with the inverse perp, its premium-adjusted delta at every row, earns in coins what the
/// same straddle settled in USD and hedged with the linear perp earns in USD, as the steps shrink.
#[test]
fn the_coin_book_and_the_usd_book_agree() {
    let line = |settlement: &str| {
        format!(
            "programme = \"straddle\"\nside = \"short\"\nquantity = 10\ntenor_days = 30.416666666666668\nsettlement = \"{settlement}\""
        )
    };
    let market = path(3, 20_000, 0.0, 0.6);
    let account = Account { usd: 0.0, coins: vec![0.0], rate: 0.0 };
    let run = |settlement: &str, contract, delta| {
        let exposure = book(&market, &line(settlement), 0.6, 0.0);
        let free = BookCosts::new(&market, &exposure, &Costs::ZERO);
        simulate(
            &market,
            &exposure,
            &hedge(&market, contract, delta, r#"when = "every_row""#),
            &account,
            &free,
        )
    };
    let usd = run("usd", Contract::LinearPerp, DeltaKind::BlackScholes);
    let coin = run("coin", Contract::InversePerp, DeltaKind::Coin);
    let premium = book(&market, &line("usd"), 0.6, 0.0).cash_flow[0];
    let (usd, coin) = (usd.equity.last().unwrap(), coin.equity.last().unwrap());
    assert!((usd - coin).abs() < 0.005 * premium, "{usd} {coin} of {premium}");
    // And the coin-settled book leaves nothing in the USD account.
    let ledger = run("coin", Contract::InversePerp, DeltaKind::Coin);
    assert!(ledger.cash.iter().all(|cash| *cash == 0.0));
}

/// Row by row: equity moves by the sum of the explained lines, for every programme, settlement and instrument.
#[test]
fn every_dollar_is_explained() {
    for programme in hedgerow_greeks::PROGRAMMES {
        for settlement in ["usd", "coin"] {
            let market = path(11, 300, 0.1, 0.8);
            let is_spot = programme.options.is_empty();
            let line = if is_spot {
                "programme = \"spot\"\nquantity = 3".to_owned()
            } else {
                format!(
                    "{}\nside = \"short\"\nquantity = 3\nsettlement = \"{settlement}\"\ntenor_days = 5",
                    strikes(programme.name)
                )
            };
            let exposure = book(&market, &line, 0.8, 0.03);
            let costs = BookCosts::new(&market, &exposure, &Costs::default());
            let account = Account { usd: 1000.0, coins: vec![2.0], rate: 0.03 };
            for contract in [Contract::Spot, Contract::LinearPerp, Contract::InversePerp] {
                let strategy = hedge(
                    &market,
                    contract,
                    DeltaKind::BlackScholes,
                    "when = { delta_band = 0.05 }",
                );
                let ledger = simulate(&market, &exposure, &strategy, &account, &costs);
                for row in 1..market.n_rows() {
                    let change = ledger.equity[row] - ledger.equity[row - 1];
                    let explained = ledger.explained.sum(row);
                    let scale = ledger.equity[row].abs() + 1000.0;
                    assert!(
                        (change - explained).abs() < 1e-9 * scale,
                        "{} {settlement} row {row}: {change} {explained}",
                        programme.name
                    );
                }
            }
        }
    }
}

fn strikes(programme: &str) -> String {
    let keys = match programme {
        "call" | "put" | "straddle" => "strike = { moneyness = 1.02 }",
        "put_spread" => "lower = { moneyness = 0.9 }\nupper = { moneyness = 0.97 }",
        _ => "put = { moneyness = 0.95 }\ncall = { moneyness = 1.05 }",
    };
    format!("programme = \"{programme}\"\n{keys}")
}
