//! Deribit's pages: which are asked for, how they meet, what a second run does.

use std::collections::BTreeMap;

use hedgerow_core::Timestamp;
use hedgerow_fetch::{FetchError, FileStatus};

use crate::bench::Bench;
use crate::server::{Asked, Reply};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn millis(text: &str) -> i64 {
    Timestamp::parse(text).unwrap().millis()
}

/// Stamps of the venue's rows in an asked span, at most `limit`, the latest.
fn stamps(asked: &Asked, first: i64, step: i64, limit: usize) -> Vec<i64> {
    let (start, end) = (asked.number("start_timestamp"), asked.number("end_timestamp"));
    let n_steps = ((start.max(first) - first) + step - 1) / step;
    let mut stamps: Vec<i64> = (0..)
        .map(|index| first + (n_steps + index) * step)
        .take_while(|stamp| *stamp <= end)
        .collect();
    stamps.split_off(stamps.len().saturating_sub(limit))
}

/// Where a venue says to go on when there is more before the rows it gives.
#[derive(Clone, Copy)]
enum Continuation {
    BeforeFirstRow,
    AtFirstRow,
}

/// DVOL as recorded, hourly from its first day.
fn dvol(asked: &Asked, limit: usize, continuation: Continuation) -> Reply {
    let first = millis("2021-03-24");
    let stamps = stamps(asked, first, HOUR, limit);
    let start = asked.number("start_timestamp").max(first);
    let next = stamps.first().filter(|stamp| **stamp > start).map(|stamp| match continuation {
        Continuation::BeforeFirstRow => stamp - 1,
        Continuation::AtFirstRow => *stamp,
    });
    let rows: Vec<String> =
        stamps.iter().map(|stamp| format!("[{stamp},81.25,82.0,80.97,81.44]")).collect();
    let next = next.map_or("null".to_owned(), |next| next.to_string());
    Reply::ok(format!(
        "{{\"jsonrpc\":\"2.0\",\"result\":{{\"data\":[{}],\"continuation\":{next}}},\"usIn\":1,\"usOut\":2,\"testnet\":false}}",
        rows.join(",")
    ))
}

fn whole_dvol(asked: &Asked) -> Reply {
    dvol(asked, 1000, Continuation::BeforeFirstRow)
}

fn hourly<'a>(from: &'a str, to: &'a str) -> [(&'a str, &'a str); 4] {
    [("currency", "BTC"), ("resolution", "3600"), ("from", from), ("to", to)]
}

/// Every stamp on disk and how often, from DVOL pages.
fn stamps_on_disk(bench: &Bench) -> BTreeMap<i64, usize> {
    let mut counts = BTreeMap::new();
    for content in bench.files().values() {
        let page: serde_json::Value = serde_json::from_slice(content).unwrap();
        let result = &page["result"];
        let rows = ["data", "ticks"].iter().find_map(|key| result[key].as_array());
        for row in rows.or(result.as_array()).unwrap() {
            let stamp = row.as_i64().or(row[0].as_i64()).or(row["timestamp"].as_i64()).unwrap();
            *counts.entry(stamp).or_default() += 1;
        }
    }
    counts
}

#[test]
fn dvol_comes_in_windows_as_received_and_a_second_run_asks_nothing() {
    let bench = Bench::new(whole_dvol);
    let wanted = hourly("2021-03-24", "2021-06-01");
    let fetched = bench.fetch("deribit-dvol", &wanted, "2024-01-01").unwrap();
    let query = "GET /api/v2/public/get_volatility_index_data?currency=BTC&resolution=3600";
    assert_eq!(
        bench.log(),
        [
            format!("{query}&start_timestamp=1616400000000&end_timestamp=1619999999999"),
            format!("{query}&start_timestamp=1620000000000&end_timestamp=1622591999999"),
        ]
    );
    let folder = "deribit/dvol/BTC-3600";
    let (first, last) = (
        format!("{folder}/1616400000000-1620000000000.json"),
        format!("{folder}/1620000000000-1622592000000.json"),
    );
    assert_eq!(bench.names(), [first.clone(), last.clone()]);
    let received = whole_dvol(&bench.server.requests()[0]).body;
    assert_eq!(bench.files()[&first], received, "exactly as received");
    assert_eq!(fetched.files.iter().map(|f| f.n_rows).collect::<Vec<_>>(), [Some(960), Some(720)]);
    assert_eq!(fetched.files[0].path, bench.dir.path().join(first));
    assert_eq!(fetched.notes, Vec::<String>::new());

    let again = bench.fetch("deribit-dvol", &wanted, "2024-01-01").unwrap();
    assert_eq!(bench.log().len(), 2, "a second run asks nothing");
    assert!(again.files.iter().all(|file| file.status == FileStatus::AlreadyThere));
}

