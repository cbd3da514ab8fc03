//! What a margin model asks of a book's options, as columns: their value, their requirements one by one, and what they would be
//! worth after moves of the market.

use std::borrow::Cow;
use std::ops::Range;

use hedgerow_core::{
    DAYS_PER_YEAR, Market, OptionMargin, OptionMarginAsk, OptionMarginAt, ShortOptionRates,
    Timestamp,
};
use rayon::prelude::*;

use crate::book::BookLine;
use crate::kernel::{BLOCK, Block};
use crate::marks::{Marks, OptionMark, OptionTerms, Place};
use crate::schedule::Holding;
use crate::scheduled::Scheduled;
use crate::{GreeksError, OptionKind, PaidIn, VolMarks};

/// Whose margin it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarginOfOptions {
    /// That of a book as it is held.
    Book,
    /// That of one unit of a hedge, bought or sold later: values are of one bought, requirements of one sold.
    Unit,
}

/// The margin columns of the options of `book`, one per asset of the market; `None` where it holds none there.
///
/// Options open, end, have strikes and are marked as in [`value`](crate::value). Under a shock an option has its own vol moved,
/// and the carry of its forward; what its mark is above the model stays. At the bar's extremes ([`Market::highs`],
/// [`Market::lows`]) options are marked as at the row before, but for the spot. Parallel over options; the result is the same bit for bit whatever the number of threads.
///
/// # Errors
/// As [`value`](crate::value).
pub fn option_margin(
    market: &Market,
    vols: &[VolMarks],
    book: &[BookLine],
    rate: f64,
    (ask, of): (&OptionMarginAsk, MarginOfOptions),
) -> Result<Vec<Option<OptionMargin>>, GreeksError> {
    let mut held = Vec::new();
    for line in book {
        let Some(line) = Scheduled::new(line, market, &vols[line.asset()], rate)? else { continue };
        for holding in &line.holdings {
            held.extend(options(&line, holding, (market, &vols[line.asset]), rate));
        }
    }
    let bars: Vec<Bars<'_>> =
        (0..market.assets().len()).map(|asset| Bars::of(market, asset)).collect();
    let parts: Vec<[Option<Part>; 3]> = held
        .par_iter()
        .map(|option| {
            let bars = &bars[option.asset];
            Prices::ALL.map(|prices| {
                bars.at(prices).map(|spot| option.part(market, (prices, spot), ask, of))
            })
        })
        .collect();
    let mut totals: Vec<Option<OptionMargin>> = market.assets().iter().map(|_| None).collect();
    for (option, parts) in held.iter().zip(parts) {
        let total = totals[option.asset].get_or_insert_with(|| bars[option.asset].empty(ask));
        let [mark, high, low] = parts;
        for (part, total) in [
            (mark, Some(&mut total.at_mark)),
            (high, total.at_high.as_mut()),
            (low, total.at_low.as_mut()),
        ] {
            if let (Some(part), Some(total)) = (part, total) {
                part.add_to(total);
            }
        }
    }
    Ok(totals)
}

/// The prices of an asset, USD per coin.
#[derive(Debug)]
struct Bars<'a> {
    spot: &'a [f64],
    high: Option<Cow<'a, [f64]>>,
    low: Option<Cow<'a, [f64]>>,
}

impl<'a> Bars<'a> {
    fn of(market: &'a Market, asset: usize) -> Self {
        let (high, low) = (market.highs(asset), market.lows(asset));
        Self { spot: &market.assets()[asset].spot, high, low }
    }

    /// `None` where the market has no such prices.
    fn at(&self, prices: Prices) -> Option<&[f64]> {
        match prices {
            Prices::Mark => Some(self.spot),
            Prices::High => self.high.as_deref(),
            Prices::Low => self.low.as_deref(),
        }
    }

    fn empty(&self, ask: &OptionMarginAsk) -> OptionMargin {
        let zero = || OptionMarginAt::zero(self.spot.len(), ask);
        OptionMargin {
            at_mark: zero(),
            at_high: self.high.is_some().then(zero),
            at_low: self.low.is_some().then(zero),
        }
    }
}

/// Which prices of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prices {
    Mark,
    High,
    Low,
}

impl Prices {
    const ALL: [Self; 3] = [Self::Mark, Self::High, Self::Low];
}

/// One option of one holding.
#[derive(Debug)]
struct Held<'a> {
    asset: usize,
    coin_settled: bool,
    kind: OptionKind,
    strike: f64,
    expiry: Timestamp,
    marks: Marks<'a>,
    rows: Range<usize>,
    /// Rows over which as much is held, and coins, positive when bought.
    stretches: Vec<(Range<usize>, f64)>,
}

fn options<'a>(
    line: &Scheduled<'_>,
    holding: &Holding,
    (market, vols): (&Market, &'a VolMarks),
    rate: f64,
) -> Vec<Held<'a>> {
    let held = |((kind, coins), strike): (&(OptionKind, f64), &f64)| {
        let (kind, strike, expiry) = (*kind, *strike, holding.expiry);
        let rows = holding.rows(market.n_rows());
        let place = Place { market, asset: line.asset, rate };
        let stretches = holding.stretches(market.n_rows()).into_iter();
        Held {
            asset: line.asset,
            coin_settled: line.settlement == PaidIn::Coin,
            kind,
            strike,
            expiry,
            marks: vols.of_option(place, OptionTerms { kind, strike, expiry }, rows.clone()),
            rows,
            stretches: stretches.map(|(rows, of)| (rows, coins * of)).collect(),
        }
    };
    line.options.iter().zip(&holding.strikes).map(held).collect()
}

