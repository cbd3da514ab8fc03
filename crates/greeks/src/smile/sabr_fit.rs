//! Calibration of SABR's α, ρ and ν at a fixed β.

use super::least_squares::{Bounds, Normal, minimise};
use super::{Sabr, SmileQuote};

/// α/F^(β−1) relative to the vol at the money, ρ, ν√years: numbers of order one.
type Parameters = [f64; 3];

const BOUNDS: Bounds<3> = Bounds { low: [0.05, -0.999, 1e-4], high: [5.0, 0.999, 10.0] };

/// Step of the differences that stand for derivatives.
const BUMP: f64 = 1e-6;

/// What a point costs at which the expansion has no vol: a vol point for each per cent, as if the vol were 0.
const NO_VOL: f64 = 0.0;

/// Fits α, ρ and ν to quotes of one expiry by weighted least squares in vol; β is a choice, 1 for crypto.
///
/// `None` for fewer than three strikes, or where time or forward are not positive.
pub fn fit_sabr(quotes: &[SmileQuote], forward: f64, years: f64, beta: f64) -> Option<Sabr> {
    let positive = |number: f64| number.is_finite() && number > 0.0;
    let usable = |quote: &&SmileQuote| {
        quote.log_moneyness.is_finite() && positive(quote.vol) && positive(quote.weight)
    };
    let mut quotes: Vec<SmileQuote> = quotes.iter().filter(usable).copied().collect();
    quotes.sort_unstable_by(|a, b| {
        a.log_moneyness.total_cmp(&b.log_moneyness).then(a.vol.total_cmp(&b.vol))
    });
    let n_strikes = quotes.chunk_by(|a, b| a.log_moneyness >= b.log_moneyness).count();
    if n_strikes < 3 || !positive(forward) || !positive(years) || !(0.0..=1.0).contains(&beta) {
        return None;
    }
    let nearest = quotes
        .iter()
        .min_by(|a, b| a.log_moneyness.abs().total_cmp(&b.log_moneyness.abs()))
        .map(|quote| quote.vol)?;
    let problem = Problem { quotes: &quotes, forward, years, beta, nearest };
    [[1.0, 0.0, 0.5], [1.0, -0.5, 0.5], [1.0, 0.5, 0.5]]
        .map(|start| minimise(start, &BOUNDS, |p, sums| problem.misses(p, sums)))
        .into_iter()
        .min_by(|a, b| a.cost.total_cmp(&b.cost))
        .map(|found| problem.sabr(&found.at))
}

#[derive(Debug, Clone, Copy)]
struct Problem<'a> {
    quotes: &'a [SmileQuote],
    forward: f64,
    years: f64,
    beta: f64,
    /// Vol nearest to the money.
    nearest: f64,
}

impl Problem<'_> {
    fn sabr(&self, p: &Parameters) -> Sabr {
        let [level, rho, nu] = *p;
        Sabr {
            alpha: level * self.nearest * self.forward.powf(1.0 - self.beta),
            beta: self.beta,
            rho,
            nu: nu / self.years.sqrt(),
        }
    }

    fn misses(&self, p: &Parameters, sums: &mut Normal<3>) {
        let here = self.sabr(p);
        let bumped: [Sabr; 3] = std::array::from_fn(|i| {
            let mut q = *p;
            q[i] += if q[i] + BUMP > BOUNDS.high[i] { -BUMP } else { BUMP };
            self.sabr(&q)
        });
        for quote in self.quotes {
            let strike = self.forward * quote.log_moneyness.exp();
            let vol = |model: &Sabr| {
                model.vol(self.forward, strike, self.years).unwrap_or(NO_VOL) / self.nearest
            };
            let (root, now) = (quote.weight.sqrt(), vol(&here));
            let slopes = std::array::from_fn(|i| {
                let step = if p[i] + BUMP > BOUNDS.high[i] { -BUMP } else { BUMP };
                root * (vol(&bumped[i]) - now) / step
            });
            sums.add(root * (now - quote.vol / self.nearest), &slopes);
        }
    }
}
