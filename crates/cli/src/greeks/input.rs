//! The columns of a sheet, and the options of the command line that stand for columns, as a table of options.

use anyhow::bail;
use hedgerow_core::PaidIn;
use hedgerow_data::{DataError, Sheet, SheetCells, ValueUnit};
use hedgerow_greeks::{Cells, Model, OptionTable, Parameter};

use super::hints::{missing, suggestion};
use crate::args::{GreeksArgs, kind_word, settlement_word};
use crate::renamed::Renamed;

/// The inputs of an option, each a column or an option of the command line; with unit and meaning.
const ROLES: [(&str, &str, &str); 13] = [
    ("model", "1", "how the row is priced"),
    ("kind", "1", "call or put"),
    ("settlement", "1", "in what premium and payoff are paid"),
    ("spot", "USD", "price of the underlying, per coin"),
    ("forward", "USD", "forward of the expiry, per coin"),
    ("strike", "USD", "per coin"),
    ("years", "years", "to expiry, ACT/365F"),
    ("time", "UTC", "when the row is"),
    ("expiry", "UTC", "when the option expires"),
    (
        "vol",
        "1",
        "annualised; in USD per root of a year for `bachelier`; between jumps for `merton`",
    ),
    ("price", "USD or coins", "in the unit of the value"),
    ("rate", "1", "continuous USD rate per year"),
    ("carry", "1", "continuous cost of carry per year"),
];

/// Every input, with unit and meaning: those of an option, then the parameters of models.
pub(super) fn roles() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> + Clone {
    let parameters = Parameter::ALL.iter().map(|(name, _, unit, about)| (*name, *unit, *about));
    ROLES.into_iter().chain(parameters)
}

/// Reads `strike=K,vol=iv`.
///
/// # Errors
/// As [`Renamed::parse`].
pub(crate) fn renamed(text: &str) -> Result<Renamed, String> {
    Renamed::parse(text, ("input", "strike=K,vol=iv"), roles().map(|(role, ..)| role))
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
        let models = models(model.as_ref(), settlement.as_ref(), sheet.n_rows());
        let (spot, forward) =
            (desk.numbers("spot", constant.spot)?, desk.numbers("forward", constant.forward)?);
        let expiry = desk.times("expiry", constant.expiry)?;
        desk.check_hours("expiry")?;
        let wants = Wants::new(&models, spot.as_ref(), forward.as_ref());
        let vol = if wants.vol { desk.numbers("vol", constant.vol)? } else { None };
        let table = OptionTable {
            strike: desk.numbers("strike", constant.strike)?,
            years: desk.numbers("years", constant.years)?,
            time: if expiry.is_some() { desk.times("time", constant.time)? } else { None },
            vol: vol.map(|vol| in_unit(vol, args.unit, &models)),
            price: desk.numbers("price", constant.price)?,
            rate: desk.wanted("rate", constant.rate, wants.rate)?,
            carry: desk.wanted("carry", constant.carry, wants.carry)?,
            parameters: desk.parameters(&models)?,
            model,
            kind,
            settlement,
            spot,
            forward,
            expiry,
        };
        let unused = desk.unused();
        Ok(Self { table, models, unused })
    }
}

/// Which inputs the rows have a use for.
struct Wants {
    vol: bool,
    rate: Want,
    carry: Want,
}

/// How badly an input is wanted.
#[derive(Clone, Copy)]
enum Want {
    /// By no row.
    Not,
    /// It is looked at where there is one.
    Maybe,
    /// A row of this model cannot do without.
    By(Model),
}

impl Wants {
    fn new(
        models: &[Option<Model>],
        spot: Option<&Cells<f64>>,
        forward: Option<&Cells<f64>>,
    ) -> Self {
        let has = |cells: Option<&Cells<f64>>, row| cells.is_some_and(|c| c.at(row).is_some());
        // Of a row without either the table itself says what is wrong.
        let on_either = |row| has(spot, row) || has(forward, row);
        let rows = || models.iter().enumerate().filter_map(|(row, model)| Some((row, (*model)?)));
        let first = |needs: &dyn Fn(usize, Model) -> bool| {
            let mut needing = rows().filter(|(row, model)| on_either(*row) && needs(*row, *model));
            needing.next().map(|(_, model)| model)
        };
        let rate = first(&|_, model| model.needs_rate());
        let carry = first(&|row, model| model.is_on_spot() || !has(forward, row));
        let meets = rows().any(|(row, _)| has(spot, row) && has(forward, row));
        Self {
            vol: models.iter().any(|model| model.is_none_or(Model::needs_vol)),
            rate: rate.map_or(Want::Not, Want::By),
            carry: carry.map_or(if meets { Want::Maybe } else { Want::Not }, Want::By),
        }
    }
}

/// Vols as fractions; those of `bachelier` are in USD.
fn in_unit(vol: Cells<f64>, unit: Option<ValueUnit>, models: &[Option<Model>]) -> Cells<f64> {
    if unit != Some(ValueUnit::Percent) {
        return vol;
    }
    let scaled = |vol: f64, model: Option<Model>| match model {
        Some(Model::Bachelier) => vol,
        _ => vol / 100.0,
    };
    Cells::Each(
        models
            .iter()
            .enumerate()
            .map(|(row, model)| vol.at(row).map(|vol| scaled(vol, *model)))
            .collect(),
    )
}

