//! Pages of a long answer on disk: which there are, which are missing.
//!
//! Time is cut into windows on a grid that does not depend on what was asked for, so that any two fetches agree on
//! where pages begin. A page is named `<start>-<end>.json`: it answers for `start <= time < end`, in milliseconds.

use std::fs;
use std::io;
use std::path::Path;

use crate::FetchError;
use crate::files::failed;

/// What a page answers for, milliseconds; the end does not belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageSpan {
    pub(crate) start: i64,
    pub(crate) end: i64,
}

impl PageSpan {
    /// Thirteen digits, so that sorting by name is sorting by time, from 1970 to 2286.
    pub(crate) fn file_name(self) -> String {
        format!("{:013}-{:013}.json", self.start, self.end)
    }

    fn parse(file_name: &str) -> Option<Self> {
        let (start, end) = file_name.strip_suffix(".json")?.split_once('-')?;
        let span = Self { start: start.parse().ok()?, end: end.parse().ok()? };
        (span.start < span.end && span.file_name() == file_name).then_some(span)
    }

    pub(crate) const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// The windows of a grid that hold a span, the last one cut at the span's end.
pub(crate) fn windows(span: PageSpan, length: i64) -> Vec<PageSpan> {
    let first = span.start.div_euclid(length) * length;
    std::iter::successors(Some(first), |start| Some(start + length))
        .take_while(|start| *start < span.end)
        .map(|start| PageSpan { start, end: (start + length).min(span.end) })
        .collect()
}

/// The pages in a folder, in no order; none when there is no folder.
///
/// # Errors
/// [`FetchError::File`].
pub(crate) fn on_disk(folder: &Path) -> Result<Vec<PageSpan>, FetchError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(reason) => return Err(failed("read", folder, reason)),
    };
    let mut spans = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|reason| failed("read", folder, reason))?;
        spans.extend(entry.file_name().to_str().and_then(PageSpan::parse));
    }
    Ok(spans)
}

/// The page that answers for the instants just before the end of `missing`, without reaching before its start.
///
/// A later end is welcome at the end of a window (`AtLeast`); within it, pages must meet (`Exactly`).
pub(crate) fn ending(pages: &[PageSpan], missing: PageSpan, end: End) -> Option<PageSpan> {
    let fits = |page: &&PageSpan| {
        let ends = match end {
            End::AtLeast => page.end >= missing.end,
            End::Exactly => page.end == missing.end,
        };
        ends && missing.start <= page.start && page.start < missing.end
    };
    pages.iter().filter(fits).min_by_key(|page| (page.start, -page.end)).copied()
}

/// How a page may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    AtLeast,
    Exactly,
}
