//! Published and independently computed numbers of the models beyond Black-Scholes; each test carries the number of its
//! case in the project's collection of reference values.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]
#![allow(
    clippy::excessive_precision,
    clippy::approx_constant,
    reason = "as the source prints them"
)]

mod common;

use common::assert_close;
use hedgerow_greeks::OptionKind::{Call, Put};
use hedgerow_greeks::{
    DeltaTerms, DigitalPayoff, FundingClock, Heston, HestonTerms, InputError, Jumps, NormalTerms,
    PaidIn, PerpetualTerms, QuotedDelta, StripOption, Terms, VarianceSwapError, bachelier, black76,
    coin_implied_vol, digital, fair_variance, heston, implied_vol, inverse, log_contract_weights,
    merton_jump, normal_implied_vol, perpetual_price, settlement_window, venue_units,
};

#[track_caller]
fn assert_within(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected}");
}

/// `QuantLib`, bacheliercalculator.cpp.
#[test]
fn v1_5_bachelier() {
    let terms =
        NormalTerms { forward: 100.0, strike: 100.0, years: 1.0, normal_vol: 20.0, rate: 0.0 };
    let value = |kind, strike| bachelier(kind, NormalTerms { strike, ..terms }).value;
    assert_within(value(Call, 100.0), 7.978_845_608_028_654, 1e-12);
    assert_within(value(Call, 90.0), 13.955_931_148_026_121, 1e-12);
    assert_within(value(Call, 110.0), 3.955_931_148_026_121_7, 1e-12);
    assert_within(value(Put, 90.0), 3.955_931_148_026_121_7, 1e-12);
    assert_within(value(Call, 150.0), 0.040_082_743_582_562_863, 1e-12);
    let wide = bachelier(Call, NormalTerms { normal_vol: 200.0, ..terms });
    assert_within(wide.value, 79.788_456_080_286_537, 1e-12);

    let discounted = NormalTerms { strike: 105.0, rate: -0.95_f64.ln(), ..terms };
    let call = bachelier(Call, discounted);
    assert_within(call.delta, 0.381_228_990_601_222_45, 1e-12);
    assert_within(call.delta * 100.0 / 98.0, 0.389_009_174_082_88, 1e-12);
    assert_within(call.gamma, 0.018_366_735_548_135_338, 1e-12);
    assert_within(call.vega, 0.367_334_710_962_706_76, 1e-12);
    // The source's vanna is not discounted; its other numbers are.
    assert_within(call.vanna / 0.95, 0.004_833_351_460_035_615_1, 1e-12);
    assert_within(call.volga, 0.001_147_920_971_758_458_6, 1e-12);
    assert_within(call.exercise, 0.401_293_674_317_076_3, 1e-12);
}

/// `QuantLib`, blackdeltacalculator.cpp; the last two rows are Castagna 2009.
#[test]
fn v1_6_quoted_deltas() {
    use QuotedDelta::{Forward, PremiumAdjustedForward, PremiumAdjustedSpot, Spot};
    #[rustfmt::skip]
    let rows = [
        (Call, 1.421,   0.997306,  0.992266,  0.1180654,  0.15, vec![(Spot, 1.608080), (PremiumAdjustedSpot, 1.600545), (Forward, 1.609029), (PremiumAdjustedForward, 1.601550)]),
        (Call, 122.121, 0.9695434, 0.9872347, 0.0887676,  0.67, vec![(Spot, 119.8031), (PremiumAdjustedSpot, 117.7096), (Forward, 120.0592), (PremiumAdjustedForward, 118.0532)]),
        (Put,  3.4582,  0.99979,   0.9250616, 0.3199034, -0.821, vec![(Spot, 4.964924), (PremiumAdjustedSpot, 3.778327), (Forward, 4.51896), (PremiumAdjustedForward, 3.65728)]),
        (Put,  103.0,   0.99482,   0.98508,   0.07247845, -0.25, vec![(Spot, 97.47), (PremiumAdjustedSpot, 97.22)]),
    ];
    for (kind, spot, quote_discount, coin_discount, deviation, delta, strikes) in rows {
        let terms =
            DeltaTerms { forward: spot * coin_discount / quote_discount, deviation, coin_discount };
        for (quoted, strike) in strikes {
            assert_within(quoted.of_strike(kind, strike, &terms), delta, 1e-3);
            let found = quoted.strike(kind, delta, &terms).unwrap();
            assert_close(found, strike, 1e-3);
            assert_close(quoted.of_strike(kind, found, &terms), delta, 1e-12);
        }
    }
}

