//! The output folder: written whole or not at all, never over another run.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Name of the file that tells what a folder holds.
pub(crate) const MANIFEST: &str = "manifest.json";

/// Prints text to stdout; a closed pipe is not an error.
pub(crate) fn say(text: &str) {
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

/// Prints an error to stderr.
pub(crate) fn complain(error: &anyhow::Error) {
    let _ = writeln!(io::stderr().lock(), "error: {error:#}");
}

/// SHA-256 as hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What to do with a folder that holds another run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Leave it alone and stop.
    Keep,
    /// Replace it.
    Replace,
}

/// A folder being written beside its place, moved there when it is complete, removed when it is not.
#[derive(Debug)]
pub(crate) struct Folder {
    place: PathBuf,
    partial: PathBuf,
}

impl Folder {
    /// Makes sure that `place` can be written and may be; `identity` is what a manifest of the same run says.
    ///
    /// # Errors
    /// When the folder holds something else, or cannot be made.
    pub(crate) fn prepare(
        place: &Path,
        identity: &str,
        existing: Existing,
    ) -> anyhow::Result<Self> {
        check_place(place, identity, existing)?;
        let name = place
            .file_name()
            .with_context(|| format!("`{}` does not name a folder", place.display()))?;
        let parent = match place.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).with_context(|| cannot_write(place))?;
        let partial =
            parent.join(format!(".{}.{}.partial", name.to_string_lossy(), std::process::id()));
        fs::create_dir(&partial).with_context(|| cannot_write(place))?;
        Ok(Self { place: place.to_path_buf(), partial })
    }

    /// Where to write the files.
    pub(crate) fn path(&self) -> &Path {
        &self.partial
    }

    /// Writes one file.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> anyhow::Result<()> {
        fs::write(self.partial.join(name), content)
            .with_context(|| cannot_write(&self.place.join(name)))
    }

    /// Moves the folder to its place.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let move_in = || -> io::Result<()> {
            if self.place.exists() {
                let old = self.partial.with_extension("old");
                fs::rename(&self.place, &old)?;
                fs::rename(&self.partial, &self.place)?;
                fs::remove_dir_all(old)
            } else {
                fs::rename(&self.partial, &self.place)
            }
        };
        move_in().with_context(|| cannot_write(&self.place))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.partial);
    }
}

fn cannot_write(place: &Path) -> String {
    format!("cannot write `{}`; choose another folder with --out", place.display())
}

/// Makes sure that `place` may be written: it is not there, is empty, or holds nothing but a run that may be replaced.
///
/// # Errors
/// When it holds anything else.
pub(crate) fn check_place(place: &Path, identity: &str, existing: Existing) -> anyhow::Result<()> {
    let shown = place.display();
    if place.is_symlink() {
        bail!("`{shown}` is a symbolic link; give the folder itself, or choose another with --out");
    }
    if !place.exists() {
        return Ok(());
    }
    if !place.is_dir() {
        bail!("`{shown}` is a file, expected a folder; choose another with --out");
    }
    let entries = fs::read_dir(place).with_context(|| cannot_write(place))?;
    let names: Vec<String> = entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<_>>()
        .with_context(|| cannot_write(place))?;
    if names.is_empty() {
        return Ok(());
    }
    let manifest: Option<Value> =
        fs::read(place.join(MANIFEST)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let text = |key: &str| manifest.as_ref()?.get(key)?.as_str();
    let Some(found) = text("identity") else {
        bail!(
            "`{shown}` holds files that are not a Hedgerow run; choose another folder with --out"
        );
    };
    let outputs =
        manifest.as_ref().and_then(|manifest| manifest.get("outputs")).and_then(Value::as_array);
    let written = |name: &String| {
        name == MANIFEST
            || outputs.into_iter().flatten().any(|output| output["file"] == name.as_str())
    };
    if let Some(foreign) = names.iter().find(|name| !written(name)) {
        bail!(
            "`{shown}` holds `{foreign}`, which no run wrote; move it away, or choose another folder with --out"
        );
    }
    let kind = |identity: &str| identity.split_once(' ').map(|(kind, _)| kind.to_owned());
    if kind(found) != kind(identity) {
        bail!(
            "`{shown}` holds what another command of Hedgerow wrote, which --overwrite does not replace; choose another folder with --out"
        );
    }
    if found != identity && existing == Existing::Keep {
        bail!(
            "`{shown}` holds another run; choose another folder with --out, or replace it with --overwrite"
        );
    }
    Ok(())
}
