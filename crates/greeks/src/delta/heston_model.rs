//! Heston's model: value of an option on a forward, its delta and its slope to the variance.
//!
//! dF = √v F dW, dv = κ(θ − v) dt + ξ√v dZ, correlation ρ. With x = ln(F/K) and the characteristic function
//! φ(u) = e^(A(u) + D(u) v₀) of ln(F(T)/F), Lewis's integral (*Option Valuation under Stochastic Volatility*, 2000,
//! chapter 2) is
//!
//! ```text
//! call = F − √(FK)/π ∫₀^∞ Re[ e^(iux) φ(u − i/2) ] / (u² + 1/4) du
//! ```
//!
//! Its derivatives to F and v₀ have the factors ½ + iu (over F) and D(u − i/2). D and A are written so that nothing
//! cancels as ξ → 0 and no branch is crossed (the "little trap" of Albrecher, Mayer, Schoutens and Tistaert, Wilmott
//! Magazine, January 2007), with β = κ − iρξu and d = √(β² + ξ²(u² + iu)):
//!
//! ```text
//! q = (u² + iu)/(β + d)       g = −ξ² q/(β + d)       e = e^(−dT)
//! D = −q (1 − e)/(1 − ge)     A = κθ [ −qT − (2/ξ²) ln(1 + g(1 − e)/(1 − g)) ]
//! ```

use num_complex::Complex64;

use crate::OptionKind;

/// The model's numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HestonParameters {
    /// v₀: variance now, annualised, positive.
    pub variance: f64,
    /// κ: speed of mean reversion, a year, positive.
    pub reversion: f64,
    /// θ: variance that it reverts to, positive.
    pub long_variance: f64,
    /// ξ: vol of variance, positive.
    pub vol_of_variance: f64,
    /// ρ: correlation of forward and variance, between −1 and 1.
    pub correlation: f64,
}

/// Undiscounted value of an option and its slopes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HestonSlopes {
    /// USD.
    pub value: f64,
    /// USD per USD of forward, the variance held.
    pub delta: f64,
    /// USD per 1.00 of annualised variance.
    pub to_variance: f64,
}

impl HestonSlopes {
    /// Δ + ρξ/F · ∂V/∂v: the delta of least variance in the model, because ρξ/F is the slope of dv on dF (Alexander and
    /// Nogueira 2007; Poulsen, Schenk-Hoppé and Ewald, Quantitative Finance 9(6), 2009).
    pub fn minimum_variance(&self, model: &HestonParameters, forward: f64) -> f64 {
        self.delta + model.correlation * model.vol_of_variance / forward * self.to_variance
    }
}

/// Value and slopes of one option; `years`, `forward` and `strike` positive.
///
/// ```
/// # use hedgerow_greeks::{OptionKind, delta::{HestonParameters, heston_slopes}};
/// let model = HestonParameters {
///     variance: 0.0175, reversion: 1.5768, long_variance: 0.0398, vol_of_variance: 0.5751, correlation: -0.5711,
/// };
/// let call = heston_slopes(&model, OptionKind::Call, 100.0, 100.0, 1.0);
/// assert!((call.value - 5.785_155_434_376_189).abs() < 1e-8);
/// ```
pub fn heston_slopes(
    model: &HestonParameters,
    kind: OptionKind,
    forward: f64,
    strike: f64,
    years: f64,
) -> HestonSlopes {
    let grid = Grid::new(model, years, Quadrature::FINE);
    Expiry::new(model, years, &grid).slopes(kind, forward, strike)
}

/// How finely the integral is taken: panels of 16 points each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quadrature {
    /// The integral ends where |φ| has fallen to e^−`depth`.
    depth: f64,
    /// Fewest panels.
    least_panels: f64,
    /// A panel more for so much of the axis.
    per_panel: f64,
}

