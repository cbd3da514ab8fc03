//! What is known of each option at each row of a market.

use std::ops::Range;

use hedgerow_core::{Chain, MILLIS_PER_DAY, Quote, Timestamp};

use super::ChainSeries;
use super::snapshots::polls;

/// How old a quote may be where no option was quoted twice: nothing shows how often they are quoted.
const LONE_QUOTE_MILLIS: i64 = MILLIS_PER_DAY;

/// The chain on the rows of a market.
///
/// At each row an option has its newest quote that is not later than the row, no older than the staleness limit, and before
/// its expiry. Rows between which nothing changed share a snapshot; where options only expired, the later snapshot is the
/// end of the earlier one.
pub(crate) fn on_rows(series: ChainSeries, asset: usize, rows: &[i64]) -> Chain {
    let limit = series.staleness.unwrap_or(LONE_QUOTE_MILLIS);
    let n_taken = polls(&series).map(|polls| polls.len());
    let mut states = States {
        newest: vec![None; series.contracts.len()],
        expiry: series.contracts.iter().map(|contract| contract.expiry.millis()).collect(),
        limit,
        next_end: i64::MAX,
        quotes: Vec::new(),
        snapshots: Vec::new(),
    };
    let mut next = 0;
    let mut snapshot_of_row = Vec::with_capacity(rows.len());
    for row in rows {
        let start = next;
        while next < series.quotes.len() && series.quotes[next].time.millis() <= *row {
            states.newest[series.quotes[next].contract] = Some(series.quotes[next]);
            next += 1;
        }
        let has_changed = next > start || *row >= states.next_end;
        if has_changed {
            states.record(*row, next > start);
        }
        snapshot_of_row.push(states.current());
    }
    let States { quotes, snapshots, .. } = states;
    Chain {
        asset,
        paid_in: series.paid_in,
        contracts: series.contracts,
        quotes,
        snapshots,
        n_taken,
        snapshot_of_row,
    }
}

/// The newest quotes while time goes on.
struct States {
    /// Of each contract.
    newest: Vec<Option<Quote>>,
    expiry: Vec<i64>,
    limit: i64,
    /// The first instant at which a quote ends, by age or expiry.
    next_end: i64,
    quotes: Vec<Quote>,
    snapshots: Vec<Range<usize>>,
}

impl States {
    /// The snapshot of now; `None` while nothing is known.
    fn current(&self) -> Option<usize> {
        let last = self.snapshots.last()?;
        (!last.is_empty()).then(|| self.snapshots.len() - 1)
    }

    /// Takes a snapshot of what is known at a row.
    fn record(&mut self, row: i64, is_quoted: bool) {
        let before = self.snapshots.last().cloned().unwrap_or(0..0);
        let start = self.quotes.len();
        self.next_end = i64::MAX;
        for (newest, expiry) in self.newest.iter_mut().zip(&self.expiry) {
            let Some(quote) = newest else { continue };
            let end = (quote.time.millis() + self.limit + 1).min(*expiry);
            if row >= end {
                *newest = None;
                continue;
            }
            self.next_end = self.next_end.min(end);
            self.quotes.push(*quote);
        }
        let found = start..self.quotes.len();
        let key = |quote: &Quote| (quote.time, quote.contract);
        let is_end = !is_quoted && found.len() <= before.len() && {
            let tail = &self.quotes[before.end - found.len()..before.end];
            tail.iter().map(key).eq(self.quotes[found.clone()].iter().map(key))
        };
        if is_end {
            self.quotes.truncate(start);
            self.snapshots.push(before.end - found.len()..before.end);
        } else {
            self.snapshots.push(found);
        }
    }
}

/// The rows without quotes: before the first, after the last, and between.
pub(crate) fn unknown_rows(
    chain: &Chain,
    rows: &[i64],
    (first, last): (Timestamp, Timestamp),
) -> [Vec<i64>; 2] {
    let unknown = || {
        rows.iter()
            .zip(&chain.snapshot_of_row)
            .filter(|(_, known)| known.is_none())
            .map(|(row, _)| *row)
    };
    let is_inside = |row: &i64| *row >= first.millis() && *row <= last.millis();
    [unknown().filter(|row| !is_inside(row)).collect(), unknown().filter(is_inside).collect()]
}

#[cfg(test)]
mod tests {
    use hedgerow_core::{OptionContract, OptionKind, PaidIn, SeriesQuality};
    use proptest::prelude::*;

    use super::*;

