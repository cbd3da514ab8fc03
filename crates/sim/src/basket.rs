//! Hedges of a basket of assets with several instruments at once, by joint minimum variance.
//!
//! Each asset's return is explained by the instruments' returns (least variance of what is left; [`multivariate`]). The
//! solution is linear in the book, so the hedge of a book is the sum over its assets of USD delta times the asset's
//! ratios: the same as solving for the book's own return at each row, and it follows the deltas without a new fit.
//!
//! [`multivariate`]: crate::ratio::multivariate

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;

use hedgerow_core::{Exposure, Market, Track};

use crate::ratio::History;
use crate::ratio::multivariate::rolling_minimum_variance;

/// How the ratios of a basket are estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Basket {
    /// Days of returns that an estimate is made from.
    pub window_days: f64,
    /// Rows from one estimate to the next.
    pub refit_rows: NonZeroUsize,
    /// Added to the instruments' variances, as a fraction of their mean; 0 for none.
    pub ridge: f64,
}

impl Basket {
    /// The coins of each instrument's asset that the book is worth at each row of `rows`, out of sample: what a leg holds
    /// minus of with [`Against::Column`](crate::Against::Column). `None` until a window has passed.
    ///
    /// `full` and `tracks` are the whole history, `exposure` that of `rows`.
    pub fn columns(
        &self,
        full: &Market,
        tracks: &[&Track],
        exposure: &Exposure,
        rows: &Range<usize>,
    ) -> Vec<Arc<Vec<Option<f64>>>> {
        let returns: Vec<Vec<f64>> = tracks
            .iter()
            .map(|track| History::new(full, track.asset, track).hedge_return)
            .collect();
        let instruments: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
        let mut columns = vec![vec![Some(0.0); rows.len()]; tracks.len()];
        for (asset, slopes) in exposure.slopes.iter().enumerate() {
            if slopes.delta.iter().all(|delta| *delta == 0.0) {
                continue;
            }
            let own = History::new(full, asset, tracks[0]).spot_return;
            let ratios = rolling_minimum_variance(
                full.time(),
                (&instruments, &own),
                self.window_days,
                self.refit_rows,
                self.ridge,
            );
            let spot = &full.assets()[asset].spot;
            for (instrument, column) in columns.iter_mut().enumerate() {
                let traded = &full.assets()[tracks[instrument].asset].spot;
                for (i, cell) in column.iter_mut().enumerate() {
                    let row = rows.start + i;
                    let usd = slopes.delta[i] * spot[row];
                    let ratio = ratios[row].as_ref().map(|ratios| ratios[instrument]);
                    *cell = cell.zip(ratio).map(|(sum, ratio)| sum + ratio * usd / traded[row]);
                }
            }
        }
        columns.into_iter().map(Arc::new).collect()
    }
}
