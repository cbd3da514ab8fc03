//! What one series says of another: stamps and labels that were declared wrongly show where series overlap.

mod labels;
mod settlements;

use std::collections::HashMap;

use hedgerow_core::{Defect, Finding, Severity, Timestamp};

use crate::series::Series;
use crate::source::{SeriesKind, Span};

/// What is looked at of one series.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) kind: SeriesKind,
    pub(crate) asset: &'a str,
    pub(crate) title: &'a str,
    /// The commonest distance between stamps, milliseconds.
    pub(crate) step: i64,
    pub(crate) time: &'a [i64],
    /// Price, rate or vol.
    pub(crate) main: &'a [f64],
}

impl<'a> View<'a> {
    fn of(series: &'a Series) -> Self {
        Self {
            kind: series.kind,
            asset: &series.asset,
            title: &series.title,
            step: series.step,
            time: &series.time,
            main: &series.main,
        }
    }
}

/// A perpetual this much dearer or cheaper than its coin is of another coin, or in another unit.
const FAR: f64 = 1.25;

/// Fewer common stamps than this tell nothing.
const FEW: usize = 20;

/// Holds the series of a market against each other, and funding against the grid of its venue; adds what is found to the
/// quality of the series concerned.
pub(crate) fn check(series: &mut [Series]) {
    let views: Vec<View<'_>> = series.iter().map(View::of).collect();
    for (index, finding) in findings(&views) {
        series[index].quality.findings.push(finding);
    }
}

/// As [`check`]: what is found, each with the place of its series.
pub(crate) fn findings(series: &[View<'_>]) -> Vec<(usize, Finding)> {
    let mut found: Vec<(usize, Finding)> = Vec::new();
    for (index, one) in series.iter().enumerate() {
        if one.kind.is_funding() {
            found.extend(settlements::off_grid(one.time, one.step).map(|finding| (index, finding)));
            found.extend(settlements::doubled(one.time, one.main).map(|finding| (index, finding)));
        }
        let other = one.kind.is_price() && one.kind != SeriesKind::Spot;
        let spot =
            series.iter().find(|spot| spot.kind == SeriesKind::Spot && spot.asset == one.asset);
        let Some(spot) = spot.filter(|_| other) else { continue };
        found.extend(labels::shifted(spot, one).map(|finding| (index, finding)));
        found.extend(far_apart(spot, one).map(|finding| (index, finding)));
        found.extend(ends_early(spot, one).map(|finding| (index, finding)));
    }
    found
}

/// A level that is not that of the coin.
fn far_apart(spot: &View<'_>, other: &View<'_>) -> Option<Finding> {
    let at: HashMap<i64, f64> = spot.time.iter().copied().zip(spot.main.iter().copied()).collect();
    let ratio = |(time, price): (&i64, &f64)| at.get(time).map(|spot| price / spot);
    let mut ratios: Vec<f64> = other.time.iter().zip(other.main).filter_map(ratio).collect();
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
fn ends_early(spot: &View<'_>, other: &View<'_>) -> Option<Finding> {
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
