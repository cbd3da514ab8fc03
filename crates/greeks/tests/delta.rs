//! Deltas for hedging: golden numbers, limits, and that none of them sees the future.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::excessive_precision,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    reason = "tests stop where they fail, and count small numbers"
)]

#[path = "common/chain.rs"]
mod chain;
mod common;

use chain::{Recipe, market};
use common::{assert_close, setting};
use hedgerow_core::registry::build;
use hedgerow_core::{Bps, Grade, Market, OptionKind, Timestamp};
use hedgerow_greeks::delta::barles_soner::{BarlesSoner, added_variance};
use hedgerow_greeks::delta::leland::Leland;
use hedgerow_greeks::delta::zakamouline::{COEFFICIENT, Zakamouline};
use hedgerow_greeks::delta::{HedgeDay, Memory, Quadratic, View, fit_heston};
use hedgerow_greeks::smile::{RawSvi, Sabr, Ssvi};
use hedgerow_greeks::{
    DELTAS, Deltas, HedgeDelta, Heston, HestonGreeks, HestonTerms, OptionMark, OptionPath, Past,
    Side, Smile, SurfaceHistory, Terms, black_scholes, black76, book_delta, heston, inverse, value,
};

fn delta(line: &str) -> Box<dyn HedgeDelta> {
    build(DELTAS, setting(line), "delta").unwrap()
}

/// A 30-day option on a forward of 60,000 at a vol of 65 %.
fn terms(strike: f64) -> Terms {
    Terms { spot: 60_000.0, strike, years: 30.0 / 365.0, vol: 0.65, rate: 0.0, carry: 0.0 }
}

fn view(kind: OptionKind, terms: Terms, smile: Option<&Smile>) -> View<'_> {
    let (memory, tuned) = (Memory::Nothing, Memory::Nothing);
    View { kind, terms, side: Side::Short, smile, memory, tuned }
}

fn undiscounted(
    model: &Heston,
    kind: OptionKind,
    forward: f64,
    strike: f64,
    years: f64,
) -> HestonGreeks {
    let terms = HestonTerms { spot: forward, strike, years, rate: 0.0, carry: 0.0 };
    heston(kind, terms, *model).unwrap()
}

/// A smile of 30 days with this vol and dvol/dk at the money.
fn smile(vol: f64, skew: f64) -> Smile {
    let years = 30.0 / 365.0;
    let (b, sigma) = (0.05, 0.2);
    let rho = 2.0 * vol * skew * years / b;
    let svi = RawSvi { a: vol * vol * years - b * sigma, b, rho, m: 0.0, sigma };
    Smile::of_slice(svi, Timestamp::parse("2025-02-01").unwrap(), years, 60_000.0)
}

#[test]
fn every_entry_builds_from_its_example() {
    for entry in DELTAS {
        let built = delta(entry.example);
        assert_eq!(built.name(), entry.name);
        assert!(!built.describe().is_empty() && !built.describe().ends_with('.'));
        assert!(!entry.about.ends_with('.'), "{}", entry.about);
    }
    assert!(DELTAS.windows(2).all(|pair| pair[0].name < pair[1].name), "alphabetical, unique");
}

/// Reference sheet 1.8: at the money, vol 65 %, dvol/dlnK = −0.10.
#[test]
fn skewed_smile_golden() {
    let smile = smile(0.65, -0.10);
    assert_close(smile.vol(0.0), 0.65, 1e-14);
    assert_close(smile.skew(0.0), -0.10, 1e-14);
    let view = view(OptionKind::Call, terms(60_000.0), Some(&smile));
    let at = |line: &str| delta(line).delta(&view).unwrap();
    assert_close(at("delta = \"sticky_strike\""), 0.537_117_575_2, 1e-10);
    assert_close(at("delta = \"sticky_moneyness\""), 0.548_505_355_9, 1e-10);
    assert_close(at("delta = { skew_stickiness = { ratio = 2 } }"), 0.525_729_794_5, 1e-10);
    for (ratio, name) in [(0, "sticky_moneyness"), (1, "sticky_strike")] {
        let family = at(&format!("delta = {{ skew_stickiness = {{ ratio = {ratio} }} }}"));
        assert_close(family, at(&format!("delta = \"{name}\"")), 1e-15);
    }
}

