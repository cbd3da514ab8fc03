//! Binance's archives: which are asked for, what stands on disk, what a second run does.

use hedgerow_fetch::{FetchError, FileStatus};

use crate::bench::{Bench, noise};
use crate::server::{Asked, Reply, object};

const KLINES: &str = "/data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h";
const DAILY: &str = "/data/spot/daily/klines/BTCUSDT/1h/BTCUSDT-1h";
const FUNDING: &str = "/data/futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate";

/// Any archive that is named, with content of its own.
fn site(paths: Vec<String>) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| {
        let content = |index: usize| noise(index as u64, 1000 + index);
        let mut files = paths.iter().enumerate();
        files
            .find_map(|(index, path)| object(asked, path, &content(index)))
            .unwrap_or_else(Reply::not_found)
    }
}

fn zips(stem: &str, dates: &[&str]) -> Vec<String> {
    dates.iter().map(|date| format!("{stem}-{date}.zip")).collect()
}

fn klines<'a>(from: &'a str, to: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("market", "spot"), ("symbol", "BTCUSDT"), ("interval", "1h"), ("from", from), ("to", to)]
}

#[test]
fn whole_months_come_as_months_and_a_second_run_asks_nothing() {
    let bench = Bench::new(site(zips(KLINES, &["2024-01", "2024-02"])));
    let wanted = klines("2024-01-10", "2024-02-10");
    let fetched = bench.fetch("binance-klines", &wanted, "2024-03-15").unwrap();
    assert_eq!(
        bench.log(),
        [
            format!("GET {KLINES}-2024-01.zip.CHECKSUM"),
            format!("GET {KLINES}-2024-01.zip"),
            format!("GET {KLINES}-2024-02.zip.CHECKSUM"),
            format!("GET {KLINES}-2024-02.zip"),
        ]
    );
    let folder = "binance/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h";
    let files = bench.files();
    assert_eq!(files[&format!("{folder}-2024-01.zip")], noise(0, 1000));
    assert_eq!(files[&format!("{folder}-2024-02.zip")], noise(1, 1001));
    assert_eq!(files.len(), 4, "{:?}", bench.names());
    let facts = |file: &hedgerow_fetch::FetchedFile| (file.bytes, file.status, file.n_rows);
    assert_eq!(
        fetched.files.iter().map(facts).collect::<Vec<_>>(),
        [(1000, FileStatus::Downloaded, None), (1001, FileStatus::Downloaded, None)]
    );
    assert_eq!((fetched.absent.len(), fetched.notes.len()), (0, 0));

    let again = bench.fetch("binance-klines", &wanted, "2024-03-15").unwrap();
    assert_eq!(bench.log().len(), 4, "a second run asks nothing");
    assert!(again.files.iter().all(|file| file.status == FileStatus::AlreadyThere));
    assert_eq!(bench.files(), files);
}

#[test]
fn a_month_that_is_not_over_comes_as_days() {
    let mut paths = zips(KLINES, &["2024-02"]);
    paths.extend(zips(DAILY, &["2024-03-01", "2024-03-02", "2024-03-03"]));
    let bench = Bench::new(site(paths));
    let wanted = klines("2024-02-20", "2024-12-31");
    let fetched = bench.fetch("binance-klines", &wanted, "2024-03-04T06:00:00Z").unwrap();
    let names: Vec<_> =
        fetched.files.iter().map(|file| file.path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "BTCUSDT-1h-2024-02.zip",
            "BTCUSDT-1h-2024-03-01.zip",
            "BTCUSDT-1h-2024-03-02.zip",
            "BTCUSDT-1h-2024-03-03.zip"
        ]
    );
    assert_eq!(fetched.notes, ["bars of 2024-03-04 are published when the day is over"]);
}

