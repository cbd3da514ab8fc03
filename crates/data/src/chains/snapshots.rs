//! Option chains by themselves, without a market: each snapshot as it was taken.

use std::path::{Path, PathBuf};

use hedgerow_core::{Chain, PaidIn, Quote, SeriesQuality, Timestamp};

use super::{ChainSeries, on_rows};
use crate::DataError;
use crate::import::member::{Found, Undeclared, members};
use crate::import::refuse_warnings;
use crate::listed::{Listed, read};
use crate::series::Limits;
use crate::source::{Currency, Declared, SeriesKind, SeriesSpec, Span};

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
}

/// Reads option chains that stand alone; one entry per underlying and currency of payment.
///
/// Rows that were taken together are one snapshot: those of one stamp, or those of one file where each row has its own.
/// A stream of quotes has no snapshots: what is known at each whole `step` (an hour, unless declared) is taken as one.
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
    let Listed { chains, others, .. } = read(&specs, Path::new(""), limits)?;
    let mut assets: Vec<String> = chains.iter().map(|chain| chain.asset.clone()).collect();
    if declared.asset.is_none() {
        assets.extend(others);
    }
    assets.sort_unstable();
    assets.dedup();
    if assets.len() > 1 {
        return Err(DataError::Underlyings { found: assets });
    }
    let loaded = chains.into_iter().map(|series| {
        refuse_warnings(declared.quality, &series.quality)?;
        Ok(loaded(series, declared.step))
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
        return Err(DataError::NoChain { file, found: kind.key() });
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
    // A file whose every row has a stamp of its own may hold many snapshots in a row; then most options repeat.
    let is_once = |span: &(Timestamp, Timestamp)| {
        let quotes = within(&series.quotes, span);
        2 * quotes.len() <= 3 * newest(quotes).len()
    };
    let is_taken = !series.spans.is_empty() && series.spans.iter().all(is_once);
    let (time, chain) = if is_taken && step.is_none() {
        as_taken(series)
    } else {
        let millis = step.map_or(STREAM_STEP_MILLIS, Span::millis);
        if let (None, Some(span)) = (step, Span::from_millis(millis)) {
            assumptions.push(format!(
                "{}: the quotes are a stream; what is known every {span} is taken as a snapshot, where anything new was quoted",
                series.title
            ));
        }
        on_grid(series, millis)
    };
    LoadedChain { asset, chain, time, quality, assumptions }
}

/// The snapshots as they were taken; of an option that occurs twice, the newest quote.
fn as_taken(series: ChainSeries) -> (Vec<Timestamp>, Chain) {
    let (mut quotes, mut snapshots, mut time) = (Vec::new(), Vec::new(), Vec::new());
    for span in &series.spans {
        let start = quotes.len();
        quotes.extend(newest(within(&series.quotes, span)));
        if quotes.len() > start {
            snapshots.push(start..quotes.len());
            time.push(span.1);
        }
    }
    let chain = Chain {
        asset: 0,
        paid_in: series.paid_in,
        contracts: series.contracts,
        quotes,
        snapshot_of_row: (0..snapshots.len()).map(Some).collect(),
        snapshots,
    };
    (time, chain)
}

/// The quotes of a span of time, of all that are in the order of time.
fn within<'a>(quotes: &'a [Quote], (first, last): &(Timestamp, Timestamp)) -> &'a [Quote] {
    let from = quotes.partition_point(|quote| quote.time < *first);
    let to = quotes.partition_point(|quote| quote.time <= *last);
    &quotes[from..to]
}

/// The newest quote of each option.
fn newest(quotes: &[Quote]) -> Vec<Quote> {
    let mut newest = quotes.to_vec();
    newest.sort_by_key(|quote| (quote.contract, std::cmp::Reverse(quote.time)));
    newest.dedup_by_key(|quote| quote.contract);
    newest
}

/// What is known at each multiple of `step` before which something new was quoted.
fn on_grid(series: ChainSeries, step: i64) -> (Vec<Timestamp>, Chain) {
    let up = |quote: &Quote| (quote.time.millis() + step - 1).div_euclid(step) * step;
    let mut rows: Vec<i64> = series.quotes.iter().map(up).collect();
    rows.dedup();
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

    #[test]
    fn spans_that_overlap_are_one() {
        let span = |from, to| (Timestamp::from_millis(from), Timestamp::from_millis(to));
        let found = united(vec![span(50, 60), span(1, 3), span(3, 9), span(2, 4), span(10, 10)]);
        assert_eq!(found, [span(1, 9), span(10, 10), span(50, 60)]);
        assert!(united(Vec::new()).is_empty());
    }
}
