//! Dated futures that are declared instead of read: quarterly contracts at a constant carry over the spot.
//!
//! ```text
//! price = spot e^(carry years to expiry)
//! ```
//!
//! They expire on the last Friday of March, June, September and December at 08:00 UTC, as those of Deribit and Binance do,
//! and are listed for two quarters each, so that there is always a next one. There is no basis risk in them: the report says
//! so.

use chrono::{Datelike, NaiveDate, Weekday};
use hedgerow_core::{AssetColumns, ContractTerms, Future, PaidIn, Timestamp};

use crate::instruments::future_name;
use crate::source::DeclaredFutures;

/// Hour of day at which they expire, UTC.
const HOUR: u32 = 8;

/// Days for which a contract is listed.
const LISTED_DAYS: i64 = 190;

/// The contracts of every asset that have a price at any of `rows`: linear and inverse ones.
pub(crate) fn quarterlies(
    declared: DeclaredFutures,
    rows: &[Timestamp],
    assets: &[AssetColumns],
) -> Vec<Future> {
    let [Some(first), Some(last)] = [rows.first(), rows.last()].map(Option::<&Timestamp>::copied)
    else {
        return Vec::new();
    };
    let mut futures = Vec::new();
    for (asset, columns) in assets.iter().enumerate() {
        for expiry in expiries(first, last) {
            let listed = expiry.plus_days(-LISTED_DAYS);
            let price = rows.iter().zip(&columns.spot).map(|(time, spot)| {
                let carry = declared.carry_percent / 100.0 * expiry.years_since(*time);
                (*time >= listed && *time < expiry).then(|| spot * carry.exp())
            });
            let price: Vec<Option<f64>> = price.collect();
            for (paid_in, size) in [(PaidIn::Usd, 1.0), (PaidIn::Coin, 1.0)] {
                futures.push(Future {
                    name: future_name(&columns.name, expiry, paid_in),
                    asset,
                    expiry,
                    terms: ContractTerms { paid_in, size, tick: None, lot: None },
                    ends: None,
                    holes: Vec::new(),
                    price: price.clone(),
                });
            }
        }
    }
    futures
}

/// The expiries after `first` of contracts that are listed by `last`.
fn expiries(first: Timestamp, last: Timestamp) -> Vec<Timestamp> {
    let Some(from) = first.chrono() else { return Vec::new() };
    let end = last.plus_days(LISTED_DAYS);
    let quarters = (from.year()..).flat_map(|year| [3, 6, 9, 12].map(|month| (year, month)));
    quarters
        .map_while(|(year, month)| last_friday(year, month))
        .skip_while(|expiry| *expiry <= first)
        .take_while(|expiry| *expiry <= end)
        .collect()
}

/// The settlement on the last Friday of a month; `None` beyond the calendar.
fn last_friday(year: i32, month: u32) -> Option<Timestamp> {
    let fridays = (1..=5).rev().filter_map(|n| u8::try_from(n).ok());
    let mut days =
        fridays.filter_map(|n| NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Fri, n));
    let time = days.next()?.and_hms_opt(HOUR, 0, 0)?;
    Some(Timestamp::from_millis(time.and_utc().timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn quarters_end_on_their_last_fridays() {
        let found: Vec<String> = expiries(day("2023-01-01"), day("2023-12-31"))
            .iter()
            .map(|expiry| expiry.date())
            .collect();
        assert_eq!(
            found,
            ["2023-03-31", "2023-06-30", "2023-09-29", "2023-12-29", "2024-03-29", "2024-06-28"]
        );
    }

    /// Always one with more than a week to live, at e^(carry years) of the spot, and no price from its expiry on.
    #[test]
    fn there_is_always_a_next_one() {
        let rows: Vec<Timestamp> = (0..400).map(|row| day("2023-01-01").plus_days(row)).collect();
        let asset = AssetColumns {
            name: "BTC".to_owned(),
            spot: vec![20_000.0; 400],
            open: None,
            high: None,
            low: None,
        };
        let futures = quarterlies(DeclaredFutures { carry_percent: 8.0 }, &rows, &[asset]);
        for (row, time) in rows.iter().enumerate() {
            let live = futures
                .iter()
                .filter(|future| future.price[row].is_some() && future.expiry > time.plus_days(7));
            assert!(live.count() >= 2, "{time}: a linear and an inverse one");
        }
        let march = &futures[0];
        assert_eq!((march.name.as_str(), march.terms.paid_in), ("BTC_USDC-31MAR23", PaidIn::Usd));
        assert_eq!(futures[1].name, "BTC-31MAR23");
        let years = march.expiry.years_since(rows[0]);
        assert!((march.price[0].unwrap() - 20_000.0 * (0.08 * years).exp()).abs() < 1e-9);
        assert_eq!((march.price[89].is_some(), march.price[90]), (true, None));
    }
}
