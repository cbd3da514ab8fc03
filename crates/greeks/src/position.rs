//! One option of a line through time: its marks and its trades.

use std::ops::Range;

use hedgerow_core::{Grade, GradeCounts, Market, OptionTrade, OptionTradeKind, Timestamp};

use crate::explain::{Move, explain};
use crate::kernel::{BLOCK, Block};
use crate::marks::{Marks, OptionTerms, Place};
use crate::schedule::{Deal, End, Holding};
use crate::strike::strike_text;
use crate::{Greeks, OptionKind, VolMarks};

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
    pub(crate) market: &'a Market,
    pub(crate) vols: &'a VolMarks,
    pub(crate) rate: f64,
}

/// The columns of one position, in USD and coins as in an exposure; zero where nothing is held.
#[derive(Debug, Clone)]
pub(crate) struct Marked {
    pub(crate) slopes: Columns,
    pub(crate) trades: Vec<OptionTrade>,
    /// Rows at which the position was marked, by grade.
    pub(crate) grades: GradeCounts,
    /// The lines of its P&L that its slopes explain, one entry per row each; `None` where it shares its vol with all
    /// others, which are explained together.
    pub(crate) lines: Option<[Vec<f64>; 6]>,
    /// Where an option settled after its expiry: theta stops at the expiry, so this is what the row's `theta Δt` has too
    /// much, in USD, with the sign in which it is to be added.
    pub(crate) overtime: Vec<(usize, f64)>,
}

/// Value and slopes, one entry per row.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    pub(crate) value: Vec<f64>,
    pub(crate) delta: Vec<f64>,
    pub(crate) gamma: Vec<f64>,
    pub(crate) vega: Vec<f64>,
    pub(crate) theta: Vec<f64>,
    pub(crate) vanna: Vec<f64>,
    pub(crate) volga: Vec<f64>,
}

/// Marks a position at every row at which it is held. Rows without an option cost nothing.
pub(crate) fn mark(position: &Position<'_>) -> Marked {
    let n_rows = position.time.len();
    let mut marked = Marked {
        slopes: Columns::zero(n_rows),
        trades: Vec::with_capacity(2 * position.holdings.len()),
        grades: GradeCounts::default(),
        lines: None,
        overtime: Vec::new(),
    };
    let mut block = Block::new();
    for holding in position.holdings {
        let option = position.option_of(holding);
        let held = holding.rows(n_rows);
        marked.count(&option.marks, held.clone());
        for deal in position.deals(holding) {
            let mark = option.greeks(&mut block, deal.row);
            marked.trade(&option, deal, &mark);
        }
        for first in held.clone().step_by(BLOCK) {
            let rows = first..held.end.min(first + BLOCK);
            option.price(&mut block, rows.clone());
            marked.slopes.hold(position.coins, rows.clone(), &block);
            if let Some(deals) = &holding.deals {
                let from = first - held.start;
                marked.slopes.scale(rows.clone(), &deals.coins[from..from + rows.len()]);
            }
        }
        if let Some(end) = holding.end {
            if let Some(ending) = position.ending(holding, end) {
                let last = option.ended(&mut block, end);
                marked.trade(&option, ending, &last);
            }
            let late = position.time[end.row].years_since(holding.expiry);
            if late > 0.0 {
                marked.overtime.push((end.row, -late * marked.slopes.theta[end.row - 1]));
            }
        }
        if option.marks.is_own() {
            let last = holding.end.map_or(n_rows, |end| end.row + 1);
            marked.explain(&option, held.start + 1..last);
        }
    }
    marked
}

