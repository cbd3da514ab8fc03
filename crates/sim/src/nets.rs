//! What is left of the book's slopes after the legs so far, for a block of rows.

use std::ops::Range;

use hedgerow_core::{Exposure, Market, Series};

use crate::{Against, Leg};

/// Net slopes of the book and the legs so far, a column per asset, one entry per row of the block.
#[derive(Debug, Default)]
pub(crate) struct Nets {
    /// Coins.
    pub(crate) delta: Vec<Vec<f64>>,
    /// Coins per USD; no columns unless a leg is against gamma, or needs it for the size of orders that rest.
    pub(crate) gamma: Vec<Vec<f64>>,
    /// USD per 1.00 of vol; no columns unless a leg is against vega.
    pub(crate) vega: Vec<Vec<f64>>,
}

impl Nets {
    /// The book's own slopes at `rows`, those that `legs` ask for.
    pub(crate) fn restart(&mut self, exposure: &Exposure, legs: Asked, rows: &Range<usize>) {
        let n_assets = exposure.slopes.len();
        let needed = |asked: bool| if asked { n_assets } else { 0 };
        self.delta.resize(n_assets, Vec::new());
        self.gamma.resize(needed(legs.gamma), Vec::new());
        self.vega.resize(needed(legs.vega), Vec::new());
        let copy = |net: &mut Vec<f64>, column: &[f64]| {
            net.clear();
            net.extend_from_slice(&column[rows.clone()]);
        };
        for (asset, slopes) in exposure.slopes.iter().enumerate() {
            copy(&mut self.delta[asset], &slopes.delta);
            self.gamma.get_mut(asset).into_iter().for_each(|net| copy(net, &slopes.gamma));
            self.vega.get_mut(asset).into_iter().for_each(|net| copy(net, &slopes.vega));
        }
    }

    /// Adds what a leg will hold after each row from `start` on.
    ///
    /// A leg that hedges one asset's delta with another's instrument is a hedge of the first, for as much as it is worth, and
    /// no exposure to the second: legs after it hedge what it leaves, and do not undo it. What it holds against the account's
    /// coins `one_to_one` is a hedge of the second.
    pub(crate) fn hold(
        &mut self,
        (leg, market): (&Leg, &Market),
        start: usize,
        targets: &[f64],
        one_to_one: &[f64],
    ) {
        let track = &*leg.track;
        let hedges_delta = matches!(leg.against, Against::Delta | Against::Account);
        if track.asset == leg.asset || !hedges_delta {
            add(&mut self.delta[track.asset], &track.delta, start, targets);
        } else {
            let (own, other) = (leg.asset, track.asset);
            let spot = |asset: usize, row: usize| market.assets()[asset].spot[row];
            for (i, target) in targets.iter().enumerate() {
                let (row, coins) = (start + i, one_to_one.get(i).copied().unwrap_or(0.0));
                let rest = target * track.delta.at(row) + coins;
                self.delta[other][i] -= coins;
                self.delta[own][i] += rest * spot(other, row) / spot(own, row);
            }
        }
        if let Some(net) = self.gamma.get_mut(track.asset) {
            add(net, &track.gamma, start, targets);
        }
        if let Some(net) = self.vega.get_mut(track.asset) {
            add(net, &track.vega, start, targets);
        }
    }

    /// Net delta of all assets, in coins of `asset` that are worth as much, at each row from `start` on; written over `sum`.
    pub(crate) fn portfolio(
        &self,
        market: &Market,
        asset: usize,
        start: usize,
        sum: &mut Vec<f64>,
    ) {
        let n_rows = self.delta[asset].len();
        sum.clear();
        sum.resize(n_rows, 0.0);
        for (net, columns) in self.delta.iter().zip(market.assets()) {
            let spots = &columns.spot[start..start + n_rows];
            sum.iter_mut().zip(net).zip(spots).for_each(|((sum, net), spot)| *sum += net * spot);
        }
        let spots = &market.assets()[asset].spot[start..start + n_rows];
        sum.iter_mut().zip(spots).for_each(|(sum, spot)| *sum /= spot);
    }
}

fn add(net: &mut [f64], unit: &Series, start: usize, targets: &[f64]) {
    match unit {
        Series::Constant(unit) => {
            net.iter_mut().zip(targets).for_each(|(net, target)| *net += target * unit);
        }
        Series::Rows(unit) => {
            let units = &unit[start..start + targets.len()];
            net.iter_mut()
                .zip(targets)
                .zip(units)
                .for_each(|((net, target), unit)| *net += target * unit);
        }
    }
}

/// Which nets a strategy's legs are against beside delta.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    gamma: bool,
    vega: bool,
}

impl Asked {
    pub(crate) fn by<'a>(legs: impl IntoIterator<Item = &'a Leg>) -> Self {
        legs.into_iter().fold(Self::default(), |asked, leg| Self {
            gamma: asked.gamma || leg.against == Against::Gamma || leg.rests(),
            vega: asked.vega || leg.against == Against::Vega,
        })
    }
}
