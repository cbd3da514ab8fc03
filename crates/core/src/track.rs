//! What one unit of a hedge instrument costs, earns and carries, row by row.

use crate::{Contract, Explained, OptionMargin};

/// A column that may be one number throughout.
#[derive(Debug, Clone, PartialEq)]
pub enum Series {
    /// The same at every row.
    Constant(f64),
    /// One number per row.
    Rows(Vec<f64>),
}

impl Series {
    /// The number at `row`.
    #[inline]
    pub fn at(&self, row: usize) -> f64 {
        match self {
            Self::Constant(number) => *number,
            Self::Rows(rows) => rows[row],
        }
    }
}

/// What trading one unit costs.
#[derive(Debug, Clone, PartialEq)]
pub enum UnitCost {
    /// Fractions of the notional traded.
    Proportional {
        /// Fee.
        fee: f64,
        /// Half-spread.
        spread: f64,
        /// Slippage.
        slippage: f64,
    },
    /// Fractions of the notional traded at the row.
    ByRow {
        /// Fee; negative is a rebate.
        fee: Vec<f64>,
        /// Half-spread.
        spread: Vec<f64>,
        /// Slippage.
        slippage: Vec<f64>,
    },
    /// USD per unit traded at the row.
    PerUnit {
        /// Fee.
        fee: Vec<f64>,
        /// Half-spread.
        spread: Vec<f64>,
        /// Slippage.
        slippage: Vec<f64>,
    },
}

/// What the fee of an option follows, one number per row or the same throughout: `min(rate × spot, cap × price)` a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionFee {
    /// Fraction of the underlying's price.
    pub rate: Series,
    /// Fraction of the option's price.
    pub cap: Series,
}

impl OptionFee {
    /// Fee of one unit at these prices, USD.
    pub fn at(&self, row: usize, spot: f64, price: f64) -> f64 {
        (self.rate.at(row) * spot).min(self.cap.at(row) * price.abs())
    }
}

/// What a roll or an expiry costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Rolls {
    /// Of what was held before the row: the old contract is closed, or settled.
    pub left: RollSide,
    /// Of what is carried into the new contract. What is not carried on is not entered.
    pub entered: RollSide,
}

/// One side of a roll: figures of one unit, USD at the row; 0 at rows without a roll.
#[derive(Debug, Clone, PartialEq)]
pub struct RollSide {
    /// Fees, half-spreads and slippage.
    pub cost: Vec<f64>,
    /// Notional turned over; 0 for a settlement.
    pub turnover: Vec<f64>,
    /// By what impact grows: the trade's notional to the power 3/2, as it weighs in [`Track::impact`].
    pub weight: Vec<f64>,
    /// What the impact of so many units costs, over their number to the power 3/2, USD; `None` for no impact.
    pub impact: Option<Vec<f64>>,
}

impl RollSide {
    /// Nothing, at so many rows.
    pub fn none(n_rows: usize) -> Self {
        let zeros = || vec![0.0; n_rows];
        Self { cost: zeros(), turnover: zeros(), weight: zeros(), impact: None }
    }

    /// What so many units cost at a row, USD, at least 0.
    pub fn cost(&self, row: usize, units: f64) -> f64 {
        let impact = self.impact.as_ref().map_or(0.0, |impact| impact[row]);
        units * self.cost[row] + impact * units * units.sqrt()
    }
}

impl Rolls {
    /// Both sides, nothing at any of so many rows.
    pub fn none(n_rows: usize) -> Self {
        Self { left: RollSide::none(n_rows), entered: RollSide::none(n_rows) }
    }

    /// Both sides.
    pub fn sides_mut(&mut self) -> [&mut RollSide; 2] {
        [&mut self.left, &mut self.entered]
    }

    /// Notional that a unit which is carried on turns over, USD.
    pub fn turnover(&self, row: usize) -> f64 {
        self.left.turnover[row] + self.entered.turnover[row]
    }

    /// Whether another contract is entered at the row.
    pub fn enters(&self, row: usize) -> bool {
        self.entered.turnover[row] > 0.0
    }
}

/// In what an instrument's P&L is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Settlement {
    /// Bought with USD: holding one unit ties up its price (spot, USD-settled options).
    Cash,
    /// Bought with coins: holding one unit ties up its price in coins (coin-settled options).
    CoinCash,
    /// Marked to market in USD, ties up nothing (linear perp).
    Usd,
    /// Marked to market in the coin, ties up nothing (inverse perp).
    Coin,
}

/// Where a decision is filled.
#[derive(Debug, Clone, PartialEq)]
pub enum Fills {
    /// At the price of the row at which the trade is made.
    AtPrice,
    /// At the open of the row at which the trade is made; the decision was taken at the row before.
    AtOpen {
        /// USD per coin.
        open: Vec<f64>,
        /// USD earned by one unit bought at the open, until the row's time.
        pnl: Vec<f64>,
    },
    /// At a level of the spot within the row's bar, where an order has rested since the row before; at the row's open where
    /// the bar opens beyond the level.
    AtStops {
        /// USD per coin.
        open: Vec<f64>,
    },
}

/// One unit of a hedge instrument through time. A unit is a coin, or 1 USD of notional for an inverse perp.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// As the report calls it, `BTC perp`.
    pub name: String,
    /// Index of its asset in the market.
    pub asset: usize,
    /// What it promises; `None` for an option.
    pub contract: Option<Contract>,
    /// In what its P&L is paid.
    pub settlement: Settlement,
    /// Price in USD: of a coin for linear instruments, of the option held after the row's roll for options.
    pub price: Vec<f64>,
    /// USD earned by one unit held from the row before; 0 at row 0.
    pub pnl: Vec<f64>,
    /// Where trades are filled.
    pub fills: Fills,
    /// USD received by one long unit over the row (funding); negative when longs pay.
    pub carry: Series,
    /// Coins of delta in one unit, after the row's roll.
    pub delta: Series,
    /// Coins per USD.
    pub gamma: Series,
    /// USD per 1.00 of vol.
    pub vega: Series,
    /// USD per year.
    pub theta: Series,
    /// The P&L of one unit by line; `None` for linear instruments, whose lines are delta and basis.
    pub explained: Option<Explained>,
    /// What trading one unit costs.
    pub unit_cost: UnitCost,
    /// What an option's fee follows, for trades between rows' marks; `None` for linear instruments.
    pub option_fee: Option<OptionFee>,
    /// Slippage that grows with the trade: a trade of so many USD loses this times its square root, as a fraction of it, one
    /// number per row; `None` for no such.
    pub impact: Option<Vec<f64>>,
    /// What carrying one unit through a roll costs; `None` for what does not roll.
    pub rolls: Option<Rolls>,
    /// USD of notional of one unit traded at the row, at its fill.
    pub unit_notional: Series,
    /// Proportional one-way cost, fraction of notional, for rules that weigh cost against risk.
    pub cost_rate: f64,
    /// True when `price` is a copy of the spot for want of the contract's own history.
    pub marked_at_spot: bool,
    /// What a margin model asks of one unit of an option; its requirements are those of one unit **sold**. `None` for linear
    /// instruments, and unless a model was asked for.
    pub margin: Option<OptionMargin>,
    /// The same instrument with what its trades cost at the market, for those that a venue forces; `None` where its own do.
    pub forced: Option<Box<Track>>,
}
