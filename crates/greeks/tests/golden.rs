//! Published and independently computed numbers.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod common;

use common::{assert_close, line, pnl, small_market, vols};
use hedgerow_core::{Line, Timestamp};
use hedgerow_greeks::OptionKind::{Call, Put};
use hedgerow_greeks::{
    Greeks, OptionKind, Terms, black_scholes, black76, higher_greeks, inverse, value, venue_units,
};

#[track_caller]
fn assert_within(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected}");
}

/// Haug 1998, as tabulated by `QuantLib` (europeanoption.cpp): kind, strike, spot, yield, rate, years, vol, value.
#[test]
fn v1_1_haug_values() {
    let table = [
        (Call, 65.0, 60.0, 0.0, 0.08, 0.25, 0.30, 2.1334),
        (Put, 95.0, 100.0, 0.05, 0.10, 0.50, 0.20, 2.4648),
        (Put, 19.0, 19.0, 0.10, 0.10, 0.75, 0.28, 1.7011),
        (Call, 19.0, 19.0, 0.10, 0.10, 0.75, 0.28, 1.7011),
        (Call, 1.60, 1.56, 0.08, 0.06, 0.50, 0.12, 0.0291),
        (Put, 70.0, 75.0, 0.05, 0.10, 0.50, 0.35, 4.0870),
        (Call, 40.0, 42.0, 0.08, 0.04, 0.75, 0.35, 5.0975),
    ];
    for (kind, strike, spot, dividend, rate, years, vol, expected) in table {
        let terms = Terms { spot, strike, years, vol, rate, carry: rate - dividend };
        assert_within(black_scholes(kind, terms).value, expected, 1e-4);
    }
}

/// The Black-76 grid of the same tables: strike 100, rate 10 %, forwards 90, 100, 110.
#[test]
fn v1_1_haug_black76_grid() {
    let table = [
        (Call, 0.1, 0.15, [0.0205, 1.8734, 9.9413]),
        (Call, 0.1, 0.25, [0.3150, 3.1217, 10.3556]),
        (Call, 0.1, 0.35, [0.9474, 4.3693, 11.1381]),
        (Call, 0.5, 0.15, [0.8069, 4.0232, 10.5769]),
        (Call, 0.5, 0.25, [2.7026, 6.6997, 12.7857]),
        (Call, 0.5, 0.35, [4.9329, 9.3679, 15.3086]),
        (Put, 0.1, 0.15, [9.9210, 1.8734, 0.0408]),
        (Put, 0.1, 0.25, [10.2155, 3.1217, 0.4551]),
        (Put, 0.1, 0.35, [10.8479, 4.3693, 1.2376]),
        (Put, 0.5, 0.15, [10.3192, 4.0232, 1.0646]),
        (Put, 0.5, 0.25, [12.2149, 6.6997, 3.2734]),
        (Put, 0.5, 0.35, [14.4452, 9.3679, 5.7963]),
    ];
    for (kind, years, vol, values) in table {
        for (spot, expected) in [90.0, 100.0, 110.0].into_iter().zip(values) {
            let terms = Terms { spot, strike: 100.0, years, vol, rate: 0.1, carry: 0.0 };
            assert_within(black_scholes(kind, terms).value, expected, 1e-4);
        }
    }
}

/// Haug 1998, pages 11 to 16.
#[test]
fn v1_2_haug_greeks() {
    let future = Terms { spot: 105.0, strike: 100.0, years: 0.5, vol: 0.36, rate: 0.1, carry: 0.0 };
    assert_within(black_scholes(Call, future).delta, 0.5946, 1e-4);
    let put = black_scholes(Put, future);
    assert_within(put.delta, -0.3566, 1e-4);
    assert_within(put.delta * 105.0 / put.value, -4.8775, 1e-4);
    let stock = Terms { spot: 55.0, strike: 60.0, years: 0.75, vol: 0.3, rate: 0.1, carry: 0.1 };
    let call = black_scholes(Call, stock);
    assert_within(call.gamma, 0.0278, 1e-4);
    assert_within(call.vega, 18.9358, 1e-4);
    let index =
        Terms { spot: 430.0, strike: 405.0, years: 1.0 / 12.0, vol: 0.2, rate: 0.07, carry: 0.02 };
    let theta = black_scholes(Put, index).theta;
    assert_within(theta, -31.1924, 1e-4);
    assert_within(venue_units::per_day(theta), -0.0855, 1e-4);
    let stock = Terms { spot: 72.0, strike: 75.0, years: 1.0, vol: 0.19, rate: 0.09, carry: 0.09 };
    assert_within(higher_greeks(Call, stock).rho, 38.7325, 1e-4);
    let index =
        Terms { spot: 500.0, strike: 490.0, years: 0.25, vol: 0.15, rate: 0.08, carry: 0.03 };
    assert_within(higher_greeks(Put, index).dividend_rho, 42.2254, 1e-4);
}

