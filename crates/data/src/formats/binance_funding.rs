//! Funding as Binance's REST interface answers it (`/fapi/v1/fundingRate`, `/dapi/v1/fundingRate`).
//!
//! A list of `symbol`, `fundingTime` (milliseconds, some late), `fundingRate` (fraction, in quotes), `markPrice` (USD, in
//! quotes, empty in old rows). A stamp is the settlement itself; a positive rate is paid by longs.

use hedgerow_core::registry::Entry;

use super::{
    FUNDING, Format, Plan, PlanColumn, funding, named, refuse_kind, refuse_mapping,
    without_parameters,
};
use crate::DataError;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{SeriesSpec, TimeUnit, ValueUnit};

const NAME: &str = "binance_funding";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "funding as Binance's REST interface answers it: symbol, fundingTime, fundingRate, markPrice",
    example: "series = [{ is = \"funding\", asset = \"BTC\", path = \"BTCUSDT-funding.json\", format = \"binance_funding\" }]",
    build: |setting| without_parameters(setting, BinanceFunding),
};

#[derive(Debug)]
struct BinanceFunding;

impl Format for BinanceFunding {
    fn recognises(&self, head: &Head) -> bool {
        head.position("fundingTime").is_some() && head.position("fundingRate").is_some()
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        refuse_mapping(spec)?;
        refuse_kind(file, NAME, spec, &FUNDING)?;
        let mut columns =
            vec![PlanColumn { role: Role::Rate, index: named(file, head, &["fundingRate"])? }];
        let mark = head.position_of_any(&["markPrice"]);
        columns.extend(mark.map(|index| PlanColumn { role: Role::Mark, index }));
        let time = named(file, head, &["fundingTime"])?;
        Ok(funding(spec, head, time, columns, (TimeUnit::Ms, ValueUnit::Fraction)))
    }
}
