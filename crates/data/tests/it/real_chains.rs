//! Real chains and futures, where they are at hand. The figures are those of an independent reading with pandas 3.1.

use std::fmt::Write;

use hedgerow_core::{Chain, Contract, PaidIn, Quote, Timestamp};
use hedgerow_data::Loaded;

use crate::real_data::{load_real, real_data};
use crate::{findings, folder_with, load_in};

/// A spot at every tenth minute, and chains whose quotes last that long: each quote is in exactly one state.
fn load_once(first: &str, last: &str, series: &str) -> Option<Loaded> {
    let folder = real_data()?;
    let stamp = |text| Timestamp::parse(text).unwrap().millis() / 1000;
    let mut spot = "time,close\n".to_owned();
    for second in (stamp(first)..=stamp(last)).step_by(600) {
        writeln!(spot, "{second},1000").unwrap();
    }
    let spots = folder_with("spot.csv", &spot);
    let path = spots.path().join("spot.csv");
    let spot = |asset| {
        format!("{{ is = \"spot\", asset = \"{asset}\", path = {path:?}, bar = \"end\" }},")
    };
    Some(
        load_in(
            &folder,
            &format!("staleness = \"10m\"\nseries = [{}{}{series}]", spot("BTC"), spot("ETH")),
        )
        .unwrap(),
    )
}

/// Number and sum of a figure over all quotes.
fn sum(chain: &Chain, of: impl Fn(&Quote) -> Option<f64>) -> (usize, f64) {
    let figures: Vec<f64> = chain.quotes.iter().filter_map(of).collect();
    (figures.len(), figures.iter().sum())
}

#[track_caller]
fn assert_sums(chain: &Chain, expected: [(&str, usize, f64); 7]) {
    let found = [
        sum(chain, |quote| quote.bid),
        sum(chain, |quote| quote.ask),
        sum(chain, |quote| quote.mark),
        sum(chain, |quote| quote.mark_vol),
        sum(chain, |quote| quote.forward),
        sum(chain, |quote| quote.index),
        sum(chain, |quote| quote.delta),
    ];
    for ((name, n_expected, expected), (n_found, found)) in expected.into_iter().zip(found) {
        assert_eq!(n_found, n_expected, "{name}");
        assert!(
            (found - expected).abs() <= 1e-11 * expected.abs(),
            "{name}: {found} for {expected}"
        );
    }
}

#[test]
fn all_snapshots_of_2026() {
    let path = "deribit-chains-2026-dev/deribit_options_snapshots_*.tar.zst";
    let series =
        |asset| format!("{{ is = \"option_chain\", asset = \"{asset}\", path = \"{path}\" }},");
    let Some(loaded) =
        load_once("2025-12-30", "2026-04-01", &format!("{}{}", series("BTC"), series("ETH")))
    else {
        return;
    };
    let chain = |asset| loaded.market.chain(asset, PaidIn::Coin).unwrap();
    let stamps = |chain: &Chain| {
        let mut stamps: Vec<_> = chain.quotes.iter().map(|quote| quote.time).collect();
        stamps.dedup();
        (stamps.len(), stamps[0].to_string(), stamps[stamps.len() - 1].to_string())
    };
    let expected =
        (359, "2025-12-30T17:31:15.944Z".to_owned(), "2026-03-31T21:39:06.362Z".to_owned());
    assert_eq!(stamps(chain(0)), expected);
    assert_eq!(stamps(chain(1)), expected);
    assert_eq!((chain(0).contracts.len(), chain(1).contracts.len()), (5200, 5022));
    assert_sums(
        chain(0),
        [
            ("bid", 273_856, 67_244.111_6),
            ("ask", 286_720, 73_056.032_3),
            ("mark", 291_322 - 2355, 74_757.198_932_11),
            ("vol", 291_322, 173_455.461_6),
            ("forward", 291_322, 22_127_118_320.351_45),
            ("index", 291_322, 21_922_137_866.58),
            ("delta", 291_322, -34_279.753_03),
        ],
    );
    assert_sums(
        chain(1),
        [
            ("bid", 258_022, 100_708.467_3),
            ("ask", 272_016, 111_775.240_9),
            ("mark", 277_032 - 4806, 111_342.730_617),
            ("vol", 277_032, 217_553.034_4),
            ("forward", 277_032, 664_204_618.051_046_6),
            ("index", 277_032, 658_485_253.34),
            ("delta", 277_032, -39_501.178_14),
        ],
    );
    let said = findings(&loaded.quality).join("\n");
    for expected in [
        "BTC option chain: missing quotes: 17466 quotes have no bid",
        "BTC option chain: forwards: 79864 forwards are made up by the venue",
        "BTC option chain: simultaneity: 359 snapshots were not taken at one instant: within one the index ranges over 7 bp in the median and 113 bp at worst",
        "ETH option chain: simultaneity: 359 snapshots were not taken at one instant: within one the index ranges over 10 bp in the median and 114 bp at worst",
    ] {
        assert!(said.contains(expected), "{expected} in\n{said}");
    }
    assert!(!said.contains("at exercise") && !said.contains("above their ask"), "{said}");
}

