//! Legs whose orders rest at levels of the spot, `fill = "stop"`: what they need, and what is assumed of them.

use hedgerow_core::Fills;
use hedgerow_core::registry::SettingError;
use hedgerow_sim::fees::Liquidity;
use hedgerow_sim::{RatioColumn, Strategy};

use crate::desk::Desk;
use crate::instruments::{Instrument, One};
use crate::resolve::Plan;
use crate::scenario::{AgainstSpec, LegSpec};

impl Desk<'_> {
    /// What a leg needs so that its orders can rest at levels.
    pub(crate) fn check_resting(
        &self,
        spec: &LegSpec,
        ratio: &RatioColumn,
    ) -> Result<(), SettingError> {
        let Some(place) = spec.rests() else { return Ok(()) };
        let refuse = |message: &str| {
            Err(SettingError::at(place.clone(), format!("`fill = \"stop\"` {message}")))
        };
        let one = match &*spec.with {
            Instrument::One(one) => one,
            Instrument::Cheapest { .. } | Instrument::Basket { .. } => {
                return refuse("is for one instrument; `cheapest` and `basket` trade at rows");
            }
        };
        let execution = spec.execution(self.scenario.costs.execution());
        let margin = self.scenario.account.as_ref().is_some_and(|account| account.margin.is_some());
        if !spec.when.as_ref().is_some_and(|rule| rule.has_levels()) {
            return refuse(
                "needs a rule that is triggered by a level of the spot: `spot_move`, `spot_move_deviations` or `stop_loss`",
            );
        }
        match (one, spec.against) {
            (One::Option(_) | One::Future { .. }, _) => {
                refuse("is for spot and perpetuals; options and dated futures trade at rows")
            }
            (One::Linear { asset: Some(_), .. }, _) => refuse(
                "is for an instrument of the asset that is hedged; remove `asset` of the instrument",
            ),
            (_, AgainstSpec::Account | AgainstSpec::Portfolio) => {
                refuse("hedges the delta of the book in one asset: leave `against` out")
            }
            _ if !execution.is_at_once() => {
                refuse("is filled when its level is reached; remove `delay_rows` and `twap_rows`")
            }
            _ if self.liquidity(spec) == Liquidity::Maker => refuse(
                "is no order that rests in the book: when its level is reached it takes, and pays a taker's fee; say `liquidity = \"taker\"` in this leg",
            ),
            _ if matches!(ratio, RatioColumn::Equity(_)) => {
                refuse("needs a ratio that does not follow the account's equity")
            }
            _ if margin => refuse(
                "is not known to margin models, which limit trades at rows; remove `margin` from [account], or fill at rows",
            ),
            _ => Ok(()),
        }
    }
}

/// Which strategies trade by orders that rest at levels, and how these are filled; empty where none does.
pub(crate) fn sentence(plan: &Plan) -> String {
    let rests = |strategy: &&Strategy| {
        strategy.legs.iter().any(|leg| matches!(leg.track.fills, Fills::AtStops { .. }))
    };
    let names: Vec<String> = plan
        .strategies
        .iter()
        .filter(rests)
        .map(|strategy| format!("`{}`", strategy.name))
        .collect();
    if names.is_empty() {
        return String::new();
    }
    format!(
        "{}: orders rest at levels of the spot that are known at the row before, each for the hedge that the book's delta and gamma of that row ask for at the level. \
         Where the next bar opens beyond a level the order is filled at the instrument's open; where the bar's high or low reaches it, at the level times the instrument's price over the spot at the row before. \
         If both levels lie in one bar, the one nearer to the open is filled; there is one fill a bar, and what a rule asks for at a row itself is filled at the next open. \
         Every fill pays fee, half-spread and slippage, and is held for the funding of its row.",
        names.join(", ")
    )
}
