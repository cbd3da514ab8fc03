//! Downloads that stop half-way.

use std::ops::ControlFlow;

use hedgerow_fetch::{FetchError, FileStatus, Progress};

use crate::bench::{Bench, noise};
use crate::server::{Asked, Reply, object};

const PATH: &str = "/data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip";
const NAME: &str = "binance/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip";
const WANTED: [(&str, &str); 5] = [
    ("market", "spot"),
    ("symbol", "BTCUSDT"),
    ("interval", "1h"),
    ("from", "2024-01-01"),
    ("to", "2024-01-31"),
];

fn fetch(bench: &Bench) -> Result<hedgerow_fetch::Fetched, FetchError> {
    bench.fetch("binance-klines", &WANTED, "2024-03-01")
}

/// The archive, cut at the n-th request for it.
fn cut_at(asked: &Asked, content: &[u8], cuts: &[usize]) -> Reply {
    let reply = object(asked, PATH, content).unwrap();
    match cuts.get(asked.before) {
        Some(cut) if asked.path == PATH => reply.cut_after(*cut),
        _ => reply,
    }
}

fn zip_requests(bench: &Bench) -> Vec<String> {
    let log = bench.log();
    log.into_iter()
        .filter(|line| !line.ends_with("CHECKSUM"))
        .map(|l| l.replace(PATH, "zip"))
        .collect()
}

#[test]
fn a_cut_download_goes_on_where_it_stopped() {
    let content = noise(7, 300_000);
    let served = content.clone();
    let bench = Bench::new(move |asked| cut_at(asked, &served, &[100_000, 150_000]));
    let fetched = fetch(&bench).unwrap();
    assert_eq!(zip_requests(&bench), ["GET zip", "GET zip bytes=100000-", "GET zip bytes=250000-"]);
    assert_eq!(fetched.files[0].status, FileStatus::Resumed);
    assert_eq!(bench.files()[NAME], content, "byte-identical");
    assert_eq!(bench.names(), [NAME.to_owned(), format!("{NAME}.CHECKSUM")]);
    assert_eq!(bench.waits(), [1.0, 1.0], "a try that gained ground is not a failure in a row");
}

#[test]
fn a_line_that_breaks_often_but_gains_ground_gets_through() {
    let content = noise(7, 500_000);
    let served = content.clone();
    let bench = Bench::new(move |asked| cut_at(asked, &served, &[70_000; 7]));
    fetch(&bench).unwrap();
    assert_eq!(zip_requests(&bench).len(), 8, "three retries allowed, seven breaks survived");
    assert_eq!(bench.files()[NAME], content);
}

#[test]
fn a_line_that_gains_next_to_nothing_is_given_up() {
    let bench = Bench::new(|asked| cut_at(asked, &noise(7, 500_000), &[10; 90]));
    let error = fetch(&bench).unwrap_err();
    let part = bench.dir.path().join(format!("{NAME}.part"));
    assert_eq!(
        error.to_string(),
        format!(
            "gave up on `{}{PATH}` (4 tries): the body stops after 40 of 500000 bytes: Peer disconnected; try again later; the part is kept in `{}`: run the same command again to resume",
            bench.server.url(),
            part.display()
        )
    );
    assert_eq!(std::fs::read(part).unwrap(), noise(7, 500_000)[..40]);
    assert_eq!(bench.waits(), [1.0, 2.0, 4.0]);
}

#[test]
fn another_run_resumes_even_from_a_restarted_server() {
    let content = noise(8, 50_000);
    let served = content.clone();
    let mut bench = Bench::new(move |asked| cut_at(asked, &served, &[20_000]));
    bench.options.max_retries = 0;
    assert!(matches!(fetch(&bench), Err(FetchError::GaveUp { kept: Some(_), .. })));
    assert_eq!(bench.names(), [format!("{NAME}.origin.part"), format!("{NAME}.part")]);
    let served = content.clone();
    bench.restart(move |asked| cut_at(asked, &served, &[]));
    let fetched = fetch(&bench).unwrap();
    assert_eq!(zip_requests(&bench), ["GET zip bytes=20000-"]);
    assert_eq!(fetched.files[0].status, FileStatus::Resumed);
    assert_eq!(bench.files()[NAME], content);
}

#[test]
fn a_server_that_ignores_ranges_is_begun_again() {
    let content = noise(9, 50_000);
    let served = content.clone();
    let bench = Bench::new(move |asked| match (asked.path == PATH, asked.before) {
        (true, 0) => Reply::ok(&*served).header("ETag", "\"a\"").cut_after(30_000),
        (true, _) => Reply::ok(&*served).header("ETag", "\"a\""),
        (false, _) => object(asked, PATH, &served).unwrap(),
    });
    let fetched = fetch(&bench).unwrap();
    assert_eq!(zip_requests(&bench), ["GET zip", "GET zip bytes=30000-"]);
    assert_eq!(fetched.files[0].status, FileStatus::Downloaded, "nothing of the part was used");
    assert_eq!(bench.files()[NAME], content);
}

