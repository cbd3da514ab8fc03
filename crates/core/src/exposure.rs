//! What a book is worth and how it moves, before any hedge.

use crate::{Explained, OptionKind, OptionMargin, Timestamp};

/// Value of a book and its slopes, one row per market row.
///
/// Value and slopes at a row are those of what is held **after** that row's expiries and rolls; the cash that these
/// exchange is in `cash_flow` and `coin_flow`. The book's P&L over a row is therefore
/// `value[i] - value[i-1] + cash_flow[i] + sum over assets of coin_flow[i] * spot[i]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Exposure {
    /// USD.
    pub value: Vec<f64>,
    /// USD received (+) or paid (-) at the row: premiums and payoffs of contracts settled in USD.
    pub cash_flow: Vec<f64>,
    /// Slopes, one entry per asset of the market.
    pub slopes: Vec<Slopes>,
    /// The book's own P&L by line: delta, gamma, theta, vega, vanna, volga, residual.
    pub explained: Explained,
    /// Option trades in the order of time: openings, early closings and expiries.
    pub trades: Vec<OptionTrade>,
    /// How many option marks there are of each grade.
    pub grades: GradeCounts,
}

/// The delta of a book by another rule than its own slopes: what a hedge follows in their place.
#[derive(Debug, Clone, PartialEq)]
pub struct DeltaColumn {
    /// Which rule, as typed in a scenario.
    pub name: String,
    /// Coins after each row; `None` where the delta of any option held is not known.
    pub delta: Vec<Option<f64>>,
}

/// Slopes of a book with respect to one asset, one row per market row.
#[derive(Debug, Clone, PartialEq)]
pub struct Slopes {
    /// Coins held outright (spot lines of the book).
    pub coins: f64,
    /// USD value per USD of spot: coins.
    pub delta: Vec<f64>,
    /// Coins per USD.
    pub gamma: Vec<f64>,
    /// USD per 1.00 of vol.
    pub vega: Vec<f64>,
    /// USD per year.
    pub theta: Vec<f64>,
    /// Vol that the options of this asset are marked at, decimal; where each has its own, that of 30 days at the money;
    /// `None` where none is known.
    pub vol: Vec<Option<f64>>,
    /// Years to the nearest expiry of what is held; `None` where no option is held.
    pub years: Vec<Option<f64>>,
    /// Coins received (+) or paid (-) at the row: premiums and payoffs of coin-settled contracts. Empty when the book
    /// has none.
    pub coin_flow: Vec<f64>,
    /// Value of the coin-settled contracts, in coins: what premium-adjusted delta subtracts. Empty when there are none.
    pub coin_value: Vec<f64>,
    /// Deltas by other rules, for legs that ask for them; the explained P&L never uses them.
    pub chosen: Vec<DeltaColumn>,
    /// What a margin model asks of the options; `None` unless one was asked for.
    pub margin: Option<OptionMargin>,
}

impl Slopes {
    /// All zero, with this mark vol.
    pub fn zero(n_rows: usize, vol: Vec<Option<f64>>) -> Self {
        let zeros = || vec![0.0; n_rows];
        Self {
            coins: 0.0,
            delta: zeros(),
            gamma: zeros(),
            vega: zeros(),
            theta: zeros(),
            vol,
            years: vec![None; n_rows],
            coin_flow: Vec::new(),
            coin_value: Vec::new(),
            chosen: Vec::new(),
            margin: None,
        }
    }

    /// Whether any contract of this asset settles in the coin.
    pub fn is_coin_settled(&self) -> bool {
        !self.coin_flow.is_empty()
    }
}

/// Where an option mark came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grade {
    /// The option's own quote.
    Quoted,
    /// A surface fitted to quotes no later than the row.
    Surface,
    /// A model with an index or an estimated vol: no option was quoted.
    Synthetic,
}

/// Number of option marks of each grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GradeCounts {
    /// Marks from the option's own quote.
    pub quoted: usize,
    /// Marks from a fitted surface.
    pub surface: usize,
    /// Of these, marks of options whose expiry has no accepted smile of its own: made of those of other expiries.
    pub of_neighbours: usize,
    /// Marks from a model with an index or an estimated vol.
    pub synthetic: usize,
}

/// Why an option changed hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OptionTradeKind {
    /// Opened at its mark.
    Open,
    /// Closed before expiry at its mark.
    Close,
    /// Settled at expiry.
    Expire,
}

/// One option changing hands.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionTrade {
    /// Market row.
    pub row: usize,
    /// Which asset: index into the market's assets.
    pub asset: usize,
    /// Why.
    pub kind: OptionTradeKind,
    /// `BTC-27DEC24-100000-C`.
    pub instrument: String,
    /// Coins of underlying bought (+) or sold (-).
    pub traded: f64,
    /// Mark or payoff per coin of underlying, USD.
    pub premium: f64,
    /// Underlying, USD per coin.
    pub spot: f64,
    /// Vega per coin of underlying at the trade, USD per 1.00 of vol; 0 at expiry.
    pub vega: f64,
    /// When the option expires.
    pub expiry: Timestamp,
    /// Whether it settles in the coin.
    pub coin_settled: bool,
    /// What was really paid, where that is known; `None`: it trades at its mark and pays what a scenario says.
    pub agreed: Option<Agreed>,
}

/// What was really paid for an option.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreed {
    /// USD per coin of underlying; a price in coins is worth the row's spot.
    pub price: f64,
    /// USD for the whole trade, negative when received; `None` where it is not known.
    pub fee: Option<f64>,
}

impl OptionTrade {
    /// Strike in USD per coin and kind, read from the instrument's name; `None` when it is not named as on Deribit.
    pub fn terms(&self) -> Option<(f64, OptionKind)> {
        let mut parts = self.instrument.rsplit('-');
        let kind = match parts.next()? {
            "C" => OptionKind::Call,
            "P" => OptionKind::Put,
            _ => return None,
        };
        let strike: f64 = parts.next()?.replace('d', ".").parse().ok()?;
        (strike.is_finite() && strike > 0.0).then_some((strike, kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strike_and_kind_stand_in_the_name() {
        let named = |instrument: &str| OptionTrade {
            row: 0,
            asset: 0,
            kind: OptionTradeKind::Open,
            instrument: instrument.to_owned(),
            traded: 1.0,
            premium: 1.0,
            spot: 1.0,
            vega: 1.0,
            expiry: Timestamp::from_millis(0),
            coin_settled: false,
            agreed: None,
        };
        assert_eq!(named("BTC-27DEC24-100000-C").terms(), Some((100_000.0, OptionKind::Call)));
        assert_eq!(named("BTC-5APR19-4123.46-P").terms(), Some((4_123.46, OptionKind::Put)));
        assert_eq!(named("XRP_USDC-30JUN23-0d625-C").terms(), Some((0.625, OptionKind::Call)));
        assert_eq!(named("BTC-PERPETUAL").terms(), None);
    }
}
