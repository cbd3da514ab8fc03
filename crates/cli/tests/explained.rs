//! Every dollar of every row is explained, read back from `ledger.parquet`: an account with margin, options, a dated future that
//! rolls and a perp at once.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_lossless,
    reason = "tests"
)]

mod support;

use std::fmt::Write as _;

use hedgerow_core::Timestamp;
use hedgerow_data::{SheetCells, read_sheet};
use support::Desk;

const HOURS: i32 = 24 * 45;

fn hour(hours: i32) -> Timestamp {
    let start = Timestamp::parse("2025-03-01T08:00:00Z").unwrap();
    Timestamp::from_millis(start.millis() + i64::from(hours) * 3_600_000)
}

/// Waves around 60,000 and, in the fifth week, a fall by a quarter within a day.
fn btc(hours: i32) -> f64 {
    let wave = |pace: f64| (f64::from(hours) / pace).sin();
    let fall = 0.28 * (f64::from(hours - 24 * 32) / 24.0).clamp(0.0, 1.0);
    60_000.0 * (0.03 * wave(41.0) + 0.01 * wave(7.3) - fall).exp()
}

fn bars() -> String {
    let mut text = "time,open,high,low,close\n".to_owned();
    for hours in 1..=HOURS {
        let (open, close) = (btc(hours - 1), btc(hours));
        let (high, low) = (open.max(close) * 1.003, open.min(close) * 0.997);
        writeln!(text, "{},{open},{high},{low},{close}", hour(hours)).unwrap();
    }
    text
}

/// Two contracts at a basis of 10 % a year; the first expires on the way.
fn futures() -> String {
    let mut text = "time,instrument,close\n".to_owned();
    for (name, expiry) in [("BTC-28MAR25", 24 * 27), ("BTC-27JUN25", 24 * 118)] {
        for hours in 1..=HOURS.min(expiry) {
            let years = f64::from(expiry - hours) / 8760.0;
            let price = btc(hours) * (0.1 * years).exp();
            writeln!(text, "{},{name},{price}", hour(hours)).unwrap();
        }
    }
    text
}

/// `venue` is what is margined, with how much, and what comes after a liquidation.
fn scenario(venue: &str) -> String {
    format!(
        r#"name = "everything at once"
[market]
perp = "at_spot"
funding = "none"
[[market.series]]
is = "spot"
asset = "BTC"
path = "btc.csv"
bar = "end"
[[market.series]]
is = "future"
asset = "BTC"
path = "futures.csv"
paid_in = "coin"
bar = "end"
[vol]
model = {{ constant = {{ percent = 60 }} }}
[[book]]
programme = "straddle"
side = "short"
quantity = 10
tenor_days = 14
settlement = "coin"
[[book]]
programme = "spot"
quantity = 1
[capital]
coins = {{ BTC = 2.5 }}
usd = 20_000
[account]
margin = "deribit_standard"
borrow_percent = 9
coin_percent = {{ BTC = 2 }}
coin_borrow_percent = {{ BTC = 4 }}
{venue}
haircut_percent = {{ BTC = 2 }}
top_up = {{ below_ratio = 1.3, to_ratio = 1.6, delay_hours = 3 }}
sweep = {{ above_ratio = 4, to_ratio = 2, delay_hours = 3 }}
reduce_at = 1.1
[[strategy]]
name = "all"
[[strategy.leg]]
name = "puts"
with = {{ option = {{ programme = "put", strike = {{ moneyness = 0.95 }}, tenor_days = 14, settlement = "coin" }} }}
against = "vega"
ratio = {{ constant = {{ percent = 25 }} }}
when = {{ clock = {{ days = 3 }} }}
[[strategy.leg]]
name = "future"
with = {{ future = {{ paid_in = "coin", roll_days = 3 }} }}
ratio = {{ constant = {{ percent = 50 }} }}
when = {{ delta_band = 0.4 }}
[[strategy.leg]]
name = "perp"
with = "perp"
when = {{ clock = {{ hours = 6 }} }}
"#
    )
}

/// The rows of one strategy and leg; unknown cells are 0.
struct Rows {
    sheet: hedgerow_data::Sheet,
    picked: Vec<usize>,
}

impl Rows {
    fn column(&self, name: &str) -> Vec<f64> {
        let column = self.sheet.column(name).unwrap_or_else(|| panic!("{name}"));
        let SheetCells::Numbers(cells) = &column.cells else { panic!("{name}") };
        self.picked.iter().map(|row| cells[*row].unwrap_or(0.0)).collect()
    }

    fn has(&self, name: &str) -> bool {
        self.sheet.column(name).is_some()
    }

    /// `parts` add up to `whole` at every row, within 1e-9 of the largest of the amounts that took part.
    #[track_caller]
    fn adds_up(&self, whole: &str, parts: &[String]) {
        let total = self.column(whole);
        let parts: Vec<Vec<f64>> = parts.iter().map(|part| self.column(part)).collect();
        let (equity, book) = (self.column("equity"), self.column("book_value"));
        for row in 0..total.len() {
            let sum: f64 = parts.iter().map(|part| part[row]).sum();
            let scale = equity[row].abs().max(book[row].abs()).max(1.0);
            assert!(
                (sum - total[row]).abs() < 1e-9 * scale,
                "{whole} at {row}: {sum}, {}",
                total[row]
            );
        }
    }
}