/// The sticky-moneyness delta is what repricing with the smile moved along gives (V5.2).
#[test]
fn sticky_moneyness_is_repricing() {
    let smile = smile(0.65, -0.10);
    for strike in [45_000.0, 60_000.0, 72_000.0] {
        for kind in [OptionKind::Call, OptionKind::Put] {
            let price = |spot: f64| {
                black76(kind, spot, strike, smile.years, smile.vol((strike / spot).ln())).value
            };
            let h = 1.0;
            let repriced = (price(60_000.0 + h) - price(60_000.0 - h)) / (2.0 * h);
            let view = view(kind, terms(strike), Some(&smile));
            let found = delta("delta = \"sticky_moneyness\"").delta(&view).unwrap();
            assert!((found - repriced).abs() < 1e-8, "{strike} {found} {repriced}");
        }
    }
}

/// V1.13: F = 60,000, 30 days, α = 0.65, β = 1, ρ = −0.15, ν = 2.
#[test]
fn sabr_and_bartlett_golden() {
    let model = Sabr { alpha: 0.65, beta: 1.0, rho: -0.15, nu: 2.0 };
    // At the money the sheet has 0.55539116 and 0.52060406; the slopes in closed form at F = K, with one = 1 + T [ρνα/4 +
    // (2 − 3ρ²)ν²/24], are ∂σ/∂F = −ρν one/(2F) and ∂σ/∂α = one + αTρν/4, which lead to the numbers below.
    let years = 30.0 / 365.0;
    let one = 1.0 + years * (-0.15 * 2.0 * 0.65 / 4.0 + (2.0 - 3.0 * 0.0225) * 4.0 / 24.0);
    let plain = black76(OptionKind::Call, 60_000.0, 60_000.0, years, 0.65 * one);
    let to_forward = 0.15 * one / 60_000.0;
    let to_alpha = one - 0.65 * years * 0.3 / 4.0;
    let at_money = plain.delta + plain.vega * to_forward;
    let bartlett_at_money = at_money - plain.vega * to_alpha * 0.3 / 60_000.0;
    assert!((at_money - 0.555_411).abs() < 1e-6, "{at_money}");
    assert!((bartlett_at_money - 0.520_624).abs() < 1e-6, "{bartlett_at_money}");
    let cases = [
        (50_000.0, 0.720_978_085_3, 0.837_790_21, 0.868_178_30, 0.847_406_79),
        (60_000.0, 0.664_602_739_7, 0.537_948_96, at_money, bartlett_at_money),
        (70_000.0, 0.665_673_446_3, 0.238_134_64, 0.223_805_04, 0.197_665_84),
    ];
    for (strike, vol, plain, sabr, bartlett) in cases {
        let found = model.vol(60_000.0, strike, 30.0 / 365.0).unwrap();
        assert_close(found, vol, 1e-9);
        let view = View {
            tuned: Memory::Sabr(model),
            ..view(OptionKind::Call, Terms { vol: found, ..terms(strike) }, None)
        };
        let at = |line: &str| delta(line).delta(&view).unwrap();
        assert!((at("delta = \"black_scholes\"") - plain).abs() < 1e-8);
        assert!((at("delta = { sabr = { beta = 1 } }") - sabr).abs() < 1e-6);
        assert!((at("delta = { bartlett = { beta = 1 } }") - bartlett).abs() < 1e-6);
    }
}

/// V3.1: volatility, round-trip cost 2λ, interval; Leland's vol of a sold and a bought option.
#[test]
fn leland_golden() {
    for (vol, round_trip, per_year, short, long) in [
        (0.2, 0.01, 52.0, 0.226_952_10, 0.168_797_94),
        (0.2, 0.0025, 250.0, 0.215_192_54, 0.183_554_27),
        (0.65, 0.001, 365.0, 0.657_577_61, 0.642_333_00),
        (0.65, 0.001, 8760.0, 0.686_324_00, 0.611_522_17),
        (0.25, 0.02, 100.0, 0.319_990_98, 0.150_352_16),
    ] {
        let leland = Leland {
            cost_bps: Bps(0.5 * round_trip * 1e4),
            interval_hours: 24.0 * 365.0 / per_year,
        };
        assert!((leland.vol(vol, Side::Short).unwrap() - short).abs() < 1e-8);
        assert!((leland.vol(vol, Side::Long).unwrap() - long).abs() < 1e-8);
    }
    let dear = Leland { cost_bps: Bps(500.0), interval_hours: 1.0 };
    assert_eq!(dear.vol(0.5, Side::Long), None);
    let bought = View { side: Side::Long, ..view(OptionKind::Call, terms(60_000.0), None) };
    assert_eq!(dear.delta(&bought), None);
    assert!(dear.delta(&View { side: Side::Short, ..bought }).is_some());
}