const MODELS: &str = "`bsm`, `black76`, `bachelier`, `inverse`, `cash_digital`, `asset_digital`, `heston`, `merton` or `sabr`";

/// How each row is priced, as far as it says so: Black-76 paid in coins is the inverse model.
fn models(
    model: Option<&Cells<Model>>,
    settlement: Option<&Cells<PaidIn>>,
    n_rows: usize,
) -> Vec<Option<Model>> {
    let of_row = |row| match (model?.at(row)?, settlement.and_then(|paid| paid.at(row))) {
        (Model::Black76, Some(PaidIn::Coin)) => Some(Model::Inverse),
        (model, _) => Some(model),
    };
    (0..n_rows).map(of_row).collect()
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
                "`{}` has a column `{column}`, and {} is given; leave one out: --without {column} reads the table as if \
                 it had no such column",
                self.sheet.file,
                option(role)
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

    /// Refuses a date without its hour: midnight is not when an option expires.
    fn check_hours(&self, role: &'static str) -> anyhow::Result<()> {
        let column =
            column_of(self.sheet, self.args, role).and_then(|name| self.sheet.column(name));
        let Some(SheetCells::Text(cells)) = column.map(|column| &column.cells) else {
            return Ok(());
        };
        let mut cells = cells.iter().enumerate();
        let date = cells.find_map(|(row, cell)| {
            cell.as_deref().map(str::trim).filter(|cell| is_date(cell)).map(|cell| (row, cell))
        });
        if let Some((row, cell)) = date {
            bail!(
                "`{}` {}: {role} `{cell}` has no hour, expected one such as `{cell}T08:00:00Z`, when most venues settle",
                self.sheet.file,
                self.sheet.place(row)
            );
        }
        Ok(())
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

    /// A number that is read where rows want it, and must be there where one needs it.
    fn wanted(
        &mut self,
        role: &'static str,
        constant: Option<f64>,
        want: Want,
    ) -> anyhow::Result<Option<Cells<f64>>> {
        match want {
            Want::Not => Ok(None),
            Want::Maybe => self.numbers(role, constant),
            Want::By(model) => match self.numbers(role, constant)? {
                None => Err(missing(self.sheet, role, &format!("`{}` needs it", model.name()))),
                found => Ok(found),
            },
        }
    }

    /// The parameters of the models that have some.
    fn parameters(
        &mut self,
        models: &[Option<Model>],
    ) -> anyhow::Result<Vec<(Parameter, Cells<f64>)>> {
        let mut found = Vec::new();
        for (role, parameter, ..) in Parameter::ALL {
            let uses = |model: &Model| model.parameters().contains(&parameter);
            let Some(model) = models.iter().flatten().copied().find(uses) else { continue };
            let set = |(named, value): &(Parameter, f64)| (*named == parameter).then_some(*value);
            let mut values = self.args.constants.set.iter().filter_map(set);
            let constant = values.next();
            if values.next().is_some() {
                bail!("--set {role} is given twice; leave one out");
            }
            if let Some(cells) = self.wanted(role, constant, Want::By(model))? {
                found.push((parameter, cells));
            }
        }
        Ok(found)
    }

    /// Columns that no input came from, then options that stand for an input that no model uses.
    fn unused(&self) -> Vec<String> {
        let is_used = |name: &str| self.used.iter().any(|role| self.column(role) == Some(name));
        let columns = self.sheet.columns.iter().map(|column| column.name.clone());
        let constants = &self.args.constants;
        let optional = [
            ("time", constants.time.is_some()),
            ("vol", constants.vol.is_some()),
            ("rate", constants.rate.is_some()),
            ("carry", constants.carry.is_some()),
        ];
        let given = optional.into_iter().filter(|(_, is_given)| *is_given).map(|(role, _)| role);
        let set = constants.set.iter().map(|(parameter, _)| parameter.name());
        let options = given.chain(set).filter(|role| !self.used.contains(role)).map(option);
        columns.filter(|name| !is_used(name)).chain(options).collect()
    }
}

/// How the command line gives an input for all rows.
pub(super) fn option(role: &str) -> String {
    match Parameter::parse(role) {
        Some(_) => format!("--set {role}"),
        None => format!("--{role}"),
    }
}

/// The name of the column that holds an input: as `--columns` says, else the input's own.
/// `2026-03-27`, and nothing after it.
fn is_date(text: &str) -> bool {
    text.len() <= 10 && text.matches('-').count() == 2
}

/// Reads `2026-03-27T08:00:00Z`, but no date alone.
pub(crate) fn expiry_word(text: &str) -> Option<hedgerow_core::Timestamp> {
    hedgerow_core::Timestamp::parse(text).filter(|_| !is_date(text.trim()))
}

pub(super) fn column_of<'a>(sheet: &'a Sheet, args: &GreeksArgs, role: &str) -> Option<&'a str> {
    let name = args.columns.name(role).unwrap_or(role);
    sheet.column(name).map(|column| column.name.as_str())
}
