//! Funding rates that no venue charges.

use hedgerow_core::{Defect, Severity, Timestamp};

use super::{Detector, Subject};
use crate::DataError;
use crate::findings::{Findings, Seen};
use crate::rows::Rows;

const EIGHT_HOURS_MILLIS: f64 = 28_800_000.0;

/// Per 8 hours. Venues cap BTC at 0.3 % to 3 %; small coins have paid up to 4 %.
const CAP: f64 = 0.04;

/// Per 8 hours, and so many times the usual size: dYdX paid 0.5 % at 55 times the usual on 2023-03-11.
const ODD: (f64, f64) = (0.01, 50.0);

/// So many sizes say what is usual.
const MAX_SIZES: usize = 1 << 20;

#[expect(clippy::cast_precision_loss, reason = "a step in milliseconds is exact in f64")]
pub(super) fn detector(subject: &Subject<'_>) -> Option<Box<dyn Detector>> {
    let scale = EIGHT_HOURS_MILLIS / subject.step as f64;
    let rates = Rates { scale, sizes: Vec::new(), large: Vec::new(), n_large: 0 };
    subject.kind.is_funding().then(|| Box::new(rates) as Box<dyn Detector>)
}

#[derive(Debug)]
struct Rates {
    /// To rates per 8 hours.
    scale: f64,
    sizes: Vec<f64>,
    /// The first rates large enough to be looked at.
    large: Vec<(i64, f64)>,
    n_large: usize,
}

impl Detector for Rates {
    fn push(&mut self, rows: &Rows) {
        for (rate, time) in rows.main().iter().zip(&rows.time) {
            let size = rate.abs() * self.scale;
            if size > 0.0 && self.sizes.len() < MAX_SIZES {
                self.sizes.push(size);
            }
            if size > ODD.0 {
                self.n_large += 1;
                if self.large.len() < 10_000 {
                    self.large.push((*time, *rate));
                }
            }
        }
    }

    fn finish(mut self: Box<Self>, findings: &mut Findings) -> Result<(), DataError> {
        if self.n_large == 0 {
            return Ok(());
        }
        let middle = self.sizes.len() / 2;
        let usual = *self.sizes.select_nth_unstable_by(middle, f64::total_cmp).1;
        let is_absurd = |(_, rate): &&(i64, f64)| {
            let size = rate.abs() * self.scale;
            size > CAP || size > ODD.1 * usual
        };
        let absurd: Vec<(i64, f64)> = self.large.iter().filter(is_absurd).copied().collect();
        let Some((first, rate)) = absurd.first() else { return Ok(()) };
        absurd.iter().for_each(|(time, _)| findings.mark(Defect::Spike, *time, *time));
        findings.add(Seen {
            defect: Defect::Spike,
            severity: Severity::Warning,
            count: absurd.len(),
            first: Some(Timestamp::from_millis(*first)),
            what: format!("{{n}} rates are beyond what venues charge, the first {rate} at {}; they are kept as they are", Timestamp::from_millis(*first)).into(),
            example: None,
        });
        Ok(())
    }
}
