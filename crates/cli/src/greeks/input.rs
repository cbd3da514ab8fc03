//! The columns of a sheet, and the options of the command line that stand for columns, as a table of options.

use std::fmt::Write as _;

use anyhow::{anyhow, bail};
use hedgerow_core::PaidIn;
use hedgerow_data::{DataError, Sheet};
use hedgerow_greeks::{Cells, Model, OptionTable, TableError};

use crate::args::{GreeksArgs, kind_word, settlement_word};
use crate::renamed::Renamed;

/// The inputs of an option, each a column or an option of the command line; with unit and meaning.
pub(super) const ROLES: [(&str, &str, &str); 13] = [
    ("model", "1", "how the row is priced"),
    ("kind", "1", "call or put"),
    ("settlement", "1", "in what premium and payoff are paid"),
    ("spot", "USD", "price of the underlying, per coin"),
    ("forward", "USD", "forward of the expiry, per coin"),
    ("strike", "USD", "per coin"),
    ("years", "years", "to expiry, ACT/365F"),
    ("time", "UTC", "when the row is"),
    ("expiry", "UTC", "when the option expires"),
    ("vol", "1", "annualised; in USD per root of a year for `bachelier`"),
    ("price", "USD or coins", "in the unit of the value"),
    ("rate", "1", "continuous USD rate per year"),
    ("carry", "1", "continuous cost of carry per year"),
];

/// Reads `strike=K,vol=iv`.
///
/// # Errors
/// As [`Renamed::parse`].
pub(crate) fn renamed(text: &str) -> Result<Renamed, String> {
    Renamed::parse(text, ("input", "strike=K,vol=iv"), ROLES.iter().map(|(role, ..)| *role))
}

/// What is priced, and what had no part in it.
pub(super) struct Input {
    pub(super) table: OptionTable,
    /// How each row is priced, as far as it says so.
    pub(super) models: Vec<Option<Model>>,
    /// Columns, and options of the command line, that had no part.
    pub(super) unused: Vec<String>,
}

/// Takes the named columns out of a sheet.
///
/// # Errors
/// When there is none of a name.
pub(super) fn leave_out(sheet: &mut Sheet, names: &[String]) -> anyhow::Result<()> {
    for name in names {
        if sheet.column(name).is_none() {
            bail!(
                "--without {name}: `{}` has no such column{}",
                sheet.file,
                suggestion(sheet, name, |_| true)
            );
        }
        sheet.columns.retain(|column| column.name != *name);
    }
    if sheet.columns.is_empty() {
        bail!("--without leaves no column of `{}`", sheet.file);
    }
    Ok(())
}

impl Input {
    /// Reads the columns that the table's models use.
    ///
    /// # Errors
    /// An input that is given twice or is missing, and a cell that is something else than its column holds.
    pub(super) fn read(sheet: &Sheet, args: &GreeksArgs) -> anyhow::Result<Self> {
        let mut desk = Desk { sheet, args, used: Vec::new() };
        desk.check_names()?;
        let constant = &args.constants;
        let model = desk.words("model", constant.model, MODELS, Model::parse)?;
        let kind = desk.words("kind", constant.kind, "`call` or `put`", kind_word)?;
        let settlement =
            desk.words("settlement", constant.settlement, "`usd` or `coin`", settlement_word)?;
        let spot = desk.numbers("spot", constant.spot)?;
        let expiry = desk.times("expiry", constant.expiry)?;
        let models = models(model.as_ref(), settlement.as_ref(), sheet.n_rows());
        let forward = desk.numbers("forward", constant.forward)?;
        // Of both, or neither, the table itself says what is wrong.
        let has_one = spot.is_some() != forward.is_some();
        let needs = |is_needed: &dyn Fn(Model) -> bool| {
            models.iter().flatten().copied().find(|model| has_one && is_needed(*model))
        };
        let on_rate = needs(&needs_rate);
        let on_carry = needs(&|model| is_on_spot(model) || spot.is_some());
        let table = OptionTable {
            forward,
            strike: desk.numbers("strike", constant.strike)?,
            years: desk.numbers("years", constant.years)?,
            time: if expiry.is_some() { desk.times("time", constant.time)? } else { None },
            vol: desk.numbers("vol", constant.vol)?,
            price: desk.numbers("price", constant.price)?,
            rate: desk.needed("rate", constant.rate, on_rate)?,
            carry: desk.needed("carry", constant.carry, on_carry)?,
            model,
            kind,
            settlement,
            spot,
            expiry,
        };
        let unused = desk.unused();
        Ok(Self { table, models, unused })
    }
}

