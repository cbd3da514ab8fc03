//! Bars that cannot be, and prices in another order than they are read in.

use hedgerow_core::{Defect, Severity, Timestamp};

use super::{Detector, Subject};
use crate::DataError;
use crate::findings::{Findings, Seen};
use crate::read::raw::Role;
use crate::rows::Rows;

/// With so large a part of impossible bars, the columns are not what they are read as.
const WRONG_ORDER: f64 = 0.2;

/// So many bars are tried in other orders.
const MAX_SAMPLE: usize = 4096;

pub(super) fn detector(subject: &Subject<'_>) -> Option<Box<dyn Detector>> {
    let bars = Bars { title: subject.title.to_owned(), ..Bars::default() };
    subject.kind.is_price().then(|| Box::new(bars) as Box<dyn Detector>)
}

#[derive(Debug, Default)]
struct Bars {
    title: String,
    n_rows: usize,
    count: usize,
    places: Vec<i64>,
    /// Open, high, low, close of the first bars that are not flat.
    sample: Vec<[f64; 4]>,
}

/// Whether a bar cannot be: a price outside its own low and high. What is not known is no reason.
fn is_impossible([open, high, low, close]: [f64; 4]) -> bool {
    (high < low) | (close < low) | (close > high) | (open < low) | (open > high)
}

impl Detector for Bars {
    fn push(&mut self, rows: &Rows) {
        let close = rows.main();
        let of = |role| rows.column(role).unwrap_or(close);
        let (open, high, low) = (of(Role::Open), rows.column(Role::High), rows.column(Role::Low));
        let (high, low) = match (high, low) {
            (None, None) => return,
            (Some(high), Some(low)) => (high, low),
            _ => return self.push_one_sided(rows),
        };
        let bars = open.iter().zip(high).zip(low).zip(close);
        let bars = bars.map(|(((open, high), low), close)| [*open, *high, *low, *close]);
        let count = bars.clone().filter(|bar| is_impossible(*bar)).count();
        self.n_rows += rows.len();
        self.count += count;
        if count > 0 && self.places.len() < 125 {
            let impossible = bars.clone().zip(&rows.time).filter(|(bar, _)| is_impossible(*bar));
            self.places.extend(impossible.map(|(_, time)| *time).take(125 - self.places.len()));
        }
        if self.sample.len() < MAX_SAMPLE && rows.column(Role::Open).is_some() {
            let room = MAX_SAMPLE - self.sample.len();
            let is_flat =
                |bar: &[f64; 4]| bar.iter().all(|price| price.to_bits() == bar[0].to_bits());
            self.sample.extend(bars.filter(|bar| !is_flat(bar)).take(room));
        }
    }

    fn finish(self: Box<Self>, findings: &mut Findings) -> Result<(), DataError> {
        if is_large_part(self.count, self.n_rows)
            && let Some(order) = order(&self.sample)
        {
            return Err(DataError::BarOrder {
                series: self.title,
                n_impossible: self.count,
                order,
            });
        }
        self.places.iter().for_each(|time| findings.mark(Defect::BadValue, *time, *time));
        findings.add(Seen {
            defect: Defect::BadValue,
            severity: Severity::Warning,
            count: self.count,
            first: self.places.first().map(|time| Timestamp::from_millis(*time)),
            what: "{n} bars with a price outside their own low and high are kept as they are"
                .into(),
            example: None,
        });
        Ok(())
    }
}

impl Bars {
    /// A series with highs or lows only.
    fn push_one_sided(&mut self, rows: &Rows) {
        let close = rows.main();
        let open = rows.column(Role::Open).unwrap_or(close);
        let (high, low) = (rows.column(Role::High), rows.column(Role::Low));
        for (row, time) in rows.time.iter().enumerate() {
            let high = high.map_or(f64::INFINITY, |high| high[row]);
            let low = low.map_or(0.0, |low| low[row]);
            if is_impossible([open[row], high, low, close[row]]) {
                self.count += 1;
                if self.places.len() < 125 {
                    self.places.push(*time);
                }
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows below 2^53 are exact in f64")]
fn is_large_part(count: usize, n_rows: usize) -> bool {
    count as f64 > WRONG_ORDER * n_rows as f64
}

const NAMES: [&str; 4] = ["open", "high", "low", "close"];

/// The order in which every bar is possible, as what the columns read as open, high, low and close really are. Of several,
/// that in which each bar opens nearest to where the one before closed.
fn order(sample: &[[f64; 4]]) -> Option<String> {
    let mut orders = Vec::new();
    for open in 0..4 {
        for high in (0..4).filter(|high| *high != open) {
            for low in (0..4).filter(|low| ![open, high].contains(low)) {
                orders.push([open, high, low, 6 - open - high - low]);
            }
        }
    }
    let possible = orders.into_iter().filter(|order| {
        let n_impossible =
            sample.iter().filter(|bar| is_impossible(order.map(|at| bar[at]))).count();
        n_impossible * 1000 <= sample.len()
    });
    let breaks = |[open, _, _, close]: &[usize; 4]| -> f64 {
        sample.windows(2).map(|pair| (pair[1][*open] / pair[0][*close]).ln().abs()).sum()
    };
    let best = possible.min_by(|a, b| breaks(a).total_cmp(&breaks(b)))?;
    let is =
        |column: usize| best.iter().position(|at| *at == column).map_or("", |role| NAMES[role]);
    Some([0, 1, 2, 3].map(is).join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_that_makes_bars_possible_is_named() {
        let mut price = 100.0;
        let mut bars = Vec::new();
        for row in 0..50 {
            let close = price + f64::from(row % 7) - 3.0;
            bars.push([price, price.max(close) + 1.0, price.min(close) - 1.5, close]);
            price = close;
        }
        assert_eq!(order(&bars).as_deref(), Some("open, high, low, close"));
        // Open, close, high, low, as Bitfinex has it.
        let permuted: Vec<[f64; 4]> = bars.iter().map(|[o, h, l, c]| [*o, *c, *h, *l]).collect();
        assert_eq!(order(&permuted).as_deref(), Some("open, close, high, low"));
        let nonsense: Vec<[f64; 4]> = bars
            .iter()
            .zip(0..)
            .map(
                |([o, h, l, c], row)| {
                    if row % 2 == 0 { [*o, *l, *h, *c] } else { [*h, *o, *c, *l] }
                },
            )
            .collect();
        assert_eq!(order(&nonsense), None);
    }
}
