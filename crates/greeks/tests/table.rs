//! The table behind the command: columns in, columns and reasons out.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod common;

use common::{assert_close, assert_slope};
use hedgerow_core::Timestamp;
use hedgerow_greeks::OptionKind::{Call, Put};
use hedgerow_greeks::settlement_window::WINDOW_YEARS;
use hedgerow_greeks::smile::Sabr;
use hedgerow_greeks::{
    Cells, Model, OptionKind, OptionTable, PaidIn, Parameter, PricedRow, RowError, Terms,
    black_scholes, inverse, price_table,
};

fn one(number: f64) -> Option<Cells<f64>> {
    Some(Cells::One(number))
}

/// Parameters of every model that has some: of each a smile that leans to the puts.
fn parameters() -> Vec<(Parameter, Cells<f64>)> {
    [
        (Parameter::Variance, 0.16),
        (Parameter::Reversion, 1.5),
        (Parameter::MeanVariance, 0.25),
        (Parameter::VolOfVariance, 0.8),
        (Parameter::Correlation, -0.4),
        (Parameter::JumpIntensity, 0.7),
        (Parameter::JumpMean, -0.15),
        (Parameter::JumpDeviation, 0.2),
        (Parameter::Alpha, 0.4),
        (Parameter::Beta, 1.0),
        (Parameter::Nu, 0.9),
    ]
    .map(|(parameter, number)| (parameter, Cells::One(number)))
    .to_vec()
}

fn one_year(model: Model) -> OptionTable {
    OptionTable {
        model: Some(Cells::One(model)),
        kind: Some(Cells::One(Call)),
        spot: one(100.0),
        strike: one(110.0),
        years: one(1.0),
        vol: one(if model == Model::Bachelier { 40.0 } else { 0.4 }),
        rate: one(0.05),
        carry: one(0.03),
        parameters: parameters(),
        ..OptionTable::default()
    }
}

/// The one row of a table.
#[track_caller]
fn row(table: &OptionTable) -> Result<PricedRow, RowError> {
    let priced = price_table(table).unwrap();
    assert_eq!(priced.rows.len(), 1);
    priced.rows[0]
}

/// What an option is priced from, moved by differences.
#[derive(Clone, Copy)]
struct Case {
    model: Model,
    kind: OptionKind,
    /// Spot, or forward where the model is on one.
    underlying: f64,
    vol: f64,
    years: f64,
    rate: f64,
    carry: f64,
}

impl Case {
    fn price(self) -> PricedRow {
        let mut parameters = parameters();
        for (parameter, cells) in &mut parameters {
            if *parameter == Parameter::Variance {
                *cells = Cells::One(self.vol * self.vol);
            }
        }
        let on_spot = self.model.is_on_spot();
        let at_100 = if self.model == Model::Bachelier { 100.0 } else { 1.0 };
        let table = OptionTable {
            kind: Some(Cells::One(self.kind)),
            spot: on_spot.then_some(Cells::One(self.underlying)),
            forward: (!on_spot).then_some(Cells::One(self.underlying)),
            strike: one(100.0),
            years: one(self.years),
            vol: one(self.vol * at_100),
            rate: one(self.rate),
            carry: one(self.carry),
            parameters,
            ..one_year(self.model)
        };
        let mut row = row(&table).unwrap();
        // Per 1.00 of vol as the case counts it.
        row.vega *= at_100;
        row.higher.vanna *= at_100;
        row.higher.volga *= at_100 * at_100;
        row.higher.veta *= at_100;
        row.higher.zomma *= at_100;
        row
    }

    /// What the rate moves besides the discount: the drift of what the option is on, or of what it is not on.
    fn at_rate(self, by: f64) -> Self {
        let rate = self.rate + by;
        match self.model {
            Model::Inverse => {
                Self { underlying: self.underlying * (by * self.years).exp(), ..self }
            }
            _ if self.model.is_on_spot() => Self { rate, carry: self.carry + by, ..self },
            _ => Self { rate, ..self },
        }
    }
}

