//! The batch kernels against numbers of 45 digits, against the scalar formulas, and against themselves.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]
#![allow(clippy::float_cmp, reason = "several laws are equalities bit for bit")]

mod common;
mod references;

use common::{fixed, options};
use hedgerow_greeks::OptionKind::{Call, Put};
use hedgerow_greeks::{
    BatchError, GreekColumns, OptionColumns, OptionKind, PerOption, PriceColumns, Terms,
    black_scholes, black_scholes_batch, implied_vol, implied_vol_batch,
};
use proptest::prelude::*;

struct Columns {
    kind: Vec<OptionKind>,
    numbers: [Vec<f64>; 6],
}

impl Columns {
    fn new(options: impl Iterator<Item = (OptionKind, Terms)>) -> Self {
        let mut columns = Self { kind: Vec::new(), numbers: Default::default() };
        for (kind, terms) in options {
            columns.kind.push(kind);
            let Terms { spot, strike, years, vol, rate, carry } = terms;
            for (column, number) in
                columns.numbers.iter_mut().zip([spot, strike, years, vol, rate, carry])
            {
                column.push(number);
            }
        }
        columns
    }

    fn price(&self, first: usize, n: usize) -> Result<GreekColumns, BatchError> {
        let rows = first..first + n;
        let [spot, strike, years, vol, rate, carry] =
            self.numbers.each_ref().map(|column| PerOption::Each(&column[rows.clone()]));
        let kind = PerOption::Each(&self.kind[rows.clone()]);
        let mut greeks = GreekColumns::default();
        let columns = OptionColumns { kind, spot, strike, years, vol, rate, carry };
        black_scholes_batch(&columns, n, &mut greeks)?;
        Ok(greeks)
    }

    fn len(&self) -> usize {
        self.kind.len()
    }
}

fn row(greeks: &GreekColumns, row: usize) -> [f64; 5] {
    [greeks.value[row], greeks.delta[row], greeks.gamma[row], greeks.vega[row], greeks.theta[row]]
}

fn terms_of(reference: &[f64; 14]) -> (OptionKind, Terms) {
    let [w, spot, strike, years, vol, rate, carry, ..] = *reference;
    (if w > 0.0 { Call } else { Put }, Terms { spot, strike, years, vol, rate, carry })
}

/// One minute to ten years, vols of 1 to 500 %, up to 30 deviations from the strike. Values to 1e-15 of spot and strike (the
/// scalar formula to 3e-15), deltas to 1e-15, the others relatively to 1e-12 plus what the rounding of d1 makes of e^(−d1²/2).
#[test]
fn both_formulas_have_the_digits() {
    let references = references::BLACK_SCHOLES;
    let columns = Columns::new(references.iter().map(terms_of));
    let batch = columns.price(0, columns.len()).unwrap();
    for (i, reference) in references.iter().enumerate() {
        let (kind, terms) = terms_of(reference);
        let [.., value, delta, gamma, vega, theta, _, _] = *reference;
        let expected = [value, delta, gamma, vega, theta];
        let scalar = black_scholes(kind, terms);
        let scalar = [scalar.value, scalar.delta, scalar.gamma, scalar.vega, scalar.theta];
        let growth = ((terms.carry - terms.rate).abs() * terms.years).exp();
        let size = growth * (terms.spot + terms.strike);
        // The quotient spot/strike is rounded before its logarithm: d1 is off by 1e-16 over the deviation.
        let scalar_d1 = 2e-16 / (terms.vol * terms.years.sqrt());
        for (found, d1_error) in [(row(&batch, i), 1e-15), (scalar, scalar_d1.max(1e-15))] {
            let [value, delta, gamma, vega, theta] = found;
            let near = |found: f64, expected: f64, tolerance: f64, name: &str| {
                let off = (found - expected).abs();
                assert!(off <= tolerance, "{name} {found:e}, expected {expected:e}: {terms:?}");
            };
            near(value, expected[0], 3e-15 * size, "value");
            near(delta, expected[1], growth * (2e-15 + d1_error), "delta");
            // 38 deviations are the most that leave anything.
            let relative = 1e-12 + 40.0 * d1_error;
            near(gamma, expected[2], relative * expected[2] + 1e-300, "gamma");
            near(vega, expected[3], relative * expected[3] + 1e-290, "vega");
            near(theta, expected[4], relative * expected[4].abs() + 1e-14 * size, "theta");
        }
    }
}

