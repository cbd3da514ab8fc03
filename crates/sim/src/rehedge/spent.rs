//! What a hedge's trades have cost lately.

use std::collections::VecDeque;

use hedgerow_core::Timestamp;

/// Costs of the trades within the last `keep` milliseconds, at the proportional rate that rules weigh against risk.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spent {
    keep: i64,
    total: f64,
    /// Instants of trades, each with all that was spent up to and including it.
    trades: VecDeque<(Timestamp, f64)>,
}

impl Spent {
    /// Nothing spent yet; keeps so many milliseconds, 0 for nothing at all.
    pub fn keeping(millis: i64) -> Self {
        Self { keep: millis, ..Self::default() }
    }

    /// USD spent after that instant.
    pub fn since(&self, instant: Timestamp) -> f64 {
        match self.trades.partition_point(|(time, _)| *time <= instant).checked_sub(1) {
            Some(before) => self.total - self.trades[before].1,
            None => self.total - self.before(),
        }
    }

    /// What had been spent before the oldest trade that is kept; trades that are forgotten are in it.
    fn before(&self) -> f64 {
        if self.trades.is_empty() { self.total } else { 0.0 }
    }

    /// Notes a trade. Of those too old to matter the youngest stays: what was spent before it is what is subtracted.
    #[inline]
    pub(crate) fn add(&mut self, time: Timestamp, usd: f64) {
        if self.keep == 0 || usd == 0.0 {
            return;
        }
        self.total += usd;
        self.trades.push_back((time, self.total));
        let old = Timestamp::from_millis(time.millis().saturating_sub(self.keep));
        while self.trades.len() > 1 && self.trades[1].0 <= old {
            self.trades.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_sums_its_own_trades_only() {
        let at = |day: i64| Timestamp::from_millis(0).plus_days(day);
        let mut spent = Spent::keeping(at(7).millis());
        for day in 0..30 {
            spent.add(at(day), 2.0);
        }
        assert!((spent.since(at(22)) - 14.0).abs() < 1e-12);
        assert!((spent.since(at(28)) - 2.0).abs() < 1e-12);
        assert!(spent.since(at(29)).abs() < 1e-12);
        assert!(spent.trades.len() <= 9, "{} trades are kept", spent.trades.len());
        assert!(Spent::default().since(at(0)).abs() < 1e-12);
    }

    #[test]
    fn the_first_trades_count_in_full() {
        let at = |day: i64| Timestamp::from_millis(0).plus_days(day);
        let mut spent = Spent::keeping(at(7).millis());
        spent.add(at(1), 3.0);
        spent.add(at(2), 4.0);
        assert!((spent.since(at(0)) - 7.0).abs() < 1e-12);
    }
}
