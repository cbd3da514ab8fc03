//! Where the vol of an option mark comes from.
//!
//! A vol model turns a market into one column of vols per asset. A vol at a row is made of rows up to that row only, so
//! the column of the whole market may be cut to a period afterwards: warm-up then costs nothing of the period.

use std::fmt::Debug;
use std::ops::Range;

use hedgerow_core::registry::Entry;
use hedgerow_core::{Grade, Market};

use crate::{GreeksError, Smiles};

mod constant;
mod dvol;
mod ewma;
mod parkinson;
mod realised;
mod surface;

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

    /// The marks of `asset`.
    ///
    /// # Errors
    /// As [`column`](Self::column).
    fn marks(&self, market: &Market, asset: usize) -> Result<VolMarks, GreeksError> {
        Ok(VolMarks {
            model: self.name().to_owned(),
            vol: self.column(market, asset)?,
            grade: self.grade(),
            about: self.describe(),
            smiles: None,
        })
    }
}

/// Every vol model, alphabetically.
pub const VOLS: &[Entry<dyn VolModel>] =
    &[constant::ENTRY, dvol::ENTRY, realised::ENTRY, surface::ENTRY];

/// The mark vols of one asset and where they come from.
#[derive(Debug, Clone, PartialEq)]
pub struct VolMarks {
    /// Name of the model.
    pub model: String,
    /// Annualised, decimal, one per market row; `None` where none is known. With smiles it is the vol of 30 days at the
    /// money, which rules watch.
    pub vol: Vec<Option<f64>>,
    /// How good a mark with them is.
    pub grade: Grade,
    /// One sentence for the report's assumptions, without its full stop.
    pub about: String,
    /// How options get vols of their own; `None`: all are marked at `vol`.
    pub smiles: Option<Smiles>,
}

impl VolMarks {
    /// Runs a model over a market.
    ///
    /// # Errors
    /// As [`VolModel::marks`].
    pub fn new(model: &dyn VolModel, market: &Market, asset: usize) -> Result<Self, GreeksError> {
        model.marks(market, asset)
    }

    /// No vol at any row: enough for a book without options.
    pub fn unknown(n_rows: usize) -> Self {
        Self {
            model: "none".to_owned(),
            vol: vec![None; n_rows],
            grade: Grade::Synthetic,
            about: "no vol model is set".to_owned(),
            smiles: None,
        }
    }

    /// The marks of `rows`, for a market sliced by the same rows.
    ///
    /// # Panics
    /// When `rows` reaches beyond the column.
    pub fn slice(&self, rows: Range<usize>) -> Self {
        Self {
            model: self.model.clone(),
            vol: self.vol[rows.clone()].to_vec(),
            grade: self.grade,
            about: self.about.clone(),
            smiles: self.smiles.as_ref().map(|smiles| smiles.slice(rows)),
        }
    }
}
