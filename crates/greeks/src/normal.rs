//! The standard normal distribution, to the last few bits.

use std::f64::consts::FRAC_1_SQRT_2;

/// 1 / √(2π).
const PEAK: f64 = 0.398_942_280_401_432_7;

/// Density at `x`: φ(x) = e^(−x²/2) / √(2π).
#[inline]
pub(crate) fn pdf(x: f64) -> f64 {
    PEAK * (-0.5 * x * x).exp()
}

/// Probability of a value below `x`: N(x) = erfc(−x/√2) / 2.
///
/// Absolute error 1.1e-16; relative error 2e-13 down to x = −37. It goes through `libm::erfc` because that of the usual
/// statistics crate is good to ten digits only.
#[inline]
pub(crate) fn cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// The x with N(x) = `p`, for `p` in (0, 1).
///
/// Newton's method on ln N(x) = ln p. ln N is concave and increasing, and N(x) ≤ e^(−x²/2)/2 puts the start
/// x = −√(−2 ln p) left of the root, so the iterates climb to it without ever overshooting.
pub(crate) fn quantile(p: f64) -> f64 {
    if p > 0.5 {
        return -quantile(1.0 - p);
    }
    let target = p.ln();
    let mut x = -(-2.0 * target).sqrt();
    // Quadratic convergence: ten steps from the worst start, the rest is slack.
    for _ in 0..50 {
        let below = cdf(x);
        let step = (below.ln() - target) * below / pdf(x);
        x -= step;
        if step.abs() <= 1e-15 * x.abs() {
            break;
        }
    }
    x
}

#[cfg(test)]
mod tests {
    use super::{cdf, pdf, quantile};

    fn assert_close(found: f64, expected: f64, relative: f64) {
        let error = (found / expected - 1.0).abs();
        assert!(error <= relative, "found {found:e}, expected {expected:e}, off by {error:e}");
    }

    /// Abramowitz and Stegun (1964), tables 26.1 and 26.2.
    #[test]
    fn tabulated_values() {
        assert_close(cdf(1.0), 0.841_344_746_068_543, 1e-15);
        assert_close(cdf(-2.0), 0.022_750_131_948_179_21, 1e-14);
        assert_close(cdf(-8.0), 6.220_960_574_271_785e-16, 1e-13);
        assert_close(pdf(0.5), 0.352_065_326_764_299_5, 1e-15);
        assert_eq!((cdf(f64::NEG_INFINITY), cdf(f64::INFINITY)), (0.0, 1.0));
    }

    #[test]
    fn quantile_inverts_the_cdf() {
        for p in [1e-300, 1e-100, 1e-20, 1e-6, 0.01, 0.1, 0.25, 0.499, 0.5] {
            assert_close(cdf(quantile(p)), p, 1e-12);
        }
        assert_close(quantile(0.975), 1.959_963_984_540_054, 1e-14);
        assert!(quantile(0.5).abs() < 1e-15);
    }
}
