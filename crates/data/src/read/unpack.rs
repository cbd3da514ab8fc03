//! Opens a file: every member of it, decompressed, whole, and told by content whether it is text, JSON, Parquet or Arrow.

use std::io::BufRead;
use std::path::Path;

use crate::read::json::{self, JsonTable};
use crate::read::stream::{each_member, each_member_of, read_error};
use crate::{DataError, FileError};

/// The most that is decompressed, in GiB: a bound on what a broken or hostile archive can do.
const LIMIT_GIB: u64 = 4;

const GIB: u64 = 1 << 30;

/// As much is looked at to tell text from anything else.
const TEXT_BYTES: usize = 1 << 16;

/// No line of market data is longer; the longest known, an order book in a cell, has some thousand bytes.
const MAX_LINE: usize = 1 << 20;

/// A file, or a member of an archive, opened and decompressed.
#[derive(Debug)]
pub(crate) struct Opened {
    /// As the user wrote it; a member of an archive is `archive.zip/member.csv`.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) content: Content,
}

/// What kind of bytes a file holds.
#[derive(Debug)]
pub(crate) enum Content {
    /// Lines of text.
    Text(Vec<u8>),
    /// The table that JSON was made into.
    Json(JsonTable),
    /// Apache Parquet.
    Parquet(Vec<u8>),
    /// Arrow IPC, which is feather of version 2.
    Arrow(Vec<u8>),
}

impl Opened {
    /// Text under a name, known to be text.
    pub(crate) fn text(name: &str, bytes: Vec<u8>) -> Self {
        Self { name: name.to_owned(), content: Content::Text(bytes) }
    }
}

/// Gives every member of a file to `take`, in the order of their names in the archive.
///
/// # Errors
/// [`DataError`] when the file is missing, empty, or not to be decompressed, or `take` fails.
pub(crate) fn open_each(
    path: &Path,
    name: &Path,
    take: &mut dyn FnMut(Opened) -> Result<(), DataError>,
) -> Result<(), DataError> {
    each_member(path, name, Some(LIMIT_GIB * GIB), &mut |name, reader| take(whole(name, reader)?))
}

/// As [`open_each`], of bytes that stand for a file of this name.
pub(crate) fn unpack(name: &str, bytes: &[u8]) -> Result<Vec<Opened>, DataError> {
    let mut members = Vec::new();
    each_member_of(name, bytes, Some(LIMIT_GIB * GIB), &mut |name, reader| {
        members.push(whole(name, reader)?);
        Ok(())
    })?;
    Ok(members)
}

/// Reads one member to its end.
pub(crate) fn whole(name: &str, reader: &mut dyn BufRead) -> Result<Opened, DataError> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(|error| read_error(name, &error))?;
    told(name, bytes)
}

/// What the bytes of a member are.
pub(crate) fn told(name: &str, bytes: Vec<u8>) -> Result<Opened, DataError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(DataError::File(FileError::Empty { file: name.to_owned() }));
    }
    let bytes = match &bytes[..] {
        [0xff, 0xfe, ..] => utf8(name, &bytes[2..], u16::from_le_bytes)?,
        [0xfe, 0xff, ..] => utf8(name, &bytes[2..], u16::from_be_bytes)?,
        _ => bytes,
    };
    let content = if bytes.starts_with(b"PAR1") {
        Content::Parquet(bytes)
    } else if bytes.starts_with(b"ARROW1") {
        Content::Arrow(bytes)
    } else if let Some((what, hint)) = foreign(&bytes) {
        return Err(DataError::File(FileError::Unsupported { file: name.to_owned(), what, hint }));
    } else if json::is_json(&bytes) {
        Content::Json(json::table(name, &bytes)?)
    } else {
        check_lines(name, &bytes)?;
        Content::Text(bytes)
    };
    Ok(Opened { name: name.to_owned(), content })
}

