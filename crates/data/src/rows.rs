//! Rows of one series: a stamp and figures, column by column.

use crate::read::raw::Role;
use crate::sequence::keep_rows;

/// A block of rows, or all rows of a series.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Rows {
    /// Milliseconds.
    pub(crate) time: Vec<i64>,
    /// The column of the series itself comes first.
    pub(crate) columns: Vec<(Role, Vec<f64>)>,
}

impl Rows {
    pub(crate) fn len(&self) -> usize {
        self.time.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// The column of the series itself: price, rate or vol.
    pub(crate) fn main(&self) -> &[f64] {
        &self.columns[0].1
    }

    pub(crate) fn column(&self, wanted: Role) -> Option<&[f64]> {
        let found = self.columns.iter().find(|(role, _)| *role == wanted);
        found.map(|(_, cells)| cells.as_slice())
    }

    /// Takes a column out.
    pub(crate) fn take(&mut self, wanted: Role) -> Option<Vec<f64>> {
        let position = self.columns.iter().position(|(role, _)| *role == wanted)?;
        Some(self.columns.remove(position).1)
    }

    /// Leaves these columns, in this order.
    ///
    /// # Panics
    /// When one is not there: the roles are those that every file has.
    pub(crate) fn select(&mut self, roles: &[Role]) {
        if self.columns.iter().map(|(role, _)| role).eq(roles) {
            return;
        }
        let pick = |role: &Role| (*role, self.take(*role).expect("the role is in every file"));
        self.columns = roles.iter().map(pick).collect();
    }

    /// Puts other rows of the same columns behind these.
    pub(crate) fn append(&mut self, mut other: Self) {
        if self.time.is_empty() {
            *self = other;
            return;
        }
        self.time.append(&mut other.time);
        for ((_, cells), (_, more)) in self.columns.iter_mut().zip(&mut other.columns) {
            cells.append(more);
        }
    }

    /// Keeps the rows that are marked.
    pub(crate) fn keep(&mut self, keep: &[bool]) {
        keep_rows(&mut self.time, keep);
        self.columns.iter_mut().for_each(|(_, cells)| keep_rows(cells, keep));
    }

    /// Keeps the first rows; answers the others.
    pub(crate) fn split_off(&mut self, at: usize) -> Self {
        let columns =
            self.columns.iter_mut().map(|(role, cells)| (*role, cells.split_off(at))).collect();
        Self { time: self.time.split_off(at), columns }
    }

    /// Puts rows in another order.
    pub(crate) fn reorder(&mut self, order: &[usize]) {
        self.time = order.iter().map(|row| self.time[*row]).collect();
        for (_, cells) in &mut self.columns {
            *cells = order.iter().map(|row| cells[*row]).collect();
        }
    }

    /// Whether two rows hold the same figures, bit for bit.
    pub(crate) fn same_figures(&self, a: usize, b: usize) -> bool {
        self.columns.iter().all(|(_, cells)| cells[a].to_bits() == cells[b].to_bits())
    }
}
