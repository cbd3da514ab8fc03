//! Stamps: dates and times in words, and numbers whose unit shows in their size.

use chrono::{NaiveDate, TimeZone, offset::LocalResult};

use crate::source::{TimeUnit, Zone};

/// A stamp told in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Milliseconds since 1970, as if the stamp were UTC where it names no zone.
    pub(crate) millis: i64,
    /// Whether it names its zone or offset.
    pub(crate) has_zone: bool,
}

/// Reads `2020-01-01`, `2020-01-01 09:00`, `2020-01-01T09:00:00.123456`, `2019-10-17 09-AM`, each with or without `Z`,
/// ` UTC`, `+02:00` or `+0200`.
pub(crate) fn parse(text: &str) -> Option<Stamp> {
    let bytes = text.trim().as_bytes();
    let (date, rest) = bytes.split_at_checked(10)?;
    if date[4] != b'-' || date[7] != b'-' {
        return None;
    }
    let year = i32::try_from(digits(&date[..4])?).ok()?;
    let month = u32::try_from(digits(&date[5..7])?).ok()?;
    let day = u32::try_from(digits(&date[8..])?).ok()?;
    let midnight = NaiveDate::from_ymd_opt(year, month, day)?;
    let midnight = midnight.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis();
    let (clock, zone) = match rest {
        [] => (0, rest),
        [b' ' | b'T', clock @ ..] => time_of_day(clock)?,
        _ => return None,
    };
    let offset = match zone {
        [] => None,
        b"Z" | b" UTC" | b"UTC" => Some(0),
        _ => Some(offset(zone)?),
    };
    Some(Stamp { millis: midnight + clock - offset.unwrap_or(0), has_zone: offset.is_some() })
}

/// Milliseconds since midnight, and what follows.
fn time_of_day(text: &[u8]) -> Option<(i64, &[u8])> {
    let hour = digits(text.get(..2)?)?;
    match text.get(2..)? {
        b"-AM" if (1..=12).contains(&hour) => Some((hour % 12 * 3_600_000, &[])),
        b"-PM" if (1..=12).contains(&hour) => Some(((hour % 12 + 12) * 3_600_000, &[])),
        [b':', minute @ ..] => {
            let minutes = digits(minute.get(..2)?)?;
            let (millis, rest) = seconds(minute.get(2..)?)?;
            (hour < 24 && minutes < 60)
                .then_some((hour * 3_600_000 + minutes * 60_000 + millis, rest))
        }
        _ => None,
    }
}

/// Milliseconds of `:59.123`, of nothing, and what follows.
fn seconds(text: &[u8]) -> Option<(i64, &[u8])> {
    let [b':', rest @ ..] = text else { return Some((0, text)) };
    let seconds = digits(rest.get(..2)?).filter(|seconds| *seconds < 60)?;
    let rest = &rest[2..];
    let [b'.', fraction @ ..] = rest else { return Some((seconds * 1000, rest)) };
    let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let millis = fraction[..length]
        .iter()
        .chain(b"000")
        .take(3)
        .fold(0, |millis, digit| millis * 10 + i64::from(digit - b'0'));
    (length > 0).then_some((seconds * 1000 + millis, &fraction[length..]))
}

/// Milliseconds of `+02:00` or `+0200`.
fn offset(text: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match text {
        [sign, h1, h2, b':', m1, m2] | [sign, h1, h2, m1, m2] => {
            (sign, digits(&[*h1, *h2])?, digits(&[*m1, *m2])?)
        }
        _ => return None,
    };
    let millis = hours * 3_600_000 + minutes * 60_000;
    match sign {
        b'+' => Some(millis),
        b'-' => Some(-millis),
        _ => None,
    }
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0'))
    })
}