const MODELS: &str = "`bsm`, `black76`, `bachelier`, `inverse`, `cash_digital` or `asset_digital`";

/// How each row is priced, as far as it says so: Black-76 paid in coins is the inverse model.
fn models(
    model: Option<&Cells<Model>>,
    settlement: Option<&Cells<PaidIn>>,
    n_rows: usize,
) -> Vec<Option<Model>> {
    fn at<T: Copy>(cells: Option<&Cells<T>>, row: usize) -> Option<T> {
        match cells? {
            Cells::One(value) => Some(*value),
            Cells::Each(cells) => cells[row],
        }
    }
    let of_row = |row| match (at(model, row)?, at(settlement, row)) {
        (Model::Black76, Some(PaidIn::Coin)) => Some(Model::Inverse),
        (model, _) => Some(model),
    };
    (0..n_rows).map(of_row).collect()
}

fn needs_rate(model: Model) -> bool {
    model != Model::Inverse
}

fn is_on_spot(model: Model) -> bool {
    matches!(model, Model::Bsm | Model::CashDigital | Model::AssetDigital)
}

/// A sheet, the command line, and what was taken of both.
struct Desk<'a> {
    sheet: &'a Sheet,
    args: &'a GreeksArgs,
    /// Roles.
    used: Vec<&'static str>,
}

impl Desk<'_> {
    /// Every name under `--columns` must be that of an input, and lead to a column.
    fn check_names(&self) -> anyhow::Result<()> {
        for (role, name) in self.args.columns.pairs() {
            if self.sheet.column(name).is_none() {
                let suggestion = suggestion(self.sheet, name, |_| true);
                bail!(
                    "--columns {role}={name}: `{}` has no such column{suggestion}",
                    self.sheet.file
                );
            }
        }
        Ok(())
    }

    /// The name of the column that holds an input; `None` where there is none.
    fn column(&self, role: &str) -> Option<&str> {
        column_of(self.sheet, self.args, role)
    }

    /// An input as a column, or as what the command line says for all rows.
    fn cells<T>(
        &mut self,
        role: &'static str,
        constant: Option<T>,
        read: impl FnOnce(&Sheet, &str) -> Result<Vec<Option<T>>, DataError>,
    ) -> anyhow::Result<Option<Cells<T>>> {
        let cells = match (self.column(role), constant) {
            (Some(column), Some(_)) => bail!(
                "`{}` has a column `{column}`, and --{role} is given; leave one out: --without {column} reads the table as if \
                 it had no such column",
                self.sheet.file
            ),
            (Some(column), None) => Some(Cells::Each(read(self.sheet, column)?)),
            (None, constant) => constant.map(Cells::One),
        };
        if cells.is_some() {
            self.used.push(role);
        }
        Ok(cells)
    }

    fn numbers(
        &mut self,
        role: &'static str,
        constant: Option<f64>,
    ) -> anyhow::Result<Option<Cells<f64>>> {
        self.cells(role, constant, Sheet::numbers)
    }

    fn times(
        &mut self,
        role: &'static str,
        constant: Option<hedgerow_core::Timestamp>,
    ) -> anyhow::Result<Option<Cells<hedgerow_core::Timestamp>>> {
        self.cells(role, constant, Sheet::times)
    }

    fn words<T>(
        &mut self,
        role: &'static str,
        constant: Option<T>,
        expected: &'static str,
        read: fn(&str) -> Option<T>,
    ) -> anyhow::Result<Option<Cells<T>>> {
        self.cells(role, constant, |sheet, column| sheet.words(column, expected, read))
    }

    /// A number that is read where a model needs it, and must be there then.
    fn needed(
        &mut self,
        role: &'static str,
        constant: Option<f64>,
        model: Option<Model>,
    ) -> anyhow::Result<Option<Cells<f64>>> {
        let Some(model) = model else { return Ok(None) };
        match self.numbers(role, constant)? {
            None => Err(missing(self.sheet, role, &format!("`{}` needs it", model.name()))),
            found => Ok(found),
        }
    }

    /// Columns that no input came from, then options that stand for an input that no model uses.
    fn unused(&self) -> Vec<String> {
        let is_used = |name: &str| self.used.iter().any(|role| self.column(role) == Some(name));
        let columns = self.sheet.columns.iter().map(|column| column.name.clone());
        let constants = &self.args.constants;
        let optional = [
            ("time", constants.time.is_some()),
            ("rate", constants.rate.is_some()),
            ("carry", constants.carry.is_some()),
        ];
        let options = optional
            .into_iter()
            .filter(|(role, is_given)| *is_given && !self.used.contains(role))
            .map(|(role, _)| format!("--{role}"));
        columns.filter(|name| !is_used(name)).chain(options).collect()
    }
}

