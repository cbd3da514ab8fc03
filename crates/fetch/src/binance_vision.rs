//! Binance's public archives, `https://data.binance.vision`: a zip a month, a zip a day for months that are not over.
//!
//! Layout and calendar as in the README of `github.com/binance/binance-public-data`: daily archives come the day
//! after, monthly ones on the first Monday of the month after; beside each stands its SHA-256, `<name>.CHECKSUM`.

use std::path::PathBuf;

use serde::Deserialize;

use crate::calendar::{Span, days, months};
use crate::download::{Downloaded, download};
use crate::files::{beside, read_text, size, write_whole};
use crate::period::Period;
use crate::source::one_of;
use crate::{FetchError, Fetched, FetchedFile, FileStatus, Progress, Session, checksum};

/// Which of Binance's markets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Market {
    /// Coins against coins.
    #[serde(rename = "spot")]
    Spot,
    /// Futures and perps that settle in USDT or USDC.
    #[serde(rename = "usd-m")]
    UsdM,
    /// Futures and perps that settle in the coin; perps are called `BTCUSD_PERP`.
    #[serde(rename = "coin-m")]
    CoinM,
}

/// Intervals of bars. `1s` is kept for spot only; those from `3d` on have no daily archives.
pub const BINANCE_INTERVALS: &[&str] = &[
    "1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w",
    "1mo",
];

/// Days after a month's end within which its archive may not be there yet: the first Monday is the seventh at the
/// latest, and it has been a few days late.
const MONTHLY_DELAY_DAYS: i64 = 10;

/// Largest text that can be a checksum.
const MAX_CHECKSUM_BYTES: u64 = 1 << 12;

/// One series of archives.
#[derive(Debug)]
pub(crate) struct Archives {
    pub(crate) market: Market,
    /// The venue's folder: `klines`, `fundingRate`.
    pub(crate) kind: &'static str,
    pub(crate) symbol: String,
    /// Interval of bars; `None` where the kind has none.
    pub(crate) interval: Option<String>,
    pub(crate) daily: Daily,
}

/// Whether a series has archives of single days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Daily {
    Kept,
    NotKept,
}

impl Daily {
    /// Of bars of an interval.
    pub(crate) fn of_bars(interval: &str) -> Self {
        if matches!(interval, "3d" | "1w" | "1mo") { Self::NotKept } else { Self::Kept }
    }
}

/// Refuses an interval that the market does not have.
///
/// # Errors
/// [`FetchError::Parameter`] with the known ones.
pub(crate) fn check_interval(market: Market, interval: &str) -> Result<(), FetchError> {
    let known = || {
        let only_spot = |interval: &&&str| market == Market::Spot || **interval != "1s";
        BINANCE_INTERVALS.iter().filter(only_spot).copied()
    };
    if known().any(|one| one == interval) {
        return Ok(());
    }
    let (name, found, expected) = ("interval", interval.to_owned(), one_of(known()));
    Err(FetchError::Parameter { name, found, expected })
}

/// Brings the archives that hold a period.
///
/// # Errors
/// [`FetchError`].
pub(crate) fn fetch_archives(
    session: &mut Session<'_>,
    archives: &Archives,
    period: Period,
) -> Result<Fetched, FetchError> {
    let mut fetched = Fetched::default();
    let months = months(period);
    let n_days = |month: &Span| finished_days(session, archives, *month, period).len();
    let n_files = months.iter().map(|m| if m.end <= session.now { 1 } else { n_days(m) }).sum();
    session.tell(Progress::Planned { n_files })?;
    for month in months {
        if month.end > session.now {
            fetch_days(session, archives, (month, period), &mut fetched)?;
            fetched.notes.extend(archives.unfinished(month, period, session));
            continue;
        }
        let path = archives.path("monthly", &month.month_text());
        let is_recent = month.end.plus_days(MONTHLY_DELAY_DAYS) > session.now;
        match archive(session, &path)? {
            Some(file) => session.done(&mut fetched, file)?,
            None if is_recent && archives.daily == Daily::Kept => {
                let n_files = finished_days(session, archives, month, period).len();
                session.tell(Progress::Planned { n_files })?;
                fetch_days(session, archives, (month, period), &mut fetched)?;
            }
            None => absent(session, &mut fetched, &path)?,
        }
    }
    match (fetched.files.is_empty(), fetched.absent.first()) {
        (true, Some(example)) => Err(FetchError::NothingThere {
            n_files: fetched.absent.len(),
            example: example.clone(),
        }),
        (true, None) => Err(FetchError::NotPublished { reason: fetched.notes.join("; ") }),
        (false, _) => Ok(fetched),
    }
}

