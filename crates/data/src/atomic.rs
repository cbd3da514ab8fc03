//! Files that appear whole or not at all, and leave nothing behind when a run is stopped.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::{DataError, FileError};

/// A file that has no name until it is whole. If the run ends before, by an error or by force, the system removes it.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    file: File,
    path: PathBuf,
}

impl AtomicFile {
    /// A new file beside `path`.
    ///
    /// # Errors
    /// [`DataError::File`] when the folder cannot be written to.
    pub(crate) fn new(path: &Path) -> Result<Self, DataError> {
        let file = nameless(folder_of(path)).map_err(|reason| write_error(path, reason))?;
        Ok(Self { file, path: path.to_owned() })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Another handle to write through.
    ///
    /// # Errors
    /// [`DataError::File`] when the system has no more handles.
    pub(crate) fn writer(&self) -> Result<File, DataError> {
        self.file.try_clone().map_err(|reason| write_error(&self.path, reason))
    }

    /// Gives the file its name; answers its size in bytes.
    ///
    /// # Errors
    /// [`DataError::File`] when that fails; then there is no file.
    pub(crate) fn appear(mut self) -> Result<u64, DataError> {
        let path = std::mem::take(&mut self.path);
        self.named(&path).map_err(|reason| write_error(&path, reason))
    }

    fn named(mut self, path: &Path) -> io::Result<u64> {
        self.file.sync_all()?;
        let n_bytes = self.file.metadata()?.len();
        let mut named =
            tempfile::Builder::new().prefix(".hedgerow-").tempfile_in(folder_of(path))?;
        io::Seek::rewind(&mut self.file)?;
        io::copy(&mut self.file, named.as_file_mut())?;
        named.as_file().sync_all()?;
        readable(named.as_file())?;
        named.persist(path).map_err(|error| error.error)?;
        Ok(n_bytes)
    }
}

/// A temporary file is for its owner alone; what is made of it is a file like any other.
#[cfg(unix)]
fn readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_file: &File) -> io::Result<()> {
    Ok(())
}

/// A file without a name in this folder.
pub(crate) fn nameless(folder: &Path) -> io::Result<File> {
    tempfile::tempfile_in(folder)
}

/// The folder that a file stands in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

pub(crate) fn write_error(path: &Path, reason: io::Error) -> DataError {
    DataError::File(FileError::Write { path: path.to_owned(), reason })
}
