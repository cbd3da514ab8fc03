//! Numbers and laws of the ratios.
#![allow(clippy::float_cmp, reason = "laws that hold bit for bit")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_precision_loss, reason = "tests")]

mod support;

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use hedgerow_core::{Bps, Contract, Ledger, Market, Timestamp};
use hedgerow_sim::ratio::correlation::Correlation;
use hedgerow_sim::ratio::error_correction::short_run_slope;
use hedgerow_sim::ratio::garch::Garch;
use hedgerow_sim::ratio::kalman::Belief;
use hedgerow_sim::ratio::minimum_cvar::{cvar, minimum_cvar_ratio};
use hedgerow_sim::ratio::multivariate::{minimum_variance, rolling_minimum_variance};
use hedgerow_sim::ratio::rolling_ols::slope;
use hedgerow_sim::ratio::{EquityNow, EquityRatio, History};
use hedgerow_sim::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use support::*;

/// Hull, "Options, Futures, and Other Derivatives", the cross-hedge of jet fuel with heating oil.
const FUTURES: [f64; 15] = [
    0.021, 0.035, -0.046, 0.001, 0.044, -0.029, -0.026, -0.029, 0.048, -0.006, -0.036, -0.011,
    0.019, -0.027, 0.029,
];
const SPOT: [f64; 15] = [
    0.029, 0.020, -0.044, 0.008, 0.026, -0.019, -0.010, -0.007, 0.043, 0.011, -0.036, -0.018,
    0.009, -0.032, 0.023,
];

fn variance(column: &[f64]) -> f64 {
    let mean = column.iter().sum::<f64>() / column.len() as f64;
    column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (column.len() - 1) as f64
}

fn effectiveness(ratio: f64) -> f64 {
    let hedged: Vec<f64> = SPOT.iter().zip(FUTURES).map(|(s, f)| s - ratio * f).collect();
    1.0 - variance(&hedged) / variance(&SPOT)
}

#[test]
fn hull_cross_hedge_to_ten_digits() {
    assert!((variance(&FUTURES).sqrt() - 0.031_343).abs() < 5e-7);
    assert!((variance(&SPOT).sqrt() - 0.026_255).abs() < 5e-7);
    let ratio = slope(&FUTURES, &SPOT).unwrap();
    assert!((ratio - 0.777_650_674_2).abs() < 1e-10);
    assert!((effectiveness(ratio) - 0.861_875_212_6).abs() < 1e-10);
    assert!((effectiveness(1.0) - 0.791_414_518_2).abs() < 1e-10);
    let one = minimum_variance(&[&FUTURES], &SPOT, 0.0).unwrap();
    assert!((one[0] - ratio).abs() < 1e-12);
    // The parabola of effectiveness has its top at the least-squares slope.
    assert!((0..40).all(|k| effectiveness(0.05 * f64::from(k)) <= effectiveness(ratio)));
}

#[test]
fn kalman_has_the_reference_values() {
    let run = |start: Belief, drift: f64| {
        FUTURES.iter().zip(SPOT).fold(start, |belief, (x, y)| belief.after(*x, y, drift, 1e-4))
    };
    let diffuse = run(Belief { beta: 0.0, variance: 1e12 }, 0.0);
    assert!((diffuse.beta - 0.776_825_281_5).abs() < 1e-8, "{diffuse:?}");
    let drifting = run(Belief { beta: 0.0, variance: 1.0 }, 1e-3);
    assert!((drifting.beta - 0.789_850_272_2).abs() < 1e-10, "{drifting:?}");
    assert!((drifting.variance - 0.012_049_552_0).abs() < 1e-10, "{drifting:?}");
}

