//! Opens a file: plain, gzip, zstandard or a zip with one file in it, told by content and not by name.

use std::io::{Cursor, Read};
use std::path::Path;

use crate::DataError;

/// The most that is decompressed, in GiB: a bound on what a broken or hostile archive can do.
const LIMIT_GIB: u64 = 4;

const GIB: u64 = 1 << 30;

/// A file, opened and decompressed.
#[derive(Debug)]
pub(crate) struct Opened {
    /// As the user wrote it.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) content: Content,
}

/// What kind of bytes a file holds.
#[derive(Debug)]
pub(crate) enum Content {
    /// Lines of text.
    Text(Vec<u8>),
    /// Apache Parquet.
    Parquet(Vec<u8>),
}

/// Reads a whole file.
///
/// # Errors
/// [`DataError`] when it is missing, empty, or not to be decompressed.
pub(crate) fn open(path: &Path, name: &Path) -> Result<Opened, DataError> {
    let bytes =
        std::fs::read(path).map_err(|reason| DataError::Open { path: name.to_owned(), reason })?;
    unpack(&name.display().to_string(), bytes)
}

/// Decompresses bytes that stand for a file of this name.
pub(crate) fn unpack(name: &str, bytes: Vec<u8>) -> Result<Opened, DataError> {
    let bytes = decompressed(name, bytes, LIMIT_GIB * GIB)?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(DataError::Empty { file: name.to_owned() });
    }
    let content =
        if bytes.starts_with(b"PAR1") { Content::Parquet(bytes) } else { Content::Text(bytes) };
    Ok(Opened { name: name.to_owned(), content })
}

fn decompressed(name: &str, bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>, DataError> {
    match &bytes[..] {
        [0x1f, 0x8b, ..] => all(name, flate2::read::MultiGzDecoder::new(&bytes[..]), limit),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            let mut decoder = zstd::Decoder::new(&bytes[..])
                .map_err(|error| archive_error(name, error.to_string()))?;
            // The largest window that `zstd --long` writes.
            decoder.window_log_max(31).map_err(|error| archive_error(name, error.to_string()))?;
            all(name, decoder, limit)
        }
        [b'P', b'K', 3 | 5, 4 | 6, ..] => unzip(name, &bytes, limit),
        _ => Ok(bytes),
    }
}

fn unzip(name: &str, bytes: &[u8], limit: u64) -> Result<Vec<u8>, DataError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))
        .map_err(|error| archive_error(name, error.to_string()))?;
    if archive.len() != 1 {
        let reason = format!("expected one file in it, found {}", archive.len());
        return Err(archive_error(name, reason));
    }
    let file = archive.by_index(0).map_err(|error| archive_error(name, error.to_string()))?;
    all(name, file, limit)
}

fn all(name: &str, reader: impl Read, limit: u64) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::new();
    let read = reader
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| archive_error(name, error.to_string()))?;
    if read as u64 > limit {
        return Err(DataError::TooLarge { file: name.to_owned(), limit_gib: LIMIT_GIB });
    }
    Ok(bytes)
}

fn archive_error(name: &str, reason: String) -> DataError {
    DataError::Archive { file: name.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn text(bytes: Vec<u8>) -> Vec<u8> {
        match unpack("x", bytes).unwrap().content {
            Content::Text(bytes) => bytes,
            Content::Parquet(_) => panic!("not parquet"),
        }
    }

    #[test]
    fn every_packing_gives_the_same_bytes() {
        let plain = b"time,close\n1,2\n".to_vec();
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(&plain).unwrap();
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("a.csv", zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&plain).unwrap();
        assert_eq!(text(plain.clone()), plain);
        assert_eq!(text(gz.finish().unwrap()), plain);
        assert_eq!(text(zstd::encode_all(&plain[..], 1).unwrap()), plain);
        assert_eq!(text(zip.finish().unwrap().into_inner()), plain);
    }

    #[test]
    fn decompression_is_bounded() {
        let packed = zstd::encode_all(&vec![b'x'; 2000][..], 1).unwrap();
        assert_eq!(decompressed("x", packed.clone(), 2000).unwrap().len(), 2000);
        assert!(matches!(decompressed("x", packed, 1999), Err(DataError::TooLarge { .. })));
    }

    #[test]
    fn archive_with_two_files_is_refused_by_name() {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for name in ["a.csv", "b.csv"] {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        }
        let error = unpack("two.zip", zip.finish().unwrap().into_inner()).unwrap_err();
        assert_eq!(error.to_string(), "cannot unpack `two.zip`: expected one file in it, found 2");
    }
}
