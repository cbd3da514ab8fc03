//! Half-spreads that somebody has recorded.

use crate::{Market, MarketError};

/// A half-spread of instruments on an asset through time.
#[derive(Debug, Clone, PartialEq)]
pub struct HalfSpread {
    /// Which asset it belongs to: index into [`Market::assets`].
    pub asset: usize,
    /// What tells it from others of its asset; `None` where nothing does.
    pub name: Option<String>,
    /// Half the distance of bid and ask as last said at each row, a fraction of the price, at least 0; `None` where nothing
    /// recent enough is.
    pub fraction: Vec<Option<f64>>,
}

impl Market {
    /// The same market with half-spreads.
    ///
    /// # Errors
    /// [`MarketError`] when one has another length, belongs to no asset, or has a figure below 0 or not finite.
    pub fn with_half_spreads(mut self, spreads: Vec<HalfSpread>) -> Result<Self, MarketError> {
        for spread in &spreads {
            let name = "half-spread";
            self.check_asset(name, spread.asset)?;
            self.check_length(name, spread.fraction.len())?;
            let is_bad = |figure: &Option<f64>| {
                figure.is_some_and(|figure| !(figure.is_finite() && figure >= 0.0))
            };
            if let Some(row) = spread.fraction.iter().position(is_bad) {
                return Err(MarketError::Value {
                    column: name.to_owned(),
                    row,
                    time: self.time()[row],
                    found: spread.fraction[row].unwrap_or(f64::NAN),
                    expected: "number of at least 0",
                });
            }
        }
        self.half_spreads = spreads;
        Ok(self)
    }

    /// The first half-spread of an asset; `None` where nobody has recorded any.
    pub fn half_spread(&self, asset: usize) -> Option<&HalfSpread> {
        self.half_spreads().iter().find(|spread| spread.asset == asset)
    }

    /// All recorded half-spreads.
    pub fn half_spreads(&self) -> &[HalfSpread] {
        &self.half_spreads
    }
}
