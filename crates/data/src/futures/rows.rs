//! Futures on the rows of a market: between two prices of its own a future keeps its basis and moves with the spot.

use hedgerow_core::{Future, Timestamp};

use super::{FutureSeries, Said, usual_staleness};
use crate::align::as_of;
use crate::sequence::commonest_step;
use crate::series::Limits;

/// Prices of the coin: at the rows of the market, and as they came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot<'a> {
    /// One per row.
    pub(crate) rows: &'a [f64],
    /// Instants of its own prices, milliseconds, increasing.
    pub(crate) time: &'a [i64],
    /// One per instant.
    pub(crate) price: &'a [f64],
    /// Instants, milliseconds, increasing, and index prices that were said with quotes of options.
    pub(crate) quoted: &'a [(i64, f64)],
}

/// How far the instant of an index may be from that of the price beside which it is set, milliseconds.
const NEAR: i64 = 60_000;

impl Spot<'_> {
    /// The spot at an instant, as far as it is known by `now`: its price of that very instant, else what lies between the
    /// prices around it, in proportion of time on a log scale, else the only one of them that is known.
    fn at(&self, stamp: i64, now: i64) -> f64 {
        let next = self.time.partition_point(|time| *time <= stamp);
        let later = Some(next).filter(|next| self.time.get(*next).is_some_and(|time| *time <= now));
        match (next.checked_sub(1), later) {
            (Some(before), Some(after)) => {
                let share = share(stamp, self.time[before]..self.time[after]);
                let grown = (self.price[after] / self.price[before]).ln();
                self.price[before] * (share * grown).exp()
            }
            (Some(only), None) | (None, Some(only)) => self.price[only],
            (None, None) => self.price[0],
        }
    }

    /// The index nearest to an instant that was said within a minute of it, as far as it is known by `now`.
    fn quoted_near(&self, stamp: i64, now: i64) -> Option<f64> {
        let next = self.quoted.partition_point(|(time, _)| *time <= stamp);
        let around = self.quoted[next.saturating_sub(1)..].iter().take(2);
        let known = around.filter(|(time, _)| *time <= now && (time - stamp).abs() <= NEAR);
        known.min_by_key(|(time, _)| (time - stamp).abs()).map(|(_, index)| *index)
    }

    /// Its price of that very instant.
    fn exactly_at(&self, stamp: i64) -> Option<f64> {
        self.time.binary_search(&stamp).ok().map(|at| self.price[at])
    }
}

/// How far into a span an instant lies, 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "spans below 2^53 are exact in f64")]
fn share(stamp: i64, span: std::ops::Range<i64>) -> f64 {
    (stamp - span.start) as f64 / (span.end - span.start) as f64
}

/// How old the prices of futures are at the rows of the run.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Ages {
    /// Prices at rows.
    pub(crate) n_prices: usize,
    /// Ages of those that are older than their rows, milliseconds.
    older: Vec<i64>,
    /// |spot of the row / spot when the price was said − 1| of those.
    moved: Vec<f64>,
    /// Prices older than their limit.
    pub(crate) n_stale: usize,
    /// The row of the first of them.
    pub(crate) first_stale: Option<i64>,
    /// The longest time that one of them was carried over: from its instant to the last row that knows no newer one.
    pub(crate) longest: Option<(i64, i64)>,
    /// How many took the spot of their instant from between the prices around it.
    pub(crate) n_between: usize,
    /// How many took it from the quote's own index.
    pub(crate) n_of_index: usize,
}

impl Ages {
    pub(crate) fn n_older(&self) -> usize {
        self.older.len()
    }

    /// Age at a row, milliseconds: median (the upper of two) of all prices, and most.
    pub(crate) fn median_and_most(&self) -> (i64, i64) {
        let mut older = self.older.clone();
        older.sort_unstable();
        let exact = self.n_prices - older.len();
        let median = (self.n_prices / 2).checked_sub(exact).and_then(|at| older.get(at));
        (median.copied().unwrap_or(0), older.last().copied().unwrap_or(0))
    }