#[test]
fn a_longer_period_replaces_the_last_page_and_a_shorter_one_is_content() {
    let bench = Bench::new(whole_dvol);
    let fetch = |to| bench.fetch("deribit-dvol", &hourly("2021-04-01", to), "2024-01-01").unwrap();
    fetch("2021-04-10");
    assert_eq!(fetch("2021-04-20").files[0].status, FileStatus::Downloaded);
    assert_eq!(bench.names(), ["deribit/dvol/BTC-3600/1616400000000-1618963200000.json"]);
    assert_eq!(fetch("2021-04-05").files[0].status, FileStatus::AlreadyThere);
    assert_eq!(bench.log().len(), 2);
    assert!(stamps_on_disk(&bench).values().all(|count| *count == 1));
}

#[test]
fn a_page_that_ends_now_is_asked_for_again_later() {
    let bench = Bench::new(whole_dvol);
    let wanted = hourly("2021-04-01", "2021-04-30");
    bench.fetch("deribit-dvol", &wanted, "2021-04-10T10:30:00Z").unwrap();
    assert_eq!(bench.names(), ["deribit/dvol/BTC-3600/1616400000000-1618048800000.json"]);
    bench.fetch("deribit-dvol", &wanted, "2021-04-10T10:59:00Z").unwrap();
    assert_eq!(bench.log().len(), 1, "no hour has ended meanwhile");
    bench.fetch("deribit-dvol", &wanted, "2021-04-10T11:00:30Z").unwrap();
    assert_eq!(bench.log().len(), 1, "the venue is given a minute");
    bench.fetch("deribit-dvol", &wanted, "2021-04-10T12:30:00Z").unwrap();
    assert_eq!(bench.names(), ["deribit/dvol/BTC-3600/1616400000000-1618056000000.json"]);
}

#[test]
fn continuations_are_followed_backwards_within_a_window() {
    for (continuation, n_twice) in
        [(Continuation::BeforeFirstRow, 0), (Continuation::AtFirstRow, 3)]
    {
        let bench = Bench::new(move |asked| dvol(asked, 300, continuation));
        let wanted = hourly("2021-03-24", "2021-05-02");
        let fetched = bench.fetch("deribit-dvol", &wanted, "2024-01-01").unwrap();
        let ends: Vec<i64> =
            bench.server.requests().iter().map(|asked| asked.number("end_timestamp")).collect();
        assert!(ends[..4].is_sorted_by(|one, next| one > next), "{ends:?}");
        let stamps = stamps_on_disk(&bench);
        assert_eq!(stamps.len(), 40 * 24, "every hour of forty days");
        assert_eq!(stamps.values().filter(|count| **count == 2).count(), n_twice);
        let told =
            fetched.notes.iter().any(|note| note == "3 rows stand in two pages, as received");
        assert_eq!(told, n_twice > 0, "{:?}", fetched.notes);
        assert!(fetched.files.is_sorted_by_key(|file| &file.path), "in order of time");
        assert_eq!(fetched.files.len(), bench.names().len());

        let n_asked = bench.log().len();
        bench.fetch("deribit-dvol", &wanted, "2024-01-01").unwrap();
        assert_eq!(bench.log().len(), n_asked, "a second run asks nothing");
        std::fs::remove_file(&fetched.files[1].path).unwrap();
        let again = bench.fetch("deribit-dvol", &wanted, "2024-01-01").unwrap();
        assert_eq!(bench.log().len(), n_asked + 1, "only the missing page is asked for");
        assert_eq!(again.files[1].path, fetched.files[1].path);
    }
}

