//! A file of fills, read strictly: every row is a fill of an option, is left out for a stated reason, or is an error with
//! its place.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{anyhow, bail};
use hedgerow_core::{OptionContract, OptionKind, PaidIn, Timestamp};
use hedgerow_data::{Named, Sheet, SheetCells, named, read_sheet};

use crate::args::{ReplayTradesArgs, kind_word, settlement_word};
use crate::trades::amount::Amounts;
use crate::trades::columns::{at, column_of, names, plain, texts};
use crate::trades::doubts::repeats;

/// One fill as a file has it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trade {
    /// Where it stands: `` `fills.csv` line 3``.
    pub(crate) place: String,
    /// Where an earlier row with the same cells stands.
    pub(crate) repeats: Option<String>,
    pub(crate) time: Timestamp,
    pub(crate) asset: String,
    pub(crate) contract: OptionContract,
    /// In what the contract pays.
    pub(crate) paid_in: PaidIn,
    /// Positive when bought.
    pub(crate) coins: f64,
    /// Per coin of underlying.
    pub(crate) price: f64,
    pub(crate) price_in: PaidIn,
    /// In what the contract pays; positive when it was paid.
    pub(crate) fee: Option<f64>,
}

/// The fills of a file.
#[derive(Debug)]
pub(crate) struct Trades {
    /// As the user wrote it.
    pub(crate) path: PathBuf,
    /// In the order of time.
    pub(crate) fills: Vec<Trade>,
    /// Rows that are no fills of options, by what they are.
    pub(crate) skipped: BTreeMap<String, usize>,
    /// Whether the file had another order.
    pub(crate) is_sorted: bool,
    /// The options of the command line that bear on the fills.
    pub(crate) typed: String,
}

impl Trades {
    /// Reads the file.
    ///
    /// # Errors
    /// The first thing that is missing or wrong, with its place.
    pub(crate) fn read(args: &ReplayTradesArgs) -> anyhow::Result<Self> {
        let sheet = read_sheet(&args.trades)?;
        let table = Table::new(&sheet, args)?;
        let repeats = repeats(&sheet);
        let place = |row: usize| format!("`{}` {}", sheet.file, sheet.place(row));
        let (mut fills, mut skipped) = (Vec::new(), BTreeMap::new());
        for row in 0..sheet.n_rows() {
            match table.row(row, &place(row))? {
                Row::Fill(mut fill) => {
                    fill.repeats = repeats.get(&row).map(|earlier| sheet.place(*earlier));
                    fills.push(*fill);
                }
                Row::Other(what) => *skipped.entry(what).or_insert(0) += 1,
            }
        }
        if fills.is_empty() {
            bail!("{}: none of its {} rows is a fill of an option", sheet.file, sheet.n_rows());
        }
        let is_sorted = fills.is_sorted_by_key(|fill: &Trade| fill.time);
        fills.sort_by_key(|fill| fill.time);
        Ok(Self { path: args.trades.clone(), fills, skipped, is_sorted, typed: typed(args) })
    }
}

fn typed(args: &ReplayTradesArgs) -> String {
    let mut typed = String::new();
    if let Some(unit) = args.price_unit {
        typed.push_str(if unit == PaidIn::Coin {
            " --price-unit coin"
        } else {
            " --price-unit usd"
        });
    }
    if let Some(size) = args.contract_size {
        typed.push_str(&format!(" --contract-size {size}"));
    }
    if args.options_only {
        typed.push_str(" --options-only");
    }
    if !args.columns.typed().is_empty() {
        typed.push_str(&format!(" --columns {}", args.columns.typed()));
    }
    typed
}

/// What a row is.
enum Row {
    Fill(Box<Trade>),
    /// Not a fill of an option, and left out.
    Other(String),
}

/// The columns of a sheet, each read as what it holds.
struct Table<'a> {
    args: &'a ReplayTradesArgs,
    time: Vec<Option<Timestamp>>,
    terms: Terms,
    settlement: Option<Vec<Option<PaidIn>>>,
    amounts: Amounts,
    price: Vec<Option<f64>>,
    price_unit: Option<Vec<Option<PaidIn>>>,
    fee: Option<Vec<Option<f64>>>,
    fee_currency: Option<Vec<Option<String>>>,
    /// Of a transaction log: what each row is.
    kind_of_row: Option<Vec<Option<String>>>,
    /// What fees are multiplied by: OKX writes what was charged as negative.
    fee_sign: f64,
    /// What the file calls its columns, for messages.
    called: Called,
}

/// What a file calls the columns that cells are refused in.
struct Called {
    instrument: String,
    time: String,
    price: String,
    fee: String,
}

/// How a file says which option was filled.
enum Terms {
    Named(Vec<Option<String>>),
    Columns(Box<TermColumns>),
}

