//! What a strategy's hedge cost, part by part.
//!
//! One definition for every instrument: the cost of a hedge is minus all that its legs earned, but for what their deltas
//! earned (the line `delta` of each leg). What a delta earns is the hedge at work, whether a perp holds it or an option.
//! So a perp costs its fees, half-spreads, slippage and funding; a dated future its basis in place of funding; an option
//! what it would have lost had its delta been held flat at every row: theta less gamma, vega and higher orders.

use hedgerow_core::{Ledger, LegLedger, Line};

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
    /// What prices that moved differently from the spot cost, net; negative when more was earned.
    pub basis: f64,
    /// What hedge options lost apart from their deltas: minus their gamma, theta, vega, vanna, volga and higher orders;
    /// negative when they earned.
    pub options: f64,
    /// Premiums of hedge options less their payoffs and closing values: minus all P&L of their prices, that of their deltas
    /// included, so not part of the total; `None` where no leg holds options.
    pub premium: Option<f64>,
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
        let premium = |leg: &LegLedger| 0.0 - sum(leg.price_pnl.iter().copied());
        let (options, linear): (Vec<&LegLedger>, Vec<&LegLedger>) =
            ledger.legs.iter().partition(|leg| is_option(leg));
        let apart = |legs: &[&LegLedger]| sum(legs.iter().map(|leg| apart_from_delta(leg)));
        Self {
            fee: total(|leg| &leg.fee),
            spread: total(|leg| &leg.spread),
            slippage: total(|leg| &leg.slippage),
            roll: total(|leg| &leg.roll),
            funding: 0.0 - total(|leg| &leg.carry),
            basis: 0.0 - apart(&linear),
            options: 0.0 - apart(&options),
            premium: (!options.is_empty()).then(|| sum(options.iter().map(|leg| premium(leg)))),
            book: sum(ledger.book_fee.iter().chain(&ledger.book_spread).copied()),
            turnover: total(|leg| &leg.turnover),
            trades: ledger.legs.iter().map(LegLedger::n_trades).sum(),
        }
    }

    /// Fees, half-spreads, slippage and rolls: what trading cost.
    pub fn trading(&self) -> f64 {
        self.fee + self.spread + self.slippage + self.roll
    }

    /// Trading, funding, basis and options apart from their deltas: minus the P&L of the legs less that of their deltas.
    pub fn total(&self) -> f64 {
        self.trading() + self.funding + self.basis + self.options
    }
}

/// P&L of a leg's price apart from its delta, USD.
fn apart_from_delta(leg: &LegLedger) -> f64 {
    let delta = leg.explained.line(Line::Delta);
    sum(leg.price_pnl.iter().enumerate().map(|(row, pnl)| pnl - delta[row]))
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

    fn explained(lines: &[(Line, f64)]) -> Explained {
        let mut explained = Explained::zero(2);
        lines.iter().for_each(|(line, pnl)| explained.line_mut(*line)[1] = *pnl);
        explained
    }

    fn put() -> LegLedger {
        LegLedger {
            price: vec![7.0, 0.0],
            premium: vec![7.0, -5.0],
            price_pnl: vec![0.0, -2.0],
            traded: vec![1.0, -1.0],
            explained: explained(&[(Line::Delta, 3.0), (Line::Gamma, 1.5), (Line::Theta, -6.5)]),
            ..LegLedger::default()
        }
    }

    /// A put bought for 7 that pays 5 has a premium of 2 less its payoff; it earned 3 by its delta and so lost 5 apart from
    /// it. A coin bought at spot that falls is a loss, not a premium and not a cost.
    #[test]
    fn only_options_have_a_premium() {
        let coin = LegLedger {
            contract: Some(Contract::Spot),
            price: vec![100.0, 95.0],
            premium: vec![100.0, 0.0],
            price_pnl: vec![0.0, -5.0],
            traded: vec![1.0, 0.0],
            explained: explained(&[(Line::Delta, -5.0)]),
            ..LegLedger::default()
        };
        let costs = Costs::of(&ledger(vec![put(), coin.clone()]));
        assert_eq!((costs.premium, costs.options, costs.basis), (Some(2.0), 5.0, 0.0));
        assert!((costs.book - 4.0).abs() < 1e-12);
        assert!((costs.total() - 5.0).abs() < 1e-12);
        assert_eq!(costs.trades, 3);
        assert_eq!(Costs::of(&ledger(vec![coin])).premium, None);
    }

    /// Found by a reader: where a perp held the other side of an option's delta, what the option's delta lost was a cost and
    /// what the perp earned on it was not.
    #[test]
    fn what_a_delta_earns_is_no_cost_whoever_holds_it() {
        let perp = |delta: f64| LegLedger {
            contract: Some(Contract::LinearPerp),
            price_pnl: vec![0.0, delta + 0.25],
            carry: vec![0.0, 0.5],
            fee: vec![0.125, 0.0],
            traded: vec![1.0, 0.0],
            explained: explained(&[(Line::Delta, delta), (Line::Basis, 0.25)]),
            ..LegLedger::default()
        };
        for delta in [-40.0, -3.0, 0.0, 3.0] {
            let costs = Costs::of(&ledger(vec![put(), perp(delta)]));
            assert_eq!((costs.options, costs.basis, costs.funding), (5.0, -0.25, -0.5));
            assert!((costs.total() - 4.375).abs() < 1e-12, "{delta}: {}", costs.total());
        }
    }
}
