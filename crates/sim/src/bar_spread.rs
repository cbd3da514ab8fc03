//! Bid-ask spreads estimated from bars: what highs, lows and closes tell of the spread, where nobody has recorded it.
//!
//! Both estimators compare a bar with the next. Spread and vol both widen a bar, but vol grows with time and the spread does
//! not; and a close stands at bid or ask, while the middle of a bar does not.
//!
//! They were made for shares with spreads near 1 %. A bar's estimate is noisy: its error is of the order of the bar's own
//! vol, so that the few basis points of a large coin are found from many short bars only, and with
//! [`Negatives::ZeroMean`]; [`Negatives::ZeroEach`] is biased upwards by a good part of that vol.

use std::ops::Range;

use hedgerow_core::{Market, Timestamp};
use serde::Deserialize;

/// A half-spread that is estimated from the spot's bars before each row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpreadFromBars {
    /// By which formula.
    pub estimator: SpreadEstimator,
    /// What is done about estimates below 0.
    pub negatives: Negatives,
    /// Days of bars that an estimate is made from.
    pub window_days: f64,
}

/// How a pair of bars tells the spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpreadEstimator {
    /// Corwin and Schultz (2012), "A simple way to estimate bid-ask spreads from daily high and low prices", Journal of
    /// Finance 67, 719-760.
    ///
    /// `S = 2 (e^a - 1) / (1 + e^a)` (eq. 14), `a = (sqrt(2 b) - sqrt(b)) / (3 - 2 sqrt(2)) - sqrt(g / (3 - 2 sqrt(2)))`
    /// (eq. 18), with `b` the sum over both bars of `ln(high/low)²` and `g` the `ln(high/low)²` of the two as one. Where a
    /// bar lies wholly above or below the close before it, it is first moved to that close (their treatment of overnight
    /// moves).
    CorwinSchultz,
    /// Abdi and Ranaldo (2017), "A simple estimation of bid-ask spreads from daily close, high, and low prices", Review of
    /// Financial Studies 30, 4437-4480.
    ///
    /// `S² = 4 (c - m)(c - m')`: `c` is the log close of the first bar, `m` and `m'` are the means of log high and log low of
    /// the first and of the second.
    AbdiRanaldo,
}

/// What is done about estimates below 0, which noise makes where the spread is small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Negatives {
    /// Each pair's is set to 0 before the mean is taken (Corwin and Schultz; the two-day corrected version of Abdi and
    /// Ranaldo, eq. 11).
    ZeroEach,
    /// The mean is set to 0 where it is below (the monthly corrected version of Abdi and Ranaldo, eq. 12).
    ZeroMean,
}

/// Why a market does not tell its spread.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BarSpreadError {
    /// The spot has no bars.
    #[error(
        "the spot series of {ticker} has no {missing}, from which its spread could be estimated"
    )]
    Bars {
        /// The asset.
        ticker: String,
        /// `high` or `low`.
        missing: &'static str,
    },
    /// The window has not passed.
    #[error(
        "a spread from bars needs {days} days of them before the period; none is known at {time}"
    )]
    Unknown {
        /// The window.
        days: String,
        /// The first row without an estimate.
        time: Timestamp,
    },
}

/// One bar, USD per coin.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bar {
    high: f64,
    low: f64,
    close: f64,
}

impl SpreadEstimator {
    /// The spread that a pair of bars tells, or for Abdi and Ranaldo its square: a fraction, which noise may make negative.
    fn of_pair(self, first: Bar, second: Bar) -> f64 {
        match self {
            Self::CorwinSchultz => corwin_schultz(first, second),
            Self::AbdiRanaldo => {
                let middle = |bar: Bar| 0.5 * (bar.high.ln() + bar.low.ln());
                let close = first.close.ln();
                4.0 * (close - middle(first)) * (close - middle(second))
            }
        }
    }

    /// The spread from what a pair tells, or from the mean of that.
    fn spread(self, told: f64) -> f64 {
        match self {
            Self::CorwinSchultz => told.max(0.0),
            Self::AbdiRanaldo => told.max(0.0).sqrt(),
        }
    }
}

fn corwin_schultz(first: Bar, second: Bar) -> f64 {
    let moved = (second.low - first.close).max(0.0) + (second.high - first.close).min(0.0);
    let (high, low) = (second.high - moved, second.low - moved);
    let range = |high: f64, low: f64| (high / low).ln().powi(2);
    let beta = range(first.high, first.low) + range(high, low);
    let gamma = range(first.high.max(high), first.low.min(low));
    let width = 3.0 - 2.0 * std::f64::consts::SQRT_2;
    let alpha = ((2.0 * beta).sqrt() - beta.sqrt()) / width - (gamma / width).sqrt();
    2.0 * alpha.exp_m1() / (1.0 + alpha.exp())
}

