//! Gaps at a regular distance in rows: where one page of a download ended and the next should have begun.

use hedgerow_core::{Defect, Severity, Timestamp};

use super::{Detector, Subject};
use crate::DataError;
use crate::findings::{Findings, Seen};
use crate::formats::Rhythm;
use crate::rows::Rows;

/// Fewer gaps are a coincidence.
const LEAST_GAPS: usize = 4;

/// Pages are at least so long; venues give 100 to 5000 rows.
const LEAST_PAGE: usize = 100;

/// Pages of a month differ by this from their median: 28 to 31 days.
const SPREAD: f64 = 0.08;

/// So much of the gaps must fit.
const SHARE: f64 = 0.75;

/// More gaps than this are not pages.
const MAX_GAPS: usize = 100_000;

pub(super) fn detector(subject: &Subject<'_>) -> Option<Box<dyn Detector>> {
    let pages = Pages { step: subject.step, ..Pages::default() };
    (subject.rhythm == Rhythm::Steady).then(|| Box::new(pages) as Box<dyn Detector>)
}

#[derive(Debug, Default)]
struct Pages {
    step: i64,
    last: Option<i64>,
    n_rows: usize,
    gaps: Vec<Hole>,
}

#[derive(Debug, Clone, Copy)]
struct Hole {
    /// Rows before it.
    row: usize,
    from: i64,
    to: i64,
}

impl Pages {
    fn pair(&mut self, row: usize, from: i64, to: i64) {
        if to - from > self.step && self.gaps.len() < MAX_GAPS {
            self.gaps.push(Hole { row, from, to });
        }
    }
}

impl Detector for Pages {
    fn push(&mut self, rows: &Rows) {
        let time = &rows.time;
        if let (Some(last), Some(first)) = (self.last, time.first()) {
            self.pair(self.n_rows, last, *first);
        }
        for (row, pair) in time.windows(2).enumerate() {
            if pair[1] - pair[0] > self.step {
                self.pair(self.n_rows + row + 1, pair[0], pair[1]);
            }
        }
        self.n_rows += rows.len();
        self.last = time.last().copied().or(self.last);
    }

    fn finish(self: Box<Self>, findings: &mut Findings) -> Result<(), DataError> {
        let mut by_length = self.gaps.clone();
        by_length.sort_by_key(|gap| (gap.to - gap.from, gap.row));
        let of_one_length = by_length.chunk_by(|a, b| a.to - a.from == b.to - b.from);
        let likeliest = of_one_length.max_by_key(|gaps| gaps.len()).unwrap_or_default();
        let Some(page) = page(likeliest).or_else(|| round_page(&self.gaps)) else { return Ok(()) };
        let pages = if self.gaps.len() < MAX_GAPS { likeliest } else { &[] };
        pages.iter().for_each(|gap| findings.mark(Defect::Page, gap.from, gap.to));
        findings.add(Seen {
            defect: Defect::Page,
            severity: Severity::Warning,
            count: pages.len(),
            first: pages.first().map(|gap| Timestamp::from_millis(gap.from + self.step)),
            what: format!(
                "{{n}} gaps come about every {page} rows, as if the download had lost the seams of its pages; download these stretches again"
            )
            .into(),
            example: None,
        });
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows below 2^53 are exact in f64")]
fn is_share(part: usize, share: f64, whole: usize) -> bool {
    part as f64 >= share * whole as f64
}

/// The usual number of rows between gaps of one length, when most are near it.
fn page(gaps: &[Hole]) -> Option<usize> {
    let mut rows: Vec<usize> = gaps.windows(2).map(|pair| pair[1].row - pair[0].row).collect();
    if gaps.len() < LEAST_GAPS {
        return None;
    }
    rows.sort_unstable();
    let usual = rows[rows.len() / 2];
    let is_near = |rows: &&usize| !is_share(rows.abs_diff(usual), SPREAD, usual);
    let n_near = rows.iter().filter(is_near).count();
    (usual >= LEAST_PAGE && is_share(n_near, SHARE, rows.len())).then_some(usual)
}

/// 500 or a multiple of it, when nearly all gaps of any length stand at one.
fn round_page(gaps: &[Hole]) -> Option<usize> {
    if gaps.len() < LEAST_GAPS {
        return None;
    }
    let rows: Vec<usize> = gaps.windows(2).map(|pair| pair[1].row - pair[0].row).collect();
    let n_round = rows.iter().filter(|rows| *rows % 500 == 0).count();
    let least = rows.iter().copied().filter(|rows| rows % 500 == 0).min()?;
    is_share(n_round, SHARE, rows.len()).then_some(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(gaps: &[(usize, i64)]) -> Option<usize> {
        let hole = |(row, length): &(usize, i64)| Hole { row: *row, from: 0, to: *length };
        let gaps: Vec<Hole> = gaps.iter().map(hole).collect();
        page(&gaps).or_else(|| round_page(&gaps))
    }

    #[test]
    fn months_and_round_numbers_are_pages_and_outages_are_not() {
        assert_eq!(said(&[(744, 24), (1465, 24), (2210, 24), (2931, 24), (3604, 24)]), Some(721));
        assert_eq!(said(&[(1000, 3), (2000, 7), (2500, 2), (3500, 9)]), Some(500));
        assert_eq!(said(&[(549, 2), (1628, 2), (1749, 2), (5000, 2), (5100, 2)]), None);
        assert_eq!(said(&[(1000, 2), (2000, 2), (3000, 2)]), None);
    }
}
