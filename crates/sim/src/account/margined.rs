//! A strategy whose venue asks for margin: all legs together, row by row.
//!
//! At a row: interest; margin on the way to the bar's extremes, with what was held over the bar; money that has arrived;
//! margin at the row's mark; then either what the venue closes, or the legs' own trades, each held to what the initial margin
//! leaves; then calls and transfers. Legs sum up to the same account as without margin: money is only moved between places.

use hedgerow_core::{
    Exposure, Fills, Found, LegLedger, MarginLedger, Market, Settlement, Timestamp, Track,
};

use super::closed::Closed;
use super::closing::Action;
use super::ending::{Ending, pay_book};
use super::places::{Place, Places};
use super::standing::{Point, Venue};
use super::walk::{Scratch, Walk};
use super::{AccountTerms, Flows, MarginTerms, book_flows};
use crate::account_leg::Seen;
use crate::desk::{Decisions, Desk, Memory};
use crate::fill::Filled;
use crate::nets::{Asked, Nets};
use crate::simulate::empty_leg;
use crate::{Account, BookCosts, Leg, Strategy};

/// What a run under margin came to.
#[derive(Debug)]
pub(crate) struct Margined {
    pub(crate) legs: Vec<LegLedger>,
    pub(crate) interest: Vec<f64>,
    pub(crate) cash: Vec<f64>,
    pub(crate) coins: Vec<Vec<f64>>,
    pub(crate) margin: MarginLedger,
    /// What was closed by force.
    pub(crate) closed: Vec<Closed>,
    /// Row, and USD that coins paid within its bar earned from there to its mark.
    pub(crate) later: Vec<(usize, f64)>,
    /// How the book ended, where it was closed with the legs.
    pub(crate) ending: Option<Ending>,
}

/// What a run reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inputs<'a> {
    pub(crate) market: &'a Market,
    pub(crate) exposure: &'a Exposure,
    pub(crate) account: &'a Account,
    pub(crate) terms: &'a AccountTerms,
    pub(crate) book: &'a BookCosts,
}

/// A run under way.
pub(crate) struct Run<'a> {
    pub(crate) on: Inputs<'a>,
    pub(crate) margin: &'a MarginTerms,
    pub(crate) legs: &'a [Leg],
    pub(crate) desks: Vec<Desk<'a>>,
    pub(crate) memory: Vec<Memory>,
    nets: Nets,
    asked: Asked,
    decisions: Decisions,
    /// The account without legs, where a leg looks at it.
    pub(crate) base: Option<Seen>,
    /// The account as it is less what legs take it for.
    pub(crate) apart: Place,
    /// The account at the row, with the legs so far.
    seen: Seen,
    flows: Flows,
    pub(crate) venue: Venue<'a>,
    pub(crate) places: Places,
    /// Each leg's row as it is without a new trade, and as it is in the end.
    pub(crate) untraded: Vec<Filled>,
    pub(crate) filled: Vec<Filled>,
    /// Units of each leg once its last decision is filled.
    pub(crate) units: Vec<f64>,
    pub(crate) mark: Point,
    /// The venue's cash and coins at the row's mark, before its trades.
    pub(crate) at_mark: Place,
    /// What forced closings of the row pay beside the legs' rows.
    pub(crate) forced: Place,
    pub(crate) is_over: bool,
    pub(crate) called: bool,
    /// Whether the account is known to be under the ratio that it keeps with nothing left to close.
    pub(crate) is_short: bool,
    /// Until when no leg is made larger.
    pub(crate) paused_until: Option<Timestamp>,
    pub(crate) scratch: Scratch,
    pub(crate) walk: Walk,
    /// Lowest of the row so far of equity over maintenance margin.
    pub(crate) lowest_ratio: Option<f64>,
    pub(crate) out: Margined,
}

/// Runs a strategy under margin.
pub(crate) fn run(on: Inputs<'_>, margin: &MarginTerms, strategy: &Strategy) -> Margined {
    let mut run = Run::new(on, margin, &strategy.legs);
    for row in 0..on.market.n_rows() {
        run.row(row);
    }
    run.out
}

