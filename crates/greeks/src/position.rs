//! One option of a line through time: its marks, its trades and its explained P&L.

use hedgerow_core::{OptionTrade, OptionTradeKind, Timestamp};

use crate::explain::{EXPLAINED_LINES, Move, explain};
use crate::schedule::{End, Holding};
use crate::strike::strike_text;
use crate::{Greeks, OptionKind, Terms, black_scholes};

/// What a position depends on; columns have one entry per market row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Position<'a> {
    pub(crate) asset: usize,
    pub(crate) ticker: &'a str,
    pub(crate) kind: OptionKind,
    /// Coins of underlying, positive when bought.
    pub(crate) coins: f64,
    pub(crate) coin_settled: bool,
    pub(crate) holdings: &'a [Holding],
    /// Which of a holding's strikes.
    pub(crate) option: usize,
    pub(crate) time: &'a [Timestamp],
    pub(crate) spot: &'a [f64],
    pub(crate) vol: &'a [Option<f64>],
    pub(crate) rate: f64,
}

/// The columns of one position, in USD and coins as in an exposure; zero where nothing is held.
#[derive(Debug, Clone)]
pub(crate) struct Marked {
    pub(crate) value: Vec<f64>,
    pub(crate) delta: Vec<f64>,
    pub(crate) gamma: Vec<f64>,
    pub(crate) vega: Vec<f64>,
    pub(crate) theta: Vec<f64>,
    /// One column per line of [`EXPLAINED_LINES`].
    pub(crate) explained: [Vec<f64>; 7],
    pub(crate) trades: Vec<OptionTrade>,
    /// Rows at which the position was marked.
    pub(crate) n_marks: usize,
}

/// Marks a position at every row at which it is held. Rows without an option cost nothing.
pub(crate) fn mark(position: &Position<'_>) -> Marked {
    let n_rows = position.time.len();
    let zeros = || vec![0.0; n_rows];
    let mut marked = Marked {
        value: zeros(),
        delta: zeros(),
        gamma: zeros(),
        vega: zeros(),
        theta: zeros(),
        explained: EXPLAINED_LINES.map(|_| zeros()),
        trades: Vec::with_capacity(2 * position.holdings.len()),
        n_marks: 0,
    };
    for holding in position.holdings {
        let option = position.option_of(holding);
        let opened = option.greeks(holding.open);
        marked.trade(position, &option, OptionTradeKind::Open, holding.open, &opened);
        marked.hold(position.coins, holding.open, &opened);
        let held = holding.rows(n_rows);
        marked.n_marks += held.len();
        let mut before = opened;
        for row in held.start + 1..held.end {
            let now = option.greeks(row);
            marked.explain(position, &option, row, &before, now.value);
            marked.hold(position.coins, row, &now);
            before = now;
        }
        if let Some(end) = holding.end {
            let (kind, last) = option.ended(end);
            marked.explain(position, &option, end.row, &before, last.value);
            marked.trade(position, &option, kind, end.row, &last);
        }
    }
    marked
}

/// One option while it lives.
#[derive(Debug)]
struct LiveOption<'a> {
    position: &'a Position<'a>,
    strike: f64,
    expiry: Timestamp,
    instrument: String,
}

impl Position<'_> {
    fn option_of(&self, holding: &Holding) -> LiveOption<'_> {
        let strike = holding.strikes[self.option];
        let instrument = instrument(self.ticker, holding.expiry, strike, self.kind);
        LiveOption { position: self, strike, expiry: holding.expiry, instrument }
    }
}

impl LiveOption<'_> {
    #[inline]
    fn years(&self, row: usize) -> f64 {
        self.expiry.years_since(self.position.time[row])
    }

    #[inline]
    fn greeks(&self, row: usize) -> Greeks {
        let Position { kind, spot, vol, rate, .. } = *self.position;
        let terms = Terms {
            spot: spot[row],
            strike: self.strike,
            years: self.years(row),
            vol: vol[row].expect("the schedule checks that every marked row has a vol"),
            rate,
            carry: rate,
        };
        black_scholes(kind, terms)
    }

    /// What is received at the end: the mark when closed, the payoff (which has no slopes left to trade) when expired.
    fn ended(&self, end: End) -> (OptionTradeKind, Greeks) {
        if end.expired {
            let payoff = self.position.kind.payoff(self.position.spot[end.row], self.strike);
            (OptionTradeKind::Expire, Greeks { value: payoff, ..Greeks::default() })
        } else {
            (OptionTradeKind::Close, self.greeks(end.row))
        }
    }
}

impl Marked {
    #[inline]
    fn hold(&mut self, coins: f64, row: usize, now: &Greeks) {
        self.value[row] = coins * now.value;
        self.delta[row] = coins * now.delta;
        self.gamma[row] = coins * now.gamma;
        self.vega[row] = coins * now.vega;
        self.theta[row] = coins * now.theta;
    }

    #[inline]
    fn explain(
        &mut self,
        position: &Position<'_>,
        option: &LiveOption<'_>,
        row: usize,
        before: &Greeks,
        value: f64,
    ) {
        let moved = Move {
            spot: position.spot[row] - position.spot[row - 1],
            // Only a settling row may have no vol: what is left then goes to the residual.
            vol: match (position.vol[row - 1], position.vol[row]) {
                (Some(from), Some(to)) => to - from,
                _ => 0.0,
            },
            // An option that settles late stopped ageing at its expiry.
            years: position.time[row]
                .years_since(position.time[row - 1])
                .min(option.years(row - 1)),
        };
        let lines = explain(before, value - before.value, moved);
        for (column, line) in self.explained.iter_mut().zip(lines) {
            column[row] = position.coins * line;
        }
    }

    fn trade(
        &mut self,
        position: &Position<'_>,
        option: &LiveOption<'_>,
        kind: OptionTradeKind,
        row: usize,
        mark: &Greeks,
    ) {
        let traded = match kind {
            OptionTradeKind::Open => position.coins,
            OptionTradeKind::Close | OptionTradeKind::Expire => -position.coins,
        };
        self.trades.push(OptionTrade {
            row,
            asset: position.asset,
            kind,
            instrument: option.instrument.clone(),
            traded,
            premium: mark.value,
            spot: position.spot[row],
            vega: mark.vega,
            expiry: option.expiry,
            coin_settled: position.coin_settled,
        });
    }
}

/// Deribit's way to name an option, `BTC-27DEC24-100000-C`.
fn instrument(ticker: &str, expiry: Timestamp, strike: f64, kind: OptionKind) -> String {
    let date = expiry.chrono().map_or_else(
        || expiry.millis().to_string(),
        |time| time.format("%-d%b%y").to_string().to_uppercase(),
    );
    let letter = match kind {
        OptionKind::Call => 'C',
        OptionKind::Put => 'P',
    };
    format!("{ticker}-{date}-{}-{letter}", strike_text(strike))
}

#[cfg(test)]
mod tests {
    use super::instrument;
    use crate::OptionKind;
    use hedgerow_core::Timestamp;

    #[test]
    fn instruments_are_named_as_on_deribit() {
        let expiry = Timestamp::parse("2024-12-27T08:00:00Z").unwrap();
        assert_eq!(instrument("BTC", expiry, 100_000.0, OptionKind::Call), "BTC-27DEC24-100000-C");
        let expiry = Timestamp::parse("2019-04-05T08:00:00Z").unwrap();
        assert_eq!(instrument("BTC", expiry, 4123.456, OptionKind::Put), "BTC-5APR19-4123.46-P");
    }
}
