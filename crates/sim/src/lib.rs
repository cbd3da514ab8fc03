//! Exposures and hedging legs to ledgers.
//!
//! A [`Strategy`] is a list of [`Leg`]s. A leg says with what it hedges ([`Track`](hedgerow_core::Track)), against what
//! ([`Against`]), how much ([`ratio`]), and when and how far it trades ([`rehedge`]). Legs run one after another: each
//! sees the delta of the book plus the legs before it.
//!
//! **Architecture invariants:** knows delta, gamma and vega, not options; a rule never sees a later row; sequential in
//! time, parallel over strategies; no allocation per row.

pub mod costs;
pub mod fees;
pub mod funding_formula;
pub mod margin;
pub mod ratio;
pub mod rehedge;

mod account;
mod account_leg;
mod bar_spread;
mod basket;
mod cheapest;
mod cost_schedule;
mod desk;
mod execution;
mod explain;
mod fill;
mod future_track;
mod leg;
mod linear;
mod market_cost;
mod nets;
mod option_leg;
mod rolling;
mod simulate;
mod stop_track;
mod stops;
mod sweep;
mod unit;

pub use account::{
    Account, AccountTerms, BookCosts, MarginOf, MarginTerms, Penalty, Reduction, SpotMargin, Sweep,
    Then, TopUp,
};
pub use bar_spread::{BarSpreadError, Negatives, SpreadEstimator, SpreadFromBars};
pub use basket::Basket;
pub use cheapest::{Candidate, Cheapest, WithoutRate, basis_rate, funding_rate};
pub use cost_schedule::{CostSchedule, CostsByDate};
pub use costs::Costs;
pub use execution::Execution;
pub use funding_formula::{FUNDING_FORMULAS, FundingFormula};
pub use future_track::{FutureError, future_track};
pub use leg::{Against, DeltaKind, Leg};
pub use linear::{FillAt, linear_track};
pub use margin::{MARGINS, Margin, MarginModel};
pub use market_cost::{
    HalfSpreadError, Impact, OptionImpact, SpreadByVol, known_half_spread, known_vol,
    put_half_spread, vol_before,
};
pub use option_leg::option_track;
pub use ratio::{EquityNow, EquityRatio, RATIOS, Ratio, RatioColumn};
pub use rehedge::{Band, Hedge, Now, Place, RULES, Rehedge, Rule, To};
pub use simulate::{Strategy, simulate, simulate_all, simulate_all_on_terms, simulate_on_terms};
pub use stop_track::{StopError, stop_track};
pub use sweep::{Outcome, sweep, sweep_on_terms};
