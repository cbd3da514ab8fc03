//! What is wrong with the data, counted and named before a single hedge is simulated.

use crate::Timestamp;

/// A kind of defect in a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Defect {
    /// Stamps absent from the series' own grid.
    Gap,
    /// The same stamp more than once.
    Duplicate,
    /// Stamps that run backwards.
    Unsorted,
    /// Stamps that are not multiples of the series' step.
    OffGrid,
    /// Prices, vols or rates that are zero, negative, not finite or not numbers.
    BadValue,
    /// The same price many rows in a row.
    StaleRun,
    /// Units that look wrong or are mixed: seconds, milliseconds, microseconds; percent, fraction.
    Unit,
    /// Market rows where the newest figure of the series is older than the staleness limit.
    Stale,
    /// The series does not cover the whole market.
    Coverage,
    /// A last bar that had not ended when the file was written, or a line cut short.
    Unfinished,
}

impl Defect {
    /// As the report says it.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Gap => "gaps",
            Self::Duplicate => "duplicate stamps",
            Self::Unsorted => "stamps out of order",
            Self::OffGrid => "stamps off the grid",
            Self::BadValue => "unusable values",
            Self::StaleRun => "repeated prices",
            Self::Unit => "units",
            Self::Stale => "stale figures",
            Self::Coverage => "coverage",
            Self::Unfinished => "unfinished rows",
        }
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; handled without loss.
    Note,
    /// Changes results: counted and reported in tolerant mode, refused in strict mode.
    Warning,
}

/// One kind of defect in one series.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Which defect.
    pub defect: Defect,
    /// How bad.
    pub severity: Severity,
    /// How many places.
    pub count: usize,
    /// The first place, where there is one.
    pub first: Option<Timestamp>,
    /// What was found and what was done about it: lower case, no full stop.
    pub detail: String,
}

/// Quality of one series as loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesQuality {
    /// What it is, `BTC spot`.
    pub name: String,
    /// Where it came from: a file name as the user wrote it, or `embedded sample`.
    pub source: String,
    /// Name of the format it was read with.
    pub format: String,
    /// Rows kept.
    pub n_rows: usize,
    /// First stamp kept.
    pub first: Timestamp,
    /// Last stamp kept.
    pub last: Timestamp,
    /// The commonest distance between stamps, milliseconds; `None` for one row.
    pub step_millis: Option<i64>,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Quality of everything a market was made from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Quality {
    /// One entry per series.
    pub series: Vec<SeriesQuality>,
    /// What the market assumes about its data, a sentence each: conventions, substitutes, what is absent.
    pub assumptions: Vec<String>,
}

impl Quality {
    /// Number of findings of at least this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.series
            .iter()
            .flat_map(|series| &series.findings)
            .filter(|finding| finding.severity >= severity)
            .count()
    }

    /// One word: `clean`, `notes` or `warnings`.
    pub fn verdict(&self) -> &'static str {
        if self.count(Severity::Warning) > 0 {
            "warnings"
        } else if self.count(Severity::Note) > 0 {
            "notes"
        } else {
            "clean"
        }
    }
}