/// Every Greek of every model is the slope of what it says, from a week to two years, in and out of the money.
#[test]
fn every_greek_is_a_slope() {
    for (_, model) in Model::ALL {
        // The vol of a strike follows the forward in SABR, and the table holds it: see the next test.
        if model == Model::Sabr {
            continue;
        }
        for kind in [Call, Put] {
            for (underlying, years) in
                [(80.0, 2.0), (100.0, 2.0), (130.0, 2.0), (95.0, 0.1), (101.0, 0.02)]
            {
                let case =
                    Case { model, kind, underlying, vol: 0.45, years, rate: 0.05, carry: 0.03 };
                assert_slopes(case);
            }
        }
    }
}

fn assert_slopes(case: Case) {
    let (deviation, now) = (case.vol * case.years.sqrt(), case.price());
    let spot = |h: f64| Case { underlying: case.underlying + h, ..case }.price();
    let vol = |h: f64| Case { vol: case.vol + h, ..case }.price();
    let time = |h: f64| Case { years: case.years - h, ..case }.price();
    let (d_spot, d_vol, d_time) = (2e-3 * 100.0 * deviation, 2e-3 * case.vol, 1e-3 * case.years);
    // Values of inverse options are in coins; their delta is that of USD.
    let is_inverse = case.model == Model::Inverse;
    let usd = |h: f64| spot(h).value * if is_inverse { case.underlying + h } else { 1.0 };
    // Sizes of what is differenced: Heston is integrated to 1e-12 of an integral of size 1/deviation.
    let size = if case.model == Model::Heston { 100.0 / deviation } else { 100.0 };
    let per_spot = size / (100.0 * deviation);
    assert_slope("delta", now.delta, usd, d_spot, size);
    assert_slope("gamma", now.gamma, |h| spot(h).delta, d_spot, per_spot);
    assert_slope("speed", now.higher.speed, |h| spot(h).gamma, d_spot, per_spot / deviation);
    assert_slope("vega", now.vega, |h| vol(h).value, d_vol, size);
    assert_slope("volga", now.higher.volga, |h| vol(h).vega, d_vol, size);
    assert_slope("vanna", now.higher.vanna, |h| vol(h).delta, d_vol, per_spot);
    assert_slope("zomma", now.higher.zomma, |h| vol(h).gamma, d_vol, per_spot / deviation);
    assert_slope("theta", now.theta, |h| time(h).value, d_time, size);
    assert_slope("charm", now.higher.charm, |h| time(h).delta, d_time, per_spot);
    assert_slope("veta", now.higher.veta, |h| time(h).vega, d_time, size);
    assert_slope("color", now.higher.color, |h| time(h).gamma, d_time, per_spot / deviation);
    let d_rate = 1e-3 * deviation / case.years.max(1.0);
    assert_slope("rho", now.rho, |h| case.at_rate(h).price().value, d_rate, size);
}

/// SABR is Black-76 at the vol of Hagan's expansion, which the row tells.
#[test]
fn sabr_is_black76_at_its_vol() {
    let sabr = row(&OptionTable { vol: None, ..one_year(Model::Sabr) }).unwrap();
    let model = Sabr { alpha: 0.4, beta: 1.0, rho: -0.4, nu: 0.9 };
    let vol = model.vol(100.0 * 0.03_f64.exp(), 110.0, 1.0).unwrap();
    assert_eq!(sabr.vol, Some(vol));
    assert_eq!(row(&OptionTable { vol: one(vol), ..one_year(Model::Black76) }).unwrap(), sabr);
}

