//! The vol that explains a price.
//!
//! The inversion itself is Jäckel's (*Let's Be Rational*, Wilmott 2015), as the crate `implied-vol` has it: two Householder
//! steps from a rational guess, to the last digits that the price allows. An error of ε in the price is one of ε / vega in
//! the vol. The side out of the money is inverted: the intrinsic value is taken off first.
//!
//! Prices are undiscounted: divide a discounted one by e^(−rT) first.

use hedgerow_core::OptionKind;
use implied_vol::{DefaultSpecialFn, ImpliedBlackVolatility, ImpliedNormalVolatility};

use crate::input_error::{InputError, finite, not_negative, positive};
use crate::number_text::number_text;

/// Why a price has no implied vol.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ImpliedVolError {
    /// A number that is no price, strike or time.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The option expires now: its price says nothing of vol.
    #[error("no time is left to expiry, so the price {} implies no vol", number_text(*.price))]
    NoTimeLeft {
        /// As given.
        price: f64,
    },
    /// Less than the option is worth when exercised: an arbitrage or a stale quote.
    #[error("price {} is below the intrinsic value {}", number_text(*.price), number_text(*.intrinsic))]
    BelowIntrinsic {
        /// As given.
        price: f64,
        /// max(w (F − K), 0), in the units of the price.
        intrinsic: f64,
    },
    /// The intrinsic value and no more: every vol that is small enough gives this price.
    #[error("price {} has no time value, so it implies no single vol", number_text(*.price))]
    NoTimeValue {
        /// As given.
        price: f64,
    },
    /// What no vol can reach.
    #[error(
        "price {} is not below {}, the most a {} can be worth",
        number_text(*.price), number_text(*.bound), kind.name()
    )]
    AboveBound {
        /// Call or put.
        kind: OptionKind,
        /// As given.
        price: f64,
        /// Forward for a call, strike for a put, in the units of the price.
        bound: f64,
    },
    /// The vol exists, but not as a double.
    #[error("price {} implies a vol that no number of 64 bits can hold", number_text(*.price))]
    NotRepresentable {
        /// As given.
        price: f64,
    },
}

/// Black vol, annualised and decimal, of an undiscounted option price in USD per coin of underlying.
///
/// # Errors
/// [`ImpliedVolError`], with a kind for each impossible input.
///
/// ```
/// # use hedgerow_greeks::{OptionKind, ImpliedVolError, implied_vol};
/// let vol = implied_vol(OptionKind::Put, 60_000.0, 55_000.0, 30.0 / 365.0, 2_223.880_741_812_16)?;
/// assert!((vol - 0.65).abs() < 1e-14);
/// # Ok::<(), ImpliedVolError>(())
/// ```
pub fn implied_vol(
    kind: OptionKind,
    forward: f64,
    strike: f64,
    years: f64,
    price: f64,
) -> Result<f64, ImpliedVolError> {
    positive("forward", forward)?;
    positive("strike", strike)?;
    let bound = match kind {
        OptionKind::Call => forward,
        OptionKind::Put => strike,
    };
    let time_value = time_value(kind, forward - strike, years, price)?;
    if price >= bound || time_value >= forward.min(strike) {
        return Err(ImpliedVolError::AboveBound { kind, price, bound });
    }
    // The option on the other side of the forward has this price by parity.
    let otm_call = strike >= forward;
    ImpliedBlackVolatility::builder()
        .forward(forward)
        .strike(strike)
        .expiry(years)
        .is_call(otm_call)
        .option_price(time_value)
        .build()
        .and_then(|quote| quote.calculate::<DefaultSpecialFn>())
        .filter(|vol| vol.is_finite() && *vol > 0.0)
        .ok_or(ImpliedVolError::NotRepresentable { price })
}

/// Black vol of an inverse option's price in coins: that of the price times the forward.
///
/// # Errors
/// As [`implied_vol`](implied_vol()); prices, intrinsic values and bounds in the error are in coins.
///
/// ```
/// # use hedgerow_greeks::{OptionKind, ImpliedVolError, coin_implied_vol};
/// let vol = coin_implied_vol(OptionKind::Call, 60_000.0, 65_000.0, 30.0 / 365.0, 0.042_662_363_796_086_96)?;
/// assert!((vol - 0.65).abs() < 1e-14);
/// # Ok::<(), ImpliedVolError>(())
/// ```
pub fn coin_implied_vol(
    kind: OptionKind,
    forward: f64,
    strike: f64,
    years: f64,
    price: f64,
) -> Result<f64, ImpliedVolError> {
    let in_coins = |error| match error {
        ImpliedVolError::NoTimeLeft { .. } => ImpliedVolError::NoTimeLeft { price },
        ImpliedVolError::BelowIntrinsic { intrinsic, .. } => {
            ImpliedVolError::BelowIntrinsic { price, intrinsic: intrinsic / forward }
        }
        ImpliedVolError::NoTimeValue { .. } => ImpliedVolError::NoTimeValue { price },
        ImpliedVolError::AboveBound { kind, bound, .. } => {
            ImpliedVolError::AboveBound { kind, price, bound: bound / forward }
        }
        ImpliedVolError::NotRepresentable { .. } => ImpliedVolError::NotRepresentable { price },
        ImpliedVolError::Input(_) => error,
    };
    finite("price", price)?;
    implied_vol(kind, forward, strike, years, price * forward).map_err(in_coins)
}

/// Bachelier vol, USD per coin and √year, of an undiscounted option price; forward and strike may have any sign.
///
/// # Errors
/// As [`implied_vol`](implied_vol()), but that no price is too high.
///
/// ```
/// # use hedgerow_greeks::{OptionKind, ImpliedVolError, normal_implied_vol};
/// let vol = normal_implied_vol(OptionKind::Call, 100.0, 90.0, 1.0, 13.955_931_148_026_121)?;
/// assert!((vol - 20.0).abs() < 1e-12);
/// # Ok::<(), ImpliedVolError>(())
/// ```
pub fn normal_implied_vol(
    kind: OptionKind,
    forward: f64,
    strike: f64,
    years: f64,
    price: f64,
) -> Result<f64, ImpliedVolError> {
    finite("forward", forward)?;
    finite("strike", strike)?;
    let time_value = time_value(kind, forward - strike, years, price)?;
    ImpliedNormalVolatility::builder()
        .forward(forward)
        .strike(strike)
        .expiry(years)
        .is_call(strike >= forward)
        .option_price(time_value)
        .build()
        .and_then(|quote| quote.calculate::<DefaultSpecialFn>())
        .filter(|vol| vol.is_finite() && *vol > 0.0)
        .ok_or(ImpliedVolError::NotRepresentable { price })
}

/// Price less intrinsic value, positive; `ahead` is forward less strike.
fn time_value(
    kind: OptionKind,
    ahead: f64,
    years: f64,
    price: f64,
) -> Result<f64, ImpliedVolError> {
    finite("price", price)?;
    not_negative("years", years)?;
    if years == 0.0 {
        return Err(ImpliedVolError::NoTimeLeft { price });
    }
    let intrinsic = (kind.sign() * ahead).max(0.0);
    if price < intrinsic {
        return Err(ImpliedVolError::BelowIntrinsic { price, intrinsic });
    }
    let time_value = price - intrinsic;
    if time_value > 0.0 { Ok(time_value) } else { Err(ImpliedVolError::NoTimeValue { price }) }
}
