//! Markets, books and checks that several test files share.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "every test file uses its own part of these helpers"
)]

use hedgerow_core::registry::{Setting, SettingError, build, parameters};
use hedgerow_core::{AssetColumns, Exposure, Market, Timestamp, VolColumn};
use hedgerow_greeks::OptionKind::{Call, Put};
use hedgerow_greeks::{BookLine, BookSpec, OptionKind, Terms, VOLS, VolMarks, resolve};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use toml::de::{DeTable, DeValue};

/// The value of the one key of a TOML line.
pub(crate) fn setting(line: &str) -> Setting<'_> {
    let table = DeTable::parse(line).unwrap().into_inner();
    table.into_iter().next().unwrap().1
}

/// A line of the book from the inside of its table.
pub(crate) fn line(table: &str, market: &Market) -> Result<BookLine, SettingError> {
    let text = format!("book = {{ {table} }}");
    let spec: BookSpec = parameters(setting(&text))?;
    resolve(&spec, market)
}

/// The first line of `book = [{ ... }]`.
pub(crate) fn first_line(example: &str, market: &Market) -> BookLine {
    let value = setting(example);
    let DeValue::Array(lines) = value.into_inner() else { panic!("expected an array: {example}") };
    let spec: BookSpec = parameters(lines.into_iter().next().unwrap()).unwrap();
    resolve(&spec, market).unwrap()
}

/// The vols of every asset by the model of `model = ...`.
pub(crate) fn vols(model: &str, market: &Market) -> Vec<VolMarks> {
    let model = build(VOLS, setting(model), "vol model").unwrap();
    (0..market.assets().len()).map(|asset| VolMarks::new(&*model, market, asset).unwrap()).collect()
}

/// Steps of a small linear congruential generator, uniform in (−1, 1).
pub(crate) fn noise(seed: u64) -> impl Iterator<Item = f64> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(state >> 33).unwrap()) / f64::from(1_u32 << 30) - 1.0
    })
}

/// A seeded market of hourly rows with a few holes: BTC with bars and DVOL, from 2024-01-01.
pub(crate) fn market(seed: u64, n_rows: usize) -> Market {
    let start = Timestamp::parse("2024-01-01").unwrap().millis();
    let mut hour = 0;
    let mut time = Vec::new();
    let (mut spot, mut high, mut low, mut vol) = (vec![], vec![], vec![], vec![]);
    let (mut price, mut level) = (40_000.0_f64, 0.6_f64);
    let mut draws = noise(seed);
    for row in 0..n_rows {
        hour += if row % 97 == 96 { 30 } else { 1 };
        time.push(Timestamp::from_millis(start + hour * 3_600_000));
        let before = price;
        price *= (0.01 * draws.next().unwrap()).exp();
        level = (level + 0.01 * draws.next().unwrap()).clamp(0.2, 1.5);
        spot.push(price);
        high.push(before.max(price) * 1.001);
        low.push(before.min(price) * 0.999);
        vol.push(Some(level));
    }
    let asset =
        AssetColumns { name: "BTC".to_owned(), spot, open: None, high: Some(high), low: Some(low) };
    let dvol = VolColumn { name: "DVOL".to_owned(), asset: 0, vol };
    Market::new(time, vec![asset], vec![], vec![dvol]).unwrap()
}

/// A market of one asset from its rows of (time, spot, vol).
pub(crate) fn small_market(rows: &[(&str, f64, Option<f64>)]) -> Market {
    let asset = AssetColumns {
        name: "BTC".to_owned(),
        spot: rows.iter().map(|row| row.1).collect(),
        open: None,
        high: None,
        low: None,
    };
    let vol = VolColumn {
        name: "DVOL".to_owned(),
        asset: 0,
        vol: rows.iter().map(|row| row.2).collect(),
    };
    let time = rows.iter().map(|row| Timestamp::parse(row.0).unwrap()).collect();
    Market::new(time, vec![asset], vec![], vec![vol]).unwrap()
}

/// Change of value plus flows at `row`, USD.
pub(crate) fn pnl(exposure: &Exposure, market: &Market, row: usize) -> f64 {
    let coins: f64 = exposure
        .slopes
        .iter()
        .zip(market.assets())
        .filter(|(slopes, _)| slopes.is_coin_settled())
        .map(|(slopes, asset)| slopes.coin_flow[row] * asset.spot[row])
        .sum();
    exposure.value[row] - exposure.value[row - 1] + exposure.cash_flow[row] + coins
}

/// Asserts a relative difference.
#[track_caller]
pub(crate) fn assert_close(found: f64, expected: f64, relative: f64) {
    let error = (found - expected).abs() / expected.abs();
    assert!(error <= relative, "found {found:e}, expected {expected:e}, relative error {error:e}");
}

/// Kind, moneyness, one hour to ten years, vols of 5 to 300 %, rates and carries; |ln(K/F)| up to three deviations.
pub(crate) fn options() -> impl Strategy<Value = (OptionKind, Terms)> {
    (
        prop_oneof![Just(Call), Just(Put)],
        -3.0..3.0_f64,
        (1.0_f64 / 8760.0).ln()..10.0_f64.ln(),
        0.05_f64.ln()..3.0_f64.ln(),
        -0.05..0.15_f64,
        -0.05..0.15_f64,
    )
        .prop_map(|(kind, deviations, ln_years, ln_vol, rate, carry)| {
            let (years, vol) = (ln_years.exp(), ln_vol.exp());
            let strike = 60_000.0 * (deviations * vol * years.sqrt()).exp();
            (kind, Terms { spot: 60_000.0, strike, years, vol, rate, carry })
        })
}

/// Asserts that `slope` is the derivative of `of` at 0, by central differences of fourth order with step `h`.
/// `scale` is the size of what is differenced: rounding leaves about 1e-15 scale / h.
pub(crate) fn assert_slope(name: &str, slope: f64, of: impl Fn(f64) -> f64, h: f64, scale: f64) {
    let found = (8.0 * (of(h) - of(-h)) - (of(2.0 * h) - of(-2.0 * h))) / (12.0 * h);
    let tolerance = 1e-6 * slope.abs() + 1e-12 * scale / h;
    assert!((found - slope).abs() <= tolerance, "{name}: slope {slope:e}, differences {found:e}");
}

/// The same cases in every run.
pub(crate) fn fixed() -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(20_241_227),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
