//! Dated futures from files to rows of a market.

use std::fmt::Write;

use hedgerow_core::{Market, PaidIn};
use hedgerow_data::{DataError, Loaded};

use crate::{findings, folder_with, load_in};

/// A daily spot of 2026-02-04 .. 2026-02-10.
const SPOT: &str = "time,close
2026-02-04,100
2026-02-05,101
2026-02-06,102
2026-02-07,103
2026-02-08,104
2026-02-09,105
2026-02-10,106
";

const MANY: &str = "when,name,price
1770163200000,BTC-6FEB26,100.5
1770163200000,ETH-6FEB26,50
1770163200000,BTC-27MAR26,102
1770249600000,BTC-6FEB26,101.5
1770249600000,BTC-27MAR26,103
1770249600000,BTC-PERPETUAL,103
1770336000000,BTC-6FEB26,102.5
1770336000000,BTC-27MAR26,
1770422400000,BTC-6FEB26,103.5
1770422400000,BTC-27MAR26,105
";

fn load_futures(files: &[(&str, &str)], series: &str) -> Result<Loaded, DataError> {
    let folder = folder_with("spot.csv", SPOT);
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let mut text = "series = [{ is = \"spot\", asset = \"BTC\", path = \"spot.csv\" },".to_owned();
    writeln!(text, "{series}]").unwrap();
    load_in(folder.path(), &text)
}

const MAPPED: &str = "{ is = \"future\", asset = \"BTC\", path = \"many.csv\", columns = { time = \"when\", instrument = \"name\", close = \"price\" } }";

fn prices(market: &Market, name: &str) -> Vec<Option<f64>> {
    market.futures().iter().find(|future| future.name == name).unwrap().price.clone()
}

#[test]
fn many_contracts_in_one_file() {
    let loaded = load_futures(&[("many.csv", MANY)], MAPPED).unwrap();
    let market = &loaded.market;
    assert_eq!(market.futures().len(), 2);
    assert_eq!(market.futures()[0].terms.size, 10.0, "Deribit's contracts on BTC are of 10 USD");
    assert_eq!(market.futures()[0].terms.paid_in, PaidIn::Coin);
    // It expires on the sixth at 08:00: the price stamped on the seventh is no price.
    let near = [Some(100.5), Some(101.5), Some(102.5), None, None, None, None];
    assert_eq!(prices(market, "BTC-6FEB26"), near);
    // Where it is not quoted, and for up to three days after its last price, it moves with the spot.
    let far = prices(market, "BTC-27MAR26");
    assert_eq!([far[0], far[1], far[3]], [Some(102.0), Some(103.0), Some(105.0)]);
    for (row, expected) in
        [(2, 103.0 / 101.0 * 102.0), (4, 105.0 / 103.0 * 104.0), (6, 105.0 / 103.0 * 106.0)]
    {
        assert!((far[row].unwrap() - expected).abs() < 1e-12);
    }
    assert_eq!(
        market.futures()[1].ends.map(hedgerow_core::Timestamp::date),
        Some("2026-02-07".to_owned())
    );
    let said = findings(&loaded.quality).join("\n");
    for expected in [
        "BTC futures: stale figures: 4 prices at rows are older than 1d: they move with the spot since they were \
         said, and their basis is not known to be so; the longest, of BTC-27MAR26, is carried over 3d, from \
         2026-02-07T00:00:00Z to 2026-02-10T00:00:00Z",
        "the prices of 1 contracts end early: BTC-27MAR26 at 2026-02-07T00:00:00Z (it expires at 2026-03-27T08:00:00Z); who \
         holds one leaves it there",
        "BTC futures: unusable values: 1 prices are stamped after the expiry of their future and are dropped",
        "BTC futures: unusable values: 1 rows say no price",
        "2 rows are not of dated futures on BTC and are passed over: BTC-PERPETUAL, ETH-6FEB26",
    ] {
        assert!(said.contains(expected), "{expected} in\n{said}");
    }
    let continuous = market.continuous_future(0, PaidIn::Coin, 2 * 86_400_000);
    assert_eq!(continuous.rolls.len(), 1);
    assert_eq!((continuous.rolls[0].left_at, continuous.rolls[0].entered_at), (101.5, 103.0));
    assert_eq!(
        hedgerow_data::describe_rolls(market, &continuous),
        [
            "2026-02-05T00:00:00Z: BTC-6FEB26 is left at 101.5 and BTC-27MAR26 entered at 103 (+1.48 %)"
        ]
    );
}

#[test]
fn one_contract_per_file_is_told_by_the_name_of_the_file() {
    let bars = "time,open,high,low,close\n2026-02-04,100,102,99,101\n2026-02-05,101,103,100,102\n";
    let loaded = load_futures(
        &[("BTCUSDT_260327-1d.csv", bars)],
        "{ is = \"future\", asset = \"BTC\", path = \"BTCUSDT_260327-1d.csv\", bar = \"start\", tick = 0.1 }",
    )
    .unwrap();
    let future = &loaded.market.futures()[0];
    assert_eq!(future.name, "BTCUSDT_260327");
    assert_eq!(
        (future.terms.paid_in, future.terms.size, future.terms.tick),
        (PaidIn::Usd, 1.0, Some(0.1))
    );
    assert_eq!(future.price[..4], [None, Some(101.0), Some(102.0), Some(103.0)]);
    assert_eq!(future.ends.map(hedgerow_core::Timestamp::date), Some("2026-02-06".to_owned()));
}

