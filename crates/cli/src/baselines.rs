//! What is always in the comparison: the unhedged book, and its whole delta hedged at every row.

use std::collections::BTreeMap;

use hedgerow_core::{Contract, Exposure, Market};
use hedgerow_sim::ratio::History;
use hedgerow_sim::{RULES, RatioColumn, Rule, Strategy, To};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::costs::CostsSpec;
use crate::instruments::{Instrument, One};
use crate::scenario::{AgainstSpec, DeltaSpec, LegSpec, StrategySpec};

/// The book as it is.
pub(crate) fn unhedged() -> Strategy {
    Strategy {
        name: "unhedged".to_owned(),
        about: "the book as it is".to_owned(),
        legs: Vec::new(),
    }
}

/// Adds "every row" unless the scenario has it, the book has no delta, an asset has no instrument for it, or its fee is not
/// known at the scenario's venue or its half-spread not given. It trades
/// what the scenario's first leg against delta trades, else the linear perp.
pub(crate) fn add_every_row(
    specs: &mut Vec<StrategySpec>,
    market: &Market,
    exposure: &Exposure,
    costs: &CostsSpec,
) {
    let mut delta_legs =
        specs.iter().flat_map(|spec| &spec.legs).filter(|leg| leg.against == AgainstSpec::Delta);
    let contract = match delta_legs.next().map(|leg| &*leg.with) {
        Some(Instrument::One(One::Linear { contract, asset: None })) => *contract,
        _ => Contract::LinearPerp,
    };
    let has_delta = |asset: &usize| exposure.slopes[*asset].delta.iter().any(|delta| *delta != 0.0);
    let assets: Vec<usize> = (0..market.assets().len()).filter(has_delta).collect();
    let tradable =
        |asset: &usize| contract == Contract::Spot || market.tradable(*asset, contract).is_some();
    let has_it =
        specs.iter().any(|spec| matches!(spec.legs.as_slice(), [leg] if is_every_row(leg, market)));
    let fees = Instrument::linear(contract).fees();
    let has_costs = costs.prices(market, &fees).is_ok() && costs.has_spread(contract);
    if has_it || assets.is_empty() || !assets.iter().all(tradable) || !has_costs {
        return;
    }
    let taken = specs.iter().any(|spec| spec.name == "every row");
    specs.push(StrategySpec {
        name: if taken { "every row (always compared)" } else { "every row" }.to_owned(),
        about: Some("always in the comparison: the whole delta, hedged at every row".to_owned()),
        legs: assets.into_iter().map(|asset| leg(contract, &market.assets()[asset].name)).collect(),
    });
}

fn is_every_row(leg: &LegSpec, market: &Market) -> bool {
    let ratio = leg
        .ratio
        .as_ref()
        .map_or(RatioColumn::Constant(1.0), |ratio| ratio.column(&nothing(market)));
    let whole = matches!(ratio, RatioColumn::Constant(ratio) if (ratio - 1.0).abs() < 1e-12);
    let every =
        leg.raw.get("when").is_some_and(|when| when.contains("every_row") && !when.contains('['));
    let own_delta = !matches!(leg.delta, Some(DeltaSpec::Chosen(_)));
    let one = matches!(*leg.with, Instrument::One(_));
    leg.against == AgainstSpec::Delta
        && one
        && own_delta
        && whole
        && every
        && market.assets().len() == 1
}

fn leg(contract: Contract, asset: &str) -> LegSpec {
    let name = match contract {
        Contract::Spot => "spot",
        Contract::InversePerp => "inverse_perp",
        _ => "perp",
    };
    LegSpec {
        name: Some(format!("{asset} hedge")),
        asset: Some(Spanned::new(0..0, asset.to_owned())),
        with: Box::new(Instrument::linear(contract)),
        against: AgainstSpec::Delta,
        delta: None,
        ratio: None,
        when: every_row(),
        to: To::EDGE,
        liquidity: None,
        execution: None,
        fill: None,
        span: 0..0,
        delta_span: 0..0,
        raw: BTreeMap::from([("with", format!("{name:?}")), ("when", r#""every_row""#.to_owned())]),
    }
}

/// The rule of that name.
pub(crate) fn every_row() -> Option<Box<dyn Rule>> {
    let entry = RULES.iter().find(|entry| entry.name == "every_row")?;
    (entry.build)(Spanned::new(0..0, DeValue::Table(DeTable::new()))).ok()
}

/// A history without moves: what a constant ratio asks of it.
pub(crate) fn nothing(market: &Market) -> History<'_> {
    History {
        time: &market.time()[..1],
        spot: &[1.0],
        spot_return: vec![0.0],
        hedge_return: vec![0.0],
    }
}