/// MATLAB's documentation of `blkprice`.
#[test]
fn v1_4_matlab_blkprice() {
    let terms =
        Terms { spot: 20.0, strike: 20.0, years: 4.0 / 12.0, vol: 0.25, rate: 0.09, carry: 0.0 };
    for kind in [Call, Put] {
        assert_within(black_scholes(kind, terms).value, 1.1166, 5e-5);
    }
}

fn assert_greeks(found: Greeks, expected: Greeks) {
    let list = |g: Greeks| [g.value, g.delta, g.gamma, g.vega, g.theta, g.vanna, g.volga, g.charm];
    for (found, expected) in list(found).into_iter().zip(list(expected)) {
        assert_close(found, expected, 1e-12);
    }
}

/// Computed with 30 to 40 digits.
#[test]
fn v1_3_sixteen_digits() {
    let terms = Terms { spot: 100.0, strike: 100.0, years: 1.0, vol: 0.2, rate: 0.05, carry: 0.05 };
    assert_greeks(
        black_scholes(Call, terms),
        Greeks {
            value: 10.450_583_572_185_57,
            delta: 0.636_830_651_175_619_1,
            gamma: 0.018_762_017_345_846_89,
            vega: 37.524_034_691_693_79,
            theta: -6.414_027_546_438_196,
            vanna: -0.281_430_260_187_703_4,
            volga: 9.850_059_106_569_619,
            charm: -0.065_667_060_710_464_13,
        },
    );
    assert_greeks(
        black76(Put, 60_000.0, 55_000.0, 30.0 / 365.0, 0.65),
        Greeks {
            value: 2_223.880_741_812_16,
            delta: -0.287_705_250_727_378_5,
            gamma: 3.050_066_485_677_338e-5,
            vega: 5_866.155_268_343_812,
            theta: -23_195.755_623_576_15,
            vanna: -0.196_091_204_913_376_4,
            volga: 1_889.252_310_660_958,
            charm: 0.775_377_306_094_975_8,
        },
    );
    let carried = Terms {
        spot: 60_000.0,
        strike: 65_000.0,
        years: 30.0 / 365.0,
        vol: 0.65,
        rate: 0.04,
        carry: 0.04,
    };
    assert_greeks(
        black_scholes(Call, carried),
        Greeks {
            value: 2_624.528_528_976_241,
            delta: 0.374_971_859_051_719,
            gamma: 3.391_359_320_394_563e-5,
            vega: 6_522.559_569_635_571,
            theta: -26_586.238_952_165_73,
            vanna: 0.294_635_193_745_147_8,
            volga: 1_615.290_473_308_995,
            charm: -1.246_429_285_623_408,
        },
    );
}

/// Computed with 30 to 40 digits.
#[test]
fn v1_7_inverse_options() {
    let years = 30.0 / 365.0;
    let call = inverse::coin_greeks(Call, 60_000.0, 65_000.0, years, 0.65);
    assert_close(call.value * 60_000.0, 2_559.741_827_765_217, 1e-12);
    assert_close(call.value, 0.042_662_363_796_086_96, 1e-12);
    assert_close(call.delta, 0.368_301_172_825_567_8, 1e-12);
    assert_close(call.net_delta, 0.325_638_809_029_480_8, 1e-12);
    assert_close(call.slope, 5.427_313_483_824_68e-6, 1e-12);
    assert_close(call.curvature, 3.810_593_368_523_42e-10, 1e-12);
    assert_close(call.vega, 0.108_082_956_162_148_4, 1e-12);
    assert_close(call.theta, -0.427_378_022_491_161_7, 1e-12);
    let put = inverse::coin_greeks(Put, 60_000.0, 55_000.0, years, 0.65);
    assert_close(put.value, 0.037_064_679_030_202_67, 1e-12);
    assert_close(put.delta, -0.287_705_250_727_378_5, 1e-12);
    assert_close(put.net_delta, -0.324_769_929_757_581_1, 1e-12);
}

