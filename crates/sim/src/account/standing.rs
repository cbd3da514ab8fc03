//! How an account stands at its venue at some prices: margin equity against what is asked.

use hedgerow_core::{Contract, Exposure, Market, OptionMargin, OptionMarginAt, Track};

use super::on_the_way::{Ways, between};
use super::places::Place;
use super::terms::MarginTerms;
use crate::margin::{ContractHeld, Held, OptionsHeld, Requirement};

/// Which prices of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum At {
    /// The row's marks, for what is held after it.
    #[default]
    Mark,
    /// The bar's highest prices, for what is held into it.
    High,
    /// The bar's lowest prices, for what is held into it.
    Low,
}

/// Prices at which an account is looked at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Point {
    pub(crate) row: usize,
    pub(crate) at: At,
    /// Share of the way from the row before to the extreme, one per asset; no meaning at marks.
    pub(crate) along: Vec<f64>,
    /// USD per coin, one per asset.
    pub(crate) spot: Vec<f64>,
    /// Price of each leg's instrument, USD.
    pub(crate) price: Vec<f64>,
}

impl Point {
    pub(crate) fn new(n_assets: usize, n_legs: usize) -> Self {
        let (along, spot) = (vec![0.0; n_assets], vec![0.0; n_assets]);
        Self { row: 0, at: At::Mark, along, spot, price: vec![0.0; n_legs] }
    }
}

/// How an account stands, USD.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Standing {
    pub(crate) equity: f64,
    pub(crate) asked: Requirement,
}

impl Standing {
    /// Equity over so many times the maintenance margin, USD; negative where it is under.
    pub(crate) fn above(&self, ratio: f64) -> f64 {
        self.equity - ratio * self.asked.maintenance
    }

    /// Equity over maintenance margin; `None` where nothing is asked.
    pub(crate) fn ratio(&self) -> Option<f64> {
        (self.asked.maintenance > 0.0).then(|| self.equity / self.asked.maintenance)
    }

    /// Whether it has more equity over maintenance margin than another.
    pub(crate) fn is_safer_than(&self, other: &Self) -> bool {
        match (self.ratio(), other.ratio()) {
            (Some(own), Some(other)) => own > other * (1.0 + 1e-12),
            (None, Some(_)) => self.equity >= 0.0,
            (_, None) => false,
        }
    }

    /// USD over the initial margin; negative where it is under.
    pub(crate) fn free(&self) -> f64 {
        self.equity - self.asked.initial
    }
}

/// What is held at a venue, and how the venue looks at it.
#[derive(Debug)]
pub(crate) struct Venue<'a> {
    pub(crate) market: &'a Market,
    pub(crate) exposure: &'a Exposure,
    pub(crate) tracks: Vec<&'a Track>,
    pub(crate) terms: &'a MarginTerms,
    pub(crate) ways: Ways<'a>,
    /// Whether the book is (still) held there.
    pub(crate) holds_book: bool,
    /// The stablecoin that stands for USD.
    paid_in: Option<usize>,
    contracts: Vec<ContractHeld>,
    options: Vec<OptionsHeld>,
    /// One per asset.
    spot: Vec<SpotHeld>,
}

/// What the legs hold of a coin, both at least 0.
#[derive(Debug, Clone, Copy, Default)]
struct SpotHeld {
    bought: f64,
    sold: f64,
}

