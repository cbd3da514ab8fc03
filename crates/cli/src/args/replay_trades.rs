//! The arguments of `hedgerow replay-trades`.

use std::path::PathBuf;

use clap::Args;
use hedgerow_core::PaidIn;

use super::{known, number, settlement_word};

/// What a file of fills looks like.
pub(super) const HELP: &str = "\
Columns, by these names or those that Deribit, Binance and OKX give them:
  time           when the fill was made, UTC
  instrument     BTC-27MAR26-70000-C, BTC_USDC-27MAR26-70000-C, BTC-240329-70000-C, BTC-USD-240329-70000-C;
                 or asset, kind, strike, expiry (a date alone: 08:00 UTC) and settlement (usd or coin)
  side, amount   buy or sell, and coins of underlying; or signed_amount, negative when sold
  price          per coin of underlying: in coins where the option pays in coins, else in USD
  price_unit     coin or usd, where prices are otherwise
  fee            in what the option pays, positive when paid; the scenario's fees where there is none
  type           of a transaction log: rows that are not `trade` are left out and counted

Only option fills are replayed: hedges are the scenario's strategies.

Example:
  hedgerow replay-trades fills.csv --scenario my.toml --out what-if";

/// `hedgerow replay-trades`.
#[derive(Debug, Args)]
pub(crate) struct ReplayTradesArgs {
    /// CSV, Parquet or Arrow file with a header, a row per fill, in any order.
    #[arg(value_name = "TRADES")]
    pub(crate) trades: PathBuf,
    /// Scenario file (TOML) with market, vol model, costs and strategies; its `[[book]]` may be left out.
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: PathBuf,
    /// Folder to write; `reports/<name of the scenario>-trades` when left out.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Replace another Hedgerow run in the output folder.
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Judge the fills and the scenario, and replay nothing.
    #[arg(long, conflicts_with_all = ["out", "overwrite"])]
    pub(crate) check: bool,
    /// Unit of the prices, coin or usd, where it is not the one in which the option pays.
    #[arg(long, value_name = "coin|usd", value_parser = known(settlement_word, "coin or usd"))]
    pub(crate) price_unit: Option<PaidIn>,
    /// Coins of underlying that an amount of 1 stands for, where amounts count contracts.
    #[arg(long, value_name = "COINS", value_parser = positive)]
    pub(crate) contract_size: Option<f64>,
    /// Leave fills of futures and perpetuals out instead of refusing the file.
    #[arg(long)]
    pub(crate) options_only: bool,
    /// Which column is which: time=when,price=px.
    #[arg(long, value_name = "COLUMN=NAME,...", value_parser = crate::trades::renamed, default_value = "", hide_default_value = true)]
    pub(crate) columns: crate::renamed::Renamed,
}

fn positive(text: &str) -> Result<f64, String> {
    number(text)
        .ok()
        .filter(|number| *number > 0.0)
        .ok_or_else(|| "expected a positive number".to_owned())
}
