//! A table of options to a table of values and slopes, or of implied vols.
//!
//! Every input is a column with a cell per row, or one value for all rows. What a table cannot mean is an error of the whole
//! table; what a row cannot mean is that row's reason, and its outputs are `None`: no NaN leaves this file.
//!
//! What each model wants and gives is in the documentation of [`price_table`].

use hedgerow_core::{OptionKind, PaidIn, Timestamp};
use rayon::prelude::*;

use crate::Model;
use crate::black_scholes::{Terms, black_scholes, growth};
use crate::input_error::{finite, moderate, not_negative, positive};
use crate::table_error::{RowError, TableError};
use crate::table_output::{PricedRow, PricedTable};
use crate::{
    DigitalPayoff, NormalTerms, bachelier, coin_implied_vol, digital, implied_vol, inverse,
    normal_implied_vol,
};

/// A column of the input.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells<T> {
    /// The same in every row.
    One(T),
    /// One per row; `None` where the cell is empty.
    Each(Vec<Option<T>>),
}

impl<T: Copy> Cells<T> {
    fn at(&self, row: usize) -> Option<T> {
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
    /// Annualised, decimal; or `price`.
    pub vol: Option<Cells<f64>>,
    /// In the unit of the value; the vol is then implied.
    pub price: Option<Cells<f64>>,
    /// Continuous USD rate per year, decimal.
    pub rate: Option<Cells<f64>>,
    /// Continuous cost of carry per year, decimal.
    pub carry: Option<Cells<f64>>,
}

/// Prices every row, in parallel; the result does not depend on the number of threads.
///
/// | model | wants | value | delta, gamma | vega, theta |
/// |---|---|---|---|---|
/// | `bsm` | spot, rate, carry | USD, discounted | to the spot | USD per 1.00, per year |
/// | `black76` | forward (or spot and carry), rate | USD, discounted | to the forward | USD per 1.00, per year |
/// | `bachelier` | as `black76`; vol in USD per √year | USD, discounted | to the forward | USD per unit of vol, per year |
/// | `inverse` | forward (or spot and carry) | coins | as Deribit displays them: Black-76, USD | coins per 1.00, per year |
/// | `cash_digital` | as `bsm`; pays 1 USD | USD, discounted | to the spot | USD per 1.00, per year |
/// | `asset_digital` | as `bsm`; pays 1 coin | USD, discounted | to the spot | USD per 1.00, per year |
///
/// Prices are in the unit of the value.
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
/// assert!((priced.value[0].unwrap() - 0.042_662_363_796_086_96).abs() < 1e-14);
/// assert_eq!(priced.reason[1].unwrap().to_string(), "`strike` is empty");
/// # Ok::<(), TableError>(())
/// ```
pub fn price_table(table: &OptionTable) -> Result<PricedTable, TableError> {
    let n_rows = table.check()?;
    let rows: Vec<Result<PricedRow, RowError>> =
        (0..n_rows).into_par_iter().map(|row| table.price(row)).collect();
    let column = |of: fn(&PricedRow) -> Option<f64>| -> Vec<Option<f64>> {
        rows.iter().map(|row| row.as_ref().ok().and_then(of)).collect()
    };
    Ok(PricedTable {
        value: column(|row| Some(row.value)),
        delta: column(|row| Some(row.delta)),
        net_delta: column(|row| row.net_delta),
        gamma: column(|row| Some(row.gamma)),
        vega: column(|row| Some(row.vega)),
        theta: column(|row| Some(row.theta)),
        vol: column(|row| Some(row.vol)),
        reason: rows.iter().map(|row| row.err()).collect(),
    })
}

/// A row's cells that every model needs.
#[derive(Clone, Copy)]
struct Row {
    index: usize,
    model: Model,
    kind: OptionKind,
    strike: f64,
    years: f64,
}

impl OptionTable {
    /// The number of rows of a table that means something.
    fn check(&self) -> Result<usize, TableError> {
        let missing = |column, needed| Err(TableError::Missing { column, needed });
        let every = "every row needs it";
        match self {
            Self { model: None, .. } => missing("model", every),
            Self { kind: None, .. } => missing("kind", every),
            Self { strike: None, .. } => missing("strike", every),
            Self { spot: None, forward: None, .. } => {
                missing("spot` or `forward", "every row needs one of them")
            }
            Self { spot: Some(_), forward: Some(_), .. } => both("spot", "forward"),
            Self { vol: Some(_), price: Some(_), .. } => both("vol", "price"),
            Self { vol: None, price: None, .. } => {
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
        let mut known = lengths.iter().filter_map(|(column, n)| n.map(|n| (*column, n)));
        let Some((other, expected)) = known.next() else { return Ok(1) };
        match known.find(|(_, found)| *found != expected) {
            Some((column, found)) => Err(TableError::Length { column, found, other, expected }),
            None => Ok(expected),
        }
    }

    fn price(&self, index: usize) -> Result<PricedRow, RowError> {
        let row = self.row(index)?;
        let priced = match row.model {
            Model::Bsm | Model::Black76 => self.black(row),
            Model::Bachelier => self.bachelier(row),
            Model::Inverse => self.inverse(row),
            Model::CashDigital => self.digital(row, DigitalPayoff::Cash(1.0)),
            Model::AssetDigital => self.digital(row, DigitalPayoff::Asset),
        }?;
        let PricedRow { value, delta, net_delta, gamma, vega, theta, vol } = priced;
        let numbers = [value, delta, net_delta.unwrap_or(0.0), gamma, vega, theta, vol];
        if numbers.iter().all(|number| number.is_finite()) {
            Ok(priced)
        } else {
            Err(RowError::Overflow)
        }
    }

    fn row(&self, index: usize) -> Result<Row, RowError> {
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

    /// Spot, or forward, as the model wants it, with the carry between them where it is needed.
    fn underlying(&self, row: Row) -> Result<f64, RowError> {
        let grown = |from: f64, sign: f64| -> Result<f64, RowError> {
            let carry = self.number("carry", self.carry.as_ref(), row)?;
            finite("carry", carry)?;
            moderate("carry x years", carry * row.years)?;
            Ok(from * growth(sign * carry, row.years))
        };
        match (&self.spot, row.model.is_on_spot()) {
            (Some(spot), true) => spot.at(row.index).ok_or(RowError::Blank("spot")),
            (Some(spot), false) => grown(spot.at(row.index).ok_or(RowError::Blank("spot"))?, 1.0),
            (None, on_spot) => {
                let forward = cell(self.forward.as_ref(), row.index);
                let forward = forward.ok_or(RowError::Blank("forward"))?;
                if on_spot { grown(forward, -1.0) } else { Ok(forward) }
            }
        }
    }

    fn number(
        &self,
        name: &'static str,
        column: Option<&Cells<f64>>,
        row: Row,
    ) -> Result<f64, RowError> {
        cell(column, row.index).ok_or(RowError::Empty(name, row.model))
    }

    /// The vol as given, or what `implied` makes of the price.
    fn vol(
        &self,
        row: Row,
        implied: impl FnOnce(f64) -> Result<f64, RowError>,
    ) -> Result<f64, RowError> {
        match &self.vol {
            Some(vol) => {
                let vol = vol.at(row.index).ok_or(RowError::Blank("vol"))?;
                not_negative("vol", vol)?;
                Ok(vol)
            }
            None => implied(cell(self.price.as_ref(), row.index).ok_or(RowError::Blank("price"))?),
        }
    }

    fn black(&self, row: Row) -> Result<PricedRow, RowError> {
        let terms = self.terms(row, |terms, price| {
            let Terms { spot, strike, years, rate, carry, .. } = terms;
            let forward = spot * growth(carry, years);
            Ok(implied_vol(row.kind, forward, strike, years, price / growth(-rate, years))?)
        })?;
        let greeks = black_scholes(row.kind, terms);
        Ok(PricedRow {
            value: greeks.value,
            delta: greeks.delta,
            net_delta: None,
            gamma: greeks.gamma,
            vega: greeks.vega,
            theta: greeks.theta,
            vol: terms.vol,
        })
    }

    fn digital(&self, row: Row, payoff: DigitalPayoff) -> Result<PricedRow, RowError> {
        let terms = self.terms(row, |_, _| Err(RowError::DigitalPrice(row.model)))?;
        let greeks = digital(row.kind, payoff, terms);
        Ok(PricedRow {
            value: greeks.value,
            delta: greeks.delta,
            net_delta: None,
            gamma: greeks.gamma,
            vega: greeks.vega,
            theta: greeks.theta,
            vol: terms.vol,
        })
    }

    /// Terms of the Black-Scholes family, checked.
    fn terms(
        &self,
        row: Row,
        implied: impl FnOnce(Terms, f64) -> Result<f64, RowError>,
    ) -> Result<Terms, RowError> {
        let rate = self.number("rate", self.rate.as_ref(), row)?;
        // A forward does not grow.
        let carry = match row.model {
            Model::Black76 => 0.0,
            _ => self.number("carry", self.carry.as_ref(), row)?,
        };
        let spot = self.underlying(row)?;
        let terms = Terms { spot, strike: row.strike, years: row.years, vol: 0.0, rate, carry };
        terms.check()?;
        Ok(Terms { vol: self.vol(row, |price| implied(terms, price))?, ..terms })
    }

    fn bachelier(&self, row: Row) -> Result<PricedRow, RowError> {
        let Row { kind, strike, years, .. } = row;
        let rate = self.number("rate", self.rate.as_ref(), row)?;
        let forward = self.underlying(row)?;
        let terms = NormalTerms { forward, strike, years, normal_vol: 0.0, rate };
        terms.check()?;
        let normal_vol = self.vol(row, |price| {
            Ok(normal_implied_vol(kind, forward, strike, years, price / growth(-rate, years))?)
        })?;
        let greeks = bachelier(kind, NormalTerms { normal_vol, ..terms });
        Ok(PricedRow {
            value: greeks.value,
            delta: greeks.delta,
            net_delta: None,
            gamma: greeks.gamma,
            vega: greeks.vega,
            theta: greeks.theta,
            vol: normal_vol,
        })
    }

    fn inverse(&self, row: Row) -> Result<PricedRow, RowError> {
        let Row { kind, strike, years, .. } = row;
        let forward = self.underlying(row)?;
        positive("forward", forward)?;
        positive("strike", strike)?;
        let vol =
            self.vol(row, |price| Ok(coin_implied_vol(kind, forward, strike, years, price)?))?;
        let coin = inverse::coin_greeks(kind, forward, strike, years, vol);
        Ok(PricedRow {
            value: coin.value,
            delta: coin.delta,
            net_delta: Some(coin.net_delta),
            gamma: crate::black76(kind, forward, strike, years, vol).gamma,
            vega: coin.vega,
            theta: coin.theta,
            vol,
        })
    }
}

fn both(first: &'static str, second: &'static str) -> Result<usize, TableError> {
    Err(TableError::Both { first, second })
}

fn cell<T: Copy>(column: Option<&Cells<T>>, row: usize) -> Option<T> {
    column.and_then(|cells| cells.at(row))
}
