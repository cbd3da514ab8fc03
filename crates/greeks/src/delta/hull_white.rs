//! Hull and White's minimum-variance delta: what past moves of spot and option prices say that Black-Scholes leaves out.
//!
//! ```text
//! Δ_MV = Δ_BS + vega/(S√T) (a + b Δ_BS + c Δ_BS²)
//! ```
//!
//! a, b and c come from a regression without intercept over all options of a kind and all pairs of successive snapshots
//! in a rolling window (Hull and White, *Optimal delta hedging for options*, Journal of Banking and Finance 82, 2017,
//! equation 6):
//!
//! ```text
//! ΔV − ΔV_BS = vega/√T (ΔS/S) (a + b Δ_BS + c Δ_BS²) + error
//! ```
//!
//! `ΔV_BS` is what Black-Scholes says at the vol that the option had. The paper has its first term `Δ_BS ΔS` there and leaves
//! the curvature and the passing of time, whose sum is 0 on average, to the error; over the few snapshots of a window it
//! is not 0, and a vol that never moves would teach an adjustment. So on a flat surface that stays, this delta is that of
//! Black-Scholes.
//!
//! Here S is the forward of the option's expiry, vega/(S√T) = φ(d₁), and both sides are divided by S, as if it were 1 at
//! the start of every pair. Options with a |Δ| outside 0.05 to 0.95 are left out. The coefficients at a row come from
//! pairs that had ended by then: the move that they hedge is never in them.
//!
//! They are unknown until a whole window has passed. They are 0, and the delta that of Black-Scholes, where the spot hardly
//! moved in it: what prices did beside a move of a basis point is noise, divided by a basis point. Moves are counted in what
//! the vol says is usual, Σ (ΔS/S)²/(vol² Δt), and [`LEAST_MOVES`] are asked for; so they are for a kind of which fewer than
//! thirty pairs were seen. And the delta of a call lies within 0 and 1, of a put within −1 and 0, whatever was learned.

use hedgerow_core::registry::{Entry, parameters};
use hedgerow_core::{Chain, MILLIS_PER_DAY, Market, OptionKind, PaidIn, Quote, Timestamp};
use serde::Deserialize;
use toml::Spanned;

use super::{HedgeDelta, Memory, Past, View, positive};
use crate::normal::pdf;
use crate::smile::solve;
use crate::{GreeksError, black76};

/// The delta.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HullWhiteDelta {
    /// Length of the window, days.
    pub window_days: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    window_days: Spanned<f64>,
}

/// a + b Δ + c Δ².
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quadratic {
    /// a.
    pub constant: f64,
    /// b.
    pub linear: f64,
    /// c.
    pub square: f64,
}

/// The coefficients of each kind; `None` where they are unknown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HullWhite {
    /// Of calls.
    pub call: Option<Quadratic>,
    /// Of puts.
    pub put: Option<Quadratic>,
}

/// One option from one snapshot to the next, per USD of forward at the start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HedgeDay {
    /// Change of the option's value.
    pub value: f64,
    /// Of this, what Black-Scholes explains: at the vol of the start, the move and the passing of time.
    pub explained: f64,
    /// Change of the forward.
    pub forward: f64,
    /// Black-Scholes delta at the start.
    pub delta: f64,
    /// φ(d₁) at the start.
    pub density: f64,
}

/// Least number of pairs from which three numbers are learned: ten for each (a guess).
const LEAST_PAIRS: usize = 30;

/// Moves of the forward of usual size in a window from which is learned (a guess).
pub const LEAST_MOVES: f64 = 10.0;

/// Range of |Δ| that is learned from, as in the paper.
const DELTAS: std::ops::RangeInclusive<f64> = 0.05..=0.95;

impl Quadratic {
    /// Nothing is added.
    const NOTHING: Self = Self { constant: 0.0, linear: 0.0, square: 0.0 };

    /// What is added to the Black-Scholes delta: φ(d₁) (a + b Δ + c Δ²).
    ///
    /// ```
    /// # use hedgerow_greeks::delta::Quadratic;
    /// let learned = Quadratic { constant: -0.2, linear: 0.1, square: -0.05 };
    /// assert!((learned.adjustment(0.537_117_575_2, 0.397_214_323_4) + 0.063_837_508_3).abs() < 1e-10);
    /// ```
    pub fn adjustment(&self, delta: f64, density: f64) -> f64 {
        density * (self.constant + delta * (self.linear + delta * self.square))
    }