/// LITERATURE V1.15 (Lewis), V1.17 (Haug) and V1.12 (`QuantLib`) through the table.
#[test]
fn models_with_smiles_have_their_published_values() {
    let set = |numbers: &[(Parameter, f64)]| -> Vec<(Parameter, Cells<f64>)> {
        numbers.iter().map(|(parameter, number)| (*parameter, Cells::One(*number))).collect()
    };
    let lewis = OptionTable {
        strike: one(100.0),
        vol: None,
        rate: one(0.01),
        carry: one(-0.01),
        parameters: set(&[
            (Parameter::Variance, 0.04),
            (Parameter::Reversion, 4.0),
            (Parameter::MeanVariance, 0.25),
            (Parameter::VolOfVariance, 1.0),
            (Parameter::Correlation, -0.5),
        ]),
        ..one_year(Model::Heston)
    };
    let lewis = row(&lewis).unwrap();
    assert_close(lewis.value, 16.070_154_917_028_834, 1e-12);
    // The Black vol of a value is a vol that has this value.
    let black = OptionTable {
        strike: one(100.0),
        vol: lewis.vol.map(Cells::One),
        rate: one(0.01),
        carry: one(-0.01),
        ..one_year(Model::Bsm)
    };
    assert_close(row(&black).unwrap().value, lewis.value, 1e-13);

    // Haug p. 9: a quarter of the variance of 25 % vol comes from one jump a year.
    let (variance, intensity, share) = (0.25 * 0.25, 1.0, 0.25);
    let deviation = f64::sqrt(share * variance / intensity);
    let haug = OptionTable {
        strike: one(100.0),
        years: one(0.25),
        vol: one(f64::sqrt(variance - intensity * deviation * deviation)),
        rate: one(0.08),
        carry: one(0.08),
        parameters: set(&[
            (Parameter::JumpIntensity, intensity),
            (Parameter::JumpMean, -0.5 * deviation * deviation),
            (Parameter::JumpDeviation, deviation),
        ]),
        ..one_year(Model::Merton)
    };
    let haug = row(&haug).unwrap();
    assert!((haug.value - 5.88).abs() < 1e-2, "{}", haug.value);
    assert!(haug.vol.unwrap() > 0.2 && haug.vol.unwrap() < 0.25, "{:?}", haug.vol);

    let hagan = OptionTable {
        spot: None,
        forward: one(0.039),
        strike: one(0.05),
        vol: None,
        parameters: set(&[
            (Parameter::Alpha, 0.3),
            (Parameter::Beta, 0.6),
            (Parameter::Correlation, 0.01),
            (Parameter::Nu, 0.02),
        ]),
        ..one_year(Model::Sabr)
    };
    assert_close(row(&hagan).unwrap().vol.unwrap(), 1.052_266_425_815_03, 1e-12);
}

/// LITERATURE V1.3, set A and set B: third order through the table.
#[test]
fn higher_greeks_have_their_golden_numbers() {
    let a =
        OptionTable { strike: one(100.0), vol: one(0.2), carry: one(0.05), ..one_year(Model::Bsm) };
    let a = row(&a).unwrap();
    assert_close(a.rho, 53.232_481_545_376_34, 1e-12);
    assert_close(a.higher.zomma, -0.088_885_057_175_949_66, 1e-12);
    assert_close(a.higher.veta, -16.463_670_220_980_65, 1e-12);
    assert_close(a.higher.color, 0.010_530_182_235_356_57, 1e-12);
    let b = OptionTable {
        kind: Some(Cells::One(Put)),
        spot: None,
        forward: one(60_000.0),
        strike: one(55_000.0),
        years: one(30.0 / 365.0),
        vol: one(0.65),
        ..one_year(Model::Inverse)
    };
    let b = row(&b).unwrap();
    assert_close(b.higher.vanna, -0.196_091_204_913_376_4, 1e-12);
    assert_close(b.higher.charm, 0.775_377_306_094_975_8, 1e-12);
    assert_close(b.higher.speed, -2.036_251_361_228_377e-9, 1e-12);
    // What is counted in the value's unit is over the forward.
    assert_close(b.higher.volga, 1_889.252_310_660_958 / 60_000.0, 1e-12);
    assert_close(b.higher.veta, -43_156.196_394_163_39 / 60_000.0, 1e-12);
}

