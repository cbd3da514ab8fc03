//! Books of fills against programmes that hold the same options at the same rows.
#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "tests")]

use hedgerow_core::OptionTradeKind::{Close, Expire, Open};
use hedgerow_core::{AssetColumns, Exposure, Grade, Market, Timestamp};
use hedgerow_greeks::{
    BookLine, BookSpec, Deltas, Fill, FillLine, HedgeDelta, OptionKind, PaidIn, Past, VolMarks,
    book_delta, resolve, value,
};

const N_ROWS: usize = 40;

fn day(days: i64) -> Timestamp {
    Timestamp::parse("2024-01-01T08:00:00Z").unwrap().plus_days(days)
}

fn market() -> Market {
    let spot: Vec<f64> =
        (0..N_ROWS).map(|row| 100.0 * (0.05 * (row as f64 / 3.0).sin()).exp()).collect();
    let asset = AssetColumns { name: "BTC".to_owned(), spot, open: None, high: None, low: None };
    let time = (0..N_ROWS).map(|row| day(i64::try_from(row).unwrap())).collect();
    Market::new(time, vec![asset], vec![], vec![]).unwrap()
}

fn vols() -> [VolMarks; 1] {
    let vol = (0..N_ROWS).map(|row| Some(0.6 + 0.05 * (row as f64 / 5.0).cos())).collect();
    [VolMarks { vol, grade: Grade::Synthetic, ..VolMarks::unknown(N_ROWS) }]
}

fn programme(market: &Market, side: &str, quantity: f64, settlement: &str) -> BookLine {
    let text = format!(
        "programme = \"call\"\nside = \"{side}\"\nquantity = {quantity}\nstrike = {{ usd = 105 }}\n\
         expiry = \"2024-01-31T08:00:00Z\"\nsettlement = \"{settlement}\""
    );
    let spec: BookSpec = toml::from_str(&text).unwrap();
    resolve(&spec, market).unwrap()
}

fn fills(settlement: PaidIn, fills: &[(i64, f64, f64)]) -> BookLine {
    BookLine::Fills(FillLine {
        asset: 0,
        ticker: "BTC".to_owned(),
        instrument: "BTC-31JAN24-105-C".to_owned(),
        kind: OptionKind::Call,
        strike: 105.0,
        expiry: day(30),
        settlement,
        fills: fills
            .iter()
            .map(|(days, coins, price)| Fill {
                place: "row 1".to_owned(),
                time: day(*days),
                coins: *coins,
                price: *price,
                price_in: PaidIn::Usd,
                fee: None,
            })
            .collect(),
    })
}

fn exposure(market: &Market, line: BookLine) -> Exposure {
    value(market, &vols(), &[line], 0.03).unwrap().exposure
}

/// A book of one fill at the first row is the programme that opens there, bit for bit, whatever was paid: what the fill
/// paid stands beside, for the costs.
#[test]
fn one_fill_is_the_programme_that_opens_there() {
    let market = market();
    for (settlement, typed) in [(PaidIn::Usd, "usd"), (PaidIn::Coin, "coin")] {
        let mut of_fills = exposure(&market, fills(settlement, &[(0, -2.0, 7.5)]));
        let agreed = of_fills.trades[0].agreed.take().unwrap();
        assert_eq!((agreed.price.to_bits(), agreed.fee), (7.5_f64.to_bits(), None));
        assert_eq!(of_fills, exposure(&market, programme(&market, "short", 2.0, typed)));
    }
}

/// Fills add up: value, slopes and explained P&L at each row are those of one coin times what is held after it.
#[test]
fn what_is_held_is_the_sum_of_the_fills() {
    let market = market();
    let unit = exposure(&market, programme(&market, "long", 1.0, "usd"));
    let all = [(2, 1.0, 3.0), (5, 2.0, 3.0), (9, -1.5, 3.0), (12, -2.5, 3.0), (20, 0.25, 3.0)];
    let book = exposure(&market, fills(PaidIn::Usd, &all));
    let held = |row: usize| -> f64 {
        let made = all.iter().filter(|fill| fill.0 <= i64::try_from(row).unwrap());
        made.map(|fill| fill.1).sum()
    };
    for row in 0..N_ROWS {
        let coins = if row < 30 { held(row) } else { 0.0 };
        for (found, unit) in [
            (book.value[row], unit.value[row]),
            (book.slopes[0].delta[row], unit.slopes[0].delta[row]),
            (book.slopes[0].gamma[row], unit.slopes[0].gamma[row]),
            (book.slopes[0].vega[row], unit.slopes[0].vega[row]),
            (book.slopes[0].theta[row], unit.slopes[0].theta[row]),
        ] {
            assert!((found - coins * unit).abs() <= 1e-12 * unit.abs(), "row {row}");
        }
        let before = if row == 0 { 0.0 } else { held(row - 1) };
        let pnl = book.explained.sum(row);
        let expected = before * unit.explained.sum(row);
        assert!((pnl - expected).abs() < 1e-9, "row {row}: {pnl} against {expected}");
        let flow = book.value[row] + book.cash_flow[row]
            - if row == 0 { 0.0 } else { book.value[row - 1] };
        assert!((pnl - flow).abs() < 1e-9, "row {row}");
    }
    // −2.5 of 1.5 held: what closes and what opens anew are two trades.
    let kinds: Vec<_> =
        book.trades.iter().map(|trade| (trade.row, trade.kind, trade.traded)).collect();
    assert_eq!(
        kinds,
        [
            (2, Open, 1.0),
            (5, Open, 2.0),
            (9, Close, -1.5),
            (12, Close, -1.5),
            (12, Open, -1.0),
            (20, Close, 0.25),
            (30, Expire, 0.75),
        ]
    );
}

/// The delta of a book by another rule follows what is held.
#[test]
fn chosen_deltas_follow_what_is_held() {
    let market = market();
    let entry = hedgerow_greeks::DELTAS.iter().find(|entry| entry.name == "black_scholes").unwrap();
    let rule: Box<dyn HedgeDelta> =
        (entry.build)(toml::Spanned::new(0..0, toml::de::DeValue::Table(toml::de::DeTable::new())))
            .unwrap();
    let past = Past { market: &market, asset: 0, chain: None, surfaces: None };
    let deltas = Deltas::new(&*rule, past).unwrap();
    let line = || fills(PaidIn::Usd, &[(2, 1.0, 3.0), (9, -2.5, 3.0), (20, 1.5, 3.0)]);
    let chosen = book_delta(&[line()], &vols()[0], 0.03, &deltas).unwrap();
    let book = exposure(&market, line());
    for (row, delta) in chosen.iter().enumerate() {
        assert!((delta.unwrap() - book.slopes[0].delta[row]).abs() < 1e-12, "row {row}");
    }
}
