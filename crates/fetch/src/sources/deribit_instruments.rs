//! The list of Deribit's instruments at this moment: terms, expiries, strikes, fees.

use hedgerow_core::registry::Entry;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::files::write_whole;
use crate::source::{Source, build, check_name};
use crate::{FetchError, Fetched, FetchedFile, FileStatus, Progress, Session};

pub(crate) const ENTRY: Entry<dyn Source> = Entry {
    name: "deribit_instruments",
    about: "the list of Deribit's instruments at this moment",
    example: "deribit_instruments = { currency = \"BTC\", kind = \"option\", listing = \"active\" }",
    build: build::<DeribitInstruments>,
};

/// The list of Deribit's instruments at this moment; it is asked for anew by every run.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeribitInstruments {
    /// `BTC`, `ETH`, …, or `any`.
    pub currency: String,
    /// Of which kind; `None`: of every kind.
    #[serde(default)]
    pub kind: Option<InstrumentKind>,
    /// Traded now, or not any more.
    pub listing: Listing,
}

/// Kinds of instruments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstrumentKind {
    /// Dated futures and perps.
    Future,
    /// Options.
    Option,
    /// Coins against coins.
    Spot,
    /// Spreads of futures.
    FutureCombo,
    /// Combinations of options.
    OptionCombo,
}

/// Whether instruments are traded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Listing {
    /// Traded now.
    Active,
    /// Expired; the venue keeps recent ones only.
    Expired,
}

impl InstrumentKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Future => "future",
            Self::Option => "option",
            Self::Spot => "spot",
            Self::FutureCombo => "future_combo",
            Self::OptionCombo => "option_combo",
        }
    }
}

impl Source for DeribitInstruments {
    fn check(&self) -> Result<(), FetchError> {
        check_name("currency", &self.currency, "BTC")
    }

    fn fetch(&self, session: &mut Session<'_>) -> Result<Fetched, FetchError> {
        let currency = &self.currency;
        let base = session.options.deribit_url.trim_end_matches('/');
        let kind = self.kind.map(InstrumentKind::name);
        let (listing, expired) = match self.listing {
            Listing::Active => ("active", "false"),
            Listing::Expired => ("expired", "true"),
        };
        let only = kind.map_or_else(String::new, |kind| format!("&kind={kind}"));
        let url =
            format!("{base}/public/get_instruments?currency={currency}&expired={expired}{only}");
        let name = format!("{currency}-{}-{listing}.json", kind.unwrap_or("all"));
        session.tell(Progress::Planned { n_files: 1 })?;
        let page = session.page(&url, read)?;
        let path = session.dir.join("deribit/instruments").join(name);
        write_whole(&path, &page.bytes)?;
        let mut fetched = Fetched::default();
        let (bytes, n_rows) = (page.bytes.len() as u64, Some(page.content));
        let file = FetchedFile { path, bytes, status: FileStatus::Downloaded, n_rows };
        session.done(&mut fetched, file)?;
        Ok(fetched)
    }
}

#[derive(Deserialize)]
struct Answer {
    result: Vec<Instrument>,
}

#[derive(Deserialize)]
struct Instrument {
    #[serde(rename = "instrument_name")]
    _instrument_name: IgnoredAny,
}

/// Number of instruments.
fn read(page: &[u8]) -> serde_json::Result<usize> {
    Ok(serde_json::from_slice::<Answer>(page)?.result.len())
}
