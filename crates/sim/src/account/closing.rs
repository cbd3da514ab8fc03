//! What is closed: when, at what prices, and how much of it.
//!
//! Within a bar the account is looked at where the market's prices are highest, and where they are lowest, all assets at once,
//! with what was held over the bar and options marked as at the row before. Where it is under its maintenance margin there, it
//! fell under it on the way: at the share of the way at which equity over maintenance reaches zero, both taken as straight lines
//! between the row before and the extreme, but never before the bar's open where the bar opens beyond that. There the legs are
//! closed, and there fees, penalties and turnover are counted. Perps and futures are taken to keep their ratio to the spot on the
//! way. An asset whose bars have no highs and lows, beside one whose bars have them, is taken at its close.
//!
//! An account that keeps a ratio closes the least hundredths of all legs that bring it back there. Where none do, it closes those
//! that leave the most of equity over maintenance margin, if that is more than there is and enough to live on.

use hedgerow_core::{AccountEvent, AccountEventKind, Found, Timestamp};

use super::ending::Ending;
use super::margined::Run;
use super::on_the_way::Way;
use super::standing::{At, Standing};
use super::terms::Then;

/// What is done at a row.
#[derive(Debug, Clone)]
pub(crate) struct Action {
    kind: AccountEventKind,
    found: Found,
    /// Share of every leg that is closed; 0 where nothing can be.
    share: f64,
    /// Where on the way to the extreme; `None` at the row's mark.
    way: Option<Way>,
    standing: Standing,
}

impl Action {
    /// Whether anything is closed.
    pub(crate) fn closes(&self) -> bool {
        self.share > 0.0
    }
}

/// Shares that a reduction may close, of a hundred.
const STEPS: u32 = 100;

impl Run<'_> {
    /// What is done on the way to the bar's extremes, with what was held over the bar.
    pub(crate) fn within(&mut self, row: usize) -> Option<Action> {
        let mut worst: Option<(Found, At, Standing)> = None;
        for (found, at) in [(Found::OnWayDown, At::Low), (Found::OnWayUp, At::High)] {
            if !self.is_known(at) {
                continue;
            }
            let standing = self.at_extreme(row, at);
            self.look(standing);
            let is_worse =
                worst.as_ref().is_none_or(|(_, _, other)| standing.above(1.0) < other.above(1.0));
            if standing.above(self.kept_ratio()) < 0.0 && is_worse {
                worst = Some((found, at, standing));
            }
        }
        let (found, at, standing) = worst?;
        let mut way = self.crossing(row, at, self.kept_ratio(), standing);
        let extreme = self.point(row, at, 1.0);
        let (kind, share) = self.verdict(standing, |run, share| {
            run.on_the_way(row, &extreme, Some((&way.point, share)))
        })?;
        if kind == AccountEventKind::Liquidation {
            way = self.crossing(row, at, 1.0, standing);
        }
        Some(Action { kind, found, share, way: Some(way), standing })
    }

    /// What is done at the row's mark.
    pub(crate) fn at_mark(&mut self) -> Option<Action> {
        let standing = self.standing_after(0.0);
        self.look(standing);
        let (kind, share) = self.verdict(standing, Self::standing_after)?;
        Some(Action { kind, found: Found::AtMark, share, way: None, standing })
    }

    /// Equity over maintenance margin under which something is done.
    fn kept_ratio(&self) -> f64 {
        self.margin.reduce_at.as_ref().map_or(1.0, |reduction| reduction.ratio)
    }

    /// What is done in a standing, given that which is left once a share of the legs is closed; `None` for nothing.
    fn verdict(
        &mut self,
        standing: Standing,
        mut after: impl FnMut(&mut Self, f64) -> Standing,
    ) -> Option<(AccountEventKind, f64)> {
        let is_under = standing.above(1.0) < 0.0;
        if let Some(ratio) = self.margin.reduce_at.as_ref().map(|reduction| reduction.ratio) {
            if standing.above(ratio) >= 0.0 {
                self.is_short = false;
                return None;
            }
            let mut best = (0.0, standing);
            let most = if self.holds_legs() { STEPS } else { 0 };
            for share in (1..=most).map(|step| f64::from(step) / f64::from(STEPS)) {
                let then = after(self, share);
                if then.above(ratio) >= 0.0 {
                    return Some((AccountEventKind::Reduction, share));
                }
                if then.is_safer_than(&best.1) {
                    best = (share, then);
                }
            }
            if best.1.above(1.0) >= 0.0 {
                return Some((AccountEventKind::ReductionShort, best.0));
            }
        }
        is_under.then_some((AccountEventKind::Liquidation, 1.0))
    }

    /// Whether any leg holds anything that could be closed.
    fn holds_legs(&self) -> bool {
        self.memory.iter().any(|memory| memory.filled.held != 0.0 || memory.filled.decided != 0.0)
    }

    /// Closes a share of every leg, and where all of them are closed for good, ends the run or the book.
    pub(crate) fn close(&mut self, row: usize, action: &Action) {
        let Action { kind, share, way, .. } = action;
        let mut notional = 0.0;
        for leg in 0..self.legs.len() {
            notional += self.close_leg(leg, row, *share, (way.as_ref(), *kind));
        }
        if *kind == AccountEventKind::Liquidation {
            self.is_over = true;
            if self.margin.then == Then::Stop {
                let known = way.as_ref().filter(|_| self.book_is_known(row - 1));
                notional +=
                    self.close_book(Ending { row, way: known.map(|way| (way.share, way.at)) });
            }
        } else if let Some(reduction) = &self.margin.reduce_at {
            let now = self.on.market.time()[row].millis();
            self.paused_until = Some(Timestamp::from_millis(now + reduction.pause_millis));
        }
        self.tell(row, action, notional);
    }

    /// Notes, once, that the account is under the ratio that it keeps and nothing of its legs can be closed against that.
    pub(crate) fn note_short(&mut self, row: usize, action: &Action) {
        if !self.is_short {
            self.is_short = true;
            self.tell(row, action, 0.0);
        }
    }

    fn tell(&mut self, row: usize, action: &Action, amount: f64) {
        let Action { kind, found, share, way, standing } = action;
        let point = way.as_ref().map_or(&self.mark, |way| &way.point);
        let event = AccountEvent {
            row,
            kind: *kind,
            found: *found,
            amount,
            share: Some(*share),
            spot: point.spot[self.first_asset()],
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