/// V3.3: the paper's example and a crypto one, and the coefficient of the other transcription.
#[test]
fn zakamouline_golden() {
    let terms =
        Terms { spot: 100.0, strike: 100.0, years: 1.0, vol: 0.25, rate: 0.05, carry: 0.05 };
    let gamma = black_scholes(OptionKind::Call, terms).gamma;
    let rule = Zakamouline { cost_bps: Bps(100.0), risk_aversion: 1.0, coefficient: COEFFICIENT };
    assert!((rule.vol(&terms, gamma, Side::Short).unwrap() - 0.294_615_75).abs() < 1e-8);
    assert!((rule.vol(&terms, gamma, Side::Long).unwrap() - 0.195_452_20).abs() < 1e-8);
    let other = Zakamouline { coefficient: 5.76, ..rule };
    assert!((other.vol(&terms, gamma, Side::Short).unwrap() - 0.303_155_33).abs() < 1e-8);
    let terms = self::terms(60_000.0);
    let gamma = black_scholes(OptionKind::Call, terms).gamma;
    let rule = Zakamouline { cost_bps: Bps(5.0), risk_aversion: 1e-3, coefficient: COEFFICIENT };
    assert!((rule.vol(&terms, gamma, Side::Short).unwrap() - 0.659_905_87).abs() < 1e-8);
}

/// V3.4: A(x) as computed by integrating its differential equation, relative 1e-6.
#[test]
fn v3_4_barles_soner_golden() {
    for (x, expected) in [
        (0.001, 0.140_617_67),
        (0.01, 0.329_182_89),
        (0.1, 0.852_170_20),
        (0.5, 1.870_319_31),
        (1.0, 2.757_808_53),
        (2.0, 4.228_984_44),
        (5.0, 7.974_849_76),
        (10.0, 13.614_491_08),
        (50.0, 55.228_496_95),
        (100.0, 105.939_819_57),
        (-0.01, -0.243_677_96),
        (-0.1, -0.447_039_77),
        (-1.0, -0.706_035_40),
        (-10.0, -0.906_263_83),
    ] {
        assert_close(added_variance(x), expected, 1e-6);
    }
}

/// A'(x) = (A + 1) / (2 √(x A) − x) on both sides of 0, over eighteen powers of ten; A(0) = 0; the published limits.
#[test]
fn barles_soner_solves_its_equation() {
    for power in -10..=7 {
        for x in [10.0_f64.powi(power), -(10.0_f64.powi(power))] {
            let step = 1e-4 * x;
            let slope = (added_variance(x + step) - added_variance(x - step)) / (2.0 * step);
            let a = added_variance(x);
            assert_close(slope, (a + 1.0) / (2.0 * (x * a).sqrt() - x), 1e-5);
        }
    }
    assert_eq!(added_variance(0.0).to_bits(), 0.0_f64.to_bits());
    assert_close(added_variance(1e-15), (1.5_f64.powi(2) * 1e-15).cbrt(), 1e-4);
    assert_close(added_variance(1e12) / 1e12, 1.0, 1e-5);
    assert_close(added_variance(-1e12), -1.0, 1e-9);
    assert_close(added_variance(-f64::MAX), -1.0, 1e-12);
}

/// Nothing is added without cost; a sold option's vol is above its own and a bought one's below, whatever the cost.
#[test]
fn barles_soner_widens_the_sold_and_narrows_the_bought() {
    let terms = terms(60_000.0);
    let gamma = black_scholes(OptionKind::Call, terms).gamma;
    let rule = |bps| BarlesSoner { cost_bps: Bps(bps), risk_aversion: 1e-3 };
    let (mut short, mut long) = (terms.vol, terms.vol);
    assert_close(rule(0.0).vol(&terms, gamma, Side::Short), terms.vol, 1e-15);
    for bps in [1.0, 5.0, 50.0, 500.0, 5_000.0] {
        let wider = rule(bps).vol(&terms, gamma, Side::Short);
        let narrower = rule(bps).vol(&terms, gamma, Side::Long);
        assert!(wider > short && narrower < long && narrower > 0.0);
        (short, long) = (wider, narrower);
    }
    // x = λ² γ S² Γ at a rate of 0: 5 bp, 1e-3 per USD.
    let x = 0.0005_f64.powi(2) * 1e-3 * 3.6e9 * gamma;
    let expected = 0.65 * (1.0 + added_variance(x)).sqrt();
    assert_close(rule(5.0).vol(&terms, gamma, Side::Short), expected, 1e-14);
}

