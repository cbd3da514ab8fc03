//! Files into the canonical schema, streaming: memory does not grow with the files.

pub(crate) mod blocks;
pub(crate) mod group;
pub(crate) mod listed;
pub(crate) mod member;
mod ordered;
mod spill;
pub(crate) mod stream;

use std::path::{Path, PathBuf};

use hedgerow_core::{SeriesQuality, Severity};

use crate::DataError;
use crate::atomic::write_error;
use crate::canonical::notes;
use crate::import::group::{Group, groups};
use crate::import::listed::listed;
use crate::import::member::{Found, Undeclared, members};
use crate::import::stream::{Settings, Streamed, compare, stream, vol_name};
use crate::schema::Schema;
use crate::source::{Declared, Mode};

/// How far an import is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportProgress {
    /// The file, or member of an archive, that is being read.
    pub file: String,
    /// Bytes of files read so far, as they stand on disk.
    pub bytes_read: u64,
    /// Bytes of all files.
    pub bytes_total: u64,
    /// Rows that came of them.
    pub n_rows: u64,
}

/// What an import wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// One entry per series.
    pub files: Vec<ImportedFile>,
}

/// One file that an import wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedFile {
    /// Where it stands.
    pub path: PathBuf,
    /// Name and version of its schema, `bars/1`.
    pub schema: &'static str,
    /// Its rows.
    pub n_rows: u64,
    /// Its size.
    pub n_bytes: u64,
    /// What was found and done.
    pub quality: SeriesQuality,
}

/// Streams files into the canonical schema. `out` ends in `.parquet`: exactly one series; any other `out` is a folder, one
/// file per series. The files appear when all are whole, or none does.
///
/// # Errors
/// [`DataError`]: what is wrong, where, and what to do; in strict mode also when anything found would change results.
pub fn import(
    paths: &[PathBuf],
    declared: &Declared,
    out: &Path,
    progress: &mut dyn FnMut(&ImportProgress),
) -> Result<Imported, DataError> {
    let Found { members, listed: specs, refused } = members(paths, declared, Undeclared::Refuse)?;
    if let Some(error) = refused.into_iter().next() {
        return Err(error);
    }
    let groups = groups(members);
    let (listed, _) = listed(&specs, declared)?;
    let stems: Vec<String> = groups
        .iter()
        .map(Group::stem)
        .chain(listed.iter().map(|series| series.stem.clone()))
        .collect();
    let targets = Targets::new(out, &stems)?;
    let mut counter = Counter::new(&groups, progress);
    let mut streamed: Vec<Streamed> = Vec::new();
    for (group, path) in groups.iter().zip(&targets.paths) {
        streamed.push(streamed_to(group, path, declared.quality, &mut counter)?);
    }
    compare(&groups.iter().collect::<Vec<_>>(), &mut streamed.iter_mut().collect::<Vec<_>>());
    let mut ready: Vec<Ready> = Vec::new();
    for ((group, path), streamed) in groups.iter().zip(&targets.paths).zip(streamed) {
        ready.push(finished(group, path, declared.quality, streamed)?);
    }
    for (series, path) in listed.into_iter().zip(&targets.paths[groups.len()..]) {
        refuse_warnings(declared.quality, &series.quality)?;
        let schema = series.schema;
        let (file, quality) = series.written(path)?;
        ready.push((file, path.clone(), schema, quality));
    }
    let mut files = Vec::new();
    for (file, path, schema, quality) in ready {
        let n_bytes = file.appear()?;
        let n_rows = quality.n_rows as u64;
        files.push(ImportedFile { path, schema, n_rows, n_bytes, quality });
    }
    targets.keep();
    Ok(Imported { files })
}

type Ready = (crate::atomic::AtomicFile, PathBuf, &'static str, SeriesQuality);

/// Streams one series to a file without a name yet.
fn streamed_to(
    group: &Group,
    path: &Path,
    mode: Mode,
    counter: &mut Counter<'_>,
) -> Result<Streamed, DataError> {
    schema(group)?;
    let settings = Settings { mode, out: Some(path), ..Settings::default() };
    let streamed =
        stream(group, settings, &mut |file, bytes, n_rows| counter.tell(file, bytes, n_rows))?;
    counter.next(&streamed.quality);
    Ok(streamed)
}

/// The schema of a series.
fn schema(group: &Group) -> Result<&'static Schema, DataError> {
    let first = &group.members[0];
    Schema::of(first.spec.is).ok_or_else(|| DataError::Format {
        file: first.name.clone(),
        format: first.format.as_str(),
        reason: format!("{} cannot be imported", first.spec.is.about()),
    })
}

