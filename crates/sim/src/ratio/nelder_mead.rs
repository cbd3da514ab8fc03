//! The downhill simplex of Nelder and Mead (1965, "A simplex method for function minimization", Computer Journal 7(4)) in two
//! dimensions, for likelihoods of two parameters: needs no slopes and takes no step it does not measure.

/// The lowest point found from `start`, and the value there; the first simplex has sides of `size`.
///
/// Standard coefficients: reflection 1, expansion 2, contraction and shrinking 1/2. Stops when the simplex is smaller than
/// `1e-7` in both directions or after 400 steps. A value that is not a number counts as the highest.
pub(crate) fn minimise(
    value: impl Fn([f64; 2]) -> f64,
    start: [f64; 2],
    size: f64,
) -> ([f64; 2], f64) {
    let value = |at: [f64; 2]| {
        let value = value(at);
        (at, if value.is_nan() { f64::INFINITY } else { value })
    };
    let [x, y] = start;
    let mut simplex = [value(start), value([x + size, y]), value([x, y + size])];
    for _ in 0..400 {
        simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
        let [best, middle, worst] = simplex;
        let spread = |i: usize| (best.0[i] - worst.0[i]).abs().max((best.0[i] - middle.0[i]).abs());
        if spread(0) < 1e-7 && spread(1) < 1e-7 {
            break;
        }
        let centre = between(best.0, middle.0, 0.5);
        let reflected = value(between(centre, worst.0, -1.0));
        if reflected.1 < best.1 {
            let expanded = value(between(centre, worst.0, -2.0));
            simplex[2] = if expanded.1 < reflected.1 { expanded } else { reflected };
        } else if reflected.1 < middle.1 {
            simplex[2] = reflected;
        } else {
            let toward = if reflected.1 < worst.1 { reflected } else { worst };
            let contracted = value(between(centre, toward.0, 0.5));
            if contracted.1 < toward.1 {
                simplex[2] = contracted;
            } else {
                simplex[1] = value(between(best.0, middle.0, 0.5));
                simplex[2] = value(between(best.0, worst.0, 0.5));
            }
        }
    }
    simplex.into_iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or(simplex[0])
}

/// The point a share of the way from one to another.
fn between(from: [f64; 2], to: [f64; 2], share: f64) -> [f64; 2] {
    [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's valley (1960): the minimum is 0, at (1, 1).
    #[test]
    fn finds_the_end_of_rosenbrocks_valley() {
        let valley = |[x, y]: [f64; 2]| (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2);
        let (at, value) = minimise(valley, [-1.2, 1.0], 0.5);
        assert!(
            (at[0] - 1.0).abs() < 1e-5 && (at[1] - 1.0).abs() < 1e-5 && value < 1e-10,
            "{at:?}"
        );
    }
}
