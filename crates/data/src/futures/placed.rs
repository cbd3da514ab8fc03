//! The futures of a market, with what its data quality says of them.

use hedgerow_core::{Defect, Finding, Future, Market, Quality, Quote, Severity, Timestamp};

use super::{Ages, FutureGroup, Spot, on_rows};
use crate::chains::ChainSeries;
use crate::series::{Limits, Series};
use crate::source::Span;
use crate::traps::gaps::length;

/// More contracts than this are not named.
const MOST_NAMED: usize = 3;

/// A spot as it came.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct OwnPrices {
    /// Milliseconds, increasing.
    pub(crate) time: Vec<i64>,
    /// USD, one per instant.
    pub(crate) price: Vec<f64>,
    /// Instants and index prices that were said with quotes of options.
    pub(crate) quoted: Vec<(i64, f64)>,
}

impl OwnPrices {
    /// The prices of a spot, which are taken from it, and the indices of the option chains on its coin.
    pub(crate) fn take(spot: &mut Series, chains: &[ChainSeries]) -> Self {
        let of_asset = chains.iter().filter(|chain| chain.asset == spot.asset);
        let index = |quote: &Quote| {
            let index = quote.index.filter(|index| index.is_finite() && *index > 0.0);
            index.map(|index| (quote.time.millis(), index))
        };
        let mut quoted: Vec<(i64, f64)> = Vec::new();
        for (time, index) in of_asset.flat_map(|chain| &chain.quotes).filter_map(index) {
            if quoted.last().is_none_or(|(last, _)| *last != time) {
                quoted.push((time, index));
            }
        }
        quoted.sort_by_key(|(time, _)| *time);
        quoted.dedup_by_key(|(time, _)| *time);
        let (time, price) = (std::mem::take(&mut spot.time), std::mem::take(&mut spot.main));
        Self { time, price, quoted }
    }
}

/// Puts all futures on the rows of the market, in the order of asset and expiry. `spots` are the prices of its assets as they
/// came, one each.
pub(crate) fn placed(
    market: &Market,
    spots: &[OwnPrices],
    groups: Vec<FutureGroup>,
    limits: Limits,
    quality: &mut Quality,
) -> Vec<Future> {
    let rows: Vec<i64> = market.time().iter().map(|time| time.millis()).collect();
    let mut futures = Vec::new();
    for mut group in groups {
        let mut ages = Ages::default();
        let mut of_group = Vec::new();
        let mut carried_longest: Option<(String, i64, i64)> = None;
        let staleness = group.futures.iter().map(|future| future.staleness).max();
        for future in group.futures {
            let Some(asset) = market.asset_index(&future.asset) else { continue };
            let OwnPrices { time, price, quoted } = &spots[asset];
            let spot = Spot { rows: &market.assets()[asset].spot, time, price, quoted };
            let (before, name) = (ages.longest, future.name.clone());
            of_group.push(on_rows(future, asset, &rows, spot, (limits, &mut ages)));
            if let Some((from, to)) = ages.longest.filter(|longest| Some(*longest) != before) {
                carried_longest = Some((name, from, to));
            }
        }
        let findings = &mut group.quality.findings;
        findings.extend(stale(&ages, staleness.unwrap_or(0), carried_longest));
        findings.extend(ended(&of_group, limits));
        group.assumptions.extend(aged(&group.quality.name, &ages));
        quality.assumptions.append(&mut group.assumptions);
        quality.series.push(group.quality);
        futures.append(&mut of_group);
    }
    futures.sort_by(|a, b| (a.asset, a.expiry, &a.name).cmp(&(b.asset, b.expiry, &b.name)));
    futures
}

/// Prices that are older than their limit and are carried all the same.
fn stale(ages: &Ages, staleness: i64, longest: Option<(String, i64, i64)>) -> Option<Finding> {
    let (name, from, to) = longest?;
    Some(Finding {
        defect: Defect::Stale,
        severity: Severity::Warning,
        count: ages.n_stale,
        first: ages.first_stale.map(Timestamp::from_millis),
        detail: format!(
            "{} prices at rows are older than {}: they move with the spot since they were said, and their basis is not known \
             to be so; the longest, of {name}, is carried over {}, from {} to {}",
            ages.n_stale,
            Span::from_millis(staleness.div_euclid(1000) * 1000)
                .map_or_else(|| "the row".to_owned(), |_| length(staleness)),
            length(to - from),
            Timestamp::from_millis(from),
            Timestamp::from_millis(to)
        ),
    })
}

/// Contracts whose prices end in the run, before they expire and before the market does.
fn ended(futures: &[Future], limits: Limits) -> Option<Finding> {
    let in_run =
        |future: &&Future| future.ends.is_some_and(|end| limits.window.holds(end.millis()));
    let ended: Vec<&Future> = futures.iter().filter(in_run).collect();
    let first = ended.iter().filter_map(|future| future.ends).min()?;
    let said = |future: &&Future| {
        let end = future.ends.map_or_else(String::new, |end| end.to_string());
        format!("{} at {end} (it expires at {})", future.name, future.expiry)
    };
    let mut named: Vec<String> = ended.iter().take(MOST_NAMED).map(said).collect();
    if ended.len() > MOST_NAMED {
        named.push(format!("and {} more", ended.len() - MOST_NAMED));
    }
    Some(Finding {
        defect: Defect::Coverage,
        severity: Severity::Warning,
        count: ended.len(),
        first: Some(first),
        detail: format!(
            "the prices of {} contracts end early: {}; who holds one leaves it there for the next, or where none is quoted \
             keeps it, moving with the spot, for at most {}",
            ended.len(),
            named.join(", "),
            limits.max_gap()
        ),
    })
}

/// How old prices are at their rows, and what was done about it.
fn aged(name: &str, ages: &Ages) -> Option<String> {
    if ages.n_older() == 0 {
        return None;
    }
    let (median, most) = ages.median_and_most();
    let (moved, most_moved) = ages.moved();
    let minutes = |millis: i64| (millis + 59_999).div_euclid(60_000);
    let age = |millis| match minutes(millis) {
        0 => "0m".to_owned(),
        minutes => length(60_000 * minutes),
    };
    let beside = match (ages.n_of_index, ages.n_between) {
        (0, 0) => String::new(),
        (0, _) => "; between two prices of the spot it is interpolated".to_owned(),
        (_, 0) => "; it is the index that was said beside it".to_owned(),
        _ => "; it is the index that was said beside it, or interpolated between two prices of the spot".to_owned(),
    };
    Some(format!(
        "{name}: {} of {} prices at rows of the run were said before their row, {} before it in the median of all and {} at \
         most; they move with the spot since the instant at which they were said (it moved by {:.2} % in the median, {:.2} % at \
         most): a future keeps its basis, price over spot of one instant, until its next price{beside}",
        ages.n_older(),
        ages.n_prices,
        age(median),
        age(most),
        100.0 * moved,
        100.0 * most_moved
    ))
}
