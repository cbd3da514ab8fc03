//! Re-hedges on the clock that gives a vol trade its highest Sharpe ratio.
//!
//! An option that is sold at one vol and hedged while another is realised has an edge `A = V(implied) - V(realised)`; `N`
//! re-hedges cost `B · sqrt(N)` with `B = cost · vega · sqrt(2/(pi·years))` and leave a standard deviation proportional to
//! `1/sqrt(N)`, so that `(A - B·sqrt(N)) · sqrt(N)` is largest at `N* = (A/(2B))²`. After Sepp (2013, "When you hedge
//! discretely: optimization of Sharpe ratio for delta-hedging strategy under discrete hedging and transaction costs",
//! Journal of Investment Strategies 3(1)), in the Black-Scholes case without residual risk.
//! With the edge to first order, `A = vega · edge`, neither vega nor the time to expiry matters: the time between
//! re-hedges is `years/N* = 8/pi · (cost / edge)²`, Leland's clock with the edge in place of his number times the vol.
//! The edge is a number of vol points, or the mark vol less the realised vol of a window, as known at the row (of the rows
//! there are, where the window reaches back before the history); its sign does not matter, since what one side loses the other gains. Fires at the first row, while the edge is not known, and at
//! every row when trading is free; without an edge no trade is worth its cost.
//!
//! ```
//! use hedgerow_sim::rehedge::sepp_clock::optimal_count;
//! // A month at the money, 60,000 USD, 65 %, 5 bp, 300 USD of edge: about every 2.9 hours.
//! let count = optimal_count(300.0, 6_832.6684, 0.0005, 30.0 / 365.0);
//! assert!((count - 248.89).abs() < 0.01, "{count}");
//! ```

use std::f64::consts::PI;

use hedgerow_core::registry::{Entry, SettingError, parameters};
use serde::Deserialize;

use super::{Band, Before, Decide, Hedge, Now, Past, Rehedge, Rule, above_zero};
use crate::rolling::RollingVol;

/// Number of re-hedges over `years` with the highest Sharpe ratio.
///
/// `edge` is in USD, `vega` in USD per 1.00 of vol, `cost` the one-way proportional cost, fraction of notional.
pub fn optimal_count(edge: f64, vega: f64, cost: f64, years: f64) -> f64 {
    let per_root = cost * vega * (2.0 / (PI * years)).sqrt();
    (edge / (2.0 * per_root)).powi(2)
}

/// How much the vol that was traded differs from the vol to be realised.
#[derive(Debug, Clone, PartialEq)]
enum Edge {
    /// Vol, decimal.
    Known(f64),
    /// Mark vol less realised vol.
    Realised(RollingVol),
}

/// A clock by the edge.
#[derive(Debug, Clone, PartialEq)]
pub struct SeppClock {
    edge: Edge,
}

impl Rule for SeppClock {
    fn bind(&self, past: &Past<'_>) -> Box<dyn Decide> {
        let interval = |edge: f64| 8.0 / PI * (past.cost_rate / edge).powi(2);
        let free = past.cost_rate == 0.0;
        let years = match &self.edge {
            Edge::Known(_) | Edge::Realised(_) if free => vec![Some(0.0); past.time.len()],
            Edge::Known(edge) => vec![Some(interval(*edge)); past.time.len()],
            Edge::Realised(vol) => {
                let realised = vol.column(past.time, past.spot);
                let marks = past.slopes().vol.iter().zip(realised);
                marks.map(|(mark, realised)| Some(interval((*mark)? - realised?))).collect()
            }
        };
        Box::new(Bound { years })
    }

    fn warm_up(&mut self, before: &Before<'_>) {
        if let Edge::Realised(vol) = &mut self.edge {
            vol.warm_up(before);
        }
    }
}

#[derive(Debug)]
struct Bound {
    /// Between re-hedges, by row.
    years: Vec<Option<f64>>,
}

impl Rehedge for Bound {
    #[inline]
    fn band(&self, ideal: f64, now: &Now, hedge: &Hedge<'_>) -> Band {
        match (hedge.rehedged, self.years[now.row]) {
            (Some(last), Some(years)) if now.time.years_since(last.time) < years => Band::ANY,
            _ => Band::at(ideal),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    edge_points: Option<f64>,
    window_days: Option<f64>,
}

pub(super) const ENTRY: Entry<dyn Rule> = Entry {
    name: "sepp_clock",
    about: "re-hedges as often as gives a vol trade of a stated edge, `edge_points`, or of mark less realised vol, `window_days`, its highest Sharpe ratio",
    example: "when = { sepp_clock = { edge_points = 5 } }",
    build: |setting| {
        let span = setting.span();
        let edge = match parameters(setting)? {
            Parameters { edge_points: Some(points), window_days: None } => {
                above_zero("edge_points", points)?;
                Edge::Known(points / 100.0)
            }
            Parameters { edge_points: None, window_days: Some(days) } => {
                above_zero("window_days", days)?;
                Edge::Realised(RollingVol::new(days))
            }
            _ => {
                let message = "sepp_clock takes either `edge_points` or `window_days`";
                return Err(SettingError::at(span, message));
            }
        };
        Ok(Box::new(SeppClock { edge }))
    },
};