/// Premium-adjusted is displayed delta less premium in coins, and Deribit's net transaction delta.
#[test]
fn v1_7_premium_adjusted_delta_is_the_net_delta() {
    for (kind, strike) in [(Call, 65_000.0), (Put, 55_000.0), (Call, 20_000.0), (Put, 200_000.0)] {
        let (years, vol) = (30.0 / 365.0, 0.65_f64);
        let coin = inverse::coin_greeks(kind, 60_000.0, strike, years, vol);
        let terms =
            DeltaTerms { forward: 60_000.0, deviation: vol * years.sqrt(), coin_discount: 1.0 };
        let quoted = QuotedDelta::PremiumAdjustedForward.of_strike(kind, strike, &terms);
        assert_within(quoted, coin.net_delta, 1e-14 * strike / 60_000.0);
        assert_within(QuotedDelta::Forward.of_strike(kind, strike, &terms), coin.delta, 1e-15);
        // A straddle at its own strike has no delta of its own kind.
        for quoted in [QuotedDelta::PremiumAdjustedForward, QuotedDelta::Forward] {
            let at = quoted.straddle_strike(&terms);
            let (call, put) =
                (quoted.of_strike(Call, at, &terms), quoted.of_strike(Put, at, &terms));
            assert_within(call + put, 0.0, 1e-15);
        }
    }
}

/// Deltas for which no strike exists have none; an adjusted call delta names its higher strike.
#[test]
fn strikes_of_impossible_deltas() {
    let terms = DeltaTerms { forward: 100.0, deviation: 0.3, coin_discount: 0.98 };
    for quoted in [
        QuotedDelta::Forward,
        QuotedDelta::Spot,
        QuotedDelta::PremiumAdjustedForward,
        QuotedDelta::PremiumAdjustedSpot,
    ] {
        for delta in [0.0, -0.2, 1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(quoted.strike(Call, delta, &terms), None, "{quoted:?} {delta}");
        }
        assert_eq!(quoted.strike(Put, 0.2, &terms), None);
    }
    // An adjusted put delta has no bound: deep in the money the premium is worth several coins.
    let put = QuotedDelta::PremiumAdjustedForward.strike(Put, -5.0, &terms).unwrap();
    assert_close(QuotedDelta::PremiumAdjustedForward.of_strike(Put, put, &terms), -5.0, 1e-12);
    let adjusted = QuotedDelta::PremiumAdjustedForward;
    let at = |strike: f64| adjusted.of_strike(Call, strike, &terms);
    let mut top = 50.0;
    while at(top + 0.01) > at(top) {
        top += 0.01;
    }
    for delta in [1e-12, 0.01, 0.3, 0.5, 0.999 * at(top)] {
        let strike = adjusted.strike(Call, delta, &terms).unwrap();
        assert!(strike > top, "strike {strike} of {delta} is not beyond {top}");
        assert_close(at(strike), delta, 1e-11);
    }
    assert_eq!(adjusted.strike(Call, 1.001 * at(top), &terms), None);
}

/// `QuantLib`, digitaloption.cpp; Haug 1998, pages 88 to 90.
#[test]
fn v1_9_digitals() {
    let terms = Terms { spot: 100.0, strike: 80.0, years: 0.75, vol: 0.35, rate: 0.06, carry: 0.0 };
    assert_within(digital(Put, DigitalPayoff::Cash(10.0), terms).value, 2.6710, 1e-4);
    let terms = Terms { spot: 70.0, strike: 65.0, years: 0.5, vol: 0.27, rate: 0.07, carry: 0.02 };
    assert_within(digital(Put, DigitalPayoff::Asset, terms).value, 20.2069, 1e-4);
    let terms = Terms { spot: 50.0, strike: 50.0, years: 0.5, vol: 0.2, rate: 0.09, carry: 0.09 };
    assert_within(digital(Call, DigitalPayoff::Gap(57.0), terms).value, -0.0053, 1e-4);
}