impl<'a> Venue<'a> {
    pub(crate) fn new(
        market: &'a Market,
        exposure: &'a Exposure,
        tracks: Vec<&'a Track>,
        (terms, paid_in): (&'a MarginTerms, Option<usize>),
    ) -> Self {
        let options = market.assets().iter().map(|_| OptionsHeld::default()).collect();
        let spot = market.assets().iter().map(|_| SpotHeld::default()).collect();
        let holds_book = terms.holds_book();
        let contracts = Vec::with_capacity(tracks.len());
        let ways = Ways::new(market, &tracks);
        Self {
            market,
            exposure,
            tracks,
            terms,
            ways,
            holds_book,
            paid_in,
            contracts,
            options,
            spot,
        }
    }

    /// The prices of a row's marks, written over `point`.
    pub(crate) fn mark(&self, row: usize, point: &mut Point) {
        (point.row, point.at) = (row, At::Mark);
        for (spot, asset) in point.spot.iter_mut().zip(self.market.assets()) {
            *spot = asset.spot[row];
        }
        for (price, track) in point.price.iter_mut().zip(&self.tracks) {
            *price = track.price[row];
        }
    }

    /// With so much cash and so many coins, and so many units of each leg.
    pub(crate) fn standing(&mut self, point: &Point, place: &Place, units: &[f64]) -> Standing {
        let mut equity = place.usd;
        self.contracts.clear();
        self.spot.fill(SpotHeld::default());
        for asset in 0..self.options.len() {
            equity += self.book(asset, point);
        }
        for (leg, units) in units.iter().enumerate() {
            equity += self.leg(leg, *units, point);
        }
        for asset in 0..self.options.len() {
            equity += self.counted(asset, self.coins(asset, place), point.spot[asset]);
        }
        let mut asked = self.terms.margin.requirement(&Held {
            time: self.market.time()[point.row],
            spot: &point.spot,
            contracts: &self.contracts,
            options: &self.options,
        });
        let owed = self.owed(point, place);
        asked.initial += self.terms.spot.initial * owed;
        asked.maintenance += self.terms.spot.maintenance * owed;
        Standing { equity, asked }
    }

    /// All coins of an asset: of the account, of the book where it is held here, and of spot legs.
    fn coins(&self, asset: usize, place: &Place) -> f64 {
        let SpotHeld { bought, sold } = self.spot[asset];
        let book = if self.holds_book { self.exposure.slopes[asset].coins } else { 0.0 };
        place.coins[asset] + book + bought - sold
    }

    /// USD owed for spot legs: coins sold that the account did not have, and USD that paid for coins bought.
    fn owed(&self, point: &Point, place: &Place) -> f64 {
        let (mut coins, mut bought) = (0.0, 0.0);
        for (asset, spot) in self.spot.iter().enumerate() {
            let held = self.coins(asset, place);
            coins += spot.sold.min((-held).max(0.0)) * point.spot[asset];
            bought += spot.bought.min(held.max(0.0)) * point.spot[asset];
        }
        let stablecoins = self.paid_in.map_or(0.0, |asset| place.coins[asset] * point.spot[asset]);
        coins + bought.min((-place.usd - stablecoins).max(0.0))
    }

    /// Coins as collateral, USD; those owed count in full.
    fn counted(&self, asset: usize, coins: f64, spot: f64) -> f64 {
        let keeps = if coins > 0.0 { 1.0 - self.terms.haircut[asset] } else { 1.0 };
        coins * spot * keeps
    }

    /// Starts an asset's options with those of the book; answers with what they count in equity.
    fn book(&mut self, asset: usize, point: &Point) -> f64 {
        let held = &mut self.options[asset];
        held.initial = 0.0;
        held.maintenance = 0.0;
        held.sold = 0.0;
        held.shocked.fill(0.0);
        if !self.holds_book {
            return 0.0;
        }
        let slopes = &self.exposure.slopes[asset];
        let mut equity = 0.0;
        if let Some(margin) = &slopes.margin {
            let of = OptionsAt::new(margin, point, asset);
            of.add_to(&mut self.options[asset], 1.0, 1.0);
            if self.terms.counts_options {
                equity += of.value(point.spot[asset]);
            }
        }
        equity
    }

    /// Adds a leg to what is held; answers with what it counts in equity.
    fn leg(&mut self, leg: usize, units: f64, point: &Point) -> f64 {
        let track = self.tracks[leg];
        let (asset, price) = (track.asset, point.price[leg]);
        match track.contract {
            Some(Contract::Spot) => {
                let held = &mut self.spot[asset];
                held.bought += units.max(0.0);
                held.sold += (-units).max(0.0);
                0.0
            }
            Some(contract) => {
                let coins = if contract.is_inverse() { units / price } else { units };
                let same =
                    |held: &&mut ContractHeld| held.asset == asset && held.contract == contract;
                match self.contracts.iter_mut().find(same) {
                    Some(held) => held.coins += coins,
                    None => self.contracts.push(ContractHeld { asset, contract, coins, price }),
                }
                0.0
            }
            None => {
                let margin = track.margin.as_ref();
                let margin = margin.expect("option legs under a margin model have its columns");
                let of = OptionsAt::new(margin, point, asset);
                of.add_to(&mut self.options[asset], (-units).max(0.0), units);
                let value = units * of.value(point.spot[asset]);
                if self.terms.counts_options { value } else { 0.0 }
            }
        }
    }
}

/// What is known of the options of one asset at a point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OptionsAt<'a> {
    to: &'a OptionMarginAt,
    row: usize,
    /// The columns at the row before, and the share of the way from there.
    from: Option<(&'a OptionMarginAt, f64)>,
}

impl<'a> OptionsAt<'a> {
    /// Within a bar of which no extremes are known: as at the row before.
    pub(crate) fn new(margin: &'a OptionMargin, point: &Point, asset: usize) -> Self {
        let (mark, row) = (&margin.at_mark, point.row);
        let to = match point.at {
            At::Mark => return Self { to: mark, row, from: None },
            At::High => margin.at_high.as_ref(),
            At::Low => margin.at_low.as_ref(),
        };
        let along = point.along[asset];
        to.map_or(Self { to: mark, row: row - 1, from: None }, |to| Self {
            to,
            row,
            from: (along < 1.0).then_some((mark, along)),
        })
    }

    /// One figure; 0 of what was not asked for.
    pub(crate) fn of(&self, column: impl Fn(&'a OptionMarginAt) -> &'a [f64]) -> f64 {
        let at = |columns: &'a OptionMarginAt, row: usize| {
            column(columns).get(row).copied().unwrap_or(0.0)
        };
        let to = at(self.to, self.row);
        self.from.map_or(to, |(from, share)| between(at(from, self.row - 1), to, share))
    }

    /// Value in USD at this spot.
    pub(crate) fn value(&self, spot: f64) -> f64 {
        self.of(|of| &of.usd_value) + self.of(|of| &of.coin_value) * spot
    }

    /// Adds requirements of so many `sold`, changes of value of so many `held`.
    fn add_to(&self, sum: &mut OptionsHeld, sold: f64, held: f64) {
        if sold != 0.0 {
            sum.initial += sold * self.of(|of| &of.initial);
            sum.maintenance += sold * self.of(|of| &of.maintenance);
            sum.sold += sold * self.of(|of| &of.sold);
        }
        sum.shocked.resize(self.to.shocked.len().max(sum.shocked.len()), 0.0);
        for (shock, sum) in sum.shocked.iter_mut().enumerate().take(self.to.shocked.len()) {
            *sum += held * self.of(|of| &of.shocked[shock]);
        }
    }
}