    /// How far the spot has moved since a price was said: median of those that are older than their rows, and most.
    pub(crate) fn moved(&self) -> (f64, f64) {
        let mut moved = self.moved.clone();
        moved.sort_by(f64::total_cmp);
        let at = |index: usize| moved.get(index).copied().unwrap_or(0.0);
        (at(moved.len() / 2), at(moved.len().saturating_sub(1)))
    }

    fn add(&mut self, (stamp, row): (i64, i64), moved: f64, staleness: i64) {
        self.older.push(row - stamp);
        self.moved.push(moved);
        if row - stamp > staleness {
            self.n_stale += 1;
            self.first_stale = Some(self.first_stale.map_or(row, |first| first.min(row)));
            if self.longest.is_none_or(|(from, to)| row - stamp > to - from) {
                self.longest = Some((stamp, row));
            }
        }
    }
}

/// What a price was said beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    Spot,
    Index,
    Between,
}

/// A future on the rows of a market.
///
/// At a row that has its instant, a price is as it was said. At later rows, and at the first row that knows a price said
/// before it, the future keeps its basis: `price = spot of the row * (price / spot at the instant of the price)`. Left where
/// it was, a price of hours ago would pay who trades on it the move of the spot since; set beside the spot of a later row,
/// that move would count as basis.
///
/// The spot at the instant of a price is the market's own of that instant; else the index that was said with the price, or
/// within a minute with quotes of options; else it is interpolated between the prices around it, both of them known at the
/// row. A price is carried up to the next, to the
/// expiry, or as long as a hole may be.
pub(crate) fn on_rows(
    future: FutureSeries,
    asset: usize,
    rows: &[i64],
    spot: Spot<'_>,
    (limits, ages): (Limits, &mut Ages),
) -> Future {
    let stamps: Vec<i64> = future.said.iter().map(|said| said.time).collect();
    let longest = limits.max_gap().millis().max(commonest_step(&stamps).unwrap_or(0));
    let window = limits.window;
    let (expiry, end) = (future.expiry.millis(), rows.last().copied().unwrap_or(i64::MIN));
    let is_hole = |from: i64, to: i64| window.share_of(from, to) > longest;
    let mut price = Vec::with_capacity(rows.len());
    for (row, pick) in as_of(rows, &stamps, i64::MAX).into_iter().enumerate() {
        let now = rows[row];
        let known = pick.filter(|pick| now <= expiry && !is_hole(stamps[*pick], now));
        price.push(known.map(|pick| {
            let said = future.said[pick];
            let is_in_run = window.holds(now);
            ages.n_prices += usize::from(is_in_run);
            if said.time == now {
                return said.price;
            }
            let (base, beside) = base(said, now, spot);
            let growth = spot.rows[row] / base;
            if is_in_run {
                ages.n_between += usize::from(beside == Beside::Between);
                ages.n_of_index += usize::from(beside == Beside::Index);
                ages.add((said.time, now), (growth - 1.0).abs(), future.staleness);
            }
            said.price * growth
        }));
    }
    let last = stamps.last().copied().unwrap_or(i64::MIN);
    let until = expiry.min(end);
    let patience = future.staleness.max(usual_staleness(&stamps));
    let ends = (until.saturating_sub(last) > patience).then(|| Timestamp::from_millis(last));
    let pairs = stamps.windows(2).map(|pair| (pair[0], pair[1])).chain([(last, until)]);
    let holes = pairs.filter(|(from, to)| is_hole(*from, *to));
    Future {
        ends,
        holes: holes
            .map(|(from, to)| (Timestamp::from_millis(from), Timestamp::from_millis(to)))
            .collect(),
        price,
        name: future.name,
        asset,
        expiry: future.expiry,
        terms: future.terms,
    }
}

/// The spot at the instant of a price, and where it comes from.
fn base(said: Said, now: i64, spot: Spot<'_>) -> (f64, Beside) {
    if let Some(exact) = spot.exactly_at(said.time) {
        return (exact, Beside::Spot);
    }
    match said.index.or_else(|| spot.quoted_near(said.time, now)) {
        Some(index) => (index, Beside::Index),
        None => (spot.at(said.time, now), Beside::Between),
    }
}

