//! Numbers in messages: as they are, but those of many digits in scientific notation.

/// From here on a number is written with an exponent.
const LONG: f64 = 1e15;

/// Below this a number that is not 0 is written with an exponent.
const SHORT: f64 = 1e-6;

/// All digits of a number, `1e300` and not three hundred zeros.
pub(crate) fn number_text(number: f64) -> String {
    let size = number.abs();
    if size.is_finite() && (size >= LONG || (size > 0.0 && size < SHORT)) {
        format!("{number:e}")
    } else {
        number.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::number_text;

    #[test]
    fn long_numbers_have_exponents() {
        let texts = [60_000.25, 1e300, -2.5e-9, 0.0, f64::INFINITY, f64::NAN].map(number_text);
        assert_eq!(texts, ["60000.25", "1e300", "-2.5e-9", "0", "inf", "NaN"]);
    }
}
