//! The verdict on files of which little or nothing is declared.

use std::path::{Path, PathBuf};

use hedgerow_core::{Defect, Finding, Quality, SeriesQuality, Severity};

use crate::import::group::{Group, groups};
use crate::import::listed::listed;
use crate::import::member::{Found, Undeclared, members};
use crate::import::refuse_warnings;
use crate::import::stream::{Settings, Streamed, compare, stream};
use crate::source::{Declared, ValueUnit};
use crate::{DataError, FileError};

/// What files hold, and what is wrong with it.
#[derive(Debug)]
pub struct Checked {
    /// One entry per series.
    pub quality: Quality,
    /// Files and series that could not be read, each with its reason.
    pub refused: Vec<DataError>,
}

/// Reads files, folders and patterns of which little or nothing is declared, recognises what they hold, groups them into
/// series, and says what is found. Where a scenario would have to declare something, the likely answer is taken and named
/// among the findings. In strict mode a series whose findings would change results is refused.
///
/// # Errors
/// [`DataError`] when a path means no file.
pub fn check_files(paths: &[PathBuf], declared: &Declared) -> Result<Checked, DataError> {
    let Found { members, listed: specs, mut refused } = members(paths, declared, Undeclared::Take)?;
    let mut quality = Quality::default();
    let mut checked = Vec::new();
    for mut group in groups(members) {
        match check(&mut group, declared) {
            Ok(streamed) => checked.push((group, streamed)),
            Err(error) => refused.push(error),
        }
    }
    let (of, mut streamed): (Vec<_>, Vec<_>) =
        checked.iter_mut().map(|(group, streamed)| (&*group, streamed)).unzip();
    compare(&of, &mut streamed);
    for (_, streamed) in checked {
        match refuse_warnings(declared.quality, &streamed.quality) {
            Ok(()) => {
                quality.series.push(streamed.quality);
                assume(&mut quality, &streamed.assumptions);
            }
            Err(error) => refused.push(error),
        }
    }
    match listed(&specs, declared) {
        Ok((series, assumptions)) => {
            assume(&mut quality, &assumptions);
            for series in series {
                assume(&mut quality, series.assumptions());
                match refuse_warnings(declared.quality, &series.quality) {
                    Ok(()) => quality.series.push(series.quality),
                    Err(error) => refused.push(error),
                }
            }
        }
        Err(error) => refused.push(error),
    }
    Ok(Checked { quality, refused })
}

fn assume(quality: &mut Quality, assumptions: &[String]) {
    for assumption in assumptions {
        if !quality.assumptions.contains(assumption) {
            quality.assumptions.push(assumption.clone());
        }
    }
}

/// As [`check_files`], of one file that holds one series.
///
/// # Errors
/// [`DataError`] when the file cannot be read, no column is known, or it holds several series.
pub fn check_file(path: &Path) -> Result<SeriesQuality, DataError> {
    let Checked { quality, refused } = check_files(&[path.to_owned()], &Declared::default())?;
    if let Some(error) = refused.into_iter().next() {
        return Err(error);
    }
    let names: Vec<String> = quality.series.iter().map(|series| series.name.clone()).collect();
    if names.is_empty() {
        return Err(DataError::Format {
            file: path.display().to_string(),
            format: "series",
            reason: "it lists contracts; a scenario takes it with `is = \"instruments\"`"
                .to_owned(),
        });
    }
    match <[SeriesQuality; 1]>::try_from(quality.series) {
        Ok([series]) => Ok(series),
        Err(_) => Err(DataError::File(FileError::Archive {
            file: path.display().to_string(),
            reason: format!("it holds several series: {}", names.join(", ")),
        })),
    }
}

fn check(group: &mut Group, declared: &Declared) -> Result<Streamed, DataError> {
    let mut taken = None;
    loop {
        match stream(
            group,
            Settings { mode: declared.quality, ..Settings::default() },
            &mut |_, _, _| {},
        ) {
            Err(DataError::ValueUnit { looks_like, .. })
                if declared.unit.is_none() && taken.is_none() =>
            {
                let unit =
                    if looks_like == "percent" { ValueUnit::Percent } else { ValueUnit::Fraction };
                group.members.iter_mut().for_each(|member| member.take_unit(unit));
                taken = Some(looks_like);
            }
            other => {
                let mut streamed = other?;
                streamed.quality.findings.extend(taken.map(to_declare));
                return Ok(streamed);
            }
        }
    }
}

fn to_declare(looks_like: &str) -> Finding {
    Finding {
        defect: Defect::Unit,
        severity: Severity::Note,
        count: 1,
        first: None,
        detail: format!("figures look like {looks_like}; a scenario must declare `unit`"),
    }
}