/// V4.3: as the weights of exponential smoothing tend to be equal, its ratio tends to that of the sample (through 0, 0.77682528).
/// Hull's months come round again and again, a day each: what remains of the difference falls as one over the half-life,
/// for half-lives so long that its square counts for nothing.
#[test]
fn v4_3_ewma_tends_to_the_sample() {
    let sample = 0.776_825_281_5;
    let apart = |half_life_days: usize| {
        let n_rows = 1 + 15 * half_life_days;
        let time: Vec<Timestamp> =
            (0..).map(|day| Timestamp::from_millis(0).plus_days(day)).take(n_rows).collect();
        let again = |column: [f64; 15]| {
            std::iter::once(0.0).chain(column.into_iter().cycle()).take(n_rows).collect()
        };
        let history = History {
            time: &time,
            spot: &vec![1.0; n_rows],
            spot_return: again(SPOT),
            hedge_return: again(FUTURES),
        };
        let line = format!("ratio = {{ ewma = {{ half_life_days = {half_life_days} }} }}");
        ratio(&line).column(&history).at(n_rows - 1).unwrap() - sample
    };
    let (near, far) = (apart(20_000), apart(2_000));
    assert!(near.abs() < 1e-5, "{near}");
    assert!((far / near - 10.0).abs() < 0.1, "{far} and {near}");
}

/// A market whose perp moves so that the best ratio is 0.8.
fn planted(seed: u64, n_rows: usize) -> Market {
    let base = market(seed, n_rows);
    let spot = &base.assets()[0].spot;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut perp = vec![spot[0]];
    for row in 1..n_rows {
        let noise: f64 = StandardNormal.sample(&mut random);
        let spot_return = spot[row] / spot[row - 1] - 1.0;
        perp.push(perp[row - 1] + spot[row - 1] * (spot_return / 0.8 + 2e-5 * noise));
    }
    with_perp(&base, perp)
}

#[test]
fn every_estimator_recovers_a_planted_ratio() {
    let market = planted(22, 1_200);
    let track = linear_track(&market, 0, Contract::LinearPerp, &Costs::ZERO, FillAt::DecidingPrice);
    let history = History::new(&market, 0, &track.unwrap());
    for line in [
        "ratio = { rolling_ols = { window_days = 10 } }",
        "ratio = { ewma = { half_life_days = 10 } }",
        "ratio = { error_correction = { window_days = 10, refit_rows = 24 } }",
        "ratio = { kalman = { drift_per_day = 0.001, window_days = 10 } }",
        "ratio = { minimum_cvar = { tail_percent = 5, window_days = 10, refit_rows = 24 } }",
        "ratio = { ccc_garch = { window_days = 10, refit_rows = 48 } }",
        "ratio = { dcc_garch = { window_days = 10, refit_rows = 48 } }",
    ] {
        let column = ratio(line).column(&history);
        assert_eq!(column.at(100), None, "{line}");
        for row in [400, 800, 1_199] {
            let found = column.at(row).unwrap();
            assert!((found - 0.8).abs() < 0.01, "{line} row {row}: {found}");
        }
    }
}

/// An estimate is made anew at its rows and held in between, and is that of its own window only.
#[test]
fn an_estimate_is_held_until_the_next() {
    let market = planted(23, 400);
    let track = linear_track(&market, 0, Contract::LinearPerp, &Costs::ZERO, FillAt::DecidingPrice);
    let history = History::new(&market, 0, &track.unwrap());
    let column = ratio("ratio = { error_correction = { window_days = 5, refit_rows = 10 } }")
        .column(&history);
    let first = (0..400).find(|row| column.at(*row).is_some()).unwrap();
    for row in first..400 {
        let fitted = first + (row - first) / 10 * 10;
        let time = market.time();
        let start =
            (1..=fitted).find(|start| time[fitted].days_since(time[start - 1]) <= 5.0).unwrap();
        let plain = short_run_slope(
            &history.hedge_return[start..=fitted],
            &history.spot_return[start..=fitted],
        );
        assert_eq!(column.at(row), plain, "row {row}");
    }
}

