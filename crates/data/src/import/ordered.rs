//! Rows in the order of time, united, judged and written as they come.

use hedgerow_core::SeriesQuality;

use crate::DataError;
use crate::canonical::CanonicalWriter;
use crate::findings::Findings;
use crate::judge::{Judge, Kept};
use crate::read::raw::Role;
use crate::rows::Rows;
use crate::sequence::{Repeats, sort, unite};
use crate::series::unfinished;
use crate::traps::Subject;

/// The end of the stream: what sees every row once.
pub(crate) struct Ordered {
    step: i64,
    /// The last row, which may still be united with the next.
    held: Option<Rows>,
    repeats: Repeats,
    judge: Judge,
    writer: Option<CanonicalWriter>,
}

/// Whether rows fit behind those that came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    InOrder,
    /// Nothing was taken: they belong before rows that are written already.
    TooLate,
}

impl Ordered {
    pub(crate) fn new(subject: &Subject<'_>, writer: Option<CanonicalWriter>) -> Self {
        Self {
            step: subject.step,
            held: None,
            repeats: Repeats::default(),
            judge: Judge::new(subject),
            writer,
        }
    }

    /// Takes the next rows, sorting them among themselves.
    ///
    /// # Errors
    /// [`DataError::File`] when the disk is full.
    pub(crate) fn push(&mut self, mut rows: Rows) -> Result<Fit, DataError> {
        sort(&mut rows);
        let Some(first) = rows.time.first().copied() else { return Ok(Fit::InOrder) };
        if let Some(held) = self.held.take() {
            match held.time[0].cmp(&first) {
                std::cmp::Ordering::Less => self.emit(held)?,
                std::cmp::Ordering::Equal => {
                    let mut joined = held;
                    joined.append(rows);
                    rows = joined;
                }
                std::cmp::Ordering::Greater => {
                    self.held = Some(held);
                    return Ok(Fit::TooLate);
                }
            }
        }
        unite(&mut rows, &mut self.repeats);
        self.held = Some(rows.split_off(rows.len() - 1));
        self.emit(rows)?;
        Ok(Fit::InOrder)
    }

    fn emit(&mut self, mut rows: Rows) -> Result<(), DataError> {
        rows.take(Role::Until);
        self.judge.push_and_keep(&rows);
        match &mut self.writer {
            Some(writer) => writer.push(rows),
            None => Ok(()),
        }
    }

    /// The step that the rows turned out to have; the verdict; what was written.
    ///
    /// # Errors
    /// [`DataError`] when there were no rows, the series cannot be used, or the disk is full.
    pub(crate) fn finish(
        mut self,
        (source, format): (&str, &str),
        mut findings: Findings,
    ) -> Result<Finished, DataError> {
        if let Some(held) = self.held.take() {
            let end = held.time[0];
            let until = held.column(Role::Until).map(|until| until[0]);
            match until.and_then(|until| unfinished(end, until, self.step)) {
                Some(seen) => findings.add(seen),
                None => self.emit(held)?,
            }
        }
        self.repeats.finish(&mut findings);
        let step = self.judge.steps().commonest();
        let kept = self.judge.take_kept();
        let quality = self.judge.finish(source, format, findings)?;
        Ok(Finished { step, quality, kept, writer: self.writer })
    }
}

/// A series that has ended.
pub(crate) struct Finished {
    /// The commonest distance between its stamps; `None` for one row.
    pub(crate) step: Option<i64>,
    pub(crate) quality: SeriesQuality,
    pub(crate) kept: Kept,
    pub(crate) writer: Option<CanonicalWriter>,
}
