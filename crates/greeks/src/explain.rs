//! The P&L of an option over one row, explained by the slopes it had before.
//!
//! ```text
//! ΔV = delta ΔS + ½ gamma ΔS² + theta Δt + vega Δσ + vanna ΔS Δσ + ½ volga Δσ² + residual
//! ```
//!
//! A Taylor expansion: with ΔS and Δσ of order ε and Δt of order ε² the residual (charm, speed, veta and beyond) is of
//! order ε³.

use hedgerow_core::Line;

use crate::Greeks;

/// How the market moved over a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Move {
    /// ΔS: USD per coin.
    pub spot: f64,
    /// Δσ: decimal.
    pub vol: f64,
    /// Δt: years that passed, at most those that were left to expiry.
    pub years: f64,
}

/// The lines of [`explain`], in its order.
pub const EXPLAINED_LINES: [Line; 7] =
    [Line::Delta, Line::Gamma, Line::Theta, Line::Vega, Line::Vanna, Line::Volga, Line::Residual];

/// P&L by line ([`EXPLAINED_LINES`]), USD per coin of underlying; they add up to `pnl`.
///
/// ```
/// # use hedgerow_greeks::{Move, OptionKind, black76, explain};
/// let before = black76(OptionKind::Call, 60_000.0, 60_000.0, 30.0 / 365.0, 0.65);
/// let after = black76(OptionKind::Call, 63_000.0, 60_000.0, 29.0 / 365.0, 0.60);
/// let moved = Move { spot: 3_000.0, vol: -0.05, years: 1.0 / 365.0 };
/// let lines = explain(&before, after.value - before.value, moved);
/// assert!((lines[0] - 1_611.352_726).abs() < 1e-5);
/// assert!((lines[6] - 14.303_259).abs() < 1e-5);
/// ```
#[inline]
pub fn explain(before: &Greeks, pnl: f64, moved: Move) -> [f64; 7] {
    let delta = before.delta * moved.spot;
    let gamma = 0.5 * before.gamma * moved.spot * moved.spot;
    let theta = before.theta * moved.years;
    let vega = before.vega * moved.vol;
    let vanna = before.vanna * moved.spot * moved.vol;
    let volga = 0.5 * before.volga * moved.vol * moved.vol;
    let residual = pnl - (delta + gamma + theta + vega + vanna + volga);
    [delta, gamma, theta, vega, vanna, volga, residual]
}