/// The program once gave a contract paid in USD the name of one paid in coins, and then refused it for its name.
#[test]
fn a_contract_without_a_name_is_given_one_that_fits() {
    let bars = "time,close\n2026-02-04,100\n2026-02-05,101\n";
    for (paid_in, name) in [("usd", "BTC_USDC-6FEB26"), ("coin", "BTC-6FEB26")] {
        let series = format!(
            "{{ is = \"future\", asset = \"BTC\", path = \"x.csv\", bar = \"end\", expiry = \"2026-02-06 08:00\", \
             paid_in = \"{paid_in}\", contract_size = 10 }}"
        );
        let loaded = load_futures(&[("x.csv", bars)], &series).unwrap();
        assert_eq!(loaded.market.futures()[0].name, name);
    }
}

#[test]
fn lists_of_contracts_complete_and_contradict() {
    let list = r#"{ "result": [{ "kind": "future", "instrument_name": "BTC-27MAR26", "instrument_type": "reversed",
        "expiration_timestamp": 1774598400000, "tick_size": 2.5, "contract_size": 10.0, "min_trade_amount": 10.0 }] }"#;
    let series =
        format!("{{ is = \"instruments\", asset = \"BTC\", path = \"list.json\" }}, {MAPPED}");
    let loaded = load_futures(&[("many.csv", MANY), ("list.json", list)], &series).unwrap();
    let far = &loaded.market.futures()[1];
    assert_eq!(
        (far.name.as_str(), far.terms.tick, far.terms.lot),
        ("BTC-27MAR26", Some(2.5), Some(1.0))
    );
    let error = |list: &str| {
        load_futures(&[("many.csv", MANY), ("list.json", list)], &series).unwrap_err().to_string()
    };
    assert_eq!(
        error(&list.replace("1774598400000", "1774699200000")),
        "`list.json` record 1: the expiry of `BTC-27MAR26` is 2026-03-28T12:00:00Z, but its name says 2026-03-27T08:00:00Z"
    );
    assert_eq!(
        error(&list.replace("reversed", "linear")),
        "`list.json` record 1: the currency of payment of `BTC-27MAR26` is USD, but its name says coin"
    );
    assert!(
        error(&list.replace("tick_size", "tick"))
            .starts_with("`list.json` has no column `tick_size`")
    );
}

#[test]
fn what_is_not_known_is_asked_for() {
    let bars = "time,close\n2026-02-04,100\n2026-02-05,101\n";
    let error = |keys: &str| {
        let series = format!("{{ is = \"future\", asset = \"BTC\", path = \"x.csv\", {keys} }}");
        load_futures(&[("x.csv", bars)], &series).unwrap_err().to_string()
    };
    assert!(
        error("bar = \"end\"").contains(
            "the expiry of `x.csv: BTC future` is not known; declare it with `expiry = …`"
        )
    );
    let said = error("bar = \"end\", expiry = \"2026-02-06 08:00\"");
    assert!(said.contains("declare it with `paid_in = …`"), "{said}");
    let said = error("instrument = \"BTC-6FEB26\", paid_in = \"usd\"");
    assert_eq!(
        said,
        "`x.csv` as declared: the currency of payment of `BTC-6FEB26` is usd, but its name says coin"
    );
}

/// Found on real futures: a hole of any length was bridged with a price that stood still, and `max_gap` and strict mode let
/// it pass.
#[test]
fn strict_refuses_futures_that_are_quoted_too_rarely() {
    let quoted = |days: &[i64]| {
        let mut text = "when,name,price\n".to_owned();
        for day in days {
            writeln!(text, "{},BTC-27MAR26,102", 1_770_163_200_000_i64 + day * 86_400_000).unwrap();
        }
        text
    };
    let load = |days: &[i64], more: &str| {
        let folder = folder_with("spot.csv", SPOT);
        std::fs::write(folder.path().join("many.csv"), quoted(days)).unwrap();
        let spot = "{ is = \"spot\", asset = \"BTC\", path = \"spot.csv\" }";
        load_in(folder.path(), &format!("{more}\nseries = [{spot}, {MAPPED}]"))
    };
    let strict = "quality = \"strict\"";
    assert!(load(&[0, 1, 2, 3, 4, 5, 6], strict).is_ok());
    let refused = load(&[0, 1, 2, 6], strict).unwrap_err().to_string();
    assert!(
        refused.contains("is carried over 3d, from 2026-02-06T00:00:00Z to 2026-02-09T00:00:00Z"),
        "{refused}"
    );
    let loaded = load(&[0, 1, 2, 6], "max_gap = \"2d\"").unwrap();
    let future = &loaded.market.futures()[0];
    assert_eq!(future.price.iter().position(Option::is_none), Some(5));
    let hole = future.holes.iter().map(|(after, before)| (after.date(), before.date()));
    assert!(hole.eq([("2026-02-06".to_owned(), "2026-02-10".to_owned())]));
}
