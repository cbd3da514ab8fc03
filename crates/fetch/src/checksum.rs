//! SHA-256 of files, and the venue's text that tells it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::FetchError;
use crate::files::failed;

/// The checksum in `<64 hex digits>  <file>`; `None` when the text is not of that form or is about another file.
pub(crate) fn parse(text: &str, file_name: &str) -> Option<String> {
    let mut words = text.split_whitespace();
    let digits = words.next()?;
    let about = words.next()?.trim_start_matches('*');
    let is_hex = digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    (is_hex && about == file_name && words.next().is_none()).then(|| digits.to_ascii_lowercase())
}

/// SHA-256 of a file in lower-case hex; `None` when there is no file.
///
/// # Errors
/// [`FetchError::File`].
pub(crate) fn of_file(path: &Path) -> Result<Option<String>, FetchError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(reason) => return Err(failed("read", path, reason)),
    };
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(|reason| failed("read", path, reason))? {
            0 => return Ok(Some(hex(&hasher.finalize()))),
            n_read => hasher.update(&buffer[..n_read]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
