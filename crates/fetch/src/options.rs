//! How to fetch: where from, how patiently, how much at most.

use std::sync::Arc;
use std::time::Duration;

use crate::{Clock, SystemClock};

/// How to fetch.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where Binance's archives are: a mirror or the original, with or without a slash at the end.
    pub binance_url: String,
    /// Where Deribit's interface is, up to and without `/public/…`.
    pub deribit_url: String,
    /// How often a failed request is repeated; a download that gained ground starts counting again.
    pub max_retries: u32,
    /// Least time between the starts of two requests.
    pub spacing: Duration,
    /// How long to wait for a connection, for an answer to begin, and for a body to go on.
    pub timeout: Duration,
    /// Whether to go through a proxy.
    pub proxy: ProxyChoice,
    /// Largest archive that is taken, bytes.
    pub max_archive_bytes: u64,
    /// Largest page of JSON that is taken, bytes; a page is held in memory.
    pub max_page_bytes: u64,
    /// The stopwatch.
    pub clock: Arc<dyn Clock>,
}

/// Whether to go through a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyChoice {
    /// As `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say.
    Environment,
    /// Straight to the server.
    Direct,
}

impl Default for Options {
    /// The originals, five requests a second, eight retries (about four minutes of outage), 30 s of silence,
    /// 8 GiB an archive (a month of one-second bars is about 100 MiB), 64 MiB a page.
    fn default() -> Self {
        Self {
            binance_url: "https://data.binance.vision".to_owned(),
            deribit_url: "https://www.deribit.com/api/v2".to_owned(),
            max_retries: 8,
            spacing: Duration::from_millis(200),
            timeout: Duration::from_secs(30),
            proxy: ProxyChoice::Environment,
            max_archive_bytes: 8 << 30,
            max_page_bytes: 64 << 20,
            clock: Arc::new(SystemClock::default()),
        }
    }
}
