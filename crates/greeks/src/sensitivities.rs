//! Value and the four slopes every model has.

/// Value and first slopes of one option per coin of underlying; units as in [`Greeks`](crate::Greeks).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sensitivities {
    /// USD.
    pub value: f64,
    /// USD per USD of spot (or forward, where the model is on a forward), that is coins.
    pub delta: f64,
    /// Coins per USD.
    pub gamma: f64,
    /// USD per 1.00 of vol; of the model's own vol where that is not a Black-Scholes vol.
    pub vega: f64,
    /// USD per year that passes.
    pub theta: f64,
}

impl Sensitivities {
    /// A multiple of the option.
    #[must_use]
    pub fn times(self, units: f64) -> Self {
        Self {
            value: units * self.value,
            delta: units * self.delta,
            gamma: units * self.gamma,
            vega: units * self.vega,
            theta: units * self.theta,
        }
    }

    /// Two options together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            delta: self.delta + other.delta,
            gamma: self.gamma + other.gamma,
            vega: self.vega + other.vega,
            theta: self.theta + other.theta,
        }
    }
}