#[cfg(test)]
mod tests {
    use hedgerow_core::{ContractTerms, PaidIn};

    use super::*;
    use crate::source::Span;

    fn future(said: &[(i64, f64)], expiry: i64, staleness: i64) -> FutureSeries {
        let said =
            said.iter().map(|(time, price)| Said { time: *time, price: *price, index: None });
        FutureSeries {
            name: "BTC-27MAR26".to_owned(),
            asset: "BTC".to_owned(),
            expiry: Timestamp::from_millis(expiry),
            terms: ContractTerms { paid_in: PaidIn::Coin, size: 10.0, tick: None, lot: None },
            said: said.collect(),
            staleness,
        }
    }

    fn priced(future: FutureSeries, rows: &[i64], spot: &[f64]) -> (Future, Ages) {
        limited(future, rows, spot, Limits::default())
    }

    fn limited(future: FutureSeries, rows: &[i64], spot: &[f64], limits: Limits) -> (Future, Ages) {
        let mut ages = Ages::default();
        let spot = Spot { rows: spot, time: rows, price: spot, quoted: &[] };
        let future = on_rows(future, 0, rows, spot, (limits, &mut ages));
        (future, ages)
    }

    fn assert_prices(found: &Future, expected: &[Option<f64>]) {
        assert_eq!(found.price.len(), expected.len());
        for (found, expected) in found.price.iter().zip(expected) {
            let same = match (found, expected) {
                (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
                (found, expected) => found.is_none() && expected.is_none(),
            };
            assert!(same, "{found:?} {expected:?}");
        }
    }

    const ROWS: [i64; 9] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    const SPOT: [f64; 9] = [99.0, 100.0, 110.0, 90.0, 120.0, 60.0, 80.0, 80.0, 80.0];

    /// Found on the futures of 2026, whose marks come four times a day: an hourly hedge traded at prices of hours ago, and a
    /// fifth of the capital came out of nowhere.
    #[test]
    fn a_price_of_hours_ago_moves_with_the_spot() {
        let (found, ages) = priced(future(&[(1, 102.0), (4, 121.0)], 7, 3), &ROWS, &SPOT);
        let basis = 121.0 / 120.0;
        let expected = [
            None,
            Some(102.0),
            Some(102.0 * 1.1),
            Some(102.0 * 0.9),
            Some(121.0),
            Some(60.0 * basis),
            Some(80.0 * basis),
            Some(80.0 * basis),
            None,
        ];
        assert_prices(&found, &expected);
        assert_eq!((ages.n_prices, ages.n_older(), ages.median_and_most()), (7, 5, (1, 3)));
        assert!((ages.moved().1 - 0.5).abs() < 1e-12);
        assert_eq!((found.ends, found.holes), (None, vec![]));
    }

    /// Found with a hole longer than the staleness limit: the price stood still for 29 rows, and hedges were traded at it.
    #[test]
    fn a_price_older_than_the_limit_still_moves_with_the_spot_and_is_counted() {
        let (found, ages) = priced(future(&[(1, 102.0), (8, 81.0)], 9, 2), &ROWS, &SPOT);
        let expected = SPOT.map(|spot| Some(spot * 1.02));
        assert_prices(&found, &[&[None], &expected[1..8], &[Some(81.0)]].concat());
        assert_eq!((ages.n_stale, ages.first_stale, ages.longest), (4, Some(4), Some((1, 7))));
    }

    /// A hole longer than allowed is not bridged to its end; outside the run it does not matter.
    #[test]
    fn a_hole_longer_than_allowed_has_no_price() {
        let second = Span::from_millis(1000);
        let rows: Vec<i64> = (0..6).map(|row| row * 500).collect();
        let limits = Limits { max_gap: second, ..Limits::default() };
        let said = || future(&[(0, 100.0), (100, 100.0), (200, 100.0), (2500, 50.0)], 9_000, 10);
        let (found, _) = limited(said(), &rows, &[100.0; 6], limits);
        let known: Vec<bool> = found.price.iter().map(Option::is_some).collect();
        assert_eq!(known, [true, true, true, false, false, true]);
        assert_eq!(found.holes, [(Timestamp::from_millis(200), Timestamp::from_millis(2500))]);
        let mut limits = limits;
        limits.window.from = Some(Timestamp::from_millis(2000));
        let (found, ages) = limited(said(), &rows, &[100.0; 6], limits);
        assert!(found.price.iter().all(Option::is_some) && found.holes.is_empty());
        assert_eq!(ages.n_prices, 1);
    }

    /// Found on a contract whose file ends eleven days before it expires.
    #[test]
    fn a_contract_whose_prices_end_early_says_where() {
        let (found, _) = priced(future(&[(0, 1.0), (1, 1.0), (2, 1.0)], 7, 0), &ROWS, &[1.0; 9]);
        assert_eq!(found.ends, Some(Timestamp::from_millis(2)));
        let (found, _) = priced(future(&[(0, 1.0), (3, 1.0), (6, 1.0)], 9, 2), &ROWS, &[1.0; 9]);
        assert_eq!(found.ends, None, "priced as long as the market is");
    }

    /// Found on the marks of 2026, 27 minutes older than the hourly rows that know them: the move of the spot in those
    /// minutes was taken for basis, and `cheapest` traded on it. A future that is 1 % above the spot at every instant is so
    /// at every row.
    #[test]
    fn a_basis_is_measured_at_the_instant_of_the_price() {
        let spot = |time: f64| 100.0 * (0.001 * time).exp();
        let said: Vec<(i64, f64)> = [3, 13, 27].map(|t| (t, 1.01 * spot(t as f64))).to_vec();
        let rows: Vec<i64> = (0..5).map(|row| row * 10).collect();
        let at_rows: Vec<f64> = rows.iter().map(|row| spot(*row as f64)).collect();
        let (found, ages) = priced(future(&said, 90, 100), &rows, &at_rows);
        for (price, spot) in found.price.iter().zip(&at_rows).skip(1) {
            assert!((price.unwrap() / spot - 1.01).abs() < 1e-12);
        }
        assert_eq!((found.price[0], ages.n_between), (None, 4));
    }

    /// The later of two prices around an instant counts only once it is known, and an index said with a price is exact.
    #[test]
    fn the_spot_of_an_instant_is_known_or_told() {
        let spot = Spot { rows: &[], time: &[0, 10], price: &[100.0, 121.0], quoted: &[] };
        let near = |found: f64, expected: f64| (found - expected).abs() < 1e-9;
        assert!(near(spot.at(5, 10), 110.0) && near(spot.at(5, 9), 100.0));
        assert!(near(spot.at(-3, 0), 100.0) && near(spot.at(12, 20), 121.0));
        let said = |time| Said { time, price: 1.0, index: Some(107.0) };
        assert_eq!(base(said(5), 10, spot), (107.0, Beside::Index));
        assert_eq!(base(said(10), 10, spot), (121.0, Beside::Spot));
    }

    /// Marks of a venue come beside snapshots of its options, which say the index.
    #[test]
    fn an_index_of_option_quotes_is_taken_within_a_minute_once_it_is_known() {
        let quoted = [(0, 1.0), (100_000, 2.0), (130_000, 3.0)];
        let spot = Spot { rows: &[], time: &[0], price: &[5.0], quoted: &quoted };
        let near = |stamp, now| spot.quoted_near(stamp, now);
        assert_eq!([near(100_000, 100_000), near(124_000, 200_000)], [Some(2.0), Some(3.0)]);
        assert_eq!([near(124_000, 129_000), near(70_000, 99_000)], [Some(2.0), None]);
        assert_eq!(
            [near(-1, 5), near(-70_000, 5), near(200_000, 300_000)],
            [Some(1.0), None, None]
        );
        let said = Said { time: 124_000, price: 1.0, index: None };
        assert_eq!(base(said, 200_000, spot), (3.0, Beside::Index));
    }
}
