//! The files that a result comes from, with their hashes, as manifests list them.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::output::sha256;

/// An input file and its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InputFile {
    /// As the user wrote it.
    path: String,
    bytes: usize,
    pub(crate) sha256: String,
}

impl InputFile {
    /// Reads every file once more for its hash.
    ///
    /// # Errors
    /// When one cannot be read any more.
    pub(crate) fn all(files: &[PathBuf]) -> anyhow::Result<Vec<Self>> {
        files.iter().map(|path| Self::of(path)).collect()
    }

    fn of(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display().to_string();
        let content = std::fs::read(path)
            .with_context(|| format!("{shown}: cannot read it again for its hash"))?;
        Ok(Self { path: shown, bytes: content.len(), sha256: sha256(&content) })
    }
}

/// The list under `inputs` of a manifest.
pub(crate) fn listed(inputs: &[InputFile]) -> Vec<Value> {
    let entry = |input: &InputFile| json!({ "path": input.path, "bytes": input.bytes, "sha256": input.sha256 });
    inputs.iter().map(entry).collect()
}
