//! Inverse (coin-settled) options: value and slopes in coins.
//!
//! An inverse option pays max(w (S−K), 0) / S coins. By a change of numeraire its coin value is the undiscounted Black-76
//! value over the forward (Alexander, Chen and Imeraj, *Crypto quanto and inverse options*, Mathematical Finance, 2023):
//!
//! ```text
//! value       c = w [N(w d1) − (K/F) N(w d2)]
//! delta         = w N(w d1)                          the delta that Deribit displays
//! net_delta     = delta − c = w (K/F) N(w d2)        Deribit's net transaction delta
//! slope   dc/dF = net_delta / F
//! curvature d²c/dF² = (K/F³) [φ(d2)/(σ√T) − 2 w N(w d2)]
//! vega          = φ(d1) √T                           theta = −φ(d1) σ / (2√T)
//! ```

use crate::OptionKind;
use crate::black76::black76;

/// Value and slopes of an inverse option per coin of underlying.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoinGreeks {
    /// Coins.
    pub value: f64,
    /// Black-Scholes delta, coins: USD value per USD of forward. Hedges the USD P&L of the option and its premium in USD.
    pub delta: f64,
    /// Delta less value, coins: hedges the P&L in coins.
    pub net_delta: f64,
    /// Coins per USD of forward.
    pub slope: f64,
    /// Coins per USD of forward, squared.
    pub curvature: f64,
    /// Coins per 1.00 of vol.
    pub vega: f64,
    /// Coins per year that passes.
    pub theta: f64,
}

/// Value and slopes in coins; formulas in the module's head, limits as in [`black_scholes`](crate::black_scholes).
///
/// ```
/// # use hedgerow_greeks::{OptionKind, inverse};
/// let call = inverse::coin_greeks(OptionKind::Call, 60_000.0, 65_000.0, 30.0 / 365.0, 0.65);
/// assert!((call.value - 0.042_662_363_796_086_96).abs() < 1e-14);
/// assert!((call.net_delta - 0.325_638_809_029_480_8).abs() < 1e-14);
/// ```
pub fn coin_greeks(
    kind: OptionKind,
    forward: f64,
    strike: f64,
    years: f64,
    vol: f64,
) -> CoinGreeks {
    let usd = black76(kind, forward, strike, years, vol);
    let value = usd.value / forward;
    let net_delta = usd.delta - value;
    CoinGreeks {
        value,
        delta: usd.delta,
        net_delta,
        slope: net_delta / forward,
        // d²(V/F)/dF² = (Γ − 2 net_delta/F) / F, which is the formula above because F² φ(d1) = K F φ(d2).
        curvature: (usd.gamma - 2.0 * net_delta / forward) / forward,
        vega: usd.vega / forward,
        theta: usd.theta / forward,
    }
}

/// What an inverse option pays at expiry, coins per coin of underlying: max(w (S−K), 0) / S.
#[inline]
pub fn payoff(kind: OptionKind, spot: f64, strike: f64) -> f64 {
    kind.payoff(spot, strike) / spot
}