impl<'a> Run<'a> {
    fn new(on: Inputs<'a>, margin: &'a MarginTerms, legs: &'a [Leg]) -> Self {
        let Inputs { market, exposure, account, terms, book } = on;
        let (n_rows, n_assets) = (market.n_rows(), market.assets().len());
        let desks: Vec<Desk<'a>> =
            legs.iter().map(|leg| Desk::new(leg, market, exposure, account.rate)).collect();
        let tracks: Vec<&Track> = legs.iter().map(|leg| &*leg.track).collect();
        let opening = |usd: f64, coins: &[f64]| Place::opening(market, (usd, coins), terms.paid_in);
        let posted = opening(margin.posted_usd, &margin.posted_coins);
        let rest: Vec<f64> =
            account.coins.iter().zip(&margin.posted_coins).map(|(all, at)| all - at).collect();
        let treasury = opening(account.usd - margin.posted_usd, &rest);
        let room = || Vec::with_capacity(n_rows);
        Self {
            on,
            margin,
            legs,
            memory: desks.iter().map(|desk| desk.memory(terms.paid_in)).collect(),
            desks,
            nets: Nets::default(),
            asked: Asked::by(legs),
            decisions: Decisions::default(),
            base: Seen::without_legs(on, legs),
            apart: Place::empty(n_assets),
            seen: Seen::default(),
            flows: book_flows(market, exposure, book, terms.paid_in),
            venue: Venue::new(market, exposure, tracks, (margin, terms.paid_in)),
            at_mark: posted.clone(),
            places: Places { venue: posted, treasury, transfers: Vec::new() },
            untraded: vec![Filled::default(); legs.len()],
            filled: vec![Filled::default(); legs.len()],
            units: vec![0.0; legs.len()],
            mark: Point::new(n_assets, legs.len()),
            forced: Place::empty(n_assets),
            is_over: false,
            called: false,
            is_short: false,
            paused_until: None,
            scratch: Scratch::new(n_assets, legs.len()),
            walk: Walk::default(),
            lowest_ratio: None,
            out: Margined {
                legs: legs.iter().map(|leg| empty_leg(leg, n_rows)).collect(),
                interest: room(),
                cash: room(),
                coins: (0..n_assets).map(|_| room()).collect(),
                margin: MarginLedger {
                    model: margin.name.to_owned(),
                    initial: room(),
                    maintenance: room(),
                    equity: room(),
                    treasury: room(),
                    lowest_ratio: Vec::with_capacity(n_rows),
                    liquidation: vec![0.0; n_rows],
                    ..MarginLedger::default()
                },
                closed: Vec::new(),
                later: Vec::new(),
                ending: None,
            },
        }
    }

    fn row(&mut self, row: usize) {
        self.venue.mark(row, &mut self.mark);
        self.accrue(row);
        self.fill_still(row);
        let within = if self.is_over || row == 0 { Vec::new() } else { self.within(row) };
        let mut actions = self.acting(row, within);
        let n_events = self.out.margin.events.len();
        self.arrive(row);
        self.stand_still();
        if actions.is_empty() && !self.is_over {
            let at_mark = self.at_mark();
            actions = self.acting(row, at_mark.into_iter().collect());
        }
        let is_forced = !actions.is_empty();
        if is_forced {
            self.filled.copy_from_slice(&self.untraded);
            actions.iter().for_each(|action| self.close(row, action));
            // What arrives within a bar is counted from its end on, after what was closed on its way.
            self.out.margin.events[n_events..].sort_by_key(|event| event.found == Found::AtMark);
        } else if self.is_over {
            self.filled.fill(Filled::default());
        } else {
            self.trade(row);
        }
        self.pay(row);
        self.record(row, is_forced);
        self.manage(row);
    }

    /// Actions that close something; one that cannot is noted.
    fn acting(&mut self, row: usize, mut actions: Vec<Action>) -> Vec<Action> {
        actions.retain(|action| {
            if !action.closes() {
                self.note_short(row, action);
            }
            action.closes()
        });
        actions
    }

    fn accrue(&mut self, row: usize) {
        let Inputs { market, account, terms, .. } = self.on;
        let Some(before) = row.checked_sub(1) else {
            self.out.interest.push(0.0);
            return;
        };
        let years = market.time()[row].years_since(market.time()[before]);
        let spot = |asset: usize| market.assets()[asset].spot[row];
        let places = &mut self.places;
        let interest = places.venue.accrue(years, account.rate, terms, spot)
            + places.treasury.accrue(years, account.rate, terms, spot);
        let fee: f64 = self
            .out
            .legs
            .iter()
            .zip(&self.venue.tracks)
            .map(|(leg, track)| short_fee(track, leg.held[before], before, years, terms))
            .sum();
        self.places.venue.pay(-fee, terms.paid_in, &self.mark.spot);
        self.out.interest.push(interest - fee);
    }

    /// Each leg's row when nothing new is traded.
    fn fill_still(&mut self, row: usize) {
        for leg in 0..self.legs.len() {
            self.units[leg] = self.memory[leg].state.held;
            if self.is_over {
                continue;
            }
            let mut filling = self.memory[leg].filled.clone();
            let (untraded, units) = (&mut self.untraded[leg], [self.units[leg]]);
            // A leg that trades at once is offered what it holds; one that waits for an open is filled there.
            self.desks[leg].fill(row, &units, &mut filling, |_, filled| *untraded = filled);
        }
    }

