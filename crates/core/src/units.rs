//! Numbers that a user types in a unit other than the one used inside.

use serde::{Deserialize, Serialize};

/// Basis points: 1 bp = 0.0001.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Bps(pub f64);

impl Bps {
    /// As a fraction.
    ///
    /// ```
    /// # use hedgerow_core::Bps;
    /// assert_eq!(Bps(5.0).fraction(), 0.0005);
    /// ```
    pub fn fraction(self) -> f64 {
        self.0 / 1e4
    }
}

/// Per cent: 1 % = 0.01.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Percent(pub f64);

impl Percent {
    /// As a fraction.
    pub fn fraction(self) -> f64 {
        self.0 / 1e2
    }
}
