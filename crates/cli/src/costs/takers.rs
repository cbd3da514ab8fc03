//! Whose trades cross the spread, and what is typed of that to no effect.

use std::ops::Range;

use hedgerow_core::registry::SettingError;
use hedgerow_greeks::BookLine;
use hedgerow_sim::fees::Liquidity;

use super::CostsSpec;
use crate::scenario::StrategySpec;

/// A setting that only takers are charged.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Charge {
    pub(super) key: &'static str,
    pub(super) span: Range<usize>,
    of: Of,
}

/// What a charge is one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// Spot, perps and futures.
    Linear,
    /// Options, those of the book too.
    Options,
    /// All legs.
    Legs,
}

impl Charge {
    pub(super) fn of_linear(key: &'static str, span: Range<usize>) -> Self {
        Self { key, span, of: Of::Linear }
    }

    pub(super) fn of_options(key: &'static str, span: Range<usize>) -> Self {
        Self { key, span, of: Of::Options }
    }

    pub(super) fn of_legs(key: &'static str, span: Range<usize>) -> Self {
        Self { key, span, of: Of::Legs }
    }
}

/// Which trades rest in the book, and whether a venue may force some of them at the market.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Takers {
    linear: Sides,
    options: Sides,
    /// Of options, those of the book left out.
    option_legs: Sides,
}

/// On which sides of the book some trades are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sides {
    n_makers: usize,
    n_takers: usize,
}

impl Sides {
    fn add(&mut self, liquidity: Liquidity) {
        match liquidity {
            Liquidity::Maker => self.n_makers += 1,
            Liquidity::Taker => self.n_takers += 1,
        }
    }

    fn and(self, other: Self) -> Self {
        Self { n_makers: self.n_makers + other.n_makers, n_takers: self.n_takers + other.n_takers }
    }

    fn all_rest(self) -> bool {
        self.n_makers > 0 && self.n_takers == 0
    }
}

impl Takers {
    /// Those of a scenario; `can_force`: its venue may close legs.
    pub(crate) fn of(
        costs: &CostsSpec,
        (specs, book): (&[StrategySpec], &[BookLine]),
        can_force: bool,
    ) -> Self {
        let mut all = Self::default();
        for leg in specs.iter().flat_map(|spec| &spec.legs) {
            let sides = if leg.with.is_option() { &mut all.option_legs } else { &mut all.linear };
            sides.add(leg.liquidity.unwrap_or(costs.liquidity));
            if can_force {
                sides.add(Liquidity::Taker);
            }
        }
        all.options = all.option_legs;
        if book.iter().any(BookLine::holds_options) {
            all.options.add(costs.liquidity);
        }
        all
    }

    fn all_rest(self, of: Of) -> bool {
        match of {
            Of::Linear => self.linear.all_rest(),
            Of::Options => self.options.all_rest(),
            Of::Legs => self.linear.and(self.option_legs).all_rest(),
        }
    }

    /// Whether every trade in spot, perps and futures rests.
    pub(crate) fn all_linear_rest(self) -> bool {
        self.all_rest(Of::Linear)
    }

    /// Whether every trade in options rests.
    pub(crate) fn all_options_rest(self) -> bool {
        self.all_rest(Of::Options)
    }

    /// Refuses half-spreads, slippage and impact that nobody is charged, for all orders rest.
    ///
    /// # Errors
    /// [`SettingError`] with the place of the first.
    pub(crate) fn check(self, costs: &CostsSpec) -> Result<(), SettingError> {
        let Some(charge) = costs.charges.iter().find(|charge| self.all_rest(charge.of)) else {
            return Ok(());
        };
        let what = match charge.of {
            Of::Linear => "hedges in spot, perps and futures",
            Of::Options => "trades in options",
            Of::Legs => "hedges",
        };
        let message = format!(
            "`{}` has no effect: all {what} rest in the book (`liquidity = \"maker\"`), and what rests is charged no half-spread and no slippage; remove it, or let a leg say `liquidity = \"taker\"`",
            charge.key
        );
        Err(SettingError::at(charge.span.clone(), message))
    }
}
