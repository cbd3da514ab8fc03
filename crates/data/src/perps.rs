//! Perpetuals: with their own prices or at spot, each with funding, unless it is declared that there is none.

use hedgerow_core::{AssetColumns, Contract, FundingEvent, Timestamp, Tradable};

use crate::DataError;
use crate::assemble::Columns;
use crate::series::Series;
use crate::source::{DeclaredFunding, MarketSource, SeriesKind};

/// The two perpetuals of an asset: contract, prices, funding.
const KINDS: [(Contract, SeriesKind, SeriesKind); 2] = [
    (Contract::LinearPerp, SeriesKind::Perp, SeriesKind::Funding),
    (Contract::InversePerp, SeriesKind::InversePerp, SeriesKind::InverseFunding),
];

/// The perpetual whose prices or funding a series holds.
pub(crate) const fn contract_of(kind: SeriesKind) -> Contract {
    match kind {
        SeriesKind::Perp | SeriesKind::Funding => Contract::LinearPerp,
        SeriesKind::InversePerp | SeriesKind::InverseFunding => Contract::InversePerp,
        _ => Contract::Spot,
    }
}

/// The perpetuals of every asset.
///
/// # Errors
/// [`DataError`] when one has no funding, or a funding series has no perpetual.
pub(crate) fn perps(
    source: &MarketSource,
    series: &[Series],
    columns: &[Option<Columns>],
    assets: &[AssetColumns],
    assumptions: &mut Vec<String>,
) -> Result<Vec<Tradable>, DataError> {
    let find = |asset: &str, kind| {
        series.iter().position(|series| series.asset == asset && series.kind == kind)
    };
    let mut perps = Vec::new();
    for (index, asset) in assets.iter().enumerate() {
        for (contract, price_kind, funding_kind) in KINDS {
            let name = format!("{} {}", asset.name, price_kind.about());
            let own = find(&asset.name, price_kind).and_then(|position| columns[position].clone());
            let marked_at_spot = own.is_none();
            if marked_at_spot && source.perp.is_none() {
                if let Some(position) = find(&asset.name, funding_kind) {
                    return Err(no_perp(&series[position], &name));
                }
                continue;
            }
            let Columns { close, open, high, low } = own.unwrap_or_else(|| Columns {
                close: asset.spot.clone(),
                open: asset.open.clone(),
                high: None,
                low: None,
            });
            let funding = funding(
                source,
                series,
                &name,
                (&asset.name, marked_at_spot, contract),
                assumptions,
            )?;
            if marked_at_spot {
                assumptions
                    .push(format!("{name} is marked and traded at spot, for want of its own prices: basis risk is absent, and hedges look better than they would be"));
            }
            perps.push(Tradable {
                name,
                asset: index,
                contract,
                price: close,
                open,
                high,
                low,
                funding,
                marked_at_spot,
            });
        }
    }
    Ok(perps)
}

fn no_perp(series: &Series, name: &str) -> DataError {
    DataError::Orphan {
        series: series.title.clone(),
        missing: format!("there is no {name}; add its prices, or declare `perp = \"at_spot\"`"),
    }
}

/// The funding of one perpetual. One that is marked at spot may borrow the funding of the other, which is then said.
fn funding(
    source: &MarketSource,
    series: &[Series],
    name: &str,
    (asset, marked_at_spot, contract): (&str, bool, Contract),
    assumptions: &mut Vec<String>,
) -> Result<Option<Vec<FundingEvent>>, DataError> {
    let all: Vec<&Series> =
        series.iter().filter(|series| series.asset == asset && series.kind.is_funding()).collect();
    if source.funding == Some(DeclaredFunding::None) {
        if !all.is_empty() {
            return Err(DataError::FundingContradiction { asset: asset.to_owned() });
        }
        assumptions.push(format!("{name} has no funding, as declared"));
        return Ok(None);
    }
    if let Some(own) = all.iter().find(|series| contract_of(series.kind) == contract) {
        return Ok(Some(events(own)));
    }
    match all.first().filter(|_| marked_at_spot) {
        Some(other) => {
            assumptions
                .push(format!("{name} has no funding series and borrows that of {}", other.title));
            Ok(Some(events(other)))
        }
        None if source.funding == Some(DeclaredFunding::ByFormula) => Ok(None),
        None => Err(DataError::MissingFunding {
            tradable: name.to_owned(),
            kind: if contract == Contract::InversePerp { "inverse_funding" } else { "funding" },
        }),
    }
}

fn events(series: &Series) -> Vec<FundingEvent> {
    let mark =
        |row: usize| series.mark.as_ref().map(|mark| mark[row]).filter(|mark| !mark.is_nan());
    series
        .time
        .iter()
        .zip(&series.main)
        .enumerate()
        .map(|(row, (time, rate))| FundingEvent {
            time: Timestamp::from_millis(*time),
            rate: *rate,
            mark: mark(row),
        })
        .collect()
}
