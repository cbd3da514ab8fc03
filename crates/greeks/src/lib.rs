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
//! European options in the Black-Scholes world, ACT/365F years, one vol per asset and row (no smile, no term structure),
//! carry equal to the USD rate. Vega per 1.00 of vol, theta per year. A coin-settled option is worth its USD value over
//! the spot, in coins.

mod black_scholes;
mod book;
mod book_delta;
pub mod delta;
mod error;
mod explain;
pub mod inverse;
mod normal;
mod position;
mod programmes;
mod schedule;
pub mod smile;
mod spec;
mod strike;
mod surface;
mod value;
mod vol;

pub use black_scholes::{Greeks, Terms, black_scholes, black76};
pub use book::{BookLine, Life, OptionLine, resolve, resolve_unit};
pub use book_delta::book_delta;
pub use delta::{DELTAS, Deltas, HedgeDelta, OptionPath, Past};
pub use error::GreeksError;
pub use explain::{EXPLAINED_LINES, Move, explain};
pub use hedgerow_core::OptionKind;
pub use programmes::{OptionRule, PROGRAMMES, Programme, StrikeKey};
pub use spec::{BookSpec, OptionSettlement, OptionSpec, Side};
pub use strike::{Strike, strike_for_delta};
pub use surface::{RefusedExpiry, Slice, Smile, Surface, SurfaceHistory, SurfaceSummary};
pub use value::{Valued, value};
pub use vol::{VOLS, VolMarks, VolModel};
