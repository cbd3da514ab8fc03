//! What a rule may make its columns from.

use hedgerow_core::{Exposure, OptionKind, OptionTradeKind, Slopes, Timestamp};

/// The rows before a run, for rules that look back through a window.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    /// Instants, all before the run's first row.
    pub time: &'a [Timestamp],
    /// Spot, USD per coin.
    pub spot: &'a [f64],
}

/// A run as a rule meets it before the loop: all rows. A column made from it may use, at each row, that row and those before.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// Instants.
    pub time: &'a [Timestamp],
    /// Spot of the hedged asset, USD per coin.
    pub spot: &'a [f64],
    /// The book.
    pub exposure: &'a Exposure,
    /// Which asset is hedged.
    pub asset: usize,
    /// One-way proportional cost of the instrument, fraction of notional.
    pub cost_rate: f64,
    /// Continuous interest rate on USD, per year.
    pub rate: f64,
}

/// One option of the book at a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Held {
    pub(crate) strike: f64,
    pub(crate) kind: OptionKind,
    /// Coins of underlying, + bought.
    pub(crate) quantity: f64,
    expiry: Timestamp,
}

impl<'a> Past<'a> {
    /// The book's slopes in the hedged asset.
    pub fn slopes(&self) -> &'a Slopes {
        &self.exposure.slopes[self.asset]
    }

    /// One number per row, made from the options that the book holds after that row's trades.
    pub(crate) fn by_options<T: Clone>(&self, make: impl Fn(usize, &[Held]) -> T) -> Vec<T> {
        let mut trades =
            self.exposure.trades.iter().filter(|trade| trade.asset == self.asset).peekable();
        let mut held: Vec<Held> = Vec::new();
        (0..self.time.len())
            .map(|row| {
                while let Some(trade) = trades.next_if(|trade| trade.row <= row) {
                    if let Some((strike, kind)) = trade.terms() {
                        let quantity = trade.traded;
                        change(&mut held, Held { strike, kind, quantity, expiry: trade.expiry });
                    }
                    if trade.kind == OptionTradeKind::Expire {
                        held.retain(|option| option.expiry != trade.expiry);
                    }
                }
                make(row, &held)
            })
            .collect()
    }
}

/// Adds a trade to what is held; what it closes goes.
#[expect(clippy::float_cmp, reason = "strikes are read from the same names")]
fn change(held: &mut Vec<Held>, trade: Held) {
    let same = |option: &Held| {
        option.strike == trade.strike && option.kind == trade.kind && option.expiry == trade.expiry
    };
    match held.iter_mut().find(|option| same(option)) {
        Some(option) => option.quantity += trade.quantity,
        None => held.push(trade),
    }
    held.retain(|option| option.quantity.abs() > 1e-12);
}
