//! Files that cannot be found, read, unpacked or written.

use std::io;
use std::path::PathBuf;

/// What is wrong with a file, whatever stands in it.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A file cannot be opened or read.
    #[error("cannot read `{}`: {reason}", path.display())]
    Open {
        /// The file as the user wrote it.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// A folder or pattern means no file.
    #[error("`{}` means no file: {reason}", path.display())]
    NoFiles {
        /// The path as the user wrote it.
        path: PathBuf,
        /// Why not, in words.
        reason: &'static str,
    },
    /// A pattern cannot be understood.
    #[error("cannot read the pattern `{pattern}`: {reason}")]
    Pattern {
        /// As the user wrote it.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file cannot be written.
    #[error("cannot write `{}`: {reason}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// The name of a file to be written does not say in which format.
    #[error("cannot tell in which format to write `{}`: expected a name that ends in .parquet or .csv", path.display())]
    Target {
        /// The file.
        path: PathBuf,
    },
    /// A file has no content.
    #[error("`{file}` is empty")]
    Empty {
        /// The file.
        file: String,
    },
    /// A compressed file is too large once decompressed.
    #[error(
        "`{file}` is larger than {limit_gib} GiB once decompressed; split it, or convert it to Parquet"
    )]
    TooLarge {
        /// The file.
        file: String,
        /// The limit.
        limit_gib: u64,
    },
    /// A line is too long to be one of data.
    #[error("`{file}` line {line} is longer than {limit_kib} KiB, which no line of data is")]
    LongLine {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The limit.
        limit_kib: usize,
    },
    /// An archive cannot be unpacked.
    #[error("cannot unpack `{file}`: {reason}")]
    Archive {
        /// The file.
        file: String,
        /// What is wrong, in words.
        reason: String,
    },
    /// The content is of a kind that is not read.
    #[error("`{file}` is {what}, which is not read; {hint}")]
    Unsupported {
        /// The file.
        file: String,
        /// What it is.
        what: &'static str,
        /// What to do.
        hint: &'static str,
    },
}