/// A spot that follows the futures by 0.6 at once and makes up the rest later: the error-correction term finds 0.6, where the
/// plain slope of changes is pulled away.
#[test]
fn error_correction_tells_the_short_run_from_the_return_to_each_other() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut normal = || -> f64 { StandardNormal.sample(&mut random) };
    let (mut apart, mut hedge, mut spot) = (0.0, vec![], vec![]);
    for _ in 0..20_000 {
        let f = 0.01 * normal();
        let s = 0.6 * f - 0.3 * apart + 0.001 * normal();
        apart += s - f;
        hedge.push(f);
        spot.push(s);
    }
    let found = short_run_slope(&hedge, &spot).unwrap();
    assert!((found - 0.6).abs() < 2e-3, "{found}");
}

#[test]
fn cvar_is_the_mean_of_the_tail() {
    let mut losses = [1.0, 5.0, 2.0, 4.0, 3.0];
    assert!((cvar(&mut losses, 0.2) - 5.0).abs() < 1e-12);
    assert!((cvar(&mut losses, 0.5) - (5.0 + 4.0 + 0.5 * 3.0) / 2.5).abs() < 1e-12);
    assert!((cvar(&mut losses, 1.0) - 3.0).abs() < 1e-12);
    assert!((cvar(&mut losses, 0.01) - 5.0).abs() < 1e-12);
}

/// No ratio on a fine grid has a smaller `CVaR`.
#[test]
fn the_cvar_search_finds_the_bottom() {
    let found = minimum_cvar_ratio(&FUTURES, &SPOT, 0.2).unwrap();
    let risk = |ratio: f64| {
        let mut losses: Vec<f64> = FUTURES.iter().zip(SPOT).map(|(x, y)| ratio * x - y).collect();
        cvar(&mut losses, 0.2)
    };
    let best = (-3000..=3000).map(|k| risk(f64::from(k) / 1000.0)).fold(f64::INFINITY, f64::min);
    assert!(risk(found) <= best + 1e-9, "{found}");
}

/// Simulated with weights 0.08 and 0.90: found within three standard errors, whose size is that of the literature's tables for
/// 4,000 returns.
#[test]
fn garch_recovers_its_parameters() {
    let truth = Garch { alpha: 0.08, beta: 0.90, variance: 4e-4 };
    let mut random = ChaCha8Rng::seed_from_u64(8);
    let mut variance = truth.variance;
    let returns: Vec<f64> = (0..4_000)
        .map(|_| {
            let z: f64 = StandardNormal.sample(&mut random);
            let last = variance.sqrt() * z;
            variance = truth.next(variance, last);
            last
        })
        .collect();
    let (fitted, moves) = Garch::fit(&returns).unwrap();
    assert!(
        moves && (fitted.alpha - 0.08).abs() < 0.03 && (fitted.beta - 0.90).abs() < 0.05,
        "{fitted:?}"
    );
    assert!(fitted.loss(&returns) <= truth.loss(&returns) + 1e-3);
    let constant = Garch { alpha: 0.0, beta: 0.0, ..fitted };
    assert!(fitted.loss(&returns) < constant.loss(&returns));
}

/// With weights of 0 the correlation stays where it is, and DCC is CCC; a correlation that does move is followed.
#[test]
fn a_dynamic_correlation_follows_what_moves() {
    let mut random = ChaCha8Rng::seed_from_u64(9);
    let mut normal = || -> f64 { StandardNormal.sample(&mut random) };
    let truth = |row: usize| 0.5 + 0.45 * (row as f64 / 150.0).sin();
    let pairs: Vec<[f64; 2]> = (0..3_000)
        .map(|row| {
            let (x, e) = (normal(), normal());
            [x, truth(row) * x + (1.0 - truth(row).powi(2)).sqrt() * e]
        })
        .collect();
    let constant = Correlation::constant(&pairs);
    assert_eq!(constant.next(constant.mean, [3.0, -3.0]), constant.mean);
    let (fitted, moves) = Correlation::fit(&pairs);
    assert!(moves && fitted.a > 0.02 && fitted.a + fitted.b < 1.0, "{fitted:?}");
    let (mut q, mut miss, mut miss_constant) = (fitted.mean, 0.0, 0.0);
    for (row, pair) in pairs.iter().enumerate() {
        miss += (Correlation::of(q) - truth(row)).powi(2);
        miss_constant += (Correlation::of(constant.mean) - truth(row)).powi(2);
        q = fitted.next(q, *pair);
    }
    assert!(miss < 0.35 * miss_constant, "{miss} of {miss_constant}");
}

