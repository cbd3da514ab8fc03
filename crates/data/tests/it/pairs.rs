//! What series of one market say of each other.

use std::fmt::Write;

use crate::real_data::load_real;
use crate::{findings, folder_with, load_in};

/// A walk of 400 hours, from a generator of whole numbers.
fn walk() -> Vec<f64> {
    let mut state = 12_345_u32;
    let mut price = 100.0;
    let step = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        price *= 1.0 + (f64::from(state >> 16) / 65_536.0 - 0.5) * 0.02;
        price
    };
    (0..400).map(step).collect()
}

fn closes(prices: &[f64]) -> String {
    let mut text = "time,close\n".to_owned();
    for (hour, price) in prices.iter().enumerate() {
        writeln!(text, "{},{price}", 1_704_067_200 + 3600 * hour).unwrap();
    }
    text
}

/// What is found in a perp beside a spot.
fn said(spot: &[f64], perp: &[f64], bar: &str) -> String {
    let folder = folder_with("spot.csv", &closes(spot));
    std::fs::write(folder.path().join("perp.csv"), closes(perp)).unwrap();
    let market = format!(
        "funding = \"none\"\nseries = [{{ is = \"spot\", asset = \"BTC\", path = \"spot.csv\", bar = \"end\" }}, {{ is = \"perp\", asset = \"BTC\", path = \"perp.csv\", bar = \"{bar}\" }}]"
    );
    let found = findings(&load_in(folder.path(), &market).unwrap().quality);
    found
        .into_iter()
        .filter(|finding| finding.starts_with("BTC perp: "))
        .filter(|finding| !finding.contains("units"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_wrong_label_shows_one_step_away() {
    let spot = walk();
    let perp: Vec<f64> = spot.iter().map(|price| price * 1.0005).collect();
    assert_eq!(said(&spot, &perp, "end"), "");
    let found = said(&spot, &perp, "start");
    assert!(
        found.contains("BTC perp: bar labels: it looks shifted by one step: it moves 1h later than BTC spot (correlation 1.00, at the same stamps"),
        "{found}"
    );
    assert!(found.contains("its bars may be labelled by their end"), "{found}");
    let constant = vec![100.0; 400];
    assert!(!said(&spot, &constant, "start").contains("labels"), "what never moves tells nothing");
    assert!(
        !said(&spot[..40], &perp[..40], "start").contains("labels"),
        "40 hours tell too little"
    );
}

#[test]
fn another_coin_or_unit_shows_in_the_level() {
    let spot = walk();
    let perp: Vec<f64> = spot.iter().map(|price| price * 1000.0).collect();
    let found = said(&spot, &perp, "end");
    assert_eq!(
        found,
        "BTC perp: symbols: prices are typically 1000.0000 times those of BTC spot: another coin, or another unit"
    );
}

#[test]
fn a_history_that_ends_early_is_named() {
    let spot = walk();
    let found = said(&spot, &spot[..390], "end");
    assert!(found.contains("unfinished rows: it ends 10h before BTC spot"), "{found}");
}

/// Whether something was found that another declaration would put right.
fn alarms(quality: &hedgerow_core::Quality) -> Vec<String> {
    findings(quality)
        .into_iter()
        .filter(|finding| {
            [": time zone: ", ": bar labels: ", ": symbols: "]
                .iter()
                .any(|word| finding.contains(word))
        })
        .collect()
}

#[test]
fn zones_of_real_funding() {
    let market = |zone: &str| {
        format!(
            r#"
        perp = "at_spot"
        series = [
            {{ is = "spot", asset = "BTC", path = "binance-perp-cdd/Binance_BTCUSDT_d.csv.gz" }},
            {{ is = "funding", asset = "BTC", path = "funding-multi-venue/BTC-USDT_binance_2020-01-01_2024-01-01_funding_history.csv.gz", format = "csv", {zone} columns = {{ time = "Date", rate = "Funding Rate" }} }},
        ]"#
        )
    };
    let Some(right) = load_real(&market("time_zone = \"Etc/GMT-3\",")) else { return };
    assert_eq!(alarms(&right.quality), Vec::<String>::new());
    let wrong = load_real(&market("")).unwrap();
    let found = alarms(&wrong.quality).join("\n");
    assert!(
        found.contains("time zone: 4383 settlements are not at multiples of 8 hours UTC"),
        "{found}"
    );
    assert!(found.contains("`Etc/GMT-3`"), "{found}");
    let web =
        |zone: &str| {
            market(zone).replace(
            "funding-multi-venue/BTC-USDT_binance_2020-01-01_2024-01-01_funding_history.csv.gz",
            "funding-binance-web/BTCUSDT_Perpetual_funding_web_2024-08-09.csv.gz",
        ).replace("\"Date\"", "\"Time\"").replace("columns =", "unit = \"percent\", columns =")
        };
    let right = load_real(&web("time_zone = \"Europe/London\",")).unwrap();
    assert_eq!(alarms(&right.quality), Vec::<String>::new());
    let wrong = load_real(&web("")).unwrap();
    let found = alarms(&wrong.quality).join("\n");
    assert!(found.contains("`time_zone` = `Europe/London`"), "{found}");
}

/// The website's export in London time and a collection in UTC+3 are the same settlements.
#[test]
fn funding_of_two_sources_is_the_same() {
    let load = |file: &str, keys: &str| {
        load_real(&format!(
            r#"
            perp = "at_spot"
            series = [
                {{ is = "spot", asset = "BTC", path = "binance-perp-cdd/Binance_BTCUSDT_d.csv.gz" }},
                {{ is = "funding", asset = "BTC", path = "{file}", format = "csv", {keys} }},
            ]"#
        ))
    };
    let web = load(
        "funding-binance-web/BTCUSDT_Perpetual_funding_web_2024-08-09.csv.gz",
        "time_zone = \"Europe/London\", unit = \"percent\", columns = { time = \"Time\", rate = \"Funding Rate\" }",
    );
    let Some(web) = web else { return };
    let other = load(
        "funding-multi-venue/BTC-USDT_binance_2020-01-01_2024-01-01_funding_history.csv.gz",
        "time_zone = \"Etc/GMT-3\", columns = { time = \"Date\", rate = \"Funding Rate\" }",
    )
    .unwrap();
    let events = |loaded: &hedgerow_data::Loaded| {
        loaded.market.tradables().iter().find_map(|perp| perp.funding.clone()).unwrap()
    };
    let (web, other) = (events(&web), events(&other));
    let at: std::collections::BTreeMap<_, _> =
        web.iter().map(|event| (event.time, event.rate)).collect();
    let mut n_same = 0;
    for event in &other {
        let Some(rate) = at.get(&event.time) else {
            panic!("{} is not on the website", event.time)
        };
        assert!(
            (rate - event.rate).abs() <= 1e-8 + 1e-15,
            "{}: {rate} and {}",
            event.time,
            event.rate
        );
        n_same += 1;
    }
    assert_eq!(n_same, 4383);
}

#[test]
fn the_daily_close_is_that_of_the_last_hour() {
    let Some(loaded) = load_real(
        r#"
        grid = "1h"
        staleness = "1h"
        max_gap = "30d"
        series = [{ is = "spot", asset = "BTC", path = "binance-spot-1h-closes/BTCUSDT.csv.gz", format = "csv", bar = "start", columns = { time = "open_time", close = "close" } }]"#,
    ) else {
        return;
    };
    let daily = load_real(
        r#"series = [{ is = "spot", asset = "BTC", path = "binance-spot-daily-cdd/Binance_BTCUSDT_d.csv.gz" }]"#,
    )
    .unwrap();
    let hourly: std::collections::BTreeMap<_, _> =
        loaded.market.time().iter().zip(&loaded.market.assets()[0].spot).collect();
    let mut n_same = 0;
    for (time, close) in daily.market.time().iter().zip(&daily.market.assets()[0].spot) {
        if let Some(hour) = hourly.get(time) {
            assert_eq!(*hour, close, "{time}");
            n_same += 1;
        }
    }
    println!("{n_same} days");
    assert!(n_same > 1000, "{n_same}");
}

/// Spot, both perpetuals and their basis by the day and by the hour: nothing is shifted.
#[test]
fn no_alarms_where_the_declarations_are_right() {
    let Some(daily) = load_real(
        r#"
        funding = "none"
        series = [
            { is = "spot", asset = "BTC", path = "binance-perp-cdd/Binance_BTCUSDT_d.csv.gz" },
            { is = "perp", asset = "BTC", path = "binance-perp-cdd/BTCUSDT_Binance_futures_UM_day.csv.gz" },
            { is = "inverse_perp", asset = "BTC", path = "binance-perp-cdd/BTCUSD_PERP_Binance_futures_CM_day.csv.gz" },
        ]"#,
    ) else {
        return;
    };
    assert_eq!(alarms(&daily.quality), Vec::<String>::new());
    let hourly = |bar: &str| {
        load_real(&format!(
            r#"
        funding = "none"
        staleness = "1h"
        max_gap = "30d"
        series = [
            {{ is = "spot", asset = "BTC", path = "binance-spot-1h-closes/BTCUSDT.csv.gz", format = "csv", bar = "start", columns = {{ time = "open_time", close = "close" }} }},
            {{ is = "inverse_perp", asset = "BTC", path = "binance-perp-cdd/BTCUSD_PERP_Binance_futures_CM_hour.csv.gz", format = "csv", bar = "{bar}", columns = {{ time = "Unix", close = "Close" }} }},
        ]"#
        ))
        .unwrap()
    };
    assert_eq!(alarms(&hourly("start").quality), Vec::<String>::new());
    let found = alarms(&hourly("end").quality).join("\n");
    assert!(
        found.contains(
            "BTC inverse perp: bar labels: it looks shifted by one step: it moves 1h earlier"
        ),
        "{found}"
    );
}
