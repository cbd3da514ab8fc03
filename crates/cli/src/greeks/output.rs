//! The table that is written: the columns of the input, then the outputs.

use std::collections::HashMap;
use std::hash::Hash;

use anyhow::bail;
use hedgerow_core::{Cells, Column, Table};
use hedgerow_data::{Sheet, SheetCells, SheetColumn};
use hedgerow_greeks::{Model, PricedTable, venue_units};

use super::input::{Input, ROLES, column_of};
use crate::args::GreeksArgs;

/// Which outputs there are, and their units.
pub(super) struct Outputs {
    /// Unit of values, and of what is counted in it.
    money: &'static str,
    scale: Scale,
    has_vols: bool,
    has_net_delta: bool,
}

/// In what vega and theta are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// Per 1.00 of vol, per year.
    Natural,
    /// Per vol point, per day.
    Venue,
}

impl Outputs {
    /// As the rows' models and the command line have it.
    pub(super) fn new(input: &Input, args: &GreeksArgs) -> Self {
        let is_inverse = |model: &Model| *model == Model::Inverse;
        let models = || input.models.iter().flatten();
        let has_net_delta = models().any(is_inverse);
        let money = match (has_net_delta, models().all(is_inverse)) {
            (true, true) => "coins",
            (true, false) => "USD, or coins where paid in coins",
            (false, _) => "USD",
        };
        let scale = if args.venue_units { Scale::Venue } else { Scale::Natural };
        Self { money, scale, has_vols: input.table.price.is_some(), has_net_delta }
    }

    /// In words, for the terminal.
    pub(super) fn units(&self) -> String {
        let (vega, theta) = self.per();
        let what = if self.has_vols { "price" } else { "value" };
        format!(
            "{what} {}; delta coins; gamma coins per USD; vega {vega}; theta {theta}",
            self.money
        )
    }

    fn per(&self) -> (&'static str, &'static str) {
        match self.scale {
            Scale::Natural => ("per 1.00 of vol", "per year"),
            Scale::Venue => ("per vol point (0.01)", "per day"),
        }
    }

    fn columns(&self, priced: &PricedTable) -> Vec<Column> {
        let (per_vol, per_time) = self.per();
        let scaled = |cells: &[Option<f64>], venue: fn(f64) -> f64| match self.scale {
            Scale::Natural => cells.to_vec(),
            Scale::Venue => cells.iter().map(|cell| cell.map(venue)).collect(),
        };
        let column = |name: &str, unit, about, cells: Vec<Option<f64>>| Column {
            name: name.to_owned(),
            unit,
            about,
            // Adding 0 makes 0 of −0.
            cells: Cells::Maybe(
                cells.into_iter().map(|cell| cell.map(|cell| cell + 0.0)).collect(),
            ),
        };
        let mut columns = Vec::new();
        if self.has_vols {
            let about = "implied by the price, annualised; in USD per root of a year for bachelier";
            columns.push(column("implied_vol", "1", about, priced.vol.clone()));
        } else {
            columns.push(column("value", self.money, "of one option", priced.value.clone()));
        }
        let about = "to the spot or forward of the model; as Deribit displays it for inverse";
        columns.push(column("delta", "coins", about, priced.delta.clone()));
        if self.has_net_delta {
            let about = "delta less value in coins, of inverse options";
            columns.push(column("net_delta", "coins", about, priced.net_delta.clone()));
        }
        let about = "change of delta per USD of spot or forward";
        columns.push(column("gamma", "coins per USD", about, priced.gamma.clone()));
        let vega = scaled(&priced.vega, venue_units::per_point);
        columns.push(column("vega", per_vol, "in the unit of the value", vega));
        let theta = scaled(&priced.theta, venue_units::per_day);
        columns.push(column("theta", per_time, "that passes, in the unit of the value", theta));
        let reasons =
            priced.reason.iter().map(|reason| reason.map_or_else(String::new, |r| r.to_string()));
        columns.push(Column {
            name: "reason".to_owned(),
            unit: "1",
            about: "why the row could not be priced; empty where it was",
            cells: names(reasons),
        });
        columns
    }
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
        ROLES.iter().find(|(role, ..)| column_of(sheet, args, role) == Some(column.name.as_str()))
    };
    let carried = sheet.columns.iter().map(|column| {
        let (unit, about) =
            role_of(column).map_or(("", "as it was"), |(_, unit, about)| (*unit, *about));
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
