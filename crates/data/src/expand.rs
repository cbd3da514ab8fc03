//! A path as typed to the files it means: a file, a folder, or a pattern.

use std::path::{Path, PathBuf};

use crate::{DataError, FileError};

/// Files that accompany data and hold none.
const COMPANIONS: [&str; 4] = [".checksum", ".md5", ".sha256", ".sha512"];

/// The files that `typed` means, in the order of their names, written as the user would: relative to `base` where `typed`
/// is; `base.join` of each opens it.
///
/// A folder means the files right in it. A pattern has `*`, `?`, `[abc]` or `**`; a path that exists as it stands is no
/// pattern. Hidden files and checksum files are left out unless they are named.
///
/// # Errors
/// [`FileError::NoFiles`] when nothing is meant, [`FileError::Pattern`] for a pattern that cannot be read.
pub(crate) fn expand(base: &Path, typed: &Path) -> Result<Vec<PathBuf>, DataError> {
    let full = base.join(typed);
    if full.is_dir() {
        return folder(&full, typed);
    }
    if full.exists() || !has_pattern(typed) {
        return Ok(vec![typed.to_owned()]);
    }
    pattern(base, typed)
}

fn folder(full: &Path, typed: &Path) -> Result<Vec<PathBuf>, DataError> {
    let error = |reason| DataError::File(FileError::Open { path: typed.to_owned(), reason });
    let mut files = Vec::new();
    for entry in std::fs::read_dir(full).map_err(error)? {
        let path = entry.map_err(error)?.path();
        let Some(name) = path.file_name().filter(|_| path.is_file() && is_data(&path)) else {
            continue;
        };
        files.push(typed.join(name));
    }
    some(files, typed, "the folder holds no files")
}

fn pattern(base: &Path, typed: &Path) -> Result<Vec<PathBuf>, DataError> {
    let error = |reason: String| {
        DataError::File(FileError::Pattern { pattern: typed.display().to_string(), reason })
    };
    let text = literal_start(base, typed);
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let text = text.to_str().ok_or_else(|| error("it is not UTF-8".to_owned()))?;
    let matches = glob::glob_with(text, options).map_err(|found| error(found.msg.to_owned()))?;
    let mut files = Vec::new();
    for found in matches {
        let path = found.map_err(|found| {
            DataError::File(FileError::Open { path: found.path().to_owned(), reason: found.into() })
        })?;
        if path.is_file() && is_data(&path) {
            files.push(path.strip_prefix(base).map_or_else(|_| path.clone(), Path::to_path_buf));
        }
    }
    some(files, typed, "no file matches the pattern")
}

/// The pattern, with folders that exist as they are typed taken literally, and with them the base.
fn literal_start(base: &Path, typed: &Path) -> PathBuf {
    let mut literal = base.to_owned();
    let mut parts = typed.components();
    let mut rest = typed;
    while let Some(part) = parts.next().filter(|part| literal.join(part).is_dir()) {
        literal.push(part);
        rest = parts.as_path();
    }
    Path::new(&glob::Pattern::escape(&literal.to_string_lossy())).join(rest)
}

fn some(
    mut files: Vec<PathBuf>,
    typed: &Path,
    reason: &'static str,
) -> Result<Vec<PathBuf>, DataError> {
    files.sort();
    if files.is_empty() {
        return Err(DataError::File(FileError::NoFiles { path: typed.to_owned(), reason }));
    }
    Ok(files)
}

/// Whether a file among others is meant: neither hidden nor a checksum.
pub(crate) fn is_data(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase());
    name.is_some_and(|name| {
        !name.starts_with('.') && !COMPANIONS.iter().any(|ending| name.ends_with(ending))
    })
}

fn has_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '['])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(base: &Path, typed: &str) -> Result<Vec<String>, String> {
        expand(base, Path::new(typed))
            .map(|files| files.iter().map(|file| file.display().to_string()).collect())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn files_folders_and_patterns() {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().join("a [1]");
        std::fs::create_dir_all(folder.join("deep")).unwrap();
        for name in ["2.csv", "1.csv", "1.csv.CHECKSUM", ".hidden", "deep/3.csv"] {
            std::fs::write(folder.join(name), "x").unwrap();
        }
        let both = Ok(vec!["a [1]/1.csv".to_owned(), "a [1]/2.csv".to_owned()]);
        assert_eq!(names(base.path(), "a [1]"), both);
        assert_eq!(names(base.path(), "a*/*.csv"), both);
        assert_eq!(names(&folder, "*.csv"), Ok(vec!["1.csv".to_owned(), "2.csv".to_owned()]));
        assert_eq!(names(&folder, "**/3.csv"), Ok(vec!["deep/3.csv".to_owned()]));
        assert_eq!(names(&folder, ".hidden"), Ok(vec![".hidden".to_owned()]));
        assert_eq!(names(&folder, "absent.csv"), Ok(vec!["absent.csv".to_owned()]));
        let whole = folder.join("?.csv");
        assert_eq!(names(Path::new("elsewhere"), whole.to_str().unwrap()).unwrap().len(), 2);
    }

    #[test]
    fn nothing_meant_is_an_error() {
        let base = tempfile::tempdir().unwrap();
        std::fs::create_dir(base.path().join("empty")).unwrap();
        assert_eq!(
            names(base.path(), "*.zip").unwrap_err(),
            "`*.zip` means no file: no file matches the pattern"
        );
        assert_eq!(
            names(base.path(), "empty").unwrap_err(),
            "`empty` means no file: the folder holds no files"
        );
        let error = names(base.path(), "a[").unwrap_err();
        assert!(error.starts_with("cannot read the pattern `a[`: "), "{error}");
    }
}
