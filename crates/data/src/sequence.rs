//! Operations on rows in the order of time.

use std::collections::BTreeMap;

use hedgerow_core::{Defect, Severity, Timestamp};

use crate::findings::{Findings, Seen};
use crate::read::raw::Role;
use crate::rows::Rows;

/// Keeps the rows that are marked.
pub(crate) fn keep_rows<T: Copy>(cells: &mut Vec<T>, keep: &[bool]) {
    let mut marks = keep.iter();
    cells.retain(|_| marks.next().copied().unwrap_or(false));
}

/// The commonest distance between stamps that do not decrease, milliseconds; the shorter one when two are equally common.
/// Stamps that repeat have no distance.
pub(crate) fn commonest_step(time: &[i64]) -> Option<i64> {
    let mut steps = Steps::default();
    steps.push(time);
    steps.commonest()
}

/// Distances between stamps, counted as blocks come in.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Steps {
    last: Option<i64>,
    /// The distance seen first, which nearly all others equal, and how often.
    usual: (i64, usize),
    others: BTreeMap<i64, usize>,
}

impl Steps {
    /// Counts the distances of the next stamps, which do not decrease.
    pub(crate) fn push(&mut self, time: &[i64]) {
        let Some(first) = time.first() else { return };
        if let Some(last) = self.last {
            self.count(*first - last);
        }
        let mut pairs = time.windows(2);
        if self.usual.1 == 0 {
            pairs
                .by_ref()
                .map(|pair| pair[1] - pair[0])
                .find(|step| *step > 0)
                .into_iter()
                .for_each(|step| self.count(step));
        }
        let mut n_usual = 0;
        for pair in pairs {
            let step = pair[1] - pair[0];
            if step == self.usual.0 {
                n_usual += 1;
            } else {
                self.count(step);
            }
        }
        self.usual.1 += n_usual;
        self.last = time.last().copied();
    }

    fn count(&mut self, step: i64) {
        match step {
            ..=0 => {}
            _ if self.usual.1 == 0 => self.usual = (step, 1),
            _ if step == self.usual.0 => self.usual.1 += 1,
            // A stream of trades has any number of distances: those that come late and once cannot be the commonest.
            _ if self.others.len() >= MAX_STEPS && !self.others.contains_key(&step) => {}
            _ => *self.others.entry(step).or_default() += 1,
        }
    }

    /// The commonest; the shorter one when two are equally common.
    pub(crate) fn commonest(&self) -> Option<i64> {
        let all = self.others.iter().map(|(step, count)| (*count, std::cmp::Reverse(*step)));
        let usual = (self.usual.1, std::cmp::Reverse(self.usual.0));
        let (count, step) = all.chain([usual]).max()?;
        (count > 0).then_some(step.0)
    }
}

/// So many different distances are told apart.
const MAX_STEPS: usize = 65_536;

/// Sorts rows by time; rows of one stamp stay in the order given. Answers whether anything moved.
pub(crate) fn sort(rows: &mut Rows) {
    let time = &rows.time;
    if time.is_sorted() {
        return;
    }
    if time.is_sorted_by(|a, b| a > b) {
        rows.time.reverse();
        rows.columns.iter_mut().for_each(|(_, cells)| cells.reverse());
        return;
    }
    let mut order: Vec<usize> = (0..time.len()).collect();
    order.sort_by_key(|row| time[*row]);
    rows.reorder(&order);
}

/// What was left out where stamps repeat.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Repeats {
    same: (usize, Option<i64>),
    different: (usize, Option<i64>),
    unfinished: (usize, Option<i64>),
}

/// Leaves one row per stamp in sorted rows: the first in the order given, or the one whose bar had ended when another's
/// had not.
pub(crate) fn unite(rows: &mut Rows, repeats: &mut Repeats) {
    if rows.time.is_sorted_by(|a, b| a < b) {
        return;
    }
    let until = rows.columns.iter().position(|(role, _)| *role == Role::Until);
    let (mut keep, mut kept) = (vec![true; rows.len()], 0);
    let count = |(count, first): &mut (usize, Option<i64>), stamp| {
        *count += 1;
        first.get_or_insert(stamp);
    };
    for row in 1..rows.len() {
        let stamp = rows.time[row];
        if stamp != rows.time[kept] {
            kept = row;
            continue;
        }
        let ends = until.map(|until| &rows.columns[until].1).map(|until| (until[kept], until[row]));
        match ends {
            _ if rows.same_figures(row, kept) => count(&mut repeats.same, stamp),
            Some((kept_end, end)) if end > kept_end => {
                count(&mut repeats.unfinished, stamp);
                keep[kept] = false;
                kept = row;
                continue;
            }
            Some((kept_end, end)) if end < kept_end => count(&mut repeats.unfinished, stamp),
            _ => count(&mut repeats.different, stamp),
        }
        keep[row] = false;
    }
    rows.keep(&keep);
}

