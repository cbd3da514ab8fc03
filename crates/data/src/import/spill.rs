//! Rows that come out of order: sorted runs on disk, merged in the order of time. Never more than one run in memory.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::DataError;
use crate::atomic::{nameless, write_error};
use crate::read::raw::Role;
use crate::rows::Rows;
use crate::sequence::sort;

/// Rows of a run: some hundred megabytes with all columns.
const RUN_ROWS: usize = 1 << 20;

/// Rows that are handed on at a time.
const BLOCK_ROWS: usize = 1 << 16;

/// Sorted runs in a folder; the files have no names, so that nothing stays behind.
pub(crate) struct Runs {
    folder: PathBuf,
    roles: Vec<Role>,
    run_rows: usize,
    pending: Rows,
    runs: Vec<(File, u64)>,
}

impl Runs {
    /// No rows yet; runs will stand in `folder`.
    pub(crate) fn new(folder: &Path, roles: &[Role]) -> Self {
        Self {
            folder: folder.to_owned(),
            roles: roles.to_vec(),
            run_rows: RUN_ROWS,
            pending: Rows::default(),
            runs: Vec::new(),
        }
    }

    /// Takes rows in any order.
    ///
    /// # Errors
    /// [`DataError::File`] when the disk is full.
    pub(crate) fn push(&mut self, rows: Rows) -> Result<(), DataError> {
        self.pending.append(rows);
        if self.pending.len() >= self.run_rows {
            self.spill()?;
        }
        Ok(())
    }

    fn spill(&mut self) -> Result<(), DataError> {
        let mut rows = std::mem::take(&mut self.pending);
        sort(&mut rows);
        let written = nameless(&self.folder).and_then(|file| written(file, &rows));
        let file = written.map_err(|reason| write_error(&self.folder, reason))?;
        self.runs.push((file, rows.len() as u64));
        Ok(())
    }

    /// Hands on all rows in the order of time; those of one stamp in the order in which they came.
    ///
    /// # Errors
    /// [`DataError::File`] when a run cannot be read back, or `take` fails.
    pub(crate) fn merge(
        mut self,
        take: &mut dyn FnMut(Rows) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        if self.runs.is_empty() {
            let mut rows = std::mem::take(&mut self.pending);
            sort(&mut rows);
            return take(rows);
        }
        if !self.pending.is_empty() {
            self.spill()?;
        }
        let folder = self.folder.clone();
        let error = |reason| write_error(&folder, reason);
        let width = 1 + self.roles.len();
        let mut runs = Vec::new();
        for (file, n_rows) in self.runs {
            runs.push(Run::new(file, n_rows, width).map_err(error)?);
        }
        let mut heads: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::new();
        for (index, run) in runs.iter_mut().enumerate() {
            heads.extend(run.next().map_err(error)?.map(|time| Reverse((time, index))));
        }
        let mut block = empty(&self.roles);
        while let Some(Reverse((time, index))) = heads.pop() {
            let run = &mut runs[index];
            block.time.push(time);
            for ((_, cells), cell) in block.columns.iter_mut().zip(&run.cells) {
                cells.push(*cell);
            }
            heads.extend(run.next().map_err(error)?.map(|time| Reverse((time, index))));
            if block.len() >= BLOCK_ROWS {
                take(std::mem::replace(&mut block, empty(&self.roles)))?;
            }
        }
        take(block)
    }
}

fn empty(roles: &[Role]) -> Rows {
    Rows { time: Vec::new(), columns: roles.iter().map(|role| (*role, Vec::new())).collect() }
}

/// Row by row: the stamp, then every figure, each of eight bytes.
fn written(file: File, rows: &Rows) -> io::Result<File> {
    let mut writer = BufWriter::with_capacity(1 << 18, file);
    for (row, time) in rows.time.iter().enumerate() {
        writer.write_all(&time.to_le_bytes())?;
        for (_, cells) in &rows.columns {
            writer.write_all(&cells[row].to_le_bytes())?;
        }
    }
    let mut file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

/// A run that is read back.
struct Run {
    reader: BufReader<File>,
    n_left: u64,
    bytes: Vec<u8>,
    /// The figures of the row whose stamp was answered last.
    cells: Vec<f64>,
}

impl Run {
    fn new(file: File, n_rows: u64, width: usize) -> io::Result<Self> {
        Ok(Self {
            reader: BufReader::with_capacity(1 << 16, file),
            n_left: n_rows,
            bytes: vec![0; 8 * width],
            cells: vec![0.0; width - 1],
        })
    }

    /// Stamp of the next row.
    fn next(&mut self) -> io::Result<Option<i64>> {
        if self.n_left == 0 {
            return Ok(None);
        }
        self.n_left -= 1;
        self.reader.read_exact(&mut self.bytes)?;
        let mut words = self.bytes.as_chunks::<8>().0.iter();
        let time = words.next().map(|word| i64::from_le_bytes(*word));
        for (cell, word) in self.cells.iter_mut().zip(words) {
            *cell = f64::from_le_bytes(*word);
        }
        Ok(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_any_size_merge_to_the_same_rows() {
        let folder = tempfile::tempdir().unwrap();
        let rows = |from: i64| Rows {
            time: vec![from + 3, from, from + 1, from],
            columns: vec![(Role::Close, [3, 0, 1, 0].map(|row| (from * 10 + row) as f64).to_vec())],
        };
        let merged = |run_rows: usize| {
            let mut runs = Runs { run_rows, ..Runs::new(folder.path(), &[Role::Close]) };
            for from in [8, 4, 5, 0] {
                runs.push(rows(from)).unwrap();
            }
            let mut all = empty(&[Role::Close]);
            runs.merge(&mut |rows| {
                all.append(rows);
                Ok(())
            })
            .unwrap();
            all
        };
        let whole = merged(100);
        assert!(whole.time.is_sorted() && whole.len() == 16);
        for run_rows in [1, 4, 7, 12] {
            assert_eq!(merged(run_rows), whole);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