impl SpreadFromBars {
    /// The whole spread, a fraction, from the pairs of bars of the last `window_days` before each row: neither the row's own
    /// bar nor a later one is in it. `None` until the window has passed.
    ///
    /// # Panics
    /// When the columns differ in length: a programmer's error.
    pub fn before(
        &self,
        time: &[Timestamp],
        high: &[f64],
        low: &[f64],
        close: &[f64],
    ) -> Vec<Option<f64>> {
        assert!([high, low, close].iter().all(|column| column.len() == time.len()), "rows of bars");
        let bar = |row: usize| Bar { high: high[row], low: low[row], close: close[row] };
        let told = |row: usize| {
            let told = self.estimator.of_pair(bar(row - 1), bar(row));
            match self.negatives {
                Negatives::ZeroEach => self.estimator.spread(told),
                Negatives::ZeroMean => told,
            }
        };
        let window = crate::rehedge::millis(self.window_days);
        let (mut first, mut sum) = (0, 0.0);
        let spread = |row: usize| {
            let last = row.checked_sub(1)?;
            sum += if last > 0 { told(last) } else { 0.0 };
            while time[last].millis() - time[first].millis() > window {
                first += 1;
                sum -= told(first);
            }
            if row.is_multiple_of(1000) {
                sum = (first + 1..=last).map(told).sum();
            }
            let full = time[last].millis() - time[0].millis() >= window && first < last;
            full.then(|| self.of_mean(sum, last - first))
        };
        (0..time.len()).map(spread).collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "a window has far fewer than 2^52 rows")]
    fn of_mean(&self, sum: f64, n_pairs: usize) -> f64 {
        let mean = sum / n_pairs as f64;
        match self.negatives {
            Negatives::ZeroEach => mean.max(0.0),
            Negatives::ZeroMean => self.estimator.spread(mean),
        }
    }

    /// The half-spread at each of `rows`, a fraction, from the bars of the asset's spot over the whole history.
    ///
    /// # Errors
    /// [`BarSpreadError`] where the spot has no bars, or the window has not passed.
    pub fn half_spread(
        &self,
        full: &Market,
        asset: usize,
        rows: &Range<usize>,
    ) -> Result<Vec<f64>, BarSpreadError> {
        let columns = &full.assets()[asset];
        let missing = |missing| BarSpreadError::Bars { ticker: columns.name.clone(), missing };
        let high = columns.high.as_ref().ok_or_else(|| missing("high"))?;
        let low = columns.low.as_ref().ok_or_else(|| missing("low"))?;
        let spread = self.before(full.time(), high, low, &columns.spot);
        let known = rows.clone().map(|row| {
            spread[row].map(|spread| 0.5 * spread).ok_or_else(|| BarSpreadError::Unknown {
                days: self.window_days.to_string(),
                time: full.time()[row],
            })
        });
        known.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};
    use rand_distr::{Distribution, StandardNormal};

    const FIRST: Bar = Bar { high: 102.0, low: 100.0, close: 101.8 };
    const SECOND: Bar = Bar { high: 103.0, low: 101.0, close: 102.0 };

    /// By hand: ln(1.02)² = 3.921440e-4, ln(103/101)² = 3.844922e-4, so b = 7.766362e-4; g = ln(1.03)² = 8.737228e-4;
    /// a = (0.03941158 - 0.02786819)/0.17157288 - sqrt(8.737228e-4/0.17157288) = 0.06727977 - 0.07136126 = -0.00408149;
    /// S = 2 (e^a - 1)/(1 + e^a) = -0.00408149.
    ///
    /// Closes: c = ln 101.8 = 4.62301010, m = 4.61507150, m' = 4.62492475: S² = 4 · 0.00793860 · -0.00191465 = -6.07985e-5.
    #[test]
    fn a_pair_by_hand() {
        let found = SpreadEstimator::CorwinSchultz.of_pair(FIRST, SECOND);
        assert!((found + 0.004_081_485_4).abs() < 1e-9, "{found}");
        let found = SpreadEstimator::AbdiRanaldo.of_pair(FIRST, SECOND);
        assert!((found + 6.079_855e-5).abs() < 1e-10, "{found}");
    }

    /// A bar that lies above the close before it is moved down to it: 104 to 106 after 101.8 is 101.8 to 103.8.
    #[test]
    fn a_move_between_bars_is_taken_out() {
        let apart = Bar { high: 106.0, low: 104.0, close: 105.0 };
        let moved = Bar { high: 103.8, low: 101.8, close: 102.8 };
        let found = SpreadEstimator::CorwinSchultz.of_pair(FIRST, apart);
        assert!((found - SpreadEstimator::CorwinSchultz.of_pair(FIRST, moved)).abs() < 1e-15);
        let below = Bar { high: 98.0, low: 96.0, close: 97.0 };
        let moved = Bar { high: 101.8, low: 99.8, close: 100.8 };
        let found = SpreadEstimator::CorwinSchultz.of_pair(FIRST, below);
        assert!((found - SpreadEstimator::CorwinSchultz.of_pair(FIRST, moved)).abs() < 1e-15);
    }

    const SPREADS: [f64; 3] = [0.01, 0.03, 0.05];

    /// Bars of one walk that trades `ticks` times a bar at half the spread above or below its price, for each of the spreads.
    #[expect(clippy::cast_precision_loss, reason = "tests")]
    fn bars(vol: f64, n_rows: usize, ticks: usize) -> [[Vec<f64>; 3]; 3] {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let step = vol / (ticks as f64).sqrt();
        let (mut price, mut columns) = (100.0_f64.ln(), [const { [vec![], vec![], vec![]] }; 3]);
        for _ in 0..n_rows {
            let mut bars = [(f64::NEG_INFINITY, f64::INFINITY, 0.0); 3];
            for _ in 0..ticks {
                let normal: f64 = StandardNormal.sample(&mut random);
                price += step * normal;
                let side = if random.next_u32() & 1 == 0 { 0.5 } else { -0.5 };
                for ((high, low, close), spread) in bars.iter_mut().zip(SPREADS) {
                    *close = price + side * spread;
                    *high = high.max(*close);
                    *low = low.min(*close);
                }
            }
            for (columns, (high, low, close)) in columns.iter_mut().zip(bars) {
                let ends = [high, low, close].into_iter().zip(columns);
                ends.for_each(|(end, column)| column.push(end.exp()));
            }
        }
        columns
    }

    fn estimate(estimator: SpreadEstimator, negatives: Negatives, bars: &[Vec<f64>; 3]) -> f64 {
        let [high, low, close] = bars;
        let n_rows = close.len();
        let time: Vec<Timestamp> =
            (0..).map(|day| Timestamp::from_millis(0).plus_days(day)).take(n_rows).collect();
        #[expect(clippy::cast_precision_loss, reason = "tests")]
        let window_days = (n_rows - 2) as f64;
        let of = SpreadFromBars { estimator, negatives, window_days };
        of.before(&time, high, low, close)[n_rows - 1].expect("a window has passed")
    }

    /// The setting of Corwin and Schultz's simulations: 390 trades a day, 3 % of daily vol. Without setting each pair to 0 both
    /// find the spread, Corwin and Schultz less 2 % because 390 trades miss a bar's true extremes. Setting each pair to 0
    /// adds three quarters to a spread of a third of the vol, and a mean of roots lies below the root of the mean. Shares of
    /// the spread are those that another program found from 12,000 bars of its own; what they may be apart is three
    /// standard errors of 2000 pairs.
    #[test]
    fn a_known_spread_is_found() {
        use Negatives::{ZeroEach, ZeroMean};
        use SpreadEstimator::{AbdiRanaldo, CorwinSchultz};
        let expected = [
            [(0.98, 0.187), (1.0, 0.407), (1.746, 0.110), (1.319, 0.110)],
            [(0.98, 0.064), (1.0, 0.068), (1.072, 0.051), (0.809, 0.051)],
            [(0.98, 0.038), (1.0, 0.034), (0.989, 0.034), (0.859, 0.038)],
        ];
        let ways = [
            (CorwinSchultz, ZeroMean),
            (AbdiRanaldo, ZeroMean),
            (CorwinSchultz, ZeroEach),
            (AbdiRanaldo, ZeroEach),
        ];
        for ((spread, bars), shares) in SPREADS.iter().zip(&bars(0.03, 2000, 390)).zip(expected) {
            for ((estimator, negatives), (share, apart)) in ways.into_iter().zip(shares) {
                let found = estimate(estimator, negatives, bars) / spread;
                let message = format!("{estimator:?} {negatives:?} {spread}: {found} of it");
                assert!((found - share).abs() < apart, "{message}");
            }
        }
    }

    #[test]
    fn a_row_knows_nothing_of_its_own_bar() {
        let [[mut high, low, close], ..] = bars(0.03, 60, 50);
        let time: Vec<Timestamp> =
            (0..60).map(|day| Timestamp::from_millis(0).plus_days(day)).collect();
        for estimator in [SpreadEstimator::CorwinSchultz, SpreadEstimator::AbdiRanaldo] {
            let of =
                SpreadFromBars { estimator, negatives: Negatives::ZeroEach, window_days: 10.0 };
            let known = of.before(&time, &high, &low, &close);
            assert!(known[..11].iter().all(Option::is_none) && known[11].is_some());
            let before = high[40];
            high[40] *= 1.5;
            let other = of.before(&time, &high, &low, &close);
            high[40] = before;
            assert_eq!(known[..=40], other[..=40]);
            assert_ne!(known[41], other[41]);
        }
    }
}
