//! Columns of runs with a margin model.

use hedgerow_core::{Cells, Column, MarginLedger};

use super::{Block, LegColumn, known};
use crate::Run;

/// A column of margin: name, meaning, contents.
type MarginColumn = (&'static str, &'static str, fn(&MarginLedger) -> &Vec<f64>);

const MARGIN_COLUMNS: [MarginColumn; 5] = [
    ("margin_equity", "what the venue counts against the margins, after the row", |m| &m.equity),
    ("initial_margin", "what opening the positions takes, after the row", |m| &m.initial),
    ("maintenance_margin", "what keeping the positions takes, after the row", |m| &m.maintenance),
    ("treasury", "cash and coins that are not at the venue", |m| &m.treasury),
    ("liquidation", "penalties of forced closings at the row", |m| &m.liquidation),
];

const FORCED_COLUMNS: [LegColumn; 2] = [
    (
        "forced",
        "units",
        "units closed by force at the row, + is bought, among those traded",
        |leg| &leg.forced,
    ),
    ("penalty", "USD", "penalties of forced closings of the leg at the row", |leg| &leg.penalty),
];

/// What the venue asked and closed, row by row.
pub(super) fn margin_columns(run: &Run<'_>, blocks: &[Block<'_>]) -> Vec<Column> {
    let n_rows = run.market.n_rows();
    let mut columns: Vec<Column> = MARGIN_COLUMNS
        .iter()
        .map(|&(name, about, of)| {
            let cells = blocks.iter().flat_map(|block| {
                known(block.margin().map(|margin| of(margin).as_slice()), n_rows)
            });
            let cells = Cells::Maybe(cells.collect());
            Column { name: name.to_owned(), unit: "USD", about, cells }
        })
        .collect();
    columns.extend(FORCED_COLUMNS.iter().map(|&(name, unit, about, of)| {
        let cells = blocks.iter().flat_map(|block| {
            let column = block.leg.map(|leg| of(leg).as_slice());
            known(column.filter(|column| !column.is_empty()), n_rows)
        });
        Column { name: name.to_owned(), unit, about, cells: Cells::Maybe(cells.collect()) }
    }));
    let ratio = blocks.iter().flat_map(|block| match block.margin() {
        Some(margin) => margin.lowest_ratio.clone(),
        None => vec![None; n_rows],
    });
    columns.push(Column {
        name: "lowest_margin_ratio".to_owned(),
        unit: "1",
        about: "margin equity over maintenance margin where it was lowest over the row, null where nothing is asked",
        cells: Cells::Maybe(ratio.collect()),
    });
    columns
}
