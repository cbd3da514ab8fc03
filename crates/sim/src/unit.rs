//! What one unit of a leg's instrument measures of what the leg is against.

use std::borrow::Cow;

use hedgerow_core::{Market, Series, Track};

use crate::{Against, Leg};

/// Share of the most that a unit has measured since its option was opened, below which it is too little to hedge with: an
/// option far from the money near its expiry has next to no vega, and a hedge would take any number of it.
const LEAST: f64 = 0.1;

/// The measure of one unit at each row.
#[derive(Debug)]
pub(crate) struct Unit<'a> {
    measure: Cow<'a, Series>,
    /// Rows at which there is enough of it to hedge with; `None` for all.
    usable: Option<Vec<bool>>,
}

impl<'a> Unit<'a> {
    pub(crate) fn new(leg: &'a Leg, market: &Market) -> Self {
        let track = &*leg.track;
        let spot = &market.assets()[leg.asset].spot;
        let slope = |slope: &dyn Fn(usize) -> f64| {
            let measure: Vec<f64> = (0..market.n_rows()).map(slope).collect();
            let usable = Some(usable(track, &measure));
            Self { measure: Cow::Owned(Series::Rows(measure)), usable }
        };
        match leg.against {
            Against::Size(_) => Self { measure: Cow::Owned(Series::Constant(1.0)), usable: None },
            Against::Vega => slope(&|row| track.vega.at(row) / 100.0),
            Against::Gamma => slope(&|row| track.gamma.at(row) * spot[row] / 100.0),
            Against::Delta | Against::Account | Against::Portfolio | Against::Column(_)
                if track.asset == leg.asset =>
            {
                Self { measure: Cow::Borrowed(&track.delta), usable: None }
            }
            Against::Delta | Against::Account | Against::Portfolio | Against::Column(_) => {
                let other = &market.assets()[track.asset].spot;
                let coins = |row: usize| track.delta.at(row) * other[row] / spot[row];
                let measure = Series::Rows((0..market.n_rows()).map(coins).collect());
                Self { measure: Cow::Owned(measure), usable: None }
            }
        }
    }

    /// One unit: coins of the leg's asset, USD per vol point, coins per 1 % of the spot, or 1; see [`Against`].
    pub(crate) fn measure(&self) -> &Series {
        &self.measure
    }

    /// Rows at which a unit measures enough to hedge with; `None` for all.
    pub(crate) fn usable(&self) -> Option<&[bool]> {
        self.usable.as_deref()
    }
}

fn usable(track: &Track, measure: &[f64]) -> Vec<bool> {
    let mut most = 0.0_f64;
    let rolled = |row: usize| track.rolls.as_ref().is_some_and(|rolls| rolls.enters(row));
    let usable = |(row, measure): (usize, &f64)| {
        most = if rolled(row) { measure.abs() } else { most.max(measure.abs()) };
        most > 0.0 && measure.abs() >= LEAST * most
    };
    measure.iter().enumerate().map(usable).collect()
}
