//! `hedgerow greeks`: a table of options to the same table with values and slopes, or implied vols.

mod input;
mod output;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::bail;
use hedgerow_data::{read_sheet, write_table};
use hedgerow_greeks::{PricedTable, price_table};
use hedgerow_report::format::counted;

use crate::args::GreeksArgs;
use crate::output::say;
use crate::progress::Progress;
use input::Input;
pub(crate) use input::renamed;
use output::Outputs;

/// Prices every row of a table and writes it with its outputs; rows that cannot be priced have a reason instead.
///
/// # Errors
/// A table that means nothing, or a file that cannot be read or written; nothing is written then.
pub(crate) fn greeks(args: &GreeksArgs) -> anyhow::Result<()> {
    check_target(&args.out, args.overwrite)?;
    let progress = Progress::start();
    progress.stage("reading the table");
    let mut sheet = read_sheet(&args.input)?;
    input::leave_out(&mut sheet, &args.without)?;
    let input = Input::read(&sheet, args)?;
    progress.stage("pricing");
    let priced =
        price_table(&input.table).map_err(|error| input::explained(&sheet, args, &error))?;
    let outputs = Outputs::new(&input, args);
    let table = output::table((&sheet, args), &priced, &outputs)?;
    progress.stage("writing");
    write_table(&table, &args.out)?;
    drop(progress);
    say(&summary(args, &input, &priced, &outputs));
    Ok(())
}

fn check_target(out: &Path, overwrite: bool) -> anyhow::Result<()> {
    if out.is_dir() {
        bail!(
            "`{}` is a folder, expected a file that ends in .csv or .parquet; choose another with --out",
            out.display()
        );
    }
    if out.exists() && !overwrite {
        bail!(
            "`{}` is there already; replace it with --overwrite, or choose another with --out",
            out.display()
        );
    }
    Ok(())
}

/// What was priced, what was not and why, in which units, and which columns had no part in it.
fn summary(args: &GreeksArgs, input: &Input, priced: &PricedTable, outputs: &Outputs) -> String {
    let failures = failures(priced);
    let n_rows = priced.reason.len();
    let n_failed = priced.reason.iter().flatten().count();
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}: {}, {} priced, {n_failed} not",
        args.input.display(),
        counted(n_rows, "row"),
        n_rows - n_failed
    );
    for Failure { count, row, reason } in failures {
        let place = match count {
            1 => format!("row {}", row + 1),
            _ => format!("{count} rows, the first is row {}", row + 1),
        };
        let _ = writeln!(text, "  {place}: {reason}");
    }
    if !input.unused.is_empty() {
        let _ = writeln!(text, "not used: {}", input.unused.join(", "));
    }
    let _ = writeln!(text, "units: {}", outputs.units());
    let _ = writeln!(text, "written: {}", args.out.display());
    text
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
    for (row, reason) in priced.reason.iter().enumerate() {
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
