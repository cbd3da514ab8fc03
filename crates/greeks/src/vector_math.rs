//! Elementary functions without branches, so that a loop over them becomes vector instructions.
//!
//! Every operation here maps to one IEEE instruction of a machine with fused multiply-add, on one lane or on eight: the
//! same input gives the same bits whatever the vector width. **Call them only inside a dispatched context** (see
//! `kernel.rs`): elsewhere [`f64::mul_add`] is a call into the C library, twenty times slower.
//!
//! Polynomials are written out, because a loop over an array of coefficients does not vectorise. Their coefficients
//! interpolate the function at Chebyshev nodes, computed with 60 digits and then rounded; the error given is the largest
//! relative one of the rounded polynomial.

/// c0 + c1 x + c2 x² + … as two chains in x², which halves the latency.
macro_rules! polynomial {
    ($x:expr; $($even:literal, $odd:literal),+) => {{
        let x = $x;
        let square = x * x;
        polynomial!(@chain square; $($odd),+).mul_add(x, polynomial!(@chain square; $($even),+))
    }};
    (@chain $x:ident; $last:literal) => { $last };
    (@chain $x:ident; $first:literal, $($rest:literal),+) => {
        f64::mul_add(polynomial!(@chain $x; $($rest),+), $x, $first)
    };
}

/// ln 2 in two parts; the first has 21 trailing zeros, so that its product with an exponent is exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// 1.5 · 2⁵²: adding it rounds to an integer, which is then in the low bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
/// 2⁵², whose low bits are a small unsigned integer added to it.
const INTEGERS: u64 = 0x4330_0000_0000_0000;
const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;
const ONE: u64 = 0x3ff0_0000_0000_0000;

/// Exponents below this give less than the smallest normal number, and are taken as e^(−∞).
const LEAST_EXPONENT: f64 = -708.0;

/// eˣ for x ≤ 709, within 1 unit in the last place; 0 below −708.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    // Far below, any finite number will do: it is replaced at the end.
    let clamped = x.max(LEAST_EXPONENT);
    let shifted = clamped.mul_add(std::f64::consts::LOG2_E, ROUNDER);
    let whole = shifted - ROUNDER;
    let r = whole.mul_add(-LN_2_LOW, whole.mul_add(-LN_2_HIGH, clamped));
    // (eʳ − 1 − r)/r² on |r| ≤ ln 2 / 2, error 2.4e-16.
    let tail = polynomial!(r;
        0.500_000_000_000_000_1, 0.166_666_666_666_666_69,
        0.041_666_666_666_624_13, 0.008_333_333_333_330_062,
        0.001_388_888_891_721_371_7, 0.000_198_412_698_630_536_18,
        2.480_152_129_595_437_6e-5, 2.755_726_845_999_706_4e-6,
        2.762_008_844_540_974_6e-7, 2.510_038_549_551_032e-8);
    let less_one = (r * r).mul_add(tail, r);
    let power = f64::from_bits(shifted.to_bits().wrapping_shl(52).wrapping_add(ONE));
    let found = power.mul_add(less_one, power);
    if x < LEAST_EXPONENT { 0.0 } else { found }
}

/// ln(a/b) for normal positive a and b, within 2 units in the last place, also where a is close to b.
///
/// The mantissas are brought within a factor √2 of each other, then ln(a/b) = 2 artanh s with s = (a−b)/(a+b), in which
/// a−b is exact.
#[inline(always)]
pub(crate) fn ln_ratio(a: f64, b: f64) -> f64 {
    let exponent = |x: f64| f64::from_bits((x.to_bits() >> 52) | INTEGERS);
    let mantissa = |x: f64| f64::from_bits((x.to_bits() & MANTISSA) | ONE);
    let (a_mantissa, b_mantissa) = (mantissa(a), mantissa(b));
    let a_larger = a_mantissa > std::f64::consts::SQRT_2 * b_mantissa;
    let b_larger = b_mantissa > std::f64::consts::SQRT_2 * a_mantissa;
    let a_scaled = if a_larger { 0.5 * a_mantissa } else { a_mantissa };
    let b_scaled = if b_larger { 0.5 * b_mantissa } else { b_mantissa };
    let carried = if a_larger { 1.0 } else { 0.0 } - if b_larger { 1.0 } else { 0.0 };
    let exponents = (exponent(a) - exponent(b)) + carried;
    let s = (a_scaled - b_scaled) / (a_scaled + b_scaled);
    let z = s * s;
    // (ln((1+s)/(1−s)) − 2s)/s³ in z on |s| ≤ 0.1716, error 4.7e-16.
    let tail = polynomial!(z;
        0.666_666_666_666_667, 0.399_999_999_998_994_44,
        0.285_714_286_260_032_7, 0.222_222_111_302_598_78,
        0.181_828_894_556_749_47, 0.153_317_106_182_107_73,
        0.146_165_854_248_886_23, 0.0);
    let small = (z * s).mul_add(tail, s + s);
    exponents.mul_add(LN_2_HIGH, exponents.mul_add(LN_2_LOW, small))
}

/// N(−t) e^(t²/2) for t ≥ 0: Mills' ratio over √(2π), within 8e-16.
#[inline(always)]
pub(crate) fn mills(t: f64) -> f64 {
    let q = 1.0 / (t + 4.0);
    mills_with(q)
}

/// [`mills`] from q = 1/(t + 4), for callers that can share a division.
#[inline(always)]
pub(crate) fn mills_with(q: f64) -> f64 {
    // u = (t − 4)/(t + 4) maps t ≥ 0 to [−1, 1); the polynomial is (t + 4) times the ratio, error 3.7e-16.
    let u = q.mul_add(-8.0, 1.0);
    let scaled = polynomial!(u;
        0.755_285_130_415_751_5, -0.607_896_641_971_893_1,
        0.387_137_400_742_216_53, -0.186_521_857_959_567_2,
        0.060_396_574_890_762_4, -0.007_540_188_969_137_313,
        -0.003_479_692_362_890_355_7, 0.001_630_818_487_882_364_5,
        0.000_133_344_258_903_728_43, -0.000_231_095_150_787_687_63,
        -1.907_907_488_393_885_6e-6, 3.514_564_458_582_461e-5,
        7.152_737_509_316_615e-7, -5.922_979_827_676_522e-6,
        -6.262_068_766_977_596e-7, 1.027_094_880_713_982_2e-6,
        2.662_327_898_909_589e-7, -1.623_191_768_069_797_7e-7,
        -7.989_850_752_791_467e-8, 1.960_833_914_203_873_5e-8,
        1.653_604_477_662_910_5e-8, -1.284_581_887_221_942_3e-9,
        -1.773_740_504_629_227_2e-9, 0.0);
    scaled * q
}

/// e^(−x²/2) for |x| < 1e150, its exponent to twice the working precision: relative error 3e-16 also in the far tail.
#[inline(always)]
pub(crate) fn bell(x: f64) -> f64 {
    let square = x * x;
    let rounding = x.mul_add(x, -square);
    let rough = exp(-0.5 * square);
    rough.mul_add(-0.5 * rounding, rough)
}

/// Whether `least` ≤ x ≤ `most`, which NaN is not, without a branch.
#[inline(always)]
pub(crate) fn is_within(x: f64, least: f64, most: f64) -> bool {
    (x >= least) & (x <= most)
}
