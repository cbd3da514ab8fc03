//! What came of it, and what is said on the way.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is on disk after a fetch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fetched {
    /// The files that hold the period, in order of time.
    pub files: Vec<FetchedFile>,
    /// URLs of archives that the server does not have, in order of time.
    pub absent: Vec<String>,
    /// What the user should know, a sentence each, lower case, no full stop.
    pub notes: Vec<String>,
}

/// One file on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedFile {
    /// Where it is, below the folder that was given.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// How it came to be there.
    pub status: FileStatus,
    /// Rows of a page of JSON; `None` for an archive, which is not opened.
    pub n_rows: Option<usize>,
}

/// How a file came to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileStatus {
    /// Downloaded by this run.
    Downloaded,
    /// Begun earlier or interrupted, and continued by this run.
    Resumed,
    /// There before this run, whole.
    AlreadyThere,
}

/// What happens, while it happens. The answer says whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// So many more archives or pages are to be had; said again when more turn out to be needed.
    Planned {
        /// Archives or pages.
        n_files: usize,
    },
    /// A request is about to be sent.
    Asking {
        /// What is asked.
        url: &'a str,
    },
    /// More of an archive has come.
    Received {
        /// Its final name.
        path: &'a Path,
        /// Bytes on disk so far.
        bytes: u64,
        /// Bytes of the whole, where the server says.
        total: Option<u64>,
    },
    /// A try failed and the next one comes after a wait.
    Waiting {
        /// What is asked.
        url: &'a str,
        /// Why the last try failed.
        reason: &'a str,
        /// For how long.
        wait: Duration,
    },
    /// A file has its final name.
    Done {
        /// The file.
        file: &'a FetchedFile,
    },
    /// The server does not have an archive.
    Absent {
        /// Its URL.
        url: &'a str,
    },
}
