//! What venues charge, by date; one file per venue.
//!
//! Base tier, no discounts. A rate holds from the first day for which its source vouches, to the next rate or to the day on which
//! it stops being vouched for. Where none holds the fee is unknown, and a run that needs it is refused rather than charged a rate
//! of another time. Each rate says whether a page gives it or memory does.

use std::fmt;

use hedgerow_core::{Bps, Percent, Timestamp};

use crate::Costs;

mod binance;
mod bybit;
mod deribit;
mod okx;
mod tenor;

pub(crate) use tenor::{is_daily, is_weekly};

/// Every venue, alphabetically.
pub const VENUES: &[Venue] = &[binance::VENUE, bybit::VENUE, deribit::VENUE, okx::VENUE];

/// A venue's fees through time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Venue {
    /// As written in a scenario: lower case, unique.
    pub name: &'static str,
    /// One clause for the list, on what its table covers.
    pub about: &'static str,
    /// One column of rates per [`Fee`], each in the order of its days.
    pub rates: &'static [(Fee, &'static [Rate])],
}

/// A kind of fee. Some kinds are special cases of a general one, which holds where the special one is not on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fee {
    /// Spot, bps of notional.
    Spot,
    /// Perpetuals, bps of notional.
    Perp,
    /// Perpetuals that pay in the coin, bps of notional.
    InversePerp,
    /// Dated futures, bps of notional.
    Future,
    /// Dated futures that pay in the coin, bps of notional.
    InverseFuture,
    /// Dated futures that do not expire on the last Friday of a month, bps of notional.
    WeeklyFuture,
    /// Dated futures at delivery, bps of notional.
    FutureDelivery,
    /// Dated futures that do not expire on the last Friday of a month, at delivery, bps of notional.
    WeeklyFutureDelivery,
    /// Options, bps of the underlying.
    Option,
    /// Options that are settled in USD or a stablecoin, bps of the underlying.
    UsdOption,
    /// Options at delivery, bps of the underlying.
    OptionDelivery,
    /// Options that do not expire on a Friday, at delivery, bps of the underlying.
    DailyOptionDelivery,
    /// Most that an option's fee may be, per cent of the option's price.
    OptionCap,
    /// Perpetuals and futures that the venue closes, bps of notional, beside the fee of the trade.
    Liquidation,
    /// Options that the venue closes, bps of the underlying, beside the fee of the trade.
    OptionLiquidation,
}

impl Fee {
    /// Every kind that is a line of [`Costs`], with the key under `[costs]` that overrides it.
    pub const LINES: [(Self, &'static str); 13] = [
        (Self::Spot, "spot_fee_bps"),
        (Self::Perp, "perp_fee_bps"),
        (Self::InversePerp, "inverse_perp_fee_bps"),
        (Self::Future, "future_fee_bps"),
        (Self::InverseFuture, "inverse_future_fee_bps"),
        (Self::WeeklyFuture, "weekly_future_fee_bps"),
        (Self::FutureDelivery, "future_delivery_bps"),
        (Self::WeeklyFutureDelivery, "weekly_future_delivery_bps"),
        (Self::Option, "option_fee_bps"),
        (Self::UsdOption, "usd_option_fee_bps"),
        (Self::OptionDelivery, "option_delivery_bps"),
        (Self::DailyOptionDelivery, "daily_option_delivery_bps"),
        (Self::OptionCap, "option_fee_cap_percent"),
    ];

    /// The key under `[costs]` that overrides it; `None` for what an account's liquidation costs.
    pub fn key(self) -> Option<&'static str> {
        Self::LINES.iter().find(|(fee, _)| *fee == self).map(|(_, key)| *key)
    }

    /// The kind of which this one is a special case.
    pub fn general(self) -> Option<Self> {
        match self {
            Self::InversePerp => Some(Self::Perp),
            Self::InverseFuture | Self::WeeklyFuture => Some(Self::Future),
            Self::WeeklyFutureDelivery => Some(Self::FutureDelivery),
            Self::UsdOption => Some(Self::Option),
            Self::DailyOptionDelivery => Some(Self::OptionDelivery),
            _ => None,
        }
    }