/// The coin delta is Deribit's net transaction delta (V1.7).
#[test]
fn coin_delta_golden() {
    let view = view(OptionKind::Call, terms(65_000.0), None);
    let found = delta("delta = \"coin\"").delta(&view).unwrap();
    assert_close(found, 0.325_638_809_029_480_8, 1e-12);
    let coins = inverse::coin_greeks(OptionKind::Call, 60_000.0, 65_000.0, 30.0 / 365.0, 0.65);
    assert_close(found, coins.net_delta, 1e-13);
}

/// V5.1: the adjustment, and what a regression without noise returns.
#[test]
fn hull_white_golden() {
    let truth = Quadratic { constant: -0.2, linear: 0.1, square: -0.05 };
    let learned = hedgerow_greeks::delta::HullWhite { call: Some(truth), put: None };
    let call = View {
        memory: Memory::HullWhite(learned),
        ..view(OptionKind::Call, terms(60_000.0), None)
    };
    let rule = delta("delta = { hull_white = { window_days = 60 } }");
    assert_close(rule.delta(&call).unwrap(), 0.473_280_066_9, 1e-9);
    assert_eq!(rule.delta(&View { kind: OptionKind::Put, ..call }), None);

    let days: Vec<HedgeDay> = (1..=60)
        .map(|i| {
            let delta = 0.05 + 0.015 * f64::from(i);
            let forward = 0.03 * f64::from(i * i % 17 - 8) + 0.001;
            let density = 0.4 - 0.6 * (delta - 0.5).powi(2);
            let value = (delta + truth.adjustment(delta, density)) * forward;
            HedgeDay { value, explained: delta * forward, forward, delta, density }
        })
        .collect();
    let found = Quadratic::learn(&days).unwrap();
    assert_close(found.constant, truth.constant, 1e-10);
    assert_close(found.linear, truth.linear, 1e-10);
    assert_close(found.square, truth.square, 1e-10);
    assert_eq!(Quadratic::learn(&days[..29]), None);
    assert_eq!(Quadratic::learn(&vec![HedgeDay { forward: 0.0, ..days[0] }; 40]), None);
}

/// Slopes are slopes, and without vol of variance the model is Black-Scholes.
#[test]
fn heston_slopes_and_limit() {
    let model = Heston {
        variance: 0.4,
        reversion: 3.0,
        mean_variance: 0.5,
        vol_of_variance: 2.0,
        correlation: -0.3,
    };
    for years in [1.0 / 365.0, 0.1, 1.0, 10.0] {
        for strike in [45_000.0, 60_000.0, 80_000.0] {
            let at = |forward: f64, variance: f64| {
                let model = Heston { variance, ..model };
                undiscounted(&model, OptionKind::Put, forward, strike, years)
            };
            let now = at(60_000.0, 0.4);
            let (h, e) = (30.0, 1e-4);
            let delta = (at(60_000.0 + h, 0.4).value - at(60_000.0 - h, 0.4).value) / (2.0 * h);
            assert!((now.delta - delta).abs() < 2e-5, "{years} {strike} {} {delta}", now.delta);
            let slope = (at(60_000.0, 0.4 + e).value - at(60_000.0, 0.4 - e).value) / (2.0 * e);
            assert!((now.variance_vega - slope).abs() < 1e-3 * (1.0 + slope.abs()), "{years}");
        }
    }
    let calm = Heston { mean_variance: 0.4225, variance: 0.4225, vol_of_variance: 1e-9, ..model };
    for strike in [50_000.0, 60_000.0, 75_000.0] {
        let found = undiscounted(&calm, OptionKind::Call, 60_000.0, strike, 30.0 / 365.0);
        let plain = black76(OptionKind::Call, 60_000.0, strike, 30.0 / 365.0, 0.65);
        assert!((found.value - plain.value).abs() < 1e-5, "{found:?} {plain:?}");
        assert!((found.minimum_variance_delta(&calm, 60_000.0) - plain.delta).abs() < 1e-6);
    }
}

