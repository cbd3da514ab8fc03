//! What is closed: when, at what prices, and how much of it.
//!
//! Within a bar the account is looked at where the market's prices are highest, and where they are lowest, all of them at once
//! ([`on_the_way`](super::on_the_way)), with what is held over the bar once its open is traded. Where it is under there, the way is
//! walked. Where margin equity falls under the ratio that the account keeps, the least hundredths of all legs that bring it back
//! are closed, at the prices of that place; then the way goes on with what is left, to where it falls under it again. Nothing is
//! closed for prices that come later. Where it falls under its maintenance margin all is closed, at the prices of that place. An
//! account that is under already where the bar opens is closed at the open. Fees, penalties and turnover are those of these prices.
//!
//! Where no hundredths bring the account back, those are closed that leave the most of equity over maintenance margin, if that is
//! more than there is and enough to live on, and no more in that bar.

use hedgerow_core::{AccountEvent, AccountEventKind, Found, Timestamp};

use super::closed::Cost;
use super::ending::Ending;
use super::margined::Run;
use super::standing::{At, Point, Standing};
use super::terms::Then;
use super::walk::Walk;

/// What is done at a row.
#[derive(Debug, Clone)]
pub(crate) struct Action {
    kind: AccountEventKind,
    found: Found,
    /// In the order of time; none where nothing can be closed.
    steps: Vec<Step>,
    standing: Standing,
}

/// A part of every leg that is closed.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// Share of what was held over the row.
    pub(super) share: f64,
    /// Whether it is all that is left.
    pub(super) is_rest: bool,
    /// Where within the bar; `None` at the row's mark.
    pub(super) way: Option<Point>,
}

impl Step {
    /// So many hundredths, of as many that are left.
    fn hundredths(parts: u32, left: u32, way: Option<Point>) -> Self {
        Self { share: share(parts), is_rest: parts == left, way }
    }
}

impl Action {
    /// Whether anything is closed.
    pub(crate) fn closes(&self) -> bool {
        !self.steps.is_empty()
    }

    /// Share of the legs that is closed: of a liquidation all that is there.
    fn share(&self) -> f64 {
        if self.kind == AccountEventKind::Liquidation {
            return 1.0;
        }
        self.steps.iter().map(|step| step.share).sum::<f64>().min(1.0)
    }
}

/// Parts of the legs that a reduction may close.
const PARTS: u32 = 100;

fn share(parts: u32) -> f64 {
    f64::from(parts) / f64::from(PARTS)
}

/// Hundredths of the legs, and whether closing them brings an account back to the ratio that it keeps.
type Parts = (u32, bool);

