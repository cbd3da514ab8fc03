//! Ledgers to statistics, tables, charts and one page.
//!
//! ```text
//! Run --measure--> Report --summary_json, comparison, charts, html--> text and pictures
//! Quality --quality_json, quality_charts, quality_page--> the verdict on data, as text and pictures
//! SurfaceReport --surface_charts, surface_page--> smiles, as text and pictures
//! ```
//!
//! **Architecture invariants:** never changes a number; unknown is `None`, `null` or `n/a`, never 0, and NaN is never
//! written; writes no file, knows no clock; the same run gives the same bytes with any number of threads.
//!
//! Conventions: USD; a year of 365 days; daily equity is that of the last row of each UTC day, a midnight row belonging
//! to the day it ends; a cost is positive when paid; a drawdown is a positive fraction of the peak.

mod account;
mod charts;
mod comparison;
mod costs;
mod event_table;
pub mod format;
mod grid;
mod html;
mod json;
mod ledger_table;
mod measure;
pub mod metrics;
mod path;
mod pla;
mod presence;
mod quality_json;
mod run;
mod sample;
mod smiles;
pub mod stats;
mod unknown;

pub use account::{AccountEventReport, AccountReport};
pub use charts::{Chart, charts, quality_charts, surface_charts};
pub use comparison::{Comparison, comparison};
pub use costs::Costs;
pub use event_table::account_events_table;
pub use grid::Grid;
pub use html::{html, quality_page, surface_page, surface_verdicts};
pub use json::summary_json;
pub use ledger_table::ledger_table;
pub use measure::{Episode, Estimate, LegSummary, Report, StrategyReport, Verdict, measure};
pub use metrics::{METRICS, Metric, Unit};
pub use path::Path;
pub use pla::{Agreement, Attribution, NoAttribution, Zone};
pub use quality_json::quality_json;
pub use run::{Bootstrap, Run};
pub use sample::Sample;
pub use smiles::{
    QuotedVol, ShownError, ShownMiss, ShownOutside, SmileFit, SnapshotFit, SurfaceReport,
};
pub use stats::bootstrap::Interval;
pub use unknown::Unknown;
