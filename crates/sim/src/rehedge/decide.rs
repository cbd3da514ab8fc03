//! The loop over rows, compiled for each rule.

use hedgerow_core::{Series, Timestamp};

use super::{Hedge, Now, Place, Rehedge, Rehedged, Spent, To};

/// A bound rule as the simulator runs it.
pub trait Decide: Rehedge {
    /// Decides `rows` one after another, and writes the units to hold after each to `targets` and, where the leg rounds, the
    /// units wanted and not traded to `residual`.
    fn decide(
        &self,
        rows: &Rows<'_>,
        state: &mut State,
        targets: &mut Vec<f64>,
        residual: &mut Vec<f64>,
    );
}

/// What [`Decide::decide`] reads: the market's columns and the leg's ideal, for a block of rows.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Instants of all rows of the run.
    pub time: &'a [Timestamp],
    /// Spot of all rows.
    pub spot: &'a [f64],
    /// Gamma of the book, all rows.
    pub gamma: &'a [f64],
    /// Mark vol, all rows.
    pub vol: &'a [Option<f64>],
    /// Years to the nearest expiry, all rows.
    pub years: &'a [Option<f64>],
    /// First row of the block.
    pub start: usize,
    /// Ideal units of the block; `None` where the ratio is not known yet.
    pub ideal: &'a [Option<f64>],
    /// What one unit measures, all rows; see [`Against`](crate::Against).
    pub measure: &'a Series,
    /// One-way proportional cost of the instrument.
    pub cost_rate: f64,
    /// Continuous interest rate on USD.
    pub rate: f64,
    /// How far to trade.
    pub to: To,
    /// Rows at which the hedge is set to its ideal whatever the rule says, all rows; `None` for none.
    pub forced: Option<&'a [bool]>,
}

/// What a leg remembers from one block of rows to the next.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// Units that will be held once the last decision is filled.
    pub held: f64,
    /// When the rule last set the hedge.
    pub rehedged: Option<Rehedged>,
    /// What the trades have cost, as far back as the rule asks.
    pub spent: Spent,
}

impl<R: Rehedge> Decide for R {
    /// Which measure a unit has, and whether targets are rounded, is asked once a block, not once a row. Rounding is rare: that
    /// loop is not compiled for each rule.
    fn decide(
        &self,
        rows: &Rows<'_>,
        state: &mut State,
        targets: &mut Vec<f64>,
        residual: &mut Vec<f64>,
    ) {
        targets.resize(rows.ideal.len(), 0.0);
        residual.clear();
        if rows.to.is_exact() && rows.forced.is_none() {
            let exact = |i: usize, wanted: f64, _: f64, _: f64| {
                targets[i] = wanted;
                wanted
            };
            match rows.measure {
                Series::Constant(measure) => {
                    walk(self, rows, (|_| *measure, |_| false), state, exact);
                }
                Series::Rows(measures) => {
                    walk(self, rows, (|row| measures[row], |_| false), state, exact);
                }
            }
        } else {
            residual.resize(rows.ideal.len(), 0.0);
            let rounded = |i: usize, wanted: f64, held: f64, measure: f64| {
                targets[i] = rows.to.fit(wanted, held, measure);
                residual[i] = wanted - targets[i];
                targets[i]
            };
            let rule: &dyn Rehedge = self;
            let forced = |row: usize| rows.forced.is_some_and(|forced| forced[row]);
            walk(rule, rows, (|row| rows.measure.at(row), forced), state, rounded);
        }
    }
}

/// `settle` is told the index within the block, the units wanted, those held and the measure of one, and answers with the units
/// to hold.
#[inline]
fn walk(
    rule: &(impl Rehedge + ?Sized),
    rows: &Rows<'_>,
    (measure, forced): (impl Fn(usize) -> f64, impl Fn(usize) -> bool),
    state: &mut State,
    mut settle: impl FnMut(usize, f64, f64, f64) -> f64,
) {
    let block = rows.start..rows.start + rows.ideal.len();
    let columns = rows.time[block.clone()].iter().zip(&rows.spot[block.clone()]);
    let columns = columns.zip(&rows.gamma[block.clone()]).zip(&rows.vol[block.clone()]);
    let columns = columns.zip(&rows.years[block.clone()]).zip(rows.ideal);
    let mut previous = rows.start.checked_sub(1).map(|before| rows.time[before]);
    let State { mut held, mut rehedged, .. } = *state;
    let (spent, remembers) = (&mut state.spent, rule.cost_memory() > 0);
    for ((i, row), (((((time, spot), gamma), vol), years), ideal)) in block.enumerate().zip(columns)
    {
        let measure = measure(row);
        let mut wanted = held;
        if let Some(ideal) = ideal {
            let now = Now {
                row,
                time: *time,
                previous,
                start: rows.time[0],
                spot: *spot,
                gamma: *gamma,
                vol: *vol,
                years: *years,
                cost_rate: rows.cost_rate,
                rate: rows.rate,
            };
            let hedge = Hedge { held: held * measure, rehedged, spent };
            let answer = if forced(row) {
                Answer { units: *ideal, asked: true }
            } else {
                target(rule, *ideal, measure, &now, (&hedge, held, rows.to.place))
            };
            wanted = answer.units;
            if answer.asked {
                rehedged = Some(Rehedged { row, time: *time, spot: *spot });
            }
        }
        let before = held;
        held = settle(i, wanted, held, measure);
        if remembers {
            spent.add(*time, ((held - before) * measure * spot).abs() * rows.cost_rate);
        }
        previous = Some(*time);
    }
    state.held = held;
    state.rehedged = rehedged;
}

/// What a rule's band comes to.
pub(crate) struct Answer {
    /// Units to hold.
    pub(crate) units: f64,
    /// Whether the rule asked for the ideal, or the hedge had left the band.
    pub(crate) asked: bool,
}

/// Units to hold, given the ideal ones and those held.
#[inline(always)]
pub(crate) fn target(
    rule: &(impl Rehedge + ?Sized),
    ideal: f64,
    measure: f64,
    now: &Now,
    (hedge, held, place): (&Hedge<'_>, f64, Place),
) -> Answer {
    let centre = ideal * measure;
    let band = rule.band(centre, now, hedge);
    let stays = band.contains(hedge.held);
    let asked = band.is_point() || !stays;
    if stays {
        return Answer { units: held, asked };
    }
    let contradiction = band.low > band.high;
    let goal =
        if contradiction || (band.contains(centre) && (band.is_point() || place != Place::Edge)) {
            ideal
        } else if place == Place::Edge {
            hedge.held.clamp(band.low, band.high) / measure
        } else {
            centre.clamp(band.low, band.high) / measure
        };
    Answer { units: place.towards(goal, held), asked }
}
