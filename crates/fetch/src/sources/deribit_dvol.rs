//! Deribit's volatility index, DVOL: `[stamp, open, high, low, close]`, per cent, stamps are the bars' starts.

use hedgerow_core::registry::Entry;
use hedgerow_core::{MILLIS_PER_DAY, Timestamp};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::deribit::{Paging, Query, Resolution, Rows, StartStamp, fetch_pages};
use crate::period::{self, Period};
use crate::source::{Source, build, check_capitals, find_resolution};
use crate::{FetchError, Fetched, Session};

/// Resolutions of the volatility index: seconds, or `1D`.
pub const DVOL_RESOLUTIONS: &[Resolution] = &[
    Resolution { name: "1", millis: 1_000 },
    Resolution { name: "60", millis: 60_000 },
    Resolution { name: "3600", millis: 3_600_000 },
    Resolution { name: "43200", millis: 43_200_000 },
    Resolution { name: "1D", millis: MILLIS_PER_DAY },
];

pub(crate) const ENTRY: Entry<dyn Source> = Entry {
    name: "deribit_dvol",
    about: "Deribit's volatility index, per cent",
    example: "deribit_dvol = { currency = \"BTC\", resolution = \"3600\", from = \"2024-01-01\", to = \"2024-06-30\" }",
    build: build::<DeribitDvol>,
};

/// Deribit's volatility index.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeribitDvol {
    /// `BTC`, `ETH`, ….
    pub currency: String,
    /// Name of one of [`DVOL_RESOLUTIONS`].
    pub resolution: String,
    /// First instant wanted.
    #[serde(deserialize_with = "period::from_text")]
    pub from: Timestamp,
    /// First instant no longer wanted; `None`: up to now.
    #[serde(default, deserialize_with = "period::to_text")]
    pub to: Option<Timestamp>,
}

impl Source for DeribitDvol {
    fn check(&self) -> Result<(), FetchError> {
        check_capitals("currency", &self.currency, "BTC")?;
        find_resolution(DVOL_RESOLUTIONS, &self.resolution)?;
        period::check(self.from, self.to)
    }

    fn fetch(&self, session: &mut Session<'_>) -> Result<Fetched, FetchError> {
        let Self { currency, resolution, .. } = self;
        let step = find_resolution(DVOL_RESOLUTIONS, resolution)?.millis;
        let query = Query {
            method: "get_volatility_index_data",
            parameters: format!("currency={currency}&resolution={resolution}"),
            folder: format!("deribit/dvol/{currency}-{resolution}").into(),
            step,
            row_length: step,
            rows_per_page: 1000,
            start: StartStamp::Included,
            paging: Paging::Continuation,
            read,
        };
        fetch_pages(session, &query, Period::until(self.from, self.to, session.now)?)
    }
}

#[derive(Deserialize)]
struct Answer {
    result: Candles,
}

#[derive(Deserialize)]
struct Candles {
    data: Vec<(i64, IgnoredAny, IgnoredAny, IgnoredAny, IgnoredAny)>,
    #[serde(default)]
    continuation: Option<i64>,
}

fn read(page: &[u8]) -> serde_json::Result<Rows> {
    let Candles { data, continuation } = serde_json::from_slice::<Answer>(page)?.result;
    Ok(Rows { stamps: data.iter().map(|candle| candle.0).collect(), continuation })
}
