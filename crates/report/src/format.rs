//! Numbers as people read them: thousands separators, units, as many digits as mean something, `n/a` for unknown.

use crate::metrics::Unit;
use crate::stats::bootstrap::Interval;

/// What stands in place of an unknown number.
pub const UNKNOWN: &str = "n/a";

/// A metric's number in its unit.
///
/// ```
/// # use hedgerow_report::{Unit, format};
/// assert_eq!(format::number(Some(-1_234_567.8), Unit::Usd), "−1,234,568 USD");
/// assert_eq!(format::number(Some(0.99987), Unit::Fraction), "99.99 %");
/// assert_eq!(format::number(None, Unit::Usd), "n/a");
/// ```
pub fn number(value: Option<f64>, unit: Unit) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else {
        return UNKNOWN.to_owned();
    };
    match unit {
        Unit::Fraction => percent(value),
        Unit::FractionInBps => format!("{} bps", decimals(value * 1e4, 2)),
        Unit::Usd => format!("{} USD", amount(value)),
        Unit::Days => format!("{} days", decimals(value, places_of_days(value))),
        Unit::Count => decimals(value, 0),
        Unit::Ratio => decimals(value, 2),
    }
}

/// Whole days are whole; broken ones have as many digits as mean something.
fn places_of_days(days: f64) -> usize {
    match days.abs() {
        whole if whole.fract() <= 0.0 => 0,
        size if size < 1.0 => 2,
        size if size < 10.0 => 1,
        _ => 0,
    }
}

/// `94.1 % (92.0 to 95.5)`; without the bracket where there is no interval.
pub fn with_interval(value: Option<f64>, interval: Option<Interval>) -> String {
    let text = number(value, Unit::Fraction);
    match interval {
        Some(Interval { low, high }) => {
            let bare = |x: f64| percent(x).trim_end_matches(" %").to_owned();
            format!("{text} ({} to {})", bare(low), bare(high))
        }
        None => text,
    }
}

/// Per cent; two decimals below 1 % and close to 100 %, else one. What is almost 100 % has as many as tell it apart, up to six.
pub fn percent(fraction: f64) -> String {
    let apart = (fraction.abs() - 1.0).abs();
    let places = match apart {
        _ if fraction.abs() < 0.01 => 2,
        apart if apart <= 5e-9 || (5e-5..0.01).contains(&apart) => 2,
        apart if apart >= 0.01 => 1,
        apart if apart >= 5e-6 => 3,
        apart if apart >= 5e-7 => 4,
        apart if apart >= 5e-8 => 5,
        _ => 6,
    };
    format!("{} %", decimals(fraction * 100.0, places))
}

/// USD without the unit: whole dollars from 1,000 on, cents below.
pub fn amount(usd: f64) -> String {
    decimals(usd, if usd.abs() >= 999.5 { 0 } else { 2 })
}

/// Rounded to `places`, with thousands separators and a true minus sign; never `−0`.
pub fn decimals(value: f64, places: usize) -> String {
    let text = format!("{:.places$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if !fraction.is_empty() {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    let is_zero = text.chars().all(|digit| matches!(digit, '0' | '.'));
    if value < 0.0 && !is_zero { format!("−{grouped}") } else { grouped }
}

/// A count, with thousands separators.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub fn whole(count: usize) -> String {
    decimals(count as f64, 0)
}

/// Short USD for axes: `1.2M`, `350k`, `−40`.
pub fn short(value: f64) -> String {
    let (scale, suffix) = match value.abs() {
        size if size >= 0.9995e9 => (1e9, "B"),
        size if size >= 0.9995e6 => (1e6, "M"),
        size if size >= 0.9995e3 => (1e3, "k"),
        _ => (1.0, ""),
    };
    let scaled = value / scale;
    let is_broken = (scaled - scaled.round()).abs() > 0.005;
    let places =
        usize::from(is_broken && scaled.abs() < if suffix.is_empty() { 9.95 } else { 99.95 });
    let places = if scaled.abs() < 1.0 && places == 1 { 2 } else { places };
    format!("{}{suffix}", decimals(scaled, places))
}

/// A length of time in the largest unit that keeps it whole.
///
/// ```
/// # use hedgerow_report::format::duration;
/// assert_eq!(duration(28_800_000), "8 h");
/// assert_eq!(duration(86_400_000), "1 day");
/// assert_eq!(duration(5_400_000), "90 min");
/// assert_eq!(duration(22_109_858), "about 6.1 h");
/// ```
pub fn duration(millis: i64) -> String {
    let units = [(86_400_000, "day"), (3_600_000, "h"), (60_000, "min"), (1000, "s"), (1, "ms")];
    let exact = units.into_iter().find(|(size, _)| millis % size == 0 && millis != 0);
    let (size, unit) = exact.unwrap_or((1, "ms"));
    if let Some((larger, name)) = units.into_iter().find(|(larger, _)| millis / larger >= 2)
        && larger >= 1000 * size
    {
        return format!("about {} {name}", one_digit(millis, larger));
    }
    let count = millis / size;
    let ending = if unit == "day" && count != 1 { "s" } else { "" };
    format!("{count} {unit}{ending}")
}

/// `6.1`: tenths of a unit, rounded.
fn one_digit(millis: i64, unit: i64) -> String {
    let (millis, unit) = (i128::from(millis), i128::from(unit));
    let tenths = (millis * 10 + unit / 2) / unit;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// `1 row`, `2,000 rows`.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", whole(count), if count == 1 { "" } else { "s" })
}

/// The letter, or a replacement character for one that XML forbids or that turns the text around it.
pub(crate) const fn printable(letter: char) -> char {
    match letter {
        '\0'..='\x1F'
        | '\x7F'..='\u{9F}'
        | '\u{FFFE}'
        | '\u{FFFF}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
        other => other,
    }
}

/// The text without what [`printable`] replaces.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(printable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_has_no_sign() {
        assert_eq!(decimals(-0.001, 2), "0.00");
        assert_eq!(decimals(-1234.5, 1), "−1,234.5");
        assert_eq!(percent(-0.5), "−50.0 %");
    }

    /// Found: a hedge that left 0.002 % of the variance "removed 100.00 % (100.00 to 100.00)".
    #[test]
    fn almost_all_is_not_all() {
        for (fraction, expected) in [
            (1.0, "100.00 %"),
            (0.99998, "99.998 %"),
            (-1.00002, "−100.002 %"),
            (0.999_999_7, "99.99997 %"),
            (0.9999, "99.99 %"),
            (0.995, "99.50 %"),
            (0.91, "91.0 %"),
            (0.0, "0.00 %"),
        ] {
            assert_eq!(percent(fraction), expected, "{fraction}");
        }
    }

    #[test]
    fn not_a_number_is_unknown() {
        assert_eq!(number(Some(f64::NAN), Unit::Ratio), "n/a");
    }

    #[test]
    fn axes_are_short() {
        assert_eq!(short(1_250_000.0), "1.2M");
        assert_eq!(short(-350_000.0), "−350k");
        assert_eq!(short(0.25), "0.25");
    }
}