/// One series, whole and with its notes, but without a name yet.
fn finished(
    group: &Group,
    path: &Path,
    mode: Mode,
    streamed: Streamed,
) -> Result<Ready, DataError> {
    let Streamed { quality, assumptions, writer, .. } = streamed;
    refuse_warnings(mode, &quality)?;
    let (first, schema) = (&group.members[0], schema(group)?);
    let sources: Vec<String> = group.names().into_iter().map(str::to_owned).collect();
    let about = (&quality, &assumptions[..]);
    let notes = notes(schema, &first.spec, &vol_name(first), &sources, about);
    let writer = writer.expect("a path was given");
    Ok((writer.finish(notes)?, path.to_owned(), schema.name, quality))
}

/// Strict mode refuses what would change results.
pub(crate) fn refuse_warnings(mode: Mode, quality: &SeriesQuality) -> Result<(), DataError> {
    let warnings = quality.findings.iter().filter(|found| found.severity == Severity::Warning);
    let findings: Vec<String> = warnings
        .map(|found| format!("{}: {}: {}", quality.name, found.defect.about(), found.detail))
        .collect();
    if mode == Mode::Strict && !findings.is_empty() {
        return Err(DataError::Strict { findings });
    }
    Ok(())
}

/// Where the files go. A folder that was made for them goes away with them.
struct Targets {
    paths: Vec<PathBuf>,
    made: Option<PathBuf>,
}

impl Targets {
    fn new(out: &Path, stems: &[String]) -> Result<Self, DataError> {
        if out.extension().is_some_and(|extension| extension == "parquet") {
            return match stems {
                [_] => Ok(Self { paths: vec![out.to_owned()], made: None }),
                _ => Err(DataError::SeveralSeries { out: out.to_owned(), series: stems.to_vec() }),
            };
        }
        let is_new = !out.exists();
        std::fs::create_dir_all(out).map_err(|reason| write_error(out, reason))?;
        let mut paths: Vec<PathBuf> = Vec::new();
        for stem in stems {
            let mut path = out.join(format!("{stem}.parquet"));
            let mut number = 2;
            while paths.contains(&path) {
                path = out.join(format!("{stem}-{number}.parquet"));
                number += 1;
            }
            paths.push(path);
        }
        Ok(Self { paths, made: is_new.then(|| out.to_owned()) })
    }

    fn keep(mut self) {
        self.made = None;
    }
}

impl Drop for Targets {
    fn drop(&mut self) {
        if let Some(made) = &self.made {
            // What was put there by others in the meantime stays, and with it the folder.
            let _ = std::fs::remove_dir(made);
        }
    }
}

/// Counts bytes and rows over all series.
struct Counter<'a> {
    total: u64,
    before: u64,
    rows_before: u64,
    last: u64,
    progress: &'a mut dyn FnMut(&ImportProgress),
}

impl<'a> Counter<'a> {
    fn new(groups: &[Group], progress: &'a mut dyn FnMut(&ImportProgress)) -> Self {
        let mut total = 0;
        for group in groups {
            let mut paths: Vec<&Path> =
                group.members.iter().map(|member| member.path.as_path()).collect();
            paths.dedup();
            total += paths
                .iter()
                .map(|path| std::fs::metadata(path).map_or(0, |about| about.len()))
                .sum::<u64>();
        }
        Self { total, before: 0, rows_before: 0, last: 0, progress }
    }

    fn tell(&mut self, file: &str, bytes: u64, n_rows: u64) {
        self.last = bytes;
        (self.progress)(&ImportProgress {
            file: file.to_owned(),
            bytes_read: (self.before + bytes).min(self.total),
            bytes_total: self.total,
            n_rows: self.rows_before + n_rows,
        });
    }

    /// A series has ended.
    fn next(&mut self, quality: &SeriesQuality) {
        self.before += self.last;
        self.rows_before += quality.n_rows as u64;
    }
}
