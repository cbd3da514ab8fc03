//! How many coins of an option each fill bought or sold.
//!
//! A file says it by a side beside an amount, by the sign of the amount, or by both: Binance's own list of option trades
//! has `SELL` beside `-0.57`. Where it says it twice, both must say the same.

use anyhow::bail;
use hedgerow_data::Sheet;

use crate::args::ReplayTradesArgs;
use crate::trades::columns::{at, column_of, names, plain, texts};

type Numbers = Vec<Option<f64>>;

/// The columns that say it.
pub(crate) struct Amounts {
    column: String,
    amounts: Numbers,
    sides: Option<Sides>,
    /// Coins of underlying in one unit of an amount.
    contract_size: f64,
}

struct Sides {
    column: String,
    /// +1 for a buy, −1 for a sell, 0 for what is neither.
    signs: Numbers,
    words: Vec<Option<String>>,
    beside: Beside,
}

/// Beside what a side stands.
enum Beside {
    /// An amount, which may have a sign.
    Amount {
        /// Where the first one below 0 stands: amounts of such a file have signs.
        negative: Option<String>,
    },
    /// An amount that says it all by its sign; the side must say the same.
    SignedAmount,
}

impl Sides {
    fn of(sheet: &Sheet, column: &str, beside: Beside) -> anyhow::Result<Self> {
        Ok(Self {
            column: column.to_owned(),
            signs: sheet.words(column, "`buy` or `sell`", side_word)?,
            words: texts(sheet, column),
            beside,
        })
    }
}

impl Amounts {
    /// Finds the columns.
    ///
    /// # Errors
    /// What is missing, and cells that are no numbers and no sides, with their places.
    pub(crate) fn of(sheet: &Sheet, args: &ReplayTradesArgs) -> anyhow::Result<Self> {
        let of_role = |role: &str| column_of(&args.columns, sheet, role);
        let made = |column: &str, amounts: Numbers, sides: Option<Sides>| Self {
            column: column.to_owned(),
            amounts,
            sides,
            contract_size: args.contract_size.unwrap_or(1.0),
        };
        if let Some(signed) = of_role("signed_amount")? {
            let amounts = sheet.numbers(signed)?;
            let sides = of_role("side")?.map(|side| Sides::of(sheet, side, Beside::SignedAmount));
            return Ok(made(signed, amounts, sides.transpose()?));
        }
        let Some(name) = of_role("amount")? else {
            bail!(
                "{}: no column holds the amount of a fill; it has {}; say which with --columns amount=NAME",
                sheet.file,
                names(sheet)
            );
        };
        if plain(name) == "fillsz" && args.contract_size.is_none() {
            bail!(
                "{}: `{name}` counts contracts; say how many coins of underlying one is with --contract-size, such as \
                 --contract-size 0.01",
                sheet.file
            );
        }
        let amounts = sheet.numbers(name)?;
        let negative = amounts.iter().position(|amount| amount.is_some_and(|amount| amount < 0.0));
        let Some(side) = of_role("side")? else {
            if negative.is_none() {
                bail!(
                    "{}: nothing says whether a fill is bought or sold: add a column `side` (buy or sell), or amounts that are \
                     negative when sold, as `signed_amount`",
                    sheet.file
                );
            }
            return Ok(made(name, amounts, None));
        };
        let negative = negative.map(|row| sheet.place(row));
        let sides = Sides::of(sheet, side, Beside::Amount { negative })?;
        let bought = |row: &usize| {
            sides.signs[*row] == Some(1.0) && amounts[*row].is_some_and(|amount| amount < 0.0)
        };
        if let Some(row) = (0..sheet.n_rows()).find(bought) {
            let (amount, word) = (amounts[row], sides.words[row].as_deref());
            bail!(
                "{}: the amount is {} beside the side `{}`; expected a positive one, or the other side",
                at(&format!("`{}` {}", sheet.file, sheet.place(row)), name),
                amount.unwrap_or_default(),
                word.unwrap_or_default()
            );
        }
        Ok(made(name, amounts, Some(sides)))
    }

    /// Coins of a row, negative when sold; `place` is where the row stands.
    ///
    /// # Errors
    /// An amount that is none, no side, and an amount whose sign is not that of its side, with place and column.
    pub(crate) fn coins(&self, row: usize, place: &str) -> anyhow::Result<f64> {
        let column = at(place, &self.column);
        let Some(amount) = self.amounts[row] else { bail!("{column}: the amount is empty") };
        if !amount.is_finite() || amount == 0.0 {
            bail!("{column}: the amount is {amount}, expected a number that is not 0");
        }
        let coins = amount * self.contract_size;
        let Some(sides) = &self.sides else { return Ok(coins) };
        let word = sides.words[row].as_deref().unwrap_or("empty");
        let sign = sides.signs[row].filter(|sign| *sign != 0.0);
        let is_other = |sign: f64| sign * amount < 0.0;
        let (sign, negative) = match (&sides.beside, sign) {
            (Beside::SignedAmount, Some(sign)) if is_other(sign) => bail!(
                "{column}: the signed amount is {amount} beside the side `{word}` of column `{}`; expected {}, or the other side",
                sides.column,
                -amount
            ),
            (Beside::SignedAmount, _) => return Ok(coins),
            (Beside::Amount { negative }, Some(sign)) => (sign, negative),
            (Beside::Amount { .. }, None) => {
                bail!("{}: the side is {word}, expected `buy` or `sell`", at(place, &sides.column))
            }
        };
        if let (Some(first), true) = (negative, sign < 0.0 && amount > 0.0) {
            bail!(
                "{column}: the amount is {amount} beside the side `{word}`, in a file whose amounts have signs (the first that is \
                 negative stands in {first}); expected {}, or the other side",
                -amount
            );
        }
        Ok(sign * coins.abs())
    }
}

/// +1 for a buy, −1 for a sell; `None` for what is neither. Rows of a log that are no trades have other words: they are left
/// out before the side is looked at, so it is 0 for them.
fn side_word(word: &str) -> Option<f64> {
    match word.to_ascii_lowercase().as_str() {
        "buy" | "b" | "open buy" | "close buy" | "bought" => Some(1.0),
        "sell" | "s" | "open sell" | "close sell" | "sold" => Some(-1.0),
        "-" | "long" | "short" | "none" => Some(0.0),
        _ => None,
    }
}
