//! Deribit's public interface, `https://www.deribit.com/api/v2/public/…`: long answers, page by page.
//!
//! Within a window pages go backwards, as the venue's continuations do. Each is kept exactly as received.

use std::path::{Path, PathBuf};

use hedgerow_core::Timestamp;

use crate::files::{remove, size, write_whole};
use crate::pages::{End, PageSpan, ending, on_disk, windows};
use crate::period::Period;
use crate::{FetchError, Fetched, FetchedFile, FileStatus, Progress, Session};

/// A length of bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolution {
    /// As the venue calls it.
    pub name: &'static str,
    /// Its length.
    pub millis: i64,
}

/// How long a bar's rows may take to appear at the venue after its end. A guess on the safe side.
const SETTLING_MILLIS: i64 = 60_000;

/// What to ask, again and again.
#[derive(Debug)]
pub(crate) struct Query {
    /// `get_volatility_index_data`.
    pub(crate) method: &'static str,
    /// `currency=BTC&resolution=3600`.
    pub(crate) parameters: String,
    /// Below the folder of the fetch.
    pub(crate) folder: PathBuf,
    /// Time between two rows, milliseconds.
    pub(crate) step: i64,
    /// Time from a row's stamp until it is final, milliseconds.
    pub(crate) row_length: i64,
    /// Rows that a page can hold.
    pub(crate) rows_per_page: i64,
    /// What the venue means by a start.
    pub(crate) start: StartStamp,
    /// How it is known that a page does not hold all.
    pub(crate) paging: Paging,
    /// Reads a page.
    pub(crate) read: fn(&[u8]) -> serde_json::Result<Rows>,
}

/// Whether a row at the start is in the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StartStamp {
    /// It is.
    Included,
    /// It is not; so a millisecond earlier is asked for, which hits no row in either case.
    Excluded,
}

/// How it is known that a page does not hold all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paging {
    /// The page says where to go on.
    Continuation,
    /// The first row is later than asked for: what is before it is asked for once more.
    FirstRow,
}

/// What is to be known of a page's rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rows {
    /// Stamps, milliseconds, as they stand.
    pub(crate) stamps: Vec<i64>,
    /// Last instant of the next page, milliseconds.
    pub(crate) continuation: Option<i64>,
}

struct PageFile {
    span: PageSpan,
    file: FetchedFile,
    rows: Rows,
}

/// Brings the pages that hold a period.
///
/// # Errors
/// [`FetchError`].
pub(crate) fn fetch_pages(
    session: &mut Session<'_>,
    query: &Query,
    period: Period,
) -> Result<Fetched, FetchError> {
    let wanted = query.finished(period, session.now)?;
    let windows = windows(wanted, query.step * query.rows_per_page);
    session.tell(Progress::Planned { n_files: windows.len() })?;
    let mut pages = Vec::new();
    for window in windows {
        let mut later_first = fetch_window(session, query, window)?;
        later_first.reverse();
        pages.extend(later_first);
    }
    if pages.iter().all(|page| page.rows.stamps.is_empty()) {
        let (from, to) = (Timestamp::from_millis(wanted.start), Timestamp::from_millis(wanted.end));
        return Err(FetchError::NoRows { from, to, example: query.url(session, wanted) });
    }
    let notes = notes(&pages, query, wanted, session.now);
    Ok(Fetched { files: pages.into_iter().map(|page| page.file).collect(), notes, absent: vec![] })
}

/// The pages of a window, the latest first.
fn fetch_window(
    session: &mut Session<'_>,
    query: &Query,
    window: PageSpan,
) -> Result<Vec<PageFile>, FetchError> {
    let folder = session.dir.join(&query.folder);
    let known = on_disk(&folder)?;
    let mut pages = Vec::new();
    let mut missing = window;
    while missing.start < missing.end {
        let end = if pages.is_empty() { End::AtLeast } else { End::Exactly };
        let kept = ending(&known, missing, end)
            .filter(|span| span.end <= window.start + query.step * query.rows_per_page)
            .map(|span| kept_page(&folder, query, span, session.options.max_page_bytes))
            .transpose()?
            .flatten();
        let page = match kept {
            Some(page) => page,
            None => asked_page(session, query, &folder, missing)?,
        };
        session.tell(Progress::Done { file: &page.file })?;
        missing.end = page.span.start;
        if missing.start < missing.end {
            session.tell(Progress::Planned { n_files: 1 })?;
        }
        pages.push(page);
    }
    let spans: Vec<PageSpan> = pages.iter().map(|page| page.span).collect();
    let is_replaced =
        |old: &&PageSpan| !spans.contains(old) && spans.iter().any(|span| span.overlaps(**old));
    for old in known.iter().filter(is_replaced) {
        remove(&folder.join(old.file_name()))?;
    }
    Ok(pages)
}