/// What a file that is not read is, and what to do about it.
fn foreign(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const CONVERT: &str = "convert it to CSV or Parquet";
    const COMPRESS: &str = "unpack it, or compress it with gzip or zstd";
    let known: [(&[u8], &str, &str); 11] = [
        (b"FEA1", "feather of version 1", "write it again as feather of version 2 or Parquet"),
        (b"Obj\x01", "Avro", CONVERT),
        (b"ORC", "ORC", CONVERT),
        (b"\x89HDF", "HDF5", CONVERT),
        (b"SQLite format 3", "a SQLite database", "export the table as CSV"),
        (b"\x93NUMPY", "a NumPy array", CONVERT),
        (b"BZh", "compressed with bzip2", COMPRESS),
        (b"\xfd7zXZ", "compressed with xz", COMPRESS),
        (b"7z\xbc\xaf", "a 7z archive", COMPRESS),
        (b"Rar!", "a RAR archive", COMPRESS),
        (b"%PDF", "a PDF", "export the table as CSV"),
    ];
    if let Some((_, what, hint)) = known.iter().find(|(mark, ..)| bytes.starts_with(mark)) {
        return Some((what, hint));
    }
    if bytes.trim_ascii_start().starts_with(b"<") {
        return Some(("a web page or XML", "download the data itself"));
    }
    let top = &bytes[..bytes.len().min(TEXT_BYTES)];
    let is_strange = |byte: &u8| *byte < 0x20 && !byte.is_ascii_whitespace();
    top.iter().any(is_strange).then_some(("binary data of an unknown kind", CONVERT))
}

