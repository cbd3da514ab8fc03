//! Half-spreads and slippage that follow the market: wider when it moves, dearer for larger trades.

use std::ops::Range;

use hedgerow_core::{Market, Timestamp, Track, UnitCost};

/// A half-spread that follows the vol of the spot: `bps * (vol / at_vol)^power`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpreadByVol {
    /// Half-spread at `at_vol`, fraction of notional.
    pub spread: f64,
    /// Annualised, decimal.
    pub at_vol: f64,
    /// 1 is in proportion.
    pub power: f64,
    /// Days of returns that the vol is estimated from.
    pub window_days: f64,
}

/// Slippage by the square root of the trade: a trade of `q` USD in a market that turns over `volume` USD a day and has a daily
/// vol of `s` loses `coefficient * s * sqrt(q / volume)` of its notional (Almgren, Thum, Hauptmann and Li 2005, Risk 18(7),
/// with the square root of Tóth et al. 2011, Physical Review X 1, 021006).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Impact {
    /// Y of Tóth et al., near 1.
    pub coefficient: f64,
    /// USD a day.
    pub daily_volume: f64,
    /// Days of returns that the daily vol is estimated from.
    pub window_days: f64,
}

/// Annualised vol (365 days) of the spot from the returns of the last `window_days` before each row, zero mean: the row's own
/// move is not in it. `None` until the window has passed.
pub fn vol_before(time: &[Timestamp], spot: &[f64], window_days: f64) -> Vec<Option<f64>> {
    let window = crate::rehedge::millis(window_days);
    let square = |row: usize| (spot[row] / spot[row - 1]).ln().powi(2);
    let (mut first, mut sum) = (0, 0.0);
    let vol = |row: usize| {
        let last = row.checked_sub(1)?;
        sum += if last > 0 { square(last) } else { 0.0 };
        while time[last].millis() - time[first].millis() > window {
            first += 1;
            sum -= square(first);
        }
        let full = time[last].millis() - time[0].millis() >= window && first < last;
        full.then(|| (sum.max(0.0) / time[last].years_since(time[first])).sqrt())
    };
    (0..time.len()).map(vol).collect()
}

impl SpreadByVol {
    /// Puts the half-spread in the place of the track's own; `vol` is that of the track's rows.
    pub fn put_on(&self, track: &mut Track, vol: &[f64]) {
        let n_rows = track.price.len();
        let half_spread = |vol: &f64| self.spread * (vol / self.at_vol).powf(self.power);
        let (fee, slippage) = match &track.unit_cost {
            UnitCost::Proportional { fee, slippage, .. } => {
                (vec![*fee; n_rows], vec![*slippage; n_rows])
            }
            UnitCost::ByRow { fee, slippage, .. } => (fee.clone(), slippage.clone()),
            UnitCost::PerUnit { .. } => return,
        };
        let spread = vol.iter().map(half_spread).collect();
        track.unit_cost = UnitCost::ByRow { fee, spread, slippage };
    }
}

impl Impact {
    /// Adds the impact to a track; `vol` is annualised, that of the track's rows.
    pub fn put_on(&self, track: &mut Track, vol: &[f64]) {
        let scale = self.coefficient / (365.0 * self.daily_volume).sqrt();
        track.impact = Some(vol.iter().map(|vol| scale * vol).collect());
    }
}

/// The vol of the traded asset at each of `rows`, from the whole history; an error names the first instant without one.
///
/// # Errors
/// The instant at which the window has not passed yet.
pub fn known_vol(
    full: &Market,
    asset: usize,
    rows: &Range<usize>,
    window_days: f64,
) -> Result<Vec<f64>, Timestamp> {
    let vol = vol_before(full.time(), &full.assets()[asset].spot, window_days);
    match rows.clone().find(|row| vol[*row].is_none()) {
        Some(row) => Err(full.time()[row]),
        None => Ok(vol[rows.clone()].iter().flatten().copied().collect()),
    }
}