fn fetch_days(
    session: &mut Session<'_>,
    archives: &Archives,
    (month, period): (Span, Period),
    fetched: &mut Fetched,
) -> Result<(), FetchError> {
    for day in finished_days(session, archives, month, period) {
        let path = archives.path("daily", &day.day_text());
        match archive(session, &path)? {
            Some(file) => session.done(fetched, file)?,
            None => absent(session, fetched, &path)?,
        }
    }
    Ok(())
}

/// The days of a month and period that are over, where there are archives of days.
fn finished_days(
    session: &Session<'_>,
    archives: &Archives,
    month: Span,
    period: Period,
) -> Vec<Span> {
    match archives.daily {
        Daily::Kept => {
            let days = days(month.common(period));
            days.into_iter().filter(|day| day.end <= session.now).collect()
        }
        Daily::NotKept => Vec::new(),
    }
}

fn absent(session: &mut Session<'_>, fetched: &mut Fetched, path: &str) -> Result<(), FetchError> {
    let url = session.archive_url(path);
    session.tell(Progress::Absent { url: &url })?;
    fetched.absent.push(url);
    Ok(())
}

/// Brings one archive; `None` when the server does not have it.
fn archive(session: &mut Session<'_>, path: &str) -> Result<Option<FetchedFile>, FetchError> {
    let url = session.archive_url(path);
    let target = session.dir.join("binance").join(path);
    let kept = beside(&target, ".CHECKSUM");
    let name = path.rsplit('/').next().unwrap_or(path);
    if let Some(text) = read_text(&kept)?
        && let Some(expected) = checksum::parse(&text, name)
        && checksum::of_file(&target)?.as_ref() == Some(&expected)
    {
        return there(target, FileStatus::AlreadyThere).map(Some);
    }
    let mut differs = None;
    // Twice: a republished archive and its checksum do not change in the same instant.
    for _ in 0..2 {
        let checksum_url = format!("{url}.CHECKSUM");
        let Some(text) = session.get_small(&checksum_url, MAX_CHECKSUM_BYTES)? else {
            return if session.has(&url)? { Err(FetchError::NoChecksum { url }) } else { Ok(None) };
        };
        let Some(expected) = checksum::parse(&String::from_utf8_lossy(&text), name) else {
            let reason = format!("expected 64 hex digits and `{name}`");
            return Err(FetchError::Layout { url: checksum_url, reason });
        };
        if checksum::of_file(&target)?.as_ref() == Some(&expected) {
            write_whole(&kept, &text)?;
            return there(target, FileStatus::AlreadyThere).map(Some);
        }
        match download(session, &url, &target, &expected)? {
            Downloaded::Placed(status) => {
                write_whole(&kept, &text)?;
                return there(target, status).map(Some);
            }
            Downloaded::Differs { found } => differs = Some((expected, found)),
        }
    }
    let (expected, found) = differs.unwrap_or_default();
    Err(FetchError::Checksum { url, expected, found })
}

fn there(path: PathBuf, status: FileStatus) -> Result<FetchedFile, FetchError> {
    let bytes = size(&path)?.unwrap_or(0);
    Ok(FetchedFile { path, bytes, status, n_rows: None })
}

impl Archives {
    /// `futures/um/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip`.
    fn path(&self, every: &str, date: &str) -> String {
        let Self { kind, symbol, .. } = self;
        let market = match self.market {
            Market::Spot => "spot",
            Market::UsdM => "futures/um",
            Market::CoinM => "futures/cm",
        };
        let folder = format!("{market}/{every}/{kind}/{symbol}");
        match &self.interval {
            Some(interval) => format!("{folder}/{interval}/{symbol}-{interval}-{date}.zip"),
            None => format!("{folder}/{symbol}-{kind}-{date}.zip"),
        }
    }

    /// What of a month that is not over cannot be had yet.
    fn unfinished(&self, month: Span, period: Period, session: &Session<'_>) -> Option<String> {
        let month_text = month.month_text();
        match self.daily {
            Daily::NotKept => Some(format!(
                "{} of {month_text} are published when the month is over",
                if self.kind == "klines" { "bars this long" } else { "funding rates" }
            )),
            Daily::Kept => {
                days(month.common(period)).last().filter(|day| day.end > session.now).map(|day| {
                    format!("bars of {} are published when the day is over", day.day_text())
                })
            }
        }
    }
}

impl Session<'_> {
    fn archive_url(&self, path: &str) -> String {
        format!("{}/data/{path}", self.options.binance_url.trim_end_matches('/'))
    }
}
