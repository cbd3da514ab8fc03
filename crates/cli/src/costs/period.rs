//! What trading costs over the period of a run.

use hedgerow_core::Exposure;
use hedgerow_core::registry::SettingError;
use hedgerow_greeks::BookLine;
use hedgerow_sim::fees::Fee;

use super::{Prices, Takers};
use crate::baselines::add_every_row;
use crate::desk::Desk;
use crate::scenario::StrategySpec;

/// What trading costs, given what is traded; adds what is always compared, where its costs are known.
///
/// # Errors
/// [`SettingError`] where a fee is not known for a date of the period, or what is typed is charged to nobody.
pub(crate) fn prices(
    desk: &Desk<'_>,
    specs: &mut Vec<StrategySpec>,
    book: &[BookLine],
    exposure: &Exposure,
) -> Result<Prices, SettingError> {
    let costs = &desk.scenario.costs;
    let mut prices = costs.prices(desk.market, &fees(specs, book))?;
    add_every_row(specs, desk.market, exposure, costs);
    prices.takers = Takers::of(costs, (specs, book), desk.can_force());
    prices.takers.check(costs)?;
    Ok(prices)
}

/// The fees that a run may be charged.
fn fees(specs: &[StrategySpec], book: &[BookLine]) -> Vec<Fee> {
    let legs = specs.iter().flat_map(|spec| &spec.legs);
    let mut fees: Vec<Fee> = legs.flat_map(|leg| leg.with.fees()).collect();
    if book.iter().any(BookLine::holds_options) {
        fees.extend([Fee::Option, Fee::OptionDelivery, Fee::OptionCap]);
    }
    fees
}
