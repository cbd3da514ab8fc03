//! Many options at once, as columns.

use hedgerow_core::OptionKind;

use crate::input_error::InputError;
use crate::kernel::{BLOCK, Block};

/// A column of a batch: one value for all options, or one for each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PerOption<'a, T> {
    /// The same for every option.
    All(T),
    /// One per option.
    Each(&'a [T]),
}

impl<T> PerOption<'_, T> {
    pub(crate) fn length(&self) -> Option<usize> {
        match self {
            Self::All(_) => None,
            Self::Each(values) => Some(values.len()),
        }
    }
}

impl PerOption<'_, f64> {
    /// Writes options `first..` into a block's column.
    #[inline]
    pub(crate) fn fill(&self, lanes: &mut [f64], first: usize) {
        match self {
            Self::All(value) => lanes.fill(*value),
            Self::Each(values) => lanes.copy_from_slice(&values[first..first + lanes.len()]),
        }
    }
}

impl PerOption<'_, OptionKind> {
    /// Writes w of options `first..` into a block's column.
    #[inline]
    pub(crate) fn fill_signs(&self, lanes: &mut [f64], first: usize) {
        match self {
            Self::All(kind) => lanes.fill(kind.sign()),
            Self::Each(kinds) => {
                for (sign, kind) in lanes.iter_mut().zip(&kinds[first..]) {
                    *sign = kind.sign();
                }
            }
        }
    }
}

/// Checks that every column has one value or `n` of them.
pub(crate) fn check_lengths(
    n: usize,
    columns: &[(&'static str, Option<usize>)],
) -> Result<(), BatchError> {
    let wrong = columns.iter().find_map(|(column, length)| {
        length.filter(|found| *found != n).map(|found| (*column, found))
    });
    match wrong {
        Some((column, found)) => Err(BatchError::Length { column, found, expected: n }),
        None => Ok(()),
    }
}

/// Terms of many options; fields and units as in [`Terms`](crate::Terms).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptionColumns<'a> {
    /// Call or put.
    pub kind: PerOption<'a, OptionKind>,
    /// USD per coin.
    pub spot: PerOption<'a, f64>,
    /// USD per coin.
    pub strike: PerOption<'a, f64>,
    /// To expiry, ACT/365F.
    pub years: PerOption<'a, f64>,
    /// Annualised, decimal.
    pub vol: PerOption<'a, f64>,
    /// Continuous USD rate per year, decimal.
    pub rate: PerOption<'a, f64>,
    /// Continuous cost of carry per year, decimal.
    pub carry: PerOption<'a, f64>,
}

/// Values and slopes of many options; units as in [`Greeks`](crate::Greeks).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GreekColumns {
    /// USD.
    pub value: Vec<f64>,
    /// Coins.
    pub delta: Vec<f64>,
    /// Coins per USD of spot.
    pub gamma: Vec<f64>,
    /// USD per 1.00 of vol.
    pub vega: Vec<f64>,
    /// USD per year that passes.
    pub theta: Vec<f64>,
}

/// Why a batch was not priced.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum BatchError {
    /// Columns of different lengths.
    #[error("column `{column}` has {found} rows, expected {expected}")]
    Length {
        /// Which column.
        column: &'static str,
        /// Its length.
        found: usize,
        /// That of the result.
        expected: usize,
    },
    /// An option that cannot be priced.
    #[error("row {row}: {error}")]
    Row {
        /// From 0.
        row: usize,
        /// What is wrong with it.
        error: InputError,
    },
}

impl OptionColumns<'_> {
    fn fill(&self, block: &mut Block, first: usize, n: usize) {
        self.kind.fill_signs(&mut block.sign[..n], first);
        self.spot.fill(&mut block.spot[..n], first);
        self.strike.fill(&mut block.strike[..n], first);
        self.years.fill(&mut block.years[..n], first);
        self.vol.fill(&mut block.vol[..n], first);
        self.rate.fill(&mut block.rate[..n], first);
        self.carry.fill(&mut block.carry[..n], first);
    }
}

impl GreekColumns {
    /// `n` options of no value.
    pub fn zero(n: usize) -> Self {
        let zeros = || vec![0.0; n];
        Self { value: zeros(), delta: zeros(), gamma: zeros(), vega: zeros(), theta: zeros() }
    }

    fn resize(&mut self, n: usize) {
        for column in
            [&mut self.value, &mut self.delta, &mut self.gamma, &mut self.vega, &mut self.theta]
        {
            column.resize(n, 0.0);
        }
    }

    fn copy_from(&mut self, block: &Block, first: usize, n: usize) {
        let rows = first..first + n;
        self.value[rows.clone()].copy_from_slice(&block.value[..n]);
        self.delta[rows.clone()].copy_from_slice(&block.delta[..n]);
        self.gamma[rows.clone()].copy_from_slice(&block.gamma[..n]);
        self.vega[rows.clone()].copy_from_slice(&block.vega[..n]);
        self.theta[rows].copy_from_slice(&block.theta[..n]);
    }
}

/// Values `n` options on the calling thread; formulas and limits as in [`black_scholes`](crate::black_scholes()), from which
/// the result differs by less than 1e-14 of spot and strike (times their discount factors).
///
/// The columns of `greeks` are used again if they are long enough. Bits do not depend on the number of options, on the
/// place of an option among them, or on how a batch is cut up for threads. They may differ in the last places between
/// machines with and without fused multiply-add.
///
/// # Errors
/// [`BatchError`] when columns differ in length, or for the first option whose terms [`Terms::check`](crate::Terms::check) refuses; `greeks` is
/// then empty.
///
/// ```
/// # use hedgerow_greeks::{GreekColumns, OptionColumns, OptionKind, PerOption, black_scholes_batch};
/// let options = OptionColumns {
///     kind: PerOption::All(OptionKind::Call),
///     spot: PerOption::All(100.0),
///     strike: PerOption::Each(&[90.0, 100.0, 110.0]),
///     years: PerOption::All(1.0),
///     vol: PerOption::All(0.2),
///     rate: PerOption::All(0.05),
///     carry: PerOption::All(0.05),
/// };
/// let mut greeks = GreekColumns::default();
/// black_scholes_batch(&options, 3, &mut greeks)?;
/// assert!((greeks.value[1] - 10.450_583_572_185_57).abs() < 1e-12);
/// # Ok::<(), hedgerow_greeks::BatchError>(())
/// ```
pub fn black_scholes_batch(
    options: &OptionColumns<'_>,
    n: usize,
    greeks: &mut GreekColumns,
) -> Result<(), BatchError> {
    let priced = price_blocks(options, n, greeks);
    if priced.is_err() {
        greeks.resize(0);
    }
    priced
}

fn price_blocks(
    options: &OptionColumns<'_>,
    n: usize,
    greeks: &mut GreekColumns,
) -> Result<(), BatchError> {
    check_lengths(
        n,
        &[
            ("kind", options.kind.length()),
            ("spot", options.spot.length()),
            ("strike", options.strike.length()),
            ("years", options.years.length()),
            ("vol", options.vol.length()),
            ("rate", options.rate.length()),
            ("carry", options.carry.length()),
        ],
    )?;
    greeks.resize(n);
    let mut block = Block::new();
    for first in (0..n).step_by(BLOCK) {
        let length = BLOCK.min(n - first);
        options.fill(&mut block, first, length);
        block
            .price(length)
            .map_err(|(lane, error)| BatchError::Row { row: first + lane, error })?;
        greeks.copy_from(&block, first, length);
    }
    Ok(())
}