impl Position<'_> {
    /// The trades of a holding before its end.
    fn deals(&self, holding: &Holding) -> Vec<Deal> {
        let kind = OptionTradeKind::Open;
        holding.deals.as_ref().map_or_else(
            || vec![Deal { row: holding.open, kind, coins: self.coins, agreed: None }],
            |deals| deals.trades.clone(),
        )
    }

    /// The trade that ends a holding; `None` where the deals have closed it.
    fn ending(&self, holding: &Holding, end: End) -> Option<Deal> {
        let coins = match &holding.deals {
            None => self.coins,
            Some(deals) => *deals.coins.last().filter(|_| end.expired)?,
        };
        let kind = if end.expired { OptionTradeKind::Expire } else { OptionTradeKind::Close };
        Some(Deal { row: end.row, kind, coins: -coins, agreed: None })
    }
}

/// One option while it lives.
#[derive(Debug)]
struct LiveOption<'a> {
    position: &'a Position<'a>,
    strike: f64,
    expiry: Timestamp,
    instrument: String,
    marks: Marks<'a>,
}

impl Position<'_> {
    fn option_of(&self, holding: &Holding) -> LiveOption<'_> {
        let strike = holding.strikes[self.option];
        let instrument = instrument(self.ticker, holding.expiry, strike, self.kind);
        let place = Place { market: self.market, asset: self.asset, rate: self.rate };
        let terms = OptionTerms { kind: self.kind, strike, expiry: holding.expiry };
        let marks = self.vols.of_option(place, terms, holding.marked_rows(self.time.len()));
        LiveOption { position: self, strike, expiry: holding.expiry, instrument, marks }
    }
}

impl LiveOption<'_> {
    #[inline]
    fn years(&self, row: usize) -> f64 {
        self.expiry.years_since(self.position.time[row])
    }

    /// Prices the option at up to a block of rows.
    fn price(&self, block: &mut Block, rows: Range<usize>) {
        let Position { kind, spot, .. } = *self.position;
        let n = rows.len();
        block.sign[..n].fill(kind.sign());
        block.spot[..n].copy_from_slice(&spot[rows.clone()]);
        block.strike[..n].fill(self.strike);
        let mut excess = [0.0; BLOCK];
        for (lane, row) in rows.enumerate() {
            let mark = self.marks.at(row);
            let mark = mark.expect("the schedule checks that every marked row has a vol");
            block.years[lane] = self.years(row);
            block.vol[lane] = mark.vol;
            block.rate[lane] = mark.rate;
            block.carry[lane] = mark.carry;
            excess[lane] = mark.excess;
        }
        block
            .price(n)
            .expect("spots, strikes and vols are positive, and no row is after the expiry");
        if self.marks.is_own() {
            for (value, excess) in block.value[..n].iter_mut().zip(excess) {
                *value += excess;
            }
        }
    }

    /// The option at one row: bit for bit what a whole block gives.
    fn greeks(&self, block: &mut Block, row: usize) -> Greeks {
        self.price(block, row..row + 1);
        block.greeks(0)
    }

    /// What is received at the end: the mark when closed, the payoff (which has no slopes left to trade) when expired.
    fn ended(&self, block: &mut Block, end: End) -> Greeks {
        if end.expired {
            let payoff = self.position.kind.payoff(self.position.spot[end.row], self.strike);
            Greeks { value: payoff, ..Greeks::default() }
        } else {
            self.greeks(block, end.row)
        }
    }
}

impl Columns {
    fn zero(n_rows: usize) -> Self {
        let zeros = || vec![0.0; n_rows];
        Self {
            value: zeros(),
            delta: zeros(),
            gamma: zeros(),
            vega: zeros(),
            theta: zeros(),
            vanna: zeros(),
            volga: zeros(),
        }
    }

    fn hold(&mut self, coins: f64, rows: Range<usize>, block: &Block) {
        let pairs = [
            (&mut self.value, &block.value),
            (&mut self.delta, &block.delta),
            (&mut self.gamma, &block.gamma),
            (&mut self.vega, &block.vega),
            (&mut self.theta, &block.theta),
            (&mut self.vanna, &block.vanna),
            (&mut self.volga, &block.volga),
        ];
        for (column, lanes) in pairs {
            for (cell, lane) in column[rows.clone()].iter_mut().zip(lanes) {
                *cell = coins * lane;
            }
        }
    }

