//! A table of options to a table of values and slopes, or of implied vols.
//!
//! Every input is a column with a cell per row, or one value for all rows. What a table cannot mean is an error of the whole
//! table; what a row cannot mean is that row's reason, and its outputs are `None`: no NaN leaves this file.
//!
//! What each model wants and gives is in the documentation of [`price_table`].

mod error;
mod model;
mod output;
mod price;
mod row;

use hedgerow_core::{OptionKind, PaidIn, Timestamp};
use rayon::prelude::*;

pub use error::{RowError, TableError};
pub use model::{Model, Parameter};
pub use output::{PricedRow, PricedTable};

/// A column of the input.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells<T> {
    /// The same in every row.
    One(T),
    /// One per row; `None` where the cell is empty.
    Each(Vec<Option<T>>),
}

impl<T: Copy> Cells<T> {
    /// The cell of a row; `None` where it is empty.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn at(&self, row: usize) -> Option<T> {
        match self {
            Self::One(value) => Some(*value),
            Self::Each(cells) => cells[row],
        }
    }

    fn length(&self) -> Option<usize> {
        match self {
            Self::One(_) => None,
            Self::Each(cells) => Some(cells.len()),
        }
    }
}

/// Options to price; a column is `None` where the table has none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OptionTable {
    /// How each row is priced; required.
    pub model: Option<Cells<Model>>,
    /// Call or put; required.
    pub kind: Option<Cells<OptionKind>>,
    /// In what premium and payoff are paid: `black76` paid in coins is `inverse`. Not required; the model says it.
    pub settlement: Option<Cells<PaidIn>>,
    /// USD per coin.
    pub spot: Option<Cells<f64>>,
    /// USD per coin, for the option's expiry.
    pub forward: Option<Cells<f64>>,
    /// USD per coin; required.
    pub strike: Option<Cells<f64>>,
    /// To expiry, ACT/365F; or `time` and `expiry`.
    pub years: Option<Cells<f64>>,
    /// When the row is.
    pub time: Option<Cells<Timestamp>>,
    /// When the option expires.
    pub expiry: Option<Cells<Timestamp>>,
    /// Annualised, decimal; or `price`. Of `merton` the vol between jumps.
    pub vol: Option<Cells<f64>>,
    /// In the unit of the value; the vol is then implied.
    pub price: Option<Cells<f64>>,
    /// Continuous USD rate per year, decimal.
    pub rate: Option<Cells<f64>>,
    /// Continuous cost of carry per year, decimal.
    pub carry: Option<Cells<f64>>,
    /// Parameters of the models that have some, each once.
    pub parameters: Vec<(Parameter, Cells<f64>)>,
}

/// Prices every row, in parallel; the result does not depend on the number of threads.
///
/// | model | wants | value | slopes are to | rho |
/// |---|---|---|---|---|
/// | `bsm` | spot, rate, carry | USD, discounted | the spot | the yield held |
/// | `black76` | forward, rate | USD, discounted | the forward | the forward held |
/// | `bachelier` | forward, rate; vol in USD per √year | USD, discounted | the forward | the forward held |
/// | `inverse` | forward | coins | the forward, see below | spot and yield held |
/// | `cash_digital` | as `bsm`; pays 1 USD | USD, discounted | the spot | the yield held |
/// | `asset_digital` | as `bsm`; pays 1 coin | USD, discounted | the spot | the yield held |
/// | `heston` | as `bsm`; [`Heston`](crate::Heston) in place of a vol | USD, discounted | the spot, v0 held; vega to √v0 | the yield held |
/// | `merton` | as `bsm`; [`Jumps`](crate::Jumps) beside the vol | USD, discounted | the spot; vega to the vol between jumps | the yield held |
/// | `sabr` | as `black76`; [`Sabr`](crate::smile::Sabr) in place of a vol | USD, discounted | the forward, the vol of the strike held | the forward held |
///
/// A spot becomes a forward, and a forward a spot, with `carry`; a row that has both must have a carry that joins them to a
/// millionth. Vega is per 1.00 of vol and theta per year that passes; prices are in the unit of the value.
///
/// Of inverse options delta and gamma, and all slopes of those two, are as Deribit displays them: Black-76 in USD, that is in
/// coins; value, vega, theta, rho, volga and veta are in coins. In the last half hour `delta` and `net_delta` decay as the
/// delivery price is averaged ([`settlement_window`](crate::settlement_window)).
///
/// # Errors
/// [`TableError`] when a column is missing, superfluous or of another length.
///
/// ```
/// # use hedgerow_greeks::{Cells, Model, OptionKind, OptionTable, TableError, price_table};
/// let table = OptionTable {
///     model: Some(Cells::One(Model::Inverse)),
///     kind: Some(Cells::One(OptionKind::Call)),
///     forward: Some(Cells::One(60_000.0)),
///     strike: Some(Cells::Each(vec![Some(65_000.0), None])),
///     years: Some(Cells::One(30.0 / 365.0)),
///     vol: Some(Cells::One(0.65)),
///     ..OptionTable::default()
/// };
/// let priced = price_table(&table)?;
/// assert!((priced.rows[0].unwrap().value - 0.042_662_363_796_086_96).abs() < 1e-14);
/// assert_eq!(priced.rows[1].unwrap_err().to_string(), "`strike` is empty");
/// # Ok::<(), TableError>(())
/// ```
pub fn price_table(table: &OptionTable) -> Result<PricedTable, TableError> {
    let n_rows = table.check()?;
    Ok(PricedTable { rows: (0..n_rows).into_par_iter().map(|row| table.price(row)).collect() })
}