fn demeterfi_wing(kind: hedgerow_greeks::OptionKind, years: f64) -> Vec<StripOption> {
    let forward = 100.0 * (0.05 * years).exp();
    let strikes = match kind {
        Put => (0..11).map(|step| 100.0 - 5.0 * f64::from(step)).collect::<Vec<_>>(),
        Call => (0..8).map(|step| 100.0 + 5.0 * f64::from(step)).collect(),
    };
    let vol = |strike: f64| 0.30 - 0.01 * (strike - 50.0) / 5.0;
    let option = |strike| StripOption {
        strike,
        value: black76(kind, forward, strike, years, vol(strike)).value,
    };
    strikes.into_iter().map(option).collect()
}

/// Demeterfi, Derman, Kamal and Zou 1999, table 1; `QuantLib`, varianceswaps.cpp.
#[test]
fn v1_10_variance_swap() {
    let years = 90.0 / 365.0;
    let (puts, calls) = (demeterfi_wing(Put, years), demeterfi_wing(Call, years));
    #[rustfmt::skip]
    let tables: [(&[StripOption], &[f64]); 2] = [
        (&puts, &[20.9801, 44.9993, 50.1460, 56.2296, 63.4921, 72.2595, 82.9783, 96.2746, 113.0473, 134.6250, 163.0388]),
        (&calls, &[19.6262, 36.8269, 33.5517, 30.6948, 28.1881, 25.9763, 24.0151, 22.2680]),
    ];
    let mut strip = 0.0;
    for (wing, expected) in tables {
        let strikes: Vec<f64> = wing.iter().map(|option| option.strike).collect();
        let weights = log_contract_weights(100.0, years, &strikes).unwrap();
        for (weight, expected) in weights.iter().zip(expected) {
            assert_within(weight * 1e4, *expected, 5.1e-5);
        }
        strip +=
            weights.iter().zip(wing).map(|(weight, option)| weight * option.value).sum::<f64>();
    }
    let discount = (-0.05 * years).exp();
    assert_within(strip * discount * 1e4, 419.8671, 5.1e-5);
    let forward = 100.0 * (0.05 * years).exp();
    let variance = fair_variance(forward, 100.0, years, &puts, &calls).unwrap();
    assert_within(variance, 0.041_888_58, 1e-8);
    assert_within(variance.sqrt(), 0.20467, 5e-6);
    // With a quarter of a year instead of 90 days.
    let (puts, calls) = (demeterfi_wing(Put, 0.25), demeterfi_wing(Call, 0.25));
    let forward = 100.0 * (0.05_f64 * 0.25).exp();
    let variance = fair_variance(forward, 100.0, 0.25, &puts, &calls).unwrap();
    assert_within(variance.sqrt(), 0.204_616_5, 5.1e-8);
}

/// A dense strip over a flat smile costs the square of its vol.
#[test]
fn v1_10_flat_smile() {
    let (years, vol) = (30.0 / 365.0, 0.65);
    let wing = |kind, factor: f64| -> Vec<StripOption> {
        let strikes = (0..2_000).scan(60_000.0, |strike, _| {
            let here = *strike;
            *strike *= factor;
            Some(here)
        });
        let option = |strike| StripOption {
            strike,
            value: black76(kind, 61_000.0, strike, years, vol).value,
        };
        strikes.map(option).collect()
    };
    let (puts, calls) = (wing(Put, 0.999), wing(Call, 1.001));
    let variance = fair_variance(61_000.0, 60_000.0, years, &puts, &calls).unwrap();
    assert_close(variance, vol * vol, 2e-5);
}

