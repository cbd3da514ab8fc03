//! What fuzz targets and mutation tests call: any bytes, read as everything they could be.

use crate::read::unpack::unpack;
use crate::series::{Limits, join, part};
use crate::source::{BarLabel, Mode, SeriesKind, SeriesSpec, Span};

/// Kinds that want different columns.
const KINDS: [SeriesKind; 3] = [SeriesKind::Spot, SeriesKind::Funding, SeriesKind::Vol];

/// What bytes became: for each member of the file and each kind of series that it could be, the stamps that were read
/// (milliseconds, strictly increasing) and how many findings say that something may be missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hostile {
    /// Members that were opened.
    pub n_members: usize,
    /// Stamps and warnings of each series that could be made.
    pub series: Vec<(SeriesKind, Vec<i64>, usize)>,
    /// Errors, in words.
    pub refused: Vec<String>,
}

/// Reads bytes that stand for a file of this name as every kind of series; never panics, whatever the bytes.
pub fn read_hostile(name: &str, bytes: &[u8]) -> Hostile {
    let mut found = Hostile::default();
    let members = match unpack(name, bytes) {
        Ok(members) => members,
        Err(error) => {
            found.refused.push(error.to_string());
            return found;
        }
    };
    found.n_members = members.len();
    for opened in &members {
        for kind in KINDS {
            let mut spec = SeriesSpec::new(kind, "BTC", name);
            spec.bar = (!kind.is_funding()).then_some(BarLabel::End);
            let limits = Limits { max_gap: Span::from_millis(i64::MAX), ..Limits::default() };
            let series = part(opened, &spec, Mode::Tolerant)
                .and_then(|part| join(&[&spec], vec![part], limits));
            match series {
                Ok(series) => {
                    let warnings = series.quality.findings.iter();
                    let warnings = warnings
                        .filter(|finding| finding.severity == hedgerow_core::Severity::Warning);
                    found.series.push((kind, series.time.clone(), warnings.count()));
                }
                Err(error) => found.refused.push(error.to_string()),
            }
        }
    }
    found
}
