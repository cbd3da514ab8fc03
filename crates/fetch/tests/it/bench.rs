//! A server, a folder and a stopwatch that does not wait.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hedgerow_core::Timestamp;
use hedgerow_fetch::{Clock, FetchError, Fetched, Options, Progress, ProxyChoice, fetch, source};

use crate::server::{Asked, Reply, Server};

/// A stopwatch that jumps instead of waiting, and remembers.
#[derive(Debug, Default)]
pub(crate) struct Jumping {
    slept: Mutex<Vec<Duration>>,
}

impl Clock for Jumping {
    fn elapsed(&self) -> Duration {
        self.slept.lock().unwrap().iter().sum()
    }

    fn sleep(&self, duration: Duration) {
        self.slept.lock().unwrap().push(duration);
    }
}

pub(crate) struct Bench {
    pub(crate) server: Server,
    pub(crate) dir: tempfile::TempDir,
    pub(crate) options: Options,
    clock: Arc<Jumping>,
}

impl Bench {
    pub(crate) fn new(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let server = Server::new(script);
        let clock = Arc::new(Jumping::default());
        let options = Options {
            binance_url: server.url(),
            deribit_url: format!("{}/api/v2/", server.url()),
            max_retries: 3,
            spacing: Duration::ZERO,
            timeout: Duration::from_secs(5),
            proxy: ProxyChoice::Direct,
            clock: Arc::<Jumping>::clone(&clock),
            ..Options::default()
        };
        Self { server, dir: tempfile::tempdir().unwrap(), options, clock }
    }

    /// The same folder, another server at the same address.
    pub(crate) fn restart(&mut self, script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) {
        let address = self.server.address;
        let other = Server::new(|_| Reply::not_found());
        drop(std::mem::replace(&mut self.server, other));
        self.server = Server::at(address, script);
    }

    pub(crate) fn fetch(
        &self,
        name: &str,
        parameters: &[(&str, &str)],
        now: &str,
    ) -> Result<Fetched, FetchError> {
        self.fetch_told(name, parameters, now, &mut |_| ControlFlow::Continue(()))
    }

    pub(crate) fn fetch_told(
        &self,
        name: &str,
        parameters: &[(&str, &str)],
        now: &str,
        progress: &mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
    ) -> Result<Fetched, FetchError> {
        let source = source(name, parameters).unwrap();
        let now = Timestamp::parse(now).unwrap();
        fetch(&*source, now, &self.options, self.dir.path(), progress)
    }

    /// `GET /path`, with the range where one was asked for.
    pub(crate) fn log(&self) -> Vec<String> {
        let line = |asked: &Asked| {
            let range =
                asked.headers.get("range").map_or(String::new(), |range| format!(" {range}"));
            format!("{} {}{range}", asked.method, asked.path)
        };
        self.server.requests().iter().map(line).collect()
    }

    /// Seconds of every wait.
    pub(crate) fn waits(&self) -> Vec<f64> {
        self.clock.slept.lock().unwrap().iter().map(Duration::as_secs_f64).collect()
    }

    /// Every file below the folder: path and content.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.dir.path(), self.dir.path(), &mut files);
        files
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.files().into_keys().collect()
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}

/// Bytes that do not repeat soon, as those of an archive.
pub(crate) fn noise(seed: u64, n_bytes: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_be_bytes()[0]
    })
    .take(n_bytes)
    .collect()
}
