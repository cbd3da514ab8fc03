//! `hedgerow greeks`: a table of options to the same table with values and slopes, or implied vols.

mod columns;
mod doubts;
mod hints;
mod input;
mod output;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::bail;
use hedgerow_data::{Sheet, read_sheet, write_table};
use hedgerow_greeks::{PricedRow, PricedTable, price_table};
use hedgerow_report::format::{counted, whole};

use crate::args::GreeksArgs;
use crate::output::say;
use crate::progress::Progress;
use input::Input;
pub(crate) use input::{expiry_word, renamed};
use output::Outputs;

/// Prices every row of a table and writes it with its outputs; rows that cannot be priced have a reason instead.
///
/// # Errors
/// A table that means nothing, or a file that cannot be read or written; nothing is written then. Also a table of which no
/// row could be priced; it is written, with the reasons.
pub(crate) fn greeks(args: &GreeksArgs) -> anyhow::Result<()> {
    check_target(args)?;
    let progress = Progress::start();
    progress.stage("reading the table");
    let mut sheet = read_sheet(&args.input)?;
    input::leave_out(&mut sheet, &args.without)?;
    let input = Input::read(&sheet, args)?;
    progress.stage("pricing");
    let priced =
        price_table(&input.table).map_err(|error| hints::explained(&sheet, args, &error))?;
    let outputs = Outputs::new(&input, args);
    let table = output::table((&sheet, args), &priced, &outputs)?;
    progress.stage("writing");
    write_table(&table, &args.out)?;
    drop(progress);
    say(&summary((&sheet, args), &input, &priced, &outputs));
    if priced.n_priced() == 0 {
        bail!(
            "no row of `{}` could be priced; `{}` has the reasons",
            sheet.file,
            args.out.display()
        );
    }
    Ok(())
}

fn check_target(args: &GreeksArgs) -> anyhow::Result<()> {
    let out = &args.out;
    if out.is_dir() {
        bail!(
            "`{}` is a folder, expected a file that ends in .csv or .parquet; choose another with --out",
            out.display()
        );
    }
    let real = |path: &Path| path.canonicalize().ok();
    if real(out).is_some_and(|out| real(&args.input) == Some(out)) {
        bail!(
            "`{}` is the input, which is never replaced; choose another file with --out",
            out.display()
        );
    }
    if out.exists() && !args.overwrite {
        bail!(
            "`{}` is there already; replace it with --overwrite, or choose another with --out",
            out.display()
        );
    }
    Ok(())
}

/// What was priced, what was not and why, in which units, and which columns had no part in it.
fn summary(
    (sheet, args): (&Sheet, &GreeksArgs),
    input: &Input,
    priced: &PricedTable,
    outputs: &Outputs,
) -> String {
    let failures = failures(priced);
    let n_rows = priced.rows.len();
    let n_priced = priced.n_priced();
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}: {}, {} priced, {} not",
        args.input.display(),
        counted(n_rows, "row"),
        whole(n_priced),
        whole(n_rows - n_priced)
    );
    for Failure { count, row, reason } in failures {
        let place = match count {
            1 => sheet.place(row),
            _ => format!("{} rows, the first is {}", whole(count), sheet.place(row)),
        };
        let _ = writeln!(text, "  {place}: {reason}");
    }
    for note in doubts::of(input, (sheet, args)).into_iter().chain(settling(sheet, priced)) {
        let _ = writeln!(text, "{note}");
    }
    if !input.unused.is_empty() {
        let _ = writeln!(text, "not used: {}", input.unused.join(", "));
    }
    let _ = writeln!(text, "units: {}", outputs.units());
    let _ = writeln!(text, "written: {}", args.out.display());
    text
}

/// Rows whose delivery price is being averaged.
fn settling(sheet: &Sheet, priced: &PricedTable) -> Option<String> {
    let left = |row: &PricedRow| row.window_left.is_some_and(|left| left < 1.0);
    let rows = priced.rows.iter().enumerate();
    let mut settling =
        rows.filter_map(|(at, row)| row.as_ref().ok().filter(|row| left(row)).map(|_| at));
    let first = settling.next()?;
    let count = 1 + settling.count();
    Some(format!(
        "settlement window: {} within half an hour of expiry, the first is {}; delta and net_delta are multiplied by \
         window_left, as Deribit decays them, other slopes are not",
        counted(count, "row"),
        sheet.place(first)
    ))
}

/// Rows that were not priced for one reason.
struct Failure {
    count: usize,
    /// The first of them, from 0.
    row: usize,
    /// Of the first.
    reason: String,
}

/// By reason, in the order of their first rows; reasons that differ in their numbers alone are one.
fn failures(priced: &PricedTable) -> Vec<Failure> {
    let mut kinds: Vec<(String, Failure)> = Vec::new();
    for (row, reason) in priced.reasons().enumerate() {
        let Some(reason) = reason else { continue };
        let reason = reason.to_string();
        let kind = without_numbers(&reason);
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, failure)) => failure.count += 1,
            None => kinds.push((kind, Failure { count: 1, row, reason })),
        }
    }
    kinds.into_iter().map(|(_, failure)| failure).collect()
}

fn without_numbers(sentence: &str) -> String {
    let word = |word: &str| match word.trim_end_matches(',').parse::<f64>() {
        Ok(_) => "#".to_owned(),
        Err(_) => word.to_owned(),
    };
    sentence.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_alike_but_for_their_numbers() {
        let (one, other) = ("strike is -1, expected more", "strike is -2.5e3, expected more");
        assert_eq!(without_numbers(one), without_numbers(other));
        assert_ne!(without_numbers(one), without_numbers("spot is -1, expected more"));
    }
}
