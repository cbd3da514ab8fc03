//! Where the vol of an option mark comes from.
//!
//! A vol model turns a market into one column of vols per asset. A vol at a row is made of rows up to that row only, so
//! the column of the whole market may be cut to a period afterwards: warm-up then costs nothing of the period.

use std::fmt::Debug;
use std::ops::Range;

use hedgerow_core::registry::Entry;
use hedgerow_core::{Grade, Market};

use crate::GreeksError;

mod constant;
mod dvol;
mod ewma;
mod parkinson;
mod realised;

/// A source of vols.
pub trait VolModel: Debug + Send + Sync {
    /// As written in a scenario.
    fn name(&self) -> &'static str;

    /// Annualised vol of `asset` at each row, decimal; `None` where the model cannot know one yet.
    ///
    /// # Errors
    /// [`GreeksError`] when the market lacks a column the model needs, or a result is not a vol.
    fn column(&self, market: &Market, asset: usize) -> Result<Vec<Option<f64>>, GreeksError>;

    /// One sentence for the report's assumptions, without its full stop.
    fn describe(&self) -> String;

    /// How good a mark with this vol is.
    fn grade(&self) -> Grade;
}

/// Every vol model, alphabetically.
pub const VOLS: &[Entry<dyn VolModel>] = &[constant::ENTRY, dvol::ENTRY, realised::ENTRY];

/// The mark vols of one asset and where they come from.
#[derive(Debug, Clone, PartialEq)]
pub struct VolMarks {
    /// Name of the model.
    pub model: String,
    /// Annualised, decimal, one per market row; `None` where none is known.
    pub vol: Vec<Option<f64>>,
    /// How good a mark with them is.
    pub grade: Grade,
    /// One sentence for the report's assumptions, without its full stop.
    pub about: String,
}

impl VolMarks {
    /// Runs a model over a market.
    ///
    /// # Errors
    /// As [`VolModel::column`].
    pub fn new(model: &dyn VolModel, market: &Market, asset: usize) -> Result<Self, GreeksError> {
        Ok(Self {
            model: model.name().to_owned(),
            vol: model.column(market, asset)?,
            grade: model.grade(),
            about: model.describe(),
        })
    }

    /// No vol at any row: enough for a book without options.
    pub fn unknown(n_rows: usize) -> Self {
        Self {
            model: "none".to_owned(),
            vol: vec![None; n_rows],
            grade: Grade::Synthetic,
            about: "no vol model is set".to_owned(),
        }
    }

    /// The marks of `rows`, for a market sliced by the same rows.
    ///
    /// # Panics
    /// When `rows` reaches beyond the column.
    pub fn slice(&self, rows: Range<usize>) -> Self {
        Self { vol: self.vol[rows].to_vec(), ..self.clone() }
    }
}