/// The minimum-variance delta is the slope of the price when the variance moves as the forward makes it expect: by ρξ dF/F.
/// A scenario's five parameters lead to the same number.
#[test]
fn heston_minimum_variance_is_repricing() {
    let model = Heston {
        variance: 0.4,
        reversion: 3.0,
        mean_variance: 0.5,
        vol_of_variance: 2.0,
        correlation: -0.3,
    };
    let years = 30.0 / 365.0;
    for (strike, h) in [(50_000.0, 30.0), (60_000.0, 30.0), (72_000.0, 30.0)] {
        let price = |by: f64| {
            let variance = 0.4 - 0.3 * 2.0 * by / 60_000.0;
            let moved = Heston { variance, ..model };
            undiscounted(&moved, OptionKind::Call, 60_000.0 + by, strike, years).value
        };
        let repriced = (price(h) - price(-h)) / (2.0 * h);
        let slopes = undiscounted(&model, OptionKind::Call, 60_000.0, strike, years);
        let found = slopes.minimum_variance_delta(&model, 60_000.0);
        assert!((found - repriced).abs() < 1e-6, "{strike} {found} {repriced}");
        assert!(found < slopes.delta - 0.01, "a falling market raises the variance");
        let rule = delta(
            "delta = { heston = { variance = 0.4, reversion = 3, mean_variance = 0.5, vol_of_variance = 2, \
             correlation = -0.3 } }",
        );
        let view =
            View { memory: Memory::Heston(model), ..view(OptionKind::Call, terms(strike), None) };
        assert_close(rule.delta(&view).unwrap(), found, 1e-14);
    }
}

/// A downward skew is a negative correlation, and the fit is within two vol points of the smiles it was made of.
#[test]
fn heston_is_fitted_to_a_surface() {
    let market = market(&Recipe { n_snapshots: 1, noise: 0.0, ..Recipe::default() });
    let history = SurfaceHistory::fit(&market, &market.chains()[0]);
    let surface = history.at(0).unwrap();
    let model = fit_heston(surface).unwrap();
    assert!(model.correlation < -0.1, "{model:?}");
    for slice in &surface.slices[1..] {
        let k = 0.5 * slice.fit.svi.at(0.0).value.sqrt();
        for k in [-k, k] {
            let vol = (slice.fit.svi.at(k).value / slice.years).sqrt();
            let quoted = black76(OptionKind::Call, 1.0, k.exp(), slice.years, vol);
            let found = undiscounted(&model, OptionKind::Call, 1.0, k.exp(), slice.years).value;
            assert!((found - quoted.value).abs() < 0.02 * quoted.vega, "{model:?} {slice:?}");
        }
    }
}

/// On a flat surface every smile delta is Black-Scholes.
#[test]
fn flat_surface_is_black_scholes() {
    let flat = Smile::of_slice(
        RawSvi::flat(0.65 * 0.65 * 30.0 / 365.0),
        Timestamp::parse("2025-02-01").unwrap(),
        30.0 / 365.0,
        60_000.0,
    );
    for line in [
        "delta = \"sticky_strike\"",
        "delta = \"sticky_moneyness\"",
        "delta = { skew_stickiness = { ratio = 1.5 } }",
        "delta = { sabr = { beta = 1 } }",
        "delta = { bartlett = { beta = 1 } }",
    ] {
        let rule = delta(line);
        for strike in [48_000.0, 60_000.0, 71_000.0] {
            for kind in [OptionKind::Call, OptionKind::Put] {
                let mut view = view(kind, terms(strike), Some(&flat));
                view.tuned = rule.tune(&flat);
                let plain = black_scholes(kind, terms(strike)).delta;
                let found = rule.delta(&view).unwrap();
                assert!((found - plain).abs() < 1e-6, "{line} {strike} {found} {plain}");
            }
        }
    }
}

/// Heston fitted to a flat surface is Black-Scholes too, as nearly as its least vol of variance lets it.
#[test]
fn heston_on_a_flat_surface() {
    let flat = Ssvi { rho: 0.0, eta: 1e-6, gamma: 0.5 };
    let recipe = Recipe { smile: flat, noise: 0.0, n_snapshots: 1, ..Recipe::default() };
    let market = market(&recipe);
    let history = SurfaceHistory::fit(&market, &market.chains()[0]);
    let model = fit_heston(history.at(0).unwrap()).unwrap();
    let slice = history.at(0).unwrap().slices[2];
    let vol = (slice.fit.svi.at(0.0).value / slice.years).sqrt();
    for k in [-0.15_f64, 0.0, 0.15] {
        let found = undiscounted(&model, OptionKind::Call, 1.0, k.exp(), slice.years);
        let plain = black76(OptionKind::Call, 1.0, k.exp(), slice.years, vol).delta;
        let found = found.minimum_variance_delta(&model, 1.0);
        assert!((found - plain).abs() < 2e-3, "{k} {found} {plain} {model:?}");
    }
}

