//! How far the spot of an asset went within each row's bar.

use std::borrow::Cow;

use crate::{AssetColumns, Contract, Market, Tradable};

/// A column of bars, as it stands with an asset and with a perpetual.
type Side = (fn(&AssetColumns) -> &Option<Vec<f64>>, fn(&Tradable) -> &Option<Vec<f64>>);

const HIGH: Side = (|asset| &asset.high, |perp| &perp.high);
const LOW: Side = (|asset| &asset.low, |perp| &perp.low);

/// The perpetuals that a spot without highs and lows may follow, the first that has them.
const FOLLOWED: [Contract; 2] = [Contract::LinearPerp, Contract::InversePerp];

impl Market {
    /// The highest spot of each row's bar, USD per coin. A spot without a column of highs follows the highs of its perpetual, from
    /// the row before on in proportion, and is never under its own close; `None` where neither has any.
    pub fn highs(&self, asset: usize) -> Option<Cow<'_, [f64]>> {
        self.extremes(asset, HIGH, f64::max)
    }

    /// The same of the lowest spot.
    pub fn lows(&self, asset: usize) -> Option<Cow<'_, [f64]>> {
        self.extremes(asset, LOW, f64::min)
    }

    /// The perpetual whose highs and lows the spot of an asset follows; `None` where it has its own, or there is none.
    pub fn followed(&self, asset: usize) -> Option<&Tradable> {
        let columns = &self.assets()[asset];
        let perps = FOLLOWED.iter().filter_map(|contract| self.tradable(asset, *contract));
        let mut known = perps.filter(|perp| perp.high.is_some() && perp.low.is_some());
        if columns.high.is_some() || columns.low.is_some() { None } else { known.next() }
    }

    fn extremes(
        &self,
        asset: usize,
        (own, of_perp): Side,
        further: fn(f64, f64) -> f64,
    ) -> Option<Cow<'_, [f64]>> {
        let columns = &self.assets()[asset];
        if let Some(own) = own(columns) {
            return Some(Cow::Borrowed(own));
        }
        let perp = self.followed(asset)?;
        let extremes = of_perp(perp).as_ref()?;
        let spot = &columns.spot;
        let followed = extremes.iter().enumerate().map(|(row, extreme)| {
            let before = row.saturating_sub(1);
            further(spot[before] * extreme / perp.price[before], spot[row])
        });
        Some(Cow::Owned(followed.collect()))
    }
}

#[cfg(test)]
mod tests {
    use crate::{AssetColumns, Contract, Market, Timestamp, Tradable};

    /// Spot at 100 and 98, its perp 1 % above it and down to 90.9 in between: 101 is to 90.9 as 100 is to 90.
    #[test]
    fn a_spot_without_bars_follows_its_perpetual() {
        let asset = |low: Option<Vec<f64>>| AssetColumns {
            name: "BTC".to_owned(),
            spot: vec![100.0, 98.0],
            open: None,
            high: low.clone(),
            low,
        };
        let perp = |low: Option<Vec<f64>>| Tradable {
            name: "BTC perp".to_owned(),
            asset: 0,
            contract: Contract::LinearPerp,
            price: vec![101.0, 99.0],
            open: None,
            high: low.as_ref().map(|_| vec![101.0, 101.0]),
            low,
            funding: None,
            marked_at_spot: false,
        };
        let time = || (1..=2).map(Timestamp::from_millis).collect();
        let market = |own, of_perp| {
            Market::new(time(), vec![asset(own)], vec![perp(of_perp)], vec![]).unwrap()
        };
        let follows = market(None, Some(vec![101.0, 90.9]));
        let (highs, lows) = (follows.highs(0).unwrap(), follows.lows(0).unwrap());
        assert!((lows[1] - 90.0).abs() < 1e-12 && (highs[1] - 100.0).abs() < 1e-12);
        assert_eq!(follows.followed(0).map(|perp| &*perp.name), Some("BTC perp"));
        let own = market(Some(vec![100.0, 95.0]), Some(vec![101.0, 90.9]));
        assert_eq!(&*own.lows(0).unwrap(), [100.0, 95.0]);
        assert!(market(None, None).lows(0).is_none());
    }
}
