//! The traps of real files: each is named where it is, and nowhere else.

use std::path::PathBuf;

use hedgerow_core::{Defect, SeriesQuality, Severity};
use hedgerow_data::{Checked, Declared, TimeUnit, check_files, import};

/// The folder of real files; prints why a test is skipped where there is none.
fn real_data() -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if !folder.is_dir() {
        println!("skipped: no real data at {}", folder.display());
        return None;
    }
    Some(folder)
}

fn checked(file: &str) -> Option<SeriesQuality> {
    let Checked { quality, refused } =
        check_files(&[real_data()?.join(file)], &Declared::default()).unwrap();
    assert!(refused.is_empty(), "{file}: {refused:?}");
    assert_eq!(quality.series.len(), 1, "{file}");
    quality.series.into_iter().next()
}

fn count(quality: &SeriesQuality, defect: Defect) -> usize {
    quality.findings.iter().filter(|found| found.defect == defect).map(|found| found.count).sum()
}

#[test]
fn every_real_defect_is_named() {
    let cases = [
        ("binance-spot-1h-closes/LUNAUSDT.csv.gz", Defect::Jump, 1),
        ("stablecoin-depeg/LUNAUSDT.csv", Defect::Jump, 1),
        ("dvol-btc/bitcoin_dvol_hourly.csv.gz", Defect::Page, 32),
        ("binance-perp-cdd/BTCUSD_PERP_Binance_futures_CM_hour.csv.gz", Defect::Page, 22),
        ("bitstamp-cdd/Bitstamp_BTCUSD_1h.csv.gz", Defect::Volume, 20_143),
        ("bitstamp-cdd/Bitstamp_BTCUSD_d.csv.gz", Defect::Volume, 1180),
        ("bitstamp-cdd/Bitstamp_ETHUSD_1h.csv.gz", Defect::Volume, 20_139),
        ("bitstamp-cdd/Bitstamp_BTCUSD_d.csv.gz", Defect::StaleRun, 6),
        ("binance-spot-1h-closes/USDCUSDT.csv.gz", Defect::Gap, 4009),
        ("binance-spot-1h-closes/FTTUSDT.csv.gz", Defect::Gap, 7480),
        ("binance-perp-cdd/BTCUSD_PERP_Binance_futures_CM_hour.csv.gz", Defect::Gap, 284),
        ("bitfinex-1m-2017-2018/BTCUSD_2017_1m.csv.zst", Defect::Gap, 20_391),
        ("format-samples/bitmex_XBTUSD_1d.csv", Defect::BadValue, 32),
    ];
    for (file, defect, expected) in cases {
        let Some(quality) = checked(file) else { return };
        let found = count(&quality, defect);
        assert!(
            found == expected || (defect == Defect::StaleRun && found >= expected),
            "{file}: {found} of {defect:?}, expected {expected}: {:#?}",
            quality.findings
        );
        assert!(quality.marks.iter().any(|mark| mark.defect == defect) || defect == Defect::Volume);
    }
}

#[test]
fn there_is_no_false_alarm_on_clean_files() {
    let clean = [
        "binance-perp-1h-2026/1h_BTCUSDT.csv.gz",
        "binance-perp-1h-2026/1h_ETHUSDT.csv.gz",
        "binance-perp-1h-2026/funding_BTCUSDT.csv.gz",
        "binance-perp-1m-2025/BTCUSDT_perp_1m.csv.gz",
        "binance-spot-daily-cdd/Binance_ETHUSDT_d.csv.gz",
        "binance-spot-daily-cdd/Binance_LTCUSDT_d.csv.gz",
        "binance-spot-daily-sol/Binance_SOLUSDT_d.csv.gz",
        "binance-perp-cdd/Binance_BTCUSDT_d.csv.gz",
        "funding-binance-web/BTCUSDT_Perpetual_funding_web_2024-08-09.csv.gz",
    ];
    for file in clean {
        let Some(quality) = checked(file) else { return };
        let alarms: Vec<_> = quality
            .findings
            .iter()
            .filter(|found| found.severity == Severity::Warning && found.defect != Defect::Unit)
            .collect();
        assert!(alarms.is_empty(), "{file}: {alarms:#?}");
    }
    // These have gaps, and nothing else that changes results: thin markets, a flash crash, a depeg, a collapse.
    let with_gaps = [
        "bitfinex-1m-2017-2018/BTCUSD_2017_1m.csv.zst",
        "bitfinex-1m-2017-2018/BTCUSD_2018_1m.csv.zst",
        "bitfinex-1m-2017-2018/ETHUSD_2017_1m.csv.zst",
        "bitfinex-1m-2017-2018/ETHUSD_2018_1m.csv.zst",
        "binance-spot-1h-closes/BTCUSDT.csv.gz",
        "binance-spot-1h-closes/ETHUSDT.csv.gz",
        "binance-spot-1h-closes/SOLUSDT.csv.gz",
        "binance-spot-1h-closes/FTTUSDT.csv.gz",
        "binance-spot-1h-closes/LUNAUSDT.csv.gz",
        "funding-multi-venue/BTC-USDT_dydx_2022-01-01_2024-01-01_funding_history.csv.gz",
    ];
    let wild = checked("stablecoin-depeg/LUNAUSDT.csv");
    assert!(wild.is_none_or(|quality| count(&quality, Defect::Spike) == 0));
    for file in with_gaps {
        let Some(quality) = checked(file) else { return };
        assert_eq!(count(&quality, Defect::Spike), 0, "{file}: {:#?}", quality.findings);
        assert_eq!(count(&quality, Defect::StaleRun), 0, "{file}: {:#?}", quality.findings);
        assert!(count(&quality, Defect::Page) == 0, "{file}: {:#?}", quality.findings);
    }
}

#[test]
fn four_files_of_bitfinex_are_two_series() {
    let Some(folder) = real_data() else { return };
    let out = tempfile::tempdir().unwrap();
    let source = folder.join("bitfinex-1m-2017-2018");
    let declared = Declared { time_unit: Some(TimeUnit::Ms), ..Declared::default() };
    let (mut last, mut total) = (0, 0);
    let written = import(&[source], &declared, &out.path().join("all"), &mut |progress| {
        (last, total) = (progress.bytes_read, progress.bytes_total);
    })
    .unwrap();
    let rows: Vec<u64> = written.files.iter().map(|file| file.n_rows).collect();
    assert_eq!(rows, [505_209 + 520_499, 414_314 + 508_048]);
    assert_eq!((last, total), (26_201_658, 26_201_658));
}
