//! Stamps that are not in step with the others.

use std::collections::BTreeMap;

use hedgerow_core::{Defect, Severity, Timestamp};

use super::{Detector, Subject};
use crate::DataError;
use crate::findings::{Findings, Seen};
use crate::formats::Rhythm;
use crate::rows::Rows;

/// So many phases are told apart; a series with more has no grid.
const MAX_PHASES: usize = 4096;

pub(super) fn detector(subject: &Subject<'_>) -> Option<Box<dyn Detector>> {
    let (step, phases) = (subject.step, BTreeMap::new());
    let off_grid = OffGrid { step, last: None, run: 0, phases, n_other: 0 };
    (subject.rhythm == Rhythm::Steady).then(|| Box::new(off_grid) as Box<dyn Detector>)
}

#[derive(Debug)]
struct OffGrid {
    step: i64,
    last: Option<i64>,
    /// Stamps in step with the last one that are not in `phases` yet.
    run: usize,
    /// How often a stamp stood so long after a multiple of the step, and the first of them.
    phases: BTreeMap<i64, (usize, i64)>,
    n_other: usize,
}

impl OffGrid {
    /// Books the run that ends here. Its phase is looked up once, as all its stamps share it.
    fn book(&mut self) {
        let Some(last) = self.last else { return };
        let phase = last.rem_euclid(self.step);
        let run = std::mem::take(&mut self.run);
        if self.phases.len() >= MAX_PHASES && !self.phases.contains_key(&phase) {
            self.n_other += run;
            return;
        }
        #[expect(clippy::cast_possible_wrap, reason = "a run of rows is far below 2^63")]
        let first = last - (run as i64 - 1) * self.step;
        self.phases.entry(phase).or_insert((0, first)).0 += run;
    }
}

impl Detector for OffGrid {
    fn push(&mut self, rows: &Rows) {
        for stamp in &rows.time {
            if self.last.is_some_and(|last| stamp - last != self.step) {
                self.book();
            }
            self.run += 1;
            self.last = Some(*stamp);
        }
    }

    fn finish(mut self: Box<Self>, findings: &mut Findings) -> Result<(), DataError> {
        self.book();
        let usual = self
            .phases
            .iter()
            .max_by_key(|(phase, (count, _))| (*count, std::cmp::Reverse(**phase)));
        let Some(usual) = usual.map(|(phase, _)| *phase) else { return Ok(()) };
        let others = self.phases.iter().filter(|(phase, _)| **phase != usual);
        let (mut count, mut first) = (self.n_other, None::<i64>);
        for (_, (n_stamps, stamp)) in others {
            count += n_stamps;
            first = Some(first.map_or(*stamp, |first| first.min(*stamp)));
            findings.mark(Defect::OffGrid, *stamp, *stamp);
        }
        findings.add(Seen {
            defect: Defect::OffGrid,
            severity: Severity::Note,
            count,
            first: first.map(Timestamp::from_millis),
            what: "{n} stamps are not in step with the others and keep their own instant".into(),
            example: None,
        });
        Ok(())
    }
}