    /// Least squares over `days`; `None` for fewer than thirty or deltas that do not vary.
    pub fn learn(days: &[HedgeDay]) -> Option<Self> {
        let mut sums = Sums::default();
        days.iter().for_each(|day| sums.add(day));
        sums.solve()
    }
}

impl HedgeDelta for HullWhiteDelta {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn needs_chain(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        format!(
            "Hull and White's minimum-variance delta, learned over the last {} days of quotes, within the range of \
             a delta; that of Black-Scholes where the forward made less than {} moves of usual size in them",
            self.window_days, LEAST_MOVES
        )
    }

    fn learn(&self, past: &Past<'_>) -> Result<Vec<Memory>, GreeksError> {
        let chain = past.chain.ok_or_else(|| GreeksError::NoChain {
            asset: past.market.assets()[past.asset].name.clone(),
            delta: ENTRY.name,
        })?;
        Ok(rolling(past.market, chain, self.window_days))
    }

    fn delta(&self, view: &View<'_>) -> Option<f64> {
        let Memory::HullWhite(learned) = view.memory else { return None };
        let learned = match view.kind {
            OptionKind::Call => learned.call?,
            OptionKind::Put => learned.put?,
        };
        let greeks = view.greeks()?;
        let density = greeks.vega / (view.terms.spot * view.terms.years.sqrt());
        let bounds = match view.kind {
            OptionKind::Call => (0.0, 1.0),
            OptionKind::Put => (-1.0, 0.0),
        };
        // A Black-Scholes delta with a carry may itself lie a little outside.
        let (low, high) = (greeks.delta.min(bounds.0), greeks.delta.max(bounds.1));
        Some((greeks.delta + learned.adjustment(greeks.delta, density)).clamp(low, high))
    }
}

/// Sums of the regression.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    n: usize,
    matrix: [[f64; 3]; 3],
    right: [f64; 3],
}

