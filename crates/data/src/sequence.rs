//! Operations on columns in the order of time.

use hedgerow_core::{Defect, Finding, Severity, Timestamp};

/// Keeps the rows that are marked.
pub(crate) fn keep_rows<T: Copy>(cells: &mut Vec<T>, keep: &[bool]) {
    let mut marks = keep.iter();
    cells.retain(|_| marks.next().copied().unwrap_or(false));
}

/// The commonest distance between stamps that increase, milliseconds; the shorter one when two are equally common.
pub(crate) fn commonest_step(time: &[i64]) -> Option<i64> {
    commonest(time.windows(2).map(|pair| pair[1] - pair[0]).collect())
}

/// The commonest number; the smallest of those that are equally common.
pub(crate) fn commonest(mut numbers: Vec<i64>) -> Option<i64> {
    let first = *numbers.first()?;
    if numbers.iter().filter(|number| **number == first).count() * 2 > numbers.len() {
        return Some(first);
    }
    numbers.sort_unstable();
    numbers
        .chunk_by(|a, b| a == b)
        .max_by_key(|run| (run.len(), std::cmp::Reverse(run[0])))
        .map(|run| run[0])
}

/// Sorts rows by time and leaves one row per stamp: the first in the order given.
pub(crate) fn sort_and_unite(time: &mut Vec<i64>, columns: &mut [Vec<f64>]) -> Vec<Finding> {
    let n_backwards = time.windows(2).filter(|pair| pair[1] < pair[0]).count();
    let mut findings = Vec::new();
    if n_backwards > 0 {
        findings.push(unsorted(time, n_backwards));
        let mut order: Vec<usize> = (0..time.len()).collect();
        order.sort_by_key(|row| time[*row]);
        *time = order.iter().map(|row| time[*row]).collect();
        for column in columns.iter_mut() {
            *column = order.iter().map(|row| column[*row]).collect();
        }
    }
    if time.windows(2).all(|pair| pair[0] < pair[1]) {
        return findings;
    }
    let (mut keep, mut kept) = (vec![true; time.len()], 0);
    let (mut same, mut different) = (Vec::new(), Vec::new());
    for row in 1..time.len() {
        if time[row] != time[kept] {
            kept = row;
            continue;
        }
        keep[row] = false;
        let is_same = columns.iter().all(|column| column[row].to_bits() == column[kept].to_bits());
        if is_same { same.push(time[row]) } else { different.push(time[row]) }
    }
    findings.extend(duplicates(
        &same,
        Severity::Note,
        "repeat another row exactly and are dropped",
    ));
    let conflict = "have the stamp of another row but other figures; the first in the file is kept";
    findings.extend(duplicates(&different, Severity::Warning, conflict));
    keep_rows(time, &keep);
    columns.iter_mut().for_each(|column| keep_rows(column, &keep));
    findings
}

fn unsorted(time: &[i64], n_backwards: usize) -> Finding {
    let newest_first = n_backwards + 1 == time.len();
    let place = time.windows(2).find(|pair| pair[1] < pair[0]).map(|pair| pair[1]);
    Finding {
        defect: Defect::Unsorted,
        severity: Severity::Note,
        count: n_backwards,
        first: place.map(Timestamp::from_millis),
        detail: if newest_first {
            "rows run from the newest to the oldest and are sorted".to_owned()
        } else {
            format!("{n_backwards} stamps run backwards; rows are sorted")
        },
    }
}

fn duplicates(stamps: &[i64], severity: Severity, what: &str) -> Option<Finding> {
    let first = stamps.first()?;
    Some(Finding {
        defect: Defect::Duplicate,
        severity,
        count: stamps.len(),
        first: Some(Timestamp::from_millis(*first)),
        detail: format!("{} rows {what}", stamps.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_of_two_conflicting_rows_is_kept() {
        let (mut time, mut columns) =
            (vec![3, 1, 3, 2, 1], vec![vec![30.0, 10.0, 31.0, 20.0, 10.0]]);
        let findings = sort_and_unite(&mut time, &mut columns);
        assert_eq!((time, columns), (vec![1, 2, 3], vec![vec![10.0, 20.0, 30.0]]));
        let said: Vec<_> = findings
            .iter()
            .map(|finding| (finding.defect, finding.severity, finding.count))
            .collect();
        assert_eq!(
            said,
            [
                (Defect::Unsorted, Severity::Note, 3),
                (Defect::Duplicate, Severity::Note, 1),
                (Defect::Duplicate, Severity::Warning, 1)
            ]
        );
    }

    #[test]
    fn commonest_step_is_not_the_first() {
        assert_eq!(commonest_step(&[0, 3, 4, 5, 9]), Some(1));
        assert_eq!(commonest_step(&[0, 2, 3]), Some(1));
        assert_eq!(commonest_step(&[7]), None);
    }
}