impl Quadrature {
    /// V1.14 and V1.15 are met to 1e-11 of the forward.
    pub(super) const FINE: Self = Self { depth: 32.0, least_panels: 12.0, per_panel: 20.0 };
    /// To about 1e-6 of the forward: enough to fit by.
    pub(super) const COARSE: Self = Self { depth: 15.0, least_panels: 4.0, per_panel: 60.0 };
}

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
    pub(super) fn new(model: &HestonParameters, years: f64, quadrature: Quadrature) -> Self {
        // Panels widen quadratically: the integrand bends near 0 and only fades after.
        let end = end(model, years, quadrature.depth);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a positive count below a hundred thousand"
        )]
        let panels = (quadrature.least_panels + end / quadrature.per_panel) as u32;
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

/// The model at one expiry: the integrand without the strike's part.
#[derive(Debug)]
pub(super) struct Expiry {
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    u: f64,
    /// weight · φ(u − i/2) / (u² + 1/4) / π.
    density: Complex64,
    /// D(u − i/2).
    to_variance: Complex64,
}

impl Expiry {
    pub(super) fn new(model: &HestonParameters, years: f64, grid: &Grid) -> Self {
        let node = |(u, weight): &(f64, f64)| {
            let (exponent, to_variance) = exponents(model, years, *u);
            let factor = weight / ((u * u + 0.25) * std::f64::consts::PI);
            Node { u: *u, density: exponent.exp() * factor, to_variance }
        };
        Self { nodes: grid.0.iter().map(node).collect() }
    }

    /// Value of a call.
    pub(super) fn call(&self, waves: &[Complex64], forward: f64, strike: f64) -> f64 {
        let integral: f64 =
            self.nodes.iter().zip(waves).map(|(node, wave)| (wave * node.density).re).sum();
        forward - (forward * strike).sqrt() * integral
    }

    fn slopes(&self, kind: OptionKind, forward: f64, strike: f64) -> HestonSlopes {
        let x = (forward / strike).ln();
        let (mut value, mut delta, mut to_variance) = (0.0, 0.0, 0.0);
        for node in &self.nodes {
            let wave = Complex64::cis(node.u * x) * node.density;
            value += wave.re;
            delta += 0.5 * wave.re - node.u * wave.im;
            to_variance += (wave * node.to_variance).re;
        }
        let root = (forward * strike).sqrt();
        let call = HestonSlopes {
            value: forward - root * value,
            delta: 1.0 - root / forward * delta,
            to_variance: -root * to_variance,
        };
        match kind {
            OptionKind::Call => call,
            OptionKind::Put => HestonSlopes {
                value: call.value - (forward - strike),
                delta: call.delta - 1.0,
                ..call
            },
        }
    }
}

/// The quadrature goes no farther: at a second to expiry and a vol of 20 % the integrand has fallen by then.
const MOST_U: f64 = 2e5;

/// Where |φ(u − i/2)| has fallen to e^−`depth`: nothing that matters is left beyond.
fn end(model: &HestonParameters, years: f64, depth: f64) -> f64 {
    let mut u = 1.0;
    while exponents(model, years, u).0.re > -depth && u < MOST_U {
        u *= 1.25;
    }
    u
}

/// A + D v₀ and D at u − i/2.
fn exponents(model: &HestonParameters, years: f64, u: f64) -> (Complex64, Complex64) {
    let HestonParameters { variance, reversion, long_variance, vol_of_variance, correlation } =
        *model;
    let z = Complex64::new(u, -0.5);
    let i = Complex64::i();
    let beta = reversion - i * z * (correlation * vol_of_variance);
    let square = vol_of_variance * vol_of_variance;
    let quadratic = z * z + i * z;
    let d = (beta * beta + quadratic * square).sqrt();
    let q = quadratic / (beta + d);
    let g = -q * square / (beta + d);
    let fading = 1.0 - (-d * years).exp();
    let to_variance = -q * fading / (1.0 - g * (1.0 - fading));
    let log = ln_1p(g * fading / (1.0 - g));
    let level = (-q * years - log * (2.0 / square)) * (reversion * long_variance);
    (level + to_variance * variance, to_variance)
}

/// ln(1 + z), to the last bits for small z too.
fn ln_1p(z: Complex64) -> Complex64 {
    if z.norm_sqr() < 1e-8 {
        // The next term is z⁵/5, below 1e-20.
        return z * (1.0 - z * (0.5 - z * (1.0 / 3.0 - z * 0.25)));
    }
    (1.0 + z).ln()
}
