//! One request, one answer; which failures may pass.

use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use chrono::DateTime;
use ureq::http::{HeaderMap, StatusCode};
use ureq::{Agent, Body, BodyReader, Proxy};

use crate::options::ProxyChoice;
use crate::{FetchError, Options, Session};

/// Why a try failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It may pass.
    Transient(Trouble),
    /// It will not.
    Final(FetchError),
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        Self::Final(error)
    }
}

/// A failure that may pass.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    /// What happened.
    pub(crate) reason: String,
    /// How long the server wants us to wait.
    pub(crate) wait: Option<Duration>,
    /// Bytes that reached the disk before it happened.
    pub(crate) gained: u64,
    /// Whether there was a server at all.
    pub(crate) has_answered: bool,
    /// The part that stays on disk.
    pub(crate) kept: Option<PathBuf>,
}

/// A failure of a server that is there.
pub(crate) fn trouble(reason: impl Into<String>) -> Trouble {
    Trouble { reason: reason.into(), has_answered: true, ..Trouble::default() }
}

/// Where to go on in a file.
#[derive(Debug, Clone)]
pub(crate) struct Rest {
    /// First byte wanted.
    pub(crate) start: u64,
    /// The version of the file that the bytes before are of.
    pub(crate) etag: Option<String>,
}

/// The head of an answer, and its body to be read.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Bytes of this body.
    pub(crate) length: Option<u64>,
    pub(crate) etag: Option<String>,
    pub(crate) content_range: Option<ContentRange>,
    pub(crate) wait: Option<Duration>,
    pub(crate) body: BodyReader<'static>,
}

/// `bytes 5-9/10` or `bytes */10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ContentRange {
    pub(crate) start: Option<u64>,
    pub(crate) total: Option<u64>,
}

