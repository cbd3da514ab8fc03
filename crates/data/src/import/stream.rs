//! One series from its files to its rows: read ahead on one thread, cleaned, put in order, judged and written on another.
//! What comes out depends on the files only, not on the blocks in which they are read.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use hedgerow_core::{Defect, SeriesQuality, Severity};

use crate::canonical::CanonicalWriter;
use crate::clean::{Cleaned, Cleaner};
use crate::findings::Findings;
use crate::import::blocks::{self, BLOCK_BYTES};
use crate::import::group::Group;
use crate::import::member::{How, Member};
use crate::import::ordered::{Finished, Fit, Ordered};
use crate::import::spill::Runs;
use crate::judge::Kept;
use crate::pairs::{self, View};
use crate::read::raw::{Raw, Role};
use crate::read::stream::each_member_metered;
use crate::read::unpack::whole;
use crate::read::{parquet, read};
use crate::recognise::{adjust, remarks, short_of_its_name};
use crate::rows::Rows;
use crate::schema::Schema;
use crate::series::{named, title};
use crate::source::{BarLabel, Mode, Span};
use crate::traps::Subject;
use crate::{DataError, FileError};

/// Blocks that are read ahead.
const AHEAD: usize = 2;

/// One block of rows on its way from the reader.
struct Block {
    member: usize,
    raw: Raw,
    findings: Findings,
}

/// How a series is read.
#[derive(Clone, Copy)]
pub(crate) struct Settings<'a> {
    pub(crate) mode: Mode,
    /// Where it is written; `None` to judge it only.
    pub(crate) out: Option<&'a Path>,
    pub(crate) block_bytes: usize,
}

impl Default for Settings<'_> {
    fn default() -> Self {
        Self { mode: Mode::Tolerant, out: None, block_bytes: BLOCK_BYTES }
    }
}

/// What came of a series.
pub(crate) struct Streamed {
    pub(crate) quality: SeriesQuality,
    /// Stamps and figures, to hold the series against others.
    pub(crate) kept: Kept,
    pub(crate) assumptions: Vec<String>,
    /// What was written, without its notes yet.
    pub(crate) writer: Option<CanonicalWriter>,
}

/// Holds series against each other, and adds what is found to each.
pub(crate) fn compare(groups: &[&Group], streamed: &mut [&mut Streamed]) {
    let views: Vec<View<'_>> = groups
        .iter()
        .zip(streamed.iter())
        .map(|(group, streamed)| View {
            kind: group.members[0].spec.is,
            asset: &group.members[0].spec.asset,
            title: &streamed.quality.name,
            step: streamed.quality.step_millis.unwrap_or(0),
            time: &streamed.kept.time,
            main: &streamed.kept.main,
        })
        .collect();
    for (index, finding) in pairs::findings(&views) {
        streamed[index].quality.findings.push(finding);
    }
}

/// Tells how far the reading is: the bytes of the files that were read, and the rows that came of them.
pub(crate) type Tell<'a> = dyn FnMut(&str, u64, u64) + 'a;

/// Streams a series. The step and the order of the rows, which the tops of the files only suggest, are checked against all
/// rows; where they turn out otherwise the files are read once more.
///
/// # Errors
/// [`DataError`]: what is wrong, where, and what to do.
pub(crate) fn stream(
    group: &Group,
    settings: Settings<'_>,
    tell: &mut Tell<'_>,
) -> Result<Streamed, DataError> {
    let declared = group.members[0].spec.step.map(Span::millis);
    let too_short = || DataError::TooShort { file: named(&group.names()), found: 1 };
    let mut step = declared.or(group.step).ok_or_else(too_short)?;
    let mut in_order = group.is_in_order();
    // Once more for the order and once more for the step: then both are known.
    for _ in 0..4 {
        let way = if in_order { Way::Straight } else { Way::Sorted };
        let Some((finished, assumptions)) = pass(group, settings, (step, way), tell)? else {
            in_order = false;
            continue;
        };
        let found = finished.step.unwrap_or(step);
        if declared.is_none() && found != step {
            step = found;
            continue;
        }
        let Finished { quality, kept, writer, .. } = finished;
        return Ok(Streamed { quality, kept, assumptions, writer });
    }
    let reason = "its stamps have no common step; declare `step`".to_owned();
    Err(DataError::Format { file: named(&group.names()), format: "series", reason })
}