proptest! {
    #![proptest_config(fixed())]

    #[test]
    fn batch_is_the_scalar_formula((kind, terms) in options()) {
        let columns = Columns::new([(kind, terms)].into_iter());
        let found = row(&columns.price(0, 1).unwrap(), 0);
        let g = black_scholes(kind, terms);
        let growth = (0.2 * terms.years).exp();
        let usd = (terms.spot + terms.strike) * growth;
        let per_deviation = 1.0 + 1.0 / (terms.vol * terms.years.sqrt());
        prop_assert!((found[0] - g.value).abs() <= 4e-15 * usd, "{found:?} {g:?}");
        prop_assert!((found[1] - g.delta).abs() <= 1e-15 * growth * per_deviation, "{found:?} {g:?}");
        let relative = 1e-14 * per_deviation;
        prop_assert!((found[2] - g.gamma).abs() <= relative * g.gamma, "{found:?} {g:?}");
        prop_assert!((found[3] - g.vega).abs() <= relative * g.vega, "{found:?} {g:?}");
        let theta = relative * g.theta.abs() + 1e-14 * usd;
        prop_assert!((found[4] - g.theta).abs() <= theta, "{found:?} {g:?}");
    }

    #[test]
    fn batch_vol_is_the_scalar_vol((kind, terms) in options()) {
        let Terms { spot, strike, years, vol, .. } = terms;
        let price = black_scholes(kind, Terms { rate: 0.0, carry: 0.0, ..terms }).value;
        let prices = PriceColumns {
            kind: PerOption::All(kind),
            forward: PerOption::All(spot),
            strike: PerOption::All(strike),
            years: PerOption::All(years),
            price: PerOption::All(price),
        };
        let batch = implied_vol_batch(&prices, 1).unwrap();
        match implied_vol(kind, spot, strike, years, price) {
            Ok(alone) => {
                let together = batch.vol[0].unwrap();
                let vega = black_scholes(kind, Terms { rate: 0.0, carry: 0.0, ..terms }).vega;
                let floor = 2.0 * f64::EPSILON * (price + (spot - strike).abs()) / vega;
                prop_assert!((together - alone).abs() <= 1e-12 * vol + floor, "{together} {alone}");
            }
            Err(error) => prop_assert_eq!(batch.failures, vec![(0, error)]),
        }
    }
}

/// Options of every kind, limits among them, in an order that mixes them.
fn mixed(n: usize) -> Columns {
    let mut draws = common::noise(11);
    Columns::new((0..n).map(|i| {
        let [a, b, c, d] = std::array::from_fn(|_| draws.next().unwrap());
        let years = if i % 17 == 3 { 0.0 } else { 10.0_f64.powf(3.0 * a - 2.0) };
        let vol = if i % 23 == 5 { 0.0 } else { 10.0_f64.powf(b) };
        let (rate, carry) = if i % 3 == 0 { (0.0, 0.0) } else { (0.1 * c, 0.1 * d) };
        let strike = 60_000.0 * c.exp();
        (
            if d > 0.0 { Call } else { Put },
            Terms { spot: 60_000.0, strike, years, vol, rate, carry },
        )
    }))
}

