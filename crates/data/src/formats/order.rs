//! The order of the columns of bars without a header, told by which order makes possible bars.

use super::{PRICES, Plan, PlanColumn, bars, refuse_kind, refuse_mapping};
use crate::DataError;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{BarLabel, SeriesSpec, TimeUnit};

/// Time, four prices, volume.
const N_COLUMNS: usize = 6;

/// Of a hundred bars of the right order, at most one is impossible: venues do publish such.
const MAX_IMPOSSIBLE_PERCENT: usize = 1;

/// In which order the four prices of a bar stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// freqtrade, ccxt, and nearly everybody.
    OpenHighLowClose,
    /// Bitfinex.
    OpenCloseHighLow,
    /// Coinbase.
    LowHighOpenClose,
}

impl Order {
    const ALL: [Self; 3] = [Self::OpenHighLowClose, Self::OpenCloseHighLow, Self::LowHighOpenClose];

    /// Where open, high, low and close stand.
    const fn positions(self) -> [usize; 4] {
        match self {
            Self::OpenHighLowClose => [1, 2, 3, 4],
            Self::OpenCloseHighLow => [1, 3, 4, 2],
            Self::LowHighOpenClose => [3, 2, 1, 4],
        }
    }

    const fn about(self) -> &'static str {
        match self {
            Self::OpenHighLowClose => "open, high, low, close",
            Self::OpenCloseHighLow => "open, close, high, low",
            Self::LowHighOpenClose => "low, high, open, close",
        }
    }

    fn is_possible(self, rows: &[[f64; 4]]) -> bool {
        let [open, high, low, close] = self.positions().map(|position| position - 1);
        let is_impossible = |bar: &&[f64; 4]| {
            bar[high] < bar[low]
                || !(bar[low]..=bar[high]).contains(&bar[open])
                || !(bar[low]..=bar[high]).contains(&bar[close])
        };
        rows.iter().filter(is_impossible).count() * 100 <= rows.len() * MAX_IMPOSSIBLE_PERCENT
    }
}

/// The one order in which the rows of a file without a header are possible bars.
pub(super) fn shown(head: &Head) -> Option<Order> {
    match &possible(head)[..] {
        [order] => Some(*order),
        _ => None,
    }
}

/// Why the order of a file cannot be told; `None` where it does not look like bars.
pub(super) fn question(head: &Head) -> Option<String> {
    if !is_bars(head) {
        return None;
    }
    Some(match &possible(head)[..] {
        [] => "in none of the known orders".to_owned(),
        orders => {
            let orders: Vec<_> =
                orders.iter().map(|order| format!("({})", order.about())).collect();
            orders.join(" or ")
        }
    })
}

fn is_bars(head: &Head) -> bool {
    !head.has_header
        && head.names.len() == N_COLUMNS
        && head.first.iter().all(|cell| cell.parse::<f64>().is_ok())
}

fn possible(head: &Head) -> Vec<Order> {
    if !is_bars(head) {
        return Vec::new();
    }
    let number = |cell: Option<&String>| cell.and_then(|cell| cell.parse::<f64>().ok());
    let prices = |row: &Vec<String>| {
        Some([number(row.get(1))?, number(row.get(2))?, number(row.get(3))?, number(row.get(4))?])
    };
    let rows: Vec<[f64; 4]> = head.rows.iter().filter_map(prices).collect();
    Order::ALL.into_iter().filter(|order| order.is_possible(&rows)).collect()
}

/// Bars in this order.
pub(super) fn plan(
    file: &str,
    spec: &SeriesSpec,
    head: &Head,
    (format, order, unit): (&'static str, Order, TimeUnit),
) -> Result<Plan, DataError> {
    refuse_mapping(spec)?;
    refuse_kind(file, format, spec, &PRICES)?;
    if !is_bars(head) {
        return Err(DataError::Format {
            file: file.to_owned(),
            format,
            reason: format!("expected {N_COLUMNS} columns of numbers, found {}", head.names.len()),
        });
    }
    let [open, high, low, close] = order.positions();
    let column = |role, index| PlanColumn { role, index };
    let columns = vec![
        column(Role::Close, close),
        column(Role::Open, open),
        column(Role::High, high),
        column(Role::Low, low),
        column(Role::Volume, N_COLUMNS - 1),
    ];
    let mut plan = bars(file, spec, 0, columns, (unit, BarLabel::Start));
    plan.assumptions.push(format!(
        "`{file}`: columns are time, {}, volume: no other order makes possible bars",
        order.about()
    ));
    if possible(head).len() != 1 {
        plan.assumptions.pop();
    }
    Ok(plan)
}