#[test]
fn strips_that_replicate_nothing() {
    let at = |strike| StripOption { strike, value: 1.0 };
    let good = [at(100.0), at(110.0)];
    let fair = |puts: &[StripOption]| fair_variance(100.0, 100.0, 0.1, puts, &good);
    let text = |puts: &[StripOption]| fair(puts).unwrap_err().to_string();
    assert_eq!(
        text(&[at(100.0)]),
        "the strip has 1 put strikes, expected 2 or more, the first at the boundary"
    );
    assert_eq!(
        text(&[at(95.0), at(90.0)]),
        "the first put strike is 95, expected the boundary 100"
    );
    assert_eq!(
        text(&[at(100.0), at(101.0)]),
        "the put strikes 100 and 101 follow each other, expected them to move away from the boundary"
    );
    assert_eq!(
        text(&[at(100.0), at(50.0)]),
        "the put strike after 50 would be 0, expected a positive one; use a finer strip at its low end"
    );
    let negative = [StripOption { strike: 100.0, value: -1.0 }, at(90.0)];
    assert_eq!(text(&negative), "option value is -1, expected zero or more");
    let late = fair_variance(100.0, 100.0, 0.0, &good, &good);
    let expected = InputError::NotPositive { name: "years", found: 0.0 };
    assert_eq!(late, Err(VarianceSwapError::Input(expected)));
}

/// Haug 1998, page 9, by way of `QuantLib`, jumpdiffusion.cpp: γ is the share of the variance v² that jumps make.
#[test]
fn v1_17_merton() {
    let table = [
        (100.0, 0.25, 1.0, 0.25, 5.88),
        (80.0, 0.1, 1.0, 0.25, 20.67),
        (110.0, 0.5, 5.0, 0.25, 4.73),
        (100.0, 0.1, 1.0, 0.5, 3.14),
    ];
    for (strike, years, intensity, share, expected) in table {
        let deviation = f64::sqrt(share * 0.25 * 0.25 / intensity);
        let vol = f64::sqrt(0.25 * 0.25 - intensity * deviation * deviation);
        let jumps = Jumps { intensity, mean: -0.5 * deviation * deviation, deviation };
        let terms = Terms { spot: 100.0, strike, years, vol, rate: 0.08, carry: 0.08 };
        let value = merton_jump(Call, terms, jumps).unwrap().value;
        assert_within(value, expected, 1e-2);
    }
}

/// `QuantLib`, perpetualfutures.cpp (Ackerer, Hugonnier and Jermann 2024).
#[test]
fn v1_20_perpetuals() {
    let terms = PerpetualTerms {
        spot: 10_000.0,
        rate: 0.04,
        coin_rate: 0.02,
        intensity: 0.01,
        interest: 0.005,
    };
    let (before, now) =
        (FundingClock::SpotBefore { years: 0.25 }, FundingClock::SpotNow { years: 0.25 });
    let strong = PerpetualTerms { intensity: 0.2, ..terms };
    let table = [
        (PaidIn::Usd, before, terms, 10_025.104_584_997_933),
        (PaidIn::Usd, now, terms, 9_975.103_751_651_404),
        (PaidIn::Coin, before, terms, 29_975.041_614_635_367),
        (PaidIn::Coin, now, terms, 30_025.041_718_802_117),
        (PaidIn::Usd, FundingClock::Continuous, strong, 10_833.333_333_333_332),
        (PaidIn::Coin, FundingClock::Continuous, strong, 11_282.051_282_051_281),
    ];
    for (paid_in, clock, terms, expected) in table {
        assert_close(perpetual_price(paid_in, clock, terms).unwrap(), expected, 1e-12);
    }
    let weak = PerpetualTerms { interest: 0.01, ..terms };
    assert_eq!(
        perpetual_price(PaidIn::Usd, now, weak).unwrap_err().to_string(),
        "intensity less interest is 0, expected a positive number"
    );
}

/// Deribit's and Derive's examples of the settlement window, and the theta of less than a day.
#[test]
fn settlement_window_and_venue_units() {
    let minute = settlement_window::WINDOW_YEARS / 30.0;
    assert_within(settlement_window::decayed_delta(0.8, 31.0 * minute), 0.8, 0.0);
    assert_within(settlement_window::decayed_net_delta(1.0, 0.3, 15.0 * minute), 0.35, 1e-15);
    assert_within(settlement_window::decayed_delta(0.8, 0.0), 0.0, 0.0);
    let price = settlement_window::expected_settlement(1_950.0, 1_975.0, 20.0 * minute);
    assert_within(price, 1_966.67, 5e-3);
    // Before the window there is no average, and none is used.
    assert_within(
        settlement_window::expected_settlement(f64::NAN, 1_975.0, 60.0 * minute),
        1_975.0,
        0.0,
    );
    assert_within(venue_units::day_theta(-3_650.0, 1.0), -10.0, 1e-12);
    assert_within(venue_units::day_theta(-3_650.0, 0.5 / 365.0), -5.0, 1e-12);
}

