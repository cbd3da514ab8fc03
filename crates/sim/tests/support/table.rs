//! The comparison of hedging rules under costs: a call sold at its Black-Scholes value and hedged for a year.
//!
//! Spot and strike 100, vol 25 %, interest and drift 5 %, costs 1 % one way, 250 looks a year, the first purchase charged, the
//! hedge handed over at expiry without cost. The setting is that of Zakamouline's "Yet another note on the Leland's option
//! hedging strategy with transaction costs", table 1.

use hedgerow_core::{
    AssetColumns, Bps, Contract, Explained, Exposure, GradeCounts, Market, ROUNDING_UNITS, Slopes,
    Timestamp,
};
use hedgerow_sim::{Account, BookCosts, Costs, FillAt, Leg, Strategy, To, simulate};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use super::{density, leg, normal, rule};

const VOL: f64 = 0.25;
const RATE: f64 = 0.05;
const COST: f64 = 0.01;
const ROWS: usize = 250;

/// Which delta is hedged.
#[derive(Debug, Clone, Copy)]
pub enum Delta {
    BlackScholes,
    /// At Leland's vol for so many rows between re-hedges.
    Leland(u32),
    /// At Zakamouline's vol for this risk aversion.
    Zakamouline(f64),
}

/// A row of the comparison, with the published or independently computed figures: present value of the mean P&L, its
/// standard deviation, present value of the mean cost, number of trades.
#[derive(Debug, Clone)]
pub struct Case {
    pub name: String,
    pub delta: Delta,
    pub rule: String,
    pub to: To,
    pub expected: [f64; 4],
}

fn case(name: &str, delta: Delta, rule: String, expected: [f64; 4]) -> Case {
    Case { name: name.to_owned(), delta, rule, to: To::EDGE, expected }
}

/// All rows. A figure that is not published is `NaN`.
pub fn cases() -> Vec<Case> {
    let clock = |rows: u32| format!("when = {{ clock = {{ days = {} }} }}", 1.46 * f64::from(rows));
    let mut cases = Vec::new();
    for (rows, expected) in [
        (1, [-5.387, 1.888, 5.387, 246.0]),
        (2, [f64::NAN, f64::NAN, 3.9859, f64::NAN]),
        (5, [-2.745, 1.474, 2.738, 50.0]),
        (10, [-2.110, 1.801, 2.101, 25.0]),
        (25, [-1.532, 2.637, 1.516, 10.0]),
    ] {
        cases.push(case(
            &format!("Black-Scholes, {rows} d"),
            Delta::BlackScholes,
            clock(rows),
            expected,
        ));
    }
    for (rows, expected) in [
        (1, [-4.588, 0.640, 4.583, 248.0]),
        (2, [-3.551, 0.853, 3.548, 124.0]),
        (5, [-2.557, 1.273, 2.548, 50.0]),
        (10, [-2.011, 1.735, 2.002, 25.0]),
    ] {
        cases.push(case(&format!("Leland, {rows} d"), Delta::Leland(rows), clock(rows), expected));
    }
    for (aversion, expected) in [
        (0.5, [-1.452, 1.698, 1.446, 56.0]),
        (1.0, [-1.602, 1.477, 1.599, 63.0]),
        (2.0, [-1.780, 1.318, 1.779, 72.0]),
        (5.0, [-2.060, 1.196, 2.058, 86.0]),
    ] {
        let rule = format!("when = {{ whalley_wilmott = {{ risk_aversion = {aversion} }} }}");
        cases.push(case(
            &format!("Whalley-Wilmott, {aversion}"),
            Delta::BlackScholes,
            rule,
            expected,
        ));
    }
    for (aversion, expected) in [
        (0.5, [-1.405, 1.708, 1.398, 50.0]),
        (1.0, [-1.688, 1.322, 1.684, 65.0]),
        (2.0, [-2.020, 1.064, 2.015, 83.0]),
        (5.0, [-2.505, 0.861, 2.501, 112.0]),
    ] {
        let rule = format!("when = {{ zakamouline = {{ risk_aversion = {aversion} }} }}");
        cases.push(case(
            &format!("Zakamouline, {aversion}"),
            Delta::Zakamouline(aversion),
            rule,
            expected,
        ));
    }
    for (width, to, expected) in [
        (0.05, To::EDGE, [-2.022, 1.293, 2.020, 81.0]),
        (0.05, To::CENTRE, [-3.232, 1.632, 3.231, 38.0]),
        (0.1, To::EDGE, [-1.405, 1.999, f64::NAN, f64::NAN]),
        (0.1, To::CENTRE, [-2.249, 1.632, f64::NAN, f64::NAN]),
    ] {
        let rule = format!("when = {{ delta_band = {width} }}");
        let place = if to == To::EDGE { "edge" } else { "centre" };
        cases.push(Case {
            to,
            ..case(&format!("band {width} to {place}"), Delta::BlackScholes, rule, expected)
        });
    }
    cases
}

/// A year of spot from 100.
fn path(seed: u64) -> Market {
    let mut random = ChaCha8Rng::seed_from_u64(250);
    random.set_stream(seed);
    let years = 1.0 / ROWS as f64;
    let mut spot = vec![100.0_f64];
    for row in 0..ROWS {
        let z: f64 = StandardNormal.sample(&mut random);
        spot.push(spot[row] * ((RATE - 0.5 * VOL * VOL) * years + VOL * years.sqrt() * z).exp());
    }
    let time = (0..=ROWS as i64).map(|row| Timestamp::from_millis(row * 126_144_000)).collect();
    let asset = AssetColumns { name: "BTC".to_owned(), spot, open: None, high: None, low: None };
    Market::new(time, vec![asset], vec![], vec![]).unwrap()
}

