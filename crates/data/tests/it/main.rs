//! Files in, markets out.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]
#![allow(clippy::float_cmp, reason = "what is read must be what is written, to the last bit")]
#![allow(clippy::print_stdout, reason = "a test says why it is skipped")]

mod bad_input;
mod chains;
mod formats;
mod futures;
mod half_spreads;
mod hostile;
mod import;
mod laws;
mod layouts;
mod market;
mod pairs;
mod parquet;
mod real_chains;
mod real_data;
mod real_traps;
mod recognition;
mod sample;

use std::path::{Path, PathBuf};

use hedgerow_core::{Market, Quality};
use hedgerow_data::{DataError, Loaded, MarketSource, load};

/// The tiny files of the repository.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/fixtures")
}

/// Loads a `[market]` table with paths relative to `folder`.
fn load_in(folder: &Path, market: &str) -> Result<Loaded, DataError> {
    let source: MarketSource = toml::from_str(market).unwrap();
    load(&source, folder)
}

/// Loads a `[market]` table with the fixtures.
fn load_fixture(market: &str) -> Loaded {
    load_in(&fixtures(), market).unwrap()
}

/// A folder with one file in it.
fn folder_with(name: &str, content: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), content).unwrap();
    folder
}

/// Every finding as `BTC spot: gaps: …`.
fn findings(quality: &Quality) -> Vec<String> {
    let mut said = Vec::new();
    for series in &quality.series {
        for finding in &series.findings {
            said.push(format!("{}: {}: {}", series.name, finding.defect.about(), finding.detail));
        }
    }
    said
}

fn times(market: &Market) -> Vec<String> {
    market.time().iter().map(ToString::to_string).collect()
}
