//! The members of a file, one after another, decompressed while they are read: a file that is no archive has one.
//!
//! Plain, gzip, zstandard, zip and tar, and these inside one another, told by content and not by name.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::expand::is_data;
use crate::{DataError, FileError};

const GIB: u64 = 1 << 30;

/// How deep archives may stand in archives: `tar.zst` is two.
const MAX_DEPTH: usize = 4;

/// More members are not a folder of market data but an attack.
const MAX_MEMBERS: usize = 1_000_000;

/// Text of market data shrinks ten- to thirtyfold; beyond this much an archive is made to fill memory or disk.
const MAX_RATIO: u64 = 1000;

/// Small archives may grow to this, whatever their ratio.
const FREE_BYTES: u64 = 64 << 20;

/// What is looked at to tell what a member is: past the mark of a tar.
const PEEK: usize = 512;

/// Takes one member: its name, `archive.tar.zst/member.csv`, and its bytes.
pub(crate) type Visit<'a> = dyn FnMut(&str, &mut dyn BufRead) -> Result<(), DataError> + 'a;

/// Gives every member of a file to `visit`, in the order of the archive, each decompressed as it is read. At most `limit`
/// bytes come out in all. Errors of the reader that `visit` gets become errors of ours through [`read_error`].
///
/// # Errors
/// [`DataError`] when the file cannot be opened or unpacked, holds nothing, or `visit` fails.
pub(crate) fn each_member(
    path: &Path,
    name: &Path,
    limit: Option<u64>,
    visit: &mut Visit<'_>,
) -> Result<(), DataError> {
    metered((path, name), limit, &AtomicU64::new(0), visit)
}

/// As [`each_member`], without a limit, counting the bytes that are read of the file itself.
pub(crate) fn each_member_metered(
    path: &Path,
    name: &Path,
    meter: &AtomicU64,
    visit: &mut Visit<'_>,
) -> Result<(), DataError> {
    metered((path, name), None, meter, visit)
}

fn metered(
    (path, name): (&Path, &Path),
    limit: Option<u64>,
    meter: &AtomicU64,
    visit: &mut Visit<'_>,
) -> Result<(), DataError> {
    let open = || {
        let file = File::open(path)?;
        if file.metadata()?.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        let n_bytes = file.metadata()?.len();
        Ok((file, n_bytes))
    };
    let (file, n_bytes) = open()
        .map_err(|reason| DataError::File(FileError::Open { path: name.to_owned(), reason }))?;
    let source = Source::File(Metered { file, meter });
    walk(&name.display().to_string(), source, n_bytes, limit, visit)
}

/// As [`each_member`], of bytes that stand for a file.
pub(crate) fn each_member_of(
    name: &str,
    bytes: &[u8],
    limit: Option<u64>,
    visit: &mut Visit<'_>,
) -> Result<(), DataError> {
    walk(name, Source::Bytes(bytes), bytes.len() as u64, limit, visit)
}

/// What went wrong while a member was read.
pub(crate) fn read_error(name: &str, error: &io::Error) -> DataError {
    let bound = error.get_ref().and_then(|error| error.downcast_ref::<Bound>());
    match bound {
        Some(Bound::Size(limit)) => DataError::File(FileError::TooLarge {
            file: name.to_owned(),
            limit_gib: limit.div_ceil(GIB),
        }),
        _ => {
            DataError::File(FileError::Archive { file: name.to_owned(), reason: error.to_string() })
        }
    }
}

enum Source<'a> {
    File(Metered<'a>),
    Bytes(&'a [u8]),
}

/// A file that counts what is read of it.
struct Metered<'a> {
    file: File,
    meter: &'a AtomicU64,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.file.read(buffer)?;
        self.meter.fetch_add(n_bytes as u64, Ordering::Relaxed);
        Ok(n_bytes)
    }
}

impl io::Seek for Metered<'_> {
    fn seek(&mut self, position: io::SeekFrom) -> io::Result<u64> {
        self.file.seek(position)
    }
}

