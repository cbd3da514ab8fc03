//! Where an account's cash and coins are: at the venue, in the treasury, or on their way.

use hedgerow_core::{Market, Timestamp};

use super::AccountTerms;

/// Cash and coins of one place.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Place {
    pub(crate) usd: f64,
    pub(crate) coins: Vec<f64>,
}

impl Place {
    pub(crate) fn empty(n_assets: usize) -> Self {
        Self { usd: 0.0, coins: vec![0.0; n_assets] }
    }

    /// What is there before the first row: USD are held in the stablecoin that stands for them, bought at the first row's price.
    pub(crate) fn opening(
        market: &Market,
        (usd, coins): (f64, &[f64]),
        paid_in: Option<usize>,
    ) -> Self {
        let mut place = Self { usd: 0.0, coins: coins.to_vec() };
        match paid_in {
            None => place.usd = usd,
            Some(asset) => place.coins[asset] += usd / market.assets()[asset].spot[0],
        }
        place
    }

    /// Becomes the same as another, without new memory.
    pub(crate) fn copy(&mut self, other: &Self) {
        self.usd = other.usd;
        self.coins.clone_from(&other.coins);
    }

    /// USD at these spots.
    pub(crate) fn value(&self, spot: &[f64]) -> f64 {
        self.usd + self.coins.iter().zip(spot).map(|(coins, spot)| coins * spot).sum::<f64>()
    }

    pub(crate) fn add(&mut self, more: &Self) {
        self.usd += more.usd;
        self.coins.iter_mut().zip(&more.coins).for_each(|(coins, more)| *coins += more);
    }

    fn take(&mut self, less: &Self) {
        self.usd -= less.usd;
        self.coins.iter_mut().zip(&less.coins).for_each(|(coins, less)| *coins -= less);
    }

    /// Adds interest over a time, each paid in what it is earned in; answers with its USD at these spots.
    pub(crate) fn accrue(
        &mut self,
        years: f64,
        rate: f64,
        terms: &AccountTerms,
        spot: impl Fn(usize) -> f64,
    ) -> f64 {
        let usd = self.usd * (terms.usd_rate(self.usd, rate) * years).exp_m1();
        self.usd += usd;
        let mut sum = usd;
        for (asset, coins) in self.coins.iter_mut().enumerate() {
            let earned = *coins * (terms.coin_rate(asset, *coins) * years).exp_m1();
            *coins += earned;
            sum += earned * spot(asset);
        }
        sum
    }

    /// Pays an amount in USD, or in the stablecoin that stands for them, or in a coin.
    #[inline]
    pub(crate) fn pay(&mut self, usd: f64, coin: Option<usize>, spot: &[f64]) {
        match coin {
            None => self.usd += usd,
            Some(asset) => self.coins[asset] += usd / spot[asset],
        }
    }

    /// At most `usd` USD worth of what is here, of which only `1 − haircut` counts: cash first, then the stablecoin that stands
    /// for it, then coins in the order of the assets.
    fn part(&self, usd: f64, worth: Worth<'_>) -> Self {
        let Worth { spot, haircut, paid_in } = worth;
        let mut part = Self::empty(self.coins.len());
        part.usd = self.usd.max(0.0).min(usd);
        let mut missing = usd - part.usd;
        let others = (0..self.coins.len()).filter(|asset| Some(*asset) != paid_in);
        for asset in paid_in.into_iter().chain(others) {
            let counts = spot[asset] * (1.0 - haircut[asset]);
            if missing > 0.0 && counts > 0.0 {
                part.coins[asset] = self.coins[asset].max(0.0).min(missing / counts);
                missing -= part.coins[asset] * counts;
            }
        }
        part
    }
}

/// What coins count for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Worth<'a> {
    pub(crate) spot: &'a [f64],
    pub(crate) haircut: &'a [f64],
    /// The stablecoin that stands for USD.
    pub(crate) paid_in: Option<usize>,
}

/// Which way a transfer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    ToVenue,
    ToTreasury,
}

/// Money on its way; it earns nothing there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Transfer {
    pub(crate) way: Way,
    pub(crate) arrives: Timestamp,
    pub(crate) what: Place,
}

/// All places.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Places {
    pub(crate) venue: Place,
    pub(crate) treasury: Place,
    /// In the order in which they were sent.
    pub(crate) transfers: Vec<Transfer>,
}

impl Places {
    /// Sends what can be sent of `usd` USD; `None` where there is nothing to send. Answers with its USD at these spots.
    pub(crate) fn send(
        &mut self,
        way: Way,
        usd: f64,
        arrives: Timestamp,
        worth: Worth<'_>,
    ) -> Option<f64> {
        let from = match way {
            Way::ToVenue => &mut self.treasury,
            Way::ToTreasury => &mut self.venue,
        };
        let what = from.part(usd, worth);
        let sent = what.value(worth.spot);
        (sent > 0.0).then(|| {
            from.take(&what);
            self.transfers.push(Transfer { way, arrives, what });
            sent
        })
    }

    /// Takes in what has arrived; answers with each way and its USD at these spots.
    pub(crate) fn arrive(&mut self, now: Timestamp, spot: &[f64]) -> Vec<(Way, f64)> {
        let arrived = self.transfers.extract_if(.., |transfer| transfer.arrives <= now);
        let mut list = Vec::new();
        for Transfer { way, what, .. } in arrived {
            match way {
                Way::ToVenue => self.venue.add(&what),
                Way::ToTreasury => self.treasury.add(&what),
            }
            list.push((way, what.value(spot)));
        }
        list
    }

    /// Whether money is on its way.
    pub(crate) fn is_sending(&self, way: Way) -> bool {
        self.transfers.iter().any(|transfer| transfer.way == way)
    }

    /// USD that are not at the venue.
    pub(crate) fn elsewhere(&self, spot: &[f64]) -> f64 {
        let on_its_way = self.transfers.iter().map(|transfer| transfer.what.value(spot));
        self.treasury.value(spot) + on_its_way.sum::<f64>()
    }

    /// USD in all places.
    pub(crate) fn usd(&self) -> f64 {
        let on_its_way = self.transfers.iter().map(|transfer| transfer.what.usd);
        self.venue.usd + self.treasury.usd + on_its_way.sum::<f64>()
    }

    /// Coins of an asset in all places.
    pub(crate) fn coins(&self, asset: usize) -> f64 {
        let on_its_way = self.transfers.iter().map(|transfer| transfer.what.coins[asset]);
        self.venue.coins[asset] + self.treasury.coins[asset] + on_its_way.sum::<f64>()
    }
}