/// The client. Timeouts are for silence, not for the whole: a large file may take its time.
pub(crate) fn agent(options: &Options) -> Agent {
    let mut builder = Agent::config_builder()
        .http_status_as_error(false)
        .user_agent(concat!("hedgerow/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(options.timeout))
        .timeout_recv_response(Some(options.timeout))
        .timeout_per_read(Some(options.timeout))
        .timeout_per_write(Some(options.timeout));
    builder = builder.proxy(match options.proxy {
        ProxyChoice::Environment => Proxy::try_from_env(),
        ProxyChoice::Direct => None,
    });
    builder.build().new_agent()
}

impl Session<'_> {
    /// Asks for a file, or for the rest of it.
    ///
    /// # Errors
    /// [`Failure`] when there is no answer; a status is an answer.
    pub(crate) fn get(&self, url: &str, rest: Option<&Rest>) -> Result<Answer, Failure> {
        let mut request = self.agent.get(url);
        if let Some(rest) = rest {
            request = request.header("Range", format!("bytes={}-", rest.start));
            // A weak tag says "much the same", which is not enough to sew bytes together.
            if let Some(etag) = rest.etag.as_ref().filter(|etag| !etag.starts_with("W/")) {
                request = request.header("If-Range", etag);
            }
        }
        request.call().map(Answer::new).map_err(|error| no_answer(url, &error))
    }

    /// Whether the server has a file.
    ///
    /// # Errors
    /// [`FetchError`] when that cannot be found out.
    pub(crate) fn has(&mut self, url: &str) -> Result<bool, FetchError> {
        self.retrying(url, |session| {
            let call = session.agent.head(url).call();
            let answer = call.map(Answer::new).map_err(|error| no_answer(url, &error))?;
            match answer.status {
                200 => Ok(true),
                404 => Ok(false),
                _ => Err(answer.refused(url)),
            }
        })
    }

    /// A whole small file in memory; `None` when the server does not have it.
    ///
    /// # Errors
    /// [`FetchError`] when the server does not answer usably.
    pub(crate) fn get_small(
        &mut self,
        url: &str,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, FetchError> {
        self.retrying(url, |session| {
            let answer = session.get(url, None)?;
            match answer.status {
                200 => answer.read_all(url, limit).map(Some),
                404 => Ok(None),
                _ => Err(answer.refused(url)),
            }
        })
    }
}

impl Answer {
    fn new(response: ureq::http::Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        let text = |name: &str| text(&head.headers, name);
        Self {
            status: head.status.as_u16(),
            length: text("content-length").and_then(|length| length.trim().parse().ok()),
            etag: text("etag").map(str::to_owned),
            content_range: text("content-range").and_then(content_range),
            wait: retry_after(&head.headers),
            body: body.into_reader(),
        }
    }

    /// The failure that this status is.
    pub(crate) fn refused(&self, url: &str) -> Failure {
        refused(url, self.status, self.wait)
    }

    /// The body in memory.
    ///
    /// # Errors
    /// [`Failure`] when it is too large, stops early or does not come.
    pub(crate) fn read_all(self, url: &str, limit: u64) -> Result<Vec<u8>, Failure> {
        let too_large = || Failure::Final(FetchError::TooLarge { url: url.to_owned(), limit });
        if self.length.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        let read = self.body.take(limit + 1).read_to_end(&mut bytes);
        let n_bytes = bytes.len() as u64;
        read.map_err(|error| Failure::Transient(stopped(n_bytes, self.length, &error)))?;
        if n_bytes > limit {
            return Err(too_large());
        }
        match self.length {
            Some(length) if n_bytes < length => Err(Failure::Transient(cut(n_bytes, length))),
            _ => Ok(bytes),
        }
    }
}

/// The failure that a status is.
pub(crate) fn refused(url: &str, status: u16, wait: Option<Duration>) -> Failure {
    if !may_pass(status) {
        return Failure::Final(FetchError::Status { url: url.to_owned(), status });
    }
    let code = StatusCode::from_u16(status).ok();
    let words = code.and_then(|code| code.canonical_reason()).unwrap_or_default();
    let reason = format!("the server answers {status} {words}").trim_end().to_owned();
    Failure::Transient(Trouble { wait, ..trouble(reason) })
}

/// Whether the same request may work later.
pub(crate) const fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

/// A body that ended before its length.
pub(crate) fn cut(n_bytes: u64, length: u64) -> Trouble {
    trouble(format!("the body ends after {n_bytes} of {length} bytes"))
}

/// A body that could not be read on.
pub(crate) fn stopped(n_bytes: u64, length: Option<u64>, error: &io::Error) -> Trouble {
    let of = length.map_or_else(String::new, |length| format!(" of {length}"));
    trouble(format!("the body stops after {n_bytes}{of} bytes: {error}"))
}

/// What an error before the answer means.
fn no_answer(url: &str, error: &ureq::Error) -> Failure {
    let reason = error.to_string();
    match error {
        ureq::Error::BadUri(_)
        | ureq::Error::Http(_)
        | ureq::Error::InvalidProxyUrl
        | ureq::Error::Rustls(_)
        | ureq::Error::Tls(_)
        | ureq::Error::TooManyRedirects
        | ureq::Error::RedirectFailed => unreachable(url, reason),
        // So rustls tells of certificates that it does not trust.
        ureq::Error::Io(io) if io.kind() == io::ErrorKind::InvalidData => unreachable(url, reason),
        ureq::Error::Io(io) if io.kind() != io::ErrorKind::ConnectionRefused => {
            Failure::Transient(trouble(reason))
        }
        ureq::Error::Io(_)
        | ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::ConnectProxyFailed(_)
        | ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
            Failure::Transient(Trouble { reason, ..Trouble::default() })
        }
        _ => Failure::Transient(trouble(reason)),
    }
}

fn unreachable(url: &str, reason: String) -> Failure {
    let url = url.to_owned();
    Failure::Final(FetchError::Unreachable { url, tries: 1, reason, kept: None })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Seconds, or an instant that is compared with the server's own clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let wanted = text(headers, "retry-after")?.trim();
    if let Ok(seconds) = wanted.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let instant = |text: &str| DateTime::parse_from_rfc2822(text.trim()).ok();
    let wait = instant(wanted)?.signed_duration_since(instant(text(headers, "date")?)?);
    Some(wait.to_std().unwrap_or(Duration::ZERO))
}

fn content_range(text: &str) -> Option<ContentRange> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let start = range.split_once('-').and_then(|(start, _)| start.trim().parse().ok());
    Some(ContentRange { start, total: total.trim().parse().ok() })
}
