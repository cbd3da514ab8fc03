//! Legs that look at the account: those whose ratio depends on equity, and those that hedge its coins.
//!
//! Equity and coins are sums that are linear in the account: what it and the book would be worth without legs, plus what each
//! leg adds, its cash with interest and its coins. The first is a column made before the loop; the second is known once a
//! leg's row is filled. So such a leg goes through its rows one at a time, and sees at each book, account, the legs before it
//! and itself, all marked at that row, before it trades. Legs after it are not seen, nor is interest on coins that legs have paid.
//!
//! Of coins there are two kinds. Those of the asset that the leg hedges move with the book and are hedged with it, by its ratio.
//! Where the instrument follows another asset, those of the instrument's own asset are hedged one to one: they need no ratio.

use std::ops::Range;

use hedgerow_core::{Settlement, Timestamp, Track};

use crate::account::{Inputs, close_books};
use crate::desk::{Decisions, Desk, Memory};
use crate::fill::Filled;
use crate::ratio::EquityNow;
use crate::stops::run_with_stops;
use crate::{Against, Leg, RatioColumn, Strategy, simulate};

/// What legs see of the account at the rows of a block.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// USD.
    pub(crate) equity: Vec<f64>,
    /// A column per asset.
    pub(crate) coins: Vec<Vec<f64>>,
    /// Coins that the legs so far hold against those, `-` where they are short; a column per asset.
    pub(crate) hedged: Vec<Vec<f64>>,
}

impl Seen {
    /// The account at each row without any leg, where one of these looks at it.
    pub(crate) fn without_legs(on: Inputs<'_>, legs: &[Leg]) -> Option<Self> {
        let looks = |leg: &Leg| {
            matches!(leg.ratio, RatioColumn::Equity(_)) || leg.against == Against::Account
        };
        legs.iter().any(looks).then(|| {
            let unhedged = Strategy { name: String::new(), about: String::new(), legs: Vec::new() };
            let mut ledger = simulate::empty(&unhedged, on.market.n_rows());
            close_books(on, &[], &mut ledger);
            let hedged = vec![vec![0.0; on.market.n_rows()]; ledger.coins.len()];
            Self { equity: ledger.equity, coins: ledger.coins, hedged }
        })
    }

    /// Becomes these rows of another.
    pub(crate) fn copy(&mut self, from: &Self, rows: Range<usize>) {
        let copy = |to: &mut Vec<f64>, from: &[f64]| {
            to.clear();
            to.extend_from_slice(&from[rows.clone()]);
        };
        copy(&mut self.equity, &from.equity);
        self.coins.resize(from.coins.len(), Vec::new());
        self.coins.iter_mut().zip(&from.coins).for_each(|(to, from)| copy(to, from));
        self.hedged.resize(from.hedged.len(), Vec::new());
        self.hedged.iter_mut().zip(&from.hedged).for_each(|(to, from)| copy(to, from));
    }

    /// Adds what a leg has brought at a row, the `i`th of the block.
    pub(crate) fn add(&mut self, track: &Track, i: usize, (worth, stake): (f64, &Stake)) {
        self.equity[i] += worth;
        stake.add_coins(track, 1.0, |asset, coins| self.coins[asset][i] += coins);
    }
}

/// What a leg has brought into the account.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stake {
    /// USD, with the interest they earn.
    cash: f64,
    /// Coins of the instrument's asset.
    coins: f64,
    /// The stablecoin that USD are paid in, and how many of it.
    paid_in: Option<(usize, f64)>,
}

impl Stake {
    /// Nothing yet, in an account whose USD are paid in a stablecoin.
    pub(crate) fn paid_in(stablecoin: Option<usize>) -> Self {
        Self { paid_in: stablecoin.map(|asset| (asset, 0.0)), ..Self::default() }
    }

    /// Pays in what a row earned and cost, and answers with what the leg is worth to the account at the row's marks, USD.
    pub(crate) fn step(&mut self, desk: &Desk<'_>, row: usize, filled: &Filled) -> f64 {
        let (track, time) = (&*desk.leg.track, desk.market.time());
        let spot = desk.market.assets()[track.asset].spot[row];
        let years = row.checked_sub(1).map_or(0.0, |before| time[row].years_since(time[before]));
        let price_before = row.checked_sub(1).map_or(0.0, |before| track.price[before]);
        let outright = matches!(track.settlement, Settlement::Cash | Settlement::CoinCash);
        let worth = if outright { filled.held * track.price[row] } else { 0.0 };
        let worth_before =
            if outright { (filled.held - filled.traded) * price_before } else { 0.0 };
        let flow = filled.pnl() - (worth - worth_before);
        self.cash += self.cash * (desk.rate * years).exp_m1();
        match (track.settlement, &mut self.paid_in) {
            (Settlement::Coin | Settlement::CoinCash, _) => self.coins += flow / spot,
            (_, Some((stable, coins))) => *coins += flow / desk.market.assets()[*stable].spot[row],
            (_, None) => self.cash += flow,
        }
        let stable = self
            .paid_in
            .map_or(0.0, |(stable, coins)| coins * desk.market.assets()[stable].spot[row]);
        self.cash + stable + self.coins * spot + worth
    }
}

impl Stake {
    /// Hands the coins of each asset, times a sign, to `add`.
    pub(crate) fn add_coins(&self, track: &Track, sign: f64, mut add: impl FnMut(usize, f64)) {
        add(track.asset, sign * self.coins);
        if let Some((stable, coins)) = self.paid_in {
            add(stable, sign * coins);
        }
    }

