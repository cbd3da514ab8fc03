//! What stands in the files that are given: each file, or each member of an archive, looked at from its top.

use std::fs::File;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use crate::expand::expand;
use crate::formats::{FormatName, Plan, mapped};
use crate::identity::{Identity, identify_top};
use crate::import::blocks::last_line_end;
use crate::keys::check_keys;
use crate::read::head::Head;
use crate::read::json::is_json;
use crate::read::raw::{Raw, Role};
use crate::read::stamps;
use crate::read::stream::{each_member, read_error};
use crate::read::unpack::{Content, Opened, told};
use crate::read::{head_of, read};
use crate::recognise::{adjust, plan};
use crate::schema::keys;
use crate::sequence::commonest_step;
use crate::source::{BarLabel, Declared, SeriesKind, SeriesSpec, Span, ValueUnit};
use crate::{DataError, FileError};

/// So much of a text is looked at.
const TOP_BYTES: u64 = 1 << 20;

/// The most that is held of a file that cannot be read in parts, in GiB.
const WHOLE_GIB: u64 = 4;

/// One file, or one member of an archive, known from its top.
#[derive(Debug)]
pub(crate) struct Member {
    /// The file.
    pub(crate) path: PathBuf,
    /// As the user wrote it; a member of an archive is `archive.zip/member.csv`.
    pub(crate) name: String,
    pub(crate) how: How,
    pub(crate) head: Head,
    pub(crate) format: FormatName,
    pub(crate) spec: SeriesSpec,
    pub(crate) plan: Plan,
    /// What it names as its instrument, `BTCUSDT`.
    pub(crate) instrument: Option<String>,
    /// The columns that it gives, that of the series itself first.
    pub(crate) roles: Vec<Role>,
    /// What is taken although a scenario would have to declare it.
    pub(crate) taken: Vec<&'static str>,
    /// Commonest distance between the stamps at the top, milliseconds; `None` for one row.
    pub(crate) step: Option<i64>,
    /// Whether the stamps at the top increase.
    pub(crate) increases: bool,
    /// The earliest of them.
    pub(crate) first: i64,
}

/// How a member is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// Text: block by block.
    Text,
    /// Parquet that is a file of its own: some row groups at a time.
    RowGroups,
    /// JSON, Arrow, UTF-16, and Parquet inside an archive: at once.
    Whole,
}

/// Whether what a scenario would have to declare is taken as it most likely is, or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undeclared {
    Take,
    Refuse,
}

/// Everything that paths mean, as far as the tops of the files tell.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Files of single series, and members of archives.
    pub(crate) members: Vec<Member>,
    /// Files of several contracts.
    pub(crate) listed: Vec<SeriesSpec>,
    /// What cannot be read.
    pub(crate) refused: Vec<DataError>,
}

/// Looks at everything that the paths mean.
///
/// # Errors
/// [`DataError`] when a path means nothing.
pub(crate) fn members(
    paths: &[PathBuf],
    declared: &Declared,
    undeclared: Undeclared,
) -> Result<Found, DataError> {
    let mut found = Found::default();
    for typed in paths {
        for path in expand(Path::new(""), typed)? {
            let looked = each_member(&path, &path, None, &mut |name, reader| {
                if let Err(error) = look((&path, name, reader), declared, undeclared, &mut found) {
                    found.refused.push(error);
                }
                Ok(())
            });
            found.refused.extend(looked.err());
        }
    }
    Ok(found)
}

/// Looks at one member.
fn look(
    (path, name, reader): (&Path, &str, &mut dyn BufRead),
    declared: &Declared,
    undeclared: Undeclared,
    found: &mut Found,
) -> Result<(), DataError> {
    let (opened, how) = top(path, name, reader)?;
    let head = head_of(&opened)?;
    let (spec, instrument) = spec_of(path, &head, &opened, declared);
    if !spec.is.holds_several() {
        let member = planned((path, &opened, how), &head, spec, undeclared)?;
        found.members.push(Member { instrument, ..member });
    } else if !found.listed.contains(&spec) {
        found.listed.push(spec);
    }
    Ok(())
}