struct TermColumns {
    asset: Vec<Option<String>>,
    kind: Vec<Option<OptionKind>>,
    strike: Vec<Option<f64>>,
    expiry: Vec<Option<Timestamp>>,
}

/// Hour of day at which Deribit, Binance and OKX settle: what an expiry that is a date alone means.
const SETTLEMENT_HOUR_MILLIS: i64 = 8 * 3_600_000;

impl<'a> Table<'a> {
    fn new(sheet: &Sheet, args: &'a ReplayTradesArgs) -> anyhow::Result<Self> {
        let of_role = |role: &str| column_of(&args.columns, sheet, role);
        let need = |role: &str| {
            of_role(role)?.ok_or_else(|| {
                anyhow!("{}: no column holds the {role} of a fill; it has {}; say which with --columns {role}=NAME", sheet.file, names(sheet))
            })
        };
        let price_unit = of_role("price_unit")?;
        let settlement = of_role("settlement")?;
        let usd_or_coin = |name: &str| sheet.words(name, "`usd` or `coin`", settlement_word);
        let texts = |name: Option<&str>| name.map(|name| texts(sheet, name));
        let instrument = of_role("instrument")?;
        Ok(Self {
            args,
            time: sheet.times(need("time")?)?,
            terms: terms(sheet, args)?,
            settlement: settlement.map(usd_or_coin).transpose()?,
            amounts: Amounts::of(sheet, args)?,
            price: sheet.numbers(need("price")?)?,
            price_unit: price_unit.map(usd_or_coin).transpose()?,
            fee: of_role("fee")?.map(|name| sheet.numbers(name)).transpose()?,
            fee_currency: texts(of_role("fee_currency")?),
            kind_of_row: texts(of_role("type")?).filter(|kinds| {
                kinds.iter().flatten().any(|kind| kind.eq_ignore_ascii_case("trade"))
            }),
            fee_sign: if instrument.is_some_and(|name| plain(name) == "instid") {
                -1.0
            } else {
                1.0
            },
            called: Called {
                instrument: instrument.unwrap_or("instrument").to_owned(),
                time: need("time")?.to_owned(),
                price: need("price")?.to_owned(),
                fee: of_role("fee")?.unwrap_or("fee").to_owned(),
            },
        })
    }

    /// A row; `place` is where it stands.
    fn row(&self, row: usize, place: &str) -> anyhow::Result<Row> {
        if let Some(kinds) = &self.kind_of_row {
            let kind = kinds[row].as_deref().unwrap_or("rows without a type").to_lowercase();
            if kind != "trade" {
                return Ok(Row::Other(kind));
            }
        }
        let (asset, contract, named_in) = match self.contract(row, place)? {
            Said::Option { asset, contract, paid_in } => (asset, contract, paid_in),
            Said::Future(name) if self.args.options_only => {
                return Ok(Row::Other(format!("fills of {name}")));
            }
            Said::Future(name) => bail!(
                "{}: `{name}` is not an option: a book is replayed from option fills alone, and hedges come from the \
                 scenario's strategies; leave such fills out with --options-only",
                at(place, &self.called.instrument)
            ),
        };
        let (paid_in, price_in) = self.units(row, named_in, (&contract, place))?;
        let Some(time) = self.time[row] else {
            bail!("{}: the time is empty", at(place, &self.called.time));
        };
        let column = at(place, &self.called.price);
        let Some(price) = self.price[row] else { bail!("{column}: the price is empty") };
        if !(price.is_finite() && price >= 0.0) {
            bail!("{column}: the price is {price}, expected a number that is not negative");
        }
        let coins = self.amounts.coins(row, place)?;
        let fee = self.fee(row, (paid_in, &asset), place)?;
        Ok(Row::Fill(Box::new(Trade {
            place: place.to_owned(),
            repeats: None,
            time,
            asset,
            contract,
            paid_in,
            coins,
            price,
            price_in,
            fee,
        })))
    }

    /// In what the option pays, and in what its price is.
    fn units(
        &self,
        row: usize,
        named_in: Option<PaidIn>,
        (contract, place): (&OptionContract, &str),
    ) -> anyhow::Result<(PaidIn, PaidIn)> {
        let typed_unit = self.price_unit.as_ref().and_then(|units| units[row]);
        let typed_unit = typed_unit.or(self.args.price_unit);
        let said = self.settlement.as_ref().and_then(|column| column[row]);
        let paid_in = named_in.or(said).or(typed_unit).ok_or_else(|| {
            anyhow!(
                "{place}: nothing says in what the option pays: add a column `settlement` (usd or coin), or --price-unit"
            )
        })?;
        let price_in = typed_unit.unwrap_or(paid_in);
        if paid_in == PaidIn::Usd && price_in == PaidIn::Coin {
            bail!("{place}: `{}` pays in USD, so its price cannot be in coins", contract.name);
        }
        Ok((paid_in, price_in))
    }

