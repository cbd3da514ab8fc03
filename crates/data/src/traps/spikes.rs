//! Prices far from both their neighbours: a wrong tick, a slipped decimal point.
//!
//! A move counts by its size against the median move of the day before it, so that the hours of 12 March 2020 or of
//! LUNA's end, in which every move is large, are not spikes.

use hedgerow_core::{Defect, Severity, Timestamp};

use super::{Detector, Subject};
use crate::DataError;
use crate::findings::{Findings, Seen};
use crate::read::raw::Role;
use crate::rows::Rows;
use crate::source::SeriesKind;

/// So many rows before a move say what is usual.
const LOOK: usize = 24;

/// Both moves are at least a tenth and 50 times the usual. Largest in real series: 8 % there and back at 15 times the
/// usual (BTC by the hour, 2022-05-11).
const SMALL: (f64, f64) = (0.095, 50.0);

/// Or at least by half and 20 times the usual. Largest in real series: LUNA by the day on 2021-05-23 (1.6 at ten times the
/// usual), and its collapse by the hour (2.9 at seven times).
const LARGE: (f64, f64) = (0.4, 20.0);

/// What is left of a spike once it is over, at most, as a part of it.
const LEFT: f64 = 0.4;

/// A wick of this factor is a slipped decimal point; real wicks reach 5 (USDC on 2021-12-04).
const WICK: f64 = 10.0;

pub(super) fn detector(subject: &Subject<'_>) -> Option<Box<dyn Detector>> {
    let applies = subject.kind.is_price() || subject.kind == SeriesKind::Vol;
    applies.then(|| Box::new(Spikes::default()) as Box<dyn Detector>)
}

#[derive(Debug, Default)]
struct Spikes {
    /// The last rows of the blocks before.
    tail: (Vec<i64>, Vec<f64>),
    prices: Vec<i64>,
    n_prices: usize,
    wicks: Vec<i64>,
    n_wicks: usize,
}

impl Spikes {
    /// Looks at every row that is followed by one from `from` on.
    fn look(&mut self, time: &[i64], prices: &[f64], from: usize) {
        for next in from.max(2)..prices.len() {
            let there = prices[next - 1] / prices[next - 2];
            if (there - 1.0).abs() > 0.09 && is_spike(&prices[next.saturating_sub(LOOK + 3)..=next])
            {
                self.n_prices += 1;
                if self.prices.len() < 125 {
                    self.prices.push(time[next - 1]);
                }
            }
        }
    }

    fn look_at_wicks(&mut self, rows: &Rows) {
        let close = rows.main();
        let open = rows.column(Role::Open).unwrap_or(close);
        let (high, low) = (rows.column(Role::High), rows.column(Role::Low));
        let (Some(high), Some(low)) = (high, low) else { return };
        let is_wick = |row: usize| {
            high[row] > WICK * open[row].max(close[row])
                || low[row] * WICK < open[row].min(close[row])
        };
        for row in (0..rows.len()).filter(|row| is_wick(*row)) {
            self.n_wicks += 1;
            if self.wicks.len() < 125 {
                self.wicks.push(rows.time[row]);
            }
        }
    }
}

/// Whether the last price but one is a spike, the prices before it being what is usual.
fn is_spike(prices: &[f64]) -> bool {
    let n_prices = prices.len();
    let step = |row: usize| (prices[row] / prices[row - 1]).ln();
    let (there, back) = (step(n_prices - 2), step(n_prices - 1));
    let size = there.abs().min(back.abs());
    if there * back >= 0.0 || (there + back).abs() > LEFT * size || size < SMALL.0 {
        return false;
    }
    let mut usual: Vec<f64> = (1..n_prices - 2).map(|row| step(row).abs()).collect();
    if usual.len() < LOOK / 3 {
        return false;
    }
    let middle = usual.len() / 2;
    let usual = *usual.select_nth_unstable_by(middle, f64::total_cmp).1;
    [SMALL, LARGE].iter().any(|(least, times)| size >= *least && size >= times * usual)
}

impl Detector for Spikes {
    fn push(&mut self, rows: &Rows) {
        let (mut time, mut prices) = std::mem::take(&mut self.tail);
        let n_before = prices.len();
        let n_seam = rows.len().min(LOOK + 3);
        time.extend(&rows.time[..n_seam]);
        prices.extend(&rows.main()[..n_seam]);
        self.look(&time, &prices, n_before);
        self.look(&rows.time, rows.main(), LOOK + 3);
        if rows.len() > n_seam {
            let from = rows.len() - LOOK - 3;
            (time, prices) = (rows.time[from..].to_vec(), rows.main()[from..].to_vec());
        }
        let from = prices.len().saturating_sub(LOOK + 3);
        self.tail = (time.split_off(from), prices.split_off(from));
        self.look_at_wicks(rows);
    }

    fn finish(self: Box<Self>, findings: &mut Findings) -> Result<(), DataError> {
        let prices = "{n} figures are far from both their neighbours, 20 times as far as usual or more; they are kept as they are";
        let wicks = "{n} bars have a high or low ten times as far out as their open and close; they are kept as they are";
        for (places, count, what) in
            [(&self.prices, self.n_prices, prices), (&self.wicks, self.n_wicks, wicks)]
        {
            places.iter().for_each(|time| findings.mark(Defect::Spike, *time, *time));
            findings.add(Seen {
                defect: Defect::Spike,
                severity: Severity::Warning,
                count,
                first: places.first().map(|time| Timestamp::from_millis(*time)),
                what: what.into(),
                example: None,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(prices: &[f64], block: usize) -> usize {
        let mut spikes = Spikes::default();
        for (chunk, start) in prices.chunks(block).zip((0_i64..).step_by(block)) {
            let time = (start..).take(chunk.len()).collect();
            spikes.push(&Rows { time, columns: vec![(Role::Close, chunk.to_vec())] });
        }
        spikes.n_prices
    }

    #[test]
    fn wrong_tick_is_a_spike_and_a_crash_is_not() {
        let quiet = |row: usize| [100.0, 100.1][row % 2];
        let mut prices: Vec<f64> = (0..60).map(quiet).collect();
        assert_eq!(count(&prices, 60), 0);
        prices[40] = 10.0;
        for block in [60, 41, 40, 17, 1] {
            assert_eq!(count(&prices, block), 1, "blocks of {block}");
        }
        // The same fall that stays is no spike.
        prices[40..].iter_mut().for_each(|price| *price = 10.0);
        assert_eq!(count(&prices, 60), 0);
        // Nor is there one where every row moves by a third, as LUNA's did.
        let wild: Vec<f64> = (0..60).map(|row| [1.0, 0.6][row % 2]).collect();
        assert_eq!(count(&wild, 60), 0);
    }
}