    /// Multiplies the rows by the coins held after each.
    fn scale(&mut self, rows: Range<usize>, coins: &[f64]) {
        let Self { value, delta, gamma, vega, theta, vanna, volga } = self;
        for column in [value, delta, gamma, vega, theta, vanna, volga] {
            column[rows.clone()].iter_mut().zip(coins).for_each(|(cell, coins)| *cell *= coins);
        }
    }

    /// Adds another position's columns.
    pub(crate) fn add(&mut self, more: &Self) {
        add(&mut self.value, &more.value);
        add(&mut self.delta, &more.delta);
        add(&mut self.gamma, &more.gamma);
        add(&mut self.vega, &more.vega);
        add(&mut self.theta, &more.theta);
        add(&mut self.vanna, &more.vanna);
        add(&mut self.volga, &more.volga);
    }

    /// Slopes after `row`, without value and charm.
    #[inline]
    pub(crate) fn slopes_at(&self, row: usize) -> Greeks {
        Greeks {
            delta: self.delta[row],
            gamma: self.gamma[row],
            vega: self.vega[row],
            theta: self.theta[row],
            vanna: self.vanna[row],
            volga: self.volga[row],
            ..Greeks::default()
        }
    }
}

/// Adds a column to another, row by row.
pub(crate) fn add(column: &mut [f64], more: &[f64]) {
    for (cell, addend) in column.iter_mut().zip(more) {
        *cell += addend;
    }
}

impl Marked {
    fn count(&mut self, marks: &Marks<'_>, rows: Range<usize>) {
        if let Marks::Flat { grade, .. } = marks {
            *counter(&mut self.grades, *grade) += rows.len();
            return;
        }
        for mark in rows.filter_map(|row| marks.at(row)) {
            *counter(&mut self.grades, mark.grade) += 1;
            self.grades.of_neighbours += usize::from(mark.is_of_neighbours);
        }
    }

    /// Explains the P&L of an option over `rows` by the slopes it had before each and the moves of its own vol. Only a row
    /// at which it settles has no vol: what its vega misses goes to the residual.
    fn explain(&mut self, option: &LiveOption<'_>, rows: Range<usize>) {
        let Position { time, spot, .. } = *option.position;
        let lines =
            self.lines.get_or_insert_with(|| std::array::from_fn(|_| vec![0.0; time.len()]));
        for row in rows {
            let vol = |row: usize| option.marks.at(row).map(|mark| mark.vol);
            let moved = Move {
                spot: spot[row] - spot[row - 1],
                vol: vol(row).zip(vol(row - 1)).map_or(0.0, |(to, from)| to - from),
                years: time[row].years_since(time[row - 1]),
            };
            let explained = explain(&self.slopes.slopes_at(row - 1), moved);
            for (line, usd) in lines.iter_mut().zip(explained) {
                line[row] += usd;
            }
        }
    }

    fn trade(&mut self, option: &LiveOption<'_>, deal: Deal, mark: &Greeks) {
        let position = option.position;
        self.trades.push(OptionTrade {
            row: deal.row,
            asset: position.asset,
            kind: deal.kind,
            instrument: option.instrument.clone(),
            traded: deal.coins,
            premium: mark.value,
            spot: position.spot[deal.row],
            vega: mark.vega,
            expiry: option.expiry,
            coin_settled: position.coin_settled,
            agreed: deal.agreed,
        });
    }
}

/// The count of a grade.
fn counter(counts: &mut GradeCounts, grade: Grade) -> &mut usize {
    match grade {
        Grade::Quoted => &mut counts.quoted,
        Grade::Surface => &mut counts.surface,
        Grade::Synthetic => &mut counts.synthetic,
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
