//! `hedgerow fetch` from the command line to a scenario on what it brought, against a server on this machine.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Cursor, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};
use support::Desk;

/// Serves files by path, 404 for the rest; answers its address and the paths that were asked for.
fn serve(files: HashMap<String, Vec<u8>>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let Some(Ok(request)) = lines.next() else { continue };
            let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let (status, body) = match files.get(&path) {
                Some(body) => ("200 OK", body.clone()),
                None => ("404 Not Found", b"<Error><Code>NoSuchKey</Code></Error>".to_vec()),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            // A client that has gone away is its own business.
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
            log.lock().unwrap().push(path);
        }
    });
    (url, asked)
}

/// Hourly klines of January 2024 as data.binance.vision packs them.
fn january() -> Vec<u8> {
    let mut text = String::new();
    for hour in 0..31 * 24_i64 {
        let open_time = 1_704_067_200_000 + hour * 3_600_000;
        let price = 42_000 + (hour * 37) % 500;
        text.push_str(&format!(
            "{open_time},{price}.0,{}.0,{}.0,{}.5,10.0,{},420000.0,99,5.0,210000.0,0\n",
            price + 20,
            price - 20,
            price + 5,
            open_time + 3_599_999
        ));
    }
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("BTCUSDT-1h-2024-01.csv", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(text.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

fn archive() -> HashMap<String, Vec<u8>> {
    let name = "BTCUSDT-1h-2024-01.zip";
    let path = format!("/data/spot/monthly/klines/BTCUSDT/1h/{name}");
    let zip = january();
    let digest: String = Sha256::digest(&zip).iter().map(|byte| format!("{byte:02x}")).collect();
    let checksum = format!("{digest}  {name}\n").into_bytes();
    HashMap::from([(format!("{path}.CHECKSUM"), checksum), (path, zip)])
}

const WANTED: &[&str] = &[
    "fetch",
    "binance-klines",
    "--market",
    "spot",
    "--symbol",
    "BTCUSDT",
    "--interval",
    "1h",
    "--from",
    "2024-01-01",
    "--to",
    "2024-01-31",
    "--out",
    "history",
    "--retries",
    "0",
    "--base-url",
];

const SCENARIO: &str = r#"name = "fetched"
[market]
perp = "at_spot"
funding = "none"
[[market.series]]
is = "spot"
asset = "BTC"
path = "history/*.parquet"
[[book]]
programme = "spot"
quantity = 2
[[strategy]]
name = "whole"
[[strategy.leg]]
with = "perp"
when = "every_row"
"#;

#[test]
fn what_is_fetched_is_imported_and_a_second_run_asks_for_nothing() {
    let (url, asked) = serve(archive());
    let desk = Desk::new();
    let wanted: Vec<&str> = WANTED.iter().copied().chain([url.as_str()]).collect();
    let output = desk.hedgerow(&wanted);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("744 rows"), "{said}");
    assert!(said.contains("bars/1"), "{said}");
    let n_asked = asked.lock().unwrap().len();
    assert!(n_asked >= 2);
    let again = desk.hedgerow(&wanted);
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    assert!(String::from_utf8_lossy(&again.stdout).contains("already there"));
    assert_eq!(asked.lock().unwrap().len(), n_asked);
    desk.write("my.toml", SCENARIO);
    assert_eq!(desk.summary()["rows"], 744);
}

#[test]
fn an_absent_symbol_is_one_clear_error_and_leaves_no_file() {
    let (url, _) = serve(HashMap::new());
    let desk = Desk::new();
    let wanted: Vec<&str> = WANTED.iter().copied().chain([url.as_str()]).collect();
    let output = desk.hedgerow(&wanted);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.starts_with("error: ") && message.contains("BTCUSDT"), "{message}");
    assert!(!desk.path("history").join("BTC-spot.parquet").exists());
}

#[test]
fn wrong_parameters_are_refused_before_anything_is_asked() {
    let (url, asked) = serve(archive());
    let desk = Desk::new();
    for (arguments, expected) in [
        (vec!["fetch", "binance-kline", "--out", "h"], "binance_klines"),
        (vec!["fetch", "binance-klines", "--symbol", "BTCUSDT", "--out", "h"], "market"),
        (
            vec!["fetch", "deribit-dvol", "--symbol", "BTC", "--from", "2024-01-01", "--out", "h"],
            "symbol",
        ),
    ] {
        let wanted: Vec<&str> = arguments.into_iter().chain(["--base-url", &url]).collect();
        let output = desk.hedgerow(&wanted);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains(expected), "{message}");
    }
    assert!(asked.lock().unwrap().is_empty());
    assert!(desk.names().is_empty());
}
