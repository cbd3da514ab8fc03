//! GARCH(1,1): a variance that remembers.
//!
//! `h_{t+1} = (1 - alpha - beta) · v + alpha · e_t² + beta · h_t`, `h_1 = v`, with `v` the mean of `e²` over the window (variance
//! targeting) and the mean of `e` taken as 0 (Bollerslev 1986, Journal of Econometrics 31(3); targeting: Engle and Mezrich
//! 1996, Risk 9(8)). `alpha` and `beta` maximise the Gaussian quasi-likelihood `-1/2 · sum of (ln h_t + e_t²/h_t)`; they are
//! searched as `alpha + beta = 0.9995 / (1 + e^-p)` and `alpha = (alpha + beta) / (1 + e^-q)`, so that every variance is positive
//! and finite. Rows count as equally far apart: after a gap a variance is what it is after any row.

use super::nelder_mead::minimise;

/// Parameters of a variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Garch {
    /// Weight of the last squared return.
    pub alpha: f64,
    /// Weight of the last variance.
    pub beta: f64,
    /// Long-run variance.
    pub variance: f64,
}

impl Garch {
    /// The variance of the next return.
    #[inline]
    pub fn next(&self, variance: f64, last: f64) -> f64 {
        (1.0 - self.alpha - self.beta) * self.variance
            + self.alpha * last * last
            + self.beta * variance
    }

    /// The variances that the returns had when they came, one each, and the variance of the return after them.
    pub fn filter(&self, returns: &[f64]) -> (Vec<f64>, f64) {
        let mut variance = self.variance;
        let variances = returns.iter().map(|last| {
            let before = variance;
            variance = self.next(variance, *last);
            before
        });
        let variances = variances.collect();
        (variances, variance)
    }

    /// Minus the quasi-log-likelihood per return, without its constant.
    #[expect(clippy::cast_precision_loss, reason = "a window has far fewer than 2^52 rows")]
    pub fn loss(&self, returns: &[f64]) -> f64 {
        let mut variance = self.variance;
        let mut sum = 0.0;
        for last in returns {
            sum += variance.ln() + last * last / variance;
            variance = self.next(variance, *last);
        }
        0.5 * sum / returns.len() as f64
    }

    /// The parameters of highest likelihood, and whether they beat a constant variance; without that, `alpha` and `beta` are 0.
    /// `None` for fewer than twenty returns or returns that are all 0.
    #[expect(clippy::cast_precision_loss, reason = "a window has far fewer than 2^52 rows")]
    pub fn fit(returns: &[f64]) -> Option<(Self, bool)> {
        let variance = returns.iter().map(|e| e * e).sum::<f64>() / returns.len() as f64;
        if returns.len() < 20 || !variance.is_finite() || variance <= 0.0 {
            return None;
        }
        let constant = Self { alpha: 0.0, beta: 0.0, variance };
        let with = |[alpha, beta]: [f64; 2]| Self { alpha, beta, variance };
        let (best, loss) = best_weights(|weights| with(weights).loss(returns));
        let beats = loss < constant.loss(returns);
        Some(if beats { (with(best), true) } else { (constant, false) })
    }
}

/// The two weights, not negative and together below 1, of the lowest loss, and that loss: from the best of four starts.
pub(super) fn best_weights(loss: impl Fn([f64; 2]) -> f64) -> ([f64; 2], f64) {
    let share = |x: f64| 1.0 / (1.0 + (-x).exp());
    let odds = |share: f64| (share / (1.0 - share)).ln();
    let weights = |[p, q]: [f64; 2]| {
        let both = 0.9995 * share(p);
        let first = both * share(q);
        [first, both - first]
    };
    let starts = [[0.05, 0.90], [0.10, 0.80], [0.03, 0.95], [0.20, 0.40]];
    let starts = starts.map(|[first, second]| {
        let both: f64 = first + second;
        let at = [odds(both / 0.9995), odds(first / both)];
        (at, loss(weights(at)))
    });
    let best = starts.iter().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(starts[0].0, |best| best.0);
    let (at, value) = minimise(|at| loss(weights(at)), best, 0.5);
    (weights(at), value)
}
