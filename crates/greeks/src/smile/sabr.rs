//! SABR: the lognormal vol of Hagan's stochastic volatility model.
//!
//! The forward moves as dF = α F^β dW with dα = ν α dZ and correlation ρ. With L = ln(F/K) and q = (FK)^((1−β)/2):
//!
//! ```text
//! vol(K) = α / { q [1 + (1−β)²L²/24 + (1−β)⁴L⁴/1920] } · z/x(z)
//!        · { 1 + T [ (1−β)²α²/(24 q²) + ρβνα/(4q) + (2 − 3ρ²)ν²/24 ] }
//! z = (ν/α) q L        x(z) = ln[ (√(1 − 2ρz + z²) + z − ρ) / (1 − ρ) ]
//! ```
//!
//! Hagan, Kumar, Lesniewski and Woodward, *Managing smile risk* (Wilmott Magazine, September 2002), equation 2.17a. It is
//! an expansion for small ν²T: far from the money at long expiries its density may be negative, and beyond its reach
//! [`Sabr::vol`] is `None`.

/// Parameters of one expiry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sabr {
    /// α: vol at the start, in units of forward^(1−β), positive.
    pub alpha: f64,
    /// β: 1 is lognormal, 0 is normal.
    pub beta: f64,
    /// ρ: correlation of forward and vol, between −1 and 1.
    pub rho: f64,
    /// ν: vol of vol, annualised, not negative.
    pub nu: f64,
}

/// How the vol at a strike moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SabrSlopes {
    /// Vol, annualised, decimal.
    pub vol: f64,
    /// ∂vol/∂F at fixed α, per USD.
    pub to_forward: f64,
    /// ∂vol/∂α.
    pub to_alpha: f64,
}

impl Sabr {
    /// Vol at a strike, annualised, decimal; `None` where the expansion gives no positive finite number.
    ///
    /// ```
    /// # use hedgerow_greeks::smile::Sabr;
    /// let model = Sabr { alpha: 0.3, beta: 0.6, rho: 0.01, nu: 0.02 };
    /// assert!((model.vol(0.039, 0.05, 1.0).unwrap() - 1.052_266_425_815_03).abs() < 1e-12);
    /// ```
    pub fn vol(&self, forward: f64, strike: f64, years: f64) -> Option<f64> {
        let Self { alpha, beta, rho, nu } = *self;
        let log = (forward / strike).ln();
        let rest = 1.0 - beta;
        let q = (forward * strike).powf(0.5 * rest);
        let square = rest * rest * log * log;
        let level = alpha / (q * (1.0 + square / 24.0 + square * square / 1920.0));
        let in_time = rest * rest * alpha * alpha / (24.0 * q * q)
            + 0.25 * rho * beta * nu * alpha / q
            + (2.0 - 3.0 * rho * rho) * nu * nu / 24.0;
        let vol = level * ratio(nu / alpha * q * log, rho) * (1.0 + years * in_time);
        (vol.is_finite() && vol > 0.0).then_some(vol)
    }

    /// Vol and its slopes by central differences of a hundred-thousandth; `None` as for [`vol`](Self::vol).
    pub fn slopes(&self, forward: f64, strike: f64, years: f64) -> Option<SabrSlopes> {
        const BUMP: f64 = 1e-5;
        let (by, lift) = (BUMP * forward, BUMP * self.alpha);
        let lifted = |by: f64| Self { alpha: self.alpha + by, ..*self }.vol(forward, strike, years);
        let moved = |by: f64| self.vol(forward + by, strike, years);
        Some(SabrSlopes {
            vol: self.vol(forward, strike, years)?,
            to_forward: (moved(by)? - moved(-by)?) / (2.0 * by),
            to_alpha: (lifted(lift)? - lifted(-lift)?) / (2.0 * lift),
        })
    }
}

/// z / x(z), and its series 1 − ρz/2 + (2 − 3ρ²)z²/12 near 0, where both vanish.
fn ratio(z: f64, rho: f64) -> f64 {
    if z.abs() < 1e-4 {
        // The next term is of the order z³ = 1e-12 times ρ/24.
        return 1.0 - 0.5 * rho * z + (2.0 - 3.0 * rho * rho) * z * z / 12.0;
    }
    // For z < ρ the sum of root and z − ρ cancels: multiply by its conjugate.
    let root = (1.0 - 2.0 * rho * z + z * z).sqrt();
    let argument =
        if z > rho { (root + z - rho) / (1.0 - rho) } else { (1.0 + rho) / (root - z + rho) };
    z / argument.ln()
}
