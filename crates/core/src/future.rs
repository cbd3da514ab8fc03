//! Dated futures, each with its own prices, and the rolls from one to the next.

use crate::{ContractTerms, Market, PaidIn, Timestamp};

/// A dated future through time.
#[derive(Debug, Clone, PartialEq)]
pub struct Future {
    /// As the venue calls it, `BTC-27MAR26`.
    pub name: String,
    /// Which asset it follows: index into [`Market::assets`](crate::Market::assets).
    pub asset: usize,
    /// When it expires.
    pub expiry: Timestamp,
    /// Size, tick, lot, and in what it pays.
    pub terms: ContractTerms,
    /// The instant of its last price, where what is known of it ends before it expires and before the market ends: who holds
    /// it leaves it there for the next contract.
    pub ends: Option<Timestamp>,
    /// Spans, in the order of time, that are too long to carry a price over: each from a price to the next, or to the end.
    pub holes: Vec<(Timestamp, Timestamp)>,
    /// USD per coin at the row's time; `None` where it is not listed, has expired, or has been without a price of its own
    /// for too long.
    pub price: Vec<Option<f64>>,
}

/// A position in futures that moves from one contract to the next.
///
/// Prices are those of the contracts themselves, never adjusted: over a row, a long unit earns the change of the price of
/// the contract that was held into it; at a roll it sells one contract and buys another, each at its own price.
#[derive(Debug, Clone, PartialEq)]
pub struct ContinuousFuture {
    /// Which asset the contracts follow.
    pub asset: usize,
    /// In what they pay.
    pub paid_in: PaidIn,
    /// The contract held **after** each row: index into [`Market::futures`](crate::Market::futures); `None` where there is
    /// none to hold.
    pub held: Vec<Option<usize>>,
    /// The rolls, in the order of time.
    pub rolls: Vec<Roll>,
}

/// One move from a contract to a later one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Roll {
    /// At which row.
    pub row: usize,
    /// The contract that is left: index into [`Market::futures`](crate::Market::futures).
    pub from: usize,
    /// The contract that is entered.
    pub to: usize,
    /// Price at which the old contract is left, USD per coin: its own.
    pub left_at: f64,
    /// Price at which the new contract is entered, USD per coin: its own.
    pub entered_at: f64,
}

impl Market {
    /// The dated future of an asset that is held after each row when every contract is left `millis_before` its expiry for
    /// the one that expires next.
    ///
    /// One that [ends](Future::ends) before that is left at its end. Decided at each row from what is known there: a contract
    /// is entered and left only where both have prices; until then it is kept, at most until it expires.
    pub fn continuous_future(
        &self,
        asset: usize,
        paid_in: PaidIn,
        millis_before: i64,
    ) -> ContinuousFuture {
        let futures = self.futures();
        let mut order: Vec<usize> = (0..futures.len())
            .filter(|index| futures[*index].asset == asset)
            .filter(|index| futures[*index].terms.paid_in == paid_in)
            .collect();
        order.sort_by_key(|index| futures[*index].expiry);
        let (mut held, mut rolls, mut now) = (Vec::new(), Vec::new(), None);
        for (row, time) in self.time().iter().enumerate() {
            let is_due = |index: usize| {
                let future = &futures[index];
                time.millis() + millis_before >= future.expiry.millis()
                    || future.ends.is_some_and(|end| *time >= end)
            };
            if now.is_none_or(is_due) {
                let price = |index: usize| futures[index].price[row];
                let next = order.iter().copied().find(|to| !is_due(*to) && price(*to).is_some());
                let prices = now.and_then(price).zip(next.and_then(price));
                if let (Some(from), Some(to), Some((left_at, entered_at))) = (now, next, prices) {
                    rolls.push(Roll { row, from, to, left_at, entered_at });
                    now = next;
                } else if now.is_none_or(|from: usize| futures[from].expiry <= *time) {
                    now = next;
                }
            }
            held.push(now);
        }
        ContinuousFuture { asset, paid_in, held, rolls }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AssetColumns;

    fn future(name: &str, expiry: i64, price: [Option<f64>; 6]) -> Future {
        Future {
            name: name.to_owned(),
            asset: 0,
            expiry: Timestamp::from_millis(expiry),
            terms: ContractTerms { paid_in: PaidIn::Coin, size: 10.0, tick: None, lot: None },
            ends: None,
            holes: Vec::new(),
            price: price.to_vec(),
        }
    }

    fn market(futures: Vec<Future>) -> Market {
        let spot = AssetColumns {
            name: "BTC".to_owned(),
            spot: vec![100.0; 6],
            open: None,
            high: None,
            low: None,
        };
        let time = (1..=6).map(Timestamp::from_millis).collect();
        let market = Market::new(time, vec![spot], Vec::new(), Vec::new()).unwrap();
        market.with_futures(futures).unwrap()
    }

    #[test]
    fn each_roll_is_at_both_contracts_own_prices() {
        let near =
            future("near", 4, [Some(101.0), Some(102.0), Some(103.0), Some(104.0), None, None]);
        let far = future(
            "far",
            9,
            [None, Some(112.0), Some(113.0), Some(114.0), Some(115.0), Some(116.0)],
        );
        let market = market(vec![far, near]);
        let continuous = market.continuous_future(0, PaidIn::Coin, 1);
        assert_eq!(continuous.held, [Some(1), Some(1), Some(0), Some(0), Some(0), Some(0)]);
        let roll = Roll { row: 2, from: 1, to: 0, left_at: 103.0, entered_at: 113.0 };
        assert_eq!(continuous.rolls, [roll]);
        assert!(market.continuous_future(0, PaidIn::Usd, 1).held.iter().all(Option::is_none));
    }

    #[test]
    fn a_contract_without_a_price_is_neither_entered_nor_left() {
        let near = future("near", 4, [Some(101.0), None, None, None, None, None]);
        let far =
            future("far", 9, [None, Some(112.0), Some(113.0), None, Some(115.0), Some(116.0)]);
        let continuous = market(vec![near, far]).continuous_future(0, PaidIn::Coin, 1);
        assert_eq!(continuous.held, [Some(0), Some(0), Some(0), None, Some(1), Some(1)]);
        assert_eq!(continuous.rolls, []);
    }

    /// Found on a contract whose file ended eleven days before its expiry: it was kept until then.
    #[test]
    fn a_contract_that_ends_is_left_at_its_end() {
        let mut near = future("near", 6, [Some(101.0), Some(102.0), Some(103.0), None, None, None]);
        near.ends = Some(Timestamp::from_millis(3));
        let far = [None, Some(112.0), Some(113.0), Some(114.0), Some(115.0), Some(116.0)];
        let market = market(vec![near, future("far", 9, far)]);
        let continuous = market.continuous_future(0, PaidIn::Coin, 1);
        assert_eq!(continuous.held, [Some(0), Some(0), Some(1), Some(1), Some(1), Some(1)]);
        let roll = Roll { row: 2, from: 0, to: 1, left_at: 103.0, entered_at: 113.0 };
        assert_eq!(continuous.rolls, [roll]);
    }

    #[test]
    fn a_price_after_expiry_is_refused() {
        let late = future("late", 4, [Some(1.0); 6]);
        let spot = market(Vec::new());
        assert!(spot.with_futures(vec![late]).is_err());
    }
}
