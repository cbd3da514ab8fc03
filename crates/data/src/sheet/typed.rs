//! A column of a sheet as what it is taken for: numbers, instants or words. A cell that is something else is an error with
//! its place; an empty one is `None`.

use hedgerow_core::Timestamp;

use super::{Sheet, SheetCells, SheetColumn};
use crate::DataError;
use crate::error::number_text;
use crate::frame::instant;

impl Sheet {
    /// A column as numbers; `NaN` and `inf` are numbers here.
    ///
    /// # Errors
    /// [`DataError::NoColumn`], or [`DataError::Cell`] for the first cell that is no number.
    pub fn numbers(&self, name: &str) -> Result<Vec<Option<f64>>, DataError> {
        let column = self.wanted(name)?;
        match &column.cells {
            SheetCells::Numbers(cells) => Ok(cells.clone()),
            SheetCells::Text(cells) => {
                self.each(column, cells, "a number", |text| text.parse().ok())
            }
        }
    }

    /// A column as instants: text as [`Timestamp::parse`] reads it, or a number since 1970 whose size tells whether it
    /// counts seconds, milliseconds, microseconds or nanoseconds.
    ///
    /// # Errors
    /// [`DataError::NoColumn`], or [`DataError::Cell`] for the first cell that is no instant.
    pub fn times(&self, name: &str) -> Result<Vec<Option<Timestamp>>, DataError> {
        let column = self.wanted(name)?;
        let numbers: Vec<Option<String>>;
        let cells = match &column.cells {
            SheetCells::Text(cells) => cells,
            SheetCells::Numbers(cells) => {
                numbers = cells.iter().map(|cell| cell.map(number_text)).collect();
                &numbers
            }
        };
        let expected = "an instant, such as 2026-03-27T08:00:00Z or milliseconds since 1970";
        self.each(column, cells, expected, |text| {
            instant(text, None, None).map(Timestamp::from_millis)
        })
    }

    /// A column as words, each of which `read` knows; `expected` says which they are.
    ///
    /// # Errors
    /// [`DataError::NoColumn`], or [`DataError::Cell`] for the first word that `read` does not know.
    pub fn words<T>(
        &self,
        name: &str,
        expected: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<Option<T>>, DataError> {
        let column = self.wanted(name)?;
        match &column.cells {
            SheetCells::Text(cells) => self.each(column, cells, expected, read),
            SheetCells::Numbers(cells) => {
                let first = cells.iter().enumerate().find_map(|(row, cell)| Some((row, (*cell)?)));
                match first {
                    Some((row, found)) => {
                        Err(self.refused(column, row, &number_text(found), expected))
                    }
                    None => Ok(cells.iter().map(|_| None).collect()),
                }
            }
        }
    }

    fn wanted(&self, name: &str) -> Result<&SheetColumn, DataError> {
        self.column(name).ok_or_else(|| DataError::NoColumn {
            file: self.file.clone(),
            wanted: name.to_owned(),
            nearest: None,
            columns: self.columns.iter().map(|column| column.name.clone()).collect(),
        })
    }

    fn each<T>(
        &self,
        column: &SheetColumn,
        cells: &[Option<String>],
        expected: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<Option<T>>, DataError> {
        let cell = |(row, cell): (usize, &Option<String>)| match cell.as_deref().map(str::trim) {
            None | Some("") => Ok(None),
            Some(text) => {
                read(text).map(Some).ok_or_else(|| self.refused(column, row, text, expected))
            }
        };
        cells.iter().enumerate().map(cell).collect()
    }

    fn refused(
        &self,
        column: &SheetColumn,
        row: usize,
        found: &str,
        expected: &'static str,
    ) -> DataError {
        DataError::Cell {
            file: self.file.clone(),
            place: self.place(row),
            column: column.name.clone(),
            found: format!("`{found}`"),
            expected,
        }
    }
}
