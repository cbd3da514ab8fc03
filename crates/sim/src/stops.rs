//! Legs whose orders rest at levels of the spot: placed at one row, filled within the bar of the next.
//!
//! An order's level and size are fixed when it is placed, from what is known at that row: nothing from inside the bar moves
//! them. The size is the hedge that will be wanted at the level as far as the row can know it, `ideal + slope (level - spot)`
//! with `slope = -ratio * gamma`: gamma is that of Black-Scholes, of the book and the legs before, whichever delta is hedged.
//! What a rule asks for at a row itself (the first hedge, a level that the close has passed) is an order for the next open.
//! Where and when an order is filled: [`stop_track`](crate::stop_track).

use hedgerow_core::{AssetColumns, Fills, Market, Track};

use crate::desk::{Decisions, Desk};
use crate::fill::{At, Filled, Filling};
use crate::leg::{Against, Leg};
use crate::linear::earned;
use crate::rehedge::{Hedge, Level, Rehedged, State, target};
use crate::{RatioColumn, To};

/// What rests for a leg from a row to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Resting {
    /// An order for the next open.
    AtOpen(Goal),
    /// At most one order on each side.
    AtLevels { below: Option<Order>, above: Option<Order> },
}

/// An order that rests at a level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Order {
    /// USD per coin of the spot.
    level: f64,
    goal: Goal,
}

/// What an order is to bring about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Goal {
    /// Units to hold.
    units: f64,
    /// Units wanted beyond these, where the leg rounds.
    residual: f64,
    /// What the units measure where the order rests.
    hedge: f64,
}

/// Where an order was filled.
#[derive(Debug, Clone, Copy)]
struct Hit {
    spot: f64,
    price: f64,
    goal: Goal,
}

/// The spot and the instrument over the bar of a row, and at the row before.
struct Bar {
    spot_before: f64,
    price_before: f64,
    open: f64,
    high: f64,
    low: f64,
    price_open: f64,
}

impl Leg {
    /// Whether the leg trades by orders that rest at levels.
    pub(crate) fn rests(&self) -> bool {
        matches!(self.track.fills, Fills::AtStops { .. })
    }

    /// A leg that cannot rest is a programmer's error.
    pub(crate) fn assert_it_can_rest(&self) {
        assert!(self.rule.has_levels(), "a leg with resting orders has a rule with levels");
        assert!(self.execution.is_at_once(), "resting orders are neither late nor in slices");
        assert!(self.gate.is_none(), "a leg with resting orders is always at work");
        assert_eq!(self.track.asset, self.asset, "resting orders follow the asset that is hedged");
        let against = matches!(self.against, Against::Delta | Against::Size(_));
        assert!(against, "resting orders hedge a delta or a size");
        let by_equity = matches!(self.ratio, RatioColumn::Equity(_));
        assert!(!by_equity, "resting orders have a ratio known before the run");
    }
}

/// Fills what rests and places what is to rest, row by row from `start` on, and hands each row of the leg's ledger to `each`.
///
/// `net` is what there is to hedge, `gamma` its slope, coins per USD.
pub(crate) fn run_with_stops(
    desk: &Desk<'_>,
    start: usize,
    (net, gamma): (&[f64], &[f64]),
    (state, filling, decisions): (&mut State, &mut Filling, &mut Decisions),
    mut each: impl FnMut(usize, Filled),
) {
    desk.ideals(start, net, &mut decisions.ideal);
    let rounds = !desk.leg.to.is_exact();
    for (i, (gamma, ideal)) in gamma.iter().zip(&decisions.ideal).enumerate() {
        let row = start + i;
        let hit = filling.resting.take().and_then(|resting| hit(desk, resting, row));
        let spot = desk.market.assets()[desk.leg.asset].spot[row];
        let filled = fill((&desk.leg.track, &desk.leg.to), (row, spot), hit, filling.held);
        (filling.held, filling.decided, state.held) = (filled.held, filled.held, filled.held);
        if let Some(hit) = hit {
            let time = desk.market.time()[row];
            state.rehedged = Some(Rehedged { row, time, spot: hit.spot });
            filling.hedged = Some(hit.goal.hedge);
        }
        each(row, filled);
        let hedged = filling.hedged;
        filling.resting = ideal.and_then(|ideal| place(desk, row, (ideal, *gamma, hedged), state));
        decisions.targets.push(match filling.resting {
            Some(Resting::AtOpen(goal)) => goal.units,
            _ => filled.held,
        });
        if rounds {
            decisions.residual.push(hit.map_or(0.0, |hit| hit.goal.residual));
        }
    }
}

