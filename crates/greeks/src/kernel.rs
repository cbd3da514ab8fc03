//! The Black-Scholes formula for a block of options at a time, in vector instructions.
//!
//! The formula and the limits are those of [`black_scholes`], arranged so that nothing branches:
//!
//! - one Gaussian serves everything, because S e^((b−r)T) φ(d1) = K e^(−rT) φ(d2);
//! - N(−|d|) = φ(d) · Mills(|d|), accurate relatively to the far tail, and N(|d|) = 1 − N(−|d|);
//! - the side out of the money is computed first, and the other one from parity, so nothing cancels.
//!
//! On a machine with fused multiply-add (x86 with AVX2 or AVX-512, every ARM of 64 bits) the vector path runs; its bits do
//! not depend on the vector width, nor on where in a batch an option stands. On others, and for options at or beyond a
//! limit of the formula, the scalar one does, whose results differ in the last bits: by up to 1e-15 of spot and strike.

use hedgerow_core::OptionKind;
use pulp::{Arch, WithSimd};

use crate::black_scholes::{Greeks, LEAST_DEVIATION, MOST_DEVIATION, Terms, black_scholes};
use crate::input_error::{InputError, MOST_GROWTH};
use crate::vector_math::{bell, exp, is_within, ln_ratio, mills_with};

/// Options in a block: enough to pay for the dispatch, few enough for all columns to stay in the first cache.
pub(crate) const BLOCK: usize = 64;

/// One number per option of a block.
pub(crate) type Lanes = [f64; BLOCK];

/// A block of options and what becomes of them. One struct, because distances between its fields are constants: the
/// compiler needs no check that outputs do not overlap inputs.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// w: +1 for a call, −1 for a put.
    pub(crate) sign: Lanes,
    pub(crate) spot: Lanes,
    pub(crate) strike: Lanes,
    pub(crate) years: Lanes,
    pub(crate) vol: Lanes,
    pub(crate) rate: Lanes,
    pub(crate) carry: Lanes,
    pub(crate) value: Lanes,
    pub(crate) delta: Lanes,
    pub(crate) gamma: Lanes,
    pub(crate) vega: Lanes,
    pub(crate) theta: Lanes,
    pub(crate) vanna: Lanes,
    pub(crate) volga: Lanes,
    spot_discount: Lanes,
    discount: Lanes,
    d1: Lanes,
    d2: Lanes,
    per_deviation: Lanes,
    /// S e^((b−r)T) e^(−d1²/2).
    bell: Lanes,
    /// S e^((b−r)T) N(−|d1|).
    spot_tail: Lanes,
    /// K e^(−rT) N(−|d2|).
    strike_tail: Lanes,
    /// 0 where the vector path holds, else 1.
    irregular: [u64; BLOCK],
}

/// 1 / √(2π).
const PEAK: f64 = 0.398_942_280_401_432_7;

impl Block {
    /// Options of no account, so that a block that is not full is harmless.
    pub(crate) const fn new() -> Self {
        Self {
            sign: [1.0; BLOCK],
            spot: [1.0; BLOCK],
            strike: [1.0; BLOCK],
            years: [1.0; BLOCK],
            vol: [1.0; BLOCK],
            rate: [0.0; BLOCK],
            carry: [0.0; BLOCK],
            value: [0.0; BLOCK],
            delta: [0.0; BLOCK],
            gamma: [0.0; BLOCK],
            vega: [0.0; BLOCK],
            theta: [0.0; BLOCK],
            vanna: [0.0; BLOCK],
            volga: [0.0; BLOCK],
            spot_discount: [1.0; BLOCK],
            discount: [1.0; BLOCK],
            d1: [0.0; BLOCK],
            d2: [0.0; BLOCK],
            per_deviation: [0.0; BLOCK],
            bell: [0.0; BLOCK],
            spot_tail: [0.0; BLOCK],
            strike_tail: [0.0; BLOCK],
            irregular: [0; BLOCK],
        }
    }

    /// Values the block's first `n` options.
    ///
    /// # Errors
    /// The first lane whose terms [`Terms::check`] refuses, and why.
    pub(crate) fn price(&mut self, n: usize) -> Result<(), (usize, InputError)> {
        let any_irregular = match Arch::new() {
            Arch::Scalar => {
                self.irregular = [1; BLOCK];
                true
            }
            fused => fused.dispatch(Vectors(self)),
        };
        if any_irregular {
            for lane in 0..n {
                if self.irregular[lane] > 0 {
                    self.terms(lane).check().map_err(|error| (lane, error))?;
                    self.price_lane(lane);
                }
            }
        }
        Ok(())
    }

    /// The scalar formula, for what the vectors cannot take.
    #[cold]
    fn price_lane(&mut self, lane: usize) {
        let kind = if self.sign[lane] > 0.0 { OptionKind::Call } else { OptionKind::Put };
        let greeks = black_scholes(kind, self.terms(lane));
        self.value[lane] = greeks.value;
        self.delta[lane] = greeks.delta;
        self.gamma[lane] = greeks.gamma;
        self.vega[lane] = greeks.vega;
        self.theta[lane] = greeks.theta;
        self.vanna[lane] = greeks.vanna;
        self.volga[lane] = greeks.volga;
    }

    /// A priced lane, without charm.
    pub(crate) fn greeks(&self, lane: usize) -> Greeks {
        Greeks {
            value: self.value[lane],
            delta: self.delta[lane],
            gamma: self.gamma[lane],
            vega: self.vega[lane],
            theta: self.theta[lane],
            vanna: self.vanna[lane],
            volga: self.volga[lane],
            ..Greeks::default()
        }
    }