/// The delivery price is averaged for half an hour: Deribit's example has a delta of 1, a mark of 0.3 and half of it left.
#[test]
fn inverse_deltas_decay_in_the_settlement_window() {
    let at = |years: f64| {
        let table = OptionTable {
            spot: None,
            forward: one(100.0),
            strike: one(70.0),
            years: one(years),
            ..one_year(Model::Inverse)
        };
        row(&table).unwrap()
    };
    let (before, half, over) = (at(WINDOW_YEARS), at(WINDOW_YEARS / 2.0), at(0.0));
    assert_eq!((before.delta, before.window_left), (1.0, Some(1.0)));
    assert_close(before.net_delta.unwrap(), 0.7, 1e-12);
    assert_eq!((half.delta, half.window_left), (0.5, Some(0.5)));
    assert_close(half.net_delta.unwrap(), 0.35, 1e-12);
    assert_eq!((over.delta, over.net_delta, over.window_left), (0.0, Some(0.0), Some(0.0)));
    assert_close(over.value, 0.3, 1e-15);
    // Options that are not averaged keep theirs.
    let usd = OptionTable { years: one(WINDOW_YEARS / 2.0), ..one_year(Model::Bsm) };
    assert_eq!(row(&usd).unwrap().window_left, None);
}

/// Rows on a spot and rows on a forward share a table; each uses what it has.
#[test]
fn a_row_uses_the_spot_or_the_forward_it_has() {
    let forward = 100.0 * 0.03_f64.exp();
    let each = |cells: [Option<f64>; 6]| Some(Cells::Each(cells.to_vec()));
    let table = OptionTable {
        model: Some(Cells::Each(
            [Model::Bsm, Model::Inverse, Model::Bsm, Model::Bsm, Model::Inverse, Model::Bsm]
                .map(Some)
                .to_vec(),
        )),
        spot: each([Some(100.0), None, None, Some(100.0), Some(100.0), None]),
        forward: each([None, Some(forward), Some(forward), Some(forward), Some(104.0), None]),
        ..one_year(Model::Bsm)
    };
    let rows = price_table(&table).unwrap().rows;
    let (bsm, coin) = (rows[0].unwrap(), rows[1].unwrap());
    assert_close(coin.value * forward, bsm.value * 0.05_f64.exp(), 1e-14);
    assert_close(rows[2].unwrap().value, bsm.value, 1e-14);
    assert_eq!(rows[3].unwrap(), bsm, "both, and they agree");
    let reason = rows[4].unwrap_err().to_string();
    assert!(
        reason.starts_with(
            "`spot` is 100 and `forward` is 104, but with `carry` the forward would be 103.04"
        ),
        "{reason}"
    );
    assert_eq!(rows[5].unwrap_err(), RowError::NoUnderlying);
    let without = OptionTable { carry: None, ..table };
    let rows = price_table(&without).unwrap().rows;
    assert_eq!(rows[3].unwrap_err(), RowError::Empty("carry", Model::Bsm));
    assert_eq!(rows[4].unwrap_err(), RowError::SpotAndForward);
}

/// Found by a reader: an infinite forward was told as an infinite spot.
#[test]
fn a_price_that_is_none_has_its_own_name() {
    for (model, name) in [(Model::Bsm, "forward"), (Model::Black76, "forward")] {
        let table = OptionTable { spot: None, forward: one(f64::INFINITY), ..one_year(model) };
        let reason = row(&table).unwrap_err().to_string();
        assert_eq!(reason, format!("{name} is inf, expected a finite number"));
    }
    let table = OptionTable { spot: one(-1.0), ..one_year(Model::Black76) };
    let reason = row(&table).unwrap_err().to_string();
    assert_eq!(reason, "spot is -1, expected a positive number");
}

