//! What an option cannot be priced with.

use crate::number_text::number_text;

/// An input out of its range. Names are those of the glossary; numbers are as given.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum InputError {
    /// NaN or infinite.
    #[error("{name} is {}, expected a finite number", number_text(*.found))]
    NotFinite {
        /// Which input.
        name: &'static str,
        /// Its value.
        found: f64,
    },
    /// Zero or less where only a positive number makes sense.
    #[error("{name} is {}, expected a positive number", number_text(*.found))]
    NotPositive {
        /// Which input.
        name: &'static str,
        /// Its value.
        found: f64,
    },
    /// Less than zero.
    #[error("{name} is {}, expected zero or more", number_text(*.found))]
    Negative {
        /// Which input.
        name: &'static str,
        /// Its value.
        found: f64,
    },
    /// Finite, but beyond what the formula can take.
    #[error("{name} is {}, expected {least} to {most}", number_text(*.found))]
    OutOfRange {
        /// Which input.
        name: &'static str,
        /// Its value.
        found: f64,
        /// Smallest value allowed.
        least: f64,
        /// Largest value allowed.
        most: f64,
    },
}

/// The largest |rate x years| of a discount factor: e^700 is about 1e304.
pub(crate) const MOST_GROWTH: f64 = 700.0;

pub(crate) fn finite(name: &'static str, found: f64) -> Result<(), InputError> {
    if found.is_finite() { Ok(()) } else { Err(InputError::NotFinite { name, found }) }
}

pub(crate) fn positive(name: &'static str, found: f64) -> Result<(), InputError> {
    finite(name, found)?;
    if found > 0.0 { Ok(()) } else { Err(InputError::NotPositive { name, found }) }
}

pub(crate) fn not_negative(name: &'static str, found: f64) -> Result<(), InputError> {
    finite(name, found)?;
    if found >= 0.0 { Ok(()) } else { Err(InputError::Negative { name, found }) }
}

pub(crate) fn within(
    name: &'static str,
    found: f64,
    least: f64,
    most: f64,
) -> Result<(), InputError> {
    finite(name, found)?;
    if (least..=most).contains(&found) {
        Ok(())
    } else {
        Err(InputError::OutOfRange { name, found, least, most })
    }
}

/// A rate times a time whose exponential a double can hold.
pub(crate) fn moderate(name: &'static str, found: f64) -> Result<(), InputError> {
    within(name, found, -MOST_GROWTH, MOST_GROWTH)
}
