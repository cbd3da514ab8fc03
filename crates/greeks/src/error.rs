//! What can prevent a book from being valued.

use hedgerow_core::Timestamp;

use crate::strike::strike_text;

/// Why a vol column could not be made or a book could not be valued.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GreeksError {
    /// The market has no column for the vol model.
    #[error(
        "{asset}: vol model `{model}` needs a DVOL column, the market has {known}; \
         add one under [market], or use `realised` or `constant`"
    )]
    NoVolColumn {
        /// Ticker.
        asset: String,
        /// Name of the vol model.
        model: &'static str,
        /// Vol columns of the asset, or `none`.
        known: String,
    },
    /// A price column that an estimator needs is absent.
    #[error(
        "{asset}: estimator `{estimator}` needs high and low prices, the market has no `{column}` column; \
         map one under [market], or use `ewma`"
    )]
    NoPriceColumn {
        /// Ticker.
        asset: String,
        /// Name of the estimator.
        estimator: &'static str,
        /// `high` or `low`.
        column: &'static str,
    },
    /// A delta that learns from options has none to learn from.
    #[error(
        "{asset}: delta `{delta}` learns from an option chain, the market has none; add one under [market], or use \
         `black_scholes`"
    )]
    NoChain {
        /// Ticker.
        asset: String,
        /// Name of the delta.
        delta: &'static str,
    },
    /// A vol model of quotes has none.
    #[error(
        "{asset}: vol model `{model}` needs an option chain, the market has none; add one under [market], or use `dvol`, \
         `realised` or `constant`"
    )]
    NoChainForVol {
        /// Ticker.
        asset: String,
        /// Name of the vol model.
        model: &'static str,
    },
    /// A listed option is to be opened where none is quoted.
    #[error(
        "{line}: at {time} no option is quoted that could be opened ({wanted}); leave out `listed`, change `from`, or give \
         the chain a longer `staleness`"
    )]
    NotListed {
        /// The line, `short 10 BTC straddle`.
        line: String,
        /// When it was to be opened.
        time: Timestamp,
        /// What was looked for.
        wanted: String,
    },
    /// A high price below the low price of the same bar.
    #[error("{asset}: row {row} ({time}): high {high} is below low {low}")]
    HighBelowLow {
        /// Ticker.
        asset: String,
        /// From 0.
        row: usize,
        /// The row's time.
        time: Timestamp,
        /// USD per coin.
        high: f64,
        /// USD per coin.
        low: f64,
    },
    /// An estimate plus its premium is not a vol.
    #[error(
        "{asset}: row {row} ({time}): realised vol with its premium is {found_percent:.2} %, expected a positive \
         number; raise `premium_points` or lengthen the window"
    )]
    VolNotPositive {
        /// Ticker.
        asset: String,
        /// From 0.
        row: usize,
        /// The row's time.
        time: Timestamp,
        /// Per cent.
        found_percent: f64,
    },
    /// An option is to be valued where no vol is known.
    #[error(
        "{asset}: vol model `{model}` has no vol at {time}, where an option is valued; {remedy}"
    )]
    VolUnknown {
        /// Ticker.
        asset: String,
        /// Name of the vol model.
        model: String,
        /// The first such row's time.
        time: Timestamp,
        /// What to do.
        remedy: String,
    },
    /// An option lives so long at such a rate that its discount factor is no number.
    #[error(
        "{line}: an option from {opened} to {expiry} cannot be discounted at a rate of {rate} a year: |rate x years| must be \
         at most 700; lower the rate or bring the expiry forward"
    )]
    Discount {
        /// The line, `short 10 BTC straddle`.
        line: String,
        /// When it is opened.
        opened: Timestamp,
        /// When it expires.
        expiry: Timestamp,
        /// Continuous, per year.
        rate: f64,
    },
    /// A fixed expiry is not after the first row.
    #[error(
        "{line}: expiry before the data: the option expires {expiry}, the first row is {first}; \
         choose a later `expiry` or an earlier `from`"
    )]
    ExpiryBeforeData {
        /// The line, `short 10 BTC straddle`.
        line: String,
        /// As typed.
        expiry: Timestamp,
        /// Time of the first row.
        first: Timestamp,
    },
    /// A fill that no row can be matched to.
    #[error(
        "{place}: the fill of {instrument} at {time} is outside the market, whose rows run from {first} to {last}; widen \
         the market and `from` and `to`, or leave the fill out"
    )]
    FillOutsideData {
        /// Where it was read.
        place: String,
        /// As the venue calls the contract.
        instrument: String,
        /// When it was made.
        time: Timestamp,
        /// Time of the first row.
        first: Timestamp,
        /// Time of the last row.
        last: Timestamp,
    },
    /// A fill of an option that has expired at the row it is matched to.
    #[error(
        "{place}: {instrument} expired {expiry}, and the first row at or after the fill at {time} is {row}; leave the fill \
         out, or give the market closer rows"
    )]
    FillExpired {
        /// Where it was read.
        place: String,
        /// As the venue calls the contract.
        instrument: String,
        /// When it was made.
        time: Timestamp,
        /// The first row at or after it.
        row: Timestamp,
        /// When the contract expires.
        expiry: Timestamp,
    },
    /// The strikes of one programme are in the wrong order.
    #[error(
        "{line}: at {time} the strike of `{lower}` is {} and that of `{upper}` is {}; \
         `{lower}` must be below `{upper}`",
        strike_text(*lower_usd),
        strike_text(*upper_usd)
    )]
    StrikeOrder {
        /// The line, `long 1 BTC put_spread`.
        line: String,
        /// When it was to be opened.
        time: Timestamp,
        /// Key of the strike that must be lower.
        lower: &'static str,
        /// USD per coin.
        lower_usd: f64,
        /// Key of the strike that must be higher.
        upper: &'static str,
        /// USD per coin.
        upper_usd: f64,
    },
}
