//! Series to a market: one grid, prices as of each row, funding at its own instants.

use std::ops::Range;

use hedgerow_core::{
    AssetColumns, Chain, Contract, Defect, Finding, HalfSpread, Market, Quality, Severity,
    Timestamp, Tradable, VolColumn,
};

use crate::DataError;
use crate::align::{as_of, windows};
use crate::bars::{highs, lows, opens};
use crate::chains::{self, ChainSeries};
use crate::coverage::check_tradable;
use crate::futures::{self, OwnPrices};
use crate::listed::Listed;
use crate::load::limits;
use crate::pairs;
use crate::perps::{self, perps};
use crate::quarterlies::quarterlies;
use crate::sequence::keep_rows;
use crate::series::Series;
use crate::source::{MarketSource, SeriesKind, Span};

/// Makes a market of clean series, and says what was done.
///
/// # Errors
/// [`DataError`] when a series belongs to nothing, the grid does not fit, no row has every price, or funding is missing.
pub(crate) fn assemble(
    source: &MarketSource,
    mut series: Vec<Series>,
    mut listed: Listed,
) -> Result<(Market, Quality), DataError> {
    let owner = check_owners(&series, &listed)?;
    pairs::check(&mut series);
    let rows = grid(source.grid, &series[owner])?;
    let market_step = source.grid.map_or(series[owner].step, Span::millis);
    let (rows, found) = common_rows(rows, &mut series)?;
    let columns: Vec<Option<Columns>> = series
        .iter_mut()
        .zip(&found)
        .map(|(series, picks)| {
            picks.as_ref().map(|picks| on_grid(series, picks, &rows, (market_step, source.grid)))
        })
        .collect();
    let mut assumptions: Vec<String> = Vec::new();
    for assumption in series.iter().flat_map(|series| &series.assumptions) {
        if !assumptions.contains(assumption) {
            assumptions.push(assumption.clone());
        }
    }
    let assets = assets(&series, &columns);
    assumptions.extend(assets.iter().filter(|asset| asset.open.is_none()).map(|asset| {
        format!(
            "{} has no opens: trades are filled at the price of the row that decides them",
            asset.name
        )
    }));
    let mut tradables: Vec<Tradable> = assets.iter().enumerate().map(spot_tradable).collect();
    tradables.extend(perps(source, &series, &columns, &assets, &mut assumptions)?);
    let vols = vols(&rows, &mut series, &assets);
    let half_spreads = half_spreads(&rows, &mut series, &assets);
    assumptions.append(&mut listed.assumptions);
    let names: Vec<String> = assets.iter().map(|asset| asset.name.clone()).collect();
    let time = rows.iter().copied().map(Timestamp::from_millis).collect();
    let market = Market::new(time, assets, tradables, vols)?;
    note_coverage(&market, &mut series);
    let spots = series.iter_mut().filter(|series| series.kind == SeriesKind::Spot);
    let spots: Vec<_> = if listed.futures.is_empty() {
        Vec::new()
    } else {
        spots.map(|series| OwnPrices::take(series, &listed.chains)).collect()
    };
    let mut quality =
        Quality { series: series.into_iter().map(|series| series.quality).collect(), assumptions };
    let mut futures =
        futures::placed(&market, &spots, listed.futures, limits(source), &mut quality);
    if let Some(declared) = source.futures {
        if let Some(future) = futures.first() {
            return Err(DataError::FuturesContradiction { future: future.name.clone() });
        }
        futures = quarterlies(declared, market.time(), market.assets());
        quality.assumptions.push(format!(
            "dated futures are declared, not read: quarterly contracts at a constant carry of {} % a year over the spot; \
             basis risk is absent, and hedges look better than they would be",
            declared.carry_percent
        ));
    }
    let chains = chains_on(&rows, listed.chains, &names, &mut quality);
    let market = market.with_futures(futures)?.with_chains(chains)?;
    Ok((market.with_half_spreads(half_spreads)?, quality))
}

/// The position of the spot that gives the rows; everything must belong to a spot.
fn check_owners(series: &[Series], listed: &Listed) -> Result<usize, DataError> {
    let contracts = listed
        .futures
        .iter()
        .flat_map(|group| group.futures.iter().map(|future| (&future.name, &future.asset)))
        .chain(listed.chains.iter().map(|chain| (&chain.title, &chain.asset)));
    let all = series.iter().map(|series| (&series.title, &series.asset)).chain(contracts);
    for (title, asset) in all {
        if spot_of(series, asset).is_none() {
            return Err(orphan(title, asset));
        }
    }
    let owner = series.iter().position(|series| series.kind == SeriesKind::Spot);
    owner.ok_or(DataError::NoSeries)
}

