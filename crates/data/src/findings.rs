//! Findings as they come in, counted together: the same remark about twelve files is one finding.

use std::borrow::Cow;

use hedgerow_core::{Defect, Finding, MAX_MARKS, Mark, Severity, Timestamp};

/// The most places of one defect: a thousand small gaps must not crowd out the one spike.
const MAX_MARKS_OF_ONE: usize = 125;

/// Findings of one series, counted by what they say.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Findings {
    seen: Vec<Seen>,
    marks: Vec<Mark>,
}

/// One remark: `{what}; first: {example}`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) defect: Defect,
    pub(crate) severity: Severity,
    /// How many places.
    pub(crate) count: usize,
    /// The first place, where there is one.
    pub(crate) first: Option<Timestamp>,
    /// What was found and what was done about it: remarks that say the same are counted together. `{n}` stands for the
    /// count.
    pub(crate) what: Cow<'static, str>,
    /// The first place in the words of its file, `` `a.csv` line 7, column `close`: found `x` ``.
    pub(crate) example: Option<String>,
}

impl Findings {
    /// Counts a remark.
    pub(crate) fn add(&mut self, seen: Seen) {
        if seen.count == 0 {
            return;
        }
        let same = |other: &&mut Seen| {
            other.defect == seen.defect
                && other.severity == seen.severity
                && other.what == seen.what
        };
        match self.seen.iter_mut().find(same) {
            Some(other) => {
                other.count += seen.count;
                if other.first.is_none_or(|first| seen.first.is_some_and(|other| other < first)) {
                    other.first = seen.first.or(other.first);
                }
                if other.example.is_none() {
                    other.example = seen.example;
                }
            }
            None => self.seen.push(seen),
        }
    }

    /// A remark whose count says nothing.
    pub(crate) fn say(
        &mut self,
        defect: Defect,
        severity: Severity,
        what: impl Into<Cow<'static, str>>,
    ) {
        self.add(Seen {
            defect,
            severity,
            count: 1,
            first: None,
            what: what.into(),
            example: None,
        });
    }

    /// Remembers a place for the picture.
    pub(crate) fn mark(&mut self, defect: Defect, from: i64, to: i64) {
        let n_same = self.marks.iter().filter(|mark| mark.defect == defect).count();
        if self.marks.len() < MAX_MARKS && n_same < MAX_MARKS_OF_ONE {
            let (from, to) = (Timestamp::from_millis(from), Timestamp::from_millis(to));
            self.marks.push(Mark { defect, from, to });
        }
    }

    /// Takes over the remarks of another part.
    pub(crate) fn merge(&mut self, other: Self) {
        other.seen.into_iter().for_each(|seen| self.add(seen));
        for mark in other.marks {
            self.mark(mark.defect, mark.from.millis(), mark.to.millis());
        }
    }

    /// The findings in words, and the places.
    pub(crate) fn into_parts(self) -> (Vec<Finding>, Vec<Mark>) {
        let finding = |seen: Seen| Finding {
            detail: {
                let what = seen.what.replace("{n}", &seen.count.to_string());
                match &seen.example {
                    Some(example) => format!("{what}; first: {example}"),
                    None => what,
                }
            },
            defect: seen.defect,
            severity: seen.severity,
            count: seen.count,
            first: seen.first,
        };
        (self.seen.into_iter().map(finding).collect(), self.marks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(what: &'static str, count: usize, first: i64) -> Seen {
        Seen {
            defect: Defect::Duplicate,
            severity: Severity::Note,
            count,
            first: Some(Timestamp::from_millis(first)),
            what: what.into(),
            example: None,
        }
    }

    #[test]
    fn the_same_remark_is_counted_once_with_its_earliest_place() {
        let mut findings = Findings::default();
        findings.add(seen("{n} rows repeat", 2, 7));
        findings.add(seen("{n} rows repeat", 3, 5));
        findings.add(seen("rows differ", 0, 1));
        let mut other = Findings::default();
        other.add(seen("{n} rows repeat", 1, 9));
        findings.merge(other);
        let (findings, _) = findings.into_parts();
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].count, findings[0].detail.as_str()), (6, "6 rows repeat"));
        assert_eq!(findings[0].first, Some(Timestamp::from_millis(5)));
    }
}
