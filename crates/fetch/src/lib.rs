//! Public history from the network to files on disk.
//!
//! ```no_run
//! use std::ops::ControlFlow;
//! use std::path::Path;
//!
//! use hedgerow_core::Timestamp;
//! use hedgerow_fetch::{Options, fetch, source};
//!
//! let wanted = [("market", "spot"), ("symbol", "BTCUSDT"), ("interval", "1h"), ("from", "2024-01-01"), ("to", "2024-06-30")];
//! let source = source("binance-klines", &wanted)?;
//! let now = Timestamp::parse("2024-09-01").unwrap();
//! let fetched = fetch(&*source, now, &Options::default(), Path::new("history"), &mut |_| ControlFlow::Continue(()))?;
//! for file in &fetched.files {
//!     println!("{} ({} bytes)", file.path.display(), file.bytes);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Architecture invariants:** the only crate that touches the network; depends on `core` alone; does not print; has no
//! clock of dates (`now` is an argument), and its stopwatch can be replaced ([`Clock`]). A file has its final name only
//! when it is complete and verified; whatever is unfinished ends in `.part`.
//!
//! # What a second run does
//!
//! | file | second run |
//! |---|---|
//! | archive whose kept `.CHECKSUM` matches | not asked for again (delete the `.CHECKSUM` to ask whether it was republished) |
//! | archive begun (`.part`) | continued with a `Range` request when it is still the same file, else begun again |
//! | archive the server did not have | asked for again |
//! | page of an answer that covers what is wanted | not asked for again |
//! | page that ended at an earlier `now` | asked for again and replaced |
//! | list of instruments | asked for again: it is a picture of the moment |
//!
//! # What is kept on disk
//!
//! ```text
//! binance/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip (and .zip.CHECKSUM)
//! deribit/dvol/BTC-3600/1616400000000-1620000000000.json
//! ```
//!
//! Both are the venue's own bytes. A page is named by the half-open span of milliseconds it answers for, so sorting by
//! name is sorting by time. Archives and pages are whole: they may reach beyond the period that was asked for.

mod binance_vision;
mod calendar;
mod checksum;
mod deribit;
mod download;
mod error;
mod fetched;
mod files;
mod http;
mod json_rpc;
mod options;
mod pace;
mod pages;
mod period;
mod session;
mod source;
mod sources;

pub use binance_vision::{BINANCE_INTERVALS, Market};
pub use deribit::Resolution;
pub use error::FetchError;
pub use fetched::{Fetched, FetchedFile, FileStatus, Progress};
pub use options::{Options, ProxyChoice};
pub use pace::{Clock, SystemClock};
pub use session::{Session, fetch};
pub use source::{SOURCES, Source, source};
pub use sources::binance_funding::BinanceFunding;
pub use sources::binance_klines::BinanceKlines;
pub use sources::deribit_chart::{CHART_RESOLUTIONS, DeribitChart};
pub use sources::deribit_dvol::{DVOL_RESOLUTIONS, DeribitDvol};
pub use sources::deribit_funding::DeribitFunding;
pub use sources::deribit_instruments::{DeribitInstruments, InstrumentKind, Listing};
