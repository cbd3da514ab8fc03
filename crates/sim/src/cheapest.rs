//! Which of several instruments is the cheapest to hold a hedge in, row by row.
//!
//! What an instrument earns a long coin by being held is known of the past only: for a perpetual the mean of its funding
//! over the last days, for a dated future its basis, which is gone by expiry. A hedge moves to another instrument when what
//! that saves over the horizon is more than leaving the one and entering the other costs; it is opened where entering is cheapest.

use hedgerow_core::{Market, PaidIn, Series, Track};

/// How the choice is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cheapest {
    /// Days of funding that the expectation is the mean of.
    pub lookback_days: f64,
    /// Days over which a saving must pay for the change.
    pub horizon_days: f64,
}

/// What one long coin of a perpetual (or spot) has earned by being held, a year, as a fraction of the spot: the mean over
/// the last `lookback_days` up to each row; `None` until they have passed.
pub fn funding_rate(market: &Market, track: &Track, lookback_days: f64) -> Vec<Option<f64>> {
    let (time, spot) = (market.time(), &market.assets()[track.asset].spot);
    let earned = |row: usize| match (&track.carry, row) {
        (Series::Constant(carry), _) if *carry == 0.0 => 0.0,
        (_, 0) => 0.0,
        (carry, row) => carry.at(row) / (track.delta.at(row - 1) * spot[row - 1]),
    };
    let window = crate::rehedge::millis(lookback_days);
    let (mut first, mut sum) = (0, 0.0);
    let rate = |row: usize| {
        sum += earned(row);
        while time[row].millis() - time[first].millis() > window {
            first += 1;
            sum -= earned(first);
        }
        let full = time[row].millis() - time[0].millis() >= window && first < row;
        full.then(|| sum / time[row].years_since(time[first]))
    };
    (0..market.n_rows()).map(rate).collect()
}

/// What one long coin of the dated future held at each row earns until its expiry, a year: `-ln(price / spot) / years`.
/// `None` where there is no contract to hold, or no price of it.
pub fn basis_rate(
    market: &Market,
    asset: usize,
    paid_in: PaidIn,
    roll_days: f64,
) -> Vec<Option<f64>> {
    let path = market.continuous_future(asset, paid_in, crate::rehedge::millis(roll_days));
    let spot = &market.assets()[asset].spot;
    let rate = |(row, held): (usize, &Option<usize>)| {
        let future = &market.futures()[(*held)?];
        let years = future.expiry.years_since(market.time()[row]);
        (years > 0.0).then_some(-(future.price[row]? / spot[row]).ln() / years)
    };
    path.held.iter().enumerate().map(rate).collect()
}

/// One of the instruments that are held by turns.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// What a long coin of it earns a year by being held, at each row; a short one pays it.
    pub rates: Vec<Option<f64>>,
    /// One-way cost, a fraction of notional.
    pub cost: f64,
    /// What it means that a rate is unknown.
    pub without_rate: WithoutRate,
}

/// What it means that what an instrument earns is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithoutRate {
    /// It can be held, and nothing is expected of it: its past is too short.
    CanBeHeld,
    /// There is nothing to hold, as where no contract of a future has a price.
    CannotBeHeld,
}

impl Candidate {
    /// Whether it can be held at a row.
    fn is_there(&self, row: usize) -> bool {
        self.rates[row].is_some() || self.without_rate == WithoutRate::CanBeHeld
    }

    /// What a hedge of this sign earns by it over some years, a fraction of notional.
    fn earns(&self, row: usize, side: f64, years: f64) -> Option<f64> {
        Some(self.rates[row]? * side.signum() * years)
    }
}

impl Cheapest {
    /// The rows at which each candidate is held: exactly one at each row. `side` is the sign of the hedge at each row.
    ///
    /// The hedge is opened in the one that is cheapest to enter, less what it is expected to earn over the horizon where that
    /// is known of all. It moves only for a saving over the horizon that is more than leaving the one and entering the other
    /// cost, known for both, or where the one it is in cannot be held. While the hedge is nothing, the choice stays.
    ///
    /// # Panics
    /// When the numbers of rows differ, or there is no candidate: a programmer's error.
    pub fn choose(&self, candidates: &[Candidate], side: &[f64]) -> Vec<Vec<bool>> {
        let mut gates = vec![vec![false; side.len()]; candidates.len()];
        let mut now: Option<usize> = None;
        for (row, side) in side.iter().enumerate() {
            if *side != 0.0 {
                now = Some(match now.filter(|now| candidates[*now].is_there(row)) {
                    None => self.enter(candidates, row, *side),
                    Some(now) => self.better(candidates, row, *side, now).unwrap_or(now),
                });
            }
            let held = now.unwrap_or_else(|| self.enter(candidates, row, *side));
            gates[held][row] = true;
        }
        gates
    }