/// UTF-16 as UTF-8.
fn utf8(name: &str, bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Vec<u8>, DataError> {
    let pairs = bytes.chunks_exact(2);
    let is_whole = pairs.remainder().is_empty();
    let units: Vec<u16> = pairs.map(|pair| unit([pair[0], pair[1]])).collect();
    match String::from_utf16(&units) {
        Ok(text) if is_whole => Ok(text.into_bytes()),
        _ => Err(DataError::File(FileError::Unsupported {
            file: name.to_owned(),
            what: "UTF-16 with broken characters or cut short",
            hint: "save it as UTF-8",
        })),
    }
}

/// Refuses lines that no data has, before anything is made of them.
fn check_lines(name: &str, bytes: &[u8]) -> Result<(), DataError> {
    // A line of full length contains at least one whole block, so blocks with a line end need no closer look.
    let block = MAX_LINE / 2;
    let suspect = bytes.chunks_exact(block).any(|block| !block.contains(&b'\n'));
    let is_long = |(_, line): &(usize, &[u8])| line.len() > MAX_LINE;
    match suspect.then(|| bytes.split(|byte| *byte == b'\n').enumerate().find(is_long)) {
        Some(Some((line, _))) => Err(DataError::File(FileError::LongLine {
            file: name.to_owned(),
            line: line + 1,
            limit_kib: MAX_LINE >> 10,
        })),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read, Write};

    use super::*;

    const PLAIN: &[u8] = b"time,close\n1,2\n";

    fn texts(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
        let text = |opened: Opened| match opened.content {
            Content::Text(bytes) => (opened.name, bytes),
            other => panic!("{other:?} is not text"),
        };
        unpack("x", bytes).unwrap().into_iter().map(text).collect()
    }

    fn error(bytes: &[u8]) -> String {
        unpack("x", bytes).unwrap_err().to_string()
    }

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(bytes).unwrap();
        gz.finish().unwrap()
    }

    fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (name, bytes) in members {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, name, *bytes).unwrap();
        }
        tar.into_inner().unwrap()
    }

    #[test]
    fn every_packing_gives_the_same_bytes() {
        let one = [("x".to_owned(), PLAIN.to_vec())];
        assert_eq!(texts(PLAIN), one);
        assert_eq!(texts(&gz(PLAIN)), one);
        assert_eq!(texts(&zstd::encode_all(PLAIN, 1).unwrap()), one);
        assert_eq!(texts(&zip(&[("a.csv", PLAIN)])), one);
        assert_eq!(texts(&zip(&[("a.csv.gz", &gz(PLAIN))])), one);
    }

    #[test]
    fn every_member_of_an_archive_is_given() {
        let members: [(&str, &[u8]); 3] =
            [("b/1.csv", PLAIN), ("__MACOSX/b/._1.csv", b"?"), ("2.csv", b"time,close\n3,4\n")];
        let both = [
            ("x/b/1.csv".to_owned(), PLAIN.to_vec()),
            ("x/2.csv".to_owned(), b"time,close\n3,4\n".to_vec()),
        ];
        let mut long = zstd::Encoder::new(Vec::new(), 1).unwrap();
        long.long_distance_matching(true).unwrap();
        long.window_log(27).unwrap();
        long.write_all(&tar(&members)).unwrap();
        assert_eq!(texts(&long.finish().unwrap()), both);
        for packed in [zip(&members), tar(&members), gz(&tar(&members)), gz(&zip(&members))] {
            assert_eq!(texts(&packed), both);
        }
    }

    #[test]
    fn archives_that_are_cut_short_are_errors_at_every_byte() {
        let members: [(&str, &[u8]); 2] = [("1.csv", PLAIN), ("2.csv", PLAIN)];
        for packed in [
            gz(PLAIN),
            zstd::encode_all(PLAIN, 1).unwrap(),
            zip(&members),
            tar(&members),
            gz(&tar(&members)),
            zstd::encode_all(&tar(&members)[..], 1).unwrap(),
        ] {
            let whole = unpack("x", &packed).unwrap().len();
            for length in 0..packed.len() {
                // What is left of a mark is not an archive; what is left of the padding of a tar is one.
                let Ok(opened) = unpack("x", &packed[..length]) else { continue };
                assert!(
                    length < 262 || opened.len() == whole,
                    "{} of {} bytes",
                    length,
                    packed.len()
                );
            }
        }
    }

    #[test]
    fn decompression_is_bounded() {
        let members = |bytes: &[u8], limit| {
            each_member_of("x", bytes, Some(limit), &mut |name, reader| {
                whole(name, reader).map(|_| ())
            })
        };
        let packed = zstd::encode_all(&[b'x'; 2000][..], 1).unwrap();
        assert!(members(&packed, 2000).is_ok());
        assert!(matches!(members(&packed, 1999), Err(DataError::File(FileError::TooLarge { .. }))));
        let two = tar(&[("a", &[b'x'; 1500]), ("b", &[b'x'; 1500])]);
        assert!(matches!(members(&two, 2000), Err(DataError::File(FileError::TooLarge { .. }))));
        let bomb = zstd::encode_all(std::io::repeat(b'\n').take(1 << 28), 1).unwrap();
        assert_eq!(
            error(&bomb),
            "cannot unpack `x`: it grows more than 1000-fold, as no real data does"
        );
        let mut nested = PLAIN.to_vec();
        for _ in 0..8 {
            nested = gz(&nested);
        }
        assert_eq!(error(&nested), "cannot unpack `x`: archives stand too deep in one another");
    }

    #[test]
    fn what_is_no_table_is_named_with_a_way_out() {
        for (bytes, said) in [
            (
                &b"FEA1\0\0"[..],
                "`x` is feather of version 1, which is not read; write it again as feather of version 2 or Parquet",
            ),
            (
                b"<!doctype html>",
                "`x` is a web page or XML, which is not read; download the data itself",
            ),
            (
                b"time,close\n\0\x01\x02",
                "`x` is binary data of an unknown kind, which is not read; convert it to CSV or Parquet",
            ),
            (
                b"\xff\xfet\0i",
                "`x` is UTF-16 with broken characters or cut short, which is not read; save it as UTF-8",
            ),
            (b" \n ", "`x` is empty"),
        ] {
            assert_eq!(error(bytes), said);
        }
        let wide: Vec<u8> = "\u{feff}a,b\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(texts(&wide)[0].1, b"a,b\n");
    }

    #[test]
    fn archive_without_files_is_refused() {
        assert_eq!(error(&zip(&[])), "cannot unpack `x`: it holds no files");
        assert_eq!(error(&tar(&[(".hidden", b"x")])), "cannot unpack `x`: it holds no files");
    }

    #[test]
    fn a_line_that_never_ends_is_refused_by_its_number() {
        let mut bytes = b"time,close\n".to_vec();
        bytes.resize(bytes.len() + MAX_LINE + 1, b'7');
        assert_eq!(error(&bytes), "`x` line 2 is longer than 1024 KiB, which no line of data is");
        bytes.truncate(11 + MAX_LINE);
        assert!(unpack("x", &bytes).is_ok());
    }
}