/// Computed with 30 to 40 digits: speed, zomma, color, veta, and rho where the source gives it.
#[test]
fn v1_3_third_order() {
    let stock = Terms { spot: 100.0, strike: 100.0, years: 1.0, vol: 0.2, rate: 0.05, carry: 0.05 };
    let call = higher_greeks(Call, stock);
    assert_close(call.rho, 53.232_481_545_376_34, 1e-12);
    assert_close(call.speed, -0.000_515_955_477_010_789_6, 1e-12);
    assert_close(call.zomma, -0.088_885_057_175_949_66, 1e-12);
    assert_close(call.color, 0.010_530_182_235_356_57, 1e-12);
    assert_close(call.veta, -16.463_670_220_980_65, 1e-12);
    let future = Terms {
        spot: 60_000.0,
        strike: 55_000.0,
        years: 30.0 / 365.0,
        vol: 0.65,
        rate: 0.0,
        carry: 0.0,
    };
    let put = higher_greeks(Put, future);
    assert_close(put.speed, -2.036_251_361_228_377e-9, 1e-12);
    assert_close(put.zomma, -3.710_106_426_125_748e-5, 1e-12);
    assert_close(put.color, 1.467_037_915_997_223e-4, 1e-12);
    assert_close(put.veta, -43_156.196_394_163_39, 1e-12);
    let coin = Terms { strike: 65_000.0, rate: 0.04, carry: 0.04, ..future };
    assert_close(higher_greeks(Call, coin).rho, 1_633.461_617_599_471, 1e-12);
}

struct Tick {
    kind: OptionKind,
    strike: f64,
    expiry: &'static str,
    forward: f64,
    millis: i64,
    vol_percent: f64,
    mark: f64,
    delta: f64,
    gamma: f64,
    vega: f64,
    theta: f64,
    rho: f64,
}

/// Real Deribit tickers of 2019-04-01. The vol is printed to 0.01 points: mark to 1e-5 coins, delta to 3e-5, vega and theta
/// (per point and per day) to 1e-3 relative, gamma to its five printed decimals.
#[test]
fn v1_8_deribit_ticks() {
    #[rustfmt::skip]
    let rows = [
        (Put,  3500.0, "2019-06-28T08:00:00Z", 4087.72, 1_554_116_340_193, 53.62, [0.041_542_74, -0.23529, 0.00029, 6.16777, -1.88173, -2.72441]),
        (Call, 3500.0, "2019-06-28T08:00:00Z", 4087.72, 1_554_116_341_469, 53.62, [0.185_319_71, 0.76471, 0.00029, 6.16777, -1.88173, 5.70202]),
        (Call, 5000.0, "2019-09-27T08:00:00Z", 4077.73, 1_554_116_340_358, 54.72, [0.079_005_76, 0.36666, 0.00024, 10.74609, -1.64374, 5.74843]),
        (Call, 4250.0, "2019-04-26T08:00:00Z", 4115.19, 1_554_116_340_041, 45.12, [0.033_131_23, 0.41499, 0.00080, 4.18821, -3.79858, 1.07095]),
        (Call, 6000.0, "2019-09-27T08:00:00Z", 4077.73, 1_554_116_341_377, 56.74, [0.041_789_80, 0.21957, 0.00018, 8.44281, -1.33913, 3.55268]),
        (Put,  6000.0, "2019-06-28T08:00:00Z", 4087.72, 1_554_116_340_301, 56.79, [0.480_730_13, -0.89215, 0.00016, 3.71824, -1.20136, -13.51110]),
        (Put,  4000.0, "2019-04-05T08:00:00Z", 4115.19, 1_554_116_341_302, 41.91, [0.006_534_17, -0.24858, 0.00178, 1.34346, -7.26402, -0.11148]),
        (Call, 120.0,  "2019-06-28T08:00:00Z", 143.40,  1_554_116_340_009, 64.59, [0.214_827_00, 0.76441, 0.00677, 0.21652, -0.07958, 0.18974]),
    ];
    for (row, (kind, strike, expiry, forward, millis, vol_percent, printed)) in
        rows.into_iter().enumerate()
    {
        let [mark, delta, gamma, vega, theta, rho] = printed;
        let tick = Tick {
            kind,
            strike,
            expiry,
            forward,
            millis,
            vol_percent,
            mark,
            delta,
            gamma,
            vega,
            theta,
            rho,
        };
        check_tick(&tick);
        if row < 2 {
            let coin = coin_of(&tick);
            assert_within(coin.value, mark, 1e-7);
            assert_within(coin.delta, delta, 1e-5);
        }
    }
}