    /// Where a hedge is opened.
    fn enter(&self, candidates: &[Candidate], row: usize, side: f64) -> usize {
        let there = || (0..candidates.len()).filter(|one| candidates[*one].is_there(row));
        let known = there().all(|one| candidates[one].rates[row].is_some());
        let net = |one: usize| {
            let earns = candidates[one].earns(row, side, self.years()).filter(|_| known);
            earns.unwrap_or(0.0) - candidates[one].cost
        };
        let best = there().reduce(|best, other| if net(other) > net(best) { other } else { best });
        best.unwrap_or(0)
    }

    /// The best of those that are worth moving to.
    fn better(&self, of: &[Candidate], row: usize, side: f64, now: usize) -> Option<usize> {
        let earns = |one: usize| of[one].earns(row, side, self.years());
        let kept = earns(now)?;
        let saving = |one: usize| Some((one, earns(one)? - kept - of[now].cost - of[one].cost));
        let others = (0..of.len()).filter(|one| *one != now).filter_map(saving);
        let best = others.reduce(|best, other| if other.1 > best.1 { other } else { best })?;
        (best.1 > 0.0).then_some(best.0)
    }

    fn years(&self) -> f64 {
        self.horizon_days / 365.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(rates: &[Option<f64>], cost: f64) -> Candidate {
        Candidate { rates: rates.to_vec(), cost, without_rate: WithoutRate::CanBeHeld }
    }

    fn held(gates: &[Vec<bool>]) -> Vec<usize> {
        let at = |row: usize| gates.iter().position(|gate| gate[row]).unwrap();
        (0..gates[0].len()).map(at).collect()
    }

    /// A short hedge earns what longs pay. Moving costs 20 bp, half of it to leave; 0.3 % over the horizon pays for it, 0.15 %
    /// does not.
    #[test]
    fn a_change_must_pay_for_itself() {
        let policy = Cheapest { lookback_days: 7.0, horizon_days: 36.5 };
        let first = candidate(&[Some(0.0); 4], 0.001);
        let second = candidate(&[None, Some(-0.015), Some(-0.03), Some(0.01)], 0.001);
        let gates = policy.choose(&[first, second], &[-1.0; 4]);
        assert_eq!(held(&gates), [0, 0, 1, 1]);
    }

    #[test]
    fn nothing_to_hold_changes_nothing() {
        let policy = Cheapest { lookback_days: 7.0, horizon_days: 365.0 };
        let rates = [candidate(&[Some(0.0); 3], 0.0), candidate(&[Some(5.0); 3], 0.0)];
        let gates = policy.choose(&rates, &[-1.0, 0.0, 1.0]);
        assert_eq!(held(&gates), [0, 0, 1]);
    }

    /// When the carries are first known, they must pay for the change as at any other time: between instruments that earn the
    /// same, a hedge that was opened where entering is cheapest never moves.
    #[test]
    fn the_first_known_carries_pay_for_nothing_either() {
        let policy = Cheapest { lookback_days: 3.0, horizon_days: 5.0 };
        let rates = [None, None, Some(0.1), Some(0.1), Some(0.1)];
        let (dear, cheap) = (candidate(&rates, 0.0050), candidate(&rates, 0.0049));
        assert_eq!(held(&policy.choose(&[dear.clone(), cheap.clone()], &[-1.0; 5])), [1; 5]);
        assert_eq!(held(&policy.choose(&[cheap, dear], &[-1.0; 5])), [0; 5]);
    }

    /// A future whose carry is known is not compared with a perpetual whose is not, and is left where there is no contract.
    #[test]
    fn what_cannot_be_held_is_left() {
        let policy = Cheapest { lookback_days: 3.0, horizon_days: 365.0 };
        let perp = candidate(&[None, None, Some(0.0), Some(0.0)], 0.002);
        let future = Candidate {
            without_rate: WithoutRate::CannotBeHeld,
            ..candidate(&[None, Some(-0.1), Some(-0.1), None], 0.001)
        };
        assert_eq!(held(&policy.choose(&[future, perp], &[-1.0; 4])), [1, 1, 0, 1]);
    }
}