#[test]
fn bits_do_not_depend_on_the_batch() {
    let columns = mixed(500);
    let whole = columns.price(0, 500).unwrap();
    for (first, n) in [(0, 1), (1, 63), (7, 64), (13, 65), (63, 2), (120, 129), (499, 1)] {
        let part = columns.price(first, n).unwrap();
        for i in 0..n {
            assert_eq!(
                row(&part, i).map(f64::to_bits),
                row(&whole, first + i).map(f64::to_bits),
                "row {i} of {n} from {first}"
            );
        }
    }
    let cut: Vec<GreekColumns> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..5)
            .map(|part| {
                scope.spawn({
                    let columns = &columns;
                    move || columns.price(100 * part, 100).unwrap()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for i in 0..500 {
        assert_eq!(row(&cut[i / 100], i % 100), row(&whole, i));
    }
}

#[test]
fn limits_go_through_the_scalar_formula() {
    let columns = mixed(200);
    let batch = columns.price(0, 200).unwrap();
    for i in (0..200).filter(|i| i % 17 == 3 || i % 23 == 5) {
        let [spot, strike, years, vol, rate, carry] = columns.numbers.each_ref().map(|c| c[i]);
        let g = black_scholes(columns.kind[i], Terms { spot, strike, years, vol, rate, carry });
        assert_eq!(row(&batch, i), [g.value, g.delta, g.gamma, g.vega, g.theta]);
    }
}

#[test]
fn a_bad_row_is_named_and_leaves_nothing() {
    let bad = [f64::NAN, f64::INFINITY, -1.0];
    for column in 0..4 {
        for number in bad {
            let mut columns = mixed(150);
            columns.numbers[column][77] = number;
            let BatchError::Row { row, .. } = columns.price(0, 150).unwrap_err() else {
                unreachable!("the columns have one length")
            };
            assert_eq!(row, 77, "column {column}, {number}");
        }
    }
    let mut columns = mixed(10);
    columns.numbers[3][4] = -0.5;
    let error = columns.price(0, 10).unwrap_err();
    assert_eq!(error.to_string(), "row 4: vol is -0.5, expected zero or more");
    let mut greeks = GreekColumns::zero(10);
    let short = OptionColumns {
        kind: PerOption::All(Call),
        spot: PerOption::All(1.0),
        strike: PerOption::Each(&[1.0, 2.0]),
        years: PerOption::All(1.0),
        vol: PerOption::All(1.0),
        rate: PerOption::All(0.0),
        carry: PerOption::All(0.0),
    };
    let error = black_scholes_batch(&short, 10, &mut greeks).unwrap_err();
    assert_eq!(error.to_string(), "column `strike` has 2 rows, expected 10");
    assert!(greeks.value.is_empty() && greeks.theta.is_empty());
}

/// Exact vols of prices rounded to doubles, k = ln(K/F) in [−3, 3], σ√T in [1e-3, 3]: |iv − σ| ≤ max(1e-14, 8 ε price/vega)
/// and |iv − σ|/σ ≤ 1e-12, for one and for many.
#[test]
fn v1_18_implied_vols_have_the_digits() {
    for &[w, forward, strike, years, price, vol, floor] in references::IMPLIED {
        let kind = if w > 0.0 { Call } else { Put };
        let prices = PriceColumns {
            kind: PerOption::All(kind),
            forward: PerOption::All(forward),
            strike: PerOption::All(strike),
            years: PerOption::All(years),
            price: PerOption::All(price),
        };
        let together = implied_vol_batch(&prices, 1).unwrap().vol[0].unwrap();
        let alone = implied_vol(kind, forward, strike, years, price).unwrap();
        for (found, name) in [(alone, "alone"), (together, "together")] {
            let off = (found - vol).abs();
            let place = format!("{name}: {found}, expected {vol}, K {strike}, price {price}");
            assert!(off / vol <= 1e-12 + floor / vol, "{place}");
            assert!(off <= f64::max(1e-14, 8.0 * floor), "{place}: off by {off:e}, {floor:e}");
        }
    }
}

/// A batch answers row by row, and keeps going where a row has no answer.
#[test]
fn impossible_prices_in_a_batch() {
    let price = [10.0, 4.0, 100.0, f64::NAN, 5.0, 5.0 + 1e-3];
    let strike = [100.0, 95.0, 100.0, 100.0, 95.0, 95.0];
    let prices = PriceColumns {
        kind: PerOption::All(Call),
        forward: PerOption::All(100.0),
        strike: PerOption::Each(&strike),
        years: PerOption::All(0.25),
        price: PerOption::Each(&price),
    };
    let found = implied_vol_batch(&prices, 6).unwrap();
    let known: Vec<bool> = found.vol.iter().map(Option::is_some).collect();
    assert_eq!(known, [true, false, false, false, false, true]);
    let kinds: Vec<String> = found.failures.iter().map(|(row, e)| format!("{row}: {e}")).collect();
    assert_eq!(
        kinds,
        [
            "1: price 4 is below the intrinsic value 5",
            "2: price 100 is not below 100, the most a call can be worth",
            "3: price is NaN, expected a finite number",
            "4: price 5 has no time value, so it implies no single vol",
        ]
    );
}
