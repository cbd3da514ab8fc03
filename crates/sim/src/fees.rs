//! What venues charge, by date; one file per venue.
//!
//! Base tier, no discounts. A rate stands with the first day for which its source vouches; what held before is unknown, and a
//! run that needs it is refused rather than charged a rate of another time.

use hedgerow_core::Timestamp;

use crate::Costs;

mod binance;
mod bybit;
mod deribit;
mod okx;

/// Every venue, alphabetically.
pub const VENUES: &[Venue] = &[binance::VENUE, bybit::VENUE, deribit::VENUE, okx::VENUE];

/// A venue's fees through time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Venue {
    /// As written in a scenario: lower case, unique.
    pub name: &'static str,
    /// One clause for the list, with where the rates come from.
    pub about: &'static str,
    /// One column of rates per [`Fee`], each in the order of its days.
    pub rates: &'static [(Fee, &'static [Rate])],
}

/// A kind of fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fee {
    /// Spot, bps of notional.
    Spot,
    /// Perpetuals, bps of notional.
    Perp,
    /// Dated futures, bps of notional.
    Future,
    /// Dated futures at delivery, bps of notional.
    FutureDelivery,
    /// Options, bps of the underlying.
    Option,
    /// Options at delivery, bps of the underlying.
    OptionDelivery,
    /// Most that an option's fee may be, per cent of the option's price.
    OptionCap,
}

impl Fee {
    /// Every kind, with the key under `[costs]` that overrides it.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Spot, "spot_fee_bps"),
        (Self::Perp, "perp_fee_bps"),
        (Self::Future, "future_fee_bps"),
        (Self::FutureDelivery, "future_delivery_bps"),
        (Self::Option, "option_fee_bps"),
        (Self::OptionDelivery, "option_delivery_bps"),
        (Self::OptionCap, "option_fee_cap_percent"),
    ];

    /// The line of `costs` that this fee is.
    pub fn of(self, costs: &mut Costs) -> &mut f64 {
        match self {
            Self::Spot => &mut costs.spot_fee_bps.0,
            Self::Perp => &mut costs.perp_fee_bps.0,
            Self::Future => &mut costs.future_fee_bps.0,
            Self::FutureDelivery => &mut costs.future_delivery_bps.0,
            Self::Option => &mut costs.option_fee_bps.0,
            Self::OptionDelivery => &mut costs.option_delivery_bps.0,
            Self::OptionCap => &mut costs.option_fee_cap_percent.0,
        }
    }
}

/// A rate and the first day for which it is vouched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// `2024-01-01`.
    pub since: &'static str,
    /// For orders that rest in the book; negative is a rebate.
    pub maker: f64,
    /// For orders that take from the book.
    pub taker: f64,
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
    const fn both(since: &'static str, rate: f64) -> Self {
        Self { since, maker: rate, taker: rate }
    }

    fn at(&self, liquidity: Liquidity) -> f64 {
        match liquidity {
            Liquidity::Maker => self.maker,
            Liquidity::Taker => self.taker,
        }
    }

    fn day(&self) -> Timestamp {
        Timestamp::parse(self.since).expect("tables hold dates")
    }
}

impl Venue {
    /// The venue of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        VENUES.iter().find(|venue| venue.name == name)
    }

    /// The fee at `time`; an error says from when on it is known, if at all.
    ///
    /// # Errors
    /// The first day of the table, `None` where the venue has no such fee on record.
    pub fn rate(
        &self,
        fee: Fee,
        liquidity: Liquidity,
        time: Timestamp,
    ) -> Result<f64, Option<&'static str>> {
        let rates = self.rates.iter().find(|(kind, _)| *kind == fee).map_or(&[][..], |row| row.1);
        let known = rates.iter().rev().find(|rate| rate.day() <= time);
        known.map(|rate| rate.at(liquidity)).ok_or(rates.first().map(|rate| rate.since))
    }

    /// The days at which any rate changes.
    pub fn days(&self) -> Vec<Timestamp> {
        let rates = self.rates.iter().flat_map(|(_, rates)| rates.iter());
        let mut days: Vec<Timestamp> = rates.map(Rate::day).collect();
        days.sort();
        days.dedup();
        days
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::costs::OptionDeal;

    #[test]
    fn tables_are_in_order_and_within_reason() {
        for venue in VENUES {
            for (fee, rates) in venue.rates {
                assert!(rates.windows(2).all(|pair| pair[0].day() < pair[1].day()), "{fee:?}");
                for rate in *rates {
                    assert!(
                        rate.maker <= rate.taker && rate.taker >= 0.0,
                        "{} {fee:?}",
                        venue.name
                    );
                    assert!(rate.taker <= 25.0 && rate.maker >= -5.0, "{} {fee:?}", venue.name);
                }
            }
        }
        assert!(VENUES.windows(2).all(|pair| pair[0].name < pair[1].name));
    }

    /// LITERATURE V8.1: an option of 0.0001 coins pays 12.5 % of itself, one of 0.05 coins 0.0003 coins.
    #[test]
    fn deribits_options_of_2024() {
        let venue = Venue::named("deribit").expect("it is in the table");
        let time = Timestamp::parse("2024-06-01").expect("a date");
        let mut costs = Costs::ZERO;
        for (fee, _) in Fee::ALL {
            *fee.of(&mut costs) = venue.rate(fee, Liquidity::Taker, time).expect("known");
        }
        let fee = |coins: f64| costs.option_fee(OptionDeal::Market, 100_000.0, coins * 100_000.0);
        assert!((fee(0.0001) / 100_000.0 - 0.000_012_5).abs() < 1e-15);
        assert!((fee(0.05) / 100_000.0 - 0.0003).abs() < 1e-15);
    }

    /// LITERATURE V8.1: 50,000 USD of perp at 100,000 as taker pays .00025 coins, as maker nothing.
    #[test]
    fn deribits_perp_of_2024() {
        let venue = Venue::named("deribit").expect("it is in the table");
        let time = Timestamp::parse("2024-06-01").expect("a date");
        let rate = |liquidity| venue.rate(Fee::Perp, liquidity, time).expect("known");
        assert!((rate(Liquidity::Taker) * 1e-4 * 50_000.0 / 100_000.0 - 0.00025).abs() < 1e-15);
        assert!(rate(Liquidity::Maker).abs() < 1e-15);
        let early = Timestamp::parse("2018-06-01").expect("a date");
        assert_eq!(venue.rate(Fee::Perp, Liquidity::Taker, early), Err(Some("2019-04-01")));
    }
}
