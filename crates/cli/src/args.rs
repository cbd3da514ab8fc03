//! The command line.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};

/// What the user asked for.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Replay a scenario and write its report.
    ///
    /// Without a scenario this replays the built-in one: 100 BTC held from 2020 to 2024 and hedged in several ways, on the
    /// embedded price history. The terminal shows the comparison; the folder holds index.html (open it in a browser),
    /// summary.json (every statistic), ledger.parquet (every row of every leg), charts as SVG and PNG, and manifest.json
    /// (hashes of all inputs, the resolved scenario, version and seed).
    Run(RunArgs),
    /// Load and validate a scenario or a data file, print the verdict on the data, replay nothing.
    ///
    /// A file that ends in .toml is read as a scenario: its data are loaded, its book is valued, its strategies are
    /// resolved. Any other file is read as data, in the format recognised from its content.
    /// The exit code is 0 when the file can be used and 1 when it cannot.
    Check(CheckArgs),
    /// Print every rule, ratio, instrument, programme, vol model, data format and metric, each with a working example.
    List,
}

/// `hedgerow run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Scenario file (TOML); the built-in treasury scenario when left out.
    pub(crate) scenario: Option<PathBuf>,
    /// Folder to write; `reports/<name of the scenario>` when left out.
    ///
    /// A folder that holds a run of the same scenario on the same data by the same version is written again, with the
    /// same bytes. A folder that holds anything else is left alone.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Replace another Hedgerow run in the output folder.
    #[arg(long)]
    pub(crate) overwrite: bool,
}

/// `hedgerow check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Scenario (.toml) or data file.
    pub(crate) file: PathBuf,
}

/// Replays crypto price history through hedging rules and says what each one bought: variance and drawdown removed, with
/// intervals, against its cost, with every dollar of P&L explained.
#[derive(Debug, Parser)]
#[command(
    name = "hedgerow",
    version,
    about,
    max_term_width = 100,
    after_help = "\
Examples:
  hedgerow                              the built-in scenario, report in reports/treasury
  hedgerow run my.toml --out my-report  your own scenario
  hedgerow check prices.csv             is this file usable?
  hedgerow list                         what a scenario can say

Exit code: 0 done, 1 wrong input."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

/// Parses the arguments of the process; without a command, `run`.
///
/// # Errors
/// Anything clap refuses, as one message.
pub(crate) fn parse() -> anyhow::Result<Command> {
    match Cli::try_parse() {
        Ok(cli) => Ok(cli.command.unwrap_or(Command::Run(RunArgs {
            scenario: None,
            out: None,
            overwrite: false,
        }))),
        Err(error)
            if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) =>
        {
            error.exit();
        }
        Err(error) => {
            let message = error.render().to_string();
            Err(anyhow::anyhow!("{}", message.trim_end().trim_start_matches("error: ")))
        }
    }
}