#[test]
fn an_interrupted_run_goes_on_at_the_first_missing_page() {
    let mut bench = Bench::new(|asked| match asked.number("start_timestamp") {
        1_620_000_000_000 => Reply::hang_up(),
        _ => whole_dvol(asked),
    });
    bench.options.max_retries = 0;
    let wanted = hourly("2021-03-24", "2021-06-01");
    let error = bench.fetch("deribit-dvol", &wanted, "2024-01-01").unwrap_err();
    assert!(matches!(error, FetchError::GaveUp { kept: None, .. }), "{error}");
    assert_eq!(bench.names(), ["deribit/dvol/BTC-3600/1616400000000-1620000000000.json"]);
    bench.restart(whole_dvol);
    bench.fetch("deribit-dvol", &wanted, "2024-01-01").unwrap();
    assert_eq!(bench.log().len(), 1);
    assert_eq!(bench.names().len(), 2);
}

#[test]
fn a_page_that_was_spoilt_on_disk_comes_again() {
    let bench = Bench::new(whole_dvol);
    let wanted = hourly("2021-03-24", "2021-04-01");
    let fetched = bench.fetch("deribit-dvol", &wanted, "2024-01-01").unwrap();
    std::fs::write(&fetched.files[0].path, "{\"result\":{\"data\":[[16").unwrap();
    let again = bench.fetch("deribit-dvol", &wanted, "2024-01-01").unwrap();
    assert_eq!(again.files[0].status, FileStatus::Downloaded);
}

#[test]
fn a_continuation_that_does_not_advance_is_an_error() {
    for offset in [0, 1, 1000, HOUR] {
        let bench = Bench::new(move |asked| {
            let next = asked.number("end_timestamp") + 1 - offset;
            Reply::ok(format!("{{\"result\":{{\"data\":[],\"continuation\":{next}}}}}"))
        });
        let error = bench
            .fetch("deribit-dvol", &hourly("2021-03-24", "2021-03-26"), "2024-01-01")
            .unwrap_err();
        assert!(matches!(error, FetchError::NotAdvancing { .. }), "{offset}: {error}");
        assert_eq!((bench.log().len(), bench.names().len()), (1, 0));
    }
}

#[test]
fn a_continuation_before_the_window_is_its_end() {
    let bench = Bench::new(|asked| {
        let stamp = asked.number("start_timestamp");
        let next = stamp - 1;
        Reply::ok(format!(
            "{{\"result\":{{\"data\":[[{stamp},1,1,1,1]],\"continuation\":{next}}}}}"
        ))
    });
    bench.fetch("deribit-dvol", &hourly("2021-03-24", "2021-03-26"), "2024-01-01").unwrap();
    assert_eq!(bench.log().len(), 1);
}

#[test]
fn time_before_the_first_row_is_told_and_no_rows_at_all_is_an_error() {
    let bench = Bench::new(whole_dvol);
    let fetched =
        bench.fetch("deribit-dvol", &hourly("2021-01-01", "2021-04-01"), "2024-01-01").unwrap();
    assert_eq!(fetched.notes, ["the venue's first row is of 2021-03-24T00:00:00Z"]);
    assert_eq!(fetched.files[0].n_rows, Some(0));
    let error =
        bench.fetch("deribit-dvol", &hourly("2020-01-01", "2020-02-01"), "2024-01-01").unwrap_err();
    let expected = "the venue has no rows from 2020-01-01T00:00:00Z to 2020-02-02T00:00:00Z for `";
    assert!(error.to_string().starts_with(expected), "{error}");
}

#[test]
fn an_empty_page_between_two_is_told() {
    let bench = Bench::new(|asked| match asked.number("start_timestamp") {
        1_620_000_000_000 => Reply::ok("{\"result\":{\"data\":[],\"continuation\":null}}"),
        _ => whole_dvol(asked),
    });
    let fetched =
        bench.fetch("deribit-dvol", &hourly("2021-04-01", "2021-07-01"), "2024-01-01").unwrap();
    assert_eq!(
        fetched.notes,
        ["1 holes where pages meet, the first from 2021-05-02T23:00:00Z to 2021-06-13T16:00:00Z"]
    );
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    Included,
    Excluded,
}

