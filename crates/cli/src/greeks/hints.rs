//! What is wrong with a table, and what can be done about it.

use std::fmt::Write as _;

use anyhow::anyhow;
use hedgerow_data::Sheet;
use hedgerow_greeks::TableError;

use super::input::{self, column_of, option};
use crate::args::GreeksArgs;

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
pub(super) fn missing(sheet: &Sheet, roles: &str, needed: &str) -> anyhow::Error {
    let names: Vec<&str> = roles.split("` or `").collect();
    // A column that is an input of its own is not another one misspelt.
    let is_free = |column: &str| !input::roles().any(|(role, ..)| role == column);
    let mut suggestions = names.iter().map(|name| suggestion(sheet, name, is_free));
    let suggestion = suggestions.find(|text| !text.is_empty());
    let options: Vec<String> = names.iter().map(|name| assigned(name)).collect();
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

/// An option of the command line as one would type it.
fn assigned(role: &str) -> String {
    let option = option(role);
    if option.starts_with("--set ") { format!("{option}=VALUE") } else { option }
}

/// `` (did you mean `strike`?)``, where a column that `may_be` meant is called nearly so.
pub(super) fn suggestion(sheet: &Sheet, name: &str, may_be: impl Fn(&str) -> bool) -> String {
    let likeness = |column: &str| strsim::jaro_winkler(&column.to_lowercase(), name);
    let nearest = sheet
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .filter(|column| may_be(column) && likeness(column) > 0.75)
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    nearest.map_or_else(String::new, |column| format!(" (did you mean `{column}`?)"))
}
