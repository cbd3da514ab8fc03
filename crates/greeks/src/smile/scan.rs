//! Where a slice must be looked at: a grid that is dense where hyperbolas bend and reaches far into the wings.

use super::RawSvi;

/// Steps on each side of a centre.
const STEPS: u8 = 96;

/// How far a scan reaches, in log-moneyness: strikes of e^±50 forwards. Beyond, the wings' slopes decide.
pub(super) const REACH: f64 = 50.0;

/// Narrowest scale of a grid.
const LEAST_SCALE: f64 = 1e-4;

/// Log-moneyness values at which to look at `slices`, ascending.
///
/// About the centre of each slice, and about the money, points are spaced as scale · sinh(u): the spacing is a tenth of
/// the scale near the centre and grows with the distance. The scales are σ and one standard deviation to expiry.
pub(super) fn grid(slices: &[&RawSvi]) -> Vec<f64> {
    let mut points = Vec::with_capacity(slices.len() * 4 * STEPS as usize + 2);
    for slice in slices {
        spread(&mut points, slice.m, slice.sigma);
        spread(&mut points, 0.0, slice.at(0.0).value.max(0.0).sqrt());
    }
    // A stable sort finds the runs that are in order already.
    points.sort_by(f64::total_cmp);
    points.dedup();
    points
}

fn spread(points: &mut Vec<f64>, centre: f64, scale: f64) {
    let scale = scale.max(LEAST_SCALE);
    let step = (REACH / scale).asinh() / f64::from(STEPS);
    // e^(i·step) by multiplication: where exactly a point lies does not matter, and a sinh for each costs a fifth of a fit.
    let growth = step.exp();
    let mut offsets = [0.0; STEPS as usize];
    let mut power = 1.0;
    for offset in &mut offsets {
        power *= growth;
        *offset = 0.5 * scale * (power - power.recip());
    }
    points.extend(offsets.iter().rev().map(|offset| centre - offset));
    points.push(centre);
    points.extend(offsets.iter().map(|offset| centre + offset));
}

/// The point of the least value of `curve` between `low` and `high`, by golden section.
pub(super) fn least(curve: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    const SHRINK: f64 = 0.618_033_988_749_894_8;
    for _ in 0..60 {
        let width = SHRINK * (high - low);
        let (inner_low, inner_high) = (high - width, low + width);
        if curve(inner_low) < curve(inner_high) {
            high = inner_high;
        } else {
            low = inner_low;
        }
    }
    0.5 * (low + high)
}

/// Where `curve` changes its sign between `low` and `high`, by bisection.
pub(super) fn crossing(curve: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let below = curve(low) < 0.0;
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if (curve(middle) < 0.0) == below {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}
