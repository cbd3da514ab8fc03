//! `hedgerow fetch`: public history from the network, imported.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use hedgerow_core::Timestamp;
use hedgerow_data::{Declared, SeriesKind};
use hedgerow_fetch::{Fetched, FileStatus, Options, Progress, SOURCES, source};

use crate::args::FetchArgs;
use crate::import::summary;
use crate::output::say;
use crate::progress::Transfer;

/// Downloads, verifies, imports.
///
/// # Errors
/// Wrong arguments, no network, or what the venue answers; what is whole by then stays, and the same command goes on from
/// there.
pub(crate) fn fetch(args: &FetchArgs) -> anyhow::Result<()> {
    let parameters = args.parameters();
    let wanted =
        source(&args.source, &parameters).map_err(|error| anyhow::anyhow!(error.message))?;
    let transfer = Transfer::start();
    let mut told = Vec::new();
    let mut listen = |progress: Progress<'_>| {
        show(&transfer, &mut told, progress);
        ControlFlow::Continue(())
    };
    let fetched = hedgerow_fetch::fetch(&*wanted, now(), &options(args), &args.out, &mut listen)?;
    drop(transfer);
    told.iter().for_each(|line: &String| say(line));
    say(&text(&fetched));
    if args.no_import {
        return Ok(());
    }
    let Some(declared) = declared(&args.source, &parameters) else {
        say("a list of instruments is used as it is: is = \"instruments\"\n");
        return Ok(());
    };
    let with_rows = fetched.files.iter().filter(|file| file.n_rows != Some(0));
    let files: Vec<PathBuf> = with_rows.map(|file| file.path.clone()).collect();
    if files.is_empty() {
        anyhow::bail!("the venue has no rows in that period; there is nothing to import");
    }
    let imported = hedgerow_data::import(&files, &declared, &args.out, &mut |_| {})
        .context("the files were downloaded and stay, but cannot be imported")?;
    say("\n");
    say(&summary(imported));
    Ok(())
}

/// The one clock of the program: it decides which months are over.
#[expect(clippy::disallowed_methods, reason = "what exists on the network depends on the date")]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn options(args: &FetchArgs) -> Options {
    let mut options = Options { max_retries: args.retries, ..Options::default() };
    if let Some(url) = &args.base_url {
        options.binance_url.clone_from(url);
        options.deribit_url.clone_from(url);
    }
    options
}

fn show(transfer: &Transfer, told: &mut Vec<String>, progress: Progress<'_>) {
    match progress {
        Progress::Asking { url } => transfer.show(url, 0, None),
        Progress::Received { path, bytes, total } => {
            transfer.show(&path.display().to_string(), bytes, total);
        }
        Progress::Waiting { url, reason, wait } => {
            transfer.show(&format!("{url}: {reason}; waiting {} s", wait.as_secs()), 0, None);
            told.push(format!("{url}: {reason}; tried again after {} s\n", wait.as_secs()));
        }
        _ => {}
    }
}

/// What is on disk now.
fn text(fetched: &Fetched) -> String {
    let mut text = String::new();
    for file in &fetched.files {
        let status = match file.status {
            FileStatus::Downloaded => "downloaded",
            FileStatus::Resumed => "continued",
            FileStatus::AlreadyThere => "already there",
        };
        let _ = writeln!(text, "{}: {status}, {} bytes", file.path.display(), file.bytes);
    }
    for url in &fetched.absent {
        let _ = writeln!(text, "{url}: the server does not have it");
    }
    for note in &fetched.notes {
        let _ = writeln!(text, "note: {note}");
    }
    text
}

/// What the files hold, as the question tells; `None` for what is no series.
fn declared(source: &str, parameters: &[(&str, &str)]) -> Option<Declared> {
    let get = |key: &str| {
        parameters.iter().find(|(name, _)| *name == key).map_or("", |(_, value)| *value)
    };
    let market = get("market").replace('-', "_");
    let (is_coin_margined, name) = match source.replace('_', "-").as_str() {
        "binance-klines" | "binance-funding" => (market == "coin_m", get("symbol")),
        "deribit-dvol" => (false, get("currency")),
        _ => (!get("instrument").contains('_'), get("instrument")),
    };
    let is_dated = name
        .rsplit(['_', '-'])
        .next()
        .is_some_and(|last| last.starts_with(|letter: char| letter.is_ascii_digit()));
    let is = match source.replace('_', "-").as_str() {
        "deribit-instruments" => return None,
        "deribit-dvol" => SeriesKind::Vol,
        "binance-funding" | "deribit-funding" if is_coin_margined => SeriesKind::InverseFunding,
        "binance-funding" | "deribit-funding" => SeriesKind::Funding,
        "binance-klines" if market == "spot" => SeriesKind::Spot,
        _ if is_dated => SeriesKind::Future,
        _ if is_coin_margined => SeriesKind::InversePerp,
        _ => SeriesKind::Perp,
    };
    let asset = name.split(['-', '_']).next().unwrap_or(name);
    let quoted = ["USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USD"];
    let asset = quoted.iter().find_map(|quote| asset.strip_suffix(quote)).unwrap_or(asset);
    Some(Declared { is: Some(is), asset: Some(asset.to_owned()), ..Declared::default() })
}

/// Names of what can be fetched, for the help.
pub(crate) fn known() -> String {
    let mut text = String::from("Sources and their parameters:\n");
    for entry in SOURCES {
        let _ = writeln!(text, "  {:<20} {}", entry.name.replace('_', "-"), entry.about);
        let _ = writeln!(text, "  {:<20}   {}", "", command(entry.example));
    }
    text
}

/// `name = { a = "b" }` as a command line.
fn command(example: &str) -> String {
    let Some((name, parameters)) = example.split_once(" = {") else { return example.to_owned() };
    let pairs = parameters.trim().trim_end_matches('}').split(", ").filter_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        Some(format!("--{} {}", key.trim(), value.trim().trim_matches('"')))
    });
    let pairs: Vec<String> = pairs.collect();
    format!("hedgerow fetch {} {} --out history", name.replace('_', "-"), pairs.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_fetched_says_what_the_files_hold() {
        let of = |source: &str, parameters: &[(&str, &str)]| {
            let declared = declared(source, parameters)?;
            Some((declared.is?, declared.asset?))
        };
        let klines = |market, symbol| {
            of("binance-klines", &[("market", market), ("symbol", symbol)]).unwrap()
        };
        assert_eq!(klines("spot", "BTCUSDT"), (SeriesKind::Spot, "BTC".to_owned()));
        assert_eq!(klines("usd-m", "ETHUSDT"), (SeriesKind::Perp, "ETH".to_owned()));
        assert_eq!(klines("usd_m", "BTCUSDT_240329"), (SeriesKind::Future, "BTC".to_owned()));
        assert_eq!(klines("coin_m", "BTCUSD_PERP"), (SeriesKind::InversePerp, "BTC".to_owned()));
        let chart = |instrument| of("deribit-chart", &[("instrument", instrument)]).unwrap();
        assert_eq!(chart("BTC-PERPETUAL"), (SeriesKind::InversePerp, "BTC".to_owned()));
        assert_eq!(chart("BTC_USDC-PERPETUAL"), (SeriesKind::Perp, "BTC".to_owned()));
        assert_eq!(chart("BTC-27MAR26"), (SeriesKind::Future, "BTC".to_owned()));
        assert_eq!(
            of("deribit-dvol", &[("currency", "ETH")]),
            Some((SeriesKind::Vol, "ETH".to_owned()))
        );
        assert_eq!(of("deribit-instruments", &[("currency", "ETH")]), None);
    }
}
