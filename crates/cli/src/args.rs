//! The command line.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};

use crate::declared::DeclaredArgs;

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
    /// Write the embedded sample as files of the canonical schema, with a scenario that uses them.
    Sample(SampleArgs),
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

/// `hedgerow fetch`.
#[derive(Debug, Args)]
pub(crate) struct FetchArgs {
    /// What to fetch, see below.
    #[arg(value_name = "SOURCE")]
    pub(crate) source: String,
    #[command(flatten)]
    wanted: WantedArgs,
    /// Folder for the venue's files and the imported series.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Keep the venue's files, import nothing.
    #[arg(long)]
    pub(crate) no_import: bool,
    /// Another server with the same layout: a mirror.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// How often a failed request is repeated.
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub(crate) retries: u32,
}

/// The parameters of all sources; a source refuses those it does not have.
#[derive(Debug, Args)]
#[command(next_help_heading = "Parameters")]
struct WantedArgs {
    /// spot, usd-m or coin-m.
    #[arg(long)]
    market: Option<String>,
    /// BTCUSDT.
    #[arg(long)]
    symbol: Option<String>,
    /// Length of a bar: 1m, 1h, 1d.
    #[arg(long)]
    interval: Option<String>,
    /// BTC, ETH.
    #[arg(long)]
    currency: Option<String>,
    /// BTC-PERPETUAL.
    #[arg(long)]
    instrument: Option<String>,
    /// Length of a bar, as the venue calls it.
    #[arg(long)]
    resolution: Option<String>,
    /// future, option.
    #[arg(long)]
    kind: Option<String>,
    /// active or expired.
    #[arg(long)]
    listing: Option<String>,
    /// First day, 2024-01-01.
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Last day, included.
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
}

impl FetchArgs {
    /// The parameters that were given.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, &str)> {
        let wanted = &self.wanted;
        let all = [
            ("market", &wanted.market),
            ("symbol", &wanted.symbol),
            ("interval", &wanted.interval),
            ("currency", &wanted.currency),
            ("instrument", &wanted.instrument),
            ("resolution", &wanted.resolution),
            ("kind", &wanted.kind),
            ("listing", &wanted.listing),
            ("from", &wanted.from),
            ("to", &wanted.to),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
    }
}

/// `hedgerow sample`.
#[derive(Debug, Args)]
pub(crate) struct SampleArgs {
    /// Folder to write; it must not hold anything yet.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
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
