//! Columns as a file has them, before anyone judges them.

use crate::sequence::keep_rows;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// First price of a bar.
    Open,
    /// Highest price of a bar.
    High,
    /// Lowest price of a bar.
    Low,
    /// Price at the end of a bar, or the only price.
    Close,
    /// Funding rate.
    Rate,
    /// Mark price of a funding settlement; may be absent.
    Mark,
    /// Volatility.
    Vol,
    /// Half the distance of bid and ask, bps of the price.
    HalfSpread,
    /// Stamp of the last instant of a bar, in the unit of the stamps.
    Until,
    /// Traded over a bar, coins; may be absent.
    Volume,
    /// Traded over a bar, USD; may be absent.
    QuoteVolume,
}

impl Role {
    /// The key in `columns = { … }`.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::High => "high",
            Self::Low => "low",
            Self::Close => "close",
            Self::Rate => "rate",
            Self::Mark => "mark",
            Self::Vol => "vol",
            Self::HalfSpread => "half_spread",
            Self::Until => "close_time",
            Self::Volume => "volume",
            Self::QuoteVolume => "quote_volume",
        }
    }

    /// Whether a cell without content means that nothing was said, not that something is wrong.
    pub(crate) const fn may_be_blank(self) -> bool {
        matches!(
            self,
            Self::Rate
                | Self::Mark
                | Self::Vol
                | Self::HalfSpread
                | Self::Volume
                | Self::QuoteVolume
        )
    }

    /// Whether this number can stand here.
    pub(crate) fn accepts(self, number: f64) -> bool {
        match self {
            Self::Rate => number.is_finite(),
            Self::Mark => number.is_nan() || (number.is_finite() && number > 0.0),
            Self::Volume | Self::QuoteVolume => {
                number.is_nan() || (number.is_finite() && number >= 0.0)
            }
            Self::HalfSpread => (0.0..=10_000.0).contains(&number),
            _ => number.is_finite() && number > 0.0,
        }
    }

    /// What can stand here, in words.
    pub(crate) const fn expected(self) -> &'static str {
        match self {
            Self::Rate => "a number",
            Self::Until => "a stamp",
            Self::HalfSpread => "bps from 0 to 10000",
            Self::Volume | Self::QuoteVolume => "a number that is not negative",
            _ => "a positive number",
        }
    }
}

/// One column of numbers; NaN where a cell is blank, infinity where it cannot be read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RawColumn {
    pub(crate) role: Role,
    /// Name in the file.
    pub(crate) name: String,
    pub(crate) cells: Vec<f64>,
}

/// A cell that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadText {
    pub(crate) row: usize,
    /// Index into [`Raw::columns`]; `None` for the stamp.
    pub(crate) column: Option<usize>,
    /// What stands there.
    pub(crate) text: String,
}

/// Where the rows stand in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Places {
    /// Line of each row.
    Lines(Vec<usize>),
    /// Every line is a row, from this line on.
    From(usize),
    /// The file has no lines.
    Rows,
    /// As [`Self::Rows`], after so many others.
    RowsFrom(usize),
    /// The records of JSON.
    Records,
    /// Some of the rows of a file, by their number in it.
    Picked(Vec<usize>, Box<Places>),
}

impl Places {
    /// `line 7`, or `row 6`.
    pub(crate) fn at(&self, row: usize) -> String {
        match self {
            Self::Lines(lines) => format!("line {}", lines[row]),
            Self::From(line) => format!("line {}", line + row),
            Self::Rows => format!("row {}", row + 1),
            Self::RowsFrom(before) => format!("row {}", before + row + 1),
            Self::Records => format!("record {}", row + 1),
            Self::Picked(rows, places) => places.at(rows[row]),
        }
    }
}

/// In what the stamps are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StampKind {
    /// In words, already converted to milliseconds.
    Instants,
    /// Numbers in a unit that is still to be told.
    Numbers,
}

/// Stamp of a row whose stamp cannot be read; such rows never leave [`crate::clean`].
pub(crate) const UNREADABLE: i64 = i64::MIN;

/// Columns as a file has them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Raw {
    pub(crate) time: Vec<i64>,
    pub(crate) stamps: StampKind,
    /// Name of the time column in the file.
    pub(crate) time_name: String,
    pub(crate) columns: Vec<RawColumn>,
    pub(crate) places: Places,
    /// The first few cells that cannot be read, in the order of the file.
    pub(crate) bad: Vec<BadText>,
    /// Whether the last line of the file is cut short.
    pub(crate) cut_short: bool,
    /// Whether a rate or vol was written with a per cent sign.
    pub(crate) per_cent_signs: bool,
    /// Of which instrument each row is, where a column tells.
    pub(crate) symbols: Option<Symbols>,
}

impl Raw {
    /// Keeps the rows that are marked.
    pub(crate) fn keep(&mut self, keep: &[bool]) {
        let rows: Vec<usize> = (0..keep.len()).filter(|row| keep[*row]).collect();
        let mut place = vec![usize::MAX; keep.len()];
        rows.iter().enumerate().for_each(|(position, row)| place[*row] = position);
        self.bad.retain_mut(|bad| {
            bad.row = place[bad.row];
            bad.row != usize::MAX
        });
        self.cut_short &= keep.last() == Some(&true);
        keep_rows(&mut self.time, keep);
        self.columns.iter_mut().for_each(|column| keep_rows(&mut column.cells, keep));
        if let Some(symbols) = &mut self.symbols {
            keep_rows(&mut symbols.of_row, keep);
        }
        let places = std::mem::replace(&mut self.places, Places::Rows);
        self.places = Places::Picked(rows, Box::new(places));
    }
}

/// The instruments that a column names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Symbols {
    /// Their names, in the order in which they come.
    pub(crate) names: Vec<String>,
    /// Index into `names` of each row.
    pub(crate) of_row: Vec<u32>,
}

impl Symbols {
    /// Takes the name of the next row.
    pub(crate) fn push(&mut self, name: &str) {
        let last = self.of_row.last().copied();
        if let Some(last) = last.filter(|last| self.names[*last as usize] == name) {
            self.of_row.push(last);
            return;
        }
        let index = self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        self.of_row.push(u32::try_from(index).unwrap_or(u32::MAX - 1));
    }
}
