//! Which listed contracts a programme opens: what is quoted at the row, and nothing else.

use hedgerow_core::{Chain, OptionContract, Timestamp};

use crate::OptionKind;
use crate::marks::price_of;

/// The contracts that have a price at `row` and expire after `time`.
pub(crate) fn quoted(
    chain: &Chain,
    row: usize,
    time: Timestamp,
) -> impl Iterator<Item = &OptionContract> {
    let priced = chain.at(row).iter().filter(|quote| price_of(quote).is_some());
    priced
        .map(|quote| &chain.contracts[quote.contract])
        .filter(move |contract| contract.expiry > time)
}

/// Their expiries, ascending.
pub(crate) fn expiries(contracts: &[&OptionContract]) -> Vec<Timestamp> {
    let mut expiries: Vec<Timestamp> = contracts.iter().map(|contract| contract.expiry).collect();
    expiries.sort_unstable();
    expiries.dedup();
    expiries
}

/// The expiry nearest to the wanted one, the earlier of two; `None` where nothing is quoted. `expiries` are ascending.
pub(crate) fn nearest_expiry(expiries: &[Timestamp], wanted: Timestamp) -> Option<Timestamp> {
    let apart = |expiry: &Timestamp| (expiry.millis() - wanted.millis()).abs();
    expiries.iter().copied().min_by_key(apart)
}

/// The strikes of an expiry at which every kind is quoted, ascending.
pub(crate) fn strikes(
    contracts: &[&OptionContract],
    expiry: Timestamp,
    kinds: &[OptionKind],
) -> Vec<f64> {
    let is_quoted = |strike: f64, kind: OptionKind| {
        let mut same = contracts.iter().filter(|contract| contract.expiry == expiry);
        same.any(|contract| contract.kind == kind && contract.strike.total_cmp(&strike).is_eq())
    };
    let mut strikes: Vec<f64> = contracts
        .iter()
        .filter(|contract| contract.expiry == expiry && kinds.first() == Some(&contract.kind))
        .map(|contract| contract.strike)
        .filter(|strike| kinds.iter().all(|kind| is_quoted(*strike, *kind)))
        .collect();
    strikes.sort_by(f64::total_cmp);
    strikes
}

/// The strike nearest to the wanted one, the lower of two; `None` where there is none. `strikes` are ascending.
pub(crate) fn nearest_strike(strikes: &[f64], wanted: f64) -> Option<f64> {
    let apart = |strike: &f64| (strike - wanted).abs();
    strikes.iter().copied().min_by(|a, b| apart(a).total_cmp(&apart(b)))
}
