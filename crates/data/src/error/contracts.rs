//! Option chains and contracts that cannot be used.

use super::number_text;

/// What is wrong with a chain, or with what is told of a contract.
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    /// Vols that no unit makes sense of.
    #[error(
        "`{file}`, column `vol`: a typical vol of {} is neither a fraction (0.55) nor per cent (55); check which column holds the vol",
        number_text(*typical)
    )]
    Vols {
        /// The file.
        file: String,
        /// Median as it stands in the file.
        typical: f64,
    },
    /// What a file tells of a contract is not what its name says.
    #[error("{place}: the {what} of `{name}` is {told}, but its name says {named}")]
    Contradiction {
        /// `` `chain.csv` line 7 ``.
        place: String,
        /// The contract.
        name: String,
        /// `kind`, `strike`, `expiry`, …
        what: &'static str,
        /// As told.
        told: String,
        /// As named.
        named: String,
    },
    /// No quote of a chain is of before its option's expiry.
    #[error(
        "`{file}`: all {n_quotes} quotes of the {wanted} are stamped at or after the expiry of their option; check the column and the zone of the stamps; first: {first}"
    )]
    AllExpired {
        /// The file, or several.
        file: String,
        /// `BTC option chain`.
        wanted: String,
        /// Quotes that were read.
        n_quotes: usize,
        /// The earliest of them, with its place.
        first: String,
    },
    /// No row of a chain names an option.
    #[error(
        "`{file}` has no {wanted}: {n_rows} rows name no option; first: {first}; expected names such as `BTC-27MAR26-60000-C`, with a positive strike, or columns of kind, strike and expiry, with `asset` and with `paid_in` declared"
    )]
    NoOption {
        /// The file, or several.
        file: String,
        /// `BTC option chain`.
        wanted: String,
        /// Rows without a name that can be read.
        n_rows: usize,
        /// `` line 2: `BTC-27MAR26--1-C` ``.
        first: String,
    },
    /// A file holds nothing of what is asked for.
    #[error("`{file}` has no {wanted}; it has: {}", if found.is_empty() { "nothing of that kind".to_owned() } else { found.join(", ") })]
    NothingOf {
        /// The file, or several.
        file: String,
        /// `BTC option chain`.
        wanted: String,
        /// Coins of which there is something.
        found: Vec<String>,
    },
    /// A file holds something else than an option chain.
    #[error(
        "`{file}` holds {found}, expected an option chain; if it is one, say so with `is = \"option_chain\"` and name its columns"
    )]
    NoChain {
        /// The file.
        file: String,
        /// `spot`, `vol`, `future`, …
        found: &'static str,
    },
    /// Options on several coins where one is wanted.
    #[error("the files hold options on {}; choose one with `asset`", found.join(" and "))]
    Underlyings {
        /// The coins, at least two.
        found: Vec<String>,
    },
    /// Something about a contract is not known.
    #[error(
        "the {what} of `{name}` is not known; declare it with `{key} = …`, or add a series with `is = \"instruments\"`"
    )]
    UnknownTerm {
        /// The contract.
        name: String,
        /// `size`, `expiry`.
        what: &'static str,
        /// The key that declares it.
        key: &'static str,
    },
    /// Prices of options are in another currency than they are read as.
    #[error(
        "{series}: marks are {ratio:.2e} times what their own vol and forward make them when read as paid in {paid_in}; {remedy}"
    )]
    Marks {
        /// The series.
        series: String,
        /// Median of mark over a rough value.
        ratio: f64,
        /// `coin` or `usd`.
        paid_in: &'static str,
        /// What to do.
        remedy: String,
    },
}
