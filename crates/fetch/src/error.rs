//! What can go wrong between a venue and a file: what was asked, what was answered, what to do.

use std::io;
use std::path::PathBuf;

use hedgerow_core::Timestamp;

/// Why history did not become files.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The period is empty.
    #[error("`from` {from} is not before `to` {to}")]
    Period {
        /// First instant wanted.
        from: Timestamp,
        /// First instant no longer wanted.
        to: Timestamp,
    },
    /// The period has not begun.
    #[error("nothing to fetch: `from` {from} is not before now, {now}")]
    Future {
        /// First instant wanted.
        from: Timestamp,
        /// The caller's now.
        now: Timestamp,
    },
    /// A parameter of the source is not usable.
    #[error("`{name}` is `{found}`, expected {expected}")]
    Parameter {
        /// As written in a setting.
        name: &'static str,
        /// What was given.
        found: String,
        /// What is possible.
        expected: String,
    },
    /// There is no way to the server.
    #[error(
        "cannot reach the server of `{url}` ({}): {reason}; check the network, the proxy (HTTPS_PROXY, NO_PROXY) and the base URL{}",
        tried(*tries), kept_part(kept.as_ref())
    )]
    Unreachable {
        /// What was asked.
        url: String,
        /// How often.
        tries: u32,
        /// What the system says.
        reason: String,
        /// The part of the file that is on disk, where there is one.
        kept: Option<PathBuf>,
    },
    /// The server answers, but not usably, time after time.
    #[error("gave up on `{url}` ({}): {reason}; try again later{}", tried(*tries), kept_part(kept.as_ref()))]
    GaveUp {
        /// What was asked.
        url: String,
        /// How often.
        tries: u32,
        /// What happened the last time.
        reason: String,
        /// The part of the file that is on disk, where there is one.
        kept: Option<PathBuf>,
    },
    /// The server refuses.
    #[error("`{url}`: the server answers {status}{}", advice(*status))]
    Status {
        /// What was asked.
        url: String,
        /// HTTP status.
        status: u16,
    },
    /// The venue's own error.
    #[error("`{url}`: the venue answers error {code}, {message}")]
    Venue {
        /// What was asked.
        url: String,
        /// The venue's number for it.
        code: i64,
        /// The venue's words, with the parameter it names.
        message: String,
    },
    /// The server has none of the files.
    #[error(
        "the server has none of the {n_files} files asked for, such as `{example}`; check the market, the symbol, the interval and the dates"
    )]
    NothingThere {
        /// How many were asked for.
        n_files: usize,
        /// The URL of one.
        example: String,
    },
    /// No archive can hold any of the period yet.
    #[error("there is no file for this period yet: {reason}")]
    NotPublished {
        /// When it will be.
        reason: String,
    },
    /// All answers are empty.
    #[error(
        "the venue has no rows from {from} to {to} for `{example}`; check the name and the dates"
    )]
    NoRows {
        /// First instant wanted.
        from: Timestamp,
        /// First instant no longer wanted.
        to: Timestamp,
        /// The URL of one page.
        example: String,
    },
    /// A file is not what its checksum says, twice.
    #[error(
        "`{url}`: checksum differs twice: expected {expected}, found {found}; the download is removed; a proxy or mirror may alter files"
    )]
    Checksum {
        /// What was asked.
        url: String,
        /// SHA-256 according to the server.
        expected: String,
        /// SHA-256 of what came.
        found: String,
    },
    /// A file is there, its checksum is not.
    #[error(
        "`{url}` is there but its `.CHECKSUM` is not, so it cannot be verified; try again later, or another mirror"
    )]
    NoChecksum {
        /// The file.
        url: String,
    },
    /// A body is larger than allowed.
    #[error(
        "`{url}` is larger than {limit} bytes, the most that is taken; check that the base URL is the venue's"
    )]
    TooLarge {
        /// What was asked.
        url: String,
        /// The limit.
        limit: u64,
    },
    /// An answer is not laid out as documented.
    #[error("`{url}`: {reason}; check that the base URL is the venue's")]
    Layout {
        /// What was asked.
        url: String,
        /// What was expected, what was found.
        reason: String,
    },
    /// A paged answer points at itself.
    #[error(
        "`{url}`: the continuation {continuation} does not come before this page's end, so paging would never end"
    )]
    NotAdvancing {
        /// What was asked.
        url: String,
        /// Where the venue says to go on, milliseconds.
        continuation: i64,
    },
    /// A file or folder cannot be read or written.
    #[error("cannot {action} `{}`: {reason}", path.display())]
    File {
        /// `create`, `read`, `write`, `rename`, `remove`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// The caller asked to stop.
    #[error(
        "cancelled; what is begun is kept in `.part` files: run the same command again to resume"
    )]
    Cancelled,
}

fn tried(tries: u32) -> String {
    if tries == 1 { "1 try".to_owned() } else { format!("{tries} tries") }
}

fn kept_part(kept: Option<&PathBuf>) -> String {
    match kept {
        Some(path) => format!(
            "; the part is kept in `{}`: run the same command again to resume",
            path.display()
        ),
        None => String::new(),
    }
}

fn advice(status: u16) -> &'static str {
    match status {
        401 | 403 | 407 | 451 => {
            "; the server or a proxy on the way refuses this client or place: try a mirror as base URL"
        }
        404 => "; check the base URL and the names",
        _ => "",
    }
}