#[test]
fn models_with_smiles_say_what_they_lack() {
    let without = |model, parameter: Parameter| {
        let mut table = one_year(model);
        table.parameters.retain(|(known, _)| *known != parameter);
        row(&table).unwrap_err().to_string()
    };
    for (name, model) in Model::ALL {
        for parameter in model.parameters() {
            assert_eq!(Parameter::parse(parameter.name()), Some(*parameter));
            let expected = format!("`{}` is empty, and `{name}` needs it", parameter.name());
            assert_eq!(without(model, *parameter), expected);
        }
    }
    let with = |model, parameter, number| {
        let mut table = one_year(model);
        table.parameters.retain(|(known, _)| *known != parameter);
        table.parameters.push((parameter, Cells::One(number)));
        row(&table).unwrap_err().to_string()
    };
    assert_eq!(
        with(Model::Heston, Parameter::Variance, -0.1),
        "variance is -0.1, expected zero or more"
    );
    assert_eq!(
        with(Model::Sabr, Parameter::Correlation, -1.5),
        "correlation is -1.5, expected -1 to 1"
    );
    assert_eq!(
        with(Model::Sabr, Parameter::Alpha, f64::NAN),
        "alpha is NaN, expected a finite number"
    );
    assert!(
        with(Model::Merton, Parameter::JumpIntensity, 1e9)
            .starts_with("jumps to expiry is 1000000000")
    );
    let mut steep = one_year(Model::Sabr);
    steep.parameters = [(Parameter::Alpha, 0.4), (Parameter::Beta, 1.0)]
        .into_iter()
        .chain([(Parameter::Correlation, -0.95), (Parameter::Nu, 10.0)])
        .map(|(parameter, number)| (parameter, Cells::One(number)))
        .collect();
    let steep = row(&steep).unwrap_err().to_string();
    assert!(steep.starts_with("`sabr` gives no positive vol"), "{steep}");
    // Neither a vol nor a price is wanted of a model that has its own.
    assert!(row(&OptionTable { vol: None, ..one_year(Model::Heston) }).is_ok());
    let missing = price_table(&OptionTable { vol: None, ..one_year(Model::Merton) }).unwrap_err();
    assert_eq!(missing.to_string(), "no column `vol` or `price`; every row needs one of them");
}

/// What a row is priced at is priced back to its vol, for every model that can.
#[test]
fn every_model_round_trips() {
    for (name, model) in Model::ALL {
        assert_eq!((Model::parse(name), model.name()), (Some(model), name));
        let vol = if model == Model::Bachelier { 40.0 } else { 0.4 };
        for kind in [Call, Put] {
            let table = OptionTable { kind: Some(Cells::One(kind)), ..one_year(model) };
            let priced = row(&table).unwrap();
            let back = row(&OptionTable { vol: None, price: one(priced.value), ..table });
            if matches!(model, Model::CashDigital | Model::AssetDigital) {
                let expected = format!("the price of `{name}` does not imply one vol; give `vol`");
                assert_eq!(back.unwrap_err().to_string(), expected);
            } else if model.has_smile() {
                assert_eq!(back.unwrap_err(), RowError::SmilePrice(model));
            } else {
                let back = back.unwrap();
                assert_close(back.vol.unwrap(), vol, 1e-13);
                assert_close(back.vega, priced.vega, 1e-12);
            }
        }
    }
}

#[test]
fn rows_are_the_formulas() {
    let bsm = row(&one_year(Model::Bsm)).unwrap();
    let terms = Terms { spot: 100.0, strike: 110.0, years: 1.0, vol: 0.4, rate: 0.05, carry: 0.03 };
    let greeks = black_scholes(Call, terms);
    assert_eq!((bsm.value, bsm.delta), (greeks.value, greeks.delta));
    assert_eq!((bsm.theta, bsm.net_delta), (greeks.theta, None));
    // A forward made of spot and carry has the same value.
    let black = row(&one_year(Model::Black76)).unwrap();
    assert_close(black.value, greeks.value, 1e-14);
    let coin =
        OptionTable { settlement: Some(Cells::One(PaidIn::Coin)), ..one_year(Model::Black76) };
    let coin = row(&coin).unwrap();
    let expected = inverse::coin_greeks(Call, 100.0 * 0.03_f64.exp(), 110.0, 1.0, 0.4);
    assert_eq!((coin.value, coin.net_delta), (expected.value, Some(expected.net_delta)));
    // Years counted from two times.
    let stamped = OptionTable {
        years: None,
        time: Some(Cells::One(Timestamp::parse("2024-12-27T08:00:00Z").unwrap())),
        expiry: Some(Cells::One(Timestamp::parse("2025-12-27T08:00:00Z").unwrap())),
        ..one_year(Model::Bsm)
    };
    assert_eq!(row(&stamped).unwrap(), bsm);
}

