//! The verdict on one series, as its rows come in the order of time: what the loader and the import say alike.

use hedgerow_core::{SeriesQuality, Timestamp};

use crate::DataError;
use crate::days::Days;
use crate::findings::Findings;
use crate::rows::Rows;
use crate::sequence::Steps;
use crate::traps::{Subject, Watch};

/// Looks at every row of a series once.
pub(crate) struct Judge {
    title: String,
    step: i64,
    watch: Watch,
    days: Days,
    steps: Steps,
    n_rows: usize,
    period: Option<(i64, i64)>,
}

impl Judge {
    pub(crate) fn new(subject: &Subject<'_>) -> Self {
        Self {
            title: subject.title.to_owned(),
            step: subject.step,
            watch: Watch::new(subject),
            days: Days::default(),
            steps: Steps::default(),
            n_rows: 0,
            period: None,
        }
    }

    /// Takes the next rows: later than all before, no stamp twice.
    pub(crate) fn push(&mut self, rows: &Rows) {
        let (Some(first), Some(last)) = (rows.time.first(), rows.time.last()) else { return };
        self.period = Some((self.period.map_or(*first, |(first, _)| first), *last));
        self.n_rows += rows.len();
        self.days.push(&rows.time);
        self.steps.push(&rows.time);
        self.watch.push(rows);
    }

    /// The distances between stamps so far.
    pub(crate) fn steps(&self) -> &Steps {
        &self.steps
    }

    /// The verdict; `source` and `format` name where the rows came from.
    ///
    /// # Errors
    /// [`DataError`] when the series cannot be used at all.
    pub(crate) fn finish(
        self,
        source: &str,
        format: &str,
        mut findings: Findings,
    ) -> Result<SeriesQuality, DataError> {
        let Some((first, last)) = self.period else {
            return Err(DataError::TooShort { file: source.to_owned(), found: 0 });
        };
        self.watch.finish(&mut findings)?;
        let (findings, marks) = findings.into_parts();
        Ok(SeriesQuality {
            name: self.title,
            source: source.to_owned(),
            format: format.to_owned(),
            n_rows: self.n_rows,
            first: Timestamp::from_millis(first),
            last: Timestamp::from_millis(last),
            step_millis: Some(self.step),
            findings,
            coverage: self.days.finish(),
            marks,
        })
    }
}
