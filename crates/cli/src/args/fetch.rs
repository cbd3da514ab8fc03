//! The arguments of `hedgerow fetch`.

use std::path::PathBuf;

use clap::Args;

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