/// What a row fills.
fn hit(desk: &Desk<'_>, resting: Resting, row: usize) -> Option<Hit> {
    let bar = Bar::of(desk.market, &desk.leg.track, row)?;
    let at_open = |goal| Hit { spot: bar.open, price: bar.price_open, goal };
    let (below, above) = match resting {
        Resting::AtOpen(goal) => return Some(at_open(goal)),
        Resting::AtLevels { below, above } => (below, above),
    };
    let falls = |to: f64| below.filter(|order| bar.falls_to(order.level, to));
    let rises = |to: f64| above.filter(|order| bar.rises_to(order.level, to));
    if let Some(order) = falls(bar.open).or(rises(bar.open)) {
        return Some(at_open(order.goal));
    }
    let order = match (falls(bar.low), rises(bar.high)) {
        (Some(below), Some(above)) if above.level / bar.open < bar.open / below.level => above,
        (Some(below), _) => below,
        (None, above) => above?,
    };
    Some(Hit {
        spot: order.level,
        price: order.level * bar.price_before / bar.spot_before,
        goal: order.goal,
    })
}

impl Bar {
    /// `None` at the first row, and without bars.
    fn of(market: &Market, track: &Track, row: usize) -> Option<Self> {
        let AssetColumns { spot, open, high, low, .. } = &market.assets()[track.asset];
        let before = row.checked_sub(1)?;
        let Fills::AtStops { open: price_open } = &track.fills else { return None };
        Some(Self {
            spot_before: spot[before],
            price_before: track.price[before],
            open: open.as_ref()?[row],
            high: high.as_ref()?[row],
            low: low.as_ref()?[row],
            price_open: price_open[row],
        })
    }

    /// Whether a spot that falls to a price reaches a level; one at which it already was must be passed.
    fn falls_to(&self, level: f64, price: f64) -> bool {
        if level < self.spot_before { price <= level } else { price < level }
    }

    fn rises_to(&self, level: f64, price: f64) -> bool {
        if level > self.spot_before { price >= level } else { price > level }
    }
}

/// The row of a leg that held so many units before it.
fn fill(
    (track, to): (&Track, &To),
    (row, spot): (usize, f64),
    hit: Option<Hit>,
    before: f64,
) -> Filled {
    let mut filled =
        Filled { held: before, price_pnl: before * track.pnl[row], ..Filled::default() };
    if let (Some(Hit { price, goal, .. }), Some(contract)) = (hit, track.contract) {
        (filled.held, filled.traded, filled.fill) = (goal.units, goal.units - before, Some(price));
        filled.price_pnl += filled.traded * earned(contract, price, track.price[row], spot);
        if filled.traded != 0.0 {
            let unit_notional = if contract.is_inverse() { spot / price } else { price };
            filled.trade_at(track, to, row, At { price, unit_notional });
        }
    }
    filled.carry = filled.held * track.carry.at(row);
    filled
}

/// What is to rest from a row on; `None` where the rule waits for nothing that is known.
///
/// A rule that knows the hedge beyond its levels asks at a row only for another hedge than the one that was last set: a unit
/// of an inverse perpetual measures another number of coins at each row, and orders would never rest.
fn place(
    desk: &Desk<'_>,
    row: usize,
    (ideal, gamma, hedged): (f64, f64, Option<f64>),
    state: &mut State,
) -> Option<Resting> {
    let (leg, now, measure) = (desk.leg, desk.now(row), desk.measure(row));
    let (held, centre) = (state.held, ideal * measure);
    let hedge = Hedge { held: held * measure, rehedged: state.rehedged, spent: &state.spent };
    let answer = target(desk.rule(), ideal, measure, &now, (&hedge, held, leg.to.place));
    let levels = |rehedged| desk.rule().levels(centre, &now, &Hedge { rehedged, ..hedge });
    let goal = |wanted: f64, measure: f64| {
        let units = leg.to.fit(wanted, held, measure);
        Goal { units, residual: wanted - units, hedge: units * measure }
    };
    let mut rehedged = state.rehedged;
    let is_set = levels(rehedged).know_their_hedge()
        && hedged.is_some_and(|hedged| !is_other(answer.units * measure, hedged));
    if answer.asked && !is_set {
        let goal = goal(answer.units, measure);
        if is_other(goal.units, held) {
            return Some(Resting::AtOpen(goal));
        }
        rehedged = Some(Rehedged { row, time: now.time, spot: now.spot });
    }
    let slope = match (&leg.against, &leg.ratio) {
        (Against::Delta, RatioColumn::Constant(ratio)) => -ratio * gamma,
        (Against::Delta, RatioColumn::Rows(rows)) => -rows[row]? * gamma,
        _ => 0.0,
    };
    let order = |level: Level| {
        let wanted = level.hedge.unwrap_or(centre + slope * (level.spot - now.spot));
        let measure = desk.measure_at(row, level.spot);
        let wanted = leg.to.place.towards(wanted / measure, held);
        Order { level: level.spot, goal: goal(wanted, measure) }
    };
    let levels = levels(rehedged);
    state.rehedged = rehedged;
    Some(Resting::AtLevels { below: levels.below.map(order), above: levels.above.map(order) })
}

/// Whether two hedges differ by more than a rounding of what the ideal was made from.
fn is_other(hedge: f64, than: f64) -> bool {
    (hedge - than).abs() > 1e-9 * (hedge.abs() + than.abs()) + hedgerow_core::ROUNDING_UNITS
}