fn funding(asked: &Asked, start: Start) -> Reply {
    let mut stamps = stamps(asked, millis("2019-04-30"), HOUR, 744);
    if start == Start::Excluded {
        stamps.retain(|stamp| *stamp > asked.number("start_timestamp"));
    }
    let row = |stamp: &i64| {
        format!(
            "{{\"timestamp\":{stamp},\"index_price\":41317.22,\"prev_index_price\":41290.1,\"interest_8h\":-0.004864664070384957,\"interest_1h\":-4.9e-6}}"
        )
    };
    let rows: Vec<String> = stamps.iter().map(row).collect();
    Reply::ok(format!("{{\"jsonrpc\":\"2.0\",\"result\":[{}]}}", rows.join(",")))
}

#[test]
fn funding_has_every_hour_once_whether_or_not_the_venue_includes_the_start() {
    for start in [Start::Included, Start::Excluded] {
        let bench = Bench::new(move |asked| funding(asked, start));
        let wanted =
            [("instrument", "BTC-PERPETUAL"), ("from", "2024-01-01"), ("to", "2024-03-31")];
        let fetched = bench.fetch("deribit-funding", &wanted, "2024-06-01").unwrap();
        let query = "GET /api/v2/public/get_funding_rate_history?instrument_name=BTC-PERPETUAL";
        assert_eq!(
            bench.log()[0],
            format!("{query}&start_timestamp=1702943999999&end_timestamp=1705535999999")
        );
        let stamps = stamps_on_disk(&bench);
        let expected: Vec<i64> = (0..)
            .map(|hour| 1_702_944_000_000 + hour * HOUR)
            .take_while(|stamp| *stamp < millis("2024-04-01"))
            .collect();
        assert_eq!(stamps.keys().copied().collect::<Vec<_>>(), expected);
        assert!(stamps.values().all(|count| *count == 1));
        assert_eq!(fetched.notes, Vec::<String>::new());
        assert!(
            bench.names().iter().all(|name| name.starts_with("deribit/funding/BTC-PERPETUAL/"))
        );
    }
}

fn chart_of(stamps: &[i64]) -> Reply {
    let column = |value: &str| vec![value; stamps.len()].join(",");
    let ticks: Vec<String> = stamps.iter().map(i64::to_string).collect();
    let (status, price, volume) =
        (if stamps.is_empty() { "no_data" } else { "ok" }, column("87456.5"), column("2.5"));
    Reply::ok(format!(
        "{{\"id\":2,\"jsonrpc\":\"2.0\",\"result\":{{\"close\":[{price}],\"cost\":[{volume}],\"high\":[{price}],\"low\":[{price}],\"open\":[{price}],\"status\":\"{status}\",\"ticks\":[{}],\"volume\":[{volume}]}}}}",
        ticks.join(",")
    ))
}

fn chart_parameters<'a>(
    resolution: &'a str,
    from: &'a str,
    to: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![("instrument", "BTC-PERPETUAL"), ("resolution", resolution), ("from", from), ("to", to)]
}

#[test]
fn a_chart_comes_whole_even_where_the_venue_gives_fewer_bars_than_documented() {
    for limit in [5000, 2000] {
        let bench =
            Bench::new(move |asked| chart_of(&stamps(asked, millis("2018-08-14"), 60_000, limit)));
        let wanted = chart_parameters("1", "2024-01-01", "2024-01-10");
        let fetched = bench.fetch("deribit-chart", &wanted, "2024-06-01").unwrap();
        let stamps = stamps_on_disk(&bench);
        let n_windows = 4;
        let first = 1_704_000_000_000;
        assert_eq!(stamps.first_key_value(), Some((&first, &1)));
        let n_minutes = (millis("2024-01-11") - first) / 60_000;
        assert_eq!(i64::try_from(stamps.len()), Ok(n_minutes));
        assert!(stamps.values().all(|count| *count == 1));
        assert_eq!(fetched.notes, Vec::<String>::new());
        let n_pages = if limit == 5000 { n_windows } else { 10 };
        assert_eq!(fetched.files.len(), n_pages);
        let n_asked = bench.log().len();
        bench.fetch("deribit-chart", &wanted, "2024-06-01").unwrap();
        assert_eq!(bench.log().len(), n_asked);
    }
}

