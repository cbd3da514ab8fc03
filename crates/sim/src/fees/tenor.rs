//! Which contracts venues call weekly and daily, read from the instant of their expiry.

use hedgerow_core::Timestamp;

/// Days from Sunday, 1970-01-04.
fn weekday(time: Timestamp) -> i64 {
    (time.millis().div_euclid(hedgerow_core::MILLIS_PER_DAY) + 4).rem_euclid(7)
}

/// Whether an option of this expiry is a daily one: all others expire on Fridays.
pub(crate) fn is_daily(expiry: Timestamp) -> bool {
    weekday(expiry) != 5
}

/// Whether a future of this expiry is a weekly (or daily) one: monthly and quarterly ones expire on the last Friday of a month.
pub(crate) fn is_weekly(expiry: Timestamp) -> bool {
    let month = |time: Timestamp| time.date()[..7].to_owned();
    is_daily(expiry) || month(expiry) == month(expiry.plus_days(7))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fridays_and_last_fridays() {
        let at = |text| Timestamp::parse(text).expect("an instant");
        assert!(!is_daily(at("2024-03-29T08:00:00Z")) && !is_weekly(at("2024-03-29T08:00:00Z")));
        assert!(!is_daily(at("2024-03-22T08:00:00Z")) && is_weekly(at("2024-03-22T08:00:00Z")));
        assert!(is_daily(at("2024-03-28T08:00:00Z")) && is_weekly(at("2024-03-28T08:00:00Z")));
        assert!(!is_weekly(at("2021-12-31T08:00:00Z")), "the last day of a year");
        assert!(!is_daily(at("1969-12-26T00:00:00Z")), "before 1970");
    }
}
