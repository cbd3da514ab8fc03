//! Mean, variance and their relatives.

/// Arithmetic mean; `None` for an empty column.
pub fn mean(column: &[f64]) -> Option<f64> {
    (!column.is_empty()).then(|| column.iter().sum::<f64>() / count(column))
}

/// Sample variance with divisor n − 1; `None` for fewer than two numbers.
///
/// ```
/// # use hedgerow_report::stats::moments::variance;
/// assert_eq!(variance(&[1.0, 3.0]), Some(2.0));
/// assert_eq!(variance(&[1.0]), None);
/// ```
pub fn variance(column: &[f64]) -> Option<f64> {
    if column.len() < 2 {
        return None;
    }
    let centre = mean(column)?;
    Some(column.iter().map(|x| (x - centre).powi(2)).sum::<f64>() / (count(column) - 1.0))
}

/// Square root of [`variance`].
pub fn deviation(column: &[f64]) -> Option<f64> {
    variance(column).map(f64::sqrt)
}

/// Mean of min(x − target, 0)², over all n numbers (Fishburn 1977, lower partial moment of order 2).
///
/// ```
/// # use hedgerow_report::stats::moments::semivariance;
/// assert_eq!(semivariance(&[1.0, -2.0], 0.0), Some(2.0));
/// ```
pub fn semivariance(column: &[f64], target: f64) -> Option<f64> {
    let squares: Vec<f64> = column.iter().map(|x| (x - target).min(0.0).powi(2)).collect();
    mean(&squares)
}

/// `1 − hedged / unhedged`; `None` where the unhedged measure is not positive.
pub fn reduction(hedged: f64, unhedged: f64) -> Option<f64> {
    (unhedged > 0.0).then(|| 1.0 - hedged / unhedged)
}

/// Changes over `steps` steps, overlapping: `x[i + steps] − x[i]`. Empty when the column is too short.
pub fn changes(column: &[f64], steps: usize) -> Vec<f64> {
    column.iter().skip(steps).zip(column).map(|(later, earlier)| later - earlier).collect()
}

/// Whether a column of P&L moves by no more than the rounding of amounts as large as `scale`.
pub fn is_flat(pnl: &[f64], scale: f64) -> bool {
    deviation(pnl).is_none_or(|deviation| deviation <= 1e-13 * scale.abs())
}

/// Number of entries as a number.
#[expect(clippy::cast_precision_loss, reason = "columns are far shorter than 2^53")]
pub fn count<T>(column: &[T]) -> f64 {
    column.len() as f64
}

/// Sum with Neumaier's correction (1974): the error does not grow with the number of addends.
pub fn sum(column: impl IntoIterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0);
    for x in column {
        let next = total + x;
        lost += if total.abs() >= x.abs() { (total - next) + x } else { (x - next) + total };
        total = next;
    }
    total + lost
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn corrected_sum_keeps_what_a_plain_sum_loses() {
        assert!((sum([1.0, 1e100, 1.0, -1e100]) - 2.0).abs() < 1e-12);
    }

    proptest! {
        /// Var(S − hF) = Var(S) − 2h Cov(S, F) + h² Var(F), with Cov from Var(S + F).
        #[test]
        fn variance_of_a_hedge_is_a_parabola(
            pairs in prop::collection::vec((-1e3..1e3f64, -1e3..1e3f64), 3..60),
            ratio in -2.0..2.0f64,
        ) {
            let (spot, hedge): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
            let both: Vec<_> = pairs.iter().map(|(s, f)| s + f).collect();
            let hedged: Vec<_> = pairs.iter().map(|(s, f)| s - ratio * f).collect();
            let var = |column: &[f64]| variance(column).unwrap();
            let covariance = (var(&both) - var(&spot) - var(&hedge)) / 2.0;
            let expected = var(&spot) - 2.0 * ratio * covariance + ratio * ratio * var(&hedge);
            prop_assert!((var(&hedged) - expected).abs() <= 1e-9 * (var(&spot) + var(&hedge)));
        }
    }
}
