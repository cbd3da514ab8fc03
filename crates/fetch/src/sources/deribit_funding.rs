//! Hourly funding of a Deribit perp: `timestamp`, `index_price`, `prev_index_price`, `interest_1h`, `interest_8h`.

use hedgerow_core::Timestamp;
use hedgerow_core::registry::Entry;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::deribit::{Paging, Query, Rows, StartStamp, fetch_pages};
use crate::period::{self, Period};
use crate::source::{Source, build, check_name};
use crate::{FetchError, Fetched, Session};

pub(crate) const ENTRY: Entry<dyn Source> = Entry {
    name: "deribit_funding",
    about: "hourly funding of a Deribit perp, fractions",
    example: "deribit_funding = { instrument = \"BTC-PERPETUAL\", from = \"2024-01-01\", to = \"2024-06-30\" }",
    build: build::<DeribitFunding>,
};

const HOUR: i64 = 3_600_000;

/// Hourly funding of a Deribit perp.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeribitFunding {
    /// `BTC-PERPETUAL`.
    pub instrument: String,
    /// First instant wanted.
    #[serde(deserialize_with = "period::from_text")]
    pub from: Timestamp,
    /// First instant no longer wanted; `None`: up to now.
    #[serde(default, deserialize_with = "period::to_text")]
    pub to: Option<Timestamp>,
}

impl Source for DeribitFunding {
    fn check(&self) -> Result<(), FetchError> {
        check_name("instrument", &self.instrument, "BTC-PERPETUAL")?;
        period::check(self.from, self.to)
    }

    fn fetch(&self, session: &mut Session<'_>) -> Result<Fetched, FetchError> {
        let instrument = &self.instrument;
        let query = Query {
            method: "get_funding_rate_history",
            parameters: format!("instrument_name={instrument}"),
            folder: format!("deribit/funding/{instrument}").into(),
            step: HOUR,
            row_length: 0,
            // Thirty days: an answer holds 744 rows, a month.
            rows_per_page: 720,
            // Reported by ccxt, pull request 20876.
            start: StartStamp::Excluded,
            paging: Paging::FirstRow,
            read,
        };
        fetch_pages(session, &query, Period::until(self.from, self.to, session.now)?)
    }
}

#[derive(Deserialize)]
struct Answer {
    result: Vec<Charge>,
}

#[derive(Deserialize)]
struct Charge {
    timestamp: i64,
    #[serde(rename = "interest_1h")]
    _interest_1h: IgnoredAny,
}

fn read(page: &[u8]) -> serde_json::Result<Rows> {
    let charges = serde_json::from_slice::<Answer>(page)?.result;
    let stamps = charges.iter().map(|charge| charge.timestamp).collect();
    Ok(Rows { stamps, continuation: None })
}