    fn terms(&self, lane: usize) -> Terms {
        Terms {
            spot: self.spot[lane],
            strike: self.strike[lane],
            years: self.years[lane],
            vol: self.vol[lane],
            rate: self.rate[lane],
            carry: self.carry[lane],
        }
    }
}

/// A struct and not a closure: a closure is not inlined into the dispatched context, and silently runs twenty times slower.
struct Vectors<'a>(&'a mut Block);

impl WithSimd for Vectors<'_> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> bool {
        let block = self.0;
        discounts(block);
        // Several short loops and not one long one: the processor works on more options at a time.
        for lane in 0..BLOCK {
            deviations(block, lane);
        }
        for lane in 0..BLOCK {
            block.bell[lane] = block.spot[lane] * block.spot_discount[lane] * bell(block.d1[lane]);
        }
        for lane in 0..BLOCK {
            tails(block, lane);
        }
        for lane in 0..BLOCK {
            price(block, lane);
        }
        // Integers: a sum of floats is added one by one.
        let mut n_irregular = 0;
        for lane in 0..BLOCK {
            n_irregular += block.irregular[lane];
        }
        n_irregular > 0
    }
}

/// Discount factors, without exponentials where every rate and carry is exactly 0, the usual case.
#[inline(always)]
fn discounts(block: &mut Block) {
    // Without their signs the bits of a zero are 0.
    let mut bits = 0;
    for lane in 0..BLOCK {
        bits |= block.rate[lane].abs().to_bits() | block.carry[lane].abs().to_bits();
    }
    if bits == 0 {
        block.spot_discount = [1.0; BLOCK];
        block.discount = [1.0; BLOCK];
        return;
    }
    for lane in 0..BLOCK {
        let (rate, carry, years) = (block.rate[lane], block.carry[lane], block.years[lane]);
        block.spot_discount[lane] = exp((carry - rate) * years);
        block.discount[lane] = exp(-rate * years);
    }
}

/// d1 and d2 of one option.
#[inline(always)]
fn deviations(block: &mut Block, lane: usize) {
    let (spot, strike, years) = (block.spot[lane], block.strike[lane], block.years[lane]);
    let (vol, rate, carry) = (block.vol[lane], block.rate[lane], block.carry[lane]);
    let deviation = vol * years.sqrt();
    let per_deviation = 1.0 / deviation;
    let ahead = carry.mul_add(years, ln_ratio(spot, strike)) * per_deviation;
    block.d1[lane] = deviation.mul_add(0.5, ahead);
    block.d2[lane] = deviation.mul_add(-0.5, ahead);
    block.per_deviation[lane] = per_deviation;
    // NaN fits nothing, so every bad term makes its option irregular.
    let fits = is_within(deviation, LEAST_DEVIATION, MOST_DEVIATION)
        & is_within(spot, f64::MIN_POSITIVE, f64::MAX)
        & is_within(strike, f64::MIN_POSITIVE, f64::MAX)
        & (vol <= f64::MAX)
        & ((rate * years).abs() <= MOST_GROWTH)
        & (((carry - rate) * years).abs() <= MOST_GROWTH);
    block.irregular[lane] = u64::from(!fits);
}

/// What N(−|d|) leaves of spot and strike.
#[inline(always)]
fn tails(block: &mut Block, lane: usize) {
    let (t1, t2) = (block.d1[lane].abs() + 4.0, block.d2[lane].abs() + 4.0);
    // One division for both.
    let shared = 1.0 / (t1 * t2);
    block.spot_tail[lane] = block.bell[lane] * mills_with(shared * t2);
    block.strike_tail[lane] = block.bell[lane] * mills_with(shared * t1);
}

/// Value and slopes of one option; formulas as in [`black_scholes`].
#[inline(always)]
fn price(block: &mut Block, lane: usize) {
    let (w, spot, years) = (block.sign[lane], block.spot[lane], block.years[lane]);
    let (vol, rate, carry) = (block.vol[lane], block.rate[lane], block.carry[lane]);
    let (d1, d2, per_deviation) = (block.d1[lane], block.d2[lane], block.per_deviation[lane]);
    let root_years = years.sqrt();
    let s = spot * block.spot_discount[lane];
    let k = block.strike[lane] * block.discount[lane];
    let bell = block.bell[lane];
    let (m1, m2) = (block.spot_tail[lane], block.strike_tail[lane]);

    let spot_leg = if w * d1 > 0.0 { s - m1 } else { m1 };
    let strike_leg = if w * d2 > 0.0 { k - m2 } else { m2 };
    let (above, below) = (d2 > 0.0, d1 < 0.0);
    // Between d2 and d1 the forward is on neither side for sure: the option is its leg less both tails.
    let tails = if above {
        m2 - m1
    } else if below {
        m1 - m2
    } else {
        -(m1 + m2)
    };
    let call = if above {
        s - k
    } else if below {
        0.0
    } else {
        s
    };
    let put = if above {
        0.0
    } else if below {
        k - s
    } else {
        k
    };
    let value = if w > 0.0 { call } else { put } + tails;

    let density = PEAK * bell;
    let vega = density * root_years;
    let per_spot = 1.0 / spot;
    let per_vol = root_years * per_deviation;
    let spread = density * vol * vol * per_deviation;
    block.value[lane] = value.max(0.0);
    block.delta[lane] = w * spot_leg * per_spot;
    block.gamma[lane] = density * per_spot * per_deviation * per_spot;
    block.vega[lane] = vega;
    block.theta[lane] =
        spread.mul_add(-0.5, w * rate.mul_add(-strike_leg, (rate - carry) * spot_leg));
    block.vanna[lane] = -density * per_spot * d2 * per_vol;
    block.volga[lane] = vega * d1 * d2 * per_vol;
}
