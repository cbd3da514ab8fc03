//! Volume columns that are swapped: that in USD stands where that in coins should, and the other way round.

use hedgerow_core::{Defect, Severity, Timestamp};

use crate::findings::{Findings, Seen};
use crate::read::raw::Role;
use crate::rows::Rows;

/// The mean price of a bar is this near to its close, as a factor; so is the ratio of the two volumes.
const NEAR: f64 = 1.5;

/// Puts the volumes of a bar right where only the swapped ones agree with its price. Bars whose price is near 1, where
/// both would, stay as they are.
pub(crate) fn put_right(rows: &mut Rows, findings: &mut Findings) {
    let position = |wanted| rows.columns.iter().position(|(role, _)| *role == wanted);
    let (Some(base), Some(quote)) = (position(Role::Volume), position(Role::QuoteVolume)) else {
        return;
    };
    let is_near = |quote: f64, base: f64, price: f64| {
        let ratio = quote / (base * price);
        ratio < NEAR && ratio * NEAR > 1.0
    };
    let (mut count, mut first) = (0, None::<i64>);
    for row in 0..rows.len() {
        let cell = |column: usize| rows.columns[column].1[row];
        let (in_coins, in_usd, price) = (cell(base), cell(quote), cell(0));
        if is_near(in_usd, in_coins, price) || !is_near(in_coins, in_usd, price) {
            continue;
        }
        rows.columns[base].1[row] = in_usd;
        rows.columns[quote].1[row] = in_coins;
        count += 1;
        first = Some(first.map_or(rows.time[row], |first| first.min(rows.time[row])));
    }
    findings.add(Seen {
        defect: Defect::Volume,
        severity: Severity::Warning,
        count,
        first: first.map(Timestamp::from_millis),
        what: "{n} bars have their volumes in coins and in USD swapped, and are put right".into(),
        example: None,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swapped_volumes_are_put_right_and_others_stay() {
        let mut rows = Rows {
            time: vec![1, 2, 3, 4],
            columns: vec![
                (Role::Close, vec![100.0, 100.0, 100.0, 1.0]),
                (Role::Volume, vec![2.0, 210.0, 7.0, 5.0]),
                (Role::QuoteVolume, vec![201.0, 2.0, 7.0, 5.1]),
            ],
        };
        let mut findings = Findings::default();
        put_right(&mut rows, &mut findings);
        assert_eq!(rows.column(Role::Volume), Some(&[2.0, 2.0, 7.0, 5.0][..]));
        assert_eq!(rows.column(Role::QuoteVolume), Some(&[201.0, 210.0, 7.0, 5.1][..]));
        assert_eq!(findings.into_parts().0[0].count, 1);
    }
}