/// The columns of one option, from `first` on.
struct Part {
    first: usize,
    columns: OptionMarginAt,
}

impl Part {
    fn add_to(&self, total: &mut OptionMarginAt) {
        let OptionMarginAt { usd_value, coin_value, gross, sold, initial, maintenance, shocked } =
            &self.columns;
        let add = |total: &mut Vec<f64>, part: &[f64]| {
            total.iter_mut().skip(self.first).zip(part).for_each(|(total, part)| *total += part);
        };
        add(&mut total.usd_value, usd_value);
        add(&mut total.coin_value, coin_value);
        add(&mut total.gross, gross);
        add(&mut total.sold, sold);
        add(&mut total.initial, initial);
        add(&mut total.maintenance, maintenance);
        for (total, part) in total.shocked.iter_mut().zip(shocked) {
            add(total, part);
        }
    }
}

impl Held<'_> {
    /// The option at these prices of the rows after, or into, which it is held.
    fn part(
        &self,
        market: &Market,
        (prices, spot): (Prices, &[f64]),
        ask: &OptionMarginAsk,
        of: MarginOfOptions,
    ) -> Part {
        let lag = usize::from(prices != Prices::Mark);
        let first = self.rows.start + lag;
        let last = (self.rows.end + lag).min(market.n_rows());
        let mut columns = OptionMarginAt::zero(last.saturating_sub(first), ask);
        let mut block = Block::new();
        let mut values = Vec::with_capacity(1 + ask.shocks.len());
        for (stretch, coins) in &self.stretches {
            for known in stretch.start..stretch.end.min(last - lag) {
                let (row, cell) = (known + lag, known - self.rows.start);
                let mark = self.marks.at(known);
                let mark = mark.expect("the schedule checks that every held row has a vol");
                let years = self.expiry.years_since(market.time()[known]);
                self.values(&mut block, (spot[row], years), &mark, ask, &mut values);
                let now = Now { spot: spot[row], years, mark: &mark, values: &values };
                self.fill(&mut columns, cell, *coins, &now, (ask.short, of));
            }
        }
        Part { first, columns }
    }

    /// USD values of one option bought on one coin, as it is and under each shock.
    fn values(
        &self,
        block: &mut Block,
        (spot, years): (f64, f64),
        mark: &OptionMark,
        ask: &OptionMarginAsk,
        values: &mut Vec<f64>,
    ) {
        let days = years * DAYS_PER_YEAR;
        let moved = ask.shocks.iter().map(|shock| {
            let vol = shock.vol.map_or(mark.vol, |vol| vol.moved(mark.vol, days));
            (spot * (1.0 + shock.price), vol)
        });
        let mut all = std::iter::once((spot, mark.vol)).chain(moved).peekable();
        values.clear();
        while all.peek().is_some() {
            let mut n = 0;
            for (spot, vol) in all.by_ref().take(BLOCK) {
                block.sign[n] = self.kind.sign();
                block.spot[n] = spot;
                block.strike[n] = self.strike;
                block.years[n] = years;
                block.vol[n] = vol;
                block.rate[n] = mark.rate;
                block.carry[n] = mark.carry;
                n += 1;
            }
            block
                .price(n)
                .expect("spots, strikes and vols are positive, and no row is after the expiry");
            values.extend(block.value[..n].iter().map(|value| value + mark.excess));
        }
    }

    fn fill(
        &self,
        columns: &mut OptionMarginAt,
        cell: usize,
        coins: f64,
        now: &Now<'_>,
        (short, of): (Option<ShortOptionRates>, MarginOfOptions),
    ) {
        let value = now.values[0];
        if self.coin_settled {
            columns.coin_value[cell] = coins * value / now.spot;
        } else {
            columns.usd_value[cell] = coins * value;
        }
        for (column, shocked) in columns.shocked.iter_mut().zip(&now.values[1..]) {
            column[cell] = coins * (shocked - value);
        }
        let sold = match of {
            MarginOfOptions::Book => (-coins).max(0.0),
            MarginOfOptions::Unit => coins.abs(),
        };
        columns.gross[cell] = coins.abs();
        columns.sold[cell] = sold;
        if let Some(rates) = short {
            let forward = now.spot * (now.mark.carry * now.years).exp();
            let [initial, maintenance] =
                rates.of(self.kind, forward, self.strike, value / now.spot);
            columns.initial[cell] = sold * initial * now.spot;
            columns.maintenance[cell] = sold * maintenance * now.spot;
        }
    }
}

/// An option at a row.
struct Now<'a> {
    spot: f64,
    years: f64,
    mark: &'a OptionMark,
    /// Values as it is and under each shock.
    values: &'a [f64],
}