#[test]
fn dumps_of_2021() {
    let series = |asset, file| {
        format!(
            "{{ is = \"option_chain\", asset = \"{asset}\", path = \"deribit-chain-2021-02/{file}_option_data.csv.gz\" }},"
        )
    };
    let Some(loaded) = load_once(
        "2021-02-11",
        "2021-02-12",
        &format!("{}{}", series("BTC", "btc"), series("ETH", "eth")),
    ) else {
        return;
    };
    let quality =
        |name: &str| loaded.quality.series.iter().find(|series| series.name == name).unwrap();
    let (btc, eth) = (quality("BTC option chain"), quality("ETH option chain"));
    assert_eq!((btc.n_rows, btc.format.as_str()), (976, "deribit_dump"));
    assert_eq!((eth.n_rows, eth.format.as_str()), (996, "deribit_dump"));
    assert_eq!(btc.first.to_string(), "2021-02-11T18:37:05.262Z");
    assert_eq!(btc.last.to_string(), "2021-02-11T18:44:14.256Z");
    let said = findings(&loaded.quality).join("\n");
    for expected in [
        "BTC option chain: missing quotes: 480 quotes have no bid",
        "BTC option chain: missing quotes: 350 quotes have no ask",
        "BTC option chain: unusable values: 4 asks are more than a tick below the value at exercise",
        "BTC option chain: forwards: 220 forwards are made up by the venue",
        "BTC option chain: forwards: 160 forwards are the index price",
        "ranges over 23 bp in the median and 23 bp at worst, and stamps up to 428 s apart",
        "ETH option chain: missing quotes: 972 quotes have no bid",
        "ETH option chain: missing quotes: 14 quotes have no mark, or one of 0",
    ] {
        assert!(said.contains(expected), "{expected} in\n{said}");
    }
    // At 18:50 the newest of the two quotes of each option is known.
    let chain = loaded.market.chain(0, PaidIn::Coin).unwrap();
    let row = loaded
        .market
        .time()
        .iter()
        .position(|row| row.to_string() == "2021-02-11T18:50:00Z")
        .unwrap();
    assert_eq!(chain.at(row).len(), 488);
}

#[test]
fn vols_by_the_hour_of_january_2026() {
    let series = "{ is = \"option_chain\", asset = \"BTC\", path = \"deribit-chain-hourly-2026-01/full_data_sample.csv.gz\" }";
    let Some(loaded) = load_once("2026-01-23", "2026-01-25", series) else { return };
    let quality = loaded.quality.series.last().unwrap();
    assert_eq!((quality.n_rows, quality.format.as_str()), (24_562, "deribit_vols"));
    assert_eq!(quality.first.to_string(), "2026-01-23T01:00:00Z");
    assert_eq!(quality.last.to_string(), "2026-01-24T13:00:00Z");
    assert_eq!(quality.step_millis, Some(3_600_000));
    let chain = loaded.market.chain(0, PaidIn::Coin).unwrap();
    assert_eq!(chain.contracts.len(), 732);
    let said = findings(&loaded.quality).join("\n");
    assert!(said.contains("missing quotes: 6775 quotes have no bid"), "{said}");
}

#[test]
fn the_vols_by_the_hour_agree_with_the_snapshots() {
    let series = "{ is = \"option_chain\", asset = \"BTC\", path = \"deribit-chain-hourly-2026-01/full_data_sample.csv.gz\" }";
    let Some(hourly) = load_once("2026-01-23", "2026-01-25", series) else { return };
    let series = "{ is = \"option_chain\", asset = \"BTC\", path = \"deribit-chains-2026-dev/deribit_options_snapshots_202601.tar.zst\" }";
    let Some(snapshots) = load_once("2026-01-23", "2026-01-25", series) else { return };
    let hourly = hourly.market.chain(0, PaidIn::Coin).unwrap();
    let mut differences = Vec::new();
    let chain = snapshots.market.chain(0, PaidIn::Coin).unwrap();
    for quote in chain
        .quotes
        .iter()
        .filter(|quote| quote.delta.is_some_and(|delta| (0.2..0.8).contains(&delta.abs())))
    {
        let name = &chain.contracts[quote.contract].name;
        let near = hourly.quotes.iter().find(|other| {
            hourly.contracts[other.contract].name == *name
                && (other.time.millis() - quote.time.millis()).abs() < 1_800_000
        });
        if let Some((a, b)) = near.and_then(|other| other.mark_vol).zip(quote.mark_vol) {
            differences.push((a - b).abs());
        }
    }
    differences.sort_by(f64::total_cmp);
    let median = differences[differences.len() / 2];
    println!("{} vols, median difference {median}", differences.len());
    assert!(differences.len() > 300 && median < 0.01, "half an hour apart at most");
}

