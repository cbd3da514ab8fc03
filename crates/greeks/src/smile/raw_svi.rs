//! Raw SVI: the smile of one expiry in five numbers.
//!
//! ```text
//! w(k) = a + b { ρ (k − m) + √((k − m)² + σ²) }
//! ```
//!
//! Gatheral, *A parsimonious arbitrage-free implied volatility parameterization* (Global Derivatives, Madrid, 2004);
//! Gatheral and Jacquier, *Arbitrage-free SVI volatility surfaces* (Quantitative Finance 14(1), 2014), equation 3.1.
//! The wings are straight lines of slopes −b (1 − ρ) and b (1 + ρ); Lee (2004) bounds the slope of total variance by 2.

/// The five numbers of a raw SVI slice. Not every combination is a smile: see [`RawSvi::objection`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RawSvi {
    /// Level of total variance.
    pub a: f64,
    /// Steepness of the wings, not negative.
    pub b: f64,
    /// Tilt, between −1 and 1.
    pub rho: f64,
    /// Log-moneyness about which the hyperbola is centred.
    pub m: f64,
    /// Roundness at the centre, positive.
    pub sigma: f64,
}

/// Total variance at one log-moneyness, with its derivatives to log-moneyness.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TotalVariance {
    /// w = vol² · years.
    pub value: f64,
    /// dw/dk.
    pub slope: f64,
    /// d²w/dk².
    pub curvature: f64,
}

/// Slopes of total variance far from the money, both as positive numbers where variance rises outwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wings {
    /// b (1 − ρ): towards low strikes.
    pub left: f64,
    /// b (1 + ρ): towards high strikes.
    pub right: f64,
}

impl RawSvi {
    /// The same total variance at every strike.
    pub const fn flat(total_variance: f64) -> Self {
        Self { a: total_variance, b: 0.0, rho: 0.0, m: 0.0, sigma: 1.0 }
    }

    /// Total variance and its derivatives at log-moneyness `k`.
    ///
    /// ```
    /// # use hedgerow_greeks::smile::RawSvi;
    /// let slice = RawSvi { a: 0.01, b: 0.1, rho: -0.5, m: 0.3, sigma: 0.4 };
    /// let at = slice.at(0.0);
    /// assert!((at.value - (0.01 + 0.1 * (0.15 + 0.5))).abs() < 1e-15);
    /// ```
    #[inline]
    #[expect(
        clippy::imprecise_flops,
        reason = "hypot costs ten times a root, and log-moneyness is too small to overflow"
    )]
    pub fn at(&self, k: f64) -> TotalVariance {
        let Self { a, b, rho, m, sigma } = *self;
        let y = k - m;
        let radius = (y * y + sigma * sigma).sqrt();
        TotalVariance {
            value: a + b * (rho * y + radius),
            slope: b * (rho + y / radius),
            curvature: b * (sigma / radius) * (sigma / radius) / radius,
        }
    }

    /// The least total variance: a + b σ √(1 − ρ²).
    pub fn least_variance(&self) -> f64 {
        self.a + self.b * self.sigma * (1.0 - self.rho * self.rho).max(0.0).sqrt()
    }

    /// Slopes far from the money.
    pub fn wings(&self) -> Wings {
        Wings { left: self.b * (1.0 - self.rho), right: self.b * (1.0 + self.rho) }
    }

    /// The same smile for another length of time, vol unchanged: total variance times `factor`.
    pub fn scaled(&self, factor: f64) -> Self {
        Self { a: self.a * factor, b: self.b * factor, ..*self }
    }

    /// Why these numbers are no smile; `None` where they are one.
    ///
    /// Wanted: finite numbers, b ≥ 0, |ρ| < 1, σ > 0, total variance positive at every strike, and wings below Lee's
    /// bound 2. (A weaker bound of 4 is common and wrong.) This is necessary, not sufficient: see
    /// [`butterfly`](super::butterfly).
    pub fn objection(&self) -> Option<String> {
        let Self { a, b, rho, m, sigma } = *self;
        let wings = self.wings();
        let steepest = wings.left.max(wings.right);
        if ![a, b, rho, m, sigma].iter().all(|number| number.is_finite()) {
            Some(format!("a number of {self:?} is not finite"))
        } else if b < 0.0 {
            Some(format!("b is {b}, expected 0 or more"))
        } else if rho.abs() >= 1.0 {
            Some(format!("rho is {rho}, expected a number between -1 and 1"))
        } else if sigma <= 0.0 {
            Some(format!("sigma is {sigma}, expected a positive number"))
        } else if self.least_variance() <= 0.0 {
            let least = self.least_variance();
            Some(format!("the least total variance is {least}, expected a positive number"))
        } else if steepest >= 2.0 {
            Some(format!(
                "the steeper wing has slope {steepest}, expected less than 2 (Lee's bound)"
            ))
        } else {
            None
        }
    }
}

impl TotalVariance {
    /// Durrleman's g at log-moneyness `k`: the density of the underlying relative to a lognormal one; negative where a
    /// butterfly spread would have a negative price.
    ///
    /// ```text
    /// g(k) = (1 − k w′ / (2w))² − (w′²/4)(1/w + 1/4) + w″/2
    /// ```
    ///
    /// Gatheral and Jacquier (2014), equation 2.1.
    #[inline]
    pub fn durrleman(&self, k: f64) -> f64 {
        let Self { value, slope, curvature } = *self;
        let tilt = 1.0 - 0.5 * k * slope / value;
        tilt * tilt - 0.25 * slope * slope * (1.0 / value + 0.25) + 0.5 * curvature
    }
}
