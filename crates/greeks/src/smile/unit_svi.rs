//! A slice in units of one standard deviation, with every derivative that fitting needs.
//!
//! The formula and its parameters are in the head of `fit_svi`; Durrleman's g in these units, with s the deviation, is
//!
//! ```text
//! g(x) = (1 − x u′/(2u))² − (u′²/4)(1/u + s²/4) + u″/2
//! ```

/// κ, λ, μ, m, σ.
pub(super) type Parameters = [f64; 5];

/// u and its derivatives to x, each with its derivatives to the five parameters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    pub(super) value: f64,
    slope: f64,
    curvature: f64,
    pub(super) d_value: Parameters,
    d_slope: Parameters,
    d_curvature: Parameters,
}

impl Unit {
    /// u alone.
    #[inline]
    #[expect(
        clippy::imprecise_flops,
        reason = "hypot costs ten times a root, and the numbers are too small to overflow"
    )]
    pub(super) fn value_at(p: &Parameters, x: f64) -> f64 {
        let [least, lambda, mu, m, sigma] = *p;
        let y = x - m;
        let radius = (y * y + sigma * sigma).sqrt();
        let (left, right) = (lambda * lambda * (radius - y), mu * mu * (radius + y));
        least - sigma * lambda * mu + 0.5 * (left + right)
    }

    #[inline]
    #[expect(
        clippy::imprecise_flops,
        reason = "hypot costs ten times a root, and the numbers are too small to overflow"
    )]
    pub(super) fn at(p: &Parameters, x: f64) -> Self {
        let [least, lambda, mu, m, sigma] = *p;
        let y = x - m;
        let radius = (y * y + sigma * sigma).sqrt();
        let (half_sum, half_rest) =
            (0.5 * (mu * mu + lambda * lambda), 0.5 * (mu * mu - lambda * lambda));
        let (cosine, sine) = (y / radius, sigma / radius);
        let bend = sine * sine / radius;
        let slope = half_rest + half_sum * cosine;
        let curvature = half_sum * bend;
        Self {
            value: least - sigma * lambda * mu + half_rest * y + half_sum * radius,
            slope,
            curvature,
            d_value: [
                1.0,
                lambda * (radius - y) - sigma * mu,
                mu * (radius + y) - sigma * lambda,
                -slope,
                half_sum * sine - lambda * mu,
            ],
            d_slope: [
                0.0,
                lambda * (cosine - 1.0),
                mu * (cosine + 1.0),
                -curvature,
                -half_sum * cosine * sine / radius,
            ],
            d_curvature: [
                0.0,
                lambda * bend,
                mu * bend,
                3.0 * curvature * cosine / radius,
                half_sum * sine * (2.0 - 3.0 * sine * sine) / (radius * radius),
            ],
        }
    }

    /// Durrleman's g with its derivatives to u, u′ and u″; `scale` is s.
    #[inline]
    pub(super) fn durrleman(&self, x: f64, scale: f64) -> Durrleman {
        let Self { value, slope, curvature, .. } = *self;
        let value = value.max(f64::MIN_POSITIVE);
        let tilt = 1.0 - 0.5 * x * slope / value;
        let rest = 1.0 / value + 0.25 * scale * scale;
        Durrleman {
            value: tilt * tilt - 0.25 * slope * slope * rest + 0.5 * curvature,
            to_value: tilt * x * slope / (value * value) + 0.25 * slope * slope / (value * value),
            to_slope: -tilt * x / value - 0.5 * slope * rest,
        }
    }
}

/// Durrleman's g with two of its derivatives; that to u″ is ½.
#[derive(Debug, Clone, Copy)]
pub(super) struct Durrleman {
    pub(super) value: f64,
    to_value: f64,
    to_slope: f64,
}

impl Durrleman {
    /// Derivatives to the five parameters.
    pub(super) fn slopes(&self, u: &Unit) -> Parameters {
        std::array::from_fn(|i| {
            self.to_value * u.d_value[i] + self.to_slope * u.d_slope[i] + 0.5 * u.d_curvature[i]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Parameters, Unit};

    /// Every derivative is a slope.
    #[test]
    fn derivatives_are_slopes() {
        let p: Parameters = [0.7, 0.6, 0.4, 0.2, 0.8];
        let (x, h) = (-0.9, 1e-6);
        let now = Unit::at(&p, x);
        let g = now.durrleman(x, 0.3);
        let slopes = g.slopes(&now);
        for i in 0..5 {
            let moved = |by: f64| {
                let mut q = p;
                q[i] += by;
                Unit::at(&q, x)
            };
            let (up, down) = (moved(h), moved(-h));
            let close = |found: f64, up: f64, down: f64| {
                let expected = (up - down) / (2.0 * h);
                assert!((found - expected).abs() < 1e-8, "{i}: {found} {expected}");
            };
            close(now.d_value[i], up.value, down.value);
            close(now.d_slope[i], up.slope, down.slope);
            close(now.d_curvature[i], up.curvature, down.curvature);
            close(slopes[i], up.durrleman(x, 0.3).value, down.durrleman(x, 0.3).value);
        }
        let (up, down) = (Unit::at(&p, x + h), Unit::at(&p, x - h));
        assert!((now.slope - (up.value - down.value) / (2.0 * h)).abs() < 1e-8);
        assert!((now.curvature - (up.slope - down.slope) / (2.0 * h)).abs() < 1e-8);
    }
}
