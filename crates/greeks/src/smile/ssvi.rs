//! SSVI: a whole surface from the term structure at the money and three numbers, with a power law for the curvature.
//!
//! ```text
//! φ(θ) = η θ^(−γ) (1 + θ)^(γ − 1),      0 < γ ≤ 1/2,   η (1 + |ρ|) ≤ 2
//! ```
//!
//! Gatheral and Jacquier (2014), section 4.2 and equation 4.5.

use super::Essvi;

/// The numbers that all slices share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ssvi {
    /// ρ: tilt, between −1 and 1.
    pub rho: f64,
    /// η: height of the curvature, positive.
    pub eta: f64,
    /// γ: how fast the curvature falls with θ, between 0 and 1/2.
    pub gamma: f64,
}

impl Ssvi {
    /// φ at total variance `theta`.
    pub fn phi(&self, theta: f64) -> f64 {
        self.eta * theta.powf(-self.gamma) * (1.0 + theta).powf(self.gamma - 1.0)
    }

    /// The slice of total variance `theta` at the money.
    pub fn slice(&self, theta: f64) -> Essvi {
        Essvi { theta, rho: self.rho, phi: self.phi(theta) }
    }

    /// Why the surface is not free of arbitrage for every rising θ; `None` where it is.
    ///
    /// With the power law the calendar condition 0 ≤ d(θφ)/dθ ≤ (1 + √(1−ρ²)) φ / ρ² always holds: d(θφ)/dθ / φ =
    /// (1 − γ)/(1 + θ) lies between 0 and 1.
    pub fn objection(&self) -> Option<String> {
        let Self { rho, eta, gamma } = *self;
        let height = eta * (1.0 + rho.abs());
        if rho.is_nan() || rho.abs() >= 1.0 {
            Some(format!("rho is {rho}, expected a number between -1 and 1"))
        } else if !(gamma > 0.0 && gamma <= 0.5) {
            Some(format!("gamma is {gamma}, expected a number above 0 and at most 0.5"))
        } else if !(eta > 0.0 && height <= 2.0) {
            Some(format!("eta (1 + |rho|) is {height}, expected a number above 0 and at most 2"))
        } else {
            None
        }
    }
}
