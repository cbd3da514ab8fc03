//! Failures that pass, and failures that do not.

use std::time::Duration;

use hedgerow_fetch::{FetchError, Fetched};

use crate::bench::Bench;
use crate::server::{Asked, Reply};

const PAGE: &str = "{\"result\":[{\"instrument_name\":\"BTC-PERPETUAL\"}]}";

fn fetch(bench: &Bench) -> Result<Fetched, FetchError> {
    let wanted = [("currency", "BTC"), ("listing", "active")];
    bench.fetch("deribit-instruments", &wanted, "2024-06-01")
}

/// The page, after these.
fn after(replies: Vec<Reply>) -> Bench {
    Bench::new(move |asked: &Asked| replies.get(asked.before).cloned().unwrap_or(Reply::ok(PAGE)))
}

fn url(bench: &Bench) -> String {
    format!("{}/api/v2/public/get_instruments?currency=BTC&expired=false", bench.server.url())
}

#[test]
fn errors_of_the_server_pass_with_longer_and_longer_waits() {
    let bench = after(vec![Reply::new(500, ""), Reply::new(502, "<html>"), Reply::new(408, "")]);
    fetch(&bench).unwrap();
    assert_eq!(bench.waits(), [1.0, 2.0, 4.0]);
}

#[test]
fn the_waits_double_up_to_a_minute_and_end() {
    let mut bench = Bench::new(|_| Reply::new(503, ""));
    bench.options.max_retries = 8;
    let error = fetch(&bench).unwrap_err();
    assert_eq!(bench.waits(), [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]);
    assert_eq!(
        error.to_string(),
        format!(
            "gave up on `{}` (9 tries): the server answers 503 Service Unavailable; try again later",
            url(&bench)
        )
    );
    assert_eq!(bench.names(), Vec::<String>::new());
}

#[test]
fn connections_that_end_too_early_are_tried_again() {
    let whole = Reply::ok(PAGE);
    let close_delimited = Reply { without_length: true, ..whole.clone().cut_after(20) };
    let bench = after(vec![Reply::hang_up(), whole.cut_after(20), close_delimited]);
    assert_eq!(fetch(&bench).unwrap().files[0].bytes, PAGE.len() as u64);
    assert_eq!(bench.waits(), [1.0, 2.0, 4.0]);
}

#[test]
fn a_silent_server_is_asked_again() {
    let silent = Reply { delay: Duration::from_millis(300), ..Reply::ok(PAGE) };
    let mut bench = after(vec![silent]);
    bench.options.timeout = Duration::from_millis(100);
    // While the server is silent it hears nobody: the second try may time out as well.
    bench.options.max_retries = 8;
    fetch(&bench).unwrap();
    assert!(!bench.waits().is_empty());
}

#[test]
fn the_server_says_how_long_to_wait() {
    let too_many = |wait: &str| {
        format!(
            "{{\"jsonrpc\":\"2.0\",\"error\":{{\"message\":\"too_many_requests\",\"data\":{{\"wait\":{wait}}},\"code\":10028}}}}"
        )
    };
    let bench = after(vec![
        Reply::new(429, "").header("Retry-After", "7"),
        Reply::new(429, too_many("3")),
        // The venue has said so with 400 and with 200 as well.
        Reply::new(400, too_many("1.5")),
    ]);
    fetch(&bench).unwrap();
    assert_eq!(bench.waits(), [7.0, 3.0, 1.5]);
    let bench = after(vec![
        Reply::ok(too_many("2")),
        Reply::new(503, "")
            .header("Date", "Wed, 21 Oct 2015 07:28:00 GMT")
            .header("Retry-After", "Wed, 21 Oct 2015 07:28:30 GMT"),
        Reply::new(429, "").header("Retry-After", "some day"),
    ]);
    fetch(&bench).unwrap();
    assert_eq!(bench.waits(), [2.0, 30.0, 4.0]);
}

