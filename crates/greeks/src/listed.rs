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

/// The expiry nearest to the wanted one, the earlier of two; `None` where nothing is quoted.
pub(crate) fn nearest_expiry(
    contracts: &[&OptionContract],
    wanted: Timestamp,
) -> Option<Timestamp> {
    let apart = |expiry: Timestamp| ((expiry.millis() - wanted.millis()).abs(), expiry);
    contracts.iter().map(|contract| contract.expiry).min_by_key(|expiry| apart(*expiry))
}

/// The strike nearest to the wanted one at which every kind is quoted, the lower of two; `None` where there is none.
pub(crate) fn nearest_strike(
    contracts: &[&OptionContract],
    expiry: Timestamp,
    kinds: &[OptionKind],
    wanted: f64,
) -> Option<f64> {
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
    strikes.into_iter().min_by(|a, b| (a - wanted).abs().total_cmp(&(b - wanted).abs()))
}
