//! Files to markets, with a verdict on their quality.
//!
//! [`load`] reads what a scenario's `[market]` table asks for; [`sample`] is the embedded history; [`check_files`] judges
//! files of which nothing is declared; [`import`] streams them into one canonical schema, which needs no declaration when
//! it is loaded; [`write_sample`] shows that schema; [`write_parquet`] writes a table whose columns carry their units.
//!
//! **Architecture invariants:** the only crate that knows file formats and Polars; no Polars type in its interface. Bad
//! rows are counted in [`Quality`](hedgerow_core::Quality), never repaired silently. Whatever is unknown is `None`.
//!
//! # From a file to a row
//!
//! 1. *Open*: plain, gzip, zstandard or zip, told by content.
//! 2. *Plan*: the format says where the columns stand and what its stamps are ([`FORMATS`]).
//! 3. *Read*: Polars, each column in its own type; where any cell is odd, cell by cell, with its line.
//! 4. *Clean*: units told or checked, unusable rows dropped.
//! 5. *Join*: several files of one series, sorted, one row per stamp; a bar's stamp becomes its **end**.
//! 6. *Judge*: detectors fold over the rows: gaps, spikes, jumps, lost pages, swapped columns and the like.
//! 7. *Assemble*: the newest figure not later than each row and no older than the staleness limit. Never a later one.
//!
//! Import and check stream the same steps block by block, so that memory does not grow with the files.
//!
//! ```
//! let loaded = hedgerow_data::sample();
//! assert_eq!(loaded.market.n_rows(), 1625);
//! assert_eq!(loaded.market.time()[0].to_string(), "2020-01-02T00:00:00Z");
//! ```

mod align;
mod assemble;
mod atomic;
mod bars;
mod canonical;
mod chains;
mod check;
mod clean;
mod coverage;
mod days;
mod error;
mod expand;
mod findings;
mod formats;
mod frame;
mod futures;
mod hostile;
mod identity;
mod import;
mod instruments;
mod judge;
mod keys;
mod listed;
mod load;
mod pairs;
mod perps;
mod quarterlies;
mod read;
mod recognise;
mod rows;
mod sample;
mod schema;
mod sequence;
mod series;
mod sheet;
mod source;
mod stamp_units;
mod terms;
mod traps;
mod units;
mod window;
mod write;

pub use chains::{ChainPlan, LoadedChain, load_chains};
pub use check::{Checked, check_file, check_files};
pub use coverage::check_coverage;
pub use error::{ContractError, DataError, FileError};
pub use formats::{FORMATS, Format, FormatName};
pub use futures::describe_rolls;
#[doc(hidden)]
pub use hostile::{Hostile, read_hostile};
pub use import::{ImportProgress, Imported, ImportedFile, import};
pub use instruments::{Named, named};
pub use load::{Loaded, load, sample};
pub use sample::write_sample;
pub use sheet::{Sheet, SheetCells, SheetColumn, read_sheet, write_table};
pub use source::{
    BarLabel, ColumnNames, Currency, Declared, DeclaredFunding, DeclaredFutures, GridStep, Instant,
    MarketSource, Mode, PerpPrice, Sample, SeriesKind, SeriesSpec, Span, TimeUnit, Until,
    ValueUnit, Zone,
};
pub use window::Window;
pub use write::{read_parquet_numbers, write_parquet};