/// How rows find their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Straight,
    Sorted,
}

/// One pass over the files; `None` when rows that should have come in order did not.
fn pass(
    group: &Group,
    settings: Settings<'_>,
    (step, way): (i64, Way),
    tell: &mut Tell<'_>,
) -> Result<Option<(Finished, Vec<String>)>, DataError> {
    let meter = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(AHEAD);
        let meter = &meter;
        scope.spawn(move || {
            // When the other end is gone it knows why.
            if let Err(error) = read_ahead(&group.members, settings.block_bytes, meter, &sender) {
                let _ = sender.send(Err(error));
            }
        });
        consume(group, settings, (step, way), (&receiver, meter, tell))
    })
}

type Incoming<'a, 'b> = (&'a Receiver<Result<Block, DataError>>, &'a AtomicU64, &'a mut Tell<'b>);

fn consume(
    group: &Group,
    settings: Settings<'_>,
    (step, way): (i64, Way),
    (receiver, meter, tell): Incoming<'_, '_>,
) -> Result<Option<(Finished, Vec<String>)>, DataError> {
    let spec = &group.members[0].spec;
    let title = title(spec, &vol_name(&group.members[0]));
    let roles = roles(&group.members);
    let schema = Schema::of(spec.is);
    let writer = match (settings.out, schema) {
        (Some(path), Some(schema)) => Some(CanonicalWriter::new(path, schema, &roles)?),
        _ => None,
    };
    let rhythm = group.members[0].plan.rhythm;
    let subject = Subject { kind: spec.is, title: &title, step, rhythm };
    let mut ordered = Ordered::new(&subject, writer);
    let folder = settings
        .out
        .map_or_else(std::env::temp_dir, |out| crate::atomic::folder_of(out).to_owned());
    let mut runs = (way == Way::Sorted).then(|| Runs::new(&folder, &roles));
    let mut all = Gathered::new(group, settings.mode, step);
    let mut n_rows = 0;
    for block in receiver {
        let block = block?;
        let name = &group.members[block.member].name;
        let rows = all.clean(block, &roles)?;
        n_rows += rows.len() as u64;
        tell(name, meter.load(Ordering::Relaxed), n_rows);
        match &mut runs {
            Some(runs) => runs.push(rows)?,
            None if ordered.push(rows)? == Fit::TooLate => return Ok(None),
            None => {}
        }
    }
    if let Some(runs) = runs {
        runs.merge(&mut |rows| ordered.push(rows).map(|_| ()))?;
    }
    let (findings, assumptions) = all.finish()?;
    let source = (named(&group.names()), group.members[0].format);
    let finished = ordered.finish((&source.0, source.1.as_str()), findings)?;
    Ok(Some((finished, assumptions)))
}

pub(crate) fn vol_name(member: &Member) -> String {
    member.spec.name.clone().unwrap_or_else(|| member.plan.vol_name.clone())
}

/// The columns that every member has.
fn roles(members: &[Member]) -> Vec<Role> {
    let mut roles = members[0].roles.clone();
    roles.retain(|role| members.iter().all(|member| member.roles.contains(role)));
    roles
}

/// What is known of the files so far.
struct Gathered<'a> {
    group: &'a Group,
    mode: Mode,
    step: i64,
    /// The member that is being read.
    current: Option<(usize, Cleaner<'a>)>,
    /// Its earliest and latest stamp.
    period: Option<(i64, i64)>,
    findings: Findings,
    assumptions: Vec<String>,
}

impl<'a> Gathered<'a> {
    fn new(group: &'a Group, mode: Mode, step: i64) -> Self {
        let mut findings = Findings::default();
        for taken in group.members.iter().flat_map(|member| &member.taken) {
            findings.say(Defect::Unit, Severity::Note, *taken);
        }
        Self { group, mode, step, current: None, period: None, findings, assumptions: Vec::new() }
    }