    /// What the row brings when nothing new is traded: P&L, carry, rolls, and the book's flows.
    fn stand_still(&mut self) {
        let row = self.mark.row;
        self.at_mark.copy(&self.places.venue);
        if self.venue.holds_book {
            self.flows.pay(row, &mut self.at_mark);
        }
        if self.is_over {
            return;
        }
        for leg in 0..self.legs.len() {
            let (coin, flow) = self.flow(leg, row, &self.untraded[leg]);
            self.at_mark.pay(flow, coin, &self.mark.spot);
        }
    }

    /// The coin that a leg is paid in; `None` for USD.
    pub(crate) fn coin(&self, leg: usize) -> Option<usize> {
        let track = self.venue.tracks[leg];
        match track.settlement {
            Settlement::Coin | Settlement::CoinCash => Some(track.asset),
            Settlement::Usd | Settlement::Cash => self.on.terms.paid_in,
        }
    }

    /// USD that a leg's row brings, and the coin that it is paid in.
    fn flow(&self, leg: usize, row: usize, filled: &Filled) -> (Option<usize>, f64) {
        (self.coin(leg), filled.flow(self.venue.tracks[leg], row))
    }

    /// The legs' own trades, one leg after another.
    fn trade(&mut self, row: usize) {
        self.nets.restart(self.on.exposure, self.asked, &(row..row + 1));
        if let Some(base) = &self.base {
            self.seen.copy(base, row..row + 1);
            self.seen.equity[0] += self.apart.usd;
            let columns = self.seen.coins.iter_mut().zip(&self.apart.coins);
            columns.for_each(|(coins, apart)| coins[0] += apart);
        }
        for leg in 0..self.legs.len() {
            let before = (self.memory[leg].filled.clone(), self.memory[leg].stake);
            let seen_before = self.base.is_some().then(|| self.seen.clone());
            let filled = &mut self.filled[leg];
            self.desks[leg].run(
                row,
                &mut self.nets,
                self.base.is_some().then_some(&mut self.seen),
                (&mut self.memory[leg], &mut self.decisions),
                |_, row| *filled = row,
            );
            let wanted = self.decisions.targets[0];
            let allowed = self.allowed(leg, row, wanted);
            if (allowed - wanted).abs() > 0.0 {
                let memory = &mut self.memory[leg];
                (memory.filled, memory.stake, memory.state.held) = (before.0, before.1, allowed);
                let filled = &mut self.filled[leg];
                self.desks[leg].fill(row, &[allowed], &mut memory.filled, |_, row| *filled = row);
                if let Some(before) = seen_before {
                    let worth = memory.stake.step(&self.desks[leg], row, filled);
                    let hedged = std::mem::take(&mut self.seen.hedged);
                    self.seen = Seen { hedged, ..before };
                    self.seen.add(&self.legs[leg].track, 0, (worth, &memory.stake));
                }
                let of = (&self.legs[leg], self.on.market);
                self.nets.hold(of, row, &[allowed - wanted], &[]);
            }
            self.units[leg] = allowed;
            let ((coin, flow), (_, untraded)) =
                (self.flow(leg, row, &self.filled[leg]), self.flow(leg, row, &self.untraded[leg]));
            self.at_mark.pay(flow - untraded, coin, &self.mark.spot);
            self.out.legs[leg].ideal.append(&mut self.decisions.ideal);
            self.out.legs[leg].residual.append(&mut self.decisions.residual);
        }
    }

    /// Pays the row into the account.
    fn pay(&mut self, row: usize) {
        let place = if self.venue.terms.holds_book() {
            &mut self.places.venue
        } else {
            &mut self.places.treasury
        };
        let ending = self.out.ending.as_ref();
        if ending.is_none_or(|ending| ending.row > row) {
            self.flows.pay(row, place);
        } else if let Some(ending) = ending.filter(|ending| ending.row == row) {
            if ending.keeps_flows() {
                self.flows.pay(row, place);
            }
            pay_book(self.on, ending, place);
        }
        for leg in 0..self.legs.len() {
            let (coin, flow) = self.flow(leg, row, &self.filled[leg]);
            self.places.venue.pay(flow, coin, &self.mark.spot);
        }
        self.places.venue.add(&self.forced);
        self.forced.usd = 0.0;
        self.forced.coins.fill(0.0);
    }
}

/// What spot sold short costs over a time, USD.
pub(crate) fn short_fee(
    track: &Track,
    held: f64,
    row: usize,
    years: f64,
    terms: &AccountTerms,
) -> f64 {
    if track.contract != Some(hedgerow_core::Contract::Spot) || held >= 0.0 {
        return 0.0;
    }
    -held * track.price[row] * (terms.coin_rate(track.asset, held) * years).exp_m1()
}

/// Whether a leg's trades are filled at the open of the row after.
pub(crate) fn waits(track: &Track) -> bool {
    matches!(track.fills, Fills::AtOpen { .. })
}
