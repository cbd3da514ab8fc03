//! Bars in which nothing was traded, one after another: the market was closed, or the pair suspended.

use hedgerow_core::{Defect, Severity, Timestamp};

use super::{Detector, Subject};
use crate::DataError;
use crate::findings::{Findings, Seen};
use crate::read::raw::Role;
use crate::rows::Rows;

/// Fewer empty bars in a row are a quiet market.
const EMPTY_RUN: usize = 3;

/// And shorter ones too: Bitstamp closed for four hours on 2020-04-25.
const EMPTY_MILLIS: i64 = 3 * 3_600_000;

pub(super) fn detector(subject: &Subject<'_>) -> Option<Box<dyn Detector>> {
    let suspended = Suspended { step: subject.step, ..Suspended::default() };
    subject.kind.is_price().then(|| Box::new(suspended) as Box<dyn Detector>)
}

#[derive(Debug, Default)]
struct Suspended {
    step: i64,
    start: i64,
    last: i64,
    run: usize,
    n_traded: usize,
    n_runs: usize,
    n_bars: usize,
    longest: (i64, i64),
    runs: Vec<(i64, i64)>,
}

impl Suspended {
    fn end(&mut self) {
        let run = std::mem::take(&mut self.run);
        let length = self.last - self.start + self.step;
        if run < EMPTY_RUN || length < EMPTY_MILLIS {
            return;
        }
        self.n_runs += 1;
        self.n_bars += run;
        if self.last - self.start > self.longest.1 - self.longest.0 {
            self.longest = (self.start, self.last);
        }
        if self.runs.len() < 125 {
            self.runs.push((self.start, self.last));
        }
    }
}

impl Detector for Suspended {
    fn push(&mut self, rows: &Rows) {
        let Some(volume) = rows.column(Role::Volume) else { return };
        for (volume, time) in volume.iter().zip(&rows.time) {
            if *volume > 0.0 {
                self.n_traded += 1;
                if self.run > 0 {
                    self.end();
                }
            } else if *volume <= 0.0 {
                if self.run == 0 {
                    self.start = *time;
                }
                self.run += 1;
                self.last = *time;
            }
        }
    }

    fn finish(mut self: Box<Self>, findings: &mut Findings) -> Result<(), DataError> {
        self.end();
        // Marks and indices have no volume at all, which says nothing.
        if self.n_traded == 0 || self.n_runs == 0 {
            return Ok(());
        }
        self.runs.iter().for_each(|(from, to)| findings.mark(Defect::StaleRun, *from, *to));
        let (from, to) = self.longest;
        findings.add(Seen {
            defect: Defect::StaleRun,
            severity: Severity::Warning,
            count: self.n_bars,
            first: self.runs.first().map(|(from, _)| Timestamp::from_millis(*from)),
            what: format!(
                "{{n}} bars without a trade in {} runs of {EMPTY_RUN} or more, the longest {} .. {}: the market was closed, and its price could not be traded",
                self.n_runs,
                Timestamp::from_millis(from),
                Timestamp::from_millis(to)
            )
            .into(),
            example: None,
        });
        Ok(())
    }
}