fn chains_on(
    rows: &[i64],
    all: Vec<ChainSeries>,
    names: &[String],
    quality: &mut Quality,
) -> Vec<Chain> {
    let mut chains = Vec::new();
    for mut series in all {
        let Some(asset) = names.iter().position(|name| *name == series.asset) else { continue };
        quality.assumptions.append(&mut series.assumptions);
        let mut said = series.quality.clone();
        let chain = chains::on_rows(series, asset, rows);
        let [outside, stale] = chains::unknown_rows(&chain, rows, (said.first, said.last));
        said.findings.extend(finding(Defect::Coverage, Severity::Note, &outside, |count| {
            format!("{count} rows before its first or after its last quote know no options")
        }));
        said.findings.extend(finding(Defect::Stale, Severity::Note, &stale, |count| {
            format!("{count} rows have no quote that is recent enough: no option is known there")
        }));
        quality.series.push(said);
        chains.push(chain);
    }
    chains
}

/// A price series on the grid of the market.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Columns {
    pub(crate) close: Vec<f64>,
    pub(crate) open: Option<Vec<f64>>,
    pub(crate) high: Option<Vec<f64>>,
    pub(crate) low: Option<Vec<f64>>,
}

fn spot_of<'a>(series: &'a [Series], asset: &str) -> Option<&'a Series> {
    series.iter().find(|series| series.kind == SeriesKind::Spot && series.asset == asset)
}

fn orphan(title: &str, asset: &str) -> DataError {
    DataError::Orphan {
        series: title.to_owned(),
        missing: format!("there is no spot of {asset}; add a series with `is = \"spot\"`"),
    }
}

/// The rows: the stamps of the spot that comes first, or every multiple of the grid whose bar it covers wholly.
fn grid(grid: Option<Span>, owner: &Series) -> Result<Vec<i64>, DataError> {
    let Some(grid) = grid else { return Ok(owner.time.clone()) };
    let step = grid.millis();
    if step % owner.step != 0 || hedgerow_core::MILLIS_PER_DAY % step != 0 {
        return Err(DataError::Grid {
            grid: grid.to_string(),
            series: owner.title.clone(),
            step: Span::from_millis(owner.step).map_or_else(String::new, |step| step.to_string()),
        });
    }
    let covered = owner.time[0] - owner.step + step;
    let first = covered + (step - covered.rem_euclid(step)) % step;
    let last = owner.time[owner.time.len() - 1];
    let n_rows = (last - first).div_euclid(step) + 1;
    Ok((0..n_rows).map(|row| first + row * step).collect())
}

/// Which figure of a series each row uses; `None` for series without prices.
type Picks = Option<Vec<usize>>;

/// Leaves the rows at which every price series has a figure that is recent enough.
fn common_rows(
    mut rows: Vec<i64>,
    series: &mut [Series],
) -> Result<(Vec<i64>, Vec<Picks>), DataError> {
    let mut keep = vec![true; rows.len()];
    let mut found: Vec<Option<Vec<Option<usize>>>> = Vec::with_capacity(series.len());
    for series in series.iter_mut() {
        if !series.kind.is_price() {
            found.push(None);
            continue;
        }
        let picks = as_of(&rows, &series.time, series.staleness);
        series.quality.findings.extend(left_out(&rows, series, &picks));
        keep.iter_mut().zip(&picks).for_each(|(keep, pick)| *keep &= pick.is_some());
        found.push(Some(picks));
    }
    if !keep.contains(&true) {
        let period = |series: &Series| {
            format!("{} {} .. {}", series.title, series.quality.first, series.quality.last)
        };
        let periods = series.iter().filter(|series| series.kind.is_price()).map(period).collect();
        return Err(DataError::Disjoint { periods });
    }
    keep_rows(&mut rows, &keep);
    let kept = |picks: Vec<Option<usize>>| {
        picks
            .into_iter()
            .zip(&keep)
            .filter(|(_, keep)| **keep)
            .filter_map(|(pick, _)| pick)
            .collect()
    };
    Ok((rows, found.into_iter().map(|picks| picks.map(kept)).collect()))
}

