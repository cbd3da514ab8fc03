//! Minimum-variance ratios of several instruments at once: the function behind cross-asset and basket hedges.
//!
//! The variance of `y - sum of h_j x_j` is least at `h = (F + ridge · mean diagonal of F)^-1 c`, where `F` is the covariance of the
//! instruments' returns `x` and `c` theirs with the book's return `y` (Johnson 1960, Review of Economic Studies 27(3);
//! Anderson and Danthine 1981, Journal of Political Economy 89(6), for several instruments). The ridge, a fraction of the mean
//! variance of the instruments, keeps the ratios bounded where instruments move alike (Hoerl and Kennard 1970, Technometrics
//! 12(1)); 0 is none.
//!
//! ```
//! use hedgerow_sim::ratio::multivariate::minimum_variance;
//! let (a, b) = ([0.01, -0.02, 0.015, 0.0], [0.02, 0.01, -0.01, 0.03]);
//! let book: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 0.7 * a - 0.2 * b).collect();
//! let ratios = minimum_variance(&[&a, &b], &book, 0.0).unwrap();
//! assert!((ratios[0] - 0.7).abs() < 1e-12 && (ratios[1] + 0.2).abs() < 1e-12);
//! ```

use hedgerow_core::Timestamp;

use super::refit::Refit;

/// The ratio of each instrument: units of its return to sell against one of the book's.
///
/// `instruments` holds a column of returns per instrument, each as long as `book`. `None` for fewer returns than instruments
/// plus two, and where the instruments are not independent and there is no ridge.
#[expect(clippy::cast_precision_loss, reason = "a window has far fewer than 2^52 rows")]
pub fn minimum_variance(instruments: &[&[f64]], book: &[f64], ridge: f64) -> Option<Vec<f64>> {
    let n = instruments.len();
    if n == 0 || book.len() < n + 2 {
        return None;
    }
    let centred = |column: &[f64]| -> Vec<f64> {
        let mean = column.iter().sum::<f64>() / column.len() as f64;
        column.iter().map(|x| x - mean).collect()
    };
    let columns: Vec<Vec<f64>> = instruments.iter().map(|column| centred(column)).collect();
    let book = centred(book);
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut matrix: Vec<Vec<f64>> =
        columns.iter().map(|a| columns.iter().map(|b| product(a, b)).collect()).collect();
    let mean = (0..n).map(|i| matrix[i][i]).sum::<f64>() / n as f64;
    (0..n).for_each(|i| matrix[i][i] += ridge * mean);
    let right: Vec<f64> = columns.iter().map(|column| product(column, &book)).collect();
    solve(&matrix, &right)
}

/// Rolling ratios, strictly out of sample: those at a row come from the returns of the last `window_days` days up to it, made
/// anew every `refit_rows` rows and held in between; `None` until a whole window has passed. Row 0 has no return.
pub fn rolling_minimum_variance(
    time: &[Timestamp],
    (instruments, book): (&[&[f64]], &[f64]),
    window_days: f64,
    refit_rows: std::num::NonZeroUsize,
    ridge: f64,
) -> Vec<Option<Vec<f64>>> {
    let mut refit = Refit::new(time, window_days, refit_rows.get());
    let mut last: Option<Vec<f64>> = None;
    let ratios = |row: usize| {
        if let Some(rows) = refit.due(row) {
            let columns: Vec<&[f64]> =
                instruments.iter().map(|column| &column[rows.clone()]).collect();
            last = minimum_variance(&columns, &book[rows], ridge).or_else(|| last.take());
        }
        last.clone()
    };
    (0..time.len()).map(ratios).collect()
}

/// Solves a symmetric positive definite system by Cholesky's factors; `None` where it is not positive definite beyond
/// rounding.
pub fn solve(matrix: &[Vec<f64>], right: &[f64]) -> Option<Vec<f64>> {
    let n = right.len();
    let mut factor = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
            let rest = matrix[i][j] - sum;
            factor[i][j] = if i == j {
                if rest.is_nan() || rest <= 1e-13 * matrix[i][i] {
                    return None;
                }
                rest.sqrt()
            } else {
                rest / factor[j][j]
            };
        }
    }
    let mut solution = right.to_vec();
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| factor[i][k] * solution[k]).sum();
        solution[i] = (solution[i] - sum) / factor[i][i];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| factor[k][i] * solution[k]).sum();
        solution[i] = (solution[i] - sum) / factor[i][i];
    }
    Some(solution)
}