#[test]
fn a_month_just_over_comes_as_days_until_its_archive_is_there() {
    let bench = Bench::new(site(zips(DAILY, &["2024-02-28", "2024-02-29"])));
    let wanted = klines("2024-02-28", "2024-02-29");
    let fetched = bench.fetch("binance-klines", &wanted, "2024-03-03").unwrap();
    assert_eq!((fetched.files.len(), fetched.absent.len()), (2, 0));
    // Later the month is expected, and its absence is told.
    let late = bench.fetch("binance-klines", &wanted, "2024-03-20").unwrap_err();
    assert!(matches!(late, FetchError::NothingThere { n_files: 1, .. }), "{late}");
}

#[test]
fn months_before_the_listing_are_absent_and_named() {
    let bench = Bench::new(site(zips(KLINES, &["2024-02"])));
    let fetched =
        bench.fetch("binance-klines", &klines("2023-12-01", "2024-02-29"), "2024-05-01").unwrap();
    assert_eq!(fetched.files.len(), 1);
    let url = |month: &str| format!("{}{KLINES}-{month}.zip", bench.server.url());
    assert_eq!(fetched.absent, [url("2023-12"), url("2024-01")]);
}

#[test]
fn a_symbol_that_is_not_there_is_an_error_that_says_what_to_check() {
    let bench = Bench::new(|_| Reply::not_found());
    let error = bench
        .fetch("binance-klines", &klines("2024-01-01", "2024-02-29"), "2024-05-01")
        .unwrap_err();
    let example = format!("{}{KLINES}-2024-01.zip", bench.server.url());
    assert_eq!(
        error.to_string(),
        format!(
            "the server has none of the 2 files asked for, such as `{example}`; check the market, the symbol, the interval and the dates"
        )
    );
    assert_eq!(bench.names(), Vec::<String>::new());
}

#[test]
fn funding_comes_by_whole_months_and_the_current_one_is_told() {
    let bench = Bench::new(site(zips(FUNDING, &["2024-02"])));
    let wanted =
        [("market", "usd-m"), ("symbol", "BTCUSDT"), ("from", "2024-02-01"), ("to", "2024-03-31")];
    let fetched = bench.fetch("binance-funding", &wanted, "2024-03-15").unwrap();
    assert_eq!(fetched.files.len(), 1);
    assert_eq!(fetched.notes, ["funding rates of 2024-03 are published when the month is over"]);
    assert_eq!(
        bench.names(),
        [
            "binance/futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2024-02.zip",
            "binance/futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2024-02.zip.CHECKSUM",
        ]
    );
    let early = [("market", "usd-m"), ("symbol", "BTCUSDT"), ("from", "2024-03-01")];
    let error = bench.fetch("binance-funding", &early, "2024-03-15").unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no file for this period yet: funding rates of 2024-03 are published when the month is over"
    );
}

#[test]
fn coin_margined_bars_and_long_bars_have_folders_of_their_own() {
    let month = "/data/futures/cm/monthly/klines/BTCUSD_PERP/1w/BTCUSD_PERP-1w";
    let bench = Bench::new(site(zips(month, &["2024-01"])));
    let wanted = [
        ("market", "coin-m"),
        ("symbol", "BTCUSD_PERP"),
        ("interval", "1w"),
        ("from", "2024-01-01"),
        ("to", "2024-01-31"),
    ];
    assert_eq!(bench.fetch("binance-klines", &wanted, "2024-02-20").unwrap().files.len(), 1);
    // Weeks have no daily archives: nothing but the month is ever asked for.
    let error = bench.fetch("binance-klines", &wanted, "2024-01-20").unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no file for this period yet: bars this long of 2024-01 are published when the month is over"
    );
}

