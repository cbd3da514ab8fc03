//! `ledger.parquet`: every row of every ledger, so that anyone can recompute every number of the report.
//!
//! One row per strategy, leg and time. What belongs to the strategy is repeated on the rows of each of its legs; a
//! strategy without legs has one row per time, whose leg is `none` and whose leg columns are null. A column that exists
//! once per asset carries the asset's name when the market has several. `pnl_delta` to `pnl_residual` add up to `price_pnl`,
//! `book_pnl_delta` to `book_pnl_residual` to `book_pnl`. Over each row `equity` changes by `book_pnl - book_fee - book_spread +
//! collateral_pnl + interest - liquidation` and, over the legs, `price_pnl + carry - fee - spread - slippage - roll`.
//! Columns of margin are those of runs with a margin model; `liquidation` is the account's, `penalty` the part of it that is a leg's,
//! and `forced` is among `traded`. A book that a venue closed is nothing from there on.

use hedgerow_core::{
    BookClosed, Cells, Column, GREEK_LINES, Ledger, LegLedger, Line, MarginLedger, Market, Slopes,
    Table,
};

use crate::Run;
use crate::costs::is_option;

mod margin;

use margin::margin_columns;

/// All ledgers of a run as one long table.
///
/// # Panics
/// When a ledger does not fit the market.
pub fn ledger_table(run: &Run<'_>) -> Table {
    run.check();
    (run.progress)("ledger");
    let blocks = blocks(run.ledgers);
    let mut columns = identity_columns(run, &blocks);
    columns.extend(leg_columns(run, &blocks));
    columns.extend(book_columns(run, &blocks));
    columns.extend(book_lines(run, &blocks));
    columns.extend(account_columns(run, &blocks));
    if run.ledgers.iter().any(|ledger| ledger.margin.is_kept()) {
        columns.extend(margin_columns(run, &blocks));
    }
    Table { columns }
}

/// One strategy and one of its legs: as many table rows as the market has.
#[derive(Clone, Copy)]
struct Block<'a> {
    ledger: &'a Ledger,
    leg: Option<&'a LegLedger>,
}

impl<'a> Block<'a> {
    /// `None` without a margin model.
    fn margin(&self) -> Option<&'a MarginLedger> {
        Some(&self.ledger.margin).filter(|margin| margin.is_kept())
    }
}

fn blocks(ledgers: &[Ledger]) -> Vec<Block<'_>> {
    let of = |ledger| move |leg| Block { ledger, leg };
    ledgers
        .iter()
        .flat_map(|ledger| {
            let legs: Vec<Option<&LegLedger>> = match ledger.legs.as_slice() {
                [] => vec![None],
                legs => legs.iter().map(Some).collect(),
            };
            legs.into_iter().map(of(ledger))
        })
        .collect()
}