/// A perp marked at spot: the correlation is 1 exactly, no likelihood exists, and the ratio is 1 with a note.
#[test]
fn a_fit_that_cannot_be_made_falls_back_with_a_note() {
    let base = market(24, 400);
    let market = with_perp(&base, base.assets()[0].spot.clone());
    let track = linear_track(&market, 0, Contract::LinearPerp, &Costs::ZERO, FillAt::DecidingPrice);
    let history = History::new(&market, 0, &track.unwrap());
    let dcc = ratio("ratio = { dcc_garch = { window_days = 5, refit_rows = 100 } }");
    let (column, notes) = dcc.column_and_notes(&history);
    assert!((150..400).all(|row| (column.at(row).unwrap() - 1.0).abs() < 1e-9));
    assert!(notes.iter().any(|note| note.contains("correlation")), "{notes:?}");
}

/// A basket against a book of 0.7 of one and -0.3 of another, out of sample.
#[test]
fn a_basket_is_hedged_out_of_sample() {
    let market = market(25, 600);
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut column = |scale: f64| -> Vec<f64> {
        (0..600)
            .map(|_| {
                let z: f64 = StandardNormal.sample(&mut random);
                scale * z
            })
            .collect()
    };
    let (a, b, noise) = (column(0.01), column(0.02), column(0.0005));
    let book: Vec<f64> = (0..600).map(|row| 0.7 * a[row] - 0.3 * b[row] + noise[row]).collect();
    let every = NonZeroUsize::new(24).unwrap();
    let ratios = rolling_minimum_variance(market.time(), (&[&a, &b], &book), 10.0, every, 1e-6);
    assert_eq!(ratios[50], None);
    let last = ratios[599].as_ref().unwrap();
    assert!((last[0] - 0.7).abs() < 0.02 && (last[1] + 0.3).abs() < 0.02, "{last:?}");
    let mut changed = book.clone();
    changed[400..].iter_mut().for_each(|x| *x = -*x);
    let other = rolling_minimum_variance(market.time(), (&[&a, &b], &changed), 10.0, every, 1e-6);
    assert_eq!(ratios[..400], other[..400]);
    // The same instrument twice has no single answer without a ridge, and shares it with one.
    assert_eq!(minimum_variance(&[&a, &a], &book, 0.0), None);
    let shared = minimum_variance(&[&a, &a], &book, 1e-6).unwrap();
    assert!((shared[0] - shared[1]).abs() < 1e-6);
}

