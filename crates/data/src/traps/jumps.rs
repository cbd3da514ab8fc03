//! Prices far from the one before that stay there: a symbol given to another coin, a redenomination, a reopening.
//!
//! Coins do lose 99.9 % in a day (LUNA), but in trades: the bar opens where the last one closed. So opens are compared
//! with the close before them; without opens only what no hour has ever done is a jump.

use hedgerow_core::{Defect, Severity, Timestamp};

use super::{Detector, Subject};
use crate::DataError;
use crate::findings::{Findings, Seen};
use crate::read::raw::Role;
use crate::rows::Rows;

/// From a close to the next open. Largest in real series: 1.17 (Bitfinex, 2017-01-05).
const OPEN: f64 = 2.0;

/// From a close to the next, without opens. LUNA's largest by the hour: 7.5.
const CLOSE: f64 = 10.0;

/// The same across a gap, where nothing was traded in between. LUNA's new coin: 171,000.
const ACROSS_GAP: f64 = 3.0;

pub(super) fn detector(subject: &Subject<'_>) -> Option<Box<dyn Detector>> {
    let jumps = Jumps { step: subject.step, ..Jumps::default() };
    subject.kind.is_price().then(|| Box::new(jumps) as Box<dyn Detector>)
}

#[derive(Debug, Default)]
struct Jumps {
    step: i64,
    last: Option<(i64, f64)>,
    candidate: Option<Jump>,
    found: Vec<Jump>,
}

#[derive(Debug, Clone, Copy)]
struct Jump {
    from: (i64, f64),
    to: (i64, f64),
}

impl Jumps {
    fn row(&mut self, time: i64, open: Option<f64>, close: f64) {
        let Some(last) = self.last.replace((time, close)) else { return };
        if let Some(jump) = self.candidate.take() {
            // It stays: the next price is nearer to where it went than to where it came from.
            let middle = (jump.from.1 * jump.to.1).sqrt();
            if (close > middle) == (jump.to.1 > middle) {
                self.found.push(jump);
            } else {
                // A spike: the way back is no jump either.
                return;
            }
        }
        let least = match open {
            Some(_) => OPEN,
            None if time - last.0 > self.step => ACROSS_GAP,
            None => CLOSE,
        };
        // The price is there by the end of the bar, too.
        let ratios = [open.unwrap_or(close) / last.1, close / last.1];
        let is_far = |up: bool| {
            ratios.iter().all(|ratio| if up { *ratio >= least } else { ratio * least <= 1.0 })
        };
        if (is_far(true) || is_far(false)) && self.found.len() < 125 {
            self.candidate = Some(Jump { from: last, to: (time, close) });
        }
    }
}

impl Detector for Jumps {
    fn push(&mut self, rows: &Rows) {
        let (close, open) = (rows.main(), rows.column(Role::Open));
        for (row, time) in rows.time.iter().enumerate() {
            self.row(*time, open.map(|open| open[row]), close[row]);
        }
    }

    fn finish(mut self: Box<Self>, findings: &mut Findings) -> Result<(), DataError> {
        self.found.extend(self.candidate.take());
        let Some(first) = self.found.first() else { return Ok(()) };
        self.found.iter().for_each(|jump| findings.mark(Defect::Jump, jump.from.0, jump.to.0));
        findings.add(Seen {
            defect: Defect::Jump,
            severity: Severity::Warning,
            count: self.found.len(),
            first: Some(Timestamp::from_millis(first.to.0)),
            what: format!(
                "{{n}} jumps of the price that stay, the first from {} at {} to {} at {}: rows before and after are not one series; load one side only, with `from` or `to` of the series",
                first.from.1,
                Timestamp::from_millis(first.from.0),
                first.to.1,
                Timestamp::from_millis(first.to.0)
            )
            .into(),
            example: None,
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bars: &[(i64, Option<f64>, f64)]) -> usize {
        let mut jumps = Jumps { step: 1, ..Jumps::default() };
        bars.iter().for_each(|(time, open, close)| jumps.row(*time, *open, *close));
        jumps.found.len() + usize::from(jumps.candidate.is_some())
    }

    #[test]
    fn new_coin_under_an_old_name_is_a_jump_and_a_collapse_is_not() {
        let luna = [(0, None, 8e-5), (1, None, 5e-5), (439, None, 8.5558), (440, None, 9.0)];
        assert_eq!(found(&luna), 1);
        let collapse = [(0, None, 0.0024), (1, None, 0.00032), (2, None, 0.0003)];
        assert_eq!(found(&collapse), 0);
        let by_day = [(0, Some(33.0), 17.46), (1, Some(17.46), 1.08), (2, Some(1.08), 0.00032)];
        assert_eq!(found(&by_day), 0);
        let gaps_that_close = [(0, Some(1.0), 2.0), (1, Some(1.0), 2.0), (2, Some(1.0), 2.0)];
        assert_eq!(found(&gaps_that_close), 0);
        let redenominated = [(0, Some(10.0), 10.0), (1, Some(0.01), 0.011), (2, Some(0.011), 0.01)];
        assert_eq!(found(&redenominated), 1);
        let spike = [(0, None, 100.0), (1, None, 1.0), (2, None, 101.0)];
        assert_eq!(found(&[&spike[..], &[(3, None, 100.0)]].concat()), 0);
    }
}
