//! Variance swaps by replication of a log contract (Demeterfi, Derman, Kamal and Zou, *More Than You Ever Wanted to Know
//! About Volatility Swaps*, Goldman Sachs 1999, equations 26 to 29 and A 4 to A 8).
//!
//! With F the forward, S* the boundary between puts and calls, and V(K) undiscounted option values:
//!
//! ```text
//! variance = (2/T) [ln(F/S*) − (F/S* − 1)] + Σ w(K) V(K)
//! f(S)     = (2/T) [(S − S*)/S* − ln(S/S*)]            the payoff to replicate
//! w(K_n)   = [f(K_n+1) − f(K_n)] / |K_n+1 − K_n| − Σ_i<n w(K_i)       calls upward from S*, puts downward
//! ```
//!
//! The payoff is replaced by straight lines between strikes. Beyond the last strike it goes on for one more step as long
//! as the last one. The lines lie above f, so coarse strikes overstate the variance; missing wings understate it.

use crate::input_error::{InputError, finite, not_negative, positive};

/// An option in the strip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StripOption {
    /// USD per coin.
    pub strike: f64,
    /// Undiscounted value, USD per coin of underlying.
    pub value: f64,
}

/// Why a strip does not replicate a variance swap.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum VarianceSwapError {
    /// A number out of its range.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A wing of fewer than two strikes.
    #[error("the strip has {found} {kind} strikes, expected 2 or more, the first at the boundary")]
    TooFewStrikes {
        /// `put` or `call`.
        kind: &'static str,
        /// How many.
        found: usize,
    },
    /// A wing that does not start where the other one does.
    #[error("the first {kind} strike is {found}, expected the boundary {boundary}")]
    NotAtBoundary {
        /// `put` or `call`.
        kind: &'static str,
        /// USD per coin.
        found: f64,
        /// USD per coin.
        boundary: f64,
    },
    /// Strikes that do not move away from the boundary.
    #[error(
        "the {kind} strikes {before} and {found} follow each other, expected them to move away from the boundary"
    )]
    OutOfOrder {
        /// `put` or `call`.
        kind: &'static str,
        /// USD per coin.
        before: f64,
        /// USD per coin.
        found: f64,
    },
    /// Puts so far apart that one more step reaches zero.
    #[error(
        "the put strike after {last} would be {found}, expected a positive one; use a finer strip at its low end"
    )]
    NoRoomBelow {
        /// USD per coin.
        last: f64,
        /// USD per coin.
        found: f64,
    },
}

/// Fair variance per year, decimal: the square of the fair volatility. Formulas in the module's head.
///
/// `puts` runs downward and `calls` upward, both from the option at `boundary`.
///
/// # Errors
/// [`VarianceSwapError`] when a number is out of its range or the strikes are too few or out of order.
pub fn fair_variance(
    forward: f64,
    boundary: f64,
    years: f64,
    puts: &[StripOption],
    calls: &[StripOption],
) -> Result<f64, VarianceSwapError> {
    positive("forward", forward)?;
    positive("boundary", boundary)?;
    positive("years", years)?;
    let mut strip = 0.0;
    for (kind, wing) in [("put", puts), ("call", calls)] {
        let strikes: Vec<f64> = wing.iter().map(|option| option.strike).collect();
        let weights = strip_weights(kind, boundary, years, &strikes)?;
        for (option, weight) in wing.iter().zip(weights) {
            not_negative("option value", option.value)?;
            strip += weight * option.value;
        }
    }
    let ratio = forward / boundary;
    Ok(2.0 / years * (ratio.ln() - (ratio - 1.0)) + strip)
}

/// How many options of each strike of one wing replicate the log contract, per year and USD.
///
/// # Errors
/// [`VarianceSwapError`] as in [`fair_variance`].
pub fn log_contract_weights(
    boundary: f64,
    years: f64,
    strikes: &[f64],
) -> Result<Vec<f64>, VarianceSwapError> {
    positive("boundary", boundary)?;
    positive("years", years)?;
    let is_call = strikes.len() > 1 && strikes[1] > strikes[0];
    strip_weights(if is_call { "call" } else { "put" }, boundary, years, strikes)
}

fn strip_weights(
    kind: &'static str,
    boundary: f64,
    years: f64,
    strikes: &[f64],
) -> Result<Vec<f64>, VarianceSwapError> {
    check_wing(kind, boundary, strikes)?;
    let n = strikes.len();
    let beyond = 2.0 * strikes[n - 1] - strikes[n - 2];
    if beyond <= 0.0 {
        return Err(VarianceSwapError::NoRoomBelow { last: strikes[n - 1], found: beyond });
    }
    let payoff =
        |price: f64| 2.0 / years * ((price - boundary) / boundary - (price / boundary).ln());
    let next = strikes[1..].iter().copied().chain([beyond]);
    let mut slope_before = 0.0;
    let weights = strikes.iter().zip(next).map(|(&strike, next)| {
        let slope = (payoff(next) - payoff(strike)) / (next - strike).abs();
        let weight = slope - slope_before;
        slope_before = slope;
        weight
    });
    Ok(weights.collect())
}

fn check_wing(kind: &'static str, boundary: f64, strikes: &[f64]) -> Result<(), VarianceSwapError> {
    if strikes.len() < 2 {
        return Err(VarianceSwapError::TooFewStrikes { kind, found: strikes.len() });
    }
    for &strike in strikes {
        positive("strike", strike)?;
    }
    finite("boundary", boundary)?;
    if (strikes[0] - boundary).abs() > 1e-12 * boundary {
        return Err(VarianceSwapError::NotAtBoundary { kind, found: strikes[0], boundary });
    }
    let away = if kind == "call" { 1.0 } else { -1.0 };
    match strikes.windows(2).find(|pair| away * (pair[1] - pair[0]) <= 0.0) {
        Some(pair) => Err(VarianceSwapError::OutOfOrder { kind, before: pair[0], found: pair[1] }),
        None => Ok(()),
    }
}
