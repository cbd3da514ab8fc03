//! What can be wrong inside one series, each defect in a file of its own. To add one: a file and two lines here.
//!
//! A detector is a fold over rows in the order of time, so that it serves a series in memory and one that streams past.

pub(crate) mod bars;
pub(crate) mod gaps;
mod jumps;
mod off_grid;
mod pages;
mod rates;
mod spikes;
mod stale;
mod suspended;
pub(crate) mod volumes;

use crate::DataError;
use crate::findings::Findings;
use crate::formats::Rhythm;
use crate::rows::Rows;
use crate::source::SeriesKind;

/// Makes a detector of a series; `None` where it does not apply.
type Make = fn(&Subject<'_>) -> Option<Box<dyn Detector>>;

/// Every detector.
pub(crate) const DETECTORS: &[Make] = &[
    bars::detector,
    gaps::detector,
    jumps::detector,
    off_grid::detector,
    pages::detector,
    rates::detector,
    spikes::detector,
    stale::detector,
    suspended::detector,
];

/// The series that is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) kind: SeriesKind,
    /// As the report calls it.
    pub(crate) title: &'a str,
    /// The commonest distance between stamps, milliseconds.
    pub(crate) step: i64,
    /// How its rows follow one another: ticks have no grid.
    pub(crate) rhythm: Rhythm,
}

/// Looks for one defect.
pub(crate) trait Detector: Send {
    /// Takes the next rows: later than all before, no stamp twice.
    fn push(&mut self, rows: &Rows);

    /// Says what was found.
    ///
    /// # Errors
    /// [`DataError`] when the series cannot be used at all.
    fn finish(self: Box<Self>, findings: &mut Findings) -> Result<(), DataError>;
}

/// All detectors that apply to a series.
pub(crate) struct Watch(Vec<Box<dyn Detector>>);

impl Watch {
    pub(crate) fn new(subject: &Subject<'_>) -> Self {
        Self(DETECTORS.iter().filter_map(|detector| detector(subject)).collect())
    }

    pub(crate) fn push(&mut self, rows: &Rows) {
        self.0.iter_mut().for_each(|detector| detector.push(rows));
    }

    /// # Errors
    /// [`DataError`] when the series cannot be used at all.
    pub(crate) fn finish(self, findings: &mut Findings) -> Result<(), DataError> {
        self.0.into_iter().try_for_each(|detector| detector.finish(findings))
    }
}