    /// The rows of a block at the instants at which they are known.
    fn clean(&mut self, block: Block, roles: &[Role]) -> Result<Rows, DataError> {
        if self.current.as_ref().is_none_or(|(member, _)| *member != block.member) {
            self.end()?;
            let Member { name, spec, plan, .. } = &self.group.members[block.member];
            self.current = Some((block.member, Cleaner::new(name, spec, plan, self.mode)));
        }
        self.findings.merge(block.findings);
        let (member, cleaner) = self.current.as_mut().expect("it was set above");
        let mut rows = cleaner.push(block.raw)?;
        rows.select(roles);
        for stamp in &rows.time {
            let (first, last) = self.period.unwrap_or((*stamp, *stamp));
            self.period = Some((first.min(*stamp), last.max(*stamp)));
        }
        if self.group.members[*member].plan.bar == BarLabel::Start {
            rows.time.iter_mut().for_each(|time| *time += self.step);
        }
        Ok(rows)
    }

    /// The last block of a member was there.
    fn end(&mut self) -> Result<(), DataError> {
        let Some((member, cleaner)) = self.current.take() else { return Ok(()) };
        let about = &self.group.members[member];
        let short = self
            .period
            .take()
            .and_then(|period| short_of_its_name(&about.head, about.format, &about.plan, period));
        short.into_iter().for_each(|seen| self.findings.add(seen));
        let Cleaned { findings, units, assumptions } = cleaner.finish()?;
        self.findings.merge(findings);
        units.check(about.plan.unit, self.step, &mut self.findings)?;
        for assumption in assumptions {
            if !self.assumptions.contains(&assumption) {
                self.assumptions.push(assumption);
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(Findings, Vec<String>), DataError> {
        self.end()?;
        Ok((self.findings, self.assumptions))
    }
}

/// Sends the blocks of all members, one after another.
fn read_ahead(
    members: &[Member],
    block_bytes: usize,
    meter: &AtomicU64,
    sender: &SyncSender<Result<Block, DataError>>,
) -> Result<(), DataError> {
    let mut done: Vec<&Path> = Vec::new();
    for member in members {
        let path = member.path.as_path();
        if done.contains(&path) {
            continue;
        }
        done.push(path);
        if member.how == How::RowGroups {
            row_groups(members, member, meter, sender)?;
            continue;
        }
        each_member_metered(path, path, meter, &mut |name, reader| {
            let is_it = |member: &Member| member.path == path && member.name == name;
            let Some(index) = members.iter().position(is_it) else { return Ok(()) };
            let member = &members[index];
            if member.how == How::Text {
                return blocks::text((name, reader), block_bytes, &mut |bytes, line| {
                    let raw = blocks::parse(bytes, line, &member.head, &member.plan);
                    let is_last_unended = !bytes.ends_with(b"\n");
                    send((index, member), raw, (line == 1, is_last_unended), sender)
                });
            }
            let opened = whole(name, reader)?;
            let raw = read(&opened, &member.head, &member.plan)?;
            send((index, member), raw, (true, false), sender)
        })?;
    }
    Ok(())
}

/// Sends a block; a receiver that is gone stops the reading.
fn send(
    (index, member): (usize, &Member),
    mut raw: Raw,
    (is_first, is_unended): (bool, bool),
    sender: &SyncSender<Result<Block, DataError>>,
) -> Result<(), DataError> {
    let mut findings = Findings::default();
    let is_unended = is_unended && !raw.cut_short;
    remarks(&member.head, (is_first, is_unended)).into_iter().for_each(|seen| findings.add(seen));
    adjust(&member.spec, &member.head, &member.plan, &mut raw)?
        .into_iter()
        .for_each(|seen| findings.add(seen));
    let stopped = || DataError::TooShort { file: member.name.clone(), found: 0 };
    sender.send(Ok(Block { member: index, raw, findings })).map_err(|_| stopped())
}

/// Sends a file of Parquet, some row groups at a time.
fn row_groups(
    members: &[Member],
    member: &Member,
    meter: &AtomicU64,
    sender: &SyncSender<Result<Block, DataError>>,
) -> Result<(), DataError> {
    let error = |reason| DataError::File(FileError::Open { path: member.path.clone(), reason });
    let index = members.iter().position(|other| other.name == member.name).unwrap_or_default();
    let n_bytes = std::fs::metadata(&member.path).map_err(error)?.len();
    let mut is_first = true;
    for slice in parquet::slices(&member.name, open(member)?, PARQUET_ROWS)? {
        let how = (&member.head, &member.plan);
        let raw = parquet::read_slice(&member.name, open(member)?, how, slice)?;
        let part = n_bytes * slice.n_rows as u64 / slice.n_rows_of_file.max(1) as u64;
        meter.fetch_add(part, Ordering::Relaxed);
        send((index, member), raw, (is_first, false), sender)?;
        is_first = false;
    }
    Ok(())
}

/// So many rows of Parquet are read at a time, or one row group where that is larger.
const PARQUET_ROWS: usize = 1 << 18;

fn open(member: &Member) -> Result<std::fs::File, DataError> {
    std::fs::File::open(&member.path)
        .map_err(|reason| DataError::File(FileError::Open { path: member.path.clone(), reason }))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::path::PathBuf;

    use super::*;
    use crate::canonical::notes;
    use crate::import::group::groups;
    use crate::import::member::{Found, Undeclared, members};
    use crate::source::{Declared, SeriesKind};

    /// The bytes of what is written, and what is said.
    fn written(
        paths: &[PathBuf],
        declared: &Declared,
        block_bytes: usize,
    ) -> (Vec<u8>, SeriesQuality) {
        let Found { members, refused, .. } = members(paths, declared, Undeclared::Refuse).unwrap();
        assert!(refused.is_empty(), "{refused:?}");
        let groups = groups(members);
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("x.parquet");
        let settings = Settings { out: Some(&out), block_bytes, ..Settings::default() };
        let streamed = stream(&groups[0], settings, &mut |_, _, _| {}).unwrap();
        let about = (&streamed.quality, &streamed.assumptions[..]);
        let schema = Schema::of(SeriesKind::Spot).unwrap();
        let notes = notes(schema, &groups[0].members[0].spec, "", &[], about);
        streamed.writer.unwrap().finish(notes).unwrap().appear().unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        (std::fs::read(out).unwrap(), streamed.quality)
    }

    /// Hours with a gap, a bad cell, a repeated row and one that conflicts; newest first if wanted.
    fn hours(n_rows: usize, newest_first: bool) -> String {
        let row = |row: usize| {
            let close = match row {
                40 => "x".to_owned(),
                _ => (100 + row % 7).to_string(),
            };
            format!(
                "{},100,107,99,{close},{}\n",
                1_704_067_200_000_usize + row * 3_600_000,
                row % 3
            )
        };
        let mut rows: Vec<String> = (0..n_rows).filter(|hour| *hour != 17).map(row).collect();
        rows.insert(31, rows[30].clone());
        rows.insert(12, rows[11].replace(",107,", ",108,"));
        if newest_first {
            rows.reverse();
        }
        rows.iter().fold("time,open,high,low,close,volume\n".to_owned(), |mut text, row| {
            let _ = write!(text, "{row}");
            text
        })
    }

    #[test]
    fn size_of_blocks_changes_no_byte() {
        let declared = Declared {
            is: Some(SeriesKind::Spot),
            asset: Some("BTC".to_owned()),
            bar: Some(BarLabel::Start),
            ..Declared::default()
        };
        for newest_first in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.csv");
            std::fs::write(&path, hours(500, newest_first)).unwrap();
            let paths = [path];
            let (bytes, quality) = written(&paths, &declared, BLOCK_BYTES);
            assert_eq!(quality.n_rows, 498);
            for block_bytes in [64, 100, 1000, 4096, 12_345] {
                let (other, said) = written(&paths, &declared, block_bytes);
                assert_eq!(said, quality, "blocks of {block_bytes} bytes");
                assert!(other == bytes, "blocks of {block_bytes} bytes");
            }
        }
    }
}
