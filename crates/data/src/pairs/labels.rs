//! Bars labelled by their start where an end is declared, or the other way round: the returns of two series of one coin then
//! agree best one step apart.

use std::collections::HashMap;

use hedgerow_core::{Defect, Finding, Severity, Timestamp};

use super::View;
use crate::source::Span;

/// Fewer common returns than this tell nothing: by chance, 50 unrelated returns correlate by more than 0.46 once in a
/// thousand times.
const FEW: usize = 50;

/// Returns of spot and perpetual correlate by 0.9 and more at the same instant, and hardly at all a step apart. A shift is
/// believed where the correlation is at least this, and larger than at the same stamps by [`MARGIN`].
const STRONG: f64 = 0.5;
const MARGIN: f64 = 0.3;

/// A warning when the returns of `other` agree best with those of `spot` some step away.
pub(super) fn shifted(spot: &View<'_>, other: &View<'_>) -> Option<Finding> {
    let (fine, coarse) = if other.step <= spot.step { (other, spot) } else { (spot, other) };
    let prices: HashMap<i64, f64> =
        fine.time.iter().copied().zip(fine.main.iter().map(|price| price.ln())).collect();
    let mut shifts = vec![fine.step, -fine.step];
    if coarse.step != fine.step {
        shifts.extend([coarse.step, -coarse.step]);
    }
    let best = shifts
        .into_iter()
        .filter_map(|shift| Some((correlation(coarse, &prices, shift)?, shift)))
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    // Without common returns at the same stamps nothing is known against the declaration.
    let same = correlation(coarse, &prices, 0)?;
    let (correlation, shift) = best;
    if correlation < STRONG || correlation - same < MARGIN {
        return None;
    }
    // Positive: what `other` says at a stamp, `spot` says earlier.
    let late = if std::ptr::eq(fine, other) { shift } else { -shift };
    let length = Span::from_millis(shift.abs()).map_or_else(String::new, |span| span.to_string());
    let (direction, labels) =
        if late > 0 { ("later", ("end", "start")) } else { ("earlier", ("start", "end")) };
    Some(Finding {
        defect: Defect::Label,
        severity: Severity::Warning,
        count: 1,
        first: other.time.first().copied().map(Timestamp::from_millis),
        detail: format!(
            "it looks shifted by one step: it moves {length} {direction} than {} (correlation {correlation:.2}, at the same stamps {same:.2}); its bars may be labelled by their {}, or those of {} by their {}",
            spot.title, labels.0, spot.title, labels.1
        ),
    })
}

/// Correlation of the returns over the steps of `coarse` with those of the other series `shift` later; `None` where there are
/// too few, or one of them never moves.
#[expect(clippy::cast_precision_loss, reason = "a number of rows is exact in f64")]
fn correlation(coarse: &View<'_>, prices: &HashMap<i64, f64>, shift: i64) -> Option<f64> {
    let mut pairs = Vec::with_capacity(coarse.time.len());
    for (time, price) in coarse.time.windows(2).zip(coarse.main.windows(2)) {
        let then = prices.get(&(time[0] + shift)).zip(prices.get(&(time[1] + shift)));
        if let (Some((before, after)), true) = (then, time[1] - time[0] == coarse.step) {
            pairs.push(((price[1] / price[0]).ln(), after - before));
        }
    }
    if pairs.len() < FEW {
        return None;
    }
    let n = pairs.len() as f64;
    let (a, b) = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
    let (a, b) = (a / n, b / n);
    let (mut aa, mut ab, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        aa += (x - a) * (x - a);
        ab += (x - a) * (y - b);
        bb += (y - b) * (y - b);
    }
    (aa > 0.0 && bb > 0.0).then(|| ab / (aa * bb).sqrt())
}
