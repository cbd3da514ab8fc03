//! Option chains by themselves, without a market: each snapshot as it was taken.

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use hedgerow_core::{Chain, PaidIn, Quote, SeriesQuality, Timestamp};

use super::join::staleness_assumed;
use super::{ChainSeries, on_rows};
use crate::import::member::{Found, Undeclared, members};
use crate::import::refuse_warnings;
use crate::listed::{Listed, Other, read};
use crate::series::Limits;
use crate::source::{Currency, Declared, SeriesKind, SeriesSpec, Span};
use crate::{ContractError, DataError};

/// How far apart the snapshots of a stream are, unless declared.
const STREAM_STEP_MILLIS: i64 = 3_600_000;

/// A chain and the moments at which it was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedChain {
    /// Ticker of the underlying, `BTC`.
    pub asset: String,
    /// Its quotes; row `i` of the chain is snapshot `i`, at `time[i]`, and has at least one quote.
    pub chain: Chain,
    /// When each snapshot was complete: no quote of it is later.
    pub time: Vec<Timestamp>,
    /// What was found in the files.
    pub quality: SeriesQuality,
    /// What was assumed, a sentence each.
    pub assumptions: Vec<String>,
    /// The files that were read for it, in order, each once; lists of contracts too.
    pub files: Vec<PathBuf>,
}

/// Reads option chains that stand alone; one entry per underlying and currency of payment.
///
/// Rows that were taken together are one snapshot: those of one stamp or, where each row has its own, those of one poll.
/// A stream of quotes has no snapshots: what was last quoted within each whole `step` (an hour, unless declared) is one.
/// `paid_in` chooses where options on one coin pay in two currencies, and tells it where no name does.
///
/// # Errors
/// [`DataError`]: one clear sentence on what is wrong, where, and what to do; also where no asset is declared and there are
/// options on several.
pub fn load_chains(
    paths: &[PathBuf],
    declared: &Declared,
    paid_in: Option<PaidIn>,
) -> Result<Vec<LoadedChain>, DataError> {
    let unstepped = Declared { step: None, ..declared.clone() };
    let specs = chain_specs(paths, &unstepped, paid_in)?;
    let limits = Limits { mode: declared.quality, ..Limits::default() };
    let Listed { chains, others, mut files, .. } = read(&specs, Path::new(""), limits)?;
    let mut assets: Vec<String> = chains.iter().map(|chain| chain.asset.clone()).collect();
    if declared.asset.is_none() {
        let is_wanted = |other: &Other| paid_in.is_none_or(|paid_in| paid_in == other.paid_in);
        assets.extend(others.into_iter().filter(is_wanted).map(|other| other.asset));
    }
    assets.sort_unstable();
    assets.dedup();
    if assets.len() > 1 {
        return Err(DataError::Contract(ContractError::Underlyings { found: assets }));
    }
    let mut known = HashSet::new();
    files.retain(|file| known.insert(file.clone()));
    let loaded = chains.into_iter().map(|series| {
        refuse_warnings(declared.quality, &series.quality)?;
        Ok(LoadedChain { files: files.clone(), ..loaded(series, declared.step) })
    });
    loaded.collect()
}

/// What the files are, all of them chains or lists of contracts.
fn chain_specs(
    paths: &[PathBuf],
    declared: &Declared,
    paid_in: Option<PaidIn>,
) -> Result<Vec<SeriesSpec>, DataError> {
    let Found { members, mut listed, refused } = members(paths, declared, Undeclared::Take)?;
    if let Some(error) = refused.into_iter().next() {
        return Err(error);
    }
    let other = listed
        .iter()
        .find(|spec| !matches!(spec.is, SeriesKind::OptionChain | SeriesKind::Instruments))
        .map(|spec| (spec.path.display().to_string(), spec.is))
        .or_else(|| members.first().map(|member| (member.name.clone(), member.spec.is)));
    if let Some((file, kind)) = other {
        return Err(DataError::Contract(ContractError::NoChain { file, found: kind.key() }));
    }
    let currency = paid_in.map(|paid_in| match paid_in {
        PaidIn::Usd => Currency::Usd,
        PaidIn::Coin => Currency::Coin,
    });
    for spec in listed.iter_mut().filter(|spec| spec.is == SeriesKind::OptionChain) {
        spec.paid_in = currency;
    }
    Ok(listed)
}

/// A chain whose rows are its snapshots.
fn loaded(series: ChainSeries, step: Option<Span>) -> LoadedChain {
    let (asset, quality) = (series.asset.clone(), series.quality.clone());
    let mut assumptions = series.assumptions.clone();
    // Staleness is for the rows of a market.
    let said = series.staleness.map(|limit| staleness_assumed(&series.title, limit));
    assumptions.retain(|sentence| said.as_ref() != Some(sentence));
    let polls = if step.is_none() { polls(&series) } else { None };
    let (time, chain) = if let Some(polls) = polls {
        as_polled(series, &polls)
    } else {
        let millis = step.map_or(STREAM_STEP_MILLIS, Span::millis);
        let span = Span::from_millis(millis).map_or_else(String::new, |span| span.to_string());
        assumptions.push(format!(
            "{}: a snapshot every {span} of a stream: the newest quote of each option that is no older than {span}",
            series.title
        ));
        on_grid(series, millis)
    };
    LoadedChain { asset, chain, time, quality, assumptions, files: Vec::new() }
}

