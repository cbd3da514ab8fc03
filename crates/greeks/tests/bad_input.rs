//! Every wrong setting has one clear message.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod common;

use common::{line, market, setting, small_market, vols};
use hedgerow_core::registry::{build, parameters};
use hedgerow_core::{AssetColumns, Market};
use hedgerow_greeks::{OptionSpec, VOLS, resolve_unit, value};

#[track_caller]
fn assert_message(table: &str, expected: &str) {
    let error = line(table, &market(1, 3)).unwrap_err();
    assert_eq!(error.to_string(), expected);
    assert!(error.span.is_some_and(|span| !span.is_empty()), "no place for: {expected}");
}

#[test]
fn lines_of_the_book() {
    let straddle = r#"programme = "straddle", side = "short", quantity = 10"#;
    let call = r#"programme = "call", side = "long", quantity = 1, tenor_days = 30"#;
    assert_message(
        r#"programme = "stradle", quantity = 1"#,
        "unknown programme `stradle`; known: spot, call, put, straddle, strangle, collar, put_spread",
    );
    assert_message(
        r#"programme = "spot", asset = "ETH", quantity = 1"#,
        "unknown asset `ETH`; known: BTC",
    );
    assert_message(
        r#"programme = "spot", quantity = -1"#,
        "`quantity` must be positive, found -1; say `side = \"short\"` to sell",
    );
    assert_message(
        r#"programme = "spot", quantity = 1, tenor_days = 30"#,
        "programme `spot` takes no `tenor_days`; it is for options",
    );
    assert_message(
        r#"programme = "straddle", quantity = 1, tenor_days = 30"#,
        "programme `straddle` needs `side`: \"long\" or \"short\"",
    );
    assert_message(straddle, "programme `straddle` needs `tenor_days` or `expiry`");
    assert_message(
        &format!(r#"{straddle}, tenor_days = 30, expiry = "2024-03-29""#),
        "`expiry` and `tenor_days` contradict each other: give one of them",
    );
    assert_message(
        &format!("{straddle}, tenor_days = 30, roll_days = 30"),
        "`roll_days` must be less than `tenor_days` = 30, found 30; leave it out to hold to expiry",
    );
    assert_message(
        &format!(r#"{straddle}, expiry = "2024-03-29", roll_days = 7"#),
        "`roll_days` needs `tenor_days`: an option with a fixed `expiry` is not re-opened",
    );
    assert_message(
        &format!(r#"{straddle}, expiry = "2024-13-29""#),
        "`expiry` is `2024-13-29`, expected a time such as 2024-03-29 or 2024-03-29T08:00:00Z",
    );
    assert_message(
        &format!("{straddle}, tenor_days = 0"),
        "`tenor_days` must be positive and at most 36500, found 0",
    );
    assert_message(call, "programme `call` needs `strike`, such as `strike = { moneyness = 0.9 }`");
    assert_message(
        &format!("{call}, strike = {{ moneyness = -0.5 }}"),
        "`moneyness` must be positive, found -0.5",
    );
    assert_message(
        &format!("{call}, strike = {{ delta = 1.5 }}"),
        "`delta` must lie between 0 and 1 (its absolute value), found 1.5",
    );
    assert_message(&format!("{call}, strike = {{ usd = 0 }}"), "`usd` must be positive, found 0");
    assert_message(
        r#"programme = "strangle", side = "long", quantity = 1, tenor_days = 30, strike = { usd = 5 }"#,
        "programme `strangle` takes no `strike`; it takes `put` and `call`",
    );
    assert_message(
        &format!("{straddle}, tenor_day = 30"),
        "unknown field `tenor_day`, expected one of `programme`, `asset`, `side`, `quantity`, `tenor_days`, \
         `expiry`, `roll_days`, `settlement`, `listed`, `strike`, `put`, `call`, `lower`, `upper`",
    );
}

#[test]
fn several_assets_must_be_told_apart() {
    let one = market(1, 3);
    let eth = AssetColumns { name: "ETH".to_owned(), ..one.assets()[0].clone() };
    let both = Market::new(one.time().to_vec(), vec![one.assets()[0].clone(), eth], vec![], vec![])
        .unwrap();
    let error = line(r#"programme = "spot", quantity = 1"#, &both).unwrap_err();
    assert_eq!(error.to_string(), "`asset` is needed: the market has several, BTC, ETH");
    let eth = line(r#"programme = "spot", quantity = 1, asset = "ETH""#, &both).unwrap();
    assert_eq!(eth.asset(), 1);
}

#[test]
fn options_of_a_hedge() {
    let market = market(1, 3);
    let unit = |text: &str| {
        let text = format!("option = {{ {text} }}");
        parameters::<OptionSpec>(setting(&text)).and_then(|spec| resolve_unit(&spec, &market, 0))
    };
    let put = unit(r#"programme = "put", strike = { moneyness = 0.9 }, tenor_days = 30"#).unwrap();
    assert_eq!(put.name(), "long 1 BTC put");
    let error = unit(r#"programme = "spot""#).unwrap_err();
    assert_eq!(error.to_string(), "programme `spot` is not an option");
    let error = unit(r#"programme = "put", quantity = 3"#).unwrap_err();
    assert!(error.to_string().starts_with("unknown field `quantity`, expected one of `programme`"));
}

#[test]
fn vol_models() {
    let message = |text: &str| build(VOLS, setting(text), "vol model").unwrap_err().to_string();
    assert_eq!(
        message("model = \"dvoll\""),
        "unknown vol model `dvoll`; known: constant, dvol, realised, surface"
    );
    assert_eq!(
        message("model = { constant = { percent = 0.65 } }"),
        "`percent` must lie between 1 and 1000 (65 means 65 %), found 0.65"
    );
    assert_eq!(
        message("model = { realised = { estimator = { ewma = { half_life_days = 0 } } } }"),
        "`half_life_days` must be positive, found 0"
    );
    assert_eq!(
        message("model = { realised = { estimator = { parkinson = { window = 0 } } } }"),
        "unknown field `window`, expected `window_days`"
    );
}

#[test]
fn columns_that_are_not_there() {
    let whole = market(1, 300);
    let asset = AssetColumns { low: None, ..whole.assets()[0].clone() };
    let bare = Market::new(whole.time().to_vec(), vec![asset], vec![], vec![]).unwrap();
    let message = |text: &str, market: &Market| {
        build(VOLS, setting(text), "vol model").unwrap().column(market, 0).unwrap_err().to_string()
    };
    assert_eq!(
        message("model = \"dvol\"", &bare),
        "BTC: vol model `dvol` needs a DVOL column, the market has none; add one under [market], or use `realised` \
         or `constant`"
    );
    assert_eq!(
        message(
            "model = { realised = { estimator = { parkinson = { window_days = 1 } } } }",
            &bare
        ),
        "BTC: estimator `parkinson` needs high and low prices, the market has no `low` column; map one under \
         [market], or use `ewma`"
    );
    let calm = small_market(&[
        ("2024-01-01", 100.0, None),
        ("2024-01-02", 101.0, None),
        ("2024-01-03", 101.0, None),
    ]);
    let text = "model = { realised = { estimator = { ewma = { half_life_days = 1 } }, premium_points = -20 } }";
    assert_eq!(
        message(text, &calm),
        "BTC: row 2 (2024-01-03T00:00:00Z): realised vol with its premium is -9.02 %, expected a positive number; \
         raise `premium_points` or lengthen the window"
    );
}

#[test]
fn books_that_do_not_fit_the_data() {
    let market = small_market(&[
        ("2024-03-01", 100.0, None),
        ("2024-03-02", 100.0, Some(0.5)),
        ("2024-03-31", 110.0, Some(0.6)),
    ]);
    let marks = vols("model = \"dvol\"", &market);
    let message = |table: &str, from: usize| {
        let book = [line(table, &market).unwrap()];
        let rows = from..market.n_rows();
        value(&market.slice(rows.clone()), &[marks[0].slice(rows)], &book, 0.0)
            .unwrap_err()
            .to_string()
    };
    let straddle = r#"programme = "straddle", side = "short", quantity = 10"#;
    assert_eq!(
        message(&format!(r#"{straddle}, expiry = "2024-03-01""#), 1),
        "short 10 BTC straddle: expiry before the data: the option expires 2024-03-01T00:00:00Z, the first row is \
         2024-03-02T00:00:00Z; choose a later `expiry` or an earlier `from`"
    );
    assert_eq!(
        message(&format!("{straddle}, tenor_days = 20"), 0),
        "BTC: vol model `dvol` has no vol at 2024-03-01T00:00:00Z, where an option is valued; it starts \
         2024-03-02T00:00:00Z: set `from` to that day or later, or use another model"
    );
    assert_eq!(
        message(
            r#"programme = "collar", side = "long", quantity = 1, tenor_days = 20, put = { usd = 120 }, call = { delta = 0.25 }"#,
            1
        ),
        "long 1 BTC collar: at 2024-03-02T00:00:00Z the strike of `put` is 120 and that of `call` is \
         108.96; `put` must be below `call`"
    );
    let long = line(&format!("{straddle}, tenor_days = 36500, roll_days = 20"), &market).unwrap();
    let rows = 1..market.n_rows();
    let sliced = market.slice(rows.clone());
    assert_eq!(
        value(&sliced, &[marks[0].slice(rows)], &[long], 8.0).unwrap_err().to_string(),
        "short 10 BTC straddle: an option from 2024-03-02T00:00:00Z to 2124-02-07T00:00:00Z cannot be discounted at a rate of \
         8 a year: |rate x years| must be at most 700; lower the rate or bring the expiry forward"
    );
}

/// An option that the data do not reach the end of is held to the last row at its mark, and this is said; it is not settled.
#[test]
fn an_expiry_beyond_the_data_stays_open() {
    let market = small_market(&[
        ("2024-03-01", 100.0, Some(0.5)),
        ("2024-03-02", 102.0, Some(0.5)),
        ("2024-03-31", 110.0, Some(0.6)),
    ]);
    let marks = vols("model = \"dvol\"", &market);
    for life in ["tenor_days = 60", "expiry = \"2024-04-30\"", "tenor_days = 90, roll_days = 60"] {
        let table = format!(r#"programme = "straddle", side = "long", quantity = 1, {life}"#);
        let book = [line(&table, &market).unwrap()];
        let valued = value(&market, &marks, &book, 0.0).unwrap();
        let exposure = &valued.exposure;
        // A call and a put are opened; nothing is settled or sold.
        assert_eq!(exposure.trades.len(), 2, "{life}: {:?}", exposure.trades);
        assert!(exposure.value[2] > 10.0 && exposure.slopes[0].delta[2] > 0.3, "{life}");
        let last = valued.notes.last().unwrap();
        assert!(
            last.ends_with("is still open at the last row and stands at its mark"),
            "{life}: {last}"
        );
    }
}