    /// As a sentence calls it.
    pub fn about(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::Perp => "perps",
            Self::InversePerp => "inverse perps",
            Self::Future => "futures",
            Self::InverseFuture => "inverse futures",
            Self::WeeklyFuture => "weekly futures",
            Self::FutureDelivery => "delivery of futures",
            Self::WeeklyFutureDelivery => "delivery of weekly futures",
            Self::Option => "options",
            Self::UsdOption => "USD-settled options",
            Self::OptionDelivery => "delivery of options",
            Self::DailyOptionDelivery => "delivery of daily options",
            Self::OptionCap => "most of an option's price",
            Self::Liquidation => "liquidation",
            Self::OptionLiquidation => "liquidation of options",
        }
    }

    /// Whether makers may be paid it rather than pay it: fees of trades, not of deliveries.
    pub fn has_rebates(self) -> bool {
        matches!(
            self,
            Self::Spot
                | Self::Perp
                | Self::InversePerp
                | Self::Future
                | Self::InverseFuture
                | Self::WeeklyFuture
                | Self::Option
                | Self::UsdOption
        )
    }

    /// `bp`, or `%` for the cap.
    pub fn unit(self) -> &'static str {
        if self == Self::OptionCap { "%" } else { "bp" }
    }

    /// Writes the line of `costs` that this fee is; what a liquidation costs is none.
    pub fn set(self, costs: &mut Costs, rate: f64) {
        let bps = Bps(rate);
        match self {
            Self::Spot => costs.spot_fee_bps = bps,
            Self::Perp => costs.perp_fee_bps = bps,
            Self::InversePerp => costs.inverse_perp_fee_bps = Some(bps),
            Self::Future => costs.future_fee_bps = bps,
            Self::InverseFuture => costs.inverse_future_fee_bps = Some(bps),
            Self::WeeklyFuture => costs.weekly_future_fee_bps = Some(bps),
            Self::FutureDelivery => costs.future_delivery_bps = bps,
            Self::WeeklyFutureDelivery => costs.weekly_future_delivery_bps = Some(bps),
            Self::Option => costs.option_fee_bps = bps,
            Self::UsdOption => costs.usd_option_fee_bps = Some(bps),
            Self::OptionDelivery => costs.option_delivery_bps = bps,
            Self::DailyOptionDelivery => costs.daily_option_delivery_bps = Some(bps),
            Self::OptionCap => costs.option_fee_cap_percent = Percent(rate),
            Self::Liquidation | Self::OptionLiquidation => {}
        }
    }
}

/// A rate and the days for which it is vouched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// First day, `2024-01-01`.
    pub since: &'static str,
    /// First day at which it is not vouched for any more, where a stretch without a source follows.
    pub until: Option<&'static str>,
    /// For orders that rest in the book; negative is a rebate.
    pub maker: f64,
    /// For orders that take from the book.
    pub taker: f64,
    /// How well it is known.
    pub known: Known,
}

/// How well a rate is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// This page gives it: the venue's own, or one that quotes it.
    Sourced(&'static str),
    /// As traders remember it, without a page to cite.
    Remembered,
}

impl fmt::Display for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sourced(page) => formatter.write_str(page),
            Self::Remembered => formatter.write_str("from memory"),
        }
    }
}

/// On which side of the book a trade is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Liquidity {
    /// Rests in the book.
    Maker,
    /// Takes from the book.
    #[default]
    Taker,
}

impl Rate {
    /// A rate that a page gives, for makers and takers.
    const fn sourced(since: &'static str, rates: (f64, f64), page: &'static str) -> Self {
        let (maker, taker) = rates;
        Self { since, until: None, maker, taker, known: Known::Sourced(page) }
    }

    /// A rate without a page to cite, for makers and takers.
    const fn remembered(since: &'static str, rates: (f64, f64)) -> Self {
        let (maker, taker) = rates;
        Self { since, until: None, maker, taker, known: Known::Remembered }
    }

