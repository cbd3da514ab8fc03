//! The slopes of second and third order that every model of a table has.
//!
//! Where the slopes of a model are taken to its spot, S below is the spot; where they are taken to its forward, the forward.
//! Time runs forward: what is per year is per year that passes.

use hedgerow_core::OptionKind;

use crate::{Greeks, HigherGreeks, Terms, black_scholes, higher_greeks};

/// Slopes beyond delta, gamma, vega and theta, of one option per coin of underlying.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HigherSlopes {
    /// d delta/dσ: coins per 1.00 of vol.
    pub vanna: f64,
    /// d vega/dσ: USD per 1.00 of vol, squared.
    pub volga: f64,
    /// d delta/dt: coins per year that passes.
    pub charm: f64,
    /// d vega/dt: USD per 1.00 of vol, per year that passes.
    pub veta: f64,
    /// d gamma/dS: coins per USD, squared.
    pub speed: f64,
    /// d gamma/dσ: coins per USD, per 1.00 of vol.
    pub zomma: f64,
    /// d gamma/dt: coins per USD, per year that passes.
    pub color: f64,
}

impl HigherSlopes {
    /// Those of an option both of whose sets of slopes are known.
    pub(crate) fn of(first: Greeks, higher: HigherGreeks) -> Self {
        Self {
            vanna: first.vanna,
            volga: first.volga,
            charm: first.charm,
            veta: higher.veta,
            speed: higher.speed,
            zomma: higher.zomma,
            color: higher.color,
        }
    }

    /// A multiple of the option.
    #[must_use]
    pub fn times(self, units: f64) -> Self {
        Self {
            vanna: units * self.vanna,
            volga: units * self.volga,
            charm: units * self.charm,
            veta: units * self.veta,
            speed: units * self.speed,
            zomma: units * self.zomma,
            color: units * self.color,
        }
    }

    /// Two options together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            vanna: self.vanna + other.vanna,
            volga: self.volga + other.volga,
            charm: self.charm + other.charm,
            veta: self.veta + other.veta,
            speed: self.speed + other.speed,
            zomma: self.zomma + other.zomma,
            color: self.color + other.color,
        }
    }
}

/// The higher slopes of a European option: those of [`black_scholes`](black_scholes()) and [`higher_greeks`] together.
///
/// ```
/// # use hedgerow_greeks::{OptionKind, Terms, black_scholes_slopes};
/// let terms = Terms { spot: 100.0, strike: 100.0, years: 1.0, vol: 0.2, rate: 0.05, carry: 0.05 };
/// let slopes = black_scholes_slopes(OptionKind::Call, terms);
/// assert!((slopes.veta + 16.463_670_220_980_65).abs() < 1e-12);
/// ```
pub fn black_scholes_slopes(kind: OptionKind, terms: Terms) -> HigherSlopes {
    HigherSlopes::of(black_scholes(kind, terms), higher_greeks(kind, terms))
}