impl Run<'_> {
    /// What is done on the way to the bar's extremes, with what is held over the bar.
    pub(crate) fn within(&mut self, row: usize) -> Vec<Action> {
        if !self.venue.ways.are_known() {
            return Vec::new();
        }
        let mut walk = std::mem::take(&mut self.walk);
        self.set_out(row, &mut walk);
        let mut worst: Option<(Found, At, Standing)> = None;
        for (found, at) in [(Found::OnWayDown, At::Low), (Found::OnWayUp, At::High)] {
            let standing = self.standing_on(&walk, (at, 1.0));
            self.look(standing);
            let is_worse =
                worst.as_ref().is_none_or(|(_, _, other)| standing.above(1.0) < other.above(1.0));
            if standing.above(self.kept_ratio()) < 0.0 && is_worse {
                worst = Some((found, at, standing));
            }
        }
        let actions = worst.map_or_else(Vec::new, |worst| self.go(row, &mut walk, worst));
        self.walk = walk;
        actions
    }

    /// Goes on to an extreme at which the account is under the ratio that it keeps, and closes what it must.
    fn go(
        &mut self,
        row: usize,
        walk: &mut Walk,
        (found, at, standing): (Found, At, Standing),
    ) -> Vec<Action> {
        let mut actions = Vec::new();
        let (mut here, mut left) = (0.0, PARTS);
        if let Some(ratio) = self.margin.reduce_at.as_ref().map(|reduction| reduction.ratio) {
            let (kind, steps);
            (kind, steps, here) = self.reduce(row, walk, at, ratio);
            left -= steps.iter().map(|step: &(u32, Step)| step.0).sum::<u32>();
            let steps = steps.into_iter().map(|(_, step)| step).collect();
            actions.push(Action { kind, found, steps, standing });
        }
        let end = self.standing_on(walk, (at, 1.0));
        if end.above(1.0) < 0.0 || self.standing_on(walk, (at, here)).above(1.0) < 0.0 {
            let here = self.crossing(walk, (at, here), 1.0);
            let way = Some(self.point(row, (at, here)));
            actions.retain(Action::closes);
            let steps = vec![Step { share: share(left), is_rest: true, way }];
            let kind = AccountEventKind::Liquidation;
            actions.push(Action { kind, found, steps, standing: end });
        }
        actions
    }

    /// Closes parts of the legs wherever the account falls under a ratio; answers with what it came to, with the hundredths of each
    /// step, and with the share of the way on which it ended.
    fn reduce(
        &mut self,
        row: usize,
        walk: &mut Walk,
        at: At,
        ratio: f64,
    ) -> (AccountEventKind, Vec<(u32, Step)>, f64) {
        let (mut steps, mut here) = (Vec::new(), 0.0);
        let mut left = if self.holds_legs() { PARTS } else { 0 };
        while self.standing_on(walk, (at, 1.0)).above(ratio) < 0.0 {
            here = self.crossing(walk, (at, here), ratio);
            let point = self.point(row, (at, here));
            let now = self.standing_on(walk, (at, here));
            let (parts, is_enough) = self.parts(now, ratio, left, |run, parts| {
                run.standing_closed(walk, &point, share(parts))
            });
            if parts > 0 {
                self.close_on(walk, &point, share(parts));
                steps.push((parts, Step::hundredths(parts, left, Some(point))));
                left -= parts;
            }
            if !is_enough {
                return (AccountEventKind::ReductionShort, steps, here);
            }
        }
        (AccountEventKind::Reduction, steps, here)
    }

    /// What is done at the row's mark.
    pub(crate) fn at_mark(&mut self) -> Option<Action> {
        let standing = self.standing_after(0.0);
        self.look(standing);
        let found = Found::AtMark;
        if let Some(ratio) = self.margin.reduce_at.as_ref().map(|reduction| reduction.ratio) {
            if standing.above(ratio) >= 0.0 {
                self.is_short = false;
                return None;
            }
            let left = if self.holds_legs() { PARTS } else { 0 };
            let after = |run: &mut Self, parts: u32| run.standing_after(share(parts));
            let (parts, is_enough) = self.parts(standing, ratio, left, after);
            if is_enough || parts > 0 || standing.above(1.0) >= 0.0 {
                let kind = if is_enough {
                    AccountEventKind::Reduction
                } else {
                    AccountEventKind::ReductionShort
                };
                let step = (parts > 0).then(|| Step::hundredths(parts, left, None));
                return Some(Action { kind, found, steps: step.into_iter().collect(), standing });
            }
        }
        (standing.above(1.0) < 0.0).then(|| Action {
            kind: AccountEventKind::Liquidation,
            found,
            steps: vec![Step { share: 1.0, is_rest: true, way: None }],
            standing,
        })
    }

    /// Equity over maintenance margin under which something is done.
    fn kept_ratio(&self) -> f64 {
        self.margin.reduce_at.as_ref().map_or(1.0, |reduction| reduction.ratio)
    }

    /// The least hundredths of the legs that bring the account back to a ratio, of those that are left; where none do, those that
    /// leave it safest, if it is safer then than it is and can live.
    fn parts(
        &mut self,
        now: Standing,
        ratio: f64,
        left: u32,
        mut after: impl FnMut(&mut Self, u32) -> Standing,
    ) -> Parts {
        let mut best = (0, now);
        for parts in 1..=left {
            let then = after(self, parts);
            if then.above(ratio) >= 0.0 {
                return (parts, true);
            }
            if then.is_safer_than(&best.1) {
                best = (parts, then);
            }
        }
        (if best.1.above(1.0) >= 0.0 { best.0 } else { 0 }, false)
    }

    /// Whether any leg holds anything that could be closed.
    fn holds_legs(&self) -> bool {
        self.memory.iter().any(|memory| memory.filled.held != 0.0 || memory.filled.decided != 0.0)
    }

    /// Closes a part of every leg, and where all of them are closed for good, ends the run or the book.
    pub(crate) fn close(&mut self, row: usize, action: &Action) {
        let mut cost = Cost::default();
        for step in &action.steps {
            for leg in 0..self.legs.len() {
                cost.add(self.close_leg(leg, row, step, action.kind));
            }
        }
        if action.kind == AccountEventKind::Liquidation {
            self.is_over = true;
            if self.margin.then == Then::Stop {
                let way = action.steps.first().and_then(|step| step.way.clone());
                let way = way.filter(|_| self.book_is_known(row - 1));
                cost.add(self.close_book(Ending { row, way }));
            }
        } else if let Some(reduction) = &self.margin.reduce_at {
            let now = self.on.market.time()[row].millis();
            self.paused_until = Some(Timestamp::from_millis(now + reduction.pause_millis));
        }
        self.tell(row, action, cost);
    }

    /// Notes, once, that the account is under the ratio that it keeps and nothing of its legs can be closed against that.
    pub(crate) fn note_short(&mut self, row: usize, action: &Action) {
        if !self.is_short {
            self.is_short = true;
            self.tell(row, action, Cost::default());
        }
    }

    fn tell(&mut self, row: usize, action: &Action, cost: Cost) {
        let Action { kind, found, steps, standing } = action;
        let point = steps.first().and_then(|step| step.way.as_ref()).unwrap_or(&self.mark);
        let event = AccountEvent {
            row,
            kind: *kind,
            found: *found,
            amount: cost.notional,
            share: Some(action.share()),
            spot: point.spot[self.first_asset()],
            penalty: cost.penalty,
            trading: cost.trading,
            equity: standing.equity,
            initial: standing.asked.initial,
            maintenance: standing.asked.maintenance,
        };
        self.out.margin.events.push(event);
    }

    /// Whether the book is made of coins and of options with columns, so that it has a value within a bar; otherwise it is closed at
    /// the row's mark.
    fn book_is_known(&self, row: usize) -> bool {
        let assets = self.on.exposure.slopes.iter().zip(self.on.market.assets());
        let known: f64 = assets
            .map(|(slopes, asset)| {
                let options = slopes.margin.as_ref();
                slopes.coins * asset.spot[row]
                    + options.map_or(0.0, |options| options.at_mark.value(row, asset.spot[row]))
            })
            .sum();
        let value = self.on.exposure.value[row];
        (known - value).abs() <= 1e-6 * (1.0 + value.abs())
    }
}