fn identity_columns(run: &Run<'_>, blocks: &[Block<'_>]) -> Vec<Column> {
    let n_rows = run.market.n_rows();
    let time = blocks.iter().flat_map(|_| run.market.time()).copied().collect();
    let name = |text: fn(&Block<'_>) -> String| names(blocks, n_rows, text);
    let mut columns = vec![
        Column {
            name: "time".to_owned(),
            unit: "UTC",
            about: "instant at which the row is known: the end of its bar",
            cells: Cells::Time(time),
        },
        Column {
            name: "strategy".to_owned(),
            unit: "name",
            about: "strategy; the first is the unhedged book",
            cells: name(|block| block.ledger.strategy.clone()),
        },
        Column {
            name: "leg".to_owned(),
            unit: "name",
            about: "leg of the strategy, `none` where it has no legs",
            cells: name(|block| {
                block.leg.map_or_else(|| "none".to_owned(), |leg| leg.name.clone())
            }),
        },
        Column {
            name: "instrument".to_owned(),
            unit: "name",
            about: "what the leg trades, `none` where there is no leg",
            cells: name(|block| {
                block.leg.map_or_else(|| "none".to_owned(), |leg| leg.instrument.clone())
            }),
        },
    ];
    columns.extend(per_asset(run.market, "spot", "USD", "price of a coin", |asset, _| {
        repeat(blocks, |_| &run.market.assets()[asset].spot)
    }));
    columns
}

/// A column of a leg: name, unit, meaning, contents.
type LegColumn = (&'static str, &'static str, &'static str, fn(&LegLedger) -> &Vec<f64>);

/// A slope of the book: name, unit, meaning, contents.
type SlopeColumn = (&'static str, &'static str, &'static str, fn(&Slopes) -> &Vec<f64>);

const LEG_COLUMNS: [LegColumn; 12] = [
    ("instrument_price", "USD", "price of the instrument at the row", |leg| &leg.price),
    (
        "fill",
        "USD",
        "price at which the row's trade was filled, or would have been, before its half-spread, slippage and rounding to a tick: those are in `spread` and `slippage`",
        |leg| &leg.fill,
    ),
    (
        "held",
        "units",
        "units held after the row's trade: coins, or USD of notional of an inverse perp",
        |leg| &leg.held,
    ),
    ("traded", "units", "units traded at the row, + is bought", |leg| &leg.traded),
    ("price_pnl", "USD", "P&L from the instrument's price over the row", |leg| &leg.price_pnl),
    ("carry", "USD", "funding received over the row, negative when paid", |leg| &leg.carry),
    ("fee", "USD", "fees paid at the row", |leg| &leg.fee),
    ("spread", "USD", "half-spreads paid at the row", |leg| &leg.spread),
    ("slippage", "USD", "slippage paid at the row, rounding to a tick among it", |leg| {
        &leg.slippage
    }),
    (
        "roll",
        "USD",
        "cost of carrying the position through a roll or an expiry at the row",
        |leg| &leg.roll,
    ),
    ("turnover", "USD", "notional turned over at the row", |leg| &leg.turnover),
    (
        "premium",
        "USD",
        "cash paid for what is bought outright at the row, negative when received",
        |leg| &leg.premium,
    ),
];

fn leg_columns(run: &Run<'_>, blocks: &[Block<'_>]) -> Vec<Column> {
    let n_rows = run.market.n_rows();
    let mut columns: Vec<Column> = LEG_COLUMNS
        .iter()
        .map(|&(name, unit, about, column)| {
            let cells = blocks
                .iter()
                .flat_map(|block| known(block.leg.map(|leg| column(leg).as_slice()), n_rows))
                .collect();
            Column { name: name.to_owned(), unit, about, cells: Cells::Maybe(cells) }
        })
        .collect();
    let ideal = blocks.iter().flat_map(|block| match block.leg {
        Some(leg) => leg.ideal.iter().map(|ideal| ideal.map(unsigned)).collect(),
        None => vec![None; n_rows],
    });
    let column = Column {
        name: "ideal".to_owned(),
        unit: "units",
        about: "units the leg would hold if re-hedging were free, null where that is not known: before its ratio is, where its option has too little of what it is held against, or where the venue closed it",
        cells: Cells::Maybe(ideal.collect()),
    };
    columns.insert(2, column);
    let has_options = run.ledgers.iter().flat_map(|ledger| &ledger.legs).any(is_option);
    columns.extend(price_lines(has_options).map(|line| {
        let cells = blocks
            .iter()
            .flat_map(|block| known(block.leg.map(|leg| leg.explained.line(line)), n_rows));
        let name = format!("pnl_{}", line.key());
        Column { name, unit: "USD", about: line.about(), cells: Cells::Maybe(cells.collect()) }
    }));
    columns
}

/// The lines that add up to the P&L of prices: for options all of them, else delta and basis.
fn price_lines(has_options: bool) -> impl Iterator<Item = Line> {
    let more = if has_options { &GREEK_LINES[1..] } else { &[] };
    let residual = has_options.then_some(Line::Residual);
    [Line::Delta].into_iter().chain(more.iter().copied()).chain([Line::Basis]).chain(residual)
}

/// The lines of the book's own P&L: without options it has delta only.
fn book_lines<'a>(run: &Run<'a>, blocks: &[Block<'a>]) -> Vec<Column> {
    let exposure = run.exposure;
    // What closing a book within a bar pays, other than the mark, is no move of a factor.
    let closed = run.ledgers.iter().any(|ledger| ledger.margin.book_closed.is_some());
    let of_book = |line: &Line| *line != Line::Basis;
    let lines: Vec<Line> =
        price_lines(closed || !exposure.trades.is_empty()).filter(of_book).collect();
    let columns = lines.iter().map(|&line| {
        let name = format!("book_pnl_{}", line.key());
        let column = exposure.explained.line(line);
        let cells = until_closed(blocks, column, |closed| closed.explained.line(line)[0]);
        numbers(&name, "USD", line.about(), cells)
    });
    columns.collect()
}

/// A column of the book, repeated; where a venue closed the book, `at` the row of that and 0 after it.
fn until_closed(blocks: &[Block<'_>], column: &[f64], at: impl Fn(&BookClosed) -> f64) -> Vec<f64> {
    let mut cells = Vec::with_capacity(blocks.len() * column.len());
    for block in blocks {
        match &block.ledger.margin.book_closed {
            None => cells.extend_from_slice(column),
            Some(closed) => {
                cells.extend_from_slice(&column[..closed.row]);
                cells.push(at(closed));
                cells.extend(std::iter::repeat_n(0.0, column.len() - closed.row - 1));
            }
        }
    }
    cells
}

fn book_columns(run: &Run<'_>, blocks: &[Block<'_>]) -> Vec<Column> {
    let exposure = run.exposure;
    let n_rows = run.market.n_rows();
    let mut columns = vec![
        numbers(
            "book_value",
            "USD",
            "value of the book",
            until_closed(blocks, &exposure.value, |_| 0.0),
        ),
        numbers(
            "book_cash_flow",
            "USD",
            "USD received by the book at the row: premiums and payoffs",
            until_closed(blocks, &exposure.cash_flow, |closed| closed.cash_flow),
        ),
    ];
    let zeros = vec![0.0; n_rows];
    let about =
        "coins received by the book at the row: premiums and payoffs of coin-settled options";
    columns.extend(per_asset(run.market, "book_coin_flow", "coins", about, |asset, _| {
        let slopes = &exposure.slopes[asset];
        let flow = if slopes.is_coin_settled() { &slopes.coin_flow } else { &zeros };
        until_closed(blocks, flow, |closed| closed.coin_flow[asset])
    }));
    let slopes: [SlopeColumn; 4] = [
        ("delta", "coins", "delta of the book without the hedge", |slopes| &slopes.delta),
        ("gamma", "coins per USD", "gamma of the book", |slopes| &slopes.gamma),
        ("vega", "USD per 1.00 of vol", "vega of the book", |slopes| &slopes.vega),
        ("theta", "USD per year", "theta of the book", |slopes| &slopes.theta),
    ];
    for (name, unit, about, column) in slopes {
        columns.extend(per_asset(run.market, name, unit, about, |asset, _| {
            until_closed(blocks, column(&exposure.slopes[asset]), |_| 0.0)
        }));
    }
    columns
}

fn account_columns(run: &Run<'_>, blocks: &[Block<'_>]) -> Vec<Column> {
    let column = |name, about, of: fn(&Ledger) -> &Vec<f64>| {
        numbers(name, "USD", about, repeat(blocks, move |block| of(block.ledger)))
    };
    let mut columns = vec![
        column("book_pnl", "change of the book's value plus its cash flows", |l| &l.book_pnl),
        column("book_fee", "fees of the book's own option trades", |l| &l.book_fee),
        column("book_spread", "half-spreads of the book's own option trades", |l| &l.book_spread),
        column("cash", "USD in the account after the row", |l| &l.cash),
        column("collateral_pnl", "P&L of the account's coins from their spot", |l| {
            &l.collateral_pnl
        }),
        column("interest", "interest received on cash, negative when paid", |l| &l.interest),
    ];
    let coins = "coins in the account after the row";
    columns.extend(per_asset(run.market, "coins", "coins", coins, |asset, _| {
        repeat(blocks, |block| &block.ledger.coins[asset])
    }));
    let net = "delta of book and legs after the row's trades, without the account's coins";
    columns.extend(per_asset(run.market, "net_delta", "coins", net, |asset, _| {
        repeat(blocks, |block| &block.ledger.net_delta[asset])
    }));
    columns.push(column("equity", "cash, coins, book and hedge at their marks", |l| &l.equity));
    columns.push(numbers(
        "unhedged_equity",
        "USD",
        "equity of the unhedged strategy",
        repeat(blocks, |_| &run.ledgers[0].equity),
    ));
    columns
}

/// Nothing is 0: the -0 of minus nothing says something else to whoever reads it.
fn unsigned(cell: f64) -> f64 {
    0.0 + cell
}

fn numbers(name: &str, unit: &'static str, about: &'static str, cells: Vec<f64>) -> Column {
    let cells = cells.into_iter().map(unsigned).collect();
    Column { name: name.to_owned(), unit, about, cells: Cells::Numbers(cells) }
}

fn repeat<'a>(blocks: &[Block<'a>], column: impl Fn(&Block<'a>) -> &'a [f64]) -> Vec<f64> {
    blocks.iter().flat_map(column).copied().collect()
}

