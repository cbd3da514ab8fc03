//! One price for a long time: a halted market, or a feed that repeats itself.

use hedgerow_core::{Defect, Severity, Timestamp};

use super::{Detector, Subject};
use crate::DataError;
use crate::findings::{Findings, Seen};
use crate::formats::Rhythm;
use crate::rows::Rows;

/// The same close in this many rows or more is a stale run: at least a day of hours without a trade, or a halted market.
const STALE_RUN: usize = 24;

/// And for at least so long: a thin market of 2017 does not trade for an hour now and then (59 minutes at most in two
/// years of Bitfinex).
const STALE_MILLIS: i64 = 6 * 3_600_000;

pub(super) fn detector(subject: &Subject<'_>) -> Option<Box<dyn Detector>> {
    let applies = subject.kind.is_price() && subject.rhythm == Rhythm::Steady;
    applies.then(|| Box::new(Stale::default()) as Box<dyn Detector>)
}

#[derive(Debug, Default)]
struct Stale {
    price: f64,
    start: i64,
    last: i64,
    run: usize,
    n_runs: usize,
    longest: usize,
    runs: Vec<(i64, i64)>,
}

impl Stale {
    fn end(&mut self) {
        if self.run >= STALE_RUN && self.last - self.start >= STALE_MILLIS {
            self.n_runs += 1;
            self.longest = self.longest.max(self.run);
            if self.runs.len() < 125 {
                self.runs.push((self.start, self.last));
            }
        }
    }
}

impl Detector for Stale {
    fn push(&mut self, rows: &Rows) {
        for (price, time) in rows.main().iter().zip(&rows.time) {
            if self.run > 0 && price.to_bits() == self.price.to_bits() {
                self.run += 1;
                self.last = *time;
                continue;
            }
            if self.run >= STALE_RUN {
                self.end();
            }
            (self.price, self.start, self.last, self.run) = (*price, *time, *time, 1);
        }
    }

    fn finish(mut self: Box<Self>, findings: &mut Findings) -> Result<(), DataError> {
        self.end();
        self.runs.iter().for_each(|(from, to)| findings.mark(Defect::StaleRun, *from, *to));
        findings.add(Seen {
            defect: Defect::StaleRun,
            severity: Severity::Warning,
            count: self.n_runs,
            first: self.runs.first().map(|(from, _)| Timestamp::from_millis(*from)),
            what: format!(
                "the price repeats {STALE_RUN} times or more in {{n}} runs, {} times in the longest",
                self.longest
            )
            .into(),
            example: None,
        });
        Ok(())
    }
}
