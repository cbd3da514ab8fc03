//! A table to be written: named columns with units.

use crate::Timestamp;

/// A table whose columns have one length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The columns, in order.
    pub columns: Vec<Column>,
}

impl Table {
    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.cells.len())
    }
}

/// One column and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Name, snake case.
    pub name: String,
    /// Unit, `USD`, `coins`, `1`.
    pub unit: &'static str,
    /// One clause on its meaning.
    pub about: &'static str,
    /// What it holds.
    pub cells: Cells,
}

/// The contents of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Instants.
    Time(Vec<Timestamp>),
    /// Numbers.
    Numbers(Vec<f64>),
    /// Numbers, some unknown.
    Maybe(Vec<Option<f64>>),
    /// Text, as an index into a few names.
    Names {
        /// The distinct texts.
        names: Vec<String>,
        /// Which one stands in each row.
        index: Vec<u32>,
    },
}

impl Cells {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Time(cells) => cells.len(),
            Self::Numbers(cells) => cells.len(),
            Self::Maybe(cells) => cells.len(),
            Self::Names { index, .. } => index.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