#[test]
fn a_republished_archive_comes_when_its_checksum_is_deleted() {
    let mut bench = Bench::new(site(zips(KLINES, &["2024-01"])));
    let wanted = klines("2024-01-01", "2024-01-31");
    bench.fetch("binance-klines", &wanted, "2024-03-01").unwrap();
    let path = format!("{KLINES}-2024-01.zip");
    bench.restart(move |asked| object(asked, &path, b"corrected").unwrap());
    let name = "binance/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip";
    std::fs::remove_file(bench.dir.path().join(format!("{name}.CHECKSUM"))).unwrap();
    let fetched = bench.fetch("binance-klines", &wanted, "2024-03-01").unwrap();
    assert_eq!(fetched.files[0].status, FileStatus::Downloaded);
    assert_eq!(bench.files()[name], b"corrected");
}

#[test]
fn an_archive_that_was_spoilt_on_disk_comes_again() {
    let bench = Bench::new(site(zips(KLINES, &["2024-01"])));
    let wanted = klines("2024-01-01", "2024-01-31");
    let first = bench.fetch("binance-klines", &wanted, "2024-03-01").unwrap();
    std::fs::write(&first.files[0].path, "spoilt").unwrap();
    let again = bench.fetch("binance-klines", &wanted, "2024-03-01").unwrap();
    assert_eq!(again.files[0].status, FileStatus::Downloaded);
    assert_eq!(std::fs::read(&again.files[0].path).unwrap(), noise(0, 1000));
}

#[test]
fn an_archive_without_its_checksum_is_not_taken() {
    let path = format!("{KLINES}-2024-01.zip");
    let bench = Bench::new(move |asked| match asked.path == path {
        true => Reply::ok("zip"),
        false => Reply::not_found(),
    });
    let error = bench
        .fetch("binance-klines", &klines("2024-01-01", "2024-01-31"), "2024-03-01")
        .unwrap_err();
    assert!(matches!(error, FetchError::NoChecksum { .. }), "{error}");
    assert_eq!(bench.names(), Vec::<String>::new());
}

#[test]
fn a_wrong_checksum_is_tried_twice_and_leaves_nothing() {
    let path = format!("{KLINES}-2024-01.zip");
    let bench = Bench::new(move |asked| match asked.path == path {
        true => Reply::ok("abc"),
        false => Reply::ok(format!("{}  BTCUSDT-1h-2024-01.zip\n", "0".repeat(64))),
    });
    let error = bench
        .fetch("binance-klines", &klines("2024-01-01", "2024-01-31"), "2024-03-01")
        .unwrap_err();
    // SHA-256 of `abc`: FIPS 180-2, appendix B.1.
    assert_eq!(
        error.to_string(),
        format!(
            "`{}{KLINES}-2024-01.zip`: checksum differs twice: expected {}, found ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad; the download is removed; a proxy or mirror may alter files",
            bench.server.url(),
            "0".repeat(64)
        )
    );
    assert_eq!(bench.log().iter().filter(|line| line.ends_with(".zip")).count(), 2);
    assert_eq!(bench.names(), Vec::<String>::new());
}

#[test]
fn a_checksum_that_is_right_the_second_time_is_right() {
    let path = format!("{KLINES}-2024-01.zip");
    let bench = Bench::new(move |asked| match asked.path == path && asked.before == 0 {
        true => Reply::ok("half published"),
        false => object(asked, &path, b"published").unwrap(),
    });
    let fetched =
        bench.fetch("binance-klines", &klines("2024-01-01", "2024-01-31"), "2024-03-01").unwrap();
    assert_eq!(std::fs::read(&fetched.files[0].path).unwrap(), b"published");
}

#[test]
fn a_checksum_of_another_file_is_not_believed() {
    let bench = Bench::new(|_| Reply::ok(format!("{}  ETHUSDT-1h-2024-01.zip", "0".repeat(64))));
    let error = bench
        .fetch("binance-klines", &klines("2024-01-01", "2024-01-31"), "2024-03-01")
        .unwrap_err();
    let expected = "expected 64 hex digits and `BTCUSDT-1h-2024-01.zip`; check that the base URL is the venue's";
    assert!(error.to_string().ends_with(expected), "{error}");
}
