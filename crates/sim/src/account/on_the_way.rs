//! Prices within a bar.
//!
//! Every price goes on a straight line from its bar's open, or from the row before where it has no opens, to the bar's highest or
//! lowest price, all of them at once. A perpetual with highs and lows of its own goes to these; every other contract keeps its
//! ratio to the spot as of the row before; a spot without any follows its perpetual ([`Market::highs`]). An asset of which nothing
//! of the kind is known stays at its open. Options are marked as at the row before, but for the spot: their values and
//! requirements are straight lines between the two prices of the spot at which they are known.

use std::borrow::Cow;

use hedgerow_core::{AssetColumns, Contract, Market, Track, Tradable};

use super::standing::{At, OptionsAt, Point};

/// Opens, highs and lows of one thing.
#[derive(Debug)]
struct Bars<'a> {
    open: Option<&'a [f64]>,
    high: Cow<'a, [f64]>,
    low: Cow<'a, [f64]>,
}

impl<'a> Bars<'a> {
    fn of_asset(market: &'a Market, asset: usize) -> Option<Self> {
        let (high, low) = (market.highs(asset)?, market.lows(asset)?);
        Some(Self { open: market.assets()[asset].open.as_deref(), high, low })
    }

    /// A perpetual's own; `None` where it keeps its ratio to the spot.
    fn of_track(market: &'a Market, track: &Track) -> Option<Self> {
        let is_perp =
            |contract: &Contract| matches!(contract, Contract::LinearPerp | Contract::InversePerp);
        let contract = track.contract.filter(is_perp)?;
        let Tradable { open, high, low, .. } = market.tradable(track.asset, contract)?;
        let (high, low) = (high.as_deref()?, low.as_deref()?);
        Some(Self { open: open.as_deref(), high: Cow::Borrowed(high), low: Cow::Borrowed(low) })
    }

    fn extreme(&self, row: usize, at: At) -> f64 {
        if at == At::High { self.high[row] } else { self.low[row] }
    }

    /// Price at a share of the way, given that of the row before.
    fn on_the_way(&self, row: usize, (at, share): (At, f64), before: f64) -> f64 {
        between(self.open.map_or(before, |open| open[row]), self.extreme(row, at), share)
    }
}

/// Where prices go within bars.
#[derive(Debug)]
pub(crate) struct Ways<'a> {
    assets: Vec<Option<Bars<'a>>>,
    legs: Vec<Option<Bars<'a>>>,
}

impl<'a> Ways<'a> {
    pub(super) fn new(market: &'a Market, tracks: &[&Track]) -> Self {
        Self {
            assets: (0..market.assets().len()).map(|asset| Bars::of_asset(market, asset)).collect(),
            legs: tracks.iter().map(|track| Bars::of_track(market, track)).collect(),
        }
    }

    /// Whether anything is known of the ways of any price.
    pub(super) fn are_known(&self) -> bool {
        self.assets.iter().any(Option::is_some)
    }

    /// Prices at a share of the way to an extreme, written over `point`.
    pub(super) fn go(
        &self,
        (market, tracks): (&Market, &[&Track]),
        row: usize,
        (at, share): (At, f64),
        point: &mut Point,
    ) {
        let assets = market.assets();
        (point.row, point.at) = (row, at);
        for (asset, columns) in assets.iter().enumerate() {
            let before = columns.spot[row - 1];
            let spot = match &self.assets[asset] {
                Some(bars) => bars.on_the_way(row, (at, share), before),
                None => opened(columns, row),
            };
            point.spot[asset] = spot;
            point.along[asset] = match &self.assets[asset] {
                Some(_) if share >= 1.0 => 1.0,
                Some(bars) => along(before, spot, bars.extreme(row, at)),
                None => 0.0,
            };
        }
        for (leg, track) in tracks.iter().enumerate() {
            let spot = point.spot[track.asset];
            point.price[leg] = match (&self.legs[leg], &track.margin) {
                (Some(bars), _) => bars.on_the_way(row, (at, share), track.price[row - 1]),
                (None, Some(margin)) if track.contract.is_none() => {
                    OptionsAt::new(margin, point, track.asset).value(spot)
                }
                _ => track.price[row - 1] * spot / assets[track.asset].spot[row - 1],
            };
        }
    }
}

/// The price at which a bar opens; that of the row before where it has no opens.
fn opened(columns: &AssetColumns, row: usize) -> f64 {
    columns.open.as_ref().map_or(columns.spot[row - 1], |open| open[row])
}

/// Share of the way from one price to another at which a third lies, 0 to 1.
fn along(from: f64, price: f64, to: f64) -> f64 {
    if (to - from).abs() > 0.0 { ((price - from) / (to - from)).clamp(0.0, 1.0) } else { 1.0 }
}

pub(super) fn between(from: f64, to: f64, share: f64) -> f64 {
    if share >= 1.0 { to } else { from + share * (to - from) }
}