/// The name of the column that holds an input: as `--columns` says, else the input's own.
pub(super) fn column_of<'a>(sheet: &'a Sheet, args: &GreeksArgs, role: &str) -> Option<&'a str> {
    let name = args.columns.name(role).unwrap_or(role);
    sheet.column(name).map(|column| column.name.as_str())
}

/// What is wrong with a table, with what can be done about it.
pub(super) fn explained(sheet: &Sheet, args: &GreeksArgs, error: &TableError) -> anyhow::Error {
    match error {
        TableError::Missing { column, needed } => missing(sheet, column, needed),
        TableError::Both { first, second } => {
            let columns = [first, second].map(|role| column_of(sheet, args, role));
            let mut text = format!("`{}`: {error}", sheet.file);
            if let Some(column) = columns.into_iter().flatten().next_back() {
                let _ = write!(
                    text,
                    ": --without {column} reads the table as if it had no such column"
                );
            }
            anyhow!(text)
        }
        TableError::Length { .. } => anyhow!("`{}`: {error}", sheet.file),
    }
}

/// An input that is neither a column nor an option; `roles` may be several: ``spot` or `forward``.
fn missing(sheet: &Sheet, roles: &str, needed: &str) -> anyhow::Error {
    let names: Vec<&str> = roles.split("` or `").collect();
    // A column that is an input of its own is not another one misspelt.
    let is_free = |column: &str| !ROLES.iter().any(|(role, ..)| *role == column);
    let mut suggestions = names.iter().map(|name| suggestion(sheet, name, is_free));
    let suggestion = suggestions.find(|text| !text.is_empty());
    let options: Vec<String> = names.iter().map(|name| format!("--{name}")).collect();
    let columns: Vec<&str> = sheet.columns.iter().map(|column| column.name.as_str()).collect();
    anyhow!(
        "`{}` has no column `{roles}`, and {needed}{}; it has: {}; say which column it is with --columns {}=NAME, or give one \
         value for all rows with {}",
        sheet.file,
        suggestion.unwrap_or_default(),
        columns.join(", "),
        names[0],
        options.join(" or ")
    )
}

/// `` (did you mean `strike`?)``, where a column that `may_be` meant is called nearly so.
fn suggestion(sheet: &Sheet, name: &str, may_be: impl Fn(&str) -> bool) -> String {
    let likeness = |column: &str| strsim::jaro_winkler(&column.to_lowercase(), name);
    let nearest = sheet
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .filter(|column| may_be(column) && likeness(column) > 0.75)
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    nearest.map_or_else(String::new, |column| format!(" (did you mean `{column}`?)"))
}