/// Rows that a price series does not reach (a note), and rows inside it where it is stale (a warning).
fn left_out(rows: &[i64], series: &Series, picks: &[Option<usize>]) -> Vec<Finding> {
    let (first, last) = (series.time[0], series.time[series.time.len() - 1]);
    let none = || rows.iter().zip(picks).filter(|(_, pick)| pick.is_none()).map(|(row, _)| *row);
    let outside: Vec<i64> = none().filter(|row| *row < first || *row > last).collect();
    let stale: Vec<i64> = none().filter(|row| *row > first && *row < last).collect();
    let span = |millis| Span::from_millis(millis).map_or_else(String::new, |span| span.to_string());
    let limit = if series.staleness == series.step - 1 {
        format!("as old as its step of {} or older", span(series.step))
    } else {
        format!("older than {}", span(series.staleness))
    };
    [
        finding(Defect::Coverage, Severity::Note, &outside, |count| {
            format!(
                "{count} rows before its first or after its last figure are left out of the market"
            )
        }),
        finding(Defect::Stale, Severity::Warning, &stale, |count| {
            format!("{count} rows are left out of the market: the newest figure is {limit}")
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn finding(
    defect: Defect,
    severity: Severity,
    rows: &[i64],
    detail: impl Fn(usize) -> String,
) -> Option<Finding> {
    let first = Timestamp::from_millis(*rows.first()?);
    Some(Finding {
        defect,
        severity,
        count: rows.len(),
        first: Some(first),
        detail: detail(rows.len()),
    })
}

/// Puts a price series on the grid. Its bars are gathered; a row without a bar carries the last price forward.
fn on_grid(
    series: &mut Series,
    picks: &[usize],
    rows: &[i64],
    (step, grid): (i64, Option<Span>),
) -> Columns {
    let close: Vec<f64> = picks.iter().map(|pick| series.main[*pick]).collect();
    if series.step > step {
        return Columns { close, open: None, high: None, low: None };
    }
    let bars: Vec<Range<usize>> = if grid.is_none() && series.step == step {
        let own = |(pick, row): (&usize, &i64)| {
            if series.time[*pick] == *row { *pick..pick + 1 } else { *pick..*pick }
        };
        picks.iter().zip(rows).map(own).collect()
    } else {
        windows(rows, &series.time, step)
    };
    let carried: Vec<i64> =
        rows.iter().zip(&bars).filter(|(_, bars)| bars.is_empty()).map(|(row, _)| *row).collect();
    series.quality.findings.extend(finding(Defect::Stale, Severity::Note, &carried, |count| {
        format!("{count} rows have no bar of their own and carry the last price forward")
    }));
    Columns {
        open: series.open.as_ref().map(|open| opens(open, &bars, &close)),
        high: series.high.as_ref().map(|high| highs(high, &bars, &close)),
        low: series.low.as_ref().map(|low| lows(low, &bars, &close)),
        close,
    }
}

fn assets(series: &[Series], columns: &[Option<Columns>]) -> Vec<AssetColumns> {
    let spots = series.iter().zip(columns).filter(|(series, _)| series.kind == SeriesKind::Spot);
    spots
        .filter_map(|(series, columns)| columns.as_ref().map(|columns| (series, columns.clone())))
        .map(|(series, Columns { close, open, high, low })| AssetColumns {
            name: series.asset.clone(),
            spot: close,
            open,
            high,
            low,
        })
        .collect()
}

fn spot_tradable((asset, columns): (usize, &AssetColumns)) -> Tradable {
    Tradable {
        name: format!("{} spot", columns.name),
        asset,
        contract: Contract::Spot,
        price: columns.spot.clone(),
        open: columns.open.clone(),
        high: None,
        low: None,
        funding: None,
        marked_at_spot: false,
    }
}

fn vols(rows: &[i64], series: &mut [Series], assets: &[AssetColumns]) -> Vec<VolColumn> {
    let mut vols = Vec::new();
    for series in series.iter_mut().filter(|series| series.kind == SeriesKind::Vol) {
        let picks = recent(rows, series, "vol");
        let asset = assets.iter().position(|asset| asset.name == series.asset);
        vols.extend(asset.map(|asset| VolColumn {
            name: series.vol_name.clone(),
            asset,
            vol: picks.iter().map(|pick| pick.map(|pick| series.main[pick])).collect(),
        }));
    }
    vols
}

fn half_spreads(rows: &[i64], series: &mut [Series], assets: &[AssetColumns]) -> Vec<HalfSpread> {
    let mut spreads = Vec::new();
    for series in series.iter_mut().filter(|series| series.kind == SeriesKind::HalfSpread) {
        let picks = recent(rows, series, "half-spread");
        let asset = assets.iter().position(|asset| asset.name == series.asset);
        let fraction = |pick: &Option<usize>| pick.map(|pick| series.main[pick] / 10_000.0);
        spreads.extend(asset.map(|asset| HalfSpread {
            asset,
            name: series.name.clone(),
            fraction: picks.iter().map(fraction).collect(),
        }));
    }
    spreads
}

/// Which figure of a series each row knows; rows that know none are noted.
fn recent(rows: &[i64], series: &mut Series, what: &str) -> Vec<Option<usize>> {
    let picks = as_of(rows, &series.time, series.staleness);
    let unknown = rows.iter().zip(&picks).filter(|(_, pick)| pick.is_none());
    let unknown: Vec<i64> = unknown.map(|(row, _)| *row).collect();
    series.quality.findings.extend(finding(Defect::Stale, Severity::Note, &unknown, |count| {
        format!("{count} rows have no figure that is recent enough: the {what} is unknown there")
    }));
    picks
}

/// Funding that does not cover the whole market is a warning here; it becomes an error once the rows that are used are
/// known.
fn note_coverage(market: &Market, series: &mut [Series]) {
    for series in series.iter_mut().filter(|series| series.kind.is_funding()) {
        let contract = perps::contract_of(series.kind);
        let asset = market.asset_index(&series.asset);
        let perp = asset.and_then(|asset| market.tradable(asset, contract));
        let gap = perp.map(|perp| check_tradable(perp, market.time()));
        let Some(Err(error)) = gap else { continue };
        series.quality.findings.push(Finding {
            defect: Defect::Coverage,
            severity: Severity::Warning,
            count: 1,
            first: market.time().first().copied(),
            detail: error.to_string(),
        });
    }
}
