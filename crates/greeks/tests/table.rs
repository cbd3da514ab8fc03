//! The table behind the command: columns in, columns and reasons out.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod common;

use common::assert_close;
use hedgerow_core::Timestamp;
use hedgerow_greeks::OptionKind::{Call, Put};
use hedgerow_greeks::{
    Cells, Model, OptionTable, PaidIn, Terms, black_scholes, inverse, price_table,
};

fn one_year(model: Model) -> OptionTable {
    OptionTable {
        model: Some(Cells::One(model)),
        kind: Some(Cells::One(Call)),
        spot: Some(Cells::One(100.0)),
        strike: Some(Cells::One(110.0)),
        years: Some(Cells::One(1.0)),
        vol: Some(Cells::One(0.4)),
        rate: Some(Cells::One(0.05)),
        carry: Some(Cells::One(0.03)),
        ..OptionTable::default()
    }
}

/// What a row is priced at is priced back to its vol, for every model that can.
#[test]
fn every_model_round_trips() {
    for (name, model) in Model::ALL {
        assert_eq!((Model::parse(name), model.name()), (Some(model), name));
        let vol = if model == Model::Bachelier { 40.0 } else { 0.4 };
        for kind in [Call, Put] {
            let table = OptionTable {
                kind: Some(Cells::One(kind)),
                vol: Some(Cells::One(vol)),
                ..one_year(model)
            };
            let priced = price_table(&table).unwrap();
            assert_eq!(priced.reason, [None], "{name}");
            let back = OptionTable {
                vol: None,
                price: Some(Cells::One(priced.value[0].unwrap())),
                ..table
            };
            let back = price_table(&back).unwrap();
            if matches!(model, Model::CashDigital | Model::AssetDigital) {
                let expected = format!("the price of `{name}` does not imply one vol; give `vol`");
                assert_eq!(back.reason[0].unwrap().to_string(), expected);
            } else {
                assert_close(back.vol[0].unwrap(), vol, 1e-13);
                assert_close(back.vega[0].unwrap(), priced.vega[0].unwrap(), 1e-12);
            }
        }
    }
}

#[test]
fn rows_are_the_formulas() {
    let bsm = price_table(&one_year(Model::Bsm)).unwrap();
    let terms = Terms { spot: 100.0, strike: 110.0, years: 1.0, vol: 0.4, rate: 0.05, carry: 0.03 };
    let greeks = black_scholes(Call, terms);
    assert_eq!((bsm.value[0], bsm.delta[0]), (Some(greeks.value), Some(greeks.delta)));
    assert_eq!((bsm.theta[0], bsm.net_delta[0]), (Some(greeks.theta), None));
    // A forward made of spot and carry has the same value.
    let black = price_table(&one_year(Model::Black76)).unwrap();
    assert_close(black.value[0].unwrap(), greeks.value, 1e-14);
    let coin =
        OptionTable { settlement: Some(Cells::One(PaidIn::Coin)), ..one_year(Model::Black76) };
    let coin = price_table(&coin).unwrap();
    let expected = inverse::coin_greeks(Call, 100.0 * 0.03_f64.exp(), 110.0, 1.0, 0.4);
    assert_eq!(
        (coin.value[0], coin.net_delta[0]),
        (Some(expected.value), Some(expected.net_delta))
    );
    // Years counted from two times.
    let stamped = OptionTable {
        years: None,
        time: Some(Cells::One(Timestamp::parse("2024-12-27T08:00:00Z").unwrap())),
        expiry: Some(Cells::One(Timestamp::parse("2025-12-27T08:00:00Z").unwrap())),
        ..one_year(Model::Bsm)
    };
    assert_eq!(price_table(&stamped).unwrap(), bsm);
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
        .reason
        .iter()
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
    for column in [&priced.value, &priced.delta, &priced.gamma, &priced.vega, &priced.vol] {
        let known: Vec<bool> = column.iter().map(Option::is_some).collect();
        assert_eq!(known, [true, false, false, false, false, false]);
    }
    let usd = OptionTable { settlement: Some(Cells::One(PaidIn::Usd)), ..one_year(Model::Inverse) };
    let reason = price_table(&usd).unwrap().reason[0].unwrap().to_string();
    assert_eq!(reason, "`inverse` is not settled in USD");
    let cheap =
        OptionTable { vol: None, price: Some(Cells::One(-1.0)), ..one_year(Model::Inverse) };
    let reason = price_table(&cheap).unwrap().reason[0].unwrap().to_string();
    assert_eq!(reason, "price -1 is below the intrinsic value 0");
    let huge = OptionTable {
        spot: Some(Cells::One(1e308)),
        strike: Some(Cells::One(1e-308)),
        vol: Some(Cells::One(1e300)),
        ..one_year(Model::Bsm)
    };
    let huge = price_table(&huge).unwrap();
    assert!(huge.value[0].is_some() || huge.reason[0].is_some());
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
        text(OptionTable { forward: Some(Cells::One(1.0)), ..good() }),
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
