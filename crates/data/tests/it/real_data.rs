//! Real files as users have them, where they are at hand.

use std::path::PathBuf;

use hedgerow_core::{Contract, Market, Timestamp};
use hedgerow_data::Loaded;

use crate::{findings, load_in};

/// The folder of real files; prints why a test is skipped where there is none.
pub(crate) fn real_data() -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if !folder.is_dir() {
        println!("skipped: no real data at {}", folder.display());
        return None;
    }
    Some(folder)
}

pub(crate) fn load_real(market: &str) -> Option<Loaded> {
    Some(load_in(&real_data()?, market).unwrap())
}

fn row(market: &Market, time: &str) -> usize {
    let time = Timestamp::parse(time).unwrap();
    market.time().iter().position(|row| *row == time).unwrap()
}

#[test]
fn binance_daily_closes_of_btc_and_eth() {
    let Some(loaded) = load_real(
        r#"series = [
            { is = "spot", asset = "BTC", path = "binance-spot-daily-cdd/Binance_BTCUSDT_d.csv.gz" },
            { is = "spot", asset = "ETH", path = "binance-spot-daily-cdd/Binance_ETHUSDT_d.csv.gz" },
        ]"#,
    ) else {
        return;
    };
    let closes = [
        ("2019-01-01", 3702.90, 131.45),
        ("2021-01-01", 28923.63, 736.42),
        ("2022-01-01", 46216.93, 3676.23),
        ("2023-01-01", 16542.40, 1196.13),
        ("2024-01-01", 42283.58, 2281.87),
    ];
    for (time, btc, eth) in closes {
        let row = row(&loaded.market, time);
        let found = [0, 1].map(|asset| loaded.market.assets()[asset].spot[row]);
        assert_eq!(found, [btc, eth], "{time}");
    }
    let said = findings(&loaded.quality);
    let mixed =
        "BTC spot: units: 6 stamps in microseconds among milliseconds, converted by their size";
    assert!(said.iter().any(|finding| finding.starts_with(mixed)), "{said:?}");
}

#[test]
fn spot_and_perp_with_funding_from_the_website() {
    let Some(loaded) = load_real(
        r#"series = [
            { is = "spot", asset = "BTC", path = "binance-perp-cdd/Binance_BTCUSDT_d.csv.gz" },
            { is = "perp", asset = "BTC", path = "binance-perp-cdd/BTCUSDT_Binance_futures_UM_day.csv.gz" },
            { is = "funding", asset = "BTC", path = "funding-binance-web/BTCUSDT_Perpetual_funding_web_2024-08-09.csv.gz", time_zone = "Europe/London", unit = "percent", columns = { time = "Time", rate = "Funding Rate" } },
        ]"#,
    ) else {
        return;
    };
    let market = &loaded.market;
    let perp = market.tradable(0, Contract::LinearPerp).unwrap();
    let spot = &market.assets()[0].spot;
    let basis = |row: usize| 1e4 * (perp.price[row] / spot[row] - 1.0);
    assert_eq!(basis(row(market, "2020-03-13")).round(), -74.0);
    assert!((0..market.n_rows()).all(|row| basis(row) < 32.0));
    assert!(perp.open.is_some());
    let funding = perp.funding.as_ref().unwrap();
    let hour = 3_600_000;
    let off_grid = funding.iter().filter(|event| event.time.millis() % (8 * hour) != 0).count();
    assert_eq!(off_grid, 0, "every settlement of Binance is at 00:00, 08:00 or 16:00 UTC");
    hedgerow_data::check_coverage(market, 0..market.n_rows()).unwrap();
}