/// The quotes of each snapshot; `None` where they are a stream.
///
/// A file whose every row has a stamp of its own may hold several polls in a row: the next begins where an option occurs
/// again. Polls that follow each other ask for much the same options; stretches of a stream do not.
pub(super) fn polls(series: &ChainSeries) -> Option<Vec<Range<usize>>> {
    let mut all = Vec::new();
    for (first, last) in &series.spans {
        let from = series.quotes.partition_point(|quote| quote.time < *first);
        let to = series.quotes.partition_point(|quote| quote.time <= *last);
        let polls = cut(&series.quotes, from..to);
        if !are_alike(&series.quotes, &polls) {
            return None;
        }
        all.extend(polls);
    }
    (!all.is_empty()).then_some(all)
}

/// Ranges within which no option occurs twice, each as long as can be.
fn cut(quotes: &[Quote], range: Range<usize>) -> Vec<Range<usize>> {
    let mut seen = HashSet::new();
    let (mut start, end) = (range.start, range.end);
    let mut pieces = Vec::new();
    for index in range {
        if !seen.insert(quotes[index].contract) {
            pieces.push(start..index);
            start = index;
            seen = HashSet::from([quotes[index].contract]);
        }
    }
    if end > start {
        pieces.push(start..end);
    }
    pieces
}

/// Whether ranges that follow each other hold much the same options: two together at most half as many again as one.
fn are_alike(quotes: &[Quote], pieces: &[Range<usize>]) -> bool {
    let contracts = |piece: &Range<usize>| -> HashSet<usize> {
        quotes[piece.clone()].iter().map(|quote| quote.contract).collect()
    };
    let (mut together, mut singly) = (0, 0);
    for pair in pieces.windows(2) {
        together += contracts(&pair[0]).union(&contracts(&pair[1])).count();
        singly += pair[0].len() + pair[1].len();
    }
    4 * together <= 3 * singly
}

/// One snapshot per poll, known when its last quote was said.
fn as_polled(series: ChainSeries, polls: &[Range<usize>]) -> (Vec<Timestamp>, Chain) {
    let mut chain = Chain {
        asset: 0,
        paid_in: series.paid_in,
        contracts: series.contracts,
        quotes: Vec::with_capacity(series.quotes.len()),
        snapshots: Vec::with_capacity(polls.len()),
        n_taken: Some(polls.len()),
        snapshot_of_row: (0..polls.len()).map(Some).collect(),
    };
    let mut time = Vec::with_capacity(polls.len());
    for poll in polls {
        let mut quotes = series.quotes[poll.clone()].to_vec();
        time.push(quotes[quotes.len() - 1].time);
        quotes.sort_by_key(|quote| quote.contract);
        let start = chain.quotes.len();
        chain.quotes.extend(quotes);
        chain.snapshots.push(start..chain.quotes.len());
    }
    (time, chain)
}

/// What was quoted within `step` before each of its multiples, where anything was.
fn on_grid(mut series: ChainSeries, step: i64) -> (Vec<Timestamp>, Chain) {
    let up = |quote: &Quote| (quote.time.millis() + step - 1).div_euclid(step) * step;
    let mut rows: Vec<i64> = series.quotes.iter().map(up).collect();
    rows.dedup();
    series.staleness = Some(step);
    let mut chain = on_rows(series, 0, &rows);
    // At a row by which all that was quoted has expired, nothing is known.
    let is_known = |row: &usize| chain.snapshot_of_row[*row].is_some();
    let known: Vec<usize> = (0..rows.len()).filter(is_known).collect();
    chain.snapshot_of_row = known.iter().map(|row| chain.snapshot_of_row[*row]).collect();
    (known.iter().map(|row| Timestamp::from_millis(rows[*row])).collect(), chain)
}

/// Spans of time, ascending, those that overlap united.
pub(super) fn united(mut spans: Vec<(Timestamp, Timestamp)>) -> Vec<(Timestamp, Timestamp)> {
    spans.sort_unstable();
    let mut apart: Vec<(Timestamp, Timestamp)> = Vec::with_capacity(spans.len());
    for span in spans {
        match apart.last_mut() {
            Some(before) if span.0 <= before.1 => before.1 = before.1.max(span.1),
            _ => apart.push(span),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quotes(contracts: &[usize]) -> Vec<Quote> {
        let quote = |(time, contract): (i64, &usize)| Quote {
            time: Timestamp::from_millis(time),
            contract: *contract,
            bid: None,
            ask: None,
            mark: None,
            mark_vol: None,
            forward: None,
            index: None,
            delta: None,
            open_interest: None,
        };
        (0..).zip(contracts).map(quote).collect()
    }

    #[test]
    fn polls_repeat_their_options_and_streams_do_not() {
        let poll = quotes(&[0, 1, 2, 3, 0, 1, 3, 4, 1, 2, 3, 4]);
        let pieces = cut(&poll, 0..12);
        assert_eq!(pieces, [0..4, 4..8, 8..12]);
        assert!(are_alike(&poll, &pieces));
        let stream = quotes(&[0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7]);
        let pieces = cut(&stream, 0..11);
        assert_eq!(pieces, [0..3, 3..6, 6..9, 9..11]);
        assert!(!are_alike(&stream, &pieces));
        assert!(are_alike(&stream, &cut(&stream, 0..3)), "one poll alone is one");
        assert!(cut(&stream, 5..5).is_empty());
    }

    #[test]
    fn spans_that_overlap_are_one() {
        let span = |from, to| (Timestamp::from_millis(from), Timestamp::from_millis(to));
        let found = united(vec![span(50, 60), span(1, 3), span(3, 9), span(2, 4), span(10, 10)]);
        assert_eq!(found, [span(1, 9), span(10, 10), span(50, 60)]);
        assert!(united(Vec::new()).is_empty());
    }
}
