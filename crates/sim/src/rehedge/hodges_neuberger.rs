//! The no-transaction band of Hodges and Neuberger, solved numerically.
//!
//! A hedger with exponential utility `-e^(-risk_aversion · wealth)` who pays `cost · spot` for every coin traded leaves the hedge
//! alone inside a band and trades to its nearest edge outside (Hodges and Neuberger 1989, "Optimal replication of contingent
//! claims under transactions costs", Review of Futures Markets 8; Davis, Panas and Zariphopoulou 1993, "European option
//! pricing with transaction costs", SIAM Journal on Control and Optimization 31(2)). Whalley and Wilmott's band is its limit
//! for small costs.
//!
//! The band depends on four numbers only: the total variance `v = vol² · years`, the moneyness `k = ln(spot/strike)`, the cost,
//! and the size of risk `a = risk_aversion · |quantity| · strike`, and on whether options are sold or bought. It is solved
//! backwards on binomial trees ([`solve`]) and tabulated in `(v, d1, a)` ([`table`]) before the loop. At a row `v` is that of the mark
//! vol and the nearest expiry, the strike is the mean of the strikes held, weighted by size (where the book's trades do not
//! name any, the options are taken to stand at the money), and the quantity is that of options with this strike that have the
//! book's gamma, `|gamma| · spot · sqrt(v) / phi(d1)`: so that the band is right for one option, and for any book in the limit of
//! small costs. No drift beyond the interest rate, free settlement at expiry.
//!
//! The band is placed around the ideal as it lies around the Black-Scholes delta of the equivalent option; it need not hold
//! the ideal, because a seller who pays costs prefers another delta. Zero width where trading is free or no option is held.

use hedgerow_core::registry::{Entry, parameters};

use super::risk::{self, DeltaCap, Risk};
use super::{Band, Decide, Hedge, Now, Past, Rehedge, Rule};

pub mod solve;
pub mod table;

use solve::{Problem, Side, density};
use table::Table;

/// The rule as typed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HodgesNeuberger {
    /// How averse to risk.
    pub risk: Risk,
}

impl Rule for HodgesNeuberger {
    fn bind(&self, past: &Past<'_>) -> Box<dyn Decide> {
        if past.cost_rate == 0.0 {
            return Box::new(Bound { offsets: vec![[0.0; 2]; past.time.len()] });
        }
        let aversion = self.aversion(past);
        let points = points(past, aversion);
        let tables = [Side::Sold, Side::Bought]
            .map(|side| Table::covering(past.cost_rate, side, points.iter().flatten()));
        let offsets = points.iter().map(|point| {
            let Some(point) = point else { return [0.0; 2] };
            let table = &tables[usize::from(point.side == Side::Bought)];
            table.as_ref().map_or([0.0; 2], |table| {
                let offsets = table.offsets(point).map(|offset| offset * point.quantity);
                self.risk.cut(offsets)
            })
        });
        Box::new(Bound { offsets: offsets.collect() })
    }

    fn is_of_delta(&self) -> bool {
        true
    }

    fn risk_aversions(&self, past: &Past<'_>) -> Vec<f64> {
        vec![self.aversion(past)]
    }
}

impl HodgesNeuberger {
    /// The risk aversion typed, or the one that leads to the cap on this run.
    fn aversion(&self, past: &Past<'_>) -> f64 {
        match self.risk {
            Risk::Aversion(aversion) => aversion,
            Risk::Cap(cap) => calibrate(&cap, past),
        }
    }
}

/// Where a row stands in the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Whether the options are sold or bought.
    pub side: Side,
    /// `vol² · years`.
    pub variance: f64,
    /// `(k + v/2) / sqrt(v)`, cut to what the table holds.
    pub d1: f64,
    /// `risk_aversion · quantity · strike`.
    pub size: f64,
    /// Options with the book's gamma, coins, at least 0.
    pub quantity: f64,
}

/// Density at `d1` below which an option has no gamma to speak of: beyond five deviations.
const NEGLIGIBLE: f64 = 1e-6;

/// The point of each row; `None` where no option with a gamma and a vol is held.
fn points(past: &Past<'_>, aversion: f64) -> Vec<Option<Point>> {
    let slopes = past.slopes();
    let log_strikes = past.by_options(|_, held| {
        let sizes: f64 = held.iter().map(|option| option.quantity.abs()).sum();
        let logs = held.iter().map(|option| option.quantity.abs() * option.strike.ln());
        (sizes > 0.0).then(|| logs.sum::<f64>() / sizes)
    });
    let point = |(row, log_strike): (usize, &Option<f64>)| {
        let (vol, years, gamma) = (slopes.vol[row]?, slopes.years[row]?, slopes.gamma[row]);
        let variance = vol * vol * years;
        if variance <= 0.0 || gamma == 0.0 {
            return None;
        }
        let spot = past.spot[row];
        let log_strike = log_strike.unwrap_or(spot.ln());
        let deviation = variance.sqrt();
        let d1 = (spot.ln() - log_strike) / deviation + 0.5 * deviation;
        let likely = density(d1);
        if likely < NEGLIGIBLE {
            return None;
        }
        let quantity = gamma.abs() * spot * deviation / likely;
        let side = if gamma < 0.0 { Side::Sold } else { Side::Bought };
        let size = aversion * quantity * log_strike.exp();
        let d1 = d1.clamp(-table::FURTHEST, table::FURTHEST);
        Some(Point { side, variance, d1, size, quantity })
    };
    log_strikes.iter().enumerate().map(point).collect()
}

/// The risk aversion at which options sold at the money have a band of the cap's half-width: a few steps of `a ← a ·
/// (width/cap)³`, which Whalley and Wilmott's formula solves in one.
fn calibrate(cap: &DeltaCap, past: &Past<'_>) -> f64 {
    let variance = cap.total_vol().powi(2);
    let wanted = cap.coins / cap.quantity;
    let gamma = density(0.5 * variance.sqrt()) / variance.sqrt();
    let mut size = 1.5 * past.cost_rate * gamma * gamma / wanted.powi(3);
    for _ in 0..5 {
        let problem =
            Problem { cost: past.cost_rate, size, side: Side::Sold, variance, steps: table::STEPS };
        let [low, high] = problem.at_the_money();
        size *= (0.5 * (high - low) / wanted).powi(3).clamp(1e-3, 1e3);
    }
    size / (cap.quantity * past.spot[0])
}

#[derive(Debug)]
struct Bound {
    /// Edges of the band less the ideal, coins, by row.
    offsets: Vec<[f64; 2]>,
}

impl Rehedge for Bound {
    #[inline]
    fn band(&self, ideal: f64, now: &Now, _: &Hedge<'_>) -> Band {
        let [low, high] = self.offsets[now.row];
        Band { low: ideal + low, high: ideal + high }
    }
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "hodges_neuberger",
    about: "re-hedges when the hedge leaves the band that is optimal for exponential utility, solved on trees",
    example: "when = { hodges_neuberger = { risk_aversion = 1e-4 } }",
    build: |setting| {
        let risk = parameters::<risk::Parameters>(setting)?.resolve()?;
        Ok(Box::new(HodgesNeuberger { risk }))
    },
};
