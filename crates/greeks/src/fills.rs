//! Fills that were really made: what they leave held, row after row.
//!
//! A fill is matched to the first row at or after it, never to one before: a row knows nothing of what comes after it. The
//! option stands in the book at its mark from that row on; what the fill paid more or less than that mark is a cost of the
//! trade ([`Agreed`]), so that a book of fills and a programme that holds the same options are worth the same.

use std::ops::Range;

use hedgerow_core::{Agreed, Market, OptionKind, OptionTradeKind, PaidIn, Timestamp};

use crate::marks::{OptionTerms, Place};
use crate::schedule::{Deal, Deals, End, Holding, check_vols};
use crate::strike::strike_text;
use crate::{GreeksError, VolMarks};

/// The fills of one contract.
#[derive(Debug, Clone, PartialEq)]
pub struct FillLine {
    /// Index into the market's assets.
    pub asset: usize,
    /// Ticker.
    pub ticker: String,
    /// As the venue calls the contract.
    pub instrument: String,
    /// Call or put.
    pub kind: OptionKind,
    /// USD per coin.
    pub strike: f64,
    /// When the contract expires; what is held then settles at the first row at or after it.
    pub expiry: Timestamp,
    /// In what premium, payoff and fees are paid.
    pub settlement: PaidIn,
    /// In the order of time.
    pub fills: Vec<Fill>,
}

/// One fill.
#[derive(Debug, Clone, PartialEq)]
pub struct Fill {
    /// Where it was read, for messages: `row 3`.
    pub place: String,
    /// When it was made.
    pub time: Timestamp,
    /// Coins of underlying, positive when bought.
    pub coins: f64,
    /// Paid per coin of underlying, in `price_in`.
    pub price: f64,
    /// Unit of the price; a price in coins is worth the spot of the row it is matched to.
    pub price_in: PaidIn,
    /// Fee of the whole fill in what the contract pays, negative when received; `None`: as the costs of the run say.
    pub fee: Option<f64>,
}

/// Where a fill cannot be matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmatched {
    /// Before the bar of the first row.
    Early,
    /// After the last row.
    Late,
}

/// The row that a fill is matched to: the first at or after `time`. The first row takes what happened within its own bar.
///
/// # Errors
/// [`Unmatched`] where the market has no such row.
pub fn fill_row(market: &Market, time: Timestamp) -> Result<usize, Unmatched> {
    let rows = market.time();
    let start = rows[0].millis() - market.step_millis().unwrap_or(0);
    if time.millis() < start {
        return Err(Unmatched::Early);
    }
    Some(rows.partition_point(|row| *row < time))
        .filter(|row| *row < rows.len())
        .ok_or(Unmatched::Late)
}

impl FillLine {
    /// `fills of BTC-27MAR26-70000-C`.
    pub fn name(&self) -> String {
        format!("fills of {}", self.instrument)
    }

    /// One sentence for the report's assumptions, without its full stop.
    pub fn describe(&self) -> String {
        format!(
            "{}: {} {} {}, strike {}, expires {}",
            self.name(),
            self.fills.len(),
            if self.fills.len() == 1 { "fill of the" } else { "fills of the" },
            self.kind.name(),
            strike_text(self.strike),
            self.expiry
        )
    }

    /// What is held of the contract: a holding for each stretch in which it is held on one side without a break.
    ///
    /// # Errors
    /// [`GreeksError`] for a fill outside the market's rows or at which the option has expired, and where it is held and no
    /// vol is known.
    pub(crate) fn schedule(
        &self,
        market: &Market,
        marks: &VolMarks,
        rate: f64,
    ) -> Result<Vec<Holding>, GreeksError> {
        let expires = market.time().partition_point(|time| *time < self.expiry);
        let spot = &market.assets()[self.asset].spot;
        let mut book = Book { line: self, holdings: Vec::new(), open: None, net: 0.0, turned: 0.0 };
        for fill in &self.fills {
            let row = self.row(fill, market, expires)?;
            book.fill(row, fill, spot[row]);
        }
        book.finish((expires < market.n_rows()).then_some(expires), market.n_rows());
        for holding in &book.holdings {
            self.check_marks(holding, market, marks, rate)?;
        }
        Ok(book.holdings)
    }