fn walk(
    name: &str,
    source: Source<'_>,
    packed: u64,
    limit: Option<u64>,
    visit: &mut Visit<'_>,
) -> Result<(), DataError> {
    let budget = Budget { packed, limit, given: Cell::new(0), members: Cell::new(0) };
    let mut walker = Walker { budget: &budget, visit };
    match source {
        Source::File(mut file) => {
            let mut magic = [0; 4];
            let is_zip = file.read_exact(&mut magic).is_ok() && is_zip(&magic);
            io::Seek::rewind(&mut file).map_err(|error| read_error(name, &error))?;
            if is_zip {
                walker.unzip(name, BufReader::new(file), 0)
            } else {
                walker.walk(name, &mut file, 0)
            }
        }
        Source::Bytes(bytes) if is_zip(bytes) => walker.unzip(name, Cursor::new(bytes), 0),
        Source::Bytes(mut bytes) => walker.walk(name, &mut bytes, 0),
    }
}

/// How much may still come out of a file.
struct Budget {
    packed: u64,
    limit: Option<u64>,
    given: Cell<u64>,
    members: Cell<usize>,
}

/// Which bound was reached.
#[derive(Debug, thiserror::Error)]
enum Bound {
    #[error("more than {0} bytes")]
    Size(u64),
    #[error("it grows more than {MAX_RATIO}-fold, as no real data does")]
    Ratio,
}

impl Budget {
    fn spend(&self, n_bytes: usize) -> io::Result<()> {
        let given = self.given.get() + n_bytes as u64;
        self.given.set(given);
        if let Some(limit) = self.limit.filter(|limit| given > *limit) {
            return Err(io::Error::other(Bound::Size(limit)));
        }
        if given > FREE_BYTES && given / MAX_RATIO > self.packed {
            return Err(io::Error::other(Bound::Ratio));
        }
        Ok(())
    }
}

/// Counts what comes out against the budget.
struct Counted<'a, R> {
    reader: R,
    budget: &'a Budget,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.reader.read(buffer)?;
        self.budget.spend(n_bytes)?;
        Ok(n_bytes)
    }
}

struct Walker<'a, 'v> {
    budget: &'a Budget,
    visit: &'a mut Visit<'v>,
}

impl Walker<'_, '_> {
    /// Unpacks what is packed and hands on what is not.
    fn walk(&mut self, name: &str, reader: &mut dyn Read, depth: usize) -> Result<(), DataError> {
        let top = top(reader).map_err(|error| read_error(name, &error))?;
        let mut rest = Cursor::new(top.clone()).chain(reader);
        if depth > MAX_DEPTH {
            return Err(archive_error(name, "archives stand too deep in one another"));
        }
        match &top[..] {
            [0x1f, 0x8b, ..] => {
                self.walk(name, &mut flate2::read::MultiGzDecoder::new(&mut rest), depth + 1)
            }
            [0x28, 0xb5, 0x2f, 0xfd, ..] => {
                let mut decoder = zstd::Decoder::new(&mut rest)
                    .map_err(|error| archive_error(name, &error.to_string()))?;
                // The largest window that `zstd --long` writes.
                decoder
                    .window_log_max(31)
                    .map_err(|error| archive_error(name, &error.to_string()))?;
                self.walk(name, &mut decoder, depth + 1)
            }
            bytes if is_zip(bytes) => {
                // Its table of contents stands at the end.
                let mut bytes = Vec::new();
                Counted { reader: rest, budget: self.budget }
                    .read_to_end(&mut bytes)
                    .map_err(|error| read_error(name, &error))?;
                self.unzip(name, Cursor::new(bytes), depth + 1)
            }
            bytes if bytes.get(257..262) == Some(b"ustar") => {
                self.untar(name, &mut rest, depth + 1)
            }
            _ => {
                let reader = Counted { reader: rest, budget: self.budget };
                (self.visit)(name, &mut BufReader::with_capacity(1 << 16, reader))
            }
        }
    }

