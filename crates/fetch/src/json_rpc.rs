//! A JSON-RPC answer: a result, or the venue's error.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::http::{Failure, Trouble, may_pass, refused, trouble};
use crate::{FetchError, Session};

/// Errors of Deribit that pass: too many requests (10028, 10066), try again (10040), settlement in progress (10041),
/// queue full (10047), maintenance (11051), internal (11094), unavailable (13028), timed out (13888).
/// Source: docs.deribit.com, "RPC Error Codes".
const PASSING: &[i64] = &[10028, 10040, 10041, 10047, 10066, 11051, 11094, 13028, 13888];

/// An answer as it came and as it reads.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) bytes: Vec<u8>,
    pub(crate) content: T,
}

#[derive(Debug, Deserialize)]
struct Envelope {
    #[serde(default)]
    error: Option<RpcError>,
}

#[derive(Debug, Deserialize)]
struct RpcError {
    code: i64,
    message: String,
    #[serde(default)]
    data: Value,
}

impl Session<'_> {
    /// A page of JSON, read.
    ///
    /// # Errors
    /// [`FetchError`]; the venue's own error in its own words.
    pub(crate) fn page<T>(
        &mut self,
        url: &str,
        read: impl Fn(&[u8]) -> serde_json::Result<T>,
    ) -> Result<Page<T>, FetchError> {
        self.retrying(url, |session| one_try(session, url, &read))
    }
}

fn one_try<T>(
    session: &Session<'_>,
    url: &str,
    read: &impl Fn(&[u8]) -> serde_json::Result<T>,
) -> Result<Page<T>, Failure> {
    let answer = session.get(url, None)?;
    let (status, wait) = (answer.status, answer.wait);
    let body = answer.read_all(url, session.options.max_page_bytes);
    if status != 200 {
        let error = body.ok().and_then(|body| RpcError::of(&body));
        return Err(error
            .map_or_else(|| refused(url, status, wait), |error| error.failure(url, status, wait)));
    }
    let bytes = body?;
    if let Some(error) = RpcError::of(&bytes) {
        return Err(error.failure(url, status, wait));
    }
    match read(&bytes) {
        Ok(content) => Ok(Page { bytes, content }),
        Err(error) if error.is_eof() => {
            Err(Failure::Transient(trouble(format!("the answer is cut off: {error}"))))
        }
        Err(error) => {
            let reason = format!("expected a result in the documented layout, found {error}");
            Err(Failure::Final(FetchError::Layout { url: url.to_owned(), reason }))
        }
    }
}

impl RpcError {
    fn of(body: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Envelope>(body).ok()?.error
    }

    fn failure(self, url: &str, status: u16, wait: Option<Duration>) -> Failure {
        let message = self.words();
        let Self { code, data, .. } = self;
        if !PASSING.contains(&code) && !may_pass(status) {
            return Failure::Final(FetchError::Venue { url: url.to_owned(), code, message });
        }
        let asked = data.get("wait").and_then(Value::as_f64);
        let asked = asked.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let reason = format!("the venue answers error {code}, {message}");
        Failure::Transient(Trouble { wait: wait.or(asked), ..trouble(reason) })
    }

    /// `Invalid params (param: instrument_name, reason: wrong format)`.
    fn words(&self) -> String {
        let detail: Vec<String> = ["param", "reason"]
            .iter()
            .filter_map(|key| Some(format!("{key}: {}", self.data.get(key)?.as_str()?)))
            .collect();
        let message = &self.message;
        if detail.is_empty() {
            message.clone()
        } else {
            format!("{message} ({})", detail.join(", "))
        }
    }
}