/// A page on disk; `None` when it cannot be read as one.
fn kept_page(
    folder: &Path,
    query: &Query,
    span: PageSpan,
    max_bytes: u64,
) -> Result<Option<PageFile>, FetchError> {
    let path = folder.join(span.file_name());
    if size(&path)?.is_none_or(|bytes| bytes > max_bytes) {
        return Ok(None);
    }
    let content = std::fs::read(&path).map_err(|reason| FetchError::File {
        action: "read",
        path: path.clone(),
        reason,
    })?;
    let Ok(rows) = (query.read)(&content) else { return Ok(None) };
    let (bytes, n_rows) = (content.len() as u64, Some(rows.stamps.len()));
    let file = FetchedFile { path, bytes, status: FileStatus::AlreadyThere, n_rows };
    Ok(Some(PageFile { span, file, rows }))
}

/// A page from the venue, on disk; the earliest of what is missing may be missing still.
fn asked_page(
    session: &mut Session<'_>,
    query: &Query,
    folder: &Path,
    missing: PageSpan,
) -> Result<PageFile, FetchError> {
    let url = query.url(session, missing);
    let page = session.page(&url, query.read)?;
    let rows = page.content;
    let span = query.answered(&rows, missing, session.now).ok_or_else(|| {
        let continuation =
            rows.continuation.or(rows.stamps.first().copied()).unwrap_or(missing.end);
        FetchError::NotAdvancing { url: url.clone(), continuation }
    })?;
    let path = folder.join(span.file_name());
    write_whole(&path, &page.bytes)?;
    let (bytes, n_rows) = (page.bytes.len() as u64, Some(rows.stamps.len()));
    let file = FetchedFile { path, bytes, status: FileStatus::Downloaded, n_rows };
    Ok(PageFile { span, file, rows })
}

impl Query {
    /// The whole steps of a period that are final at `now`.
    fn finished(&self, period: Period, now: Timestamp) -> Result<PageSpan, FetchError> {
        let down = |millis: i64| millis.div_euclid(self.step) * self.step;
        let start = down(period.from.millis());
        let wanted = -down(-period.to.millis());
        let end = wanted.min(down(now.millis() - SETTLING_MILLIS));
        if start < end {
            return Ok(PageSpan { start, end });
        }
        let first = Timestamp::from_millis(start + self.step + SETTLING_MILLIS);
        Err(FetchError::NotPublished { reason: format!("its first row is final at {first}") })
    }

    fn url(&self, session: &Session<'_>, span: PageSpan) -> String {
        let base = session.options.deribit_url.trim_end_matches('/');
        let start = match self.start {
            StartStamp::Included => span.start,
            StartStamp::Excluded => span.start - 1,
        };
        let Self { method, parameters, .. } = self;
        let end = span.end - 1;
        format!("{base}/public/{method}?{parameters}&start_timestamp={start}&end_timestamp={end}")
    }

    /// What of the missing span a page answers for; `None` when it would be nothing.
    ///
    /// A page whose last row is not final answers up to that row only, so that a later run asks again.
    fn answered(&self, rows: &Rows, missing: PageSpan, now: Timestamp) -> Option<PageSpan> {
        let first = rows.stamps.iter().min().copied();
        let next_end = match self.paging {
            Paging::Continuation => rows.continuation.map(|last| last + 1),
            Paging::FirstRow => first.filter(|first| first - missing.start >= self.step),
        };
        let start = next_end.map_or(missing.start, |end| end.max(missing.start));
        if start > missing.start && start > missing.end - self.step {
            return None;
        }
        let last = rows.stamps.iter().max().copied();
        let open = last.filter(|last| last + self.row_length > now.millis());
        let end = open.map_or(missing.end, |open| open.clamp(start + 1, missing.end));
        Some(PageSpan { start, end })
    }
}

/// What the user should know of pages in order of time.
fn notes(pages: &[PageFile], query: &Query, wanted: PageSpan, now: Timestamp) -> Vec<String> {
    let mut notes = Vec::new();
    let stamps = || pages.iter().flat_map(|page| &page.rows.stamps).copied();
    let first = stamps().min().filter(|first| first - wanted.start >= query.step);
    if let Some(first) = first {
        notes.push(format!("the venue's first row is of {}", Timestamp::from_millis(first)));
    }
    let last = stamps().max();
    if let Some(last) = last.filter(|last| last + query.row_length > now.millis()) {
        let last = Timestamp::from_millis(last);
        notes.push(format!("the row of {last} is not final yet; a later run replaces it"));
    } else if let Some(last) = last.filter(|last| wanted.end - last > query.step) {
        notes.push(format!("the venue's last row is of {}", Timestamp::from_millis(last)));
    }
    let filled: Vec<&Vec<i64>> =
        pages.iter().map(|page| &page.rows.stamps).filter(|stamps| !stamps.is_empty()).collect();
    let mut n_twice = 0;
    let mut holes = Vec::new();
    for seam in filled.windows(2) {
        let end = seam[0].iter().max().copied().unwrap_or(i64::MAX);
        n_twice += seam[1].iter().filter(|stamp| **stamp <= end).count();
        let next = seam[1].iter().min().copied().unwrap_or(end);
        if next - end > query.step {
            holes.push((Timestamp::from_millis(end), Timestamp::from_millis(next)));
        }
    }
    if n_twice > 0 {
        notes.push(format!("{n_twice} rows stand in two pages, as received"));
    }
    if let Some((from, to)) = holes.first() {
        let n_holes = holes.len();
        notes.push(format!("{n_holes} holes where pages meet, the first from {from} to {to}"));
    }
    notes
}