    fn contract(&self, row: usize, place: &str) -> anyhow::Result<Said> {
        match &self.terms {
            Terms::Named(names) => {
                let column = at(place, &self.called.instrument);
                let Some(name) = names[row].as_deref() else {
                    bail!("{column}: the instrument is empty");
                };
                match named(name) {
                    Some(Named::Option { asset, paid_in, contract }) => {
                        Ok(Said::Option { asset, contract, paid_in: Some(paid_in) })
                    }
                    Some(Named::Future) => Ok(Said::Future(name.to_owned())),
                    None => bail!(
                        "{column}: `{name}` is not an instrument that is known; expected a name such as \
                         BTC-27MAR26-70000-C, BTC_USDC-27MAR26-70000-C, BTC-240329-70000-C or BTC-USD-240329-70000-C, or \
                         columns asset, kind, strike and expiry"
                    ),
                }
            }
            Terms::Columns(columns) => {
                let empty = |what: &str| anyhow!("{place}: the {what} is empty");
                let asset = columns.asset[row].clone().ok_or_else(|| empty("asset"))?;
                let kind = columns.kind[row].ok_or_else(|| empty("kind"))?;
                let strike = columns.strike[row].ok_or_else(|| empty("strike"))?;
                if !(strike.is_finite() && strike > 0.0) {
                    bail!("{place}: the strike is {strike}, expected a positive number");
                }
                let expiry = columns.expiry[row].ok_or_else(|| empty("expiry"))?;
                let name = format!("{asset} {} {strike} of {expiry}", kind.name());
                let contract = OptionContract { name, kind, strike, expiry };
                Ok(Said::Option { asset, contract, paid_in: None })
            }
        }
    }

    fn fee(
        &self,
        row: usize,
        (paid_in, asset): (PaidIn, &str),
        place: &str,
    ) -> anyhow::Result<Option<f64>> {
        let Some(fee) = self.fee.as_ref().and_then(|fees| fees[row]) else { return Ok(None) };
        let column = at(place, &self.called.fee);
        if !fee.is_finite() {
            bail!("{column}: the fee is {fee}, expected a finite number");
        }
        if let Some(currency) = self.fee_currency.as_ref().and_then(|column| column[row].as_deref())
        {
            let is_usd = currency.to_ascii_uppercase().contains("USD");
            let fits = match paid_in {
                PaidIn::Usd => is_usd,
                PaidIn::Coin => currency.eq_ignore_ascii_case(asset),
            };
            if !fits && fee != 0.0 {
                bail!(
                    "{column}: the fee is in {currency}, expected {}, in which the option pays",
                    match paid_in {
                        PaidIn::Usd => "USD",
                        PaidIn::Coin => asset,
                    }
                );
            }
        }
        Ok(Some(self.fee_sign * fee))
    }
}

/// What a row says of its contract.
enum Said {
    Option { asset: String, contract: OptionContract, paid_in: Option<PaidIn> },
    Future(String),
}

fn terms(sheet: &Sheet, args: &ReplayTradesArgs) -> anyhow::Result<Terms> {
    let of_role = |role: &str| column_of(&args.columns, sheet, role);
    if let Some(name) = of_role("instrument")? {
        return Ok(Terms::Named(texts(sheet, name)));
    }
    let (Some(asset), Some(kind), Some(strike), Some(expiry)) =
        (of_role("asset")?, of_role("kind")?, of_role("strike")?, of_role("expiry")?)
    else {
        bail!(
            "{}: no column names the instrument, and not all of asset, kind, strike and expiry are there; it has {}; say \
             which with --columns instrument=NAME",
            sheet.file,
            names(sheet)
        );
    };
    Ok(Terms::Columns(Box::new(TermColumns {
        asset: texts(sheet, asset),
        kind: sheet.words(kind, "`call` or `put`", kind_word)?,
        strike: sheet.numbers(strike)?,
        expiry: expiries(sheet, expiry)?,
    })))
}

fn expiries(sheet: &Sheet, name: &str) -> anyhow::Result<Vec<Option<Timestamp>>> {
    let is_date = |text: &Option<String>| {
        text.as_deref().is_some_and(|text| text.len() == "2026-03-27".len())
    };
    let mut times = sheet.times(name)?;
    if let Some(SheetCells::Text(cells)) = sheet.column(name).map(|column| &column.cells) {
        for (time, _) in times.iter_mut().zip(cells).filter(|(_, cell)| is_date(cell)) {
            *time = time.map(|date| Timestamp::from_millis(date.millis() + SETTLEMENT_HOUR_MILLIS));
        }
    }
    Ok(times)
}
