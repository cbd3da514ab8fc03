//! What can be wrong with data: one clear sentence each, with the place and the way out.

mod contracts;
mod files;

use std::path::PathBuf;

use hedgerow_core::{MarketError, Timestamp};

pub use self::contracts::ContractError;
pub use self::files::FileError;

/// Why files do not become a market.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file itself.
    #[error(transparent)]
    File(#[from] FileError),
    /// A chain or a contract.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// A file has a header and nothing else.
    #[error("`{file}` has a header but no rows")]
    HeaderOnly {
        /// The file.
        file: String,
    },
    /// `from` and `to` of a series leave nothing of a file.
    #[error(
        "`{file}` has no row between `from` and `to` of its series: its rows were known from {first} to {last}"
    )]
    Outside {
        /// The file.
        file: String,
        /// Its first row.
        first: Timestamp,
        /// Its last row.
        last: Timestamp,
    },
    /// Too few rows are left to know the step of the series.
    #[error("`{file}` has {found} usable rows, expected at least 2")]
    TooShort {
        /// The file.
        file: String,
        /// Rows that could be used.
        found: usize,
    },
    /// JSON that is none, or in which no table shows.
    #[error("`{file}`{place} is not JSON that can be used: {reason}")]
    Json {
        /// The file.
        file: String,
        /// ` line 7, column 3`, or nothing.
        place: String,
        /// What is wrong, in words.
        reason: String,
    },
    /// A JSON file has nothing in it.
    #[error("`{file}` holds no records")]
    NoRecords {
        /// The file.
        file: String,
    },
    /// The content is not what the format says.
    #[error("`{file}` is not a {format} file: {reason}")]
    Format {
        /// The file.
        file: String,
        /// The format asked for.
        format: &'static str,
        /// What is wrong, in words.
        reason: String,
    },
    /// A line has another number of fields than the header.
    #[error("`{file}` line {line}: found {found} fields, expected {expected}: {what}")]
    Ragged {
        /// The file.
        file: String,
        /// From 1.
        line: usize,
        /// Fields of the line.
        found: usize,
        /// Columns of the header.
        expected: usize,
        /// The column after which the line ends, or the last one, after which it goes on.
        what: String,
    },
    /// A column is not there.
    #[error("`{file}` has no column `{wanted}`{}; it has: {}", nearest_hint(nearest.as_deref()), columns.join(", "))]
    NoColumn {
        /// The file.
        file: String,
        /// The column that was asked for.
        wanted: String,
        /// The column whose name is nearest.
        nearest: Option<String>,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// No column has a usual name, and none was declared.
    #[error("`{file}`: no column is known to hold the {role}; declare it with `columns = {{ {role} = \"…\" }}`; it has: {}", columns.join(", "))]
    UnmappedColumn {
        /// The file.
        file: String,
        /// What the column should hold, `close`.
        role: &'static str,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// A column that is wanted occurs twice.
    #[error(
        "`{file}` has {count} columns of the name `{column}`; which is meant cannot be known: rename one, or declare another with `columns`"
    )]
    Twice {
        /// The file.
        file: String,
        /// Its name.
        column: String,
        /// How often it occurs.
        count: usize,
    },
    /// Numbers are written with decimal commas.
    #[error(
        "`{file}` {place}, column `{column}`: found `{found}`; decimal commas are not read, write decimal points"
    )]
    DecimalComma {
        /// The file.
        file: String,
        /// `line 7`.
        place: String,
        /// The column.
        column: String,
        /// What stands there.
        found: String,
    },
    /// A file without a header, whose columns could be in several orders.
    #[error(
        "`{file}` has no header, and its columns could be {possible}; set `format` to one of `freqtrade` (open, high, low, close), `bitfinex` (open, close, high, low), `coinbase` (low, high, open, close), or declare `columns = {{ time = \"column_1\", … }}`"
    )]
    ColumnOrder {
        /// The file.
        file: String,
        /// What fits, in words.
        possible: String,
    },
    /// Rows of several instruments where one is wanted.
    #[error("`{file}` holds rows of several instruments: {}; choose one with `instrument = \"{}\"`", found.join(", "), example)]
    Instruments {
        /// The file.
        file: String,
        /// `BTCUSDT (1441 rows)`.
        found: Vec<String>,
        /// One of them.
        example: String,
    },
    /// The instrument that is wanted is not there.
    #[error("`{file}` has no rows of `{wanted}`; it has: {}", found.join(", "))]
    NoInstrument {
        /// The file.
        file: String,
        /// The instrument.
        wanted: String,
        /// `BTCUSDT (1441 rows)`.
        found: Vec<String>,
    },
    /// A cell cannot be used.
    #[error("`{file}` {place}, column `{column}`: found {found}, expected {expected}")]
    Cell {
        /// The file.
        file: String,
        /// `line 7`, or `row 6` where the file has no lines.
        place: String,
        /// The column.
        column: String,
        /// What stands there.
        found: String,
        /// What should.
        expected: &'static str,
    },
    /// Stamps are not in the declared unit.
    #[error("`{file}` {place}, column `{column}`: {found} was declared to be in {declared} but looks like {looks_like}; set `time_unit = \"{}\"` or leave it out", looks_like.key())]
    TimeUnit {
        /// The file.
        file: String,
        /// `line 7`.
        place: String,
        /// The column.
        column: String,
        /// The stamp.
        found: i64,
        /// Unit that was declared.
        declared: crate::TimeUnit,
        /// Unit that it looks like.
        looks_like: crate::TimeUnit,
    },
    /// Numbers are not in the unit in which they are read.
    #[error(
        "`{file}`, column `{column}`: read as {read_as}, but a typical value of {} looks like {looks_like}; set `unit = \"{looks_like}\"`",
        number_text(*typical)
    )]
    ValueUnit {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// `fraction` or `percent`.
        read_as: &'static str,
        /// Median of the absolute values as they stand in the file.
        typical: f64,
        /// `percent` or `fraction`.
        looks_like: &'static str,
    },
    /// It is not known whether labels are the start or the end of a bar.
    #[error(
        "`{file}` holds bars: declare what its labels are with `bar = \"start\"` or `bar = \"end\"`"
    )]
    BarUndeclared {
        /// The file.
        file: String,
    },
    /// The columns of bars are in another order than they are read in.
    #[error(
        "{series}: {n_impossible} bars have a price outside their own low and high, and none would if the columns read as open, high, low, close were {order}; declare `columns` in that order"
    )]
    BarOrder {
        /// The series.
        series: String,
        /// Bars that cannot be.
        n_impossible: usize,
        /// `open, close, high, low`.
        order: String,
    },
    /// A price or funding series has a hole.
    #[error(
        "{series}: nothing between {after} and {before} ({length}), more than max_gap = \"{max_gap}\"; choose a period without it, or allow it with `max_gap = \"{length}\"`"
    )]
    Gap {
        /// The series.
        series: String,
        /// Last stamp before the hole.
        after: Timestamp,
        /// First stamp after it.
        before: Timestamp,
        /// Its length.
        length: String,
        /// The longest allowed.
        max_gap: String,
    },
    /// Funding does not cover the rows that are used.
    #[error(
        "the funding of {tradable} covers {funding_first} .. {funding_last}, but the market runs {market_first} .. {market_last}; choose `from` and `to` inside it, bring a longer file, or declare `funding = \"none\"`"
    )]
    Coverage {
        /// The perpetual.
        tradable: String,
        /// First funding stamp.
        funding_first: Timestamp,
        /// Last funding stamp.
        funding_last: Timestamp,
        /// First row.
        market_first: Timestamp,
        /// Last row.
        market_last: Timestamp,
    },
    /// A perpetual has no funding series.
    #[error(
        "{tradable} has no funding: add a series with `is = \"{kind}\"`, or declare `funding = \"none\"`, or a venue's formula (`hedgerow list`)"
    )]
    MissingFunding {
        /// The perpetual.
        tradable: String,
        /// The kind of series that is missing.
        kind: &'static str,
    },
    /// Futures are declared beside a series of them.
    #[error(
        "`futures` declares quarterly contracts, and there are prices of futures too ({future}); keep one of them"
    )]
    FuturesContradiction {
        /// The first one that was read.
        future: String,
    },
    /// Funding is declared to be absent, and yet there is a series of it.
    #[error("`funding = \"none\"` contradicts the funding series of {asset}; remove one of them")]
    FundingContradiction {
        /// The asset.
        asset: String,
    },
    /// A series belongs to nothing.
    #[error("the series {series} belongs to nothing: {missing}")]
    Orphan {
        /// The series.
        series: String,
        /// What is missing, and what to do.
        missing: String,
    },
    /// Neither the sample nor a series is asked for.
    #[error("the market is empty: set `source = \"sample\"`, or add a series with `is = \"spot\"`")]
    NoSeries,
    /// Both are.
    #[error("`source = \"sample\"` and `series` exclude each other; remove one of them")]
    SampleAndSeries,
    /// Keys of a series contradict each other or its kind.
    #[error("series {series}: `{key}` cannot be used {reason}")]
    Key {
        /// The series.
        series: String,
        /// The key.
        key: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// The grid does not fit the spot series.
    #[error(
        "grid = \"{grid}\" does not fit {series}, whose step is {step}: a grid must be a multiple of the step that divides a day"
    )]
    Grid {
        /// The grid asked for.
        grid: String,
        /// The spot series.
        series: String,
        /// Its step.
        step: String,
    },
    /// No row of the grid has a figure of every price series.
    #[error("no row has a figure of every price series: {}", periods.join(", "))]
    Disjoint {
        /// `BTC spot 2020-01-01 .. 2021-01-01`.
        periods: Vec<String>,
    },
    /// One file is to be written, and there are several series.
    #[error(
        "`{}` would hold {} series, and a file holds one: {}; give a folder, or choose with `is`, `asset` or `instrument`", out.display(), series.len(), series.join(", ")
    )]
    SeveralSeries {
        /// Where to write.
        out: PathBuf,
        /// The series there are.
        series: Vec<String>,
    },
    /// Strict mode refuses.
    #[error("quality = \"strict\" refuses {} findings: {}", findings.len(), findings.join("; "))]
    Strict {
        /// One sentence each.
        findings: Vec<String>,
    },
    /// The columns do not form a market.
    #[error(transparent)]
    Market(#[from] MarketError),
}

/// A number in few digits: as it is, and in powers of ten where it is huge.
pub(crate) fn number_text(number: f64) -> String {
    if number.abs() < 1e16 { number.to_string() } else { format!("{number:?}") }
}

fn nearest_hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!(", did you mean `{nearest}`"))
}
