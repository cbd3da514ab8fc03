//! The nouns of Hedgerow.
//!
//! ```text
//! raw files --load--> Market --value--> Exposure --hedge--> Ledger --measure--> reports/
//! ```
//!
//! **Architecture invariant:** no I/O, no clock, no randomness, no other crate of this workspace.
//!
//! # Units and signs
//!
//! | word | unit and sign |
//! |---|---|
//! | `time` | UTC, milliseconds since 1970; a bar is known at its **end**, and that is its row's time |
//! | `years` | ACT/365F, see [`Timestamp::years_since`] |
//! | `spot`, `strike` | USD per coin |
//! | `vol` | annualised, decimal (0.65), per square root of a 365-day year |
//! | `value`, `cash_flow` | USD; a cash flow is positive when the book receives it |
//! | `coin_flow` | coins; positive when the book receives them |
//! | `delta`, `gamma` | coins; coins per USD |
//! | `vega`, `theta` | USD per 1.00 of vol; USD per year |
//! | `held`, `traded` | units of the instrument (coins; 1 USD of notional for an inverse perp); `+` is long or bought |
//! | `carry` | USD received by one **long** unit over the row; a positive funding rate makes it negative |
//! | `fee`, `spread`, `slippage` | USD, never negative, subtracted from equity |
//! | funding `rate` | fraction of notional per stamp; positive means longs pay shorts |

mod chain;
mod contract;
mod error;
mod explained;
mod exposure;
mod extremes;
mod future;
mod half_spread;
mod ledger;
mod margin;
mod market;
mod option_margin;
mod quality;
pub mod registry;
mod table;
mod time;
mod track;
mod units;

pub use chain::{Chain, Quote};
pub use contract::{ContractTerms, OptionContract, OptionKind, PaidIn};
pub use error::MarketError;
pub use explained::{Explained, GREEK_LINES, Line};
pub use exposure::{
    Agreed, DeltaColumn, Exposure, Grade, GradeCounts, OptionTrade, OptionTradeKind, Slopes,
};
pub use future::{ContinuousFuture, Future, Roll};
pub use half_spread::HalfSpread;
pub use ledger::{Ledger, LegLedger, ROUNDING_UNITS};
pub use margin::{AccountEvent, AccountEventKind, BookClosed, Found, MarginLedger};
pub use market::{AssetColumns, Contract, FundingEvent, Market, Tradable, VolColumn};
pub use option_margin::{
    OptionMargin, OptionMarginAsk, OptionMarginAt, Shock, ShortOptionRates, VolShock,
};
pub use quality::{Coverage, Defect, Finding, MAX_MARKS, Mark, Quality, SeriesQuality, Severity};
pub use table::{Cells, Column, Table};
pub use time::{DAYS_PER_YEAR, MILLIS_PER_DAY, Timestamp};
pub use track::{Fills, OptionFee, RollSide, Rolls, Series, Settlement, Track, UnitCost};
pub use units::{Bps, Percent};