    fn unzip(
        &mut self,
        name: &str,
        reader: impl Read + io::Seek,
        depth: usize,
    ) -> Result<(), DataError> {
        let error = |error: zip::result::ZipError| archive_error(name, &error.to_string());
        let mut archive = zip::ZipArchive::new(reader).map_err(error)?;
        let mut members = Vec::new();
        for index in 0..archive.len() {
            let file = archive.by_index_raw(index).map_err(error)?;
            let member = file.name().map_err(error)?.into_owned();
            if file.is_file() && is_wanted(&member) {
                members.push((index, member));
            }
        }
        if members.iter().any(|(_, member)| member == "[Content_Types].xml") {
            let reason = "it is an Office document; save the sheet as CSV";
            return Err(archive_error(name, reason));
        }
        self.count(name, members.len())?;
        let is_alone = members.len() == 1;
        for (index, member) in members {
            // A zip of one file is that file.
            let member = if is_alone { name.to_owned() } else { format!("{name}/{member}") };
            let mut file = archive.by_index(index).map_err(error)?;
            self.walk(&member, &mut file, depth + 1)?;
        }
        Ok(())
    }

    fn untar(&mut self, name: &str, reader: &mut dyn Read, depth: usize) -> Result<(), DataError> {
        let error = |error: io::Error| archive_error(name, &error.to_string());
        let zeros = Cell::new(0);
        let mut archive = tar::Archive::new(Trailing { reader, zeros: &zeros });
        let mut n_members = 0;
        for entry in archive.entries().map_err(error)? {
            let mut entry = entry.map_err(|found| read_error(name, &found))?;
            let member = entry.path().map_err(error)?.to_string_lossy().into_owned();
            if !entry.header().entry_type().is_file() || !is_wanted(&member) {
                continue;
            }
            n_members += 1;
            self.count(name, 1)?;
            let (member, wanted) = (format!("{name}/{member}"), entry.size());
            let found = Cell::new(0);
            self.walk(&member, &mut Measured { reader: &mut entry, found: &found }, depth)?;
            if found.get() < wanted {
                return Err(archive_error(&member, "it is cut short"));
            }
        }
        if n_members == 0 {
            return Err(archive_error(name, "it holds no files"));
        }
        // The checksum of what packs a tar stands behind the tar.
        let mut rest = Counted { reader: archive.into_inner(), budget: self.budget };
        io::copy(&mut rest, &mut io::sink()).map_err(|error| read_error(name, &error))?;
        // An archive ends in two blocks of zeros; without them members may be missing.
        if zeros.get() < 512 {
            return Err(archive_error(name, "it is cut short: the end of the archive is missing"));
        }
        Ok(())
    }

    fn count(&self, name: &str, n_members: usize) -> Result<(), DataError> {
        let members = self.budget.members.get() + n_members;
        self.budget.members.set(members);
        match n_members {
            0 => Err(archive_error(name, "it holds no files")),
            _ if members > MAX_MEMBERS => {
                Err(archive_error(name, &format!("it holds more than {MAX_MEMBERS} files")))
            }
            _ => Ok(()),
        }
    }
}

/// Counts the bytes of a member.
struct Measured<'a> {
    reader: &'a mut dyn Read,
    found: &'a Cell<u64>,
}

impl Read for Measured<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.reader.read(buffer)?;
        self.found.set(self.found.get() + n_bytes as u64);
        Ok(n_bytes)
    }
}

/// Counts the zeros at the end of what was read.
struct Trailing<'a> {
    reader: &'a mut dyn Read,
    zeros: &'a Cell<usize>,
}

impl Read for Trailing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.reader.read(buffer)?;
        let trailing = buffer[..n_bytes].iter().rev().take_while(|byte| **byte == 0).count();
        let before = if trailing == n_bytes { self.zeros.get() } else { 0 };
        self.zeros.set(before + trailing);
        Ok(n_bytes)
    }
}

/// The first bytes, fewer only where there are no more.
fn top(reader: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut top = Vec::with_capacity(PEEK);
    reader.take(PEEK as u64).read_to_end(&mut top)?;
    Ok(top)
}

fn is_zip(bytes: &[u8]) -> bool {
    matches!(bytes, [b'P', b'K', 3 | 5, 4 | 6, ..])
}

/// Whether a member is data: not hidden, and not what macOS adds to archives.
fn is_wanted(member: &str) -> bool {
    !member.split('/').any(|part| part == "__MACOSX") && is_data(Path::new(member))
}

fn archive_error(name: &str, reason: &str) -> DataError {
    DataError::File(FileError::Archive { file: name.to_owned(), reason: reason.to_owned() })
}