fn known(column: Option<&[f64]>, n_rows: usize) -> Vec<Option<f64>> {
    column.map_or_else(
        || vec![None; n_rows],
        |column| column.iter().copied().map(unsigned).map(Some).collect(),
    )
}

fn names(blocks: &[Block<'_>], n_rows: usize, text: fn(&Block<'_>) -> String) -> Cells {
    let mut names: Vec<String> = Vec::new();
    let mut index = Vec::with_capacity(blocks.len() * n_rows);
    for block in blocks {
        let name = text(block);
        let known = names.iter().position(|known| *known == name);
        let place = known.unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        });
        let place = u32::try_from(place).expect("fewer legs than 2^32");
        index.extend(std::iter::repeat_n(place, n_rows));
    }
    Cells::Names { names, index }
}

/// One column per asset; the name carries the asset's where there are several.
fn per_asset(
    market: &Market,
    name: &str,
    unit: &'static str,
    about: &'static str,
    cells: impl Fn(usize, &str) -> Vec<f64>,
) -> Vec<Column> {
    let assets = market.assets();
    assets
        .iter()
        .enumerate()
        .map(|(index, asset)| {
            let name = match assets {
                [_] => name.to_owned(),
                _ => format!("{name}_{}", asset.name.to_lowercase()),
            };
            numbers(&name, unit, about, cells(index, &asset.name))
        })
        .collect()
}