impl OptionTable {
    /// The number of rows of a table that means something.
    fn check(&self) -> Result<usize, TableError> {
        let missing = |column, needed| Err(TableError::Missing { column, needed });
        let both = |first, second| Err(TableError::Both { first, second });
        let every = "every row needs it";
        match self {
            Self { model: None, .. } => missing("model", every),
            Self { kind: None, .. } => missing("kind", every),
            Self { strike: None, .. } => missing("strike", every),
            Self { spot: None, forward: None, .. } => {
                missing("spot` or `forward", "every row needs one of them")
            }
            // A row may have either; one value of each for all rows is a contradiction that no row can solve.
            Self {
                spot: Some(Cells::One(_)), forward: Some(Cells::One(_)), carry: None, ..
            } => both("spot", "forward"),
            Self { vol: Some(_), price: Some(_), .. } => both("vol", "price"),
            Self { vol: None, price: None, .. } if self.needs_vol() => {
                missing("vol` or `price", "every row needs one of them")
            }
            Self { years: Some(_), expiry: Some(_), .. } => both("years", "expiry"),
            Self { years: None, expiry: None, .. } => {
                missing("years` or `expiry", "every row needs one of them")
            }
            Self { years: None, time: None, .. } => {
                missing("time", "the years to `expiry` are counted from it")
            }
            _ => self.n_rows(),
        }
    }

    fn needs_vol(&self) -> bool {
        match &self.model {
            None => true,
            Some(Cells::One(model)) => model.needs_vol(),
            Some(Cells::Each(models)) => models.iter().flatten().any(|model| model.needs_vol()),
        }
    }

    fn n_rows(&self) -> Result<usize, TableError> {
        fn length<T: Copy>(column: Option<&Cells<T>>) -> Option<usize> {
            column.and_then(Cells::length)
        }
        let lengths = [
            ("model", length(self.model.as_ref())),
            ("kind", length(self.kind.as_ref())),
            ("settlement", length(self.settlement.as_ref())),
            ("spot", length(self.spot.as_ref())),
            ("forward", length(self.forward.as_ref())),
            ("strike", length(self.strike.as_ref())),
            ("years", length(self.years.as_ref())),
            ("time", length(self.time.as_ref())),
            ("expiry", length(self.expiry.as_ref())),
            ("vol", length(self.vol.as_ref())),
            ("price", length(self.price.as_ref())),
            ("rate", length(self.rate.as_ref())),
            ("carry", length(self.carry.as_ref())),
        ];
        let parameters =
            self.parameters.iter().map(|(parameter, cells)| (parameter.name(), cells.length()));
        let lengths = lengths.into_iter().chain(parameters);
        let mut known = lengths.filter_map(|(column, n)| n.map(|n| (column, n)));
        let Some((other, expected)) = known.next() else { return Ok(1) };
        match known.find(|(_, found)| *found != expected) {
            Some((column, found)) => Err(TableError::Length { column, found, other, expected }),
            None => Ok(expected),
        }
    }
}
