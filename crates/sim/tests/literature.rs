//! What the literature says of hedging in discrete steps, at another vol, and at a cost, through the engine.
//!
//! Numbers are of the sources named at each test, or were computed independently of the engine from their formulas. The
//! paths have fixed seeds. What needs many of them is in `support/discrete.rs`, and at length in the example
//! `discrete_hedging`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_precision_loss, reason = "tests")]

mod support;

use hedgerow_core::{Contract, Timestamp};
use hedgerow_sim::rehedge::{Now, leland_clock, zakamouline::Zakamouline};
use hedgerow_sim::{Costs, FillAt, RatioColumn};
use support::discrete::{self, FAIR};
use support::option::{Sample, Trade, black_scholes};
use support::{coins, daily, free_leg, run_free};

fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found}, expected {expected} ± {tolerance}");
}

#[test]
fn v2_1_replication_error_of_derman_and_kamal() {
    discrete::v2_1_replication_error_of_derman_and_kamal(1);
}

#[test]
fn v2_2_replication_error_away_from_the_money() {
    discrete::v2_2_replication_error_away_from_the_money(1);
}

#[test]
fn v2_5_hedging_at_actual_and_at_implied_vol() {
    discrete::v2_5_hedging_at_actual_and_at_implied_vol(1);
}

#[test]
fn v2_6_a_month_sold_dear() {
    discrete::v2_6_a_month_sold_dear(1);
}

#[test]
fn v2_8_what_a_clock_costs_and_leaves() {
    discrete::v2_8_what_a_clock_costs_and_leaves(1);
}

/// V3.1: Leland's number, of vol, round-trip cost and interval; and the clock that keeps it.
#[test]
fn v3_1_lelands_number() {
    for (vol, round_trip, per_year, number) in [
        (0.2, 0.01, 52.0, 0.287_681_37),
        (0.2, 0.0025, 250.0, 0.157_695_78),
        (0.65, 0.001, 365.0, 0.023_451_64),
        (0.65, 0.001, 8_760.0, 0.114_889_08),
        (0.25, 0.02, 100.0, 0.638_307_65),
    ] {
        let cost = 0.5 * round_trip;
        near(leland_clock::leland_number(cost, vol, 1.0 / per_year), number, 1e-8);
        let clock = leland_clock::LelandClock { number };
        near(clock.interval(cost, vol) * per_year, 1.0, 1e-6);
    }
}

