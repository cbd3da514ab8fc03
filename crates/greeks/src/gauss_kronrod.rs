//! Adaptive integration of several functions over one interval.
//!
//! The 15-point Kronrod rule with its embedded 7-point Gauss rule (Piessens, de Doncker-Kapenga, Überhuber and Kahaner,
//! *QUADPACK*, 1983); an interval whose two rules disagree by more than its tolerance is halved. Where they agree to ε the
//! Kronrod rule itself is good to far less than ε, so that the sum of the disagreements overstates the error.

/// Positive nodes, outermost first, then the centre; every second one belongs to the Gauss rule.
const NODES: [f64; 8] = [
    0.991_455_371_120_812_6,
    0.949_107_912_342_758_5,
    0.864_864_423_359_769_1,
    0.741_531_185_599_394_4,
    0.586_087_235_467_691_1,
    0.405_845_151_377_397_2,
    0.207_784_955_007_898_47,
    0.0,
];
const KRONROD: [f64; 8] = [
    0.022_935_322_010_529_225,
    0.063_092_092_629_978_55,
    0.104_790_010_322_250_18,
    0.140_653_259_715_525_92,
    0.169_004_726_639_267_9,
    0.190_350_578_064_785_4,
    0.204_432_940_075_298_9,
    0.209_482_141_084_727_82,
];
const GAUSS: [f64; 8] = [
    0.0,
    0.129_484_966_168_869_7,
    0.0,
    0.279_705_391_489_276_64,
    0.0,
    0.381_830_050_505_118_9,
    0.0,
    0.417_959_183_673_469_4,
];

/// The most times an interval is halved: beyond, its rounding errors are all that is left.
const MOST_HALVINGS: u32 = 40;

/// Integrals of `N` functions and how far the two rules were apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Integrals<const N: usize> {
    pub(crate) value: [f64; N],
    pub(crate) error: [f64; N],
}

/// Integrates `of` from `from` to `to`, at first in `pieces` parts; `tolerance` is that of each accepted interval.
pub(crate) fn integrate<const N: usize>(
    of: impl Fn(f64) -> [f64; N],
    from: f64,
    to: f64,
    pieces: u32,
    tolerance: [f64; N],
) -> Integrals<N> {
    let mut total = Integrals { value: [0.0; N], error: [0.0; N] };
    let width = (to - from) / f64::from(pieces);
    for piece in 0..pieces {
        let start = from + width * f64::from(piece);
        // A stack and not recursion: the halves of an interval, the right one waiting.
        let mut waiting = vec![(start, start + width, 0)];
        while let Some((left, right, halvings)) = waiting.pop() {
            let part = rules(&of, left, right);
            let agrees = (0..N).all(|k| part.error[k] <= tolerance[k]);
            if agrees || halvings == MOST_HALVINGS {
                for k in 0..N {
                    total.value[k] += part.value[k];
                    total.error[k] += part.error[k];
                }
            } else {
                let middle = 0.5 * (left + right);
                waiting.push((middle, right, halvings + 1));
                waiting.push((left, middle, halvings + 1));
            }
        }
    }
    total
}

/// Both rules on one interval.
fn rules<const N: usize>(of: &impl Fn(f64) -> [f64; N], left: f64, right: f64) -> Integrals<N> {
    let (middle, half) = (0.5 * (left + right), 0.5 * (right - left));
    let (mut kronrod, mut gauss) = ([0.0; N], [0.0; N]);
    for (node, (node_kronrod, node_gauss)) in NODES.into_iter().zip(KRONROD.into_iter().zip(GAUSS))
    {
        let up = of(middle + half * node);
        let down = if node == 0.0 { [0.0; N] } else { of(middle - half * node) };
        for k in 0..N {
            kronrod[k] += node_kronrod * (up[k] + down[k]);
            gauss[k] += node_gauss * (up[k] + down[k]);
        }
    }
    Integrals {
        value: kronrod.map(|sum| half * sum),
        error: std::array::from_fn(|k| (half * (kronrod[k] - gauss[k])).abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::integrate;

    #[test]
    fn known_integrals() {
        let found = integrate(
            |x| [x.powi(20), (-x).exp(), (50.0 * x).cos(), 1.0 / (1.0 + x * x)],
            0.0,
            1.0,
            2,
            [1e-12; 4],
        );
        let quarter = std::f64::consts::FRAC_PI_4;
        let expected = [1.0 / 21.0, 1.0 - (-1.0_f64).exp(), 50.0_f64.sin() / 50.0, quarter];
        for (value, expected) in found.value.into_iter().zip(expected) {
            assert!((value - expected).abs() < 1e-15, "{found:?}");
        }
    }
}
