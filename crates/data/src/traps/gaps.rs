//! Stamps that are absent from the series' own grid.

use hedgerow_core::{Defect, Severity, Timestamp};

use super::{Detector, Subject};
use crate::DataError;
use crate::findings::{Findings, Seen};
use crate::formats::Rhythm;
use crate::rows::Rows;
use crate::source::Span;

pub(super) fn detector(subject: &Subject<'_>) -> Option<Box<dyn Detector>> {
    let gaps = Gaps { step: subject.step, ..Gaps::default() };
    (subject.rhythm == Rhythm::Steady).then(|| Box::new(gaps) as Box<dyn Detector>)
}

#[derive(Debug, Default)]
struct Gaps {
    step: i64,
    last: Option<i64>,
    n_absent: i64,
    n_gaps: usize,
    first: Option<i64>,
    longest: (i64, i64),
    /// Gaps for the picture, the first ones.
    marks: Vec<(i64, i64)>,
}

/// More gaps than this are not drawn one by one; the coverage of each day shows them.
const MAX_DRAWN: usize = 125;

impl Gaps {
    fn pair(&mut self, from: i64, to: i64) {
        if to - from <= self.step {
            return;
        }
        self.n_absent += (to - from - 1) / self.step;
        self.n_gaps += 1;
        self.first.get_or_insert(from + self.step);
        if to - from > self.longest.1 - self.longest.0 {
            self.longest = (from, to);
        }
        if self.marks.len() < MAX_DRAWN {
            self.marks.push((from, to));
        }
    }
}

impl Detector for Gaps {
    fn push(&mut self, rows: &Rows) {
        let time = &rows.time;
        if let (Some(last), Some(first)) = (self.last, time.first()) {
            self.pair(last, *first);
        }
        for pair in time.windows(2) {
            if pair[1] - pair[0] > self.step {
                self.pair(pair[0], pair[1]);
            }
        }
        self.last = time.last().copied().or(self.last);
    }

    fn finish(self: Box<Self>, findings: &mut Findings) -> Result<(), DataError> {
        let Some(first) = self.first else { return Ok(()) };
        self.marks.iter().for_each(|(from, to)| findings.mark(Defect::Gap, *from, *to));
        let (from, to) = self.longest;
        findings.add(Seen {
            defect: Defect::Gap,
            severity: Severity::Warning,
            count: usize::try_from(self.n_absent).unwrap_or(usize::MAX),
            first: Some(Timestamp::from_millis(first)),
            what: format!(
                "{{n}} stamps are absent in {} gaps; the longest is {} between {} and {}",
                self.n_gaps,
                length(to - from),
                Timestamp::from_millis(from),
                Timestamp::from_millis(to)
            )
            .into(),
            example: None,
        });
        Ok(())
    }
}

/// As it is written in a scenario, rounded up to seconds.
pub(crate) fn length(millis: i64) -> String {
    Span::from_millis(millis.div_euclid(1000) * 1000 + if millis % 1000 == 0 { 0 } else { 1000 })
        .map_or_else(String::new, |span| span.to_string())
}