/// The top of a text, or the whole of what has no top.
fn top(path: &Path, name: &str, reader: &mut dyn BufRead) -> Result<(Opened, How), DataError> {
    let error = |error: std::io::Error| read_error(name, &error);
    let mut bytes = Vec::new();
    reader.take(TOP_BYTES).read_to_end(&mut bytes).map_err(error)?;
    let is_wide = matches!(bytes[..], [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    let is_table = bytes.starts_with(b"PAR1") || bytes.starts_with(b"ARROW1");
    let is_text = !is_wide && !is_table && !is_json(&bytes);
    if is_text {
        if bytes.len() as u64 == TOP_BYTES
            && let Some(cut) = last_line_end(&bytes)
        {
            bytes.truncate(cut);
        }
        return Ok((told(name, bytes)?, How::Text));
    }
    let limit = WHOLE_GIB << 30;
    reader.take(limit).read_to_end(&mut bytes).map_err(error)?;
    if bytes.len() as u64 >= limit {
        return Err(DataError::File(FileError::TooLarge {
            file: name.to_owned(),
            limit_gib: WHOLE_GIB,
        }));
    }
    let opened = told(name, bytes)?;
    let is_own_file = File::open(path).is_ok_and(|mut file| {
        let mut mark = [0; 4];
        file.read_exact(&mut mark).is_ok() && &mark == b"PAR1"
    });
    let in_parts = matches!(opened.content, Content::Parquet(_)) && is_own_file;
    Ok((opened, if in_parts { How::RowGroups } else { How::Whole }))
}

/// What a file holds, as declared, else as it tells itself; and the instrument that it names.
fn spec_of(
    path: &Path,
    head: &Head,
    opened: &Opened,
    declared: &Declared,
) -> (SeriesSpec, Option<String>) {
    let format = declared.format.unwrap_or_else(|| match declared.columns {
        Some(_) => FormatName::generic(opened),
        None => FormatName::recognised(opened, head),
    });
    let identity = own_identity(head).unwrap_or_else(|| identify_top(head, format));
    let kind = declared.is.or(identity.kind).unwrap_or_else(|| mapped::kind(head));
    let asset = declared.asset.clone().or(identity.asset).unwrap_or_else(|| stem(path));
    let spec = SeriesSpec {
        format: Some(format),
        columns: declared.columns.clone(),
        bar: declared.bar,
        step: declared.step,
        unit: declared.unit,
        time_unit: declared.time_unit,
        time_zone: declared.time_zone,
        instrument: declared.instrument.clone(),
        ..SeriesSpec::new(kind, asset, path)
    };
    (spec, identity.instrument)
}

/// What a file that was imported before says that it is.
fn own_identity(head: &Head) -> Option<Identity> {
    let kind = head.note(keys::KIND)?;
    let kind = SeriesKind::ALL.into_iter().find(|known| known.key() == kind)?;
    let asset = head.note(keys::ASSET).map(str::to_owned);
    Some(Identity { kind: Some(kind), asset, ..Identity::default() })
}

/// The name of the file stands for the asset, of which nothing is known.
fn stem(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.split('.').next().unwrap_or_default().to_owned()
}

/// Makes the plan of a member and reads its top.
fn planned(
    (path, opened, how): (&Path, &Opened, How),
    head: &Head,
    mut spec: SeriesSpec,
    undeclared: Undeclared,
) -> Result<Member, DataError> {
    check_keys(&spec)?;
    let mut taken = Vec::new();
    let (format, plan) = loop {
        match plan(opened, head, &spec) {
            Err(DataError::BarUndeclared { .. })
                if undeclared == Undeclared::Take && spec.bar.is_none() =>
            {
                spec.bar = Some(BarLabel::Start);
                taken.push(LABELS);
            }
            other => break other?,
        }
    };
    let mut raw = read(opened, head, &plan)?;
    adjust(&spec, head, &plan, &mut raw)?;
    let mut time = millis(&raw);
    let increases = time.is_sorted();
    time.sort_unstable();
    Ok(Member {
        path: path.to_owned(),
        name: opened.name.clone(),
        how,
        head: head.clone(),
        format,
        step: spec.step.map(Span::millis).or_else(|| commonest_step(&time)),
        increases,
        first: time.first().copied().unwrap_or_default(),
        spec,
        plan,
        instrument: None,
        roles: raw.columns.iter().map(|column| column.role).collect(),
        taken,
    })
}

/// What is taken of bars whose labels nobody declared.
pub(crate) const LABELS: &str =
    "bars are taken to be labelled by their start; a scenario must declare `bar`";

/// The stamps that can be read, in milliseconds.
fn millis(raw: &Raw) -> Vec<i64> {
    let known = |stamp: &i64| match raw.stamps {
        _ if *stamp == crate::read::raw::UNREADABLE => None,
        crate::read::raw::StampKind::Instants => Some(*stamp),
        crate::read::raw::StampKind::Numbers => {
            stamps::looks_like(*stamp).map(|unit| stamps::to_millis(*stamp, unit))
        }
    };
    raw.time.iter().filter_map(known).collect()
}

impl Member {
    /// Reads figures in this unit from now on.
    pub(crate) fn take_unit(&mut self, unit: ValueUnit) {
        self.spec.unit = Some(unit);
        self.plan.unit = Some(unit);
    }
}