    fn quote(time: i64, contract: usize, mark: f64) -> Quote {
        Quote {
            time: Timestamp::from_millis(time),
            contract,
            bid: None,
            ask: None,
            mark: Some(mark),
            mark_vol: None,
            forward: None,
            index: None,
            delta: None,
            open_interest: None,
        }
    }

    fn series(expiries: &[i64], mut quotes: Vec<Quote>, staleness: i64) -> ChainSeries {
        quotes.sort_by_key(|quote| (quote.time, quote.contract));
        quotes.dedup_by_key(|quote| (quote.time, quote.contract));
        let contract = |(index, expiry): (usize, &i64)| OptionContract {
            name: index.to_string(),
            kind: OptionKind::Call,
            strike: 1.0,
            expiry: Timestamp::from_millis(*expiry),
        };
        ChainSeries {
            asset: "BTC".to_owned(),
            paid_in: PaidIn::Coin,
            title: String::new(),
            contracts: expiries.iter().enumerate().map(contract).collect(),
            quotes,
            spans: Vec::new(),
            staleness: Some(staleness),
            quality: SeriesQuality {
                name: String::new(),
                source: String::new(),
                format: String::new(),
                n_rows: 0,
                first: Timestamp::from_millis(0),
                last: Timestamp::from_millis(0),
                step_millis: None,
                findings: Vec::new(),
                coverage: hedgerow_core::Coverage::default(),
                marks: Vec::new(),
            },
            assumptions: Vec::new(),
        }
    }

    #[test]
    fn snapshots_are_shared_and_expiries_are_their_ends() {
        let quotes = vec![quote(10, 0, 1.0), quote(10, 1, 2.0), quote(30, 1, 3.0)];
        let chain = on_rows(series(&[20, 99], quotes, 15), 0, &[5, 10, 15, 20, 25, 26, 30]);
        assert_eq!(
            chain.snapshot_of_row,
            [None, Some(0), Some(0), Some(1), Some(1), None, Some(3)]
        );
        assert_eq!(chain.snapshots, [0..2, 1..2, 2..2, 2..3]);
        assert_eq!(chain.quotes.len(), 3);
    }

    /// What a row should know, in the plainest words.
    fn plain(series: &ChainSeries, row: i64, limit: i64) -> Vec<Quote> {
        let newest = |contract: usize| {
            let known = series
                .quotes
                .iter()
                .filter(|quote| quote.contract == contract && quote.time.millis() <= row);
            known.max_by_key(|quote| quote.time).copied()
        };
        (0..series.contracts.len())
            .filter_map(newest)
            .filter(|quote| row - quote.time.millis() <= limit)
            .filter(|quote| series.contracts[quote.contract].expiry.millis() > row)
            .collect()
    }

    fn quotes() -> impl Strategy<Value = Vec<Quote>> {
        let quote = (0_i64..60, 0_usize..5, 1_u8..200)
            .prop_map(|(time, contract, mark)| quote(time, contract, f64::from(mark)));
        prop::collection::vec(quote, 0..60)
    }

    proptest! {
        #[test]
        fn each_row_knows_the_newest_quote_of_each_option(
            quotes in quotes(),
            expiries in prop::collection::vec(1_i64..80, 5),
            limit in 0_i64..40,
            rows in prop::collection::btree_set(0_i64..70, 1..40),
        ) {
            let rows: Vec<i64> = rows.into_iter().collect();
            let series = series(&expiries, quotes, limit);
            let chain = on_rows(series.clone(), 0, &rows);
            for (index, row) in rows.iter().enumerate() {
                prop_assert_eq!(chain.at(index), &plain(&series, *row, limit)[..]);
            }
        }

        /// Replacing everything after an instant changes nothing at rows up to it.
        #[test]
        fn no_row_sees_later_quotes(before in quotes(), after in quotes(), cut in 0_i64..60, limit in 0_i64..40) {
            let rows: Vec<i64> = (0..70).collect();
            let (past, future): (Vec<Quote>, Vec<Quote>) = before.into_iter().partition(|quote| quote.time.millis() <= cut);
            let whole = [past.clone(), future].concat();
            let other: Vec<Quote> = after.into_iter().filter(|quote| quote.time.millis() > cut).collect();
            let changed = [past, other].concat();
            let expiries = [9, 30, 44, 60, 70];
            let [a, b] = [whole, changed].map(|quotes| on_rows(series(&expiries, quotes, limit), 0, &rows));
            let n_before = rows.partition_point(|row| *row <= cut);
            for row in 0..n_before {
                prop_assert_eq!(a.at(row), b.at(row));
            }
        }
    }
}