fn coin_of(tick: &Tick) -> inverse::CoinGreeks {
    let years =
        Timestamp::parse(tick.expiry).unwrap().years_since(Timestamp::from_millis(tick.millis));
    inverse::coin_greeks(tick.kind, tick.forward, tick.strike, years, tick.vol_percent / 100.0)
}

fn check_tick(tick: &Tick) {
    let coin = coin_of(tick);
    let years =
        Timestamp::parse(tick.expiry).unwrap().years_since(Timestamp::from_millis(tick.millis));
    let usd = black76(tick.kind, tick.forward, tick.strike, years, tick.vol_percent / 100.0);
    assert_within(coin.value, tick.mark, 1e-5);
    assert_within(coin.delta, tick.delta, 3e-5);
    assert_within(usd.gamma, tick.gamma, 1e-5);
    assert_close(venue_units::per_point(usd.vega), tick.vega, 1e-3);
    assert_close(venue_units::per_day(usd.theta), tick.theta, 1e-3);
    let vol = tick.vol_percent / 100.0;
    let rho = venue_units::deribit_rho(tick.kind, tick.forward, tick.strike, years, vol);
    assert_close(rho, tick.rho, 1e-3);
}

/// A long call over one day, closed at mark on the second row: forward 60,000 to 63,000, vol 65 to 60 %.
#[test]
fn explained_day() {
    let market =
        small_market(&[("2024-01-01", 60_000.0, Some(0.65)), ("2024-01-02", 63_000.0, Some(0.60))]);
    let book = line(
        r#"programme = "call", side = "long", quantity = 1, strike = { usd = 60000 }, tenor_days = 30, roll_days = 1"#,
        &market,
    )
    .unwrap();
    let exposure =
        value(&market, &vols("model = \"dvol\"", &market), &[book], 0.0).unwrap().exposure;
    assert_within(exposure.value[0], 4_454.109_024, 1e-5);
    assert_within(exposure.trades[1].premium, 5_815.323_026, 1e-5);
    assert_within(pnl(&exposure, &market, 1), 1_361.214_002, 1e-5);
    let expected = [
        (Line::Delta, 1_611.352_726),
        (Line::Gamma, 159.866_922),
        (Line::Theta, -74.020_575),
        (Line::Vega, -341.633_421),
        (Line::Vanna, -8.540_836),
        (Line::Volga, -0.114_073),
        (Line::Residual, 14.303_259),
    ];
    for (line, usd) in expected {
        assert_within(exposure.explained.line(line)[1], usd, 1e-5);
    }
}

/// The residual is of third order: halving the moves of spot and vol and quartering the time divides it by about 8.
#[test]
fn residual_is_of_third_order() {
    let residual = |scale: f64| {
        let (from, days) = (black76(Call, 60_000.0, 60_000.0, 30.0 / 365.0, 0.65), scale * scale);
        let to = black76(
            Call,
            60_000.0 + 3_000.0 * scale,
            60_000.0,
            (30.0 - days) / 365.0,
            0.65 - 0.05 * scale,
        );
        let moved = hedgerow_greeks::Move {
            spot: 3_000.0 * scale,
            vol: -0.05 * scale,
            years: days / 365.0,
        };
        to.value - from.value - hedgerow_greeks::explain(&from, moved).iter().sum::<f64>()
    };
    for (scale, expected) in [(1.0, 8.65), (0.5, 8.33), (0.25, 8.16)] {
        assert_within(residual(scale) / residual(scale / 2.0), expected, 5e-3);
    }
}