    /// The same, vouched for before a day only.
    const fn until(self, day: &'static str) -> Self {
        Self { until: Some(day), ..self }
    }

    /// What an order on this side of the book pays.
    pub fn at(&self, liquidity: Liquidity) -> f64 {
        match liquidity {
            Liquidity::Maker => self.maker,
            Liquidity::Taker => self.taker,
        }
    }
}

fn day(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("tables hold dates")
}

/// Why a fee is not known at a date. As text, the dates at which it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The venue has no such fee on record.
    Always,
    /// Before the first rate.
    Before(&'static str),
    /// Between two rates.
    Between(&'static str, &'static str),
    /// After the last rate.
    Since(&'static str),
}

impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => formatter.write_str("at any date"),
            Self::Before(day) => write!(formatter, "before {day}"),
            Self::Between(from, to) => write!(formatter, "from {from} to {to}"),
            Self::Since(day) => write!(formatter, "from {day} on"),
        }
    }
}

impl Venue {
    /// The venue of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        VENUES.iter().find(|venue| venue.name == name)
    }

    /// The rate of a fee at `time`; where a special one is not on record then, that of the general kind.
    ///
    /// # Errors
    /// [`Missing`] says at which dates the (general) fee is not on record.
    pub fn rate(&self, fee: Fee, time: Timestamp) -> Result<&'static Rate, Missing> {
        let own = self.own_rate(fee, time);
        fee.general().map_or(own, |general| own.or_else(|_| self.rate(general, time)))
    }

    /// The rate of just this kind of fee at `time`.
    ///
    /// # Errors
    /// [`Missing`] says at which dates the fee is not on record.
    pub fn own_rate(&self, fee: Fee, time: Timestamp) -> Result<&'static Rate, Missing> {
        let rates = self.rates.iter().find(|(kind, _)| *kind == fee).map_or(&[][..], |row| row.1);
        let n_begun = rates.iter().take_while(|rate| day(rate.since) <= time).count();
        let next = rates.get(n_begun).map(|rate| rate.since);
        let Some(last) = n_begun.checked_sub(1).map(|last| &rates[last]) else {
            return Err(next.map_or(Missing::Always, Missing::Before));
        };
        match last.until.filter(|until| day(until) <= time) {
            None => Ok(last),
            Some(until) => {
                Err(next.map_or(Missing::Since(until), |next| Missing::Between(until, next)))
            }
        }
    }

    /// The days at which any rate changes, or stops being known.
    pub fn days(&self) -> Vec<Timestamp> {
        let rates = self.rates.iter().flat_map(|(_, rates)| rates.iter());
        let mut days: Vec<Timestamp> =
            rates.flat_map(|rate| std::iter::once(rate.since).chain(rate.until)).map(day).collect();
        days.sort();
        days.dedup();
        days
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::costs::OptionDeal;
    use crate::costs::OptionTerms;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a date")
    }

    fn named(name: &str) -> &'static Venue {
        Venue::named(name).expect("it is in the table")
    }

    /// What a taker, or a maker, pays at a venue at a date.
    fn costs(venue: &str, date: &str, liquidity: Liquidity) -> Costs {
        let mut costs = Costs::ZERO;
        for (fee, _) in Fee::LINES {
            if let Ok(rate) = named(venue).own_rate(fee, at(date)) {
                fee.set(&mut costs, rate.at(liquidity));
            }
        }
        costs
    }

    #[test]
    fn tables_are_in_order_and_within_reason() {
        for venue in VENUES {
            for (fee, rates) in venue.rates {
                let in_order = |pair: &[Rate]| {
                    let end = pair[0].until.unwrap_or(pair[1].since);
                    day(pair[0].since) < day(end) && day(end) <= day(pair[1].since)
                };
                assert!(rates.windows(2).all(in_order), "{} {fee:?}", venue.name);
                let most = match fee {
                    Fee::Liquidation | Fee::OptionLiquidation => 100.0,
                    _ => 25.0,
                };
                for rate in *rates {
                    assert!(rate.maker <= rate.taker && rate.taker >= 0.0, "{fee:?}");
                    assert!(rate.taker <= most && rate.maker >= -5.0, "{} {fee:?}", venue.name);
                }
            }
        }
        assert!(VENUES.windows(2).all(|pair| pair[0].name < pair[1].name));
    }

    /// LITERATURE V8.1: an option of 0.0001 coins pays 12.5 % of itself, one of 0.05 coins 0.0003 coins.
    #[test]
    fn deribits_options_of_2024() {
        let costs = costs("deribit", "2024-06-01", Liquidity::Taker);
        let terms = |coin_settled| OptionTerms { coin_settled, expiry: at("2024-06-28") };
        let fee = |coins: f64, coin_settled| {
            costs.option_fee(
                OptionDeal::Market,
                terms(coin_settled),
                (100_000.0, coins * 100_000.0),
            )
        };
        assert!((fee(0.0001, true) / 100_000.0 - 0.000_012_5).abs() < 1e-15);
        assert!((fee(0.05, true) / 100_000.0 - 0.0003).abs() < 1e-15);
        // LITERATURE 8: USDC options pay 0.0005 times the index.
        assert!((fee(0.05, false) / 100_000.0 - 0.0005).abs() < 1e-15);
    }

    /// LITERATURE V8.1: 50,000 USD of perp at 100,000 as taker pays .00025 coins, as maker nothing.
    #[test]
    fn deribits_perp_of_2024() {
        let rate = |liquidity| {
            let costs = costs("deribit", "2024-06-01", liquidity);
            costs.fee_rate(hedgerow_core::Contract::InversePerp)
        };
        assert!((rate(Liquidity::Taker) * 50_000.0 / 100_000.0 - 0.00025).abs() < 1e-15);
        assert!(rate(Liquidity::Maker).abs() < 1e-15);
        let early = named("deribit").rate(Fee::Perp, at("2018-06-01"));
        assert_eq!(early, Err(Missing::Before("2019-04-01")));
    }

    /// LITERATURE V8.1: a weekly future of 10,000 USD at 100,000: taker .00005 coins, maker -.00001.
    #[test]
    fn deribits_weekly_futures_of_2024() {
        let coins = |liquidity| {
            let costs = costs("deribit", "2024-06-01", liquidity);
            let rate = costs
                .future_rate(hedgerow_core::Contract::InverseFuture, at("2024-06-07T08:00:00Z"));
            rate * 10_000.0 / 100_000.0
        };
        assert!((coins(Liquidity::Taker) - 0.000_05).abs() < 1e-15);
        assert!((coins(Liquidity::Maker) + 0.000_01).abs() < 1e-15);
    }

    /// The rates of 2019 are not those of 2021, and 2020 is on record nowhere.
    #[test]
    fn no_rate_is_charged_at_dates_for_which_nobody_vouches() {
        let rate = |date| named("deribit").rate(Fee::InversePerp, at(date)).map(|rate| rate.taker);
        assert_eq!(rate("2019-12-31T23:59:59Z"), Ok(7.5));
        assert_eq!(rate("2020-01-01"), Err(Missing::Between("2020-01-01", "2021-01-01")));
        assert_eq!(rate("2021-01-01"), Ok(5.0));
        let future = named("okx").rate(Fee::FutureDelivery, at("2024-01-01"));
        assert_eq!(future, Err(Missing::Always));
    }

    /// Binance changed its COIN-M fees on 2023-09-26, at the instant a row ends on.
    #[test]
    fn a_rate_changes_on_its_day() {
        let binance = |date| costs("binance", date, Liquidity::Maker);
        let inverse = hedgerow_core::Contract::InversePerp;
        assert!((binance("2023-09-25T23:59:59Z").fee_rate(inverse) - 1.5e-4).abs() < 1e-18);
        assert!((binance("2023-09-26").fee_rate(inverse) - 2e-4).abs() < 1e-18);
    }
}
