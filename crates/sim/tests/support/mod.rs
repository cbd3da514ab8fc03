//! Seeded synthetic markets and books for the laws.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
#![allow(
    clippy::float_cmp,
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    reason = "helpers of tests"
)]

pub mod discrete;
pub mod option;
pub mod product;
pub mod table;

use std::sync::Arc;

use hedgerow_core::registry::{Entry, Setting, build};
use hedgerow_core::{
    AssetColumns, Contract, ContractTerms, Explained, Exposure, FundingEvent, Future, GradeCounts,
    Ledger, Line, Market, OptionTrade, OptionTradeKind, PaidIn, Slopes, Timestamp, Tradable,
};
use hedgerow_sim::{
    Account, Against, BookCosts, Costs, DeltaKind, Execution, FillAt, Leg, RATIOS, RULES, Ratio,
    RatioColumn, Rule, Strategy, To, linear_track, ratio::History, simulate,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

pub const HOUR: i64 = 3_600_000;
pub const CONTRACTS: [Contract; 3] = [Contract::Spot, Contract::LinearPerp, Contract::InversePerp];
pub const FILLS: [FillAt; 2] = [FillAt::NextOpen, FillAt::DecidingPrice];

/// Hourly rows with gaps, a spike, perps with a basis, opens that differ from the closes before them, and funding every
/// eight hours of either sign.
pub fn market(seed: u64, n_rows: usize) -> Market {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut normal = || -> f64 { StandardNormal.sample(&mut random) };
    let (mut time, mut spot, mut open, mut perp, mut perp_open) =
        (vec![], vec![], vec![], vec![], vec![]);
    let (mut now, mut price) = (0_i64, 20_000.0_f64);
    for row in 0..n_rows {
        now += if row % 37 == 36 { 5 * HOUR } else { HOUR };
        let first = price * (0.0005 * normal()).exp();
        price = first * (0.008 * normal() + if row == n_rows / 2 { -0.2 } else { 0.0 }).exp();
        time.push(Timestamp::from_millis(now));
        spot.push(price);
        open.push(first);
        perp.push(price * (0.001 * normal()).exp());
        perp_open.push(first * (0.001 * normal()).exp());
    }
    let funding: Vec<FundingEvent> = (1..=now / (8 * HOUR))
        .map(|k| FundingEvent {
            time: Timestamp::from_millis(k * 8 * HOUR),
            rate: 2e-4 * normal(),
            mark: None,
        })
        .collect();
    let tradable = |name: &str, contract| Tradable {
        name: name.to_owned(),
        asset: 0,
        contract,
        price: perp.clone(),
        open: Some(perp_open.clone()),
        funding: Some(funding.clone()),
        high: None,
        low: None,
        marked_at_spot: false,
    };
    let asset =
        AssetColumns { name: "BTC".to_owned(), spot, open: Some(open), high: None, low: None };
    let tradables = vec![
        tradable("BTC perp", Contract::LinearPerp),
        tradable("BTC inverse perp", Contract::InversePerp),
    ];
    Market::new(time, vec![asset], tradables, vec![]).unwrap()
}

/// A price that wanders, and futures of both kinds on a basis that is gone at expiry; the last outlives the market.
pub fn with_futures(market: Market) -> Market {
    let (time, spot) = (market.time().to_vec(), market.assets()[0].spot.clone());
    let last = time[time.len() - 1];
    let length = (last.millis() - time[0].millis()) / 3;
    let future = |k: i64, paid_in: PaidIn| {
        // Off the grid, as expiries may be.
        let expiry = Timestamp::from_millis(time[0].millis() + k * length + 1_234_567);
        let price = |row: usize| {
            let years = expiry.years_since(time[row]);
            (years >= 0.0).then(|| spot[row] * (0.1 * years).exp())
        };
        Future {
            name: format!("BTC-{k}"),
            asset: 0,
            expiry,
            terms: ContractTerms { paid_in, size: 10.0, tick: None, lot: None },
            ends: None,
            holes: Vec::new(),
            price: (0..time.len()).map(price).collect(),
        }
    };
    let futures =
        [PaidIn::Usd, PaidIn::Coin].into_iter().flat_map(|paid| (1..=4).map(move |k| (k, paid)));
    let futures = futures.map(|(k, paid)| future(k, paid)).collect();
    market.with_futures(futures).unwrap()
}

/// A market with these closes, one row a day, perps marked at spot, no funding.
pub fn daily(spot: &[f64]) -> Market {
    let time = (0..).map(|day| Timestamp::from_millis(0).plus_days(day)).take(spot.len()).collect();
    let tradable = |name: &str, contract| Tradable {
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
    let asset = AssetColumns {
        name: "BTC".to_owned(),
        spot: spot.to_vec(),
        open: None,
        high: None,
        low: None,
    };
    let tradables = vec![
        tradable("BTC perp", Contract::LinearPerp),
        tradable("BTC inverse perp", Contract::InversePerp),
    ];
    Market::new(time, vec![asset], tradables, vec![]).unwrap()
}

/// A made-up book short of convexity, `-c·ln²(spot/strike)` USD with cash paid in and out in USD and in coins: enough
/// like an option book for every law, with no option in it. Also holds `coins` outright.
pub fn book(market: &Market, coins: f64) -> Exposure {
    let spot = &market.assets()[0].spot;
    let n_rows = spot.len();
    let strike = 20_000.0;
    let c = 3e5;
    let value: Vec<f64> = spot.iter().map(|s| coins * s - c * (s / strike).ln().powi(2)).collect();
    let delta: Vec<f64> = spot.iter().map(|s| coins - 2.0 * c * (s / strike).ln() / s).collect();
    let gamma: Vec<f64> =
        spot.iter().map(|s| -2.0 * c * (1.0 - (s / strike).ln()) / (s * s)).collect();
    let cash_flow: Vec<f64> =
        (0..n_rows).map(|row| if row % 50 == 7 { 120.0 } else { 0.0 }).collect();
    let coin_flow: Vec<f64> =
        (0..n_rows).map(|row| if row % 60 == 9 { -0.01 } else { 0.0 }).collect();
    let mut explained = Explained::zero(n_rows);
    for row in 1..n_rows {
        let ds = spot[row] - spot[row - 1];
        let pnl = value[row] - value[row - 1] + cash_flow[row] + coin_flow[row] * spot[row];
        explained.line_mut(Line::Delta)[row] = delta[row - 1] * ds;
        explained.line_mut(Line::Gamma)[row] = 0.5 * gamma[row - 1] * ds * ds;
        explained.line_mut(Line::Residual)[row] =
            pnl - delta[row - 1] * ds - 0.5 * gamma[row - 1] * ds * ds;
    }
    let slopes = Slopes {
        coins,
        delta,
        gamma,
        years: vec![Some(0.1); n_rows],
        coin_value: value.iter().zip(spot).map(|(value, spot)| value / spot - coins).collect(),
        coin_flow,
        ..Slopes::zero(n_rows, vec![None; n_rows])
    };
    Exposure {
        value,
        cash_flow,
        slopes: vec![slopes],
        explained,
        trades: vec![],
        grades: GradeCounts::default(),
    }
}

/// Black-Scholes without rates: value and delta of a call, and the gamma of either kind.
pub fn call(spot: f64, strike: f64, vol: f64, years: f64) -> (f64, f64, f64) {
    let deviation = vol * years.sqrt();
    let d1 = (spot / strike).ln() / deviation + 0.5 * deviation;
    let value = spot * normal(d1) - strike * normal(d1 - deviation);
    (value, normal(d1), density(d1) / (spot * deviation))
}

pub fn normal(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

pub fn density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// The vol at which the straddles are marked.
fn mark_vol(row: usize) -> f64 {
    0.65 + 0.1 * (row as f64 / 17.0).sin()
}

/// Straddles sold at the money for at least three days, to the next 08:00 UTC; settled at the first row at or after that,
/// which may lie in a gap, and sold again. Also holds `coins` outright.
pub fn straddles(market: &Market, quantity: f64, coins: f64) -> Exposure {
    let (time, spot) = (market.time(), &market.assets()[0].spot);
    let n_rows = spot.len();
    let mut slopes =
        Slopes { coins, delta: vec![coins; n_rows], ..Slopes::zero(n_rows, vec![None; n_rows]) };
    let (mut value, mut cash_flow, mut trades) = (vec![0.0; n_rows], vec![0.0; n_rows], vec![]);
    let mut open: Option<(f64, Timestamp)> = None;
    for row in 0..n_rows {
        let mut trade = |kind, expiry, strike: f64, premium: [f64; 2], traded: f64| {
            for (letter, premium) in ["C", "P"].iter().zip(premium) {
                trades.push(OptionTrade {
                    row,
                    asset: 0,
                    kind,
                    instrument: format!("BTC-1JAN70-{strike}-{letter}"),
                    traded,
                    premium,
                    spot: spot[row],
                    vega: 0.0,
                    expiry,
                    coin_settled: false,
                    agreed: None,
                });
            }
        };
        if let Some((strike, expiry)) = open.filter(|(_, expiry)| time[row] >= *expiry) {
            let payoffs = [(spot[row] - strike).max(0.0), (strike - spot[row]).max(0.0)];
            trade(OptionTradeKind::Expire, expiry, strike, payoffs, quantity);
            cash_flow[row] -= quantity * (payoffs[0] + payoffs[1]);
            open = None;
        }
        let vol = mark_vol(row);
        let (strike, expiry) = open.unwrap_or_else(|| {
            let eight = |days| Timestamp::from_millis(8 * HOUR).plus_days(days);
            let today = time[row].millis().div_euclid(24 * HOUR);
            (spot[row].round(), eight(today + 4))
        });
        let years = expiry.years_since(time[row]);
        let (call, delta, gamma) = call(spot[row], strike, vol, years);
        let put = call - spot[row] + strike;
        if open.is_none() {
            trade(OptionTradeKind::Open, expiry, strike, [call, put], -quantity);
            cash_flow[row] += quantity * (call + put);
        }
        open = Some((strike, expiry));
        value[row] = coins * spot[row] - quantity * (call + put);
        slopes.delta[row] = coins - quantity * (2.0 * delta - 1.0);
        slopes.gamma[row] = -2.0 * quantity * gamma;
        slopes.vol[row] = Some(vol);
        slopes.years[row] = Some(years);
    }
    let mut explained = Explained::zero(n_rows);
    for row in 1..n_rows {
        explained.line_mut(Line::Residual)[row] = value[row] - value[row - 1] + cash_flow[row];
    }
    let grades = GradeCounts::default();
    Exposure { value, cash_flow, slopes: vec![slopes], explained, trades, grades }
}

/// Both books.
pub fn books(market: &Market) -> [Exposure; 2] {
    [book(market, 3.0), straddles(market, 4.0, 3.0)]
}

/// Only coins held outright.
pub fn coins(market: &Market, coins: f64) -> Exposure {
    let spot = &market.assets()[0].spot;
    let mut explained = Explained::zero(spot.len());
    for row in 1..spot.len() {
        explained.line_mut(Line::Delta)[row] = coins * (spot[row] - spot[row - 1]);
    }
    let slopes = Slopes {
        coins,
        delta: vec![coins; spot.len()],
        ..Slopes::zero(spot.len(), vec![None; spot.len()])
    };
    Exposure {
        value: spot.iter().map(|spot| coins * spot).collect(),
        cash_flow: vec![0.0; spot.len()],
        slopes: vec![slopes],
        explained,
        trades: vec![],
        grades: GradeCounts::default(),
    }
}

/// Parses one `key = value` line and builds the registry entry it asks for.
pub fn built<T: ?Sized>(entries: &[Entry<T>], line: &str) -> Box<T> {
    try_built(entries, line).unwrap_or_else(|message| panic!("{line}: {message}"))
}

pub fn try_built<T: ?Sized>(entries: &[Entry<T>], line: &str) -> Result<Box<T>, String> {
    let table = toml::de::DeTable::parse(line).map_err(|error| error.to_string())?;
    let (_, setting): (_, Setting<'_>) = table.into_inner().into_iter().next().unwrap();
    build(entries, setting, "entry").map_err(|error| error.message)
}

pub fn rule(line: &str) -> Box<dyn Rule> {
    built(RULES, line)
}

pub fn ratio(line: &str) -> Box<dyn Ratio> {
    built(RATIOS, line)
}

/// A leg against delta.
pub fn leg(
    market: &Market,
    contract: Contract,
    fill: FillAt,
    costs: &Costs,
    rule: Box<dyn Rule>,
) -> Leg {
    Leg {
        name: "hedge".to_owned(),
        track: Arc::new(linear_track(market, 0, contract, costs, fill).unwrap()),
        asset: 0,
        against: Against::Delta,
        delta: DeltaKind::BlackScholes,
        ratio: RatioColumn::Constant(1.0),
        rule,
        to: To::EDGE,
        execution: Execution::AT_ONCE,
        gate: None,
    }
}

/// A leg against delta that costs nothing and trades at the price of the row that decides.
pub fn free_leg(market: &Market, contract: Contract, line: &str) -> Leg {
    leg(market, contract, FillAt::DecidingPrice, &Costs::ZERO, rule(line))
}

/// What one leg makes of a book, without costs and with nothing else in the account.
pub fn run_free(market: &Market, exposure: &Exposure, leg: Leg) -> Ledger {
    let none = free(market, exposure);
    simulate(market, exposure, &strategy(vec![leg]), &empty_account(), &none)
}

/// The market with one linear perp of these prices, without funding, and nothing else to trade.
pub fn with_perp(base: &Market, price: Vec<f64>) -> Market {
    let perp = Tradable { price, open: None, funding: None, ..base.tradables()[0].clone() };
    Market::new(base.time().to_vec(), base.assets().to_vec(), vec![perp], vec![]).unwrap()
}

pub fn with_ratio(market: &Market, mut leg: Leg, ratio: &dyn Ratio) -> Leg {
    leg.ratio = ratio.column(&History::new(market, 0, &leg.track));
    leg
}

pub fn strategy(legs: Vec<Leg>) -> Strategy {
    Strategy { name: "test".to_owned(), about: String::new(), legs }
}

pub fn account() -> Account {
    Account { usd: 50_000.0, coins: vec![0.5], rate: 0.03 }
}

pub fn empty_account() -> Account {
    Account { usd: 0.0, coins: vec![0.0], rate: 0.0 }
}

pub fn free(market: &Market, exposure: &Exposure) -> BookCosts {
    BookCosts::new(market, exposure, &Costs::ZERO)
}

/// Every rule of the registry's examples, every ratio, every instrument, every fill. Trees take long: the rule that needs them
/// comes with one instrument.
pub fn every_leg(market: &Market, costs: &Costs) -> Vec<(String, Leg)> {
    let mut legs = Vec::new();
    for contract in CONTRACTS {
        for fill in FILLS {
            for entry in RULES {
                let once = contract == Contract::LinearPerp && fill == FillAt::NextOpen;
                for to in [To::EDGE, To::CENTRE] {
                    if entry.name == "hodges_neuberger" && !(once && to == To::EDGE) {
                        continue;
                    }
                    let name = format!("{contract:?} {fill:?} {} {to:?}", entry.name);
                    legs.push((
                        name,
                        Leg { to, ..leg(market, contract, fill, costs, rule(entry.example)) },
                    ));
                }
            }
            for entry in RATIOS {
                let name = format!("{contract:?} {fill:?} ratio {}", entry.name);
                let leg = leg(market, contract, fill, costs, rule(r#"when = "every_row""#));
                legs.push((name, with_ratio(market, leg, &*ratio(entry.example))));
            }
        }
    }
    legs
}

/// A leg's lines add up to what it earned, and the strategy's lines are those of book, account and legs.
pub(crate) fn assert_legs_are_explained(exposure: &Exposure, ledger: &Ledger) {
    let name = &ledger.strategy;
    for row in 0..ledger.equity.len() {
        for leg in &ledger.legs {
            let earned = leg.price_pnl[row] + leg.carry[row]
                - leg.fee[row]
                - leg.spread[row]
                - leg.slippage[row]
                - leg.roll[row];
            let lines: f64 = Line::ALL.iter().map(|line| leg.line_at(*line, row)).sum();
            let scale = leg.held[row.saturating_sub(1)].abs() * leg.price[row] + earned.abs();
            assert!(
                (lines - earned).abs() <= 1e-9 * scale.max(1.0),
                "{name}, {}, row {row}: lines {lines}, earned {earned}",
                leg.name
            );
        }
        for line in Line::ALL {
            let own = exposure.explained.line(line)[row]
                + match line {
                    Line::Collateral => ledger.collateral_pnl[row],
                    Line::Interest => ledger.interest[row],
                    Line::Fee => -ledger.book_fee[row],
                    Line::Spread => -ledger.book_spread[row],
                    _ => 0.0,
                };
            let sum = ledger.legs.iter().fold(own, |sum, leg| sum + leg.line_at(line, row));
            let total = ledger.explained.line(line)[row];
            assert!(sum == total, "{name}, {}, row {row}: {sum} and {total}", line.key());
        }
    }
}