/// `blkprice`'s price back to its vol; Haug's and `QuantLib`'s round trips.
#[test]
fn v1_4_and_v1_19_implied_vols() {
    let undiscounted = 1.1166 / (-0.09_f64 * 4.0 / 12.0).exp();
    let vol = implied_vol(Call, 20.0, 20.0, 4.0 / 12.0, undiscounted).unwrap();
    assert_within(vol, 0.25, 5e-5);
    for strike in [0.9, 0.95, 1.0, 1.05, 1.1] {
        for kind in [Call, Put] {
            let terms =
                NormalTerms { forward: 1.0, strike, years: 10.0, normal_vol: 0.01, rate: 0.0 };
            let price = bachelier(kind, terms).value;
            let vol = normal_implied_vol(kind, 1.0, strike, 10.0, price).unwrap();
            assert_within(vol, 0.01, 1e-15);
        }
    }
}

/// Every impossible price has its own error, in the units of the price.
#[test]
fn impossible_prices() {
    let text =
        |result: Result<f64, hedgerow_greeks::ImpliedVolError>| result.unwrap_err().to_string();
    let black = |price| text(implied_vol(Call, 100.0, 90.0, 0.5, price));
    assert_eq!(black(9.0), "price 9 is below the intrinsic value 10");
    assert_eq!(black(10.0), "price 10 has no time value, so it implies no single vol");
    assert_eq!(black(100.0), "price 100 is not below 100, the most a call can be worth");
    assert_eq!(black(f64::NAN), "price is NaN, expected a finite number");
    assert_eq!(
        text(implied_vol(Put, 100.0, 90.0, 0.5, 90.0)),
        "price 90 is not below 90, the most a put can be worth"
    );
    assert_eq!(
        text(implied_vol(Call, 100.0, 90.0, 0.0, 12.0)),
        "no time is left to expiry, so the price 12 implies no vol"
    );
    assert_eq!(
        text(implied_vol(Call, 100.0, 90.0, -1.0, 12.0)),
        "years is -1, expected zero or more"
    );
    assert_eq!(
        text(implied_vol(Call, 0.0, 90.0, 1.0, 12.0)),
        "forward is 0, expected a positive number"
    );
    assert_eq!(
        text(implied_vol(Call, 100.0, -5.0, 1.0, 12.0)),
        "strike is -5, expected a positive number"
    );
    assert_eq!(
        text(coin_implied_vol(Put, 50.0, 100.0, 1.0, 0.75)),
        "price 0.75 is below the intrinsic value 1"
    );
    assert_eq!(
        text(coin_implied_vol(Call, 50.0, 100.0, 1.0, 1.0)),
        "price 1 is not below 1, the most a call can be worth"
    );
    assert_eq!(
        text(normal_implied_vol(Put, -5.0, 100.0, 1.0, 104.0)),
        "price 104 is below the intrinsic value 105"
    );
}

fn at_the_money(years: f64) -> HestonTerms {
    HestonTerms { spot: 100.0, strike: 100.0, years, rate: 0.0, carry: 0.0 }
}

/// Fang and Oosterlee 2008, with the parameters of Albrecher et al. 2007; the digits are a quadrature's with 30 of them (the
/// paper prints 5.785155450 and 22.318945791474590).
#[test]
fn v1_14_heston() {
    let model = Heston {
        variance: 0.0175,
        reversion: 1.5768,
        mean_variance: 0.0398,
        vol_of_variance: 0.5751,
        correlation: -0.5711,
    };
    for (years, expected) in [(1.0, 5.785_155_434_376_189), (10.0, 22.318_945_791_154_489)] {
        let found = heston(Call, at_the_money(years), model).unwrap();
        assert_within(found.value, expected, 1e-11);
        assert!(found.error < 1e-8, "{found:?}");
    }
}

