//! What a strategy's hedge cost, part by part.

use hedgerow_core::{Ledger, LegLedger};

use crate::stats::moments::sum;

/// Costs over the whole run, USD; positive is paid, negative is received.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Costs {
    /// Fees of the hedge's trades, at least 0.
    pub fee: f64,
    /// Half-spreads of the hedge's trades, at least 0.
    pub spread: f64,
    /// Slippage of the hedge's trades, at least 0.
    pub slippage: f64,
    /// What carrying hedges from one contract to the next cost: fees, half-spreads and slippage at rolls and expiries, at least 0.
    pub roll: f64,
    /// Funding paid, net; negative when more was received.
    pub funding: f64,
    /// Premiums of hedge options less their payoffs and closing values: minus the P&L of the option legs.
    pub premium: f64,
    /// Fees and half-spreads of the book's own option trades: paid hedged or not, so not part of the total.
    pub book: f64,
    /// Notional turned over by the hedge, at least 0.
    pub turnover: f64,
    /// Trades of the hedge: rows at which a leg traded.
    pub trades: usize,
}

impl Costs {
    /// The costs of a ledger.
    pub fn of(ledger: &Ledger) -> Self {
        let total = |column: fn(&LegLedger) -> &Vec<f64>| {
            sum(ledger.legs.iter().flat_map(|leg| column(leg).iter().copied()))
        };
        let options = ledger.legs.iter().filter(|leg| is_option(leg));
        Self {
            fee: total(|leg| &leg.fee),
            spread: total(|leg| &leg.spread),
            slippage: total(|leg| &leg.slippage),
            roll: total(|leg| &leg.roll),
            funding: 0.0 - total(|leg| &leg.carry),
            premium: 0.0 - sum(options.flat_map(|leg| leg.price_pnl.iter().copied())),
            book: sum(ledger.book_fee.iter().chain(&ledger.book_spread).copied()),
            turnover: total(|leg| &leg.turnover),
            trades: ledger.legs.iter().map(LegLedger::n_trades).sum(),
        }
    }

    /// Fees, half-spreads, slippage and rolls: what trading cost.
    pub fn trading(&self) -> f64 {
        self.fee + self.spread + self.slippage + self.roll
    }

    /// Trading, funding and option premium.
    pub fn total(&self) -> f64 {
        self.trading() + self.funding + self.premium
    }
}

/// Whether a leg holds options.
pub(crate) fn is_option(leg: &LegLedger) -> bool {
    leg.contract.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow_core::{Contract, Explained, MarginLedger};

    fn ledger(legs: Vec<LegLedger>) -> Ledger {
        let zeros = || vec![0.0; 2];
        Ledger {
            strategy: "put".to_owned(),
            about: String::new(),
            legs,
            book_pnl: zeros(),
            book_fee: vec![3.0, 0.0],
            book_spread: vec![0.0, 1.0],
            interest: zeros(),
            cash: zeros(),
            coins: vec![zeros()],
            collateral_pnl: zeros(),
            equity: zeros(),
            net_delta: vec![zeros()],
            explained: Explained::zero(2),
            margin: MarginLedger::default(),
        }
    }

    /// A put bought for 7 that pays 5 costs 2; a coin bought at spot that falls is a loss, not a premium.
    #[test]
    fn only_options_have_a_premium() {
        let put = LegLedger {
            price: vec![7.0, 0.0],
            premium: vec![7.0, -5.0],
            price_pnl: vec![0.0, -2.0],
            traded: vec![1.0, -1.0],
            ..LegLedger::default()
        };
        let coin = LegLedger {
            contract: Some(Contract::Spot),
            price: vec![100.0, 95.0],
            premium: vec![100.0, 0.0],
            price_pnl: vec![0.0, -5.0],
            traded: vec![1.0, 0.0],
            ..LegLedger::default()
        };
        let costs = Costs::of(&ledger(vec![put, coin]));
        assert!((costs.premium - 2.0).abs() < 1e-12 && (costs.book - 4.0).abs() < 1e-12);
        assert!((costs.total() - 2.0).abs() < 1e-12);
        assert_eq!(costs.trades, 3);
    }
}
