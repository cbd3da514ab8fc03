//! Whether funding covers the rows that are used.

use std::ops::Range;

use hedgerow_core::{FundingEvent, Market, Timestamp, Tradable};

use crate::DataError;
use crate::sequence::commonest_step;

/// Checks that the funding of every perpetual reaches from the first of `rows` to the last, give or take one interval
/// between settlements. To be called on the whole market, before it is cut to `rows`: cutting drops the events outside.
///
/// # Errors
/// [`DataError::Coverage`] names both periods.
///
/// # Panics
/// When `rows` is empty or reaches beyond the market.
pub fn check_coverage(market: &Market, rows: Range<usize>) -> Result<(), DataError> {
    market
        .tradables()
        .iter()
        .try_for_each(|perp| check_tradable(perp, &market.time()[rows.clone()]))
}

/// As [`check_coverage`], for one perpetual and the instants of the rows.
pub(crate) fn check_tradable(perp: &Tradable, time: &[Timestamp]) -> Result<(), DataError> {
    let Some(events) = &perp.funding else { return Ok(()) };
    let (market_first, market_last) = (time[0], time[time.len() - 1]);
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        let kind = "funding";
        return Err(DataError::MissingFunding { tradable: perp.name.clone(), kind });
    };
    let interval = interval_millis(events);
    let starts_late = first.time.millis() > market_first.millis() + interval;
    let ends_early = last.time.millis() + interval < market_last.millis();
    if starts_late || ends_early {
        return Err(DataError::Coverage {
            tradable: perp.name.clone(),
            funding_first: first.time,
            funding_last: last.time,
            market_first,
            market_last,
        });
    }
    Ok(())
}

/// The commonest distance between settlements; zero where there is one alone.
fn interval_millis(events: &[FundingEvent]) -> i64 {
    let time: Vec<i64> = events.iter().map(|event| event.time.millis()).collect();
    commonest_step(&time).unwrap_or(0)
}