#[test]
fn a_wait_that_is_too_long_is_told_instead() {
    let bench = Bench::new(|_| Reply::new(429, "").header("Retry-After", "3600"));
    let error = fetch(&bench).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "gave up on `{}` (1 try): the server answers 429 Too Many Requests, and asks to wait 3600 s; try again later",
            url(&bench)
        )
    );
    assert_eq!(bench.waits(), Vec::<f64>::new());
}

#[test]
fn the_venue_s_own_error_is_told_at_once_in_its_words() {
    let bench = Bench::new(|_| {
        Reply::new(
            400,
            "{\"jsonrpc\":\"2.0\",\"error\":{\"message\":\"Invalid params\",\"data\":{\"reason\":\"wrong format\",\"param\":\"currency\"},\"code\":-32602},\"testnet\":false}",
        )
    });
    assert_eq!(
        fetch(&bench).unwrap_err().to_string(),
        format!(
            "`{}`: the venue answers error -32602, Invalid params (param: currency, reason: wrong format)",
            url(&bench)
        )
    );
    assert_eq!(bench.log().len(), 1);
}

#[test]
fn a_refusal_is_told_at_once_with_advice() {
    let told = [
        (
            451,
            "; the server or a proxy on the way refuses this client or place: try a mirror as base URL",
        ),
        (404, "; check the base URL and the names"),
        (400, ""),
        (410, ""),
    ];
    for (status, advice) in told {
        let bench = Bench::new(move |_| Reply::new(status, "<html>"));
        let expected = format!("`{}`: the server answers {status}{advice}", url(&bench));
        assert_eq!(fetch(&bench).unwrap_err().to_string(), expected);
        assert_eq!(bench.log().len(), 1);
    }
}

#[test]
fn a_server_that_is_not_there_is_told_with_what_to_check() {
    let mut bench = Bench::new(|_| Reply::not_found());
    // Bound and closed again: nobody listens there.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    bench.options.deribit_url = format!("http://{gone}");
    let error = fetch(&bench).unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { tries: 4, .. }), "{error}");
    let advice = "; check the network, the proxy (HTTPS_PROXY, NO_PROXY) and the base URL";
    assert!(error.to_string().ends_with(advice), "{error}");
    assert_eq!(bench.waits(), [1.0, 2.0, 4.0]);
}

#[test]
fn a_base_url_that_is_none_is_told_at_once() {
    for url in ["", "not a url", "ftp://127.0.0.1:1"] {
        let mut bench = Bench::new(|_| Reply::not_found());
        bench.options.deribit_url = url.to_owned();
        let error = fetch(&bench).unwrap_err();
        assert!(matches!(error, FetchError::Unreachable { tries: 1, .. }), "{url}: {error}");
        assert_eq!(bench.waits(), Vec::<f64>::new());
    }
}

#[test]
fn requests_keep_their_distance() {
    let mut bench = after(vec![Reply::new(500, "")]);
    bench.options.spacing = Duration::from_millis(1500);
    fetch(&bench).unwrap();
    assert_eq!(
        bench.waits(),
        [1.0, 0.5],
        "a second after the failure, and the rest of the distance"
    );
}

#[test]
fn a_page_larger_than_allowed_is_refused_with_and_without_a_length() {
    for without_length in [false, true] {
        let mut bench = Bench::new(move |_| Reply { without_length, ..Reply::ok(PAGE) });
        bench.options.max_page_bytes = PAGE.len() as u64;
        fetch(&bench).unwrap();
        bench.options.max_page_bytes -= 1;
        let error = fetch(&bench).unwrap_err();
        assert!(matches!(error, FetchError::TooLarge { .. }), "{error}");
    }
}

#[test]
fn redirects_are_followed() {
    let bench = Bench::new(|asked| match asked.path.as_str() {
        "/moved" => Reply::ok(PAGE),
        _ => Reply::new(302, "").header("Location", "/moved"),
    });
    fetch(&bench).unwrap();
    assert_eq!(bench.log()[1], "GET /moved");
}
