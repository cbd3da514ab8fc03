//! The options of `hedgerow greeks`.

use std::path::PathBuf;

use clap::Args;
use hedgerow_core::{OptionKind, PaidIn, Timestamp};
use hedgerow_data::ValueUnit;
use hedgerow_greeks::{Model, Parameter};

use super::{kind_word, known, number, settlement_word};
use crate::declared::word;

pub(super) const HELP: &str = "\
Models:
  bsm            Black-Scholes-Merton on the spot; rate and carry
  black76        Black 1976 on the forward, paid in USD; rate
  bachelier      normal model on the forward; vol in USD per root of a year; rate
  inverse        paid in coins, on the forward; delta as Deribit displays it, so that it decays
                 in the half hour before expiry
  cash_digital   pays 1 USD; rate and carry
  asset_digital  pays 1 coin; rate and carry
  heston         on the spot, no vol; rate and carry; variance (now), reversion, mean_variance,
                 vol_of_variance, correlation; vega is to the root of variance
  merton         on the spot; vol (between jumps), rate and carry; jump_intensity, jump_mean,
                 jump_deviation
  sabr           Black 1976 at the vol of Hagan's expansion, no vol; rate; alpha, beta,
                 correlation, nu; slopes are at this vol held

Where a model wants a spot and a row has a forward, or the reverse, carry leads from one to the
other. Rho is to the rate with the yield (rate less carry) held; of black76, bachelier and sabr
with the forward held.

Example:
  hedgerow greeks options.csv --out priced.csv --model inverse --time 2026-02-05T21:29:37Z
  hedgerow greeks options.csv --out priced.csv --model merton --rate 0 --carry 0 \\
      --set jump_intensity=4,jump_mean=-0.05,jump_deviation=0.1";

/// `hedgerow greeks`.
#[derive(Debug, Args)]
pub(crate) struct GreeksArgs {
    /// CSV, Parquet or Arrow file with a header, a row per option.
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// File to write, FILE.csv or FILE.parquet.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Replace the file when it is there already.
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Write slopes to vol per vol point (0.01), slopes to time per day and rho per point (0.01), as venues do.
    #[arg(long)]
    pub(crate) venue_units: bool,
    /// Which column is which: strike=K,vol=iv.
    #[arg(long, value_name = "INPUT=COLUMN,...", value_parser = crate::greeks::renamed, default_value = "", hide_default_value = true)]
    pub(crate) columns: crate::renamed::Renamed,
    /// Read the table as if it had not these columns.
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',')]
    pub(crate) without: Vec<String>,
    /// Unit of the vols of the input; those of `bachelier` are in USD whatever it says.
    #[arg(long, value_name = "fraction|percent", value_parser = word::<ValueUnit>)]
    pub(crate) unit: Option<ValueUnit>,
    #[command(flatten)]
    pub(crate) constants: ConstantArgs,
}

/// Inputs that are the same in every row.
#[derive(Debug, Args)]
#[command(next_help_heading = "Inputs that are the same in every row")]
pub(crate) struct ConstantArgs {
    /// How rows are priced, see below.
    #[arg(long, value_parser = known(Model::parse, "bsm, black76, bachelier, inverse, cash_digital, asset_digital, heston, merton or sabr"))]
    pub(crate) model: Option<Model>,
    /// call or put.
    #[arg(long, value_parser = known(kind_word, "call or put"))]
    pub(crate) kind: Option<OptionKind>,
    /// In what premium and payoff are paid: usd (also usdc, usdt) or coin. `black76` paid in coins is `inverse`.
    #[arg(long, value_parser = known(settlement_word, "usd or coin"))]
    pub(crate) settlement: Option<PaidIn>,
    /// USD per coin.
    #[arg(long, value_parser = number, allow_negative_numbers = true)]
    pub(crate) spot: Option<f64>,
    /// USD per coin, for the option's expiry.
    #[arg(long, value_parser = number, allow_negative_numbers = true)]
    pub(crate) forward: Option<f64>,
    /// USD per coin.
    #[arg(long, value_parser = number, allow_negative_numbers = true)]
    pub(crate) strike: Option<f64>,
    /// Years to expiry, ACT/365F.
    #[arg(long, value_parser = number, allow_negative_numbers = true)]
    pub(crate) years: Option<f64>,
    /// When the option expires, UTC, with its hour.
    #[arg(long, value_parser = known(crate::greeks::expiry_word, "a time with its hour such as 2026-03-27T08:00:00Z"))]
    pub(crate) expiry: Option<Timestamp>,
    /// When the row is, UTC; years are counted from it.
    #[arg(long, value_parser = known(Timestamp::parse, "a time such as 2026-03-27T08:00:00Z"))]
    pub(crate) time: Option<Timestamp>,
    /// Annualised, decimal: 0.65.
    #[arg(long, value_parser = number, allow_negative_numbers = true)]
    pub(crate) vol: Option<f64>,
    /// In the unit of the value; the vol is then implied.
    #[arg(long, value_parser = number, allow_negative_numbers = true)]
    pub(crate) price: Option<f64>,
    /// Continuous USD rate per year, decimal.
    #[arg(long, value_parser = number, allow_negative_numbers = true)]
    pub(crate) rate: Option<f64>,
    /// Continuous cost of carry per year, decimal: rate less yield.
    #[arg(long, value_parser = number, allow_negative_numbers = true)]
    pub(crate) carry: Option<f64>,
    /// Parameters of a model: jump_intensity=4,jump_mean=-0.05.
    #[arg(long, value_name = "NAME=VALUE,...", value_parser = parameter, value_delimiter = ',', allow_hyphen_values = true)]
    pub(crate) set: Vec<(Parameter, f64)>,
}

/// Reads `jump_intensity=4`.
fn parameter(text: &str) -> Result<(Parameter, f64), String> {
    let Some((name, value)) = text.split_once('=') else {
        return Err("expected pairs such as `jump_intensity=4,jump_mean=-0.05`".to_owned());
    };
    let Some(parameter) = Parameter::parse(name.trim()) else {
        let known: Vec<&str> = Parameter::ALL.iter().map(|(name, ..)| *name).collect();
        return Err(format!("unknown parameter `{name}`; known: {}", known.join(", ")));
    };
    Ok((parameter, number(value.trim())?))
}