impl Sums {
    fn add(&mut self, day: &HedgeDay) {
        let factor = day.density * day.forward;
        let x = [factor, factor * day.delta, factor * day.delta * day.delta];
        let y = day.value - day.explained;
        self.n += 1;
        for i in 0..3 {
            self.right[i] += x[i] * y;
            for j in 0..=i {
                self.matrix[i][j] += x[i] * x[j];
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        self.n += other.n;
        for i in 0..3 {
            self.right[i] += other.right[i];
            for j in 0..=i {
                self.matrix[i][j] += other.matrix[i][j];
            }
        }
    }

    fn solve(&self) -> Option<Quadratic> {
        if self.n < LEAST_PAIRS {
            return None;
        }
        let [constant, linear, square] = solve(self.matrix, self.right)?;
        let found = Quadratic { constant, linear, square };
        [constant, linear, square].iter().all(|x| x.is_finite()).then_some(found)
    }
}

/// The sums of one pair of snapshots, and when they were known.
#[derive(Debug)]
struct Batch {
    known: Timestamp,
    call: Sums,
    put: Sums,
    moved: Moved,
}

/// How far the forwards moved.
#[derive(Debug, Clone, Copy, Default)]
struct Moved {
    n: usize,
    /// Sum of squared moves in units of the usual one.
    squares: f64,
}

impl Moved {
    #[expect(clippy::cast_precision_loss, reason = "a chain has fewer options than 2^52")]
    fn mean_square(&self) -> f64 {
        if self.n > 0 { self.squares / self.n as f64 } else { 0.0 }
    }
}

/// What is known at each row.
///
/// A window's batches are summed afresh at each new snapshot: there are few, and nothing can drift.
#[expect(clippy::cast_precision_loss, reason = "a span in milliseconds is exact in f64")]
fn rolling(market: &Market, chain: &Chain, window_days: f64) -> Vec<Memory> {
    // In whole milliseconds: three days through years and back are not three days.
    let window = window_days * MILLIS_PER_DAY as f64;
    let mut batches: Vec<Batch> = Vec::new();
    let mut begun: Option<Timestamp> = None;
    let mut before: Option<usize> = None;
    let mut known = Memory::Nothing;
    let mut column = Vec::with_capacity(market.n_rows());
    for (row, now) in market.time().iter().enumerate() {
        let snapshot = chain.snapshot_of_row[row];
        if snapshot.is_some() && snapshot != before {
            if before.is_some() {
                batches.push(batch(chain, before, snapshot, *now));
            }
            begun = begun.or(Some(*now));
            before = snapshot;
            let window_passed = |since: Timestamp| (now.millis() - since.millis()) as f64 >= window;
            let first = batches.partition_point(|batch| window_passed(batch.known));
            let (mut call, mut put) = (Sums::default(), Sums::default());
            for batch in &batches[first..] {
                call.merge(&batch.call);
                put.merge(&batch.put);
            }
            let moves: f64 = batches[first..].iter().map(|batch| batch.moved.mean_square()).sum();
            if begun.is_some_and(window_passed) {
                let learned = |sums: &Sums| {
                    sums.solve().filter(|_| moves >= LEAST_MOVES).unwrap_or(Quadratic::NOTHING)
                };
                known = Memory::HullWhite(HullWhite {
                    call: Some(learned(&call)),
                    put: Some(learned(&put)),
                });
            }
        }
        column.push(known);
    }
    column
}

fn batch(chain: &Chain, before: Option<usize>, after: Option<usize>, known: Timestamp) -> Batch {
    let quotes = |snapshot: Option<usize>| {
        snapshot.map_or(&[][..], |snapshot| &chain.quotes[chain.snapshots[snapshot].clone()])
    };
    let mut of_contract: Vec<Option<&Quote>> = vec![None; chain.contracts.len()];
    for quote in quotes(before) {
        of_contract[quote.contract] = Some(quote);
    }
    let (call, put) = (Sums::default(), Sums::default());
    let mut batch = Batch { known, call, put, moved: Moved::default() };
    for later in quotes(after) {
        let day = of_contract[later.contract].and_then(|earlier| day(chain, earlier, later));
        if let Some((day, move_squared)) = day {
            batch.moved.n += 1;
            batch.moved.squares += move_squared;
            match chain.contracts[later.contract].kind {
                OptionKind::Call => batch.call.add(&day),
                OptionKind::Put => batch.put.add(&day),
            }
        }
    }
    batch
}

/// One option from one quote to the next, and the square of the forward's move in units of the usual one; `None` where
/// something is unknown or the delta is out of range.
fn day(chain: &Chain, earlier: &Quote, later: &Quote) -> Option<(HedgeDay, f64)> {
    let contract = &chain.contracts[earlier.contract];
    let years = contract.expiry.years_since(earlier.time);
    let (from, to, vol) = (earlier.forward?, later.forward?, earlier.mark_vol?);
    let value = |quote: &Quote, forward: f64| {
        quote.mark.map(|mark| match chain.paid_in {
            PaidIn::Coin => mark * forward,
            PaidIn::Usd => mark,
        })
    };
    let usable = years > 0.0
        && later.time > earlier.time
        && later.time < contract.expiry
        && [from, to, vol].iter().all(|x| x.is_finite() && *x > 0.0);
    if !usable {
        return None;
    }
    let black =
        |forward: f64, years: f64| black76(contract.kind, forward, contract.strike, years, vol);
    let left = contract.expiry.years_since(later.time);
    let greeks = black(from, years);
    let deviation = vol * years.sqrt();
    let d1 = (from / contract.strike).ln() / deviation + 0.5 * deviation;
    let day = HedgeDay {
        value: (value(later, to)? - value(earlier, from)?) / from,
        explained: (black(to, left).value - greeks.value) / from,
        forward: to / from - 1.0,
        delta: greeks.delta,
        density: pdf(d1),
    };
    let is_usable = DELTAS.contains(&day.delta.abs()) && day.value.is_finite();
    is_usable.then(|| (day, day.forward * day.forward / (vol * vol * (years - left))))
}

pub(super) const ENTRY: Entry<dyn HedgeDelta> = Entry {
    name: "hull_white",
    about: "minimum variance by Hull and White, learned from past quotes over a rolling window",
    example: "delta = { hull_white = { window_days = 60 } }",
    build: |setting| {
        let typed: Typed = parameters(setting)?;
        Ok(Box::new(HullWhiteDelta { window_days: positive("window_days", &typed.window_days)? }))
    },
};