impl Repeats {
    /// What was done, in words.
    pub(crate) fn finish(&self, findings: &mut Findings) {
        let same = "{n} rows repeat another row exactly and are dropped";
        let different = "{n} rows have the stamp of another row but other figures; the first in the file is kept";
        let unfinished = "{n} bars that had not ended are left for the same bars once they had";
        for ((count, first), severity, what) in [
            (self.same, Severity::Note, same),
            (self.different, Severity::Warning, different),
            (self.unfinished, Severity::Note, unfinished),
        ] {
            if let Some(first) = first {
                findings.mark(Defect::Duplicate, first, first);
            }
            findings.add(Seen {
                defect: Defect::Duplicate,
                severity,
                count,
                first: first.map(Timestamp::from_millis),
                what: what.into(),
                example: None,
            });
        }
    }
}

/// In which direction the stamps of a file run.
#[derive(Debug, Default)]
pub(crate) struct Order {
    last: Option<i64>,
    n_forwards: usize,
    n_backwards: usize,
    first_backwards: Option<i64>,
}

impl Order {
    pub(crate) fn push(&mut self, time: &[i64]) {
        let seam = [self.last.or(time.first().copied()), time.first().copied()]
            .map(Option::unwrap_or_default);
        for pairs in [seam.windows(2), time.windows(2)] {
            let (mut n_forwards, mut n_backwards) = (0, 0);
            for pair in pairs.clone() {
                n_forwards += usize::from(pair[1] > pair[0]);
                n_backwards += usize::from(pair[1] < pair[0]);
            }
            self.n_forwards += n_forwards;
            self.n_backwards += n_backwards;
            if n_backwards > 0 && self.first_backwards.is_none() {
                let mut pairs = pairs;
                self.first_backwards = pairs.find(|pair| pair[1] < pair[0]).map(|pair| pair[1]);
            }
        }
        self.last = time.last().copied().or(self.last);
    }

    pub(crate) fn finish(&self, findings: &mut Findings) {
        let newest_first = self.n_forwards == 0;
        findings.add(Seen {
            defect: Defect::Unsorted,
            severity: Severity::Note,
            count: self.n_backwards,
            first: self.first_backwards.map(Timestamp::from_millis),
            what: if newest_first {
                "rows run from the newest to the oldest and are sorted".into()
            } else {
                "{n} stamps run backwards; rows are sorted".into()
            },
            example: None,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_of_two_conflicting_rows_is_kept() {
        let mut rows = Rows {
            time: vec![3, 1, 3, 2, 1],
            columns: vec![(Role::Close, vec![30.0, 10.0, 31.0, 20.0, 10.0])],
        };
        let mut repeats = Repeats::default();
        sort(&mut rows);
        unite(&mut rows, &mut repeats);
        assert_eq!((&rows.time[..], rows.main()), (&[1, 2, 3][..], &[10.0, 20.0, 30.0][..]));
        let mut findings = Findings::default();
        repeats.finish(&mut findings);
        let said: Vec<_> = findings
            .into_parts()
            .0
            .iter()
            .map(|finding| (finding.defect, finding.severity, finding.count))
            .collect();
        assert_eq!(
            said,
            [(Defect::Duplicate, Severity::Note, 1), (Defect::Duplicate, Severity::Warning, 1)]
        );
    }

    #[test]
    fn bar_that_had_ended_wins() {
        for until in [[9.0, 5.0], [5.0, 9.0]] {
            let close = until.map(|until| until * 10.0).to_vec();
            let columns = vec![(Role::Close, close), (Role::Until, until.to_vec())];
            let mut rows = Rows { time: vec![0, 0], columns };
            unite(&mut rows, &mut Repeats::default());
            assert_eq!(rows.main(), [90.0]);
        }
    }

    #[test]
    fn commonest_step_is_not_the_first() {
        assert_eq!(commonest_step(&[0, 3, 4, 5, 9]), Some(1));
        assert_eq!(commonest_step(&[0, 2, 3]), Some(1));
        assert_eq!(commonest_step(&[0, 0, 2, 2]), Some(2));
        assert_eq!(commonest_step(&[7]), None);
        assert_eq!(commonest_step(&[7, 7]), None);
    }

    #[test]
    fn steps_are_counted_over_blocks() {
        let mut steps = Steps::default();
        [&[0, 3, 4][..], &[], &[5], &[9, 13, 17]].iter().for_each(|block| steps.push(block));
        assert_eq!(steps.commonest(), Some(4));
    }
}