#[test]
fn vol_target_trend_and_regime_are_what_they_say() {
    let spot: Vec<f64> = (0..60)
        .map(|day| {
            100.0
                * (0.02
                    * f64::from(if day % 2 == 0 { 1 } else { -1 })
                    * if day < 30 { 1.0 } else { 3.0 }
                    - 0.001 * f64::from(day))
                .exp()
        })
        .collect();
    let market = daily(&spot);
    let track = linear_track(&market, 0, Contract::LinearPerp, &Costs::ZERO, FillAt::DecidingPrice);
    let history = History::new(&market, 0, &track.unwrap());
    let at = |line: &str, row: usize| ratio(line).column(&history).at(row);
    let squares: f64 = (11..=20).map(|row: usize| (spot[row] / spot[row - 1]).ln().powi(2)).sum();
    let vol = (squares / (10.0 / 365.0)).sqrt();
    let found = at("ratio = { vol_target = { vol_percent = 30, window_days = 10 } }", 20).unwrap();
    assert!((found - (1.0 - 0.30 / vol)).abs() < 1e-12);
    assert_eq!(at("ratio = { vol_target = { vol_percent = 30, window_days = 10 } }", 9), None);
    assert_eq!(
        at("ratio = { vol_target = { vol_percent = 900, window_days = 10 } }", 20),
        Some(0.0)
    );
    let trend =
        "ratio = { trend_filter = { window_days = 5, below_percent = 90, above_percent = 10 } }";
    for row in 5..60 {
        let mean = spot[row - 5..=row].iter().sum::<f64>() / 6.0;
        assert_eq!(at(trend, row), Some(if spot[row] < mean { 0.9 } else { 0.1 }), "row {row}");
    }
    let regime = "ratio = { vol_regime = { window_days = 5, memory_days = 20, above_percent = 50, stressed_percent = 100, calm_percent = 40 } }";
    assert_eq!((at(regime, 20), at(regime, 29), at(regime, 36)), (None, Some(0.4), Some(1.0)));
}