/// On a flat smile every delta that follows the smile is that of Black-Scholes, but for SABR's with β < 1, whose vol falls
/// as the forward rises whatever the smile is: at the money by (β − 1) vol/F per USD.
#[test]
fn on_a_flat_smile_deltas_are_black_scholes() {
    let terms = terms(60_000.0);
    let expiry = Timestamp::parse("2025-02-02T08:00:00Z").unwrap();
    let flat = RawSvi::flat(terms.vol * terms.vol * terms.years);
    let smile = Smile::of_slice(flat, expiry, terms.years, 60_000.0);
    let added = |line: &str, strike: f64| {
        let rule = delta(line);
        let call = view(OptionKind::Call, Terms { strike, ..terms }, Some(&smile));
        let found = rule.delta(&View { tuned: rule.tune(&smile), ..call }).unwrap();
        found - call.greeks().unwrap().delta
    };
    for strike in [50_000.0, 60_000.0, 75_000.0] {
        for line in [
            "delta = \"sticky_strike\"",
            "delta = \"sticky_moneyness\"",
            "delta = { skew_stickiness = { ratio = 1.5 } }",
            "delta = { sabr = { beta = 1 } }",
            "delta = { bartlett = { beta = 1 } }",
        ] {
            assert!(added(line, strike).abs() < 1e-5, "{line} {strike} {}", added(line, strike));
        }
    }
    let vega = black_scholes(OptionKind::Call, terms).vega;
    let expected = -0.5 * terms.vol * vega / 60_000.0;
    let found = added("delta = { sabr = { beta = 0.5 } }", 60_000.0);
    assert!((found / expected - 1.0).abs() < 0.05, "{found} {expected}");
    // Bartlett's correction takes that back but for what a fit leaves.
    assert!(added("delta = { bartlett = { beta = 0.5 } }", 60_000.0).abs() < 0.2 * expected.abs());
}

/// Settings whose memory fits into ten days of quotes.
const LEARNERS: [&str; 14] = [
    "delta = \"black_scholes\"",
    "delta = \"coin\"",
    "delta = { barles_soner = { cost_bps = 6, risk_aversion = 1e-3 } }",
    "delta = { bartlett = { beta = 1 } }",
    "delta = { constant_vol = { percent = 55 } }",
    "delta = \"heston\"",
    "delta = { hull_white = { window_days = 3 } }",
    "delta = { leland = { cost_bps = 6, interval_hours = 24 } }",
    "delta = { realised_vol = { estimator = { ewma = { half_life_days = 0.5 } } } }",
    "delta = { sabr = { beta = 1 } }",
    "delta = { skew_stickiness = { ratio = 1.5 } }",
    "delta = \"sticky_moneyness\"",
    "delta = \"sticky_strike\"",
    "delta = { zakamouline = { cost_bps = 6, risk_aversion = 1e-3 } }",
];

/// A market and the surfaces of its chain.
struct Fitted {
    market: Market,
    surfaces: SurfaceHistory,
}

impl Fitted {
    fn new(market: Market) -> Self {
        let surfaces = SurfaceHistory::fit(&market, &market.chains()[0]);
        Self { market, surfaces }
    }

    /// The delta of a 30-day call sold at the first row, row by row.
    fn column(&self, line: &str) -> Vec<Option<f64>> {
        let Self { market, surfaces } = self;
        let past =
            Past { market, asset: 0, chain: Some(&market.chains()[0]), surfaces: Some(surfaces) };
        let rule = delta(line);
        let mark = OptionMark {
            vol: 0.6,
            rate: 0.05,
            carry: 0.05,
            excess: 0.0,
            grade: Grade::Synthetic,
            is_of_neighbours: false,
        };
        let option = OptionPath {
            kind: OptionKind::Call,
            strike: 61_000.0,
            expiry: Timestamp::parse("2025-02-02T08:00:00Z").unwrap(),
            side: Side::Short,
            rows: 0..market.n_rows(),
            marks: vec![Some(mark); market.n_rows()],
        };
        Deltas::new(&*rule, past).unwrap().column(&option)
    }
}

