//! What a perpetual future is worth when its funding and both interest rates are constant.
//!
//! Ackerer, Hugonnier and Jermann, *Perpetual Futures Pricing*, 2024, propositions 1 to 4. With S the spot, r and q the
//! continuous USD and coin rates, k the funding intensity and i the interest part of the funding, per funding interval Δ:
//!
//! ```text
//! linear,  funded on the spot before:  S (k−i) e^(qΔ) / (e^(qΔ) − e^(rΔ) + k e^(qΔ))
//! linear,  funded on the spot now:     S (k−i) e^(rΔ) / (e^(qΔ) − e^(rΔ) + k e^(rΔ))
//! inverse, funded on the spot before:  S (e^(rΔ) − e^(qΔ) + k e^(rΔ)) / ((k−i) e^(rΔ))
//! inverse, funded on the spot now:     S (e^(rΔ) − e^(qΔ) + k e^(qΔ)) / ((k−i) e^(qΔ))
//! continuous funding:                  linear S (k−i)/(q−r+k)        inverse S (r−q+k)/(k−i)
//! ```
//!
//! In the continuous form k and i are per year. Checked against the numbers of `QuantLib` (perpetualfutures.cpp).

use hedgerow_core::PaidIn;

use crate::input_error::{InputError, finite, positive};

/// When funding is exchanged, and on which spot price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FundingClock {
    /// Every `years`, on the spot price at the beginning of the interval.
    SpotBefore {
        /// Length of the interval.
        years: f64,
    },
    /// Every `years`, on the spot price at the end of the interval.
    SpotNow {
        /// Length of the interval.
        years: f64,
    },
    /// All the time.
    Continuous,
}

/// What a perpetual depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PerpetualTerms {
    /// S: USD per coin, positive.
    pub spot: f64,
    /// r: continuous USD rate per year, decimal.
    pub rate: f64,
    /// q: continuous rate that the coin earns per year, decimal.
    pub coin_rate: f64,
    /// k: part of the premium that is paid per interval (per year when continuous), above the interest part.
    pub intensity: f64,
    /// i: interest part of the funding per interval (per year when continuous), decimal.
    pub interest: f64,
}

/// Fair price in USD per coin; formulas in the module's head.
///
/// # Errors
/// [`InputError`] when a number is not finite, the spot or the interval not positive, or when funding is too weak to hold
/// the price (k ≤ i, or a denominator that is not positive): then no finite fair price exists.
///
/// ```
/// # use hedgerow_greeks::{FundingClock, PaidIn, PerpetualTerms, perpetual_price};
/// let terms = PerpetualTerms { spot: 10_000.0, rate: 0.04, coin_rate: 0.02, intensity: 0.2, interest: 0.005 };
/// let linear = perpetual_price(PaidIn::Usd, FundingClock::Continuous, terms);
/// assert!((linear.unwrap() - 10_833.333_333_333_332).abs() < 1e-8);
/// ```
pub fn perpetual_price(
    paid_in: PaidIn,
    clock: FundingClock,
    terms: PerpetualTerms,
) -> Result<f64, InputError> {
    let PerpetualTerms { spot, rate, coin_rate, intensity, interest } = terms;
    positive("spot", spot)?;
    finite("rate", rate)?;
    finite("coin rate", coin_rate)?;
    finite("interest", interest)?;
    finite("intensity", intensity)?;
    positive("intensity less interest", intensity - interest)?;
    let net = intensity - interest;
    // With `own` the growth of the spot price that funding is reckoned on, one form covers both discrete clocks.
    let (gap, own) = match clock {
        FundingClock::Continuous => (coin_rate - rate, 1.0),
        FundingClock::SpotBefore { years } | FundingClock::SpotNow { years } => {
            positive("funding interval", years)?;
            let (usd, coin) = ((rate * years).exp(), (coin_rate * years).exp());
            let own = match (clock, paid_in) {
                (FundingClock::SpotBefore { .. }, PaidIn::Usd)
                | (FundingClock::SpotNow { .. }, PaidIn::Coin) => coin,
                _ => usd,
            };
            (coin - usd, own)
        }
    };
    let price = match paid_in {
        PaidIn::Usd => {
            let pull = gap + intensity * own;
            positive("funding pull", pull)?;
            spot * net * own / pull
        }
        PaidIn::Coin => {
            let pull = intensity * own - gap;
            positive("funding pull", pull)?;
            spot * pull / (net * own)
        }
    };
    finite("perpetual price", price)?;
    Ok(price)
}
