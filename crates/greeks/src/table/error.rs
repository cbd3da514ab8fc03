//! Why a table of options, or a row of it, was not priced.

use hedgerow_core::PaidIn;

use crate::number_text::number_text;
use crate::{ImpliedVolError, InputError, Model};

/// Why a table means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A column that every table, or one of its models, needs.
    #[error("no column `{column}`; {needed}")]
    Missing {
        /// Its name, or the names of which one is needed.
        column: &'static str,
        /// By what.
        needed: &'static str,
    },
    /// Two columns that say the same in different ways.
    #[error("both `{first}` and `{second}` are given; leave one out")]
    Both {
        /// A column.
        first: &'static str,
        /// Another.
        second: &'static str,
    },
    /// Columns of different lengths.
    #[error("column `{column}` has {found} rows, `{other}` has {expected}")]
    Length {
        /// Which column.
        column: &'static str,
        /// Its length.
        found: usize,
        /// The first column with a cell per row.
        other: &'static str,
        /// Its length.
        expected: usize,
    },
}

/// Why a row has no numbers.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum RowError {
    /// A cell that the row needs.
    #[error("`{0}` is empty, and `{model}` needs it", model = .1.name())]
    Empty(&'static str, Model),
    /// A cell that every row needs.
    #[error("`{0}` is empty")]
    Blank(&'static str),
    /// A model that pays in something else.
    #[error("`{}` is not settled in {}", .0.name(), match .1 { PaidIn::Usd => "USD", PaidIn::Coin => "the coin" })]
    Settlement(Model, PaidIn),
    /// A number out of its range.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A price without a vol.
    #[error(transparent)]
    ImpliedVol(#[from] ImpliedVolError),
    /// A spot and a forward, and no carry that says how far they should be apart.
    #[error("`spot` and `forward` are both given, and no `carry` joins them; leave one empty")]
    SpotAndForward,
    /// A spot and a forward that are not one market.
    #[error(
        "`spot` is {} and `forward` is {}, but with `carry` the forward would be {}; leave one empty",
        number_text(*.spot),
        number_text(*.forward),
        number_text(*.expected)
    )]
    Apart {
        /// USD per coin.
        spot: f64,
        /// USD per coin.
        forward: f64,
        /// The forward that follows from spot and carry, USD per coin.
        expected: f64,
    },
    /// Neither a spot nor a forward.
    #[error("`spot` and `forward` are both empty")]
    NoUnderlying,
    /// The price of a model with a smile is made of many parameters.
    #[error(
        "a price does not imply the parameters of `{}`: leave `price` out; the vol that it implies is for `black76`, `bsm` or \
         `inverse` to tell",
        .0.name()
    )]
    SmilePrice(Model),
    /// Hagan's expansion gives no vol.
    #[error(
        "`sabr` gives no positive vol at this strike and expiry; its expansion does not reach so far"
    )]
    NoSabrVol,
    /// A value that the integration cannot tell from 0.
    #[error(
        "`heston` is worth less than {} USD here, the error of its integration: neither value nor slopes are known",
        number_text(*.error)
    )]
    BelowError {
        /// USD.
        error: f64,
    },
    /// The value of a digital rises and falls with vol: two vols may have one price.
    #[error("the price of `{}` does not imply one vol; give `vol`", .0.name())]
    DigitalPrice(Model),
    /// The numbers are valid, but a double cannot hold their result.
    #[error("the result is beyond what a number of 64 bits can hold")]
    Overflow,
}