#[test]
fn ticks_of_tardis() {
    let series = "{ is = \"option_chain\", asset = \"BTC\", path = \"format-samples/tardis_options_chain.csv\" }";
    let Some(loaded) = load_once("2020-06-08", "2020-06-09", series) else { return };
    let quality = loaded.quality.series.last().unwrap();
    assert_eq!((quality.n_rows, quality.format.as_str()), (5, "tardis_chain"));
    assert_eq!(quality.first.to_string(), "2020-06-07T23:59:59.413Z");
    let chain = loaded.market.chain(0, PaidIn::Coin).unwrap();
    let names: Vec<_> = chain.contracts.iter().map(|contract| contract.name.as_str()).collect();
    assert_eq!(names, ["BTC-9JUN20-9875-P", "BTC-9JUN20-10000-C", "BTC-10JUN20-10000-C"]);
    let marks: Vec<_> = chain.at(1).iter().map(|quote| quote.mark).collect();
    assert_eq!(marks, [Some(0.022_194_80), Some(0.0315), Some(0.0316)]);
}

/// Perpetual, dated futures and options of one coin on one grid of hours.
#[test]
fn everything_on_btc_by_the_hour() {
    let Some(loaded) = load_real(
        r#"
        grid = "1h"
        series = [
            { is = "spot", asset = "BTC", path = "binance-perp-1h-2026/1h_BTCUSDT.csv.gz", bar = "start", columns = { time = "timestamp", open = "open", high = "high", low = "low", close = "close" } },
            { is = "perp", asset = "BTC", path = "binance-perp-1h-2026/1h_BTCUSDT.csv.gz", bar = "start", columns = { time = "timestamp", open = "open", high = "high", low = "low", close = "close" } },
            { is = "funding", asset = "BTC", path = "binance-perp-1h-2026/funding_BTCUSDT.csv.gz", columns = { time = "timestamp", rate = "funding_rate" } },
            { is = "future", asset = "BTC", path = "deribit-chains-2026-dev/term_futures_marks.csv.gz", columns = { time = "snapshot_timestamp_ms", instrument = "futures_instrument_name", close = "term_mark_price_final" } },
            { is = "option_chain", asset = "BTC", path = "deribit-chains-2026-dev/deribit_options_snapshots_202602.tar.zst" },
            { is = "instruments", asset = "BTC", path = "format-samples/deribit_http_get_instruments.json" },
        ]"#,
    ) else {
        return;
    };
    let market = &loaded.market;
    assert!(market.tradable(0, Contract::LinearPerp).is_some());
    assert_eq!(market.futures().len(), 21);
    let quality = loaded.quality.series.iter().find(|series| series.name == "BTC futures").unwrap();
    assert_eq!(quality.n_rows, 2471);
    // A future is near the perpetual where both are known, and has no price after its expiry.
    let spot = &market.assets()[0].spot;
    let mut n_prices = 0;
    for future in market.futures() {
        for ((price, spot), time) in future.price.iter().zip(spot).zip(market.time()) {
            if let Some(price) = price {
                n_prices += 1;
                assert!(
                    *time <= future.expiry && (price / spot - 1.0).abs() < 0.12,
                    "{} {time}",
                    future.name
                );
            }
        }
    }
    assert!(n_prices > 10_000, "{n_prices}");
    let continuous = market.continuous_future(0, PaidIn::Coin, 7 * 86_400_000);
    assert!(continuous.rolls.len() >= 3, "{}", continuous.rolls.len());
    for roll in &continuous.rolls {
        assert_eq!(market.futures()[roll.from].price[roll.row], Some(roll.left_at));
        assert_eq!(market.futures()[roll.to].price[roll.row], Some(roll.entered_at));
    }
    let chain = market.chain(0, PaidIn::Coin).unwrap();
    let known = chain.snapshot_of_row.iter().filter(|known| known.is_some()).count();
    assert!(known > 600, "{known} hours of February");
}

#[test]
fn prices_of_a_perpetual_at_the_snapshots() {
    let Some(loaded) = load_real(
        r#"
        funding = "none"
        grid = "1h"
        series = [
            { is = "spot", asset = "BTC", path = "binance-perp-1h-2026/1h_BTCUSDT.csv.gz", format = "csv", bar = "start", columns = { time = "timestamp", close = "close" } },
            { is = "inverse_perp", asset = "BTC", path = "deribit-chains-2026-dev/perpetual_futures_prices.csv.gz", instrument = "BTC-PERPETUAL", staleness = "13h", columns = { time = "snapshot_timestamp_ms", instrument = "instrument_name", close = "perp_futures_mark_price" } },
        ]"#,
    ) else {
        return;
    };
    let quality =
        loaded.quality.series.iter().find(|series| series.name == "BTC inverse perp").unwrap();
    assert_eq!(quality.n_rows, 359);
    assert_eq!(quality.first.to_string(), "2025-12-30T17:31:15.944Z");
    let said = findings(&loaded.quality).join("\n");
    assert!(!said.contains("bar labels") && !said.contains("symbols"), "{said}");
}
