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
    kept: Kept,
}

/// Stamps and figures, kept to hold the series against others; none where there are more than [`MOST_KEPT`].
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Kept {
    pub(crate) time: Vec<i64>,
    pub(crate) main: Vec<f64>,
}

/// Seven years of minutes; 64 MB.
const MOST_KEPT: usize = 4_000_000;

impl Kept {
    fn push(&mut self, rows: &Rows, n_rows: usize) {
        if n_rows > MOST_KEPT {
            *self = Self::default();
        } else {
            self.time.extend(&rows.time);
            self.main.extend(rows.main());
        }
    }
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
            kept: Kept::default(),
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

    /// As [`Judge::push`], keeping the rows to hold the series against others.
    pub(crate) fn push_and_keep(&mut self, rows: &Rows) {
        self.push(rows);
        self.kept.push(rows, self.n_rows);
    }

    /// What was kept so far.
    pub(crate) fn take_kept(&mut self) -> Kept {
        std::mem::take(&mut self.kept)
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