fn d1(spot: f64, vol: f64, years: f64) -> f64 {
    ((spot / 100.0).ln() + (RATE + 0.5 * vol * vol) * years) / (vol * years.sqrt())
}

fn hedge_vol(delta: Delta, spot: f64, gamma: f64, years: f64) -> f64 {
    let variance = VOL * VOL;
    match delta {
        Delta::BlackScholes => VOL,
        Delta::Leland(rows) => {
            let step = f64::from(rows) / ROWS as f64;
            let number = (8.0 / std::f64::consts::PI).sqrt() * COST / (VOL * step.sqrt());
            (variance * (1.0 + number)).sqrt()
        }
        Delta::Zakamouline(aversion) => {
            let k = -4.76
                * COST.powf(0.78)
                * years.powf(-0.02)
                * ((-RATE * years).exp() / VOL).powf(0.25)
                * (aversion * spot * spot * gamma).powf(0.15);
            (variance * (1.0 - k)).sqrt()
        }
    }
}

/// The book short of one call.
fn short_call(market: &Market, delta: Delta) -> Exposure {
    let spot = &market.assets()[0].spot;
    let n_rows = spot.len();
    let mut slopes = Slopes::zero(n_rows, vec![Some(VOL); n_rows]);
    let (mut value, mut cash_flow) = (vec![0.0; n_rows], vec![0.0; n_rows]);
    for (row, spot) in spot.iter().enumerate().take(ROWS) {
        let years = 1.0 - row as f64 / ROWS as f64;
        let at = d1(*spot, VOL, years);
        let deviation = VOL * years.sqrt();
        let discounted = 100.0 * (-RATE * years).exp();
        value[row] = -(spot * normal(at) - discounted * normal(at - deviation));
        let gamma = density(at) / (spot * deviation);
        let hedge_vol = hedge_vol(delta, *spot, gamma, years);
        slopes.delta[row] = -normal(d1(*spot, hedge_vol, years));
        slopes.gamma[row] = -gamma;
        slopes.years[row] = Some(years);
    }
    cash_flow[0] = -value[0];
    cash_flow[ROWS] = -(spot[ROWS] - 100.0).max(0.0);
    Exposure {
        value,
        cash_flow,
        slopes: vec![slopes],
        explained: Explained::zero(n_rows),
        trades: vec![],
        grades: GradeCounts::default(),
    }
}

/// Present values of P&L and cost, and the number of trades, on one path.
fn outcome(seed: u64, case: &Case) -> [f64; 3] {
    let market = path(seed);
    let exposure = short_call(&market, case.delta);
    let costs = Costs { spot_fee_bps: Bps(1e4 * COST), ..Costs::ZERO };
    let spot = leg(&market, Contract::Spot, FillAt::DecidingPrice, &costs, rule(&case.rule));
    let strategy = Strategy {
        name: String::new(),
        about: String::new(),
        legs: vec![Leg { to: case.to, ..spot }],
    };
    let account = Account { usd: 0.0, coins: vec![0.0], rate: RATE };
    let book = BookCosts::new(&market, &exposure, &Costs::ZERO);
    let ledger = simulate(&market, &exposure, &strategy, &account, &book);
    let leg = &ledger.legs[0];
    let discount = |row: usize| (-RATE * row as f64 / ROWS as f64).exp();
    let cost = (0..ROWS).map(|row| leg.fee[row] * discount(row)).sum();
    let pnl = (ledger.equity[ROWS] + leg.fee[ROWS]) * discount(ROWS);
    let trades = leg.n_trades() - usize::from(leg.traded[ROWS].abs() > ROUNDING_UNITS);
    [pnl, cost, trades as f64]
}

/// A figure over many paths.
#[derive(Debug, Clone, Copy)]
pub struct Figure {
    pub value: f64,
    /// Its standard error, from the same paths.
    pub error: f64,
}

/// The mean of one number per path.
fn mean(numbers: impl Iterator<Item = f64> + Clone, n: f64) -> Figure {
    let value = numbers.clone().sum::<f64>() / n;
    let variance = numbers.map(|number| (number - value).powi(2)).sum::<f64>() / n;
    Figure { value, error: (variance / n).sqrt() }
}

/// The four figures of a case over common paths.
pub fn figures(case: &Case, paths: u64) -> [Figure; 4] {
    let outcomes: Vec<[f64; 3]> =
        (0..paths).into_par_iter().map(|seed| outcome(seed, case)).collect();
    let n = paths as f64;
    let [pnl, cost, trades] =
        [0, 1, 2].map(|i| mean(outcomes.iter().map(move |outcome| outcome[i]), n));
    let squares = mean(outcomes.iter().map(|outcome| (outcome[0] - pnl.value).powi(2)), n);
    let deviation = squares.value.sqrt();
    // The delta method: the error of a root is that of the square over twice the root.
    let deviation = Figure { value: deviation, error: squares.error / (2.0 * deviation) };
    [pnl, deviation, cost, trades]
}