/// Law: rows after the cut may hold anything, deltas up to it stay bit-identical; and every delta is known in the end.
#[test]
fn no_delta_sees_the_future() {
    let market = market(&Recipe { n_snapshots: 18, ..Recipe::default() });
    let cut = 14;
    let mut chain = market.chains()[0].clone();
    let first = chain.snapshots[cut].start;
    for quote in &mut chain.quotes[first..] {
        quote.mark_vol = quote.mark_vol.map(|vol| 2.0 * vol);
        quote.mark = quote.mark.map(|mark| 0.5 * mark);
        quote.forward = quote.forward.map(|forward| 1.1 * forward);
    }
    let mut asset = market.assets()[0].clone();
    for spot in &mut asset.spot[2 * cut..] {
        *spot *= 1.1;
    }
    let changed = Market::new(market.time().to_vec(), vec![asset], vec![], vec![]).unwrap();
    let changed = changed.with_chains(vec![chain]).unwrap();
    let (truth, changed) = (Fitted::new(market), Fitted::new(changed));
    for line in LEARNERS {
        let (before, after) = (truth.column(line), changed.column(line));
        assert_eq!(before[..2 * cut], after[..2 * cut], "{line}");
        assert!(before.last().unwrap().is_some(), "{line}");
        assert!(
            before.iter().flatten().all(|delta| (0.0..=1.0).contains(delta)),
            "{line} {before:?}"
        );
    }
    assert_eq!(LEARNERS.len(), DELTAS.len(), "every delta is under the law");
}

/// A book's own delta is what the exposure has; the coin delta is that less its value in coins; Leland's is on the other
/// side for what is bought.
#[test]
fn a_book_by_any_delta() {
    let market = common::market(5, 24 * 40);
    let table = "programme = \"strangle\", side = \"short\", quantity = 3, put = { moneyness = 0.9 }, call = { moneyness = 1.1 }, tenor_days = 10, settlement = \"coin\"";
    let book = [
        common::line(table, &market).unwrap(),
        common::line("programme = \"spot\", side = \"long\", quantity = 2", &market).unwrap(),
    ];
    let vols = common::vols("model = \"dvol\"", &market);
    let slopes = value(&market, &vols, &book, 0.03).unwrap().exposure.slopes.remove(0);
    let past = Past { market: &market, asset: 0, chain: None, surfaces: None };
    let column = |line: &str| {
        let rule = delta(line);
        book_delta(&book, &vols[0], 0.03, &Deltas::new(&*rule, past).unwrap()).unwrap()
    };
    let (plain, coin) = (column("delta = \"black_scholes\""), column("delta = \"coin\""));
    for row in 0..market.n_rows() {
        assert!((plain[row].unwrap() - slopes.delta[row]).abs() < 1e-12, "{row}");
        let adjusted = slopes.delta[row] - slopes.coin_value[row];
        assert!((coin[row].unwrap() - adjusted).abs() < 1e-12, "{row}");
    }
    let leland = column("delta = { leland = { cost_bps = 10, interval_hours = 24 } }");
    assert!(leland.iter().zip(&plain).any(|(a, b)| (a.unwrap() - b.unwrap()).abs() > 1e-3));
    // Without a surface no smile delta is known while options are held.
    assert_eq!(column("delta = \"sticky_strike\"")[0], None);
    // Realised vol needs its warm-up, and learned before the period it costs none of it.
    let line = "delta = { realised_vol = { estimator = { ewma = { half_life_days = 2 } } } }";
    let rule = delta(line);
    let whole = Deltas::new(&*rule, past).unwrap();
    assert_eq!(book_delta(&book, &vols[0], 0.03, &whole).unwrap()[0], None);
    let rows = 24 * 5..market.n_rows();
    let later = market.slice(rows.clone());
    let vols = vols[0].slice(rows.clone());
    let sliced = whole.slice(rows, Past { market: &later, ..past });
    assert!(book_delta(&book, &vols, 0.03, &sliced).unwrap().iter().all(Option::is_some));
}

