//! Reads monthly archives of Deribit chain snapshots, for tests and measurements only: the product's loader is elsewhere.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "every user needs its own part, and a broken archive is a broken test"
)]

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use hedgerow_core::{
    AssetColumns, Chain, Market, OptionContract, OptionKind, PaidIn, Quote, Timestamp,
};

/// Where the real data lies beside the project, where it does.
pub(crate) const DATA: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/deribit-chains-2026-dev");

/// The monthly archives, in the order of time; `None` (with a printed reason) where there are none.
pub(crate) fn archives() -> Option<Vec<PathBuf>> {
    let Ok(folder) = std::fs::read_dir(DATA) else {
        println!("skipped: no real chains beside the project");
        return None;
    };
    let mut paths: Vec<PathBuf> = folder
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".tar.zst"))
        .collect();
    paths.sort();
    Some(paths)
}

/// The market of one currency's chain over the snapshots of `paths`: one row per snapshot.
pub(crate) fn market(paths: &[PathBuf], currency: &str) -> Market {
    let mut builder = Builder::default();
    for path in paths {
        for text in snapshots(path) {
            builder.snapshot(&text, currency);
        }
    }
    builder.finish(currency)
}

/// The text of every snapshot of an archive, in the order of time.
fn snapshots(path: &Path) -> Vec<String> {
    let mut decoder = zstd::Decoder::new(File::open(path).unwrap()).unwrap();
    decoder.window_log_max(27).unwrap();
    let mut archive = tar::Archive::new(decoder);
    let mut named: Vec<(PathBuf, String)> = archive
        .entries()
        .unwrap()
        .map(|entry| {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            (entry.path().unwrap().into_owned(), text)
        })
        .collect();
    named.sort();
    named.into_iter().map(|(_, text)| text).collect()
}

#[derive(Default)]
struct Builder {
    time: Vec<Timestamp>,
    spot: Vec<f64>,
    contracts: Vec<OptionContract>,
    index_of: HashMap<String, usize>,
    quotes: Vec<Quote>,
    snapshots: Vec<std::ops::Range<usize>>,
}

impl Builder {
    fn snapshot(&mut self, text: &str, currency: &str) {
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().unwrap().split(',').collect();
        let column = |name: &str| header.iter().position(|found| *found == name).unwrap();
        let columns = [
            "timestamp",
            "instrument_name",
            "option_type",
            "strike",
            "expiry_datetime",
            "bid_price",
            "ask_price",
            "mark_price",
            "futures_price",
            "implied_volatility",
            "delta",
            "currency",
            "index_price",
        ]
        .map(column);
        let start = self.quotes.len();
        for line in lines {
            let cells: Vec<&str> = line.split(',').collect();
            let [
                time,
                name,
                kind,
                strike,
                expiry,
                bid,
                ask,
                mark,
                forward,
                vol,
                delta,
                coin,
                index,
            ] = columns.map(|column| cells[column]);
            if coin != currency {
                continue;
            }
            let number = |text: &str| text.parse::<f64>().ok();
            let price = |text: &str| number(text).filter(|price| *price > 0.0);
            let contract = *self.index_of.entry(name.to_owned()).or_insert_with(|| {
                self.contracts.push(OptionContract {
                    name: name.to_owned(),
                    kind: if kind == "call" { OptionKind::Call } else { OptionKind::Put },
                    strike: strike.parse().unwrap(),
                    expiry: Timestamp::parse(expiry).unwrap(),
                });
                self.contracts.len() - 1
            });
            self.quotes.push(Quote {
                time: Timestamp::parse(time).unwrap(),
                contract,
                bid: price(bid),
                ask: price(ask),
                mark: price(mark),
                mark_vol: price(vol),
                forward: price(forward),
                index: price(index),
                delta: number(delta),
                open_interest: None,
            });
        }
        let quotes = &self.quotes[start..];
        let mut spots: Vec<f64> = quotes.iter().filter_map(|quote| quote.index).collect();
        spots.sort_unstable_by(f64::total_cmp);
        self.time.push(quotes.iter().map(|quote| quote.time).max().unwrap());
        self.spot.push(spots[spots.len() / 2]);
        self.snapshots.push(start..self.quotes.len());
    }

    fn finish(self, currency: &str) -> Market {
        let n_rows = self.time.len();
        let asset = AssetColumns {
            name: currency.to_owned(),
            spot: self.spot,
            open: None,
            high: None,
            low: None,
        };
        let chain = Chain {
            asset: 0,
            paid_in: PaidIn::Coin,
            contracts: self.contracts,
            quotes: self.quotes,
            n_taken: Some(self.snapshots.len()),
            snapshots: self.snapshots,
            snapshot_of_row: (0..n_rows).map(Some).collect(),
        };
        let market = Market::new(self.time, vec![asset], vec![], vec![]).unwrap();
        market.with_chains(vec![chain]).unwrap()
    }
}
