//! Heston's calls on a fixed grid: for fits, where many strikes and neighbouring models share what they have in common.
//!
//! The integral is that of [`heston`](crate::heston()), without its error control and without slopes.

use num_complex::Complex64;

use crate::Heston;

/// The integral ends where |ψ| has fallen to e^−15: with the panels below, calls are good to about 1e-6 of the forward.
const DEPTH: f64 = 15.0;

/// Fewest panels of 16 points.
const LEAST_PANELS: f64 = 4.0;

/// A panel more for so much of the axis.
const PER_PANEL: f64 = 60.0;

/// Nodes and weights of Gauss and Legendre's rule with 16 points on (−1, 1), the positive half (Abramowitz and Stegun 1964,
/// table 25.4).
const ABSCISSAE: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_59),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_87),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_9),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_1),
];

/// Where the integrand is looked at, and with which weight, for one model and expiry.
#[derive(Debug)]
pub(super) struct Grid(Vec<(f64, f64)>);

impl Grid {
    pub(super) fn new(model: &Heston, years: f64) -> Self {
        // Panels widen quadratically: the integrand bends near 0 and only fades after.
        let end = end(model, years);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a positive count below a hundred thousand"
        )]
        let panels = (LEAST_PANELS + end / PER_PANEL) as u32;
        let edge = |panel: u32| end * (f64::from(panel) / f64::from(panels)).powi(2);
        let mut points = Vec::with_capacity(panels as usize * 16);
        for panel in 0..panels {
            let (low, high) = (edge(panel), edge(panel + 1));
            let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
            for (x, weight) in ABSCISSAE {
                points.push((middle - half * x, weight * half));
                points.push((middle + half * x, weight * half));
            }
        }
        Self(points)
    }

    /// e^(iux) at each point, for x = ln(forward/strike).
    pub(super) fn waves(&self, forward: f64, strike: f64) -> Vec<Complex64> {
        let x = (forward / strike).ln();
        self.0.iter().map(|(u, _)| Complex64::cis(u * x)).collect()
    }
}

/// The model at one expiry: weight · ψ(u) / (u² + 1/4) / π at each point, the integrand without the strike's part.
#[derive(Debug)]
pub(super) struct Expiry(Vec<Complex64>);

impl Expiry {
    pub(super) fn new(model: &Heston, years: f64, grid: &Grid) -> Self {
        let density = |(u, weight): &(f64, f64)| {
            let (exponent, _) = model.characteristic(*u, years);
            exponent.exp() * (weight / ((u * u + 0.25) * std::f64::consts::PI))
        };
        Self(grid.0.iter().map(density).collect())
    }

    /// Value of a call.
    pub(super) fn call(&self, waves: &[Complex64], forward: f64, strike: f64) -> f64 {
        let integral: f64 =
            self.0.iter().zip(waves).map(|(density, wave)| (wave * density).re).sum();
        forward - (forward * strike).sqrt() * integral
    }
}

/// The quadrature goes no farther: at a second to expiry and a vol of 20 % the integrand has fallen by then.
const MOST_U: f64 = 2e5;

/// Where |ψ| has fallen to e^−[`DEPTH`]: nothing that matters is left beyond.
fn end(model: &Heston, years: f64) -> f64 {
    let mut u = 1.0;
    while model.characteristic(u, years).0.re > -DEPTH && u < MOST_U {
        u *= 1.25;
    }
    u
}
