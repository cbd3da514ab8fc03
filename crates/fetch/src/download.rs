//! A large file to disk: begun in `<name>.part`, continued where it stopped.
//!
//! Beside the part stands `<name>.origin.part`: entity tag and length of the file it is of, one a line, blank where
//! the server does not say. Bytes are sewn together only when the server confirms tag, place and length.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use crate::files::{beside, create_parent, failed, read_text, remove, rename, size};
use crate::http::{Answer, Failure, Rest, Trouble, cut, stopped, trouble};
use crate::{FetchError, FileStatus, Progress, Session, checksum};

/// What a finished download is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Downloaded {
    /// It has its final name.
    Placed(FileStatus),
    /// It is not what its checksum says, and is removed.
    Differs {
        /// SHA-256 of what came.
        found: String,
    },
}

/// Downloads a file and gives it its final name if its SHA-256 is right.
///
/// # Errors
/// [`FetchError`]; the part stays, except when it is too large.
pub(crate) fn download(
    session: &mut Session<'_>,
    url: &str,
    target: &Path,
    expected: &str,
) -> Result<Downloaded, FetchError> {
    create_parent(target)?;
    let part = Part::of(target);
    let mut status = FileStatus::Downloaded;
    session.retrying(url, |session| {
        one_try(session, url, &part, &mut status).map_err(|failure| part.told(failure))
    })?;
    let found = checksum::of_file(&part.path)?.unwrap_or_default();
    if found != expected {
        part.discard()?;
        return Ok(Downloaded::Differs { found });
    }
    rename(&part.path, target)?;
    remove(&part.origin)?;
    Ok(Downloaded::Placed(status))
}

fn one_try(
    session: &mut Session<'_>,
    url: &str,
    part: &Part,
    status: &mut FileStatus,
) -> Result<(), Failure> {
    let state = part.state()?;
    if state.is_complete() {
        *status = FileStatus::Resumed;
        return Ok(());
    }
    let rest = (state.bytes > 0).then(|| Rest { start: state.bytes, etag: state.etag.clone() });
    let answer = session.get(url, rest.as_ref())?;
    match (answer.status, rest) {
        (200, _) => {
            *status = FileStatus::Downloaded;
            part.begin(&answer)?;
            receive(session, url, part, Incoming { start: 0, total: answer.length, answer })
        }
        (206, Some(_)) if state.is_continued_by(&answer) => {
            *status = FileStatus::Resumed;
            let total = state.total.or(answer.content_range.and_then(|range| range.total));
            receive(session, url, part, Incoming { start: state.bytes, total, answer })
        }
        (416, Some(_)) if answer.content_range.and_then(|r| r.total) == Some(state.bytes) => {
            *status = FileStatus::Resumed;
            Ok(())
        }
        (206 | 416, _) => {
            part.discard()?;
            Err(Failure::Transient(trouble("the file on the server is not the one begun")))
        }
        _ => Err(answer.refused(url)),
    }
}

struct Incoming {
    start: u64,
    total: Option<u64>,
    answer: Answer,
}

/// Streams a body to the end of the part.
fn receive(
    session: &mut Session<'_>,
    url: &str,
    part: &Part,
    incoming: Incoming,
) -> Result<(), Failure> {
    let Incoming { start, total, answer } = incoming;
    let limit = session.options.max_archive_bytes;
    let too_large = || FetchError::TooLarge { url: url.to_owned(), limit };
    if total.is_some_and(|total| total > limit) {
        part.discard()?;
        return Err(too_large().into());
    }
    let mut file = part.open()?;
    let mut body = answer.body;
    let mut bytes = start;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n_read = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(n_read) => n_read,
            Err(error) => {
                let trouble = stopped(bytes, total, &error);
                return Err(Failure::Transient(Trouble { gained: bytes - start, ..trouble }));
            }
        };
        bytes += n_read as u64;
        if bytes > limit {
            part.discard()?;
            return Err(too_large().into());
        }
        file.write_all(&buffer[..n_read]).map_err(|reason| failed("write", &part.path, reason))?;
        session.tell(Progress::Received { path: &part.target, bytes, total })?;
    }
    file.sync_all().map_err(|reason| failed("write", &part.path, reason))?;
    match total {
        Some(total) if bytes < total => {
            Err(Failure::Transient(Trouble { gained: bytes - start, ..cut(bytes, total) }))
        }
        _ => Ok(()),
    }
}

/// A file that is not finished.
struct Part {
    target: PathBuf,
    path: PathBuf,
    origin: PathBuf,
}

/// How far a part is, and what it is a part of.
struct State {
    bytes: u64,
    total: Option<u64>,
    etag: Option<String>,
}

impl Part {
    fn of(target: &Path) -> Self {
        Self {
            target: target.to_owned(),
            path: beside(target, ".part"),
            origin: beside(target, ".origin.part"),
        }
    }

    /// What is on disk; a part of unknown origin is as good as none.
    fn state(&self) -> Result<State, FetchError> {
        let origin = read_text(&self.origin)?;
        let mut lines = origin.as_deref().unwrap_or_default().lines();
        let etag = lines.next().filter(|line| !line.is_empty()).map(str::to_owned);
        let total = lines.next().and_then(|line| line.parse().ok());
        let is_known = etag.is_some() || total.is_some();
        let bytes = if is_known { size(&self.path)?.unwrap_or(0) } else { 0 };
        Ok(State { bytes, total, etag })
    }

    /// Starts again from nothing.
    fn begin(&self, answer: &Answer) -> Result<(), FetchError> {
        self.discard()?;
        let length = answer.length.map_or_else(String::new, |length| length.to_string());
        let origin = format!("{}\n{length}\n", answer.etag.as_deref().unwrap_or_default());
        std::fs::write(&self.origin, origin).map_err(|reason| failed("write", &self.origin, reason))
    }

    fn open(&self) -> Result<File, FetchError> {
        let mut options = OpenOptions::new();
        options
            .append(true)
            .create(true)
            .open(&self.path)
            .map_err(|reason| failed("write", &self.path, reason))
    }

    /// The part goes first: an origin without a part is harmless, a part without its origin is not used.
    fn discard(&self) -> Result<(), FetchError> {
        remove(&self.path)?;
        remove(&self.origin)
    }

    /// A failure that tells of the part, where there is one.
    fn told(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Transient(trouble) if self.path.exists() => {
                Failure::Transient(Trouble { kept: Some(self.path.clone()), ..trouble })
            }
            other => other,
        }
    }
}

impl State {
    fn is_complete(&self) -> bool {
        self.bytes > 0 && self.total == Some(self.bytes)
    }

    /// Whether an answer starts where the part stops, and is of the same file.
    fn is_continued_by(&self, answer: &Answer) -> bool {
        let Some(range) = answer.content_range else { return false };
        let same = |ours: &Option<String>, theirs: &Option<String>| {
            ours.is_none() || theirs.is_none() || ours == theirs
        };
        range.start == Some(self.bytes)
            && same(&self.etag, &answer.etag)
            && (self.total.is_none() || range.total.is_none() || self.total == range.total)
    }
}
