//! The command line.

mod fetch;
mod greeks;
mod replay_trades;

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use hedgerow_core::{OptionKind, PaidIn, Timestamp};

pub(crate) use fetch::FetchArgs;
pub(crate) use greeks::GreeksArgs;
pub(crate) use replay_trades::ReplayTradesArgs;

use crate::declared::DeclaredArgs;

/// What the user asked for.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Replay a scenario and write its report.
    ///
    /// Without a scenario this replays the built-in one: 100 BTC held from 2020 to 2024 and hedged in several ways, on the
    /// embedded price history. The terminal shows the comparison; the folder holds index.html (open it in a browser),
    /// summary.json (every statistic), ledger.parquet (every row of every leg),
    /// account-events.parquet (what a venue did, where there is margin), charts as SVG and PNG, and manifest.json
    /// (hashes of all inputs, the resolved scenario, version and seed).
    Run(RunArgs),
    /// Replay a user's own option fills under the market, costs and strategies of a scenario.
    ///
    /// The fills are the book, in place of the scenario's `[[book]]`: each is held from the first row at or after it, valued as
    /// the scenario values options, and settled at expiry. The folder is that of `run`: what each strategy would have done
    /// on these trades.
    #[command(after_help = replay_trades::HELP)]
    ReplayTrades(ReplayTradesArgs),
    /// Judge a scenario or data files: what they hold, what is wrong with them, and whether they can be used.
    ///
    /// A file that ends in .toml is read as a scenario: its data are loaded, its book is valued, its strategies are
    /// resolved; nothing is replayed. Anything else is read as data: files, folders and patterns such as 'klines/*.zip',
    /// in the formats recognised from their content, grouped into series.
    /// The exit code is 0 when everything can be used and 1 when something cannot; with --strict also when something was
    /// found that would change results.
    Check(CheckArgs),
    /// Read any history and write it in the canonical schema: UTC, bars stamped with their end, units in the metadata.
    ///
    /// Works in bounded memory, whatever the size. A target that ends in .parquet takes one series; any other target is a
    /// folder that takes one file per series. Scenarios read the result without any declaration.
    Import(ImportArgs),
    /// Download public history, verify it, and import it. The only command that touches the network.
    ///
    /// The venue's own files stay in the folder; the same command continues what was interrupted and downloads nothing
    /// twice.
    #[command(after_help = crate::fetch::known())]
    Fetch(FetchArgs),
    /// Price a table of options: values and Greeks from vols, or implied vols and Greeks from prices.
    ///
    /// A row per option. The columns are model, kind, settlement, spot or forward, strike, years (or time and expiry), vol
    /// or price, rate, carry, and the parameters of the model; one that is the same in every row may be an option of the
    /// command line instead. The output has the columns of the input, then value (or the vol that the price implies), delta,
    /// gamma, vega, theta, rho, vanna, volga, charm, veta, speed, zomma and color, and reason where a row could not be
    /// priced. Inverse options have `net_delta` and `window_left` too, models with a smile the Black vol of their value.
    /// Vega is per 1.00 of vol, rho per 1.00 of rate and theta per year unless --venue-units asks for others; units stand in
    /// the metadata of a Parquet file.
    /// The exit code is 1 when no row at all could be priced; the table with the reasons is written all the same.
    #[command(after_help = greeks::HELP)]
    Greeks(GreeksArgs),
    /// Fit the vol surface of every snapshot of an option chain, and draw one of them.
    ///
    /// The folder holds index.html (open it in a browser), slices.parquet (every smile: SVI parameters, grade, error and
    /// arbitrage verdict), and the smiles and the term structure of one snapshot as SVG and PNG.
    Surface(SurfaceArgs),
    /// Write the embedded sample as files of the canonical schema, with a scenario that uses them.
    Sample(SampleArgs),
    /// Print every preset, rule, ratio, instrument, programme, vol model, data format and metric, each with a working
    /// example; or the text of a preset, to be edited.
    List(ListArgs),
}

/// `hedgerow run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Scenario file (TOML); the built-in treasury scenario when left out.
    pub(crate) scenario: Option<PathBuf>,
    /// Run a ready scenario on the embedded sample instead of a file; `hedgerow list` names them.
    #[arg(long, value_name = "NAME", conflicts_with = "scenario")]
    pub(crate) preset: Option<String>,
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
    /// A scenario (.toml), or data: files, folders, patterns.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Print JSON instead of text.
    #[arg(long)]
    pub(crate) json: bool,
    /// Folder for the verdict as files: index.html, quality.json, coverage.svg, coverage.png.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Replace another verdict in the output folder.
    #[arg(long, requires = "out")]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) declared: DeclaredArgs,
}

/// `hedgerow import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// Files, folders, or patterns such as 'klines/BTCUSDT-1h-*.zip'; several are one series each kind, in any order.
    #[arg(required = true, value_name = "SRC")]
    pub(crate) sources: Vec<PathBuf>,
    /// FILE.parquet for one series, or a folder for several.
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) out: PathBuf,
    /// Replace files that are there already.
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) declared: DeclaredArgs,
}

/// `call`, `put`, or their first letters, in any case.
pub(crate) fn kind_word(word: &str) -> Option<OptionKind> {
    match word.to_ascii_lowercase().as_str() {
        "call" | "c" => Some(OptionKind::Call),
        "put" | "p" => Some(OptionKind::Put),
        _ => None,
    }
}

/// `usd` or `coin`, in any case.
pub(crate) fn settlement_word(word: &str) -> Option<PaidIn> {
    match word.to_ascii_lowercase().as_str() {
        "usd" | "usdc" | "usdt" => Some(PaidIn::Usd),
        "coin" => Some(PaidIn::Coin),
        _ => None,
    }
}

/// Reads a word that `read` knows; `expected` says which those are.
pub(crate) fn known<T: Clone + Send + Sync + 'static>(
    read: fn(&str) -> Option<T>,
    expected: &'static str,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |word| read(word).ok_or_else(|| format!("expected {expected}"))
}

pub(crate) fn number(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| "expected a finite number".to_owned())
}

/// `hedgerow surface`.
#[derive(Debug, Args)]
pub(crate) struct SurfaceArgs {
    /// Files, folders or patterns that hold one option chain.
    #[arg(required = true, value_name = "CHAIN")]
    pub(crate) paths: Vec<PathBuf>,
    /// Folder to write.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Draw the snapshot known at this time, UTC; the last one when left out.
    #[arg(long, value_name = "TIME", value_parser = known(Timestamp::parse, "a time such as 2026-02-05T21:30:00Z"))]
    pub(crate) at: Option<Timestamp>,
    /// In what the options pay, usd or coin, where the files hold both or their names do not tell.
    #[arg(long, value_name = "usd|coin", value_parser = known(settlement_word, "usd or coin"))]
    pub(crate) settlement: Option<PaidIn>,
    /// Replace other surfaces in the output folder.
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) declared: DeclaredArgs,
}

/// `hedgerow sample`.
#[derive(Debug, Args)]
pub(crate) struct SampleArgs {
    /// Folder to write; it must not hold anything yet.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

/// `hedgerow list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Print the scenario of this preset and nothing else: hedgerow list collar > my.toml.
    #[arg(value_name = "PRESET")]
    pub(crate) preset: Option<String>,
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
  hedgerow run --preset collar          a ready scenario; `hedgerow list collar` prints it
  hedgerow replay-trades fills.csv --scenario my.toml
  hedgerow check prices.csv             is this file usable?
  hedgerow import klines/ --out btc.parquet
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
            preset: None,
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
