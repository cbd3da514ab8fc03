//! One slice of an (extended) SSVI surface: at-the-money variance, tilt and curvature.
//!
//! ```text
//! w(k) = (θ/2) { 1 + ρ φ k + √((φ k + ρ)² + 1 − ρ²) }
//! ```
//!
//! Gatheral and Jacquier (2014), section 4; with a ρ of its own at every expiry it is the eSSVI of Hendriks and Martini,
//! *The extended SSVI volatility surface* (Journal of Computational Finance 22(5), 2019). It is the raw SVI slice with
//! a = θ(1−ρ²)/2, b = θφ/2, m = −ρ/φ, σ = √(1−ρ²)/φ.

use super::RawSvi;

/// A slice by three numbers; always symmetric about its own least point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Essvi {
    /// θ: total variance at the money, positive.
    pub theta: f64,
    /// ρ: tilt, between −1 and 1.
    pub rho: f64,
    /// φ: curvature, positive.
    pub phi: f64,
}

impl Essvi {
    /// The same slice in raw coordinates.
    ///
    /// ```
    /// # use hedgerow_greeks::smile::Essvi;
    /// let slice = Essvi { theta: 0.04, rho: -0.3, phi: 2.0 };
    /// assert!((slice.raw().at(0.0).value - 0.04).abs() < 1e-15);
    /// ```
    pub fn raw(&self) -> RawSvi {
        let Self { theta, rho, phi } = *self;
        let rest = 1.0 - rho * rho;
        RawSvi {
            a: 0.5 * theta * rest,
            b: 0.5 * theta * phi,
            rho,
            m: -rho / phi,
            sigma: rest.sqrt() / phi,
        }
    }

    /// The largest φ without butterfly arbitrage: θφ(1+|ρ|) < 4 and θφ²(1+|ρ|) ≤ 4.
    ///
    /// Sufficient; the first, with ≤, is also necessary (Gatheral and Jacquier 2014, section 4.2).
    pub fn most_phi(theta: f64, rho: f64) -> f64 {
        let bound = 4.0 / (theta * (1.0 + rho.abs()));
        bound.sqrt().min(bound)
    }

    /// Whether the sufficient condition against butterfly arbitrage holds.
    pub fn is_butterfly_free(&self) -> bool {
        let Self { theta, rho, phi } = *self;
        let side = theta * phi * (1.0 + rho.abs());
        theta > 0.0 && phi > 0.0 && rho.abs() < 1.0 && side < 4.0 && side * phi <= 4.0
    }

    /// Whether no calendar spread against the `earlier` slice has a negative price.
    ///
    /// θ and ψ = θφ must not fall, |ρ₂ψ₂ − ρ₁ψ₁| ≤ ψ₂ − ψ₁, and φ must not rise: sufficient (Hendriks and
    /// Martini 2019).
    pub fn is_calendar_free(&self, earlier: &Self) -> bool {
        let (psi, before) = (self.theta * self.phi, earlier.theta * earlier.phi);
        self.theta >= earlier.theta
            && (self.rho * psi - earlier.rho * before).abs() <= psi - before
            && self.phi <= earlier.phi
    }
}