fn rows(desk: &Desk, strategy: &str, leg: &str) -> Rows {
    let sheet = read_sheet(&desk.path("out/ledger.parquet")).unwrap();
    let text = |name: &str| match &sheet.column(name).unwrap().cells {
        SheetCells::Text(cells) => cells.clone(),
        SheetCells::Numbers(_) => panic!("{name}"),
    };
    let (strategies, legs) = (text("strategy"), text("leg"));
    let is = |cell: &Option<String>, name: &str| cell.as_deref() == Some(name);
    let picked = (0..sheet.n_rows())
        .filter(|row| is(&strategies[*row], strategy) && is(&legs[*row], leg))
        .collect();
    Rows { sheet, picked }
}

/// What stands in `ledger.parquet` of a strategy adds up: lines to P&L, P&L and costs to the change of equity, and cash, coins, book
/// and holdings to equity.
fn assert_sums(desk: &Desk, strategy: &str, legs: &[&str]) {
    const LINES: [&str; 8] =
        ["delta", "gamma", "theta", "vega", "vanna", "volga", "basis", "residual"];
    let legs: Vec<Rows> = legs.iter().map(|leg| rows(desk, strategy, leg)).collect();
    let first = &legs[0];
    let lines = |start: &str| -> Vec<String> {
        LINES.iter().map(|line| format!("{start}_{line}")).filter(|name| first.has(name)).collect()
    };
    first.adds_up("book_pnl", &lines("book_pnl"));
    for leg in &legs {
        leg.adds_up("price_pnl", &lines("pnl"));
    }
    let of_strategy =
        ["book_pnl", "collateral_pnl", "interest", "book_fee", "book_spread", "liquidation"];
    let of_strategy = of_strategy.map(|name| first.column(name));
    let of_leg = ["price_pnl", "carry", "fee", "spread", "slippage", "roll"];
    let of_legs: Vec<[Vec<f64>; 6]> =
        legs.iter().map(|leg| of_leg.map(|name| leg.column(name))).collect();
    let equity = first.column("equity");
    for row in 1..equity.len() {
        let [book, collateral, interest, fee, spread, penalty] =
            of_strategy.each_ref().map(|c| c[row]);
        let traded: f64 = of_legs
            .iter()
            .map(|leg| {
                let [price, carry, fee, spread, slippage, roll] = leg.each_ref().map(|c| c[row]);
                price + carry - fee - spread - slippage - roll
            })
            .sum();
        let sum = book + collateral + interest - fee - spread - penalty + traded;
        let change = equity[row] - equity[row - 1];
        let scale = equity[row].abs().max(equity[row - 1].abs()).max(1.0);
        assert!(
            (sum - change).abs() < 1e-9 * scale,
            "row {row}: {sum}, equity changed by {change}"
        );
    }
    let [spot, cash, coins, value] =
        ["spot", "cash", "coins", "book_value"].map(|name| first.column(name));
    for row in 0..equity.len() {
        let puts = &legs[0];
        let held = puts.column("held")[row] * puts.column("instrument_price")[row];
        let sum = cash[row] + coins[row] * spot[row] + value[row] + held;
        let scale = equity[row].abs().max(value[row].abs()).max(1.0);
        assert!(
            (sum - equity[row]).abs() < 1e-9 * scale,
            "row {row}: {sum}, equity {}",
            equity[row]
        );
    }
}

#[test]
fn every_row_of_a_margined_run_adds_up() {
    let venues = [
        "posted_coins = { BTC = 1.4 }\nliquidation = { penalty_bps = 40, then = \"stop\" }",
        "margin_of = \"legs\"\nposted_usd = 6_000\nposted_coins = { BTC = 0.2 }\nliquidation = { penalty_bps = 40, then = \"unhedged\" }",
        "margin_of = \"legs\"\nposted_usd = 2_000\nposted_coins = { BTC = 1.5 }\nliquidation = { penalty_bps = 40, then = \"stop\" }",
    ];
    let mut seen = Vec::new();
    for venue in venues {
        let desk = Desk::new();
        desk.write("btc.csv", &bars()).write("futures.csv", &futures());
        desk.write("my.toml", &scenario(venue));
        let summary = desk.summary();
        assert_sums(&desk, "all", &["puts", "future", "perp"]);
        let events = read_sheet(&desk.path("out/account-events.parquet")).unwrap();
        let strategies = summary["strategies"].as_object().unwrap().values();
        let n_events = strategies.map(|strategy| strategy["account"]["n_events"].as_u64().unwrap());
        assert_eq!(events.n_rows() as u64, n_events.sum::<u64>());
        let SheetCells::Text(kinds) = &events.column("event").unwrap().cells else {
            panic!("event")
        };
        seen.extend(kinds.iter().flatten().cloned());
    }
    for kind in
        ["margin_call", "top_up_sent", "top_up_arrived", "sweep_sent", "reduction", "liquidation"]
    {
        assert!(seen.iter().any(|found| found == kind), "no {kind} in {seen:?}");
    }
}
