//! The table that is written: the columns of the input, then the outputs.

use std::collections::HashMap;
use std::hash::Hash;

use anyhow::bail;
use hedgerow_core::{Cells, Column, Table};
use hedgerow_data::{Sheet, SheetCells, SheetColumn, ValueUnit};
use hedgerow_greeks::{Model, PricedRow, PricedTable};

use super::columns::SLOPES;
use super::input::{Input, column_of, roles};
use crate::args::GreeksArgs;

/// Slopes that stand beside value and delta on the terminal: gamma, vega and theta.
const N_FIRST: usize = 3;

/// Which outputs there are, and their units.
pub(super) struct Outputs {
    /// Unit of values, and of what is counted in it.
    money: &'static str,
    scale: Scale,
    first: First,
    /// Whether a model has a vol of its own, whose Black vol is told beside the value.
    has_smile: bool,
    has_inverse: bool,
}

/// In what slopes are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// Per 1.00 of vol, per year.
    Natural,
    /// Per vol point, per day.
    Venue,
}

/// What the input asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    Value,
    ImpliedVol,
}

impl Outputs {
    /// As the rows' models and the command line have it.
    pub(super) fn new(input: &Input, args: &GreeksArgs) -> Self {
        let is_inverse = |model: &Model| *model == Model::Inverse;
        let models = || input.models.iter().flatten();
        let has_inverse = models().any(is_inverse);
        let money = match (has_inverse, models().all(is_inverse)) {
            (true, true) => "coins",
            (true, false) => "USD, or coins where paid in coins",
            (false, _) => "USD",
        };
        Self {
            money,
            scale: if args.venue_units { Scale::Venue } else { Scale::Natural },
            first: if input.table.price.is_some() { First::ImpliedVol } else { First::Value },
            has_smile: models().any(|model| model.has_smile()),
            has_inverse,
        }
    }

    /// In words, for the terminal.
    pub(super) fn units(&self) -> String {
        let what = match self.first {
            First::Value => "value",
            First::ImpliedVol => "price",
        };
        let slopes = SLOPES.map(|slope| match self.scale {
            Scale::Natural => format!("{} {}", slope.name, slope.natural),
            Scale::Venue => format!("{} {}", slope.name, slope.venue),
        });
        let (first, rest) = slopes.split_at(N_FIRST);
        let (first, rest) = (first.join("; "), rest.join("; "));
        format!("{what} {}; delta coins; {first}\n       {rest}", self.money)
    }

    fn columns(&self, priced: &PricedTable) -> Vec<Column> {
        let mut columns = Vec::new();
        if self.first == First::Value {
            let cells = priced.column(|row| Some(row.value));
            columns.push(column("value", self.money, "of one option", cells));
        }
        if self.first == First::ImpliedVol || self.has_smile {
            let about = match self.first {
                First::Value => "Black vol of the value, annualised; of bachelier the vol as given",
                First::ImpliedVol => {
                    "implied by the price, annualised; in USD per root of a year for bachelier"
                }
            };
            columns.push(column("implied_vol", "1", about, priced.column(|row| row.vol)));
        }
        let about = "to the spot or forward of the model; as Deribit displays it for inverse";
        columns.push(column("delta", "coins", about, priced.column(|row| Some(row.delta))));
        if self.has_inverse {
            let about = "(delta less value in coins) x window_left, of inverse options";
            columns.push(column("net_delta", "coins", about, priced.column(|row| row.net_delta)));
            let about = "part of the delivery price still to be averaged, of inverse options: a factor of delta and net_delta";
            columns.push(column("window_left", "1", about, priced.column(|row| row.window_left)));
        }
        for slope in SLOPES {
            let (unit, scaled): (_, fn(f64) -> f64) = match self.scale {
                Scale::Natural => (slope.natural, |natural| natural),
                Scale::Venue => (slope.venue, slope.to_venue),
            };
            let cells = priced.column(|row: &PricedRow| Some(scaled((slope.of)(row))));
            columns.push(column(slope.name, unit, slope.about, cells));
        }
        let reasons =
            priced.reasons().map(|reason| reason.map_or_else(String::new, |r| r.to_string()));
        columns.push(Column {
            name: "reason".to_owned(),
            unit: "1",
            about: "why the row could not be priced; empty where it was",
            cells: names(reasons),
        });
        columns
    }
}

fn column(name: &str, unit: &'static str, about: &'static str, cells: Vec<Option<f64>>) -> Column {
    // Adding 0 makes 0 of −0.
    let cells = cells.into_iter().map(|cell| cell.map(|cell| cell + 0.0)).collect();
    Column { name: name.to_owned(), unit, about, cells: Cells::Maybe(cells) }
}

/// The columns of the input, then the outputs.
///
/// # Errors
/// When a column of the input has the name of an output.
pub(super) fn table(
    (sheet, args): (&Sheet, &GreeksArgs),
    priced: &PricedTable,
    outputs: &Outputs,
) -> anyhow::Result<Table> {
    let outputs = outputs.columns(priced);
    if let Some(column) = outputs.iter().find(|column| sheet.column(&column.name).is_some()) {
        let name = &column.name;
        bail!(
            "`{}` has a column `{name}`, which is the name of an output; rename it, or leave it out with --without {name}",
            sheet.file
        );
    }
    let role_of = |column: &SheetColumn| {
        roles().find(|(role, ..)| column_of(sheet, args, role) == Some(column.name.as_str()))
    };
    let carried = sheet.columns.iter().map(|column| {
        let (unit, about) = role_of(column).map_or(("", "as it was"), |(role, unit, about)| {
            let is_percent = role == "vol" && args.unit == Some(ValueUnit::Percent);
            (if is_percent { "%" } else { unit }, about)
        });
        Column { name: column.name.clone(), unit, about, cells: cells(column) }
    });
    Ok(Table { columns: carried.chain(outputs).collect() })
}

fn cells(column: &SheetColumn) -> Cells {
    match &column.cells {
        SheetCells::Numbers(cells) => Cells::Maybe(cells.clone()),
        SheetCells::Text(cells) => names(cells.iter().map(|cell| cell.clone().unwrap_or_default())),
    }
}

/// Texts, each kept once.
fn names<T: Hash + Eq + Clone + Into<String>>(cells: impl Iterator<Item = T>) -> Cells {
    let mut known: HashMap<T, u32> = HashMap::new();
    let mut names = Vec::new();
    let index = cells.map(|cell| {
        *known.entry(cell.clone()).or_insert_with(|| {
            names.push(cell.into());
            u32::try_from(names.len() - 1).expect("a table has fewer than 2^32 rows")
        })
    });
    let index = index.collect();
    Cells::Names { names, index }
}