fn equity_run(market: &Market, line: &str, rate: f64) -> Ledger {
    let leg = free_leg(market, Contract::LinearPerp, r#"when = "every_row""#);
    let leg = with_ratio(market, leg, &*ratio(line));
    let exposure = coins(market, 1.0);
    let account = Account { rate, ..empty_account() };
    simulate(market, &exposure, &strategy(vec![leg]), &account, &free(market, &exposure))
}

/// One coin at 100, then 90, then 120: cushions and exposures worked out by hand.
#[test]
fn insurance_leaves_a_multiple_of_the_cushion() {
    let market = daily(&[100.0, 90.0, 120.0]);
    let close = |ledger: &Ledger, expected: [f64; 3]| {
        for (held, expected) in ledger.legs[0].held.iter().zip(expected) {
            assert!((held + expected).abs() < 1e-12, "{:?} {expected}", ledger.legs[0].held);
        }
    };
    // Floor 80: cushion 20, exposure 60; equity 100 - 10·0.6 = 94, exposure 42; 94 + 30·42/90 = 108, exposure 84.
    let cppi = equity_run(&market, "ratio = { cppi = { floor_percent = 80, multiple = 3 } }", 0.0);
    close(&cppi, [0.4, 1.0 - 42.0 / 90.0, 1.0 - 84.0 / 120.0]);
    // The floor of TIPP has risen to 80 % of 108.
    let tipp = equity_run(&market, "ratio = { tipp = { floor_percent = 80, multiple = 3 } }", 0.0);
    close(&tipp, [0.4, 1.0 - 42.0 / 90.0, 1.0 - 3.0 * (108.0 - 86.4) / 120.0]);
    // Without interest Grossman and Zhou's limit is TIPP's floor.
    let limit = equity_run(
        &market,
        "ratio = { grossman_zhou = { max_drawdown_percent = 20, multiple = 3 } }",
        0.0,
    );
    close(&limit, [0.4, 1.0 - 42.0 / 90.0, 1.0 - 3.0 * (108.0 - 86.4) / 120.0]);
    // With interest the peak of 100 has grown.
    let grown = equity_run(
        &market,
        "ratio = { grossman_zhou = { max_drawdown_percent = 20, multiple = 3 } }",
        0.5,
    );
    let peak = 100.0 * (0.5_f64 / 365.0).exp();
    assert!((grown.legs[0].held[1] + 1.0 - 3.0 * (94.0 - 0.8 * peak) / 90.0).abs() < 1e-12);
    // A ladder on equity: no drawdown, then 10 %; hedged half from there.
    let ladder = equity_run(
        &market,
        "ratio = { equity_ladder = { at_percent = [5], hedge_percent = [50] } }",
        0.0,
    );
    close(&ladder, [0.0, 0.5, 0.0]);
}

/// Notes what it is told.
#[derive(Debug, Default)]
struct Recorder(Mutex<Vec<EquityNow>>);

impl EquityRatio for Recorder {
    fn ratio(&self, now: &EquityNow) -> f64 {
        self.0.lock().unwrap().push(*now);
        0.3 + 0.5 * (now.equity / now.start).fract()
    }
}

/// The equity that a ratio sees is that of the account at the row, before the costs of the trade it is asked for: to rounding,
/// for every instrument and fill, with interest, coins as collateral, and another leg before it.
#[test]
fn the_equity_a_ratio_sees_is_the_accounts() {
    let costs = Costs { spot_fee_bps: Bps(10.0), perp_fee_bps: Bps(5.0), ..Costs::ZERO };
    let market = market(26, 300);
    let exposure = book(&market, 3.0);
    let account = Account { rate: 0.2, ..account() };
    let book_costs = BookCosts::new(&market, &exposure, &costs);
    for contract in CONTRACTS {
        for fill in FILLS {
            for before in [None, Some(Contract::InversePerp), Some(Contract::Spot)] {
                let recorder = Arc::new(Recorder::default());
                let band = || rule("when = { delta_band = 0.2 }");
                let first = before.map(|contract| Leg {
                    name: "first".to_owned(),
                    ratio: RatioColumn::Constant(0.5),
                    ..leg(&market, contract, FillAt::NextOpen, &costs, band())
                });
                let second = Leg {
                    ratio: RatioColumn::Equity(Arc::clone(&recorder) as Arc<dyn EquityRatio>),
                    ..leg(&market, contract, fill, &costs, band())
                };
                let legs = first.into_iter().chain([second]).collect();
                let ledger = simulate(&market, &exposure, &strategy(legs), &account, &book_costs);
                let seen = recorder.0.lock().unwrap();
                let leg = ledger.legs.last().unwrap();
                for row in 0..300 {
                    let cost = if fill == FillAt::NextOpen { 0.0 } else { leg.fee[row] };
                    let expected = ledger.equity[row] + cost;
                    let scale = expected.abs() + 3.0 * leg.price[row];
                    assert!(
                        (seen[row].equity - expected).abs() < 1e-9 * scale,
                        "{contract:?} {fill:?} after {before:?} row {row}: {} {expected}",
                        seen[row].equity
                    );
                }
            }
        }
    }
}

#[test]
fn wrong_parameters_of_ratios_are_refused_with_a_reason() {
    for (line, message) in [
        (
            "ratio = { cppi = { floor_percent = -1, multiple = 3 } }",
            "floor_percent is -1, expected a number of at least 0",
        ),
        (
            "ratio = { grossman_zhou = { max_drawdown_percent = 100, multiple = 3 } }",
            "max_drawdown_percent is 100, expected above 0, below 100",
        ),
        (
            "ratio = { minimum_cvar = { tail_percent = 60, window_days = 5, refit_rows = 1 } }",
            "tail_percent is 60, expected above 0, at most 50",
        ),
        (
            "ratio = { trend_filter = { window_days = 5, below_percent = 160, above_percent = 0 } }",
            "below_percent is 160, expected 0 to 150",
        ),
        (
            "ratio = { kalman = { drift_per_day = 0.1, window_days = 0 } }",
            "window_days is 0, expected a number above 0",
        ),
    ] {
        assert_eq!(try_built(RATIOS, line).err().as_deref(), Some(message), "{line}");
    }
    let zero = try_built(RATIOS, "ratio = { dcc_garch = { window_days = 5, refit_rows = 0 } }");
    assert!(zero.err().unwrap().contains("a whole number, 1 or more"));
}