/// In a chain whose smile sticks to moneyness, Hull and White learn to add what stickiness adds.
#[test]
fn hull_white_learns_the_stickiness() {
    let recipe = Recipe { n_snapshots: 40, noise: 0.0, ..Recipe::default() };
    let fitted = Fitted::new(market(&recipe));
    let last = |line: &str| fitted.column(line).last().unwrap().unwrap();
    let plain = last("delta = \"sticky_strike\"");
    let sticky = last("delta = \"sticky_moneyness\"");
    let learned = last("delta = { hull_white = { window_days = 5 } }");
    assert!(sticky - plain > 0.005, "{plain} {sticky}");
    let share = (learned - last("delta = \"black_scholes\"")) / (sticky - plain);
    assert!((0.5..1.5).contains(&share), "{share}");
}

/// A market of 40 snapshots marked at the forward and the vol that `marks` answers to the number of the snapshot, the expiry
/// and the noisy vol of the recipe.
fn remarked(marks: impl Fn(usize, f64) -> (f64, f64)) -> Market {
    let market = market(&Recipe { n_snapshots: 40, ..Recipe::default() });
    let mut chain = market.chains()[0].clone();
    for (i, range) in chain.snapshots.clone().into_iter().enumerate() {
        for quote in &mut chain.quotes[range] {
            let option = &chain.contracts[quote.contract];
            let (forward, vol) = marks(i, quote.mark_vol.unwrap());
            let years = option.expiry.years_since(quote.time);
            let coin = inverse::coin_greeks(option.kind, forward, option.strike, years, vol);
            (quote.forward, quote.mark_vol) = (Some(forward), Some(vol));
            quote.mark = Some(coin.value);
        }
    }
    market.with_chains(vec![chain]).unwrap()
}

/// On a flat surface that stays, Hull and White add nothing, however far and seldom the spot moved.
#[test]
fn hull_white_is_black_scholes_on_a_flat_surface() {
    let fitted = Fitted::new(remarked(|i, _| (chain::spot(i), 0.6)));
    let learned = fitted.column("delta = { hull_white = { window_days = 5 } }");
    let plain = fitted.column("delta = \"black_scholes\"");
    let known: Vec<_> =
        learned.iter().zip(&plain).filter_map(|(a, b)| Some((*a)? - (*b)?)).collect();
    assert!(known.len() > 30);
    assert!(known.iter().all(|off| off.abs() < 1e-9), "{known:?}");
}

/// A price that stood still and then moved by a basis point teaches nothing: the delta of a call was once −3.27.
#[test]
fn hull_white_learns_nothing_from_a_basis_point() {
    let forward = |i| if i < 36 { 60_000.0 } else { 60_006.0 };
    let fitted = Fitted::new(remarked(|i, vol| (forward(i), vol)));
    let learned = fitted.column("delta = { hull_white = { window_days = 5 } }");
    let plain = fitted.column("delta = \"black_scholes\"");
    assert!(learned.iter().flatten().count() > 30);
    for (learned, plain) in learned.iter().zip(&plain) {
        assert!(learned.is_none() || learned == plain, "{learned:?} {plain:?}");
    }
}

/// Its first days have no delta: a whole window must have passed.
#[test]
fn hull_white_waits_for_a_window() {
    let fitted = Fitted::new(market(&Recipe { n_snapshots: 14, ..Recipe::default() }));
    let column = fitted.column("delta = { hull_white = { window_days = 3 } }");
    let known = column.iter().position(Option::is_some).unwrap();
    // Snapshots every six hours, two rows each: three days are twelve snapshots.
    assert_eq!(known, 24);
}

#[test]
fn what_is_missing_is_said() {
    let market = common::small_market(&[("2025-01-01", 60_000.0, Some(0.6))]);
    let past = Past { market: &market, asset: 0, chain: None, surfaces: None };
    for line in ["delta = { hull_white = { window_days = 60 } }", "delta = \"heston\""] {
        let rule = delta(line);
        assert_eq!(
            Deltas::new(&*rule, past).unwrap_err().to_string(),
            format!(
                "BTC: delta `{}` learns from an option chain, the market has none; add one under [market], or use \
                 `black_scholes`",
                rule.name()
            )
        );
    }
    for (line, message) in [
        (
            "delta = { heston = { variance = 0.4 } }",
            "`reversion` is missing: give all five parameters of Heston's model, or none",
        ),
        ("delta = { sabr = { beta = 2 } }", "`beta` must lie between 0 and 1, found 2"),
        (
            "delta = { leland = { cost_bps = -1, interval_hours = 24 } }",
            "`cost_bps` must be positive, found -1",
        ),
    ] {
        assert_eq!(build(DELTAS, setting(line), "delta").unwrap_err().message, message);
    }
}
