//! What a strategy did and what it earned.

use crate::{Contract, Explained, Line, MarginLedger};

/// Units up to which a change of what is held is the rounding of a delta, not a trade: far below any venue's lot.
///
/// A delta far from the money moves by less near expiry; to count that as trades says 3 % more of them in a year.
pub const ROUNDING_UNITS: f64 = 1e-12;

/// What one leg did and what it earned, one entry per row; USD unless said otherwise.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LegLedger {
    /// Name of the leg, unique within its strategy.
    pub name: String,
    /// What it trades.
    pub instrument: String,
    /// Which asset that follows: index into the market's assets.
    pub asset: usize,
    /// What it promises; `None` for an option.
    pub contract: Option<Contract>,
    /// Units that the leg would hold if re-hedging were free; `None` before its ratio is known.
    pub ideal: Vec<Option<f64>>,
    /// Units that the row's decision wanted and did not trade, because of the lot or the least trade; empty when the leg has
    /// neither.
    pub residual: Vec<f64>,
    /// Units held after the row's trade.
    pub held: Vec<f64>,
    /// Units traded at the row, `+` bought: its own trade and what was closed by force.
    pub traded: Vec<f64>,
    /// USD price at which the row's trade was filled, or would have been; where a part was closed by force, the mean price of
    /// that part.
    pub fill: Vec<f64>,
    /// USD price of the instrument at the row.
    pub price: Vec<f64>,
    /// P&L from the instrument's price.
    pub price_pnl: Vec<f64>,
    /// Funding received.
    pub carry: Vec<f64>,
    /// Fees paid, at least 0.
    pub fee: Vec<f64>,
    /// Half-spreads paid, at least 0.
    pub spread: Vec<f64>,
    /// Slippage paid, at least 0.
    pub slippage: Vec<f64>,
    /// Cost of carrying the position through rolls and expiries: fees, half-spreads and slippage of contracts left and
    /// entered, at least 0; not in the three columns before.
    pub roll: Vec<f64>,
    /// Notional turned over, at least 0.
    pub turnover: Vec<f64>,
    /// Net cash paid (+) or received (-) at the row for what is bought outright (spot, options), at its mark: premiums of
    /// new options less payoffs and values of ended ones; zero for perps.
    pub premium: Vec<f64>,
    /// Units of the row's `traded` that were closed by force, signed as it; empty without a margin model.
    pub forced: Vec<f64>,
    /// Penalties on what was closed of it by force, at least 0; empty without a margin model.
    pub penalty: Vec<f64>,
    /// `price_pnl` by line: slopes, basis, residual. Funding and costs stand in their own columns: see
    /// [`LegLedger::line_at`].
    pub explained: Explained,
}

impl LegLedger {
    /// What the leg adds to a line of its strategy's explained P&L at `row`, USD; costs are negative.
    ///
    /// The lines of a row add up to `price_pnl + carry - fee - spread - slippage - roll - penalty`.
    pub fn line_at(&self, line: Line, row: usize) -> f64 {
        match self.own_column(line) {
            // A cost of nothing is 0, not -0.
            Some((column, sign)) => 0.0 + sign * column.get(row).copied().unwrap_or(0.0),
            None => self.explained.line(line)[row],
        }
    }

    /// Rows at which the leg traded more than a rounding ([`ROUNDING_UNITS`]), by itself or by force.
    pub fn n_trades(&self) -> usize {
        let is_trade = |(row, traded): (usize, &f64)| {
            let forced = self.forced.get(row).copied().unwrap_or(0.0);
            (traded - forced).abs() > ROUNDING_UNITS || forced.abs() > ROUNDING_UNITS
        };
        self.traded.iter().enumerate().filter(|row| is_trade(*row)).count()
    }

    /// What the leg adds to a line over all rows, USD.
    pub fn total(&self, line: Line) -> f64 {
        match self.own_column(line) {
            Some((column, sign)) => 0.0 + sign * column.iter().sum::<f64>(),
            None => self.explained.total(line),
        }
    }

    /// The column of a line that is not part of `price_pnl`, and its sign in P&L.
    fn own_column(&self, line: Line) -> Option<(&[f64], f64)> {
        match line {
            Line::Carry => Some((&self.carry, 1.0)),
            Line::Fee => Some((&self.fee, -1.0)),
            Line::Spread => Some((&self.spread, -1.0)),
            Line::Slippage => Some((&self.slippage, -1.0)),
            Line::Roll => Some((&self.roll, -1.0)),
            Line::Liquidation => Some((&self.penalty, -1.0)),
            _ => None,
        }
    }
}

/// What a strategy did and what it earned: its legs, and its account. All columns have one entry per market row.
///
/// The identity every row keeps, in USD:
///
/// ```text
/// equity[i] - equity[i-1] = book_pnl[i] - book_fee[i] - book_spread[i]
///                         + sum over legs (price_pnl + carry - fee - spread - slippage - roll)[i]
///                         + collateral_pnl[i] + interest[i] - margin.liquidation[i]
///                         = explained.sum(i)
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// Name of the strategy.
    pub strategy: String,
    /// One line on what it does, for the report.
    pub about: String,
    /// Its legs, in the order in which they act.
    pub legs: Vec<LegLedger>,
    /// Change of the book's value plus its cash flows.
    pub book_pnl: Vec<f64>,
    /// Fees of the book's own option trades, at least 0.
    pub book_fee: Vec<f64>,
    /// Half-spreads of the book's own option trades, at least 0.
    pub book_spread: Vec<f64>,
    /// Interest received on cash and coins less what borrowing them costs, negative when paid.
    pub interest: Vec<f64>,
    /// USD in the account after the row: capital, premiums, payoffs, P&L paid in USD, costs, interest.
    pub cash: Vec<f64>,
    /// Coins in the account after the row, one column per asset.
    pub coins: Vec<Vec<f64>>,
    /// P&L of the coins in the account from the move of their spot.
    pub collateral_pnl: Vec<f64>,
    /// Equity in USD: cash, coins at spot, the book and the hedge at their marks.
    pub equity: Vec<f64>,
    /// Net delta in coins after the row's trades, one column per asset: book plus legs, without the account's coins.
    pub net_delta: Vec<Vec<f64>>,
    /// Every row's change of equity, by line. Row 0 holds what opening cost.
    pub explained: Explained,
    /// What the venue asked and did; empty without a margin model.
    pub margin: MarginLedger,
}
