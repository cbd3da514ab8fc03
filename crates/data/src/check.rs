//! The verdict on one file of which nothing is declared.

use std::path::Path;

use hedgerow_core::{Defect, Finding, SeriesQuality, Severity};

use crate::DataError;
use crate::formats::FormatName;
use crate::identity::identify_top;
use crate::read::head_of;
use crate::read::unpack::{Opened, open_each};
use crate::series::{Limits, join, kind_of, part};
use crate::source::{BarLabel, Mode, SeriesSpec, Span, ValueUnit};

/// Reads a file, recognises its format and what it holds, and says what is found in it. Where a scenario would have to
/// declare something, the likely answer is taken and named among the findings.
///
/// # Errors
/// [`DataError`] when the file cannot be read or no column is known.
pub fn check_file(path: &Path) -> Result<SeriesQuality, DataError> {
    let mut judged = None;
    open_each(path, path, &mut |opened| {
        if judged.is_some() {
            let reason = "it holds several files".to_owned();
            return Err(DataError::Archive { file: path.display().to_string(), reason });
        }
        judged = Some(check_opened(&opened, path)?);
        Ok(())
    })?;
    judged.ok_or_else(|| DataError::Empty { file: path.display().to_string() })
}

fn check_opened(opened: &Opened, path: &Path) -> Result<SeriesQuality, DataError> {
    let head = head_of(opened)?;
    let format = FormatName::recognised(opened, &head);
    let identity = identify_top(&head, format);
    let kind = identity.kind.unwrap_or_else(|| kind_of(&head));
    let asset = identity.asset.unwrap_or_else(|| asset_of(path));
    let mut spec = SeriesSpec { format: Some(format), ..SeriesSpec::new(kind, asset, path) };
    let mut findings = Vec::new();
    // Holes of any length are findings here, not errors.
    let limits = Limits { max_gap: Span::from_millis(i64::MAX), ..Limits::default() };
    let mut quality = loop {
        let part = part(opened, &spec, Mode::Tolerant);
        match part.and_then(|part| join(&[&spec], vec![part], limits)) {
            Err(DataError::BarUndeclared { .. }) if spec.bar.is_none() => {
                spec.bar = Some(BarLabel::Start);
                findings.push(to_declare(
                    "bars are taken to be labelled by their start; a scenario must declare `bar`",
                ));
            }
            Err(DataError::ValueUnit { looks_like, .. }) if spec.unit.is_none() => {
                spec.unit = Some(ValueUnit::Percent);
                findings.push(to_declare(&format!(
                    "figures look like {looks_like}; a scenario must declare `unit`"
                )));
            }
            other => break other?.quality,
        }
    };
    quality.findings.extend(findings);
    Ok(quality)
}

fn to_declare(detail: &str) -> Finding {
    Finding {
        defect: Defect::Unit,
        severity: Severity::Note,
        count: 1,
        first: None,
        detail: detail.to_owned(),
    }
}

/// The name of the file stands for the asset, of which nothing is known.
fn asset_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.split('.').next().unwrap_or_default().to_owned()
}