/// Alan Lewis's reference prices, by way of `QuantLib`, hestonmodel.cpp.
#[test]
fn v1_15_heston() {
    let model = Heston {
        variance: 0.04,
        reversion: 4.0,
        mean_variance: 0.25,
        vol_of_variance: 1.0,
        correlation: -0.5,
    };
    #[rustfmt::skip]
    let table = [
        (80.0, 7.958878113256768285213263077598987, 26.774758743998854221382195325726950),
        (90.0, 12.017966707346304987709573290236472, 20.933349000596710388139445766564068),
        (100.0, 17.055270961270109413522653999411001, 16.070154917028834278213466703938232),
        (110.0, 23.017825898442800538908781834822561, 12.132211516709844867860534767549426),
        (120.0, 29.811026202682471843340682293165857, 9.024913483457835636553375454092357),
    ];
    for (strike, put, call) in table {
        let terms = HestonTerms { spot: 100.0, strike, years: 1.0, rate: 0.01, carry: -0.01 };
        assert_within(heston(Put, terms, model).unwrap().value, put, 1e-12);
        assert_within(heston(Call, terms, model).unwrap().value, call, 1e-12);
    }
}

/// Kahl and Jäckel's ten years of large vol of variance, and `QuantLib`'s other cases.
#[test]
fn v1_16_heston() {
    let wild = Heston {
        variance: 0.16,
        reversion: 1.0,
        mean_variance: 0.16,
        vol_of_variance: 2.0,
        correlation: -0.8,
    };
    let terms = HestonTerms { strike: 200.0, ..at_the_money(10.0) };
    assert_within(heston(Call, terms, wild).unwrap().value, 4.952_114_720_88, 1e-10);
    let calm = Heston {
        variance: 0.1,
        reversion: 4.0,
        mean_variance: 0.05,
        vol_of_variance: 0.4,
        correlation: -0.75,
    };
    let terms = HestonTerms { rate: 0.05, carry: 0.05 - 0.075, ..at_the_money(1.0) };
    assert_within(heston(Put, terms, calm).unwrap().value, 10.147_041_515_497, 1e-10);
    let steep = Heston { mean_variance: 0.22, vol_of_variance: 1.8, ..calm };
    let table = [
        (Call, 120.0, 9.364_410_588_426_075),
        (Call, 250.0, 0.010_367_976_581_324_71),
        (Put, 80.0, 5.319_092_971_836_708),
        (Put, 10.0, 0.010_326_819_062_783_83),
    ];
    for (kind, strike, expected) in table {
        let terms = HestonTerms { strike, rate: 0.15, carry: 0.15 - 0.07, ..at_the_money(1.0) };
        assert_within(heston(kind, terms, steep).unwrap().value, expected, 1e-10);
    }
}

/// Heston with constant variance is Black-Scholes, from an hour to ten years; a small ξ changes little.
#[test]
fn heston_without_vol_of_variance() {
    for years in [1.0 / 8_760.0, 1.0 / 365.0, 0.25, 10.0_f64] {
        for reversion in [0.0, 1e-6, 2.0] {
            let model = Heston {
                variance: 0.36,
                reversion,
                mean_variance: 0.36,
                vol_of_variance: 0.0,
                correlation: -0.7,
            };
            for deviations in [-2.0, 0.0, 1.0_f64] {
                let strike = 100.0 * (deviations * 0.6 * years.sqrt()).exp();
                let terms = HestonTerms { strike, ..at_the_money(years) };
                let black = black76(Put, 100.0, strike, years, 0.6);
                let size = 1e-14 * (100.0 + strike);
                for vol_of_variance in [0.0, 1e-13, 1e-9, 1e-6] {
                    // The skew moves a price in proportion to ξ, most over ten years: there by ρξ ln(K/F)/(4σ) vegas,
                    // some 140 USD per 1.00 of ξ.
                    let tolerance = size + 300.0 * vol_of_variance;
                    let model = Heston { vol_of_variance, ..model };
                    let found = heston(Put, terms, model).unwrap();
                    assert_within(found.value, black.value, tolerance);
                    assert_within(found.delta, black.delta, 1e-7 + tolerance);
                    assert!(found.error < 1e-7);
                }
            }
        }
    }
}
