//! Implied vols for a block of options at a time, in vector instructions.
//!
//! With x = |ln(F/K)|, p the option out of the money as a part of its bound min(F, K), and v = σ√T:
//!
//! ```text
//! d1 = −x/v + v/2      d2 = −x/v − v/2      B(v) = e^(−d1²/2) [Mills(−d1) − Mills(−d2)]          = p
//!                             1 − B(v) = e^(−d1²/2) [Mills( d1) + Mills(−d2)]          = 1 − p
//! ```
//!
//! The first form holds below the inflection v = √(2x), where d1 < 0, and the second above it; p says at once on which side
//! the root lies. The logarithm of either is solved with three Householder steps of fourth order, on its own side:
//! ln B = −d1²/2 + ln[…] needs no exponential and cannot underflow. With r = B'/B, B''/B' = x²/v³ − v/4 and
//! B'''/B' = (x²/v³ − v/4)² − 3x²/v⁴ − 1/4 (Jäckel 2015, section 6).
//!
//! With q = 1 − p and the index c for the inflection, the guesses are, below, the larger of two lower bounds: the chord of the
//! convex B, and what its Gaussian alone gives; above, the root of a parabola that has the right slope at the inflection
//! and the right growth at infinity:
//!
//! ```text
//! v = max(v_c p/p_c, x / √(x/2 − 2 ln(p/p_c)))            −ln(q/q_c) = (v − v_c)²/8 + (v − v_c) φ(0)/q_c
//! ```
//!
//! From these, three steps leave less than 1e-13 everywhere on x ≤ 6, v ≤ 8 (a trial on 4,000 points); whoever is not there,
//! or has v < 0.002, where B loses digits to cancellation, goes to the scalar solver.

use pulp::{Arch, WithSimd};

use crate::kernel::{BLOCK, Lanes};
use crate::vector_math::{is_within, ln_ratio, mills, mills_with};

/// A block of prices and the vols they imply.
#[derive(Debug, Clone)]
pub(crate) struct ImpliedBlock {
    /// w: +1 for a call, −1 for a put.
    pub(crate) sign: Lanes,
    pub(crate) forward: Lanes,
    pub(crate) strike: Lanes,
    pub(crate) years: Lanes,
    /// Undiscounted.
    pub(crate) price: Lanes,
    pub(crate) vol: Lanes,
    /// 0 where `vol` is the answer, else 1.
    pub(crate) unsolved: [u64; BLOCK],
}

/// φ(0) = 1 / √(2π).
const PEAK: f64 = 0.398_942_280_401_432_7;

/// Below this v the vector form is good to less than 1e-12.
const LEAST_DEVIATION: f64 = 2e-3;
const MOST_DEVIATION: f64 = 50.0;

/// The last of the steps of fourth order, relatively: the one after it would be below 1e-15.
const LAST_STEP: f64 = 1e-4;

impl ImpliedBlock {
    /// Prices of no account, so that a block that is not full is harmless.
    pub(crate) const fn new() -> Self {
        Self {
            sign: [1.0; BLOCK],
            forward: [1.0; BLOCK],
            strike: [1.0; BLOCK],
            years: [1.0; BLOCK],
            price: [0.25; BLOCK],
            vol: [0.0; BLOCK],
            unsolved: [0; BLOCK],
        }
    }

    /// Finds every vol the vectors can find and flags the others; all of them where there are no vectors.
    pub(crate) fn solve(&mut self) {
        match Arch::new() {
            Arch::Scalar => self.unsolved = [1; BLOCK],
            fused => fused.dispatch(Vectors(self)),
        }
    }
}

/// A struct and not a closure: see `kernel.rs`.
struct Vectors<'a>(&'a mut ImpliedBlock);

impl WithSimd for Vectors<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        for lane in 0..BLOCK {
            solve(self.0, lane);
        }
    }
}

/// One option; formulas in the module's head.
#[inline(always)]
fn solve(block: &mut ImpliedBlock, lane: usize) {
    let (w, forward, strike) = (block.sign[lane], block.forward[lane], block.strike[lane]);
    let (years, price) = (block.years[lane], block.price[lane]);
    let time_value = price - (w * (forward - strike)).max(0.0);
    let bound = forward.min(strike);
    let x = ln_ratio(forward, strike).abs();
    let p = time_value / bound;

    let inflection = (x + x).sqrt();
    let tail = mills(inflection);
    let (p_c, q_c) = (0.5 - tail, 0.5 + tail);
    let is_low = p < p_c;
    let target = if is_low { p } else { 1.0 - p };
    let y = ln_ratio(target, if is_low { p_c } else { q_c });
    let chord = inflection * (p / p_c);
    let gaussian = x / 2.0_f64.mul_add(-y, 0.5 * x).sqrt();
    let r_c = PEAK / q_c;
    let beyond = -2.0 * y / (r_c + y.mul_add(-0.5, r_c * r_c).sqrt());
    let start = if is_low { chord.max(gaussian) } else { inflection + beyond };

    let problem = Problem { x, target, is_low };
    let first = problem.improved(start);
    let second = problem.improved(first);
    let found = problem.improved(second);

    block.vol[lane] = found / years.sqrt();
    let solved = ((found - second).abs() <= LAST_STEP * found)
        & is_within(found, LEAST_DEVIATION, MOST_DEVIATION)
        & is_within(p, f64::MIN_POSITIVE, 1.0)
        & is_within(target, f64::MIN_POSITIVE, 1.0)
        & is_within(forward, f64::MIN_POSITIVE, f64::MAX)
        & is_within(strike, f64::MIN_POSITIVE, f64::MAX)
        & is_within(years, f64::MIN_POSITIVE, f64::MAX);
    block.unsolved[lane] = u64::from(!solved);
}

/// ln B(v) = ln target below the inflection, ln(1 − B(v)) = ln target above it.
#[derive(Clone, Copy)]
struct Problem {
    x: f64,
    target: f64,
    is_low: bool,
}

impl Problem {
    /// One Householder step of fourth order from v.
    #[inline(always)]
    fn improved(self, v: f64) -> f64 {
        let Self { x, target, is_low } = self;
        let per_v = 1.0 / v;
        let h = x * per_v;
        let d1 = v.mul_add(0.5, -h);
        let minus_d2 = v.mul_add(0.5, h);
        let (t1, t2) = (d1.abs() + 4.0, minus_d2 + 4.0);
        let shared = 1.0 / (t1 * t2);
        let (m1, m2) = (mills_with(shared * t2), mills_with(shared * t1));
        let mills = if is_low { m1 - m2 } else { m1 + m2 };
        let off = d1.mul_add(-0.5 * d1, ln_ratio(mills, target));
        // r = ±B'/B: falling in v on the upper side.
        let r = if is_low { PEAK } else { -PEAK } / mills;
        let h_per_v = h * per_v;
        let second = h.mul_add(h_per_v, -0.25 * v);
        let third = second.mul_add(second, (-3.0 * h_per_v).mul_add(h_per_v, -0.25));
        // Ratios of the derivatives of the logarithm.
        let a = second - r;
        let b = r.mul_add((2.0_f64).mul_add(r, -3.0 * second), third);
        let newton = -off * mills * if is_low { 1.0 / PEAK } else { -1.0 / PEAK };
        let top = newton * (0.5 * a).mul_add(newton, 1.0);
        let bottom = newton.mul_add(newton.mul_add(b * (1.0 / 6.0), a), 1.0);
        // No step leaves the positive numbers, however poor the guess.
        (v + top / bottom).max(0.5 * v).min(3.0 * v)
    }
}