/// The instant of a stamp in words, milliseconds UTC. Where clocks were put back and a local hour occurs twice, the
/// first is meant; an hour that was skipped does not exist.
pub(crate) fn instant(text: &str, zone: Option<Zone>) -> Option<i64> {
    let stamp = parse(text)?;
    let Some(Zone(zone)) = zone.filter(|_| !stamp.has_zone) else { return Some(stamp.millis) };
    let local = chrono::DateTime::from_timestamp_millis(stamp.millis)?.naive_utc();
    match zone.from_local_datetime(&local) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => {
            Some(time.timestamp_millis())
        }
        LocalResult::None => None,
    }
}

/// The unit in which a number is an instant between 1973 and 5138; `None` for numbers too small for any.
///
/// ```text
/// 1e8 <= s < 1e11 <= ms < 1e14 <= us < 1e17 <= ns
/// ```
pub(crate) const fn looks_like(stamp: i64) -> Option<TimeUnit> {
    match stamp {
        100_000_000..100_000_000_000 => Some(TimeUnit::S),
        100_000_000_000..100_000_000_000_000 => Some(TimeUnit::Ms),
        100_000_000_000_000..100_000_000_000_000_000 => Some(TimeUnit::Us),
        100_000_000_000_000_000.. => Some(TimeUnit::Ns),
        _ => None,
    }
}

/// A stamp in milliseconds.
pub(crate) const fn to_millis(stamp: i64, unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::S => stamp * 1000,
        TimeUnit::Ms | TimeUnit::Text => stamp,
        TimeUnit::Us => stamp.div_euclid(1000),
        TimeUnit::Ns => stamp.div_euclid(1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use hedgerow_core::Timestamp;

    use super::*;

    fn shown(text: &str, zone: Option<Zone>) -> Option<String> {
        instant(text, zone).map(|millis| Timestamp::from_millis(millis).to_string())
    }

    #[test]
    fn stamps_in_words() {
        for (text, expected) in [
            ("2020-01-01", "2020-01-01T00:00:00Z"),
            ("2020-02-29 09:30", "2020-02-29T09:30:00Z"),
            ("2021-03-24 00:00:00 UTC", "2021-03-24T00:00:00Z"),
            ("2021-12-31 23:01:00.007000", "2021-12-31T23:01:00.007Z"),
            ("2021-12-31T23:01:00.5Z", "2021-12-31T23:01:00.500Z"),
            ("2015-09-26 00:00:00+00:00", "2015-09-26T00:00:00Z"),
            ("2015-09-26T01:00:00+0300", "2015-09-25T22:00:00Z"),
            ("2019-10-17 09-AM", "2019-10-17T09:00:00Z"),
            ("2019-10-17 12-AM", "2019-10-17T00:00:00Z"),
            ("2019-10-17 12-PM", "2019-10-17T12:00:00Z"),
            ("2019-10-17 11-PM", "2019-10-17T23:00:00Z"),
        ] {
            assert_eq!(shown(text, None).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "2020", "2021-02-29", "2020-01-01 25:00", "2019-10-17 13-PM", "17/10/2019"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn local_hour_that_occurs_twice_is_the_first() {
        let london: Zone = "Europe/London".parse().unwrap();
        for (text, expected) in [
            ("2020-10-25 01:00:00", "2020-10-25T00:00:00Z"),
            ("2020-07-01 01:00:00", "2020-07-01T00:00:00Z"),
            ("2020-12-01 00:00:00", "2020-12-01T00:00:00Z"),
            ("2020-07-01 01:00:00Z", "2020-07-01T01:00:00Z"),
        ] {
            assert_eq!(shown(text, Some(london)).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(shown("2020-03-29 01:30:00", Some(london)), None);
    }

    #[test]
    fn unit_shows_in_size() {
        let stamp = 1_660_953_600;
        for (unit, factor) in [
            (TimeUnit::S, 1),
            (TimeUnit::Ms, 1000),
            (TimeUnit::Us, 1_000_000),
            (TimeUnit::Ns, 1_000_000_000),
        ] {
            assert_eq!(looks_like(stamp * factor), Some(unit));
            assert_eq!(to_millis(stamp * factor, unit), stamp * 1000);
        }
        assert_eq!(looks_like(20_200_101), None);
        assert_eq!(looks_like(-1), None);
    }
}