#[test]
fn a_bar_that_is_not_over_is_told_and_replaced() {
    // Days that begin at 08:00, as the venue's settlement does.
    let bench =
        Bench::new(|asked| chart_of(&stamps(asked, millis("2024-01-01") + 8 * HOUR, DAY, 5000)));
    let wanted = chart_parameters("1D", "2024-01-01", "2024-12-31");
    let fetched = bench.fetch("deribit-chart", &wanted, "2024-03-15T03:00:00Z").unwrap();
    assert!(
        fetched.notes.contains(
            &"the row of 2024-03-14T08:00:00Z is not final yet; a later run replaces it".to_owned()
        ),
        "{:?}",
        fetched.notes
    );
    let n_asked = bench.log().len();
    let fetched = bench.fetch("deribit-chart", &wanted, "2024-03-15T12:00:00Z").unwrap();
    assert_eq!(bench.log().len(), n_asked + 1, "{:?}", bench.log());
    assert!(!fetched.notes.iter().any(|note| note.contains("not final")), "{:?}", fetched.notes);
    assert!(stamps_on_disk(&bench).values().all(|count| *count == 1), "the old page is gone");
}

#[test]
fn columns_of_unequal_length_and_unknown_states_are_refused() {
    let answers = [
        (
            "{\"result\":{\"status\":\"ok\",\"ticks\":[1,2],\"open\":[1],\"close\":[1,2]}}",
            "2 ticks, 1 opens, 2 closes",
        ),
        ("{\"result\":{\"status\":\"odd\"}}", "status `odd`, expected `ok` or `no_data`"),
        ("<html>sign in</html>", "expected value at line 1 column 1"),
        ("{\"result\":[]}", "invalid length 0"),
    ];
    for (answer, expected) in answers {
        let bench = Bench::new(move |_| Reply::ok(answer));
        let wanted = chart_parameters("60", "2024-01-01", "2024-01-10");
        let error = bench.fetch("deribit-chart", &wanted, "2024-06-01").unwrap_err();
        assert!(matches!(error, FetchError::Layout { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!((bench.log().len(), bench.names().len()), (1, 0));
    }
}

#[test]
fn instruments_are_a_picture_of_the_moment() {
    let page = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[{\"kind\":\"option\",\"instrument_name\":\"BTC-27DEC24-100000-C\",\"strike\":100000.0}]}";
    let bench = Bench::new(move |_| Reply::ok(page));
    let wanted = [("currency", "BTC"), ("kind", "option"), ("listing", "expired")];
    for n_asked in 1..=2 {
        let fetched = bench.fetch("deribit-instruments", &wanted, "2024-06-01").unwrap();
        assert_eq!(fetched.files[0].n_rows, Some(1));
        assert_eq!(bench.log().len(), n_asked);
    }
    assert_eq!(
        bench.log()[0],
        "GET /api/v2/public/get_instruments?currency=BTC&expired=true&kind=option"
    );
    assert_eq!(bench.names(), ["deribit/instruments/BTC-option-expired.json"]);
    assert_eq!(bench.files()["deribit/instruments/BTC-option-expired.json"], page.as_bytes());
    let all = [("currency", "any"), ("listing", "active")];
    bench.fetch("deribit-instruments", &all, "2024-06-01").unwrap();
    assert_eq!(bench.log()[2], "GET /api/v2/public/get_instruments?currency=any&expired=false");
}

#[test]
fn a_period_whose_first_row_is_not_final_has_nothing_yet() {
    let bench = Bench::new(whole_dvol);
    let error = bench
        .fetch(
            "deribit-dvol",
            &hourly("2021-04-10T10:00:00Z", "2021-05-01"),
            "2021-04-10T10:30:00Z",
        )
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no file for this period yet: its first row is final at 2021-04-10T11:01:00Z"
    );
    assert_eq!(bench.log().len(), 0);
}
