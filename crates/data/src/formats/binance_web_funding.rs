//! Funding as the website of Binance exports it.
//!
//! `"Time","Contracts","Funding Interval","Funding Rate"`, quoted, behind a byte-order mark, newest first. Rates carry per
//! cent signs (`"0.010000%"`). Stamps are **local time of Europe/London**, told by where the settlements of 00:00, 08:00
//! and 16:00 UTC stand in winter and in summer; a browser elsewhere exports its own zone, which `time_zone` declares.

use hedgerow_core::registry::Entry;

use super::{
    FUNDING, Format, Plan, PlanColumn, funding, named, refuse_kind, refuse_mapping,
    without_parameters,
};
use crate::DataError;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{SeriesSpec, TimeUnit, ValueUnit, Zone};

const NAME: &str = "binance_web_funding";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "funding as Binance's website exports it: quoted, per cent signs, newest first, London time unless declared",
    example: "series = [{ is = \"funding\", asset = \"BTC\", path = \"BTCUSDT_funding.csv\", format = \"binance_web_funding\" }]",
    build: |setting| without_parameters(setting, BinanceWebFunding),
};

#[derive(Debug)]
struct BinanceWebFunding;

impl Format for BinanceWebFunding {
    fn recognises(&self, head: &Head) -> bool {
        head.is_exactly(&["Time", "Contracts", "Funding Interval", "Funding Rate"])
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        refuse_mapping(spec)?;
        refuse_kind(file, NAME, spec, &FUNDING)?;
        let rate = PlanColumn { role: Role::Rate, index: named(file, head, &["Funding Rate"])? };
        let time = named(file, head, &["Time"])?;
        let plan = funding(spec, head, time, vec![rate], (TimeUnit::Text, ValueUnit::Percent));
        Ok(Plan { zone: Some(spec.time_zone.unwrap_or(Zone(chrono_tz::Europe::London))), ..plan })
    }
}
