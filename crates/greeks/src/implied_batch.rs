//! Many implied vols at once.

use hedgerow_core::OptionKind;

use crate::batch::{BatchError, PerOption, check_lengths};
use crate::implied_kernel::ImpliedBlock;
use crate::kernel::BLOCK;
use crate::{ImpliedVolError, implied_vol};

/// Prices of many options.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriceColumns<'a> {
    /// Call or put.
    pub kind: PerOption<'a, OptionKind>,
    /// USD per coin.
    pub forward: PerOption<'a, f64>,
    /// USD per coin.
    pub strike: PerOption<'a, f64>,
    /// To expiry, ACT/365F.
    pub years: PerOption<'a, f64>,
    /// Undiscounted, USD per coin of underlying.
    pub price: PerOption<'a, f64>,
}

/// Implied vols of many options.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImpliedVols {
    /// Annualised, decimal; `None` where the price has no implied vol.
    pub vol: Vec<Option<f64>>,
    /// Why, with the row, in the order of the rows.
    pub failures: Vec<(usize, ImpliedVolError)>,
}

/// Black vols of `n` undiscounted prices, on the calling thread. As [`implied_vol`] within 1e-12 relatively (or within what
/// the price allows, ε price / vega, where that is more), and with its errors row by row. Bits do not depend on how a
/// batch is cut up.
///
/// # Errors
/// [`BatchError::Length`] when columns differ in length.
///
/// ```
/// # use hedgerow_greeks::{BatchError, OptionKind, PerOption, PriceColumns, implied_vol_batch};
/// let prices = PriceColumns {
///     kind: PerOption::All(OptionKind::Put),
///     forward: PerOption::All(60_000.0),
///     strike: PerOption::All(55_000.0),
///     years: PerOption::All(30.0 / 365.0),
///     price: PerOption::Each(&[2_223.880_741_812_16, 0.0]),
/// };
/// let found = implied_vol_batch(&prices, 2)?;
/// assert!((found.vol[0].unwrap() - 0.65).abs() < 1e-13);
/// assert_eq!((found.vol[1], found.failures[0].0), (None, 1));
/// # Ok::<(), BatchError>(())
/// ```
pub fn implied_vol_batch(prices: &PriceColumns<'_>, n: usize) -> Result<ImpliedVols, BatchError> {
    check_lengths(
        n,
        &[
            ("kind", prices.kind.length()),
            ("forward", prices.forward.length()),
            ("strike", prices.strike.length()),
            ("years", prices.years.length()),
            ("price", prices.price.length()),
        ],
    )?;
    let mut found = ImpliedVols { vol: Vec::with_capacity(n), failures: Vec::new() };
    let mut block = ImpliedBlock::new();
    for first in (0..n).step_by(BLOCK) {
        let length = BLOCK.min(n - first);
        prices.kind.fill_signs(&mut block.sign[..length], first);
        prices.forward.fill(&mut block.forward[..length], first);
        prices.strike.fill(&mut block.strike[..length], first);
        prices.years.fill(&mut block.years[..length], first);
        prices.price.fill(&mut block.price[..length], first);
        block.solve();
        for lane in 0..length {
            if block.unsolved[lane] == 0 {
                found.vol.push(Some(block.vol[lane]));
            } else {
                found.solve_alone(&block, lane, first + lane);
            }
        }
    }
    Ok(found)
}

impl ImpliedVols {
    /// The scalar solver, for what the vectors cannot find.
    #[cold]
    fn solve_alone(&mut self, block: &ImpliedBlock, lane: usize, row: usize) {
        let kind = if block.sign[lane] > 0.0 { OptionKind::Call } else { OptionKind::Put };
        let (forward, strike) = (block.forward[lane], block.strike[lane]);
        let solved = implied_vol(kind, forward, strike, block.years[lane], block.price[lane]);
        self.vol.push(solved.ok());
        self.failures.extend(solved.err().map(|error| (row, error)));
    }
}