    fn row(&self, fill: &Fill, market: &Market, expires: usize) -> Result<usize, GreeksError> {
        let time = market.time();
        let row = fill_row(market, fill.time).map_err(|_| GreeksError::FillOutsideData {
            place: fill.place.clone(),
            instrument: self.instrument.clone(),
            time: fill.time,
            first: time[0],
            last: time[time.len() - 1],
        })?;
        if fill.time < self.expiry && row < expires {
            return Ok(row);
        }
        Err(GreeksError::FillExpired {
            place: fill.place.clone(),
            instrument: self.instrument.clone(),
            time: fill.time,
            row: time[row],
            expiry: self.expiry,
        })
    }

    fn check_marks(
        &self,
        holding: &Holding,
        market: &Market,
        marks: &VolMarks,
        rate: f64,
    ) -> Result<(), GreeksError> {
        let rows = holding.marked_rows(market.n_rows());
        let option = OptionTerms { kind: self.kind, strike: self.strike, expiry: self.expiry };
        let own = marks.of_option(Place { market, asset: self.asset, rate }, option, rows.clone());
        check_vols(&self.ticker, (market, marks), rows, |row| own.at(row).is_some())
    }

    fn agreed(&self, fill: &Fill, spot: f64) -> Agreed {
        let usd = |amount: f64, unit: PaidIn| match unit {
            PaidIn::Usd => amount,
            PaidIn::Coin => amount * spot,
        };
        Agreed {
            price: usd(fill.price, fill.price_in),
            fee: fill.fee.map(|fee| usd(fee, self.settlement)),
        }
    }
}

/// Amounts below this share of what was traded are rounding: 0.1 + 0.2 − 0.3 coins are none.
const ROUNDING: f64 = 1e-9;

/// A contract's position while its fills are read.
#[derive(Debug)]
struct Book<'a> {
    line: &'a FillLine,
    holdings: Vec<Holding>,
    /// What is held now: since which row, and how.
    open: Option<(usize, Deals)>,
    /// Coins held now.
    net: f64,
    /// Coins bought and sold so far.
    turned: f64,
}

impl Book<'_> {
    /// Takes a fill: what it closes first, then what it opens.
    fn fill(&mut self, row: usize, fill: &Fill, spot: f64) {
        self.turned += fill.coins.abs();
        let agreed = self.line.agreed(fill, spot);
        let against = self.net * fill.coins < 0.0;
        let closed = if against { fill.coins.abs().min(self.net.abs()) } else { 0.0 };
        let part = |coins: f64| Agreed {
            fee: agreed.fee.map(|fee| fee * (coins / fill.coins).abs()),
            ..agreed
        };
        let coins = closed.copysign(fill.coins);
        if closed > 0.0 {
            self.trade(Deal {
                row,
                kind: OptionTradeKind::Close,
                coins,
                agreed: Some(part(coins)),
            });
        }
        let rest = fill.coins - coins;
        if rest.abs() > ROUNDING * fill.coins.abs() {
            self.trade(Deal {
                row,
                kind: OptionTradeKind::Open,
                coins: rest,
                agreed: Some(part(rest)),
            });
        }
    }

    fn trade(&mut self, deal: Deal) {
        let (open, deals) = self
            .open
            .get_or_insert_with(|| (deal.row, Deals { coins: Vec::new(), trades: Vec::new() }));
        let open = *open;
        deals.coins.resize(deal.row - open, self.net);
        deals.trades.push(deal);
        self.net += deal.coins;
        if deal.kind == OptionTradeKind::Close && self.net.abs() <= ROUNDING * self.turned {
            self.end(Some(End { row: deal.row, expired: false }));
        }
    }

    /// Ends what is open.
    fn end(&mut self, end: Option<End>) {
        let Some((open, deals)) = self.open.take() else { return };
        self.net = 0.0;
        self.holdings.push(Holding {
            open,
            end,
            expiry: self.line.expiry,
            strikes: vec![self.line.strike],
            far: Vec::new(),
            deals: Some(deals),
        });
    }

    /// Holds what is left to its expiry, or to the last row.
    fn finish(&mut self, expires: Option<usize>, n_rows: usize) {
        if let Some((open, deals)) = &mut self.open {
            deals.coins.resize(expires.unwrap_or(n_rows) - *open, self.net);
        }
        self.end(expires.map(|row| End { row, expired: true }));
    }
}

