//! Legs whose ratio depends on equity.
//!
//! Equity is a sum that is linear in the account: what the account and the book would be worth without legs, plus what each
//! leg adds, its cash with interest and its coins at spot included. The first is a column made before the loop; the second
//! is known once a leg's row is filled. So a leg by equity goes through its rows one at a time, and sees at each the equity
//! of book, account, the legs before it and itself, all marked at that row, before it trades. Legs after it are not seen.

use hedgerow_core::{Exposure, Market, Settlement, Timestamp, Track};

use crate::desk::{Decisions, Desk, Memory};
use crate::fill::Filled;
use crate::ratio::{EquityNow, EquityRatio};
use crate::{Account, AccountTerms, BookCosts, Leg, RatioColumn, Strategy, simulate_on_terms};

/// Equity at each row without any leg, where one of these legs asks for it, on the account's terms but for its margin.
pub(crate) fn base_equity(
    market: &Market,
    exposure: &Exposure,
    legs: &[Leg],
    (account, terms): (&Account, &AccountTerms),
    book: &BookCosts,
) -> Option<Vec<f64>> {
    let asks = legs.iter().any(|leg| matches!(leg.ratio, RatioColumn::Equity(_)));
    asks.then(|| {
        let unhedged = Strategy { name: String::new(), about: String::new(), legs: Vec::new() };
        let terms = terms.without_margin();
        simulate_on_terms(market, exposure, &unhedged, (account, &terms), book).equity
    })
}

/// What a leg has brought into the account.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stake {
    /// USD, with the interest they earn.
    cash: f64,
    /// Coins of the leg's asset.
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

/// Decides and fills the rows from `start` on as [`Desk::run`] does, and adds what the leg is worth to `equity`. Apart from the
/// loop without equity, which is compiled into its caller.
pub(crate) fn run_with_equity(
    desk: &Desk<'_>,
    start: usize,
    (net, equity): (&[f64], &mut [f64]),
    (memory, decisions): (&mut Memory, &mut Decisions),
    each: &mut dyn FnMut(usize, Filled),
) {
    if let RatioColumn::Equity(ratio) = &desk.leg.ratio {
        run_by_equity(desk, &**ratio, start, (net, equity), (memory, decisions), each);
        return;
    }
    desk.decide(start, net, &mut memory.state, decisions);
    let Memory { filled, stake, .. } = memory;
    desk.fill(start, &decisions.targets, filled, |row, filled| {
        equity[row - start] += stake.step(desk, row, &filled);
        each(row, filled);
    });
}

/// One row after another.
fn run_by_equity(
    desk: &Desk<'_>,
    ratio: &dyn EquityRatio,
    start: usize,
    (net, equity): (&[f64], &mut [f64]),
    (memory, decisions): (&mut Memory, &mut Decisions),
    each: &mut dyn FnMut(usize, Filled),
) {
    let mut one = Decisions::default();
    let spot = &desk.market.assets()[desk.leg.asset].spot;
    for (i, (net, equity)) in net.iter().zip(equity).enumerate() {
        let row = start + i;
        let (mut filling, mut marked) = (memory.filled.clone(), 0.0);
        let mut stake = memory.stake;
        let untraded = [filling.held];
        desk.fill_at_once(row, &untraded, &mut filling, |row, filled| {
            marked = stake.step(desk, row, &filled);
        });
        let now = memory.marks.step(
            desk.market.time()[row],
            *equity + marked,
            *net * spot[row],
            desk.rate,
        );
        desk.decide_row(row, ratio.ratio(&now), *net, (&mut memory.state, &mut one));
        let stake = &mut memory.stake;
        desk.fill(row, &one.targets, &mut memory.filled, |row, filled| {
            *equity += stake.step(desk, row, &filled);
            each(row, filled);
        });
        decisions.ideal.extend(&one.ideal);
        decisions.targets.extend(&one.targets);
        decisions.residual.extend(&one.residual);
    }
}