#[test]
fn funding_of_three_years_from_two_sources() {
    let Some(loaded) = load_real(
        r#"
        perp = "at_spot"
        series = [
            { is = "spot", asset = "BTC", path = "binance-perp-cdd/Binance_BTCUSDT_d.csv.gz" },
            { is = "funding", asset = "BTC", path = "funding-multi-venue/BTC-USDT_binance_2020-01-01_2024-01-01_funding_history.csv.gz", time_zone = "Etc/GMT-3", columns = { time = "Date", rate = "Funding Rate" } },
        ]"#,
    ) else {
        return;
    };
    let funding =
        loaded.market.tradable(0, Contract::LinearPerp).unwrap().funding.as_ref().unwrap();
    let (mut sum, mut n_events) = (0.0, 0.0);
    for event in funding {
        sum += event.rate;
        n_events += 1.0;
    }
    assert_eq!(n_events, 4383.0);
    assert_eq!((sum / n_events * 1e6).round(), 137.0, "mean per 8 hours, 2020-2023");
    // The embedded sample has the same figures from another source.
    let sample = hedgerow_data::sample();
    let other = sample.market.tradable(0, Contract::LinearPerp).unwrap().funding.as_ref().unwrap();
    for (a, b) in funding.iter().zip(other) {
        assert_eq!(a.time, b.time);
        // Positive rates of the sample's source are cut at 1e-8; the rest is rounding of the two numbers.
        assert!((a.rate - b.rate).abs() <= 1e-8 + 1e-15, "{a:?} {b:?}");
    }
}

#[test]
fn bitstamp_and_coinbase_by_the_hour() {
    let Some(loaded) = load_real(
        r#"series = [
            { is = "spot", asset = "BTC", path = "coinbase-cdd-old/Coinbase_BTCUSD_1h.csv.gz" },
            { is = "spot", asset = "ETH", path = "bitstamp-cdd/Bitstamp_ETHUSD_1h.csv.gz" },
        ]"#,
    ) else {
        return;
    };
    assert_eq!(loaded.market.time()[0].to_string(), "2018-05-15T07:00:00Z");
    assert_eq!(loaded.market.time().last().unwrap().to_string(), "2019-10-17T10:00:00Z");
    let row = row(&loaded.market, "2019-10-17T10:00");
    assert_eq!(loaded.market.assets()[0].spot[row], 8035.88);
}

#[test]
fn dvol_by_the_hour_on_a_daily_market() {
    let Some(loaded) = load_real(
        r#"series = [
            { is = "spot", asset = "BTC", path = "binance-spot-daily-cdd/Binance_BTCUSDT_d.csv.gz" },
            { is = "vol", asset = "BTC", path = "dvol-btc/bitcoin_dvol_hourly.csv.gz", unit = "percent", bar = "start", staleness = "2d", columns = { time = "timestamp", vol = "dvol_close" } },
        ]"#,
    ) else {
        return;
    };
    let vol = &loaded.market.vols()[0].vol;
    let last = vol[row(&loaded.market, "2024-01-01")].unwrap();
    assert!((last - 0.6471).abs() < 1e-15, "{last}");
    assert_eq!(vol[row(&loaded.market, "2021-03-24")], None);
    // The embedded sample has the daily closes of the same index.
    let sample = hedgerow_data::sample().market;
    let (mut n_compared, mut n_equal) = (0, 0);
    for (time, listed) in sample.time().iter().zip(&sample.vols()[0].vol) {
        let ours = loaded.market.time().iter().position(|row| row == time).and_then(|row| vol[row]);
        if let (Some(listed), Some(ours)) = (listed, ours) {
            n_compared += 1;
            n_equal += usize::from((listed - ours).abs() < 1e-9);
        }
    }
    println!("{n_equal} of {n_compared} daily closes agree");
    assert!(n_compared > 400 && n_equal * 100 > n_compared * 95);
}

#[test]
fn minutes_with_holes_become_hours() {
    let Some(loaded) = load_real(
        r#"
        grid = "1h"
        staleness = "1h"
        max_gap = "2d"
        series = [{ is = "spot", asset = "ETH", path = "bitfinex-1m-2017-2018/ETHUSD_2017_1m.csv.zst", bar = "start", columns = { time = "timestamp_ms", open = "open", close = "close", high = "high", low = "low" } }]"#,
    ) else {
        return;
    };
    let spot = &loaded.market.assets()[0];
    let (high, low) = (spot.high.as_ref().unwrap(), spot.low.as_ref().unwrap());
    let mut bars = spot.spot.iter().zip(high).zip(low);
    assert!(bars.all(|((close, high), low)| low <= close && close <= high));
    assert!(loaded.market.n_rows() > 8000);
}