#[test]
fn a_server_that_answers_with_another_range_is_begun_again() {
    let content = noise(9, 50_000);
    let served = content.clone();
    let bench = Bench::new(move |asked| match (asked.path == PATH, asked.before) {
        (true, 0) => Reply::ok(&*served).header("ETag", "\"a\"").cut_after(30_000),
        (true, 1) => Reply::new(206, &served[10_000..])
            .header("ETag", "\"a\"")
            .header("Content-Range", "bytes 10000-49999/50000"),
        _ => object(asked, PATH, &served).unwrap(),
    });
    fetch(&bench).unwrap();
    assert_eq!(zip_requests(&bench), ["GET zip", "GET zip bytes=30000-", "GET zip"]);
    assert_eq!(bench.files()[NAME], content);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum IfRange {
    Heeded,
    Ignored,
}

/// First one version until it is cut, then another; whether or not the server heeds `If-Range`.
fn changing(if_range: IfRange, new_length: usize) {
    let (old, new) = (noise(1, 50_000), noise(2, new_length));
    let served = new.clone();
    let bench = Bench::new(move |asked| {
        if asked.path == PATH && asked.before == 0 {
            return object(asked, PATH, &old).unwrap().cut_after(30_000);
        }
        let mut asked = asked.clone();
        if if_range == IfRange::Ignored {
            asked.headers.remove("if-range");
        }
        object(&asked, PATH, &served).unwrap()
    });
    fetch(&bench).unwrap();
    assert_eq!(bench.files()[NAME], new, "nothing of the old version is left");
    let log = bench.server.requests();
    let second = log.iter().filter(|asked| asked.path == PATH).nth(1).unwrap();
    assert!(second.headers.contains_key("if-range"), "the version is asked for by its tag");
}

#[test]
fn a_file_that_changed_meanwhile_is_begun_again() {
    changing(IfRange::Heeded, 50_000);
    changing(IfRange::Ignored, 50_000);
    changing(IfRange::Ignored, 60_000);
    changing(IfRange::Ignored, 20_000);
}

#[test]
fn a_part_of_unknown_origin_is_not_used() {
    let content = noise(3, 5_000);
    let served = content.clone();
    let bench = Bench::new(move |asked| object(asked, PATH, &served).unwrap());
    let part = bench.dir.path().join(format!("{NAME}.part"));
    std::fs::create_dir_all(part.parent().unwrap()).unwrap();
    std::fs::write(&part, "of some other file").unwrap();
    fetch(&bench).unwrap();
    assert_eq!(zip_requests(&bench), ["GET zip"]);
    assert_eq!(bench.files()[NAME], content);
}

#[test]
fn a_part_that_is_whole_is_only_verified() {
    let content = noise(4, 5_000);
    let served = content.clone();
    let bench = Bench::new(move |asked| object(asked, PATH, &served).unwrap());
    let part = bench.dir.path().join(NAME);
    std::fs::create_dir_all(part.parent().unwrap()).unwrap();
    std::fs::write(bench.dir.path().join(format!("{NAME}.part")), &content).unwrap();
    std::fs::write(bench.dir.path().join(format!("{NAME}.origin.part")), "\n5000\n").unwrap();
    let fetched = fetch(&bench).unwrap();
    assert_eq!(zip_requests(&bench), Vec::<String>::new());
    assert_eq!(fetched.files[0].status, FileStatus::Resumed);
    assert_eq!(bench.names(), [NAME.to_owned(), format!("{NAME}.CHECKSUM")]);
}

#[test]
fn a_whole_part_without_a_length_is_told_by_416() {
    let content = noise(4, 5_000);
    let served = content.clone();
    let bench = Bench::new(move |asked| object(asked, PATH, &served).unwrap());
    std::fs::create_dir_all(bench.dir.path().join(NAME).parent().unwrap()).unwrap();
    std::fs::write(bench.dir.path().join(format!("{NAME}.part")), &content).unwrap();
    let etag = format!("\"{}\"\n\n", &crate::server::sha256(&content)[..16]);
    std::fs::write(bench.dir.path().join(format!("{NAME}.origin.part")), etag).unwrap();
    fetch(&bench).unwrap();
    assert_eq!(zip_requests(&bench), ["GET zip bytes=5000-"]);
    assert_eq!(bench.files()[NAME], content);
}

#[test]
fn a_cancelled_run_leaves_only_parts() {
    let content = noise(5, 400_000);
    let served = content.clone();
    let bench = Bench::new(move |asked| object(asked, PATH, &served).unwrap());
    let mut stop = |progress: Progress<'_>| match progress {
        Progress::Received { bytes, .. } if bytes > 100_000 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let error = bench.fetch_told("binance-klines", &WANTED, "2024-03-01", &mut stop).unwrap_err();
    assert!(matches!(error, FetchError::Cancelled));
    let names = bench.names();
    assert!(!names.is_empty() && names.iter().all(|name| name.ends_with(".part")), "{names:?}");
    assert_eq!(fetch(&bench).unwrap().files[0].status, FileStatus::Resumed);
    assert_eq!(bench.files()[NAME], content);
}

#[test]
fn a_body_without_a_length_is_held_against_its_checksum() {
    let content = noise(6, 5_000);
    let served = content.clone();
    let bench = Bench::new(move |asked| {
        let reply = object(asked, PATH, &served).unwrap();
        let is_first_zip = asked.path == PATH && asked.before == 0;
        let cut_after = is_first_zip.then_some(1_000);
        Reply { without_length: asked.path == PATH, cut_after, ..reply }
    });
    fetch(&bench).unwrap();
    assert_eq!(bench.files()[NAME], content);
}

#[test]
fn an_archive_larger_than_allowed_is_refused_with_and_without_a_length() {
    for without_length in [false, true] {
        let mut bench = Bench::new(move |asked| {
            let reply = object(asked, PATH, &noise(6, 200_000)).unwrap();
            Reply { without_length: without_length && asked.path == PATH, ..reply }
        });
        bench.options.max_archive_bytes = 100_000;
        let error = fetch(&bench).unwrap_err();
        assert!(matches!(error, FetchError::TooLarge { limit: 100_000, .. }), "{error}");
        assert_eq!(bench.names(), Vec::<String>::new());
    }
}