    /// What a leg that holds so many units is worth to the account at the row's marks, USD.
    pub(crate) fn worth(&self, track: &Track, row: usize, held: f64, spot: &[f64]) -> f64 {
        let outright = matches!(track.settlement, Settlement::Cash | Settlement::CoinCash);
        let worth = if outright { held * track.price[row] } else { 0.0 };
        let stable = self.paid_in.map_or(0.0, |(stable, coins)| coins * spot[stable]);
        self.cash + stable + self.coins * spot[track.asset] + worth
    }
}

/// What a leg by equity remembers of equity.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Marks {
    first: Option<(Timestamp, f64)>,
    last: Option<Timestamp>,
    peak: f64,
    grown_peak: f64,
}

impl Marks {
    /// Notes a row's equity and answers with all that a ratio may know of it.
    fn step(&mut self, time: Timestamp, equity: f64, risky: f64, rate: f64) -> EquityNow {
        let (start, first) = *self.first.get_or_insert((time, equity));
        let growth = (rate * self.last.map_or(0.0, |last| time.years_since(last))).exp();
        let fresh = self.last.is_none();
        self.peak = if fresh { equity } else { self.peak.max(equity) };
        self.grown_peak = if fresh { equity } else { (self.grown_peak * growth).max(equity) };
        self.last = Some(time);
        EquityNow {
            equity,
            start: first,
            peak: self.peak,
            grown_peak: self.grown_peak,
            years: time.years_since(start),
            rate,
            risky,
        }
    }
}

/// Decides and fills the rows from `start` on as [`Desk::run`] does, and adds what the leg brings to `seen`. Apart from the loop
/// without an account, which is compiled into its caller.
pub(crate) fn run_with_account(
    desk: &Desk<'_>,
    start: usize,
    (net, gamma, seen): (&[f64], Option<&[f64]>, &mut Seen),
    (memory, decisions): (&mut Memory, &mut Decisions),
    each: &mut dyn FnMut(usize, Filled),
) {
    let leg = desk.leg;
    if leg.against == Against::Account || matches!(leg.ratio, RatioColumn::Equity(_)) {
        run_by_row(desk, start, (net, seen), (memory, decisions), each);
        return;
    }
    let Memory { state, filled, stake, .. } = memory;
    let each = |row: usize, filled: Filled| {
        let worth = stake.step(desk, row, &filled);
        seen.add(&leg.track, row - start, (worth, stake));
        each(row, filled);
    };
    if let Some(gamma) = gamma.filter(|_| desk.leg.rests()) {
        run_with_stops(desk, start, (net, gamma), (state, filled, decisions), each);
        return;
    }
    desk.decide(start, net, state, decisions);
    desk.fill(start, &decisions.targets, filled, each);
}

/// One row after another.
fn run_by_row(
    desk: &Desk<'_>,
    start: usize,
    (net, seen): (&[f64], &mut Seen),
    (memory, decisions): (&mut Memory, &mut Decisions),
    each: &mut dyn FnMut(usize, Filled),
) {
    let (mut one, leg) = (Decisions::default(), desk.leg);
    let (time, spot) = (desk.market.time(), &desk.market.assets()[leg.asset].spot);
    for (i, net) in net.iter().enumerate() {
        let row = start + i;
        let (mut filling, mut marked) = (memory.filled.clone(), 0.0);
        let mut stake = memory.stake;
        let untraded = [filling.held];
        desk.fill_at_once(row, &untraded, &mut filling, |row, filled| {
            marked = stake.step(desk, row, &filled);
        });
        let coins = if leg.against == Against::Account {
            Coins::of(leg, seen, i, &stake)
        } else {
            Coins::default()
        };
        let net = net + coins.with_book;
        let ratio = match &leg.ratio {
            RatioColumn::Constant(ratio) => Some(*ratio),
            RatioColumn::Rows(rows) => rows[row],
            RatioColumn::Equity(ratio) => {
                let equity = seen.equity[i] + marked;
                let now = memory.marks.step(time[row], equity, net * spot[row], desk.rate);
                Some(ratio.ratio(&now))
            }
        };
        desk.decide_row(row, ratio, (net, coins.one_to_one), (&mut memory.state, &mut one));
        // A leg that does not know its ratio hedges nothing.
        let known = one.ideal[0].is_some() && desk.is_at_work(row);
        let part = if known { ratio.unwrap_or(0.0) } else { 0.0 };
        let apart = if known { coins.one_to_one } else { 0.0 };
        seen.hedged[leg.asset][i] -= part * coins.with_book;
        seen.hedged[leg.track.asset][i] -= apart;
        decisions.one_to_one.push(apart);
        let stake = &mut memory.stake;
        desk.fill(row, &one.targets, &mut memory.filled, |row, filled| {
            let worth = stake.step(desk, row, &filled);
            seen.add(&leg.track, i, (worth, stake));
            each(row, filled);
        });
        decisions.ideal.extend(&one.ideal);
        decisions.targets.extend(&one.targets);
        decisions.residual.extend(&one.residual);
    }
}

/// The account's coins that a leg hedges at a row.
#[derive(Debug, Clone, Copy, Default)]
struct Coins {
    /// Of the asset that the leg hedges.
    with_book: f64,
    /// Of the asset that its instrument follows, where that is another: those that no leg before holds anything against.
    one_to_one: f64,
}

impl Coins {
    /// What is in the account at the `i`th row of the block and what the leg itself has paid in.
    fn of(leg: &Leg, seen: &Seen, i: usize, stake: &Stake) -> Self {
        let (own, other) = (leg.asset, leg.track.asset);
        let mut coins = Self { with_book: seen.coins[own][i], one_to_one: 0.0 };
        if other != own {
            coins.one_to_one = seen.coins[other][i] + seen.hedged[other][i];
        }
        stake.add_coins(&leg.track, 1.0, |asset, more| {
            if asset == own {
                coins.with_book += more;
            } else if asset == other {
                coins.one_to_one += more;
            }
        });
        coins
    }
}