#[test]
fn bad_rows_have_reasons_and_no_numbers() {
    let number = |cells: [Option<f64>; 6]| Some(Cells::Each(cells.to_vec()));
    let good = Some(1.0);
    let table = OptionTable {
        strike: number([good, Some(-1.0), good, None, good, good]),
        years: number([good, good, Some(-0.1), good, good, good]),
        vol: number([good, good, good, good, Some(f64::NAN), good]),
        rate: number([good, good, good, good, good, None]),
        ..one_year(Model::Bsm)
    };
    let priced = price_table(&table).unwrap();
    let reasons: Vec<String> = priced
        .reasons()
        .map(|reason| reason.map_or_else(String::new, |reason| reason.to_string()))
        .collect();
    assert_eq!(
        reasons,
        [
            "",
            "strike is -1, expected a positive number",
            "years is -0.1, expected zero or more",
            "`strike` is empty",
            "vol is NaN, expected a finite number",
            "`rate` is empty, and `bsm` needs it",
        ]
    );
    let known: Vec<bool> = priced.rows.iter().map(Result::is_ok).collect();
    assert_eq!(known, [true, false, false, false, false, false]);
    let usd = OptionTable { settlement: Some(Cells::One(PaidIn::Usd)), ..one_year(Model::Inverse) };
    assert_eq!(row(&usd).unwrap_err().to_string(), "`inverse` is not settled in USD");
    let cheap = OptionTable { vol: None, price: one(-1.0), ..one_year(Model::Inverse) };
    let reason = row(&cheap).unwrap_err().to_string();
    assert_eq!(reason, "price -1 is below the intrinsic value 0");
    let huge = OptionTable {
        spot: one(1e308),
        strike: one(1e-308),
        vol: one(1e300),
        ..one_year(Model::Bsm)
    };
    // Numbers or a reason, and neither a panic nor a NaN.
    assert!(row(&huge).is_err() || row(&huge).unwrap().value.is_finite());
}

#[test]
fn tables_that_mean_nothing() {
    let text = |table: OptionTable| price_table(&table).unwrap_err().to_string();
    let good = || one_year(Model::Bsm);
    assert_eq!(
        text(OptionTable { model: None, ..good() }),
        "no column `model`; every row needs it"
    );
    assert_eq!(
        text(OptionTable { spot: None, ..good() }),
        "no column `spot` or `forward`; every row needs one of them"
    );
    assert_eq!(
        text(OptionTable { price: Some(Cells::One(1.0)), ..good() }),
        "both `vol` and `price` are given; leave one out"
    );
    assert_eq!(
        text(OptionTable { vol: None, ..good() }),
        "no column `vol` or `price`; every row needs one of them"
    );
    assert_eq!(
        text(OptionTable { forward: one(1.0), carry: None, ..good() }),
        "both `spot` and `forward` are given; leave one out"
    );
    let time = Timestamp::parse("2024-12-27T08:00:00Z").unwrap();
    let expiry = OptionTable { years: None, expiry: Some(Cells::One(time)), ..good() };
    assert_eq!(text(expiry), "no column `time`; the years to `expiry` are counted from it");
    let uneven = OptionTable {
        strike: Some(Cells::Each(vec![Some(1.0); 3])),
        vol: Some(Cells::Each(vec![Some(1.0); 2])),
        ..good()
    };
    assert_eq!(text(uneven), "column `vol` has 2 rows, `strike` has 3");
}
