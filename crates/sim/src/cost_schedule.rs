//! Costs that change with time.

use std::fmt;

use hedgerow_core::Timestamp;

use crate::Costs;

/// Cost parameters by date. [`Costs`] are the same at all times.
pub trait CostsByDate: fmt::Debug + Sync {
    /// What trading costs at `time`.
    fn at(&self, time: Timestamp) -> &Costs;

    /// The costs, where they are the same at each of `time`.
    fn steady(&self, time: &[Timestamp]) -> Option<&Costs>;
}

impl CostsByDate for Costs {
    fn at(&self, _: Timestamp) -> &Costs {
        self
    }

    fn steady(&self, _: &[Timestamp]) -> Option<&Costs> {
        Some(self)
    }
}

/// Costs that step from one set of parameters to the next.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CostSchedule {
    /// What holds before the first change.
    pub first: Costs,
    /// Later parameters and the instants from which they hold, in the order of time.
    pub changes: Vec<(Timestamp, Costs)>,
}

impl From<Costs> for CostSchedule {
    fn from(first: Costs) -> Self {
        Self { first, changes: Vec::new() }
    }
}

impl CostsByDate for CostSchedule {
    fn at(&self, time: Timestamp) -> &Costs {
        let known = self.changes.partition_point(|(since, _)| *since <= time);
        known.checked_sub(1).map_or(&self.first, |last| &self.changes[last].1)
    }

    fn steady(&self, time: &[Timestamp]) -> Option<&Costs> {
        let (first, last) = (self.at(*time.first()?), self.at(*time.last()?));
        std::ptr::eq(first, last).then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow_core::Bps;

    /// A row that ends at the instant of a change pays the new fee.
    #[test]
    fn a_change_holds_from_its_instant_on() {
        let time = |millis| Timestamp::from_millis(millis);
        let later = Costs { perp_fee_bps: Bps(5.0), ..Costs::ZERO };
        let schedule = CostSchedule { first: Costs::ZERO, changes: vec![(time(10), later)] };
        assert_eq!(*schedule.at(time(9)), Costs::ZERO);
        assert_eq!(*schedule.at(time(10)), later);
        assert_eq!(schedule.steady(&[time(1), time(9)]), Some(&Costs::ZERO));
        assert_eq!(schedule.steady(&[time(9), time(10)]), None);
        assert_eq!(schedule.steady(&[time(10), time(99)]), Some(&later));
    }
}