impl Holding {
    /// Stretches of `rows` over which as much is held, with the coins; of a holding without deals, all of them with 1.
    pub(crate) fn stretches(&self, n_rows: usize) -> Vec<(Range<usize>, f64)> {
        let rows = self.rows(n_rows);
        let Some(deals) = &self.deals else { return vec![(rows, 1.0)] };
        let mut first = rows.start;
        let same = deals.coins.chunk_by(|a, b| a.total_cmp(b).is_eq());
        same.map(|coins| {
            let stretch = first..first + coins.len();
            first = stretch.end;
            (stretch, coins[0])
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow_core::AssetColumns;

    fn market() -> Market {
        let time = (0..10).map(|day| Timestamp::from_millis(0).plus_days(day)).collect();
        let asset = AssetColumns {
            name: "BTC".to_owned(),
            spot: vec![100.0; 10],
            open: None,
            high: None,
            low: None,
        };
        Market::new(time, vec![asset], vec![], vec![]).unwrap()
    }

    fn line(fills: &[(i64, f64)]) -> FillLine {
        let fills = fills.iter().map(|(day, coins)| Fill {
            place: format!("row {day}"),
            time: Timestamp::from_millis(1).plus_days(*day),
            coins: *coins,
            price: 0.01,
            price_in: PaidIn::Coin,
            fee: Some(0.001),
        });
        FillLine {
            asset: 0,
            ticker: "BTC".to_owned(),
            instrument: "BTC-8JAN70-100-C".to_owned(),
            kind: OptionKind::Call,
            strike: 100.0,
            expiry: Timestamp::from_millis(0).plus_days(7),
            settlement: PaidIn::Coin,
            fills: fills.collect(),
        }
    }

    fn holdings(fills: &[(i64, f64)]) -> Result<Vec<Holding>, GreeksError> {
        let marks = VolMarks { vol: vec![Some(0.5); 10], ..VolMarks::unknown(10) };
        line(fills).schedule(&market(), &marks, 0.0)
    }

    /// Opened in two fills, closed in part, turned round by one fill, and settled: two holdings, one for each side.
    #[test]
    fn parts_and_flips() {
        let held = holdings(&[(0, 0.1), (0, 0.2), (2, -0.1), (4, -0.5)]).unwrap();
        assert_eq!(held.len(), 2);
        assert_eq!((held[0].open, held[0].end), (1, Some(End { row: 5, expired: false })));
        let coins = &held[0].deals.as_ref().unwrap().coins;
        for (found, expected) in coins.iter().zip([0.3, 0.3, 0.2, 0.2]) {
            assert!((found - expected).abs() < 1e-15, "{coins:?}");
        }
        assert_eq!((held[1].open, held[1].end), (5, Some(End { row: 7, expired: true })));
        let turned: Vec<Deal> = held
            .iter()
            .flat_map(|held| held.deals.clone().unwrap().trades)
            .filter(|deal| deal.row == 5)
            .collect();
        assert_eq!(turned[0].kind, OptionTradeKind::Close);
        assert_eq!(turned[1].kind, OptionTradeKind::Open);
        let total = |of: &dyn Fn(&Deal) -> f64| turned.iter().map(of).sum::<f64>();
        assert!((total(&|deal| deal.coins) + 0.5).abs() < 1e-15);
        assert!((total(&|deal| deal.agreed.unwrap().fee.unwrap()) - 0.1).abs() < 1e-15);
    }

    /// What rounding leaves of a closed position is nothing: 0.1 + 0.2 − 0.3 is not 0 in binary.
    #[test]
    fn closing_leaves_nothing() {
        let held = holdings(&[(0, 0.1), (1, 0.2), (2, -0.3)]).unwrap();
        assert_eq!(held.len(), 1);
        assert_eq!(held[0].end, Some(End { row: 3, expired: false }));
        let within = holdings(&[(0, 1.0), (0, -1.0)]).unwrap();
        assert_eq!(within[0].rows(10), 1..1);
        assert_eq!(within[0].marked_rows(10), 1..2);
    }

    #[test]
    fn fills_outside_the_rows_or_after_expiry_are_refused() {
        let message = |fills: &[(i64, f64)]| holdings(fills).unwrap_err().to_string();
        assert!(message(&[(9, 1.0)]).starts_with("row 9: "), "{}", message(&[(9, 1.0)]));
        assert!(message(&[(-3, 1.0)]).contains("outside"), "{}", message(&[(-3, 1.0)]));
        assert!(message(&[(6, 1.0)]).contains("expired"), "{}", message(&[(6, 1.0)]));
        assert_eq!(fill_row(&market(), Timestamp::from_millis(-1)), Ok(0));
        assert_eq!(fill_row(&market(), Timestamp::from_millis(0).plus_days(3)), Ok(3));
    }
}
