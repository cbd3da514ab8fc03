//! Which column of a file of fills is which.
//!
//! Names are compared without case, blanks and underscores. Beside plain words they are those of Deribit's transaction log
//! (`Date`, `Instrument`, `Type`, `Side`, `Size` or `Amount`, `Price`, `Fee Charged` or `Fee Paid`; as the tax program `BittyTax` reads it),
//! of Deribit's and Binance's trade lists (`timestamp`, `instrument_name`, `direction`, `fee_currency`; `symbol`,
//! `quantity`, `time`: "Account Trade List" of the Binance options API) and of OKX's fills (`instId`, `fillPx`, `fillSz`,
//! `ts`, `feeCcy`: API v5, "Get transaction details").

use hedgerow_data::{Sheet, SheetCells, SheetColumn};

use crate::renamed::Renamed;

/// What a column can hold, and the names it goes by, the likeliest first.
pub(crate) const ROLES: [(&str, &[&str]); 15] = [
    ("time", &["time", "timestamp", "datetime", "filltime", "date", "ts"]),
    ("instrument", &["instrument", "instrumentname", "symbol", "instid"]),
    ("asset", &["asset", "underlying"]),
    ("kind", &["kind", "optiontype", "callput"]),
    ("strike", &["strike"]),
    ("expiry", &["expiry", "expiration"]),
    ("settlement", &["settlement"]),
    ("side", &["side", "direction"]),
    ("amount", &["amount", "quantity", "size", "qty", "fillsz"]),
    ("signed_amount", &["signedamount"]),
    ("price", &["price", "fillpx"]),
    ("price_unit", &["priceunit"]),
    ("fee", &["fee", "feecharged", "feepaid"]),
    ("fee_currency", &["feecurrency", "feeccy"]),
    ("type", &["type"]),
];

/// Reads `time=when,price=px`.
///
/// # Errors
/// As [`Renamed::parse`].
pub(crate) fn renamed(text: &str) -> Result<Renamed, String> {
    Renamed::parse(text, ("column", "time=when,price=px"), ROLES.iter().map(|(role, _)| *role))
}

/// The name of the column that holds `role`; `None` where the file has none.
///
/// # Errors
/// When the column that was named is not there.
pub(crate) fn column_of<'a>(
    renamed: &Renamed,
    sheet: &'a Sheet,
    role: &str,
) -> anyhow::Result<Option<&'a str>> {
    if let Some(name) = renamed.name(role) {
        let column = sheet.column(name).ok_or_else(|| {
            anyhow::anyhow!(
                "--columns {role}={name}: `{}` has no column `{name}`; it has {}",
                sheet.file,
                names(sheet)
            )
        })?;
        return Ok(Some(&column.name));
    }
    let known = ROLES.iter().find(|(known, _)| *known == role).map_or(&[][..], |(_, of)| of);
    let taken = |column: &SheetColumn| renamed.pairs().any(|(_, name)| name == column.name);
    let called = |alias: &&&str| {
        let mut columns = sheet.columns.iter().filter(|column| !taken(column));
        columns.find(|column| plain(&column.name) == ***alias)
    };
    Ok(known.iter().find_map(|alias| called(&alias)).map(|column| column.name.as_str()))
}

/// The names of a sheet's columns, for messages.
pub(crate) fn names(sheet: &Sheet) -> String {
    let names: Vec<String> =
        sheet.columns.iter().map(|column| format!("`{}`", column.name)).collect();
    names.join(", ")
}

/// Lower case letters and digits alone: `Fee Charged`, `fee_charged` and `feeCharged` are one name.
pub(crate) fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

/// A column as text, whatever it holds; empty cells are `None`.
pub(crate) fn texts(sheet: &Sheet, name: &str) -> Vec<Option<String>> {
    match sheet.column(name).map(|column| &column.cells) {
        Some(SheetCells::Text(cells)) => {
            cells.iter().map(|cell| cell.clone().filter(|text| !text.is_empty())).collect()
        }
        Some(SheetCells::Numbers(cells)) => {
            cells.iter().map(|cell| cell.map(|number| number.to_string())).collect()
        }
        None => Vec::new(),
    }
}

/// A cell, for messages.
pub(crate) fn at(place: &str, column: &str) -> String {
    format!("{place}, column `{column}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_stands_for_two_columns() {
        let all: Vec<&str> = ROLES.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        for (index, name) in all.iter().enumerate() {
            assert_eq!(*name, plain(name), "names are compared in plain letters");
            assert!(!all[..index].contains(name), "`{name}` is there twice");
        }
    }
}
