//! Which of several instruments is the cheapest to hold a hedge in, row by row.
//!
//! What an instrument earns a long coin by being held is known of the past only: for a perpetual the mean of its funding
//! over the last days, for a dated future its basis, which is gone by expiry. A hedge moves to another instrument when what
//! that saves over the horizon is more than leaving the one and entering the other costs.

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

impl Cheapest {
    /// The rows at which each candidate is held: exactly one at each row.
    ///
    /// `rates` are what a long coin of each earns a year (a short one pays it), `costs` the one-way cost of each as a
    /// fraction of notional, `side` the sign of the hedge at each row. While the hedge is nothing, or no rate is known, the
    /// choice stays; the first candidate is held until one can be chosen.
    ///
    /// # Panics
    /// When the numbers of candidates or of rows differ: a programmer's error.
    pub fn choose(
        &self,
        rates: &[Vec<Option<f64>>],
        costs: &[f64],
        side: &[f64],
    ) -> Vec<Vec<bool>> {
        assert_eq!(rates.len(), costs.len(), "candidates");
        let years = self.horizon_days / 365.0;
        let mut gates = vec![vec![false; side.len()]; rates.len()];
        let mut now: Option<usize> = None;
        for (row, side) in side.iter().enumerate() {
            let earns = |candidate: usize| Some(rates[candidate][row]? * side.signum() * years);
            let net = |candidate: usize| Some((candidate, earns(candidate)? - costs[candidate]));
            let best = (0..rates.len())
                .filter_map(net)
                .reduce(|best, other| if other.1 > best.1 { other } else { best });
            if let Some((best, net)) = best.filter(|_| *side != 0.0) {
                let stays = now.is_some_and(|now| {
                    now == best || earns(now).is_some_and(|kept| net - costs[now] <= kept)
                });
                now = if stays { now } else { Some(best) };
            }
            gates[now.unwrap_or(0)][row] = true;
        }
        gates
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A short hedge earns what longs pay. Moving costs 20 bp, half of it to leave; 0.3 % over the horizon pays for it, 0.15 %
    /// does not.
    #[test]
    fn a_change_must_pay_for_itself() {
        let policy = Cheapest { lookback_days: 7.0, horizon_days: 36.5 };
        let first = vec![Some(0.0); 4];
        let second = vec![None, Some(-0.015), Some(-0.03), Some(0.01)];
        let gates = policy.choose(&[first, second], &[0.001, 0.001], &[-1.0, -1.0, -1.0, -1.0]);
        assert_eq!(gates[1], [false, false, true, true]);
        assert_eq!(gates[0], [true, true, false, false]);
    }

    #[test]
    fn nothing_to_hold_changes_nothing() {
        let policy = Cheapest { lookback_days: 7.0, horizon_days: 365.0 };
        let rates = [vec![Some(0.0); 2], vec![Some(5.0); 2]];
        let gates = policy.choose(&rates, &[0.0, 0.0], &[0.0, 1.0]);
        assert_eq!(
            (gates[0].as_slice(), gates[1].as_slice()),
            (&[true, false][..], &[false, true][..])
        );
    }
}
