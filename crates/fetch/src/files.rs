//! Files: made whole under another name, then renamed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::FetchError;

/// Writes a file that is either wholly there or not at all.
///
/// # Errors
/// [`FetchError::File`].
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> Result<(), FetchError> {
    let part = beside(path, ".part");
    create_parent(path)?;
    let write = || -> io::Result<()> {
        let mut file = File::create(&part)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().map_err(|reason| failed("write", &part, reason))?;
    rename(&part, path)
}

/// Gives a finished file its final name.
///
/// # Errors
/// [`FetchError::File`].
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), FetchError> {
    fs::rename(from, to).map_err(|reason| failed("rename", from, reason))
}

/// Removes a file that may not be there.
///
/// # Errors
/// [`FetchError::File`].
pub(crate) fn remove(path: &Path) -> Result<(), FetchError> {
    match fs::remove_file(path) {
        Err(reason) if reason.kind() != io::ErrorKind::NotFound => {
            Err(failed("remove", path, reason))
        }
        _ => Ok(()),
    }
}

/// Size of a file; `None` when there is none.
///
/// # Errors
/// [`FetchError::File`].
pub(crate) fn size(path: &Path) -> Result<Option<u64>, FetchError> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(reason) => Err(failed("read", path, reason)),
    }
}

/// Content of a small text; `None` when there is no file.
///
/// # Errors
/// [`FetchError::File`].
pub(crate) fn read_text(path: &Path) -> Result<Option<String>, FetchError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(reason) => Err(failed("read", path, reason)),
    }
}

/// Makes the folder of a file.
///
/// # Errors
/// [`FetchError::File`].
pub(crate) fn create_parent(path: &Path) -> Result<(), FetchError> {
    match path.parent() {
        Some(folder) => {
            fs::create_dir_all(folder).map_err(|reason| failed("create", folder, reason))
        }
        None => Ok(()),
    }
}

/// `x.zip` and `.part` to `x.zip.part`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

pub(crate) fn failed(action: &'static str, path: &Path, reason: io::Error) -> FetchError {
    FetchError::File { action, path: path.to_owned(), reason }
}
