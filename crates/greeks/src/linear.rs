//! Options paid in a stablecoin: USDC-margined, "linear" contracts.
//!
//! Premium and payoff are in USDC, so neither is worth more when the coin rises: there is no premium to adjust the delta
//! for, and no quanto term. A contract is `multiplier` coins (1 for BTC and ETH, 10 for SOL on Deribit), marked with the
//! undiscounted Black-76 value of its forward, in USDC per coin.
//!
//! Deribit's example (support article on linear options): a SOL 250 call bought at 10 USDC costs 100 USDC; settled at 275
//! it receives 250, a profit of 150.

use hedgerow_core::OptionKind;

use crate::Sensitivities;
use crate::black76::black76;

/// Value and slopes of one contract, in USDC: [`black76`] times the multiplier, in coins per contract.
///
/// ```
/// # use hedgerow_greeks::{OptionKind, linear};
/// let one = linear::contract_greeks(OptionKind::Call, 250.0, 250.0, 0.1, 0.8, 1.0);
/// let sol = linear::contract_greeks(OptionKind::Call, 250.0, 250.0, 0.1, 0.8, 10.0);
/// assert_eq!((sol.value, sol.delta), (10.0 * one.value, 10.0 * one.delta));
/// ```
pub fn contract_greeks(
    kind: OptionKind,
    forward: f64,
    strike: f64,
    years: f64,
    vol: f64,
    multiplier: f64,
) -> Sensitivities {
    let per_coin = black76(kind, forward, strike, years, vol);
    Sensitivities {
        value: per_coin.value,
        delta: per_coin.delta,
        gamma: per_coin.gamma,
        vega: per_coin.vega,
        theta: per_coin.theta,
    }
    .times(multiplier)
}

/// What one contract pays at expiry, in USDC.
///
/// ```
/// # use hedgerow_greeks::{OptionKind, linear};
/// let paid = 10.0 * 10.0;
/// assert_eq!(linear::payoff(OptionKind::Call, 275.0, 250.0, 10.0) - paid, 150.0);
/// ```
#[inline]
pub fn payoff(kind: OptionKind, settlement: f64, strike: f64, multiplier: f64) -> f64 {
    multiplier * kind.payoff(settlement, strike)
}
