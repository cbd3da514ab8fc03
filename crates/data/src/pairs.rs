//! What one series says of another: stamps and labels that were declared wrongly show where series overlap.

mod labels;
mod settlements;

use std::collections::HashMap;

use hedgerow_core::{Defect, Finding, Severity, Timestamp};

use crate::series::Series;
use crate::source::{SeriesKind, Span};

/// A perpetual this much dearer or cheaper than its coin is of another coin, or in another unit.
const FAR: f64 = 1.25;

/// Fewer common stamps than this tell nothing.
const FEW: usize = 20;

/// Holds the series of a market against each other, and funding against the grid of its venue; adds what is found to the
/// quality of the series concerned.
pub(crate) fn check(series: &mut [Series]) {
    let mut found: Vec<(usize, Finding)> = Vec::new();
    for (index, one) in series.iter().enumerate() {
        if one.kind.is_funding() {
            found
                .extend(settlements::off_grid(&one.time, one.step).map(|finding| (index, finding)));
            found
                .extend(settlements::doubled(&one.time, &one.main).map(|finding| (index, finding)));
        }
        let other = one.kind.is_price() && one.kind != SeriesKind::Spot;
        let spot =
            series.iter().find(|spot| spot.kind == SeriesKind::Spot && spot.asset == one.asset);
        let Some(spot) = spot.filter(|_| other) else { continue };
        found.extend(labels::shifted(spot, one).map(|finding| (index, finding)));
        found.extend(far_apart(spot, one).map(|finding| (index, finding)));
        found.extend(ends_early(spot, one).map(|finding| (index, finding)));
    }
    for (index, finding) in found {
        series[index].quality.findings.push(finding);
    }
}

/// A level that is not that of the coin.
fn far_apart(spot: &Series, other: &Series) -> Option<Finding> {
    let at: HashMap<i64, f64> = spot.time.iter().copied().zip(spot.main.iter().copied()).collect();
    let ratio = |(time, price): (&i64, &f64)| at.get(time).map(|spot| price / spot);
    let mut ratios: Vec<f64> = other.time.iter().zip(&other.main).filter_map(ratio).collect();
    if ratios.len() < FEW {
        return None;
    }
    let middle = ratios.len() / 2;
    let typical = *ratios.select_nth_unstable_by(middle, f64::total_cmp).1;
    if (1.0 / FAR..FAR).contains(&typical) {
        return None;
    }
    Some(Finding {
        defect: Defect::Symbol,
        severity: Severity::Warning,
        count: ratios.len(),
        first: other.time.first().copied().map(Timestamp::from_millis),
        detail: format!(
            "prices are typically {typical:.4} times those of {}: another coin, or another unit",
            spot.title
        ),
    })
}

/// One history that goes on where another has ended.
fn ends_early(spot: &Series, other: &Series) -> Option<Finding> {
    let (early, late) = (*other.time.last()?, *spot.time.last()?);
    let missing = late - early;
    if missing < other.step.max(spot.step) {
        return None;
    }
    let length = Span::from_millis(missing).map_or_else(String::new, |span| span.to_string());
    Some(Finding {
        defect: Defect::Unfinished,
        severity: Severity::Note,
        count: 1,
        first: Some(Timestamp::from_millis(early)),
        detail: format!(
            "it ends {length} before {}; whether its last row was complete cannot be known",
            spot.title
        ),
    })
}
