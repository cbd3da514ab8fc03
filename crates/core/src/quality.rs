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
    /// A price far from both its neighbours.
    Spike,
    /// A price far from the one before that stays there: a symbol that was given to another coin, a redenomination, a
    /// reopening after a halt.
    Jump,
    /// Volume columns that are swapped.
    Volume,
    /// Gaps where one page of a paged download ended and the next should have begun.
    Page,
    /// Stamps in another time zone than declared.
    Zone,
    /// Bars labelled by their end where a start was declared, or the other way round.
    Label,
    /// Rows under one stamp that were not taken at one instant.
    Simultaneity,
    /// Options without a bid, an ask or a mark.
    NoQuote,
    /// Forwards that the venue made up (`SYN.…`) or took from the index, for want of a future of that expiry.
    Forward,
    /// Rows of several instruments in one file.
    Symbol,
    /// Banner lines, byte-order marks, a missing last line end, columns in an unusual order.
    Layout,
}

impl Defect {
    /// As files say it: kebab-case, never changed.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Duplicate => "duplicate",
            Self::Unsorted => "unsorted",
            Self::OffGrid => "off-grid",
            Self::BadValue => "bad-value",
            Self::StaleRun => "stale-run",
            Self::Unit => "unit",
            Self::Stale => "stale",
            Self::Coverage => "coverage",
            Self::Unfinished => "unfinished",
            Self::Spike => "spike",
            Self::Jump => "jump",
            Self::Volume => "volume",
            Self::Page => "page",
            Self::Zone => "zone",
            Self::Label => "label",
            Self::Simultaneity => "simultaneity",
            Self::NoQuote => "no-quote",
            Self::Forward => "forward",
            Self::Symbol => "symbol",
            Self::Layout => "layout",
        }
    }

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
            Self::Spike => "price spikes",
            Self::Jump => "price jumps",
            Self::Volume => "volume columns",
            Self::Page => "missing pages",
            Self::Zone => "time zone",
            Self::Label => "bar labels",
            Self::Simultaneity => "simultaneity",
            Self::NoQuote => "missing quotes",
            Self::Forward => "forwards",
            Self::Symbol => "symbols",
            Self::Layout => "layout",
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
    /// How much of each day is there.
    pub coverage: Coverage,
    /// Where something was found, for a picture: the first of each defect, at most [`MAX_MARKS`] in all.
    pub marks: Vec<Mark>,
}

/// The most places that are kept for a picture.
pub const MAX_MARKS: usize = 1000;

/// How many rows each day has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// The first day: days since 1970-01-01 UTC.
    pub first_day: i64,
    /// Rows whose stamp lies in `(midnight, next midnight]` of each day from the first on: a bar that ends at midnight
    /// belongs to the day it covers.
    pub rows_per_day: Vec<u32>,
}

/// A place where something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// What.
    pub defect: Defect,
    /// Where it starts.
    pub from: Timestamp,
    /// Where it ends; the same instant for a single row.
    pub to: Timestamp,
}

/// Quality of everything a market was made from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Quality {
    /// One entry per series.
    pub series: Vec<SeriesQuality>,
    /// What the market assumes about its data, a sentence each: conventions, substitutes, what is absent.
    pub assumptions: Vec<String>,
}

impl Severity {
    /// As files and reports say it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
        }
    }
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
