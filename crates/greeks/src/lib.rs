//! Markets and books to exposures: what a book is worth at every row, and how it moves.
//!
//! ```text
//! Market + [vol] ──▶ VolMarks ─┐
//! [[book]] ──resolve──▶ BookLine ─┴─value──▶ Exposure
//! ```
//!
//! Value and slopes depend on the market, never on the hedge: they are computed once, as columns, in parallel over
//! positions.
//!
//! **Architecture invariant:** knows nothing of hedging or cost. A row is valued from rows no later than itself.
//!
//! To add a programme, add a line to [`PROGRAMMES`]; to add a vol model, add a file under `vol/` and a line to [`VOLS`];
//! to add a delta, a file under `delta/` and a line to [`DELTAS`].
//!
//! # Conventions
//!
//! European options in the Black-Scholes world, ACT/365F years. One vol per asset and row (no smile, no term structure)
//! and carry equal to the USD rate, or with the vol model `surface` a vol and a carry for each option and row. Vega per
//! 1.00 of vol, theta per year. A coin-settled option is worth its USD value over the spot, in coins.

mod bachelier;
mod bachelier_slopes;
mod batch;
mod black76;
mod black_scholes;
mod book;
mod book_delta;
mod book_text;
pub mod delta;
mod digital;
mod digital_slopes;
mod error;
mod explain;
mod far;
mod fills;
mod gauss_kronrod;
mod heston;
mod heston_slopes;
mod higher_greeks;
mod higher_slopes;
mod implied_batch;
mod implied_kernel;
mod implied_vol;
mod input_error;
pub mod inverse;
mod kernel;
pub mod linear;
mod listed;
mod margin;
mod marks;
mod merton_jump;
mod merton_slopes;
mod normal;
mod number_text;
mod perpetual;
mod position;
mod programmes;
mod quoted_delta;
mod schedule;
mod scheduled;
mod sensitivities;
pub mod settlement_window;
pub mod smile;
mod spec;
mod strike;
mod surface;
mod table;
mod value;
mod variance_swap;
mod vector_math;
pub mod venue_units;
mod vol;

pub use bachelier::{NormalGreeks, NormalTerms, bachelier};
pub use bachelier_slopes::bachelier_slopes;
pub use batch::{BatchError, GreekColumns, OptionColumns, PerOption, black_scholes_batch};
pub use black_scholes::{Greeks, Terms, black_scholes};
pub use black76::black76;
pub use book::{BookLine, Life, Listing, OptionLine, resolve, resolve_unit};
pub use book_delta::book_delta;
pub use delta::{DELTAS, Deltas, HedgeDelta, OptionPath, Past};
pub use digital::{DigitalPayoff, digital};
pub use digital_slopes::digital_slopes;
pub use error::GreeksError;
pub use explain::{EXPLAINED_LINES, Move, explain};
pub use fills::{Fill, FillLine, Unmatched, fill_row};
pub use hedgerow_core::{OptionKind, PaidIn};
pub use heston::{Heston, HestonGreeks, HestonTerms, heston};
pub use heston_slopes::{HestonSlopes, heston_slopes};
pub use higher_greeks::{HigherGreeks, higher_greeks};
pub use higher_slopes::{HigherSlopes, black_scholes_slopes};
pub use implied_batch::{ImpliedVols, PriceColumns, implied_vol_batch};
pub use implied_vol::{ImpliedVolError, coin_implied_vol, implied_vol, normal_implied_vol};
pub use input_error::InputError;
pub use margin::{MarginOfOptions, option_margin};
pub use marks::{MarkBy, OptionMark, Smiles};
pub use merton_jump::{Jumps, merton_jump};
pub use merton_slopes::merton_slopes;
pub use perpetual::{FundingClock, PerpetualTerms, perpetual_price};
pub use programmes::{OptionRule, PROGRAMMES, Programme, StrikeKey};
pub use quoted_delta::{DeltaTerms, QuotedDelta};
pub use sensitivities::Sensitivities;
pub use spec::{BookSpec, OptionSpec, Side};
pub use strike::{Strike, strike_for_delta};
pub use surface::{RefusedExpiry, Slice, Smile, Surface, SurfaceHistory, SurfaceSummary};
pub use table::{
    Cells, Model, OptionTable, Parameter, PricedRow, PricedTable, RowError, TableError, price_table,
};
pub use value::{Valued, value};
pub use variance_swap::{StripOption, VarianceSwapError, fair_variance, log_contract_weights};
pub use vol::{VOLS, VolMarks, VolModel};
