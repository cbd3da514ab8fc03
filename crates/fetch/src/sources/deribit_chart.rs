//! Bars of a Deribit instrument, as columns: `ticks` (the bars' starts), `open`, `high`, `low`, `close`, `volume`, `cost`.

use hedgerow_core::registry::Entry;
use hedgerow_core::{MILLIS_PER_DAY, Timestamp};
use serde::Deserialize;
use serde::de::{Error, IgnoredAny};

use crate::deribit::{Paging, Query, Resolution, Rows, StartStamp, fetch_pages};
use crate::period::{self, Period};
use crate::source::{Source, build, check_name, find_resolution};
use crate::{FetchError, Fetched, Session};

const MINUTE: i64 = 60_000;

/// Resolutions of charts: minutes, or `1D`.
pub const CHART_RESOLUTIONS: &[Resolution] = &[
    Resolution { name: "1", millis: MINUTE },
    Resolution { name: "3", millis: 3 * MINUTE },
    Resolution { name: "5", millis: 5 * MINUTE },
    Resolution { name: "10", millis: 10 * MINUTE },
    Resolution { name: "15", millis: 15 * MINUTE },
    Resolution { name: "30", millis: 30 * MINUTE },
    Resolution { name: "60", millis: 60 * MINUTE },
    Resolution { name: "120", millis: 120 * MINUTE },
    Resolution { name: "180", millis: 180 * MINUTE },
    Resolution { name: "360", millis: 360 * MINUTE },
    Resolution { name: "720", millis: 720 * MINUTE },
    Resolution { name: "1D", millis: MILLIS_PER_DAY },
];

pub(crate) const ENTRY: Entry<dyn Source> = Entry {
    name: "deribit_chart",
    about: "bars of a Deribit instrument",
    example: "deribit_chart = { instrument = \"BTC-PERPETUAL\", resolution = \"60\", from = \"2024-01-01\", to = \"2024-06-30\" }",
    build: build::<DeribitChart>,
};

/// Bars of a Deribit instrument.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeribitChart {
    /// `BTC-PERPETUAL`, `BTC-27DEC24-100000-C`.
    pub instrument: String,
    /// Name of one of [`CHART_RESOLUTIONS`].
    pub resolution: String,
    /// First instant wanted.
    #[serde(deserialize_with = "period::from_text")]
    pub from: Timestamp,
    /// First instant no longer wanted; `None`: up to now.
    #[serde(default, deserialize_with = "period::to_text")]
    pub to: Option<Timestamp>,
}

impl Source for DeribitChart {
    fn check(&self) -> Result<(), FetchError> {
        check_name("instrument", &self.instrument, "BTC-PERPETUAL")?;
        find_resolution(CHART_RESOLUTIONS, &self.resolution)?;
        period::check(self.from, self.to)
    }

    fn fetch(&self, session: &mut Session<'_>) -> Result<Fetched, FetchError> {
        let Self { instrument, resolution, .. } = self;
        let step = find_resolution(CHART_RESOLUTIONS, resolution)?.millis;
        let query = Query {
            method: "get_tradingview_chart_data",
            parameters: format!("instrument_name={instrument}&resolution={resolution}"),
            folder: format!("deribit/chart/{instrument}-{resolution}").into(),
            step,
            row_length: step,
            rows_per_page: 5000,
            start: StartStamp::Included,
            paging: Paging::FirstRow,
            read,
        };
        fetch_pages(session, &query, Period::until(self.from, self.to, session.now)?)
    }
}

#[derive(Deserialize)]
struct Answer {
    result: Bars,
}

#[derive(Deserialize)]
struct Bars {
    status: String,
    #[serde(default)]
    ticks: Vec<i64>,
    #[serde(default)]
    open: Vec<IgnoredAny>,
    #[serde(default)]
    close: Vec<IgnoredAny>,
}

fn read(page: &[u8]) -> serde_json::Result<Rows> {
    let Bars { status, ticks, open, close } = serde_json::from_slice::<Answer>(page)?.result;
    if status != "ok" && status != "no_data" {
        let message = format!("status `{status}`, expected `ok` or `no_data`");
        return Err(serde_json::Error::custom(message));
    }
    let (n_ticks, n_open, n_close) = (ticks.len(), open.len(), close.len());
    if n_open != n_ticks || n_close != n_ticks {
        let message = format!("{n_ticks} ticks, {n_open} opens, {n_close} closes");
        return Err(serde_json::Error::custom(message));
    }
    Ok(Rows { stamps: ticks, continuation: None })
}