/// V3.2: Sinclair, "Volatility Trading": at 10 % vol and 1 % between bid and ask, hedging daily, one must sell at 15.9 %. At that
/// vol costs are paid for: the mean of what is left is near nothing, where a sale at 10 % loses most of its premium to them.
#[test]
fn v3_2_a_vol_that_pays_for_hedging() {
    let (cost, step) = (0.005, 1.0 / 365.0);
    let dear = 0.1 * (1.0 + leland_clock::leland_number(cost, 0.1, step)).sqrt();
    near(dear, 0.159, 2e-4);
    near(dear, 0.158_882_23, 1e-8);
    let trade = Trade {
        years: 1.0,
        rate: 0.0,
        drift: 0.0,
        traded: dear,
        hedged: dear,
        realised: 0.1,
        steps: 365,
        cost,
        ..FAIR
    };
    let left = |trade: &Trade| {
        let outcomes = trade.outcomes(400, r#"when = "every_row""#);
        Sample::of(&outcomes.iter().map(|out| out.pnl + out.opening).collect::<Vec<_>>())
    };
    let (paid, unpaid) = (left(&trade), left(&Trade { traded: 0.1, ..trade }));
    let margin = trade.premium() - black_scholes(100.0, 100.0, 0.1, 1.0, 0.0).value;
    assert!(paid.mean.abs() < 0.1 * margin, "{paid:?} of {margin}");
    near(unpaid.mean, paid.mean - margin, 1e-9 * margin);
}

/// V3.3: the half-widths `H0` and `H1` of Zakamouline (2006).
#[test]
fn v3_3_zakamouline() {
    let start = Timestamp::from_millis(0);
    let now = Now {
        row: 0,
        time: start,
        previous: None,
        start,
        spot: 100.0,
        gamma: 0.015_136_793,
        vol: Some(0.25),
        years: Some(1.0),
        cost_rate: 0.01,
        rate: 0.05,
    };
    let unit = Zakamouline { risk_aversion: 1.0 };
    near(unit.half_width(&now), 0.001_6 + 0.046_165_90, 1e-8);
    let public = Now {
        spot: 5_000.0,
        gamma: -0.02,
        vol: Some(0.2),
        years: Some(0.25),
        cost_rate: 0.0005,
        rate: 0.0,
        ..now
    };
    near(unit.half_width(&public), 1e-5 + 0.020_943_69, 1e-8);
    assert!(unit.half_width(&Now { cost_rate: 0.0, ..public }) == 0.0);
}

/// V3.7: Sinclair, table 4.1: 1,000 vega of a year at the money sold at 50 %, 40 % realised, 5 cents a share half-spread: the
/// more often one hedges the more of the 10,000 costs take. The figures of the table itself depend on what it leaves unsaid.
#[test]
fn v3_7_more_hedging_keeps_less() {
    let kept = |steps: usize| {
        let trade = Trade {
            years: 1.0,
            rate: 0.0,
            drift: 0.0,
            traded: 0.5,
            hedged: 0.5,
            realised: 0.4,
            steps,
            cost: 5e-4,
            ..FAIR
        };
        let vega = black_scholes(100.0, 100.0, 0.5, 1.0, 0.0).vega;
        let outcomes = trade.outcomes(100, r#"when = "every_row""#);
        let cost: f64 = outcomes.iter().map(|out| out.rehedging).sum::<f64>() / 100.0;
        let gross = trade.premium() - black_scholes(100.0, 100.0, 0.4, 1.0, 0.0).value;
        1_000.0 / vega * 100.0 * (gross - cost)
    };
    let kept = [52, 252, 504, 1_260].map(kept);
    assert!(kept.is_sorted_by(|a, b| a > b), "{kept:?}");
}

/// V4.3: the variance of what a constant ratio leaves is `Var(S) - 2h·Cov(S, F) + h²·Var(F)`, whose minimum is at the slope: no
/// other ratio removes more, and the share removed there is the square of the correlation (Ederington 1979).
#[test]
fn v4_3_variance_left_by_a_ratio() {
    let market = support::market(43, 900);
    let exposure = coins(&market, 1.0);
    let left = |ratio: f64| -> (Vec<f64>, Vec<f64>) {
        let mut hedge = free_leg(&market, Contract::LinearPerp, r#"when = "every_row""#);
        hedge.ratio = RatioColumn::Constant(ratio);
        let ledger = run_free(&market, &exposure, hedge);
        let leg = &ledger.legs[0];
        let hedged = (1..900)
            .map(|row| ledger.equity[row] - ledger.equity[row - 1] - leg.carry[row])
            .collect();
        (hedged, ledger.book_pnl[1..].to_vec())
    };
    let perp = &market.tradable(0, Contract::LinearPerp).unwrap().price;
    let future: Vec<f64> = perp.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let covariance = |x: &[f64], y: &[f64]| {
        let mean = |column: &[f64]| column.iter().sum::<f64>() / column.len() as f64;
        let (at, to) = (mean(x), mean(y));
        x.iter().zip(y).map(|(x, y)| (x - at) * (y - to)).sum::<f64>() / x.len() as f64
    };
    let spot = left(0.0).1;
    let (own, both, other) =
        (covariance(&spot, &spot), covariance(&spot, &future), covariance(&future, &future));
    let best = both / other;
    let variance = |ratio: f64| {
        let hedged = left(ratio).0;
        covariance(&hedged, &hedged)
    };
    for ratio in [0.0, 0.3, 0.8, 1.0, 1.2, best] {
        let identity = own - 2.0 * ratio * both + ratio * ratio * other;
        near(variance(ratio), identity, 1e-9 * own);
        assert!(variance(ratio) >= variance(best));
    }
    near(1.0 - variance(best) / own, both * both / (own * other), 1e-9);
}

/// V8.2: Deribit's rate per eight hours from mark and index, with its damper and its cap.
#[test]
fn v8_2_deribits_funding_formula() {
    use hedgerow_sim::funding_formula::{DeribitFunding, FundingFormula, premium};
    let rate = |mark| DeribitFunding::CLASSIC.rate(premium(mark, 60_000.0));
    for (mark, expected) in [
        (60_006.0, 0.0),
        (60_030.0, 2.5e-4),
        (59_970.0, -2.5e-4),
        (60_600.0, 0.005),
        (59_400.0, -0.005),
    ] {
        near(rate(mark), expected, 1e-15);
    }
    // A long of 100,000 USD pays for an hour, in coins.
    near(100_000.0 / 60_000.0 * rate(60_030.0) / 8.0, 0.000_052_083_3, 1e-10);
}

/// V8.6: Binance's rate per eight hours from the mean premium.
#[test]
fn v8_6_binances_funding_formula() {
    use hedgerow_sim::funding_formula::{BinanceFunding, FundingFormula};
    for (premium, expected) in
        [(0.0, 1e-4), (4e-4, 1e-4), (6e-4, 1e-4), (1e-3, 5e-4), (-1e-3, -5e-4)]
    {
        near(BinanceFunding::USUAL.rate(premium), expected, 1e-15);
    }
}

/// V8.2, V8.5: 100,000 USD of an inverse perpetual pay 0.0000520833 BTC for an hour at +0.025 % per eight hours and an index of
/// 60,000; and earn 0.18181818 BTC from 50,000 to 55,000.
#[test]
fn v8_2_and_v8_5_inverse_perpetual() {
    use hedgerow_core::{FundingEvent, Market, Tradable};
    let market = daily(&[60_000.0, 60_000.0]);
    let hour = FundingEvent {
        time: Timestamp::from_millis(support::HOUR),
        rate: 2.5e-4 / 8.0,
        mark: Some(60_000.0),
    };
    let funded = market
        .tradables()
        .iter()
        .map(|tradable| Tradable { funding: Some(vec![hour]), ..tradable.clone() });
    let market =
        Market::new(market.time().to_vec(), market.assets().to_vec(), funded.collect(), vec![])
            .unwrap();
    let track = |market: &Market| {
        hedgerow_sim::linear_track(
            market,
            0,
            Contract::InversePerp,
            &Costs::ZERO,
            FillAt::DecidingPrice,
        )
        .unwrap()
    };
    near(-100_000.0 * track(&market).carry.at(1) / 60_000.0, 0.000_052_083_3, 1e-10);
    let moved = daily(&[50_000.0, 55_000.0]);
    near(100_000.0 * track(&moved).pnl[1] / 55_000.0, 0.181_818_18, 1e-8);
}
