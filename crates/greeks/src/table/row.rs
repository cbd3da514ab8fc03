//! One row of a table, read: what its model wants, checked.

use hedgerow_core::{OptionKind, PaidIn};

use super::{Cells, Model, OptionTable, Parameter, RowError};
use crate::black_scholes::{Terms, growth};
use crate::input_error::{finite, moderate, not_negative, positive};

/// A spot and a forward that differ by no more than this part are one market: they are typed with few digits.
const MOST_APART: f64 = 1e-6;

/// A row's cells that every model needs.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) index: usize,
    pub(super) model: Model,
    pub(super) kind: OptionKind,
    pub(super) strike: f64,
    pub(super) years: f64,
}

impl OptionTable {
    pub(super) fn row(&self, index: usize) -> Result<Row, RowError> {
        let model = cell(self.model.as_ref(), index).ok_or(RowError::Blank("model"))?;
        let kind = cell(self.kind.as_ref(), index).ok_or(RowError::Blank("kind"))?;
        let strike = cell(self.strike.as_ref(), index).ok_or(RowError::Blank("strike"))?;
        let years = match &self.years {
            Some(years) => years.at(index).ok_or(RowError::Blank("years"))?,
            None => {
                let expiry = cell(self.expiry.as_ref(), index).ok_or(RowError::Blank("expiry"))?;
                let time = cell(self.time.as_ref(), index).ok_or(RowError::Blank("time"))?;
                expiry.years_since(time)
            }
        };
        let model = match (model, cell(self.settlement.as_ref(), index)) {
            (Model::Black76, Some(PaidIn::Coin)) | (Model::Inverse, Some(PaidIn::Coin) | None) => {
                Model::Inverse
            }
            (Model::Inverse, Some(PaidIn::Usd)) => {
                return Err(RowError::Settlement(model, PaidIn::Usd));
            }
            (_, Some(PaidIn::Coin)) => return Err(RowError::Settlement(model, PaidIn::Coin)),
            (_, None | Some(PaidIn::Usd)) => model,
        };
        not_negative("years", years)?;
        Ok(Row { index, model, kind, strike, years })
    }

    /// Spot, or forward, as the model wants it, from whichever the row has.
    pub(super) fn underlying(&self, row: Row) -> Result<f64, RowError> {
        let spot = cell(self.spot.as_ref(), row.index);
        let forward = cell(self.forward.as_ref(), row.index);
        let on_spot = row.model.is_on_spot();
        match (spot, forward) {
            (Some(spot), None) if on_spot => Ok(spot),
            (None, Some(forward)) if !on_spot => Ok(forward),
            (Some(spot), None) => {
                self.price_of("spot", spot, row)?;
                Ok(spot * self.carried(row)?)
            }
            (None, Some(forward)) => {
                self.price_of("forward", forward, row)?;
                Ok(forward / self.carried(row)?)
            }
            (Some(spot), Some(forward)) => {
                if cell(self.carry.as_ref(), row.index).is_none() {
                    return Err(RowError::SpotAndForward);
                }
                self.price_of("spot", spot, row)?;
                self.price_of("forward", forward, row)?;
                let expected = spot * self.carried(row)?;
                if (forward - expected).abs() > MOST_APART * expected.abs() {
                    return Err(RowError::Apart { spot, forward, expected });
                }
                Ok(if on_spot { spot } else { forward })
            }
            (None, None) => Err(match (&self.spot, &self.forward) {
                (Some(_), None) => RowError::Blank("spot"),
                (None, _) => RowError::Blank("forward"),
                (Some(_), Some(_)) => RowError::NoUnderlying,
            }),
        }
    }

    /// A price that is to be carried must be one under its own name: afterwards it has the other's.
    fn price_of(&self, name: &'static str, found: f64, row: Row) -> Result<(), RowError> {
        match row.model {
            // Bachelier's prices have any sign.
            Model::Bachelier => Ok(finite(name, found)?),
            _ => Ok(positive(name, found)?),
        }
    }

    /// How far a forward lies above its spot: e^(carry x years).
    fn carried(&self, row: Row) -> Result<f64, RowError> {
        let carry = self.number("carry", self.carry.as_ref(), row)?;
        finite("carry", carry)?;
        moderate("carry x years", carry * row.years)?;
        Ok(growth(carry, row.years))
    }

    pub(super) fn number(
        &self,
        name: &'static str,
        column: Option<&Cells<f64>>,
        row: Row,
    ) -> Result<f64, RowError> {
        cell(column, row.index).ok_or(RowError::Empty(name, row.model))
    }

    /// A parameter of the row's model.
    pub(super) fn parameter(&self, wanted: Parameter, row: Row) -> Result<f64, RowError> {
        let column = self.parameters.iter().find(|(parameter, _)| *parameter == wanted);
        self.number(wanted.name(), column.map(|(_, cells)| cells), row)
    }

    /// The vol as given, or what `implied` makes of the price.
    pub(super) fn vol(
        &self,
        row: Row,
        implied: impl FnOnce(f64) -> Result<f64, RowError>,
    ) -> Result<f64, RowError> {
        match (&self.vol, &self.price) {
            (None, Some(price)) => implied(price.at(row.index).ok_or(RowError::Blank("price"))?),
            (vol, _) => {
                let vol = cell(vol.as_ref(), row.index).ok_or(RowError::Blank("vol"))?;
                not_negative("vol", vol)?;
                Ok(vol)
            }
        }
    }

    /// Refuses a price where the model has no vol that it could imply.
    pub(super) fn no_price(&self, row: Row) -> Result<(), RowError> {
        match self.price {
            Some(_) => Err(RowError::SmilePrice(row.model)),
            None => Ok(()),
        }
    }

    /// Terms of the Black-Scholes family without a vol, checked.
    pub(super) fn terms(&self, row: Row) -> Result<Terms, RowError> {
        let rate = self.number("rate", self.rate.as_ref(), row)?;
        // A forward does not grow.
        let carry = match row.model.is_on_spot() {
            true => self.number("carry", self.carry.as_ref(), row)?,
            false => 0.0,
        };
        let underlying = self.underlying(row)?;
        if !row.model.is_on_spot() {
            positive("forward", underlying)?;
        }
        let Row { strike, years, .. } = row;
        let terms = Terms { spot: underlying, strike, years, vol: 0.0, rate, carry };
        terms.check()?;
        Ok(terms)
    }
}

fn cell<T: Copy>(column: Option<&Cells<T>>, row: usize) -> Option<T> {
    column.and_then(|cells| cells.at(row))
}
