//! One fetch: its connection, its pace, its listener.

use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;

use hedgerow_core::Timestamp;

use crate::http::{Failure, Trouble, agent};
use crate::pace::{LONGEST_ASKED_WAIT, Pace, back_off};
use crate::{FetchError, Fetched, FetchedFile, Options, Progress, Source};

/// Brings a source to disk, below `dir`.
///
/// `now` decides which months are over and where pages end; it is an argument so that a fetch depends on its inputs
/// and the venue only. `progress` hears what happens and stops the fetch by answering `Break`.
///
/// # Errors
/// [`FetchError`]. Files that are whole by then stay, what is begun stays as `.part`; the next run goes on from there.
pub fn fetch(
    source: &dyn Source,
    now: Timestamp,
    options: &Options,
    dir: &Path,
    progress: &mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
) -> Result<Fetched, FetchError> {
    source.check()?;
    let pace = Pace::new(options.spacing);
    source.fetch(&mut Session { now, dir, options, agent: agent(options), pace, progress })
}

/// One fetch: its connection, its pace, its listener.
pub struct Session<'a> {
    pub(crate) now: Timestamp,
    pub(crate) dir: &'a Path,
    pub(crate) options: &'a Options,
    pub(crate) agent: ureq::Agent,
    pace: Pace,
    progress: &'a mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
}

impl fmt::Debug for Session<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Session").field("now", &self.now).field("dir", &self.dir).finish()
    }
}

impl Session<'_> {
    /// Says what happens.
    ///
    /// # Errors
    /// [`FetchError::Cancelled`] when the listener wants no more.
    pub(crate) fn tell(&mut self, progress: Progress<'_>) -> Result<(), FetchError> {
        match (self.progress)(progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(FetchError::Cancelled),
        }
    }

    /// Says that a file is finished, and adds it.
    ///
    /// # Errors
    /// [`FetchError::Cancelled`] when the listener wants no more.
    pub(crate) fn done(
        &mut self,
        fetched: &mut Fetched,
        file: FetchedFile,
    ) -> Result<(), FetchError> {
        self.tell(Progress::Done { file: &file })?;
        fetched.files.push(file);
        Ok(())
    }

    /// Tries, waits and tries again, until it works or there is no point.
    ///
    /// # Errors
    /// What the last try says.
    pub(crate) fn retrying<T>(
        &mut self,
        url: &str,
        mut one_try: impl FnMut(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, FetchError> {
        let mut tries = 0;
        let mut failures = 0;
        loop {
            self.tell(Progress::Asking { url })?;
            self.pace.wait(&*self.options.clock);
            tries += 1;
            let trouble = match one_try(self) {
                Ok(value) => return Ok(value),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Transient(trouble)) => trouble,
            };
            failures = if trouble.gained >= WORTH_GOING_ON { 1 } else { failures + 1 };
            let wait = trouble.wait.unwrap_or_else(|| back_off(failures));
            if failures > self.options.max_retries || wait > LONGEST_ASKED_WAIT {
                return Err(trouble.final_error(url, tries));
            }
            self.tell(Progress::Waiting { url, reason: &trouble.reason, wait })?;
            self.options.clock.sleep(wait);
        }
    }
}

/// Bytes that a try must have gained for the count of failures to start again, so that a large file comes through a
/// bad line, while a server that gives a few bytes a time does not hold us for ever. A guess.
const WORTH_GOING_ON: u64 = 1 << 16;

impl Trouble {
    fn final_error(self, url: &str, tries: u32) -> FetchError {
        let url = url.to_owned();
        let Self { reason, kept, has_answered, wait, .. } = self;
        if !has_answered {
            return FetchError::Unreachable { url, tries, reason, kept };
        }
        let reason = match wait {
            Some(wait) => format!("{reason}, and asks to wait {} s", wait.as_secs()),
            None => reason,
        };
        FetchError::GaveUp { url, tries, reason, kept }
    }
}
