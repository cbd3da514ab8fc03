//! Funding by formula, where a scenario asks for it.

use hedgerow_core::Market;
use hedgerow_core::registry::SettingError;
use hedgerow_sim::funding_formula::funded_by;

use crate::scenario::MarketSpec;

/// The market with the funding that the scenario's formula makes, and a sentence on each perpetual that has it.
///
/// # Errors
/// [`SettingError`] at the formula when the market has not what it needs, or needs no funding.
pub(crate) fn funded(
    market: Market,
    spec: &MarketSpec,
) -> Result<(Market, Vec<String>), SettingError> {
    let Some(formula) = &spec.funding else { return Ok((market, Vec::new())) };
    funded_by(market, &**formula.get_ref())
        .map_err(|error| SettingError::at(formula.span(), format!("`funding`: {error}")))
}
