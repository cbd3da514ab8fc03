//! Two variances and their correlation, rolled forward on past data only: what CCC and DCC have in common.

use super::garch::{Garch, best_weights};
use super::refit::Refit;
use super::{History, RatioColumn};

/// Dynamic conditional correlation.
///
/// `Q_{t+1} = (1 - a - b) · Qbar + a · u_t·u_t' + b · Q_t`, `Q_1 = Qbar`, with `u` the returns over their GARCH deviations and
/// `Qbar` the mean of `u·u'`; the correlation is `q12 / sqrt(q11 · q22)` (Engle 2002, Journal of Business and Economic Statistics
/// 20(3)). With `a = b = 0` it is constant (Bollerslev 1990, Review of Economics and Statistics 72(3)).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation {
    /// Weight of the last product.
    pub a: f64,
    /// Weight of the last `Q`.
    pub b: f64,
    /// `Qbar`: `[q11, q12, q22]`.
    pub mean: [f64; 3],
}

impl Correlation {
    /// `Q` after a pair of standardised returns.
    #[inline]
    pub fn next(&self, q: [f64; 3], u: [f64; 2]) -> [f64; 3] {
        let products = [u[0] * u[0], u[0] * u[1], u[1] * u[1]];
        std::array::from_fn(|i| {
            (1.0 - self.a - self.b) * self.mean[i] + self.a * products[i] + self.b * q[i]
        })
    }

    /// The correlation that `Q` stands for.
    #[inline]
    pub fn of(q: [f64; 3]) -> f64 {
        (q[1] / (q[0] * q[2]).sqrt()).clamp(-1.0, 1.0)
    }

    /// Minus the correlation's part of the quasi-log-likelihood per pair.
    #[expect(clippy::cast_precision_loss, reason = "a window has far fewer than 2^52 rows")]
    pub fn loss(&self, pairs: &[[f64; 2]]) -> f64 {
        let mut q = self.mean;
        let mut sum = 0.0;
        for [x, y] in pairs {
            let rho = Self::of(q);
            let rest = 1.0 - rho * rho;
            sum += rest.ln() + (x * x + y * y - 2.0 * rho * x * y) / rest;
            q = self.next(q, [*x, *y]);
        }
        0.5 * sum / pairs.len() as f64
    }

    /// `a = b = 0`: the mean of the products.
    #[expect(clippy::cast_precision_loss, reason = "a window has far fewer than 2^52 rows")]
    pub fn constant(pairs: &[[f64; 2]]) -> Self {
        let mut mean = [0.0; 3];
        for [x, y] in pairs {
            let products = [x * x, x * y, y * y];
            mean.iter_mut().zip(products).for_each(|(mean, product)| *mean += product);
        }
        Self { a: 0.0, b: 0.0, mean: mean.map(|sum| sum / pairs.len() as f64) }
    }

    /// The weights of highest likelihood, and whether they beat a constant correlation; without that, the constant one.
    pub fn fit(pairs: &[[f64; 2]]) -> (Self, bool) {
        let constant = Self::constant(pairs);
        let with = |[a, b]: [f64; 2]| Self { a, b, ..constant };
        let (best, loss) = best_weights(|weights| with(weights).loss(pairs));
        if loss < constant.loss(pairs) { (with(best), true) } else { (constant, false) }
    }
}

/// Whether the correlation may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moves {
    Constant,
    Dynamic,
}

/// Parameters and state between two refits.
#[derive(Debug, Clone, Copy)]
struct Model {
    /// Of the hedge and of the spot.
    margins: [Garch; 2],
    correlation: Correlation,
    /// Variances of the next returns.
    variances: [f64; 2],
    q: [f64; 3],
}

/// How many fits were made, and how many of them fell back.
#[derive(Debug, Clone, Copy, Default)]
struct Fits {
    made: usize,
    constant_variance: usize,
    constant_correlation: usize,
    failed: usize,
}

impl Model {
    /// `None` where the returns do not move or are too few.
    fn fit(hedge: &[f64], spot: &[f64], moves: Moves, fits: &mut Fits) -> Option<Self> {
        fits.made += 1;
        let margins = Garch::fit(hedge).zip(Garch::fit(spot));
        let Some(((first, first_moves), (second, second_moves))) = margins else {
            fits.failed += 1;
            return None;
        };
        fits.constant_variance += usize::from(!(first_moves && second_moves));
        let ((h, next_h), (s, next_s)) = (first.filter(hedge), second.filter(spot));
        let pairs: Vec<[f64; 2]> = hedge
            .iter()
            .zip(spot)
            .zip(h.iter().zip(&s))
            .map(|((x, y), (h, s))| [x / h.sqrt(), y / s.sqrt()])
            .collect();
        let correlation = match moves {
            Moves::Constant => Correlation::constant(&pairs),
            Moves::Dynamic => {
                let (correlation, moves) = Correlation::fit(&pairs);
                fits.constant_correlation += usize::from(!moves);
                correlation
            }
        };
        let q = pairs.iter().fold(correlation.mean, |q, pair| correlation.next(q, *pair));
        let margins = [first, second];
        Some(Self { margins, correlation, variances: [next_h, next_s], q })
    }

    /// Takes in a row's returns.
    fn step(&mut self, returns: [f64; 2]) {
        let u = std::array::from_fn(|i| returns[i] / self.variances[i].sqrt());
        self.q = self.correlation.next(self.q, u);
        self.variances =
            std::array::from_fn(|i| self.margins[i].next(self.variances[i], returns[i]));
    }

    /// The ratio of least variance for the next row: covariance over the hedge's variance.
    fn ratio(&self) -> f64 {
        Correlation::of(self.q) * (self.variances[1] / self.variances[0]).sqrt()
    }
}

impl Fits {
    fn notes(&self, name: &str) -> Vec<String> {
        let note = |count: usize, what: &str| {
            (count > 0).then(|| format!("{name}: {count} of {} fits {what}", self.made))
        };
        [
            note(self.failed, "had too few or unmoving returns; the last good fit stands in"),
            note(self.constant_variance, "found no variance that moves; it is taken as constant"),
            note(
                self.constant_correlation,
                "found no correlation that moves; it is taken as constant",
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The ratio of least variance at each row, from a model refitted on the last `window_days` days every `refit_rows` rows, and
/// what the fits had to decide.
pub(super) fn rolling_ratio(
    history: &History<'_>,
    (window_days, refit_rows): (f64, std::num::NonZeroUsize),
    moves: Moves,
    name: &str,
) -> (RatioColumn, Vec<String>) {
    let (hedge, spot) = (&history.hedge_return, &history.spot_return);
    let mut refit = Refit::new(history.time, window_days, refit_rows.get());
    let mut fits = Fits::default();
    let mut model: Option<Model> = None;
    let ratio = |row: usize| {
        let step = |model: &mut Option<Model>| {
            if let Some(model) = model {
                model.step([hedge[row], spot[row]]);
            }
        };
        match refit.due(row) {
            None => step(&mut model),
            Some(rows) => match Model::fit(&hedge[rows.clone()], &spot[rows], moves, &mut fits) {
                None => step(&mut model),
                fitted => model = fitted,
            },
        }
        model.map(|model| model.ratio()).filter(|ratio| ratio.is_finite())
    };
    let column = RatioColumn::Rows((0..history.time.len()).map(ratio).collect());
    (column, fits.notes(name))
}
