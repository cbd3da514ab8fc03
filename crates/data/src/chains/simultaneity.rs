//! Rows that stand for one instant and were not taken at one.

use hedgerow_core::{Defect, Quote, Severity, Timestamp};

use crate::findings::{Findings, Seen};

/// How far the rows of one snapshot are apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    at: Timestamp,
    /// Highest index over lowest, basis points.
    index_bps: f64,
    /// Newest stamp less oldest, milliseconds.
    millis: i64,
}

impl Spread {
    /// First and last stamp of the snapshot.
    pub(crate) fn span(&self) -> (Timestamp, Timestamp) {
        (self.at, Timestamp::from_millis(self.at.millis() + self.millis))
    }
}

/// The spreads of the snapshots in the rows of one file: of each stamp, or of the file where every row has its own.
pub(crate) fn spreads(quotes: &[Quote]) -> Vec<Spread> {
    let n_stamps = 1 + quotes.windows(2).filter(|pair| pair[0].time != pair[1].time).count();
    // Now and then two rows of a dump fall into one millisecond.
    if n_stamps * 3 > quotes.len() * 2 {
        return spread(quotes).into_iter().collect();
    }
    quotes.chunk_by(|a, b| a.time == b.time).filter_map(spread).collect()
}

fn spread(quotes: &[Quote]) -> Option<Spread> {
    let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
    for index in quotes.iter().filter_map(|quote| quote.index) {
        (low, high) = (low.min(index), high.max(index));
    }
    let first = quotes.iter().map(|quote| quote.time).min()?;
    let last = quotes.iter().map(|quote| quote.time).max()?;
    let index_bps = if high > 0.0 { 1e4 * (high / low - 1.0) } else { 0.0 };
    Some(Spread { at: first, index_bps, millis: last.millis() - first.millis() })
}

/// Reports the median and the worst; nothing where all rows of each snapshot agree.
pub(crate) fn report(spreads: &[Spread], findings: &mut Findings) {
    let apart: Vec<&Spread> =
        spreads.iter().filter(|spread| spread.index_bps > 0.0 || spread.millis > 0).collect();
    let (Some(first), true) = (apart.first(), !spreads.is_empty()) else { return };
    let mut bps: Vec<f64> = spreads.iter().map(|spread| spread.index_bps).collect();
    bps.sort_by(f64::total_cmp);
    let middle = bps.len() / 2;
    let median = if bps.len().is_multiple_of(2) {
        f64::midpoint(bps[middle - 1], bps[middle])
    } else {
        bps[middle]
    };
    let worst = bps[bps.len() - 1];
    let longest = spreads.iter().map(|spread| spread.millis).max().unwrap_or(0);
    let stamps = if longest > 0 {
        format!(", and stamps up to {} s apart", longest.div_euclid(1000))
    } else {
        String::new()
    };
    findings.add(Seen {
        defect: Defect::Simultaneity,
        severity: Severity::Note,
        count: apart.len(),
        first: Some(first.at),
        what: format!(
            "{{n}} snapshots were not taken at one instant: within one the index ranges over {median:.0} bp in the median and {worst:.0} bp at worst{stamps}; every quote keeps the forward and index of its own row"
        )
        .into(),
        example: None,
    });
}
